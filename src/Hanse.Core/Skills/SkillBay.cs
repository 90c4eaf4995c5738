using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Skills;

/// <summary>The part of a node that decides which releases decide: two slots for each function, and the
/// core's own function under both.</summary>
/// <remarks>
/// The problem: new work logic comes to a machine that nobody can reach for a month, and may be wrong in ways
/// that nobody has seen. The idea: whatever happens, the machine gets back by itself to what worked. A
/// release is fetched beside what decides, verified, asked what was asked before and what would be asked now,
/// and compared; then it decides on probation, when its first fault ends it, and so does the end of its
/// authority when nobody has confirmed it, with no order from anywhere. A decision that a release owes is
/// taken by the core's own function, so no fault of a release costs one. Functions have nothing to do with
/// each other: each has its own order, trial and way back.
/// <code>
///   order --&gt; Fetching --&gt; Admitting --&gt; Shadowing --&gt; Active --&gt; Settled
///                 |            |             |             |          |
///                 +-- Refused -+-------------+             +-- RolledBack (the previous release decides)
/// </code>
/// <para>
/// Invariants. What decides is a release that was admitted and stood its shadow, or the core. A release that
/// was let go does not come back in the same rollout, unless only nobody had confirmed it. No release is for
/// two functions. Bytes of packages
/// are not here: the machine keeps them, says how many it has, and that counts, so a download goes on at any
/// byte after any crash. Deliberately absent: signatures, which are verified where the bytes are, and which
/// nodes get a release, which is decided above.
/// </para>
/// </remarks>
public sealed class SkillBay
{
    /// <summary>Questions that are kept for each function, newest last.</summary>
    public const int QuestionsMax = 16;

    /// <summary>Faults that end a release that was settled.</summary>
    public const int FaultsMax = 3;

    private readonly ISkills _skills;
    private readonly MachineKind _kind;
    private readonly Func<SkillFunction, ulong, byte[]> _probe;
    private readonly Action<SkillSlot> _move;
    private readonly Action<SkillFunction, byte[]> _keep;
    private readonly Action<PackageWork> _emit;
    private readonly SortedDictionary<SkillFunction, SkillSlot> _slots = [];
    private readonly SortedDictionary<SkillFunction, ImmutableArray<byte[]>> _questions = [];

    /// <summary>A bay in which the core decides everything.</summary>
    /// <param name="skills">Runs releases.</param>
    /// <param name="kind">What the machine is.</param>
    /// <param name="probe">What a function might be asked now; another number, another question.</param>
    /// <param name="move">Remembers where a function stands, and calls <see
    /// cref="Apply(SkillSlot)"/>.</param>
    /// <param name="keep">Remembers a question, and calls
    /// <see cref="Apply(SkillFunction, byte[])"/>.</param>
    /// <param name="emit">Has something done with a package.</param>
    public SkillBay(
        ISkills skills, MachineKind kind, Func<SkillFunction, ulong, byte[]> probe, Action<SkillSlot> move,
        Action<SkillFunction, byte[]> keep, Action<PackageWork> emit)
    {
        _skills = skills;
        _kind = kind;
        _probe = probe;
        _move = move;
        _keep = keep;
        _emit = emit;
    }

    /// <summary>Where each function stands that was ever ordered anything.</summary>
    public IReadOnlyDictionary<SkillFunction, SkillSlot> Slots => _slots;

    /// <summary>Where a function stands; null when it was never ordered anything.</summary>
    public SkillSlot? Of(SkillFunction function) => _slots.GetValueOrDefault(function);

    /// <summary>Whether bytes of a package are being waited for.</summary>
    public bool IsFetching => Fetching(null) is not null;

    /// <summary>When something falls due.</summary>
    public Instant NextWake
    {
        get
        {
            Instant next = Instant.Never;
            foreach (SkillSlot slot in _slots.Values)
            {
                if (IsOnTrial(slot))
                {
                    next = Instant.Min(next, slot.Order.Until);
                }

                if (slot.State is SkillState.Shadowing or SkillState.Active)
                {
                    next = Instant.Min(next, slot.AskedAt + slot.Order.Trial.Pulse);
                }
            }

            return next;
        }
    }

    /// <summary>Releases that decide, in order of their functions; what the core does itself is not
    /// among them.</summary>
    public ImmutableArray<Digest> Deciding()
    {
        ImmutableArray<Digest>.Builder deciding = ImmutableArray.CreateBuilder<Digest>();
        foreach (SkillSlot slot in _slots.Values)
        {
            if (slot.Active != default)
            {
                deciding.Add(slot.Active);
            }
        }

        return deciding.ToImmutable();
    }

    /// <summary>What is to be asked of the hub, if anything.</summary>
    public SkillBytesAsked? Asks =>
        Fetching(null) is { } slot ? new SkillBytesAsked(slot.Order.Release, slot.Held) : null;

    /// <summary>Takes an order.</summary>
    public void Take(Instant now, SkillOrder order)
    {
        SkillSlot? slot = _slots.GetValueOrDefault(order.Function);
        bool isSame = slot is not null && slot.Order.Rollout == order.Rollout
            && slot.Order.Release.AsSpan().SequenceEqual(order.Release);
        if (slot is not null && order.At <= slot.Order.At)
        {
            return; // An old story.
        }

        if (!isSame || (slot!.Reason == SkillReason.Lapsed && !order.IsWithdrawn))
        {
            Begin(now, slot, order);
        }
        else if (order.IsWithdrawn && slot!.IsOpen)
        {
            End(now, slot with { Order = order }, SkillReason.Withdrawn);
        }
        else
        {
            _move(slot! with { Order = order });
            Wake(now);
        }
    }

    /// <summary>So many bytes of a package are here.</summary>
    public void Held(Instant now, Digest release, int bytes)
    {
        if (Fetching(release) is not { } slot || bytes < 0)
        {
            return; // Of one that is not wanted any more.
        }

        if (bytes >= slot.Order.Length)
        {
            _move(slot with { State = SkillState.Admitting, Since = now, Held = slot.Order.Length });
            Emit(PackageAct.Admit, slot);
        }
        else if (bytes != slot.Held)
        {
            _move(slot with { Held = bytes });
        }
    }

    /// <summary>Bytes of a package have come.</summary>
    public void Take(SkillBytes part)
    {
        if (Fetching(Digest.From(part.Release)) is { } slot && part.From == slot.Held
            && part.Bytes.Length > 0 && part.From + part.Bytes.Length <= slot.Order.Length)
        {
            _emit(new PackageWork(PackageAct.Keep, slot.Release, slot.Order.Length, part.From, part.Bytes));
        }
    }

    /// <summary>A package was judged where it lies.</summary>
    public void Judged(Instant now, Digest release, bool isAdmitted)
    {
        foreach (SkillSlot slot in (SkillSlot[])[.. _slots.Values])
        {
            if (slot.State != SkillState.Admitting || slot.Release != release)
            {
                continue;
            }

            if (!isAdmitted)
            {
                End(now, slot, SkillReason.NotAdmitted);
                continue;
            }

            _move(slot with { State = SkillState.Shadowing, Since = now, AskedAt = now });
            foreach (byte[] question in _questions.GetValueOrDefault(slot.Function, []))
            {
                Shadow(now, slot.Function, question);
            }

            Shadow(now, slot.Function, Probe(slot.Function));
        }
    }

    /// <summary>What came of a decision falls short of what was owed.</summary>
    public void FallShort(Instant now, SkillFunction function)
    {
        if (_slots.TryGetValue(function, out SkillSlot? slot))
        {
            Blame(now, slot, SkillReason.FallsShort);
        }
    }

    /// <summary>Has a function decide.</summary>
    /// <returns>Who decided, and what.</returns>
    public (Digest Skill, byte[] Output) Decide(Instant now, SkillFunction function, byte[] question)
    {
        _keep(function, question);
        if (_slots.TryGetValue(function, out SkillSlot? slot) && slot.Active != default)
        {
            Digest active = slot.Active;
            SkillReason reason = Ask(active, function, question, out byte[] output);
            if (reason == SkillReason.None)
            {
                Count(now, slot);
                Shadow(now, function, question);
                return (active, output);
            }

            Blame(now, slot, reason);
        }
        else
        {
            Shadow(now, function, question);
        }

        return (SkillContract.OwnOf(function), SkillContract.Own(function, question));
    }

    /// <summary>Opens a round: several questions of a function that make one decision together.</summary>
    /// <param name="function">Which.</param>
    /// <param name="draw">Draws the question that stands for all.</param>
    /// <returns>Null when no release has anything to do with the function, and the core decides.</returns>
    public SkillRound? Open(SkillFunction function, ulong draw) =>
        _slots.TryGetValue(function, out SkillSlot? slot) && (slot.IsOpen || slot.Active != default)
            ? new SkillRound(this, slot, draw) : null;

    /// <summary>Books what came of a round: nothing when nothing was asked.</summary>
    public void Close(Instant now, SkillRound round)
    {
        SkillFunction function = round.Function;
        if (round.Sample is not { } sample)
        {
            return;
        }

        _keep(function, sample);
        if (round.Failure != SkillReason.None)
        {
            Blame(now, _slots[function], round.Failure);
        }
        else if (round.Skill != default)
        {
            Count(now, _slots[function]);
        }

        if (round.Shadow is { } stood && _slots[function].State == SkillState.Shadowing)
        {
            Stand(now, _slots[function], stood);
        }
    }

    /// <summary>Has what decides answer, and holds its answer against what would be answered without it for
    /// as long as it is on probation, where nothing else would.</summary>
    internal SkillReason Try(SkillSlot slot, byte[] question, out byte[] output)
    {
        SkillFunction function = slot.Function;
        SkillReason reason = Ask(slot.Active, function, question, out output);
        bool isCompared = reason == SkillReason.None && slot.State == SkillState.Active
            && SkillContract.IsComparedOnProbation(function);
        return isCompared ? Compare(slot, slot.Previous, question, output) : reason;
    }

    /// <summary>Has what is in the shadow answer, and compares.</summary>
    internal SkillReason TryShadow(SkillSlot slot, byte[] question)
    {
        SkillReason reason = Ask(slot.Release, slot.Function, question, out byte[] output);
        return reason == SkillReason.None ? Compare(slot, slot.Active, question, output) : reason;
    }

    /// <summary>Does what is due: pulses, the end of authority, the end of probation.</summary>
    public void Wake(Instant now)
    {
        foreach (SkillFunction function in (SkillFunction[])[.. _slots.Keys])
        {
            SkillSlot slot = _slots[function];
            if (IsOnTrial(slot) && now >= slot.Order.Until)
            {
                End(now, slot, SkillReason.Lapsed);
                continue;
            }

            bool isDue = now >= slot.AskedAt + slot.Order.Trial.Pulse;
            if (slot.State == SkillState.Shadowing && isDue)
            {
                Shadow(now, function, Probe(function));
            }
            else if (slot.State == SkillState.Active && isDue)
            {
                SkillReason reason = Try(slot, Probe(function), out _);
                if (reason != SkillReason.None)
                {
                    Blame(now, slot, reason);
                    continue;
                }

                Count(now, slot);
            }

            slot = _slots[function];
            if (slot.State == SkillState.Active && slot.Order.IsForGood
                && now >= slot.Since + slot.Order.Trial.Probation)
            {
                _move(slot with { State = SkillState.Settled, Faults = 0, Since = now });
            }
        }
    }

    /// <summary>Repeats what was lost with a crash.</summary>
    public void Repeat()
    {
        // A driver may answer at once.
        foreach (SkillSlot slot in (SkillSlot[])[.. _slots.Values])
        {
            if (slot.State == SkillState.Fetching)
            {
                Emit(PackageAct.Look, slot);
            }
            else if (slot.State == SkillState.Admitting)
            {
                Emit(PackageAct.Admit, slot);
            }
        }
    }

    /// <summary>Applies where a function stands.</summary>
    public void Apply(SkillSlot slot) => _slots[slot.Function] = slot;

    /// <summary>Applies a question that was kept.</summary>
    public void Apply(SkillFunction function, byte[] question)
    {
        ImmutableArray<byte[]> kept = _questions.GetValueOrDefault(function, []);
        _questions[function] = [.. kept.Length < QuestionsMax ? kept : kept.RemoveAt(0), question];
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("skillBay", 2);
        codec.Table(
            "slots",
            _slots,
            static (ref TCodec c, SkillFunction key) => SkillFields.Function(ref c, key),
            static (ref TCodec c, SkillSlot value) => SkillSlot.Shape(ref c, value));
        codec.Table(
            "questions",
            _questions,
            static (ref TCodec c, SkillFunction key) => SkillFields.Function(ref c, key),
            ShapeQuestions);
        codec.Close();
    }

    // The release that is being fetched, or the first of them: one after the other.
    private SkillSlot? Fetching(Digest? release)
    {
        foreach (SkillSlot slot in _slots.Values)
        {
            if (slot.State == SkillState.Fetching && (release is null || slot.Release == release))
            {
                return slot;
            }
        }

        return null;
    }

    private static bool IsOnTrial(SkillSlot slot) =>
        slot.State is SkillState.Fetching or SkillState.Admitting or SkillState.Shadowing
            or SkillState.Active;

    private void Begin(Instant now, SkillSlot? slot, SkillOrder order)
    {
        if (slot is not null && IsOnTrial(slot))
        {
            End(now, slot, SkillReason.Superseded);
            slot = _slots[order.Function];
        }

        Digest active = slot?.Active ?? default;
        var begun = new SkillSlot(
            order, SkillState.Fetching, SkillReason.None, now, 0, 0, 0, now, active,
            slot?.Previous ?? default);
        if (order.IsWithdrawn)
        {
            _move(begun with { State = SkillState.Refused, Reason = SkillReason.Withdrawn });
        }
        else if (!SkillContract.Speaks(_skills.Abi, order.Abi))
        {
            _move(begun with { State = SkillState.Refused, Reason = SkillReason.AbiUnsupported });
        }
        else if (IsElsewhere(begun))
        {
            _move(begun with { State = SkillState.Refused, Reason = SkillReason.NotAdmitted });
        }
        else if (active == begun.Release)
        {
            _move(begun with { State = SkillState.Settled }); // Another rollout has brought it already.
        }
        else
        {
            _move(begun);
            Emit(PackageAct.Look, begun);
        }
    }

    // A release is for one function: where another lets it go its bytes are gone.
    private bool IsElsewhere(SkillSlot begun)
    {
        foreach (SkillSlot other in _slots.Values)
        {
            if (other.Function != begun.Function && (other.Active == begun.Release
                || other.Previous == begun.Release || (other.IsOpen && other.Release == begun.Release)))
            {
                return true;
            }
        }

        return false;
    }

    // Beside what decides: every answer must be there, within the envelope and near enough.
    private void Shadow(Instant now, SkillFunction function, byte[] question)
    {
        if (!_slots.TryGetValue(function, out SkillSlot? slot) || slot.State != SkillState.Shadowing)
        {
            return;
        }

        Stand(now, slot, TryShadow(slot, question));
    }

    private SkillReason Compare(SkillSlot slot, Digest with, byte[] question, byte[] output)
    {
        byte[] reference = with != default
            && Ask(with, slot.Function, question, out byte[] other) == SkillReason.None
                ? other : SkillContract.Own(slot.Function, question);
        return SkillContract.AreApart(slot.Function, output, reference, slot.Order.Trial.Divergence)
            ? SkillReason.Diverges : SkillReason.None;
    }

    // A run in the shadow is over; the last one puts the release in the place of what decided.
    private void Stand(Instant now, SkillSlot slot, SkillReason reason)
    {
        if (reason != SkillReason.None)
        {
            End(now, slot, reason);
        }
        else if (slot.Runs + 1 < slot.Order.Trial.ShadowRuns)
        {
            _move(slot with { Runs = slot.Runs + 1, AskedAt = now });
        }
        else
        {
            _move(slot with
            {
                State = SkillState.Active,
                Since = now,
                AskedAt = now,
                Runs = 0,
                Active = slot.Release,
                Previous = slot.Active,
            });
            LetGo(slot.Previous, 0);
        }
    }

    // Another one at each pulse, and of each machine: a fault that shows for few questions is met somewhere.
    private byte[] Probe(SkillFunction function)
    {
        SkillSlot slot = _slots[function];
        return _probe(function, StableHash.Of((ulong)slot.Since.Micros, (ulong)slot.Runs));
    }

    private SkillReason Ask(Digest release, SkillFunction function, byte[] question, out byte[] output)
    {
        SkillAnswer answer = _skills.Run(release, function, _kind, question);
        output = answer.Output;
        return answer.Outcome switch
        {
            SkillOutcome.Answered => SkillContract.Judge(function, question, output),
            SkillOutcome.TooSlow => SkillReason.TooSlow,
            _ => SkillReason.NoAnswer,
        };
    }

    // Answers count while they may end a trial; afterwards they would only fill the journal.
    private void Count(Instant now, SkillSlot slot)
    {
        if (slot.State == SkillState.Active)
        {
            _move(slot with { Runs = slot.Runs + 1, AskedAt = now });
        }
    }

    // What decides is at fault. On probation that is the end of it; settled, the third time is. While another
    // release is on trial in its place, nothing but the core remains to go back to.
    private void Blame(Instant now, SkillSlot slot, SkillReason reason)
    {
        if (slot.State == SkillState.Active)
        {
            End(now, slot, reason);
        }
        else if (slot.Active != default && slot.Faults + 1 < FaultsMax)
        {
            _move(slot with { Faults = slot.Faults + 1 });
        }
        else if (slot.Active != default && slot.State == SkillState.Settled)
        {
            End(now, slot, reason);
        }
        else if (slot.Active != default)
        {
            _move(slot with { Faults = 0, Active = slot.Previous, Previous = default });
        }
    }

    private void End(Instant now, SkillSlot slot, SkillReason reason)
    {
        bool decided = slot.State is SkillState.Active or SkillState.Settled;
        _move(slot with
        {
            State = decided ? SkillState.RolledBack : SkillState.Refused,
            Reason = reason,
            Since = now,
            Faults = 0,
            Active = decided ? slot.Previous : slot.Active,
            Previous = decided ? default : slot.Previous,
        });
        LetGo(slot.Release, slot.Order.Length);
    }

    // The same release may have been ordered twice: as long as it decides or may be gone back to, its bytes
    // stay.
    private void LetGo(Digest release, int length)
    {
        bool isNeeded = release == default;
        foreach (SkillSlot slot in _slots.Values)
        {
            isNeeded |= slot.Active == release || slot.Previous == release;
        }

        if (!isNeeded)
        {
            _emit(new PackageWork(PackageAct.Drop, release, length, 0, []));
        }
    }

    private void Emit(PackageAct act, SkillSlot slot) =>
        _emit(new PackageWork(act, slot.Release, slot.Order.Length, 0, []));

    private static ImmutableArray<byte[]> ShapeQuestions<TCodec>(
        ref TCodec codec, ImmutableArray<byte[]> value)
        where TCodec : struct, ICodec
    {
        int count = codec.OpenList("list", value.IsDefault ? 0 : value.Length, QuestionsMax);
        ImmutableArray<byte[]>.Builder read = ImmutableArray.CreateBuilder<byte[]>();
        for (int i = 0; i < count && !codec.Failed; i++)
        {
            read.Add(codec.Bytes("question", codec.IsReading ? [] : value[i], Entry.DecisionBytesMax));
        }

        codec.CloseList();
        return read.ToImmutable();
    }
}

using System;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Skills;

/// <summary>What a machine has done with an image of a core.</summary>
public enum CoreAct
{
    /// <summary>All of its package is there: verify what vouches for it and every file of it, and put it into
    /// the slot that nothing is started from. Tell how that went.</summary>
    Stage = 1,

    /// <summary>Start it beside what decides, have it read the machine's own memory, and compare. Tell how
    /// that went.</summary>
    Replay = 2,

    /// <summary>End, and have it started in place of what runs. Tell only when it was tried before and given
    /// up.</summary>
    Switch = 3,

    /// <summary>Its hub has heard from it: it is not on its way any more, but not proven either.</summary>
    Heard = 4,

    /// <summary>It is what is started from now on.</summary>
    Settle = 5,

    /// <summary>If it is what runs, end, and have started what was before.</summary>
    Revert = 6,
}

/// <summary>Something to be done with an image. May be lost or repeated.</summary>
/// <param name="Act">What.</param>
/// <param name="Image">Its measurement.</param>
/// <param name="Size">Bytes of its package.</param>
/// <param name="Within">For a switch: how long after its start the image has to have been heard.</param>
public sealed record CoreWork(CoreAct Act, Digest Image, int Size, TimeSpan Within) : IShaped<CoreWork>
{
    /// <inheritdoc/>
    public static CoreWork Shape<TCodec>(ref TCodec codec, CoreWork? value)
        where TCodec : struct, ICodec
    {
        codec.Open("coreWork", 4);
        var act = (CoreAct)codec.Integer("act", (long)(value?.Act ?? 0), 1, 6);
        Digest image = Digest.Field(ref codec, "image", value?.Image ?? default);
        int size = codec.Number("size", value?.Size ?? 0);
        TimeSpan within = codec.Duration("within", value?.Within ?? default);
        codec.Close();
        return value ?? new CoreWork(act, image, size, within);
    }
}

/// <summary>The part of a node that decides which image of the core runs.</summary>
/// <remarks>
/// The problem: what decides is itself to be replaced, on a machine that nobody can reach, and what is wrong
/// with it may be that it does not decide any more. The idea: as with releases of skills, but with nothing
/// beside what decides. The machine has two slots. A new image is fetched and verified while the old one
/// decides, and shown the machine's own memory in a process of its own; then the machine ends and starts in
/// it. Until its hub has answered it, it is on its way, and what was before is started again when that takes
/// too long, or when it does not come up: the first is decided here, the second by what starts images, since
/// what cannot start cannot decide.
/// <code>
///   order --&gt; Fetching --&gt; Admitting --&gt; Shadowing --started--&gt; Active --heard--&gt; Settled
///                 |            |             |                    |                   |
///                 +-- Refused -+-------------+                    +--&gt; RolledBack &lt;---+
/// </code>
/// <para>
/// An image is named by its measurement, so what a slot of memory says and what the machine measured when it
/// was started can be held against each other: whoever went back on it, and with nobody told, is found out at
/// the next start. In <see cref="SkillSlot"/>, <c>Runs</c> is 1 in the shadow once the image has stood it,
/// and on probation once its hub has answered it.
/// </para>
/// <para>
/// Invariants. <see cref="SkillSlot.Active"/> is an image that has been started here and attested. An image
/// that was let go does not come back in the same rollout, unless only nobody had confirmed it.
/// </para>
/// </remarks>
public sealed class CoreBay
{
    /// <summary>The version of what an image and what starts it have to agree on.</summary>
    public const int Abi = 1;

    private readonly Digest _runs;
    private readonly Func<SkillSlot, bool> _isHeard;
    private readonly Action<SkillSlot> _move;
    private readonly Action<PackageWork> _package;
    private readonly Action<CoreWork> _emit;

    /// <summary>A machine that runs the core it was built with.</summary>
    /// <param name="runs">The measurement of what runs.</param>
    /// <param name="isHeard">Whether a hub has said something since, and has what was told of it.</param>
    /// <param name="move">Remembers where it stands, and calls <see cref="Apply"/>.</param>
    /// <param name="package">Has something done with bytes of a package.</param>
    /// <param name="emit">Has something done with an image.</param>
    public CoreBay(
        Digest runs, Func<SkillSlot, bool> isHeard, Action<SkillSlot> move, Action<PackageWork> package,
        Action<CoreWork> emit)
    {
        _runs = runs;
        _isHeard = isHeard;
        _move = move;
        _package = package;
        _emit = emit;
    }

    /// <summary>Where it stands; null when nothing was ever ordered.</summary>
    public SkillSlot? Slot { get; private set; }

    /// <summary>Whether bytes of a package are being waited for.</summary>
    public bool IsFetching => Slot is { State: SkillState.Fetching };

    /// <summary>What is to be asked of the hub, if anything.</summary>
    public SkillBytesAsked? Asks =>
        Slot is { State: SkillState.Fetching } slot
            ? new SkillBytesAsked(slot.Order.Release, slot.Held) : null;

    /// <summary>When something falls due.</summary>
    public Instant NextWake
    {
        get
        {
            Instant next = Instant.Never;
            if (Slot is { } slot && IsOnTrial(slot))
            {
                next = slot.Order.Until;
                bool isNotHeard = slot.State == SkillState.Active && slot.Runs == 0;
                next = isNotHeard ? Instant.Min(next, slot.Since + slot.Order.Trial.Probation) : next;
                bool maySettle = slot.State == SkillState.Active && slot.Runs == 1 && slot.Order.IsForGood;
                next = maySettle ? Instant.Min(next, slot.Since + slot.Order.Trial.Probation) : next;
            }

            return next;
        }
    }

    /// <summary>Takes an order.</summary>
    public void Take(Instant now, SkillOrder order)
    {
        if (Slot is { } last && order.At <= last.Order.At)
        {
            return; // An old story.
        }

        bool isSame = Slot is { } known && known.Order.Rollout == order.Rollout
            && known.Order.Release.AsSpan().SequenceEqual(order.Release);
        if (!isSame || (Slot!.Reason == SkillReason.Lapsed && !order.IsWithdrawn))
        {
            Begin(now, order);
        }
        else if (order.IsWithdrawn && Slot!.IsOpen)
        {
            End(now, Slot with { Order = order }, SkillReason.Withdrawn);
        }
        else
        {
            _move(Slot! with { Order = order });
            Wake(now);
        }
    }

    /// <summary>So many bytes of a package are here.</summary>
    public void Held(Instant now, Digest image, int bytes)
    {
        if (Slot is not { State: SkillState.Fetching } slot || slot.Release != image || bytes < 0)
        {
            return;
        }

        if (bytes >= slot.Order.Length)
        {
            _move(slot with { State = SkillState.Admitting, Since = now, Held = slot.Order.Length });
            Emit(CoreAct.Stage);
        }
        else if (bytes != slot.Held)
        {
            _move(slot with { Held = bytes });
        }
    }

    /// <summary>Bytes of a package have come.</summary>
    public void Take(SkillBytes part)
    {
        if (Slot is { State: SkillState.Fetching } slot && slot.Release == Digest.From(part.Release)
            && part.From == slot.Held && part.Bytes.Length > 0
            && part.From + part.Bytes.Length <= slot.Order.Length)
        {
            _package(new PackageWork(
                PackageAct.Keep, slot.Release, slot.Order.Length, part.From, part.Bytes));
        }
    }

    /// <summary>What was to be done with an image was done, or went wrong.</summary>
    /// <param name="now">The time.</param>
    /// <param name="image">Which.</param>
    /// <param name="act">What.</param>
    /// <param name="reason">What went wrong, or none.</param>
    public void Hear(Instant now, Digest image, CoreAct act, SkillReason reason)
    {
        if (Slot is not { } slot || slot.Release != image)
        {
            return; // Of one that is not wanted any more.
        }

        bool isAwaited = act switch
        {
            CoreAct.Stage => slot.State == SkillState.Admitting,
            CoreAct.Replay => slot is { State: SkillState.Shadowing, Runs: 0 },
            CoreAct.Switch => slot is { State: SkillState.Shadowing, Runs: 1 } && reason != SkillReason.None,
            _ => false,
        };
        if (!isAwaited)
        {
            return; // Said twice.
        }

        if (reason != SkillReason.None)
        {
            End(now, slot, reason);
        }
        else if (act == CoreAct.Stage)
        {
            _move(slot with { State = SkillState.Shadowing, Since = now, AskedAt = now, Runs = 0 });
            Emit(CoreAct.Replay);
        }
        else
        {
            _move(slot with { Runs = 1, AskedAt = now });
            Emit(CoreAct.Switch);
        }
    }

    /// <summary>Does what is due.</summary>
    public void Wake(Instant now)
    {
        if (Slot is not { } slot || !IsOnTrial(slot))
        {
            return;
        }

        if (now >= slot.Order.Until)
        {
            End(now, slot, SkillReason.Lapsed);
            return;
        }

        if (slot.State != SkillState.Active)
        {
            return;
        }

        bool isOver = now >= slot.Since + slot.Order.Trial.Probation;
        if (slot.Runs == 0 && _isHeard(slot))
        {
            _move(slot with { Runs = 1 });
            Emit(CoreAct.Heard);
        }
        else if (slot.Runs == 0 && isOver)
        {
            End(now, slot, SkillReason.Unheard);
            return;
        }

        if (Slot is { Runs: 1 } heard && heard.Order.IsForGood && isOver)
        {
            Settle(now, heard);
        }
    }

    /// <summary>The machine was started, in whatever was started: finds out what that means, and repeats what
    /// was lost.</summary>
    public void Start(Instant now)
    {
        if (Slot is not { } slot)
        {
            return;
        }

        if (slot is { State: SkillState.Shadowing, Runs: 1 } && slot.Release == _runs)
        {
            _move(slot with
            {
                State = SkillState.Active,
                Since = now,
                Runs = 0,
                Active = slot.Release,
                Previous = slot.Active,
            });
            _package(new PackageWork(PackageAct.Drop, slot.Release, slot.Order.Length, 0, []));
        }
        else if (slot.State is SkillState.Active or SkillState.Settled && slot.Active != _runs)
        {
            // What starts images has gone back.
            _move(slot with
            {
                State = SkillState.RolledBack,
                Reason = SkillReason.NotStarted,
                Since = now,
                Active = _runs,
                Previous = default,
            });
        }
        else
        {
            Repeat(slot);
        }
    }

    /// <summary>Applies where it stands.</summary>
    public void Apply(SkillSlot slot) => Slot = slot;

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("coreBay", 1);
        Slot = codec.Optional("slot", Slot);
        codec.Close();
    }

    private static bool IsOnTrial(SkillSlot slot) =>
        slot.State is SkillState.Fetching or SkillState.Admitting or SkillState.Shadowing
            or SkillState.Active;

    // A driver may answer at once.
    private void Repeat(SkillSlot slot)
    {
        switch (slot.State)
        {
            case SkillState.Fetching:
                _package(new PackageWork(PackageAct.Look, slot.Release, slot.Order.Length, 0, []));
                break;
            case SkillState.Admitting:
                Emit(CoreAct.Stage);
                break;
            case SkillState.Shadowing:
                Emit(slot.Runs == 0 ? CoreAct.Replay : CoreAct.Switch);
                break;
            case SkillState.Active when slot.Runs == 1:
                Emit(CoreAct.Heard);
                break;
            case SkillState.Settled:
                Emit(CoreAct.Settle);
                break;
            default:
                break;
        }

        if (slot.Active != _runs && slot.State is not (SkillState.Active or SkillState.Settled))
        {
            // It was let go, and started all the same: the end of the machine came before what it had said.
            _emit(new CoreWork(CoreAct.Revert, _runs, 0, TimeSpan.Zero));
        }
    }

    // Which image this machine goes back to: what runs, unless that is let go for this.
    private void Begin(Instant now, SkillOrder order)
    {
        Digest active = _runs;
        if (Slot is { State: SkillState.Active } current)
        {
            if (current.Runs == 1 && current.Order.IsForGood)
            {
                Settle(now, current); // A later one is news of its own.
            }
            else
            {
                End(now, current, SkillReason.Superseded);
                active = Slot.Active;
            }
        }
        else if (Slot is { } last && IsOnTrial(last))
        {
            End(now, last, SkillReason.Superseded);
        }

        var begun = new SkillSlot(
            order, SkillState.Fetching, SkillReason.None, now, 0, 0, 0, now, active, default);
        if (order.IsWithdrawn)
        {
            _move(begun with { State = SkillState.Refused, Reason = SkillReason.Withdrawn });
        }
        else if (!SkillContract.Speaks(Abi, order.Abi))
        {
            _move(begun with { State = SkillState.Refused, Reason = SkillReason.AbiUnsupported });
        }
        else if (active == begun.Release)
        {
            _move(begun with { State = SkillState.Settled }); // It is here already.
        }
        else
        {
            _move(begun);
            _package(new PackageWork(PackageAct.Look, begun.Release, order.Length, 0, []));
        }
    }

    private void Settle(Instant now, SkillSlot slot)
    {
        _move(slot with { State = SkillState.Settled, Since = now });
        Emit(CoreAct.Settle);
    }

    private void End(Instant now, SkillSlot slot, SkillReason reason)
    {
        bool decided = slot.State is SkillState.Active or SkillState.Settled;
        bool canGoBack = slot.Previous != default;
        _move(slot with
        {
            State = decided ? SkillState.RolledBack : SkillState.Refused,
            Reason = reason,
            Since = now,
            Active = decided && canGoBack ? slot.Previous : slot.Active,
            Previous = default,
        });
        if (!decided)
        {
            _package(new PackageWork(PackageAct.Drop, slot.Release, slot.Order.Length, 0, []));
        }
        else if (canGoBack)
        {
            _emit(new CoreWork(CoreAct.Revert, slot.Release, slot.Order.Length, TimeSpan.Zero));
        }
    }

    private void Emit(CoreAct act) =>
        _emit(new CoreWork(act, Slot!.Release, Slot.Order.Length, Slot.Order.Trial.Probation));
}

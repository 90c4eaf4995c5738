using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Strategy;

/// <summary>How far a rollout has come with one class, or another group.</summary>
/// <param name="Class">Which: a class, or the number of a group, <see cref="RolloutGroup"/>.</param>
/// <param name="Stage">0 while nobody runs it, 1 for the canary, then a wave each.</param>
/// <param name="Threshold">Who is to run it; see <see cref="RolloutTold.Rank"/>.</param>
/// <param name="State">Whether it goes on.</param>
/// <param name="Since">When this stage began.</param>
/// <param name="Hours">Node-hours that had been reported then.</param>
/// <param name="Proven">Nodes that had proven to run it then.</param>
public sealed record ClassProgress(
    int Class, int Stage, uint Threshold, ClassState State, Instant Since, long Hours, int Proven)
    : IShaped<ClassProgress>
{
    /// <inheritdoc/>
    public static ClassProgress Shape<TCodec>(ref TCodec codec, ClassProgress? value)
        where TCodec : struct, ICodec
    {
        codec.Open("classProgress", 7);
        int number = codec.Number("class", value?.Class ?? 0);
        int stage = codec.Number("stage", value?.Stage ?? 0);
        uint threshold = (uint)codec.Integer("threshold", value?.Threshold ?? 0, 0, uint.MaxValue);
        var state = (ClassState)codec.Integer("state", (long)(value?.State ?? 0), 1, 4);
        Instant since = codec.Moment("since", value?.Since ?? default);
        long hours = codec.Integer("hours", value?.Hours ?? 0, 0, long.MaxValue);
        int proven = codec.Number("proven", value?.Proven ?? 0);
        codec.Close();
        return value ?? new ClassProgress(number, stage, threshold, state, since, hours, proven);
    }
}

/// <summary>One rollout: what was ordered, and how far it has come with each class, or each other
/// <see cref="RolloutGroup"/>.</summary>
/// <remarks>
/// The problem: a release may be wrong in a way that shows in flight only, on one kind of machine only, and
/// most machines cannot be asked. The idea: it goes to few of each kind, and on with each kind by itself when
/// enough time has passed <em>and</em> enough time on machines has been reported, of enough machines, since
/// a silent canary tells nothing. Who is chosen follows from a rank that everybody can compute, and a
/// threshold, so that no list of nodes goes anywhere, a node that joins or moves is where it belongs at once,
/// and what was chosen stays chosen.
/// <code>
///   ordered --all regions have told--&gt; canary --time and node-hours--&gt; wave --&gt; ... --&gt; complete
///                                          |  too many let it go          |
///                                          +--------&gt; stopped &lt;-----------+   (this class only)
/// </code>
/// Invariants: once waves have begun a threshold never falls; a class that was stopped never goes on; the
/// canaries of all classes together are within the exposure that the rules allow, as far as the regions have
/// told who they are.
/// </remarks>
/// <param name="Rollout">What was ordered.</param>
/// <param name="At">When.</param>
/// <param name="Sequence">Counted with each change that hubs are told of.</param>
/// <param name="IsPaused">Whether an operator has paused it.</param>
/// <param name="Classes">One each, in order.</param>
public sealed record RolloutBook(
    Rollout Rollout, Instant At, uint Sequence, bool IsPaused, ImmutableArray<ClassProgress> Classes)
    : IShaped<RolloutBook>
{
    /// <summary>How long the first threshold waits for regions that tell nothing.</summary>
    private static readonly TimeSpan _soundingMax = TimeSpan.FromDays(3);

    /// <summary>Canaries up to this size are chosen by name; larger ones by their share, which is near
    /// enough.</summary>
    private const int ExactMax = 64;

    /// <summary>Whether anything may still change by itself.</summary>
    public bool IsOpen
    {
        get
        {
            bool isOpen = false;
            foreach (ClassProgress one in Classes)
            {
                isOpen |= one.State == ClassState.Running;
            }

            return isOpen;
        }
    }

    /// <summary>A rollout that nobody has heard of.</summary>
    public static RolloutBook New(Rollout rollout, Instant now)
    {
        ImmutableArray<ClassProgress>.Builder classes = ImmutableArray.CreateBuilder<ClassProgress>();
        foreach (int one in rollout.Classes)
        {
            classes.Add(new ClassProgress(one, 0, 0, ClassState.Running, now, 0, 0));
        }

        return new RolloutBook(rollout, now, 1, IsPaused: false, classes.ToImmutable());
    }

    /// <summary>What hubs are told.</summary>
    public RolloutTold Told()
    {
        ImmutableArray<RolloutClass>.Builder classes = ImmutableArray.CreateBuilder<RolloutClass>();
        foreach (ClassProgress one in Classes)
        {
            classes.Add(new RolloutClass(
                one.Class,
                one.Threshold,
                IsPaused && one.State == ClassState.Running ? ClassState.Paused : one.State));
        }

        return new RolloutTold(
            Rollout.Id, Sequence, At.FloorSecond, Rollout.Function, Rollout.Abi, Rollout.Release.ToArray(),
            Rollout.Size, Rollout.Rules.Authority, Rollout.Rules.Strain, Rollout.Trial,
            classes.ToImmutable(), Rollout.Rules.Quorum?.Each);
    }

    /// <summary>Does what an operator wants.</summary>
    public RolloutBook Obey(RolloutCommand command, Instant now) => command switch
    {
        RolloutCommand.Pause => this with { IsPaused = true, Sequence = Sequence + 1 },
        RolloutCommand.Resume => this with { IsPaused = false, Sequence = Sequence + 1 },
        _ => With(one => one with { State = ClassState.Stopped, Since = now }),
    };

    /// <summary>Goes on as far as what was reported allows.</summary>
    /// <param name="now">The time.</param>
    /// <param name="regions">How many regions there are to report.</param>
    /// <param name="reports">What each told last.</param>
    /// <returns>The same when nothing changes.</returns>
    public RolloutBook Proceed(
        Instant now, int regions, IReadOnlyDictionary<RegionId, RolloutReport> reports)
    {
        bool isSounded = reports.Count >= regions || (reports.Count > 0 && now >= At + _soundingMax);
        if (!isSounded)
        {
            return this;
        }

        long fleet = 0;
        ImmutableArray<Tally>.Builder tallies = ImmutableArray.CreateBuilder<Tally>();
        foreach (ClassProgress one in Classes)
        {
            Tally tally = Tally.Of(one.Class, reports);
            fleet += tally.Members;
            tallies.Add(tally);
        }

        ImmutableArray<ClassProgress>.Builder next = ImmutableArray.CreateBuilder<ClassProgress>();
        bool isChanged = false;
        for (int i = 0; i < Classes.Length; i++)
        {
            ClassProgress one = Proceed(now, i, tallies[i], tallies, fleet);
            isChanged |= one != Classes[i];
            next.Add(one);
        }

        return isChanged ? this with { Classes = next.ToImmutable(), Sequence = Sequence + 1 } : this;
    }

    /// <inheritdoc/>
    public static RolloutBook Shape<TCodec>(ref TCodec codec, RolloutBook? value)
        where TCodec : struct, ICodec
    {
        codec.Open("rolloutBook", 5);
        Rollout rollout = Rollout.Shape(ref codec, value?.Rollout);
        Instant at = codec.Moment("at", value?.At ?? default);
        uint sequence = (uint)codec.Integer("sequence", value?.Sequence ?? 0, 1, uint.MaxValue);
        bool isPaused = codec.Flag("isPaused", value?.IsPaused ?? false);
        ImmutableArray<ClassProgress> classes = codec.List(
            "classes", value?.Classes ?? [], RolloutTold.ClassesMax);
        codec.Close();
        return value ?? new RolloutBook(rollout, at, sequence, isPaused, classes);
    }

    private ClassProgress Proceed(
        Instant now, int place, Tally tally, IReadOnlyList<Tally> all, long fleet)
    {
        ClassProgress one = Classes[place];
        RolloutRules rules = Rollout.Rules;
        if (one.State != ClassState.Running)
        {
            return one;
        }

        // Stopping waits for nothing, not even for an operator's pause.
        if (IsBad(tally.Bad, tally.Chosen) || (rules.Quorum is not null
            && IsBad(tally.RolledBack, tally.Seasoned + tally.RolledBack)))
        {
            return one with { State = ClassState.Stopped, Since = now };
        }

        if (IsPaused)
        {
            return one;
        }

        if (one.Stage == 0)
        {
            return tally.Members > 0 && now >= At + (rules.Lead * (place + 1)) && IsTurn(place, all)
                ? one with { Stage = 1, Threshold = First(tally, all, fleet), Since = now }
                : one;
        }

        // The fleet may have grown, or machines of the canary may have died.
        one = one.Stage == 1 ? one with { Threshold = First(tally, all, fleet) } : one;
        TimeSpan time = one.Stage == 1 ? rules.CanaryTime : rules.WaveTime;
        int counted = one.Stage == 1 ? tally.Known : one.Proven;
        bool isReported = (Int128)(tally.Hours - one.Hours) * 1_000_000 * TimeSpan.TicksPerHour
            >= (Int128)counted * rules.Gate.Value * time.Ticks;
        if (now < one.Since + time || !isReported || tally.Proven == 0 || !IsHeard(now, one, tally))
        {
            return one;
        }

        if (one.Threshold == uint.MaxValue)
        {
            return one with { State = ClassState.Complete, Since = now };
        }

        UInt128 share = (UInt128)((long)rules.Canary.Value + ((long)rules.Wave.Value * one.Stage));
        UInt128 further = (UInt128)uint.MaxValue * share / 1_000_000;
        return one with
        {
            Stage = one.Stage + 1,
            Threshold = further >= uint.MaxValue ? uint.MaxValue : (uint)further,
            Since = now,
            Hours = tally.Hours,
            Proven = tally.Proven,
        };
    }

    // Too many of those chosen. Where machines are asked, also too many of those that have run it and spoken:
    // one in twelve says the same whether a wave has begun that nobody has heard of yet or not.
    private bool IsBad(int bad, int of) =>
        bad > 0 && (Int128)bad * 1_000_000 > (Int128)of * Rollout.Rules.Errors.Value;

    // Whether enough machines have spoken: a share of them, rounded down, one at least. A canary is asked as
    // a whole, but for whom it is known that they have let it go, since whoever has not called yet may be the
    // one that a release breaks; a wave, and a canary that has been waited for, as far as its machines could
    // have been heard. Silence stops nothing, since links fail too, but where more have fallen silent than
    // have spoken nothing goes on.
    private bool IsHeard(Instant now, ClassProgress one, Tally tally)
    {
        if (Rollout.Rules.Quorum is not { } quorum)
        {
            return true;
        }

        int asked = one.Stage == 1 && now < one.Since + quorum.Patience ? tally.Known - tally.Bad : tally.Due;
        return tally.Seasoned > 0 && tally.Seasoned >= tally.Chosen - tally.Known
            && tally.Seasoned >= (int)((long)asked * quorum.Share.Value / 1_000_000);
    }

    // An image of the core goes on to a class when all machines of those before it have it. A class in which
    // it was stopped ends it for those behind.
    private bool IsTurn(int place, IReadOnlyList<Tally> all)
    {
        bool isTurn = true;
        for (int before = 0; before < place && Rollout.Function == SkillFunction.Core; before++)
        {
            isTurn &= Classes[before].State == ClassState.Complete || all[before].Members == 0;
        }

        return isTurn;
    }

    // How many more of the class go first, and up to which rank that is: zero when nobody more. Who was
    // offered it and is not heard any more is replaced, or its silence would hold everybody up for ever.
    private uint First(Tally tally, IReadOnlyList<Tally> all, long fleet)
    {
        RolloutRules rules = Rollout.Rules;
        if (rules.Canary.Value >= 1_000_000)
        {
            return uint.MaxValue;
        }

        long wanted = 0;
        foreach (Tally other in all)
        {
            wanted += Wanted(other);
        }

        long most = Math.Max(all.Count, fleet * rules.Exposure.Value / 1_000_000);
        long count = Math.Max(1, Math.Min(Wanted(tally), Wanted(tally) * most / Math.Max(1, wanted)));
        long more = count - tally.Offered;
        if (more <= 0)
        {
            return 0;
        }

        return more <= ExactMax && tally.RankOf((int)more) is { } rank
            ? rank
            : (uint)((UInt128)uint.MaxValue * (UInt128)count / (UInt128)(count + tally.Members));
    }

    private long Wanted(Tally tally) => Math.Min(
        tally.Members,
        Math.Max(Rollout.Rules.CanaryMin, (long)tally.Members * Rollout.Rules.Canary.Value / 1_000_000));

    private RolloutBook With(Func<ClassProgress, ClassProgress> change)
    {
        ImmutableArray<ClassProgress>.Builder classes = ImmutableArray.CreateBuilder<ClassProgress>();
        foreach (ClassProgress one in Classes)
        {
            classes.Add(change(one));
        }

        return this with { Classes = classes.ToImmutable(), Sequence = Sequence + 1 };
    }

    // What all regions told of a class.
    private sealed record Tally(
        int Members, int Chosen, int Offered, int Known, int Proven, int Bad, long Hours, int RolledBack,
        int Seasoned, int Due)
    {
        private List<uint> _ranks = [];

        // Below it, all ranks of all regions are known.
        private uint _complete = uint.MaxValue;

        public static Tally Of(int number, IReadOnlyDictionary<RegionId, RolloutReport> reports)
        {
            var sum = new Tally(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
            foreach (KeyValuePair<RegionId, RolloutReport> report in reports)
            {
                foreach (ClassReport one in report.Value.Classes)
                {
                    sum = one.Class == number ? sum.And(one) : sum;
                }
            }

            sum._ranks.Sort();
            return sum;
        }

        // A threshold below which just so many more are; null when not enough ranks were told to say. Where
        // hubs hold some of a strain back, fewer may be there than are wanted: that is not all of the class.
        public uint? RankOf(int count)
        {
            if (count < _ranks.Count || _complete < uint.MaxValue)
            {
                return count < _ranks.Count && _ranks[count] <= _complete ? _ranks[count] : null;
            }

            int offered = Offered + Chosen - Known;
            return _ranks.Count >= Members - offered ? uint.MaxValue
                : _ranks.Count == 0 ? 0 : Math.Min(_ranks[^1], uint.MaxValue - 2) + 1;
        }

        private Tally And(ClassReport one)
        {
            var sum = new Tally(
                Members + one.Members,
                Chosen + one.Chosen,
                Offered + one.UnderWay + one.Active + one.RolledBack + one.Refused,
                Known + one.Chosen - one.Unknown,
                Proven + one.Proven,
                Bad + one.RolledBack + one.Refused,
                Hours + one.NodeHours,
                RolledBack + one.RolledBack,
                Seasoned + (one.Heard?.Seasoned ?? 0),
                Due + (one.Heard?.Due ?? 0))
            {
                _complete = _complete,
                _ranks = _ranks,
            };
            foreach (ulong rank in one.Ranks)
            {
                sum._ranks.Add((uint)Math.Min(uint.MaxValue, rank));
            }

            if (one.Ranks.Length == ClassReport.RanksMax)
            {
                sum._complete = Math.Min(_complete, (uint)Math.Min(uint.MaxValue, one.Ranks[^1]));
            }

            return sum;
        }
    }
}

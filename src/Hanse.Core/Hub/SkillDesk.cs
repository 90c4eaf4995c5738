using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Skills;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Hub;

/// <summary>What a node was ordered last of a rollout of one function, and what it has told of
/// it.</summary>
/// <param name="Order">The order.</param>
/// <param name="Report">What it told of that rollout; null while it has told nothing.</param>
/// <param name="Sequence">The number of the order on the node's link.</param>
public sealed record SkillErrand(SkillOrder Order, SkillReport? Report, ulong Sequence)
    : IShaped<SkillErrand>
{
    /// <summary>Whether the node has let it go for good. What nobody had confirmed in time it may have
    /// again.</summary>
    public bool IsOver => Report is { State: SkillState.RolledBack or SkillState.Refused } && !IsLapsed;

    /// <summary>Whether its authority was over before somebody confirmed it.</summary>
    public bool IsLapsed => Report is { Reason: SkillReason.Lapsed };

    /// <inheritdoc/>
    public static SkillErrand Shape<TCodec>(ref TCodec codec, SkillErrand? value)
        where TCodec : struct, ICodec
    {
        codec.Open("skillErrand", 3);
        SkillOrder order = SkillOrder.Shape(ref codec, value?.Order);
        SkillReport? report = codec.Optional("report", value?.Report);
        ulong sequence = codec.Count("sequence", value?.Sequence ?? 0);
        codec.Close();
        return value ?? new SkillErrand(order, report, sequence);
    }
}

/// <summary>The part of a hub that relays rollouts: which release each of its nodes is to run, and what
/// became of it.</summary>
/// <remarks>
/// It decides nothing about a rollout. Who is chosen follows from the thresholds that the strategic layer
/// tells; the desk says so to nodes when they call, renews their authority when half of it is used up, calls
/// back what was stopped, and adds up. What a node says of itself is told on; what counts as run is what its
/// accepted journal names in its manifest.
/// <para>
/// Of several rollouts of a function the latest that has chosen a node is its own. Rollouts of different
/// functions have nothing to do with each other: a node has an errand for each. A release that a node has let
/// go is not ordered again.
/// </para>
/// <para>
/// Of a strain, nodes of a class and a generation, no more are ordered a release than its rollout allows
/// while the class is not complete: those of lowest rank, so a release that breaks what a strain has in
/// common does not take all of it.
/// </para>
/// <para>
/// A rollout is also what authorises nodes to run its release (<see cref="Approve"/>): from when it was
/// ordered, until the hub knows that the node has let it go or has heard that it is called back. A node that
/// was out of reach when that was said has decided by it in good faith.
/// </para>
/// </remarks>
internal sealed class SkillDesk
{
    private readonly SortedDictionary<uint, RolloutTold> _rollouts = [];
    private readonly SortedDictionary<(NodeId Node, SkillFunction Function), SkillErrand> _errands = [];

    // When it was heard that a node has let a release go, or knows that it is called back.
    private readonly SortedDictionary<(NodeId Node, uint Rollout), Instant> _over = [];

    /// <summary>Rollouts, by number.</summary>
    public IReadOnlyDictionary<uint, RolloutTold> Rollouts => _rollouts;

    /// <summary>What each node was ordered last of each function.</summary>
    public IReadOnlyDictionary<(NodeId Node, SkillFunction Function), SkillErrand> Errands => _errands;

    /// <summary>What a release decides, if a rollout has brought it.</summary>
    public SkillFunction? FunctionOf(Digest release)
    {
        foreach (RolloutTold told in _rollouts.Values)
        {
            if (Digest.From(told.Release) == release)
            {
                return told.Function;
            }
        }

        return null;
    }

    /// <summary>Whether it can be taken: there is room, and what was ordered is what was ordered
    /// before.</summary>
    public bool Takes(RolloutTold told) => _rollouts.TryGetValue(told.Rollout, out RolloutTold? known)
        ? known.At == told.At && known.Function == told.Function && known.Release.AsSpan().SequenceEqual(
            told.Release)
        : _rollouts.Count < RolloutTold.RolloutsMax;

    /// <summary>Whether something is news. A rollout is of one function for good.</summary>
    public bool IsNews(RolloutTold told) =>
        !_rollouts.TryGetValue(told.Rollout, out RolloutTold? known)
        || (known.Sequence < told.Sequence && known.Function == told.Function);

    /// <summary>What rollouts authorise a node to run, by its own clock.</summary>
    /// <remarks>All hubs are told of all rollouts, so a node that comes from another region brings nothing
    /// that is not known here. What that hub had told it of a call back is not known, so for such a node a
    /// release stays approved until this hub hears that it is let go.</remarks>
    /// <param name="node">Who.</param>
    /// <param name="kind">What it is: a release is for the groups that are named.</param>
    /// <param name="isNative">Whether it was never another hub's.</param>
    /// <param name="margin">How far its clock may be from others.</param>
    public ImmutableArray<Approval> Approve(
        NodeId node, MachineKind kind, bool isNative, TimeSpan margin)
    {
        ImmutableArray<Approval>.Builder approvals = ImmutableArray.CreateBuilder<Approval>();
        foreach ((uint number, RolloutTold told) in _rollouts)
        {
            bool isOver = _over.TryGetValue((node, number), out Instant heard);
            bool isOffered = isOver || !isNative || _errands.ContainsKey((node, told.Function));
            if (Of(told, kind) is { } part && (isOffered || part.State != ClassState.Stopped))
            {
                approvals.Add(new Approval(
                    told.Function == SkillFunction.Core ? SoftwareClass.Core : SoftwareClass.Skill,
                    Digest.From(told.Release),
                    Instant.Max(Instant.Epoch, told.At - margin),
                    isOver ? heard + margin : Instant.Never));
            }
        }

        return approvals.ToImmutable();
    }

    /// <summary>What a node that calls is to be told of one of its functions, if anything.</summary>
    /// <param name="now">The time.</param>
    /// <param name="node">Who.</param>
    /// <param name="function">Of which function.</param>
    /// <param name="roster">All nodes, this one among them.</param>
    /// <param name="manifest">What it runs, as far as its journal is accepted.</param>
    public SkillOrder? OrderFor(
        Instant now, NodeId node, SkillFunction function, IReadOnlyDictionary<NodeId, RosterEntry> roster,
        ImmutableArray<Digest> manifest)
    {
        MachineKind kind = roster[node].Kind;
        SkillErrand? errand = _errands.GetValueOrDefault((node, function));
        if (errand is not null && (errand.Order.At >= now.FloorSecond
            || (errand.Order.IsWithdrawn && !_over.ContainsKey((node, errand.Order.Rollout)))))
        {
            return null; // One order a second is taken, and a later one makes an old story of a call back.
        }

        foreach (uint number in Descending())
        {
            RolloutTold told = _rollouts[number];
            if (told.Function != function)
            {
                continue;
            }

            bool isIts = errand is not null && errand.Order.Rollout == number;
            if (Of(told, kind) is not { } part)
            {
                continue;
            }

            if (part.State == ClassState.Stopped)
            {
                if (isIts && !errand!.Order.IsWithdrawn && !errand.IsOver)
                {
                    return errand.Order with { At = now.FloorSecond, IsWithdrawn = true };
                }

                if (errand is null && manifest.Contains(Digest.From(told.Release)))
                {
                    // It came from another hub with it.
                    return NewOrder(now, told, part) with { IsWithdrawn = true };
                }

                continue;
            }

            bool isChosen = part.State == ClassState.Complete || isIts
                || (part.State == ClassState.Running && IsChosen(part, node, number)
                    && (!IsCapped(told) || Eligible(now, told, part, roster).Contains(node)));
            if (isChosen)
            {
                return isIts ? Renewed(now, told, part, errand!) : NewOrder(now, told, part);
            }
        }

        return null;
    }

    /// <summary>How a rollout stands with the nodes of this hub.</summary>
    /// <param name="now">The time.</param>
    /// <param name="told">The rollout.</param>
    /// <param name="roster">The nodes.</param>
    /// <param name="manifestOf">What a node runs, as far as its journal is accepted.</param>
    public RolloutReport Report(
        Instant now, RolloutTold told, IReadOnlyDictionary<NodeId, RosterEntry> roster,
        Func<NodeId, ImmutableArray<Digest>> manifestOf)
    {
        Digest release = Digest.From(told.Release);
        ImmutableArray<ClassReport>.Builder classes = ImmutableArray.CreateBuilder<ClassReport>();
        foreach (RolloutClass part in told.Classes)
        {
            var sum = new ClassReport(
                part.Class, 0, 0, 0, 0, 0, 0, 0, 0, 0, [],
                told.Each is null ? null : new ClassHeard(0, 0));
            var ranks = new SortedSet<(ulong Rank, NodeId Node)>();
            bool isCapped = IsCapped(told) && part.State != ClassState.Complete;
            SortedSet<NodeId>? eligible = isCapped ? Eligible(now, told, part, roster) : null;
            foreach (KeyValuePair<NodeId, RosterEntry> entry in roster)
            {
                if (!part.Group.Has(entry.Value.Kind) || entry.Value.HasLeft)
                {
                    continue;
                }

                bool isEligible = eligible?.Contains(entry.Key) ?? true;
                sum = Add(sum, now, part, told, release, entry.Key, entry.Value, isEligible, manifestOf);
                if (part.State == ClassState.Running && isEligible
                    && ErrandOf(entry.Key, told.Rollout) is null)
                {
                    _ = ranks.Add((RolloutTold.Rank(entry.Key, told.Rollout), entry.Key));
                    if (ranks.Count > ClassReport.RanksMax)
                    {
                        _ = ranks.Remove(ranks.Max);
                    }
                }
            }

            ImmutableArray<ulong>.Builder lowest = ImmutableArray.CreateBuilder<ulong>();
            foreach ((ulong rank, _) in ranks)
            {
                lowest.Add(rank);
            }

            classes.Add(sum with { Ranks = lowest.ToImmutable() });
        }

        return new RolloutReport(told.Rollout, told.Sequence, classes.ToImmutable());
    }

    /// <summary>Whether what a node tells is of what it was ordered.</summary>
    public bool Hears(NodeId node, SkillReport report) => ErrandOf(node, report.Rollout) is not null;

    /// <summary>Applies what the strategic layer told.</summary>
    public void Apply(RolloutTold told) => _rollouts[told.Rollout] = told;

    /// <summary>Applies an order to a node.</summary>
    /// <param name="node">Who.</param>
    /// <param name="order">What.</param>
    /// <param name="sequence">Its number on the node's link.</param>
    public void Apply(NodeId node, SkillOrder order, ulong sequence)
    {
        SkillErrand? last = _errands.GetValueOrDefault((node, order.Function));
        bool isMore = last is not null && last.Order.Rollout == order.Rollout && !last.IsLapsed;
        var errand = new SkillErrand(order, isMore ? last!.Report : null, sequence);
        _errands[(node, order.Function)] = errand;
        if (!order.IsWithdrawn && !errand.IsOver)
        {
            _ = _over.Remove((node, order.Rollout));
        }
    }

    /// <summary>Applies what a node told.</summary>
    /// <param name="node">Who.</param>
    /// <param name="report">What.</param>
    /// <param name="at">When that was heard, by the hub's clock.</param>
    public void Apply(NodeId node, SkillReport report, Instant at)
    {
        (NodeId, SkillFunction) key = (node, _rollouts[report.Rollout].Function);
        SkillErrand errand = _errands[key] with { Report = report };
        _errands[key] = errand;
        if (errand.IsOver)
        {
            _ = _over.TryAdd((node, report.Rollout), at);
        }
    }

    /// <summary>A node says what it has.</summary>
    public void Apply(NodeId node, LinkFact.Taken taken)
    {
        foreach (SkillFunction function in SkillContract.Functions)
        {
            if (_errands.TryGetValue((node, function), out SkillErrand? errand) && errand.Order.IsWithdrawn
                && taken.Acked.Contains(errand.Sequence))
            {
                _ = _over.TryAdd((node, errand.Order.Rollout), taken.At);
            }
        }
    }

    /// <summary>A node belongs elsewhere.</summary>
    public void Forget(NodeId node)
    {
        foreach (SkillFunction function in SkillContract.Functions)
        {
            _ = _errands.Remove((node, function));
        }

        foreach (uint rollout in _rollouts.Keys)
        {
            _ = _over.Remove((node, rollout));
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("skillDesk", 3);
        codec.Table(
            "rollouts",
            _rollouts,
            static (ref TCodec c, uint key) => (uint)c.Integer("rollout", key, 0, uint.MaxValue),
            static (ref TCodec c, RolloutTold value) => RolloutTold.Shape(ref c, value));
        codec.Table(
            "errands",
            _errands,
            static (ref TCodec c, (NodeId Node, SkillFunction Function) key) =>
            {
                c.Open("errandKey", 2);
                NodeId node = c.Node("node", key.Node);
                SkillFunction function = SkillFields.Function(ref c, key.Function);
                c.Close();
                return (node, function);
            },
            static (ref TCodec c, SkillErrand value) => SkillErrand.Shape(ref c, value));
        codec.Table(
            "over",
            _over,
            static (ref TCodec c, (NodeId Node, uint Rollout) key) =>
                (c.Node("node", key.Node), (uint)c.Integer("rollout", key.Rollout, 0, uint.MaxValue)),
            static (ref TCodec c, Instant value) => c.Moment("at", value));
        codec.Close();
    }

    private ClassReport Add(
        ClassReport sum, Instant now, RolloutClass part, RolloutTold told, Digest release, NodeId node,
        RosterEntry entry, bool isEligible, Func<NodeId, ImmutableArray<Digest>> manifestOf)
    {
        SkillErrand? errand = ErrandOf(node, told.Rollout);
        SkillState? state = errand?.Report?.State;
        bool isRun = state is SkillState.Active or SkillState.Settled;
        bool isSilent = errand is not null && !errand.IsOver
            && (errand.IsLapsed || entry.SilenceAt(now) == Silence.Late);
        bool isProven = isRun && manifestOf(node).Contains(release);

        // A node that calls and has not let it go runs it still: nothing else is reported than what changes.
        TimeSpan run = isProven ? entry.Link.LastHeard - errand!.Report!.Since : TimeSpan.Zero;
        return sum with
        {
            Members = sum.Members + 1,
            Chosen = sum.Chosen
                + (errand is not null || (isEligible && IsChosen(part, node, told.Rollout)) ? 1 : 0),
            UnderWay = sum.UnderWay + (errand is not null && !isSilent && !isRun && !errand.IsOver ? 1 : 0),
            Active = sum.Active + (isRun && !isSilent ? 1 : 0),
            Proven = sum.Proven + (isProven && !isSilent ? 1 : 0),
            RolledBack = sum.RolledBack
                + (errand is { IsOver: true } && state == SkillState.RolledBack ? 1 : 0),
            Refused = sum.Refused + (errand is { IsOver: true } && state == SkillState.Refused ? 1 : 0),
            Unknown = sum.Unknown + (isSilent ? 1 : 0),
            NodeHours = sum.NodeHours + Math.Max(0, run.Ticks / TimeSpan.TicksPerHour),
            Heard = sum.Heard is { } heard && told.Each is { } each
                ? new ClassHeard(
                    heard.Seasoned + (isProven && !isSilent && run >= each ? 1 : 0),
                    heard.Due + (errand is { IsOver: false } && !isSilent && IsDue(now, errand, entry, each)
                        ? 1 : 0))
                : null,
        };
    }

    // Whether it has had a whole window since it has run it for so long, or since it could have, while it has
    // not told that it runs it.
    private static bool IsDue(Instant now, SkillErrand errand, RosterEntry entry, TimeSpan each)
    {
        bool isRun = errand.Report is { State: SkillState.Active or SkillState.Settled };
        Instant ripe = (isRun ? errand.Report!.Since : errand.Order.At) + each;
        return now >= ripe && now >= entry.Link.Plan.NextOpening(ripe) + entry.Link.Plan.Length;
    }

    private static bool IsCapped(RolloutTold told) => told.Strain.Value < 1_000_000;

    // Of each strain of a class those of lowest rank who were not ordered it, as many as there is room for
    // beside those who were, whatever became of them: a machine that has fallen silent may have done so for
    // this. Who is late holds nobody's place, since it does not call.
    private SortedSet<NodeId> Eligible(
        Instant now, RolloutTold told, RolloutClass part, IReadOnlyDictionary<NodeId, RosterEntry> roster)
    {
        var strains = new SortedDictionary<(int Class, int Generation), (int Size, int Ordered)>();
        var waiting = new SortedSet<(int Class, int Generation, uint Rank, NodeId Node)>();
        foreach ((NodeId node, RosterEntry entry) in roster)
        {
            if (!part.Group.Has(entry.Kind) || entry.HasLeft)
            {
                continue;
            }

            bool isOrdered = ErrandOf(node, told.Rollout) is not null;
            (int size, int ordered) = strains.GetValueOrDefault((entry.Class, entry.Generation));
            strains[(entry.Class, entry.Generation)] = (size + 1, ordered + (isOrdered ? 1 : 0));
            if (!isOrdered && entry.SilenceAt(now) == Silence.Expected)
            {
                _ = waiting.Add(
                    (entry.Class, entry.Generation, RolloutTold.Rank(node, told.Rollout), node));
            }
        }

        var eligible = new SortedSet<NodeId>();
        foreach ((int one, int generation, _, NodeId node) in waiting)
        {
            (int size, int taken) = strains[(one, generation)];
            if (taken < CapOf(size, told.Strain))
            {
                strains[(one, generation)] = (size, taken + 1);
                _ = eligible.Add(node);
            }
        }

        return eligible;
    }

    private static int CapOf(int size, PartsPerMillion share) =>
        (int)Math.Max(1, (long)size * share.Value / 1_000_000);

    // Null when it was last ordered something of another rollout of the function, or nothing.
    private SkillErrand? ErrandOf(NodeId node, uint rollout) =>
        _rollouts.TryGetValue(rollout, out RolloutTold? told)
        && _errands.GetValueOrDefault((node, told.Function)) is { } errand && errand.Order.Rollout == rollout
            ? errand : null;

    private uint[] Descending()
    {
        uint[] numbers = [.. _rollouts.Keys];
        Array.Reverse(numbers);
        return numbers;
    }

    private static bool IsChosen(RolloutClass part, NodeId node, uint rollout) =>
        part.Threshold == uint.MaxValue || RolloutTold.Rank(node, rollout) < part.Threshold;

    private static RolloutClass? Of(RolloutTold told, MachineKind kind)
    {
        foreach (RolloutClass part in told.Classes)
        {
            if (part.Group.Has(kind))
            {
                return part;
            }
        }

        return null;
    }

    private static SkillOrder NewOrder(Instant now, RolloutTold told, RolloutClass part) => new(
        told.Rollout, now.FloorSecond, told.Function, told.Abi, told.Release, told.Length, IsWithdrawn: false,
        UntilOf(now, told, part), told.Trial);

    // For good when all have it; else again before it lapses.
    private static SkillOrder? Renewed(Instant now, RolloutTold told, RolloutClass part, SkillErrand errand)
    {
        SkillOrder last = errand.Order;
        if (errand.IsLapsed)
        {
            return NewOrder(now, told, part);
        }

        if (errand.IsOver || last.IsWithdrawn || last.IsForGood)
        {
            return null;
        }

        Instant until = UntilOf(now, told, part);
        return until == SkillOrder.Forever || last.Until < now + (told.Authority / 2)
            ? last with { At = now.FloorSecond, Until = until } : null;
    }

    private static Instant UntilOf(Instant now, RolloutTold told, RolloutClass part) =>
        part.State == ClassState.Complete ? SkillOrder.Forever : (now + told.Authority).FloorSecond;
}

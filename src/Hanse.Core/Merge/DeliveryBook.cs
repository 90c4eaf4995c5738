using System;
using System.Collections.Generic;
using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Merge;

/// <summary>What became of a scale's word.</summary>
public enum WeighVerdict
{
    /// <summary>It is new, and waits for the settlement.</summary>
    Taken,

    /// <summary>Heard before.</summary>
    Repeated,

    /// <summary>Another word about the same docking was heard; the lesser stands, or, once settled, the
    /// first.</summary>
    Contradicted,

    /// <summary>The depot's dockings up to that number are history.</summary>
    History,

    /// <summary>No room; settle and prune first. It is not lost: who sent it sends it again.</summary>
    Full,
}

/// <summary>Deliveries: awarded work, what scales measured, what journals tell of it, and what was paid once
/// for each.</summary>
/// <remarks>
/// The word of a scale may come from the depot or, as a receipt, with the journal of the node, in either
/// order and more than once; a docking's number makes it one. Nothing is paid when it is heard: all that is
/// new is settled together, in order of docking time and number, so that what two late deliveries get of the
/// same open remainder does not depend on which node came home first. Invariants: for each bounty total =
/// delivered + under contract + open and escrow = paid + promised + left, none of them negative; a docking
/// is settled once; a contract is paid for once, for at most what it held.
/// </remarks>
/// <param name="record">Persists a fact and applies it.</param>
public sealed class DeliveryBook(Action<DeliveryFact> record)
{
    /// <summary>Most dockings, told or weighed, that are not history.</summary>
    public const int DockingsMax = 200_000;

    private readonly SortedDictionary<BountyId, BountyLine> _bounties = [];
    private readonly SortedDictionary<ContractId, Allotment> _allotments = [];
    private readonly SortedDictionary<(DockingId Docking, NodeId Node), Docking> _dockings = [];
    private readonly SortedDictionary<(DockingId Docking, NodeId Node), (Commodity Commodity, Grams Mass)>
        _told = [];

    private readonly SortedDictionary<NodeId, Credits> _earned = [];

    // Dockings of a depot up to this number are settled and forgotten.
    private readonly SortedDictionary<DepotId, ulong> _history = [];

    // What nodes have given away by their journals: as weighed where it was weighed as theirs, else as told.
    private readonly SortedDictionary<(NodeId Node, Commodity Commodity), Grams> _outflow = [];

    // Derived: dockings that wait for their settlement, in its order.
    private readonly SortedSet<(Instant At, DockingId Docking, NodeId Node)> _waiting = [];

    // Derived: whose weighing stands for a docking.
    private readonly SortedDictionary<DockingId, NodeId> _counted = [];

    /// <summary>All bounties, in order.</summary>
    public IEnumerable<KeyValuePair<BountyId, BountyLine>> Bounties => _bounties;

    /// <summary>All dockings that are not history, in order.</summary>
    public IEnumerable<KeyValuePair<(DockingId Docking, NodeId Node), Docking>> Dockings => _dockings;

    /// <summary>What nodes have earned, in order.</summary>
    public IEnumerable<KeyValuePair<NodeId, Credits>> Earned => _earned;

    /// <summary>What journals tell of dockings, in order.</summary>
    public IEnumerable<KeyValuePair<(DockingId Docking, NodeId Node), (Commodity Commodity, Grams Mass)>>
        Told => _told;

    /// <summary>The work of a contract, if it is known.</summary>
    public Allotment? Find(ContractId contract) => _allotments.GetValueOrDefault(contract);

    /// <summary>A docking of a node, if it was weighed.</summary>
    public Docking? Find(DockingId docking, NodeId node) => _dockings.GetValueOrDefault((docking, node));

    /// <summary>Whose weighing has been counted for a docking; null when none has.</summary>
    public NodeId? CountedFor(DockingId docking) =>
        _counted.TryGetValue(docking, out NodeId node) ? node : null;

    /// <summary>Whether a node's journal has told of a docking already, or it is history.</summary>
    public bool IsTold(DockingId docking, NodeId node) =>
        _told.ContainsKey((docking, node)) || IsHistory(docking);

    /// <summary>Puts a bounty into the book; one that is there is left alone.</summary>
    public void Post(BountyId bounty, Grams total, Credits escrow)
    {
        if (!_bounties.ContainsKey(bounty))
        {
            record(new DeliveryFact.Posted(bounty, total, escrow));
        }
    }

    /// <summary>Gives a node part of a bounty.</summary>
    /// <returns>False when so much is not open, its price is not left, or the contract is known.</returns>
    public bool Allot(Allotment allotment)
    {
        if (_allotments.ContainsKey(allotment.Contract)
            || !_bounties.TryGetValue(allotment.Bounty, out BountyLine? line)
            || allotment.Quantity <= Grams.Zero
            || allotment.Quantity > line.Open
            || allotment.Price > line.Left)
        {
            return false;
        }

        record(new DeliveryFact.Allotted(allotment with { Status = AllotmentStatus.Live }));
        return true;
    }

    /// <summary>Takes work back; nothing happens when it is not live.</summary>
    public void Recall(ContractId contract)
    {
        if (Find(contract) is { Status: AllotmentStatus.Live })
        {
            record(new DeliveryFact.Recalled(contract));
        }
    }

    /// <summary>Takes a scale's word.</summary>
    public WeighVerdict Weigh(Weighing weighing)
    {
        if (Find(weighing.Docking, weighing.Node) is not { } known)
        {
            WeighVerdict verdict = IsHistory(weighing.Docking) ? WeighVerdict.History
                : _dockings.Count >= DockingsMax ? WeighVerdict.Full
                : WeighVerdict.Taken;
            if (verdict == WeighVerdict.Taken)
            {
                record(new DeliveryFact.Weighed(weighing));
            }

            return verdict;
        }

        if (weighing.CompareTo(known.Weighing) < 0 && known.As is null)
        {
            record(new DeliveryFact.Weighed(weighing));
        }

        return weighing == known.Weighing ? WeighVerdict.Repeated : WeighVerdict.Contradicted;
    }

    /// <summary>Takes a journal's word.</summary>
    /// <returns>False when it was told before, or there is no room.</returns>
    public bool Tell(NodeId node, DeliveryClaim claim)
    {
        if (IsTold(claim.Docking, node) || _told.Count >= DockingsMax)
        {
            return false;
        }

        record(new DeliveryFact.Told(node, claim.Docking, claim.Commodity, claim.Claimed));
        return true;
    }

    /// <summary>Settles all that is new, by docking time; returns the conflicts met, in that order.</summary>
    public IReadOnlyList<Conflict> Settle()
    {
        var conflicts = new List<Conflict>();
        foreach ((_, DockingId docking, NodeId node) in
            new List<(Instant At, DockingId Docking, NodeId Node)>(_waiting))
        {
            Weighing weighing = _dockings[(docking, node)].Weighing;
            DeliveryFact.Settled settled = Judge(weighing);
            record(settled);
            if (settled.As != SettledAs.InTime)
            {
                conflicts.Add(ConflictOf(weighing, settled));
            }
        }

        return conflicts;
    }

    /// <summary>Makes a depot's dockings up to a number history; nothing happens while one of them waits for
    /// its settlement.</summary>
    public void Prune(DepotId depot, ulong through)
    {
        foreach (((DockingId docking, _), Docking known) in _dockings)
        {
            if (docking.Depot == depot && docking.Number <= through && known.As is null)
            {
                return;
            }
        }

        if (through > _history.GetValueOrDefault(depot))
        {
            record(new DeliveryFact.Pruned(depot, through));
        }
    }

    /// <summary>What a node has given away of a commodity by its journal: as weighed where it was weighed as
    /// its own, else as told.</summary>
    public Grams Outflow(NodeId node, Commodity commodity) => _outflow.GetValueOrDefault((node, commodity));

    /// <summary>Applies one remembered fact.</summary>
    public void Apply(DeliveryFact fact)
    {
        switch (fact)
        {
            case DeliveryFact.Posted(var bounty, var total, var escrow):
                _bounties.Add(bounty, new BountyLine(total, escrow, default, default, default, default));
                break;
            case DeliveryFact.Allotted(var allotment):
                _allotments.Add(allotment.Contract, allotment);
                Move(allotment.Bounty, default, allotment.Quantity, default, allotment.Price);
                break;
            case DeliveryFact.Recalled(var contract):
                Allotment back = _allotments[contract];
                _allotments[contract] = back with { Status = AllotmentStatus.Recalled };
                Move(back.Bounty, default, default(Grams) - back.Quantity, default, -back.Price);
                break;
            case DeliveryFact.Weighed(var weighing):
                ApplyWeighed(weighing);
                break;
            case DeliveryFact.Told(var node, var docking, var commodity, var mass):
                _told.Add((docking, node), (commodity, mass));
                Flow(node, commodity, Believed(docking, node, mass));
                break;
            case DeliveryFact.Settled settled:
                ApplySettled(settled);
                break;
            case DeliveryFact.Pruned(var depot, var through):
                ApplyPruned(depot, through);
                break;
            default:
                throw new UnreachableException($"no rule for {fact}");
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("deliveries", 7);
        codec.Table(
            "bounties",
            _bounties,
            static (ref TCodec c, BountyId key) => c.Bounty("bounty", key),
            static (ref TCodec c, BountyLine value) => BountyLine.Shape(ref c, value));
        codec.Table(
            "allotments",
            _allotments,
            static (ref TCodec c, ContractId key) => c.Contract("contract", key),
            static (ref TCodec c, Allotment value) => Allotment.Shape(ref c, value));
        codec.Table(
            "dockings",
            _dockings,
            static (ref TCodec c, (DockingId Docking, NodeId Node) key) => ShapeKey(ref c, key),
            static (ref TCodec c, Docking value) => Docking.Shape(ref c, value));
        codec.Table(
            "told",
            _told,
            static (ref TCodec c, (DockingId Docking, NodeId Node) key) => ShapeKey(ref c, key),
            static (ref TCodec c, (Commodity Commodity, Grams Mass) value) =>
            {
                c.Open("cargo", 2);
                var commodity = (Commodity)c.Integer("commodity", (long)value.Commodity, 1, 4);
                Grams mass = c.Mass("mass", value.Mass);
                c.Close();
                return (commodity, mass);
            });
        codec.Table(
            "earned",
            _earned,
            static (ref TCodec c, NodeId key) => c.Node("node", key),
            static (ref TCodec c, Credits value) => c.Money("credits", value));
        codec.Table(
            "history",
            _history,
            static (ref TCodec c, DepotId key) => c.Depot("depot", key),
            static (ref TCodec c, ulong value) =>
                (ulong)c.Integer("through", (long)value, 0, long.MaxValue));
        codec.Table(
            "outflow",
            _outflow,
            static (ref TCodec c, (NodeId Node, Commodity Commodity) key) =>
            {
                c.Open("of", 2);
                NodeId node = c.Node("node", key.Node);
                var commodity = (Commodity)c.Integer("commodity", (long)key.Commodity, 1, 4);
                c.Close();
                return (node, commodity);
            },
            static (ref TCodec c, Grams value) => c.Mass("mass", value));
        codec.Close();
        if (codec.IsReading)
        {
            _waiting.Clear();
            _counted.Clear();
            foreach (Docking docking in _dockings.Values)
            {
                Index(docking);
            }
        }
    }

    /// <summary>What a docking took from a node: the scale's word if it is about that node, else the
    /// node's.</summary>
    internal Grams Believed(DockingId docking, NodeId node, Grams told) =>
        Find(docking, node) is { } known ? known.Weighing.Mass : told;

    private static (DockingId Docking, NodeId Node) ShapeKey<TCodec>(
        ref TCodec codec, (DockingId Docking, NodeId Node) key)
        where TCodec : struct, ICodec
    {
        codec.Open("by", 2);
        DockingId docking = DockingId.Shape(ref codec, key.Docking);
        NodeId node = codec.Node("node", key.Node);
        codec.Close();
        return (docking, node);
    }

    private bool IsHistory(DockingId docking) =>
        _history.TryGetValue(docking.Depot, out ulong through) && docking.Number <= through;

    private DeliveryFact.Settled Judge(Weighing weighing)
    {
        Allotment? work = Find(weighing.Contract);
        if (work is null || work.Node != weighing.Node || work.Epoch != weighing.Epoch)
        {
            return As(SettledAs.Orphan, default, default);
        }

        if (work.Status == AllotmentStatus.Delivered || _counted.ContainsKey(weighing.Docking))
        {
            return As(SettledAs.Twice, default, default);
        }

        BountyLine line = _bounties[work.Bounty];
        Grams counted = Grams.Min(weighing.Mass, work.Quantity);
        if (work.Status == AllotmentStatus.Live)
        {
            return As(SettledAs.InTime, counted, work.Price.ForPart(counted, work.Quantity));
        }

        // Late: only what nobody has delivered or holds, and only credits that are promised to nobody.
        counted = Grams.Min(counted, line.Open);
        Credits worth = Credits.Min(work.Price.ForPart(counted, work.Quantity), line.Left);
        return As(SettledAs.Late, counted, worth);

        DeliveryFact.Settled As(SettledAs how, Grams counted, Credits paid) =>
            new(weighing.Docking, weighing.Node, how, counted, paid);
    }

    private Conflict ConflictOf(Weighing weighing, DeliveryFact.Settled settled)
    {
        (ConflictKind kind, MergeRule rule) = settled.As switch
        {
            SettledAs.Late => (ConflictKind.LateDelivery, MergeRule.LateIsRecognised),
            SettledAs.Twice => (ConflictKind.CountedTwice, MergeRule.ScaleCounts),
            _ => (ConflictKind.StaleLease, MergeRule.EpochFences),
        };
        Allotment? work = Find(weighing.Contract);
        return new Conflict(
            kind,
            weighing.Contract.Value,
            new ConflictClaim(weighing.Node, weighing.Epoch, weighing.Mass.Value),
            new ConflictClaim(
                work?.Node ?? weighing.Node, work?.Epoch ?? default, settled.Counted.Value),
            rule,
            settled.As == SettledAs.Late);
    }

    // A new word about a docking changes what its node is believed to have given away.
    private void ApplyWeighed(Weighing weighing)
    {
        (DockingId Docking, NodeId Node) key = (weighing.Docking, weighing.Node);
        if (Find(key.Docking, key.Node) is { } known)
        {
            _ = _waiting.Remove((known.Weighing.At, key.Docking, key.Node));
        }

        if (_told.TryGetValue(key, out (Commodity Commodity, Grams Mass) told))
        {
            Flow(key.Node, told.Commodity, weighing.Mass - Believed(key.Docking, key.Node, told.Mass));
        }

        _dockings[key] = new Docking(weighing, null, default, default);
        Index(_dockings[key]);
    }

    private void Index(Docking docking)
    {
        Weighing weighing = docking.Weighing;
        if (docking.As is null)
        {
            _ = _waiting.Add((weighing.At, weighing.Docking, weighing.Node));
        }
        else if (docking.IsCounted)
        {
            _counted.Add(weighing.Docking, weighing.Node);
        }
    }

    private void Flow(NodeId node, Commodity commodity, Grams mass) =>
        _outflow[(node, commodity)] = Outflow(node, commodity) + mass;

    private void ApplySettled(DeliveryFact.Settled settled)
    {
        Docking known = _dockings[(settled.Docking, settled.Node)];
        bool wasWaiting = _waiting.Remove((known.Weighing.At, settled.Docking, settled.Node));
        Invariant.Holds(wasWaiting);
        known = known with { As = settled.As, Counted = settled.Counted, Paid = settled.Paid };
        _dockings[(settled.Docking, settled.Node)] = known;
        Index(known);
        if (!known.IsCounted)
        {
            return;
        }

        Allotment work = _allotments[known.Weighing.Contract];
        _allotments[work.Contract] = work with { Status = AllotmentStatus.Delivered };
        if (settled.As == SettledAs.InTime)
        {
            Move(work.Bounty, settled.Counted, default(Grams) - work.Quantity, settled.Paid, -work.Price);
        }
        else
        {
            Move(work.Bounty, settled.Counted, default, settled.Paid, default);
        }

        if (settled.Paid > Credits.Zero)
        {
            _earned[work.Node] = _earned.GetValueOrDefault(work.Node) + settled.Paid;
        }
    }

    private void ApplyPruned(DepotId depot, ulong through)
    {
        _history[depot] = through;
        foreach ((DockingId docking, NodeId node) in
            new List<(DockingId Docking, NodeId Node)>(_told.Keys))
        {
            if (docking.Depot == depot && docking.Number <= through)
            {
                _ = _told.Remove((docking, node));
            }
        }

        foreach ((DockingId docking, NodeId node) in
            new List<(DockingId Docking, NodeId Node)>(_dockings.Keys))
        {
            if (docking.Depot == depot && docking.Number <= through)
            {
                _ = _dockings.Remove((docking, node));
                _ = _counted.Remove(docking);
            }
        }
    }

    private void Move(BountyId bounty, Grams delivered, Grams under, Credits paid, Credits promised)
    {
        BountyLine line = _bounties[bounty];
        line = line with
        {
            Delivered = line.Delivered + delivered,
            UnderContract = line.UnderContract + under,
            Paid = line.Paid + paid,
            Promised = line.Promised + promised,
        };
        Invariant.Holds(line.Open >= Grams.Zero && line.UnderContract >= Grams.Zero);
        Invariant.Holds(line.Left >= Credits.Zero && line.Promised >= Credits.Zero);
        _bounties[bounty] = line;
    }
}

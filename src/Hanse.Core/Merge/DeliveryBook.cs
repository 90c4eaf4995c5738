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

    /// <summary>The docking was settled and told, and is forgotten.</summary>
    History,

    /// <summary>No room: settle first. It is not lost: who sent it sends it again.</summary>
    Full,
}

/// <summary>Dockings: what scales measured, what journals tell of it, and that each is settled
/// once.</summary>
/// <remarks>
/// The word of a scale may come from the depot or, as a receipt, with the journal of the node, in either
/// order and more than once; a docking's number makes it one. Nothing is settled when it is heard: all that
/// is new is settled together, in order of docking time, node and number, so that what two late deliveries
/// get of the same open remainder does not depend on which node came home first. What counts and is paid is
/// the market's rule (<see cref="IAwards"/>), which keeps the only book of bounties and awards. Invariants:
/// a docking is settled once; one that is settled and told is forgotten (<see cref="NodeDockings"/>), so the
/// book is as large as what happened between two returns of each node.
/// </remarks>
/// <param name="awards">The market.</param>
/// <param name="record">Persists a fact and applies it.</param>
public sealed class DeliveryBook(IAwards awards, Action<DeliveryFact> record)
{
    /// <summary>Most dockings of a node that are weighed and not told, and as many told and not weighed; then
    /// the oldest of them makes room.</summary>
    public const int DockingsMax = NodeDockings.Max;

    private readonly SortedDictionary<NodeId, NodeDockings> _nodes = [];

    // Derived: dockings that wait for their settlement, in its order.
    private readonly SortedSet<(Instant At, DockingId Docking)> _waiting = [];

    /// <summary>Dockings with one half here, weighed or told: what the book has to hold.</summary>
    public int Count
    {
        get
        {
            int count = 0;
            foreach (NodeDockings node in _nodes.Values)
            {
                count += node.Weighed.Count + node.Told.Count;
            }

            return count;
        }
    }

    /// <summary>A docking, if it was weighed and is not forgotten.</summary>
    public Docking? Find(DockingId docking) => Of(docking.Node)?.Weighed.GetValueOrDefault(docking.Number);

    /// <summary>What the journal told of a docking that is not settled.</summary>
    public ToldCargo? Told(DockingId docking) => Of(docking.Node)?.Told.GetValueOrDefault(docking.Number);

    /// <summary>Whether a node's journal has told of a docking already, or of a later one.</summary>
    public bool IsTold(DockingId docking) => Of(docking.Node)?.IsTold(docking.Number) ?? false;

    /// <summary>What a node has given away of a commodity by its journal: as weighed where it was weighed,
    /// else as told.</summary>
    public Grams Outflow(NodeId node, Commodity commodity) =>
        Of(node)?.Outflow.GetValueOrDefault(commodity) ?? Grams.Zero;

    /// <summary>Takes a scale's word.</summary>
    public WeighVerdict Weigh(Weighing weighing)
    {
        if (Find(weighing.Docking) is { } known)
        {
            if (weighing.CompareTo(known.Weighing) < 0 && known.As is null)
            {
                record(new DeliveryFact.Weighed(weighing));
            }

            return weighing == known.Weighing ? WeighVerdict.Repeated : WeighVerdict.Contradicted;
        }

        NodeDockings? node = Of(weighing.Docking.Node);
        if (node is not null && node.IsHistory(weighing.Docking.Number))
        {
            return WeighVerdict.History;
        }

        if (node is null ? _nodes.Count >= MergeBook.NodesMax : node.IsFull())
        {
            return WeighVerdict.Full;
        }

        record(new DeliveryFact.Weighed(weighing));
        return WeighVerdict.Taken;
    }

    /// <summary>Takes a journal's word.</summary>
    /// <returns>False when it was told before.</returns>
    public bool Tell(DockingId docking, ToldCargo cargo)
    {
        if (IsTold(docking))
        {
            return false;
        }

        record(new DeliveryFact.Told(docking, cargo));
        return true;
    }

    /// <summary>Settles all that is new, by docking time; returns the conflicts met, in that order.</summary>
    public IReadOnlyList<Conflict> Settle()
    {
        var conflicts = new List<Conflict>();
        foreach ((_, DockingId docking) in new List<(Instant At, DockingId Docking)>(_waiting))
        {
            Weighing weighing = Find(docking)!.Weighing;
            AwardLine award = awards.Find(weighing.Contract);
            Settlement settled = awards.Settle(weighing);
            Invariant.Holds(settled.Counted <= weighing.Mass);
            record(new DeliveryFact.Settled(docking, settled.As, settled.Counted, settled.Paid));
            bool isForNobody = weighing.Contract == default; // Nothing was awarded, so nothing is contested.
            if (settled.As != SettledAs.InTime && !isForNobody)
            {
                conflicts.Add(ConflictOf(weighing, award, settled));
            }
        }

        return conflicts;
    }

    /// <summary>Applies one remembered fact.</summary>
    public void Apply(DeliveryFact fact)
    {
        switch (fact)
        {
            case DeliveryFact.Weighed(var weighing):
                if (Find(weighing.Docking) is { } known)
                {
                    _ = _waiting.Remove((known.Weighing.At, weighing.Docking));
                }

                NodeOf(weighing.Docking.Node).Weigh(weighing.Docking.Number, weighing);
                _ = _waiting.Add((weighing.At, weighing.Docking));
                break;
            case DeliveryFact.Told(var docking, var cargo):
                NodeOf(docking.Node).Tell(docking.Number, cargo);
                break;
            case DeliveryFact.Settled(var docking, var how, _, _):
                bool wasWaiting = _waiting.Remove((Find(docking)!.Weighing.At, docking));
                Invariant.Holds(wasWaiting);
                _nodes[docking.Node].Settle(docking.Number, how);
                break;
            default:
                throw new UnreachableException($"no rule for {fact}");
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("deliveries", 1);
        codec.Table(
            "nodes",
            _nodes,
            static (ref TCodec c, NodeId key) => c.Node("node", key),
            static (ref TCodec c, NodeDockings value) =>
            {
                NodeDockings dockings = value ?? new NodeDockings();
                dockings.Shape(ref c);
                return dockings;
            });
        codec.Close();
        if (codec.IsReading)
        {
            Derive();
        }
    }

    private void Derive()
    {
        _waiting.Clear();
        foreach (NodeDockings node in _nodes.Values)
        {
            foreach (Docking docking in node.Weighed.Values)
            {
                if (docking.As is null)
                {
                    _ = _waiting.Add((docking.Weighing.At, docking.Weighing.Docking));
                }
            }
        }
    }

    private NodeDockings? Of(NodeId node) => _nodes.GetValueOrDefault(node);

    private NodeDockings NodeOf(NodeId node)
    {
        if (Of(node) is { } known)
        {
            return known;
        }

        var dockings = new NodeDockings();
        _nodes.Add(node, dockings);
        return dockings;
    }

    private static Conflict ConflictOf(Weighing weighing, AwardLine award, Settlement settled)
    {
        (ConflictKind kind, MergeRule rule) = settled.As switch
        {
            SettledAs.Late => (ConflictKind.LateDelivery, MergeRule.LateIsRecognised),
            SettledAs.Twice => (ConflictKind.CountedTwice, MergeRule.ScaleCounts),
            _ => (ConflictKind.StaleLease, MergeRule.EpochFences),
        };
        NodeId node = weighing.Docking.Node;
        bool isGone = award.Status is AwardStatus.Unknown or AwardStatus.Forgotten;
        bool isOther = award.Commodity != default && award.Commodity != weighing.Commodity;
        return new Conflict(
            kind,
            weighing.Contract.Value,
            new ConflictClaim(node, weighing.Epoch, isOther ? 0 : weighing.Mass.Value),
            new ConflictClaim(isGone ? node : award.Holder, award.Epoch, settled.Counted.Value),
            rule,
            settled.As == SettledAs.Late || award.Status == AwardStatus.Forgotten);
    }
}

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Hub;

/// <summary>What deliveries have cost their nodes, as a hub can know it: by this claims are corrected before
/// they are ranked.</summary>
/// <remarks>
/// The problem: a node that claims less than its work costs, out of error or on purpose, wins what others
/// would do for less, and pays for it. The idea: a hub sells the propellant that a trip has burnt, reads the
/// wear in a journal that it has validated, and knows the hours by its own clock. Their sum at the mission's
/// prices, beside what was asked, is one observation of <see cref="ClaimBias"/>.
/// <para>
/// Invariants: the state is a function of the hub's facts in their order, so that whoever reads them again
/// ranks as the hub did. A claim is only ever raised: the node is bound to what it asked, and must be paid
/// that. Wear is counted from one journal that reaches a docking to the next such; what of it falls into
/// the next trip is missing there. Only returns that were accepted count; of a delivery whose journal is
/// still missing nothing is learnt. Limits: those of <see cref="ClaimBias"/>; deliveries whose journal is
/// late are summed. Absent on purpose: what the node says of its own costs, beyond the wear in its journal.
/// </para>
/// </remarks>
public sealed class Hindsight
{
    private const int One = 1_000_000;

    private static readonly Grams _tonne = Grams.FromTonnes(1);

    private readonly MissionRules _rules;
    private readonly ClaimBias _bias = new();
    private readonly SortedDictionary<NodeId, Outlay> _nodes = [];

    // Live contracts, as they were awarded.
    private readonly SortedDictionary<ContractId, Claim> _claims = [];

    // What the open cycle asks for, and what an hour is worth in it.
    private ImmutableArray<Request> _requests = [];
    private Credits _hourWorth;

    /// <summary>Knows nothing.</summary>
    /// <param name="rules">The mission's prices and margin.</param>
    public Hindsight(MissionRules rules) => _rules = rules;

    /// <summary>Nodes of which a delivery was seen to its end.</summary>
    public int Count => _bias.Count;

    /// <summary>The class of a node, by how it enrolled.</summary>
    public DesignClass DesignOf(NodeId node) => _nodes.GetValueOrDefault(node)?.Design ?? default;

    /// <summary>Realised over claimed, as expected of a node; 1,000,000 when nothing is known of
    /// it.</summary>
    public PartsPerMillion RatioOf(NodeId node) => _bias.RatioOf(node, DesignOf(node));

    /// <summary>Hears one fact of the hub's; most say nothing to it.</summary>
    /// <remarks>The order of a docking is: delivered, tolled, served, measured; its journal is judged
    /// later.</remarks>
    public void Apply(HubFact fact)
    {
        switch (fact)
        {
            case HubFact.NodeEnrolled(var node, _, var enrol):
                // Wear is counted from the enrolment on, as validation counts it.
                _nodes[node] = new Outlay
                {
                    Design = DesignClass.Of(enrol.Class, enrol.Generation),
                    HasWear = true,
                };
                break;
            case HubFact.NodeAdopted(var assigned):
                _nodes[assigned.Node] =
                    new Outlay { Design = DesignClass.Of(assigned.Class, assigned.Generation) };
                break;
            case HubFact.NodeReleased(var node, _):
                _ = _nodes.Remove(node);
                _bias.Forget(node);
                break;
            case HubFact.Market(MarketFact.CycleOpened(_, _, var requests)):
                _requests = requests;
                break;
            case HubFact.Market(MarketFact.HourPosted(var worth)):
                _hourWorth = worth;
                break;
            case HubFact.Market(MarketFact.Awarded awarded):
                Award(awarded);
                break;
            case HubFact.Market(MarketFact.Returned(var contract, _)):
                GiveBack(contract);
                break;
            case HubFact.Market(MarketFact.Cancelled(var contract, _)):
                GiveBack(contract);
                break;
            case HubFact.Market(MarketFact.SilenceEnded(var contract, false)):
                GiveBack(contract); // Lost to silence, and over: no other end of it is told.
                break;
            case HubFact.Market(MarketFact.Delivered delivered):
                Deliver(delivered);
                break;
            case HubFact.Tolled(var node, _, var toll)
                when _nodes.TryGetValue(node, out Outlay? known) && known.Running is not null:
                _nodes[node] = known with { Spent = known.Spent + toll };
                break;
            case HubFact.FaceTolled(var node, _, var toll)
                when _nodes.TryGetValue(node, out Outlay? known) && known.Running is not null:
                _nodes[node] = known with { Spent = known.Spent + toll };
                break;
            case HubFact.Served(var node, _, _, var spares) when _nodes.TryGetValue(node, out Outlay? known):
                _nodes[node] = known with { Mended = known.Mended + spares.Value };
                break;
            case HubFact.Reconcile(ReconcileFact.Measured(var node, var record))
                when record.Resource == Resource.Propellant && _nodes.TryGetValue(node, out Outlay? known):
                _nodes[node] = Docked(known, record);
                break;
            case HubFact.Reconcile(ReconcileFact.Judged(var node, _, var verdict))
                when verdict.Outcome != ReturnOutcome.Quarantined && _nodes.ContainsKey(node):
                Read(node, verdict.Accepted);
                break;
            default:
                break;
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("hindsight", 5);
        _requests = codec.List("requests", _requests, Auctioneer.RequestsMax);
        _hourWorth = codec.Money("hourWorth", _hourWorth);
        codec.Table(
            "nodes",
            _nodes,
            static (ref TCodec c, NodeId key) => c.Node("node", key),
            static (ref TCodec c, Outlay value) => Outlay.Shape(ref c, value));
        codec.Table(
            "claims",
            _claims,
            static (ref TCodec c, ContractId key) => c.Contract("contract", key),
            static (ref TCodec c, Claim value) => Claim.Shape(ref c, value));
        _bias.Shape(ref codec);
        codec.Close();
    }

    private void Award(MarketFact.Awarded awarded)
    {
        Winner winner = awarded.Winner;
        int task = _requests.Find(winner.Bounty);
        if (task >= 0 && winner.Asked > Credits.Zero)
        {
            _claims[awarded.Contract] = new Claim(
                winner.Node, winner.Asked, _requests[task].Lot, winner.Quantity,
                awarded.AcceptBy - _rules.AcceptDelayMax, _hourWorth);
        }
    }

    // What a trip cost that brought nothing cannot be told from what the next one costs.
    private void GiveBack(ContractId contract)
    {
        if (_claims.Remove(contract, out Claim? claim) && _nodes.TryGetValue(claim.Node, out Outlay? known))
        {
            _nodes[claim.Node] = known with { IsMixed = true };
        }
    }

    private void Deliver(MarketFact.Delivered delivered)
    {
        if (_claims.Remove(delivered.Contract, out Claim? claim)
            && _nodes.TryGetValue(claim.Node, out Outlay? known))
        {
            _nodes[claim.Node] = known with
            {
                Running = claim with { Quantity = Grams.Min(claim.Quantity, delivered.Weighed) },
            };
        }
    }

    // Propellant and hours of what was just delivered. Without a delivery it is a trip of another kind.
    private Outlay Docked(Outlay known, DockingRecord record)
    {
        if (known.Running is not { } claim)
        {
            return known with { IsMixed = true, DockedAt = record.At };
        }

        Credits fuel = _rules.PropellantPerTonne.ForPart(new Grams(record.Measured), _tonne);
        TimeSpan hours = record.At - claim.From;
        Credits time = _rules.HourlyCost.ForHours(hours);
        return known with
        {
            Running = null,
            DockedAt = record.At,
            Claimed = known.Claimed + claim.Asked.ForPart(claim.Quantity, claim.Lot),
            Spent = known.Spent + fuel + time,
            Worth = known.Worth + claim.HourWorth.ForHours(hours),
        };
    }

    // A journal that reaches to the docking closes the account; those of the way there say only part of what
    // the trip wears.
    private void Read(NodeId node, AcceptedState accepted)
    {
        Outlay known = _nodes[node];
        if (known.Running is not null || known.DockedAt == Instant.Epoch || accepted.At < known.DockedAt)
        {
            return;
        }

        long level = (long)Math.Min(accepted.Levels[(int)Resource.Wear - 1], One);
        long worn = level - known.Wear + known.Mended;
        if (known.HasWear && !known.IsMixed && worn >= 0 && known.Claimed > Credits.Zero)
        {
            var wear = new Credits((long)((Int128)_rules.SparesPerLife.Micro * worn / One));
            Close(node, known, known.Spent + wear);
        }

        _nodes[node] = new Outlay
        {
            Design = known.Design,
            HasWear = true,
            Wear = level,
        };
    }

    // The margin and what the hours are worth belong to the ask, and so to what it is compared with.
    private void Close(NodeId node, Outlay known, Credits cost)
    {
        var asked = new Credits((long)Int128.Min(
            ((Int128)cost.Micro * (One + _rules.Margin.Value) / One) + known.Worth.Micro, Credits.MicroMax));
        _ = _bias.Observe(node, known.Design, known.Claimed, asked);
    }

    /// <summary>What an award claims that the work costs.</summary>
    private sealed record Claim(
        NodeId Node, Credits Asked, Grams Lot, Grams Quantity, Instant From, Credits HourWorth)
        : IShaped<Claim>
    {
        public static Claim Shape<TCodec>(ref TCodec codec, Claim? value)
            where TCodec : struct, ICodec
        {
            codec.Open("claim", 6);
            NodeId node = codec.Node("node", value?.Node ?? default);
            Credits asked = codec.Money("asked", value?.Asked ?? default);
            Grams lot = codec.Mass("lot", value?.Lot ?? default);
            Grams quantity = codec.Mass("quantity", value?.Quantity ?? default);
            Instant from = codec.Moment("from", value?.From ?? default);
            Credits hour = codec.Money("hourWorth", value?.HourWorth ?? default);
            codec.Close();
            return value ?? new Claim(node, asked, lot, quantity, from, hour);
        }
    }

    /// <summary>A node, and what it has spent on deliveries whose journal is not accepted yet.</summary>
    private sealed record Outlay : IShaped<Outlay>
    {
        public required DesignClass Design { get; init; }

        /// <summary>When it docked last since its account was opened; the epoch while it has not.</summary>
        public Instant DockedAt { get; init; }

        /// <summary>Wear when the account was opened, in millionths, as its journal had it; of use if that is
        /// known.</summary>
        public long Wear { get; init; }

        public bool HasWear { get; init; }

        /// <summary>Wear undone since, in millionths.</summary>
        public long Mended { get; init; }

        public Credits Claimed { get; init; }

        public Credits Spent { get; init; }

        /// <summary>What the hours of that were worth, as posted when it was awarded.</summary>
        public Credits Worth { get; init; }

        /// <summary>Whether it also did what nobody paid.</summary>
        public bool IsMixed { get; init; }

        /// <summary>Delivered in the docking that is under way.</summary>
        public Claim? Running { get; init; }

        public static Outlay Shape<TCodec>(ref TCodec codec, Outlay? value)
            where TCodec : struct, ICodec
        {
            codec.Open("outlay", 10);
            var design = new DesignClass((uint)codec.Integer(
                "design", value?.Design.Value ?? 0, 0, uint.MaxValue));
            Instant docked = codec.Moment("dockedAt", value?.DockedAt ?? default);
            long wear = codec.Integer("wear", value?.Wear ?? 0, 0, One);
            bool hasWear = codec.Flag("hasWear", value?.HasWear ?? false);
            long mended = codec.Integer("mended", value?.Mended ?? 0, 0, long.MaxValue);
            Credits claimed = codec.Money("claimed", value?.Claimed ?? default);
            Credits spent = codec.Money("spent", value?.Spent ?? default);
            Credits worth = codec.Money("worth", value?.Worth ?? default);
            bool isMixed = codec.Flag("isMixed", value?.IsMixed ?? false);
            Claim? running = codec.Optional("running", value?.Running);
            codec.Close();
            return value ?? new Outlay
            {
                Design = design,
                DockedAt = docked,
                Wear = wear,
                HasWear = hasWear,
                Mended = mended,
                Claimed = claimed,
                Spent = spent,
                Worth = worth,
                IsMixed = isMixed,
                Running = running,
            };
        }
    }
}

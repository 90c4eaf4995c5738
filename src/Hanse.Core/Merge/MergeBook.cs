using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using Hanse.Core.Estimate;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Merge;

/// <summary>What became of a return.</summary>
public enum MergeVerdict
{
    /// <summary>It is merged.</summary>
    Merged,

    /// <summary>All of it was merged before.</summary>
    Repeated,

    /// <summary>Its base is not what was accepted last: send the journal from <see cref="MergeOutcome.Size"/>
    /// on.</summary>
    OtherBase,

    /// <summary>No room for another node.</summary>
    Full,
}

/// <summary>A verdict on a return, and the conflicts met.</summary>
/// <param name="Verdict">Whether it is merged.</param>
/// <param name="Size">Entries of the node's journal merged now.</param>
/// <param name="Conflicts">What contradicted, in the order of the return.</param>
public sealed record MergeOutcome(MergeVerdict Verdict, ulong Size, ImmutableArray<Conflict> Conflicts);

/// <summary>The state of a fleet: what it decided, merged with what its nodes did out of sight.</summary>
/// <remarks>
/// The problem: a node comes back after weeks with work done under decisions that were changed behind its
/// back, and others did the same; what they bring must become one state, in whatever order they come, with
/// nothing lost and nothing counted twice. The idea is the three-way merge of version control (Mens, IEEE
/// TSE 28, 2002) with a rule for each kind of value in place of a text conflict. Base is what was last
/// accepted of the node (<see cref="NodeLine"/>), theirs its journal since (<see cref="NodeReturn"/>), ours
/// what this book holds by now. Private facts are the node's word after validation; allocations are the
/// hub's, fenced by epochs (<see cref="LeaseBook"/>); what is drawn while nobody can ask was reserved before
/// (<see cref="QuotaBook"/>); what counts as delivered is the scale's (<see cref="DeliveryBook"/>); shared
/// knowledge is kept apart by source and fused on demand (<see cref="MapBook"/>), or only ever falls, as
/// what is left at a site. Bounties, awards and money are the market's, which this room asks
/// (<see cref="IAwards"/>) and never copies.
/// <para>
/// Invariants. Returns of different nodes commute: the same set in any order, and the same
/// <see cref="Settle"/> after it, gives the same bytes. A return merged twice changes nothing; one whose base
/// is not what was accepted is refused, so that the journal of one node is merged in its own order. Running
/// work is never replaced and an intent never reverted by an older one. Mass: for every node and commodity
/// gained = given away + aboard + unexplained. What is settled is forgotten: each table is as large as its
/// nodes, places or rights, not as its age. Every change is a fact that <see cref="Apply"/> applies, live and
/// in replay.
/// </para>
/// <para>
/// Deliberately absent: validation of journals, which comes before; clocks: no rule compares instants of two
/// machines; and the operator, who finds what rules did not settle in the <see cref="ReviewQueue"/>.
/// </para>
/// </remarks>
public sealed class MergeBook
{
    /// <summary>Most nodes.</summary>
    public const int NodesMax = 200_000;

    /// <summary>Most sites of which something was found.</summary>
    public const int SitesMax = 200_000;

    private readonly SortedDictionary<NodeId, NodeLine> _nodes = [];
    private readonly SortedDictionary<SiteId, Grams> _sites = [];
    private readonly SortedDictionary<(ConflictKind Kind, bool IsSettled), ulong> _met = [];
    private readonly Action<MergeFact> _record;

    /// <summary>An empty book.</summary>
    /// <param name="awards">The market.</param>
    /// <param name="record">Persists a fact and applies it.</param>
    public MergeBook(IAwards awards, Action<MergeFact> record)
    {
        Awards = awards;
        _record = record;
        Leases = new LeaseBook(fact => record(new MergeFact.OfLeases(fact)));
        Quotas = new QuotaBook(fact => record(new MergeFact.OfQuotas(fact)));
        Deliveries = new DeliveryBook(awards, fact => record(new MergeFact.OfDeliveries(fact)));
    }

    /// <summary>Who holds which contract.</summary>
    public IAwards Awards { get; }

    /// <summary>Who holds what else.</summary>
    public LeaseBook Leases { get; }

    /// <summary>Who may spend what.</summary>
    public QuotaBook Quotas { get; }

    /// <summary>Who delivered what.</summary>
    public DeliveryBook Deliveries { get; }

    /// <summary>What nodes say of places.</summary>
    public MapBook Maps { get; } = new();

    /// <summary>All nodes that came back or have an intent, in order.</summary>
    public IEnumerable<KeyValuePair<NodeId, NodeLine>> Nodes => _nodes;

    /// <summary>How often each kind of conflict was met, apart by whether its rule settled it.</summary>
    public IReadOnlyDictionary<(ConflictKind Kind, bool IsSettled), ulong> Met => _met;

    /// <summary>What was last accepted of a node.</summary>
    public NodeLine Of(NodeId node) => _nodes.GetValueOrDefault(node, NodeLine.New);

    /// <summary>The most that is left at a site; null when nobody has said anything.</summary>
    public Grams? Remaining(SiteId site) => _sites.TryGetValue(site, out Grams left) ? left : null;

    /// <summary>Merges a return into the book.</summary>
    /// <param name="theirs">The node's journal since the base, folded and validated.</param>
    /// <param name="standing">What validation makes of the node; a quarantined node stays so until
    /// <see cref="Rehabilitate"/>.</param>
    /// <param name="cargo">What is known of its cargo sensor.</param>
    public MergeOutcome Merge(NodeReturn theirs, Standing standing, BiasEstimate cargo)
    {
        NodeLine line = Of(theirs.Node);
        MergeVerdict verdict =
            theirs.Size <= line.Size ? MergeVerdict.Repeated
            : theirs.Base != line.Size ? MergeVerdict.OtherBase
            : IsFull(theirs.Node) ? MergeVerdict.Full
            : MergeVerdict.Merged;
        if (verdict != MergeVerdict.Merged)
        {
            return new MergeOutcome(verdict, line.Size, []);
        }

        var merge = new ThreeWayMerge(this, line, theirs, standing, cargo);
        Set(theirs.Node, merge.Carry());
        Note(merge.Conflicts);
        return new MergeOutcome(verdict, theirs.Size, merge.Conflicts);
    }

    /// <summary>Settles deliveries that are new since the last settlement.</summary>
    /// <returns>Conflicts met, in order of docking.</returns>
    public IReadOnlyList<Conflict> Settle()
    {
        IReadOnlyList<Conflict> conflicts = Deliveries.Settle();
        Note(conflicts);
        return conflicts;
    }

    /// <summary>States what a node is to do next; it does not replace what it is doing.</summary>
    /// <returns>False when the number is not above every one heard of.</returns>
    public bool Intend(NodeId node, uint number, ContractId contract)
    {
        NodeLine line = Of(node);
        if (number <= line.Intent || IsFull(node))
        {
            return false;
        }

        Set(node, line with { Intent = number, Intended = contract });
        return true;
    }

    /// <summary>Validation doubts a node: its claims do not count until an operator has looked.</summary>
    public void Doubt(NodeId node)
    {
        NodeLine line = Of(node);
        if (line.Standing != Standing.Quarantined && !IsFull(node))
        {
            Set(node, line with { Standing = Standing.Quarantined });
        }
    }

    /// <summary>An operator has looked and lets a node's claims count again.</summary>
    public void Rehabilitate(NodeId node)
    {
        NodeLine line = Of(node);
        if (line.Standing == Standing.Quarantined)
        {
            ImmutableArray<StockLine>.Builder stocks = ImmutableArray.CreateBuilder<StockLine>();
            foreach (StockLine stock in line.Stocks)
            {
                stocks.Add(stock.Believed);
            }

            Set(node, line with { Standing = Standing.Corrected, Stocks = stocks.ToImmutable() });
        }
    }

    /// <summary>What a survey found left at a site; it stands whatever nodes said before.</summary>
    public void Survey(SiteId site, Grams remaining)
    {
        if (_sites.Count < SitesMax || _sites.ContainsKey(site))
        {
            _record(new MergeFact.SiteFound(site, remaining));
        }
    }

    /// <summary>Conflicts between nodes rather than between a node and its hub: they follow from the state
    /// alone, whoever came first.</summary>
    /// <remarks>Cost: linear in tiles and sites; ask once a cycle.</remarks>
    public IReadOnlyList<Conflict> Contradictions()
    {
        var conflicts = new List<Conflict>();
        foreach (ulong tile in Maps.Tiles)
        {
            if (Maps.Fused(tile) is { Verdict: FusionVerdict.Contradicting } fused)
            {
                conflicts.Add(new Conflict(
                    ConflictKind.ContradictingMaps,
                    tile,
                    new ConflictClaim(fused.Outliers[0], default, fused.Outliers.Length),
                    new ConflictClaim(fused.Outliers[^1], default, fused.Outliers.Length),
                    MergeRule.MiddleOfMany,
                    IsSettled: false));
            }
        }

        foreach (KeyValuePair<SiteId, Grams> site in _sites)
        {
            foreach (Lease lease in Leases.Of(new LeaseSubject(LeaseKind.Site, site.Key.Value)))
            {
                if (site.Value == Grams.Zero)
                {
                    conflicts.Add(new Conflict(
                        ConflictKind.DepletedFeedstock,
                        site.Key.Value,
                        new ConflictClaim(lease.Holder, lease.Epoch, 0),
                        new ConflictClaim(lease.Holder, lease.Epoch, 0),
                        MergeRule.RunningWorkStays,
                        IsSettled: false));
                }
            }
        }

        return conflicts;
    }

    /// <summary>Applies one remembered fact; the only code that changes state.</summary>
    public void Apply(MergeFact fact)
    {
        switch (fact)
        {
            case MergeFact.OfLeases(var lease):
                Leases.Apply(lease);
                break;
            case MergeFact.OfQuotas(var quota):
                Quotas.Apply(quota);
                break;
            case MergeFact.OfDeliveries(var delivery):
                Deliveries.Apply(delivery);
                break;
            case MergeFact.LineSet(var node, var line):
                Invariant.Holds(line.Size >= Of(node).Size && line.Intent >= Of(node).Intent);
                if (line.Standing == Standing.Quarantined && Of(node).Standing != Standing.Quarantined)
                {
                    Maps.Forget(node);
                }

                _nodes[node] = line;
                break;
            case MergeFact.SiteFound(var site, var remaining):
                _sites[site] = remaining;
                break;
            case MergeFact.Mapped(var tile, var node, var belief):
                Maps.Apply(tile, node, belief);
                break;
            case MergeFact.Met(var conflict):
                (ConflictKind, bool) kind = (conflict.Kind, conflict.IsSettled);
                _met[kind] = _met.GetValueOrDefault(kind) + 1;
                break;
            default:
                throw new UnreachableException($"no rule for {fact}");
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("merge", 7);
        Leases.Shape(ref codec);
        Quotas.Shape(ref codec);
        Deliveries.Shape(ref codec);
        Maps.Shape(ref codec);
        codec.Table(
            "nodes",
            _nodes,
            static (ref TCodec c, NodeId key) => c.Node("node", key),
            static (ref TCodec c, NodeLine value) => NodeLine.Shape(ref c, value));
        codec.Table(
            "sites",
            _sites,
            static (ref TCodec c, SiteId key) => c.Site("site", key),
            static (ref TCodec c, Grams value) => c.Mass("remaining", value));
        codec.Table(
            "met",
            _met,
            static (ref TCodec c, (ConflictKind Kind, bool IsSettled) key) =>
            {
                c.Open("conflicts", 2);
                var kind = (ConflictKind)c.Integer("kind", (long)key.Kind, 1, 8);
                bool isSettled = c.Flag("isSettled", key.IsSettled);
                c.Close();
                return (kind, isSettled);
            },
            static (ref TCodec c, ulong value) => c.Count("times", value));
        codec.Close();
    }

    /// <summary>Notes that no more than this is left at a site; what was said before stands if it is
    /// less.</summary>
    internal void Find(SiteId site, Grams remaining)
    {
        if (Remaining(site) is { } known ? remaining < known : _sites.Count < SitesMax)
        {
            _record(new MergeFact.SiteFound(site, remaining));
        }
    }

    /// <summary>Notes what a node says of a tile.</summary>
    internal void Map(ulong tile, NodeId node, Belief belief) =>
        _record(new MergeFact.Mapped(tile, node, belief));

    private void Note(IEnumerable<Conflict> conflicts)
    {
        foreach (Conflict conflict in conflicts)
        {
            _record(new MergeFact.Met(conflict));
        }
    }

    private bool IsFull(NodeId node) => _nodes.Count >= NodesMax && !_nodes.ContainsKey(node);

    private void Set(NodeId node, NodeLine line) => _record(new MergeFact.LineSet(node, line));
}

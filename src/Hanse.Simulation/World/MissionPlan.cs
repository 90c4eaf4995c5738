using System;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Reconcile;
using Hanse.Core.Skills;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Simulation.Fleet;
using Hanse.Simulation.Scenarios;

namespace Hanse.Simulation.World;

/// <summary>A region of a mission.</summary>
/// <param name="Hub">What its hub is built with.</param>
/// <param name="Name">What people call it: the name of its first depot.</param>
/// <param name="Depots">In order; nodes begin at the first.</param>
/// <param name="Nodes">How many nodes belong to it at first.</param>
/// <param name="LongestLight">Light time to the strategic layer at its longest.</param>
public sealed record MissionRegion(
    HubSpec Hub, string Name, ImmutableArray<DepotId> Depots, int Nodes, TimeSpan LongestLight);

/// <summary>Something that operators order in the course of a mission.</summary>
/// <param name="At">When.</param>
/// <param name="Input">What the strategic layer is given.</param>
/// <param name="Name">What people call it; null when it has no name.</param>
public sealed record MissionOrder(Instant At, StrategyInput Input, string? Name);

/// <summary>A scenario and a seed turned into what machines are built with, for those who build them: the
/// same that the simulator builds.</summary>
/// <remarks>The simulator's public keys are models that belong to nobody; machines that sign have keys of
/// their own, which <see cref="WithKeys"/> puts in their place wherever one machine is told another's
/// key.</remarks>
public sealed class MissionPlan
{
    /// <summary>Most cores that are approved besides those that are rolled out.</summary>
    public const int CoresMax = 32;

    private readonly Blueprint _blueprint;

    private MissionPlan(Blueprint blueprint, Scenario scenario, ulong seed)
    {
        _blueprint = blueprint;
        (Scenario, Seed) = (scenario, seed);
        Nodes = [.. blueprint.Nodes];
        Regions =
        [
            .. blueprint.Regions.Select(region => new MissionRegion(
                region.Hub, region.DepotName, region.Depots, region.Nodes,
                region.Hub.StrategyContacts.LightTime)),
        ];
        Strategy = blueprint.Strategy;
        Orders = OrdersOf(blueprint);
    }

    private MissionPlan(MissionPlan before, ImmutableArray<Digest> cores)
    {
        _blueprint = before._blueprint;
        (Scenario, Seed, Orders, Nodes) = (before.Scenario, before.Seed, before.Orders, before.Nodes);
        Strategy = before.Strategy;
        Regions =
        [
            .. before.Regions.Select(region => region with
            {
                Hub = region.Hub with
                {
                    Approvals =
                    [
                        .. region.Hub.Approvals,
                        .. cores.Distinct().Select(core => new Approval(
                            SoftwareClass.Core, core, Instant.Epoch, Instant.Never)),
                    ],
                },
            }),
        ];
    }

    private MissionPlan(
        MissionPlan before, Func<RegionId, byte[]> hubs, Func<NodeId, byte[]> nodes, OperatorKeys operators)
    {
        _blueprint = before._blueprint;
        (Scenario, Seed, Orders) = (before.Scenario, before.Seed, before.Orders);
        Nodes = [.. before.Nodes.Select(node => node with { PublicKey = Checked(nodes(node.Node)) })];
        Regions =
        [
            .. before.Regions.Select(region => region with
            {
                Hub = region.Hub with { PublicKey = Checked(hubs(region.Hub.Region)) },
            }),
        ];
        Strategy = before.Strategy with
        {
            Operators = operators,
            Regions = before.Strategy.Regions.ToImmutableSortedDictionary(
                region => region.Key,
                region => region.Value with
                {
                    PublicKey = Regions.Single(known => known.Hub.Region == region.Key).Hub.PublicKey,
                }),
        };
    }

    /// <summary>The scenario.</summary>
    public Scenario Scenario { get; }

    /// <summary>The seed.</summary>
    public ulong Seed { get; }

    /// <summary>When the scenario is over.</summary>
    public Instant End => new(_blueprint.Horizon);

    /// <summary>What nodes are built with, in order of their names, from 1.</summary>
    public ImmutableArray<NodeSpec> Nodes { get; }

    /// <summary>The regions, in order of their names, from 1.</summary>
    public ImmutableArray<MissionRegion> Regions { get; }

    /// <summary>What the strategic layer is built with.</summary>
    public StrategySpec Strategy { get; }

    /// <summary>What operators order, in order of time.</summary>
    public ImmutableArray<MissionOrder> Orders { get; }

    /// <summary>What runs releases of skills as the simulator does; null when the scenario rolls out
    /// none.</summary>
    public ISkills? Skills => _blueprint.Releases.Skills;

    /// <summary>The plan of a scenario.</summary>
    public static MissionPlan Of(Scenario scenario, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        return new MissionPlan(new Blueprint(scenario, seed), scenario, seed);
    }

    /// <summary>The same mission with public keys that belong to somebody.</summary>
    /// <param name="hubs">The Ed25519 key of a region's hub.</param>
    /// <param name="nodes">The Ed25519 key of a node.</param>
    /// <param name="operators">Who signs orders of rollouts; null when nobody is asked, since the simulator's
    /// are models, too.</param>
    /// <exception cref="ArgumentException">A key has not the length of one.</exception>
    public MissionPlan WithKeys(
        Func<RegionId, byte[]> hubs, Func<NodeId, byte[]> nodes, OperatorKeys? operators = null)
    {
        ArgumentNullException.ThrowIfNull(hubs);
        ArgumentNullException.ThrowIfNull(nodes);
        return new MissionPlan(this, hubs, nodes, operators ?? OperatorKeys.None);
    }

    /// <summary>The same mission with cores that nodes may run besides the one of simulated
    /// machines.</summary>
    /// <param name="cores">Their measurements; at most <see cref="CoresMax"/>.</param>
    public MissionPlan WithCores(params ImmutableArray<Digest> cores) => cores.Length <= CoresMax
        ? new MissionPlan(this, cores) : throw new ArgumentException($"up to {CoresMax} cores are approved");

    /// <summary>A stretch of the package of a release, as far as it goes.</summary>
    public byte[] ReadPackage(Digest release, int from, int count) =>
        _blueprint.Releases.Read(release, from, count);

    private static byte[] Checked(byte[] key) => key is { Length: Enrol.PublicKeyLength }
        ? key : throw new ArgumentException($"a public key has {Enrol.PublicKeyLength} bytes");

    private static ImmutableArray<MissionOrder> OrdersOf(Blueprint plan)
    {
        MissionOrder[] all =
        [
            .. plan.Bounties.Select(bounty => new MissionOrder(
                new Instant(bounty.PostedAt),
                new StrategyInput.BountyOrdered(plan.Regions[bounty.Region].Id, bounty.Bounty),
                bounty.Name)),
            .. plan.Demands.Select(demand => new MissionOrder(
                new Instant(demand.PostedAt), new StrategyInput.DemandOrdered(demand.Demand), demand.Name)),
            .. plan.Orders.Select(order => new MissionOrder(
                new Instant(order.PostedAt), new StrategyInput.OrderGiven(order.Order), order.Name)),
            .. plan.Releases.Planned.Select(rollout => new MissionOrder(
                new Instant(rollout.At), new StrategyInput.RolloutOrdered(rollout.Rollout, []),
                rollout.Named.Name)),
            .. plan.Bounties.Where(bounty => bounty.ReducedAt is { } at && at <= plan.Horizon)
                .Select(bounty => new MissionOrder(
                    new Instant(bounty.ReducedAt!.Value),
                    new StrategyInput.ReductionOrdered(bounty.Bounty.Id, bounty.ReducedTo), bounty.Name)),
        ];
        return [.. all.OrderBy(order => order.At)]; // Stable: what is reduced was posted before.
    }
}

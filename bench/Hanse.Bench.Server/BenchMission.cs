using System;
using System.Collections.Immutable;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.IO.Journal;
using Hanse.Simulation.Fleet;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;

namespace Hanse.Bench.Server;

/// <summary>A mission of many hubs whose nodes are always in reach.</summary>
internal sealed class BenchMission
{
    /// <summary>How many different worths contracts of it have.</summary>
    public const int Worths = 10;

    private static readonly TimeSpan _day = TimeSpan.FromDays(1);

    // Which of the worths each node's contract has: one after the other in every region.
    private readonly ImmutableArray<uint> _worths;

    public BenchMission(int hubs, int nodes)
    {
        Scenario drawn = Swarm.Draw(1, null).Scenario;
        var plan = new Blueprint(
            drawn with
            {
                Days = 1,
                Growth = GrowthSection.None,
                Fleet = drawn.Fleet with { Nodes = nodes, Variants = 1 },
                Regions = drawn.Regions with
                {
                    Count = hubs,
                    NodesMax = Math.Max(1, nodes / hubs) + 1,
                    Depots = 1,
                    Sites = 2,
                },
                Links = drawn.Links with { ConjunctionDegrees = 0, ClockErrorSeconds = 1 },
                Market = drawn.Market with
                {
                    CycleHours = 12,
                    MilestoneWindows = 0,
                    BondPercent = 0,
                    ReserveStartPercent = 100,
                    BerthPrices = 0,
                    FacePrices = 0,
                    HourWorth = 0,
                },
                Bounties = [],
                Demands = [],
                Orders = [],
                Rollouts = [],
            },
            seed: 1);
        Hubs =
        [
            .. plan.Regions.Select(region => region.Hub with
            {
                PublicKey = Key($"hub {region.Id.Value}").PublicKey,
                NodeContacts = new ContactRule(_day, _day, 100_000_000, TimeSpan.FromMilliseconds(20)),
            }),
        ];
        Strategy = plan.Strategy with
        {
            Regions = plan.Strategy.Regions.ToImmutableSortedDictionary(
                region => region.Key,
                region => region.Value with { PublicKey = Key($"hub {region.Key.Value}").PublicKey }),
        };
        Nodes = [.. Enumerable.Range(0, nodes).Select(node => Hubs[plan.RegionOf(node)])];
        var counts = new uint[hubs + 1];
        _worths = [.. Nodes.Select(hub => counts[hub.Region.Value]++ % Worths)];
        Guard = plan.Rules.ClockErrorMax;
        CargoMax = plan.Design.CargoMax;
    }

    public ImmutableArray<HubSpec> Hubs { get; }

    /// <summary>Work for all nodes, a lot each: in every region as many bounties as there are
    /// worths.</summary>
    /// <param name="deadline">Of all of it.</param>
    public ImmutableArray<StrategyInput> Work(Instant deadline) =>
    [
        .. Enumerable.Range(0, Nodes.Length)
            .GroupBy(WishOf).OrderBy(wish => wish.Key.Value).Select(wish => new StrategyInput.BountyOrdered(
            Nodes[wish.First()].Region,
            new Bounty(
                wish.Key, Commodity.Nickel, Nodes[wish.First()].Depots[0], Grams.FromTonnes(wish.Count()),
                Grams.FromTonnes(1), Credits.FromWhole(10 * (long)(1 + (wish.Key.Value % Worths))),
                deadline.FloorSecond))),
    ];

    /// <summary>The bounty that a node is to have a lot of.</summary>
    public BountyId WishOf(int node) => new(((ulong)Nodes[node].Region.Value * Worths) + _worths[node]);

    public StrategySpec Strategy { get; }

    /// <summary>The hub of each node; nodes are numbered from 1.</summary>
    public ImmutableArray<HubSpec> Nodes { get; }

    public TimeSpan Guard { get; }

    public Grams CargoMax { get; }

    public static Ed25519Keys Key(string of)
    {
        _ = Ed25519Keys.TryImport(SHA256.HashData(Encoding.ASCII.GetBytes(of)), out Ed25519Keys? key);
        return key!;
    }

    /// <summary>A node, with a key of its own unless it gets one: secret keys are kept in pages of their
    /// own, of which a process may have some 30,000.</summary>
    public ReportingNode NodeOf(int node, Ed25519Keys? key = null, bool wantsWork = false) => new(
        new NodeId((uint)node + 1), Nodes[node].Region, Nodes[node].NodeContacts, Guard, CargoMax,
        key ?? Key($"node {node + 1}"))
    {
        Wish = wantsWork ? WishOf(node) : null,
    };
}

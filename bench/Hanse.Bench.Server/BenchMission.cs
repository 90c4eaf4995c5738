using System;
using System.Collections.Immutable;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Strategy;
using Hanse.IO.Journal;
using Hanse.Simulation.Fleet;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;

namespace Hanse.Bench.Server;

/// <summary>A mission of many hubs whose nodes are always in reach.</summary>
internal sealed class BenchMission
{
    private static readonly TimeSpan _day = TimeSpan.FromDays(1);

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
        Guard = plan.Rules.ClockErrorMax;
        CargoMax = plan.Design.CargoMax;
    }

    public ImmutableArray<HubSpec> Hubs { get; }

    public StrategySpec Strategy { get; }

    /// <summary>The hub of each node; nodes are numbered from 1.</summary>
    public ImmutableArray<HubSpec> Nodes { get; }

    public TimeSpan Guard { get; }

    public Core.Units.Grams CargoMax { get; }

    public static Ed25519Keys Key(string of)
    {
        _ = Ed25519Keys.TryImport(SHA256.HashData(Encoding.ASCII.GetBytes(of)), out Ed25519Keys? key);
        return key!;
    }

    /// <summary>A node, with a key of its own unless it gets one: secret keys are kept in pages of their
    /// own, of which a process may have some 30,000.</summary>
    public ReportingNode NodeOf(int node, Ed25519Keys? key = null) => new(
        new NodeId((uint)node + 1), Nodes[node].Region, Nodes[node].NodeContacts, Guard, CargoMax,
        key ?? Key($"node {node + 1}"));
}

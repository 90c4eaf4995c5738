using System;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.IO.Journal;
using Hanse.IO.Plane;
using Hanse.IO.Runtime;
using Hanse.IO.Stores;
using Hanse.Simulation.Fleet;
using Hanse.Simulation.Scenarios;
using Hanse.Simulation.Tests.Fleet;

namespace Hanse.Cluster.Silo;

/// <summary>A mission of some hubs whose nodes are always in reach; the same in every process that makes
/// it.</summary>
internal sealed class ClusterMission
{
    /// <summary>Mission seconds a second: a link repeats what was lost after a second.</summary>
    public const double Pace = 60;

    private static readonly TimeSpan _day = TimeSpan.FromDays(1);
    private static readonly TimeSpan _light = TimeSpan.FromMilliseconds(20);

    public ClusterMission(int hubs, int nodes)
    {
        Scenario calm = Calm.Fleet(1);
        var plan = new Blueprint(
            calm with
            {
                Days = 1,
                Fleet = calm.Fleet with { Nodes = nodes },
                Regions = calm.Regions with
                {
                    Count = hubs,
                    NodesMax = (nodes / hubs) + 1,
                    Depots = 1,
                    Sites = 2,
                    Anchors = [],
                },
                Links = calm.Links with { ClockErrorSeconds = 1 },
            },
            seed: 1);
        Hubs =
        [
            .. plan.Regions.Select(region => region.Hub with
            {
                PublicKey = Key($"hub {region.Id.Value}").PublicKey,
                NodeContacts = new ContactRule(_day, _day, 100_000_000, _light),
                StrategyContacts = Near(region.Hub.StrategyContacts),
            }),
        ];
        Strategy = plan.Strategy with
        {
            Regions = plan.Strategy.Regions.ToImmutableSortedDictionary(
                region => region.Key,
                region => region.Value with
                {
                    PublicKey = Key($"hub {region.Key.Value}").PublicKey,
                    Contacts = Near(region.Value.Contacts),
                }),
        };
        Nodes = [.. Enumerable.Range(0, nodes).Select(node => Hubs[plan.RegionOf(node)])];
        Guard = plan.Rules.ClockErrorMax;
        CargoMax = plan.Design.CargoMax;
    }

    public static byte[] Name { get; } = SHA256.HashData("a mission of a cluster"u8);

    public ImmutableArray<HubSpec> Hubs { get; }

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

    public static MissionClock ClockFrom(DateTimeOffset epoch) => new(TimeProvider.System, epoch, Pace);

    public PlaneParts PartsOn(IStreamStore store, IMissionClock clock, IPlanePorts ports) => new()
    {
        Strategy = Strategy,
        Hubs = Hubs,
        KeyOf = region =>
        {
            SiloPorts.Say($"hub {region.Value} runs"); // A hub that is being started asks for its key.
            return Key($"hub {region.Value}");
        },
        Store = store,
        Clock = clock,
        Ports = ports,
    };

    private static ContactPlan Near(ContactPlan plan) => plan with { LightTime = _light };
}

/// <summary>Nothing but a line for everything that goes wrong.</summary>
internal sealed class SiloPorts : IPlanePorts
{
    public void Serve(RegionId region, HubEffect.Serve serve)
    {
    }

    public void Issue(RegionId region, HubEffect.Issue issue)
    {
    }

    public byte[] ReadPackage(Digest release, int from, int count) => [];

    public void Refused(Party machine, Party from, MessageKind kind, Refusal reason) =>
        Say($"{machine} refused {kind} of {from}: {reason}");

    public void Failed(Party machine, string why) => Say($"{machine} failed: {why}");

    public static void Say(string line) => Console.Error.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:HH:mm:ss.fff} {line}"));
}

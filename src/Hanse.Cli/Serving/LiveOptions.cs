using System;
using System.Collections.Immutable;
using System.IO;
using System.Net;
using Hanse.Cli.Releases;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Strategy;
using Hanse.IO.Gateway;
using Hanse.IO.Plane;
using Hanse.IO.Runtime;
using Hanse.IO.Stores;
using Hanse.Server;
using Hanse.Server.Operations;
using Hanse.Simulation.Scenarios;
using Hanse.Simulation.World;

namespace Hanse.Cli.Serving;

/// <summary>How a mission is served.</summary>
internal sealed record LiveOptions
{
    /// <summary>Where it is kept.</summary>
    public required string Folder { get; init; }

    /// <summary>What it is.</summary>
    public required Scenario Scenario { get; init; }

    /// <summary>Mission seconds a second.</summary>
    public required double Pace { get; init; }

    /// <summary>Whether a simulated fleet calls it.</summary>
    public required bool HasFleet { get; init; }

    /// <summary>Measurements of cores that nodes may run.</summary>
    public ImmutableArray<Digest> Cores { get; init; } = [];

    /// <summary>Where the releases are that hubs hand out; null for those of the scenario only.</summary>
    public string? Packages { get; init; }

    /// <summary>Who signs orders of rollouts.</summary>
    public OperatorKeys Signers { get; init; } = OperatorKeys.None;

    /// <summary>Whose word lets operators in besides the file; null for nobody's.</summary>
    public OpenIdRules? OpenId { get; init; }

    /// <summary>Where it listens.</summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary>The clock of this machine.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Takes a line about something that went wrong.</summary>
    public required Action<string> Log { get; init; }

    /// <summary>Hears of nodes that died, from any thread.</summary>
    public Action<NodeId, string>? Died { get; init; }

    /// <summary>Limits of the gateway.</summary>
    public GatewayRules Rules { get; init; } = new();

    /// <summary>The mission, with keys that belong to a folder's secret.</summary>
    public MissionPlan Plan(DataFolder folder) => MissionPlan.Of(Scenario, Scenario.Seed).WithKeys(
        region => folder.KeyOf($"hub/{region.Value}").PublicKey,
        node => folder.KeyOf($"node/{node.Value}").PublicKey,
        Signers).WithCores(Cores);

    /// <summary>The releases that hubs hand out besides the scenario's; null for none.</summary>
    public PackageLibrary? Library(DataFolder folder, MissionPlan plan) => Packages is not { } packages ? null
        : new PackageLibrary(packages, Path.Combine(folder.Path, "compiled"), plan.Skills, Log);

    /// <summary>How the server listens.</summary>
    public ServerOptions Server(DataFolder folder) => new()
    {
        Address = Listen.Address,
        Port = Listen.Port,
        Certificate = folder.Certificate(Time.GetUtcNow()),
        Rules = Rules,
        RescueFolder = System.IO.Path.Combine(folder.Path, "rescue"),
    };

    /// <summary>The operators' side of the server.</summary>
    /// <param name="plan">The mission.</param>
    /// <param name="plane">Its machines.</param>
    /// <param name="clock">Its clock.</param>
    /// <param name="store">Where the audit trail is.</param>
    /// <param name="feed">What happens.</param>
    /// <param name="postings">What gives bounties their numbers; null while another process does.</param>
    /// <param name="library">The releases that hubs hand out.</param>
    public OperationsParts Operations(
        MissionPlan plan, IControlPlane plane, IMissionClock clock, IStreamStore store, LiveFeed feed,
        Func<PostingDesk?> postings, PackageLibrary? library) => new()
        {
            Title = Scenario.Title,
            Plane = plane,
            Clock = clock,
            Pace = Pace,
            Store = store,
            Operators = OperatorBook.Open(Folder, Time, Log),
            OpenId = OpenId is { } rules ? new OpenIdBook(rules, Time, Log) : null,
            Postings = postings,
            Feed = feed,
            Signers = Signers,
            Release = release => library?.LengthOf(release),
            Regions = plan.Regions.ToImmutableSortedDictionary(
                region => region.Hub.Region, region => new RegionCard(region.Name, region.Hub.Depots)),
            Time = Time,
        };

    /// <summary>What nodes know the server by.</summary>
    public static string Fingerprint(DataFolder folder) =>
        File.ReadAllText(Path.Combine(folder.Path, "tls.sha256")).Trim();
}

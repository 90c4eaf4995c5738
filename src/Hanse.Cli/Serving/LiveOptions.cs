using System;
using System.IO;
using System.Net;
using Hanse.Core.Identity;
using Hanse.IO.Gateway;
using Hanse.Server;
using Hanse.Simulation.Scenarios;

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

    /// <summary>Where the releases are that hubs hand out; null for those of the scenario only.</summary>
    public string? Packages { get; init; }

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

    /// <summary>How the server listens.</summary>
    public ServerOptions Server(DataFolder folder) => new()
    {
        Address = Listen.Address,
        Port = Listen.Port,
        Certificate = folder.Certificate(Time.GetUtcNow()),
        Rules = Rules,
    };

    /// <summary>What nodes know the server by.</summary>
    public static string Fingerprint(DataFolder folder) =>
        File.ReadAllText(Path.Combine(folder.Path, "tls.sha256")).Trim();
}

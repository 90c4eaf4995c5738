using System;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Hanse.IO.Gateway;
using Hanse.Server.Operations;

namespace Hanse.Server;

/// <summary>Where and how a server listens.</summary>
public sealed record ServerOptions
{
    /// <summary>The address; the machine itself unless told otherwise.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port; zero for any that is free.</summary>
    public int Port { get; init; }

    /// <summary>What it shows of itself; null to speak in the clear, which only a test should.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Limits of the gateway.</summary>
    public GatewayRules Rules { get; init; } = new();

    /// <summary>The operators' side; null for none.</summary>
    public OperationsParts? Operations { get; init; }

    /// <summary>What nodes are told that speak nothing that is spoken now; null for nothing.</summary>
    public string? RescueFolder { get; init; }

    /// <summary>How long calls under way may take when it shuts down.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(5);
}

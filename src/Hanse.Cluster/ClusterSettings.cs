using System;
using System.Net;
using Hanse.IO.Journal;
using Hanse.Server;
using Hanse.Server.Operations;
using Microsoft.Extensions.Logging;

namespace Hanse.Cluster;

/// <summary>How a process joins a cluster.</summary>
/// <remarks>The times are what they are for a reason, and all processes must have the same; see
/// <c>docs/cluster.md</c>.</remarks>
public sealed record ClusterSettings
{
    /// <summary>How long a process has to answer whether it is alive.</summary>
    public static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(1);

    /// <summary>The same at most, however slow this process finds itself.</summary>
    public static readonly TimeSpan ProbeTimeoutMax = TimeSpan.FromSeconds(1.5);

    /// <summary>How often a process writes into the table that it is alive.</summary>
    public static readonly TimeSpan AlivePeriod = TimeSpan.FromSeconds(3);

    /// <summary>How often a process reads the table: one that was frozen learns from it that it is
    /// dead.</summary>
    public static readonly TimeSpan TablePeriod = TimeSpan.FromSeconds(3);

    /// <summary>How long a call to a machine may take.</summary>
    public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The database in which the processes find each other, as Npgsql reads it.</summary>
    public required string Connection { get; init; }

    /// <summary>Which mission: processes of different missions are different clusters.</summary>
    public required ReadOnlyMemory<byte> Mission { get; init; }

    /// <summary>Makes a key of a name and of the secret that all processes have: answers to nodes are signed
    /// with such a one.</summary>
    public required Func<string, Ed25519Keys> GatewayKeyOf { get; init; }

    /// <summary>Where the others reach this process. Whoever reaches it there can do anything, so it must be
    /// a network of their own.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port for it; zero for any that is free.</summary>
    public int Port { get; init; }

    /// <summary>Where nodes reach it.</summary>
    public ServerOptions Server { get; init; } = new();

    /// <summary>The operators' side of this process, made for its view of the machines; null for none. All
    /// processes may have one, and one of them gives bounties their numbers at a time
    /// (<see cref="Stores.OperatorSeat"/>).</summary>
    public Func<ClusterPlane, OperationsParts>? Operations { get; init; }

    /// <summary>Sets up what the cluster logs; null for nothing.</summary>
    public Action<ILoggingBuilder>? Logging { get; init; }
}

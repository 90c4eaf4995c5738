using System;
using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Cli.Serving;
using Hanse.Cluster.Stores;
using Hanse.IO.Plane;
using Hanse.IO.Runtime;

namespace Hanse.Cli.Commands;

/// <summary>What <c>hanse serve</c> does with <c>--cluster</c>.</summary>
internal static class ServeCluster
{
    private static readonly TimeSpan _tellEvery = TimeSpan.FromSeconds(2);

    /// <summary>The database that processes share.</summary>
    public static Option<string?> DatabaseOption() => new("--cluster")
    {
        Description = "Serves together with other processes: a PostgreSQL that all share, as a URL "
            + "(postgres://user@host/database) or as Npgsql reads it. A password is better kept in a file "
            + "that PGPASSFILE names. --data then has this process's secret and certificate only, and all "
            + "have the same file 'secret'.",
        HelpName = "DATABASE",
    };

    /// <summary>Where processes reach each other.</summary>
    public static Option<string> AmongOption() => new("--cluster-listen")
    {
        Description = "Address and port for the other processes, in a network of their own: who reaches it "
            + "can do anything. Port 0 is any that is free.",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => "127.0.0.1:0",
    };

    /// <summary>Serves until it is ended.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(
        LiveOptions options, string database, string listen, Surroundings surroundings, TextWriter output,
        TextWriter error)
    {
        if (options.HasFleet)
        {
            error.WriteLine("hanse: --fleet runs in one process with the hubs; without --cluster");
            return ExitCode.Refused;
        }

        if (!PostgresAddress.TryRead(database, out string? connection)
            || !IPEndPoint.TryParse(listen, out IPEndPoint? among))
        {
            error.WriteLine("hanse: --cluster has the form postgres://user@host/database, and "
                + "--cluster-listen the form 10.0.0.7:11111");
            return ExitCode.Refused;
        }

        return UntilEnded.Run(
            stop => ServeAsync(options, connection, among, output, stop), surroundings, error);
    }

    private static async Task<int> ServeAsync(
        LiveOptions options, string connection, IPEndPoint among, TextWriter output, CancellationToken stop)
    {
        await using ClusteredMission mission = await ClusteredMission.StartAsync(
            options, connection, among, stop);
        output.WriteLine($"{options.Scenario.Title}");
        output.WriteLine($"serving on {mission.Address}, with whoever shares the database");
        output.WriteLine($"for agents: --epoch {mission.Epoch:O}");
        ServeCommand.TellKey(mission.Keys, output);
        ServeCommand.TellToken(options.Folder, output);
        bool? takesOrders = null;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (takesOrders != mission.TakesOrders)
                {
                    takesOrders = mission.TakesOrders;
                    output.WriteLine(takesOrders == true
                        ? "bounties are ordered here" : "bounties are ordered at another process");
                    await output.FlushAsync(stop);
                }

                await Task.Delay(_tellEvery, stop);
                output.WriteLine(Line(mission, await mission.StatusAsync()));
                await output.FlushAsync(stop);
            }
            catch (OperationCanceledException)
            {
                break;
            }
            catch (MachineFailedException)
            {
                // It runs elsewhere soon; the next line will tell.
            }
        }

        return ExitCode.Fine;
    }

    private static string Line(ClusteredMission mission, ImmutableArray<HubStatus> hubs) => string.Create(
        CultureInfo.InvariantCulture,
        $"day {mission.Now.Micros / 86_400e6:F2}: {mission.Machines} of {hubs.Length + 1} machines run here; "
            + $"in all {hubs.Sum(hub => hub.Nodes)} nodes, {hubs.Sum(hub => hub.Bounties)} bounties open, "
            + $"{hubs.Sum(hub => hub.Contracts)} contracts, {hubs.Sum(hub => hub.Cases)} cases; "
            + $"{mission.Failures} restarts here");
}

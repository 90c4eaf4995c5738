using System;
using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Cli.Releases;
using Hanse.Cli.Scenarios;
using Hanse.Cli.Serving;
using Hanse.Core.Strategy;
using Hanse.IO.Gateway;
using Hanse.IO.Plane;
using Hanse.IO.Runtime;
using Hanse.Server.Operations;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse serve</c>: hubs and strategic layer of a mission, for nodes that call.</summary>
internal static class ServeCommand
{
    private const string CodesGuide =
        "Exit codes: 0 ended by Ctrl-C or SIGTERM, everything durable; 2 the command line or the folder is "
            + "wrong, nothing was served; 3 a file or the port cannot be used.";

    private static readonly TimeSpan _tellEvery = TimeSpan.FromSeconds(2);

    /// <summary>The command.</summary>
    public static Command Create(Surroundings surroundings)
    {
        var asked = new Argument<string>("SCENARIO")
        {
            Description = "The mission: a file, or a name that 'hanse scenario list' shows.",
        };
        Option<ulong?> seed = ScenarioChoice.SeedOption();
        Option<int?> nodes = ScenarioChoice.NodesOption();
        Option<double?> days = ScenarioChoice.DaysOption();
        ServeOptions serving = ServeOptions.Create(pace: 1);
        var fleet = new Option<bool>("--fleet")
        {
            Description = "Simulates the mission's machines as well: each a node of its own that calls over "
                + "the network.",
        };
        Option<string?> cluster = ServeCluster.DatabaseOption();
        Option<string> among = ServeCluster.AmongOption();
        Option<string?> packages = PackageLibrary.Option();
        Option<string?> signers = SignersFile.Option();
        OpenIdOptions openId = OpenIdOptions.Create();
        var command = new Command(
            "serve", "Serves a mission: its strategic layer and its hubs, durable, for nodes that call over "
                + "gRPC. Ctrl-C ends it; the same command goes on with it.\n\n" + CodesGuide)
        {
            asked, seed, nodes, days, serving.Data, serving.Listen, serving.Pace, serving.Cores, fleet,
            packages, signers, cluster, among, openId.Issuer, openId.Audience, openId.Roles,
        };
        command.SetAction(parsed =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            var overrides = new ScenarioOverrides(
                parsed.GetValue(seed), parsed.GetValue(nodes), parsed.GetValue(days));
            (ScenarioChoice? choice, int code) = ScenarioChoice.Make(
                surroundings, parsed.GetRequiredValue(asked), overrides, error);
            if (choice is null)
            {
                return code;
            }

            LiveOptions? options = serving.Read(parsed, choice, surroundings, parsed.GetValue(fleet));
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (options is null)
            {
                return ExitCode.Refused;
            }

            if (Signers(parsed.GetValue(signers), choice, error) is not { } keys)
            {
                return ExitCode.Refused;
            }

            (OpenIdRules? provider, string? mistake) = openId.Read(parsed);
            if (mistake is not null)
            {
                error.WriteLine("hanse: " + mistake);
                return ExitCode.Refused;
            }

            options = options with
            {
                Packages = parsed.GetValue(packages),
                Signers = keys,
                OpenId = provider,
            };
            if (parsed.GetValue(cluster) is { } database)
            {
                return ServeCluster.Run(
                    options, database, parsed.GetRequiredValue(among), surroundings, output, error);
            }

            return UntilEnded.Run(stop => ServeAsync(options, output, stop), surroundings, error);
        });
        return command;
    }

    // Null when there is something wrong with them, which is said.
    private static OperatorKeys? Signers(string? path, ScenarioChoice choice, TextWriter error)
    {
        if (path is not null && !choice.Scenario.Rollouts.IsEmpty)
        {
            error.WriteLine(
                "hanse: the scenario orders rollouts, which nobody signs; leave them or --signers out");
            return null;
        }

        try
        {
            return SignersFile.Read(path, error);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"hanse: {failure.Message}");
            return null;
        }
    }

    private static async Task<int> ServeAsync(
        LiveOptions options, TextWriter output, CancellationToken stop)
    {
        await using LiveMission mission = await LiveMission.StartAsync(options, stop);
        output.WriteLine($"{options.Scenario.Title}");
        output.WriteLine($"serving on {mission.Address}, kept in {options.Folder}");
        if (mission.Epoch is { } epoch)
        {
            output.WriteLine($"for agents: --epoch {epoch:O}");
        }

        TellKey(mission.Keys, output);
        TellToken(options.Folder, output);
        await output.FlushAsync(stop);
        while (!stop.IsCancellationRequested)
        {
            try
            {
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
                // It is being started anew; the next line will tell.
            }
        }

        return ExitCode.Fine;
    }

    /// <summary>Says by which key nodes know answers.</summary>
    public static void TellKey(GatewayKeys keys, TextWriter output) => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"for agents: answers are by gateway key {keys.Serial}, {Convert.ToHexStringLower(keys.Key)}"));

    /// <summary>Says where the token is with which operators look and order.</summary>
    public static void TellToken(string folder, TextWriter output)
    {
        string token = OperatorBook.AdminTokenIn(folder);
        if (File.Exists(token))
        {
            output.WriteLine($"for operators: the admin's token is in {token}; see 'hanse status --help'");
        }
    }

    private static string Line(LiveMission mission, ImmutableArray<HubStatus> hubs) => string.Create(
        CultureInfo.InvariantCulture,
        $"day {mission.Now.Micros / 86_400e6:F2}: {hubs.Sum(hub => hub.Nodes)} nodes at {hubs.Length} hubs, "
            + $"{hubs.Sum(hub => hub.Bounties)} bounties open, {hubs.Sum(hub => hub.Contracts)} contracts, "
            + $"{hubs.Sum(hub => hub.Cases)} cases, {mission.Dead} died, {mission.Failures} restarts");
}

using System;
using System.Collections.Concurrent;
using System.CommandLine;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Cli.Scenarios;
using Hanse.Cli.Serving;
using Hanse.Cli.Views;
using Hanse.Core.Identity;
using Hanse.Simulation.Runs;
using Hanse.Simulation.World;
using Spectre.Console;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse up</c>: shows what Hanse is for, with a real server and nodes that call it.</summary>
internal static class UpCommand
{
    /// <summary>The mission that newcomers see.</summary>
    public const string Flagship = "nickel-500t";

    private const string CodesGuide =
        "Exit codes: 0 played to its end, or ended by Ctrl-C or SIGTERM, everything durable; 2 the command "
            + "line or the folder is wrong, nothing was served; 3 a file or the port cannot be used.";

    private static readonly TimeSpan _lookEvery = TimeSpan.FromMilliseconds(250);

    /// <summary>The command.</summary>
    public static Command Create(Surroundings surroundings)
    {
        Option<ulong?> seed = ScenarioChoice.SeedOption();
        Option<int?> nodes = ScenarioChoice.NodesOption();
        Option<double?> days = ScenarioChoice.DaysOption();
        ServeOptions serving = ServeOptions.Create(pace: 5_000);
        var command = new Command(
            "up", "Plays 500 miners filling a bounty of 500 tonnes of nickel while some of them die, for "
                + "real: a server with durable hubs, and a fleet of simulated machines, each a node of its "
                + "own that calls over the network; mission time runs 5,000 times as fast as yours. Live on "
                + "a terminal, as lines otherwise. Ctrl-C ends it; the same command goes on with it. "
                + "'hanse sim watch' plays the same in the simulator, within a minute.\n\n" + CodesGuide)
        {
            seed, nodes, days, serving.Data, serving.Listen, serving.Pace, serving.Cores,
        };
        command.SetAction(parsed =>
        {
            var overrides = new ScenarioOverrides(
                parsed.GetValue(seed), parsed.GetValue(nodes), parsed.GetValue(days));
            InvocationConfiguration console = parsed.InvocationConfiguration;
            (ScenarioChoice? choice, int code) =
                ScenarioChoice.Make(surroundings, Flagship, overrides, console.Error);
            if (choice is null)
            {
                return code;
            }

            LiveOptions? options = serving.Read(parsed, choice, surroundings, hasFleet: true);
            return options is null
                ? ExitCode.Refused
                : UntilEnded.Run(
                    stop => new Play(options, surroundings, console).RunAsync(stop), surroundings,
                    console.Error);
        });
        return command;
    }

    // One mission while it is watched.
    private sealed class Play(LiveOptions options, Surroundings surroundings, InvocationConfiguration console)
    {
        private readonly TextWriter _output = console.Output;
        private RunProgress? _last;

        public async Task<int> RunAsync(CancellationToken stop)
        {
            _output.WriteLine(options.Scenario.Title);
            var deaths = new DeathNotices();
            await using (LiveMission mission = await LiveMission.StartAsync(
                options with { Died = deaths.Tell }, stop))
            {
                _output.WriteLine(
                    $"Served on {mission.Address}, kept in {options.Folder}; Ctrl-C ends it, and the same "
                    + "command goes on with it.");
                ServeCommand.TellToken(options.Folder, _output);
                var follower = new MissionFollower(mission.Plan);
                var tail = new StoreTail(mission.Store, mission.Plan, follower);
                await tail.ReadAsync(stop);
                follower.Forget();
                await WatchAsync(mission, follower, tail, deaths, stop);
            }

            if (_last is { } last)
            {
                _output.WriteLine();
                _output.WriteLine(last.Elapsed < last.Total
                    ? $"Ended on {Figures.Day(last.Elapsed)} of {Figures.Number(last.Total.TotalDays)}; the "
                        + "same command goes on with it."
                    : $"The mission is over; all of it is kept in {options.Folder}.");
                MissionSummary.WriteStanding(_output, last);
            }

            return ExitCode.Fine;
        }

        private async Task WatchAsync(
            LiveMission mission, MissionFollower follower, StoreTail tail, DeathNotices deaths,
            CancellationToken stop)
        {
            if (surroundings.Screen is not { } screen)
            {
                var lines = new MissionLines(_output);
                await FollowAsync(mission, follower, tail, deaths, lines.Show, stop);
                return;
            }

            var log = new MissionLog();
            var view = new MissionView(
                "Hanse: " + options.Scenario.Name, options.Scenario.Seed,
                $"{mission.Address}, kept in {options.Folder}. Ctrl-C ends it.");
            await screen.Live(view.Draw(log, screen.Profile.Height))
                .Overflow(VerticalOverflow.Crop)
                .Cropping(VerticalOverflowCropping.Bottom)
                .StartAsync(live => FollowAsync(mission, follower, tail, deaths, progress =>
                {
                    _ = log.Take(progress);
                    live.UpdateTarget(view.Draw(log, screen.Profile.Height));
                }, stop));
        }

        private async Task FollowAsync(
            LiveMission mission, MissionFollower follower, StoreTail tail, DeathNotices deaths,
            Action<RunProgress> show, CancellationToken stop)
        {
            try
            {
                while (true)
                {
                    await tail.ReadAsync(stop);
                    deaths.GiveTo(follower, mission);
                    _last = follower.Progress(mission.Now, mission.Dead);
                    show(_last);
                    await _output.FlushAsync(stop);
                    if (mission.Now >= mission.Plan.End)
                    {
                        return;
                    }

                    await Task.Delay(_lookEvery, stop);
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // As asked.
            }
        }
    }

    // Nodes that died, told by the world's thread, heard by who watches.
    private sealed class DeathNotices
    {
        private readonly ConcurrentQueue<(NodeId Node, string How)> _notices = new();

        public void Tell(NodeId node, string how) => _notices.Enqueue((node, how));

        public void GiveTo(MissionFollower follower, LiveMission mission)
        {
            while (_notices.TryDequeue(out (NodeId Node, string How) notice))
            {
                follower.Died(mission.Now, notice.Node, notice.How);
            }
        }
    }
}

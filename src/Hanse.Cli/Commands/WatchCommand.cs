using System;
using System.CommandLine;
using System.IO;
using Hanse.Cli.Scenarios;
using Hanse.Cli.Views;
using Hanse.Simulation.Runs;
using Spectre.Console;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse sim watch</c>: a scenario played so that people can follow it.</summary>
internal static class WatchCommand
{
    // Long enough to watch a bounty fill, short enough to watch to the end.
    private static readonly TimeSpan _watchedFor = TimeSpan.FromSeconds(40);

    // Ten pictures a second.
    private const int Pictures = 400;

    /// <summary>The command.</summary>
    public static Command Create(Surroundings surroundings)
    {
        var asked = new Argument<string>("SCENARIO")
        {
            Description = "A scenario file, or the name of one that 'hanse scenario list' shows.",
            DefaultValueFactory = _ => UpCommand.Flagship,
        };
        Option<ulong?> seed = ScenarioChoice.SeedOption();
        Option<int?> nodes = ScenarioChoice.NodesOption();
        Option<double?> days = ScenarioChoice.DaysOption();
        var command = new Command(
            "watch", "Plays a scenario in the simulator within a minute, if it is not large: live on a "
                + "terminal, as lines otherwise. It is the same run each time; --seed makes another.\n\n"
                + ExitCode.Guide)
        {
            asked, seed, nodes, days,
        };
        command.SetAction(parsed =>
        {
            var overrides = new ScenarioOverrides(
                parsed.GetValue(seed), parsed.GetValue(nodes), parsed.GetValue(days));
            InvocationConfiguration console = parsed.InvocationConfiguration;
            (ScenarioChoice? choice, int code) =
                ScenarioChoice.Make(surroundings, parsed.GetRequiredValue(asked), overrides, console.Error);
            return choice is null ? code : Watch(surroundings, choice, console);
        });
        return command;
    }

    private static int Watch(
        Surroundings surroundings, ScenarioChoice choice, InvocationConfiguration console)
    {
        console.Output.WriteLine(choice.Scenario.Title);
        console.Output.WriteLine($"Seed {choice.Scenario.Seed}; another run: hanse sim watch --seed N");
        PlayOutcome outcome = surroundings.Screen is { } screen
            ? Live(surroundings, choice, screen)
            : Lines(surroundings, choice, console.Output);
        switch (outcome)
        {
            case PlayOutcome.Finished(var report):
                MissionSummary.Write(console.Output, report, choice.Replay);
                return ExitCode.Fine;
            case PlayOutcome.Stopped({ } last):
                MissionSummary.WriteStopped(console.Output, last);
                break;
        }

        return Unfinished.Tell(outcome, choice.Replay, console.Error);
    }

    private static PlayOutcome Lines(Surroundings surroundings, ScenarioChoice choice, TextWriter output)
    {
        var lines = new MissionLines(output);
        return Playing.Play(surroundings, Options(choice, TimeSpan.FromHours(1)), lines.Show);
    }

    private static PlayOutcome Live(Surroundings surroundings, ScenarioChoice choice, IAnsiConsole screen)
    {
        var log = new MissionLog();
        var view = new MissionView("Hanse: " + choice.Scenario.Name, choice.Scenario.Seed);
        long started = surroundings.Time.GetTimestamp();
        RunOptions options = Options(choice, TimeSpan.FromDays(choice.Scenario.Days) / Pictures);
        return screen.Live(view.Draw(log, screen.Profile.Height))
            .Overflow(VerticalOverflow.Crop)
            .Cropping(VerticalOverflowCropping.Bottom)
            .Start(live =>
            {
                live.Refresh();
                return Playing.Play(surroundings, options, progress =>
                {
                    _ = log.Take(progress);
                    live.UpdateTarget(view.Draw(log, screen.Profile.Height));
                    Pace(surroundings, started, progress.Elapsed / progress.Total);
                });
            });
    }

    // Holds a run back that is faster than can be watched. Ctrl-C does not wait for it.
    private static void Pace(Surroundings surroundings, long started, double share)
    {
        TimeSpan early = (_watchedFor * share) - surroundings.Time.GetElapsedTime(started);
        if (early > TimeSpan.Zero)
        {
            _ = surroundings.Stop.WaitHandle.WaitOne(early);
        }
    }

    private static RunOptions Options(ScenarioChoice choice, TimeSpan every) => new()
    {
        Scenario = choice.Scenario,
        Seed = choice.Scenario.Seed,
        ProgressEvery = every,
    };
}

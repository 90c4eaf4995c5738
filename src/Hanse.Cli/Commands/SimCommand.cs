using System;
using System.CommandLine;
using System.IO;
using Hanse.Cli.Scenarios;
using Hanse.Cli.Traces;
using Hanse.Cli.Views;
using Hanse.Cli.Wire;
using Hanse.Simulation.Runs;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse sim run</c>: plays a scenario and reports.</summary>
internal static class SimCommand
{
    private static readonly TimeSpan _progressEvery = TimeSpan.FromHours(1);

    /// <summary>The command and its neighbours.</summary>
    public static Command Create(Surroundings surroundings) =>
        new("sim", "Plays scenarios in the simulator.")
        {
            Run(surroundings),
            ReplayCommand.Create(surroundings),
            SwarmCommand.Create(surroundings),
            ReturnsCommand.Create(surroundings),
            ReturnCommand.Create(),
        };

    private static Command Run(Surroundings surroundings)
    {
        var scenario = new Argument<string>("SCENARIO")
        {
            Description = "A scenario file, or the name of one that 'hanse scenario list' shows.",
        };
        Option<ulong?> seed = ScenarioChoice.SeedOption();
        Option<int?> nodes = ScenarioChoice.NodesOption();
        Option<double?> days = ScenarioChoice.DaysOption();
        Option<string> form = OneOf("--output", "The form of the report: table or json.", "table", "json");
        form.Aliases.Add("-o");
        var trace = new Option<string?>("--trace")
        {
            Description = "Writes everything that every machine was given, remembered and did to a file, "
                + "compressed if its name ends in .gz; 'hanse sim replay' plays it again.",
            HelpName = "FILE",
        };
        Option<string> progress = OneOf(
            "--progress", "auto shows a line of progress on a terminal; none is silent.", "auto", "none");
        Option<string> wire = OneOf("--wire", "How frames travel: size counts bytes, bytes makes "
            + "them.", "size", "bytes");
        wire.Hidden = true;
        var command = new Command(
            "run", "Plays a scenario to its end and reports. The same scenario and seed make the same "
                + "run, on any machine.\n\n" + ExitCode.Guide)
        {
            scenario, seed, nodes, days, form, trace, progress, wire,
        };
        command.SetAction(parsed =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            var overrides = new ScenarioOverrides(
                parsed.GetValue(seed), parsed.GetValue(nodes), parsed.GetValue(days));
            (ScenarioChoice? choice, int code) =
                ScenarioChoice.Make(surroundings, parsed.GetRequiredValue(scenario), overrides, error);
            if (choice is null)
            {
                return code;
            }

            bool isWatched = parsed.GetValue(progress) == "auto" && surroundings.ErrorIsTerminal;
            var run = new RunOptions
            {
                Scenario = choice.Scenario,
                Seed = choice.Scenario.Seed,
                ProgressEvery = _progressEvery,
                FrameCodec = parsed.GetValue(wire) == "bytes" ? new BytesOnTheWire() : null,
            };
            var line = new ProgressLine(isWatched ? error : TextWriter.Null, surroundings.Time);
            PlayOutcome outcome = Play(surroundings, run, parsed.GetValue(trace), line);
            line.Clear();
            return Tell(choice, outcome, parsed.GetValue(form) == "json", parsed.InvocationConfiguration);
        });
        return command;
    }

    private static PlayOutcome Play(Surroundings surroundings, RunOptions run, string? tracePath,
        ProgressLine line)
    {
        if (tracePath is null)
        {
            return Playing.Play(surroundings, run, line.Show);
        }

        try
        {
            var header = new TraceHeader(surroundings.Version, run.Seed, run.Scenario);
            using Stream trace = TraceFile.Create(tracePath, header);
            return Playing.Play(surroundings, run with { Trace = trace }, line.Show);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new PlayOutcome.Failed($"the trace cannot be written: {failure.Message} Name a file "
                + "that can.");
        }
    }

    private static int Tell(ScenarioChoice choice, PlayOutcome outcome, bool asJson,
        InvocationConfiguration console)
    {
        switch (outcome)
        {
            case PlayOutcome.Finished(var report) when asJson:
                console.Output.WriteLine(ReportJson.Write(report));
                return ExitCode.Fine;
            case PlayOutcome.Finished(var report):
                ReportTable.Write(console.Output, report, choice.Replay);
                return ExitCode.Fine;
            default:
                return Unfinished.Tell(outcome, choice.Replay, console.Error);
        }
    }

    private static Option<string> OneOf(string name, string about, params string[] words)
    {
        var option = new Option<string>(name)
        {
            Description = about,
            DefaultValueFactory = _ => words[0],
            HelpName = string.Join('|', words),
        };
        return option.AcceptOnlyFromAmong(words);
    }
}

using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using Hanse.Cli.Traces;
using Hanse.Cli.Views;
using Hanse.Simulation.Runs;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse sim replay</c>: plays a recorded run again and compares line by line.</summary>
internal static class ReplayCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Surroundings surroundings)
    {
        var file = new Argument<string>("TRACE") { Description = "A file of 'hanse sim run --trace'." };
        Option<string?> reviews = SimCommand.ReviewsOption();
        var command = new Command(
            "replay", "Plays a recorded run again and says whether every line is the same, or which is "
                + "the first that is not. A run with --reviews is replayed with the same.\n\n"
                + ExitCode.Guide) { file, reviews };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            TextWriter error = parsed.InvocationConfiguration.Error;
            try
            {
                using Stream recording = TraceFile.Open(path, path, out TraceHeader header);
                if (header.Version != surroundings.Version)
                {
                    error.WriteLine($"hanse: recorded by version {header.Version}, replayed by "
                        + $"{surroundings.Version}");
                }

                (ReviewDesk? desk, int code) =
                    SimCommand.ReadReviews(parsed.GetValue(reviews), header.Scenario, error);
                return desk is null
                    ? code
                    : Replay(surroundings, path, recording, header, desk, parsed.InvocationConfiguration);
            }
            catch (TraceRefusedException refused)
            {
                foreach (string reason in refused.Reasons)
                {
                    error.WriteLine(reason);
                }

                error.WriteLine("hanse: nothing was replayed");
                return ExitCode.Refused;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                error.WriteLine($"hanse: {path} cannot be read: {failure.Message}");
                return ExitCode.Environment;
            }
        });
        return command;
    }

    private static int Replay(
        Surroundings surroundings,
        string path,
        Stream recording,
        TraceHeader header,
        ReviewDesk desk,
        InvocationConfiguration console)
    {
        using var comparison = new ReplayStream(recording);
        var line = new ProgressLine(
            surroundings.ErrorIsTerminal ? console.Error : TextWriter.Null, surroundings.Time);
        var run = new RunOptions
        {
            Scenario = header.Scenario,
            Seed = header.Seed,
            ProgressEvery = TimeSpan.FromHours(1),
            Trace = comparison,
            Reviews = desk,
        };
        PlayOutcome? outcome = null;
        try
        {
            outcome = Playing.Play(surroundings, run, progress =>
            {
                line.Show(progress);
                if (comparison.Difference is not null)
                {
                    throw new TraceDiffersException();
                }
            });
        }
        catch (TraceDiffersException)
        {
            // The comparison knows where.
        }

        line.Clear();
        if (outcome is PlayOutcome.Stopped or PlayOutcome.Failed)
        {
            return Unfinished.Tell(outcome, $"hanse sim replay {path}", console.Error);
        }

        string hash = comparison.End();
        return comparison.Difference is { } difference
            ? Explain(path, difference, console)
            : outcome is PlayOutcome.Broken
                ? Unfinished.Tell(outcome, $"hanse sim replay {path}", console.Error)
                : Agree(comparison.Lines, hash, console.Output);
    }

    private static int Agree(long lines, string hash, TextWriter output)
    {
        output.WriteLine($"identical: {lines:N0} lines, sha256 {hash}");
        return ExitCode.Fine;
    }

    private static int Explain(string path, TraceDifference difference, InvocationConfiguration console)
    {
        if (difference.Recorded is null)
        {
            console.Error.WriteLine($"{path}: ends after {difference.Line - 1:N0} whole lines of the run, "
                + "which goes on");
            console.Error.WriteLine("hanse: so far every line is identical; the file is truncated, or its "
                + "run was stopped");
            return ExitCode.Refused;
        }

        // Facts and effects are indented under the step that made them.
        string? step = IsStep(difference.Recorded) ? null : difference.Step;
        console.Output.WriteLine($"different: line {difference.Line:N0}{When(step ?? difference.Recorded)}");
        if (step is not null)
        {
            console.Output.WriteLine($"  step:     {step}");
        }

        console.Output.WriteLine($"  recorded: {difference.Recorded}");
        console.Output.WriteLine($"  replayed: {difference.Played ?? "(the run ends here)"}");
        return ExitCode.Broken;
    }

    private static bool IsStep(string line) => line.Length > 0 && char.IsAsciiDigit(line[0]);

    // A step begins with its mission time in microseconds.
    private static string When(string line)
    {
        int end = line.IndexOf(' ', StringComparison.Ordinal);
        return end > 0
            && long.TryParse(line[..end], NumberStyles.None, CultureInfo.InvariantCulture, out long micros)
            && micros <= Core.Time.Instant.MicrosMax
            ? $", {Figures.Day(TimeSpan.FromMicroseconds(micros))}"
            : "";
    }
}

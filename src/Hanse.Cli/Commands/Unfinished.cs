using System.Diagnostics;
using System.IO;
using Hanse.Cli.Views;

namespace Hanse.Cli.Commands;

/// <summary>Says why a run was not played to its end.</summary>
internal static class Unfinished
{
    /// <summary>Says it on <paramref name="error"/>, with the command that plays the run again.</summary>
    /// <returns>The exit code.</returns>
    public static int Tell(PlayOutcome outcome, string replay, TextWriter error)
    {
        switch (outcome)
        {
            case PlayOutcome.Stopped(var last):
                error.WriteLine(last is null
                    ? "hanse: stopped before the first hour of the mission was over"
                    : $"hanse: stopped on {Figures.Day(last.Elapsed)} of "
                        + $"{Figures.Number(last.Total.TotalDays)}");
                error.WriteLine($"hanse: to play it to the end: {replay}");
                return ExitCode.Interrupted;
            case PlayOutcome.Broken(var claim):
                error.WriteLine($"hanse: a machine broke an invariant: {claim}");
                error.WriteLine("hanse: this is a bug in Hanse, and this line shows it again:");
                error.WriteLine("  " + replay);
                return ExitCode.Broken;
            case PlayOutcome.Failed(var reason):
                error.WriteLine($"hanse: {reason}");
                return ExitCode.Environment;
            default:
                throw new UnreachableException($"no words for {outcome}");
        }
    }
}

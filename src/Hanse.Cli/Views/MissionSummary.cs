using System.IO;
using Hanse.Simulation.Runs;

namespace Hanse.Cli.Views;

/// <summary>What to take away from a mission that was watched.</summary>
internal static class MissionSummary
{
    /// <summary>Writes the end of a run that was played whole.</summary>
    /// <param name="output">Where.</param>
    /// <param name="report">What it came to.</param>
    /// <param name="replay">The command that plays the same run.</param>
    public static void Write(TextWriter output, RunReport report, string replay)
    {
        output.WriteLine();
        output.WriteLine(ReportTable.Headline(report));
        foreach (NamedBountyStatus bounty in report.Named)
        {
            output.WriteLine(Verdict.On(bounty));
        }

        output.WriteLine();
        ReportTable.WriteRows(output, [.. ReportTable.Work(report), .. ReportTable.Knowledge(report)[..3]]);
        output.WriteLine();
        output.WriteLine(ReportTable.Books(report));
        output.WriteLine($"Trace: sha256 {report.TraceSha256}");
        output.WriteLine($"The same run, to the byte: {replay}");
        output.WriteLine($"Another run: hanse sim watch --seed {unchecked(report.Seed + 1)}");
    }

    /// <summary>Writes how things stood when Ctrl-C ended the run.</summary>
    public static void WriteStopped(TextWriter output, RunProgress last)
    {
        output.WriteLine();
        output.WriteLine($"Stopped on {Figures.Day(last.Elapsed)} of "
            + $"{Figures.Number(last.Total.TotalDays)}.");
        WriteStanding(output, last);
    }

    /// <summary>Writes how things stand.</summary>
    public static void WriteStanding(TextWriter output, RunProgress last)
    {
        foreach (NamedBountyStatus bounty in last.Named)
        {
            output.WriteLine(Verdict.On(bounty));
        }

        output.WriteLine(
            $"So far {last.Bounties.Filled:N0} of {last.Bounties.Posted:N0} bounties are filled, "
                + $"{last.Dead:N0} nodes "
            + $"have died, {last.Contracts.Expired:N0} contracts ran out and "
            + $"{last.Contracts.Remarketed:N0} pieces of "
            + $"such work went to another node; {last.Contracts.LateDeliveries:N0} deliveries came late.");
        output.WriteLine($"Books: {Figures.Equation(last.Ledger)}: "
            + (last.Ledger.Balanced ? "balanced." : "NOT BALANCED."));
    }
}

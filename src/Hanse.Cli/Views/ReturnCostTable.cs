using System;
using System.Collections.Generic;
using System.IO;
using Hanse.Simulation.Returns;

namespace Hanse.Cli.Views;

/// <summary>The cost of a return for people.</summary>
internal static class ReturnCostTable
{
    /// <summary>Writes it.</summary>
    public static void Write(
        TextWriter output, ReturnFigures figures, IReadOnlyList<AirtimeLine> airtime)
    {
        AuditFigures leaves = figures.Audits[0];
        StageSeconds spent = figures.Seconds;
        output.WriteLine(Line($"A {figures.Profile} node returns after {figures.Days:0.#} days (seed ",
            $"{figures.Seed}): {figures.Verdict.ToUpperInvariant()} in {spent.Total:0.000} s of one core",
            $"{(figures.IsProcessorTime ? "." : ", wall time.")}"));
        string reasons = figures.Reasons.IsEmpty ? "none" : string.Join(", ", figures.Reasons);
        output.WriteLine("Reasons: " + reasons);
        output.WriteLine();
        List<(string Name, string Figures)> rows =
        [
            ("journal", Line($"{Figures.Count(figures.Blocks)} blocks, ",
                $"{Figures.Count(figures.Entries)} entries, ",
                $"{Figures.Count(figures.Observations)} observations, ",
                $"{Figures.Count(figures.Decisions)} decisions")),
            ("journal bytes", Line($"{Figures.Bytes(figures.JournalBytes)}; DEFLATE would make ")
                + Figures.Bytes(figures.DeflatedBytes) + " of it"),
            ("signed heads", Line($"{Figures.Bytes(figures.NoteBytes)}, {figures.Signatures} signatures")),
            ("raw log", Line($"{Figures.Count(figures.RawLeaves)} leaves of 64 KiB ",
                "behind the sealed segments")),
        ];
        foreach (AuditFigures audit in figures.Audits)
        {
            rows.Add(($"audit by {audit.Unit}", Line(
                $"{audit.Shown} shown: {Figures.Bytes(audit.Bytes)} and ",
                $"{Figures.Bytes(audit.ProofBytes)} of proofs, {audit.Seconds:0.000} s; ",
                $"{Figures.Bytes(figures.WireBytes(audit))} on the wire in all")));
        }

        rows.AddRange(
        [
            ("time: heads", Line($"{spent.Heads:0.0000} s")),
            ("time: journal", Line($"{spent.Journal:0.0000} s")),
            ("time: signatures", Line($"{spent.Signatures:0.0000} s")),
            ("time: decisions", Line($"{spent.Decisions:0.0000} s, {figures.DecisionsReplayed} taken again")),
            ("time: audit", Line($"{spent.Audit:0.0000} s, {leaves.Shown} leaves of 64 KiB")),
            ("allocated", Figures.Bytes(figures.Allocated)),
            ("166 a day", Line($"{figures.DaySeconds / 60:0.00} core-minutes ",
                "(fleet of 5,000, 30-day cycles)")),
            ("5,000 in a day", Line($"{figures.StormSeconds / 3600:0.00} core-hours")),
            ("full validation", Line($"1 TB at {figures.HashBytesPerSecond / 1e9:0.00} GB/s of SHA-256: ",
                $"{figures.FullHashSeconds:0} s to hash it once, ",
                $"{figures.FullHashSeconds / spent.Total:#,##0} times the return")),
        ]);
        ReportTable.WriteRows(output, rows);
        if (airtime.Count > 0)
        {
            Airtime(output, airtime);
        }
    }

    private static void Airtime(TextWriter output, IReadOnlyList<AirtimeLine> lines)
    {
        output.WriteLine();
        output.WriteLine("On the air, and home through the windows of one antenna (89.5 h a week), "
            + "for all of the nodes that share it:");
        output.WriteLine(Line($"  {"audit by",-10}{"rate",12}{"nodes",7}",
            $"{"bytes",12}{"on air",12}{"home",12}"));
        foreach (AirtimeLine line in lines)
        {
            output.WriteLine(Line($"  {line.Unit,-10}{line.BitsPerSecond / 1000,5} kbit/s{line.Nodes,7}",
                $"{Figures.Bytes(line.Bytes),12}{line.HoursOnAir,10:#,##0.00} h",
                $"{line.HoursUntilHome,10:#,##0.0} h"));
        }
    }

    // Numbers are invariant: the program knows no other culture.
    private static string Line(params ReadOnlySpan<string> parts) => string.Concat(parts);
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hanse.Cli.Returns;
using Hanse.Simulation.Returns;

namespace Hanse.Cli.Views;

/// <summary>Scores for people.</summary>
internal static class ReturnScoreTable
{
    /// <summary>Writes them.</summary>
    public static void Write(TextWriter output, IReadOnlyList<ReturnScore> scores)
    {
        Rows(output, "Honest nodes, and how many of them are quarantined:",
            [.. scores.Where(score => score.Kind.IsHonest())]);
        Rows(output, "Bad nodes, and how many of them are quarantined:",
            [.. scores.Where(score => !score.Kind.IsHonest())]);
        foreach (ReturnScore score in scores.Where(score => score.Kind == ReturnKind.Honest))
        {
            output.WriteLine("State errors of honest nodes off by 5 to 10 %, as claimed and as corrected:");
            Errors(output, score);
        }

        Severities(output, scores);
        foreach (ReturnScore score in scores.Where(score => score.Predicted > 0))
        {
            output.WriteLine(Line($"{ReturnNames.Of(score.Kind)}: 1-(1-f)^k predicts {score.Predicted:0.0} ",
                $"of {score.Cases} (sigma {Math.Sqrt(score.PredictedVariance):0.0}), found ",
                $"{score.Quarantined}"));
        }
    }

    private static void Rows(TextWriter output, string title, IReadOnlyList<ReturnScore> scores)
    {
        if (scores.Count == 0)
        {
            return;
        }

        output.WriteLine(title);
        output.WriteLine(Line($"  {"kind",-19}{"cases",7}{"returns",9}{"quarant.",9}{"corrected",10}",
            $"{"accepted",9}{"rate",9}  95 % interval        found by"));
        foreach (ReturnScore score in scores)
        {
            Proportion rate = score.Detection;
            output.WriteLine(Line($"  {ReturnNames.Of(score.Kind),-19}{score.Cases,7}{score.Returns,9}",
                $"{score.Quarantined,9}{score.Corrected,10}{score.Accepted,9}{100 * rate.Rate,8:0.00}%",
                $"  {100 * rate.Low,6:0.00} to {100 * rate.High,6:0.00} %  {By(score)}"));
        }

        output.WriteLine();
    }

    private static string By(ReturnScore score) => string.Join(", ",
        score.Reasons.OrderByDescending(pair => pair.Value).Take(3)
            .Select(pair => Line($"{pair.Key} {pair.Value}")));

    private static void Errors(TextWriter output, ReturnScore score)
    {
        foreach (StateErrorView error in StateErrorView.Of(score.Errors))
        {
            string against = error.Unit == "m"
                ? Line($"; separation {StateErrors.SeparationMetres:0} m") : "";
            output.WriteLine(Line(
                $"  {error.State,-16} claimed {error.ClaimedP50:0.0} {error.Unit} (median), ",
                $"{error.ClaimedP99:0.0} {error.Unit} (99 %); corrected {error.CorrectedP50:0.0} ",
                $"{error.Unit}, {error.CorrectedP99:0.0} {error.Unit}{against}"));
        }

        output.WriteLine();
    }

    private static void Severities(TextWriter output, IReadOnlyList<ReturnScore> scores)
    {
        foreach (ReturnScore score in scores.Where(score => score.BySeverity.Count > 0
            && !score.Kind.MustBeCaught() && !score.Kind.IsHonest()))
        {
            output.WriteLine(Line($"{ReturnNames.Of(score.Kind)}, detected by severity: ") + string.Join("; ",
                score.BySeverity.Select(pair => Line($"from {Math.Pow(2, pair.Key):0.####} ",
                    $"{pair.Value.Hits} of {pair.Value.Trials}"))));
        }

        output.WriteLine();
    }

    // Numbers are invariant: the program knows no other culture.
    private static string Line(params ReadOnlySpan<string> parts) => string.Concat(parts);
}

using System;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using Hanse.Cli.Market;
using Hanse.Cli.Views;
using Hanse.Core.Clearing;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse market</c>: the clearing engine on markets that someone else wrote.</summary>
internal static class MarketCommand
{
    private const string BoundsName = "bounds.txt";

    /// <summary>The command.</summary>
    public static Command Create() =>
        new("market", "Works on markets.") { Clear() };

    private static Command Clear()
    {
        var file = new Argument<string>("INSTANCE") { Description = "A file of either format." };
        var bound = new Option<long?>("--bound")
        {
            Description = "The best cost known, for the gap.",
            HelpName = "N",
            CustomParser = Bound,
        };
        var bounds = new Option<string?>("--bounds")
        {
            Description = "A file with the best costs known: a line 'NAME_Min LOWER BEST' for each instance. "
                + $"{BoundsName} beside the instance unless given.",
            HelpName = "FILE",
        };
        var form = new Option<string>("--output", "-o")
        {
            Description = "The form of the report: table or json.",
            DefaultValueFactory = _ => "table",
            HelpName = "table|json",
        };
        _ = form.AcceptOnlyFromAmong("table", "json");
        var command = new Command(
            "clear", "Places the tasks of a market on its nodes at the least cost, and says what that costs, "
                + "what found no node, how long it took and how far it is from the best known ('gap': cost "
                + "less bound, as a share of the bound).\n\n"
                + "Two formats, whole numbers without sign. As the OR-Library and Yagiura write the "
                + "generalised assignment problem: 'm n', then n costs for each of m nodes, n loads for "
                + "each, and m capacities, between blanks. Or CSV with the columns 'node', 'task', "
                + "'cost', a row a bid; with 'load' and 'capacity' (the node's, in each of its rows) a "
                + "node takes tasks up to its capacity, without them one task, and then the result is "
                + "proved to be the best. A column 'reserve' (the task's) is the most that is paid for "
                + "it; without it every task is placed that can be.\n\n"
                + ExitCode.Guide)
        {
            file, bound, bounds, form,
        };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(file),
            parsed.GetValue(bound),
            parsed.GetValue(bounds),
            parsed.GetValue(form) == "json",
            parsed.InvocationConfiguration));
        return command;
    }

    private static int Run(
        string file, long? bound, string? bounds, bool isJson, InvocationConfiguration console)
    {
        try
        {
            string beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, BoundsName);
            bounds ??= File.Exists(beside) ? beside : null;
            var instance = Instance.Read(file);
            bound ??= bounds is null
                ? null
                : BoundsFile.BestKnown(bounds, Path.GetFileNameWithoutExtension(file));
            (InstanceReport report, string remark) = Place(file, instance, bound);
            console.Output.WriteLine(isJson ? InstanceJson.Write(report) : Sentence(report, remark));
            return ExitCode.Fine;
        }
        catch (InstanceRefusedException refused)
        {
            console.Error.WriteLine(refused.Message);
            return ExitCode.Refused;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            console.Error.WriteLine($"hanse: {file} or its bounds cannot be read: {failure.Message}");
            return ExitCode.Environment;
        }
    }

    private static (InstanceReport Report, string Remark) Place(string file, Instance instance, long? bound)
    {
        ClearingProblem problem = instance.Problem;
        var engine = new ClearingEngine();
        var rules = new ClearingRules { Epoch = 1 };
        long began = Stopwatch.GetTimestamp();
        long cost = 0;
        int filled;
        string remark;
        if (instance.Terms is { } terms)
        {
            BundleOutcome outcome = engine.ClearBundles(problem, rules, terms);
            cost = outcome.Cost;
            filled = outcome.Filled;
            remark = filled == problem.TaskCount
                ? $"No allocation costs less than {Figures.Count(outcome.Bound)}."
                : "Not proved to be the best.";
        }
        else
        {
            ClearingOutcome outcome = engine.ClearExactly(problem, rules);
            filled = outcome.Filled;
            for (int task = 0; task < problem.TaskCount; task++)
            {
                int owner = outcome.Owners[task];
                cost += owner < 0 ? 0 : problem.Costs[problem.Find(owner, task)];
            }

            remark = outcome.Slack == 0 ? "Proved to be the best." : $"Not proved: {outcome.Remark}.";
        }

        double time = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        bool hasGap = bound is not null && filled == problem.TaskCount;
        return (new InstanceReport
        {
            Instance = file,
            Nodes = problem.Nodes,
            Tasks = problem.TaskCount,
            Cost = cost,
            Unplaced = problem.TaskCount - filled,
            Milliseconds = Math.Round(time, 1),
            Bound = bound,
            Gap = hasGap ? Math.Round((cost - bound!.Value) / (double)bound.Value, 6) : null,
        }, remark);
    }

    private static string Sentence(InstanceReport report, string remark)
    {
        string gap = report.Gap is { } share
            ? $", {(100 * share).ToString("0.00", CultureInfo.InvariantCulture)} % above the best known "
                + Figures.Count(report.Bound!.Value)
            : "";
        return $"{Path.GetFileName(report.Instance)}: {Figures.Count(report.Nodes)} nodes, "
            + $"{Figures.Count(report.Tasks)} tasks: cost {Figures.Count(report.Cost)}{gap}; "
            + $"{Figures.Count(report.Unplaced)} unplaced; {Figures.Number(report.Milliseconds)} ms. "
            + remark;
    }

    private static long? Bound(ArgumentResult found)
    {
        string word = found.Tokens[0].Value;
        if (long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            && number is > 0 and <= Instance.NumberMax)
        {
            return number;
        }

        found.AddError($"--bound: '{word}' is not allowed; allowed: 1 to {Instance.NumberMax}");
        return null;
    }
}

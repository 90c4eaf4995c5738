using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Simulation.Scenarios;

namespace Hanse.Cli.Scenarios;

/// <summary>What the command line changes of a scenario; null leaves what the file says.</summary>
internal sealed record ScenarioOverrides(ulong? Seed, int? Nodes, double? Days, bool IsOracle = false,
    bool IsCareless = false, string? Skill = null, string? Release = null)
{
    /// <summary>As options of a command line, each with a space before it.</summary>
    public string AsOptions =>
        (Nodes is { } nodes ? $" --nodes {nodes}" : "") + (Days is { } days ? $" --days {days}" : "")
        + (IsOracle ? " --oracle" : "") + (IsCareless ? " --pricing careless" : "")
        + (Skill is null ? "" : $" --pricing-skill {Skill}")
        + (Release is null ? "" : $" --release-skill {Release}");

    /// <summary>The changed scenario, or why it cannot be played.</summary>
    /// <remarks>Judged by the same table and rules as a file: the change is written as text and read
    /// again.</remarks>
    public (Scenario? Scenario, IReadOnlyList<string> Refusals) Apply(Scenario scenario)
    {
        Scenario changed = scenario with
        {
            Seed = Seed ?? scenario.Seed,
            Days = Days ?? scenario.Days,
            Fleet = scenario.Fleet with { Nodes = Nodes ?? scenario.Fleet.Nodes },
        };
        if (Days is { } days && !double.IsFinite(days))
        {
            return (null, ["--days: a number is wanted"]);
        }

        ScenarioLoad load = ScenarioFile.Parse("", ScenarioText.Write(changed));
        return (load.Scenario, [.. load.Mistakes.Select(mistake => Name(mistake.Text))]);
    }

    // The first thing to change back is the option.
    private string Name(string text) =>
        text.StartsWith("days:", StringComparison.Ordinal) ? "--" + text
        : text.StartsWith("fleet.nodes:", StringComparison.Ordinal) ? "--nodes" + text["fleet.nodes".Length..]
        : $"with{AsOptions}: {text}";
}

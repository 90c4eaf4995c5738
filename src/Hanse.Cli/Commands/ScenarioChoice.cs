using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Numerics;
using Hanse.Cli.Scenarios;
using Hanse.Simulation.Scenarios;

namespace Hanse.Cli.Commands;

/// <summary>A scenario that was asked for and is fit to be played.</summary>
/// <param name="Asked">As the user called it.</param>
/// <param name="Overrides">What the command line changes.</param>
/// <param name="Scenario">With those changes.</param>
internal sealed record ScenarioChoice(string Asked, ScenarioOverrides Overrides, Scenario Scenario)
{
    /// <summary>The command that plays the very same run.</summary>
    public string Replay => $"hanse sim run {Quoted(Asked)} --seed {Scenario.Seed}{Overrides.AsOptions}";

    /// <summary>The option for the seed.</summary>
    public static Option<ulong?> SeedOption() => Number<ulong>(
        "--seed", "N", "Another seed than the scenario's: another weather, other deaths, another "
            + "run.", Allowed.Seeds);

    /// <summary>The option for the size.</summary>
    public static Option<int?> NodesOption() => Number<int>(
        "--nodes", "N", "Another number of nodes than the scenario's.", Allowed.Range(1, 1_000_000));

    /// <summary>The option for the length.</summary>
    public static Option<double?> DaysOption() => Number<double>(
        "--days", "D", "Another length than the scenario's, in days.", Allowed.Range(1, 3_650));

    /// <summary>Finds, reads, changes and checks; explains itself on <paramref name="error"/> when it
    /// cannot.</summary>
    /// <returns>The choice and 0, or null and the exit code.</returns>
    public static (ScenarioChoice? Choice, int ExitCode) Make(
        Surroundings surroundings, string asked, ScenarioOverrides overrides, TextWriter error)
    {
        (Scenario? scenario, int code) = Load(surroundings.Library, asked, error);
        if (scenario is null)
        {
            return (null, code);
        }

        (Scenario? changed, IReadOnlyList<string> refusals) = overrides.Apply(scenario);
        foreach (string refusal in refusals)
        {
            error.WriteLine("hanse: " + refusal);
        }

        return changed is null
            ? (null, ExitCode.Refused)
            : (new ScenarioChoice(asked, overrides, changed), ExitCode.Fine);
    }

    /// <summary>Finds and reads; explains itself when it cannot.</summary>
    public static (Scenario? Scenario, int ExitCode) Load(ScenarioLibrary library, string asked,
        TextWriter error)
    {
        if (library.Find(asked) is not { } path)
        {
            IEnumerable<string> names = library.All().Select(item => item.Name);
            error.WriteLine($"hanse: there is no scenario '{asked}'{Nearest.Hint(asked, names)}");
            error.WriteLine("hanse: name a file, or one of those that 'hanse scenario list' shows");
            return (null, ExitCode.Environment);
        }

        try
        {
            ScenarioLoad load = ScenarioFile.Load(path, library.Shown(path));
            foreach (Mistake mistake in load.Mistakes)
            {
                error.WriteLine(mistake);
            }

            if (load.Scenario is null)
            {
                error.WriteLine(load.Mistakes.Length == 1
                    ? "hanse: one mistake; nothing was run"
                    : $"hanse: {load.Mistakes.Length:N0} mistakes; nothing was run");
            }

            return (load.Scenario, load.Scenario is null ? ExitCode.Refused : ExitCode.Fine);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"hanse: {asked} cannot be read: {failure.Message}");
            return (null, ExitCode.Environment);
        }
    }

    // Ranges are judged with the scenario; here a word must only be a number.
    private static Option<T?> Number<T>(string name, string unit, string about, string allowed)
        where T : struct, INumber<T> => new(name)
        {
            Description = $"{about} {allowed}.",
            HelpName = unit,
            CustomParser = found =>
            {
                string word = found.Tokens[0].Value;
                if (T.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out T number))
                {
                    return number;
                }

                found.AddError($"{name}: '{word}' is not allowed; allowed: {allowed}");
                return null;
            },
        };

    private static string Quoted(string word) =>
        word.All(letter => char.IsLetterOrDigit(letter) || "-_./".Contains(letter, StringComparison.Ordinal))
            ? word
            : "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}

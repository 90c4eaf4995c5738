using System;
using System.CommandLine;
using System.IO;
using Hanse.Cli.Scenarios;
using Hanse.Simulation.Scenarios;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse scenario</c>: looks at scenario files and runs none.</summary>
internal static class ScenarioCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Surroundings surroundings) =>
        new("scenario", "Lists, checks and describes scenario files.")
        {
            Validate(surroundings),
            List(surroundings),
            Schema(),
        };

    private static Command Validate(Surroundings surroundings)
    {
        var file = new Argument<string>("FILE") { Description = "A scenario file, or a listed name." };
        var command = new Command(
            "validate", "Checks a scenario and prints every mistake with its line and what is "
                + "allowed.") { file };
        command.SetAction(parsed =>
        {
            string asked = parsed.GetRequiredValue(file);
            TextWriter error = parsed.InvocationConfiguration.Error;
            (Scenario? scenario, int code) = ScenarioChoice.Load(surroundings.Library, asked, error);
            if (scenario is not null)
            {
                parsed.InvocationConfiguration.Output.WriteLine($"{asked}: a sound scenario, "
                    + $"'{scenario.Title}'");
            }

            return code;
        });
        return command;
    }

    private static Command List(Surroundings surroundings)
    {
        var command = new Command("list", "Lists the scenarios that can be called by name.");
        command.SetAction(parsed =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            foreach ((string name, string path) in surroundings.Library.All())
            {
                output.WriteLine($"{name,-20} {Describe(surroundings.Library, path)}");
            }

            return ExitCode.Fine;
        });
        return command;
    }

    private static Command Schema()
    {
        var guide = new Option<bool>("--markdown") { Description = "As a table for people instead." };
        var command = new Command("schema", "Prints the JSON Schema of scenario files.") { guide };
        command.SetAction(parsed =>
        {
            string text = parsed.GetValue(guide) ? ScenarioGuide.Write() : ScenarioSchema.Write();
            parsed.InvocationConfiguration.Output.Write(text);
            return ExitCode.Fine;
        });
        return command;
    }

    private static string Describe(ScenarioLibrary library, string path)
    {
        try
        {
            return ScenarioFile.Load(path, library.Shown(path)) switch
            {
                { Scenario: { } scenario } => scenario.Title,
                { Mistakes: [var first, ..] } => $"not sound: {first}",
                _ => "",
            };
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return failure.Message;
        }
    }
}

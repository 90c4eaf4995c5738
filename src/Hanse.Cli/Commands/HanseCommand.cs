using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.IO;
using System.Linq;
using Hanse.Cli.Scenarios;

namespace Hanse.Cli.Commands;

/// <summary>The command line of <c>hanse</c>.</summary>
/// <remarks>
/// What people and scripts can rely on: results go to standard output, everything else to standard error; an
/// error says what to do; exit codes are those of <see cref="ExitCode"/>; a command that refuses has run
/// nothing; nothing is asked, and without a terminal nothing moves.
/// </remarks>
internal static class HanseCommand
{
    /// <summary>Runs the program.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(string[] arguments, Surroundings surroundings, TextWriter output, TextWriter error)
    {
        // Response files would make an argument that begins with @ read a file.
        var parsing = new ParserConfiguration { ResponseFileTokenReplacer = null };
        ParseResult parsed = Create(surroundings).Parse(arguments, parsing);
        if (parsed.Action is ParseErrorAction)
        {
            return Refuse(parsed, error);
        }

        try
        {
            return parsed.Invoke(new InvocationConfiguration
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (IOException failure)
        {
            // Commands answer for their files; what is left is standard output: a full disk, a closed pipe.
            error.WriteLine($"hanse: the output cannot be written: {failure.Message}");
            return ExitCode.Environment;
        }
    }

    private static RootCommand Create(Surroundings surroundings) =>
        new("Hanse coordinates fleets of machines that are out of reach. This program plays such fleets, "
            + "running the same protocol code that would run on them.\n\n" + ExitCode.Guide)
        {
            UpCommand.Create(surroundings),
            ServeCommand.Create(surroundings),
            AgentCommand.Create(surroundings),
            StatusCommand.Create(surroundings),
            BountyCommand.Create(surroundings),
            NodeCommand.Create(surroundings),
            RegionCommand.Create(surroundings),
            RolloutCommand.Create(surroundings),
            GatewayCommand.Create(surroundings),
            OperatorCommand.Create(),
            SimCommand.Create(surroundings),
            ScenarioCommand.Create(surroundings),
            ReviewCommand.Create(),
            JournalCommand.Create(surroundings),
            TelemetryCommand.Create(surroundings),
            MarketCommand.Create(),
            LedgerCommand.Create(surroundings),
            BidsCommand.Create(surroundings),
            SkillCommand.Create(surroundings),
            CoreCommand.Create(surroundings),
            KeyCommand.Create(surroundings),
            StoreCommand.Create(surroundings),
            VersionCommand(surroundings),
        };

    private static Command VersionCommand(Surroundings surroundings)
    {
        var command = new Command("version", "Says which version this is.");
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.WriteLine($"hanse {surroundings.Version}");
            return ExitCode.Fine;
        });
        return command;
    }

    private static int Refuse(ParseResult parsed, TextWriter error)
    {
        foreach (ParseError mistake in parsed.Errors)
        {
            error.WriteLine("hanse: " + mistake.Message);
        }

        Command command = parsed.CommandResult.Command;
        IEnumerable<string> words = command.Children
            .Where(child => child is Command or Option && !child.Hidden)
            .Select(child => child.Name);
        string hint = parsed.UnmatchedTokens is [var word, ..] ? Nearest.Hint(word, words) : "";
        string path = string.Join(' ', Path(command));
        error.WriteLine($"hanse: see '{path} --help'{hint}");
        return ExitCode.Refused;
    }

    private static IEnumerable<string> Path(Command command) =>
        command is RootCommand ? ["hanse"]
        : command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? [.. Path(parent), command.Name]
        : [command.Name];
}

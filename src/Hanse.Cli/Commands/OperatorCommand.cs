using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using Hanse.Server.Operations;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse operator</c>: who may see and do what, in a server's data folder.</summary>
internal static class OperatorCommand
{
    private const string CodesGuide =
        "Exit codes: 0 fine; 2 the command line is wrong, nothing was changed; 3 the folder cannot be used.";

    /// <summary>The command.</summary>
    public static Command Create() =>
        new("operator", "Who may see and do what on a server, by the file 'operators' in its data folder. A "
            + "running server reads it again when it has changed; who is taken out of it is out.\n\n"
            + CodesGuide)
        {
            Add(), List(), Remove(),
        };

    private static Option<string> Data() => new("--data")
    {
        Description = "The server's data folder.",
        HelpName = "FOLDER",
        DefaultValueFactory = _ => "hanse-data",
    };

    private static Command Add()
    {
        var role = new Argument<string>("ROLE") { Description = "viewer, operator, admin, or depot." };
        var name = new Argument<string>("NAME")
        {
            Description = "Who, as the audit trail is to have it; a depot is depot-N, an instrument site-N.",
        };
        Option<string> data = Data();
        var days = new Option<int?>("--days")
        {
            Description = "For how long, up to 3,650 days; without it until the line is taken out.",
            HelpName = "N",
        };
        var command = new Command(
            "add", "Lets somebody in, and prints his token, of which there is no other copy.\n\n"
                + CodesGuide)
        {
            role.AcceptOnlyFromAmong([.. OperatorRoles.All]), name, data, days,
        };
        command.SetAction(parsed => OnFile(parsed, data, (file, lines) =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            string who = parsed.GetRequiredValue(name);
            if (!OperatorBook.IsName(who) || parsed.GetValue(days) is < 1 or > 3_650)
            {
                error.WriteLine(
                    "hanse: a name has letters, digits and . - _ @ +, and --days is from 1 to 3650");
                return ExitCode.Refused;
            }

            if (lines.Any(line => OperatorBook.NameIn(line) == who))
            {
                error.WriteLine($"hanse: '{who}' has a line already; 'hanse operator remove {who}' first");
                return ExitCode.Refused;
            }

            string token = OperatorBook.NewToken();
            OperatorRole may = OperatorRoles.Parse(parsed.GetRequiredValue(role))!.Value;
            DateTimeOffset? until = parsed.GetValue(days) is { } count
                ? DateTimeOffset.UtcNow.AddDays(count) : null;
            bool isWhole = lines is [] or [.., ""];
            File.AppendAllText(
                file, (isWhole ? "" : "\n") + OperatorBook.Line(may, who, token, until) + "\n");
            parsed.InvocationConfiguration.Output.WriteLine(token);
            return ExitCode.Fine;
        }));
        return command;
    }

    private static Command List()
    {
        Option<string> data = Data();
        var command = new Command(
            "list", "Shows who is let in by the file, and until when.\n\n" + CodesGuide) { data };
        command.SetAction(parsed => OnFile(parsed, data, (_, lines) =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            DateTimeOffset now = DateTimeOffset.UtcNow;
            foreach (string line in lines)
            {
                if (OperatorBook.ParseLine(line) is not { Who: var who })
                {
                    continue;
                }

                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{who.Role.Text(),-8} {who.Name}{Until(who.Until, now)}"));
            }

            return ExitCode.Fine;
        }));
        return command;
    }

    private static string Until(DateTimeOffset? until, DateTimeOffset now) => until is not { } end ? ""
        : string.Create(
            CultureInfo.InvariantCulture,
            $", {(end <= now ? "over since" : "until")} {end.UtcDateTime:yyyy-MM-dd HH:mm} UTC");

    private static Command Remove()
    {
        var name = new Argument<string>("NAME") { Description = "Who." };
        Option<string> data = Data();
        var command = new Command(
            "remove", "Takes somebody out: his token is good no more, within a second.\n\n" + CodesGuide)
        {
            name, data,
        };
        command.SetAction(parsed => OnFile(parsed, data, (file, lines) =>
        {
            string who = parsed.GetRequiredValue(name);
            string[] left = [.. lines.Where(line => OperatorBook.NameIn(line) != who)];
            if (left.Length == lines.Length)
            {
                parsed.InvocationConfiguration.Error.WriteLine($"hanse: '{who}' has no line in '{file}'");
                return ExitCode.Refused;
            }

            OperatorBook.Rewrite(file, string.Join('\n', left));
            return ExitCode.Fine;
        }));
        return command;
    }

    private static int OnFile(ParseResult parsed, Option<string> data, Func<string, string[], int> act)
    {
        string file = OperatorBook.FileIn(parsed.GetRequiredValue(data));
        try
        {
            return act(file, File.ReadAllText(file).Split('\n'));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            parsed.InvocationConfiguration.Error.WriteLine(
                $"hanse: {failure.Message}; 'hanse serve' makes the file at its first start");
            return ExitCode.Environment;
        }
    }
}

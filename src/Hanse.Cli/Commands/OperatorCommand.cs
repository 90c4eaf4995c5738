using System;
using System.CommandLine;
using System.IO;
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
            Add(),
        };

    private static Command Add()
    {
        var role = new Argument<string>("ROLE") { Description = "viewer, operator, admin, or depot." };
        var name = new Argument<string>("NAME")
        {
            Description = "Who, as the audit trail is to have it; a depot is depot-N, an instrument site-N.",
        };
        var data = new Option<string>("--data")
        {
            Description = "The server's data folder.",
            HelpName = "FOLDER",
            DefaultValueFactory = _ => "hanse-data",
        };
        var command = new Command(
            "add", "Lets somebody in, and prints his token, of which there is no other copy.\n\n"
                + CodesGuide)
        {
            role.AcceptOnlyFromAmong([.. OperatorRoles.All]), name, data,
        };
        command.SetAction(parsed =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            string who = parsed.GetRequiredValue(name);
            string file = OperatorBook.FileIn(parsed.GetRequiredValue(data));
            if (!OperatorBook.IsName(who))
            {
                error.WriteLine("hanse: a name has letters, digits and . - _ @ +");
                return ExitCode.Refused;
            }

            try
            {
                string known = File.ReadAllText(file);
                foreach (string line in known.Split('\n'))
                {
                    string[] words = line.Split(
                        [' ', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                    if (words is [_, var taken, ..] && taken == who)
                    {
                        error.WriteLine($"hanse: '{who}' is let in already; take the line out of '{file}'");
                        return ExitCode.Refused;
                    }
                }

                string token = OperatorBook.NewToken();
                OperatorRole may = OperatorRoles.Parse(parsed.GetRequiredValue(role))!.Value;
                string added = OperatorBook.Line(may, who, token);
                File.AppendAllText(file, (known.EndsWith('\n') ? "" : "\n") + added + "\n");
                parsed.InvocationConfiguration.Output.WriteLine(token);
                return ExitCode.Fine;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                error.WriteLine($"hanse: {failure.Message}; 'hanse serve' makes the file at its first start");
                return ExitCode.Environment;
            }
        });
        return command;
    }
}

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using Hanse.Cli.Keys;
using Hanse.Core.Journal;
using Hanse.Skills.Trust;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse key</c>: keys that sign skills.</summary>
internal static class KeyCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Surroundings surroundings) =>
        new("key", "Makes, shows and replaces keys that sign skills.\n\n" + TrustConsole.CodesGuide)
        {
            New(), Show(), Rotate(surroundings),
        };

    private static Command New()
    {
        var file = new Argument<string>("FILE")
        {
            Description = "The file of the private key, which only you will be able to read. The public key "
                + "goes into FILE.pub, which is for everybody. Neither may be there yet.",
        };
        var name = new Option<string?>("--name")
        {
            Description = "Whose key it is, for people; the file's name unless given.",
            HelpName = "NAME",
        };
        var command = new Command("new", "Makes a key. It cannot be made again: keep a copy in a safe "
            + "place.\n\n" + TrustConsole.CodesGuide) { file, name };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            InvocationConfiguration console = parsed.InvocationConfiguration;
            return JournalCommand.WithFiles(path, console.Error, () =>
            {
                string whose = parsed.GetValue(name) ?? Path.GetFileName(path);
                if (!NoteKey.IsName(whose))
                {
                    console.Error.WriteLine("hanse: --name: a name has no blanks and no plus signs");
                    return ExitCode.Refused;
                }

                using var made = KeyFile.Create(path, whose);
                Write(console.Output, made.Name, made.Key.Public, made.Public);
                return ExitCode.Fine;
            });
        });
        return command;
    }

    private static Command Show()
    {
        var file = new Argument<string>("FILE") { Description = "A file of a private or a public key." };
        var command = new Command("show", "Says which key a file has: its id in metadata, and its public "
            + "text. Never shows the private key.\n\n" + TrustConsole.CodesGuide) { file };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            InvocationConfiguration console = parsed.InvocationConfiguration;
            return JournalCommand.WithFiles(path, console.Error, () =>
            {
                if (!File.Exists(path))
                {
                    console.Error.WriteLine($"hanse: {path} is not there");
                    return ExitCode.Environment;
                }

                using var own = KeyFile.Read(path, out string? reason);
                if (own is not null)
                {
                    Write(console.Output, own.Name, own.Key.Public, own.Public);
                    return ExitCode.Fine;
                }

                // A public file is for everybody; only for a private one does it matter who may read it.
                if (!KeyFile.TryReadPublic(path, out TrustKey? shown, out reason))
                {
                    console.Error.WriteLine($"hanse: {reason}");
                    return ExitCode.Refused;
                }

                _ = NoteKey.TryParse(File.ReadAllText(path).Trim(), out NoteKey? note, out _);
                Write(console.Output, note?.Name ?? "", shown, note);
                return ExitCode.Fine;
            });
        });
        return command;
    }

    private static Command Rotate(Surroundings surroundings)
    {
        Argument<string> repository = RepoCommand.RepositoryArgument();
        var role = new Option<string>("--role")
        {
            Description = "Whose keys change.",
            HelpName = "root|targets|snapshot|timestamp",
            Required = true,
        };
        _ = role.AcceptOnlyFromAmong([.. TrustFormat.Roles]);
        var take = new Option<string[]>("--take")
        {
            Description = "A key that the role loses: a file, or its id as 'hanse key show' tells it. May be "
                + "given several times.",
            HelpName = "KEY",
        };
        var give = new Option<string[]>("--give")
        {
            Description = "A key that the role gets: a file. May be given several times.",
            HelpName = "FILE",
        };
        var threshold = new Option<int?>("--threshold")
        {
            Description = "How many of the role's keys must sign from now on; as many as before unless "
                + "given.",
            HelpName = "N",
        };
        Option<string[]> keys = KeyRing.Option();
        Option<string?> at = TrustConsole.AtOption(hasEpoch: false);
        var command = new Command("rotate", "Replaces keys of a role by a new root. Enough keys of the root "
            + "before and of the new one have to sign it; what the role signed is signed anew by its new "
            + "keys.\n\n" + TrustConsole.CodesGuide)
        {
            repository, role, take, give, threshold, keys, at,
        };
        command.SetAction(parsed => RepoCommand.Change(
            parsed, repository, keys, at, surroundings, (opened, error) =>
            {
                IReadOnlyList<TrustKey>? given = KeyRing.Public(parsed.GetValue(give) ?? [], error);
                if (given is null || Ids(parsed.GetValue(take) ?? [], error) is not { } taken)
                {
                    return null;
                }

                return opened.Rotate(
                    parsed.GetRequiredValue(role), taken, given, parsed.GetValue(threshold));
            }));
        return command;
    }

    private static List<string>? Ids(string[] texts, TextWriter error)
    {
        List<string> ids = [];
        foreach (string text in texts)
        {
            bool isId = !File.Exists(text) && text.Length == 64 && text.All(char.IsAsciiHexDigitLower);
            if (!isId && KeyRing.Public([text], error) is null)
            {
                return null;
            }

            ids.Add(isId ? text : KeyRing.Public([text], error)![0].KeyId);
        }

        return ids;
    }

    private static void Write(TextWriter output, string name, TrustKey key, NoteKey? text)
    {
        output.WriteLine($"name    {name}");
        output.WriteLine($"id      {key.KeyId}");
        output.WriteLine($"public  {text?.ToString() ?? Convert.ToHexStringLower(key.Raw!)}");
    }
}

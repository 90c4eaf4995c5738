using System;
using System.CommandLine;
using System.IO;
using System.Text;
using Hanse.Cli.Views;
using Hanse.IO.Journal;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse journal</c>: looks at the journal file of a node, offline, whoever wrote it.</summary>
internal static class JournalCommand
{
    private const string CodesGuide =
        "Exit codes: 0 fine; 1 the journal does not hold, or nobody signed it; 2 the command line is wrong, "
            + "or the file is no journal; 3 a file is not there or cannot be written; 130 ended by Ctrl-C.";

    /// <summary>The command and its neighbours.</summary>
    public static Command Create(Surroundings surroundings) =>
        new("journal", "Looks at the journal file of a node.\n\n" + CodesGuide)
        {
            Verify(surroundings),
            JournalShowCommand.Create(surroundings),
            Export(),
            Import(),
            Repair(),
        };

    internal static Argument<string> FileArgument() => new("FILE") { Description = "A journal file." };

    internal static Option<string> FormOption()
    {
        Option<string> form = new Option<string>("--output", "-o")
        {
            Description = "table for people, json for programs.",
            DefaultValueFactory = _ => "table",
            HelpName = "table|json",
        };
        return form.AcceptOnlyFromAmong("table", "json");
    }

    /// <summary>Does something with files; explains itself when they are not there.</summary>
    internal static int WithFiles(string path, TextWriter error, Func<int> work)
    {
        try
        {
            return work();
        }
        catch (OperationCanceledException)
        {
            error.WriteLine("hanse: stopped");
            return ExitCode.Interrupted;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"hanse: {path}: {failure.Message}");
            return ExitCode.Environment;
        }
    }

    /// <summary>Says where a file is damaged, and what can be done.</summary>
    internal static int Tell(string path, JournalDamage damage, TextWriter error)
    {
        error.WriteLine($"hanse: {path}: at byte {damage.Offset}: {damage.Reason}");
        if (damage.Offset <= JournalFormat.Magic.Length)
        {
            return ExitCode.Refused;
        }

        error.WriteLine($"hanse: everything before is whole; 'hanse journal repair --dry-run {path}' says "
            + "what a repair would keep");
        return ExitCode.Broken;
    }

    private static Command Verify(Surroundings surroundings)
    {
        Argument<string> file = FileArgument();
        Option<string> form = FormOption();
        var key = new Option<string?>("--key")
        {
            Description = "The node's public key, known from elsewhere: 64 hexadecimal digits, the text of "
                + "a key, or a file with one of these. Without it the key that the file names is trusted.",
            HelpName = "KEY",
        };
        var command = new Command("verify", "Checks that a journal is whole, in order, and signed at every "
            + "checkpoint; says what is wrong, and which key was trusted.\n\n" + CodesGuide) { file, key, form };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            TextWriter error = parsed.InvocationConfiguration.Error;
            return WithFiles(path, error, () =>
            {
                byte[]? raw = null;
                if (parsed.GetValue(key) is { } text && !JournalKey.TryRead(text, out raw, out string? reason))
                {
                    error.WriteLine($"hanse: --key: {reason}");
                    return ExitCode.Refused;
                }

                using FileStream stream = File.OpenRead(path);
                var verifier = new JournalVerifier(raw);
                var progress = new OffsetLine(
                    surroundings.ErrorIsTerminal ? error : TextWriter.Null, surroundings.Time, stream.Length);
                var reader = new JournalReader(stream);
                try
                {
                    verifier.Run(reader, offset =>
                    {
                        surroundings.Stop.ThrowIfCancellationRequested();
                        progress.Show(offset);
                    });
                }
                finally
                {
                    progress.Clear();
                }

                if (reader.Origin is null && reader.Damage is { } damage)
                {
                    return Tell(path, damage, error);
                }

                TextWriter output = parsed.InvocationConfiguration.Output;
                JournalReport.Write(output, path, verifier, parsed.GetValue(form) == "json");
                return verifier.Verdict is JournalVerdict.Broken or JournalVerdict.Unsigned
                    ? ExitCode.Broken : ExitCode.Fine;
            });
        });
        return command;
    }

    private static Command Export()
    {
        Argument<string> file = FileArgument();
        var command = new Command("export", "Writes a journal as lines of JSON, a record a line, without "
            + "loss; 'hanse journal import' makes the same file of them.\n\n" + CodesGuide) { file };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            TextWriter error = parsed.InvocationConfiguration.Error;
            return WithFiles(path, error, () =>
            {
                using FileStream stream = File.OpenRead(path);
                var reader = new JournalReader(stream);
                _ = JournalLines.Export(reader, parsed.InvocationConfiguration.Output);
                return reader.Damage is { } damage ? Tell(path, damage, error) : ExitCode.Fine;
            });
        });
        return command;
    }

    private static Command Import()
    {
        Argument<string> file = FileArgument();
        file.Description = "The journal file to make; it must not be there yet.";
        var from = new Option<string?>("--from")
        {
            Description = "The lines; without it, standard input.",
            HelpName = "LINES",
        };
        var command = new Command("import", "Makes a journal file of lines that 'hanse journal export' "
            + "wrote. Nothing is made when a line is wrong.\n\n" + CodesGuide) { file, from };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            string? source = parsed.GetValue(from);
            TextWriter error = parsed.InvocationConfiguration.Error;
            return WithFiles(path, error, () => ImportLines(path, source, parsed.InvocationConfiguration));
        });
        return command;
    }

    private static int ImportLines(string path, string? source, InvocationConfiguration console)
    {
        (long lines, string? reason) = (0, null);

        // Written beside and moved, so that a line that is wrong leaves nothing behind.
        string unfinished = path + ".unfinished";
        try
        {
            using TextReader reader = source is null ? Console.In : new StreamReader(source, Encoding.UTF8);
            using (var stream = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write))
            {
                (lines, reason) = JournalLines.Import(reader, stream);
                stream.Flush(flushToDisk: true);
            }

            if (reason is null)
            {
                File.Move(unfinished, path, overwrite: false);
                console.Output.WriteLine($"{path}: {Figures.Count(lines)} records");
                return ExitCode.Fine;
            }
        }
        finally
        {
            File.Delete(unfinished);
        }

        console.Error.WriteLine($"{source ?? "standard input"}:{lines}: {reason}");
        console.Error.WriteLine("hanse: nothing was imported");
        return ExitCode.Refused;
    }

    private static Command Repair()
    {
        Argument<string> file = FileArgument();
        var dry = new Option<bool>("--dry-run") { Description = "Says what would be done, and does nothing." };
        var command = new Command("repair", "Cuts a damaged journal back to its last whole record, and keeps "
            + "what is cut off in a file beside it.\n\n" + CodesGuide) { file, dry };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            TextWriter error = parsed.InvocationConfiguration.Error;
            return WithFiles(path, error, () =>
            {
                RepairReport report =
                    parsed.GetValue(dry) ? JournalRepair.Examine(path) : JournalRepair.Repair(path);
                return JournalReport.Write(parsed.InvocationConfiguration.Output, error, path, report);
            });
        });
        return command;
    }
}

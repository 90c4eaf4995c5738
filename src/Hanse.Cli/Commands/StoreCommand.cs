using System;
using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Cluster.Stores;
using Hanse.IO.Runtime;
using Hanse.IO.Stores;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse store</c>: looks after the durable memory of a server or an agent.</summary>
internal static class StoreCommand
{
    private const string CodesGuide =
        "Exit codes: 0 fine; 1 something in the store is not as it was written; 2 the command line is wrong, "
            + "or the file is no store; 3 a file is not there or cannot be written; 130 ended by Ctrl-C.";

    /// <summary>The command.</summary>
    public static Command Create(Surroundings surroundings) =>
        new("store", "Looks after the memory of a server or an agent.\n\n" + CodesGuide)
        {
            Show(surroundings), Check(surroundings), Backup(surroundings), Restore(surroundings),
            Migrate(surroundings),
        };

    private static Command Show(Surroundings surroundings)
    {
        Argument<string> file = FileArgument();
        var command = new Command("show", "Says which machines remember something, and how much.") { file };
        command.SetAction(parsed => With(surroundings, parsed, file, async store =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            foreach (StreamState state in await store.ListAsync(surroundings.Stop))
            {
                output.WriteLine(Line(state));
            }

            return ExitCode.Fine;
        }));
        return command;
    }

    private static Command Check(Surroundings surroundings)
    {
        Argument<string> file = FileArgument();
        var command = new Command(
            "check", "Reads everything in a store: the file itself, every checksum, every fact, and that no "
                + "stream has a gap. May be run while a server writes.\n\n" + CodesGuide)
        {
            file,
        };
        command.SetAction(parsed => With(surroundings, parsed, file, async store =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            TextWriter error = parsed.InvocationConfiguration.Error;
            ImmutableArray<string> inFile = await store.InspectAsync(surroundings.Stop);
            ImmutableArray<string> wrong = await StoreAudit.ReadAsync(
                store,
                (state, found) => output.WriteLine(found is null ? Line(state) : $"{Line(state)}  SPOILED"),
                surroundings.Stop);
            foreach (string one in inFile.AddRange(wrong))
            {
                error.WriteLine("hanse: " + one);
            }

            bool isFine = inFile.IsEmpty && wrong.IsEmpty;
            output.WriteLine(isFine ? "all is as it was written" : "restore a backup, or ask for help");
            return isFine ? ExitCode.Fine : ExitCode.Broken;
        }));
        return command;
    }

    private static Command Backup(Surroundings surroundings)
    {
        Argument<string> file = FileArgument();
        var to = new Argument<string>("TO") { Description = "A new file." };
        var command = new Command(
            "backup", "Copies a store as it is at one moment, while a server writes it.\n\n" + CodesGuide)
        {
            file, to,
        };
        command.SetAction(parsed => With(surroundings, parsed, file, async store =>
        {
            string path = parsed.GetRequiredValue(to);
            await store.BackupAsync(path, surroundings.Stop);
            parsed.InvocationConfiguration.Output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{path}: {new FileInfo(path).Length:N0} bytes"));
            return ExitCode.Fine;
        }));
        return command;
    }

    private static Command Restore(Surroundings surroundings)
    {
        var from = new Argument<string>("BACKUP") { Description = "A file that 'hanse store backup' made." };
        var to = new Argument<string>("TO") { Description = "Where the server will look for its store." };
        var command = new Command(
            "restore", "Reads a backup, and if all of it is as it was written, puts a copy where a server "
                + "will find it. Never replaces a file: move the old store away first, with its -wal "
                + "and -shm.\n\n" + CodesGuide)
        {
            from, to,
        };
        command.SetAction(parsed => With(surroundings, parsed, from, async store =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            ImmutableArray<string> wrong = (await store.InspectAsync(surroundings.Stop)).AddRange(
                await StoreAudit.ReadAsync(store, (_, _) => { }, surroundings.Stop));
            foreach (string one in wrong)
            {
                error.WriteLine("hanse: " + one);
            }

            if (!wrong.IsEmpty)
            {
                error.WriteLine("hanse: nothing was restored: this backup is spoiled, take an earlier one");
                return ExitCode.Broken;
            }

            string path = parsed.GetRequiredValue(to);
            await store.BackupAsync(path, surroundings.Stop);
            parsed.InvocationConfiguration.Output.WriteLine($"{path}: restored");
            return ExitCode.Fine;
        }));
        return command;
    }

    private static Command Migrate(Surroundings surroundings)
    {
        var from = new Argument<string>("FROM")
        {
            Description = "Where the mission is: hanse.db in a server's data folder, or a PostgreSQL as a "
                + "URL (postgres://user@host/database).",
        };
        var to = new Argument<string>("TO")
        {
            Description = "Where it is to be: a file that is not there, or an empty database, likewise.",
        };
        var command = new Command(
            "migrate", "Moves a mission from one store to another: into PostgreSQL for a cluster, or out of "
                + "it. End all servers first. What is interrupted goes on when it is done again. When all is "
                + "there and has been compared, the old store is sealed: it can be read, and nothing is "
                + "written to it any more. Each server keeps its data folder, with the same 'secret'.\n\n"
                + CodesGuide)
        {
            from, to,
        };
        command.SetAction(parsed => Guarded(surroundings, parsed, async () =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            string there = parsed.GetRequiredValue(to);
            await using ISealableStore old = await OpenAsync(
                parsed.GetRequiredValue(from), isNew: false, surroundings.Stop);
            await using ISealableStore copy = await OpenAsync(there, isNew: true, surroundings.Stop);
            StoreMoved moved = await StoreMove.RunAsync(
                old, copy, PlaceOf(there), CoreBuild.Name, state => output.WriteLine(Line(state)),
                surroundings.Stop);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"moved: {moved.Streams} machines, {moved.Batches:N0} batches, {moved.Bytes:N0} bytes, "
                    + $"{moved.Notes:N0} notes; the old store is sealed"));
            return ExitCode.Fine;
        }));
        return command;
    }

    private static async Task<ISealableStore> OpenAsync(string place, bool isNew, CancellationToken cancel)
    {
        if (!place.StartsWith("postgres", StringComparison.Ordinal))
        {
            return isNew || File.Exists(place) ? SqliteStore.OpenToMove(place)
                : throw new StoreException($"there is no store '{place}'");
        }

        return PostgresAddress.TryRead(place, out string? connection)
            ? await PostgresStore.OpenToMoveAsync(connection, cancel)
            : throw new StoreException("a database has the form postgres://user@host/database");
    }

    // A URL may have a password.
    private static string PlaceOf(string place) =>
        Uri.TryCreate(place, UriKind.Absolute, out Uri? url) && url.Host.Length > 0
            ? $"{url.Host}:{url.Port}{url.AbsolutePath}" : Path.GetFullPath(place);

    private static int With(
        Surroundings surroundings, ParseResult parsed, Argument<string> file,
        Func<SqliteStore, Task<int>> act)
    {
        TextWriter error = parsed.InvocationConfiguration.Error;
        string path = parsed.GetRequiredValue(file);
        if (!File.Exists(path))
        {
            error.WriteLine($"hanse: there is no store '{path}'");
            return ExitCode.Environment;
        }

        return Guarded(surroundings, parsed, () => ActAsync(path, act));
    }

    private static int Guarded(Surroundings surroundings, ParseResult parsed, Func<Task<int>> act)
    {
        TextWriter error = parsed.InvocationConfiguration.Error;
        try
        {
            return act().GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (surroundings.Stop.IsCancellationRequested)
        {
            error.WriteLine("hanse: ended; the store is as it was");
            return ExitCode.Interrupted;
        }
        catch (StoreException refused)
        {
            error.WriteLine("hanse: " + refused.Message);
            return refused.InnerException is null ? ExitCode.Refused : ExitCode.Environment;
        }
    }

    private static async Task<int> ActAsync(string path, Func<SqliteStore, Task<int>> act)
    {
        await using var store = SqliteStore.OpenToRead(path);
        return await act(store);
    }

    private static Argument<string> FileArgument() =>
        new("FILE") { Description = "The store: hanse.db in a server's data folder." };

    private static string Line(StreamState state) => string.Create(
        CultureInfo.InvariantCulture,
        $"{state.Stream.Text,-16} {state.Version,10:N0} batches {state.Facts,12:N0} facts "
            + $"{state.Bytes,14:N0} bytes");
}

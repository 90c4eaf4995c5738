using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using Hanse.Core.Time;
using Hanse.IO.Journal;
using Microsoft.Data.Sqlite;

namespace Hanse.IO.Stores;

/// <summary>A store in one file of SQLite: the default, with nothing to install.</summary>
/// <remarks>
/// One thread writes. Appends that come while the disk is busy are one transaction, flushed once; each caller
/// waits for its own. The log (<c>WAL</c>) is flushed at every commit (<c>synchronous=FULL</c>), so what was
/// acknowledged survives a cut of power, not only of the process. It is folded into the file by another
/// thread, away from callers, and by the writer itself only when it has become larger than
/// <see cref="LogBytesMax"/>.
/// <para>
/// At most <see cref="WaitingMax"/> appends wait; further callers wait for room. After a failed write or
/// flush nobody knows what is on the disk, so nothing is tried again: every waiting and later append fails,
/// and the store must be opened anew. One process at a time, by a lock on a file beside it; readers such as
/// <c>hanse store check</c> need none.
/// </para>
/// </remarks>
public sealed class SqliteStore : ISealableStore
{
    /// <summary>Most appends that wait for the disk; callers beyond wait for room.</summary>
    public const int WaitingMax = 4_096;

    /// <summary>Most appends of one transaction.</summary>
    public const int GroupMax = 1_024;

    /// <summary>Size of the log above which it is folded into the file in the background.</summary>
    public const long LogBytesSoft = 16 << 20;

    /// <summary>Size of the log above which the writer folds it before it goes on.</summary>
    public const long LogBytesMax = 256 << 20;

    private readonly string _path;
    private readonly FileStream? _lock;
    private readonly SqliteConnection? _writer;
    private readonly Dictionary<StreamName, long> _ids = [];
    private readonly Channel<Waiting> _waiting = Channel.CreateBounded<Waiting>(
        new BoundedChannelOptions(WaitingMax)
        {
            SingleReader = true,
            FullMode = BoundedChannelFullMode.Wait,
        });

    private readonly Thread? _writing;
    private readonly SemaphoreSlim _checkpointing = new(1, 1);
    private bool _hasTimes = true;
    private Exception? _failure;
    private Task _checkpoint = Task.CompletedTask;

    private SqliteStore(string path, FileStream? held)
    {
        _path = path;
        _lock = held;
        if (held is null)
        {
            return;
        }

        _writer = SqliteSchema.Open(path, SqliteOpenMode.ReadWrite);
        _writing = new Thread(Write) { IsBackground = true, Name = "store" };
        _writing.Start();
    }

    /// <summary>Number of transactions so far: fewer than appends when callers came together.</summary>
    public long Commits { get; private set; }

    /// <summary>Opens a store to write, and makes it if it is not there.</summary>
    /// <exception cref="StoreException">Another process writes it, it is no store, or one of a later
    /// release.</exception>
    public static SqliteStore Open(string path) => Open(path, isSealedToo: false);

    /// <summary>Opens a store to move its mission elsewhere, or to move one into it; also one that was moved
    /// before, which takes nothing more.</summary>
    /// <exception cref="StoreException">Another process writes it, it is no store, or one of a later
    /// release.</exception>
    public static SqliteStore OpenToMove(string path) => Open(path, isSealedToo: true);

    private static SqliteStore Open(string path, bool isSealedToo)
    {
        FileStream held = Lock(path);
        try
        {
            SqliteSchema.Prepare(path);
            if (!isSealedToo && SqliteSchema.SealOf(path) is { } why)
            {
                throw new StoreException($"'{path}' has no mission any more: {why}");
            }

            return new SqliteStore(path, held);
        }
        catch (SqliteException failure)
        {
            held.Dispose();
            throw new StoreException($"'{path}' cannot be opened: {failure.Message}", failure);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Opens a store to read, also while another process writes it.</summary>
    /// <exception cref="StoreException">It is not there, is no store, or one of a later release.</exception>
    public static SqliteStore OpenToRead(string path)
    {
        if (!File.Exists(path))
        {
            throw new StoreException($"there is no store '{path}'");
        }

        try
        {
            return new SqliteStore(path, held: null) { _hasTimes = SqliteSchema.FormatOf(path) > 1 };
        }
        catch (SqliteException failure)
        {
            throw new StoreException($"'{path}' cannot be read: {failure.Message}", failure);
        }
    }

    /// <inheritdoc/>
    public async Task AppendAsync(StreamName stream, StreamBatch batch, StreamSnapshot? snapshot = null)
    {
        var waiting = new Waiting(stream, batch, snapshot, Key: null);
        await EnqueueAsync(waiting, CancellationToken.None);
        await waiting.Done.Task;
    }

    /// <inheritdoc/>
    public async Task<string> NoteAsync(string key, string value, CancellationToken cancel = default)
    {
        var waiting = new Waiting(default, Batch: null, Snapshot: null, (key, value));
        await EnqueueAsync(waiting, cancel);
        await waiting.Done.Task;
        return await NoteAsync(key, cancel) ?? value;
    }

    /// <inheritdoc/>
    public Task<StreamSnapshot?> SnapshotAsync(
        StreamName stream, string core, CancellationToken cancel = default) =>
        ReadingAsync(
            connection =>
            {
                using SqliteCommand command = connection.CreateCommand();
                command.CommandText = """
                    SELECT version, sum, state FROM snapshots
                    WHERE stream = (SELECT id FROM streams WHERE name = $name) AND core = $core
                    """;
                _ = command.Parameters.AddWithValue("$name", stream.Text);
                _ = command.Parameters.AddWithValue("$core", core);
                using SqliteDataReader reader = command.ExecuteReader();
                if (!reader.Read())
                {
                    return null;
                }

                long version = reader.GetInt64(0);
                var snapshot = new StreamSnapshot(version, core, reader.GetFieldValue<byte[]>(2));
                return reader.GetInt64(1) == BatchSum.Of(stream, snapshot)
                    ? snapshot
                    : throw new StoreException(
                        $"the snapshot of '{stream}' in '{_path}' is spoiled; run 'hanse store check'");
            },
            cancel);

    /// <inheritdoc/>
    public async IAsyncEnumerable<StreamBatch> ReadAsync(
        StreamName stream, long after, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        // A page at a time, so that no long reading keeps the log from being folded.
        long at = after;
        while (true)
        {
            List<StreamBatch> page = await ReadingAsync(connection => Page(connection, stream, at), cancel);
            foreach (StreamBatch batch in page)
            {
                yield return batch;
            }

            if (page.Count == 0)
            {
                yield break;
            }

            at = page[^1].Version;
        }
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<StreamState>> ListAsync(CancellationToken cancel = default) =>
        ReadingAsync(List, cancel);

    /// <inheritdoc/>
    public Task<bool> SealAsync(
        ImmutableArray<StreamState> read, long notes, string why, CancellationToken cancel = default) =>
        Task.Run(
            () =>
            {
                try
                {
                    using SqliteConnection connection = SqliteSchema.Open(_path, SqliteOpenMode.ReadWrite);
                    SqliteSchema.Run(connection, "BEGIN IMMEDIATE");
                    if (!List(connection).SequenceEqual(read) || SqliteSchema.NotesOf(connection) != notes)
                    {
                        return false; // The transaction goes with the connection.
                    }

                    SqliteSchema.Seal(connection, why);
                    SqliteSchema.Run(connection, "COMMIT");
                    return true;
                }
                catch (SqliteException failure)
                {
                    throw new StoreException($"'{_path}' cannot be sealed: {failure.Message}", failure);
                }
            },
            cancel);

    /// <inheritdoc/>
    public Task<string?> NoteAsync(string key, CancellationToken cancel = default) =>
        ReadingAsync(
            connection =>
            {
                using SqliteCommand command = connection.CreateCommand();
                command.CommandText = "SELECT value FROM notes WHERE key = $key";
                _ = command.Parameters.AddWithValue("$key", key);
                return command.ExecuteScalar() as string;
            },
            cancel);

    /// <inheritdoc/>
    public async IAsyncEnumerable<KeyValuePair<string, string>> NotesAsync(
        string prefix, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        string at = prefix;
        while (true)
        {
            List<KeyValuePair<string, string>> page =
                await ReadingAsync(connection => Notes(connection, prefix, at), cancel);
            foreach (KeyValuePair<string, string> note in page)
            {
                yield return note;
            }

            if (page.Count == 0)
            {
                yield break;
            }

            at = page[^1].Key;
        }
    }

    /// <summary>Copies the whole store, as it is at one moment, into a new file, while it is
    /// written.</summary>
    /// <exception cref="StoreException">The file is there already, or cannot be written.</exception>
    public Task BackupAsync(string path, CancellationToken cancel = default)
    {
        if (File.Exists(path))
        {
            throw new StoreException($"'{path}' is there already; name a new file");
        }

        return ReadingAsync(
            connection =>
            {
                using SqliteCommand command = connection.CreateCommand();
                command.CommandText = "VACUUM INTO $path";
                _ = command.Parameters.AddWithValue("$path", path);
                return command.ExecuteNonQuery();
            },
            cancel);
    }

    /// <summary>What SQLite itself finds wrong with the file; empty when nothing is.</summary>
    public Task<ImmutableArray<string>> InspectAsync(CancellationToken cancel = default) =>
        ReadingAsync(
            connection =>
            {
                using SqliteCommand command = connection.CreateCommand();
                command.CommandText = "PRAGMA integrity_check(20)";
                using SqliteDataReader reader = command.ExecuteReader();
                ImmutableArray<string>.Builder found = ImmutableArray.CreateBuilder<string>();
                while (reader.Read())
                {
                    if (reader.GetString(0) is not "ok" and var line)
                    {
                        found.Add(line);
                    }
                }

                return found.ToImmutable();
            },
            cancel);

    /// <summary>Makes durable what waits, folds the log into the file, and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        _ = _waiting.Writer.TryComplete();
        if (_writing is not null)
        {
            await Task.Run(_writing.Join);
            await _checkpoint;
            if (_failure is null)
            {
                Fold("TRUNCATE");
            }

            _writer!.Dispose();
            await _lock!.DisposeAsync();
        }

        _checkpointing.Dispose();
    }

    private static FileStream Lock(string path)
    {
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
            {
                _ = Directory.CreateDirectory(folder);
            }

            return JournalFile.Lock(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(
                $"'{path}' cannot be opened to write; is another hanse running on it? ({failure.Message})",
                failure);
        }
    }

    private async Task EnqueueAsync(Waiting waiting, CancellationToken cancel)
    {
        if (_writer is null)
        {
            throw new InvalidOperationException("the store was opened to read");
        }

        try
        {
            await _waiting.Writer.WriteAsync(waiting, cancel);
        }
        catch (ChannelClosedException)
        {
            throw new StoreException($"'{_path}' is closed", _failure);
        }
    }

    private void Write()
    {
        using var statements = new SqliteStatements(_writer!);
        var group = new List<Waiting>();
        while (_waiting.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            group.Clear();
            while (group.Count < GroupMax && _waiting.Reader.TryRead(out Waiting? waiting))
            {
                group.Add(waiting);
            }

            Commit(statements, group);
        }
    }

    private void Commit(SqliteStatements statements, List<Waiting> group)
    {
        try
        {
            if (_failure is null)
            {
                statements.Begin();
                foreach (Waiting waiting in group)
                {
                    waiting.IsRefused = !Put(statements, waiting);
                }

                statements.Commit();
                Commits++;
            }
        }
        catch (SqliteException failure)
        {
            _failure = failure;
            _ = _waiting.Writer.TryComplete();
        }

        foreach (Waiting waiting in group)
        {
            if (_failure is not null)
            {
                waiting.Done.SetException(
                    new StoreException($"'{_path}' could not be written: {_failure.Message}", _failure));
            }
            else if (waiting.IsRefused)
            {
                waiting.Done.SetException(
                    new StreamConflictException(waiting.Stream, waiting.Batch!.Version));
            }
            else
            {
                waiting.Done.SetResult();
            }
        }

        if (_failure is null)
        {
            FoldIfLarge();
        }
    }

    private bool Put(SqliteStatements statements, Waiting waiting)
    {
        if (waiting.Key is { } note)
        {
            statements.Note(note.Name, note.Value);
            return true;
        }

        StreamName stream = waiting.Stream;
        if (!_ids.TryGetValue(stream, out long id))
        {
            id = statements.Stream(stream);
            _ids[stream] = id;
        }

        StreamBatch batch = waiting.Batch!;
        if (!statements.Append(id, batch, BatchSum.Of(stream, batch)))
        {
            return false;
        }

        if (waiting.Snapshot is { } snapshot)
        {
            statements.Keep(id, snapshot, BatchSum.Of(stream, snapshot));
        }

        return true;
    }

    // The log is a file beside the store; its size is what is not folded yet, or was the last time round.
    private void FoldIfLarge()
    {
        long log = new FileInfo(_path + "-wal") is { Exists: true } file ? file.Length : 0;
        if (log > LogBytesMax)
        {
            Fold("RESTART");
        }
        else if (log > LogBytesSoft && _checkpoint.IsCompleted)
        {
            _checkpoint = Task.Run(() => Fold("PASSIVE"));
        }
    }

    private void Fold(string how)
    {
        _checkpointing.Wait();
        try
        {
            using SqliteConnection connection = SqliteSchema.Open(_path, SqliteOpenMode.ReadWrite);
            SqliteSchema.Run(connection, string.Create(
                CultureInfo.InvariantCulture, $"PRAGMA wal_checkpoint({how})"));
        }
        catch (SqliteException)
        {
            // Folded later: nothing is lost while it is in the log.
        }
        finally
        {
            _ = _checkpointing.Release();
        }
    }

    private static ImmutableArray<StreamState> List(SqliteConnection connection)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = """
            SELECT s.name, coalesce(max(b.version), 0), coalesce(sum(b.facts), 0),
                coalesce(sum(length(b.run)), 0),
                coalesce((SELECT version FROM snapshots WHERE stream = s.id), 0)
            FROM streams s LEFT JOIN batches b ON b.stream = s.id GROUP BY s.id ORDER BY s.name
            """;
        using SqliteDataReader reader = command.ExecuteReader();
        ImmutableArray<StreamState>.Builder states = ImmutableArray.CreateBuilder<StreamState>();
        while (reader.Read())
        {
            states.Add(new StreamState(
                new StreamName(reader.GetString(0)), reader.GetInt64(1), reader.GetInt64(2),
                reader.GetInt64(3), reader.GetInt64(4)));
        }

        return states.ToImmutable();
    }

    private static List<KeyValuePair<string, string>> Notes(
        SqliteConnection connection, string prefix, string after)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = """
            SELECT key, value FROM notes WHERE key > $after AND substr(key, 1, length($prefix)) = $prefix
            ORDER BY key LIMIT 1024
            """;
        _ = command.Parameters.AddWithValue("$after", after);
        _ = command.Parameters.AddWithValue("$prefix", prefix);
        using SqliteDataReader reader = command.ExecuteReader();
        var page = new List<KeyValuePair<string, string>>();
        while (reader.Read())
        {
            page.Add(new(reader.GetString(0), reader.GetString(1)));
        }

        return page;
    }

    private List<StreamBatch> Page(SqliteConnection connection, StreamName stream, long after)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of ours.
        command.CommandText = $"""
            SELECT version, {(_hasTimes ? "at" : "0")}, facts, sum, run FROM batches
            WHERE stream = (SELECT id FROM streams WHERE name = $name) AND version > $after
            ORDER BY version LIMIT 256
            """;
#pragma warning restore CA2100
        _ = command.Parameters.AddWithValue("$name", stream.Text);
        _ = command.Parameters.AddWithValue("$after", after);
        using SqliteDataReader reader = command.ExecuteReader();
        var page = new List<StreamBatch>();
        while (reader.Read())
        {
            var batch = new StreamBatch(
                reader.GetInt64(0), new Instant(reader.GetInt64(1)), reader.GetInt32(2),
                reader.GetFieldValue<byte[]>(4));
            bool isNext = batch.Version == after + page.Count + 1;
            if (!isNext || reader.GetInt64(3) != BatchSum.Of(stream, batch))
            {
                throw new StoreException(isNext
                    ? $"batch {batch.Version} of '{stream}' is spoiled: restore a backup"
                    : $"batches of '{stream}' are missing before {batch.Version}: restore a backup");
            }

            page.Add(batch);
        }

        return page;
    }

    private Task<T> ReadingAsync<T>(Func<SqliteConnection, T> read, CancellationToken cancel) =>
        Task.Run(
            () =>
            {
                try
                {
                    using SqliteConnection connection = SqliteSchema.Open(_path, SqliteOpenMode.ReadOnly);
                    return read(connection);
                }
                catch (SqliteException failure)
                {
                    throw new StoreException($"'{_path}' cannot be read: {failure.Message}", failure);
                }
            },
            cancel);

    private sealed record Waiting(
        StreamName Stream, StreamBatch? Batch, StreamSnapshot? Snapshot, (string Name, string Value)? Key)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsRefused { get; set; }
    }
}

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using Hanse.Core.Time;
using Hanse.IO.Stores;
using Npgsql;

namespace Hanse.Cluster.Stores;

/// <summary>A store in PostgreSQL: for machines that run in several processes, on several
/// computers.</summary>
/// <remarks>
/// One connection writes. Appends that come while a transaction is under way are the next one; each caller
/// waits for its own. Transactions end when the server has flushed them (<c>synchronous_commit=on</c>),
/// whatever the server's default.
/// <para>
/// There is no lock: several processes write, and what keeps a machine that runs twice from writing twice is
/// the table itself, which has one row for each version of a stream and takes only the version behind the
/// last. It does not depend on who believes to be alone.
/// </para>
/// <para>
/// When the connection breaks, or an answer does not come in time, nobody here knows whether the server has
/// committed. So the appends of that transaction fail and whoever made them loads again; the server knows,
/// and a transaction of the old connection that ends late collides with the new one at the same version.
/// Later appends go over a new connection. A server that is not there is not waited for: appends fail
/// meanwhile.
/// </para>
/// <para>
/// At most <see cref="WaitingMax"/> appends wait; further callers wait for room. Whoever appends to a stream
/// waits for one batch before it appends the next: of two under way the second could be taken when the first
/// was refused.
/// </para>
/// </remarks>
public sealed class PostgresStore : ISealableStore
{
    /// <summary>Most appends that wait for the server; callers beyond wait for room.</summary>
    public const int WaitingMax = 4_096;

    /// <summary>Most appends of one transaction.</summary>
    public const int GroupMax = 1_024;

    /// <summary>Most bytes of one transaction; an append that is larger by itself is one of its
    /// own.</summary>
    public const int GroupBytesMax = 16 << 20;

    /// <summary>Most connections of a store.</summary>
    public const int ConnectionsMax = 8;

    private readonly NpgsqlDataSource _source;
    private readonly string _name;
    private readonly Channel<PostgresWaiting> _waiting = Channel.CreateBounded<PostgresWaiting>(
        new BoundedChannelOptions(WaitingMax)
        {
            SingleReader = true,
            FullMode = BoundedChannelFullMode.Wait,
        });

    private readonly Task? _writing;
    private PostgresWriter? _writer;
    private long _commits;

    private PostgresStore(NpgsqlDataSource source, string name, bool isToWrite)
    {
        _source = source;
        _name = name;
        _writing = isToWrite ? Task.Run(WriteAsync) : null;
    }

    /// <summary>Number of transactions so far: fewer than appends when callers came together.</summary>
    public long Commits => Volatile.Read(ref _commits);

    /// <summary>Opens a store to write, and makes its tables if they are not there.</summary>
    /// <param name="connection">Where it is, as Npgsql reads it: <c>Host=db;Database=hanse;Username=...</c>.
    /// A time limit for statements or connections that is not given in it is 10 seconds.</param>
    /// <param name="cancel">Whether to give up.</param>
    /// <exception cref="StoreException">It cannot be reached, holds something else, or is of a later
    /// release.</exception>
    public static async Task<PostgresStore> OpenAsync(string connection, CancellationToken cancel = default)
    {
        PostgresStore store = await OpenToMoveAsync(connection, cancel);
        try
        {
            return await store.NoteAsync(ISealableStore.SealNote, cancel) is { } why
                ? throw new StoreException($"'{store._name}' has no mission any more: {why}") : store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens a store to move its mission elsewhere, or to move one into it; also one that was moved
    /// before, which takes nothing more.</summary>
    /// <exception cref="StoreException">It cannot be reached, holds something else, or is of a later
    /// release.</exception>
    public static Task<PostgresStore> OpenToMoveAsync(
        string connection, CancellationToken cancel = default) =>
        OpenAsync(connection, isToWrite: true, cancel);

    /// <summary>Opens a store to read.</summary>
    /// <exception cref="StoreException">It cannot be reached, is not there, or is of another
    /// release.</exception>
    public static Task<PostgresStore> OpenToReadAsync(
        string connection, CancellationToken cancel = default) =>
        OpenAsync(connection, isToWrite: false, cancel);

    /// <inheritdoc/>
    public async Task AppendAsync(StreamName stream, StreamBatch batch, StreamSnapshot? snapshot = null)
    {
        var waiting = new PostgresWaiting(stream, batch, snapshot, Note: null);
        await EnqueueAsync(waiting, CancellationToken.None);
        await waiting.Done.Task;
    }

    /// <inheritdoc/>
    public async Task<string> NoteAsync(string key, string value, CancellationToken cancel = default)
    {
        var waiting = new PostgresWaiting(default, Batch: null, Snapshot: null, (key, value));
        await EnqueueAsync(waiting, cancel);
        await waiting.Done.Task;
        return await NoteAsync(key, cancel) ?? value;
    }

    /// <inheritdoc/>
    public Task<StreamSnapshot?> SnapshotAsync(
        StreamName stream, string core, CancellationToken cancel = default) =>
        ReadingAsync(
            """
            SELECT version, sum, state FROM hanse.snapshots
            WHERE stream = (SELECT id FROM hanse.streams WHERE name = $1) AND core = $2
            """,
            [stream.Text, core],
            async reader =>
            {
                if (!await reader.ReadAsync(cancel))
                {
                    return null;
                }

                var snapshot = new StreamSnapshot(
                    reader.GetInt64(0), core, await reader.GetFieldValueAsync<byte[]>(2, cancel));
                return reader.GetInt64(1) == BatchSum.Of(stream, snapshot)
                    ? snapshot
                    : throw new StoreException(
                        $"the snapshot of '{stream}' in '{_name}' is spoiled: restore a backup");
            },
            cancel);

    /// <inheritdoc/>
    public async IAsyncEnumerable<StreamBatch> ReadAsync(
        StreamName stream, long after, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        // A page at a time, so that no connection is held while the reader works.
        long at = after;
        while (true)
        {
            List<StreamBatch> page = await PageAsync(stream, at, cancel);
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
        ReadingAsync(PostgresSchema.List, [], reader => StatesAsync(reader, cancel), cancel);

    /// <inheritdoc/>
    public async Task<bool> SealAsync(
        ImmutableArray<StreamState> read, long notes, string why, CancellationToken cancel = default)
    {
        try
        {
            await using NpgsqlConnection connection = await _source.OpenConnectionAsync(cancel);
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
            await PostgresSchema.HoldAsync(connection, cancel);
            await using (var command = new NpgsqlCommand(PostgresSchema.List, connection))
            await using (NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel))
            {
                if (!(await StatesAsync(reader, cancel)).SequenceEqual(read))
                {
                    return false;
                }
            }

            if (await PostgresSchema.NotesAsync(connection, cancel) != notes)
            {
                return false;
            }

            await PostgresSchema.SealAsync(connection, why, cancel);
            await transaction.CommitAsync(cancel);
            return true;
        }
        catch (NpgsqlException failure)
        {
            throw new StoreException($"'{_name}' cannot be sealed: {failure.Message}", failure);
        }
    }

    /// <inheritdoc/>
    public Task<string?> NoteAsync(string key, CancellationToken cancel = default) =>
        ReadingAsync(
            "SELECT value FROM hanse.notes WHERE key = $1",
            [key],
            async reader => await reader.ReadAsync(cancel) ? reader.GetString(0) : null,
            cancel);

    /// <inheritdoc/>
    public async IAsyncEnumerable<KeyValuePair<string, string>> NotesAsync(
        string prefix, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        string at = prefix;
        while (true)
        {
            List<KeyValuePair<string, string>> page = await ReadingAsync(
                """
                SELECT key, value FROM hanse.notes WHERE key > $2 AND starts_with(key, $1)
                ORDER BY key LIMIT 1024
                """,
                [prefix, at],
                async reader =>
                {
                    var notes = new List<KeyValuePair<string, string>>();
                    while (await reader.ReadAsync(cancel))
                    {
                        notes.Add(new(reader.GetString(0), reader.GetString(1)));
                    }

                    return notes;
                },
                cancel);
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

    /// <summary>Makes durable what waits, and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        _ = _waiting.Writer.TryComplete();
        if (_writing is not null)
        {
            await _writing;
        }

        await _source.DisposeAsync();
    }

    private static async Task<PostgresStore> OpenAsync(
        string connection, bool isToWrite, CancellationToken cancel)
    {
        NpgsqlConnectionStringBuilder settings = SettingsOf(connection);
        string name = $"{settings.Host}:{settings.Port}/{settings.Database}";
        var source = NpgsqlDataSource.Create(settings);
        try
        {
            await (isToWrite
                ? PostgresSchema.PrepareAsync(source, name, cancel)
                : PostgresSchema.CheckAsync(source, name, cancel));
            return new PostgresStore(source, name, isToWrite);
        }
        catch (NpgsqlException failure)
        {
            await source.DisposeAsync();
            throw new StoreException($"'{name}' cannot be opened: {failure.Message}", failure);
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    private static NpgsqlConnectionStringBuilder SettingsOf(string connection)
    {
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new NpgsqlConnectionStringBuilder(connection);
        }
        catch (ArgumentException failure)
        {
            throw new StoreException(
                $"that is no address of a PostgreSQL database: {failure.Message}", failure);
        }

        settings.ApplicationName ??= "hanse";
        settings.CommandTimeout = settings.ContainsKey("Command Timeout") ? settings.CommandTimeout : 10;
        settings.Timeout = settings.ContainsKey("Timeout") ? settings.Timeout : 10;
        settings.MaxPoolSize = ConnectionsMax;
        settings.MaxAutoPrepare = 16;
        settings.AutoPrepareMinUsages = 2;
        settings.Options = (settings.Options + " -c synchronous_commit=on").Trim();

        // A commit that waits for a standby and is cancelled reports success. So what comes of a cancellation
        // is not heard: when time is up the connection is given up.
        settings.CancellationTimeout = -1;
        return settings;
    }

    private async Task EnqueueAsync(PostgresWaiting waiting, CancellationToken cancel)
    {
        if (_writing is null)
        {
            throw new InvalidOperationException("the store was opened to read");
        }

        try
        {
            await _waiting.Writer.WriteAsync(waiting, cancel);
        }
        catch (ChannelClosedException)
        {
            throw new StoreException($"'{_name}' is closed");
        }
    }

    private async Task WriteAsync()
    {
        var group = new List<PostgresWaiting>();
        var streams = new HashSet<StreamName>();
        PostgresWaiting? next = null;
        while (next is not null || await _waiting.Reader.WaitToReadAsync())
        {
            group.Clear();
            streams.Clear();
            long bytes = 0;
            while (next is not null || _waiting.Reader.TryRead(out next))
            {
                bytes += next.Bytes;
                if (group.Count == GroupMax
                    || (group.Count > 0 && bytes > GroupBytesMax)
                    || (next.Batch is not null && !streams.Add(next.Stream)))
                {
                    break;
                }

                group.Add(next);
                next = null;
            }

            await CommitAsync(group);
        }

        await DropWriterAsync();
    }

    private async Task CommitAsync(List<PostgresWaiting> group)
    {
        Exception? ambiguous = null;
        try
        {
            _writer ??= new PostgresWriter(await _source.OpenConnectionAsync());
            await _writer.PutAsync(group);
            _ = Interlocked.Increment(ref _commits);
        }
#pragma warning disable CA1031 // Whatever it was, nobody knows what is durable, and the next may go well.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            ambiguous = failure;
            await DropWriterAsync();
        }

        foreach (PostgresWaiting waiting in group)
        {
            if (ambiguous is not null)
            {
                waiting.Done.SetException(
                    new StoreException($"'{_name}' could not be written: {ambiguous.Message}", ambiguous));
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
    }

    // With its connection go the others that are idle: they lead to the same server.
    private async Task DropWriterAsync()
    {
        if (_writer is { } writer)
        {
            _writer = null;
            await writer.DisposeAsync();
            _source.Clear();
        }
    }

    private static async Task<ImmutableArray<StreamState>> StatesAsync(
        NpgsqlDataReader reader, CancellationToken cancel)
    {
        ImmutableArray<StreamState>.Builder states = ImmutableArray.CreateBuilder<StreamState>();
        while (await reader.ReadAsync(cancel))
        {
            states.Add(new StreamState(
                new StreamName(reader.GetString(0)), reader.GetInt64(1), reader.GetInt64(2),
                reader.GetInt64(3), reader.GetInt64(4)));
        }

        return states.ToImmutable();
    }

    private Task<List<StreamBatch>> PageAsync(StreamName stream, long after, CancellationToken cancel) =>
        ReadingAsync(
            """
            SELECT version, at, facts, sum, run FROM hanse.batches
            WHERE stream = (SELECT id FROM hanse.streams WHERE name = $1) AND version > $2
            ORDER BY version LIMIT 256
            """,
            [stream.Text, after],
            async reader =>
            {
                var page = new List<StreamBatch>();
                while (await reader.ReadAsync(cancel))
                {
                    var batch = new StreamBatch(
                        reader.GetInt64(0), new Instant(reader.GetInt64(1)), reader.GetInt32(2),
                        await reader.GetFieldValueAsync<byte[]>(4, cancel));
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
            },
            cancel);

    // Reading may be repeated; so a connection that broke while it was idle is tried once more with a new
    // one.
    private async Task<T> ReadingAsync<T>(
        string query, ImmutableArray<object> values, Func<NpgsqlDataReader, Task<T>> read,
        CancellationToken cancel)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await ReadOnceAsync(query, values, read, cancel);
            }
            catch (NpgsqlException failure) when (failure.IsTransient && attempt == 1)
            {
                _source.Clear();
            }
            catch (Exception failure) when (failure is NpgsqlException or ObjectDisposedException)
            {
                throw new StoreException($"'{_name}' cannot be read: {failure.Message}", failure);
            }
        }
    }

    private async Task<T> ReadOnceAsync<T>(
        string query, ImmutableArray<object> values, Func<NpgsqlDataReader, Task<T>> read,
        CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await _source.OpenConnectionAsync(cancel);
#pragma warning disable CA2100 // Constants of ours.
        await using var command = new NpgsqlCommand(query, connection);
#pragma warning restore CA2100
        foreach (object value in values)
        {
            _ = command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        return await read(reader);
    }
}

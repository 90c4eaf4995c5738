using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using Hanse.IO.Stores;
using Npgsql;

namespace Hanse.Cluster.Stores;

/// <summary>One connection that appends: groups of batches, each group one transaction.</summary>
/// <remarks>Used for as long as nothing fails; then it is thrown away with all it remembers.</remarks>
internal sealed class PostgresWriter(NpgsqlConnection connection) : IAsyncDisposable
{
    // One statement, so one way to the server and back. A batch that is not the next is left out. If another
    // process is just committing the same one, the insertion waits for that and is then left out as well.
    // Rows go in by stream in all processes, so that no two wait for each other in a circle.
    private const string Append = """
        WITH new AS (
            SELECT * FROM unnest(
                $1::bigint[], $2::bigint[], $3::bigint[], $4::integer[], $5::bigint[], $6::bytea[])
                AS n(stream, version, at, facts, sum, run)),
        put AS (
            INSERT INTO hanse.batches(stream, version, at, facts, sum, run)
            SELECT stream, version, at, facts, sum, run FROM new
            WHERE version = 1 + coalesce(
                (SELECT max(b.version) FROM hanse.batches b WHERE b.stream = new.stream), 0)
            ORDER BY stream
            ON CONFLICT DO NOTHING
            RETURNING stream),
        kept AS (
            INSERT INTO hanse.snapshots(stream, version, core, sum, state)
            SELECT s.stream, s.version, s.core, s.sum, s.state
            FROM unnest($7::bigint[], $8::bigint[], $9::text[], $10::bigint[], $11::bytea[])
                AS s(stream, version, core, sum, state)
            JOIN put ON put.stream = s.stream
            ORDER BY s.stream
            ON CONFLICT (stream) DO UPDATE SET
                version = excluded.version, core = excluded.core, sum = excluded.sum, state = excluded.state)
        SELECT stream FROM put
        """;

    private const string Note = """
        INSERT INTO hanse.notes(key, value)
        SELECT key, value FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS n(key, value, place)
        ORDER BY key, place
        ON CONFLICT DO NOTHING
        """;

    private readonly Dictionary<StreamName, long> _ids = [];

    /// <summary>Puts a group into the store: at most one batch of each stream.</summary>
    /// <returns>When it is durable.</returns>
    public async Task PutAsync(IReadOnlyList<PostgresWaiting> group)
    {
        await IdentifyAsync(group);
        await using var commands = new NpgsqlBatch(connection);
        AddAppends(commands, group);
        AddNotes(commands, group);
        var put = new HashSet<long>();
        await using (NpgsqlDataReader reader = await commands.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                _ = put.Add(reader.GetInt64(0));
            }

            // The commit is known to be good only when all answers have been read.
            while (await reader.NextResultAsync())
            {
            }
        }

        foreach (PostgresWaiting waiting in group)
        {
            waiting.IsRefused = waiting.Batch is not null && !put.Contains(_ids[waiting.Stream]);
        }
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private void AddAppends(NpgsqlBatch commands, IReadOnlyList<PostgresWaiting> group)
    {
        List<long> streams = [];
        List<long> versions = [];
        List<long> times = [];
        List<int> facts = [];
        List<long> sums = [];
        List<byte[]> runs = [];
        List<long> owners = [];
        List<long> keptAt = [];
        List<string> cores = [];
        List<long> stateSums = [];
        List<byte[]> states = [];
        foreach (PostgresWaiting waiting in group)
        {
            if (waiting.Batch is not { } batch)
            {
                continue;
            }

            StreamName stream = waiting.Stream;
            streams.Add(_ids[stream]);
            versions.Add(batch.Version);
            times.Add(batch.At.Micros);
            facts.Add(batch.Facts);
            sums.Add(BatchSum.Of(stream, batch));
            runs.Add(Bytes(batch.Run));
            if (waiting.Snapshot is { } snapshot)
            {
                owners.Add(_ids[stream]);
                keptAt.Add(snapshot.Version);
                cores.Add(snapshot.Core);
                stateSums.Add(BatchSum.Of(stream, snapshot));
                states.Add(Bytes(snapshot.State));
            }
        }

        if (streams.Count == 0)
        {
            return;
        }

        var command = new NpgsqlBatchCommand(Append);
        Add(command, streams);
        Add(command, versions);
        Add(command, times);
        Add(command, facts);
        Add(command, sums);
        Add(command, runs);
        Add(command, owners);
        Add(command, keptAt);
        Add(command, cores);
        Add(command, stateSums);
        Add(command, states);
        commands.BatchCommands.Add(command);
    }

    private static void AddNotes(NpgsqlBatch commands, IReadOnlyList<PostgresWaiting> group)
    {
        List<string> keys = [];
        List<string> values = [];
        foreach (PostgresWaiting waiting in group)
        {
            if (waiting.Note is { } note)
            {
                keys.Add(note.Name);
                values.Add(note.Value);
            }
        }

        if (keys.Count > 0)
        {
            var command = new NpgsqlBatchCommand(Note);
            Add(command, keys);
            Add(command, values);
            commands.BatchCommands.Add(command);
        }
    }

    private static void Add<T>(NpgsqlBatchCommand command, List<T> values) =>
        command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = [.. values] });

    // The numbers of streams, which never change; a stream gets one when it is first written.
    private async Task IdentifyAsync(IReadOnlyList<PostgresWaiting> group)
    {
        var unknown = new SortedSet<string>(StringComparer.Ordinal);
        foreach (PostgresWaiting waiting in group)
        {
            if (waiting.Batch is not null && !_ids.ContainsKey(waiting.Stream))
            {
                _ = unknown.Add(waiting.Stream.Text);
            }
        }

        if (unknown.Count == 0 || await FindAsync(unknown))
        {
            return;
        }

        await using var command = new NpgsqlCommand(
            "INSERT INTO hanse.streams(name) SELECT * FROM unnest($1::text[]) ON CONFLICT DO NOTHING",
            connection);
        _ = command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. unknown] });
        _ = await command.ExecuteNonQueryAsync();
        _ = await FindAsync(unknown);
    }

    private async Task<bool> FindAsync(SortedSet<string> unknown)
    {
        await using var command = new NpgsqlCommand(
            "SELECT name, id FROM hanse.streams WHERE name = ANY($1::text[])", connection);
        _ = command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. unknown] });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            string name = reader.GetString(0);
            _ids[new StreamName(name)] = reader.GetInt64(1);
            _ = unknown.Remove(name);
        }

        return unknown.Count == 0;
    }

    private static byte[] Bytes(ReadOnlyMemory<byte> memory) =>
        MemoryMarshal.TryGetArray(memory, out ArraySegment<byte> segment) && segment.Array is { } array
            && segment.Offset == 0 && segment.Count == array.Length ? array : memory.ToArray();
}

/// <summary>Something to be made durable, and who waits for it: a batch, or a note.</summary>
internal sealed record PostgresWaiting(
    StreamName Stream, StreamBatch? Batch, StreamSnapshot? Snapshot, (string Name, string Value)? Note)
{
    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsRefused { get; set; }

    public long Bytes => (Batch?.Run.Length ?? 0) + (Snapshot?.State.Length ?? 0) + (Note?.Value.Length ?? 0);
}

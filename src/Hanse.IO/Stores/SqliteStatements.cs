using System;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Hanse.IO.Stores;

/// <summary>The writer's statements, prepared once.</summary>
internal sealed class SqliteStatements : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _append;
    private readonly SqliteCommand _keep;
    private readonly SqliteCommand _note;
    private SqliteTransaction? _transaction;

    public SqliteStatements(SqliteConnection connection)
    {
        _connection = connection;
        _append = Command(
            """
            INSERT INTO batches(stream, version, at, facts, sum, run) SELECT $a, $b, $c, $d, $e, $f
            WHERE $b = 1 + coalesce((SELECT max(version) FROM batches WHERE stream = $a), 0)
            """,
            6);
        _keep = Command(
            "INSERT OR REPLACE INTO snapshots(stream, version, core, sum, state) VALUES($a, $b, $c, $d, $e)",
            5);
        _note = Command("INSERT OR IGNORE INTO notes(key, value) VALUES($a, $b)", 2);
    }

    public void Begin() => _transaction = _connection.BeginTransaction(deferred: false);

    public void Commit()
    {
        _transaction!.Commit();
        _transaction.Dispose();
        _transaction = null;
    }

    /// <summary>The number of a stream; a new one if it has none yet.</summary>
    public long Stream(StreamName stream)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.Transaction = _transaction;
        command.CommandText = """
            INSERT INTO streams(name) VALUES($name) ON CONFLICT(name) DO UPDATE SET name = name RETURNING id
            """;
        _ = command.Parameters.AddWithValue("$name", stream.Text);
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>Appends a batch; false when it is not the next.</summary>
    public bool Append(long stream, StreamBatch batch, long sum) =>
        Run(_append, stream, batch.Version, batch.At.Micros, batch.Facts, sum, Bytes(batch.Run)) == 1;

    public void Keep(long stream, StreamSnapshot snapshot, long sum) =>
        _ = Run(_keep, stream, snapshot.Version, snapshot.Core, sum, Bytes(snapshot.State));

    public void Note(string key, string value) => _ = Run(_note, key, value);

    public void Dispose()
    {
        _transaction?.Dispose();
        _append.Dispose();
        _keep.Dispose();
        _note.Dispose();
    }

    private SqliteCommand Command(string text, int parameters)
    {
        SqliteCommand command = _connection.CreateCommand();
#pragma warning disable CA2100 // Constants of ours.
        command.CommandText = text;
#pragma warning restore CA2100
        for (int i = 0; i < parameters; i++)
        {
            SqliteParameter parameter = command.CreateParameter();
            parameter.ParameterName = "$" + (char)('a' + i);
            _ = command.Parameters.Add(parameter);
        }

        return command;
    }

    private int Run(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        command.Transaction = _transaction;
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        return command.ExecuteNonQuery();
    }

    // The provider takes arrays only.
    private static byte[] Bytes(ReadOnlyMemory<byte> memory) =>
        MemoryMarshal.TryGetArray(memory, out ArraySegment<byte> segment) && segment.Array is { } array
            && segment.Offset == 0 && segment.Count == array.Length ? array : memory.ToArray();
}

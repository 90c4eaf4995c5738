using System.Collections.Immutable;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;
using Hanse.IO.Stores;
using Npgsql;

namespace Hanse.Cluster.Stores;

/// <summary>The tables of a store in PostgreSQL, and what makes a database one.</summary>
/// <remarks>All are in a schema of their own, <c>hanse</c>, so that they can share a database. There is no
/// foreign key to the streams: streams are never deleted, and the check would write to a row of theirs at
/// every append.</remarks>
internal static class PostgresSchema
{
    // "HANS": held while tables are made, so that of processes that start together one makes them.
    private const string Lock = "SELECT pg_advisory_xact_lock(1212239443)";

    // The steps from each form of the tables to the next. A later release adds steps, and changes none.
    private static readonly ImmutableArray<string> _steps =
    [
        """
        CREATE TABLE hanse.streams(
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text COLLATE "C" NOT NULL UNIQUE);
        CREATE TABLE hanse.batches(
            stream bigint NOT NULL, version bigint NOT NULL, at bigint NOT NULL, facts integer NOT NULL,
            sum bigint NOT NULL, run bytea NOT NULL, CONSTRAINT batches_by_version UNIQUE(stream, version));
        CREATE TABLE hanse.snapshots(
            stream bigint PRIMARY KEY, version bigint NOT NULL, core text NOT NULL, sum bigint NOT NULL,
            state bytea NOT NULL);
        CREATE TABLE hanse.notes(key text COLLATE "C" PRIMARY KEY, value text NOT NULL);
        """,
    ];

    /// <summary>Asks for all streams, as <see cref="StreamState"/> has them.</summary>
    public const string List = """
        SELECT s.name, coalesce(max(b.version), 0), coalesce(sum(b.facts), 0)::bigint,
            coalesce(sum(octet_length(b.run)), 0)::bigint,
            coalesce((SELECT version FROM hanse.snapshots WHERE stream = s.id), 0)
        FROM hanse.streams s LEFT JOIN hanse.batches b ON b.stream = s.id GROUP BY s.id ORDER BY s.name
        """;

    // Whoever has it open finds it at his next write.
    private const string Seals = """
        CREATE FUNCTION hanse.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE EXCEPTION 'the mission was moved; the note store/sealed says where';
        END $$;
        CREATE TRIGGER sealed BEFORE INSERT OR UPDATE ON hanse.batches FOR EACH ROW
            EXECUTE FUNCTION hanse.refuse();
        CREATE TRIGGER sealed BEFORE INSERT OR UPDATE ON hanse.snapshots FOR EACH ROW
            EXECUTE FUNCTION hanse.refuse();
        CREATE TRIGGER sealed BEFORE INSERT OR UPDATE ON hanse.streams FOR EACH ROW
            EXECUTE FUNCTION hanse.refuse();
        CREATE TRIGGER sealed BEFORE INSERT OR UPDATE ON hanse.notes FOR EACH ROW
            EXECUTE FUNCTION hanse.refuse();
        """;

    /// <summary>Makes the tables in a database that has none, or brings older ones up to date.</summary>
    /// <exception cref="StoreException">The database holds something else, or is of a later
    /// release.</exception>
    public static async Task PrepareAsync(NpgsqlDataSource source, string name, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        _ = await AskAsync(connection, Lock, cancel);
        int format = await FormatAsync(connection, name, cancel);
        for (int step = format; step < _steps.Length; step++)
        {
            if (step == 0)
            {
                _ = await AskAsync(
                    connection, "CREATE SCHEMA hanse; CREATE TABLE hanse.format(format integer NOT NULL); "
                    + "INSERT INTO hanse.format VALUES(0)", cancel);
            }

            _ = await AskAsync(connection, _steps[step], cancel);
            _ = await AskAsync(
                connection, string.Create(
                    CultureInfo.InvariantCulture, $"UPDATE hanse.format SET format = {step + 1}"), cancel);
        }

        await transaction.CommitAsync(cancel);
    }

    /// <summary>Sees that a database is a store that this release can read.</summary>
    /// <exception cref="StoreException">It is not.</exception>
    public static async Task CheckAsync(NpgsqlDataSource source, string name, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        int format = await FormatAsync(connection, name, cancel);
        if (format != _steps.Length)
        {
            throw new StoreException(format == 0
                ? $"there is no store in '{name}'"
                : $"'{name}' is of an earlier release: open it once to write with this one");
        }
    }

    /// <summary>Waits for writers, and keeps others out until the transaction ends.</summary>
    public static Task HoldAsync(NpgsqlConnection connection, CancellationToken cancel) => AskAsync(
        connection,
        "LOCK TABLE hanse.streams, hanse.batches, hanse.snapshots, hanse.notes IN SHARE ROW EXCLUSIVE MODE",
        cancel);

    /// <summary>How many notes say nothing of the store itself.</summary>
    public static async Task<long> NotesAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        (long)(await AskAsync(
            connection, "SELECT count(*) FROM hanse.notes WHERE NOT starts_with(key, 'store/')", cancel))!;

    /// <summary>Closes a database to all writers.</summary>
    public static async Task SealAsync(
        NpgsqlConnection connection, string why, CancellationToken cancel)
    {
        await using (var command = new NpgsqlCommand(
            "INSERT INTO hanse.notes(key, value) VALUES($1, $2)", connection))
        {
            _ = command.Parameters.Add(new NpgsqlParameter { Value = ISealableStore.SealNote });
            _ = command.Parameters.Add(new NpgsqlParameter { Value = why });
            _ = await command.ExecuteNonQueryAsync(cancel);
        }

        _ = await AskAsync(connection, Seals, cancel);
    }

    // Zero when there are no tables yet.
    private static async Task<int> FormatAsync(
        NpgsqlConnection connection, string name, CancellationToken cancel)
    {
        if (await AskAsync(connection, "SHOW fsync", cancel) is "off")
        {
            throw new StoreException(
                $"the server of '{name}' runs with 'fsync = off': what it acknowledges is lost when the "
                + "power is cut. Set it to 'on'");
        }

        if (await AskAsync(connection, "SELECT to_regnamespace('hanse') IS NULL", cancel) is true)
        {
            return 0;
        }

        if (await AskAsync(connection, "SELECT to_regclass('hanse.format') IS NULL", cancel) is true)
        {
            throw new StoreException($"'{name}' has a schema 'hanse', but it is no store of Hanse");
        }

        return await AskAsync(connection, "SELECT format FROM hanse.format", cancel) switch
        {
            int format when format <= _steps.Length => format,
            int format => throw new StoreException(
                $"'{name}' was written by a later release (format {format}; this one reads up to "
                + $"{_steps.Length}): install that release, or restore a backup made before"),
            _ => throw new StoreException($"'{name}' has a schema 'hanse', but it is no store of Hanse"),
        };
    }

    private static async Task<object?> AskAsync(
        NpgsqlConnection connection, string statements, CancellationToken cancel)
    {
#pragma warning disable CA2100 // Constants of ours.
        await using var command = new NpgsqlCommand(statements, connection);
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(cancel);
    }
}

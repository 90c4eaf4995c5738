using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Hanse.IO.Stores;
using Npgsql;

namespace Hanse.Cluster.Stores;

/// <summary>The tables by which the processes of a cluster know each other, and the statements that Orleans
/// runs on them.</summary>
/// <remarks>
/// Orleans reads its statements from a table, <c>OrleansQuery</c>, and gives and expects values by name. They
/// are in a schema of their own, <c>hanse_cluster</c>, which the connection names as its path.
/// <para>
/// All processes of a mission share one row of <c>clusters</c>, whose version grows with each change of a
/// process's state. A change is taken only on top of the version that it was made for, in the same statement,
/// so all see the changes in one order. That a process is alive changes no version.
/// </para>
/// </remarks>
internal static class SiloTables
{
    private const string Lock = "SELECT pg_advisory_xact_lock(1212239444)";

    private const string Tables = """
        CREATE SCHEMA IF NOT EXISTS hanse_cluster;
        CREATE TABLE IF NOT EXISTS hanse_cluster.OrleansQuery(
            QueryKey text PRIMARY KEY, QueryText text NOT NULL);
        CREATE TABLE IF NOT EXISTS hanse_cluster.clusters(
            name text PRIMARY KEY, version integer NOT NULL, changed timestamptz NOT NULL);
        CREATE TABLE IF NOT EXISTS hanse_cluster.silos(
            cluster text NOT NULL REFERENCES hanse_cluster.clusters, address text NOT NULL,
            port integer NOT NULL, generation integer NOT NULL, name text NOT NULL, host text NOT NULL,
            status integer NOT NULL, proxy integer NOT NULL, suspects text, started timestamptz NOT NULL,
            alive timestamptz NOT NULL, PRIMARY KEY (cluster, address, port, generation));
        """;

    private const string Rows = """
        SELECT s.address AS Address, s.port AS Port, s.generation AS Generation, s.name AS SiloName,
            s.host AS HostName, s.status AS Status, s.proxy AS ProxyPort, s.suspects AS SuspectTimes,
            s.started AS StartTime, s.alive AS IAmAliveTime, c.version AS Version
        FROM clusters c LEFT JOIN silos s ON s.cluster = c.name
        """;

    private const string Itself =
        "s.cluster = @DeploymentId AND s.address = @Address AND s.port = @Port "
        + "AND s.generation = @Generation";

    private const string Bump = """
        UPDATE clusters SET version = version + 1, changed = now()
        WHERE name = @DeploymentId AND version = @Version
        """;

    private static readonly KeyValuePair<string, string>[] _queries =
    [
        new("InsertMembershipVersionKey", """
            WITH put AS (
                INSERT INTO clusters VALUES(@DeploymentId, 0, now()) ON CONFLICT DO NOTHING RETURNING 1)
            SELECT count(*) > 0 FROM put
            """),
        new("InsertMembershipKey", $"""
            WITH bumped AS ({Bump} AND NOT EXISTS (SELECT 1 FROM silos s WHERE {Itself}) RETURNING name),
            put AS (
                INSERT INTO silos(
                    cluster, address, port, generation, name, host, status, proxy, started, alive)
                SELECT name, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort,
                    @StartTime, @IAmAliveTime FROM bumped RETURNING 1)
            SELECT count(*) > 0 FROM put
            """),
        new("UpdateMembershipKey", $"""
            WITH bumped AS ({Bump} AND EXISTS (SELECT 1 FROM silos s WHERE {Itself}) RETURNING name),
            put AS (
                UPDATE silos s SET status = @Status, suspects = @SuspectTimes, alive = @IAmAliveTime
                FROM bumped WHERE {Itself} RETURNING 1)
            SELECT count(*) > 0 FROM put
            """),
        new("UpdateIAmAlivetimeKey", $"UPDATE silos s SET alive = @IAmAliveTime WHERE {Itself}"),
        new("MembershipReadAllKey", $"{Rows} WHERE c.name = @DeploymentId"),
        new("MembershipReadRowKey", $"{Rows} AND {Itself} WHERE c.name = @DeploymentId"),
        new("GatewaysQueryKey", """
            SELECT address AS Address, proxy AS ProxyPort, generation AS Generation FROM silos
            WHERE cluster = @DeploymentId AND status = @Status AND proxy > 0
            """),
        new("DeleteMembershipTableEntriesKey", """
            WITH gone AS (DELETE FROM silos WHERE cluster = @DeploymentId RETURNING 1)
            DELETE FROM clusters WHERE name = @DeploymentId AND (SELECT count(*) FROM gone) >= 0
            """),

        // 6: dead.
        new("CleanupDefunctSiloEntriesKey", """
            DELETE FROM silos WHERE cluster = @DeploymentId AND alive < @IAmAliveTime
                AND started < @IAmAliveTime AND status = 6
            """),
    ];

    /// <summary>The address as Orleans is to use it.</summary>
    public static string ConnectionOf(string connection) => new NpgsqlConnectionStringBuilder(connection)
    {
        ApplicationName = "hanse-cluster",
        SearchPath = "hanse_cluster",
        MaxPoolSize = 4,
        Timeout = 3,
        CommandTimeout = 3,
    }.ToString();

    /// <summary>Makes the tables where they are not, and brings the statements up to date.</summary>
    /// <exception cref="StoreException">The database cannot be reached.</exception>
    public static async Task PrepareAsync(string connection, CancellationToken cancel)
    {
        try
        {
            await using var source = NpgsqlDataSource.Create(connection);
            await using NpgsqlConnection open = await source.OpenConnectionAsync(cancel);
            await using NpgsqlTransaction transaction = await open.BeginTransactionAsync(cancel);
            await RunAsync(open, Lock, cancel);
            await RunAsync(open, Tables, cancel);
            foreach ((string key, string text) in _queries)
            {
                await RunAsync(
                    open,
                    """
                    INSERT INTO hanse_cluster.OrleansQuery VALUES($1, $2)
                    ON CONFLICT (QueryKey) DO UPDATE SET QueryText = excluded.QueryText
                    WHERE OrleansQuery.QueryText <> excluded.QueryText
                    """,
                    cancel, key, text);
            }

            await transaction.CommitAsync(cancel);
        }
        catch (NpgsqlException failure)
        {
            throw new StoreException(
                $"the tables of the cluster cannot be made: {failure.Message}", failure);
        }
    }

    private static async Task RunAsync(
        NpgsqlConnection connection, string statements, CancellationToken cancel,
        params string[] values)
    {
#pragma warning disable CA2100 // Constants of ours.
        await using var command = new NpgsqlCommand(statements, connection);
#pragma warning restore CA2100
        for (int i = 0; i < values.Length; i++)
        {
            _ = command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = values[i] });
        }

        _ = await command.ExecuteNonQueryAsync(cancel);
    }
}

using System;
using System.Threading;
using System.Threading.Tasks;
using Hanse.IO.Stores;
using Npgsql;

namespace Hanse.Cluster.Stores;

/// <summary>What one process of a cluster has at a time: it takes operators' orders and gives them their
/// numbers, which two must not do beside each other.</summary>
/// <remarks>A lock of the database's that goes with the connection, so with the process, however that
/// ends.</remarks>
public sealed class OperatorSeat : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;

    private OperatorSeat(NpgsqlConnection connection) => _connection = connection;

    /// <summary>Takes it, if nobody has it.</summary>
    /// <param name="connection">The database, as Npgsql reads it.</param>
    /// <param name="cancel">Whether to give up.</param>
    /// <returns>Null when another process has it.</returns>
    /// <exception cref="StoreException">The database cannot be reached.</exception>
    public static async Task<OperatorSeat?> TryTakeAsync(
        string connection, CancellationToken cancel = default)
    {
        var settings = new NpgsqlConnectionStringBuilder(connection)
        {
            ApplicationName = "hanse-operators",
            Pooling = false,
            KeepAlive = 10,
        };
        var open = new NpgsqlConnection(settings.ToString());
        try
        {
            await open.OpenAsync(cancel);
            await using var command = new NpgsqlCommand("SELECT pg_try_advisory_lock(1212239445)", open);
            if (await command.ExecuteScalarAsync(cancel) is true)
            {
                return new OperatorSeat(open);
            }

            await open.DisposeAsync();
            return null;
        }
        catch (NpgsqlException failure)
        {
            await open.DisposeAsync();
            throw new StoreException($"the operators' seat cannot be taken: {failure.Message}", failure);
        }
    }

    /// <summary>Whether it is still held: it is lost with the connection.</summary>
    public async Task<bool> IsHeldAsync(CancellationToken cancel = default)
    {
        try
        {
            await using var command = new NpgsqlCommand("SELECT 1", _connection) { CommandTimeout = 5 };
            return await command.ExecuteScalarAsync(cancel) is 1;
        }
        catch (Exception lost) when (lost is NpgsqlException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Leaves it to another.</summary>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}

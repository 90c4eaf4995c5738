using System;
using System.IO;
using System.Threading.Tasks;
using Hanse.Cluster.Stores;
using Hanse.IO.Stores;
using Hanse.IO.Tests.Stores;
using Xunit;

namespace Hanse.Cluster.Tests.Stores;

/// <summary>A database and a file beside each other.</summary>
public abstract class MixedMove(PostgresServer server) : StoreMoveSuite, IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hanse-move-").FullName;
    private string _database = "";

    public async ValueTask InitializeAsync() => _database = await server.NewDatabaseAsync();

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    protected async ValueTask<ISealableStore> InDatabaseAsync(bool isToMove) => isToMove
        ? await PostgresStore.OpenToMoveAsync(_database) : await PostgresStore.OpenAsync(_database);

    protected ValueTask<ISealableStore> InFileAsync(bool isToMove)
    {
        string path = Path.Combine(_folder, "hanse.db");
        return ValueTask.FromResult<ISealableStore>(
            isToMove ? SqliteStore.OpenToMove(path) : SqliteStore.Open(path));
    }
}

/// <summary>Missions that are moved into PostgreSQL.</summary>
[Collection("one after the other")]
public sealed class IntoPostgresTests(PostgresServer server) : MixedMove(server)
{
    protected override ValueTask<ISealableStore> OldAsync(bool isToMove) => InFileAsync(isToMove);

    protected override ValueTask<ISealableStore> NewAsync(bool isToMove) => InDatabaseAsync(isToMove);
}

/// <summary>Missions that are moved out of PostgreSQL.</summary>
[Collection("one after the other")]
public sealed class OutOfPostgresTests(PostgresServer server) : MixedMove(server)
{
    // A process of a cluster that nobody ended.
    [Fact]
    public async Task Who_has_the_old_one_open_cannot_write_it_any_more()
    {
        await using ISealableStore old = await InDatabaseAsync(isToMove: false);
        var stream = new StreamName("hub/1");
        await old.AppendAsync(stream, new StreamBatch(1, default, 0, default));
        await using (ISealableStore moving = await InDatabaseAsync(isToMove: true))
        await using (ISealableStore copy = await InFileAsync(isToMove: true))
        {
            _ = await StoreMove.RunAsync(moving, copy, "elsewhere", "core", _ => { });
        }

        StoreException refused = await Assert.ThrowsAsync<StoreException>(
            () => old.AppendAsync(stream, new StreamBatch(2, default, 0, default)));
        Assert.Contains("the mission was moved", refused.Message, StringComparison.Ordinal);
        _ = await Assert.ThrowsAsync<StoreException>(() => old.NoteAsync("key/1", "late", default));
        Assert.Equal(1, Assert.Single(await old.ListAsync()).Version);
    }

    protected override ValueTask<ISealableStore> OldAsync(bool isToMove) => InDatabaseAsync(isToMove);

    protected override ValueTask<ISealableStore> NewAsync(bool isToMove) => InFileAsync(isToMove);
}

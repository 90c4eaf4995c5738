using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Hanse.Cluster.Stores;
using Hanse.Core.Time;
using Hanse.IO.Stores;
using Hanse.IO.Tests.Stores;
using Npgsql;
using Xunit;

namespace Hanse.Cluster.Tests.Stores;

[Collection("one after the other")]
public sealed class PostgresStoreTests(PostgresServer server) : StoreSuite
{
    private string _database = "";

    [Fact]
    public async Task Many_processes_that_start_together_make_one_set_of_tables()
    {
        PostgresStore[] stores = await Task.WhenAll(Enumerable.Range(0, 6).Select(
            _ => PostgresStore.OpenAsync(_database)));
        await Task.WhenAll(stores.Select((store, i) =>
            store.AppendAsync(new StreamName($"hub/{i}"), BatchOf(1, 1))));
        Assert.Equal(6, (await stores[0].ListAsync()).Length);
        foreach (PostgresStore store in stores)
        {
            await store.DisposeAsync();
        }
    }

    [Fact]
    public async Task Of_two_processes_that_write_a_stream_each_batch_has_one_and_nothing_is_lost()
    {
        await using IStreamStore first = await OpenAsync();
        await using IStreamStore second = await OpenAsync();
        await RivalsAsync(first, second, 300);
    }

    // Groups of many streams in both, so that they meet in every order.
    [Fact]
    public async Task Two_processes_that_write_the_same_streams_never_wait_for_each_other_in_a_circle()
    {
        await using PostgresStore first = await PostgresStore.OpenAsync(_database);
        await using PostgresStore second = await PostgresStore.OpenAsync(_database);
        var acknowledged = new Dictionary<(int, int), int>();
        for (int version = 1; version <= 20; version++)
        {
            await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
            {
                int stream = i % 100;
                bool isFirst = (i < 100) ^ (i % 2 == 0);
                var snapshot = new StreamSnapshot(version, "core", new byte[] { 1 });
                try
                {
                    await (isFirst ? first : second).AppendAsync(
                        new StreamName($"hub/{stream}"),
                        new StreamBatch(version, new Instant(version), 1, new[] { (byte)(i / 100) }),
                        snapshot);
                    lock (acknowledged)
                    {
                        acknowledged.Add((stream, version), i / 100);
                    }
                }
                catch (StreamConflictException)
                {
                    // The other one has it.
                }
            }));
        }

        Assert.Equal(100 * 20, acknowledged.Count);
        for (int stream = 0; stream < 100; stream++)
        {
            Assert.All(
                await All(first, new StreamName($"hub/{stream}")),
                batch => Assert.Equal(acknowledged[(stream, (int)batch.Version)], batch.Run.Span[0]));
        }

        Assert.InRange(first.Commits, 20, 300);
    }

    [Fact]
    public async Task A_crash_of_the_server_loses_nothing_that_was_acknowledged()
    {
        await using PostgresStore store = await PostgresStore.OpenAsync(_database);
        StreamName[] streams = [.. Enumerable.Range(0, 20).Select(i => new StreamName($"hub/{i}"))];
        int[] acknowledged = new int[20];
        bool isOver = false;
        int failures = 0;
        Task[] writers =
        [
            .. streams.Select((stream, i) => Task.Run(async () =>
            {
                int version = 1;
                while (!isOver)
                {
                    try
                    {
                        await store.AppendAsync(stream, BatchOf(version, 100));
                        acknowledged[i] = version++;
                    }
                    catch (StoreException)
                    {
                        // As a host does: look again what there is.
                        failures++;
                        await Task.Delay(20);
                        version = await LastAsync(store, stream) + 1 ?? version;
                        Assert.InRange(version, acknowledged[i] + 1, acknowledged[i] + 2);
                    }
                }
            })),
        ];
        for (int crash = 0; crash < 3; crash++)
        {
            await Task.Delay(300);
            await server.KillAsync();
            int[] before = [.. acknowledged];
            await Task.Delay(100);
            await server.StartAsync();
            await Until(
                () => Task.FromResult(acknowledged.Zip(before).All(pair => pair.First > pair.Second)));
        }

        isOver = true;
        await Task.WhenAll(writers);
        Assert.True(failures > 0);
        for (int i = 0; i < streams.Length; i++)
        {
            List<StreamBatch> all = await All(store, streams[i]);
            Assert.InRange(all.Count, acknowledged[i], acknowledged[i] + 1);
            Assert.All(all, batch => Assert.True(
                batch.Run.Span.SequenceEqual(BatchOf((int)batch.Version, 100).Run.Span)));
        }
    }

    // A lock holds the append at the server until it has been given up here; then it is committed late.
    [Fact]
    public async Task An_answer_that_does_not_come_in_time_is_no_answer_and_the_next_append_collides()
    {
        var settings = new NpgsqlConnectionStringBuilder(_database) { CommandTimeout = 1 };
        using var detour = new Detour(settings.Port);
        settings.Port = detour.Port;
        await using PostgresStore store = await PostgresStore.OpenAsync(settings.ToString());
        await store.AppendAsync(One, BatchOf(1, 1));
        await using (var locker = new NpgsqlConnection(_database))
        {
            await locker.OpenAsync();
            await using NpgsqlTransaction transaction = await locker.BeginTransactionAsync();
            await using var command = new NpgsqlCommand(
                "LOCK TABLE hanse.batches IN SHARE MODE", locker, transaction);
            _ = await command.ExecuteNonQueryAsync();
            detour.IsDeaf = true;
            StoreException failed = await Assert.ThrowsAnyAsync<StoreException>(
                () => store.AppendAsync(One, BatchOf(2, 7), new StreamSnapshot(2, "core", new byte[] { 7 })));
            Assert.IsNotType<StreamConflictException>(failed);
            await transaction.CommitAsync();
        }

        await using PostgresStore other = await PostgresStore.OpenAsync(_database);
        await Until(async () => await LastAsync(other, One) == 2);
        StoreException away = await Assert.ThrowsAnyAsync<StoreException>(
            () => store.AppendAsync(One, BatchOf(2, 1)));
        Assert.IsNotType<StreamConflictException>(away);
        detour.IsDeaf = false;
        _ = await Assert.ThrowsAsync<StreamConflictException>(() => store.AppendAsync(One, BatchOf(2, 1)));
        Assert.Equal(7, (await All(store, One))[1].Run.Length);
        await store.AppendAsync(One, BatchOf(3, 1));
    }

    [Fact]
    public async Task What_does_not_fit_into_the_queue_waits_and_is_not_lost()
    {
        await using PostgresStore store = await PostgresStore.OpenAsync(_database);
        await store.AppendAsync(One, BatchOf(1, 1));
        const int Count = PostgresStore.WaitingMax + PostgresStore.GroupMax + 100;
        Task[] appends;
        await using (var locker = new NpgsqlConnection(_database))
        {
            await locker.OpenAsync();
            await using NpgsqlTransaction transaction = await locker.BeginTransactionAsync();
            await using var command = new NpgsqlCommand(
                "LOCK TABLE hanse.batches IN EXCLUSIVE MODE", locker, transaction);
            _ = await command.ExecuteNonQueryAsync();
            appends =
            [
                .. Enumerable.Range(0, Count).Select(
                    i => store.AppendAsync(new StreamName($"node/{i}"), BatchOf(1, 1))),
            ];
            await Task.Delay(200);
            Assert.DoesNotContain(appends, append => append.IsCompleted);
            await transaction.CommitAsync();
        }

        await Task.WhenAll(appends);
        Assert.Equal(Count + 1, (await store.ListAsync()).Length);
        Assert.InRange(store.Commits, 2, 40);
    }

    [Fact]
    public async Task A_group_is_no_larger_than_its_bytes()
    {
        await using PostgresStore store = await PostgresStore.OpenAsync(_database);
        byte[] large = new byte[PostgresStore.GroupBytesMax / 4];
        new Random(1).NextBytes(large);
        await Task.WhenAll(Enumerable.Range(0, 12).Select(
            i => store.AppendAsync(
                new StreamName($"node/{i}"), new StreamBatch(1, new Instant(1), 1, large))));
        Assert.InRange(store.Commits, 3, 12);
        Assert.True((await All(store, new StreamName("node/7")))[0].Run.Span.SequenceEqual(large));
    }

    [Fact]
    public async Task What_is_no_store_is_refused_and_left_alone()
    {
        _ = await PostgresServer.SqlAsync(
            _database, "CREATE SCHEMA hanse; CREATE TABLE hanse.cats(name text)");
        StoreException refused = await Assert.ThrowsAsync<StoreException>(OpenAsync);
        Assert.Contains("no store of Hanse", refused.Message, StringComparison.Ordinal);
        Assert.Equal(
            1L, await PostgresServer.SqlAsync(
                _database, "SELECT count(*) FROM pg_tables WHERE schemaname = 'hanse'"));
        _ = await Assert.ThrowsAsync<StoreException>(() => PostgresStore.OpenAsync("nonsense"));
        StoreException away = await Assert.ThrowsAsync<StoreException>(
            () => PostgresStore.OpenAsync("Host=127.0.0.1;Port=1;Username=u;Password=secret;Database=x"));
        Assert.DoesNotContain("secret", away.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_flush_is_refused()
    {
        Assert.SkipWhen(server.Missing is not null, server.Missing ?? "");
        _ = await PostgresServer.SqlAsync(_database, "ALTER SYSTEM SET fsync = off");
        try
        {
            _ = await PostgresServer.SqlAsync(_database, "SELECT pg_reload_conf()");
            await Until(async () => await PostgresServer.SqlAsync(_database, "SHOW fsync") is "off");
            StoreException refused = await Assert.ThrowsAsync<StoreException>(OpenAsync);
            Assert.Contains("fsync", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            _ = await PostgresServer.SqlAsync(_database, "ALTER SYSTEM RESET fsync");
            _ = await PostgresServer.SqlAsync(_database, "SELECT pg_reload_conf()");
        }

        await Until(async () => await PostgresServer.SqlAsync(_database, "SHOW fsync") is "on");
    }

    [Fact]
    public async Task Commits_are_flushed_whatever_the_servers_default()
    {
        _ = await PostgresServer.SqlAsync(
            _database, $"ALTER ROLE hanse IN DATABASE {Name} SET synchronous_commit = off");
        _ = await PostgresServer.SqlAsync(_database, """
            CREATE TABLE seen(word text);
            CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN INSERT INTO seen VALUES(current_setting(''synchronous_commit'')); RETURN NULL; END'
            """);
        await using IStreamStore store = await OpenAsync();
        _ = await PostgresServer.SqlAsync(
            _database, "CREATE TRIGGER look AFTER INSERT ON hanse.batches EXECUTE FUNCTION look()");
        await store.AppendAsync(One, BatchOf(1, 1));
        Assert.Equal("on", await PostgresServer.SqlAsync(_database, "SELECT word FROM seen"));
    }

    public override async ValueTask InitializeAsync() => _database = await server.NewDatabaseAsync();

    public override ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        return server.DropAsync(_database);
    }

    protected override async Task<IStreamStore> OpenAsync() => await PostgresStore.OpenAsync(_database);

    protected override async Task<IStreamStore> OpenToReadAsync() =>
        await PostgresStore.OpenToReadAsync(_database);

    protected override long CommitsOf(IStreamStore store) => ((PostgresStore)store).Commits;

    protected override Task HarmAsync(string statement) =>
        PostgresServer.SqlAsync(
            _database + ";Search Path=hanse",
            statement.Replace("{FF}", "'\\xFF'", StringComparison.Ordinal));

    protected override Task MakeLaterAsync() =>
        PostgresServer.SqlAsync(_database, "UPDATE hanse.format SET format = 99");

    private string Name => new NpgsqlConnectionStringBuilder(_database).Database!;

    private static async Task<int?> LastAsync(PostgresStore store, StreamName stream)
    {
        try
        {
            IEnumerable<StreamState> all = await store.ListAsync();
            return (int?)all.FirstOrDefault(state => state.Stream == stream)?.Version ?? 0;
        }
        catch (StoreException)
        {
            return null; // The server is away.
        }
    }

    private static async Task Until(Func<Task<bool>> holds)
    {
        for (int i = 0; i < 600; i++)
        {
            if (await holds())
            {
                return;
            }

            await Task.Delay(50);
        }

        throw new TimeoutException("not within 30 s");
    }
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Hanse.IO.Stores;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Hanse.IO.Tests.Stores;

public sealed class SqliteStoreTests : StoreSuite
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hanse-store-").FullName;

    private string Path1 => Path.Combine(_folder, "hanse.db");

    [Fact]
    public async Task Another_process_may_not_write()
    {
        await using var store = SqliteStore.Open(Path1);
        await store.AppendAsync(One, BatchOf(1, 1));
        StoreException refused = Assert.Throws<StoreException>(() => SqliteStore.Open(Path1));
        Assert.Contains("another hanse", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_store_is_refused_and_left_alone()
    {
        _ = Assert.Throws<StoreException>(() => SqliteStore.OpenToRead(Path1));
        await File.WriteAllTextAsync(Path1, new string('x', 8_000));
        _ = Assert.Throws<StoreException>(() => SqliteStore.Open(Path1));
        Assert.Equal(8_000, (await File.ReadAllTextAsync(Path1)).Length);
        string other = Path.Combine(_folder, "other.db");
        Sql(other, "CREATE TABLE cats(name TEXT)");
        StoreException refused = Assert.Throws<StoreException>(() => SqliteStore.Open(other));
        Assert.Contains("no store of Hanse", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backup_while_it_is_written_is_what_was_there_at_one_moment()
    {
        await using var store = SqliteStore.Open(Path1);
        await store.AppendAsync(One, BatchOf(1, 1));
        Task writing = Task.Run(async () =>
        {
            for (int version = 2; version <= 500; version++)
            {
                await store.AppendAsync(One, BatchOf(version, 1));
            }
        });
        string copy = Path.Combine(_folder, "copy.db");
        await store.BackupAsync(copy);
        _ = await Assert.ThrowsAsync<StoreException>(() => store.BackupAsync(copy));
        await writing;
        await using var restored = SqliteStore.Open(copy);
        List<StreamBatch> all = await All(restored, One);
        Assert.InRange(all.Count, 1, 500);
        await restored.AppendAsync(One, BatchOf(all.Count + 1, 1));
        Assert.Empty(await restored.InspectAsync());
    }

    // A cut of power: of what was written since the last flush, any sector may be old, new, or torn. The log
    // is copied while the store is open, and all behind what was acknowledged is spoiled.
    [Fact]
    public async Task A_cut_of_power_loses_nothing_that_was_acknowledged()
    {
        var luck = new Random(11);
        await using var store = SqliteStore.Open(Path1);
        for (int round = 0; round < 40; round++)
        {
            int before = 1 + (round * 6);
            for (int version = before; version < before + 3; version++)
            {
                await store.AppendAsync(One, BatchOf(version, 1 + luck.Next(3_000)));
            }

            long flushed = new FileInfo(Path1 + "-wal").Length;
            for (int version = before + 3; version < before + 6; version++)
            {
                await store.AppendAsync(One, BatchOf(version, 1 + luck.Next(3_000)));
            }

            string crashed = Path.Combine(_folder, $"crashed-{round}.db");
            File.Copy(Path1, crashed);
            byte[] log = ReadShared(Path1 + "-wal");
            Spoil(log, (int)Math.Min(flushed, log.Length), luck);
            await File.WriteAllBytesAsync(
                crashed + "-wal", log[..(int)luck.NextInt64(Math.Min(flushed, log.Length), log.Length + 1)]);
            await using var again = SqliteStore.Open(crashed);
            int count = (await All(again, One)).Count;
            Assert.InRange(count, before + 2, before + 5);
            await again.AppendAsync(One, BatchOf(count + 1, 1));
        }
    }

    public override ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public override ValueTask DisposeAsync()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    protected override Task<IStreamStore> OpenAsync() =>
        Task.Run(() => (IStreamStore)SqliteStore.Open(Path1));

    protected override Task<IStreamStore> OpenToReadAsync() =>
        Task.Run(() => (IStreamStore)SqliteStore.OpenToRead(Path1));

    protected override long CommitsOf(IStreamStore store) => ((SqliteStore)store).Commits;

    protected override Task HarmAsync(string statement) =>
        Task.Run(() => Sql(Path1, statement.Replace("{FF}", "x'FF'", StringComparison.Ordinal)));

    protected override Task MakeLaterAsync() => HarmAsync("PRAGMA user_version=3");

    protected override async Task InspectAsync(IStreamStore store) =>
        Assert.Empty(await ((SqliteStore)store).InspectAsync());

    private static void Spoil(byte[] log, int from, Random luck)
    {
        for (int sector = from; sector < log.Length; sector += 512)
        {
            Span<byte> part = log.AsSpan(sector, Math.Min(512, log.Length - sector));
            switch (luck.Next(3))
            {
                case 0:
                    part.Clear();
                    break;
                case 1:
                    luck.NextBytes(part[(part.Length / 2)..]);
                    break;
                default:
                    break;
            }
        }
    }

    private static byte[] ReadShared(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static void Sql(string path, string statements)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = statements;
        _ = command.ExecuteNonQuery();
    }
}

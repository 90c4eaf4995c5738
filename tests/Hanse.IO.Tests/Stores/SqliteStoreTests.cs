using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Hanse.Core.Time;
using Hanse.IO.Stores;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Hanse.IO.Tests.Stores;

public sealed class SqliteStoreTests : IDisposable
{
    private static readonly StreamName _one = new("hub/1");
    private static readonly StreamName _two = new("hub/2");
    private readonly string _folder = Directory.CreateTempSubdirectory("hanse-store-").FullName;

    private string Path1 => Path.Combine(_folder, "hanse.db");

    [Fact]
    public async Task What_is_appended_is_read_again_after_reopening()
    {
        await using (var store = SqliteStore.Open(Path1))
        {
            await Task.WhenAll(Enumerable.Range(1, 700).SelectMany(version => (Task[])[
                store.AppendAsync(_one, BatchOf(version, 1)), store.AppendAsync(_two, BatchOf(version, 2))]));
            await store.AppendAsync(_one, BatchOf(701, 1), new StreamSnapshot(701, "core", new byte[] { 7 }));
            Assert.InRange(store.Commits, 1, 1_000);
            Assert.Equal("first", await store.NoteAsync("mission", "first", default));
            Assert.Equal("first", await store.NoteAsync("mission", "second", default));
        }

        await using var again = SqliteStore.Open(Path1);
        Assert.Equal(
            Enumerable.Range(1, 701).Select(version => Text(BatchOf(version, 1))),
            (await All(again, _one)).Select(Text));
        Assert.Equal(200, (await All(again, _two, after: 500)).Count);
        Assert.Equal(
            [new StreamState(_one, 701, 701, 701, 701), new StreamState(_two, 700, 1400, 1400, 0)],
            await again.ListAsync());
        Assert.Equal([7], (await again.SnapshotAsync(_one, "core"))!.State.ToArray());
        Assert.Null(await again.SnapshotAsync(_one, "another core"));
        Assert.Null(await again.SnapshotAsync(_two, "core"));
        Assert.Equal("first", await again.NoteAsync("mission"));
        Assert.Null(await again.NoteAsync("nothing"));
        Assert.Empty(await again.InspectAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(0)]
    [InlineData(-5)]
    public async Task Only_the_next_batch_is_taken(int version)
    {
        await using var store = SqliteStore.Open(Path1);
        await store.AppendAsync(_one, BatchOf(1, 1));
        _ = await Assert.ThrowsAsync<StreamConflictException>(
            () => store.AppendAsync(_one, BatchOf(version, 1), new StreamSnapshot(version, "core", default)));
        await store.AppendAsync(_one, BatchOf(2, 1));
        Assert.Equal(2, (await All(store, _one)).Count);
        Assert.Null(await store.SnapshotAsync(_one, "core"));
    }

    [Fact]
    public async Task Of_two_writers_of_a_stream_each_batch_has_one_and_nothing_is_lost()
    {
        await using var store = SqliteStore.Open(Path1);
        var taken = new List<int>[2];
        await Task.WhenAll(Enumerable.Range(0, 2).Select(who => Task.Run(async () =>
        {
            taken[who] = [];
            for (int version = 1; version <= 300;)
            {
                try
                {
                    await store.AppendAsync(_one, new StreamBatch(version, new Instant(version), 1, new[] { (byte)who }));
                    taken[who].Add(version++);
                }
                catch (StreamConflictException)
                {
                    version = (int)(await store.ListAsync()).Single().Version + 1;
                }
            }
        })));
        List<StreamBatch> all = await All(store, _one);
        Assert.Equal(all.Count, taken[0].Count + taken[1].Count);
        Assert.All(all, batch => Assert.Contains((int)batch.Version, taken[batch.Run.Span[0]]));
    }

    [Fact]
    public async Task Another_process_may_read_and_not_write()
    {
        await using var store = SqliteStore.Open(Path1);
        await store.AppendAsync(_one, BatchOf(1, 1));
        StoreException refused = Assert.Throws<StoreException>(() => SqliteStore.Open(Path1));
        Assert.Contains("another hanse", refused.Message, StringComparison.Ordinal);
        await using var reader = SqliteStore.OpenToRead(Path1);
        _ = Assert.Single(await All(reader, _one));
        _ = await Assert.ThrowsAsync<InvalidOperationException>(
            () => reader.AppendAsync(_one, BatchOf(2, 1)));
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
    public async Task A_store_of_a_later_release_is_refused_with_a_word()
    {
        await SqliteStore.Open(Path1).DisposeAsync();
        Sql(Path1, "PRAGMA user_version=3");
        StoreException refused = Assert.Throws<StoreException>(() => SqliteStore.Open(Path1));
        Assert.Contains("later release", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UPDATE batches SET run = x'FF' WHERE version = 2", "spoiled")]
    [InlineData("UPDATE batches SET facts = 9 WHERE version = 2", "spoiled")]
    [InlineData("UPDATE batches SET at = 7 WHERE version = 2", "spoiled")]
    [InlineData("UPDATE batches SET at = 0 WHERE version = 2", "spoiled")]
    [InlineData("DELETE FROM batches WHERE version = 2", "missing")]
    [InlineData("DELETE FROM batches WHERE version = 1", "missing")]
    [InlineData("UPDATE batches SET stream = 3 - stream, version = version + 10", "missing")]
    public async Task Spoiled_rows_are_found_when_they_are_read(string harm, string word)
    {
        await using (var store = SqliteStore.Open(Path1))
        {
            for (int version = 1; version <= 3; version++)
            {
                await store.AppendAsync(_one, BatchOf(version, 1));
                await store.AppendAsync(_two, BatchOf(version, 1));
            }
        }

        Sql(Path1, harm);
        await using var again = SqliteStore.OpenToRead(Path1);
        StoreException found = await Assert.ThrowsAsync<StoreException>(() => All(again, _one));
        Assert.Contains(word, found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backup_while_it_is_written_is_what_was_there_at_one_moment()
    {
        await using var store = SqliteStore.Open(Path1);
        await store.AppendAsync(_one, BatchOf(1, 1));
        Task writing = Task.Run(async () =>
        {
            for (int version = 2; version <= 500; version++)
            {
                await store.AppendAsync(_one, BatchOf(version, 1));
            }
        });
        string copy = Path.Combine(_folder, "copy.db");
        await store.BackupAsync(copy);
        _ = await Assert.ThrowsAsync<StoreException>(() => store.BackupAsync(copy));
        await writing;
        await using var restored = SqliteStore.Open(copy);
        List<StreamBatch> all = await All(restored, _one);
        Assert.InRange(all.Count, 1, 500);
        await restored.AppendAsync(_one, BatchOf(all.Count + 1, 1));
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
                await store.AppendAsync(_one, BatchOf(version, 1 + luck.Next(3_000)));
            }

            long flushed = new FileInfo(Path1 + "-wal").Length;
            for (int version = before + 3; version < before + 6; version++)
            {
                await store.AppendAsync(_one, BatchOf(version, 1 + luck.Next(3_000)));
            }

            string crashed = Path.Combine(_folder, $"crashed-{round}.db");
            File.Copy(Path1, crashed);
            byte[] log = ReadShared(Path1 + "-wal");
            Spoil(log, (int)Math.Min(flushed, log.Length), luck);
            await File.WriteAllBytesAsync(
                crashed + "-wal", log[..(int)luck.NextInt64(Math.Min(flushed, log.Length), log.Length + 1)]);
            await using var again = SqliteStore.Open(crashed);
            int count = (await All(again, _one)).Count;
            Assert.InRange(count, before + 2, before + 5);
            await again.AppendAsync(_one, BatchOf(count + 1, 1));
        }
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

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

    private static StreamBatch BatchOf(int version, int length) =>
        new(version, new Instant(version * 1_000L), length, Enumerable.Range(0, length).Select(i => (byte)(version + i)).ToArray());

    private static string Text(StreamBatch batch) =>
        $"{batch.Version} {batch.At.Micros} {batch.Facts} {Convert.ToHexString(batch.Run.Span)}";

    private static async Task<List<StreamBatch>> All(SqliteStore store, StreamName stream, long after = 0)
    {
        var all = new List<StreamBatch>();
        await foreach (StreamBatch batch in store.ReadAsync(stream, after))
        {
            all.Add(batch);
        }

        return all;
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

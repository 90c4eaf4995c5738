using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Hanse.Core.Time;
using Hanse.IO.Stores;
using Xunit;

namespace Hanse.IO.Tests.Stores;

/// <summary>What every store does. Each kind of store runs it.</summary>
public abstract class StoreSuite : IAsyncLifetime
{
    protected static readonly StreamName One = new("hub/1");
    protected static readonly StreamName Two = new("hub/2");

    [Fact]
    public async Task What_is_appended_is_read_again_after_reopening()
    {
        await using (IStreamStore store = await OpenAsync())
        {
            await Task.WhenAll(Enumerable.Range(1, 700).SelectMany(version => (Task[])[
                store.AppendAsync(One, BatchOf(version, 1)), store.AppendAsync(Two, BatchOf(version, 2))]));
            await store.AppendAsync(One, BatchOf(701, 1), new StreamSnapshot(701, "core", new byte[] { 7 }));
            Assert.InRange(CommitsOf(store), 1, 1_000);
            Assert.Equal("first", await store.NoteAsync("mission", "first", default));
            Assert.Equal("first", await store.NoteAsync("mission", "second", default));
        }

        await using IStreamStore again = await OpenAsync();
        Assert.Equal(
            Enumerable.Range(1, 701).Select(version => Text(BatchOf(version, 1))),
            (await All(again, One)).Select(Text));
        Assert.Equal(200, (await All(again, Two, after: 500)).Count);
        Assert.Equal(
            [new StreamState(One, 701, 701, 701, 701), new StreamState(Two, 700, 1400, 1400, 0)],
            await again.ListAsync());
        Assert.Equal([7], (await again.SnapshotAsync(One, "core"))!.State.ToArray());
        Assert.Null(await again.SnapshotAsync(One, "another core"));
        Assert.Null(await again.SnapshotAsync(Two, "core"));
        Assert.Equal("first", await again.NoteAsync("mission"));
        Assert.Null(await again.NoteAsync("nothing"));
        await InspectAsync(again);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(0)]
    [InlineData(-5)]
    public async Task Only_the_next_batch_is_taken(int version)
    {
        await using IStreamStore store = await OpenAsync();
        await store.AppendAsync(One, BatchOf(1, 1));
        _ = await Assert.ThrowsAsync<StreamConflictException>(
            () => store.AppendAsync(One, BatchOf(version, 1), new StreamSnapshot(version, "core", default)));
        await store.AppendAsync(One, BatchOf(2, 1));
        Assert.Equal(2, (await All(store, One)).Count);
        Assert.Null(await store.SnapshotAsync(One, "core"));
    }

    [Fact]
    public async Task Of_two_writers_of_a_stream_each_batch_has_one_and_nothing_is_lost()
    {
        await using IStreamStore store = await OpenAsync();
        await RivalsAsync(store, store, 300);
    }

    [Fact]
    public async Task The_later_snapshot_takes_the_earlier_ones_place()
    {
        await using IStreamStore store = await OpenAsync();
        for (int version = 1; version <= 3; version++)
        {
            byte[] state = [.. Enumerable.Repeat((byte)version, 10_000 * version)];
            await store.AppendAsync(
                One, BatchOf(version, version), new StreamSnapshot(version, $"core {version % 2}", state));
        }

        Assert.Null(await store.SnapshotAsync(One, "core 0"));
        StreamSnapshot? kept = await store.SnapshotAsync(One, "core 1");
        Assert.Equal(3, kept!.Version);
        Assert.Equal(Enumerable.Repeat((byte)3, 30_000), kept.State.ToArray());
    }

    [Fact]
    public async Task Of_notes_that_are_made_together_the_first_of_each_name_stands()
    {
        await using IStreamStore store = await OpenAsync();
        string[] noted = await Task.WhenAll(Enumerable.Range(0, 100).Select(
            i => store.NoteAsync($"key/{i % 10}", $"{i}", default)));
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(noted[i % 10], noted[i]);
        }

        _ = await store.NoteAsync("kez", "behind", default);
        _ = await store.NoteAsync("kex", "before", default);
        var all = new List<string>();
        await foreach (KeyValuePair<string, string> note in store.NotesAsync("key/"))
        {
            all.Add(note.Key);
        }

        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"key/{i}"), all);
    }

    [Fact]
    public async Task Who_opens_to_read_does_not_write()
    {
        await using IStreamStore store = await OpenAsync();
        await store.AppendAsync(One, BatchOf(1, 1));
        await using IStreamStore reader = await OpenToReadAsync();
        _ = Assert.Single(await All(reader, One));
        _ = await Assert.ThrowsAsync<InvalidOperationException>(
            () => reader.AppendAsync(One, BatchOf(2, 1)));
    }

    [Fact]
    public async Task A_closed_store_refuses_with_a_word()
    {
        IStreamStore store = await OpenAsync();
        await store.AppendAsync(One, BatchOf(1, 1));
        await store.DisposeAsync();
        StoreException refused = await Assert.ThrowsAsync<StoreException>(
            () => store.AppendAsync(One, BatchOf(2, 1)));
        Assert.Contains("closed", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_is_not_there_cannot_be_read() =>
        _ = await Assert.ThrowsAsync<StoreException>(OpenToReadAsync);

    [Fact]
    public async Task A_store_of_a_later_release_is_refused_with_a_word()
    {
        await (await OpenAsync()).DisposeAsync();
        await MakeLaterAsync();
        foreach (Func<Task<IStreamStore>> open in (Func<Task<IStreamStore>>[])[OpenAsync, OpenToReadAsync])
        {
            StoreException refused = await Assert.ThrowsAsync<StoreException>(open);
            Assert.Contains("later release", refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("UPDATE batches SET run = {FF} WHERE version = 2", "spoiled")]
    [InlineData("UPDATE batches SET facts = 9 WHERE version = 2", "spoiled")]
    [InlineData("UPDATE batches SET at = 7 WHERE version = 2", "spoiled")]
    [InlineData("UPDATE batches SET at = 0 WHERE version = 2", "spoiled")]
    [InlineData("DELETE FROM batches WHERE version = 2", "missing")]
    [InlineData("DELETE FROM batches WHERE version = 1", "missing")]
    [InlineData("UPDATE batches SET stream = 3 - stream, version = version + 10", "missing")]
    public async Task Spoiled_rows_are_found_when_they_are_read(string harm, string word)
    {
        await using (IStreamStore store = await OpenAsync())
        {
            for (int version = 1; version <= 3; version++)
            {
                await store.AppendAsync(One, BatchOf(version, 1));
                await store.AppendAsync(Two, BatchOf(version, 1));
            }
        }

        await HarmAsync(harm);
        await using IStreamStore again = await OpenToReadAsync();
        StoreException found = await Assert.ThrowsAsync<StoreException>(() => All(again, One));
        Assert.Contains(word, found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_spoiled_snapshot_is_found_when_it_is_read()
    {
        await using (IStreamStore store = await OpenAsync())
        {
            await store.AppendAsync(One, BatchOf(1, 1), new StreamSnapshot(1, "core", new byte[] { 7 }));
        }

        await HarmAsync("UPDATE snapshots SET state = {FF}");
        await using IStreamStore again = await OpenToReadAsync();
        StoreException found = await Assert.ThrowsAsync<StoreException>(
            () => again.SnapshotAsync(One, "core"));
        Assert.Contains("spoiled", found.Message, StringComparison.Ordinal);
    }

    /// <summary>Makes what the stores of one test are in.</summary>
    public abstract ValueTask InitializeAsync();

    public abstract ValueTask DisposeAsync();

    protected abstract Task<IStreamStore> OpenAsync();

    protected abstract Task<IStreamStore> OpenToReadAsync();

    protected abstract long CommitsOf(IStreamStore store);

    /// <summary>Runs a statement behind the store's back; <c>{FF}</c> is a byte.</summary>
    protected abstract Task HarmAsync(string statement);

    protected abstract Task MakeLaterAsync();

    protected virtual Task InspectAsync(IStreamStore store) => Task.CompletedTask;

    /// <summary>Two that both believe to be the one writer of a stream: every batch is one's, and each finds
    /// all of its own.</summary>
    protected static async Task RivalsAsync(IStreamStore first, IStreamStore second, int versions)
    {
        var taken = new List<int>[2];
        await Task.WhenAll(Enumerable.Range(0, 2).Select(who => Task.Run(async () =>
        {
            IStreamStore store = who == 0 ? first : second;
            taken[who] = [];
            for (int version = 1; version <= versions;)
            {
                try
                {
                    await store.AppendAsync(One, new StreamBatch(
                        version, new Instant(version), 1, new[] { (byte)who }));
                    taken[who].Add(version++);
                }
                catch (StreamConflictException)
                {
                    version = (int)(await store.ListAsync()).Single().Version + 1;
                }
            }
        })));
        List<StreamBatch> all = await All(first, One);
        Assert.Equal(all.Count, taken[0].Count + taken[1].Count);
        Assert.All(all, batch => Assert.Contains((int)batch.Version, taken[batch.Run.Span[0]]));
    }

    protected static StreamBatch BatchOf(int version, int length) => new(
        version, new Instant(version * 1_000L), length,
        Enumerable.Range(0, length).Select(i => (byte)(version + i)).ToArray());

    protected static async Task<List<StreamBatch>> All(
        IStreamStore store, StreamName stream, long after = 0)
    {
        var all = new List<StreamBatch>();
        await foreach (StreamBatch batch in store.ReadAsync(stream, after))
        {
            all.Add(batch);
        }

        return all;
    }

    private static string Text(StreamBatch batch) =>
        $"{batch.Version} {batch.At.Micros} {batch.Facts} {Convert.ToHexString(batch.Run.Span)}";
}

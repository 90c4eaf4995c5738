using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Core.Time;
using Hanse.IO.Stores;
using Xunit;

namespace Hanse.IO.Tests.Stores;

/// <summary>A mission is moved whole, also when the move is interrupted anywhere, and at no moment can it be
/// written in both places. Each pair of kinds of stores runs it.</summary>
public abstract class StoreMoveSuite
{
    private const string Core = "this build";
    private static readonly StreamName _one = new("hub/1");
    private static readonly StreamName _two = new("strategy");

    protected abstract ValueTask<ISealableStore> OldAsync(bool isToMove);

    protected abstract ValueTask<ISealableStore> NewAsync(bool isToMove);

    [Fact]
    public async Task All_of_it_is_there_and_the_old_one_takes_nothing_more()
    {
        List<string> before = await FillAsync();
        StoreMoved moved = await MoveAsync();
        Assert.Equal((2, 300, 100), (moved.Streams, moved.Batches, moved.Notes));
        await using (ISealableStore copy = await NewAsync(isToMove: false))
        {
            Assert.Equal(before, await AllOf(copy));
            Assert.Equal([7], (await copy.SnapshotAsync(_one, Core))!.State.ToArray());
            await StoreMove.DemandWholeAsync(copy, "it");
            await copy.AppendAsync(_one, BatchOf(201));
        }

        StoreException moved2 = await Assert.ThrowsAsync<StoreException>(
            async () => await OldAsync(isToMove: false));
        Assert.Contains("moved to elsewhere", moved2.Message, StringComparison.Ordinal);
        await using ISealableStore old = await OldAsync(isToMove: true);
        Assert.Equal(before, await AllOf(old));
        _ = await Assert.ThrowsAnyAsync<StoreException>(() => old.AppendAsync(_one, BatchOf(201)));
    }

    // Each time it comes a little further; a process that ends loses what it has not written.
    [Fact]
    public async Task A_move_that_is_interrupted_anywhere_goes_on_and_meanwhile_nobody_serves_the_copy()
    {
        List<string> before = await FillAsync();
        int attempts = 0;
        for (int writes = 0; ; writes += 61)
        {
            attempts++;
            await using ISealableStore old = await OldAsync(isToMove: true);
            await using ISealableStore copy = await NewAsync(isToMove: true);
            try
            {
                _ = await StoreMove.RunAsync(
                    new Breaking(old, 1_000_000), new Breaking(copy, writes), "elsewhere", Core, _ => { });
                break;
            }
            catch (StoreException broken) when (broken.Message == Breaking.Word)
            {
                if (await copy.NoteAsync("store/copy-of") is not null)
                {
                    StoreException half = await Assert.ThrowsAsync<StoreException>(
                        () => StoreMove.DemandWholeAsync(copy, "it"));
                    Assert.Contains("not finished", half.Message, StringComparison.Ordinal);
                }
            }
        }

        Assert.InRange(attempts, 4, 20);
        await using ISealableStore whole = await NewAsync(isToMove: false);
        Assert.Equal(before, await AllOf(whole));
    }

    [Fact]
    public async Task One_that_ended_between_the_seal_and_the_last_word_is_finished()
    {
        List<string> before = await FillAsync();
        await using (ISealableStore old = await OldAsync(isToMove: true))
        await using (ISealableStore copy = await NewAsync(isToMove: true))
        {
            // All batches, all notes and the first word; not the last.
            StoreException broken = await Assert.ThrowsAsync<StoreException>(() => StoreMove.RunAsync(
                old, new Breaking(copy, 300 + 100 + 1), "elsewhere", Core, _ => { }));
            Assert.Equal(Breaking.Word, broken.Message);
            _ = await Assert.ThrowsAsync<StoreException>(() => StoreMove.DemandWholeAsync(copy, "it"));
            Assert.NotNull(await old.NoteAsync(ISealableStore.SealNote));
        }

        _ = await MoveAsync();
        _ = await MoveAsync(); // Again is not wrong.
        await using ISealableStore whole = await NewAsync(isToMove: false);
        await StoreMove.DemandWholeAsync(whole, "it");
        Assert.Equal(before, await AllOf(whole));
    }

    [Fact]
    public async Task What_is_written_meanwhile_is_noticed_and_the_old_one_is_served_on()
    {
        _ = await FillAsync();
        await using (ISealableStore old = await OldAsync(isToMove: true))
        await using (ISealableStore copy = await NewAsync(isToMove: true))
        {
            StoreException refused = await Assert.ThrowsAsync<StoreException>(() => StoreMove.RunAsync(
                new Busy(old, () => old.AppendAsync(_one, BatchOf(201))), copy, "elsewhere", Core, _ => { }));
            Assert.Contains("written meanwhile", refused.Message, StringComparison.Ordinal);
            refused = await Assert.ThrowsAsync<StoreException>(() => StoreMove.RunAsync(
                new Busy(old, () => old.NoteAsync("key/999", "late", default)), copy, "elsewhere", Core,
                _ => { }));
            Assert.Contains("written meanwhile", refused.Message, StringComparison.Ordinal);
        }

        await using (ISealableStore served = await OldAsync(isToMove: false))
        {
            await served.AppendAsync(_one, BatchOf(202));
        }

        Assert.Equal(302, (await MoveAsync()).Batches);
    }

    [Fact]
    public async Task Where_there_is_something_already_nothing_is_moved()
    {
        _ = await FillAsync();
        await using (ISealableStore other = await NewAsync(isToMove: false))
        {
            _ = await other.NoteAsync("mission/scenario", "another", default);
        }

        StoreException refused = await Assert.ThrowsAsync<StoreException>(MoveAsync);
        Assert.Contains("something already", refused.Message, StringComparison.Ordinal);
        await using ISealableStore old = await OldAsync(isToMove: false);
        await old.AppendAsync(_one, BatchOf(201));
    }

    private async Task<StoreMoved> MoveAsync()
    {
        await using ISealableStore old = await OldAsync(isToMove: true);
        await using ISealableStore copy = await NewAsync(isToMove: true);
        return await StoreMove.RunAsync(old, copy, "elsewhere", Core, _ => { });
    }

    private async Task<List<string>> FillAsync()
    {
        await using ISealableStore old = await OldAsync(isToMove: false);
        for (int version = 1; version <= 200; version++)
        {
            await Task.WhenAll(
                old.AppendAsync(
                    _one, BatchOf(version),
                    version == 190 ? new StreamSnapshot(version, Core, new byte[] { 7 }) : null),
                version <= 100 ? old.AppendAsync(_two, BatchOf(version)) : Task.CompletedTask);
        }

        await Task.WhenAll(Enumerable.Range(0, 100).Select(
            i => old.NoteAsync($"key/{i}", $"ü{i}", default)));
        return await AllOf(old);
    }

    private static StreamBatch BatchOf(int version) =>
        new(version, new Instant(version), 1, BitConverter.GetBytes(version * 7_919L));

    private static async Task<List<string>> AllOf(ISealableStore store)
    {
        var all = new List<string>();
        foreach (StreamState state in await store.ListAsync())
        {
            await foreach (StreamBatch batch in store.ReadAsync(state.Stream, 0))
            {
                all.Add(
                    $"{state.Stream} {batch.Version} {batch.At} {batch.Facts} "
                        + Convert.ToHexString(batch.Run.Span));
            }
        }

        await foreach (KeyValuePair<string, string> note in store.NotesAsync(""))
        {
            if (!note.Key.StartsWith("store/", StringComparison.Ordinal))
            {
                all.Add($"{note.Key} {note.Value}");
            }
        }

        return all;
    }

    // Fails for good after so many writes.
    private sealed class Breaking(ISealableStore inner, int writes) : Wrapped(inner)
    {
        public const string Word = "it broke";
        private int _left = writes;

        public override Task AppendAsync(StreamName stream, StreamBatch batch, StreamSnapshot? snapshot) =>
            Interlocked.Decrement(ref _left) < 0 ? Task.FromException(new StoreException(Word))
                : base.AppendAsync(stream, batch, snapshot);

        public override Task<string> NoteAsync(string key, string value, CancellationToken cancel) =>
            Interlocked.Decrement(ref _left) < 0 ? Task.FromException<string>(new StoreException(Word))
                : base.NoteAsync(key, value, cancel);
    }

    // Somebody writes just before it is sealed.
    private sealed class Busy(ISealableStore inner, Func<Task> write) : Wrapped(inner)
    {
        public override async Task<bool> SealAsync(
            ImmutableArray<StreamState> read, long notes, string why, CancellationToken cancel)
        {
            await write();
            return await base.SealAsync(read, notes, why, cancel);
        }
    }

    private abstract class Wrapped(ISealableStore inner) : ISealableStore
    {
        public virtual Task AppendAsync(StreamName stream, StreamBatch batch, StreamSnapshot? snapshot) =>
            inner.AppendAsync(stream, batch, snapshot);

        public Task<StreamSnapshot?> SnapshotAsync(
            StreamName stream, string core, CancellationToken cancel) =>
            inner.SnapshotAsync(stream, core, cancel);

        public IAsyncEnumerable<StreamBatch> ReadAsync(
            StreamName stream, long after, CancellationToken cancel) =>
            inner.ReadAsync(stream, after, cancel);

        public Task<ImmutableArray<StreamState>> ListAsync(CancellationToken cancel) =>
            inner.ListAsync(cancel);

        public Task<string?> NoteAsync(string key, CancellationToken cancel) => inner.NoteAsync(key, cancel);

        public IAsyncEnumerable<KeyValuePair<string, string>> NotesAsync(
            string prefix, CancellationToken cancel) =>
            inner.NotesAsync(prefix, cancel);

        public virtual Task<string> NoteAsync(string key, string value, CancellationToken cancel) =>
            inner.NoteAsync(key, value, cancel);

        public virtual Task<bool> SealAsync(
            ImmutableArray<StreamState> read, long notes, string why, CancellationToken cancel) =>
            inner.SealAsync(read, notes, why, cancel);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

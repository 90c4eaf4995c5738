using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace Hanse.IO.Stores;

/// <summary>What was moved.</summary>
/// <param name="Streams">Streams.</param>
/// <param name="Batches">Batches of all of them.</param>
/// <param name="Bytes">Bytes of all batches.</param>
/// <param name="Notes">Notes.</param>
public sealed record StoreMoved(int Streams, long Batches, long Bytes, long Notes);

/// <summary>Moves a mission from one store to another, of the same kind or not.</summary>
/// <remarks>
/// The problem: a mission must never go on in two places, and a move of gigabytes is interrupted sooner or
/// later. The idea: the copy says from the first that it is one, and nobody serves it until it says that it
/// is whole; between the two the store that it was made of is sealed, in the step that sees that nothing was
/// written meanwhile. So at no moment can both be written.
/// <code>
///   copy-of ID --&gt; batches, notes --&gt; compared --&gt; the old store sealed --&gt; whole ID
///       (an interrupted move is done again, and goes on where it was)
/// </code>
/// Snapshots are moved if this build wrote them; another would not use them. Cost: each batch is read three
/// times and written once.
/// </remarks>
public static class StoreMove
{
    /// <summary>Streams that are copied at the same time.</summary>
    public const int StreamsAtOnce = 32;

    /// <summary>Notes that are written at the same time.</summary>
    public const int NotesAtOnce = 256;

    // Notes that begin so are of a store and not of the mission.
    private const string OwnPrefix = "store/";
    private const string CopyNote = "store/copy-of";
    private const string WholeNote = "store/whole";

    /// <summary>Sees that a store may be served.</summary>
    /// <param name="store">The store.</param>
    /// <param name="place">What people call it.</param>
    /// <param name="cancel">Whether to give up.</param>
    /// <exception cref="StoreException">It is a copy that was not finished, or cannot be read.</exception>
    public static async Task DemandWholeAsync(
        IStreamStore store, string place, CancellationToken cancel = default)
    {
        if (await store.NoteAsync(CopyNote, cancel) is { } copy
            && await store.NoteAsync(WholeNote, cancel) != copy)
        {
            throw new StoreException(
                $"{place} is a copy that was not finished: run the same 'hanse store migrate' again");
        }
    }

    /// <summary>Moves a mission. Nobody else may have either store open to write.</summary>
    /// <param name="from">Where it is.</param>
    /// <param name="to">Where it is to be: empty, or a copy of <paramref name="from"/> that was not
    /// finished.</param>
    /// <param name="toName">What people call that.</param>
    /// <param name="core">The build whose snapshots are moved.</param>
    /// <param name="told">Hears of each stream when it has been copied and compared.</param>
    /// <param name="cancel">Whether to stop; done again it goes on.</param>
    /// <exception cref="StoreException">One of them cannot be used, <paramref name="to"/> has something else,
    /// or somebody wrote one meanwhile. The mission is where it was, unless it says otherwise.</exception>
    public static async Task<StoreMoved> RunAsync(
        ISealableStore from, ISealableStore to, string toName, string core, Action<StreamState> told,
        CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(told);
        await DemandWholeAsync(from, "what is to be moved", cancel);
        string id = await IdAsync(to, cancel);
        string? seal = await from.NoteAsync(ISealableStore.SealNote, cancel);
        if (seal?.EndsWith(id, StringComparison.Ordinal) == false)
        {
            throw new StoreException("the mission is not there any more: " + seal);
        }

        ImmutableArray<StreamState> states = await from.ListAsync(cancel);
        ImmutableDictionary<StreamName, long> there =
            (await to.ListAsync(cancel)).ToImmutableDictionary(one => one.Stream, one => one.Version);
        await Parallel.ForEachAsync(
            states,
            new ParallelOptions { MaxDegreeOfParallelism = StreamsAtOnce, CancellationToken = cancel },
            async (state, stop) =>
                await CopyAsync(from, to, state, there.GetValueOrDefault(state.Stream), core, stop));
        long notes = await CopyNotesAsync(from, to, cancel);
        ImmutableArray<StreamState> now = await from.ListAsync(cancel);
        foreach (StreamState state in now)
        {
            await CompareAsync(from, to, state.Stream, cancel);
            told(state);
        }

        await CompareNotesAsync(from, to, cancel);
        if (seal is null && !await from.SealAsync(now, notes, $"it was moved to {toName}, as {id}", cancel))
        {
            throw new StoreException(
                "it was written meanwhile: end all servers of the mission, and do it again");
        }

        _ = await to.NoteAsync(WholeNote, id, cancel);
        return new StoreMoved(
            now.Length, now.Sum(one => one.Version), now.Sum(one => one.Bytes), notes);
    }

    // What names this copy, in both stores.
    private static async Task<string> IdAsync(ISealableStore to, CancellationToken cancel)
    {
        if (await to.NoteAsync(CopyNote, cancel) is { } known)
        {
            return known;
        }

        bool isEmpty = (await to.ListAsync(cancel)).IsEmpty;
        await foreach (KeyValuePair<string, string> _ in to.NotesAsync("", cancel))
        {
            isEmpty = false;
            break;
        }

        return isEmpty ? await to.NoteAsync(CopyNote, Guid.NewGuid().ToString("N"), cancel)
            : throw new StoreException("where it is to be moved there is something already");
    }

    private static async Task CopyAsync(
        ISealableStore from, ISealableStore to, StreamState state, long after, string core,
        CancellationToken cancel)
    {
        StreamSnapshot? snapshot = await from.SnapshotAsync(state.Stream, core, cancel);
        await foreach (StreamBatch batch in from.ReadAsync(state.Stream, after, cancel))
        {
            await to.AppendAsync(
                state.Stream, batch, snapshot?.Version == batch.Version ? snapshot : null);
        }
    }

    private static async Task<long> CopyNotesAsync(
        ISealableStore from, ISealableStore to, CancellationToken cancel)
    {
        long count = 0;
        var writing = new List<Task>();
        await foreach (KeyValuePair<string, string> note in MissionNotesAsync(from, cancel))
        {
            count++;
            writing.Add(to.NoteAsync(note.Key, note.Value, cancel));
            if (writing.Count == NotesAtOnce)
            {
                await Task.WhenAll(writing);
                writing.Clear();
            }
        }

        await Task.WhenAll(writing);
        return count;
    }

    private static async Task CompareAsync(
        ISealableStore from, ISealableStore to, StreamName stream, CancellationToken cancel)
    {
        await using IAsyncEnumerator<StreamBatch> copy =
            to.ReadAsync(stream, 0, cancel).GetAsyncEnumerator(cancel);
        await foreach (StreamBatch batch in from.ReadAsync(stream, 0, cancel))
        {
            if (!await copy.MoveNextAsync() || copy.Current.Version != batch.Version
                || copy.Current.At != batch.At || copy.Current.Facts != batch.Facts
                || !copy.Current.Run.Span.SequenceEqual(batch.Run.Span))
            {
                throw Differs($"batch {batch.Version} of '{stream}'");
            }
        }

        if (await copy.MoveNextAsync())
        {
            throw Differs($"the end of '{stream}'");
        }
    }

    private static async Task CompareNotesAsync(
        ISealableStore from, ISealableStore to, CancellationToken cancel)
    {
        await using IAsyncEnumerator<KeyValuePair<string, string>> copy =
            MissionNotesAsync(to, cancel).GetAsyncEnumerator(cancel);
        await foreach (KeyValuePair<string, string> note in MissionNotesAsync(from, cancel))
        {
            if (!await copy.MoveNextAsync() || !note.Equals(copy.Current))
            {
                throw Differs($"the note '{note.Key}'");
            }
        }

        if (await copy.MoveNextAsync())
        {
            throw Differs($"the note '{copy.Current.Key}'");
        }
    }

    private static IAsyncEnumerable<KeyValuePair<string, string>> MissionNotesAsync(
        ISealableStore store, CancellationToken cancel) =>
        store.NotesAsync("", cancel)
            .Where(note => !note.Key.StartsWith(OwnPrefix, StringComparison.Ordinal));

    private static StoreException Differs(string what) => new(
        $"{what} is not the same in both: somebody writes one of them; end all servers of the mission, and "
            + "move it to an empty store");
}

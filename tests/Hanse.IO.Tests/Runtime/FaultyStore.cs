using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using Hanse.IO.Stores;

namespace Hanse.IO.Tests.Runtime;

/// <summary>A store in memory that does nothing by itself: a test says which append becomes durable when,
/// and what is lost when the power is cut. Continuations run inside <see cref="Finish"/>.</summary>
internal sealed class FaultyStore : IStreamStore
{
    private readonly Dictionary<string, List<StreamBatch>> _streams = [];
    private readonly Dictionary<string, StreamSnapshot> _snapshots = [];
    private readonly Dictionary<string, string> _notes = [];
    private readonly List<Pending> _pending = [];

    public bool IsImmediate { get; set; }

    public int PendingCount => _pending.Count;

    /// <summary>Batches that are durable.</summary>
    public IReadOnlyList<StreamBatch> Durable(StreamName stream) =>
        _streams.TryGetValue(stream.Text, out List<StreamBatch>? batches) ? batches : [];

    public Task AppendAsync(StreamName stream, StreamBatch batch, StreamSnapshot? snapshot = null)
    {
        var pending = new Pending(stream, batch, snapshot);
        if (IsImmediate)
        {
            Keep(pending);
            return pending.IsConflict
                ? Task.FromException(new StreamConflictException(stream, batch.Version)) : Task.CompletedTask;
        }

        _pending.Add(pending);
        return pending.Done.Task;
    }

    /// <summary>Makes an append durable and says so.</summary>
    public void Finish(int index)
    {
        Pending pending = Take(index);
        Keep(pending);
        if (pending.IsConflict)
        {
            pending.Done.SetException(new StreamConflictException(pending.Stream, pending.Batch.Version));
        }
        else
        {
            pending.Done.SetResult();
        }
    }

    /// <summary>Fails an append, which may be durable all the same.</summary>
    public void Fail(int index, bool isDurable)
    {
        Pending pending = Take(index);
        if (isDurable)
        {
            Keep(pending);
        }

        pending.Done.SetException(new StoreException("the disk failed"));
    }

    /// <summary>Cuts the power: of what was not acknowledged, each is durable or not; nobody is
    /// told.</summary>
    public void CutPower(Func<bool> isDurable)
    {
        foreach (Pending pending in _pending.Where(_ => isDurable()))
        {
            Keep(pending);
        }

        _pending.Clear();
    }

    public Task<StreamSnapshot?> SnapshotAsync(
        StreamName stream, string core, CancellationToken cancel = default) =>
        Task.FromResult(
            _snapshots.TryGetValue(stream.Text, out StreamSnapshot? known) && known.Core == core
                ? known : null);

    public async IAsyncEnumerable<StreamBatch> ReadAsync(
        StreamName stream, long after, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        await Task.CompletedTask;
        foreach (StreamBatch batch in Durable(stream).Where(batch => batch.Version > after).ToArray())
        {
            yield return batch;
        }
    }

    public Task<ImmutableArray<StreamState>> ListAsync(CancellationToken cancel = default) =>
        throw new NotSupportedException();

    public Task<string?> NoteAsync(string key, CancellationToken cancel = default) =>
        Task.FromResult(_notes.GetValueOrDefault(key));

    public async IAsyncEnumerable<KeyValuePair<string, string>> NotesAsync(
        string prefix, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        await Task.CompletedTask;
        foreach (KeyValuePair<string, string> note in _notes.Where(
            note => note.Key.StartsWith(prefix, StringComparison.Ordinal))
            .OrderBy(note => note.Key).ToArray())
        {
            yield return note;
        }
    }

    public Task<string> NoteAsync(string key, string value, CancellationToken cancel = default)
    {
        _ = _notes.TryAdd(key, value);
        return Task.FromResult(_notes[key]);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Pending Take(int index)
    {
        Pending pending = _pending[index];
        _pending.RemoveAt(index);
        return pending;
    }

    private void Keep(Pending pending)
    {
        if (!_streams.TryGetValue(pending.Stream.Text, out List<StreamBatch>? batches))
        {
            _streams[pending.Stream.Text] = batches = [];
        }

        pending.IsConflict = pending.Batch.Version != batches.Count + 1;
        if (!pending.IsConflict)
        {
            batches.Add(pending.Batch);
            if (pending.Snapshot is { } snapshot)
            {
                _snapshots[pending.Stream.Text] = snapshot;
            }
        }
    }

    private sealed class Pending(StreamName stream, StreamBatch batch, StreamSnapshot? snapshot)
    {
        public StreamName Stream { get; } = stream;

        public StreamBatch Batch { get; } = batch;

        public StreamSnapshot? Snapshot { get; } = snapshot;

        public bool IsConflict { get; set; }

        // Not run asynchronously, so that a test sees what follows when Finish returns.
        public TaskCompletionSource Done { get; } = new();
    }
}

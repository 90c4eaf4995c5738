using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Threading;
using System.Threading.Tasks;
using Hanse.IO.Stores;

namespace Hanse.Server.Tests;

/// <summary>A store of which some notes cannot be written.</summary>
internal sealed class FaultyNotes
{
    /// <summary>Notes whose keys have this in them cannot be written; null for none.</summary>
    public string? Fails { get; set; }

    /// <summary>Whether they are written nevertheless, and only said not to be.</summary>
    public bool AreWritten { get; set; }

    public IStreamStore Over(IStreamStore store) => new Faulty(this, store);

    private sealed class Faulty(FaultyNotes notes, IStreamStore inner) : IStreamStore
    {
        public Task AppendAsync(StreamName stream, StreamBatch batch, StreamSnapshot? snapshot = null) =>
            inner.AppendAsync(stream, batch, snapshot);

        public Task<StreamSnapshot?> SnapshotAsync(
            StreamName stream, string core, CancellationToken cancel = default) =>
            inner.SnapshotAsync(stream, core, cancel);

        public IAsyncEnumerable<StreamBatch> ReadAsync(
            StreamName stream, long after, CancellationToken cancel = default) =>
            inner.ReadAsync(stream, after, cancel);

        public Task<ImmutableArray<StreamState>> ListAsync(CancellationToken cancel = default) =>
            inner.ListAsync(cancel);

        public Task<string?> NoteAsync(string key, CancellationToken cancel = default) =>
            inner.NoteAsync(key, cancel);

        public IAsyncEnumerable<KeyValuePair<string, string>> NotesAsync(
            string prefix, CancellationToken cancel = default) => inner.NotesAsync(prefix, cancel);

        public async Task<string> NoteAsync(string key, string value, CancellationToken cancel = default)
        {
            bool fails = notes.Fails is { } part && key.Contains(part, StringComparison.Ordinal);
            string? noted = fails && !notes.AreWritten ? null : await inner.NoteAsync(key, value, cancel);
            return fails ? throw new StoreException("the disk is full") : noted!;
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}

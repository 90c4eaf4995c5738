using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Threading;
using System.Threading.Tasks;

namespace Hanse.IO.Stores;

/// <summary>The durable memory of machines: a stream of batches for each, and their snapshots.</summary>
/// <remarks>
/// The problem: what a machine has said to the outside must never be forgotten, at the rate of thousands of
/// machines on one disk, and a machine that runs twice by mistake must not write twice. The idea: a batch is
/// appended behind the one its writer knows to be last, and only there; so of two writers one finds that it
/// is not the last, and ends. Appends of many streams are made durable together.
/// <para>
/// There are no tables for messages to be sent, messages received, or accounts: all three are state of a
/// machine and change by its facts only, so they are in the same batch by construction
/// (<c>docs/decisions/0037-the-outbox-is-facts.md</c>).
/// </para>
/// <para>
/// All members may be called from any thread. Appends to one stream keep the order in which they are called.
/// </para>
/// </remarks>
public interface IStreamStore : IAsyncDisposable
{
    /// <summary>Appends a batch.</summary>
    /// <param name="stream">Whose.</param>
    /// <param name="batch">Its version is one more than the last.</param>
    /// <param name="snapshot">The state after it, kept together with it; null for none.</param>
    /// <returns>A task that ends when both are durable.</returns>
    /// <exception cref="StreamConflictException">The stream goes on differently: somebody else writes
    /// it.</exception>
    /// <exception cref="StoreException">Nobody knows whether it is durable. Load again.</exception>
    Task AppendAsync(StreamName stream, StreamBatch batch, StreamSnapshot? snapshot = null);

    /// <summary>The snapshot of a stream, if there is one by this build of the core.</summary>
    /// <exception cref="StoreException">It cannot be read, or is spoiled.</exception>
    Task<StreamSnapshot?> SnapshotAsync(StreamName stream, string core, CancellationToken cancel = default);

    /// <summary>Batches of a stream behind a version, in order.</summary>
    /// <exception cref="StoreException">They cannot be read, are spoiled, or have a gap.</exception>
    IAsyncEnumerable<StreamBatch> ReadAsync(
        StreamName stream, long after, CancellationToken cancel = default);

    /// <summary>All streams, by name.</summary>
    /// <exception cref="StoreException">They cannot be read.</exception>
    Task<ImmutableArray<StreamState>> ListAsync(CancellationToken cancel = default);

    /// <summary>What is noted under a key: who the mission is, when its clock began.</summary>
    /// <exception cref="StoreException">It cannot be read.</exception>
    Task<string?> NoteAsync(string key, CancellationToken cancel = default);

    /// <summary>Notes whose keys begin so, by key.</summary>
    /// <exception cref="StoreException">They cannot be read.</exception>
    IAsyncEnumerable<KeyValuePair<string, string>> NotesAsync(
        string prefix, CancellationToken cancel = default);

    /// <summary>Notes something, durably; once only.</summary>
    /// <returns>What is noted now: of two writers, the first one's.</returns>
    /// <exception cref="StoreException">It cannot be written.</exception>
    Task<string> NoteAsync(string key, string value, CancellationToken cancel = default);
}

/// <summary>A store that cannot be read or written, or holds what it must not.</summary>
public class StoreException : Exception
{
    /// <summary>Says what is wrong, and what to do.</summary>
    public StoreException(string message)
        : base(message)
    {
    }

    /// <summary>Something is wrong.</summary>
    public StoreException()
    {
    }

    /// <summary>Says what is wrong, and why.</summary>
    public StoreException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>Somebody else has written the stream. Whoever gets this is not, or not any more, the one that
/// runs the machine.</summary>
public sealed class StreamConflictException : StoreException
{
    /// <summary>Says where.</summary>
    public StreamConflictException(StreamName stream, long version)
        : base($"batch {version} of '{stream}' is not the next: somebody else writes this stream")
    {
    }

    /// <summary>Somewhere.</summary>
    public StreamConflictException()
    {
    }

    /// <summary>Somewhere, as said.</summary>
    public StreamConflictException(string message)
        : base(message)
    {
    }

    /// <summary>Somewhere, as said, and why.</summary>
    public StreamConflictException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

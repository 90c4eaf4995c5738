using System;
using Hanse.Core.Time;

namespace Hanse.IO.Stores;

/// <summary>Facts of a machine that became durable together.</summary>
/// <param name="Version">Its place in its stream, from 1 without a gap.</param>
/// <param name="At">The machine's time at its last fact; the epoch where it is not known, in batches that
/// releases before 0.12 wrote.</param>
/// <param name="Facts">How many facts.</param>
/// <param name="Run">The facts, as <c>MachineMemory</c> writes them.</param>
public sealed record StreamBatch(long Version, Instant At, int Facts, ReadOnlyMemory<byte> Run);

/// <summary>A machine's whole state after a batch: a shortcut to it, and no more than that.</summary>
/// <param name="Version">The batch.</param>
/// <param name="Core">Which build of the core wrote it: another one may have other state, and starts from the
/// facts.</param>
/// <param name="State">The state, as <c>MachineMemory</c> writes it.</param>
public sealed record StreamSnapshot(long Version, string Core, ReadOnlyMemory<byte> State)
{
    /// <summary>Most characters of the name of a build.</summary>
    public const int CoreLengthMax = 64;
}

/// <summary>What a store holds of a stream.</summary>
/// <param name="Stream">Whose memory.</param>
/// <param name="Version">Its last batch.</param>
/// <param name="Facts">Facts of all batches.</param>
/// <param name="Bytes">Bytes of all batches.</param>
/// <param name="SnapshotVersion">The batch of its snapshot; zero without one.</param>
public sealed record StreamState(
    StreamName Stream, long Version, long Facts, long Bytes, long SnapshotVersion);

using System;
using System.Buffers.Binary;
using Hanse.Core.Machine;
using Hanse.Core.Wire;

namespace Hanse.Simulation.Fleet;

/// <summary>A machine's durable memory in the simulator: a snapshot and the facts since, as bytes.</summary>
internal sealed class Journal<TFact>
    where TFact : class, IShaped<TFact>
{
    private const int SnapshotEvery = 1 << 16;

    private readonly ByteBuffer _facts = new();
    private readonly ByteBuffer _scratch = new();
    private byte[]? _snapshot;

    /// <summary>Appends one fact.</summary>
    public void Append(TFact fact)
    {
        _scratch.Clear();
        var writer = new CborWriter(_scratch);
        _ = TFact.Shape(ref writer, fact);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, _scratch.Length);
        _facts.Add(length);
        _facts.Add(_scratch.Written);
    }

    /// <summary>Replaces the facts by a snapshot once there are enough of them.</summary>
    public void Compact<TInput, TEffect>(IMachine<TInput, TFact, TEffect> machine)
        where TEffect : class
    {
        if (_facts.Length > SnapshotEvery)
        {
            _snapshot = SnapshotOf(machine);
            _facts.Clear();
        }
    }

    /// <summary>Rebuilds a machine from what is durable.</summary>
    public void Restore<TInput, TEffect>(IMachine<TInput, TFact, TEffect> fresh)
        where TEffect : class
    {
        if (_snapshot is not null)
        {
            var reader = new CborReader(_snapshot);
            ((IShapedState)fresh).Shape(ref reader);
            Invariant.Holds(reader.Error is null && reader.IsAtEnd);
        }

        byte[] facts = _facts.Written.ToArray();
        int at = 0;
        while (at < facts.Length)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(facts.AsSpan(at));
            bool isRead =
                CborReader.TryRead(facts.AsMemory(at + 4, length), out TFact? fact, out DecodeError? error);
            if (!isRead || fact is null)
            {
                throw new BrokenInvariantException($"a {typeof(TFact).Name} written is read again: {error}");
            }

            fresh.Apply(fact);
            at += 4 + length;
        }
    }

    /// <summary>The canonical bytes of a machine's whole state.</summary>
    public static byte[] SnapshotOf<TInput, TEffect>(IMachine<TInput, TFact, TEffect> machine)
        where TEffect : class
    {
        var buffer = new ByteBuffer();
        var writer = new CborWriter(buffer);
        ((IShapedState)machine).Shape(ref writer);
        return buffer.Written.ToArray();
    }
}

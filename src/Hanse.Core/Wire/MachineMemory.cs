using System;
using System.Buffers.Binary;

namespace Hanse.Core.Wire;

/// <summary>What a machine remembers, as bytes: its facts in order, and snapshots of its state.</summary>
/// <remarks>Every driver keeps its machines' memories with this, so a store of a server can be read like a
/// journal of the simulator. A run of facts is, for each, four bytes of length (lowest first) and the fact's
/// canonical bytes.</remarks>
public static class MachineMemory
{
    /// <summary>Appends one fact to a run.</summary>
    public static void Append<TFact>(ByteBuffer run, TFact fact)
        where TFact : class, IShaped<TFact>
    {
        int at = run.Begin();
        var writer = new CborWriter(run);
        _ = TFact.Shape(ref writer, fact);
        run.End(at);
    }

    /// <summary>Reads a run of facts and gives each to a taker, in order.</summary>
    /// <returns>Null, or what is wrong with the run: those before have been given.</returns>
    public static DecodeError? Read<TFact>(ReadOnlyMemory<byte> run, Action<TFact> take)
        where TFact : class, IShaped<TFact>
    {
        int at = 0;
        while (at < run.Length)
        {
            int left = run.Length - at - sizeof(int);
            int length = left < 0 ? -1 : BinaryPrimitives.ReadInt32LittleEndian(run.Span[at..]);
            if (length < 0 || length > left)
            {
                return new DecodeError(at, "a fact is cut off");
            }

            at += sizeof(int);
            if (!CborReader.TryRead(run.Slice(at, length), out TFact? fact, out DecodeError? error))
            {
                return error with { Offset = at + error.Offset };
            }

            take(fact);
            at += length;
        }

        return null;
    }

    /// <summary>The canonical bytes of a machine's whole state.</summary>
    public static byte[] SnapshotOf(IShapedState machine)
    {
        var buffer = new ByteBuffer();
        var writer = new CborWriter(buffer);
        machine.Shape(ref writer);
        return buffer.Written.ToArray();
    }

    /// <summary>Gives a fresh machine the state of a snapshot.</summary>
    /// <returns>Null, or what is wrong with the bytes: the machine is then of no use.</returns>
    public static DecodeError? Restore(IShapedState fresh, ReadOnlyMemory<byte> snapshot)
    {
        var reader = new CborReader(snapshot);
        fresh.Shape(ref reader);
        return reader.Error
            ?? (reader.IsAtEnd ? null : new DecodeError(reader.Position, "bytes are left over"));
    }
}

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Hanse.Core.Machine;
using Hanse.Core.Journal;

namespace Hanse.Simulation.Returns;

/// <summary>The raw log of a node, made when it is asked for: the bytes of a leaf follow from the seed and
/// the leaf's index.</summary>
/// <remarks>So a terabyte need not be stored to be audited. To seal a segment all its leaves must be made and
/// hashed once, which is what bounds how many a run can hold.</remarks>
internal sealed class RawStore(ulong seed)
{
    private readonly SortedSet<ulong> _spoiled = [];
    private readonly SortedSet<ulong> _missing = [];

    /// <summary>Changes a leaf after it was sealed.</summary>
    public void Spoil(ulong index) => _spoiled.Add(index);

    /// <summary>Loses a leaf.</summary>
    public void Lose(ulong index) => _missing.Add(index);

    /// <summary>Whether there is such a leaf.</summary>
    public bool Has(ulong index) => !_missing.Contains(index);

    /// <summary>Whether its bytes were changed.</summary>
    public bool IsSpoiled(ulong index) => _spoiled.Contains(index);

    /// <summary>Writes the bytes of a leaf as they are now.</summary>
    public void Read(ulong index, Span<byte> leaf)
    {
        Invariant.Holds(leaf.Length == RawLog.LeafBytes);
        for (int block = 0; block < RawLeaf.BlocksMax; block++)
        {
            ReadBlock(index, block, leaf.Slice(block * RawLog.BlockBytes, RawLog.BlockBytes));
        }
    }

    /// <summary>Writes the bytes of a block of a leaf as they are now.</summary>
    public void ReadBlock(ulong index, int block, Span<byte> bytes)
    {
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        ulong state = StableHash.Of(seed, index, (ulong)block);
        unchecked
        {
            // Marsaglia's xorshift64 (2003): a quarter of a nanosecond a byte.
            for (int i = 0; i < words.Length; i++)
            {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                words[i] = BitConverter.IsLittleEndian ? state : BinaryPrimitives.ReverseEndianness(state);
            }
        }

        // A spoiled leaf is spoiled throughout: whichever of its blocks is asked for shows it.
        if (_spoiled.Contains(index))
        {
            bytes[(int)(state % RawLog.BlockBytes)] ^= 0x40;
        }
    }
}

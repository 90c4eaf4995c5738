using System;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Journal;

/// <summary>An entry and when it was made.</summary>
/// <param name="Milliseconds">After the beginning of its block; never decreasing within a block.</param>
/// <param name="Entry">What was done.</param>
public sealed record Stamped(int Milliseconds, Entry Entry) : IShaped<Stamped>
{
    /// <inheritdoc/>
    public static Stamped Shape<TCodec>(ref TCodec codec, Stamped? value)
        where TCodec : struct, ICodec
    {
        codec.Open("stamped", 3); // The stamp, and an entry is a tag and a record.
        int at = (int)codec.Integer("milliseconds", value?.Milliseconds ?? 0, 0, Block.MillisecondsMax);
        Entry entry = Entry.Shape(ref codec, value?.Entry);
        codec.Close();
        return value ?? new Stamped(at, entry);
    }
}

/// <summary>All that a machine attests about one stretch of mission time: one leaf of its journal's Merkle
/// tree.</summary>
/// <remarks>
/// One leaf per block and not per entry: hashing a leaf costs half a microsecond however short it is, so a
/// minute's entries in one leaf make validation about three times cheaper, and a proof still points at a
/// minute. A block says who wrote it, in which boot, and its place in the journal, so that no block can be
/// shown in another's place even before its leaf is looked up. A machine with nothing to say writes no block
/// for that minute; silence is on plan.
/// <para>
/// Invariants: blocks are numbered without a hole from zero; a block begins no earlier than the one before it
/// ended, unless a <see cref="Entry.ClockStepped"/> in between says so; stamps never decrease in a block.
/// </para>
/// </remarks>
/// <param name="Author">Who wrote it: a node or a hub.</param>
/// <param name="Boot">In which run of the machine.</param>
/// <param name="Number">Place in the journal: the index of its leaf.</param>
/// <param name="From">When it begins, by its clock.</param>
/// <param name="Entries">In order of their stamps.</param>
public sealed record Block(
    Party Author, uint Boot, ulong Number, Instant From, ImmutableArray<Stamped> Entries) : IShaped<Block>
{
    /// <summary>The schema. Readers take this version and the two before it.</summary>
    public const int Version = 1;

    /// <summary>Longest stretch of a block, one minute, in milliseconds.</summary>
    public const int MillisecondsMax = 60_000;

    /// <summary>Largest block in bytes.</summary>
    public const int BytesMax = 64 * 1024;

    /// <summary>Most entries of a block.</summary>
    public const int EntriesMax = 4096;

    /// <summary>When the last entry was made, by its clock.</summary>
    public Instant LastAt => From + TimeSpan.FromMilliseconds(
        Entries.IsEmpty ? 0 : Entries[^1].Milliseconds);

    /// <summary>An instant of a journal, bounded so that nobody's arithmetic with it overflows.</summary>
    internal static Instant Moment<TCodec>(ref TCodec codec, string name, Instant value)
        where TCodec : struct, ICodec => new(codec.Integer(name, value.Micros, 0, Instant.MicrosMax));

    /// <inheritdoc/>
    public static Block Shape<TCodec>(ref TCodec codec, Block? value)
        where TCodec : struct, ICodec
    {
        codec.Open("block", 6);
        _ = codec.Integer("version", Version, 1, Version);
        Party author = codec.Author("author", value?.Author ?? default);
        uint boot = (uint)codec.Integer("boot", value?.Boot ?? 0, 0, uint.MaxValue);
        ulong number = (ulong)codec.Integer("number", (long)(value?.Number ?? 0), 0, long.MaxValue);
        Instant from = Moment(ref codec, "from", value?.From ?? default);
        ImmutableArray<Stamped> entries = codec.List("entries", value?.Entries ?? [], EntriesMax);
        codec.Close();
        for (int i = 1; codec.IsReading && !codec.Failed && i < entries.Length; i++)
        {
            if (entries[i].Milliseconds < entries[i - 1].Milliseconds)
            {
                codec.Refuse("a block's stamps must never decrease");
            }
        }

        foreach (Stamped stamped in entries.AsSpan())
        {
            if (codec.IsReading && !codec.Failed && !stamped.Entry.MayBeOf(author.Kind))
            {
                codec.Refuse("a hub attests its region's affairs and a node its own, each in its journal");
            }
        }

        return value ?? new Block(author, boot, number, from, entries);
    }
}

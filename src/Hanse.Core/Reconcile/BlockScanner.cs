using System;
using System.Buffers.Binary;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

/// <summary>What an entry is, for a reader that makes no records of the frequent kinds.</summary>
internal enum EntryKind
{
    /// <summary>A seldom one: <see cref="BlockScanner.Entry"/>.</summary>
    Other = 0,

    /// <summary><see cref="Journal.Entry.Observed"/>.</summary>
    Observed = 6,

    /// <summary><see cref="Journal.Entry.Moved"/>.</summary>
    Moved = 7,

    /// <summary><see cref="Journal.Entry.Counted"/>.</summary>
    Counted = 8,

    /// <summary><see cref="Journal.Entry.Decided"/>.</summary>
    Decided = 13,
}

/// <summary>Layer 1 for one block: reads its canonical bytes entry by entry without making records of the
/// frequent kinds.</summary>
/// <remarks>
/// It accepts exactly what <see cref="CborReader"/> accepts as a <see cref="Block"/>, which a test holds
/// it to. Reason to exist: a month is 43,200 blocks, and a record for each entry would cost more than
/// everything else. Spans it hands out are slices of the block. Never throws; the first error sticks.
/// </remarks>
internal ref struct BlockScanner
{
    private readonly ReadOnlyMemory<byte> _memory;
    private readonly ReadOnlySpan<byte> _bytes;
    private int _position;
    private int _left;
    private int _citesAt;

    /// <summary>Reads the head of a block.</summary>
    public BlockScanner(ReadOnlyMemory<byte> block)
    {
        _memory = block;
        _bytes = block.Span;
        Open(6);
        long version = Integer(0, long.MaxValue);
        IsUnknownSchema = !Failed && version is < 1 or > Block.Version;
        Failed |= IsUnknownSchema;
        Author = Fields.AuthorOf(Integer(-1L - uint.MaxValue, uint.MaxValue));
        Boot = (uint)Integer(0, uint.MaxValue);
        Number = (ulong)Integer(0, long.MaxValue);
        From = new Instant(Integer(0, Instant.MicrosMax));
        Count = _left = List(Block.EntriesMax);
        Place = -1;
        CloseIfDone();
    }

    /// <summary>Whether the bytes are refused.</summary>
    public bool Failed { get; private set; }

    /// <summary>Where they were refused.</summary>
    public readonly int FailedAt => _position;

    /// <summary>Whether they were refused for their version alone.</summary>
    public bool IsUnknownSchema { get; }

    /// <summary>Who wrote it.</summary>
    public Party Author { get; }

    /// <summary>In which boot.</summary>
    public uint Boot { get; }

    /// <summary>Its place in the journal.</summary>
    public ulong Number { get; }

    /// <summary>When it begins.</summary>
    public Instant From { get; }

    /// <summary>Number of entries.</summary>
    public int Count { get; }

    /// <summary>Place of the present entry.</summary>
    public int Place { get; private set; }

    /// <summary>Stamp of the present entry.</summary>
    public int Milliseconds { get; private set; }

    /// <summary>Kind of the present entry.</summary>
    public EntryKind Kind { get; private set; }

    /// <summary>The present entry, if its kind is <see cref="EntryKind.Other"/>.</summary>
    public Entry? Entry { get; private set; }

    /// <summary>Packed readings of an observation.</summary>
    public ReadOnlyMemory<byte> Packed { get; private set; }

    /// <summary>Resource of a movement or a count.</summary>
    public Resource Resource { get; private set; }

    /// <summary>Cause of a movement.</summary>
    public Cause Cause { get; private set; }

    /// <summary>Amount of a movement, or level of a count.</summary>
    public long Amount { get; private set; }

    /// <summary>Reference of a movement.</summary>
    public ulong Reference { get; private set; }

    /// <summary>Class of a decision.</summary>
    public DecisionClass Class { get; private set; }

    /// <summary>Skill of a decision, by its place in the manifest.</summary>
    public int Skill { get; private set; }

    /// <summary>Recorded input of a decision.</summary>
    public ReadOnlyMemory<byte> Input { get; private set; }

    /// <summary>Recorded output of a decision.</summary>
    public ReadOnlyMemory<byte> Output { get; private set; }

    /// <summary>Number of raw leaves that a decision cites.</summary>
    public int CiteCount { get; private set; }

    /// <summary>Goes on to the next entry.</summary>
    /// <returns>False at the end, and at an error.</returns>
    public bool Next()
    {
        if (Failed || _left == 0)
        {
            return false;
        }

        _left--;
        Place++;
        Open(3);
        int before = Milliseconds;
        Milliseconds = (int)Integer(0, Block.MillisecondsMax);
        int entryAt = _position;
        long tag = Integer(1, Journal.Entry.CasesMax);
        Failed |= !Journal.Entry.MayBeOf(Author.Kind, tag);
        switch (tag)
        {
            case 6:
                Kind = EntryKind.Observed;
                Open(1);
                Packed = Bytes(Journal.Entry.ColumnsBytesMax);
                break;
            case 7:
                Kind = EntryKind.Moved;
                Open(4);
                Resource = (Resource)Integer(1, 4);
                Cause = (Cause)Integer(1, 7);
                Amount = Integer(0, Knot.ValueMax);
                Reference = (ulong)Integer(0, long.MaxValue);
                break;
            case 8:
                Kind = EntryKind.Counted;
                Open(2);
                Resource = (Resource)Integer(1, 4);
                Amount = Integer(-Knot.ValueMax, Knot.ValueMax);
                break;
            case 13:
                Kind = EntryKind.Decided;
                Open(5);
                Class = (DecisionClass)Integer(1, 2);
                Skill = (int)Integer(0, Journal.Entry.SkillsMax - 1);
                Input = Bytes(Journal.Entry.DecisionBytesMax);
                Output = Bytes(Journal.Entry.DecisionBytesMax);
                CiteCount = List(Journal.Entry.CitesMax);
                _citesAt = _position;
                for (int i = 0; i < CiteCount; i++)
                {
                    _ = Integer(0, long.MaxValue);
                }

                break;
            default:
                Kind = EntryKind.Other;
                ReadOther(entryAt);
                break;
        }

        Failed |= Milliseconds < before;
        CloseIfDone();
        return !Failed;
    }

    /// <summary>One of the raw leaves that the present decision cites.</summary>
    public readonly ulong Cite(int index)
    {
        BlockScanner again = this;
        again._position = _citesAt;
        ulong cite = 0;
        for (int i = 0; i <= index; i++)
        {
            cite = (ulong)again.Integer(0, long.MaxValue);
        }

        return cite;
    }

    private void ReadOther(int entryAt)
    {
        if (Failed)
        {
            return;
        }

        var reader = new CborReader(_memory[entryAt..]);
        Entry = Journal.Entry.Shape(ref reader, null);
        _position = entryAt + reader.Position;
        Failed |= reader.Failed;
    }

    private void CloseIfDone() => Failed |= _left == 0 && _position != _bytes.Length;

    private void Open(int fields) => Failed |= Head(4) != (ulong)fields;

    private int List(int countMax)
    {
        ulong count = Head(4);
        Failed |= count > (ulong)countMax || count > (ulong)(_bytes.Length - _position);
        return Failed ? 0 : (int)count;
    }

    private ReadOnlyMemory<byte> Bytes(int lengthMax)
    {
        ulong length = Head(2);
        Failed |= length > (ulong)lengthMax || length > (ulong)(_bytes.Length - _position);
        if (Failed)
        {
            return default;
        }

        ReadOnlyMemory<byte> bytes = _memory.Slice(_position, (int)length);
        _position += (int)length;
        return bytes;
    }

    private long Integer(long min, long max)
    {
        int major = _position < _bytes.Length && _bytes[_position] >> 5 == 1 ? 1 : 0;
        ulong argument = Head(major);
        if (Failed || argument > long.MaxValue)
        {
            Failed = true;
            return min;
        }

        long read = major == 1 ? -1 - (long)argument : (long)argument;
        if (read < min || read > max)
        {
            Failed = true;
            return min;
        }

        return read;
    }

    private ulong Head(int major)
    {
        if (Failed || _position >= _bytes.Length)
        {
            Failed = true;
            return 0;
        }

        int first = _bytes[_position];
        int info = first & 31;
        if (first >> 5 != major || info > 27)
        {
            Failed = true;
            return 0;
        }

        if (info < 24)
        {
            _position++;
            return (ulong)info;
        }

        return LongHead(info);
    }

    private ulong LongHead(int info)
    {
        int width = 1 << (info - 24);
        if (_bytes.Length - _position <= width)
        {
            Failed = true;
            return 0;
        }

        ReadOnlySpan<byte> rest = _bytes[(_position + 1)..];
        ulong argument = width switch
        {
            1 => rest[0],
            2 => BinaryPrimitives.ReadUInt16BigEndian(rest),
            4 => BinaryPrimitives.ReadUInt32BigEndian(rest),
            _ => BinaryPrimitives.ReadUInt64BigEndian(rest),
        };
        Failed |= argument < (width == 1 ? 24UL : 1UL << (width * 4));
        _position += 1 + width;
        return argument;
    }
}

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Hanse.Core.Journal;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.IO.Journal;

/// <summary>What a verification of a journal file came to.</summary>
public enum JournalVerdict
{
    /// <summary>Something does not hold: see the findings.</summary>
    Broken = 0,

    /// <summary>Everything holds, but no checkpoint says so: whoever wrote the file may say what it
    /// likes.</summary>
    Unsigned = 1,

    /// <summary>Everything holds, signed by the key that the file itself names.</summary>
    SelfSigned = 2,

    /// <summary>Everything holds, signed by the key that was given.</summary>
    Verified = 3,
}

/// <summary>Something in a journal file that does not hold.</summary>
/// <param name="Offset">Of the record.</param>
/// <param name="Reason">What, in words for an engineer.</param>
public sealed record JournalFinding(long Offset, string Reason);

/// <summary>A sealed segment of the raw log, as the journal attests it.</summary>
/// <param name="Segment">Its number.</param>
/// <param name="Leaves">Its leaves.</param>
/// <param name="Root">Its root.</param>
public sealed record RawSegment(uint Segment, int Leaves, Digest Root);

/// <summary>Checks a journal file that somebody else wrote, record by record.</summary>
/// <remarks>
/// Whole and canonical blocks, numbered without a hole, by one node, in order of time; every checkpoint over
/// exactly these leaves, so each is consistent with the one before it; every signature by the key of its
/// time. What is not found by this: whether what the node says is true.
/// <para>
/// Memory: findings, segments and leaves since the last checkpoint, each up to a named limit; beyond it
/// findings are counted only. Cost: the hashing of the blocks and 51 microseconds a checkpoint.
/// </para>
/// </remarks>
public sealed class JournalVerifier
{
    /// <summary>Most findings that are kept; later ones are counted.</summary>
    public const int FindingsMax = 100;

    /// <summary>Most segments that are kept; later ones are counted.</summary>
    public const int SegmentsMax = 4096;

    /// <summary>Most blocks between two checkpoints, about two years of minutes.</summary>
    public const int UncoveredMax = 1 << 20;

    private readonly List<JournalFinding> _findings = [];
    private readonly List<RawSegment> _segments = [];
    private readonly byte[]? _givenKey;
    private readonly BlockOrder _order = new();

    // Leaves up to the last checkpoint, and those after it.
    private readonly Frontier _covered = new();
    private readonly Queue<Digest> _uncovered = [];
    private readonly Queue<(ulong Block, byte[] Key)> _changes = [];
    private NoteKey? _key;
    private string _origin = "";

    /// <summary>A verifier that trusts a raw public key, or, when that is null, the key that the file
    /// names.</summary>
    public JournalVerifier(byte[]? key) => _givenKey = key;

    /// <summary>What does not hold, up to <see cref="FindingsMax"/>.</summary>
    public IReadOnlyList<JournalFinding> Findings => _findings;

    /// <summary>How much does not hold.</summary>
    public long FindingsCount { get; private set; }

    /// <summary>Sealed segments of the raw log, up to <see cref="SegmentsMax"/>.</summary>
    public IReadOnlyList<RawSegment> Segments => _segments;

    /// <summary>How many segments there are.</summary>
    public long SegmentsCount { get; private set; }

    /// <summary>Blocks read.</summary>
    public ulong Blocks => _covered.Size + (ulong)_uncovered.Count;

    /// <summary>Entries in them.</summary>
    public long Entries { get; private set; }

    /// <summary>Readings in these.</summary>
    public long Readings { get; private set; }

    /// <summary>Checkpoints whose root and signature are good.</summary>
    public long Checkpoints { get; private set; }

    /// <summary>Blocks that the last good checkpoint covers.</summary>
    public ulong Covered { get; private set; }

    /// <summary>The key that counted first, or null: that given, or else that of the file.</summary>
    public NoteKey? FirstKey { get; private set; }

    /// <summary>Whether the first key was given, so known from elsewhere than the file.</summary>
    public bool IsKeyGiven => _givenKey is not null;

    /// <summary>The key that counts now: the first, or what it was changed to.</summary>
    public NoteKey? Key => _key;

    /// <summary>Begin of the first block and end of the last, by the node's clock.</summary>
    public (Instant From, Instant Until)? Span => _order.Span;

    /// <summary>The verdict on what was read so far.</summary>
    public JournalVerdict Verdict =>
        FindingsCount > 0 ? JournalVerdict.Broken
        : Checkpoints == 0 ? JournalVerdict.Unsigned
        : _givenKey is null ? JournalVerdict.SelfSigned : JournalVerdict.Verified;

    /// <summary>Reads a file to its end or to its damage.</summary>
    /// <param name="reader">At its beginning.</param>
    /// <param name="watch">Hears of every record, with the offset; may throw to end it.</param>
    public void Run(JournalReader reader, Action<long> watch)
    {
        while (reader.Read(out JournalRecord record))
        {
            if (_origin.Length == 0)
            {
                Begin(reader.Origin!);
            }

            Take(record);
            watch(reader.Offset);
        }

        if (reader.Damage is { } damage)
        {
            Find(damage.Offset, damage.Reason);
        }
    }

    private void Begin(string origin)
    {
        _origin = origin;
        if (_givenKey is not null)
        {
            FirstKey = _key = NoteKey.Ed25519(origin, _givenKey);
        }
    }

    private void Take(JournalRecord record)
    {
        switch (record.Kind)
        {
            case RecordKind.Block:
                TakeBlock(record);
                break;
            case RecordKind.Checkpoint:
                TakeCheckpoint(record);
                break;
            default:
                TakeKey(record);
                break;
        }
    }

    private void TakeKey(JournalRecord record)
    {
        string text = Encoding.UTF8.GetString(record.Payload.Span);
        if (!NoteKey.TryParse(text, out NoteKey? key, out DecodeError? error))
        {
            Find(record.Offset, error.Reason);
        }
        else if (key.Name != _origin)
        {
            Find(record.Offset, $"the key is that of {key.Name}, the journal that of {_origin}");
        }
        else if (FirstKey is null)
        {
            FirstKey = _key = key;
        }
        else if (key != FirstKey)
        {
            Find(record.Offset, _givenKey is null
                ? "a second key, without a change of key in between"
                : "the file names another key than the one given");
        }
    }

    private void TakeBlock(JournalRecord record)
    {
        ulong number = Blocks;
        _uncovered.Enqueue(MerkleTree.LeafHash(record.Payload.Span));
        if (_uncovered.Count > UncoveredMax)
        {
            Find(record.Offset, $"no checkpoint covers the last {UncoveredMax:N0} blocks");
            _covered.Append(_uncovered.Dequeue());
        }

        if (!CborReader.TryRead(record.Payload, out Block? block, out DecodeError? error))
        {
            Find(record.Offset, $"block {number} is not canonical: {error.Reason}, at byte {error.Offset}");
            return;
        }

        if (Checkpoint.OriginOf(block.Author) != _origin)
        {
            Find(record.Offset, $"block {number} is by {block.Author}, the journal that of {_origin}");
        }

        foreach (string reason in _order.Judge(block, number))
        {
            Find(record.Offset, $"block {number}: {reason}");
        }

        foreach (Stamped stamped in block.Entries)
        {
            Entries++;
            TakeEntry(record.Offset, number, stamped.Entry);
        }
    }

    private void TakeEntry(long offset, ulong number, Entry entry)
    {
        switch (entry)
        {
            case Entry.Observed observed:
                if (!ColumnsReader.TryCount(observed.Packed, out int count, out DecodeError? error))
                {
                    Find(offset, $"block {number}: readings: {error.Reason}, at byte {error.Offset}");
                }

                Readings += count;

                break;
            case Entry.KeyChanged changed when _changes.Count < FindingsMax:
                _changes.Enqueue((number, changed.PublicKey));
                break;
            case Entry.KeyChanged:
                Find(offset, $"block {number}: more changes of key than checkpoints");
                break;
            case Entry.RawSealed sealedRaw:
                TakeSegment(offset, number, sealedRaw);
                break;
            default:
                break;
        }
    }

    private void TakeSegment(long offset, ulong number, Entry.RawSealed sealedRaw)
    {
        if (sealedRaw.Segment != SegmentsCount)
        {
            Find(offset, $"block {number}: segment {sealedRaw.Segment} of the raw log is sealed, "
                + $"where {SegmentsCount} is the next");
        }

        SegmentsCount = sealedRaw.Segment + 1L;
        if (_segments.Count < SegmentsMax)
        {
            _segments.Add(new RawSegment(sealedRaw.Segment, sealedRaw.Leaves, sealedRaw.Root));
        }
    }

    private void TakeCheckpoint(JournalRecord record)
    {
        if (!SignedNote.TryParse(record.Payload.Span, out SignedNote? note, out DecodeError? error)
            || !Checkpoint.TryParse(note.Text, out Checkpoint? checkpoint, out error))
        {
            Find(record.Offset, error.Reason);
            return;
        }

        string? reason = Judge(note, checkpoint);
        if (reason is not null)
        {
            Find(record.Offset, reason);
            return;
        }

        Checkpoints++;
        Covered = checkpoint.Head.Size;

        // The first checkpoint that covers a change of key is signed with the former key, later ones are not.
        while (_changes.TryPeek(out (ulong Block, byte[] Key) change) && change.Block < Covered)
        {
            _key = NoteKey.Ed25519(_origin, _changes.Dequeue().Key);
        }
    }

    private string? Judge(SignedNote note, Checkpoint checkpoint)
    {
        ulong size = checkpoint.Head.Size;
        string what = string.Create(CultureInfo.InvariantCulture, $"the checkpoint of {size} blocks");
        if (checkpoint.Origin != _origin)
        {
            return $"{what} is that of {checkpoint.Origin}";
        }

        if (size < _covered.Size)
        {
            return $"{what} follows one of {_covered.Size} blocks";
        }

        if (size > Blocks)
        {
            return $"{what} covers blocks that are not in the file: there are {Blocks} so far";
        }

        while (_covered.Size < size)
        {
            _covered.Append(_uncovered.Dequeue());
        }

        return _covered.Head.Root != checkpoint.Head.Root ? $"{what} has another root than the blocks"
            : _key is null ? $"{what} cannot be checked: the file names no key and none was given"
            : note.Find(_key) is null ? $"{what} is not signed by the key that counts, {_key}"
            : !Ed25519Keys.Verify(note, _key) ? $"{what} has a bad signature"
            : null;
    }

    private void Find(long offset, string reason)
    {
        FindingsCount++;
        if (_findings.Count < FindingsMax)
        {
            _findings.Add(new JournalFinding(offset, reason));
        }
    }
}

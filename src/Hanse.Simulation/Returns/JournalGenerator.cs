using System;
using System.Collections.Generic;
using System.Text;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Machine;
using Hanse.Core.Time;
using Hanse.Core.Wire;
using Hanse.Simulation.World;

namespace Hanse.Simulation.Returns;

/// <summary>Writes the journal of one node from its life, block after block, as the machine would.</summary>
/// <remarks>
/// The problem: to know what validation finds, one must know what is so, which no real journal tells. The
/// idea: <see cref="NodeLife"/> is the truth, sensors lie about it in the ways that sensors do, and this
/// class writes what the machine believes into real blocks, under a real tree, signed by real keys. Nothing
/// of it knows how a return is judged.
/// <para>
/// Everything follows from the seed. A block is made, written and forgotten; what is kept is its bytes.
/// Deliberately absent: the fleet. A return is judged by itself; storms of them are the fleet simulation's.
/// </para>
/// </remarks>
internal sealed class JournalGenerator
{
    /// <summary>When every journal begins.</summary>
    public static readonly Instant Begins = Instant.Epoch + TimeSpan.FromDays(100);

    private readonly ReturnProfile _profile;
    private readonly NodeConduct _conduct;
    private readonly ulong _seed;
    private readonly ISignatures _signatures;
    private readonly NodeJournal _journal;
    private readonly NodeMind _mind;
    private readonly Channels _channels;
    private readonly List<Stamped> _stamped = [];
    private readonly List<Entry> _said = [];
    private readonly ByteBuffer _buffer = new();
    private Draw _draw;
    private TimeSpan _offset;
    private uint _boot;
    private int _sealed;
    private int _key;
    private Instant _lastEnded;

    private JournalGenerator(
        ReturnProfile profile, ulong seed, NodeId node, NodeConduct conduct, RawSegments segments,
        ISignatures signatures)
    {
        _profile = profile;
        _conduct = conduct;
        _seed = seed;
        _signatures = signatures;
        _draw = new Draw(seed, "journal", 0);
        _channels = new Channels(profile, seed);
        var life = new NodeLife(seed, conduct);
        _mind = new NodeMind(seed, conduct, life);
        _journal = new NodeJournal
        {
            Node = node,
            Life = life,
            Segments = segments,
            Raw = segments.Open(),
            Core = NodeMind.Core,
            Skills = NodeMind.Skills,
        };
    }

    /// <summary>Lives a node's whole absence and writes it down.</summary>
    public static NodeJournal Write(
        ReturnProfile profile, ulong seed, NodeId node, NodeConduct conduct, RawSegments segments,
        ISignatures signatures)
    {
        var generator = new JournalGenerator(profile, seed, node, conduct, segments, signatures);
        generator.NextKey();
        for (int i = 0; i < profile.Blocks; i++)
        {
            generator.WriteBlock(i);
        }

        generator._journal.Ends = Begins + profile.Length;
        return generator._journal;
    }

    /// <summary>Signs a head of a journal.</summary>
    /// <param name="journal">Whose keys sign.</param>
    /// <param name="head">What is signed.</param>
    /// <param name="key">Number of the key.</param>
    /// <param name="nextKey">Number of the key that signs after it.</param>
    /// <param name="name">Under whose name; its own when none is given.</param>
    public static SignedHead Sign(
        NodeJournal journal, TreeHead head, int key, int nextKey, NodeId? name = null)
    {
        string origin = Checkpoint.OriginOf(Party.Of(name ?? journal.Node));
        INodeKey pair = journal.Keys[key];
        string text = new Checkpoint(origin, head).ToText();
        var note = SignedNote.Of(
            text, NoteKey.Ed25519(origin, pair.PublicKey), pair.Sign(Encoding.UTF8.GetBytes(text)));
        return new SignedHead(head.Size, note.ToBytes(), key, nextKey);
    }

    /// <summary>A key pair that follows from a seed and a number.</summary>
    public static INodeKey KeyOf(ISignatures signatures, ulong seed, ulong number)
    {
        var prng = new Prng(StableHash.Of(seed, StableHash.Of("key"), number));
        Span<byte> secret = stackalloc byte[32];
        for (int i = 0; i < secret.Length; i += 8)
        {
            BitConverter.TryWriteBytes(secret[i..], prng.NextBits());
        }

        return signatures.KeyOf(secret);
    }

    private void NextKey() =>
        _journal.Keys.Add(KeyOf(_signatures, _seed, (ulong)_journal.Keys.Count));

    private void WriteBlock(int index)
    {
        Instant now = Begins + (index * _profile.BlockEvery);
        bool isHour = IsNew(index, TimeSpan.FromHours(1));
        _stamped.Clear();
        if (index == _profile.Blocks / 2)
        {
            _offset -= TimeSpan.FromSeconds(_conduct.HiddenClockStep);
        }

        Start(now, index, isHour);
        if (isHour)
        {
            Live(now, index);
        }

        if (_sealed < _journal.Segments.Count && index > 0 && IsNew(index, _profile.SegmentEvery))
        {
            Say(0, _journal.Segments.Seal(_sealed++));
        }

        Say(1_000, _mind.Decide(index, now, _profile, _sealed, _journal));
        if (_channels.Next() is { Length: > 0 } packed)
        {
            Say(59_999, new Entry.Observed(packed));
        }

        bool rotates = IsLast(index, _profile.KeyEvery) && index + 1 < _profile.Blocks;
        if (rotates)
        {
            NextKey();
            Say(59_999, new Entry.KeyChanged(_journal.Keys[^1].PublicKey));
        }

        TimeSpan offset = _offset;
        StepClock(now, isHour);
        Close(now + offset, index);
        if (rotates || IsLast(index, _profile.CheckpointEvery) || index + 1 == _profile.Blocks)
        {
            int nextKey = _journal.Keys.Count - 1;
            _journal.Heads.Add(Sign(_journal, _journal.Log.Head, _key, nextKey));
            _key = nextKey;
        }
    }

    private void Start(Instant now, int index, bool isHour)
    {
        bool isOff = isHour && index > 0 && _draw.Chance(_conduct.GapsPerDay / 24);
        bool reboots = isHour && index > 0 && _draw.Chance(_conduct.RebootsPerDay / 24);
        if (index > 0 && !reboots && !isOff && !_mind.ChangesSoftware(Share(index)))
        {
            return;
        }

        _boot++;
        Say(0, _mind.Boot(_boot));
        if (isOff)
        {
            Say(0, new Entry.Gap(_lastEnded, now + _offset));
        }
    }

    private void Live(Instant now, int index)
    {
        _said.Clear();
        _journal.Life.LiveHour(now, _said);
        if (IsNew(index, TimeSpan.FromDays(1)))
        {
            _journal.Life.Count(_said);
        }

        foreach (Entry entry in _said)
        {
            Say(0, entry);
        }
    }

    private void StepClock(Instant now, bool isHour)
    {
        if (isHour && _draw.Chance(_conduct.ClockStepsPerDay / 24))
        {
            Instant before = now + _offset + TimeSpan.FromMilliseconds(59_999);
            _offset += TimeSpan.FromSeconds(_draw.Below(61) - 30);
            Say(59_999, new Entry.ClockStepped(before, now + _offset + TimeSpan.FromMilliseconds(59_999)));
        }
    }

    private void Close(Instant from, int index)
    {
        var block = new Block(Party.Of(_journal.Node), _boot, (ulong)index, from, [.. _stamped]);
        _buffer.Clear();
        var writer = new CborWriter(_buffer);
        _ = Block.Shape(ref writer, block);
        byte[] bytes = _buffer.Written.ToArray();
        _journal.Blocks.Add(bytes);
        _journal.Log.Append(MerkleTree.LeafHash(bytes));
        _journal.Bytes += bytes.Length;
        _journal.Entries += block.Entries.Length;
        _journal.Observations = _channels.Count;
        _lastEnded = block.LastAt;
    }

    private void Say(int milliseconds, Entry entry) => _stamped.Add(new Stamped(milliseconds, entry));

    private double Share(int index) => (double)index / _profile.Blocks;

    // Whether a block is the first of a new stretch of time, and whether it is the last of one.
    private bool IsNew(int index, TimeSpan every) =>
        (_profile.BlockEvery * index).Ticks % every.Ticks < _profile.BlockEvery.Ticks;

    private bool IsLast(int index, TimeSpan every) => IsNew(index + 1, every);
}

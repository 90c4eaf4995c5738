using System;
using System.Collections.Generic;
using System.Buffers.Binary;
using Hanse.Core.Journal;
using Hanse.Core.Machine;
using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

// The upload: bytes into blocks, blocks into the tree, the tree against the signed heads.
public sealed partial class ReturnValidation
{
    private byte[] _mark = [];
    private long _markCursor;
    private bool _isMarkDue;
    private int _resends;

    // The block that was refused last, so that one sent alike twice is told from one damaged twice.
    private Digest _refused;
    private long _hashed;
    private long _signed;
    private long _replayed;
    private long _leaves;

    // The upload waits for answers: no more decisions may be asked for, or a mark is to be set.
    private bool IsPaused => _replays.IsFull || (_isMarkDue && !_replays.IsIdle);

    private void Take(long offset, ReadOnlyMemory<byte> bytes, ICollection<ReturnEffect> effects)
    {
        if (_phase != Phase.Streaming)
        {
            return;
        }

        if (offset > Cursor || offset < 0)
        {
            effects.Add(new ReturnEffect.SendFrom(Cursor));
            return;
        }

        long known = Cursor - offset;
        ReadOnlyMemory<byte> rest = known >= bytes.Length ? default : bytes[(int)known..];
        while (!rest.IsEmpty && _phase == Phase.Streaming && !IsPaused && !_findings.IsGrave)
        {
            rest = _partial.Length == 0 ? Whole(rest, effects) : Part(rest, effects);
        }
    }

    // Takes a block that lies whole in what arrived, or begins to collect one that does not.
    private ReadOnlyMemory<byte> Whole(ReadOnlyMemory<byte> rest, ICollection<ReturnEffect> effects)
    {
        long length = rest.Length < LengthBytes ? 0 : BinaryPrimitives.ReadUInt32BigEndian(rest.Span);
        if (rest.Length < LengthBytes || (length <= Block.BytesMax && rest.Length < LengthBytes + length))
        {
            _partial.Add(rest.Span);
            Cursor += rest.Length;
            return default;
        }

        if (length is 0 or > Block.BytesMax)
        {
            return Refuse(ReasonCode.BlockTooLong, default, Block.BytesMax, length, effects);
        }

        int taken = LengthBytes + (int)length;
        Cursor += taken;
        return TakeBlock(rest[LengthBytes..taken], effects) ? rest[taken..] : default;
    }

    // Goes on collecting a block.
    private ReadOnlyMemory<byte> Part(ReadOnlyMemory<byte> rest, ICollection<ReturnEffect> effects)
    {
        if (_partial.Length < LengthBytes)
        {
            int lengthPart = Math.Min(rest.Length, LengthBytes - _partial.Length);
            _partial.Add(rest.Span[..lengthPart]);
            Cursor += lengthPart;
            return rest[lengthPart..];
        }

        long length = BinaryPrimitives.ReadUInt32BigEndian(_partial.Written);
        if (length is 0 or > Block.BytesMax)
        {
            return Refuse(ReasonCode.BlockTooLong, default, Block.BytesMax, length, effects);
        }

        int part = (int)Math.Min(rest.Length, LengthBytes + length - _partial.Length);
        _partial.Add(rest.Span[..part]);
        Cursor += part;
        if (_partial.Length < LengthBytes + length)
        {
            return default;
        }

        byte[] block = _partial.Written[LengthBytes..].ToArray();
        _partial.Clear();
        return TakeBlock(block, effects) ? rest[part..] : default;
    }

    // False when the rest of what arrived is of no use: the upload went back or has ended.
    private bool TakeBlock(ReadOnlyMemory<byte> block, ICollection<ReturnEffect> effects)
    {
        Digest leaf = MerkleTree.LeafHash(block.Span);
        _hashed += block.Length;
        if (_walk.Take(block, leaf) is { } fault)
        {
            _ = Refuse(fault, leaf, (long)_walk.Continuous.Size, block.Length, effects);
            return false;
        }

        foreach (Replay replay in _walk.Chosen)
        {
            effects.Add(_replays.Ask(_nextRequest++, replay));
        }

        return _notes!.Head(_walk.NextNote).Size != _walk.Continuous.Size || Reach(effects);
    }

    // A signed head is reached: do the blocks lead to its root?
    private bool Reach(ICollection<ReturnEffect> effects)
    {
        TreeHead signed = _notes!.Head(_walk.NextNote);
        if (_walk.Continuous.Head.Root != signed.Root)
        {
            _ = Refuse(ReasonCode.Damaged, default, (long)signed.Size, 0, effects);
            return false;
        }

        int index = _walk.NextNote++;
        bool isFirstTime = signed.Size > ValidSize;
        ValidSize = Math.Max(ValidSize, signed.Size);
        if (isFirstTime && index > _notes.After(_accepted.Head.Size))
        {
            AskSignature(index, effects);
        }

        _walk.Keys.Pass();
        if (_walk.NextNote == _notes.Count)
        {
            _phase = Phase.Answering;
            return false;
        }

        _isMarkDue = Cursor - _markCursor >= MarkBytes;
        SetMarkIfDue();
        return true;
    }

    // Bytes that cannot be what was signed: most likely storage or link is at fault, so they are asked for
    // again from the mark. What comes alike again is what the node has, and is judged.
    private ReadOnlyMemory<byte> Refuse(
        ReasonCode fault, Digest leaf, long expected, long found, ICollection<ReturnEffect> effects)
    {
        var spot = new Spot(_walk.Continuous.Size, 0);
        bool isAlike = _resends > 0 && leaf == _refused;
        if (_resends >= _rules.ResendsMax)
        {
            _findings.Add(isAlike ? fault : ReasonCode.Damaged, spot, expected, found);
            return default;
        }

        _resends++;
        _refused = leaf;
        _findings.Add(ReasonCode.Resent, spot, expected, found);
        _replays.Clear();
        _partial.Clear();
        _walk = NewWalk();
        if (_mark.Length > 0)
        {
            var reader = new CborReader(_mark);
            _walk.Shape(ref reader);
            Invariant.Holds(!reader.Failed && reader.IsAtEnd);
        }
        else
        {
            _walk.NextNote = _notes!.After(_accepted.Head.Size);
        }

        Cursor = _markCursor;
        _isMarkDue = false;
        effects.Add(new ReturnEffect.SendFrom(Cursor));
        return default;
    }

    private void TakeReplay(ulong request, byte[]? output, ICollection<ReturnEffect> effects)
    {
        bool wasPaused = IsPaused;
        if (_phase == Phase.Judged || !_replays.Answer(request, output, _walk.Findings))
        {
            return;
        }

        _replayed += output is null ? 0 : 1;
        SetMarkIfDue();
        if (_phase == Phase.Streaming && wasPaused && !IsPaused)
        {
            effects.Add(new ReturnEffect.SendFrom(Cursor));
        }
    }

    private void SetMarkIfDue()
    {
        if (_isMarkDue && _replays.IsIdle)
        {
            SetMark();
        }
    }

    private void SetMark()
    {
        _scratch.Clear();
        var writer = new CborWriter(_scratch);
        _walk.Shape(ref writer);
        _mark = _scratch.Written.ToArray();
        _markCursor = Cursor;
        _isMarkDue = false;
    }
}

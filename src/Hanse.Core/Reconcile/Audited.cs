using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Journal;
using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

/// <summary>Layer 8: the raw logs are there and are what was signed.</summary>
/// <remarks>
/// Places are drawn by <see cref="Challenge"/>, and the leaves that re-executed decisions cite are asked for
/// as well, since a sample finds shares and no needles. A place that is not shown is a bad place: else a node
/// would lose what it spoiled. The first bad place brings more draws in its segment, so that an operator sees
/// how much is spoiled. A place that came wrong is asked for once more, for links err too.
/// </remarks>
internal sealed class Audited
{
    /// <summary>Places drawn in the segment of the first bad one.</summary>
    public const int EscalatedPlaces = 64;

    private readonly SortedDictionary<ulong, Asked> _waiting = [];
    private bool _escalated;

    /// <summary>One place asked for.</summary>
    private readonly record struct Asked(RawPlace Place, TreeHead Segment, bool IsDrawn, bool IsSecond);

    /// <summary>Whether every place was answered for.</summary>
    public bool IsDone => _waiting.Count == 0;

    /// <summary>Places drawn from all leaves and answered for.</summary>
    public int Drawn { get; private set; }

    /// <summary>Places shown because they were cited, or because another of their segment was bad.</summary>
    public int Cited { get; private set; }

    /// <summary>Places that were wrong, missing or late.</summary>
    public int Bad { get; private set; }

    /// <summary>Draws the places of a challenge.</summary>
    public void Open(
        AuditUnit unit, Digest nonce, Digest root, RawSegments segments, int places, ref ulong request,
        Findings findings)
    {
        long leaves = segments.Leaves;
        var drawn = new SortedSet<long>();
        ulong next = 0;
        while (drawn.Count < places && drawn.Count < leaves)
        {
            long leaf = (long)Challenge.Draw(nonce, root, (ulong)leaves, ref next, out ulong second);
            if (drawn.Add(leaf))
            {
                RawSegments.Segment segment = segments.Holding(leaf);
                Ask(segment, (int)(leaf - segment.Before), unit, second, isDrawn: true, ref request);
            }
        }

        foreach (ulong cite in segments.Cited)
        {
            var spot = new Spot(cite, 0);
            int leaf = (int)(cite % RawLog.SegmentLeavesMax);
            if (segments.Find(cite / RawLog.SegmentLeavesMax) is not { } segment)
            {
                findings.Add(ReasonCode.CitedUnchecked, spot, 0, 0);
            }
            else if ((ulong)leaf >= segment.Head.Size)
            {
                Bad++;
                findings.Add(ReasonCode.LeafMissing, spot, (long)segment.Head.Size, leaf);
            }
            else if (!drawn.Contains(segment.Before + leaf))
            {
                _ = Challenge.Draw(nonce, root, (ulong)leaves, ref next, out ulong second);
                Ask(segment, leaf, unit, second, isDrawn: false, ref request);
            }
        }

        if (segments.CitedOver > 0)
        {
            findings.Add(ReasonCode.CitedUnchecked, default, 0, segments.CitedOver);
        }
    }

    /// <summary>The first places that wait for an answer.</summary>
    public ImmutableArray<AuditPlace> Waiting(AuditUnit unit, int most)
    {
        int count = Math.Min(most, _waiting.Count);
        ImmutableArray<AuditPlace>.Builder places = ImmutableArray.CreateBuilder<AuditPlace>(count);
        foreach ((ulong request, Asked asked) in _waiting)
        {
            if (places.Count == count)
            {
                break;
            }

            places.Add(new AuditPlace(request, asked.Place, unit));
        }

        return places.MoveToImmutable();
    }

    /// <summary>Takes an answer.</summary>
    /// <param name="request">The number it was asked under.</param>
    /// <param name="bytes">What was shown; null when the node says that it has it no more.</param>
    /// <param name="proof">Canonical bytes of its path.</param>
    /// <param name="unit">What was asked for.</param>
    /// <param name="next">Number of the next request.</param>
    /// <param name="findings">Receives what is found.</param>
    /// <returns>The segment to look closer at, or to ask again for: null when there is nothing more to
    /// ask.</returns>
    public AuditAnswer Answer(
        ulong request, byte[]? bytes, byte[] proof, AuditUnit unit, ref ulong next, Findings findings)
    {
        if (!_waiting.Remove(request, out Asked asked))
        {
            return AuditAnswer.Unasked;
        }

        bool isGood = bytes is not null && Holds(asked, bytes, proof, unit);
        if (!isGood && bytes is not null && !asked.IsSecond)
        {
            _waiting.Add(next++, asked with { IsSecond = true });
            return AuditAnswer.AskAgain;
        }

        Settle(asked);
        if (isGood)
        {
            return AuditAnswer.Good;
        }

        Blame(asked, bytes is null ? ReasonCode.LeafMissing : ReasonCode.LeafWrong, findings);
        return AuditAnswer.Bad;
    }

    /// <summary>After the first bad place: draws more in its segment.</summary>
    /// <returns>False when that was done before.</returns>
    public bool Escalate(
        AuditUnit unit, Digest nonce, RawSegments segments, ulong cite, ref ulong request)
    {
        if (_escalated || segments.Find(cite / RawLog.SegmentLeavesMax) is not { } segment)
        {
            return false;
        }

        _escalated = true;
        ulong next = 0;
        var drawn = new SortedSet<int>();
        while (drawn.Count < EscalatedPlaces && (ulong)drawn.Count < segment.Head.Size)
        {
            int leaf = (int)Challenge.Draw(
                nonce, segment.Head.Root, segment.Head.Size, ref next, out ulong second);
            if (drawn.Add(leaf))
            {
                Ask(segment, leaf, unit, second, isDrawn: false, ref request);
            }
        }

        return true;
    }

    /// <summary>The place of the first bad answer, as decisions cite leaves.</summary>
    public ulong BadCite { get; private set; }

    /// <summary>Time is over: what has not come is bad.</summary>
    public void Close(Findings findings)
    {
        foreach (Asked asked in _waiting.Values)
        {
            Settle(asked);
            Blame(asked, ReasonCode.LeafLate, findings);
        }

        _waiting.Clear();
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("audited", 6);
        codec.Table(
            "waiting",
            _waiting,
            static (ref TCodec c, ulong request) =>
                (ulong)c.Integer("request", (long)request, 0, long.MaxValue),
            static (ref TCodec c, Asked asked) =>
            {
                c.Open("asked", 7);
                var place = new RawPlace(
                    (uint)c.Integer("segment", asked.Place.Segment, 0, uint.MaxValue),
                    (int)c.Integer("leaf", asked.Place.Leaf, 0, RawLog.SegmentLeavesMax - 1),
                    (int)c.Integer("block", asked.Place.Block, 0, RawLeaf.BlocksMax - 1));
                var head = new TreeHead(
                    (ulong)c.Integer("leaves", (long)asked.Segment.Size, 0, RawLog.SegmentLeavesMax),
                    Digest.Field(ref c, "root", asked.Segment.Root));
                bool isDrawn = c.Flag("isDrawn", asked.IsDrawn);
                bool isSecond = c.Flag("isSecond", asked.IsSecond);
                c.Close();
                return new Asked(place, head, isDrawn, isSecond);
            });
        Drawn = codec.Number("drawn", Drawn);
        Cited = codec.Number("cited", Cited);
        Bad = codec.Number("bad", Bad);
        BadCite = (ulong)codec.Integer("badCite", (long)BadCite, 0, long.MaxValue);
        _escalated = codec.Flag("escalated", _escalated);
        codec.Close();
    }

    private static bool Holds(Asked asked, byte[] bytes, byte[] proof, AuditUnit unit) => unit switch
    {
        AuditUnit.Block => CborReader.TryRead(proof, out RawProof? path, out _)
            && path.Verify(asked.Place, bytes, asked.Segment) == ProofVerdict.Holds,
        _ => bytes.Length is > 0 and <= RawLog.LeafBytes
            && CborReader.TryRead(proof, out InclusionProof? path, out _)
            && path.Verify((ulong)asked.Place.Leaf, RawLeaf.Hash(bytes), asked.Segment)
                == ProofVerdict.Holds,
    };

    private void Ask(
        RawSegments.Segment segment, int leaf, AuditUnit unit, ulong second, bool isDrawn,
        ref ulong request)
    {
        // How many blocks the last leaf has is the node's word, so of that one the first is asked for.
        bool isLast = (ulong)leaf + 1 == segment.Head.Size;
        int block = unit == AuditUnit.Leaf || isLast ? 0 : (int)(second % RawLeaf.BlocksMax);
        _waiting.Add(
            request++, new Asked(new RawPlace(segment.Number, leaf, block), segment.Head, isDrawn, false));
    }

    private void Settle(Asked asked)
    {
        Drawn += asked.IsDrawn ? 1 : 0;
        Cited += asked.IsDrawn ? 0 : 1;
    }

    private void Blame(Asked asked, ReasonCode code, Findings findings)
    {
        BadCite = Bad == 0 ? asked.Place.Cite : BadCite;
        Bad++;
        findings.Add(code, new Spot(asked.Place.Cite, asked.Place.Block), 0, 0);
    }
}

/// <summary>What became of an answer to a challenge.</summary>
internal enum AuditAnswer
{
    /// <summary>Nobody asked for it.</summary>
    Unasked = 0,

    /// <summary>It is what was signed.</summary>
    Good = 1,

    /// <summary>It is not, and is asked for once more.</summary>
    AskAgain = 2,

    /// <summary>It is not, or is missing.</summary>
    Bad = 3,
}

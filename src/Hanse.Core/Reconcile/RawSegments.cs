using System.Collections.Generic;
using Hanse.Core.Journal;
using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

/// <summary>The raw segments that a return sealed, and the leaves that its re-executed decisions
/// cite.</summary>
internal sealed class RawSegments
{
    /// <summary>Most cited leaves that are audited.</summary>
    public const int CitedMax = 4096;

    private readonly List<Segment> _segments = [];
    private readonly SortedSet<ulong> _cited = [];

    /// <summary>One sealed segment.</summary>
    /// <param name="Number">Counted by the machine.</param>
    /// <param name="Head">Leaves and root.</param>
    /// <param name="Before">Leaves of the segments before it.</param>
    /// <param name="Block">Where it was sealed.</param>
    internal readonly record struct Segment(uint Number, TreeHead Head, long Before, ulong Block);

    /// <summary>Number of segments.</summary>
    public int Count => _segments.Count;

    /// <summary>Leaves in all segments.</summary>
    public long Leaves => _segments.Count == 0 ? 0 : _segments[^1].Before + (long)_segments[^1].Head.Size;

    /// <summary>Cited leaves, in order.</summary>
    public IEnumerable<ulong> Cited => _cited;

    /// <summary>Cited leaves that were not kept, since they were too many.</summary>
    public long CitedOver { get; private set; }

    /// <summary>Takes the seal of a segment.</summary>
    public void Seal(Entry.RawSealed seal, ulong block) => _segments.Add(
        new Segment(seal.Segment, new TreeHead((ulong)seal.Leaves, seal.Root), Leaves, block));

    /// <summary>A decision that is taken again cites a leaf.</summary>
    public void Cite(ulong leaf)
    {
        if (_cited.Count < CitedMax)
        {
            _ = _cited.Add(leaf);
        }
        else
        {
            CitedOver += _cited.Contains(leaf) ? 0 : 1;
        }
    }

    /// <summary>The segment that holds a leaf of all.</summary>
    public Segment Holding(long leaf)
    {
        int low = 0;
        int high = _segments.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_segments[middle].Before <= leaf)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return _segments[low];
    }

    /// <summary>The segment of a number, if this return sealed it.</summary>
    public Segment? Find(ulong number)
    {
        foreach (Segment segment in _segments)
        {
            if (segment.Number == number)
            {
                return segment;
            }
        }

        return null;
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("segments", 3);
        int count = codec.OpenList("sealed", _segments.Count, int.MaxValue);
        if (codec.IsReading)
        {
            _segments.Clear();
        }

        for (int i = 0; i < count && !codec.Failed; i++)
        {
            Segment segment = codec.IsReading ? default : _segments[i];
            codec.Open("segment", 4);
            uint number = (uint)codec.Integer("number", segment.Number, 0, uint.MaxValue);
            int leaves = (int)codec.Integer("leaves", (long)segment.Head.Size, 1, RawLog.SegmentLeavesMax);
            Digest root = Digest.Field(ref codec, "root", segment.Head.Root);
            ulong block = (ulong)codec.Integer("block", (long)segment.Block, 0, long.MaxValue);
            codec.Close();
            if (codec.IsReading)
            {
                _segments.Add(new Segment(number, new TreeHead((ulong)leaves, root), Leaves, block));
            }
        }

        codec.CloseList();
        codec.Set("cited", _cited, static (ref TCodec c, ulong leaf) =>
            (ulong)c.Integer("leaf", (long)leaf, 0, long.MaxValue));
        CitedOver = codec.Integer("citedOver", CitedOver, 0, long.MaxValue);
        codec.Close();
    }
}

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using BenchmarkDotNet.Attributes;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;
using Hanse.IO.Wire;

namespace Hanse.Bench;

/// <summary>The pieces of Core whose cost shows in a fleet: a frame of bids, its size, its bytes; a
/// batch.</summary>
[MemoryDiagnoser]
public class CoreBenchmarks
{
    private readonly WinnerDetermination _clearing = new();
    private readonly ByteBuffer _buffer = new();
    private readonly ImmutableArray<Request> _requests = Requests(20);
    private Frame _frame = null!;
    private byte[] _bytes = [];
    private SortedDictionary<NodeId, BidSheet> _sheets = [];

    [GlobalSetup]
    public void SetUp()
    {
        var random = new Prng(1);
        _sheets = [];
        for (uint node = 1; node <= 1000; node++)
        {
            _sheets[new NodeId(node)] = Sheet(ref random);
        }

        _frame = new Frame(
            Party.Of(new NodeId(7)),
            Party.Of(new RegionId(1)),
            false,
            41,
            17,
            [],
            [new Envelope(41, _sheets[new NodeId(1)])]);
        _bytes = FrameCodec.Encode(_frame);
    }

    /// <summary>A frame with twenty bids: bytes by the size function.</summary>
    [Benchmark]
    public int SizeOfTwentyBids() => FrameSize.Of(_frame);

    /// <summary>The same frame encoded.</summary>
    [Benchmark]
    public byte[] EncodeTwentyBids() => FrameCodec.Encode(_frame);

    /// <summary>The same frame decoded and checked.</summary>
    [Benchmark]
    public bool DecodeTwentyBids() => FrameCodec.TryDecode(_bytes, out _, out _);

    /// <summary>The same frame as a line of the trace.</summary>
    [Benchmark]
    public int DescribeTwentyBids()
    {
        _buffer.Clear();
        TraceText.Append(_buffer, _frame);
        return _buffer.Length;
    }

    /// <summary>A sealed batch of 1,000 nodes with twenty bids each on twenty bounties.</summary>
    [Benchmark]
    public int ClearTwentyThousandBids() =>
        _clearing.Run(new CycleNumber(3), new Instant(900_000_000_000), _requests, _sheets).Winners.Length;

    private static ImmutableArray<Request> Requests(int count)
    {
        var requests = ImmutableArray.CreateBuilder<Request>(count);
        for (int i = 0; i < count; i++)
        {
            requests.Add(new Request(
                new BountyId((ulong)i + 1),
                Commodity.Nickel,
                new DepotId(1),
                Grams.FromTonnes(60),
                Grams.FromTonnes(5),
                Credits.FromWhole(1),
                new Instant(2_000_000_000_000 + (i * 1_000_000L))));
        }

        return requests.MoveToImmutable();
    }

    private static BidSheet Sheet(ref Prng random)
    {
        var bids = ImmutableArray.CreateBuilder<Bid>(20);
        for (int i = 0; i < 20; i++)
        {
            bids.Add(new Bid(
                new BountyId((ulong)i + 1),
                NoBidReason.None,
                [
                    new BidStep(
                        Grams.FromTonnes(2),
                        new Credits(400_000 + random.Below(700_000)),
                        new Instant(1_000_000_000_000 + (random.Below(1000) * 1_000_000)),
                        TimeSpan.FromHours(5)),
                ]));
        }

        return new BidSheet(new CycleNumber(3), NoBidReason.None, bids.MoveToImmutable());
    }
}

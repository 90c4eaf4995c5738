using System.Numerics;
using Hanse.Core.Identity;
using Hanse.Core.Wire;

namespace Hanse.Core.Market;

/// <summary>What a screen remembers of one node: of the last 64 batches in which it bid one bit each, the
/// newest lowest.</summary>
internal sealed record BidRecord
{
    /// <summary>Batches of which the mean ratio is; then older ones fade.</summary>
    public const int RatioMemory = 8;

    /// <summary>The greatest ratio that counts, in millionths, so that one absurd bid does not.</summary>
    public const long RatioMax = 4_000_000;

    /// <summary>Its class, as of the newest batch.</summary>
    public required DesignClass Design { get; init; }

    /// <summary>The depot it can serve most cheaply, as of the newest batch.</summary>
    public required DepotId Depot { get; init; }

    /// <summary>The newest batch it bid in; then the bits below are for it and those before.</summary>
    public required uint Newest { get; init; }

    /// <summary>Claim over model, in millionths: a mean over batches; zero without a model.</summary>
    public required long Ratio { get; init; }

    /// <summary>Batches that <see cref="Ratio"/> is of, at most <see cref="RatioMemory"/>.</summary>
    public required int Rated { get; init; }

    /// <summary>Batches of the last 64 in which it bid.</summary>
    public required ulong Bid { get; init; }

    /// <summary>Of those, in which it won.</summary>
    public required ulong Won { get; init; }

    /// <summary>Of those, in which its model would have gained by a price that was paid and that it asked
    /// more than.</summary>
    public required ulong Refused { get; init; }

    /// <summary>Of those, in which it was among suspicious losers.</summary>
    public required ulong Cover { get; init; }

    /// <summary>In how many of the last 64 it bid.</summary>
    public int Batches => BitOperations.PopCount(Bid);

    /// <summary>The same, of batches up to a later one.</summary>
    public BidRecord At(uint cycle)
    {
        int shift = (int)uint.Min(cycle - Newest, ScreenRules.BatchesMax);
        ulong Moved(ulong bits) => shift == ScreenRules.BatchesMax ? 0 : bits << shift;
        return this with
        {
            Newest = cycle,
            Bid = Moved(Bid),
            Won = Moved(Won),
            Refused = Moved(Refused),
            Cover = Moved(Cover),
        };
    }

    /// <summary>After one more ratio.</summary>
    public BidRecord With(long ratio)
    {
        int rated = int.Min(Rated + 1, RatioMemory);
        return this with { Ratio = Ratio + ((long.Min(ratio, RatioMax) - Ratio) / rated), Rated = rated };
    }

    /// <summary>Walks the record.</summary>
    public static BidRecord Shape<TCodec>(ref TCodec codec, BidRecord? value)
        where TCodec : struct, ICodec
    {
        codec.Open("bids", 9);
        var design = new DesignClass((uint)codec.Integer(
            "class", value?.Design.Value ?? 0, 0, uint.MaxValue));
        DepotId depot = codec.Depot("depot", value?.Depot ?? default);
        uint newest = (uint)codec.Integer("newest", value?.Newest ?? 0, 0, uint.MaxValue);
        long ratio = codec.Integer("ratio", value?.Ratio ?? 0, 0, RatioMax);
        int rated = (int)codec.Integer("rated", value?.Rated ?? 0, 0, RatioMemory);
        ulong bid = Bits(ref codec, "bid", value?.Bid ?? 0);
        ulong won = Bits(ref codec, "won", value?.Won ?? 0);
        ulong refused = Bits(ref codec, "refused", value?.Refused ?? 0);
        ulong cover = Bits(ref codec, "cover", value?.Cover ?? 0);
        codec.Close();
        return value ?? new BidRecord
        {
            Design = design,
            Depot = depot,
            Newest = newest,
            Ratio = ratio,
            Rated = rated,
            Bid = bid,
            Won = won,
            Refused = refused,
            Cover = cover,
        };
    }

    private static ulong Bits<TCodec>(ref TCodec codec, string name, ulong value)
        where TCodec : struct, ICodec =>
        unchecked((ulong)codec.Integer(name, (long)value, long.MinValue, long.MaxValue));
}

using System;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Market;

/// <summary>A bounty on a hub's market, and how much of it is done.</summary>
public sealed record OpenBounty : IShaped<OpenBounty>
{
    private const int RisePpm = 100_000;

    /// <summary>What was posted.</summary>
    public required Bounty Bounty { get; init; }

    /// <summary>Weighed and counted so far.</summary>
    public Grams Delivered { get; init; }

    /// <summary>Of that, what turned out to be worth nothing; it is not asked for again, since a part of it
    /// is paid.</summary>
    public Grams Spoilt { get; init; }

    /// <summary>Held by contracts that are not over.</summary>
    public Grams UnderContract { get; init; }

    /// <summary>Contracts that are not over.</summary>
    public int Contracts { get; init; }

    /// <summary>Contracts ever awarded: the epoch of the last.</summary>
    public int Awards { get; init; }

    /// <summary>Paid to nodes so far, for deliveries and for stopping.</summary>
    public Credits Paid { get; init; }

    /// <summary>Since when it is on this market.</summary>
    public Instant Since { get; init; }

    /// <summary>Batches that left some of it open.</summary>
    public int ShortBatches { get; init; }

    /// <summary>Batches in a row without an offer for it.</summary>
    public int Unwanted { get; init; }

    /// <summary>When it is asked for; the epoch unless another hub began it.</summary>
    public Instant NotBefore { get; init; }

    /// <summary>The lowest price per lot that a node without work asked in the last batch that had such a
    /// node; zero before.</summary>
    public Credits LowestAsk { get; init; }

    /// <summary>What is wanted of it no more; all of it when it is withdrawn.</summary>
    public Grams Reduction { get; init; }

    /// <summary>What is wanted of it, with what has arrived.</summary>
    public Grams Wanted => Bounty.Total - Reduction;

    /// <summary>What is wanted that nobody has delivered or under contract.</summary>
    /// <remarks>What nobody has delivered or under contract is never negative: a delivery counts for no more
    /// than its contract held. What is wanted may be less than both.</remarks>
    public Grams Open => Grams.Max(Grams.Zero, Grams.Min(Wanted - Delivered - UnderContract, Room));

    /// <summary>What contracts may hold in addition, wanted or not.</summary>
    /// <remarks>Never negative. What is paid for stopping work leaves less: the most whose value, rounded
    /// down, is not above what is left. Where nothing was paid for that, it is all that nobody has delivered
    /// or under contract.</remarks>
    public Grams Room
    {
        get
        {
            Grams rest = Bounty.Total - Delivered;
            Int128 left = (Bounty.Worth - Paid).Micro;
            Int128 covered = Bounty.ValuePerLot == Credits.Zero ? rest.Value
                : (((left + 1) * Bounty.Lot.Value) - 1) / Bounty.ValuePerLot.Micro;
            return new Grams((long)Int128.Min(rest.Value, covered)) - UnderContract;
        }
    }

    /// <summary>Whether enough has arrived, within the scale's tolerance.</summary>
    public bool IsFilled(PartsPerMillion tolerance) =>
        Wanted - Delivered + Spoilt <= Bounty.Total.Share(tolerance);

    /// <summary>Whether its backup is not wanted any more: the rest has arrived.</summary>
    public bool IsBackupOver(PartsPerMillion tolerance) =>
        Bounty.Backup > Grams.Zero && Wanted > Bounty.Needed
        && Bounty.Needed - Delivered <= Bounty.Total.Share(tolerance);

    /// <summary>Whether nothing is left to be done for it, be it filled or spoilt.</summary>
    public bool IsUsedUp(PartsPerMillion tolerance) =>
        Wanted - Delivered <= Bounty.Total.Share(tolerance);

    /// <summary>Whether there is something worth asking for and time to do it.</summary>
    public bool IsWanted(Instant now, PartsPerMillion tolerance) =>
        now < Bounty.Deadline && now >= NotBefore && Open > Bounty.Total.Share(tolerance);

    /// <summary>The most that is paid per lot now. It begins at a share of the value and rises by a tenth of
    /// it with every batch that leaves something open; at half-time it is all of the value in any
    /// case.</summary>
    /// <remarks>So a bounty that many would do is not left to the dearest of them, and one that nobody wants
    /// does not wait. Nobody's bid moves it.</remarks>
    /// <param name="now">Now.</param>
    /// <param name="start">The share at first.</param>
    public Credits Reserve(Instant now, PartsPerMillion start)
    {
        long half = Math.Max(1, (Bounty.Deadline - Since).Ticks / 2);
        long waited = Math.Clamp((now - Since).Ticks, 0, half);
        long byTime = start.Value + (long)((Int128)(1_000_000 - start.Value) * waited / half);
        long byBatch = start.Value + (RisePpm * (long)ShortBatches);
        long share = Math.Min(1_000_000, Math.Max(byTime, byBatch));
        return new Credits((long)((Int128)Bounty.ValuePerLot.Micro * share / 1_000_000));
    }

    /// <inheritdoc/>
    public static OpenBounty Shape<TCodec>(ref TCodec codec, OpenBounty? value)
        where TCodec : struct, ICodec
    {
        codec.Open("openBounty", 13);
        Bounty bounty = Bounty.Shape(ref codec, value?.Bounty);
        Grams delivered = codec.Mass("delivered", value?.Delivered ?? default);
        Grams spoilt = codec.Mass("spoilt", value?.Spoilt ?? default);
        Grams under = codec.Mass("underContract", value?.UnderContract ?? default);
        int contracts = codec.Number("contracts", value?.Contracts ?? 0);
        int awards = codec.Number("awards", value?.Awards ?? 0);
        Credits paid = codec.Money("paid", value?.Paid ?? default);
        Credits ask = codec.Money("lowestAsk", value?.LowestAsk ?? default);
        Instant notBefore = codec.Moment("notBefore", value?.NotBefore ?? default);
        Instant since = codec.Moment("since", value?.Since ?? default);
        int shortBatches = codec.Number("shortBatches", value?.ShortBatches ?? 0);
        int unwanted = codec.Number("unwanted", value?.Unwanted ?? 0);
        Grams reduction = codec.Mass("reduction", value?.Reduction ?? default);
        codec.Close();
        return value ?? new OpenBounty
        {
            Bounty = bounty,
            Delivered = delivered,
            Spoilt = spoilt,
            UnderContract = under,
            Contracts = contracts,
            Awards = awards,
            Paid = paid,
            LowestAsk = ask,
            NotBefore = notBefore,
            Since = since,
            ShortBatches = shortBatches,
            Unwanted = unwanted,
            Reduction = reduction,
        };
    }
}

using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Market;

/// <summary>A bounty on a hub's market, and how much of it is done.</summary>
public sealed record OpenBounty : IShaped<OpenBounty>
{
    /// <summary>What was posted.</summary>
    public required Bounty Bounty { get; init; }

    /// <summary>Weighed and counted so far.</summary>
    public Grams Delivered { get; init; }

    /// <summary>Held by contracts that are not over.</summary>
    public Grams UnderContract { get; init; }

    /// <summary>Contracts that are not over.</summary>
    public int Contracts { get; init; }

    /// <summary>Contracts ever awarded: the epoch of the last.</summary>
    public int Awards { get; init; }

    /// <summary>Paid to nodes so far.</summary>
    public Credits Paid { get; init; }

    /// <summary>When it is asked for; the epoch unless another hub began it.</summary>
    public Instant NotBefore { get; init; }

    /// <summary>The lowest price per lot offered and not taken in the last batch; zero when there was
    /// none.</summary>
    public Credits LowestAsk { get; init; }

    /// <summary>What nobody has delivered or under contract.</summary>
    /// <remarks>Never negative: a delivery counts for no more than its contract held.</remarks>
    public Grams Open => Bounty.Total - Delivered - UnderContract;

    /// <summary>Whether enough has arrived, within the scale's tolerance.</summary>
    public bool IsFilled(PartsPerMillion tolerance) =>
        Bounty.Total - Delivered <= Bounty.Total.Share(tolerance);

    /// <summary>Whether there is something worth asking for and time to do it.</summary>
    public bool IsWanted(Instant now, PartsPerMillion tolerance) =>
        now < Bounty.Deadline && now >= NotBefore && Open > Bounty.Total.Share(tolerance);

    /// <inheritdoc/>
    public static OpenBounty Shape<TCodec>(ref TCodec codec, OpenBounty? value)
        where TCodec : struct, ICodec
    {
        codec.Open("openBounty", 8);
        Bounty bounty = Bounty.Shape(ref codec, value?.Bounty);
        Grams delivered = codec.Mass("delivered", value?.Delivered ?? default);
        Grams under = codec.Mass("underContract", value?.UnderContract ?? default);
        int contracts = codec.Number("contracts", value?.Contracts ?? 0);
        int awards = codec.Number("awards", value?.Awards ?? 0);
        Credits paid = codec.Money("paid", value?.Paid ?? default);
        Credits ask = codec.Money("lowestAsk", value?.LowestAsk ?? default);
        Instant notBefore = codec.Moment("notBefore", value?.NotBefore ?? default);
        codec.Close();
        return value ?? new OpenBounty
        {
            Bounty = bounty,
            Delivered = delivered,
            UnderContract = under,
            Contracts = contracts,
            Awards = awards,
            Paid = paid,
            LowestAsk = ask,
            NotBefore = notBefore,
        };
    }
}

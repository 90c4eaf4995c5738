using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Strategy;

/// <summary>Everything the strategic layer remembers.</summary>
public abstract record StrategyFact : IShaped<StrategyFact>
{
    private StrategyFact()
    {
    }

    /// <summary>Something about the link to a region.</summary>
    public sealed record RegionLink(RegionId Region, LinkFact Fact) : StrategyFact;

    /// <summary>A region has its charter.</summary>
    public sealed record RegionChartered(RegionId Region, Epoch Epoch, int Capacity) : StrategyFact;

    /// <summary>A bounty was posted to a region.</summary>
    public sealed record BountyPosted(RegionId Region, Bounty Bounty) : StrategyFact;

    /// <summary>A bounty came back.</summary>
    public sealed record BountyReported(RegionId Region, BountyReport Report) : StrategyFact;

    /// <summary>A region's digest.</summary>
    public sealed record DigestTaken(RegionId Region, RegionDigest Digest) : StrategyFact;

    /// <summary>A transfer to a region began.</summary>
    /// <param name="Region">To whom.</param>
    /// <param name="Transfer">By the strategic layer's count.</param>
    /// <param name="Bounty">What it pays for; null when it is the seed of the region's nodes.</param>
    /// <param name="Amount">How much.</param>
    public sealed record TransferSent(RegionId Region, TransferId Transfer, Bounty? Bounty, Credits Amount)
        : StrategyFact;

    /// <summary>A transfer of a region's is in these books.</summary>
    public sealed record TransferReceived(RegionId Region, TransferId Transfer) : StrategyFact;

    /// <summary>Credits moved in the strategic books.</summary>
    public sealed record Posted(Posting Posting) : StrategyFact;

    /// <summary>A region's authority is over, whether or not it has heard.</summary>
    public sealed record CharterEnded(RegionId Region, Epoch Epoch) : StrategyFact;

    /// <summary>The region has heard that its authority is over.</summary>
    public sealed record EndHeard(RegionId Region, Instant At) : StrategyFact;

    /// <summary>Something about the return of a region.</summary>
    public sealed record Return(RegionId Region, RegionFact Fact) : StrategyFact;

    /// <inheritdoc/>
    public static StrategyFact Shape<TCodec>(ref TCodec codec, StrategyFact? value)
        where TCodec : struct, ICodec
    {
        long tag = codec.Case("strategy", Tag(value), 11);
        StrategyFact fact;
        switch (tag)
        {
            case 1:
                var link = (RegionLink?)value;
                codec.Open("regionLink", 3);
                RegionId peer = codec.Region("region", link?.Region ?? default);
                LinkFact linkFact = LinkFact.Shape(ref codec, link?.Fact);
                fact = link ?? new RegionLink(peer, linkFact);
                break;
            case 2:
                var chartered = (RegionChartered?)value;
                codec.Open("regionChartered", 3);
                RegionId region = codec.Region("region", chartered?.Region ?? default);
                Epoch epoch = codec.Epoch("epoch", chartered?.Epoch ?? default);
                int capacity = codec.Number("capacity", chartered?.Capacity ?? 0);
                fact = chartered ?? new RegionChartered(region, epoch, capacity);
                break;
            case 3:
                var posted = (BountyPosted?)value;
                codec.Open("bountyPosted", 2);
                RegionId target = codec.Region("region", posted?.Region ?? default);
                Bounty bounty = Bounty.Shape(ref codec, posted?.Bounty);
                fact = posted ?? new BountyPosted(target, bounty);
                break;
            case 4:
                var reported = (BountyReported?)value;
                codec.Open("bountyReported", 2);
                RegionId source = codec.Region("region", reported?.Region ?? default);
                BountyReport report = BountyReport.Shape(ref codec, reported?.Report);
                fact = reported ?? new BountyReported(source, report);
                break;
            case 5:
                var digested = (DigestTaken?)value;
                codec.Open("digestTaken", 2);
                RegionId where = codec.Region("region", digested?.Region ?? default);
                RegionDigest digest = RegionDigest.Shape(ref codec, digested?.Digest);
                fact = digested ?? new DigestTaken(where, digest);
                break;
            case 6:
                var sent = (TransferSent?)value;
                codec.Open("transferSent", 4);
                RegionId receiver = codec.Region("region", sent?.Region ?? default);
                TransferId outward = codec.Transfer("transfer", sent?.Transfer ?? default);
                Bounty? pays = codec.Optional("bounty", sent?.Bounty);
                Credits amount = codec.Money("amount", sent?.Amount ?? default);
                fact = sent ?? new TransferSent(receiver, outward, pays, amount);
                break;
            case 7:
                var received = (TransferReceived?)value;
                codec.Open("transferReceived", 2);
                RegionId sender = codec.Region("region", received?.Region ?? default);
                TransferId inward = codec.Transfer("transfer", received?.Transfer ?? default);
                fact = received ?? new TransferReceived(sender, inward);
                break;
            case 10:
                var ended = (CharterEnded?)value;
                codec.Open("charterEnded", 2);
                RegionId endedRegion = codec.Region("region", ended?.Region ?? default);
                Epoch endedEpoch = codec.Epoch("epoch", ended?.Epoch ?? default);
                fact = ended ?? new CharterEnded(endedRegion, endedEpoch);
                break;
            case 11:
                var heard = (EndHeard?)value;
                codec.Open("endHeard", 2);
                RegionId hearer = codec.Region("region", heard?.Region ?? default);
                Instant heardAt = codec.Moment("at", heard?.At ?? default);
                fact = heard ?? new EndHeard(hearer, heardAt);
                break;
            case 9:
                var returned = (Return?)value;
                codec.Open("return", 3);
                RegionId returner = codec.Region("region", returned?.Region ?? default);
                RegionFact returnFact = RegionFact.Shape(ref codec, returned?.Fact);
                fact = returned ?? new Return(returner, returnFact);
                break;
            default:
                var booked = (Posted?)value;
                codec.Open("posted", 1);
                Posting posting = Posting.Shape(ref codec, booked?.Posting);
                fact = booked ?? new Posted(posting);
                break;
        }

        codec.Close();
        return fact;
    }

    private static long Tag(StrategyFact? fact) => fact switch
    {
        null => 0,
        RegionLink => 1,
        RegionChartered => 2,
        BountyPosted => 3,
        BountyReported => 4,
        DigestTaken => 5,
        TransferSent => 6,
        TransferReceived => 7,
        Posted => 8,
        Return => 9,
        CharterEnded => 10,
        EndHeard => 11,
        _ => throw new UnreachableException(),
    };
}

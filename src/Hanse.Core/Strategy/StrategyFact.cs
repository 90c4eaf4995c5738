using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
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
    public sealed record TransferSent(RegionId Region, Sending Sending) : StrategyFact;

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

    /// <summary>A node is to go from one region to another.</summary>
    public sealed record HandoverBegan(NodeId Node, RegionId From, RegionId To) : StrategyFact;

    /// <summary>It is on its way.</summary>
    public sealed record HandoverEnded(NodeId Node) : StrategyFact;

    /// <summary>One region's hub takes over everything that another's had.</summary>
    public sealed record Succeeded(RegionId Region, RegionId Successor) : StrategyFact;

    /// <summary>A bounty is another region's.</summary>
    public sealed record BountyMoved(BountyId Bounty, RegionId Region) : StrategyFact;

    /// <summary>A message waits for room in the queue to a region.</summary>
    public sealed record Entrusted(ulong Number, RegionId Region, Message Message) : StrategyFact;

    /// <summary>It is in the queue.</summary>
    public sealed record Dispatched(ulong Number) : StrategyFact;

    /// <inheritdoc/>
    public static StrategyFact Shape<TCodec>(ref TCodec codec, StrategyFact? value)
        where TCodec : struct, ICodec
    {
        long tag = codec.Case("strategy", Tag(value), 17);
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
                codec.Open("transferSent", 2);
                RegionId receiver = codec.Region("region", sent?.Region ?? default);
                Sending sending = Sending.Shape(ref codec, sent?.Sending);
                fact = sent ?? new TransferSent(receiver, sending);
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
            case 12:
                var handover = (HandoverBegan?)value;
                codec.Open("handoverBegan", 3);
                NodeId goes = codec.Node("node", handover?.Node ?? default);
                RegionId goesFrom = codec.Region("from", handover?.From ?? default);
                RegionId goesTo = codec.Region("to", handover?.To ?? default);
                fact = handover ?? new HandoverBegan(goes, goesFrom, goesTo);
                break;
            case 13:
                var gone = (HandoverEnded?)value;
                codec.Open("handoverEnded", 1);
                NodeId went = codec.Node("node", gone?.Node ?? default);
                fact = gone ?? new HandoverEnded(went);
                break;
            case 14:
                var succeeded = (Succeeded?)value;
                codec.Open("succeeded", 2);
                RegionId lost = codec.Region("region", succeeded?.Region ?? default);
                RegionId successor = codec.Region("successor", succeeded?.Successor ?? default);
                fact = succeeded ?? new Succeeded(lost, successor);
                break;
            case 15:
                var entrusted = (Entrusted?)value;
                codec.Open("entrusted", 3);
                ulong number = codec.Count("number", entrusted?.Number ?? 0);
                RegionId addressee = codec.Region("region", entrusted?.Region ?? default);
                Message message = Message.Shape(ref codec, entrusted?.Message);
                fact = entrusted ?? new Entrusted(number, addressee, message);
                break;
            case 16:
                var dispatched = (Dispatched?)value;
                codec.Open("dispatched", 1);
                ulong which = codec.Count("number", dispatched?.Number ?? 0);
                fact = dispatched ?? new Dispatched(which);
                break;
            case 17:
                var moved = (BountyMoved?)value;
                codec.Open("bountyMoved", 2);
                BountyId movedBounty = codec.Bounty("bounty", moved?.Bounty ?? default);
                RegionId movedTo = codec.Region("region", moved?.Region ?? default);
                fact = moved ?? new BountyMoved(movedBounty, movedTo);
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
        HandoverBegan => 12,
        HandoverEnded => 13,
        Succeeded => 14,
        Entrusted => 15,
        Dispatched => 16,
        BountyMoved => 17,
        _ => throw new UnreachableException(),
    };
}

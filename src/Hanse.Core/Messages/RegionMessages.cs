using Hanse.Core.Identity;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Messages;

/// <summary>Hub to strategic layer: a region asks for its charter.</summary>
/// <param name="Capacity">Most nodes it will enrol.</param>
public sealed record HubEnrol(int Capacity) : Message, IShaped<HubEnrol>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.HubEnrol;

    /// <inheritdoc/>
    public static HubEnrol Shape<TCodec>(ref TCodec codec, HubEnrol? value)
        where TCodec : struct, ICodec
    {
        codec.Open("hubEnrol", 1);
        int capacity = codec.Number("capacity", value?.Capacity ?? 0);
        codec.Close();
        return value ?? new HubEnrol(capacity);
    }
}

/// <summary>Strategic layer to hub: you hold the region under this epoch, with this to seed your
/// nodes.</summary>
/// <param name="Epoch">The hub's authority over the region.</param>
/// <param name="Transfer">The transfer that brings the seed.</param>
/// <param name="Seed">Credits for the region's reserve; working capital of its nodes.</param>
public sealed record Charter(Epoch Epoch, TransferId Transfer, Credits Seed) : Message, IShaped<Charter>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.Charter;

    /// <inheritdoc/>
    public static Charter Shape<TCodec>(ref TCodec codec, Charter? value)
        where TCodec : struct, ICodec
    {
        codec.Open("charter", 3);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        TransferId transfer = codec.Transfer("transfer", value?.Transfer ?? default);
        Credits seed = codec.Money("seed", value?.Seed ?? default);
        codec.Close();
        return value ?? new Charter(epoch, transfer, seed);
    }
}

/// <summary>Strategic layer to hub: your authority is over; give out no more work. Hub to strategic layer: I
/// have heard that it is.</summary>
/// <param name="Epoch">Which authority.</param>
/// <param name="Successor">The region whose hub has taken everything over; zero when none has, and what runs
/// is to be brought to its end.</param>
public sealed record CharterEnded(Epoch Epoch, RegionId Successor) : Message, IShaped<CharterEnded>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.CharterEnded;

    /// <inheritdoc/>
    public static CharterEnded Shape<TCodec>(ref TCodec codec, CharterEnded? value)
        where TCodec : struct, ICodec
    {
        codec.Open("charterEnded", 2);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        RegionId successor = codec.Region("successor", value?.Successor ?? default);
        codec.Close();
        return value ?? new CharterEnded(epoch, successor);
    }
}

/// <summary>Which work a bounty is a part of that is worth something only together.</summary>
/// <param name="Number">Its number, one for all of its parts and of nothing else that is open in the region;
/// zero when the bounty stands for itself.</param>
/// <param name="Parts">How many bounties it has, 2 to <see cref="PartsMax"/>; zero without one.</param>
public readonly record struct JointWork(uint Number, int Parts)
{
    /// <summary>Most bounties of one joint work.</summary>
    public const int PartsMax = 8;

    /// <summary>Whether the bounty stands for itself.</summary>
    public bool IsNone => Number == 0;

    /// <summary>Whether it can be.</summary>
    public bool IsSound => IsNone ? Parts == 0 : Parts is >= 2 and <= PartsMax;
}

/// <summary>A bounty: so much of a commodity, at a depot, by a deadline, worth so much.</summary>
/// <param name="Id">Given by the strategic layer.</param>
/// <param name="Commodity">What.</param>
/// <param name="Depot">Where.</param>
/// <param name="Total">How much; positive.</param>
/// <param name="Lot">The lot that prices refer to; positive.</param>
/// <param name="ValuePerLot">What a lot is worth to the fleet: the reserve price.</param>
/// <param name="Deadline">By when; whole second.</param>
public sealed record Bounty(
    BountyId Id, Commodity Commodity, DepotId Depot, Grams Total, Grams Lot, Credits ValuePerLot,
        Instant Deadline)
    : IShaped<Bounty>
{
    /// <summary>The largest worth of a bounty: a million credits per lot times a million lots stays in
    /// range.</summary>
    public const long LotsMax = 1_000_000;

    /// <summary>So much over what a contract holds still counts, in millionths of it, if it is open: what
    /// some machines load over makes up for what others bring short, and fewer crumbs are left for which
    /// nobody would go.</summary>
    public const int OverDeliveryPpm = 20_000;

    /// <summary>The most that a contract counts for while it lives.</summary>
    /// <param name="held">What it holds.</param>
    /// <param name="open">What nobody holds or has delivered.</param>
    public static Grams Countable(Grams held, Grams open) =>
        held + Grams.Min(Grams.Max(open, Grams.Zero), held.Share(new PartsPerMillion(OverDeliveryPpm)));

    /// <summary>What kind of work it is.</summary>
    public WorkKind Kind { get; init; } = WorkKind.Deliver;

    /// <summary>The site it is done at; zero when that is the node's choice, and for transports.</summary>
    public SiteId Site { get; init; }

    /// <summary>So much of the total is asked for in case that some of those who take the work do not bring
    /// it. When the rest has arrived it is wanted no more. For deliveries only; less than the
    /// total.</summary>
    public Grams Backup { get; init; }

    /// <summary>What is wanted in the end.</summary>
    public Grams Needed => Total - Backup;

    /// <summary>The work it is a part of: given to nodes together with the other parts, or not at all. For
    /// deliveries only.</summary>
    public JointWork Joint { get; init; }

    /// <summary>The depot that the goods come from; zero unless it is a transport.</summary>
    public DepotId From { get; init; }

    /// <summary>The depot out of whose store it is done; zero when it takes nothing of any.</summary>
    public DepotId Source => Kind switch
    {
        WorkKind.Build => Depot,
        WorkKind.Transport => From,
        WorkKind.Repair when Total > WorkFields.NoSpares => Depot,
        _ => default,
    };

    /// <summary>Whether it can be ordered: work at a site names the site, and a transport another depot than
    /// it goes to; only deliveries have a backup or are part of a joint work, and repairs are asked for by
    /// those that need them.</summary>
    public bool IsSound => !Id.IsHelp && (Joint.IsNone || !Id.IsLots) && Kind switch
    {
        WorkKind.Repair => false,
        WorkKind.Deliver => From.Value == 0,
        WorkKind.Transport => From.Value > 0 && From != Depot && Site.Value == 0 && IsPlain,
        _ => Site.Value > 0 && From.Value == 0 && IsPlain,
    };

    private bool IsPlain => Backup == Grams.Zero && Joint.IsNone;

    /// <summary>What the whole bounty is worth: the escrow it needs.</summary>
    public Credits Worth => ValuePerLot.ForPart(Total, Lot);

    /// <inheritdoc/>
    public static Bounty Shape<TCodec>(ref TCodec codec, Bounty? value)
        where TCodec : struct, ICodec
    {
        codec.Open("bounty", 12);
        BountyId id = codec.Bounty("id", value?.Id ?? default);
        var commodity = (Commodity)codec.Integer("commodity", (long)(value?.Commodity ?? 0), 1, 4);
        DepotId depot = codec.Depot("depot", value?.Depot ?? default);
        Grams total = new(codec.Integer("total", value?.Total.Value ?? 0, 1, Grams.ValueMax));
        Grams lot = new(codec.Integer("lot", value?.Lot.Value ?? 0, 1, Grams.ValueMax));
        Credits worth = new(codec.Integer("valuePerLot", value?.ValuePerLot.Micro
            ?? 0, 0, Credits.MicroMax / LotsMax));
        Instant deadline = codec.Second("deadline", value?.Deadline ?? default);
        (WorkKind kind, SiteId site, DepotId from) = WorkFields.Shape(
            ref codec, value?.Kind ?? 0, value?.Site ?? default, value?.From ?? default);
        Grams backup = codec.Mass("backup", value?.Backup ?? default);
        var joint = new JointWork(
            (uint)codec.Integer("joint", value?.Joint.Number ?? 0, 0, uint.MaxValue),
            (int)codec.Integer("parts", value?.Joint.Parts ?? 0, 0, JointWork.PartsMax));
        codec.Close();
        if (codec.IsReading && !codec.Failed && !joint.IsSound)
        {
            codec.Refuse("a joint work has a number and at least two parts");
        }

        if (codec.IsReading && !codec.Failed && backup >= total)
        {
            codec.Refuse("a bounty's backup is less than all of it");
        }

        if (codec.IsReading && !codec.Failed && (total.Value + LotsMax - 1) / LotsMax > lot.Value)
        {
            codec.Refuse("a bounty has at most a million lots");
        }

        return value ?? new Bounty(id, commodity, depot, total, lot, worth, deadline)
        {
            Kind = kind,
            Site = site,
            Backup = backup,
            Joint = joint,
            From = from,
        };
    }
}

/// <summary>Strategic layer to hub: a bounty, and the credits that pay for it.</summary>
/// <param name="Bounty">The bounty.</param>
/// <param name="Transfer">The transfer that brings its whole worth.</param>
public sealed record BountyPosted(Bounty Bounty, TransferId Transfer) : Message, IShaped<BountyPosted>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.BountyPosted;

    /// <inheritdoc/>
    public static BountyPosted Shape<TCodec>(ref TCodec codec, BountyPosted? value)
        where TCodec : struct, ICodec
    {
        codec.Open("bountyPosted", 2);
        Bounty bounty = Bounty.Shape(ref codec, value?.Bounty);
        TransferId transfer = codec.Transfer("transfer", value?.Transfer ?? default);
        codec.Close();
        return value ?? new BountyPosted(bounty, transfer);
    }
}

/// <summary>Either way between hub and strategic layer: your transfer is in my books; close it in
/// yours.</summary>
/// <param name="Transfer">The transfer, by the sender's count.</param>
public sealed record CreditsReceived(TransferId Transfer) : Message, IShaped<CreditsReceived>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.CreditsReceived;

    /// <inheritdoc/>
    public static CreditsReceived Shape<TCodec>(ref TCodec codec, CreditsReceived? value)
        where TCodec : struct, ICodec
    {
        codec.Open("creditsReceived", 1);
        TransferId transfer = codec.Transfer("transfer", value?.Transfer ?? default);
        codec.Close();
        return value ?? new CreditsReceived(transfer);
    }
}

/// <summary>Hub to strategic layer: the bounty is over, and this is what is left of its escrow.</summary>
/// <param name="Bounty">The bounty.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Delivered">What the scale measured in all.</param>
/// <param name="Paid">What was paid to nodes.</param>
/// <param name="LowestAsk">The lowest price per lot offered and not taken; zero when there was none.</param>
/// <param name="Transfer">The transfer that returns the rest, by the hub's count.</param>
/// <param name="Returned">The rest.</param>
public sealed record BountyReport(
    BountyId Bounty,
    BountyOutcome Outcome,
    Grams Delivered,
    Credits Paid,
    Credits LowestAsk,
    TransferId Transfer,
    Credits Returned) : Message, IShaped<BountyReport>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.BountyReport;

    /// <inheritdoc/>
    public static BountyReport Shape<TCodec>(ref TCodec codec, BountyReport? value)
        where TCodec : struct, ICodec
    {
        codec.Open("bountyReport", 7);
        BountyId bounty = codec.Bounty("bounty", value?.Bounty ?? default);
        var outcome = (BountyOutcome)codec.Integer("outcome", (long)(value?.Outcome ?? 0), 1, 4);
        Grams delivered = codec.Mass("delivered", value?.Delivered ?? default);
        Credits paid = codec.Money("paid", value?.Paid ?? default);
        Credits ask = codec.Money("lowestAsk", value?.LowestAsk ?? default);
        TransferId transfer = codec.Transfer("transfer", value?.Transfer ?? default);
        Credits returned = codec.Money("returned", value?.Returned ?? default);
        codec.Close();
        return value ?? new BountyReport(bounty, outcome, delivered, paid, ask, transfer, returned);
    }
}

/// <summary>Hub to strategic layer: the region in six numbers, once a day.</summary>
/// <param name="Enrolled">Nodes on the roster.</param>
/// <param name="Late">Nodes silent for longer than their contact plan explains.</param>
/// <param name="OpenBounties">Bounties on the market.</param>
/// <param name="OpenContracts">Contracts under way.</param>
/// <param name="Burned">Credits spent on propellant and spares since the charter.</param>
/// <param name="Scarcity">What work is paid over what its winners asked, of the last awards; zero while
/// there were none.</param>
public sealed record RegionDigest(
    int Enrolled, int Late, int OpenBounties, int OpenContracts, Credits Burned, PartsPerMillion Scarcity)
    : Message, IShaped<RegionDigest>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.RegionDigest;

    /// <inheritdoc/>
    public static RegionDigest Shape<TCodec>(ref TCodec codec, RegionDigest? value)
        where TCodec : struct, ICodec
    {
        codec.Open("regionDigest", 6);
        int enrolled = codec.Number("enrolled", value?.Enrolled ?? 0);
        int late = codec.Number("late", value?.Late ?? 0);
        int bounties = codec.Number("openBounties", value?.OpenBounties ?? 0);
        int contracts = codec.Number("openContracts", value?.OpenContracts ?? 0);
        Credits burned = codec.Money("burned", value?.Burned ?? default);
        var scarcity = new PartsPerMillion(codec.Number("scarcity", value?.Scarcity.Value ?? 0));
        codec.Close();
        return value ?? new RegionDigest(enrolled, late, bounties, contracts, burned, scarcity);
    }
}

using Hanse.Core.Identity;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Messages;

/// <summary>What a bounty asks for. The numbers are on the wire.</summary>
public enum Commodity
{
    /// <summary>Nickel, refined on the node.</summary>
    Nickel = 1,

    /// <summary>Iron, refined on the node.</summary>
    Iron = 2,

    /// <summary>Water, baked out of hydrated rock.</summary>
    Water = 3,

    /// <summary>Silicate for shielding and glass.</summary>
    Silicate = 4,
}

/// <summary>What kind of work a bounty asks for. Every kind brings a mass to a place, and prices are per lot
/// of it; they differ in where it comes from, where it goes and who is believed about it. The numbers are on
/// the wire.</summary>
public enum WorkKind
{
    /// <summary>Cargo of whatever site the node chooses is brought to the depot; its scale is
    /// believed.</summary>
    Deliver = 1,

    /// <summary>The node goes to the site and tells its grade; a lot is one report. The node is believed in
    /// part, and for the rest until an extraction contradicts it.</summary>
    Survey = 2,

    /// <summary>Parts from the depot are brought to the site and put in place; an instrument of the hub's at
    /// the site is believed.</summary>
    Build = 3,

    /// <summary>Goods out of one depot's store are brought into another's; the scales of both are
    /// believed, and between them the node answers for what it carries.</summary>
    Transport = 4,

    /// <summary>A machine that has broken down is mended where it is, with spares from the depot; a lot is
    /// all of them. The one that was mended is believed, since it pays.</summary>
    Repair = 5,
}

/// <summary>The two fields that say what kind of work it is and where, of a bounty, a request and an
/// itinerary.</summary>
internal static class WorkFields
{
    /// <summary>The last kind of work there is.</summary>
    public const WorkKind KindMax = WorkKind.Repair;

    /// <summary>The quantity of a repair that needs no spares: it is nominal.</summary>
    public static readonly Grams NoSpares = new(1);

    /// <summary>Whether the work begins with parts that a depot hands out.</summary>
    public static bool TakesParts(WorkKind kind, Grams quantity) =>
        kind == WorkKind.Build || (kind == WorkKind.Repair && quantity > NoSpares);

    /// <summary>Whether it is done whole or not at all.</summary>
    public static bool IsWhole(WorkKind kind) => kind is WorkKind.Survey or WorkKind.Repair;

    /// <summary>Whether what is aboard on the way out is of no use anywhere else, so that the way is gone to
    /// its end.</summary>
    public static bool IsBoundForSite(WorkKind kind) => kind is WorkKind.Build or WorkKind.Repair;

    /// <summary>Walks them. The second names the place that the work is about: the site, or of a transport
    /// the depot that the goods come from.</summary>
    public static (WorkKind Kind, SiteId Site, DepotId From) Shape<TCodec>(
        ref TCodec codec, WorkKind kind, SiteId site, DepotId from)
        where TCodec : struct, ICodec
    {
        kind = (WorkKind)codec.Integer("kind", (long)kind, 1, (long)KindMax);
        return kind == WorkKind.Transport
            ? (kind, default, codec.Depot("from", from)) : (kind, codec.Site("site", site), default);
    }
}

/// <summary>What a plan predicts and a node watches. Each has one unit. The numbers are on the
/// wire.</summary>
public enum Variable
{
    /// <summary>Refined cargo aboard, in grams.</summary>
    Cargo = 1,

    /// <summary>Propellant aboard, in grams.</summary>
    Propellant = 2,

    /// <summary>Wear of the machine: parts per million of its life used up.</summary>
    Wear = 3,

    /// <summary>Progress along the present leg, in metres from its start.</summary>
    Position = 4,
}

/// <summary>Why a node does not bid. The numbers are on the wire.</summary>
public enum NoBidReason
{
    /// <summary>It does bid.</summary>
    None = 0,

    /// <summary>It is under contract.</summary>
    Leased = 1,

    /// <summary>No site it knows yields the commodity, or it cannot reach the depot.</summary>
    NoCapability = 2,

    /// <summary>The round trip needs more propellant than it may spend.</summary>
    NoPropellant = 3,

    /// <summary>No trajectory closes before the deadline.</summary>
    NoTime = 4,

    /// <summary>It would cost more than the reserve price pays.</summary>
    NoProfit = 5,

    /// <summary>It is too worn to take work.</summary>
    Worn = 6,

    /// <summary>It has no credit to stake the bond with.</summary>
    NoBond = 7,

    /// <summary>Its pricing gives no price.</summary>
    NoPrice = 8,
}

/// <summary>Why a node turns an award down or gives a contract back. The numbers are on the wire.</summary>
public enum ReleaseReason
{
    /// <summary>The award came after the last instant at which it may be accepted.</summary>
    TooLate = 1,

    /// <summary>It is under another contract.</summary>
    Leased = 2,

    /// <summary>Its state no longer lets it do the work.</summary>
    Unable = 3,

    /// <summary>A slipped plan cannot meet the deadline any more.</summary>
    Slipped = 4,
}

/// <summary>How a contract ended. The numbers are on the wire.</summary>
public enum ContractOutcome
{
    /// <summary>Delivered, weighed and paid.</summary>
    Settled = 1,

    /// <summary>Its lease ran out undelivered; the work is back on the market.</summary>
    Expired = 2,

    /// <summary>The node gave it back.</summary>
    Released = 3,

    /// <summary>Delivered after it expired: recognised, and paid only for what nobody else had taken
    /// over.</summary>
    DeliveredLate = 4,

    /// <summary>Its bounty was withdrawn before there was anything aboard; compensated.</summary>
    Cancelled = 5,
}

/// <summary>What a node does about work that is not wanted any more. The numbers are on the wire.</summary>
public enum CancelAnswer
{
    /// <summary>It holds no such contract.</summary>
    NotHeld = 1,

    /// <summary>It stops, and has not left its depot.</summary>
    Waiting = 2,

    /// <summary>It stops on the way or at the site, with nothing aboard, and comes back.</summary>
    Stopped = 3,

    /// <summary>It has cargo aboard and delivers it: the contract stands.</summary>
    Kept = 4,
}

/// <summary>How a bounty ended. The numbers are on the wire.</summary>
public enum BountyOutcome
{
    /// <summary>All of it arrived.</summary>
    Filled = 1,

    /// <summary>Some of it arrived.</summary>
    PartlyFilled = 2,

    /// <summary>None of it arrived.</summary>
    Unfilled = 3,

    /// <summary>It was withdrawn, whatever of it had arrived.</summary>
    Cancelled = 4,
}

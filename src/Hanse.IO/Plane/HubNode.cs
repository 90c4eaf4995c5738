using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Time;

namespace Hanse.IO.Plane;

/// <summary>Where a node stands with a hub.</summary>
public enum NodePresence
{
    /// <summary>It was another hub's and has not called here yet.</summary>
    Expected = 1,

    /// <summary>The hub works with it, and has heard it as its contact plan says.</summary>
    Active = 2,

    /// <summary>The hub works with it, and has not heard it for longer than its contact plan
    /// explains.</summary>
    Late = 3,

    /// <summary>It belongs to another region now.</summary>
    Left = 4,

    /// <summary>It is told to end its service, and still owes or is owed something.</summary>
    Retiring = 5,

    /// <summary>Its service is over.</summary>
    Retired = 6,
}

/// <summary>A node as its hub sees it, for people.</summary>
/// <param name="Node">Which.</param>
/// <param name="Presence">Where it stands.</param>
/// <param name="Epoch">The hub's authority over it.</param>
/// <param name="Class">Capability class.</param>
/// <param name="Generation">Hardware generation.</param>
/// <param name="LastHeard">When its newest frame came; null before the first.</param>
/// <param name="Contract">The work it holds; null for none.</param>
/// <param name="Bounty">What that is for; null for none.</param>
/// <param name="Due">When that is due; null for none.</param>
/// <param name="CargoGrams">Cargo aboard, as expected now.</param>
/// <param name="PropellantGrams">Propellant aboard, as expected now.</param>
/// <param name="WearPpm">Wear in millionths of its life, as expected now.</param>
public sealed record HubNode(
    NodeId Node, NodePresence Presence, uint Epoch, int Class, int Generation, Instant? LastHeard,
    ContractId? Contract, BountyId? Bounty, Instant? Due, long CargoGrams, long PropellantGrams, long WearPpm)
{
    /// <summary>Nodes of a hub, by number. Cost: linear in the nodes up to the last of them.</summary>
    /// <param name="hub">The hub.</param>
    /// <param name="now">The mission's time.</param>
    /// <param name="after">Those with greater numbers only.</param>
    /// <param name="atMost">So many.</param>
    public static ImmutableArray<HubNode> Of(RegionalHub hub, Instant now, NodeId after, int atMost) =>
    [
        .. hub.Roster.Where(entry => entry.Key.CompareTo(after) > 0).Take(atMost)
            .Select(entry => Of(hub, now, entry.Key, entry.Value)),
    ];

    private static HubNode Of(RegionalHub hub, Instant now, NodeId node, RosterEntry entry)
    {
        Contract? held = hub.Market.HeldBy(node);
        NodePresence presence = entry.IsRetired ? NodePresence.Retired
            : entry.HasLeft ? NodePresence.Left
            : hub.Retiring.ContainsKey(node) ? NodePresence.Retiring
            : !entry.HasArrived ? NodePresence.Expected
            : entry.SilenceAt(now) == Silence.Late ? NodePresence.Late : NodePresence.Active;
        return new HubNode(
            node, presence, entry.Epoch.Value, entry.Class, entry.Generation,
            entry.Link.HasHeard ? entry.Link.LastHeard : null, held?.Id, held?.Winner.Bounty, held?.Due,
            entry.Twin.At(Variable.Cargo, now), entry.Twin.At(Variable.Propellant, now),
            entry.Twin.At(Variable.Wear, now));
    }
}

/// <summary>A bounty as its hub sees it, for people.</summary>
/// <param name="Bounty">What was posted.</param>
/// <param name="Since">Since when it is on this market.</param>
/// <param name="WantedGrams">What is wanted of it.</param>
/// <param name="DeliveredGrams">Weighed and counted so far.</param>
/// <param name="UnderContractGrams">Held by contracts that are not over.</param>
/// <param name="Contracts">Contracts that are not over.</param>
/// <param name="PaidMicros">Paid so far, in millionths of a credit.</param>
/// <param name="ShortBatches">Batches that left some of it open.</param>
public sealed record HubBounty(
    Bounty Bounty, Instant Since, long WantedGrams, long DeliveredGrams, long UnderContractGrams,
    int Contracts, long PaidMicros, int ShortBatches)
{
    /// <summary>Open bounties of a hub, by number. Cost: linear in those up to the last of them.</summary>
    /// <param name="hub">The hub.</param>
    /// <param name="after">Those with greater numbers only.</param>
    /// <param name="atMost">So many.</param>
    public static ImmutableArray<HubBounty> Of(RegionalHub hub, BountyId after, int atMost) =>
    [
        .. hub.Market.Bounties.Where(entry => entry.Key.CompareTo(after) > 0).Take(atMost)
            .Select(entry => Of(entry.Value)),
    ];

    private static HubBounty Of(OpenBounty open) => new(
        open.Bounty, open.Since, open.Wanted.Value, open.Delivered.Value, open.UnderContract.Value,
        open.Contracts, open.Paid.Micro, open.ShortBatches);
}

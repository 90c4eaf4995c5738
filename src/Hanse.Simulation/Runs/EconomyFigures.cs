using System.Collections.Immutable;

namespace Hanse.Simulation.Runs;

/// <summary>What the market was worth. Money is in credits, shares are of one. True costs are what a contract
/// really took, at the mission's prices; no machine knows them.</summary>
/// <param name="FilledByMass">Of the bounties whose deadline fell inside the run: counted over wanted
/// mass.</param>
/// <param name="FilledByValue">The same, by value.</param>
/// <param name="Value">Of everything that counted, by its bounty's value per lot.</param>
/// <param name="Paid">For it.</param>
/// <param name="Cost">True costs of all contracts that are over: settled, late, or come to nothing.</param>
/// <param name="Tolls">Of berths and faces, paid by nodes.</param>
/// <param name="Profit">Paid less cost and tolls.</param>
/// <param name="Surplus">Value less cost.</param>
/// <param name="Settled">The contracts that were settled in time.</param>
/// <param name="Wasted">True costs of contracts that came to nothing, and of late ones that were not
/// paid.</param>
/// <param name="UnderWay">True costs so far of contracts that were not over at the end; in no other
/// figure.</param>
/// <param name="Equality">Jain's index of the profits of nodes that live: 1 when all earned alike, 1 over
/// their number when one earned all.</param>
/// <param name="Regions">Scarcity by region.</param>
/// <param name="Conduct">What nodes earned by how they conduct themselves; empty when all are
/// honest.</param>
/// <param name="Critical">Bounties with a backup.</param>
/// <param name="Joint">Joint works.</param>
/// <param name="Orphans">Contracts whose holder died.</param>
/// <param name="NoBids">Requests that nodes did not bid on, by reason, most frequent first.</param>
public sealed record EconomyFigures(
    double FilledByMass,
    double FilledByValue,
    double Value,
    double Paid,
    double Cost,
    double Tolls,
    double Profit,
    double Surplus,
    SettledFigures Settled,
    double Wasted,
    double UnderWay,
    double Equality,
    ImmutableArray<RegionScarcity> Regions,
    ImmutableArray<ConductFigures> Conduct,
    CriticalFigures Critical,
    JointFigures Joint,
    OrphanFigures Orphans,
    ImmutableArray<NoBidCount> NoBids);

/// <summary>Contracts that were settled in time.</summary>
/// <param name="Count">How many.</param>
/// <param name="Paid">For them.</param>
/// <param name="Propellant">True cost of the propellant burnt.</param>
/// <param name="Wear">True cost of the wear caused.</param>
/// <param name="Time">Cost of the time from award to unloading.</param>
/// <param name="MeanHours">Mean of that time, hours.</param>
/// <param name="LosingShare">Share of them that were paid less than they cost.</param>
/// <param name="MeanLossShare">Mean loss of those over the mean cost of all.</param>
/// <param name="PaidOverCost">Scarcity: paid over true cost.</param>
/// <param name="ClaimedOverCost">What the nodes had asked for over true cost.</param>
public sealed record SettledFigures(
    int Count,
    double Paid,
    double Propellant,
    double Wear,
    double Time,
    double MeanHours,
    double LosingShare,
    double MeanLossShare,
    double PaidOverCost,
    double ClaimedOverCost);

/// <summary>One region's settled contracts.</summary>
/// <param name="Depot">Its depot.</param>
/// <param name="Settled">How many.</param>
/// <param name="PaidOverCost">Paid over true cost; 0 without any.</param>
/// <param name="PaidOverAsked">What its hub told the strategic layer last: paid over asked of its last
/// awards; 0 when it told nothing.</param>
public sealed record RegionScarcity(string Depot, int Settled, double PaidOverCost, double PaidOverAsked);

/// <summary>Bounties with a backup whose deadline fell inside the run.</summary>
/// <param name="Count">How many.</param>
/// <param name="Whole">Of which all that was needed arrived in time, within the scale's tolerance.</param>
/// <param name="FilledByMass">What arrived of what was needed.</param>
/// <param name="BeyondByMass">What arrived beyond it.</param>
public sealed record CriticalFigures(int Count, int Whole, double FilledByMass, double BeyondByMass);

/// <summary>Joint works whose last deadline fell inside the run.</summary>
/// <param name="Count">How many.</param>
/// <param name="Begun">Of which some was ever given to somebody.</param>
/// <param name="Whole">Of which all that was needed of all parts arrived in time, within the scale's
/// tolerance.</param>
/// <param name="None">Of which nothing arrived.</param>
/// <param name="FilledByMass">What arrived of what was needed.</param>
/// <param name="HeldBack">Nodes that were held back for any of them, once a batch each.</param>
public sealed record JointFigures(
    int Count, int Begun, int Whole, int None, double FilledByMass, int HeldBack);

/// <summary>What nodes of one conduct earned.</summary>
/// <param name="Conduct">Its name.</param>
/// <param name="Nodes">How many conduct themselves so.</param>
/// <param name="Profit">Mean profit of those that live at the end, credits: paid less true cost of the
/// contracts that are over.</param>
/// <param name="Settled">Their contracts that were settled in time.</param>
/// <param name="LosingShare">Share of those that were paid less than they cost.</param>
public sealed record ConductFigures(
    string Conduct, int Nodes, double Profit, int Settled, double LosingShare);

/// <summary>Contracts whose holder died: count = asked + gone + missed + waiting.</summary>
/// <param name="Count">Contracts that were live when their holder died, or were awarded to a dead
/// node.</param>
/// <param name="Asked">Whose work was asked for again.</param>
/// <param name="AskedWithinCycle">Of those, within one cycle of the instant at which the hub could
/// know.</param>
/// <param name="Gone">Whose work was not wanted any more when the hub could know: the bounty's deadline had
/// passed, or it was filled.</param>
/// <param name="Missed">Whose work was wanted, and not asked for in the next batch nor later.</param>
/// <param name="Waiting">Of which the hub could not know before the end, or has not opened a batch
/// since.</param>
/// <param name="MaxHours">Longest time from when the hub could know to the batch that asks again,
/// hours.</param>
/// <param name="MeanHoursFromDeath">Mean time from the death, or the award to a dead node, to that batch,
/// hours.</param>
public sealed record OrphanFigures(
    int Count,
    int Asked,
    int AskedWithinCycle,
    int Gone,
    int Missed,
    int Waiting,
    double MaxHours,
    double MeanHoursFromDeath);

/// <summary>How often a request found no bid for a reason.</summary>
/// <param name="Reason">Its name, as in <see cref="Core.Messages.NoBidReason"/>.</param>
/// <param name="Count">How often.</param>
public sealed record NoBidCount(string Reason, long Count);

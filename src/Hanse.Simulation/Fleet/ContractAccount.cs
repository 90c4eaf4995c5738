using System;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Simulation.World;

namespace Hanse.Simulation.Fleet;

/// <summary>What one contract cost and brought, in microcredits.</summary>
/// <remarks>It is over when both its hub and its node are done with it, in either order: a node may be on its
/// way home long after its hub has taken the work back, and a hub learns of a death by the end of a
/// lease.</remarks>
internal sealed class ContractAccount(
    int node, int region, Bounty bounty, MarketFact.Awarded awarded, long asked, long at)
{
    // What the machine had burnt and worn, and been in danger of, when it began.
    private (double Burnt, double Worn, double Danger)? _begun;

    public ContractId Id { get; } = awarded.Contract;

    public int Node { get; } = node;

    /// <summary>The region whose hub holds it; another once that is taken over.</summary>
    public int Region { get; set; } = region;

    public Bounty Bounty { get; } = bounty;

    /// <summary>When it is due; later than at first when that was granted.</summary>
    public Instant Due { get; set; } = awarded.Due;

    /// <summary>What the node had asked for the quantity that it was given; zero when that is not
    /// known.</summary>
    public long Asked { get; } = asked;

    public long AwardedAt { get; } = at;

    public long Propellant { get; private set; }

    /// <summary>Spares for the wear, and the danger of losing the machine to it.</summary>
    public long Wear { get; private set; }

    public long Time { get; private set; }

    public long Cost => Propellant + Wear + Time;

    public long Paid { get; set; }

    /// <summary>Tolls of berths and faces: a cost of the node's, and nobody else's loss.</summary>
    public long Toll { get; set; }

    /// <summary>What the node has of it.</summary>
    public long Profit => Paid - Cost - Toll;

    public long Value { get; set; }

    /// <summary>How it ended at the hub; null while it is live there.</summary>
    public ContractOutcome? Outcome { get; set; }

    /// <summary>Whether the node works on it; what it does not begin costs nothing.</summary>
    public bool IsBegun => _begun is not null;

    /// <summary>Whether the node has unloaded, or is dead.</summary>
    public bool IsNodeDone { get; set; }

    /// <summary>The node sets to work.</summary>
    public void Begin(NodeTruth truth, long now) =>
        _begun = (truth.Burnt, truth.WornEver(now), truth.Danger(now));

    /// <summary>What it has cost until now.</summary>
    public void Count(NodeTruth truth, MissionRules rules, Credits machine, long now)
    {
        if (_begun is { } begun)
        {
            Propellant = Micro(rules.PropellantPerTonne.Micro * (truth.Burnt - begun.Burnt) / 1e6);
            double danger = machine.Micro * (truth.Danger(now) - begun.Danger);
            Wear = Micro((rules.SparesPerLife.Micro * (truth.WornEver(now) - begun.Worn) / 1e6) + danger);
            Time = Micro(rules.HourlyCost.Micro * (now - AwardedAt) / 3600e6);
        }
    }

    private static long Micro(double amount) => (long)Math.Round(amount);
}

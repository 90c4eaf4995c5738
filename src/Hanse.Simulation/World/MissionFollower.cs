using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Messages;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Simulation.Fleet;
using Hanse.Simulation.Runs;

namespace Hanse.Simulation.World;

/// <summary>Follows a mission by the facts that its machines remember, and says how it stands: the same
/// figures that a simulated run reports, of machines that run elsewhere.</summary>
/// <remarks>
/// It has a copy of the strategic layer and of every hub, to which facts are given in the order of each
/// machine; the order between machines does not matter, but for a moment what is on its way between two may
/// be counted on both sides or on none. So it can begin with the first fact of a mission at any time, in any
/// process that can read the facts. Not for several threads at once. Memory: as the machines themselves.
/// <para>
/// Deliberately absent: a region that was taken over by another still has its books here, as it has in its
/// memory.
/// </para>
/// </remarks>
public sealed class MissionFollower
{
    private readonly MissionPlan _plan;
    private readonly StrategicLayer _strategy;
    private readonly RegionalHub[] _hubs;
    private readonly MarketTally _tally = new();
    private readonly MarketNews _news = new();
    private readonly List<Named> _named;
    private long _facts;

    /// <summary>Nothing is known of the mission yet.</summary>
    public MissionFollower(MissionPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        _plan = plan;
        _strategy = new StrategicLayer(plan.Strategy);
        _hubs = [.. plan.Regions.Select(region => new RegionalHub(region.Hub, plan.Skills))];
        _named =
        [
            .. plan.Orders.Where(order => order is { Name: not null, Input: StrategyInput.BountyOrdered })
                .Select(order => new Named(order.Name!, (StrategyInput.BountyOrdered)order.Input)),
        ];
    }

    /// <summary>The strategic layer remembers something.</summary>
    /// <param name="at">When, as it remembers; the epoch where that is not known.</param>
    /// <param name="fact">What.</param>
    public void Take(Instant at, StrategyFact fact)
    {
        ArgumentNullException.ThrowIfNull(fact);
        _facts++;
        _strategy.Apply(fact);
        if (fact is StrategyFact.BountyPosted(var region, var bounty))
        {
            // The number of a bounty is given when it is ordered; whoever orders knows what it is about.
            Named? named = _named.Find(one => !one.IsPosted && one.Is(region, bounty));
            named?.Post(bounty);
            _news.Post(bounty, named?.Name, at.Micros);
        }
    }

    /// <summary>A hub remembers something.</summary>
    /// <param name="at">When, as it remembers; the epoch where that is not known.</param>
    /// <param name="region">Which hub.</param>
    /// <param name="fact">What.</param>
    /// <exception cref="ArgumentException">There is no such region.</exception>
    public void Take(Instant at, RegionId region, HubFact fact)
    {
        ArgumentNullException.ThrowIfNull(fact);
        int place = (int)region.Value - 1;
        if ((uint)place >= (uint)_hubs.Length)
        {
            throw new ArgumentException($"the mission has no region {region.Value}", nameof(region));
        }

        _facts++;
        _hubs[place].Apply(fact);
        if (fact is HubFact.Market(var market))
        {
            _tally.See(place, market, _hubs[place]);
            _news.Hear(_plan.Regions[place].Name, market, _hubs[place], _tally, at.Micros);
        }
    }

    /// <summary>A node died, as somebody knows who sees it.</summary>
    public void Died(Instant at, NodeId node, string how) =>
        _news.Tell(at.Micros, RunEventKind.NodeDied, $"node {node.Value} {how}");

    /// <summary>Forgets the news, which are old: what was remembered before somebody began to
    /// watch.</summary>
    public void Forget() => _ = _news.TakeNews();

    /// <summary>How the mission stands.</summary>
    /// <param name="now">The mission's time.</param>
    /// <param name="dead">Nodes that died, as somebody knows who sees them.</param>
    public RunProgress Progress(Instant now, int dead)
    {
        int late = 0;
        var staleness = new Histogram();
        foreach (RosterEntry entry in _hubs.SelectMany(hub => hub.Roster.Values).Where(one => one.IsActive))
        {
            late += entry.SilenceAt(now) == Silence.Late ? 1 : 0;
            staleness.Add(entry.Staleness(now).TotalHours);
        }

        BountyCounts bounties = _tally.Bounties(_news.Posted);
        return new RunProgress
        {
            Elapsed = now - Instant.Epoch,
            Total = _plan.End - Instant.Epoch,
            Events = _facts,
            Alive = _plan.Nodes.Length - dead,
            Dead = dead,
            UnderContract = _hubs.Sum(hub => hub.Market.LiveContracts),
            Late = late,
            Bounties = bounties,
            BountiesOpen = bounties.Open,
            Contracts = _tally.Contracts,
            Ledger = Ledger(),
            Staleness = new StalenessFigures(staleness.Quantile(0.5), staleness.Quantile(0.99)),
            Named =
            [
                .. _named.Select(one => _news.Standing(
                    one.Name, one.Bounty, _plan.Regions[(int)one.Region.Value - 1].Name,
                    _hubs[(int)one.Region.Value - 1])),
            ],
            News = _news.TakeNews(),
        };
    }

    private LedgerTotals Ledger()
    {
        long minted = 0, escrow = 0, inTransit = 0, balances = 0, burned = 0;
        foreach ((AccountId account, Credits held) in
            _hubs.SelectMany(hub => hub.Books.Accounts).Concat(_strategy.Books.Accounts))
        {
            switch (account.Kind)
            {
                case AccountKind.Mint:
                    minted -= held.Micro;
                    break;
                case AccountKind.Escrow:
                    escrow += held.Micro;
                    break;
                case AccountKind.Transit or AccountKind.Correspondent:
                    inTransit += held.Micro; // Acknowledged, it is in neither: the two ends cancel out.
                    break;
                case AccountKind.Burned:
                    burned += held.Micro;
                    break;
                default:
                    balances += held.Micro;
                    break;
            }
        }

        return new LedgerTotals(
            minted / 1e6, escrow / 1e6, inTransit / 1e6, balances / 1e6, burned / 1e6,
            minted == escrow + inTransit + balances + burned);
    }

    // A bounty of the scenario that people have a name for, and what it became.
    private sealed class Named(string name, StrategyInput.BountyOrdered order)
    {
        public string Name { get; } = name;

        public RegionId Region { get; } = order.Region;

        public Bounty Bounty { get; private set; } = order.Bounty;

        public bool IsPosted { get; private set; }

        public bool Is(RegionId region, Bounty bounty) =>
            region == Region && bounty with { Id = Bounty.Id } == Bounty;

        public void Post(Bounty bounty) => (Bounty, IsPosted) = (bounty, true);
    }
}

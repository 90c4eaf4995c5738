using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Simulation.Runs;

namespace Hanse.Simulation.Fleet;

/// <summary>Follows contracts whose holder died until their work is asked for again.</summary>
/// <remarks>A death cannot be seen. What a hub can know, it knows when the lease is over by its clock (the
/// due time, the clock error and light), or when it takes the work back before; from then on the clock
/// runs.</remarks>
internal sealed class OrphanWatch(Blueprint plan, Func<int, Instant, long> whenShows)
{
    // A cycle ends at a whole second, and clocks run differently.
    private const long CycleSlack = 60_000_000;

    // Those whose hub does not know, and those whose work is to be asked for.
    private readonly HashSet<Orphan> _unknown = [];
    private readonly List<Orphan> _known = [];
    private int _count;
    private int _asked;
    private int _withinCycle;
    private int _gone;
    private int _missed;
    private long _slowest;
    private double _sinceDeath;

    /// <summary>The holder died, or was dead when the work was awarded to it.</summary>
    public void Add(ContractAccount account, long now)
    {
        _count++;
        _ = _unknown.Add(new Orphan(account, now));
    }

    /// <summary>The hub is done with a contract.</summary>
    public void Return(ContractAccount account, ContractOutcome outcome, long now)
    {
        Orphan? orphan = _unknown.FirstOrDefault(known => known.Account == account);
        if (orphan is null)
        {
            return;
        }

        _ = _unknown.Remove(orphan);
        if (outcome is ContractOutcome.Expired or ContractOutcome.Released)
        {
            orphan.KnowableAt = Math.Min(now, LeaseEnd(account));
            _known.Add(orphan);
        }
        else
        {
            _gone++; // It died at the depot, with the cargo on the scale.
        }
    }

    /// <summary>A hub opens a batch.</summary>
    public void Open(int region, ImmutableArray<Request> requests, Auctioneer market, Instant local, long now)
    {
        for (int i = _known.Count - 1; i >= 0; i--)
        {
            Orphan orphan = _known[i];
            if (orphan.Account.Region == region && IsOver(orphan, requests, market, local, now))
            {
                _known.RemoveAt(i);
            }
        }
    }

    public OrphanFigures Report() => new(
        _count,
        _asked,
        _withinCycle,
        _gone,
        _missed,
        _unknown.Count + _known.Count,
        _slowest / 3600e6,
        _asked > 0 ? _sinceDeath / _asked / 3600e6 : 0);

    private bool IsOver(
        Orphan orphan, ImmutableArray<Request> requests, Auctioneer market, Instant local, long now)
    {
        Bounty wanted = orphan.Account.Bounty;
        if (requests.Any(request => request.Bounty == wanted.Id))
        {
            long since = now - orphan.KnowableAt;
            _asked++;
            _withinCycle += since <= (long)plan.Rules.CyclePeriod.TotalMicroseconds + CycleSlack ? 1 : 0;
            _slowest = Math.Max(_slowest, since);
            _sinceDeath += now - orphan.DiedAt;
            return true;
        }

        bool isWanted = market.Bounties.TryGetValue(wanted.Id, out OpenBounty? open)
            && open.IsWanted(local, plan.Rules.FillTolerance);
        if (isWanted)
        {
            orphan.IsPassedOver = true;
            return false;
        }

        _missed += orphan.IsPassedOver ? 1 : 0;
        _gone += orphan.IsPassedOver ? 0 : 1;
        return true;
    }

    private long LeaseEnd(ContractAccount account)
    {
        TimeSpan light = plan.Regions[account.Region].Hub.NodeContacts.LightTime;
        return whenShows(account.Region, account.Due + plan.Rules.ClockErrorMax + light);
    }

    private sealed class Orphan(ContractAccount account, long diedAt)
    {
        public ContractAccount Account { get; } = account;

        public long DiedAt { get; } = diedAt;

        public long KnowableAt { get; set; }

        /// <summary>Whether a batch was opened without it though it was wanted.</summary>
        public bool IsPassedOver { get; set; }
    }
}

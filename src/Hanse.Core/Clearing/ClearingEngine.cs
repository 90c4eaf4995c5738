using System;
using System.Collections.Immutable;

namespace Hanse.Core.Clearing;

/// <summary>Clears a market: decides at once which node does which task, and what it is paid.</summary>
/// <remarks>
/// The problem: many tasks, each with a reserve, the most that is paid for it; many nodes, each with bids on
/// some of the tasks; the surplus, reserves less costs of what finds a node, is to be as great as it can be.
/// Taken one after the other, tasks take each other's nodes away, which loses up to an eighth of it.
/// <para>
/// The idea: an auction inside the machine (Bertsekas 1988), nodes bidding. The price of a task begins at its
/// reserve; each node without a task undercuts, at the task that would gain it most, down to where the second
/// would gain it as much, and the increment further, but never below its own cost; whom it displaces bids
/// again. When nodes die or tasks are new, prices stand and tasks without owner ask, which is the mirror
/// image (Bertsekas, Castanon and Tsaknakis 1993). Divisible tasks are cleared by units, several contracts a
/// node by a price a unit of its capacity and a search.
/// </para>
/// <para>
/// Invariants, asserted after every clear, in release builds too: no node would gain more than the slack by
/// moving; a task without owner stands at its reserve; a winner is paid at least its claim and at most the
/// reserve; no node is paid twice. They imply a surplus within the slack, times the winners, of the best;
/// without slack they prove it the best. A problem, rules and standing contracts always give the same
/// outcome, and ties fall to the least hash of task, node and epoch.
/// </para>
/// <para>
/// Absent on purpose: hubs, messages, time, who may bid, and what a bid means. The room knows numbers only.
/// Buffers belong to the engine and are reused: keep one, and clear with it again and again. docs/clearing.md
/// has the mathematics and what was measured.
/// </para>
/// </remarks>
public sealed class ClearingEngine
{
    private const long ScaledMax = 1L << 60;

    // The first increment of an exact clear, as a share of the mean reserve, and how it shrinks.
    private const int FirstShare = 100;
    private const int IncrementShrink = 6;

    private const int RentPassesMax = 1_000;
    private const int RaisePassesMax = 100;
    private const int RaiseTolerance = 8; // A share of the increment.

    private readonly UnitAuction _auction = new();
    private readonly CompetitiveRents _rents = new();
    private readonly ClearingAudit _audit = new();
    private readonly LotAuction _lots = new();
    private readonly LotAudit _lotAudit = new();
    private readonly BundleAuction _bundles = new();

    /// <summary>Clears from scratch; at most one task a node.</summary>
    public ClearingOutcome Clear(ClearingProblem problem, ClearingRules rules)
    {
        long increment = rules.IncrementFor(problem);
        _auction.Open(problem, rules.Epoch, scale: 1);
        _auction.Forward(increment);
        return Pay(problem, rules, increment, []);
    }

    /// <summary>Clears from what stands: what has changed since is mended, the rest stays; at most one task a
    /// node.</summary>
    /// <param name="problem">All of the market as it is now, bids on locked contracts included.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="standing">Prices, owners and locks, in the numbers of <paramref name="problem"/>. With
    /// <see cref="StandingContracts.ForFreeNodesOnly"/> orphans go to free nodes, and nothing moves.</param>
    public ClearingOutcome ClearAgain(
        ClearingProblem problem, ClearingRules rules, StandingContracts standing)
    {
        long increment = rules.IncrementFor(problem);
        _auction.Resume(problem, rules.Epoch, standing, increment);
        _auction.Forward(increment);
        _auction.Reverse(increment);
        _auction.Close(standing);
        return Pay(problem, rules, increment, standing.Locked);
    }

    /// <summary>Clears to the best there is, by ever smaller increments, and pays the rents of Vickrey,
    /// Clarke and Groves; at most one task a node.</summary>
    /// <returns>With <see cref="ClearingOutcome.Slack"/> zero, proved to be the best. When the rents were not
    /// found, the clearing prices, a slack above zero, and the reason as its remark.</returns>
    public ClearingOutcome ClearExactly(ClearingProblem problem, ClearingRules rules)
    {
        // With an increment below 1 / (winners + 1) of a microcredit nothing better is left (Bertsekas 1988).
        long greatest = Greatest(problem);
        long scale = Math.Min(Math.Min(problem.Nodes, problem.TaskCount) + 1L, ScaledMax / greatest);
        long increment = Math.Max(1, problem.MeanReserve / FirstShare * scale);
        _auction.Open(problem, rules.Epoch, scale);
        _auction.Forward(increment);
        while (increment > 1)
        {
            increment = Math.Max(1, increment / IncrementShrink);
            _auction.Refine(increment);
            _auction.Forward(increment);
            _auction.Reverse(increment);
        }

        if (_rents.TryFind(problem, _auction.Owners, _auction.TaskOf, RentPassesMax))
        {
            return Judge(problem, _rents.Prices, 0, [], PaymentRule.VickreyRent, string.Empty);
        }

        var prices = new long[problem.TaskCount];
        for (int task = 0; task < prices.Length; task++)
        {
            prices[task] = _auction.Prices[task] / scale;
        }

        // Rounding prices down loses less than one, and so does an increment of one over the scale.
        return Judge(problem, prices, 1, [], PaymentRule.ClearingPrice, _rents.Remark);
    }

    /// <summary>Clears divisible tasks, all at once, with one price a task.</summary>
    public LotOutcome ClearLots(ClearingProblem problem, ClearingRules rules, LotTerms terms)
    {
        long increment = rules.IncrementFor(problem);
        _lots.Run(problem, terms, rules.Epoch, increment);
        _lotAudit.Judge(problem, terms, _lots.Units, _lots.Prices, increment);
        return new LotOutcome
        {
            Units = [.. _lots.Units],
            Prices = [.. _lots.Prices],
            Surplus = _lotAudit.Surplus,
            Filled = _lotAudit.Filled,
            BidsMade = _lots.BidsMade,
            Slack = increment,
        };
    }

    /// <summary>Clears with as many tasks a node as it has room for. Near the best, and with a bound that
    /// says how near; not proved, and not proof against lies.</summary>
    public BundleOutcome ClearBundles(ClearingProblem problem, ClearingRules rules, BundleTerms terms) =>
        _bundles.Run(problem, terms, rules);

    private static long Greatest(ClearingProblem problem)
    {
        long greatest = 1;
        foreach (long reserve in problem.Reserves)
        {
            greatest = Math.Max(greatest, reserve);
        }

        foreach (long cost in problem.Costs)
        {
            greatest = Math.Max(greatest, cost);
        }

        return greatest;
    }

    private ClearingOutcome Pay(
        ClearingProblem problem, ClearingRules rules, long increment, ReadOnlySpan<bool> locked)
    {
        if (rules.Payment == PaymentRule.ClearingPrice)
        {
            return Judge(problem, _auction.Prices, increment, locked, rules.Payment, string.Empty);
        }

        bool found = _rents.TryRaise(problem, _auction.Owners, _auction.TaskOf, _auction.Prices, locked,
            increment / RaiseTolerance, RaisePassesMax);
        return found
            ? Judge(problem, _rents.Prices, increment, locked, rules.Payment, string.Empty)
            : Judge(problem, _auction.Prices, increment, locked, PaymentRule.ClearingPrice, _rents.Remark);
    }

    private ClearingOutcome Judge(
        ClearingProblem problem, ReadOnlySpan<long> prices, long slack, ReadOnlySpan<bool> locked,
        PaymentRule payment, string remark)
    {
        _audit.Judge(problem, _auction.Owners, prices, slack, locked);
        return new ClearingOutcome
        {
            Owners = ImmutableArray.Create(_auction.Owners),
            Prices = ImmutableArray.Create(prices),
            Surplus = _audit.Surplus,
            Filled = _audit.Filled,
            BidsMade = _auction.BidsMade,
            Slack = slack,
            Payment = payment,
            Remark = remark,
        };
    }
}

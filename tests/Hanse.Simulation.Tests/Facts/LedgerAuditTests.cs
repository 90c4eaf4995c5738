using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using CsCheck;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Strategy;
using Hanse.Core.Units;
using Hanse.IO.Facts;
using Hanse.Simulation.Runs;
using Xunit;

namespace Hanse.Simulation.Tests.Facts;

public class LedgerAuditTests
{
    private static readonly AccountId _mint = new(AccountKind.Mint, 0);
    private static readonly AccountId _burned = new(AccountKind.Burned, 0);

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(8)]
    public void The_ledger_of_a_run_holds_with_the_totals_that_the_run_reports(ulong seed)
    {
        FactsRun run = FactsRun.Play(Swarm.Draw(seed, null));
        LedgerAudit audit = FactsRun.Audit(run.Steps);
        Assert.Null(audit.Finding);
        Agrees(run, audit);
    }

    [Fact]
    public void The_ledger_of_a_region_that_is_taken_over_holds()
    {
        RunOptions drawn = FactsRun.Sample();
        FactsRun run = FactsRun.Play(drawn with
        {
            Scenario = drawn.Scenario with
            {
                Regions = drawn.Scenario.Regions with { Count = 3 },
                Faults = drawn.Scenario.Faults with
                {
                    LostHubDay = 6,
                    LostHubDays = 5,
                    LostHubGoesOn = 1,
                    LostHubAdoptedDays = 2,
                },
            },
        });
        LedgerAudit audit = FactsRun.Audit(run.Steps);
        Assert.Null(audit.Finding);
        Assert.True(audit.Passed > 0);
        Agrees(run, audit);
    }

    [Fact]
    public void The_sample_has_everything_that_is_tampered_with()
    {
        LedgerAudit audit = FactsRun.Audit(FactsRun.Shared.Steps);
        Assert.Null(audit.Finding);
        Assert.True(audit.Payments > 10);
        Assert.True(audit.Forfeited > default(Credits));
        Assert.Contains(FactsRun.Shared.Steps, step => step.Hub.Any(fact => fact is HubFact.NodeReleased));
        Assert.Contains(audit.Bounties.Values,
            bounty => bounty.ClosedAt is not null && bounty.Returned > default(Credits));
    }

    [Fact]
    public void A_payment_that_is_posted_twice_is_found() => Finds(
        "nothing that it remembers calls for that", Tamper(IsPayment, fact => [fact, fact]));

    [Fact]
    public void A_contract_that_is_paid_twice_is_found() => Finds(
        "is delivered twice",
        Change(IsPayment, (step, at) => step.SetItem(0, step[0]).AddRange(step.Where(IsWork)).Add(step[at])));

    [Fact]
    public void A_payment_without_weighing_is_found() => Finds(
        "nothing that it remembers calls for that",
        Change(IsPayment, (step, _) => step.RemoveAll(fact =>
            fact is HubFact.Market { Fact: MarketFact.Delivered or MarketFact.Recognised })));

    [Fact]
    public void A_payment_that_is_not_posted_is_found() =>
        Finds("and are not posted", Tamper(IsPayment, _ => []));

    [Fact]
    public void A_payment_above_the_contracts_price_is_found() => Finds(
        "and its price makes",
        Change(IsPayment, (step, _) => [.. step.Select(fact => fact switch
        {
            HubFact.Market { Fact: MarketFact.Delivered delivered } =>
                new HubFact.Market(delivered with { Paid = delivered.Paid + new Credits(1) }),
            HubFact.Posted when IsPayment(fact) => More(fact, 1),
            _ => fact,
        })]));

    [Fact]
    public void More_that_counts_than_was_weighed_is_found() => Finds(
        "than was weighed",
        Tamper(
            fact => fact is HubFact.Market { Fact: MarketFact.Delivered { Counted.Value: > 0 } },
            fact => [new HubFact.Market(((MarketFact.Delivered)((HubFact.Market)fact).Fact) with
            {
                Weighed = Grams.Zero,
            })]));

    [Fact]
    public void A_bond_that_is_staked_twice_is_found() => Finds(
        "are staked as the bond of contract", Tamper(IsStake, fact => [fact, fact]));

    [Fact]
    public void A_bond_above_the_contracts_worth_is_found() => Finds(
        "are staked as the bond of contract",
        Tamper(IsStake, fact => [More(fact, Credits.MicroMax / 4)]));

    [Fact]
    public void A_bond_without_a_contract_is_found() => Finds(
        "and nothing that is remembered calls for that",
        Change(IsStake, (step, _) => step.RemoveAll(fact =>
            fact is HubFact.Market { Fact: MarketFact.Awarded })));

    [Fact]
    public void A_bond_that_does_not_come_back_is_found() => Finds(
        "holds", Tamper(IsBondBack, _ => []));

    [Fact]
    public void A_bond_that_is_burned_though_the_work_was_done_is_found() => Finds(
        "are forfeited",
        Tamper(
            IsBondBack,
            fact => [new HubFact.Posted(((HubFact.Posted)fact).Posting with { To = _burned })]));

    [Fact]
    public void A_bond_that_a_breach_leaves_to_the_node_is_found() => Finds(
        "holds",
        Tamper(
            fact => fact is HubFact.Posted
            { Posting: { From.Kind: AccountKind.Bond, To.Kind: AccountKind.Burned } },
            _ => []));

    [Fact]
    public void A_run_with_joint_works_holds()
    {
        LedgerAudit audit = FactsRun.Audit(FactsRun.Joint.Steps);
        Assert.Null(audit.Finding);
        Agrees(FactsRun.Joint, audit);

        // Whatever was given of a work for the first time was given of all parts, in one step.
        var joints = new Dictionary<BountyId, JointWork>();
        var begun = new HashSet<uint>();
        (int whole, int broken) = (0, 0);
        foreach (FactStep step in FactsRun.Joint.Steps)
        {
            var given = new HashSet<BountyId>();
            foreach (HubFact.Market fact in step.Hub.OfType<HubFact.Market>())
            {
                if (fact.Fact is MarketFact.BountyOpened { Bounty: { Joint.IsNone: false } bounty })
                {
                    joints[bounty.Id] = bounty.Joint;
                }

                _ = fact.Fact is MarketFact.Awarded awarded && joints.ContainsKey(awarded.Winner.Bounty)
                    && given.Add(awarded.Winner.Bounty);
                broken += fact.Fact is MarketFact.JointBroken ? 1 : 0;
            }

            foreach (IGrouping<JointWork, BountyId> work in given.GroupBy(bounty => joints[bounty]))
            {
                if (begun.Add(work.Key.Number))
                {
                    Assert.Equal(work.Key.Parts, work.Count());
                    whole++;
                }
            }
        }

        Assert.True(whole > 3 && broken > 3, $"{whole} given, {broken} broken");
    }

    [Fact]
    public void The_reduced_sample_has_everything_that_is_tampered_with()
    {
        LedgerAudit audit = FactsRun.Audit(FactsRun.Reduced.Steps);
        Assert.Null(audit.Finding);
        Assert.True(audit.Cancelled > 3, $"{FactsRun.Reduced.Report.Contracts}");
        Assert.True(audit.Compensated > default(Credits));
        Agrees(FactsRun.Reduced, audit);
        Assert.Contains(audit.Bounties.Values, bounty => bounty.Outcome == BountyOutcome.Cancelled);
        Assert.Equal(FactsRun.Reduced.Report.Contracts.Cancelled, audit.Cancelled);
    }

    [Fact]
    public void A_compensation_above_the_price_is_found() => Finds(
        "and its price is",
        Compensation(paid => paid + Credits.FromWhole(1_000)));

    [Fact]
    public void A_compensation_below_the_fixed_share_is_found() => Finds(
        "and its price is", Compensation(_ => new Credits(1)));

    [Fact]
    public void A_compensation_that_is_not_posted_is_found() => Finds(
        "and are not posted",
        Change(FactsRun.Reduced, IsCompensation, (step, at) => step.RemoveAt(PaymentAfter(step, at))));

    [Fact]
    public void A_compensation_that_is_posted_twice_is_found() => Finds(
        "nothing that it remembers calls for that",
        Change(FactsRun.Reduced, IsCompensation, (step, at) => step.Add(step[PaymentAfter(step, at)])));

    [Fact]
    public void A_compensation_and_a_delivery_of_one_contract_are_found() => Finds(
        "is paid for twice",
        Change(FactsRun.Reduced, IsCompensation, (step, at) =>
        {
            MarketFact.Cancelled cancelled = CancelledAt(step, at);
            Winner winner = WinnerOf(cancelled.Contract);
            Credits paid = winner.PricePerLot.ForPart(
                winner.Quantity, FactsRun.Audit(FactsRun.Reduced.Steps).Bounties[winner.Bounty].Bounty.Lot);
            return step.Add(new HubFact.Market(new MarketFact.Delivered(
                cancelled.Contract, ContractOutcome.DeliveredLate, winner.Quantity, winner.Quantity, paid)));
        }));

    [Fact]
    public void A_contract_that_is_cancelled_without_being_asked_is_found() => Finds(
        "and was not to stop",
        [.. FactsRun.Reduced.Steps.Select(step => step with
        {
            Hub = step.Hub.RemoveAll(fact => fact is HubFact.Market { Fact: MarketFact.CancelAsked }),
        })]);

    [Fact]
    public void A_hub_that_reduces_a_bounty_of_its_own_accord_is_found() => Finds(
        "nobody ordered it",
        [.. FactsRun.Reduced.Steps.Select(step => step with
        {
            Strategy = step.Strategy.RemoveAll(fact => fact is StrategyFact.BountyReduced),
        })]);

    [Fact]
    public void A_holder_that_is_stopped_while_its_work_is_wanted_is_found() => Finds(
        "and bounty",
        Change(
            FactsRun.Reduced, fact => fact is HubFact.Market { Fact: MarketFact.CancelAsked },
            (step, _) => step.RemoveAll(fact => fact is HubFact.Market { Fact: MarketFact.Reduced })));

    [Fact]
    public void A_contract_above_the_reserve_is_found() => Finds(
        "above the reserve",
        Tamper(
            fact => fact is HubFact.Market { Fact: MarketFact.Awarded },
            fact =>
            {
                var awarded = (MarketFact.Awarded)((HubFact.Market)fact).Fact;
                Winner winner = awarded.Winner with { PricePerLot = Credits.FromWhole(1_000_000) };
                return [new HubFact.Market(awarded with { Winner = winner })];
            }));

    [Fact]
    public void A_hub_that_mints_is_found() => Finds(
        "only the strategic layer may",
        Tamper(IsPayment, fact => [fact, new HubFact.Posted(
            new Posting(_mint, ((HubFact.Posted)fact).Posting.To, new Credits(1)))]));

    [Fact]
    public void A_bounty_that_is_funded_without_being_posted_is_found() => Finds(
        "is funded twice",
        TamperStrategy(fact => fact is StrategyFact.BountyPosted { Bounty.Id.Value: 2 }, _ => []));

    [Fact]
    public void Money_that_is_minted_for_nothing_is_found() => Finds(
        "for neither a charter nor a new bounty",
        TamperStrategy(
            fact => fact is StrategyFact.Posted { Posting.From.Kind: AccountKind.Mint },
            fact => [fact, new StrategyFact.Posted(new Posting(
                _mint, new AccountId(AccountKind.Transit, 999_999), new Credits(5)))]));

    [Fact]
    public void A_transfer_that_is_booked_twice_is_found() => Finds(
        "is booked twice",
        Repeat(fact => fact is HubFact.TransferReceived { To.Kind: AccountKind.Escrow }
            or HubFact.Posted { Posting.From.Kind: AccountKind.Correspondent }));

    [Fact]
    public void A_transfer_that_brings_more_than_was_sent_is_found() => Finds(
        "is booked with",
        Change(
            fact => fact is HubFact.TransferReceived { To.Kind: AccountKind.Escrow },
            (step, _) => [.. step.Select(fact => fact switch
            {
                HubFact.TransferReceived received =>
                    received with { Amount = received.Amount + new Credits(1) },
                HubFact.Posted { Posting.From.Kind: AccountKind.Correspondent } => More(fact, 1),
                _ => fact,
            })]));

    [Fact]
    public void A_transfer_that_is_closed_before_it_was_booked_is_found() => Finds(
        "the far end has not booked it",
        [.. FactsRun.Shared.Steps.Where(step => step.Machine.Kind != PartyKind.Strategy
            || !step.Strategy.Any(fact => fact is StrategyFact.TransferReceived))]);

    [Fact]
    public void An_escrow_that_vanishes_is_found() => Finds(
        "should go from the escrow of bounty", Tamper(IsReturn, _ => []));

    [Fact]
    public void An_escrow_of_which_a_part_is_returned_is_found() => Finds(
        "were not returned",
        Change(IsReturn, (step, _) => [.. step.Select(fact => fact switch
        {
            HubFact.TransferSent sent => sent with { Amount = sent.Amount - new Credits(1) },
            HubFact.Posted when IsReturn(fact) => More(fact, -1),
            _ => fact,
        })]));

    [Fact]
    public void A_balance_that_is_burned_without_a_sale_is_found() => Finds(
        "nothing was sold to it",
        Change(IsPayment, (step, at) => step.RemoveAll(fact => fact is HubFact.Served).Add(new HubFact.Posted(
            new Posting(((HubFact.Posted)step[at]).Posting.To, _burned, new Credits(1))))));

    [Fact]
    public void Demurrage_above_its_share_is_found() => Finds(
        "of demurrage",
        Change(
            fact => fact is HubFact.Served,
            (step, at) => step.Insert(at + 1, new HubFact.Posted(new Posting(
                new AccountId(AccountKind.Balance, ((HubFact.Served)step[at]).Node.Value),
                _burned,
                Credits.FromWhole(1_000))))));

    [Fact]
    public void A_balance_below_zero_is_found() => Finds(
        "falls to -",
        Tamper(
            fact => fact is HubFact.Posted { Posting.To.Kind: AccountKind.Burned },
            fact => [More(fact, 1_000_000_000)]));

    [Fact]
    public void A_node_that_arrives_with_more_than_it_left_with_is_found() => Finds(
        "and comes with",
        TamperStrategy(
            fact => fact is StrategyFact.TransferSent { Sending.Machine: not null },
            fact =>
            {
                Sending sending = ((StrategyFact.TransferSent)fact).Sending;
                return [new StrategyFact.TransferSent(
                    ((StrategyFact.TransferSent)fact).Region,
                    sending with { Amount = sending.Amount + new Credits(1) })];
            }));

    [Fact]
    public void The_first_violation_says_where_it_is()
    {
        IReadOnlyList<FactStep> steps = Tamper(IsPayment, fact => [fact, fact]);
        LedgerAudit audit = FactsRun.Audit(steps);
        FactPlace place = audit.Finding!.Place;
        FactStep step = steps.Single(s => s.Machine == place.Machine && s.Number == place.Step);
        Assert.Equal(step.Hub[place.Fact - 2], step.Hub[place.Fact - 1]);
        Assert.Equal(step.At, place.At);
    }

    // Whatever fact about money is taken out, repeated or changed by a microcredit.
    [Fact]
    public void Any_single_spoiled_fact_about_money_is_found()
    {
        IReadOnlyList<FactStep> steps = FactsRun.Shared.Steps;
        (int Step, int Fact)[] places =
        [
            .. steps.SelectMany((step, s) => Enumerable.Range(0, step.Count)
                .Where(f => IsMoney(step, f)).Select(f => (s, f))),
        ];
        Assert.True(places.Length > 100);
        Gen.Select(Gen.Int[0, places.Length - 1], Gen.Int[0, 2]).Sample(
            (place, how) =>
            {
                (int s, int f) = places[place];
                return FactsRun.Audit([.. steps.Select((step, at) => at == s ? Spoil(step, f, how) : step)])
                    .Finding is not null;
            },
            iter: 300);
    }

    private static void Agrees(FactsRun run, LedgerAudit audit)
    {
        AuditedTotals totals = audit.Totals;
        Assert.Equal(run.Report.Ledger.Minted, (double)totals.Minted / 1e6, 6);
        Assert.Equal(run.Report.Ledger.Escrow, (double)totals.Escrow / 1e6, 6);
        Assert.Equal(run.Report.Ledger.InTransit, (double)totals.InTransit / 1e6, 6);
        Assert.Equal(run.Report.Ledger.Burned, (double)totals.Burned / 1e6, 6);
    }

    private static bool IsPayment(HubFact fact) => fact is HubFact.Posted
    {
        Posting: { From.Kind: AccountKind.Escrow, To.Kind: AccountKind.Balance },
    };

    private static bool IsReturn(HubFact fact) => fact is HubFact.Posted
    {
        Posting: { From.Kind: AccountKind.Escrow, To.Kind: AccountKind.Transit, Amount.Micro: > 1 },
    };

    private static bool IsStake(HubFact fact) =>
        fact is HubFact.Posted { Posting.To.Kind: AccountKind.Bond };

    private static bool IsCompensation(HubFact fact) =>
        fact is HubFact.Market { Fact: MarketFact.Cancelled { Paid.Micro: > 4 } };

    private static MarketFact.Cancelled CancelledAt(ImmutableArray<HubFact> step, int at) =>
        (MarketFact.Cancelled)((HubFact.Market)step[at]).Fact;

    private static int PaymentAfter(ImmutableArray<HubFact> step, int at) =>
        step.Select((fact, i) => (fact, i)).First(pair => pair.i > at && IsPayment(pair.fact)).i;

    private static Winner WinnerOf(ContractId contract) => FactsRun.Reduced.Steps
        .SelectMany(step => step.Hub).OfType<HubFact.Market>().Select(market => market.Fact)
        .OfType<MarketFact.Awarded>().First(awarded => awarded.Contract == contract).Winner;

    // Another amount, in the fact and in the posting.
    private static IReadOnlyList<FactStep> Compensation(Func<Credits, Credits> change) =>
        Change(FactsRun.Reduced, IsCompensation, (step, at) =>
        {
            MarketFact.Cancelled cancelled = CancelledAt(step, at);
            int payment = PaymentAfter(step, at);
            Posting posting = ((HubFact.Posted)step[payment]).Posting;
            Credits paid = change(cancelled.Paid);
            return step.SetItem(at, new HubFact.Market(cancelled with { Paid = paid }))
                .SetItem(payment, new HubFact.Posted(posting with { Amount = paid }));
        });

    private static bool IsBondBack(HubFact fact) => fact is HubFact.Posted
    {
        Posting: { From.Kind: AccountKind.Bond, To.Kind: AccountKind.Balance },
    };

    private static bool IsWork(HubFact fact) => fact is HubFact.Market { Fact: MarketFact.Delivered };

    private static HubFact More(HubFact fact, long micro)
    {
        Posting posting = ((HubFact.Posted)fact).Posting;
        return new HubFact.Posted(posting with { Amount = posting.Amount + new Credits(micro) });
    }

    private static bool IsMoney(FactStep step, int fact) => step.Machine.Kind == PartyKind.Hub
        ? step.Hub[fact] is HubFact.Posted
            or HubFact.TransferReceived { Amount.Micro: > 0 } or HubFact.TransferSent { Amount.Micro: > 0 }
        : step.Strategy[fact] is StrategyFact.Posted
            or StrategyFact.TransferSent { Sending.Amount.Micro: > 0 };

    // Prices of propellant and spares are not audited, so what was sold may be changed unseen; and word that
    // a transfer was booked may be late, so that none yet is no violation.
    private static FactStep Spoil(FactStep step, int fact, int how)
    {
        bool isWord = step.Machine.Kind == PartyKind.Strategy
            ? step.Strategy[fact] is StrategyFact.Posted { Posting.From.Kind: AccountKind.Transit }
            : step.Hub[fact] is HubFact.Posted { Posting.From.Kind: AccountKind.Transit };
        how = isWord ? 1 : how;

        // That a bond is a microcredit off shows when it ends; that it is missing, at once.
        bool isStake = step.Machine.Kind == PartyKind.Hub && IsStake(step.Hub[fact]);
        how = isStake && how == 2 ? 0 : how;
        if (step.Machine.Kind == PartyKind.Strategy)
        {
            return step with
            {
                Strategy = how == 1 ? step.Strategy.Insert(fact, step.Strategy[fact])
                    : step.Strategy.RemoveAt(fact),
            };
        }

        bool isSold = step.Hub[fact] is HubFact.Posted { Posting.To.Kind: AccountKind.Burned };
        bool isSeed = step.Hub[fact] is HubFact.Posted { Posting.From.Kind: AccountKind.Reserve };
        return isSold || isSeed
            ? step with
            {
                Hub = step.Hub.Insert(fact, new HubFact.Posted(
                new Posting(_mint, _burned, new Credits(1))))
            }
            : step with
            {
                Hub = how == 1 ? step.Hub.Insert(fact, step.Hub[fact])
                    : how == 2 && step.Hub[fact] is HubFact.Posted
                        ? step.Hub.SetItem(fact, More(step.Hub[fact], 1))
                    : step.Hub.RemoveAt(fact),
            };
    }

    private static void Finds(string claim, IReadOnlyList<FactStep> steps)
    {
        LedgerFinding? finding = FactsRun.Audit(steps).Finding;
        Assert.NotNull(finding);
        Assert.Contains(claim, finding.Claim, StringComparison.Ordinal);
    }

    // Changes the facts of the first step that has one like this.
    private static IReadOnlyList<FactStep> Change(
        Func<HubFact, bool> has, Func<ImmutableArray<HubFact>, int, ImmutableArray<HubFact>> change) =>
        Change(FactsRun.Shared, has, change);

    private static IReadOnlyList<FactStep> Change(
        FactsRun run, Func<HubFact, bool> has,
        Func<ImmutableArray<HubFact>, int, ImmutableArray<HubFact>> change)
    {
        FactStep[] steps = [.. run.Steps];
        int at = Array.FindIndex(steps, step => step.Hub.Any(has));
        int fact = steps[at].Hub.Select((one, i) => (one, i)).First(pair => has(pair.one)).i;
        steps[at] = steps[at] with { Hub = change(steps[at].Hub, fact) };
        return steps;
    }

    private static IReadOnlyList<FactStep> Tamper(
        Func<HubFact, bool> has, Func<HubFact, IEnumerable<HubFact>> change) =>
        Change(has, (step, at) => step.RemoveAt(at).InsertRange(at, change(step[at])));

    private static IReadOnlyList<FactStep> TamperStrategy(
        Func<StrategyFact, bool> has, Func<StrategyFact, IEnumerable<StrategyFact>> change)
    {
        FactStep[] steps = [.. FactsRun.Shared.Steps];
        int at = Array.FindIndex(steps, step => step.Strategy.Any(has));
        int fact = steps[at].Strategy.Select((one, i) => (one, i)).First(pair => has(pair.one)).i;
        ImmutableArray<StrategyFact> facts = steps[at].Strategy;
        steps[at] = steps[at] with { Strategy = facts.RemoveAt(fact).InsertRange(fact, change(facts[fact])) };
        return steps;
    }

    // Puts facts of the first step that has them all into a step of their own, right behind.
    private static IReadOnlyList<FactStep> Repeat(Func<HubFact, bool> isOne)
    {
        List<FactStep> steps = [.. FactsRun.Shared.Steps];
        int at = steps.FindIndex(step => step.Hub.Count(isOne) == 2);
        steps.Insert(at + 1, steps[at] with { Hub = [.. steps[at].Hub.Where(isOne)] });
        return steps;
    }
}

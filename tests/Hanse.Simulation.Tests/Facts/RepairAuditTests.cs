using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Market;
using Hanse.Core.Units;
using Hanse.IO.Facts;
using Hanse.Simulation.Tests.Fleet;
using Xunit;

namespace Hanse.Simulation.Tests.Facts;

/// <summary>The audit of repairs: each change of what a hub remembers about who pays whom for them is
/// found.</summary>
public sealed class RepairAuditTests
{
    [Fact]
    public void What_is_set_aside_and_nobody_called_for_is_found() => Finds(
        RepairTests.Honest, "calls for that", fact => fact is MarketFact.HelpOpened ? [] : [fact]);

    [Fact]
    public void A_call_that_sets_nothing_aside_is_found() => FindsPosting(
        RepairTests.Honest, "are not posted", posting => posting.To.Kind != AccountKind.Escrow
            || !new BountyId(posting.To.Number).IsHelp);

    [Fact]
    public void A_call_that_is_opened_twice_is_found() => Finds(
        RepairTests.Honest, "is opened twice",
        fact => fact is MarketFact.HelpOpened ? [fact, fact] : [fact]);

    [Fact]
    public void A_repair_that_is_paid_without_a_word_is_found() => Finds(
        RepairTests.Honest, "which did not mend it", fact => fact is MarketFact.Mended ? [] : [fact]);

    [Fact]
    public void A_repair_that_is_paid_at_another_price_is_found() => Finds(
        RepairTests.Honest, "at another price",
        fact => fact is MarketFact.Delivered { Weighed.Value: 1, Paid.Micro: > 0 } paid
            ? [paid with { Paid = paid.Paid - new Credits(1) }] : [fact]);

    [Fact]
    public void What_is_left_and_does_not_go_back_to_its_patient_is_found() => FindsPosting(
        RepairTests.Honest, "are not posted", posting => posting.From.Kind != AccountKind.Escrow
            || !new BountyId(posting.From.Number).IsHelp
            || posting.To.Number != new BountyId(posting.From.Number).Patient.Value);

    [Fact]
    public void A_word_that_is_borne_out_and_was_not_held_is_found() => Finds(
        RepairTests.Denying, "was not held",
        fact => fact is MarketFact.ClaimEnded ended
            ? [ended with { Claim = ended.Claim with { Pay = ended.Claim.Pay + new Credits(1) } }] : [fact]);

    [Fact]
    public void A_bond_that_goes_back_for_a_word_that_nobody_gave_is_found() => Finds(
        RepairTests.Denying, "calls for that", fact => fact is MarketFact.RepairClaimed ? [] : [fact]);

    [Fact]
    public void A_word_that_is_held_for_another_price_is_found() => Finds(
        RepairTests.Denying, "is not its repairer's price",
        fact => fact is MarketFact.RepairClaimed claimed
            ? [claimed with { Claim = claimed.Claim with { Pay = claimed.Claim.Pay + new Credits(1) } }]
            : [fact]);

    [Fact]
    public void A_call_that_is_over_while_pay_is_held_is_found() => Finds(
        RepairTests.Lying, "held",
        fact => fact is MarketFact.ClaimEnded { IsPaid: false } ? [] : [fact]);

    private static void Finds(
        WorkFleet fleet, string what, Func<MarketFact, ImmutableArray<MarketFact>> change) => Audit(
            fleet, what, fact => fact is HubFact.Market(var market)
                ? change(market).Select(changed => (HubFact)new HubFact.Market(changed)) : [fact]);

    private static void FindsPosting(WorkFleet fleet, string what, Func<Posting, bool> keeps) => Audit(
        fleet, what, fact => fact is HubFact.Posted(var posting) && !keeps(posting) ? [] : [fact]);

    private static void Audit(WorkFleet fleet, string what, Func<HubFact, IEnumerable<HubFact>> change)
    {
        var audit = new LedgerAudit();
        foreach (FactStep step in fleet.Steps)
        {
            audit.Take(step with { Hub = [.. step.Hub.SelectMany(change)] }, 0);
        }

        Assert.Contains(what, $"{audit.Finding}", StringComparison.Ordinal);
    }
}

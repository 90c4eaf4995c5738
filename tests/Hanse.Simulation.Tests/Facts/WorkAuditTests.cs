using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Units;
using Hanse.IO.Facts;
using Hanse.Simulation.Tests.Fleet;
using Xunit;

namespace Hanse.Simulation.Tests.Facts;

/// <summary>The audit of surveys and transports: each change of what a hub remembers about their pay, and
/// about goods that nodes answer for, is found.</summary>
public sealed class WorkAuditTests
{
    private static readonly Lazy<WorkFleet> _honest = new(() => WorkFleet.Play(WorkFleet.Options(
        1, work => work with { SurveysPer30Days = 30, SurveyHoldDays = 3 })));

    [Fact]
    public void Pay_that_was_not_held_back_is_found() => Finds(
        _honest.Value, "and its price makes", fact => fact is MarketFact.Kept ? [] : [fact]);

    [Fact]
    public void Pay_that_is_held_back_and_paid_as_well_is_found() => Finds(
        _honest.Value, "and its price makes",
        fact => fact is MarketFact.Delivered { Paid.Micro: > 0 } paid
            ? [paid with { Paid = paid.Paid + new Credits(1) }] : [fact]);

    [Fact]
    public void What_was_held_back_and_is_paid_twice_is_found() => Finds(
        _honest.Value, "is paid and was not held",
        fact => fact is MarketFact.KeptPaid ? [fact, fact] : [fact]);

    [Fact]
    public void More_than_was_held_back_is_found() => Finds(
        _honest.Value, "is paid and was not held",
        fact => fact is MarketFact.KeptPaid paid
            ? [paid with { Pay = paid.Pay with { Kept = paid.Pay.Kept + new Credits(1) } }] : [fact]);

    [Fact]
    public void What_was_held_back_and_is_paid_without_a_word_is_found() => Finds(
        _honest.Value, "calls for that",
        fact => fact is MarketFact.KeptPaid ? [] : [fact]);

    [Fact]
    public void A_survey_that_is_called_false_without_reason_is_found() => Finds(
        SurveyTests.Lying, "does not contradict it",
        fact => fact is MarketFact.Falsified refuted
            ? [refuted with { Dug = refuted.Dug with { Sigma = new PartsPerMillion(Finding.GradeMax) } }]
            : [fact]);

    [Fact]
    public void Goods_that_count_and_were_never_handed_out_are_found() => Finds(
        TransportTests.Losing, "were handed out", fact => fact is MarketFact.CustodyTaken ? [] : [fact]);

    [Fact]
    public void Goods_that_are_handed_out_twice_are_found() => Finds(
        TransportTests.Losing, "that has some",
        fact => fact is MarketFact.CustodyTaken ? [fact, fact] : [fact]);

    [Fact]
    public void Goods_out_of_another_store_are_found() => Finds(
        TransportTests.Losing, "no such transport",
        fact => fact is MarketFact.CustodyTaken taken
            ? [taken with { Custody = taken.Custody with { From = new DepotId(7) } }] : [fact]);

    [Fact]
    public void More_that_counts_than_was_handed_out_is_found() => Finds(
        TransportTests.Losing, "were handed out",
        fact => fact is MarketFact.CustodyTaken taken
            ? [taken with { Custody = taken.Custody with { Mass = new Grams(1) } }] : [fact]);

    [Fact]
    public void A_loss_that_is_smaller_than_what_is_missing_is_found() => Finds(
        TransportTests.Losing, "than is missing",
        fact => fact is MarketFact.CustodyEnded { Lost.Value: > 1 } ended
            ? [ended with { Lost = new Grams(ended.Lost.Value - 1) }] : [fact]);

    [Fact]
    public void A_charge_above_what_was_lost_is_found() => Finds(
        TransportTests.Losing, "what is lost makes",
        fact => fact is MarketFact.CustodyEnded { Charge.Micro: > 0 } ended
            ? [ended with { Charge = ended.Charge + new Credits(1) }] : [fact]);

    [Fact]
    public void A_charge_that_is_not_taken_is_found() => Finds(
        TransportTests.Losing, "are not posted",
        fact => fact is MarketFact.CustodyEnded { Charge.Micro: > 0 } ended
            ? [ended with { Charge = ended.Charge - new Credits(1) }] : [fact]);

    private static void Finds(
        WorkFleet fleet, string what, Func<MarketFact, ImmutableArray<MarketFact>> change)
    {
        var audit = new LedgerAudit();
        foreach (FactStep step in fleet.Steps)
        {
            audit.Take(
                step with { Hub = [.. step.Hub.SelectMany(fact => Changed(fact, change))] }, 0);
        }

        Assert.Contains(what, $"{audit.Finding}", StringComparison.Ordinal);
    }

    private static IEnumerable<HubFact> Changed(
        HubFact fact, Func<MarketFact, ImmutableArray<MarketFact>> change) =>
        fact is HubFact.Market(var market)
            ? change(market).Select(changed => (HubFact)new HubFact.Market(changed)) : [fact];
}

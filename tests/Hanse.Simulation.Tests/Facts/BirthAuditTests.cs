using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.IO.Facts;
using Hanse.Simulation.Fleet;
using Hanse.Simulation.Runs;
using Xunit;

namespace Hanse.Simulation.Tests.Facts;

/// <summary>The audit of what begins and ends with a node, on facts that machines of a run go on to make, and
/// on some that were tampered with.</summary>
public class BirthAuditTests
{
    private static readonly RunOptions _options = FactsRun.Sample();
    private static readonly Blueprint _plan = new(_options.Scenario, _options.Seed);
    private static readonly RegionId _region = _plan.Regions[0].Id;

    [Fact]
    public void Nodes_that_are_retired_leave_the_books_balanced()
    {
        List<FactStep> steps = [.. FactsRun.Shared.Steps];
        RegionalHub hub = Hub(steps);
        NodeId[] here = [.. hub.Roster.Where(entry => !entry.Value.HasLeft).Select(entry => entry.Key)];
        Assert.Contains(here, hub.Market.IsHeldBy);
        Assert.Contains(here, node => !hub.Market.IsHeldBy(node));
        foreach (NodeId node in here)
        {
            Live(hub, steps, new HubInput.RetireOrdered(node, IsLost: true));
        }

        // What is bound by goods or a repair is over when that is.
        for (int day = 0; day < 400 && hub.Retiring.Count > 0; day++)
        {
            Live(hub, steps, new HubInput.Woken(), TimeSpan.FromDays(1));
        }

        Assert.All(here, node => Assert.True(hub.Roster[node].IsRetired));
        Assert.All(
            here, node => Assert.Equal(0, hub.Books[new AccountId(AccountKind.Balance, node.Value)].Micro));
        Assert.DoesNotContain(here, hub.Market.IsHeldBy);
        LedgerAudit audit = FactsRun.Audit(steps);
        Assert.Null(audit.Finding);
        Assert.True(audit.Totals.IsBalanced);
        Assert.True(audit.Totals.Reserves > 0);
    }

    [Fact]
    public void Capital_of_those_to_be_born_is_funded_by_the_share()
    {
        List<FactStep> steps = [.. FactsRun.Shared.Steps];
        StrategicLayer layer = Layer(steps);
        var quota = new BirthQuota(
            1, default, new BirthRange(10_000, 30),
            new BirthTerms(
                [1], 1, 1, (End(steps) + TimeSpan.FromDays(100)).FloorSecond, TimeSpan.FromDays(30),
                TimeSpan.FromDays(30), TimeSpan.FromDays(30), 1, Credits.FromWhole(1)));
        Int128 before = FactsRun.Audit(steps).Totals.InTransit;
        Live(layer, steps, new StrategyInput.BirthsOrdered(quota, []));
        Assert.True(layer.Quotas[1].IsTaken);
        LedgerAudit audit = FactsRun.Audit(steps);
        Assert.Null(audit.Finding);
        Assert.Equal(before + (30 * _plan.Rules.SeedPerNode.Micro), audit.Totals.InTransit);
    }

    [Fact]
    public void Credits_that_go_to_the_reserve_while_their_owner_goes_on_are_found() => Finds(
        "is not retired", facts => facts.RemoveAll(fact => fact is HubFact.NodeRetired));

    [Fact]
    public void Who_is_retired_and_keeps_something_is_found() => Finds(
        "leaves with", facts =>
        {
            int place = facts.FindIndex(fact => fact is HubFact.NodeRetired);
            var retired = (HubFact.NodeRetired)facts[place];
            facts[place] = retired with { Balance = retired.Balance - new Credits(1) };
        });

    private static void Finds(string what, Action<List<HubFact>> tamper)
    {
        List<FactStep> steps = [.. FactsRun.Shared.Steps];
        RegionalHub hub = Hub(steps);
        NodeId rich = hub.Roster.First(entry => !entry.Value.HasLeft && !hub.Market.IsHeldBy(entry.Key)
            && hub.Books[new AccountId(AccountKind.Balance, entry.Key.Value)].Micro > 0).Key;
        Live(hub, steps, new HubInput.RetireOrdered(rich, IsLost: true));
        Assert.Null(FactsRun.Audit(steps).Finding);
        List<HubFact> facts = [.. steps[^1].Hub];
        tamper(facts);
        steps[^1] = steps[^1] with { Hub = [.. facts] };
        LedgerFinding? finding = FactsRun.Audit(steps).Finding;
        Assert.Contains(what, finding?.Claim ?? "nothing", StringComparison.Ordinal);
    }

    private static RegionalHub Hub(List<FactStep> steps)
    {
        var hub = new RegionalHub(_plan.Regions[0].Hub, _plan.Releases.Skills);
        foreach (HubFact fact in steps.Where(step => step.Machine == Party.Of(_region))
            .SelectMany(step => step.Hub))
        {
            hub.Apply(fact);
        }

        return hub;
    }

    private static StrategicLayer Layer(List<FactStep> steps)
    {
        var layer = new StrategicLayer(_plan.Strategy);
        foreach (StrategyFact fact in steps.SelectMany(step => step.Strategy))
        {
            layer.Apply(fact);
        }

        return layer;
    }

    private static void Live(
        RegionalHub hub, List<FactStep> steps, HubInput input, TimeSpan later = default)
    {
        var outbox = new Outbox<HubFact, HubEffect>();
        Instant now = End(steps) + later;
        hub.Step(now, input, outbox);
        Add(steps, new FactStep(Party.Of(_region), 0, now, [.. outbox.Facts], []));
    }

    private static void Live(StrategicLayer layer, List<FactStep> steps, StrategyInput input)
    {
        var outbox = new Outbox<StrategyFact, StrategyEffect>();
        Instant now = End(steps);
        layer.Step(now, input, outbox);
        Add(steps, new FactStep(Party.Strategy, 0, now, [], [.. outbox.Facts]));
    }

    private static void Add(List<FactStep> steps, FactStep next)
    {
        ulong last = steps.Where(step => step.Machine == next.Machine).Max(step => step.Number);
        steps.Add(next with { Number = last + 1 });
    }

    private static Instant End(List<FactStep> steps) => steps.Max(step => step.At);
}

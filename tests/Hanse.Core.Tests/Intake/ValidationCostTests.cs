using System;
using Hanse.Core.Identity;
using Hanse.Core.Intake;
using Hanse.Core.Machine;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Intake;

/// <summary>The cost of validation, against what was measured.</summary>
public sealed class ValidationCostTests
{
    // 30 days: 311,040 deltas and 43,200 decisions, hourly checkpoints, 460 audited leaves.
    internal static readonly ReturnSummary Month = new()
    {
        Node = new NodeId(1),
        Epoch = new Epoch(1),
        JournalSize = 43_200,
        AcceptedSize = 0,
        BytesToCome = 7_700_000,
        Records = 354_240,
        Checkpoints = 720,
        Decisions = 0,
        Leaves = 460,
        OldestUnaccepted = Instant.Epoch,
        Contracts = Credits.Zero,
        Claims = Credits.Zero,
        Trust = TrustClass.Ordinary,
    };

    [Fact]
    public void A_month_costs_what_was_measured()
    {
        // 0.155 s and 0.022 s for the audit; at a tenth of a core ten times as long.
        ProcessorTime cost = ValidationCost.Measured.Of(Month)!.Value;
        Assert.InRange(cost.Nanos, 175_000_000, 180_000_000);
        Assert.Equal(
            TimeSpan.FromMicroseconds((cost.Nanos + 99) / 100), cost.At(PartsPerMillion.FromPercent(10)));
        Assert.InRange(
            ValidationCost.Measured.Of(Month with { Decisions = 459 })!.Value.Nanos,
            4_700_000_000,
            4_800_000_000);
    }

    [Fact]
    public void The_largest_summary_costs_more_than_the_limit_and_overflows_nothing() =>
        Assert.Null(ValidationCost.Measured.Of(Month with
        {
            BytesToCome = ReturnSummary.BytesMax,
            Records = ReturnSummary.CountMax,
            Checkpoints = ReturnSummary.CountMax,
            Decisions = ReturnSummary.CountMax,
            Leaves = ReturnSummary.CountMax,
        }));

    [Fact]
    public void Parts_of_a_cost_are_rounded_up_and_never_more_than_the_whole()
    {
        var cost = new ProcessorTime(10);
        Assert.Equal(new ProcessorTime(4), cost.ForPart(1, 3));
        Assert.Equal(cost, cost.ForPart(3, 3));
        Assert.Equal(cost, cost.ForPart(9, 3));
        Assert.Equal(ProcessorTime.Zero, cost.ForPart(0, 3));
    }

    [Fact]
    public void Coefficients_and_rules_out_of_bounds_are_our_bug()
    {
        Assert.Throws<BrokenInvariantException>(() => ValidationCost.Measured with { NanosPerLeaf = -1 });
        Assert.Throws<BrokenInvariantException>(() => Storm.Rules with { QueueMax = 0 });
        Assert.Throws<BrokenInvariantException>(() => Storm.Rules with { AgeingPerDay = Credits.Zero });
        Assert.Throws<BrokenInvariantException>(() => Storm.Rules with { ValidationShare = default });
    }
}

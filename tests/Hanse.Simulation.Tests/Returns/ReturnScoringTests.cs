using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Reconcile;
using Hanse.Core.Wire;
using Hanse.Simulation.Returns;
using Xunit;

namespace Hanse.Simulation.Tests.Returns;

public sealed class ReturnScoringTests
{
    // Enough that every variant of a kind is drawn; a case costs about 20 ms.
    private const int Seeds = 4;

    private static readonly Lazy<ReturnScoring> _scoring = new(() => new ReturnScoring(new RealSignatures()));

    public static TheoryData<ReturnKind> MustBeCaught =>
        [.. ReturnScoring.Kinds.Where(kind => kind.MustBeCaught())];

    public static TheoryData<ReturnKind> Honest => [.. ReturnScoring.Kinds.Where(kind => kind.IsHonest())];

    [Theory]
    [MemberData(nameof(MustBeCaught))]
    public void What_the_bytes_show_is_caught_in_every_seed(ReturnKind kind) =>
        Assert.Empty(Play(kind, Seeds).Wrong);

    [Theory]
    [MemberData(nameof(Honest))]
    public void Honest_nodes_are_not_quarantined(ReturnKind kind) =>
        Assert.Empty(Play(kind, 2 * Seeds).Wrong);

    [Theory]
    [InlineData(ReturnKind.UnapprovedSkill, ReasonCode.SkillUnapproved)]
    [InlineData(ReturnKind.UnapprovedCore, ReasonCode.CoreUnapproved)]
    [InlineData(ReturnKind.ImpossibleBalance, ReasonCode.BelowZero)]
    [InlineData(ReturnKind.ClockBack, ReasonCode.ClockWentBack)]
    [InlineData(ReturnKind.ForgedSignature, ReasonCode.Forged)]
    [InlineData(ReturnKind.DuplicateDelivery, ReasonCode.DockingRepeated)]
    [InlineData(ReturnKind.Truncated, ReasonCode.Incomplete)]
    public void A_fault_is_found_for_what_it_is(ReturnKind kind, ReasonCode reason) =>
        Assert.Equal(Seeds, Play(kind, Seeds).Reasons.GetValueOrDefault(reason));

    [Fact]
    public void A_lie_that_is_large_enough_is_doubted_and_a_small_one_corrected_by_the_scales()
    {
        ReturnScore score = Play(ReturnKind.Overclaim, 12);
        Assert.All(score.BySeverity.Where(step => step.Key >= -2),
            step => Assert.Equal(step.Value.Trials, step.Value.Hits));
        Assert.InRange(StateErrors.Quantile(score.Errors.CargoPercent, 1).Corrected, 0, 5);
    }

    [Fact]
    public void Spoiled_leaves_are_found_as_often_as_the_formula_says()
    {
        ReturnScore score = Play(ReturnKind.SpoiledLeaves, 20);
        Assert.InRange(score.Quarantined - score.Predicted,
            -4 * Math.Sqrt(score.PredictedVariance), 4 * Math.Sqrt(score.PredictedVariance));
    }

    [Fact]
    public void The_same_seed_gives_the_same_verdict_to_the_byte()
    {
        foreach (ReturnKind kind in ReturnScoring.Kinds)
        {
            byte[] once = CborWriter.Bytes(_scoring.Value.Play(kind, 5).Last);
            Assert.Equal(once, CborWriter.Bytes(_scoring.Value.Play(kind, 5).Last));
        }
    }

    private static ReturnScore Play(ReturnKind kind, int seeds)
    {
        var score = new ReturnScore { Kind = kind };
        for (ulong seed = 1; seed <= (ulong)seeds; seed++)
        {
            _ = _scoring.Value.Play(score, seed);
        }

        return score;
    }
}

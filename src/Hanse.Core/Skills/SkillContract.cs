using System;
using System.Collections.Immutable;
using Hanse.Core.Decisions;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Skills;

/// <summary>What the core knows of each function that skills may take the place of: its own answer, what is
/// safe, and how far two answers are apart.</summary>
/// <remarks>This is the safety envelope: a skill proposes, and what it proposes reaches nothing before
/// <see cref="Judge"/> has let it pass. It is part of the immutable core, knows nothing of releases, and
/// refuses what it cannot read.</remarks>
public static class SkillContract
{
    /// <summary>How many versions of the contract before its own a core still speaks.</summary>
    public const int AbiSpan = 2;

    /// <summary>Whether a core that speaks one version takes a release written for another.</summary>
    public static bool Speaks(int core, int release) => release <= core && release >= core - AbiSpan;

    /// <summary>All functions, in the order of their numbers.</summary>
    public static ImmutableArray<SkillFunction> Functions { get; } =
        [SkillFunction.Extraction, SkillFunction.Pricing, SkillFunction.Core];

    /// <summary>The core's own function; it has none that takes the place of itself.</summary>
    public static Digest OwnOf(SkillFunction function) => function switch
    {
        SkillFunction.Extraction => BuiltInDecisions.Extraction,
        SkillFunction.Pricing => BuiltInDecisions.Pricing,
        _ => throw new ArgumentOutOfRangeException(nameof(function), function, "no such function"),
    };

    /// <summary>Whether answers are compared for as long as a release is on probation, and not in the shadow
    /// only.</summary>
    /// <remarks>A scale finds out how much was dug. Nothing finds out what a price should have been: a node
    /// that wins nothing may live where there is nothing to win. So a price is held against the one that
    /// would have been asked without the release.</remarks>
    public static bool IsComparedOnProbation(SkillFunction function) => function == SkillFunction.Pricing;

    /// <summary>The core's own answer.</summary>
    public static byte[] Own(SkillFunction function, ReadOnlyMemory<byte> question)
    {
        _ = BuiltInDecisions.TryDecide(OwnOf(function), question, out byte[]? output);
        return output!;
    }

    /// <summary>Whether what a skill proposes may be done.</summary>
    /// <returns><see cref="SkillReason.None"/> when it may.</returns>
    public static SkillReason Judge(
        SkillFunction function, ReadOnlyMemory<byte> question, ReadOnlyMemory<byte> proposal)
    {
        if (function == SkillFunction.Pricing)
        {
            return !PricingRecord.TryRead(question.Span, out PricingInput trip)
                || !PricingRecord.TryRead(proposal.Span, out PricingAnswer price) ? SkillReason.NoAnswer
                : PricingGuard.IsSafe(trip, price) ? SkillReason.None : SkillReason.OutsideEnvelope;
        }

        if (!CborReader.TryRead(question, out ExtractionQuestion? asked, out _)
            || !CborReader.TryRead(proposal, out ExtractionAnswer? answer, out _))
        {
            return SkillReason.NoAnswer;
        }

        // More than the hold takes, as its sensor will read it, would go on for ever or break it; nothing at
        // all is a trip for nothing.
        var most = new Grams((long)((Int128)asked.Room.Value * (1_000_000 + asked.BiasPpm) / 1_000_000));
        bool isNothing = answer.Target == Grams.Zero && asked.Answer().Target > Grams.Zero;
        return answer.Target > most || isNothing ? SkillReason.OutsideEnvelope : SkillReason.None;
    }

    /// <summary>Whether two answers that may both be done are further apart than allowed, as a share of the
    /// second.</summary>
    public static bool AreApart(
        SkillFunction function, ReadOnlyMemory<byte> one, ReadOnlyMemory<byte> other, PartsPerMillion allowed)
    {
        if (one.Span.SequenceEqual(other.Span))
        {
            return false;
        }

        if (function == SkillFunction.Pricing)
        {
            return !PricingRecord.TryRead(one.Span, out PricingAnswer asked)
                || !PricingRecord.TryRead(other.Span, out PricingAnswer own)
                || AreApart(asked.PricePerLot.Micro, own.PricePerLot.Micro, allowed)
                || AreApart(asked.Cost.Micro, own.Cost.Micro, allowed);
        }

        return !CborReader.TryRead(one, out ExtractionAnswer? a, out _)
            || !CborReader.TryRead(other, out ExtractionAnswer? b, out _)
            || AreApart(a.Target.Value, b.Target.Value, allowed);
    }

    private static bool AreApart(long one, long other, PartsPerMillion allowed) =>
        Int128.Abs((Int128)one - other) * 1_000_000 > Int128.Abs(other) * allowed.Value;
}

using System;
using Hanse.Core.Decisions;

namespace Hanse.Skills;

/// <summary>A pricing that is a skill. Whatever becomes of a run, the node has a price or none, and goes
/// on.</summary>
/// <remarks>Every trip is priced in an instance of its own, so the same trip always has the same price. A
/// call costs some ten microseconds. The calling thread needs a roomy stack
/// (<see cref="SkillWorkers"/>).</remarks>
public sealed class SkillPricing : IPricing
{
    /// <summary>What a price may cost: 100,000 steps, one second.</summary>
    public static readonly SkillBudget Budget = new(100_000, 100, PricingRecord.AnswerBytes);

    private readonly Skill _skill;
    private readonly Action<SkillResult>? _hear;

    /// <summary>Prices by a skill.</summary>
    /// <param name="skill">The skill; it has <see cref="SkillAbi.BidFunction"/>.</param>
    /// <param name="hear">Hears what came of every run without a price.</param>
    public SkillPricing(Skill skill, Action<SkillResult>? hear = null)
    {
        _skill = skill;
        _hear = hear;
    }

    /// <inheritdoc/>
    public PricingAnswer? Price(in PricingInput input)
    {
        Span<byte> record = stackalloc byte[PricingRecord.Bytes];
        PricingRecord.Write(input, record);
        SkillResult result = _skill.Bid(record, Budget, NoHost.Instance);
        if (result.IsAnswered)
        {
            return PricingRecord.Read(result.Answer);
        }

        _hear?.Invoke(result);
        return null;
    }
}

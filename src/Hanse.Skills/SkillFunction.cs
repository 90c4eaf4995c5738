using System;
using System.Diagnostics;

namespace Hanse.Skills;

/// <summary>What a skill can be asked to do. The numbers are on record.</summary>
public enum SkillFunction
{
    /// <summary>To price a trip.</summary>
    Bid = 1,

    /// <summary>To decide a question.</summary>
    Decide = 2,

    /// <summary>To look at itself.</summary>
    SelfCheck = 3,
}

/// <summary>Runs a skill by the name of its function.</summary>
public static class SkillFunctions
{
    /// <summary>The name under which a skill exports it.</summary>
    public static string ExportName(this SkillFunction function) => function switch
    {
        SkillFunction.Bid => SkillAbi.BidFunction,
        SkillFunction.Decide => SkillAbi.DecideFunction,
        SkillFunction.SelfCheck => SkillAbi.SelfCheckFunction,
        _ => throw new UnreachableException($"no function {function}"),
    };

    /// <summary>Has a skill do one thing.</summary>
    /// <param name="skill">The skill.</param>
    /// <param name="function">What.</param>
    /// <param name="input">About what; not looked at by a check of itself.</param>
    /// <param name="budget">What it may use.</param>
    /// <param name="host">Who answers it.</param>
    public static SkillResult Run(
        this Skill skill, SkillFunction function, ReadOnlySpan<byte> input, SkillBudget budget,
        ISkillHost host) => function switch
        {
            SkillFunction.Bid => skill.Bid(input, budget, host),
            SkillFunction.Decide => skill.Decide(input, budget, host),
            SkillFunction.SelfCheck => skill.SelfCheck(budget, host),
            _ => throw new UnreachableException($"no function {function}"),
        };
}

using System;
using System.Globalization;
using Hanse.Core.Decisions;

namespace Hanse.Skills.Author;

/// <summary>A case, as a skill fared with it.</summary>
/// <param name="Case">The case.</param>
/// <param name="Result">What came of it.</param>
/// <param name="FuelMax">Fuel that it was given.</param>
/// <param name="Difference">Where it is not as expected; null when it is, or nothing is expected.</param>
public sealed record CaseRun(SkillCase Case, SkillResult Result, ulong FuelMax, string? Difference)
{
    /// <summary>Puts a case to a skill, twice.</summary>
    /// <param name="project">Whose case it is.</param>
    /// <param name="asked">The case.</param>
    /// <param name="skill">The skill.</param>
    /// <param name="second">The same module in another engine, whose compiler took no time: by that the
    /// answer must be the same bit for bit.</param>
    /// <param name="isNew">Whether the host answers nothing but zeros, and expectations are not looked
    /// at.</param>
    public static CaseRun Of(
        SkillProject project, SkillCase asked, Skill skill, Skill second, bool isNew = false)
    {
        SkillBudget budget = project.Budget with
        {
            Fuel = asked.Fuel ?? project.FuelPerCall,
            AnswerBytes = asked.Function == SkillFunction.Bid
                ? PricingRecord.AnswerBytes : SkillBudget.Decision.AnswerBytes,
        };
        bool knowsHost = !isNew || asked.Host.Length > 0;
        var host = new ReplayedHost([.. asked.Host]);
        SkillResult result = skill.Run(
            asked.Function, asked.Question, budget, knowsHost ? host : new Zeros());
        SkillResult again = second.Run(
            asked.Function, asked.Question, budget,
            knowsHost ? new ReplayedHost([.. asked.Host]) : new Zeros());
        string? difference = !result.Equals(again)
            ? $"not the same twice: {Text(result)}, then {Text(again)}"
            : HostDiffers(asked, host) ?? (isNew ? null : Differs(asked, result, host));
        return new CaseRun(asked, result, budget.Fuel, difference);
    }

    private static string? HostDiffers(SkillCase asked, ReplayedHost host)
    {
        if (host.DiffersAt is not { } at || asked.Expects == AbstainReason.HostRefused)
        {
            return null;
        }

        string has = at < asked.Host.Length ? asked.Host[at].Question : "nothing more";
        return $"it asks its host {host.AskedInstead!.Question}, the case has {has} there";
    }

    private static string? Differs(SkillCase asked, SkillResult result, ReplayedHost host)
    {
        if (asked.Expects is null)
        {
            return null;
        }

        if (result.Reason != asked.Expects)
        {
            return $"expected {Text(asked.Expects.Value, asked.Answer)}, found {Text(result)}";
        }

        int same = asked.Answer.AsSpan().CommonPrefixLength(result.Answer);
        return same < asked.Answer.Length || same < result.Answer.Length
            ? $"the answers differ from byte {same} on: expected {Text(asked.Expects.Value, asked.Answer)}, "
                + $"found {Text(result)}"
            : result.IsAnswered && !host.IsAtEnd
            ? $"it asks its host {result.Calls.Count} times, the case has {asked.Host.Length} answers" : null;
    }

    private static string Text(SkillResult result) => Text(result.Reason, result.Answer)
        + (result.Detail.Length > 0 ? $" ({result.Detail})" : "")
        + string.Create(CultureInfo.InvariantCulture, $" with {result.Fuel:N0} of fuel");

    private static string Text(AbstainReason reason, byte[] answer) => reason != AbstainReason.None
        ? reason.ToString()
        : answer.Length <= 64 ? "0x" + Convert.ToHexStringLower(answer)
        : $"0x{Convert.ToHexStringLower(answer.AsSpan(0, 64))}... of {answer.Length} bytes";

    private sealed class Zeros : ISkillHost
    {
        public long? Answer(HostCall call) => 0;
    }
}

using Hanse.Core.Identity;
using System;
using System.Collections.Generic;
using Hanse.Core.Journal;
using Hanse.Core.Skills;
using CoreFunction = Hanse.Core.Messages.SkillFunction;

namespace Hanse.Skills;

/// <summary>Runs releases for a machine in the sandbox: an instance of its own for every question.</summary>
/// <remarks>Uses the stack of the thread that calls it: that has to be a roomy one,
/// <see cref="SkillWorkers"/>. What the clock ended counts as too slow, and what the engine could not hold as
/// no answer: neither is a decision, and the machine takes it itself.</remarks>
public sealed class SandboxSkills : ISkills
{
    private readonly SortedDictionary<Digest, Skill> _loaded = [];
    private readonly SkillBudget _budget;

    /// <summary>Nothing is loaded.</summary>
    /// <param name="budget">What a decision may use; a price may use <see
    /// cref="SkillPricing.Budget"/>.</param>
    public SandboxSkills(SkillBudget budget) => _budget = budget;

    /// <inheritdoc/>
    public int Abi => SkillAbi.Version;

    /// <summary>Makes a release ready to run. Whoever loaded it keeps it, and disposes of it.</summary>
    /// <param name="release">The digest of its package, which orders name it by.</param>
    /// <param name="skill">Its module, admitted.</param>
    public void Load(Digest release, Skill skill) => _loaded[release] = skill;

    /// <summary>It will not be asked again.</summary>
    public void Unload(Digest release) => _ = _loaded.Remove(release);

    /// <inheritdoc/>
    public SkillAnswer Run(
        Digest release, CoreFunction function, MachineKind kind, ReadOnlyMemory<byte> question)
    {
        if (!_loaded.TryGetValue(release, out Skill? skill))
        {
            return new SkillAnswer(SkillOutcome.NoAnswer, []);
        }

        // The record of a trip is what a skill reads: nothing is translated.
        SkillResult result = function == CoreFunction.Pricing
            ? skill.Bid(question.Span, SkillPricing.Budget, NoHost.Instance)
            : skill.Decide(question.Span, _budget, NoHost.Instance);
        return result.Reason switch
        {
            AbstainReason.None => new SkillAnswer(SkillOutcome.Answered, result.Answer),
            AbstainReason.OutOfFuel or AbstainReason.TooSlow => new SkillAnswer(SkillOutcome.TooSlow, []),
            _ => new SkillAnswer(SkillOutcome.NoAnswer, []),
        };
    }
}

using System;
using Hanse.Skills;
using Xunit;

namespace Hanse.Skills.Tests;

/// <summary>One engine and one roomy thread for all tests of a class.</summary>
public sealed class SandboxFixture : IDisposable
{
    /// <summary>The engine.</summary>
    public SkillEngine Engine { get; } = new();

    private readonly SkillWorkers _workers = new(1);

    /// <summary>Decides once.</summary>
    public SkillResult Decide(
        byte[] module, byte[]? question = null, SkillBudget? budget = null, ISkillHost? host = null)
    {
        using Skill skill = Wat.Load(Engine, module);
        return Decide(skill, question, budget, host);
    }

    /// <summary>Decides once.</summary>
    public SkillResult Decide(
        Skill skill, byte[]? question = null, SkillBudget? budget = null, ISkillHost? host = null) =>
        On(() => skill.Decide(
            question ?? [1, 2, 3], budget ?? SkillBudget.Decision, host ?? NoHost.Instance));

    /// <summary>Does something on the roomy thread.</summary>
    public T On<T>(Func<T> work) => _workers.Run(work).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public void Dispose()
    {
        _workers.Dispose();
        Engine.Dispose();
    }
}

using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Journal;
using Hanse.Skills;
using Hanse.Skills.Author;
using Xunit;

namespace Hanse.Skills.Tests;

/// <summary>Every skill that is shipped: its cases, and bits and fuel that are the same in every
/// process.</summary>
public sealed class ShippedSkillTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    // Skill; cases; fuel of all of them together; digest of all their results in order of their names.
    [Theory]
    [InlineData("assay", 10, 14_479UL, "8f4177d467dfd1f7")]
    [InlineData("extraction", 7, 5_140UL, "36381e7e4e6d0380")]
    [InlineData("haul", 8, 5_398_642UL, "008fb2e977dfe7ee")]
    [InlineData("minimum", 2, 10UL, "5cd08c7781f2ea54")]
    [InlineData("pricing", 8, 7_615UL, "524dff31db69803e")]
    public void Cases_come_out_as_recorded_and_bits_and_fuel_are_golden(
        string name, int cases, ulong fuel, string results)
    {
        SkillProject project = Shipped.Project(name);
        using Skill skill = Wat.Load(sandbox.Engine, Shipped.Module(name));
        using var plain = new SkillEngine(isPooled: false, isOptimised: false);
        using Skill second = Wat.Load(plain, Shipped.Module(name));
        Assert.Equal(project.Imports, skill.Asks);
        Assert.True(skill.Has(project.Function.ExportName()));
        List<byte> found = [];
        ulong used = 0;
        SkillCase[] all = Shipped.Cases(project);
        foreach (SkillCase asked in all)
        {
            Assert.NotNull(asked.Expects);
            Assert.NotEqual("", asked.Says);
            CaseRun run = sandbox.On(() => CaseRun.Of(project, asked, skill, second));
            Assert.True(run.Difference is null, $"{asked.Name}: {run.Difference}");
            found.AddRange(DecisionRecord.Of(
                skill.Digest, asked.Function, asked.Question, project.Budget, run.Result).ToBytes());
            used += run.Result.Fuel;
        }

        Assert.Equal((cases, fuel, results), (all.Length, used, Digest.Of([.. found]).ToString()[..16]));
    }

    [Theory]
    [InlineData("assay")]
    [InlineData("extraction")]
    [InlineData("haul")]
    [InlineData("pricing")]
    public void It_finds_itself_in_order(string name)
    {
        using Skill skill = Wat.Load(sandbox.Engine, Shipped.Module(name));
        SkillResult check = sandbox.On(
            () => skill.SelfCheck(Shipped.Project(name).Budget, NoHost.Instance));
        Assert.True(check.IsAnswered, check.Detail);
    }

    // A case whose answer is one bit off must be found.
    [Fact]
    public void A_wrong_expectation_is_found()
    {
        SkillProject project = Shipped.Project("assay");
        using Skill skill = Wat.Load(sandbox.Engine, Shipped.Module("assay"));
        foreach (SkillCase asked in Shipped.Cases(project))
        {
            SkillCase wrong = asked.Expects == AbstainReason.None
                ? asked with { Answer = [.. asked.Answer[..^1], (byte)(asked.Answer[^1] ^ 1)] }
                : asked with { Expects = AbstainReason.Trap };
            Assert.NotNull(sandbox.On(() => CaseRun.Of(project, wrong, skill, skill)).Difference);
            SkillCase longer = asked with { Answer = [.. asked.Answer, 0], Expects = AbstainReason.None };
            Assert.NotNull(sandbox.On(() => CaseRun.Of(project, longer, skill, skill)).Difference);
        }
    }

    [Fact]
    public void The_smallest_skill_is_small() => Assert.InRange(Shipped.Module("minimum").Length, 8, 128);
}

using System;
using CsCheck;
using Hanse.Core.Decisions;
using Hanse.Core.Units;
using Hanse.Core.Wire;
using Hanse.Skills;
using Xunit;

namespace Hanse.Skills.Tests;

/// <summary>A built-in decision of the core, written in C: the same bits for whatever bytes.</summary>
public sealed class ExtractionSkillTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private static readonly Gen<long> _mass = Gen.OneOf(
        Gen.Long[0, 30], Gen.Long[250, 260], Gen.Long[65_530, 65_540], Gen.Long[4_294_967_290, 4_294_967_300],
        Gen.Long[0, 100_000_000], Gen.Long[0, Grams.ValueMax], Gen.Const(Grams.ValueMax));

    private static readonly Gen<byte[]> _questions = Gen.Select(
        _mass, _mass, Gen.Int[-ExtractionQuestion.ShareMax, ExtractionQuestion.ShareMax],
        Gen.Int[0, ExtractionQuestion.ShareMax],
        (wanted, room, bias, margin) => CborWriter.Bytes(
            new ExtractionQuestion(new Grams(wanted), new Grams(room), bias, margin)));

    // Bytes changed, put in, left out, cut off; heads that are longer than they have to be; anything at all.
    private static readonly Gen<byte[]> _spoilt = Gen.Select(
        _questions, Gen.Int[0, 5], Gen.Int[0, 40], Gen.Byte, Gen.Byte.Array[0, 40],
        (question, how, where, value, any) =>
        {
            int at = where % question.Length;
            return how switch
            {
                0 => [.. question[..at], value, .. question[(at + 1)..]],
                1 => [.. question[..at], value, .. question[at..]],
                2 => [.. question[..at], .. question[(at + 1)..]],
                3 => question[..at],
                4 => [.. question, .. any],
                _ => any,
            };
        });

    [Fact]
    public void It_gives_the_bits_of_the_built_in_decision()
    {
        using Skill skill = Wat.Load(sandbox.Engine, Shipped.Module("extraction"));
        (int answered, int empty) = (0, 0);
        _ = sandbox.On(() =>
        {
            Gen.Frequency((1, _questions), (1, _spoilt)).Sample(
                question =>
                {
                    Assert.True(BuiltInDecisions.TryDecide(
                        BuiltInDecisions.Extraction, question, out byte[]? expected));
                    SkillResult result = skill.Decide(question, SkillBudget.Decision, NoHost.Instance);
                    Assert.Equal(AbstainReason.None, result.Reason);
                    Assert.Equal(expected, result.Answer);
                    Assert.InRange(result.Fuel, 1UL, 5_000UL);
                    answered += expected.Length > 0 ? 1 : 0;
                    empty += expected.Length > 0 ? 0 : 1;
                },
                iter: 20_000, threads: 1);
            return true;
        });
        Assert.True(answered > 9_000 && empty > 3_000, $"{answered} answered, {empty} empty");
    }

    [Fact]
    public void Heads_that_are_longer_than_they_have_to_be_are_refused_by_both()
    {
        using Skill skill = Wat.Load(sandbox.Engine, Shipped.Module("extraction"));
        foreach (string question in new[]
        {
            "84180500000000", "8419000500 0000", "841a00000005000000", "841b0000000000000005000000",
            "84051c000000", "841b7fffffffffffffff000000", "841bffffffffffffffff000000",
            "843bffffffffffffffff000000", "9f05050000ff", "85050500 00 00", "840505200a", "8405050a20",
            "8405051a0007a12100", "8405053a0007a12000", "8440050000",
        })
        {
            byte[] bytes = Convert.FromHexString(question.Replace(" ", "", StringComparison.Ordinal));
            Assert.True(BuiltInDecisions.TryDecide(BuiltInDecisions.Extraction, bytes, out byte[]? expected));
            Assert.Equal(expected, sandbox.Decide(skill, bytes).Answer);
        }
    }
}

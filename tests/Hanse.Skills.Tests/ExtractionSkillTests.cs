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

    // Every number around every border of every head, in heads of every width, at each of the four places.
    [Fact]
    public void Heads_of_every_width_are_taken_and_refused_alike()
    {
        using Skill skill = Wat.Load(sandbox.Engine, Shipped.Module("extraction"));
        ulong[] borders = [0, 24, 1 << 8, 1 << 16, 1UL << 32, 500_000, (ulong)Grams.ValueMax, 1UL << 63, 0];
        (int answered, int empty) = (0, 0);
        foreach (ulong border in borders)
        {
            for (ulong value = border - 2; value != border + 3; value++)
            {
                for (int form = 0; form < 4 * 2 * 6; form++)
                {
                    (int place, int major, int width) = (form / 12, form / 6 % 2, form % 6);
                    byte[] question = [0x84];
                    for (int i = 0; i < 4; i++)
                    {
                        question = [.. question, .. i == place ? Head(major, width, value) : [0]];
                    }

                    Assert.True(BuiltInDecisions.TryDecide(
                        BuiltInDecisions.Extraction, question, out byte[]? expected));
                    Assert.Equal(expected, sandbox.Decide(skill, question).Answer);
                    answered += expected.Length > 0 ? 1 : 0;
                    empty += expected.Length > 0 ? 0 : 1;
                }
            }
        }

        Assert.True(answered > 50 && empty > 1_000, $"{answered} answered, {empty} empty");
    }

    // As wide as is wanted, though the number may not need it; the last width is one that there is none of.
    private static byte[] Head(int major, int width, ulong value)
    {
        byte[] wide = BitConverter.GetBytes(value);
        Array.Reverse(wide);
        return width == 0 ? [(byte)((major << 5) | (int)(value & 31))]
            : [(byte)((major << 5) | (23 + width)), .. wide[(8 - (1 << Math.Min(3, width - 1)))..]];
    }
}

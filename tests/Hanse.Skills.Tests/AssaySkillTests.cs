using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Skills;
using Xunit;

namespace Hanse.Skills.Tests;

/// <summary>Whether to dig: against the same rule in C#, bit for bit, and against truth.</summary>
public sealed class AssaySkillTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private const long Dig = 1;
    private const long Leave = 2;
    private const long Measure = 3;

    private sealed record Assay(
        long Planned, long Room, long Wanted, long Price, long Cost, long Recovery, long Sure, long More,
        (long Grade, long Sigma)[] Readings)
    {
        public byte[] Question() => Shipped.Bytes(
        [
            1, Planned, Room, Wanted, Price, Cost, Recovery, Sure, More, Readings.Length,
            .. Readings.SelectMany(reading => new[] { reading.Grade, reading.Sigma }),
        ]);

        /// <summary>The rule that the skill states, in this language.</summary>
        public long[] Answer()
        {
            double pays = Cost * 1e12 / ((double)Price * Recovery);
            if (Readings.Length == 0)
            {
                return Say(More > 0 ? Measure : Leave, Math.Min(More, 3), 0, 0, pays, 0, false);
            }

            double middle = Median([.. Readings.Select(reading => (double)reading.Grade)]);
            double scatter =
                1.4826 * Median([.. Readings.Select(reading => Math.Abs(reading.Grade - middle))]);
            (double Grade, double Weight)[] believed = [.. Readings
                .Where(reading => Readings.Length < 3
                    || Math.Abs(reading.Grade - middle) <= 3 * Math.Max(scatter, reading.Sigma))
                .Select(reading => ((double)reading.Grade, 1 / ((double)reading.Sigma * reading.Sigma)))];
            double weights = believed.Aggregate(0.0, (sum, reading) => sum + reading.Weight);
            double mean = believed.Aggregate(0.0, (sum, reading) => sum + (reading.Weight * reading.Grade))
                / weights;
            double misfit = believed.Aggregate(0.0, (sum, reading) =>
                sum + ((reading.Grade - mean) * (reading.Grade - mean) * reading.Weight));
            int kept = believed.Length;
            double sigma = Math.Sqrt(Math.Max(1, kept > 1 ? misfit / (kept - 1) : 1) / weights);
            double doubt = Sure / 1000.0 * sigma;
            bool isRich = mean - doubt >= pays;
            bool isPoor = mean + doubt < pays;
            if (kept < 3 && More > 0)
            {
                return Say(Measure, Math.Min(More, 3 - kept), mean, sigma, pays, kept, false);
            }

            if (!isRich && !isPoor && mean != pays)
            {
                double toGo = doubt / (mean - pays);
                double lacking = Math.Max(1, Math.Ceiling(kept * toGo * toGo) - kept);
                if (lacking <= More)
                {
                    return Say(Measure, lacking, mean, sigma, pays, kept, false);
                }
            }

            double by = isRich ? Math.Max(pays, mean - doubt) : mean;
            double ore = isPoor || mean < pays || by <= 0 ? 0
                : Math.Min(Math.Min(Planned, Room), Math.Ceiling(Wanted * 1e12 / (by * Recovery)));
            return Say(ore > 0 ? Dig : Leave, ore, mean, sigma, pays, kept, isRich || isPoor);
        }

        private static long[] Say(
            long action, double amount, double mean, double sigma, double pays, int kept, bool isSure) =>
        [
            action, (long)amount, (long)Math.Floor(mean + 0.5), (long)Math.Ceiling(sigma),
            (long)Math.Ceiling(Math.Min(pays, 1e9)), kept, isSure ? 1 : 0,
        ];

        private static double Median(double[] values)
        {
            Array.Sort(values);
            int half = values.Length / 2;
            return values.Length % 2 != 0 ? values[half] : (values[half - 1] + values[half]) / 2;
        }
    }

    private static Assay Draw(Random random)
    {
        long rock = random.Next(100_000);
        long sigma = 1 + random.Next(random.Next(2) == 0 ? 500 : 20_000);
        int most = random.Next(2) == 0 ? 8 : 64;
        var readings = new (long, long)[random.Next(12) == 0 ? 0 : 1 + random.Next(most)];
        for (int i = 0; i < readings.Length; i++)
        {
            long grade = random.Next(10) == 0 ? random.Next(1_000_001)
                : Math.Clamp(rock + (long)(Normal(random) * sigma), 0, 1_000_000);
            readings[i] = (grade, Math.Max(1, sigma / (1 + random.Next(3))));
        }

        long cost = random.Next(20) == 0 ? 0 : random.Next(1_000_000);
        return new Assay(
            random.NextInt64(1L << random.Next(1, 50)), random.NextInt64(1L << random.Next(1, 50)),
            random.NextInt64(1L << random.Next(1, 50)), 1 + random.NextInt64(20_000_000), cost,
            1 + random.Next(1_000_000), random.Next(5_000), random.Next(2) == 0 ? 0 : random.Next(50),
            readings);
    }

    [Fact]
    public void It_gives_the_bits_of_its_rule()
    {
        using Skill skill = Wat.Load(sandbox.Engine, Shipped.Module("assay"));
        var random = new Random(20261130);
        var actions = new SortedDictionary<(long, long), int>();
        ulong most = 0;
        for (int i = 0; i < 20_000; i++)
        {
            Assay assay = Draw(random);
            SkillResult result = sandbox.Decide(skill, assay.Question());
            Assert.True(result.IsAnswered, result.Detail);
            long[] expected = assay.Answer();
            Assert.Equal(expected, Shipped.Numbers(result.Answer));
            actions[(expected[0], expected[6])] = actions.GetValueOrDefault((expected[0], expected[6])) + 1;
            most = Math.Max(most, result.Fuel);
        }

        string found = string.Join(", ", actions) + $", fuel {most}";
        Assert.True(actions.Count == 5 && actions.Values.Min() > 200 && most < 200_000, found);
    }

    // Rock of every grade around the one that pays, sensors that err by a sigma, and one reading of ten that
    // says anything at all. What is dug and does not pay, and what is left and would have paid, cost what
    // they lack.
    [Fact]
    public void It_digs_less_barren_rock_than_the_plain_mean()
    {
        using Skill skill = Wat.Load(sandbox.Engine, Shipped.Module("assay"));
        var random = new Random(5);
        (int sureDigs, int sureWrong, double lost, double lostByMean) = (0, 0, 0, 0);
        for (int i = 0; i < 5_000; i++)
        {
            double rock = 31_250 + (Normal(random) * 8_000);
            var readings = new (long Grade, long Sigma)[9];
            for (int k = 0; k < readings.Length; k++)
            {
                double read = random.Next(10) == 0 ? random.Next(200_000) : rock + (Normal(random) * 4_000);
                readings[k] = ((long)Math.Clamp(read, 0, 1_000_000), 4_000);
            }

            var assay = new Assay(
                40_000_000, 40_000_000, 500_000, 2_000_000, 50_000, 800_000, 2_000, 0, readings);
            long[] answer = Shipped.Numbers(sandbox.Decide(skill, assay.Question()).Answer);
            double byMean = readings.Average(reading => reading.Grade);
            lost += (answer[0] == Dig) == (rock >= 31_250) ? 0 : Math.Abs(rock - 31_250);
            lostByMean += (byMean >= 31_250) == (rock >= 31_250) ? 0 : Math.Abs(rock - 31_250);
            sureDigs += answer[0] == Dig && answer[6] == 1 ? 1 : 0;
            sureWrong += answer[0] == Dig && answer[6] == 1 && rock < 31_250 ? 1 : 0;
        }

        string found = $"{sureWrong} of {sureDigs} sure digs are wrong; lost {lost:F0}, by the mean "
            + $"{lostByMean:F0}";
        TestContext.Current.TestOutputHelper?.WriteLine(found);
        Assert.True(sureDigs > 1_000 && sureWrong < 0.023 * sureDigs && lost < lostByMean / 3, found);
    }

    [Fact]
    public void One_wild_reading_among_many_that_agree_changes_nothing()
    {
        using Skill skill = Wat.Load(sandbox.Engine, Shipped.Module("assay"));
        var random = new Random(9);
        for (int i = 0; i < 500; i++)
        {
            (long, long)[] readings = [.. Enumerable.Range(0, 7 + random.Next(20)).Select(
                _ => (50_000L + (long)(Math.Clamp(Normal(random), -2, 2) * 1_000), 1_000L))];
            var assay = new Assay(40_000_000, 30_000_000, 500_000, 2_000_000, 50_000, 800_000, 2_000, 9,
                readings);
            long wild = random.Next(2) == 0 ? random.Next(30_000) : 80_000 + random.Next(900_000);
            long[] calm = Shipped.Numbers(sandbox.Decide(skill, assay.Question()).Answer);
            byte[] spoilt = (assay with { Readings = [.. readings, (wild, 1_000)] }).Question();
            long[] answer = Shipped.Numbers(sandbox.Decide(skill, spoilt).Answer);
            Assert.Equal(calm[5], answer[5]);
            Assert.Equal(calm[..5], answer[..5]);
        }
    }

    [Fact]
    public void What_is_no_question_is_declined()
    {
        using Skill skill = Wat.Load(sandbox.Engine, Shipped.Module("assay"));
        long[] sound = [1, 100, 100, 10, 1_000, 10, 900_000, 2_000, 3, 1, 5_000, 100];
        Assert.True(sandbox.Decide(skill, Shipped.Bytes(sound)).IsAnswered);
        foreach ((int at, long value) in new[]
        {
            (0, 2L), (1, -1), (2, -1), (3, 1_000_000_000_000_001), (4, 0), (5, -1), (6, 0), (6, 1_000_001),
            (7, -1), (7, 10_001), (8, 1_001), (9, 2), (9, 65), (9, -1), (10, -1), (10, 1_000_001), (11, 0),
            (11, long.MaxValue),
        })
        {
            long[] wrong = [.. sound];
            wrong[at] = value;
            SkillResult result = sandbox.Decide(skill, Shipped.Bytes(wrong));
            Assert.True(result.Reason == AbstainReason.Declined, $"{at} {value}: {result.Reason}");
        }

        Assert.Equal(AbstainReason.Declined, sandbox.Decide(skill, []).Reason);
        Assert.Equal(AbstainReason.Declined, sandbox.Decide(skill, Shipped.Bytes(sound)[..^1]).Reason);
        Assert.Equal(AbstainReason.InputTooLong, sandbox.Decide(skill, new byte[1_105]).Reason);
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

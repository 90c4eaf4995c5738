using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Skills;
using Xunit;

namespace Hanse.Skills.Tests;

/// <summary>The order of stops: against every order there is, and against going to the nearest
/// next.</summary>
public sealed class HaulSkillTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private sealed record Haul(
        int Sites, long Capacity, long Aboard, long Start, long Back, long[] Change, long[] Opens,
        long[] Closes, long[] Service, long[,] Leg)
    {
        public byte[] Question()
        {
            var numbers = new List<long> { 1, Sites, Capacity, Aboard, Start, Back };
            for (int i = 0; i < Sites; i++)
            {
                numbers.AddRange([Change[i], Opens[i], Closes[i], Service[i]]);
            }

            foreach (long leg in Leg)
            {
                numbers.Add(leg);
            }

            return Shipped.Bytes([.. numbers]);
        }

        /// <summary>When the machine is back if it goes in this order; null when it may not.</summary>
        public long? Goes(IEnumerable<int> order)
        {
            (long now, long aboard, int place) = (Start, Aboard, 0);
            foreach (int site in order)
            {
                now = Math.Max(now + Leg[place, site + 1], Opens[site]);
                aboard += Change[site];
                if (now > Closes[site] || aboard < 0 || aboard > Capacity)
                {
                    return null;
                }

                now += Service[site];
                place = site + 1;
            }

            now += Leg[place, 0];
            return now > Back ? null : now;
        }

        /// <summary>The earliest of all orders, tried one after the other; null when there is none.</summary>
        public long? Best()
        {
            long? best = null;
            Try(Start, Aboard, 0, 0);
            return best;

            void Try(long now, long aboard, int place, int served)
            {
                if (served == (1 << Sites) - 1)
                {
                    long back = now + Leg[place, 0];
                    best = back <= Back && (best is null || back < best) ? back : best;
                    return;
                }

                for (int site = 0; site < Sites; site++)
                {
                    long comes = Math.Max(now + Leg[place, site + 1], Opens[site]);
                    long then = aboard + Change[site];
                    if ((served & (1 << site)) == 0 && comes <= Closes[site] && then >= 0 && then <= Capacity
                        && (best is null || comes + Service[site] < best))
                    {
                        Try(comes + Service[site], then, site + 1, served | (1 << site));
                    }
                }
            }
        }

        /// <summary>The same by sets of sites, which is faster where sites are many.</summary>
        public long? BestBySets()
        {
            var ends = new Dictionary<(int Set, int Last), long> { [(0, -1)] = Start };
            for (int set = 0; set < 1 << Sites; set++)
            {
                long aboard = Aboard + Enumerable.Range(0, Sites).Where(i => (set & (1 << i)) != 0)
                    .Sum(i => Change[i]);
                for (int last = -1; last < Sites; last++)
                {
                    if (!ends.TryGetValue((set, last), out long now))
                    {
                        continue;
                    }

                    for (int site = 0; site < Sites; site++)
                    {
                        long comes = Math.Max(now + Leg[last + 1, site + 1], Opens[site]);
                        long then = aboard + Change[site];
                        (int, int) with = (set | (1 << site), site);
                        if ((set & (1 << site)) == 0 && comes <= Closes[site] && then >= 0 && then <= Capacity
                            && (!ends.TryGetValue(with, out long known) || comes + Service[site] < known))
                        {
                            ends[with] = comes + Service[site];
                        }
                    }
                }
            }

            return Enumerable.Range(0, Sites).Where(last => ends.ContainsKey(((1 << Sites) - 1, last)))
                .Select(last => ends[((1 << Sites) - 1, last)] + Leg[last + 1, 0])
                .Where(back => back <= Back).Select(back => (long?)back).Min();
        }

        /// <summary>Always to the nearest site that may be served then.</summary>
        public long? Nearest()
        {
            (long now, long aboard, int place) = (Start, Aboard, 0);
            var order = new List<int>();
            while (order.Count < Sites)
            {
                int? next = Enumerable.Range(0, Sites)
                    .Where(site => !order.Contains(site) && aboard + Change[site] >= 0
                        && aboard + Change[site] <= Capacity
                        && Math.Max(now + Leg[place, site + 1], Opens[site]) <= Closes[site])
                    .OrderBy(site => Leg[place, site + 1]).Select(site => (int?)site).FirstOrDefault();
                if (next is not { } site)
                {
                    return null;
                }

                now = Math.Max(now + Leg[place, site + 1], Opens[site]) + Service[site];
                aboard += Change[site];
                place = site + 1;
                order.Add(site);
            }

            return Goes(order);
        }
    }

    // Sites on a square; ways there and back need not be alike. The tighter, the less often there is an
    // order.
    private static Haul Draw(Random random, int sites, int tightness, int most = 300)
    {
        var places = Enumerable.Range(0, sites + 1)
            .Select(_ => (X: random.Next(600), Y: random.Next(600))).ToArray();
        long[,] leg = new long[sites + 1, sites + 1];
        for (int a = 0; a <= sites; a++)
        {
            for (int b = 0; b <= sites; b++)
            {
                leg[a, b] = a == b ? 0 : Math.Abs(places[a].X - places[b].X)
                    + Math.Abs(places[a].Y - places[b].Y) + random.Next(30);
            }
        }

        long[] opens = [.. Enumerable.Range(0, sites)
            .Select(_ => random.Next(3) > 0 ? 0L : random.Next(1_500))];
        return new Haul(
            sites, 1_000, random.Next(600), random.Next(100), 20_000,
            [.. opens.Select(_ => (long)random.Next(-most * 5 / 6, most))], opens,
            [.. opens.Select(open => open + random.Next(400, tightness))],
            [.. opens.Select(_ => (long)random.Next(60))], leg);
    }

    private long? Ask(Skill skill, Haul haul, out bool isExact, out ulong fuel)
    {
        SkillResult result = sandbox.Decide(skill, haul.Question());
        fuel = result.Fuel;
        isExact = false;
        if (!result.IsAnswered)
        {
            Assert.Equal(AbstainReason.Declined, result.Reason);
            return null;
        }

        long[] answer = Shipped.Numbers(result.Answer);
        isExact = answer[1] == 1;
        int[] order = [.. answer[2..].Select(site => (int)site - 1)];
        Assert.Equal(Enumerable.Range(0, haul.Sites), order.Order());
        Assert.Equal(haul.Goes(order), answer[0]);
        return answer[0];
    }

    [Fact]
    public void Up_to_ten_sites_no_order_is_back_earlier()
    {
        using Skill skill = Wat.Load(sandbox.Engine, Shipped.Module("haul"));
        var random = new Random(20261130);
        (int found, int none) = (0, 0);
        for (int i = 0; i < 3_000; i++)
        {
            int sites = i < 2_900 ? 1 + (i % 7) : 8 + (i % 3);
            Haul haul = Draw(random, sites, 1_000 + (i % 4 * 2_000));
            long? best = haul.Best();
            Assert.Equal(best, Ask(skill, haul, out bool isExact, out ulong fuel));
            Assert.Equal(best, haul.BestBySets());
            Assert.True(best is null || isExact);
            Assert.InRange(fuel, 1UL, 5_000_000UL);
            found += best is null ? 0 : 1;
            none += best is null ? 1 : 0;
        }

        Assert.True(found > 1_000 && none > 300, $"{found} found, {none} without any order");
    }

    [Fact]
    public void Beyond_ten_it_is_near_the_best_and_better_than_going_to_the_nearest()
    {
        using Skill skill = Wat.Load(sandbox.Engine, Shipped.Module("haul"));
        var random = new Random(7);
        (double overBest, double overNearest, ulong most) = (0, 0, 0);
        (int compared, int missed, int worse, int nearests, int possible) = (0, 0, 0, 0, 0);
        for (int i = 0; i < 200; i++)
        {
            Haul haul = Draw(random, 11 + (i % 2), 12_000, 150);
            long? best = haul.BestBySets();
            long? answer = Ask(skill, haul, out bool isExact, out ulong fuel);
            most = Math.Max(most, fuel);
            Assert.False(isExact);
            possible += best is null ? 0 : 1;
            missed += best is not null && answer is null ? 1 : 0;
            if (answer is null)
            {
                continue;
            }

            Assert.True(answer >= best);
            overBest += (double)answer.Value / best!.Value;
            compared++;
            if (haul.Nearest() is { } nearest)
            {
                overNearest += (double)answer.Value / nearest;
                worse += answer > nearest ? 1 : 0;
                nearests++;
            }
        }

        string found = $"{compared} of {possible}, {missed} missed, {overBest / compared:F4} of the best, "
            + $"{overNearest / nearests:F4} of the nearest in {nearests}, worse {worse}, fuel {most}";
        TestContext.Current.TestOutputHelper?.WriteLine(found);
        Assert.True(
            compared > 100 && missed == 0 && nearests > 40 && overBest / compared < 1.02
                && overNearest / nearests < 0.9 && worse == 0 && most < 8_000_000, found);
    }

    [Fact]
    public void What_is_no_question_is_declined()
    {
        using Skill skill = Wat.Load(sandbox.Engine, Shipped.Module("haul"));
        Haul sound = Draw(new Random(1), 4, 9_000);
        byte[] question = sound.Question();
        Assert.True(sandbox.Decide(skill, question).IsAnswered);
        long[] numbers = Shipped.Numbers(question);
        foreach ((int at, long value) in new[]
        {
            (0, 2L), (1, 0), (1, 13), (1, -1), (1, 5), (2, -1), (3, -1), (3, 1_001), (4, -1),
            (5, 2_000_000_000),
            (6, long.MinValue), (7, -1), (8, long.MaxValue), (9, -1), (22, -1), (22, 1_000_001),
        })
        {
            long[] wrong = [.. numbers];
            wrong[at] = value;
            SkillResult result = sandbox.Decide(skill, Shipped.Bytes(wrong));
            Assert.True(result.Reason == AbstainReason.Declined, $"{at} {value}: {result.Reason}");
        }

        Assert.Equal(AbstainReason.Declined, sandbox.Decide(skill, question[..^8]).Reason);
        Assert.Equal(AbstainReason.Declined, sandbox.Decide(skill, question[..^1]).Reason);
        Assert.Equal(AbstainReason.Declined, sandbox.Decide(skill, []).Reason);
        Assert.Equal(AbstainReason.InputTooLong, sandbox.Decide(skill, new byte[1_785]).Reason);
    }
}

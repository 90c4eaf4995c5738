using System;
using System.Collections.Immutable;
using CsCheck;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Time;
using Xunit;

namespace Hanse.Core.Tests.Links;

/// <summary>The contact plan against a deliberately dumb twin that looks at every minute.</summary>
public sealed class ContactPlanTests
{
    private const int MinutesMax = 400;

    private static readonly Gen<ContactPlan> _plans =
        from phase in Gen.Int[0, 40]
        from period in Gen.Int[1, 30]
        from length in Gen.Int[1, period]
        from edges in Gen.Int[0, 12].Array[0, 8]
        select new ContactPlan
        {
            Phase = Minute(phase),
            Period = TimeSpan.FromMinutes(period),
            Length = TimeSpan.FromMinutes(length),
            BytesPerSecond = 100,
            LightTime = TimeSpan.FromSeconds(3),
            Outages = OutagesOf(edges),
        };

    [Fact]
    public void It_is_open_when_every_minute_says_so() =>
        Gen.Select(_plans, Gen.Int[0, 200]).Sample((plan, minute) =>
        {
            Assert.Equal(IsOpen(plan, minute), plan.IsOpen(Minute(minute)));
            Assert.Equal(
                IsOpen(plan, minute),
                plan.IsOpen(Minute(minute) + TimeSpan.FromSeconds(60) - TimeSpan.FromMicroseconds(1)));
        });

    [Fact]
    public void The_next_opening_is_the_first_open_minute_of_a_window() =>
        Gen.Select(_plans, Gen.Int[0, 100]).Sample((plan, from) =>
        {
            int expected = from;
            while (!IsOpening(plan, expected) && expected < MinutesMax)
            {
                expected++;
            }

            // Beyond the last outage every window opens, so there always is a next one well within the
            // horizon.
            Assert.Equal(Minute(expected), plan.NextOpening(Minute(from)));
        });

    [Fact]
    public void A_window_has_closed_when_it_was_open_for_all_its_minutes_and_is_not_any_more() =>
        Gen.Select(_plans, Gen.Int[0, 150], Gen.Int[0, 60]).Sample((plan, from, minutes) =>
        {
            int length = (int)plan.Length.TotalMinutes;
            int phase = (int)((plan.Phase - Instant.Epoch).TotalMinutes);
            int closed = 0;
            for (int at = from + 1; at <= from + minutes; at++)
            {
                int opening = at - length;
                bool isEnd = opening >= phase && (opening - phase) % (int)plan.Period.TotalMinutes == 0;
                bool isWhole = true;
                for (int minute = opening; minute < at && isEnd; minute++)
                {
                    isWhole &= IsOpen(plan, minute);
                }

                closed += isEnd && isWhole ? 1 : 0;
            }

            Assert.Equal(closed, plan.WindowsClosed(Minute(from), Minute(from + minutes)));
        });

    [Fact]
    public void The_closing_is_the_first_minute_after_which_it_is_not_open_or_another_window_begins() =>
        Gen.Select(_plans, Gen.Int[0, 200]).Sample((plan, minute) =>
        {
            if (!IsOpen(plan, minute))
            {
                return;
            }

            int expected = minute + 1;
            while (IsOpen(plan, expected) && Window(plan, expected) == Window(plan, minute))
            {
                expected++;
            }

            Assert.Equal(Minute(expected), plan.Closing(Minute(minute)));
        });

    [Fact]
    public void A_window_carries_its_seconds_times_its_rate()
    {
        var plan = new ContactPlan
        {
            Phase = Instant.Epoch,
            Period = TimeSpan.FromDays(1),
            Length = TimeSpan.FromMinutes(40),
            BytesPerSecond = 125,
            LightTime = TimeSpan.Zero,
        };
        Assert.Equal(300_000, plan.WindowBytes);
    }

    [Fact]
    public void Nodes_are_staggered_within_the_period_and_each_always_alike() =>
        Gen.UInt.Sample(node =>
        {
            var rule = new ContactRule(TimeSpan.FromHours(8), TimeSpan.FromMinutes(20), 125,
                TimeSpan.FromSeconds(9));
            ContactPlan plan = rule.PlanFor(new NodeId(node));
            Assert.InRange(plan.Phase.Micros, 0, (8 * 3_600_000_000L) - 1);
            Assert.Equal(plan.Phase, plan.Phase.FloorSecond);
            Assert.Equal(plan.Phase, rule.PlanFor(new NodeId(node)).Phase);
        });

    private static Instant Minute(int minute) => Instant.Epoch + TimeSpan.FromMinutes(minute);

    // Edges are gaps, so that the outages come in order and may touch but not overlap.
    private static ImmutableArray<Outage> OutagesOf(int[] gaps)
    {
        ImmutableArray<Outage>.Builder outages = ImmutableArray.CreateBuilder<Outage>();
        int minute = 0;
        for (int i = 0; i + 1 < gaps.Length; i += 2)
        {
            int from = minute + gaps[i];
            minute = from + gaps[i + 1] + 1;
            outages.Add(new Outage(Minute(from), Minute(minute)));
        }

        return outages.ToImmutable();
    }

    private static long Minutes(Instant at) => at.Micros / 60_000_000;

    private static long Window(ContactPlan plan, int minute)
    {
        long window = -1;
        for (long opening = Minutes(plan.Phase); opening <= minute; opening += (long)plan.Period.TotalMinutes)
        {
            window++;
        }

        return window;
    }

    private static bool IsOpen(ContactPlan plan, int minute)
    {
        foreach (Outage outage in plan.Outages)
        {
            if (Minutes(outage.From) <= minute && minute < Minutes(outage.To))
            {
                return false;
            }
        }

        for (long opening = Minutes(plan.Phase); opening <= minute; opening += (long)plan.Period.TotalMinutes)
        {
            if (minute < opening + (long)plan.Length.TotalMinutes)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsOpening(ContactPlan plan, int minute)
    {
        for (int earlier = minute - 1; earlier >= 0 && Window(plan, earlier) == Window(plan,
            minute); earlier--)
        {
            if (IsOpen(plan, earlier))
            {
                return false;
            }
        }

        return IsOpen(plan, minute);
    }
}

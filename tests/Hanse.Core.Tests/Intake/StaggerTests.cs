using System;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Intake;
using Hanse.Core.Time;
using Xunit;

namespace Hanse.Core.Tests.Intake;

/// <summary>Cycles do not align, whatever the identities.</summary>
public sealed class StaggerTests
{
    private static readonly TimeSpan _period = TimeSpan.FromDays(30);

    [Theory]
    [InlineData(100)]
    [InlineData(500)]
    [InlineData(1_000)]
    [InlineData(5_000)]
    public void Cycles_are_spread_evenly_over_the_period_by_identity(int nodes)
    {
        // Strides that line up under one constant or another: of Fibonacci and of powers of two.
        foreach (uint stride in new uint[] { 1, 2, 7, 610, 1_024, 65_536 })
        {
            int[] days = new int[30];
            for (uint node = 0; node < nodes; node++)
            {
                days[Stagger.NextCycle(new NodeId(node * stride), _period, Instant.Epoch).Micros
                    / 86_400_000_000]++;
            }

            // As even as chance: five deviations of a Poisson count, which for few nodes leans upwards.
            double mean = nodes / 30.0;
            double spread = 5 * Math.Sqrt(mean);
            Assert.All(days, count => Assert.InRange(count, Math.Max(0, mean - spread), mean + spread + 2));
        }
    }

    [Fact]
    public void A_cycle_begins_once_a_period_and_always_at_the_same_phase()
    {
        foreach (uint node in new uint[] { 0, 1, 2, 77, uint.MaxValue })
        {
            Instant first = Stagger.NextCycle(new NodeId(node), _period, Instant.Epoch);
            Assert.InRange(first.Micros, 0, (_period.Ticks / 10) - 1);
            Assert.Equal(first, Stagger.NextCycle(new NodeId(node), _period, first));
            Assert.Equal(
                first + _period,
                Stagger.NextCycle(new NodeId(node), _period, first + TimeSpan.FromMicroseconds(1)));
        }
    }

    [Fact]
    public void One_use_says_nothing_of_another()
    {
        // Of those early in one use about half are early in the other.
        TimeSpan half = _period / 2;
        int both = Enumerable.Range(0, 2_000).Count(node =>
            Stagger.Phase(new NodeId((uint)node), 1, _period) < half
            && Stagger.Phase(new NodeId((uint)node), 2, _period) < half);
        Assert.InRange(both, 420, 580);
    }
}

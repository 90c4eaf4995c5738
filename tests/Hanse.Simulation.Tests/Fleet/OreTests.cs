using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Hanse.Simulation.World;
using Xunit;

namespace Hanse.Simulation.Tests.Fleet;

/// <summary>Sites that give out: what is in them is dug once, and nodes come home with what they
/// have.</summary>
public sealed class OreTests
{
    [Fact]
    public void All_ore_is_accounted_for_whoever_digs_and_leaves()
    {
        for (int seed = 1; seed <= 300; seed++)
        {
            var random = new Random(seed);
            var ore = new OreBook((ulong)seed, 100, [2, 3]);
            var digging = new Dictionary<int, (double Aboard, double Most)>();
            double taken = 0;
            for (int step = 0; step < 200; step++)
            {
                int node = random.Next(8);
                if (digging.Remove(node, out (double Aboard, double Most) dig))
                {
                    double came = dig.Most * (random.Next(3) == 0 ? random.NextDouble() : 1);
                    ore.Leave(node, dig.Aboard + came);
                    taken += came / 0.1;
                }
                else
                {
                    double aboard = random.NextDouble() * 1e6;
                    double most = ore.Stake(
                        node, random.Next(2), random.Next(2), 0.1, aboard, random.NextDouble() * 2e6);
                    digging.Add(node, (aboard, most));
                }

                Assert.True(ore.IsSound);
            }

            // Five sites have no more than one and a half of the mean, of which four are dug.
            Assert.InRange(taken, 0, 4 * 150e6);
            Assert.Equal(taken > 4 * 149e6, ore.Over == 4 && taken > 4 * 149e6);
        }
    }

    [Fact]
    public void Without_a_mass_sites_have_no_end()
    {
        var ore = new OreBook(1, 0, [4]);
        Assert.Equal(double.PositiveInfinity, ore.Stake(1, 0, 3, 0.1, 0, 1e12));
        Assert.False(ore.IsShort(1));
        Assert.Equal(0, ore.Over);
    }

    // Who finds nothing gives its work back, and never goes there again.
    [Theory]
    [InlineData(71, 0)]
    [InlineData(72, 5)]
    public void Nodes_come_home_with_what_they_have_and_others_hear_of_it(ulong seed, double crashes)
    {
        Scenario calm = Calm.Fleet(seed);
        RunReport report = SimulationRun.Play(new RunOptions
        {
            Seed = seed,
            Scenario = calm with
            {
                Fleet = calm.Fleet with { Nodes = 40 },
                Regions = calm.Regions with { Count = 1, Anchors = ["Kalliope"], Sites = 8 },
                Sites = calm.Sites with { Tonnes = 1_500 },
                Faults = calm.Faults with { CrashesPer30Days = crashes },
            },
        });
        Assert.True(report.Ledger.Balanced);
        Assert.InRange(report.Sites.Over, 1, 8);
        Assert.InRange(report.Sites.Short, 2, int.MaxValue);
        Assert.InRange(report.Sites.Empty, 0, report.Nodes * report.Sites.Over); // Nobody twice.
        int ended = report.Contracts.Settled + report.Contracts.Expired + report.Contracts.Released
            + report.Contracts.Cancelled;
        Assert.InRange(report.Contracts.Awarded - ended, 0, report.Nodes);
    }
}

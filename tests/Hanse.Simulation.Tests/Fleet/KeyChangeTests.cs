using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Reconcile;
using Hanse.Simulation.Fleet;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Hanse.Simulation.World;
using Xunit;

namespace Hanse.Simulation.Tests.Fleet;

/// <summary>Fleets whose nodes change their keys again and again, through crashes, lost frames, handovers and
/// hubs that are lost.</summary>
public sealed class KeyChangeTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1, 12)]
    [InlineData(2, 12)]
    [InlineData(3, 30)]
    [InlineData(4, 30)]
    [InlineData(5, 50)]
    [InlineData(6, 50)]
    [InlineData(7, 20)]
    [InlineData(8, 20)]
    public void No_journal_is_doubted_for_a_key_that_the_node_has_named(ulong seed, int hours)
    {
        RunOptions drawn = Swarm.Draw(seed, null);
        RunOptions options = drawn with
        {
            HealAfter = null,
            Scenario = drawn.Scenario with
            {
                Days = 16,
                Conduct = Calm.Honest,
                Fleet = drawn.Scenario.Fleet with { Nodes = 16 },
                Regions = drawn.Scenario.Regions with { Count = 2, Depots = 2 },
                Faults = drawn.Scenario.Faults with
                {
                    CrashesPer30Days = 40,
                    HandoversPer30Days = 30,
                },
            },
        };
        var recording = new Recording();
        using (var simulation = new FleetSimulation(
            options, new WorldTwist(KeyChangeHours: hours), recording))
        {
            _ = simulation.Play();
        }

        int changes = 0;
        int judged = 0;
        foreach (object fact in recording.Steps.Values.SelectMany(steps => steps)
            .SelectMany(step => step.Facts))
        {
            if (fact is HubFact.Reconcile(ReconcileFact.Judged(_, _, var verdict)))
            {
                Assert.DoesNotContain(verdict.Reasons, reason => reason.Code
                    is ReasonCode.KeyUnknown or ReasonCode.KeyRetired or ReasonCode.KeyChangedTwice
                    or ReasonCode.Forged);
                changes += verdict.Reasons.Count(reason => reason.Code == ReasonCode.KeyChanged);
                judged++;
            }
        }

        output.WriteLine($"seed {seed}: {judged} returns, {changes} with another key");
        Assert.InRange(changes, 1, int.MaxValue);
    }
}

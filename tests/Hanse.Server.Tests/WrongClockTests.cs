using System;
using System.Linq;
using System.Threading.Tasks;
using Hanse.Agent;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Reconcile;
using Hanse.IO.Runtime;
using Xunit;

namespace Hanse.Server.Tests;

/// <summary>Nodes whose clocks are years off, in their frames and in their journals: what is ahead is said of
/// them, what is behind looks like a node that was away, and nobody else notices.</summary>
public sealed class WrongClockTests(ITestOutputHelper output)
{
    private const double Pace = 3_600;
    private static readonly TimeSpan _age = TimeSpan.FromDays(3 * 365);

    [Theory]
    [InlineData(365 * 50)]
    [InlineData(400)]
    [InlineData(-400)]
    [InlineData(-365 * 2.9)]
    public async Task A_node_with_a_wrong_clock_is_seen_as_such_and_the_others_go_on(double daysOff)
    {
        await using var mission = new SmallMission(pace: Pace, age: _age);
        await mission.StartAsync();
        DateTimeOffset epoch = mission.Epoch - (TimeSpan.FromDays(daysOff) / Pace);
        _ = await mission.RunNodeAsync(1, device: new BusyDevice());
        _ = await mission.RunNodeAsync(
            2, device: new BusyDevice(), clock: new MissionClock(TimeProvider.System, epoch, Pace));
        await SmallMission.Until(
            () => mission.Plane.AskAsync(mission.Region, hub => hub.Roster.Count == 2), "both are enrolled");
        await SmallMission.Until(
            () => mission.Plane.AskAsync(
                mission.Region, hub => hub.Reconciler.Receptions[new NodeId(2)].LastOutcome != 0
                    && hub.Reconciler.Receptions[new NodeId(1)].LastOutcome != 0),
            "what both have written was judged");
        (Reception honest, Reception off) = await mission.Plane.AskAsync(
            mission.Region,
            hub => (hub.Reconciler.Receptions[new NodeId(1)], hub.Reconciler.Receptions[new NodeId(2)]));
        output.WriteLine($"{daysOff} days off: {off.LastOutcome}, "
            + $"{string.Join(", ", off.Quarantine?.Reasons.Select(one => one.Code) ?? [])}; "
            + $"the other: {honest.LastOutcome}");
        output.WriteLine(string.Join("; ", mission.Refusals.Concat(mission.Failures)));
        Assert.True((await mission.Plane.StatusAsync(mission.Region)).IsBalanced);
        Assert.Equal(ReturnOutcome.Accepted, honest.LastOutcome);
        Assert.Null(off.Quarantine);
        Assert.Equal(daysOff > 0 ? ReturnOutcome.Corrected : ReturnOutcome.Accepted, off.LastOutcome);
        Assert.Empty(mission.Failures);
    }

    // Its hold fills and empties: there is always something to report.
    private sealed class BusyDevice : IDevice
    {
        public void Start(Action<NodeInput> tell) => _ = Task.Run(async () =>
        {
            for (long i = 0; i < 20; i++)
            {
                await Task.Delay(200);
                tell(new NodeInput.Observed([new Reading(Variable.Cargo, i % 2 * 800_000)]));
            }
        });

        public void Act(uint number, Order order)
        {
            // It does nothing, and so is never done.
        }

        public void ReadRaw(BlocksAsked asked)
        {
            // It has no raw log.
        }
    }
}

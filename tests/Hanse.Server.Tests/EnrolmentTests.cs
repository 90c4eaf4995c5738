using System.Linq;
using System.Threading.Tasks;
using Hanse.Core.Identity;
using Xunit;

namespace Hanse.Server.Tests;

public class EnrolmentTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nodes_enrol_over_the_network_and_are_still_there_after_a_restart(bool isStreaming)
    {
        await using var mission = new SmallMission();
        await mission.StartAsync();
        await Task.WhenAll(Enumerable.Range(1, mission.Nodes)
            .Select(node => mission.RunNodeAsync((uint)node, isStreaming)));
        await SmallMission.Until(
            async () =>
                await mission.Plane.AskAsync(mission.Region, hub => hub.Roster.Count) == mission.Nodes,
            "all nodes are enrolled: " + string.Join("; ", mission.Failures.Concat(mission.Refusals)));
        await mission.StopAsync();
        await mission.StartAsync();
        Assert.Equal(mission.Nodes, await mission.Plane.AskAsync(mission.Region, hub => hub.Roster.Count));
        Assert.Equal(mission.Nodes, mission.Registry.Count);
        Assert.Empty(mission.Failures);
    }
}

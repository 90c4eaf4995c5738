using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Xunit;

namespace Hanse.Server.Tests.Cores;

/// <summary>What a node says that it runs is held against what it may run.</summary>
public sealed class MeasuredCoreTests
{
    private static readonly Digest _approved = Digest.Of(Encoding.ASCII.GetBytes("one that may"));
    private static readonly Digest _other = Digest.Of(Encoding.ASCII.GetBytes("one that may not"));

    [Fact]
    public async Task A_return_under_an_approved_core_is_accepted_and_under_another_it_is_quarantined()
    {
        await using var mission = new SmallMission { Cores = [_approved] };
        await mission.StartAsync();
        _ = await mission.RunNodeAsync(1, core: _approved);
        _ = await mission.RunNodeAsync(2, core: _other);
        await SmallMission.Until(
            async () => await AcceptedAsync(mission, 1)
                && (await mission.Plane.StatusAsync(mission.Region)).Cases > 0,
            "one is accepted, and one waits for an operator");
        Assert.False(await AcceptedAsync(mission, 2));
        await mission.StopAsync();
        var reasons = new SortedSet<ReasonCode>();
        await foreach (HubFact fact in AgentKillTests.FactsOf<HubFact>(
            Path.Combine(mission.Folder, "hanse.db"), $"hub/{mission.Region.Value}"))
        {
            if (fact is HubFact.Reconcile(ReconcileFact.Judged(var node, _, var verdict)))
            {
                Assert.Equal(node.Value == 1, verdict.Outcome == ReturnOutcome.Accepted);
                reasons.UnionWith(verdict.Reasons.Select(reason => reason.Code));
            }
        }

        Assert.Contains(ReasonCode.CoreUnapproved, reasons);
    }

    private static Task<bool> AcceptedAsync(SmallMission mission, uint node) => mission.Plane.AskAsync(
        mission.Region,
        hub => hub.Reconciler.Receptions.TryGetValue(new NodeId(node), out Reception? reception)
            && reception.Accepted.Head.Size > 0);
}

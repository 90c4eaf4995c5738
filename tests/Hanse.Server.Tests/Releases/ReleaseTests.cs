using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using Hanse.Agent;
using Hanse.Cli.Releases;
using Hanse.Core.Hub;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Skills.Packages;
using Xunit;

namespace Hanse.Server.Tests.Releases;

/// <summary>Signed releases on their way from an operator's order to a node that decides by them, through a
/// real gateway and the one door, and those that stay outside it.</summary>
public sealed class ReleaseTests(ITestOutputHelper output)
{
    private const int Nodes = 3;

    [Fact]
    public async Task What_is_vouched_for_comes_to_decide_and_what_is_not_is_refused_and_the_node_goes_on()
    {
        await using var releases = new ReleaseMission();
        SmallMission mission = releases.Mission;
        ReleaseMaker maker = releases.Maker;
        Parcel withdrawn = maker.Push("1.0.0");
        Parcel good = maker.Push("1.0.1");
        maker.Withdraw("1.0.0");
        Parcel asking = maker.Push("1.1.0", ",\"capabilities\":[\"weld\"]");
        Parcel spoilt = maker.Push("1.2.0");
        Parcel resigned = maker.Forge(spoilt, "metadata/timestamp.json", WithAnotherSignature);
        Parcel bare = maker.Forge(spoilt, "metadata/timestamp.json", WithoutSignatures);
        releases.Spoilt = (spoilt.Digest, spoilt.Bytes.Length / 2);
        await mission.StartAsync();
        Shelved[] nodes = await Task.WhenAll(
            Enumerable.Range(1, Nodes).Select(node => Shelved.RunAsync(releases, (uint)node)));
        await SmallMission.Until(
            async () => await mission.Plane.AskAsync(mission.Region, hub => hub.Roster.Count) == Nodes,
            "the nodes are enrolled");

        // One signature is too few for an order as fast as that; the same order with two is taken.
        await releases.OrderAsync(1, bare, signatures: 1);
        await SmallMission.Until(
            () => Task.FromResult(mission.HasRefused("RolloutNotSigned")),
            "an order that one has signed is refused");
        await RefusedAsync(1, bare, "(too few signatures)");
        await RefusedAsync(2, resigned, "(bad signature)");
        await RefusedAsync(3, asking, "(grant): it needs weld");
        await RefusedAsync(4, spoilt, "(package): its bytes are not what the order names");

        // Its metadata is older than what came with the others, which leaves it out.
        await RefusedAsync(5, withdrawn, "(rollback)");

        // So is that of this one, which is vouched for to this day.
        await releases.OrderAsync(6, good);
        await SmallMission.Until(
            async () => await AllAsync(6, SkillState.Active) || await AllAsync(6, SkillState.Settled),
            "the release decides");
        Assert.Equal(Nodes, releases.Lines.Count(line => line == $"release {good.Digest}: admitted"));
        await releases.WorkAsync();
        foreach (Shelved node in nodes)
        {
            await SmallMission.Until(
                async () => (await releases.ReportAsync(node.Number, 6))?.State
                    is SkillState.Active or SkillState.Settled,
                "the hub knows");
        }

        await mission.StopAsync();
        Assert.Empty(mission.Failures);
        int again = await ReplayedAsync(mission);
        int taken = 0;
        foreach (Shelved node in nodes)
        {
            (List<SkillSlot> slots, int decisions) = await ReleaseMission.FactsAsync(
                Path.Combine(mission.Folder, $"node-{node.Number}.db"), node.Number, good.Digest);
            taken += decisions;
            Assert.Equal(good.Digest, slots[^1].Active);
            Assert.Equal(
                [1U, 2, 3, 4, 5],
                slots.Where(slot => slot.Reason == SkillReason.NotAdmitted)
                    .Select(slot => slot.Order.Rollout));
            Assert.Equal(
                [good.Digest.ToString()],
                Directory.GetFiles(node.Packages).Select(file => Path.GetFileName(file)));
        }

        output.WriteLine($"{taken} decisions by the release, {again} decisions taken again");
        Assert.InRange(taken, 1, int.MaxValue);

        async Task<bool> AllAsync(uint rollout, SkillState state)
        {
            SkillSlot?[] slots = await Task.WhenAll(nodes.Select(node => node.SlotAsync()));
            return slots.All(slot =>
                slot is not null && slot.Order.Rollout == rollout && slot.State == state);
        }

        async Task RefusedAsync(uint rollout, Parcel parcel, string reason)
        {
            await releases.OrderAsync(rollout, parcel);
            await SmallMission.Until(
                () => AllAsync(rollout, SkillState.Refused), $"rollout {rollout} is refused");
            Assert.Equal(Nodes, releases.Lines.Count(line => line.StartsWith(
                $"release {parcel.Digest}: not admitted {reason}", StringComparison.Ordinal)));
        }
    }

    // Whatever the hub took again, it could.
    private static async Task<int> ReplayedAsync(SmallMission mission)
    {
        int again = 0;
        await foreach (HubFact fact in AgentKillTests.FactsOf<HubFact>(
            Path.Combine(mission.Folder, "hanse.db"), $"hub/{mission.Region.Value}"))
        {
            if (fact is HubFact.Reconcile(ReconcileFact.Replayed replayed))
            {
                Assert.True(replayed.IsAvailable);
                again++;
            }
        }

        return again;
    }

    private static byte[] WithoutSignatures(byte[] file)
    {
        string text = Encoding.UTF8.GetString(file);
        int begin = text.IndexOf("\"signatures\":[", StringComparison.Ordinal) + "\"signatures\":[".Length;
        int end = text.IndexOf(']', begin);
        return Encoding.UTF8.GetBytes(text[..begin] + text[end..]);
    }

    private static byte[] WithAnotherSignature(byte[] file)
    {
        byte[] changed = [.. file];
        int at = Encoding.UTF8.GetString(file).IndexOf("\"sig\":\"", StringComparison.Ordinal) + 7;
        changed[at] = changed[at] == (byte)'0' ? (byte)'1' : (byte)'0';
        return changed;
    }

    // A node with a shelf of its own, in this process; the mission ends both.
    private sealed class Shelved(uint number, NodeHost host, string folder)
    {
        public uint Number => number;

        public string Packages => Path.Combine(folder, "packages");

        public static async Task<Shelved> RunAsync(ReleaseMission releases, uint number)
        {
            string path = Path.Combine(releases.Mission.Folder, $"shelf-{number}");
            var shelf = ReleaseShelf.Open(
                AgentFolder.Open(path), await File.ReadAllBytesAsync(releases.Maker.RootFile),
                releases.Maker.Epoch, new SortedSet<string>(["drill"]), () => releases.Mission.Clock.Now,
                releases.Log, out string? refusal);
            Assert.True(shelf is not null, refusal);
            return new Shelved(
                number, await releases.Mission.RunNodeAsync(number, shelf: shelf), path);
        }

        public Task<SkillSlot?> SlotAsync() =>
            host.AskAsync(node => node.Skills!.Of(SkillFunction.Pricing));
    }
}

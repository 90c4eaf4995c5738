using System;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Google.Protobuf;
using Grpc.Core;
using Hanse.Agent;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Strategy;
using Hanse.Core.Units;
using Hanse.Core.Wire;
using Hanse.IO.Gateway;
using Hanse.IO.Journal;
using Hanse.IO.Plane;
using Hanse.IO.Stores;
using Xunit;
using Birth = Hanse.Api.V1.Birth;

namespace Hanse.Server.Tests;

/// <summary>A machine that was built by a node becomes one over the network, with real keys; and a node whose
/// service ends is heard no more.</summary>
public class BirthGatewayTests
{
    private static readonly Ed25519Keys _ada = SmallMission.Key("ada");

    [Fact]
    public async Task A_machine_built_by_a_node_becomes_one_and_goes_on_after_a_restart()
    {
        await using var mission = new SmallMission { Operators = new([_ada.PublicKey], 1, 1) };
        await mission.StartAsync();
        var device = new Builder();
        _ = await mission.RunNodeAsync(1, device: device);
        await QuotaAsync(mission);
        Ed25519Keys key = SmallMission.Key("child");
        SignedBirth birth = await BuiltAsync(mission, device, 1, key);
        Assert.Equal(new NodeId(1), birth.Certificate.Parent);

        // However often, at the same time, by the same machine.
        EnrolmentIs(1_000, await Task.WhenAll(
            Enumerable.Range(0, 5).Select(_ => EnrolAsync(mission, birth, key))));
        await using (var store = SqliteStore.Open(Path.Combine(mission.Folder, "node-1000.db")))
        await using (NodeHost child = await RunAsync(mission, store, birth.Certificate, key))
        {
            await SmallMission.Until(
                async () => await child.AskAsync(node => node.Epoch.Value > 0), "the child is enrolled");
        }

        // Another machine's key under that number, and the same with an altered certificate.
        Ed25519Keys thief = SmallMission.Key("thief");
        await RefusedAsync(mission, birth, thief, StatusCode.PermissionDenied, "not by the key");
        BirthCertificate altered = birth.Certificate with { PublicKey = thief.PublicKey };
        await RefusedAsync(
            mission, birth with { Certificate = altered }, thief, StatusCode.PermissionDenied, "altered");
        SignedBirth twice = Sign(altered, SmallMission.Key("node 1"));
        await RefusedAsync(mission, twice, thief, StatusCode.PermissionDenied, "another machine's");

        await mission.StopAsync();
        await mission.StartAsync();
        EnrolmentIs(1_000, await EnrolAsync(mission, birth, key));
        HubNode seen = Assert.Single(await mission.Plane.NodesAsync(mission.Region, new NodeId(999), 1));
        Assert.Equal(1_000U, seen.Node.Value);
        Assert.Empty(mission.Failures);
    }

    [Fact]
    public async Task Each_reason_against_a_birth_is_said_in_words_and_nothing_else_happens()
    {
        await using var mission = new SmallMission { Operators = new([_ada.PublicKey], 1, 1) };
        await mission.StartAsync();
        var device = new Builder();
        _ = await mission.RunNodeAsync(1, device: device);
        _ = await mission.RunNodeAsync(2);
        await QuotaAsync(mission);
        Ed25519Keys key = SmallMission.Key("child");
        Ed25519Keys parent = SmallMission.Key("node 1");
        BirthCertificate word = (await BuiltAsync(mission, device, 1, key)).Certificate;
        StatusCode no = StatusCode.PermissionDenied;
        await RefusedAsync(
            mission, Sign(word with { Parent = new NodeId(5) }, parent), key, no, "no node of");
        await RefusedAsync(
            mission, Sign(word with { Parent = new NodeId(2) }, parent), key, no, "not signed");
        await RefusedAsync(
            mission, Sign(word with { Parent = new NodeId(2) }, SmallMission.Key("node 2")), key, no,
            "no lease");
        await RefusedAsync(mission, Sign(word with { Lease = 7 }, parent), key, no, "no lease");
        await RefusedAsync(mission, Sign(word with { Region = new RegionId(9) }, parent), key, no, "no hub");
        await RefusedAsync(mission, Sign(word with { Class = 4 }, parent), key, no, "another class");
        await RefusedAsync(
            mission, Sign(word with { Child = new NodeId(1_090) }, parent), key, no, "none of lease");
        await RefusedAsync(
            mission, Sign(word with { Child = new NodeId(2) }, parent), key, no, "another node's");
        BirthCertificate late = word with { At = word.At + TimeSpan.FromDays(300) };
        await RefusedAsync(mission, Sign(late, parent), key, no, "had ended");
        Ed25519Keys known = SmallMission.Key("node 2");
        await RefusedAsync(
            mission, Sign(word with { PublicKey = known.PublicKey }, parent), known, no, "that of node 2");
        RpcException refused = await Assert.ThrowsAsync<RpcException>(async () =>
            await mission.Client.EnrolBornAsync(new Birth
            {
                Certificate = ByteString.CopyFrom(new byte[4_000]),
                Signature = ByteString.CopyFrom(new byte[64]),
            }));
        Assert.Contains("no certificate", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(0, await mission.Plane.AskAsync(mission.Region, hub => hub.Births.Births.Count));
        EnrolmentIs(word.Child.Value, await EnrolAsync(mission, Sign(word, parent), key));
    }

    [Fact]
    public async Task Of_twenty_machines_with_one_number_one_becomes_the_node()
    {
        await using var mission = new SmallMission { Operators = new([_ada.PublicKey], 1, 1) };
        await mission.StartAsync();
        var device = new Builder();
        _ = await mission.RunNodeAsync(1, device: device);
        await QuotaAsync(mission);
        SignedBirth birth = await BuiltAsync(mission, device, 1, SmallMission.Key("child 0"));
        BirthCertificate word = birth.Certificate;
        bool[] taken = await Task.WhenAll(Enumerable.Range(0, 20).Select(async number =>
        {
            Ed25519Keys key = SmallMission.Key($"child {number}");
            try
            {
                _ = await EnrolAsync(
                    mission, Sign(word with { PublicKey = key.PublicKey }, SmallMission.Key("node 1")), key);
                return true;
            }
            catch (RpcException refused) when (refused.StatusCode == StatusCode.PermissionDenied)
            {
                return false;
            }
        }));
        Assert.Single(taken, one => one);
        Assert.Equal(1, await mission.Plane.AskAsync(mission.Region, hub => hub.Births.Births.Count));
        Assert.Equal(
            [new NodeId(1)],
            await mission.Plane.AskAsync(mission.Region, hub => hub.Births.BarredParents.ToArray()));
    }

    // The lease says which key spoke for the parent: whatever it signed under it holds, and no other key's.
    [Fact]
    public async Task What_a_parent_signed_before_it_changed_its_key_holds_until_it_is_revoked()
    {
        await using var mission = new SmallMission { Operators = new([_ada.PublicKey], 1, 1) };
        await mission.StartAsync();
        var device = new Builder();
        _ = await mission.RunNodeAsync(1, device: device);
        await QuotaAsync(mission);
        Ed25519Keys first = SmallMission.Key("node 1");
        Ed25519Keys second = SmallMission.Key("node 1, later");
        Ed25519Keys child = SmallMission.Key("child 1");
        SignedBirth birth = await BuiltAsync(mission, device, 1, child);
        BirthCertificate word = birth.Certificate;
        Ed25519Keys forged = SmallMission.Key("forged");
        StatusCode no = StatusCode.PermissionDenied;
        Assert.Null(await mission.Registry.ChangeAsync(mission.Mission, Change(mission, first, second)));
        await RefusedAsync(
            mission, Sign(word with { Lease = 7, PublicKey = forged.PublicKey }, first), forged, no,
            "no lease");
        EnrolmentIs(word.Child.Value, await EnrolAsync(mission, birth, child));

        // The new key speaks for the parent, and the hub hears of it with the parent's next return.
        Ed25519Keys young = SmallMission.Key("child 2");
        BirthCertificate next = word with { Child = new NodeId(word.Child.Value + 1) };
        await RefusedAsync(
            mission, Sign(next with { PublicKey = young.PublicKey }, second), young, StatusCode.Unavailable,
            "by the key that signed");

        await mission.Registry.RevokeAsync(new NodeId(1));
        Ed25519Keys late = SmallMission.Key("child 3");
        foreach (Ed25519Keys key in (Ed25519Keys[])[first, second])
        {
            await RefusedAsync(
                mission, Sign(next with { PublicKey = late.PublicKey }, key), late, no, "revoked");
        }

        Assert.Equal(1, await mission.Plane.AskAsync(mission.Region, hub => hub.Births.Births.Count));
    }

    private static KeyChange Change(SmallMission mission, Ed25519Keys former, Ed25519Keys next)
    {
        byte[] signed = CallSignature.OfNodeKey(mission.Mission, 1, 2, former.PublicKey, next.PublicKey);
        return new KeyChange(new NodeId(1), 2, next.PublicKey, former.Sign(signed), next.Sign(signed));
    }

    [Fact]
    public async Task A_node_that_is_retired_is_refused_with_a_reason_here_and_in_other_processes()
    {
        await using var mission = new SmallMission();
        await mission.StartAsync();
        NodeHost node = await mission.RunNodeAsync(3);
        await SmallMission.Until(
            async () => await node.AskAsync(agent => agent.Epoch.Value > 0), "it is enrolled");
        NodeRegistry other = await NodeRegistry.LoadAsync(mission.Store);
        await mission.Plane.TellAsync(mission.Region, new HubInput.RetireOrdered(new NodeId(3), false));
        await SmallMission.Until(
            () => Task.FromResult(mission.Registry.IsRetired(new NodeId(3))), "its key is revoked");
        Assert.True(await mission.Plane.AskAsync(
            mission.Region, hub => hub.Roster[new NodeId(3)].IsRetired));
        Ed25519Keys key = SmallMission.Key("node 3");
        var call = new Api.V1.Call { Node = 3, Count = ulong.MaxValue >> 1 };
        call.Signature = ByteString.CopyFrom(
            key.Sign(CallSignature.OfCall(mission.Mission, 3, call.Count, [])));
        RpcException refused =
            await Assert.ThrowsAsync<RpcException>(async () => await mission.Client.SyncAsync(call));
        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
        Assert.Contains("retired", refused.Status.Detail, StringComparison.Ordinal);

        // A token of its number is of no use, whenever it was made.
        byte[] token = await mission.Registry.IssueAsync(new NodeId(3));
        RpcException denied = await Assert.ThrowsAsync<RpcException>(async () =>
            await GatewayUplink.EnrolAsync(
                mission.Client, token, SmallMission.Key("anybody"), new GatewayPin()));
        Assert.Contains("retired", denied.Status.Detail, StringComparison.Ordinal);

        // Another process that has it for a node hears of it; one that starts now knows it.
        Assert.False(other.IsRetired(new NodeId(3)));
        await other.RefreshAsync();
        Assert.True(other.IsRetired(new NodeId(3)));
        Assert.True((await NodeRegistry.LoadAsync(mission.Store)).IsRetired(new NodeId(3)));
    }

    private static void EnrolmentIs(uint node, params Api.V1.EnrolmentTaken[] taken) =>
        Assert.All(taken, one => Assert.Equal(node, one.Node));

    private static SignedBirth Sign(BirthCertificate certificate, Ed25519Keys parent) =>
        new(certificate, parent.Sign(certificate.ToSign()));

    private static async Task<Api.V1.EnrolmentTaken> EnrolAsync(
        SmallMission mission, SignedBirth birth, Ed25519Keys key)
    {
        byte[] bytes = CborWriter.Bytes(birth);
        return await mission.Client.EnrolBornAsync(new Birth
        {
            Certificate = ByteString.CopyFrom(bytes),
            Signature = ByteString.CopyFrom(key.Sign(CallSignature.OfBirth(mission.Mission, bytes))),
        });
    }

    private static async Task RefusedAsync(
        SmallMission mission, SignedBirth birth, Ed25519Keys key, StatusCode status, string why)
    {
        RpcException refused =
            await Assert.ThrowsAsync<RpcException>(() => EnrolAsync(mission, birth, key));
        Assert.Equal(status, refused.StatusCode);
        Assert.Contains(why, refused.Status.Detail, StringComparison.Ordinal);
    }

    private static async Task QuotaAsync(SmallMission mission)
    {
        int kind = mission.SpecOf(1).Design.Class;
        int generation = mission.SpecOf(1).Design.Generation;
        var quota = new BirthQuota(
            1, default, new BirthRange(1_000, 100),
            new BirthTerms(
                [kind], generation, generation, (mission.Clock.Now + TimeSpan.FromDays(300)).FloorSecond,
                TimeSpan.FromDays(60), TimeSpan.FromDays(60), TimeSpan.FromDays(30), 1,
                Credits.FromWhole(1)));
        ImmutableArray<OperatorSignature> signed =
            [new OperatorSignature(_ada.PublicKey, _ada.Sign(quota.ToSign()))];
        await SmallMission.Until(
            async () =>
            {
                await mission.Plane.TellAsync(new StrategyInput.BirthsOrdered(quota, signed));
                return await mission.Plane.AskAsync(mission.Region, hub => hub.Births.Quotas.Count) == 1;
            },
            "the hub has its share of births");
    }

    private static async Task<SignedBirth> BuiltAsync(
        SmallMission mission, Builder device, uint build, Ed25519Keys key)
    {
        MachineDesign design = mission.SpecOf(1).Design;
        await SmallMission.Until(
            () =>
            {
                device.Tell(new NodeInput.ChildBuilt(
                    new Built(build, key.PublicKey, design.Class, design.Generation)));
                return Task.FromResult(device.Births.ContainsKey(build));
            },
            "the parent has certified its child");
        return device.Births[build];
    }

    private static async Task<NodeHost> RunAsync(
        SmallMission mission, SqliteStore store, BirthCertificate certificate, Ed25519Keys key)
    {
        ulong count = 0;
        var keys = new NodeKeys(key);
        var host = new NodeHost(new AgentParts
        {
            Spec = mission.SpecOf(1) with { Node = certificate.Child, PublicKey = key.PublicKey },
            Keys = keys,
            Store = store,
            Clock = mission.Clock,
            Uplink = new GatewayUplink(
                mission.Client,
                new GatewayCaller(
                    certificate.Child, mission.Mission, keys, () => ++count, new GatewayPin())),
            Device = new IdleDevice(),
        });
        await host.StartAsync();
        return host;
    }

    // A machine that builds others.
    private sealed class Builder : IDevice
    {
        public Action<NodeInput> Tell { get; private set; } = _ => { };

        public ConcurrentDictionary<uint, SignedBirth> Births { get; } = new();

        public void Start(Action<NodeInput> tell) => Tell = tell;

        public void Act(uint number, Order order)
        {
        }

        public void ReadRaw(BlocksAsked asked)
        {
        }

        public void Bear(uint build, SignedBirth birth) => Births[build] = birth;
    }
}

using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Google.Protobuf;
using Grpc.Core;
using Hanse.Agent;
using Hanse.Api.V1;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.IO.Gateway;
using Hanse.IO.Journal;
using Xunit;
using KeyChange = Hanse.IO.Gateway.KeyChange;

namespace Hanse.Server.Tests;

/// <summary>A node's key is followed by another: at the gateway, across processes, and in the
/// journal.</summary>
public sealed class KeyChangeTests : IAsyncLifetime
{
    private static readonly NodeId _node = new(1);

    private readonly SmallMission _mission = new();
    private readonly Ed25519Keys _first = SmallMission.Key("node 1");
    private readonly Ed25519Keys _second = SmallMission.Key("second");
    private readonly Ed25519Keys _third = SmallMission.Key("third");
    private ulong _count = (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() << 10;

    public async ValueTask InitializeAsync() => await _mission.StartAsync();

    public async ValueTask DisposeAsync() => await _mission.DisposeAsync();

    [Fact]
    public async Task The_new_key_speaks_at_once_and_the_old_one_only_repeats_the_change()
    {
        _ = await EnrolAsync();
        await CallAsync(_first);
        await ChangeAsync(2, _first, _second);
        await CallAsync(_second);
        Assert.Contains("key 1 of node 1 was replaced", await RefusalAsync(_first), Text);
        await ChangeAsync(2, _first, _second); // The answer was lost.
        await ChangeAsync(3, _second, _third);
        await ChangeAsync(2, _first, _second);
        await CallAsync(_third);
        Assert.Contains("key 2 of node 1 was replaced", await RefusalAsync(_second), Text);
        Assert.Contains("key 1 of node 1 was replaced", await RefusalAsync(_first), Text);

        // After a restart all of it still holds.
        await _mission.StopAsync();
        await _mission.StartAsync();
        await CallAsync(_third);
        Assert.Contains("key 2 of node 1 was replaced", await RefusalAsync(_second), Text);
        Assert.Equal(3u, _mission.Registry.SerialOf(_node));
    }

    [Fact]
    public async Task Of_two_successors_the_first_counts_and_the_other_is_refused()
    {
        _ = await EnrolAsync();
        await ChangeAsync(2, _first, _second);
        string refused = await ChangeRefusalAsync(2, _first, _third);
        Assert.Contains("the first counts", refused, Text);
        await CallAsync(_second);
        Assert.Contains("belong together", await RefusalAsync(_third), Text);
    }

    [Fact]
    public async Task A_change_without_both_signatures_of_another_or_back_is_refused()
    {
        _ = await EnrolAsync();
        Assert.Contains("takes the signatures", await ChangeRefusalAsync(2, _second, _third), Text);
        KeyChange good = Change(2, _first, _second);
        foreach (KeyChange bad in (KeyChange[])
        [
            good with { ByNew = good.ByFormer },
            good with { ByFormer = good.ByNew },
            good with { Key = _third.PublicKey },
            good with { Node = new NodeId(2) },
            Change(2, _first, _second, new byte[32]),
            good with { Serial = 3 },
            good with { Serial = 1 },
            good with { Serial = 0 },
            good with { Serial = uint.MaxValue },
            good with { Key = new byte[31] },
            good with { ByNew = default },
        ])
        {
            Assert.NotNull(await _mission.Registry.ChangeAsync(_mission.Mission, bad));
        }

        Assert.Equal(1u, _mission.Registry.SerialOf(_node));
        await ChangeAsync(2, _first, _second);
        Assert.Contains("had that key before", await ChangeRefusalAsync(3, _second, _first), Text);
        Assert.Contains("takes the signatures", await ChangeRefusalAsync(3, _first, _third), Text);
        await CallAsync(_second);
    }

    [Fact]
    public async Task Processes_of_one_store_agree_on_the_key_however_they_race()
    {
        _ = await EnrolAsync();
        NodeRegistry[] all = [.. await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => NodeRegistry.LoadAsync(_mission.Store)))];
        string?[] outcomes = await Task.WhenAll(all.Select((registry, i) => registry.ChangeAsync(
            _mission.Mission, Change(2, _first, SmallMission.Key($"successor {i % 4}")))));
        int[] winners = [.. Enumerable.Range(0, 8).Where(i => outcomes[i] is null).Select(i => i % 4)];
        int winner = Assert.Single(winners.Distinct());
        Assert.Equal(2, winners.Length); // The same change at two processes is the same change.
        byte[] key = SmallMission.Key($"successor {winner}").PublicKey;
        Assert.All(all, registry => Assert.Equal(key, registry.KeyOf(_node)));

        // One that only listens hears of it, and of a revocation, by itself.
        await SmallMission.Until(
            () =>
            {
                _mission.Registry.LookAgain();
                return Task.FromResult(_mission.Registry.SerialOf(_node) == 2);
            },
            "a process that was not called knows the new key");
        await all[3].RevokeAsync(_node);
        await SmallMission.Until(
            () =>
            {
                _mission.Registry.LookAgain();
                return Task.FromResult(_mission.Registry.IsRevoked(_node));
            },
            "and that it speaks no more");
        Assert.True((await NodeRegistry.LoadAsync(_mission.Store)).IsRevoked(_node));
    }

    [Fact]
    public async Task A_revoked_key_is_heard_no_more_and_its_number_is_nobodys()
    {
        byte[] token = await EnrolAsync();
        byte[] unused = await _mission.Registry.IssueAsync(_node);
        using AsyncDuplexStreamingCall<Call, Answer> stream = _mission.Client.Connect();
        await stream.RequestStream.WriteAsync(CallOf(_first));
        Assert.True(await stream.ResponseStream.MoveNext(default));
        await _mission.Registry.RevokeAsync(_node);
        await _mission.Registry.RevokeAsync(_node);
        await SmallMission.Until(
            async () =>
            {
                try
                {
                    return !await stream.ResponseStream.MoveNext(default);
                }
                catch (RpcException)
                {
                    return true;
                }
            },
            "its stream ends");
        Assert.Contains("was revoked by an operator", await RefusalAsync(_first), Text);
        Assert.Contains("was revoked", await ChangeRefusalAsync(2, _first, _second), Text);
        foreach ((byte[] shown, Ed25519Keys key) in ((byte[], Ed25519Keys)[])
            [(token, _first), (unused, _second), (unused, _first)])
        {
            RpcException refused = await Assert.ThrowsAsync<RpcException>(
                () => GatewayUplink.EnrolAsync(_mission.Client, shown, key, new GatewayPin()));
            Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
        }
    }

    [Fact]
    public async Task A_number_that_was_revoked_before_it_had_a_key_gets_none()
    {
        byte[] token = await _mission.Registry.IssueAsync(_node);
        await _mission.Registry.RevokeAsync(_node);
        RpcException refused = await Assert.ThrowsAsync<RpcException>(
            () => GatewayUplink.EnrolAsync(_mission.Client, token, _first, new GatewayPin()));
        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
        Assert.Contains("was revoked", await RefusalAsync(_first), Text);
        NodeRegistry again = await NodeRegistry.LoadAsync(_mission.Store);
        Assert.True(again.IsRevoked(_node));
        Assert.Null(again.KeyOf(_node));
    }

    // Orders by an operator, one after the other; the journal follows each time, and its hub accepts it.
    [Fact]
    public async Task A_node_changes_its_key_twice_on_order_and_its_hub_believes_its_journal()
    {
        var keys = new NodeKeys(_first);
        _ = await _mission.RunNodeAsync(1, keys: keys);
        for (uint serial = 1; serial <= 2; serial++)
        {
            await SmallMission.Until(async () => await JournalAsync() > 0, "its hub has some of its journal");
            Assert.Equal(serial, await _mission.Registry.OrderChangeAsync(_node));
            await SmallMission.Until(
                () => Task.FromResult(keys.Own.Serial == serial + 1 && !keys.IsUnsettled),
                $"key {serial + 1} speaks for it, and signs its journal");
            Assert.Equal(keys.Own.Key.PublicKey, _mission.Registry.KeyOf(_node));
            await SmallMission.Until(
                () => _mission.Plane.AskAsync(_mission.Region, hub => hub.Reconciler.Receptions[_node]
                    .Accepted.Key.AsSpan().SequenceEqual(keys.Own.Key.PublicKey)),
                $"its hub goes by key {serial + 1}; " + string.Join("; ", _mission.Refusals));
        }

        Reception reception = await _mission.Plane.AskAsync(
            _mission.Region, hub => hub.Reconciler.Receptions[_node]);
        Assert.Equal(2, reception.Accepted.FormerKeys.Length);
        Assert.Null(reception.Quarantine);
        Assert.Empty(_mission.Failures);
    }

    // Whatever a machine had on its disk when it was ended, it goes on to a key that speaks for it.
    [Theory]
    [InlineData("made and not told")]
    [InlineData("told and not answered")]
    [InlineData("told, and the answer lost on its way")]
    [InlineData("answered and not kept")]
    [InlineData("kept and not in the journal")]
    public async Task A_machine_that_ended_anywhere_ends_with_a_key_that_speaks_for_it(string phase)
    {
        string path = Path.Combine(_mission.Folder, "agent");
        string file = Path.Combine(path, "node.keys");
        var folder = AgentFolder.Open(path);
        byte[] token = await _mission.Registry.IssueAsync(_node);
        GatewayPin pin = folder.OpenPin(null);
        _ = await GatewayUplink.EnrolAsync(_mission.Client, token, folder.Keys.Own.Key, pin);
        byte[] first = folder.Keys.First;
        string secret = Convert.ToHexStringLower(folder.Keys.Own.Key.ExportSeed());
        Assert.True(folder.Keys.Begin());
        Assert.False(File.Exists(Path.Combine(path, "node.key"))); // The former is in one place only.
        byte[] made = await File.ReadAllBytesAsync(file);
        Ed25519Keys next = folder.Keys.Next!;
        if (phase is not "made and not told")
        {
            await ChangeAsync(2, folder.Keys.Own.Key, next);
        }

        if (phase is "kept and not in the journal")
        {
            folder.Keys.Taken(next);
        }
        else if (phase is "answered and not kept")
        {
            folder.Keys.Taken(next);
            await File.WriteAllBytesAsync(file, made);
        }

        var again = AgentFolder.Open(path);
        Assert.Equal(first, again.Keys.First);
        _ = await _mission.RunNodeAsync(
            1, phase is not "told, and the answer lost on its way", keys: again.Keys);
        await SmallMission.Until(
            () => Task.FromResult(again.Keys is { Own.Serial: 2, IsUnsettled: false, Next: null }),
            "the new key speaks for it and signs its journal");
        Assert.Equal(next.PublicKey, again.Keys.Own.Key.PublicKey);
        Assert.Equal(next.PublicKey, _mission.Registry.KeyOf(_node));
        var last = AgentFolder.Open(path);
        Assert.Equal(2u, last.Keys.Own.Serial);
        Assert.Equal(first, last.Keys.First);
        Assert.DoesNotContain(secret, (await File.ReadAllTextAsync(file)).Split(' '));
    }

    private const StringComparison Text = StringComparison.Ordinal;

    private Task<ulong> JournalAsync() => _mission.Plane.AskAsync(
        _mission.Region, hub => hub.Reconciler.Receptions.TryGetValue(_node, out Reception? reception)
            ? reception.Accepted.Head.Size : 0);

    private async Task<byte[]> EnrolAsync()
    {
        byte[] token = await _mission.Registry.IssueAsync(_node);
        _ = await GatewayUplink.EnrolAsync(_mission.Client, token, _first, new GatewayPin());
        return token;
    }

    private Call CallOf(Ed25519Keys key)
    {
        ulong count = ++_count;
        return new Call
        {
            Node = 1,
            Count = count,
            Signature = ByteString.CopyFrom(
                key.Sign(CallSignature.OfCall(_mission.Mission, 1, count, []))),
        };
    }

    private async Task CallAsync(Ed25519Keys key) => _ = await _mission.Client.SyncAsync(CallOf(key));

    private async Task<string> RefusalAsync(Ed25519Keys key)
    {
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => CallAsync(key));
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
        return refused.Status.Detail;
    }

    private KeyChange Change(uint serial, Ed25519Keys former, Ed25519Keys key, byte[]? mission = null)
    {
        byte[] signed = CallSignature.OfNodeKey(
            mission ?? _mission.Mission, 1, serial, former.PublicKey, key.PublicKey);
        return new KeyChange(_node, serial, key.PublicKey, former.Sign(signed), key.Sign(signed));
    }

    private async Task ChangeAsync(uint serial, Ed25519Keys former, Ed25519Keys key)
    {
        KeyChange change = Change(serial, former, key);
        var told = new Api.V1.KeyChange
        {
            Node = 1,
            Serial = serial,
            Key = ByteString.CopyFrom(change.Key.Span),
            ByFormer = ByteString.CopyFrom(change.ByFormer.Span),
            ByNew = ByteString.CopyFrom(change.ByNew.Span),
        };
        new GatewayPin().Check(_mission.Mission, told, await _mission.Client.ChangeKeyAsync(told));
    }

    private async Task<string> ChangeRefusalAsync(uint serial, Ed25519Keys former, Ed25519Keys key)
    {
        RpcException refused = await Assert.ThrowsAsync<RpcException>(
            () => ChangeAsync(serial, former, key));
        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
        return refused.Status.Detail;
    }
}

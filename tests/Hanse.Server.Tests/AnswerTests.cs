using System;
using System.Collections.Concurrent;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Google.Protobuf;
using Hanse.Agent;
using Hanse.Api.V1;
using Hanse.Core.Identity;
using Hanse.IO.Gateway;
using Hanse.IO.Journal;
using Xunit;

namespace Hanse.Server.Tests;

/// <summary>Whatever is on the way between a node and its mission can lose answers, and do nothing
/// else.</summary>
public sealed class AnswerTests : IAsyncLifetime
{
    private readonly SmallMission _mission = new();
    private readonly Ed25519Keys _key = SmallMission.Key("node 1");
    private ulong _count;

    public async ValueTask InitializeAsync() => await _mission.StartAsync();

    public async ValueTask DisposeAsync() => await _mission.DisposeAsync();

    /// <summary>What a relay does to an answer, with the one that it has seen before.</summary>
    public static TheoryData<string> Tricks =>
        [
            "unsigned", "changed frame", "dropped frame", "sent away", "wants a key", "other count",
            "old answer",
            "own key", "own chain", "old serial", "other number",
        ];

    [Theory]
    [MemberData(nameof(Tricks))]
    public async Task A_node_believes_no_relay_and_goes_on_when_it_is_gone(string trick)
    {
        await Task.WhenAll(
            BelievesNoRelayAsync(trick, 1, isStreaming: true),
            BelievesNoRelayAsync(trick, 2, isStreaming: false));
    }

    private async Task BelievesNoRelayAsync(string trick, uint number, bool isStreaming)
    {
        var relay = new HostileRelay(trick, number);
        var doubts = new ConcurrentQueue<string>();
        _ = await _mission.RunNodeAsync(number, isStreaming, relay: relay, doubt: doubts.Enqueue);
        await SmallMission.Until(
            () => Task.FromResult(relay.Changed >= 3 && !doubts.IsEmpty),
            $"{trick}: some answers were changed and one was not believed");
        Assert.All(doubts, doubt => Assert.NotEmpty(doubt));
        Assert.False(relay.Fooled);
        relay.IsHonest = true;
        await SmallMission.Until(
            () => _mission.Plane.AskAsync(_mission.Region, hub =>
                hub.Roster.TryGetValue(new NodeId(number), out Core.Hub.RosterEntry? entry)
                && entry.Link.Waiting == 0),
            $"{trick}: it is enrolled, and has said so");
    }

    [Fact]
    public async Task A_node_follows_the_chain_of_keys_and_never_goes_back()
    {
        GatewayPin pin = await EnrolAsync(1, new GatewayPin());
        PinnedKey first = pin.Pinned;
        Assert.Equal(1u, first.Serial);
        Answer before = await CallAsync(pin);
        Assert.Empty(before.GatewayKeys);
        Assert.Null(await _mission.Desk.Keys.ReplaceAsync(1));
        Assert.Null(await _mission.Desk.Keys.ReplaceAsync(2));
        Answer after = await CallAsync(pin);
        Assert.Equal([2u, 3u], after.GatewayKeys.Select(key => key.Serial));
        Assert.Equal(3u, pin.Pinned.Serial);
        Assert.Empty((await CallAsync(pin)).GatewayKeys); // Acknowledged.

        // One that was given the first key on another way gets there as well, one that has another not.
        var told = new GatewayPin(new PinnedKey(0, first.Key));
        _ = await CallAsync(told);
        Assert.Equal(3u, told.Pinned.Serial);
        GatewayDoubtException refused = await Assert.ThrowsAsync<GatewayDoubtException>(
            () => CallAsync(new GatewayPin(new PinnedKey(0, _key.PublicKey))));
        Assert.Contains("never had", refused.Message, StringComparison.Ordinal);

        // An answer by a key that was replaced is none any more.
        Assert.True(Ed25519Keys.Verify(first.Key.Span, Signed(before), before.Signature.Span));
        _ = Assert.Throws<GatewayDoubtException>(
            () => pin.Check(_mission.Mission, 1, before.Count, 0, before));
    }

    // The list of keys is not signed, the number of the one that signs is.
    [Fact]
    public async Task A_key_under_another_number_is_not_pinned()
    {
        _ = await EnrolAsync(1, new GatewayPin());
        Answer answer = await CallAsync(new GatewayPin());
        answer.GatewayKeys[0].Serial = 5;
        foreach (PinnedKey has in (PinnedKey[])[default, new PinnedKey(0, _mission.Desk.Keys.Key)])
        {
            _ = Assert.Throws<GatewayDoubtException>(
                () => new GatewayPin(has).Check(_mission.Mission, 1, answer.Count, 0, answer));
        }
    }

    [Fact]
    public async Task A_key_is_kept_before_an_answer_by_it_is_believed()
    {
        GatewayPin enrolled = await EnrolAsync(1, new GatewayPin());
        var pin = new GatewayPin(enrolled.Pinned, _ => throw new IOException("the disk is full"));
        _ = await CallAsync(pin);
        Assert.Null(await _mission.Desk.Keys.ReplaceAsync(1));
        _ = await Assert.ThrowsAsync<IOException>(() => CallAsync(pin));
        Assert.Equal(1u, pin.Pinned.Serial);
    }

    [Fact]
    public async Task An_enrolment_is_answered_by_the_mission_or_not_believed()
    {
        byte[] token = await _mission.Registry.IssueAsync(new NodeId(1));
        GatewayDoubtException refused = await Assert.ThrowsAsync<GatewayDoubtException>(
            () => GatewayUplink.EnrolAsync(
                _mission.Client, token, _key, new GatewayPin(new PinnedKey(0, _key.PublicKey))));
        Assert.NotEmpty(refused.Message);
        var good = new GatewayPin(new PinnedKey(0, _mission.Desk.Keys.Key));
        (NodeId node, _) = await GatewayUplink.EnrolAsync(_mission.Client, token, _key, good);
        Assert.Equal((1u, 1u), (node.Value, good.Pinned.Serial));
    }

    // A folder of 0.12 has no pin: it takes the key that comes over the channel it knows, once.
    [Fact]
    public async Task A_folder_without_a_key_takes_the_first_and_keeps_it()
    {
        _ = await EnrolAsync(1, new GatewayPin());
        string path = Path.Combine(_mission.Folder, "agent");
        var folder = AgentFolder.Open(path);
        _ = await CallAsync(folder.OpenPin(null));
        PinnedKey kept = AgentFolder.Open(path).OpenPin(null).Pinned;
        Assert.Equal((1u, Hex(_mission.Desk.Keys.Key)), (kept.Serial, Hex(kept.Key)));

        // What its operator says for the first time counts, and does not undo a rotation afterwards.
        byte[] said = _mission.Desk.Keys.Key;
        Assert.Equal(0u, folder.OpenPin(said).Pinned.Serial);
        Assert.Null(await _mission.Desk.Keys.ReplaceAsync(1));
        _ = await CallAsync(folder.OpenPin(said));
        Assert.Equal(2u, AgentFolder.Open(path).OpenPin(said).Pinned.Serial);
        Assert.Equal(2u, AgentFolder.Open(path).OpenPin(null).Pinned.Serial);
        await File.WriteAllTextAsync(Path.Combine(path, "gateway"), "1 nonsense -");
        _ = Assert.Throws<IOException>(() => folder.OpenPin(null));
    }

    private static string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexStringLower(bytes.Span);

    private byte[] Signed(Answer answer) => CallSignature.OfAnswer(
        _mission.Mission, 1, 1, answer.Count, answer.Serial, answer.Count, answer.ComeAgainMilliseconds,
        answer.KeyDue, [.. answer.Frames.Select(frame => frame.Memory)],
        [.. answer.Refused.Select(one => (one.Place, one.Reason))]);

    private async Task<GatewayPin> EnrolAsync(uint node, GatewayPin pin)
    {
        byte[] token = await _mission.Registry.IssueAsync(new NodeId(node));
        _ = await GatewayUplink.EnrolAsync(_mission.Client, token, _key, pin);
        return pin;
    }

    private async Task<Answer> CallAsync(GatewayPin pin)
    {
        ulong count = ++_count;
        Answer answer = await _mission.Client.SyncAsync(new Call
        {
            Node = 1,
            Count = count,
            GatewayKey = pin.Pinned.Serial,
            Signature = ByteString.CopyFrom(
                _key.Sign(CallSignature.OfCall(_mission.Mission, 1, count, []))),
        });
        pin.Check(_mission.Mission, 1, count, 0, answer);
        return answer;
    }
}

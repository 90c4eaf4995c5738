using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Sockets;
using System.Threading.Tasks;
using Google.Protobuf;
using Grpc.Core;
using Hanse.Agent;
using Hanse.Api.V1;
using Hanse.Core.Identity;
using Hanse.IO.Gateway;
using Hanse.IO.Journal;
using Hanse.IO.Wire;
using Xunit;
using Frame = Hanse.Core.Links.Frame;
using Party = Hanse.Core.Identity.Party;

namespace Hanse.Server.Tests;

/// <summary>Whatever comes from outside gets a clear refusal, and nobody else notices.</summary>
public sealed class HostilePeerTests : IAsyncLifetime
{
    private readonly SmallMission _mission = new()
    {
        Rules = new GatewayRules { CallsPerSecond = 5, CallsBurst = 20 },
    };

    private readonly Ed25519Keys _key = SmallMission.Key("node 1");
    private ulong _count;

    public async ValueTask InitializeAsync()
    {
        await _mission.StartAsync();
        byte[] token = await _mission.Registry.IssueAsync(new NodeId(1));
        _ = await GatewayUplink.EnrolAsync(_mission.Client, token, _key, new GatewayPin());
    }

    public async ValueTask DisposeAsync() => await _mission.DisposeAsync();

    [Fact]
    public async Task A_call_by_another_key_is_refused()
    {
        Call call = CallOf(1, SmallMission.Key("node 2"));
        Assert.Equal(StatusCode.Unauthenticated, await Refusal(call));
        Assert.Equal(StatusCode.Unauthenticated, await Refusal(CallOf(2, SmallMission.Key("node 2"))));
    }

    [Fact]
    public async Task A_call_that_was_changed_on_its_way_is_refused()
    {
        Call call = CallOf(1, _key, HailOf(1));
        call.Count++;
        Assert.Equal(StatusCode.Unauthenticated, await Refusal(call));
        call = CallOf(1, _key, HailOf(1));
        call.Frames.Clear();
        Assert.Equal(StatusCode.Unauthenticated, await Refusal(call));
        call = CallOf(1, _key, HailOf(1));
        call.Signature = ByteString.CopyFrom(call.Signature.Span[1..]);
        Assert.Equal(StatusCode.Unauthenticated, await Refusal(call));
    }

    [Fact]
    public async Task A_call_that_comes_again_is_refused()
    {
        Call call = CallOf(1, _key);
        _ = await _mission.Client.SyncAsync(call);
        Assert.Equal(StatusCode.AlreadyExists, await Refusal(call));
        call = CallOf(1, _key);
        call.Count = 0;
        Assert.Equal(StatusCode.InvalidArgument, await Refusal(call));
    }

    [Fact]
    public async Task Calls_that_are_too_large_are_refused()
    {
        Call call = CallOf(1, _key, [.. Enumerable.Repeat(HailOf(1), GatewayRules.FramesMax + 1)]);
        Assert.Equal(StatusCode.InvalidArgument, await Refusal(call));
        call = CallOf(1, _key, new byte[Frame.BytesMax + 1]);
        Assert.Equal(StatusCode.InvalidArgument, await Refusal(call));
        Assert.Equal(StatusCode.ResourceExhausted, await Refusal(CallOf(1, _key, new byte[1 << 20])));
    }

    [Fact]
    public async Task Frames_that_are_none_or_somebody_elses_are_refused_and_the_others_taken()
    {
        Answer answer = await _mission.Client.SyncAsync(CallOf(
            1, _key, [1, 2, 3], HailOf(1), HailOf(2), HailOf(1, hub: 77)));
        Assert.Equal([0u, 2u, 3u], answer.Refused.Select(one => one.Place));
        Assert.All(answer.Refused, one => Assert.NotEmpty(one.Reason));
        Assert.Equal(0u, answer.ComeAgainMilliseconds);
    }

    [Fact]
    public async Task A_flood_of_one_node_is_slowed_and_another_is_served()
    {
        byte[] token = await _mission.Registry.IssueAsync(new NodeId(2));
        _ = await GatewayUplink.EnrolAsync(
            _mission.Client, token, SmallMission.Key("node 2"), new GatewayPin());
        var answers = new List<Answer>();
        for (int i = 0; i < 60; i++)
        {
            answers.Add(await _mission.Client.SyncAsync(CallOf(1, _key)));
        }

        Assert.Equal(0u, answers[0].ComeAgainMilliseconds);
        Assert.Contains(answers, answer => answer.ComeAgainMilliseconds > 0);
        Answer other = await _mission.Client.SyncAsync(CallOf(2, SmallMission.Key("node 2")));
        Assert.Equal(0u, other.ComeAgainMilliseconds);
    }

    [Fact]
    public async Task A_stream_is_one_nodes_and_a_later_one_takes_its_place()
    {
        using AsyncDuplexStreamingCall<Call, Answer> first = _mission.Client.Connect();
        await first.RequestStream.WriteAsync(CallOf(1, _key));
        Assert.True(await first.ResponseStream.MoveNext(default));
        using AsyncDuplexStreamingCall<Call, Answer> second = _mission.Client.Connect();
        await second.RequestStream.WriteAsync(CallOf(1, _key));
        Assert.True(await second.ResponseStream.MoveNext(default));
        Assert.False(await MovesOn(first));
        await second.RequestStream.WriteAsync(CallOf(1, _key));
        Assert.True(await second.ResponseStream.MoveNext(default));
    }

    [Theory]
    [InlineData("a token of another length", 31, false, false)]
    [InlineData("an unknown token", 32, false, false)]
    [InlineData("no proof of the key", 32, true, false)]
    public async Task An_enrolment_without_a_good_token_and_proof_is_refused(
        string what, int length, bool isIssued, bool isProven)
    {
        byte[] token = isIssued
            ? await _mission.Registry.IssueAsync(new NodeId(3)) : new byte[length];
        Ed25519Keys key = SmallMission.Key("node 3");
        var enrolment = new Enrolment
        {
            Token = ByteString.CopyFrom(token),
            PublicKey = ByteString.CopyFrom(key.PublicKey),
            Signature = ByteString.CopyFrom((isProven ? key : _key).Sign(CallSignature.OfEnrolment(token))),
        };
        RpcException refused = await Assert.ThrowsAsync<RpcException>(
            async () => await _mission.Client.EnrolAsync(enrolment));
        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
        Assert.NotEmpty(refused.Status.Detail + what);
    }

    [Fact]
    public async Task A_token_is_good_for_one_key_however_many_show_it_at_once()
    {
        byte[] token = await _mission.Registry.IssueAsync(new NodeId(4));
        string[] outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(async thief =>
        {
            try
            {
                _ = await GatewayUplink.EnrolAsync(
                    _mission.Client, token, SmallMission.Key($"thief {thief % 10}"), new GatewayPin());
                return $"thief {thief % 10}";
            }
            catch (RpcException)
            {
                return "";
            }
        }));
        string winner = Assert.Single(outcomes.Where(outcome => outcome.Length > 0).Distinct());
        Assert.Equal(SmallMission.Key(winner).PublicKey, _mission.Registry.KeyOf(new NodeId(4)));
    }

    // Connections that say nothing, or nonsense, or half a request, hold nobody up.
    [Fact]
    public async Task Connections_that_are_none_hold_nobody_up()
    {
        var sockets = new List<TcpClient>();
        for (int i = 0; i < 200; i++)
        {
            var socket = new TcpClient();
            await socket.ConnectAsync(_mission.Server.Address.Host, _mission.Server.Address.Port);
            if (i % 2 == 0)
            {
                await socket.GetStream().WriteAsync(new byte[] { 0x16, 3, 1, 2 });
            }

            sockets.Add(socket);
        }

        Answer answer = await _mission.Client.SyncAsync(CallOf(1, _key, HailOf(1)));
        Assert.Empty(answer.Refused);
        sockets.ForEach(socket => socket.Dispose());
    }

    private async Task<StatusCode> Refusal(Call call)
    {
        RpcException refused = await Assert.ThrowsAsync<RpcException>(
            async () => await _mission.Client.SyncAsync(call));
        Assert.NotEmpty(refused.Status.Detail);
        return refused.StatusCode;
    }

    private static async Task<bool> MovesOn(AsyncDuplexStreamingCall<Call, Answer> stream)
    {
        try
        {
            return await stream.ResponseStream.MoveNext(default);
        }
        catch (RpcException)
        {
            return false;
        }
    }

    private Call CallOf(uint node, Ed25519Keys key, params byte[][] frames)
    {
        ulong count = ++_count;
        ReadOnlyMemory<byte>[] parts = [.. frames.Select(frame => (ReadOnlyMemory<byte>)frame)];
        return new Call
        {
            Node = node,
            Count = count,
            Frames = { frames.Select(ByteString.CopyFrom) },
            Signature = ByteString.CopyFrom(
                key.Sign(CallSignature.OfCall(_mission.Mission, node, count, parts))),
        };
    }

    private static byte[] HailOf(uint node, uint hub = 1) => FrameCodec.Encode(new Frame(
        Party.Of(new NodeId(node)), Party.Of(new RegionId(hub)), Hail: true, Floor: 1, AckThrough: 0, [],
        []));
}

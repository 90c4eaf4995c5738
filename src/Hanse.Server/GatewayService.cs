using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;
using Grpc.Core;
using Hanse.Api.V1;
using Hanse.Core.Identity;
using Hanse.IO.Gateway;
using Hanse.IO.Stores;
using Hanse.IO.Wire;
using KeyChange = Hanse.Api.V1.KeyChange;

namespace Hanse.Server;

/// <summary>The gateway over gRPC: reads calls, has the desk take them, and writes what waits for the
/// node.</summary>
internal sealed class GatewayService(
    GatewayDesk desk, NodeRegistry registry, StreamBook streams, BirthDesk births)
    : Gateway.GatewayBase
{
    /// <summary>How long a stream may be silent.</summary>
    private static readonly TimeSpan _idleMax = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public override async Task<EnrolmentTaken> Enrol(Enrolment request, ServerCallContext context)
    {
        try
        {
            (NodeId? node, string? refused) = await registry.RedeemAsync(
                request.Token.Memory, request.PublicKey.Memory, request.Signature.Memory,
                context.CancellationToken);
            return node is { } taken
                ? TakenAs(taken, request.PublicKey.Span, request.Token.Span)
                : throw new RpcException(new Status(StatusCode.PermissionDenied, refused!));
        }
        catch (StoreException failure)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, failure.Message));
        }
    }

    /// <inheritdoc/>
    public override async Task<KeyChangeTaken> ChangeKey(KeyChange request, ServerCallContext context)
    {
        if (desk.IsDraining)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "the server is about to end"));
        }

        try
        {
            var change = new IO.Gateway.KeyChange(
                new NodeId(request.Node), request.Serial, request.Key.Memory, request.ByFormer.Memory,
                request.ByNew.Memory);
            string? refused = await registry.ChangeAsync(desk.Mission, change, context.CancellationToken);
            return refused is null ? TakenAs(request)
                : throw new RpcException(new Status(StatusCode.PermissionDenied, refused));
        }
        catch (StoreException failure)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, failure.Message));
        }
    }

    /// <inheritdoc/>
    public override async Task<EnrolmentTaken> EnrolBorn(Birth request, ServerCallContext context)
    {
        try
        {
            if (desk.IsDraining)
            {
                throw new RpcException(
                    new Status(StatusCode.Unavailable, "not now: the server is about to end"));
            }

            BirthOutcome outcome =
                await births.TakeAsync(request.Certificate.Memory, request.Signature.Memory);
            return outcome.Node is { } born
                ? TakenAs(
                    born, registry.KeyOf(born), SHA256.HashData(request.Certificate.Span))
                : throw new RpcException(new Status(
                    outcome.IsFinal ? StatusCode.PermissionDenied : StatusCode.Unavailable, outcome.Reason!));
        }
        catch (StoreException failure)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, failure.Message));
        }
    }

    /// <inheritdoc/>
    public override async Task<Answer> Sync(Call request, ServerCallContext context)
    {
        CallOutcome outcome = await desk.TakeAsync(CallOf(request), context.CancellationToken);
        var wait = TimeSpan.FromMilliseconds(request.WaitMilliseconds);
        Answer answer = await AnswerAsync(request, outcome, wait, context.CancellationToken);
        return new AnswerSigner(desk.Keys, request).Sign(answer);
    }

    /// <inheritdoc/>
    [SuppressMessage(
        "Reliability", "CA2025:Tasks that use disposable instances", Justification = "Awaited at the end.")]
    public override async Task Connect(
        IAsyncStreamReader<Call> requestStream, IServerStreamWriter<Answer> responseStream,
        ServerCallContext context)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        using var writing = new SemaphoreSlim(1, 1);
        Task? pushing = null;
        AnswerSigner? signer = null;
        NodeId self = default;
        try
        {
            stop.CancelAfter(_idleMax);
            while (await requestStream.MoveNext(stop.Token))
            {
                stop.CancelAfter(_idleMax);
                Call call = requestStream.Current;
                var caller = new NodeId(call.Node);
                if (self.Value != 0 && caller != self)
                {
                    throw new RpcException(new Status(StatusCode.InvalidArgument, "a stream is one node's"));
                }

                signer ??= new AnswerSigner(desk.Keys, call);
                signer.Known = call.GatewayKey;
                CallOutcome outcome = await desk.TakeAsync(CallOf(call), stop.Token);
                Answer answer = await AnswerAsync(call, outcome, TimeSpan.Zero, stop.Token);
                await WriteAsync(responseStream, writing, signer, answer, stop.Token);
                if (pushing is null)
                {
                    // Known from its first call on; a second stream of the same node ends the first.
                    self = caller;
                    streams.Enter(self, stop);
                    pushing = PushAsync(self, responseStream, writing, signer, stop.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It went away, was silent for too long, or came again on another stream.
        }
        finally
        {
            await stop.CancelAsync();
            if (pushing is not null)
            {
                await pushing;
                streams.Leave(self, stop);
            }
        }
    }

    private async Task PushAsync(
        NodeId node, IServerStreamWriter<Answer> stream, SemaphoreSlim writing, AnswerSigner signer,
        CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var answer = new Answer();
                Fill(answer, await desk.FetchAsync(node, GatewayRules.WaitMax, stop));
                if (answer.Frames.Count > 0)
                {
                    await WriteAsync(stream, writing, signer, answer, stop);
                }
            }
        }
        catch (Exception failure)
            when (failure is OperationCanceledException or InvalidOperationException or RpcException)
        {
            // The stream is over; what was lost is sent again by the link.
        }
    }

    private static async Task WriteAsync(
        IServerStreamWriter<Answer> stream, SemaphoreSlim writing, AnswerSigner signer, Answer answer,
        CancellationToken stop)
    {
        await writing.WaitAsync(stop);
        try
        {
            await stream.WriteAsync(signer.Sign(answer), stop); // Numbered in the order of writing.
        }
        finally
        {
            _ = writing.Release();
        }
    }

    private async Task<Answer> AnswerAsync(
        Call call, CallOutcome outcome, TimeSpan wait, CancellationToken stop)
    {
        var answer = new Answer { Count = call.Count };
        switch (outcome.Refusal)
        {
            case CallRefusal.None:
                answer.Refused.AddRange(outcome.Refused.Select(one => new FrameRefused
                {
                    Place = (uint)one.Place,
                    Reason = one.Reason,
                }));
                answer.KeyDue = desk.KeyDue(new NodeId(call.Node));
                Fill(answer, await desk.FetchAsync(new NodeId(call.Node), wait, stop));
                return answer;
            case CallRefusal.NotNow or CallRefusal.TooOften:
                TimeSpan away = outcome.ComeAgain > TimeSpan.Zero ? outcome.ComeAgain : desk.ComeAgain();
                answer.ComeAgainMilliseconds = (uint)away.TotalMilliseconds;
                return answer;
            default:
                throw new RpcException(new Status(CodeOf(outcome.Refusal), outcome.Reason!));
        }
    }

    private EnrolmentTaken TakenAs(NodeId node, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> shown)
    {
        byte[] held = [.. publicKey];
        byte[] token = [.. shown];
        byte[] Signed(uint key) => CallSignature.OfEnrolled(
            desk.Mission.Span, key, node.Value, held, token);
        var taken = new EnrolmentTaken
        {
            Node = node.Value,
            Mission = ByteString.CopyFrom(desk.Mission.Span),
            Signature = UnsafeByteOperations.UnsafeWrap(
                desk.Keys.Sign(Signed, 0, out ImmutableArray<GatewayKeyStatement> keys)),
        };
        taken.GatewayKeys.AddRange(keys.Select(AnswerSigner.Told));
        return taken;
    }

    private KeyChangeTaken TakenAs(KeyChange change)
    {
        byte[] Signed(uint key) => CallSignature.OfNodeKeyTaken(
            desk.Mission.Span, key, change.Node, change.Serial, change.Key.Span);
        var taken = new KeyChangeTaken
        {
            Signature = UnsafeByteOperations.UnsafeWrap(
                desk.Keys.Sign(Signed, change.GatewayKey, out ImmutableArray<GatewayKeyStatement> keys)),
        };
        taken.GatewayKeys.AddRange(keys.Select(AnswerSigner.Told));
        return taken;
    }

    private static void Fill(Answer answer, IReadOnlyList<Core.Links.Frame> frames)
    {
        foreach (Core.Links.Frame frame in frames)
        {
            answer.Frames.Add(UnsafeByteOperations.UnsafeWrap(FrameCodec.Encode(frame)));
        }
    }

    private static StatusCode CodeOf(CallRefusal refusal) => refusal switch
    {
        CallRefusal.NotAuthentic => StatusCode.Unauthenticated,
        CallRefusal.Repeated => StatusCode.AlreadyExists,
        CallRefusal.Retired => StatusCode.PermissionDenied,
        _ => StatusCode.InvalidArgument,
    };

    private static NodeCall CallOf(Call call) => new(
        new NodeId(call.Node), call.Count, [.. call.Frames.Select(frame => frame.Memory)],
        call.Signature.Memory);
}

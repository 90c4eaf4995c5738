using System;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Hanse.Api.V1;
using Hanse.IO.Gateway;
using Hanse.IO.Journal;

namespace Hanse.Server.Tests;

/// <summary>Sits between a node and its gateway, hears everything, and changes answers, from the second
/// on.</summary>
internal sealed class HostileRelay(string trick, uint node) : Interceptor
{
    private readonly Ed25519Keys _own = SmallMission.Key("a relay");
    private Answer? _seen;
    private int _changed;

    /// <summary>Whether it passes on what it hears, from now on.</summary>
    public bool IsHonest { get; set; }

    /// <summary>Answers that it has changed.</summary>
    public int Changed => Volatile.Read(ref _changed);

    /// <summary>Whether the node has said that it has the relay's key.</summary>
    public bool Fooled { get; private set; }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context,
        AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        AsyncUnaryCall<TResponse> call = continuation(request, context);
        if (request is not Call said)
        {
            return call;
        }

        Fooled |= said.GatewayKey > 1;
        return new AsyncUnaryCall<TResponse>(
            Changing(call.ResponseAsync), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers,
            call.Dispose);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse>
        AsyncDuplexStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context,
        AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        AsyncDuplexStreamingCall<TRequest, TResponse> call = continuation(context);
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(
            call.RequestStream, new Reader<TResponse>(call.ResponseStream, this), call.ResponseHeadersAsync,
            call.GetStatus, call.GetTrailers, call.Dispose);
    }

    private async Task<T> Changing<T>(Task<T> answer) => (T)(object)Change((Answer)(object)(await answer)!);

    private Answer Change(Answer answer)
    {
        Answer? before = Interlocked.Exchange(ref _seen, answer.Clone());
        if (IsHonest || before is null)
        {
            return answer;
        }

        _ = Interlocked.Increment(ref _changed);
        switch (trick)
        {
            case "unsigned":
                answer.Signature = ByteString.Empty;
                break;
            case "changed frame":
                answer.Frames.Add(ByteString.CopyFrom(1, 2, 3));
                break;
            case "dropped frame":
                answer.Frames.Clear();
                answer.Refused.Add(new FrameRefused { Place = 0, Reason = "says the relay" });
                break;
            case "sent away":
                answer.ComeAgainMilliseconds += 60_000;
                break;
            case "wants a key":
                answer.KeyDue = 1;
                break;
            case "other count":
                answer.Count++;
                break;
            case "old serial":
                answer.Serial = 0;
                break;
            case "old answer":
                return before;
            case "other number":
                answer.GatewayKeys.Clear();
                answer.GatewayKeys.Add(new GatewayKey
                {
                    Serial = 5,
                    Key = ByteString.CopyFrom(_own.PublicKey),
                });
                break;
            case "own key":
                Sign(answer);
                break;
            case "own chain":
                answer.GatewayKeys.Add(new GatewayKey
                {
                    Serial = 2,
                    Key = ByteString.CopyFrom(_own.PublicKey),
                    Signature = ByteString.CopyFrom(_own.Sign(
                        CallSignature.OfGatewayKey(new byte[32], 2, _own.PublicKey))),
                });
                Sign(answer);
                break;
            default:
                throw new InvalidOperationException(trick);
        }

        return answer;
    }

    private void Sign(Answer answer) => answer.Signature = ByteString.CopyFrom(_own.Sign(
        CallSignature.OfAnswer(
            new byte[32], 1, node, answer.Count, answer.Serial, answer.Count, answer.ComeAgainMilliseconds,
            answer.KeyDue, [], [])));

    private sealed class Reader<T>(IAsyncStreamReader<T> inner, HostileRelay relay) : IAsyncStreamReader<T>
    {
        public T Current { get; private set; } = default!;

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            bool isThere = await inner.MoveNext(cancellationToken);
            Current = isThere ? (T)(object)relay.Change((Answer)(object)inner.Current!) : default!;
            return isThere;
        }
    }
}

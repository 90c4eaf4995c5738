using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using Google.Protobuf;
using Grpc.Core;
using Hanse.Api.V1;
using Hanse.Core.Identity;
using Hanse.IO.Gateway;
using Hanse.IO.Journal;
using Hanse.IO.Wire;
using Frame = Hanse.Core.Links.Frame;
using KeyChange = Hanse.Api.V1.KeyChange;

namespace Hanse.Agent;

/// <summary>Who calls: a node, its mission and its key.</summary>
/// <param name="Node">The node.</param>
/// <param name="Mission">The mission's digest, as told at enrolment.</param>
/// <param name="Keys">The key that speaks for the node, and the one that is to.</param>
/// <param name="NextCount">Gives the number of the next call: greater than all before, also of earlier
/// processes.</param>
/// <param name="Pin">Whom it believes that an answer is the mission's.</param>
public sealed record GatewayCaller(
    NodeId Node, ReadOnlyMemory<byte> Mission, NodeKeys Keys, Func<ulong> NextCount, GatewayPin Pin);

/// <summary>Reaches a hub through a gateway, over gRPC.</summary>
/// <remarks>
/// A stream of calls and answers is opened when there is something to send, and closed when nothing has
/// passed for <see cref="IdleMax"/>; with <paramref name="isStreaming"/> off, every batch of frames is one
/// call with one answer. A gateway that cannot be reached is tried again after a while that doubles, by lot,
/// up to <see cref="RetryMax"/>; meanwhile frames are lost, of which at most <see cref="FramesMax"/> wait at
/// any time. Frames that come and cannot be read are lost as well and counted. An answer that is not signed
/// by the mission for this call ends the stream, and nothing of it is taken; it goes on calling, since
/// whatever is in the way may be gone by then. When the node has made another key, the gateway is told first,
/// and again until it has said that this one speaks for the node; meanwhile calls are signed with the one
/// before, which it takes as long as it has not.
/// </remarks>
/// <param name="client">The gateway.</param>
/// <param name="caller">Who calls.</param>
/// <param name="isStreaming">Whether to keep a stream open while in touch.</param>
public sealed class GatewayUplink(Gateway.GatewayClient client, GatewayCaller caller, bool isStreaming = true)
    : IUplink
{
    /// <summary>Most frames that wait to be sent; a further one takes the place of the oldest.</summary>
    public const int FramesMax = 16;

    /// <summary>How long a stream is kept without anything passing.</summary>
    public static readonly TimeSpan IdleMax = TimeSpan.FromMinutes(2);

    /// <summary>Longest time between two attempts.</summary>
    public static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(30);

    /// <summary>Longest time that one call waits for its answer: a gateway that is frozen gives
    /// none.</summary>
    public static readonly TimeSpan CallMax = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan _retryMin = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _wait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _changeRetry = TimeSpan.FromSeconds(30);

    private readonly Channel<Frame> _frames = Channel.CreateBounded<Frame>(
        new BoundedChannelOptions(FramesMax)
        {
            SingleReader = true,
            FullMode = BoundedChannelFullMode.DropOldest,
        });

    private readonly CancellationTokenSource _stop = new();
    private Action<Frame> _receive = _ => { };
    private Task _running = Task.CompletedTask;
    private TimeSpan _retry = _retryMin;
    private long _unreadable;
    private bool _listens;
    private long? _changeTried;

    /// <summary>Frames that came and could not be read.</summary>
    public long Unreadable => Volatile.Read(ref _unreadable);

    /// <summary>Why the last call failed; null when it did not.</summary>
    public string? LastFailure { get; private set; }

    /// <summary>Hears that answers are not believed or calls refused, and why: once, until it is
    /// otherwise.</summary>
    public Action<string>? OnDoubt { get; init; }

    /// <summary>Hears of a key that speaks for the node now, by its number.</summary>
    public Action<uint>? OnKey { get; init; }

    /// <summary>Shows a token and binds a key to the node that it names.</summary>
    /// <exception cref="RpcException">The token is not good, or the gateway cannot be reached.</exception>
    /// <exception cref="GatewayDoubtException">It was not the mission's gateway that answered.</exception>
    public static async Task<(NodeId Node, byte[] Mission)> EnrolAsync(
        Gateway.GatewayClient client, ReadOnlyMemory<byte> token, Ed25519Keys key, GatewayPin pin,
        CancellationToken cancel = default)
    {
        EnrolmentTaken taken = await client.EnrolAsync(
            new Enrolment
            {
                Token = UnsafeByteOperations.UnsafeWrap(token),
                PublicKey = ByteString.CopyFrom(key.PublicKey),
                Signature = ByteString.CopyFrom(key.Sign(CallSignature.OfEnrolment(token.Span))),
            },
            cancellationToken: cancel);
        pin.Check(token, key.PublicKey, taken);
        return (new NodeId(taken.Node), taken.Mission.ToByteArray());
    }

    /// <summary>Shows a certificate of birth, and binds a key to the node that it names.</summary>
    /// <param name="client">The gateway.</param>
    /// <param name="birth">Canonical bytes of the certificate with its parent's signature.</param>
    /// <param name="mission">The mission that the parent is of: it is part of what is signed.</param>
    /// <param name="key">The machine's own key, which the certificate names.</param>
    /// <param name="pin">Whose answers are believed.</param>
    /// <param name="cancel">Whether to give up.</param>
    /// <exception cref="RpcException">The certificate is not good, or the gateway cannot be
    /// reached.</exception>
    public static async Task<NodeId> EnrolBornAsync(
        Gateway.GatewayClient client, ReadOnlyMemory<byte> birth, ReadOnlyMemory<byte> mission,
        Ed25519Keys key, GatewayPin pin, CancellationToken cancel = default)
    {
        EnrolmentTaken taken = await client.EnrolBornAsync(
            new Birth
            {
                Certificate = UnsafeByteOperations.UnsafeWrap(birth),
                Signature = ByteString.CopyFrom(key.Sign(CallSignature.OfBirth(mission.Span, birth.Span))),
            },
            cancellationToken: cancel);
        pin.Check(SHA256.HashData(birth.Span), key.PublicKey, taken);
        return new NodeId(taken.Node);
    }

    /// <inheritdoc/>
    public void Start(Action<Frame> receive)
    {
        _receive = receive;
        _running = Task.Run(RunAsync);
    }

    /// <inheritdoc/>
    public void Send(Frame frame) => _ = _frames.Writer.TryWrite(frame);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _ = _frames.Writer.TryComplete();
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    [SuppressMessage("Security", "CA5394:Do not use insecure randomness", Justification = "Only spreads.")]
    private async Task RunAsync()
    {
        try
        {
            while (_listens || await _frames.Reader.WaitToReadAsync(_stop.Token))
            {
                TimeSpan pause;
                try
                {
                    if (IsChangeDue)
                    {
                        await ChangeKeyAsync();
                    }

                    pause = await (isStreaming ? StreamAsync() : CallAsync());
                    LastFailure = null;
                }
                catch (Exception failure)
                    when (failure is RpcException or InvalidOperationException or System.IO.IOException
                        or GatewayDoubtException && !_stop.IsCancellationRequested)
                {
                    Tell(failure);
                    _listens = false;
                    pause = _retry;
                    _retry = _retry * 2 < RetryMax ? _retry * 2 : RetryMax;
                }

                if (pause > TimeSpan.Zero)
                {
                    await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), _stop.Token);
                }
            }
        }
        catch (Exception failure)
            when (failure is OperationCanceledException or RpcException or GatewayDoubtException)
        {
            // Disposed.
        }
    }

    private bool IsChangeDue => caller.Keys.Next is not null
        && (_changeTried is not { } tried || Stopwatch.GetElapsedTime(tried) > _changeRetry);

    // A status is signed by nobody, so it changes nothing but when it is tried again: at once when the key
    // before does not speak for the node any more, since then the gateway has taken the new one and its
    // answer was lost.
    private void Tell(Exception failure)
    {
        bool isRefused = failure is RpcException
        {
            StatusCode: StatusCode.Unauthenticated or StatusCode.PermissionDenied,
        };
        if ((isRefused || failure is GatewayDoubtException) && LastFailure != failure.Message)
        {
            OnDoubt?.Invoke(failure is RpcException refused ? refused.Status.Detail : failure.Message);
        }

        if (failure is RpcException { StatusCode: StatusCode.Unauthenticated })
        {
            _changeTried = null;
        }

        LastFailure = failure.Message;
    }

    private async Task ChangeKeyAsync()
    {
        (uint serial, Ed25519Keys own) = caller.Keys.Own;
        if (caller.Keys.Next is not { } next)
        {
            return;
        }

        _changeTried = Stopwatch.GetTimestamp();
        byte[] signed = CallSignature.OfNodeKey(
            caller.Mission.Span, caller.Node.Value, serial + 1, own.PublicKey, next.PublicKey);
        var change = new KeyChange
        {
            Node = caller.Node.Value,
            Serial = serial + 1,
            Key = ByteString.CopyFrom(next.PublicKey),
            ByFormer = UnsafeByteOperations.UnsafeWrap(own.Sign(signed)),
            ByNew = UnsafeByteOperations.UnsafeWrap(next.Sign(signed)),
            GatewayKey = caller.Pin.Pinned.Serial,
        };
        KeyChangeTaken taken = await client.ChangeKeyAsync(
            change, deadline: DateTime.UtcNow + CallMax, cancellationToken: _stop.Token);
        caller.Pin.Check(caller.Mission, change, taken);
        caller.Keys.Taken(next);
        _changeTried = null;
        OnKey?.Invoke(serial + 1);
    }

    // One call after the other, as long as there is something to say on either side.
    private async Task<TimeSpan> CallAsync()
    {
        Call call = NextCall();
        call.WaitMilliseconds = (uint)_wait.TotalMilliseconds;
        Answer answer = await client.SyncAsync(
            call, deadline: DateTime.UtcNow + CallMax, cancellationToken: _stop.Token);
        if (answer.Count != call.Count)
        {
            throw new GatewayDoubtException($"the answer to call {call.Count} says {answer.Count}");
        }

        TimeSpan pause = Take(answer, call.Count, last: 0);
        _retry = _retryMin;
        _listens = answer.Frames.Count > 0;
        return pause;
    }

    [SuppressMessage(
        "Reliability", "CA2025:Tasks that use disposable instances", Justification = "Awaited below.")]
    private async Task<TimeSpan> StreamAsync()
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        using AsyncDuplexStreamingCall<Call, Answer> stream = client.Connect(cancellationToken: over.Token);
        Call opening = NextCall();
        Task<TimeSpan> reading = ReadAsync(stream.ResponseStream, opening.Count, over);
        try
        {
            over.CancelAfter(IdleMax);
            await stream.RequestStream.WriteAsync(opening, over.Token);
            while (await _frames.Reader.WaitToReadAsync(over.Token))
            {
                if (IsChangeDue)
                {
                    break; // The gateway is told first.
                }

                over.CancelAfter(IdleMax);
                await stream.RequestStream.WriteAsync(NextCall(), over.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Nothing to say for long, or the other end is done: what it said comes next.
        }
        finally
        {
            await over.CancelAsync();
        }

        return await reading;
    }

    private async Task<TimeSpan> ReadAsync(
        IAsyncStreamReader<Answer> answers, ulong opening, CancellationTokenSource over)
    {
        TimeSpan pause = TimeSpan.Zero;
        ulong last = 0;
        try
        {
            while (pause == TimeSpan.Zero && await answers.MoveNext(over.Token))
            {
                over.CancelAfter(IdleMax);
                pause = Take(answers.Current, opening, last);
                last = answers.Current.Serial;
                _retry = _retryMin;
            }
        }
        catch (RpcException ended) when (ended.StatusCode == StatusCode.Cancelled)
        {
            // By ourselves.
        }
        catch (OperationCanceledException)
        {
            // By ourselves.
        }
        finally
        {
            await over.CancelAsync();
        }

        return pause;
    }

    private Call NextCall()
    {
        var frames = new List<ReadOnlyMemory<byte>>();
        while (frames.Count < GatewayRules.FramesMax && _frames.Reader.TryRead(out Frame? frame))
        {
            frames.Add(FrameCodec.Encode(frame));
        }

        ulong count = caller.NextCount();
        byte[] signed = CallSignature.OfCall(caller.Mission.Span, caller.Node.Value, count, frames);
        var call = new Call
        {
            Node = caller.Node.Value,
            Count = count,
            Signature = UnsafeByteOperations.UnsafeWrap(caller.Keys.Own.Key.Sign(signed)),
            GatewayKey = caller.Pin.Pinned.Serial,
        };
        call.Frames.AddRange(frames.Select(UnsafeByteOperations.UnsafeWrap));
        return call;
    }

    private TimeSpan Take(Answer answer, ulong opening, ulong last)
    {
        caller.Pin.Check(caller.Mission, caller.Node.Value, opening, last, answer);
        if (answer.KeyDue > 0)
        {
            _ = caller.Keys.Begin(answer.KeyDue);
        }

        foreach (ByteString bytes in answer.Frames)
        {
            if (FrameCodec.TryDecode(bytes.Memory, out Frame? frame, out _))
            {
                _receive(frame);
            }
            else
            {
                _ = Interlocked.Increment(ref _unreadable);
            }
        }

        return TimeSpan.FromMilliseconds(Math.Min(answer.ComeAgainMilliseconds, 600_000));
    }
}

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.IO.Plane;
using Hanse.IO.Runtime;
using Hanse.IO.Wire;

namespace Hanse.IO.Gateway;

/// <summary>Why a call was not taken.</summary>
public enum CallRefusal
{
    /// <summary>It was.</summary>
    None = 0,

    /// <summary>It is no call: too large, or something is missing.</summary>
    Malformed = 1,

    /// <summary>No key speaks for that node, or another one.</summary>
    NotAuthentic = 2,

    /// <summary>It has come before, or later ones have.</summary>
    Repeated = 3,

    /// <summary>Too often.</summary>
    TooOften = 4,

    /// <summary>Not now: too much is going on, or a hub is being started.</summary>
    NotNow = 5,

    /// <summary>Its service is over: the number is nobody's any more.</summary>
    Retired = 6,
}

/// <summary>A call as it came.</summary>
/// <param name="Node">Who, as it says.</param>
/// <param name="Count">Its number.</param>
/// <param name="Frames">In canonical bytes.</param>
/// <param name="Signature">Over all that.</param>
public readonly record struct NodeCall(
    NodeId Node, ulong Count, IReadOnlyList<ReadOnlyMemory<byte>> Frames, ReadOnlyMemory<byte> Signature);

/// <summary>What became of a call.</summary>
/// <param name="Refusal">Why it was not taken.</param>
/// <param name="Reason">In words; null when it was taken.</param>
/// <param name="Refused">Frames that were not taken, by place, and why.</param>
public sealed record CallOutcome(
    CallRefusal Refusal, string? Reason, ImmutableArray<(int Place, string Reason)> Refused)
{
    /// <summary>How long the node is to stay away, of a call that is to come again; zero for the usual while
    /// (<see cref="GatewayDesk.ComeAgain"/>).</summary>
    public TimeSpan ComeAgain { get; init; }
}

/// <summary>Takes calls of nodes: sees who it is, reads what it carries, gives it to hubs.</summary>
/// <remarks>
/// The problem: anybody can reach it. The idea: check what is cheap first (size), then the signature, the
/// count and how often; have it wait for its turn (<see cref="GatewayDoor"/>); then read every byte of every
/// frame, and only then give something to a machine. A refused call has changed nothing but its count. Knows
/// nothing of any transport, so that all have the same rules. All members may be called from any thread.
/// </remarks>
public sealed class GatewayDesk(
    IControlPlane plane, NodeRegistry registry, GatewayKeys keys, GatewayRules rules, TimeProvider time,
    IMissionClock clock)
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<NodeId, Caller> _callers = new();
    private readonly GatewayDoor _door = new(rules, plane.WorthAsync, time, clock);

    /// <summary>Calls taken so far.</summary>
    public long Taken => Volatile.Read(ref _taken);

    /// <summary>Calls refused so far.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>The machines that it gives frames to.</summary>
    public IControlPlane Plane => plane;

    /// <summary>Which mission this is.</summary>
    public ReadOnlyMemory<byte> Mission => keys.Mission;

    /// <summary>What answers are signed with.</summary>
    public GatewayKeys Keys => keys;

    /// <summary>Whether nodes are told to come again instead of being heard: while it shuts down.</summary>
    public bool IsDraining
    {
        get => _door.IsDraining;
        set => _door.IsDraining = value;
    }

    /// <summary>Where calls wait, to look at.</summary>
    public GatewayDoor Door => _door;

    private long _taken;
    private long _refused;

    /// <summary>Takes a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="cancel">Whether the node has gone; a call that does not wait any more is taken all the
    /// same.</param>
    /// <returns>What became of it; what it carried is durable by then, and answers are in the node's
    /// mailbox.</returns>
    public async Task<CallOutcome> TakeAsync(NodeCall call, CancellationToken cancel = default)
    {
        using Activity? trace = Measures.Traces.StartActivity("hanse.gateway.call");
        long begun = Measures.CallTime.Enabled ? time.GetTimestamp() : 0;
        CallOutcome outcome = await JudgedAsync(call) ?? await InTurnAsync(call, cancel);
        _ = Interlocked.Increment(ref outcome.Refusal == CallRefusal.None ? ref _taken : ref _refused);
        if (Measures.Calls.Enabled)
        {
            Measures.Calls.Add(1, Measures.Tag("outcome", outcome.Refusal.ToString()));
        }

        if (!outcome.Refused.IsEmpty)
        {
            Measures.FramesRefused.Add(outcome.Refused.Length);
        }

        if (begun != 0)
        {
            Measures.CallTime.Record(time.GetElapsedTime(begun).TotalSeconds);
        }

        _ = trace?.SetTag("hanse.node", (long)call.Node.Value)
            .SetTag("hanse.outcome", outcome.Refusal.ToString());
        return outcome;
    }

    // Another process may have given it a key meanwhile.
    private async Task<CallOutcome?> JudgedAsync(NodeCall call)
    {
        registry.LookAgain();
        CallOutcome? refused = Judge(call);
        if (refused?.Refusal != CallRefusal.NotAuthentic || registry.KeyOf(call.Node) is not null)
        {
            return refused;
        }

        return await registry.LookAsync(call.Node)
            ? Judge(call) : Refuse(CallRefusal.NotNow, "too many strangers call: come again later");
    }

    private async Task<CallOutcome> InTurnAsync(NodeCall call, CancellationToken cancel)
    {
        Caller caller = _callers[call.Node];
        if (!_door.TryEnter(caller.Door))
        {
            Admission admission = await _door.EnterAsync(
                caller.Door, HubOf(call, caller), call.Frames.Sum(frame => frame.Length), cancel);
            if (!admission.IsIn)
            {
                return Refuse(CallRefusal.NotNow, "too much is going on: come again later") with
                {
                    ComeAgain = admission.ComeAgain,
                };
            }
        }

        bool wasHeard = false;
        try
        {
            CallOutcome outcome = await GiveAsync(call);
            wasHeard = outcome.Refusal == CallRefusal.None && call.Frames.Count > outcome.Refused.Length;
            return outcome;
        }
        finally
        {
            _door.Leave(caller.Door, wasHeard);
        }
    }

    // Where it is at risk: at the hub of its first frame, or at the one that it called last.
    private static RegionId HubOf(NodeCall call, Caller caller)
    {
        foreach (ReadOnlyMemory<byte> bytes in call.Frames)
        {
            if (FrameCodec.TryDecode(bytes, out Frame? frame, out _) && frame.To.Kind == PartyKind.Hub)
            {
                return new RegionId(frame.To.Number);
            }
        }

        return new RegionId(caller.Hub);
    }

    /// <summary>Takes the frames that wait for a node at the hub that it called last.</summary>
    /// <param name="node">A node that has called.</param>
    /// <param name="wait">How long to wait for one when there is none; at most
    /// <see cref="GatewayRules.WaitMax"/>.</param>
    /// <param name="cancel">Whether the node has gone.</param>
    /// <exception cref="OperationCanceledException">It has.</exception>
    public async ValueTask<IReadOnlyList<Frame>> FetchAsync(
        NodeId node, TimeSpan wait = default, CancellationToken cancel = default)
    {
        long begun = time.GetTimestamp();
        TimeSpan atMost = wait < GatewayRules.WaitMax ? wait : GatewayRules.WaitMax;
        while (true)
        {
            TimeSpan left = atMost - time.GetElapsedTime(begun);
            IReadOnlyList<Frame> frames = _callers.TryGetValue(node, out Caller? caller) && caller.Hub > 0
                ? await plane.FetchAsync(new RegionId(caller.Hub), node, left, cancel) : [];
            if (frames.Count > 0 || time.GetElapsedTime(begun) >= atMost)
            {
                return frames;
            }

            // It has called no hub yet, or its hub cannot be reached now.
            await Task.Delay(_pause, time, cancel);
        }
    }

    /// <summary>The number of a node's key that it is to replace; zero for none.</summary>
    public uint KeyDue(NodeId node) => registry.DueOf(node);

    /// <summary>How long a node is to stay away, drawn anew each time, so that not all come back at
    /// once.</summary>
    [SuppressMessage("Security", "CA5394:Do not use insecure randomness", Justification = "Only spreads.")]
    public TimeSpan ComeAgain() => rules.ComeAgain * (0.5 + Random.Shared.NextDouble());

    private CallOutcome? Judge(NodeCall call)
    {
        if (IsDraining)
        {
            return Refuse(CallRefusal.NotNow, "too much is going on: come again later");
        }

        if (call.Node.Value == 0 || call.Count == 0 || call.Frames.Count > GatewayRules.FramesMax)
        {
            return Refuse(
                CallRefusal.Malformed,
                $"a call has a node, a count from 1 and at most {GatewayRules.FramesMax} frames");
        }

        foreach (ReadOnlyMemory<byte> frame in call.Frames)
        {
            if (frame.Length > Frame.BytesMax)
            {
                return Refuse(
                    CallRefusal.Malformed, $"a frame has at most {Frame.BytesMax} bytes");
            }
        }

        if (registry.IsRetired(call.Node))
        {
            return Refuse(
                CallRefusal.Retired, $"node {call.Node.Value} is retired: its number is nobody's any more");
        }

        byte[] signed = CallSignature.OfCall(keys.Mission.Span, call.Node.Value, call.Count, call.Frames);
        if (registry.WhyNot(call.Node, signed, call.Signature.Span) is { } why)
        {
            return Refuse(CallRefusal.NotAuthentic, why);
        }

        Caller caller = _callers.GetOrAdd(call.Node, node => new Caller(node, rules, time));
        return caller.Admit(call.Count);
    }

    private async Task<CallOutcome> GiveAsync(NodeCall call)
    {
        List<(int Place, string Reason)>? refused = null;
        List<Task>? given = null;
        for (int place = 0; place < call.Frames.Count; place++)
        {
            string? reason = Read(call, place, out Frame? frame);
            if (frame is null)
            {
                (refused ??= []).Add((place, reason!));
                continue;
            }

            try
            {
                _callers[call.Node].Hub = frame.To.Number;
                (given ??= []).Add(plane.ReceiveAsync(frame));
            }
            catch (KeyNotFoundException unknown)
            {
                (refused ??= []).Add((place, unknown.Message));
            }
        }

        try
        {
            await Task.WhenAll(given ?? []);
        }
        catch (Exception failure) when (failure is MachineBusyException or MachineFailedException)
        {
            return Refuse(CallRefusal.NotNow, failure.Message);
        }

        return new CallOutcome(CallRefusal.None, null, refused is null ? [] : [.. refused]);
    }

    // Null, with the reason, when it is no frame of this node.
    private string? Read(NodeCall call, int place, out Frame? frame)
    {
        if (!FrameCodec.TryDecode(call.Frames[place], out frame, out WireError? error))
        {
            return error.ToString();
        }

        bool isOwn = frame.From == Party.Of(call.Node) && frame.To.Kind == PartyKind.Hub;
        foreach (Envelope envelope in frame.Envelopes)
        {
            // It may have changed its key before its hub has heard of it: the journal begins with the first.
            isOwn &= envelope.Message is not Enrol enrol || registry.Has(call.Node, enrol.PublicKey);
        }

        if (!isOwn)
        {
            frame = null;
            return "a node sends frames of its own, to hubs, and enrols with a key of its own";
        }

        return null;
    }

    private static CallOutcome Refuse(CallRefusal refusal, string reason) => new(refusal, reason, []);

    // What is remembered of a node that has called: its count, and how often.
    private sealed class Caller(NodeId node, GatewayRules rules, TimeProvider time)
    {
        private readonly Lock _gate = new();
        private ulong _last;
        private uint _hub;
        private double _left = rules.CallsBurst;
        private long _filledAt = time.GetTimestamp();

        /// <summary>What the door remembers of it.</summary>
        public DoorNode Door { get; } = new(node);

        /// <summary>The hub that it called last; zero before it has called one.</summary>
        public uint Hub
        {
            get => Volatile.Read(ref _hub);
            set => Volatile.Write(ref _hub, value);
        }

        public CallOutcome? Admit(ulong count)
        {
            lock (_gate)
            {
                if (count <= _last)
                {
                    return Refuse(
                        CallRefusal.Repeated, $"call {count} has come before, or later ones have: count on");
                }

                long now = time.GetTimestamp();
                double rested = time.GetElapsedTime(_filledAt, now).TotalSeconds;
                _left = Math.Min(rules.CallsBurst, _left + (rested * rules.CallsPerSecond));
                _filledAt = now;
                if (_left < 1)
                {
                    return Refuse(CallRefusal.TooOften, "too many calls: come again later");
                }

                _left--;
                _last = count;
                return null;
            }
        }
    }
}

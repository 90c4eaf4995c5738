using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Links;

/// <summary>How urgent a message is; lower numbers leave first.</summary>
public enum Priority
{
    /// <summary>Authority and money: awards, acceptances, transfers, closings.</summary>
    Contract = 0,

    /// <summary>Offers, which perish with their cycle.</summary>
    Market = 1,

    /// <summary>What a machine reports of itself.</summary>
    Report = 2,
}

/// <summary>What a caller waits for, besides the messages in its queue.</summary>
public enum Pending
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The next frame of an exchange of perishables.</summary>
    Exchange = 1,
}

/// <summary>One end of a link between two machines that meet only in contact windows.</summary>
/// <remarks>
/// The problem: a window is short, may close at any byte, loses, repeats and reorders, and either machine may
/// crash at any point. The idea is the oldest one: number every message, keep it until the other end says it
/// has it, and remember which numbers have come. Messages are handed to the machine in the order they arrive,
/// once each; a machine must not depend on the order.
/// <para>
/// One end is the caller (a node towards its hub, a hub towards the strategic layer). It hails when a window
/// opens, again after a retry delay while there is no answer, and it answers every frame that carries
/// something. The other end speaks only when spoken to, so a hub of thousands of nodes keeps no timer for any
/// of them, and the same exchange fits one call of a request-and-answer transport.
/// </para>
/// <para>
/// Invariants. A message is either acknowledged, expired or in the queue. What a step decided is in a fact
/// before the frame leaves. At most <see cref="QueueMax"/> messages wait: a full queue refuses the newest,
/// and its machine treats that as a loss. At most <see cref="Frame.AckBeyondMax"/> sequences are remembered
/// out of order: a message beyond that is not taken, and will come again. A window carries at most its bytes.
/// Deliberately absent: fragments. No message is larger than a frame, and a cut frame is sent again whole.
/// </para>
/// <code>
/// caller                      answerer
///   hail, envelopes   --->
///                     &lt;---    acks, envelopes, perishables
///   acks, envelopes   --->
///                     &lt;---    acks                            (and so on until both queues are empty)
/// </code>
/// </remarks>
public sealed class LinkEnd
{
    /// <summary>Most messages that wait in one direction.</summary>
    public const int QueueMax = 1024;

    /// <summary>Most perishable messages of a frame.</summary>
    public const int PerishablesMax = 2;

    /// <summary>How often a caller hails or repeats in one window before it waits for the next.</summary>
    public const int AttemptsMax = 4;

    /// <summary>What a call may need without any message; with fewer bytes left the window is
    /// spent.</summary>
    private const int CallBytes = 1024;

    private static readonly TimeSpan _tick = TimeSpan.FromMicroseconds(1);

    private readonly Party _self;
    private readonly Party _peer;
    private readonly TimeSpan _guard;
    private readonly Action<LinkFact> _record;

    // Waiting or sent and not acknowledged, by priority and then by age.
    private readonly SortedDictionary<(int Priority, ulong Sequence), Outgoing> _queue = [];

    // Arrived out of order, all greater than _ackThrough + 1.
    private readonly SortedSet<ulong> _ackBeyond = [];

    // The last sequence given to a message.
    private ulong _lastSequence;

    // Every sequence up to here has arrived.
    private ulong _ackThrough;

    // The window in which bytes and attempts were last counted.
    private long _window = -1;

    // Bytes sent in that window.
    private long _windowBytes;

    // Frames sent in that window that hoped for an answer and have had none.
    private int _unanswered;

    // Whether the peer has been heard in that window.
    private bool _heardInWindow;

    // When a frame was last sent.
    private Instant _lastSent;

    /// <summary>An end with nothing in it.</summary>
    /// <param name="self">This machine.</param>
    /// <param name="peer">The other.</param>
    /// <param name="plan">When they can talk.</param>
    /// <param name="guard">How far inside a window to stay: the clock error.</param>
    /// <param name="record">Persists a fact and applies it.</param>
    public LinkEnd(Party self, Party peer, ContactPlan plan, TimeSpan guard, Action<LinkFact> record)
    {
        // Shorter windows would be over before a careful caller has begun.
        Invariant.Holds(plan.Length > 4 * guard && plan.WindowBytes >= CallBytes);
        _self = self;
        _peer = peer;
        Plan = plan;
        _guard = guard;
        _record = record;
    }

    /// <summary>When the two can talk.</summary>
    public ContactPlan Plan { get; }

    /// <summary>When a frame of the peer's last arrived; the epoch before the first.</summary>
    public Instant LastHeard { get; private set; }

    /// <summary>Whether the peer has ever been heard.</summary>
    public bool HasHeard { get; private set; }

    /// <summary>The number of the message that was queued last.</summary>
    public ulong LastSequence => _lastSequence;

    /// <summary>Messages that are not acknowledged yet.</summary>
    public int Waiting => _queue.Count;

    /// <summary>Whether one of the messages that are not acknowledged yet is such a one.</summary>
    public bool Waits(Predicate<Message> isOne)
    {
        bool waits = false;
        foreach (Outgoing waiting in _queue.Values)
        {
            waits |= isOne(waiting.Message);
        }

        return waits;
    }

    /// <summary>How long to wait for an answer before asking again: a round trip and a minute.</summary>
    public TimeSpan RetryDelay => Plan.LightTime + Plan.LightTime + TimeSpan.FromMinutes(1);

    /// <summary>Puts a message in the queue; it leaves in a later <see cref="Compose"/>.</summary>
    /// <returns>False when the queue is full: the message is refused.</returns>
    public bool Queue(Message message, Priority priority, Instant expires)
    {
        if (_queue.Count >= QueueMax)
        {
            return false;
        }

        _record(new LinkFact.Queued(_lastSequence + 1, (int)priority, expires, message));
        return true;
    }

    /// <summary>Takes a frame of the peer's.</summary>
    /// <returns>The messages that are new, in the order of the frame; perishable ones always are.</returns>
    public ImmutableArray<Message> Take(Instant now, Frame frame)
    {
        ImmutableArray<ulong>.Builder acked = ImmutableArray.CreateBuilder<ulong>();
        foreach (KeyValuePair<(int Priority, ulong Sequence), Outgoing> waiting in _queue)
        {
            ulong sequence = waiting.Key.Sequence;
            if (sequence <= frame.AckThrough || frame.AckBeyond.Contains(sequence))
            {
                acked.Add(sequence);
            }
        }

        ImmutableArray<ulong>.Builder received = ImmutableArray.CreateBuilder<ulong>();
        ImmutableArray<Message>.Builder fresh = ImmutableArray.CreateBuilder<Message>();
        foreach (Envelope envelope in frame.Envelopes)
        {
            if (envelope.Sequence == 0)
            {
                fresh.Add(envelope.Message);
            }
            else if (IsFresh(envelope.Sequence, received))
            {
                received.Add(envelope.Sequence);
                fresh.Add(envelope.Message);
            }
        }

        _record(new LinkFact.Taken(now, frame.Floor, acked.ToImmutable(), received.ToImmutable()));
        return fresh.ToImmutable();
    }

    /// <summary>Puts together the next frame, as far as the window's bytes go, and remembers it as
    /// sent.</summary>
    /// <param name="now">The time.</param>
    /// <param name="hail">Whether to ask for an answer.</param>
    /// <param name="owesAnswer">Whether to send a frame even when it carries nothing but
    /// acknowledgements.</param>
    /// <param name="perishables">Messages to add that are not worth repeating; at most
    /// <see cref="PerishablesMax"/>, each left out when it does not fit.</param>
    /// <returns>Null when there is nothing to say, or the window has no bytes left.</returns>
    public Frame? Compose(
        Instant now, bool hail, bool owesAnswer, params ReadOnlySpan<Message> perishables)
    {
        DropExpired(now);
        ImmutableArray<ulong> beyond = [.. _ackBeyond];
        ulong floor = Floor();
        var frame = new Frame(_self, _peer, hail, floor, _ackThrough, beyond, []);
        int bytes = FrameSize.Of(frame);
        long budget = Math.Min(Frame.BytesMax, Plan.WindowBytes - BytesUsed(now));
        ImmutableArray<Envelope>.Builder envelopes = ImmutableArray.CreateBuilder<Envelope>();
        ImmutableArray<ulong>.Builder sequences = ImmutableArray.CreateBuilder<ulong>();
        foreach (KeyValuePair<(int Priority, ulong Sequence), Outgoing> waiting in _queue)
        {
            if (envelopes.Count == Frame.EnvelopesMax - PerishablesMax)
            {
                break;
            }

            // The peer remembers no more than so many beyond the first it lacks. Sent, the others would be
            // refused, and urgent ones among them would starve that first one for ever.
            if (waiting.Key.Sequence - floor <= Frame.AckBeyondMax
                && waiting.Value.IsDue(now, RetryDelay)
                && bytes + waiting.Value.Bytes <= budget)
            {
                bytes += waiting.Value.Bytes;
                envelopes.Add(new Envelope(waiting.Key.Sequence, waiting.Value.Message));
                sequences.Add(waiting.Key.Sequence);
            }
        }

        foreach (Message perishable in perishables)
        {
            int size = FrameSize.OfEnvelope(0, perishable);
            if (bytes + size <= budget)
            {
                bytes += size;
                envelopes.Add(new Envelope(0, perishable));
            }
        }

        if (bytes > budget || (envelopes.Count == 0 && !hail && !owesAnswer))
        {
            return null;
        }

        _record(new LinkFact.Sent(now, hail, bytes, sequences.ToImmutable()));
        return frame with { Envelopes = envelopes.ToImmutable() };
    }

    /// <summary>When a caller must next call <see cref="Call"/>.</summary>
    /// <param name="now">The time.</param>
    /// <param name="delay">How long after a window has opened to begin, so that neighbours do not
    /// collide.</param>
    /// <param name="pending">What the caller waits for besides its queue: an exchange of perishables that has
    /// begun is taken up again when a frame of it was lost.</param>
    public Instant NextCall(Instant now, TimeSpan delay, Pending pending = Pending.None)
    {
        if (!IsUsable(now))
        {
            return NextStart(now, delay);
        }

        if (Plan.WindowNumber(now) != _window)
        {
            Instant start = Instant.Max(now, Plan.Opening(Plan.WindowNumber(now)) + _guard + delay);
            return IsUsable(start) ? start : NextStart(start, delay);
        }

        bool mayRepeat = _unanswered < AttemptsMax
            && (!_heardInWindow || _queue.Count > 0 || pending == Pending.Exchange)
            && Plan.WindowBytes - _windowBytes >= CallBytes;
        Instant retry = Instant.Max(now, _lastSent + RetryDelay);
        return mayRepeat && IsUsable(retry) ? retry : NextStart(now, delay);
    }

    /// <summary>The caller's turn at its alarm: hails, or repeats what was not answered.</summary>
    /// <returns>Null when it is not time.</returns>
    public Frame? Call(
        Instant now,
        TimeSpan delay,
        Pending pending = Pending.None,
        params ReadOnlySpan<Message> perishables) =>
        NextCall(now, delay, pending) > now
            ? null
            : Compose(now, hail: true, owesAnswer: true, perishables);

    /// <summary>Applies one remembered fact.</summary>
    public void Apply(LinkFact fact)
    {
        switch (fact)
        {
            case LinkFact.Queued queued:
                Invariant.Holds(queued.Sequence == _lastSequence + 1);
                _lastSequence = queued.Sequence;
                _queue.Add(
                    (queued.Priority, queued.Sequence),
                    new Outgoing(
                        queued.Message,
                        queued.Expires,
                        null,
                        FrameSize.OfEnvelope(queued.Sequence, queued.Message)));
                break;
            case LinkFact.Sent sent:
                ApplySent(sent);
                break;
            case LinkFact.Taken taken:
                EnterWindow(taken.At);
                _heardInWindow = true;
                _unanswered = 0;
                HasHeard = true;
                LastHeard = taken.At;
                Remove(taken.Acked);
                Remember(taken.Received, taken.Floor);
                break;
            case LinkFact.Dropped dropped:
                Remove(dropped.Sequences);
                break;
            default:
                throw new UnreachableException($"no rule for {fact}");
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("link", 10);
        codec.Table(
            "queue",
            _queue,
            static (ref TCodec c, (int Priority, ulong Sequence) key) =>
                (c.Number("priority", key.Priority),
                 (ulong)c.Integer("sequence", (long)key.Sequence, 0, long.MaxValue)),
            static (ref TCodec c, Outgoing value) => Outgoing.Shape(ref c, value));
        codec.Set("ackBeyond", _ackBeyond, static (ref TCodec c, ulong sequence) =>
            (ulong)c.Integer("sequence", (long)sequence, 0, long.MaxValue));
        _lastSequence = (ulong)codec.Integer("lastSequence", (long)_lastSequence, 0, long.MaxValue);
        _ackThrough = (ulong)codec.Integer("ackThrough", (long)_ackThrough, 0, long.MaxValue);
        _window = codec.Integer("window", _window, -1, long.MaxValue);
        _windowBytes = codec.Integer("windowBytes", _windowBytes, 0, long.MaxValue);
        _unanswered = codec.Number("unanswered", _unanswered);
        _heardInWindow = codec.Flag("heardInWindow", _heardInWindow);
        _lastSent = codec.Moment("lastSent", _lastSent);
        HasHeard = codec.Flag("hasHeard", HasHeard);
        LastHeard = codec.Moment("lastHeard", LastHeard);
        codec.Close();
    }

    private void ApplySent(LinkFact.Sent sent)
    {
        EnterWindow(sent.At);
        _windowBytes += sent.Bytes;
        _lastSent = sent.At;
        if (sent.Hail || sent.Sequences.Length > 0)
        {
            _unanswered++;
        }

        if (sent.Sequences.Length == 0)
        {
            return;
        }

        foreach ((int Priority, ulong Sequence) key in Keys(sent.Sequences))
        {
            _queue[key] = _queue[key] with { SentAt = sent.At };
        }
    }

    private void Remember(ImmutableArray<ulong> received, ulong floor)
    {
        foreach (ulong sequence in received)
        {
            bool isNew = _ackBeyond.Add(sequence);
            Invariant.Holds(isNew && sequence > _ackThrough);
        }

        if (floor > _ackThrough + 1)
        {
            _ackThrough = floor - 1;
            _ = _ackBeyond.RemoveWhere(sequence => sequence <= _ackThrough);
        }

        while (_ackBeyond.Remove(_ackThrough + 1))
        {
            _ackThrough++;
        }
    }

    private ulong Floor()
    {
        ulong floor = _lastSequence + 1;
        foreach ((int Priority, ulong Sequence) key in _queue.Keys)
        {
            floor = Math.Min(floor, key.Sequence);
        }

        return floor;
    }

    private void Remove(ImmutableArray<ulong> sequences)
    {
        if (sequences.Length == 0)
        {
            return;
        }

        foreach ((int Priority, ulong Sequence) key in Keys(sequences))
        {
            _ = _queue.Remove(key);
        }
    }

    private List<(int Priority, ulong Sequence)> Keys(ImmutableArray<ulong> sequences)
    {
        List<(int Priority, ulong Sequence)> keys = [];
        foreach ((int Priority, ulong Sequence) key in _queue.Keys)
        {
            if (sequences.Contains(key.Sequence))
            {
                keys.Add(key);
            }
        }

        Invariant.Holds(keys.Count == sequences.Length);
        return keys;
    }

    private void EnterWindow(Instant at)
    {
        long window = Plan.WindowNumber(at);
        if (window != _window)
        {
            _window = window;
            _windowBytes = 0;
            _unanswered = 0;
            _heardInWindow = false;
        }
    }

    private bool IsFresh(ulong sequence, ImmutableArray<ulong>.Builder received) =>
        sequence > _ackThrough
        && !_ackBeyond.Contains(sequence)
        && !received.Contains(sequence)
        && (sequence == _ackThrough + 1 || _ackBeyond.Count + received.Count < Frame.AckBeyondMax);

    private void DropExpired(Instant now)
    {
        ImmutableArray<ulong>.Builder? expired = null;
        foreach (KeyValuePair<(int Priority, ulong Sequence), Outgoing> waiting in _queue)
        {
            if (waiting.Value.Expires <= now)
            {
                expired ??= ImmutableArray.CreateBuilder<ulong>();
                expired.Add(waiting.Key.Sequence);
            }
        }

        if (expired is not null)
        {
            _record(new LinkFact.Dropped(expired.ToImmutable()));
        }
    }

    private long BytesUsed(Instant now) => Plan.WindowNumber(now) == _window ? _windowBytes : 0;

    /// <summary>Whether a frame that is sent now can be heard, by any clock.</summary>
    public bool IsOpen(Instant now) => IsUsable(now);

    private bool IsUsable(Instant at) =>
        Plan.IsOpen(at - _guard) && Plan.IsOpen(at) && Plan.IsOpen(at + _guard);

    // The beginning of the first window that opens after an instant and is not over before it has begun.
    private Instant NextStart(Instant after, TimeSpan delay)
    {
        Instant opening = Plan.NextOpening(after - _guard - delay + _tick);
        while (!IsUsable(opening + _guard + delay))
        {
            opening = Plan.NextOpening(opening + _tick);
        }

        return opening + _guard + delay;
    }

    private sealed record Outgoing(Message Message, Instant Expires, Instant? SentAt, int Bytes)
    {
        public bool IsDue(Instant now, TimeSpan retryDelay) => SentAt is not { } at || now >= at + retryDelay;

        public static Outgoing Shape<TCodec>(ref TCodec codec, Outgoing? value)
            where TCodec : struct, ICodec
        {
            codec.Open("outgoing", 4);
            Message message = Message.Shape(ref codec, value?.Message);
            Instant expires = codec.Moment("expires", value?.Expires ?? default);
            long sent = codec.Integer("sentAt", value?.SentAt?.Micros ?? -1, -1, long.MaxValue);
            int bytes = codec.Number("bytes", value?.Bytes ?? 0);
            codec.Close();
            return value ?? new Outgoing(message, expires, sent < 0 ? null : new Instant(sent), bytes);
        }
    }
}

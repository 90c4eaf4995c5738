using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Xunit;

namespace Hanse.Core.Tests.Links;

/// <summary>Two ends and the space between them, where frames are lost, repeated, delayed and overtake each
/// other.</summary>
/// <remarks>
/// Each end has a driver that keeps the contract of <c>Outbox</c>: facts first, as one batch, then the frame.
/// A crash therefore either undoes a whole step, or keeps its facts and loses its frame.
/// </remarks>
internal sealed class LinkPair
{
    private readonly List<(End To, Frame Frame, Instant Arrives)> _space = [];
    private uint _lastMessage;

    public LinkPair(ContactPlan plan)
    {
        Plan = plan;
        Caller = new End(Party.Of(new NodeId(7)), Party.Of(new RegionId(1)), plan);
        Answerer = new End(Party.Of(new RegionId(1)), Party.Of(new NodeId(7)), plan);
    }

    public ContactPlan Plan { get; }

    public End Caller { get; }

    public End Answerer { get; }

    public Instant Now { get; set; }

    /// <summary>How long after the opening of a window the caller begins.</summary>
    public TimeSpan Delay { get; init; }

    public int InSpace => _space.Count;

    public bool IsQuiet => InSpace == 0 && Caller.Link.Waiting == 0 && Answerer.Link.Waiting == 0;

    /// <summary>Queues a message that both sides will know by its number.</summary>
    public bool Queue(End from, Priority priority, Instant expires, int deviations)
    {
        uint number = ++_lastMessage;
        var deviation = new Deviation(Variable.Wear, Now.FloorSecond, number);
        var message = new DeviationReport(number, [.. Enumerable.Repeat(deviation, deviations)]);
        bool isQueued = from.Do(link => link.Queue(message, priority, expires));
        if (isQueued && expires == Instant.Never)
        {
            from.Promised.Add(number);
        }

        return isQueued;
    }

    /// <summary>When the caller has its alarm; now, when it is late for it.</summary>
    public Instant NextCall() => Instant.Max(Now, Caller.Link.NextCall(Now, Delay));

    /// <summary>The caller's alarm.</summary>
    public void Call() => Send(Caller, Caller.Do(link => link.Call(Now, Delay)));

    /// <summary>A step that is undone by a crash before its facts were durable.</summary>
    public void CallAndForget() => Caller.DoAndForget(link => link.Call(Now, Delay));

    /// <summary>A frame arrives; the answer leaves.</summary>
    public void Deliver(int index)
    {
        (End to, Frame frame, Instant _) = _space[index];
        _space.RemoveAt(index);
        Frame? answer = to.Do(link => Take(to, link, frame));
        Send(to, answer);
    }

    /// <summary>A frame arrives, and the receiver crashes before what it made of it is durable.</summary>
    public void DeliverAndForget(int index)
    {
        (End to, Frame frame, Instant _) = _space[index];
        _space.RemoveAt(index);
        HashSet<uint> before = [.. to.Arrived];
        to.DoAndForget(link => Take(to, link, frame));
        to.Arrived.IntersectWith(before);
    }

    public void Lose(int index) => _space.RemoveAt(index);

    public void Repeat(int index) => _space.Add(_space[index]);

    /// <summary>Runs with a channel that loses nothing until both queues are empty.</summary>
    /// <returns>False when they still were not after a number of windows.</returns>
    public bool Heal(int windows)
    {
        Instant end = Now + (Plan.Period * windows);
        while (Now < end && !IsQuiet)
        {
            int next = _space.FindIndex(frame => frame.Arrives == _space.Min(other => other.Arrives));
            Instant call = NextCall();
            if (next >= 0 && _space[next].Arrives <= call)
            {
                Now = Instant.Max(Now, _space[next].Arrives);
                Deliver(next);
            }
            else
            {
                Now = call;
                Call();
                Assert.True(NextCall() > Now, $"the caller would call again at once, at {Now}");
            }
        }

        return IsQuiet;
    }

    // What a machine does with a frame, as one step: the caller answers whatever carries something, the
    // answerer whatever hails as well.
    private Frame? Take(End to, LinkEnd link, Frame frame)
    {
        foreach (Message message in link.Take(Now, frame))
        {
            uint number = ((DeviationReport)message).PlanNumber;
            Assert.True(to.Arrived.Add(number), $"message {number} was handed over twice");
        }

        bool owesAnswer = frame.Envelopes.Length > 0 || (to == Answerer && frame.Hail);
        return link.Compose(Now, hail: false, owesAnswer);
    }

    private void Send(End from, Frame? frame)
    {
        if (frame is null)
        {
            return;
        }

        int bytes = FrameSize.Of(frame);
        Assert.InRange(bytes, 1, Frame.BytesMax);
        Assert.InRange(frame.Envelopes.Length, 0, Frame.EnvelopesMax);
        Assert.InRange(frame.AckBeyond.Length, 0, Frame.AckBeyondMax);
        Assert.All(frame.Envelopes, envelope => Assert.True(envelope.Sequence >= frame.Floor));
        Assert.InRange(from.CountBytes(Plan.WindowNumber(Now), bytes), 0, Plan.WindowBytes);

        // Through its bytes, so that what the peer reads is what the wire carries.
        Frame received = Snapshot.Read<Frame>(Snapshot.Of(frame));
        _space.Add((from == Caller ? Answerer : Caller, received, Now + Plan.LightTime));
    }

    /// <summary>One end with its journal.</summary>
    internal sealed class End
    {
        private readonly Party _self;
        private readonly Party _peer;
        private readonly ContactPlan _plan;
        private readonly List<byte[]> _journal = [];
        private readonly Dictionary<long, long> _bytesByWindow = [];

        public End(Party self, Party peer, ContactPlan plan)
        {
            _self = self;
            _peer = peer;
            _plan = plan;
            Link = Empty();
        }

        public LinkEnd Link { get; private set; }

        /// <summary>Numbers of messages queued here that must arrive at the peer.</summary>
        public List<uint> Promised { get; } = [];

        /// <summary>Numbers of messages that arrived here.</summary>
        public HashSet<uint> Arrived { get; } = [];

        public T Do<T>(Func<LinkEnd, T> step) => step(Link);

        public void DoAndForget<T>(Func<LinkEnd, T> step)
        {
            int durable = _journal.Count;
            _ = step(Link);
            _journal.RemoveRange(durable, _journal.Count - durable);
            Replay();
        }

        /// <summary>Dies and comes back from its facts, equal to what it was.</summary>
        public void Crash()
        {
            byte[] before = Snapshot.Of(Link.Shape);
            Replay();
            Assert.Equal(before, Snapshot.Of(Link.Shape));
        }

        /// <summary>Dies and comes back from a snapshot, equal to what it was.</summary>
        public void Restore()
        {
            byte[] before = Snapshot.Of(Link.Shape);
            Link = Empty();
            Snapshot.Into(before, Link.Shape);
            Assert.Equal(before, Snapshot.Of(Link.Shape));
        }

        public long CountBytes(long window, int bytes) =>
            _bytesByWindow[window] = _bytesByWindow.GetValueOrDefault(window) + bytes;

        private void Replay()
        {
            Link = Empty();
            foreach (byte[] fact in _journal)
            {
                Link.Apply(Snapshot.Read<LinkFact>(fact));
            }
        }

        private LinkEnd Empty()
        {
            LinkEnd? link = null;
            link = new LinkEnd(_self, _peer, _plan, TimeSpan.FromSeconds(2), fact =>
            {
                _journal.Add(Snapshot.Of(fact));
                link!.Apply(fact);
            });
            return link;
        }
    }
}

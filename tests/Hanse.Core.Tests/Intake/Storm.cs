using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using Hanse.Core.Identity;
using Hanse.Core.Intake;
using Hanse.Core.Links;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Intake;

/// <summary>A hub and its returning nodes on a plain loop: nodes call in their windows, uploads take the time
/// of their link, validation takes the time it costs. Deliberately dumb twins look at every fact.</summary>
internal sealed class Storm
{
    public const long BlockBytes = 10_000;

    private readonly SortedSet<(Instant At, int Order, What What, uint Node)> _events = [];
    private readonly SortedDictionary<uint, Home> _nodes = [];
    private readonly List<byte[]> _journal = [];
    private readonly IntakeRules _rules;
    private readonly ValidationCost _cost;
    private readonly List<(Instant At, ProcessorTime Work)> _begun = [];
    private int _order;
    private decimal _paidMicros;
    private int? _crashAt;
    private bool _isDurable;

    public Storm(IntakeRules rules, ValidationCost cost)
    {
        _rules = rules;
        _cost = cost;
        Queue = Empty();
    }

    private enum What
    {
        Call,
        Arrive,
        Finish,
        Wake,
    }

    public static IntakeRules Rules { get; } = new()
    {
        ValidationShare = PartsPerMillion.FromPercent(5),
        BurstMax = TimeSpan.FromSeconds(2),
        QueueMax = 10_000,
        AdmittedMax = 64,
        UploadBytesMax = 1_000_000,
        ValueAtRiskMax = Credits.FromWhole(1_000),
        AgeingPerDay = Credits.FromWhole(10),
        SilenceMax = TimeSpan.FromDays(30),
    };

    public static ContactPlan AlwaysOpen { get; } = Plan(TimeSpan.FromHours(12), TimeSpan.FromHours(12));

    public IntakeQueue Queue { get; private set; }

    public Instant Now { get; private set; }

    /// <summary>When the last upload was validated.</summary>
    public Instant LastFinish { get; private set; }

    public int Offers { get; private set; }

    public int Refusals { get; private set; }

    public long UploadBytesPeak { get; private set; }

    public int CountPeak { get; private set; }

    public ProcessorTime Spent { get; private set; }

    /// <summary>Nodes in the order in which their last block was accepted.</summary>
    public List<uint> Order { get; } = [];

    /// <summary>Validations with the urgency order of a linear scan, and without.</summary>
    public (int Right, int Wrong) Choices { get; private set; }

    /// <summary>Validations that ended after their node had called again, though the hub was not
    /// idle.</summary>
    public int Broken { get; private set; }

    public IReadOnlyList<byte[]> Journal => _journal;

    /// <summary>When each validation began, and what was charged for it.</summary>
    public IReadOnlyList<(Instant At, ProcessorTime Work)> Begun => _begun;

    /// <summary>Whether every fact is followed by a comparison with dumb twins.</summary>
    public bool IsWatched { get; init; }

    /// <summary>Whether every fact is followed by a crash, from which the rebuilt queue goes on.</summary>
    public bool CrashesAlways { get; init; }

    /// <summary>How much of the cost is really spent, in per cent.</summary>
    public int SpentPercent { get; init; } = 100;

    public bool IsCleared => _nodes.Values.All(node => node.Accepted == node.Journal);

    public static ContactPlan Plan(TimeSpan period, TimeSpan length, TimeSpan phase = default) => new()
    {
        Phase = Instant.Epoch + phase,
        Period = period,
        Length = length,
        BytesPerSecond = 100_000,
        LightTime = TimeSpan.FromMilliseconds(100),
    };

    public void Add(uint node, Instant calls, long blocks, long credits, Instant gap, ContactPlan plan)
    {
        _nodes.Add(node, new Home(node, blocks, credits, gap, plan));
        Schedule(calls, What.Call, node);
    }

    public ReturnSummary Summary(uint node)
    {
        Home home = _nodes[node];
        long blocks = home.Journal - home.Accepted;
        return new ReturnSummary
        {
            Node = new NodeId(node),
            Epoch = new Epoch(1),
            JournalSize = home.Journal,
            AcceptedSize = home.Accepted,
            BytesToCome = blocks * BlockBytes,
            Records = blocks * 400,
            Checkpoints = blocks,
            Decisions = 0,
            Leaves = blocks / 2,
            OldestUnaccepted = home.Gap,
            Contracts = Credits.FromWhole(home.Worth),
            Claims = Credits.Zero,
            Trust = TrustClass.Ordinary,
        };
    }

    public void CrashAtFact(int fact, bool durable)
    {
        _crashAt = fact;
        _isDurable = durable;
    }

    public void Run(Instant until)
    {
        while (_events.Count > 0 && _events.Min.At <= until)
        {
            (Instant at, int _, What what, uint node) = _events.Min;
            _ = _events.Remove(_events.Min);
            Now = at;
            try
            {
                Happen(what, node);
                Pump();
            }
            catch (OperationCanceledException)
            {
                Restart(what, node);
            }

            UploadBytesPeak = Math.Max(UploadBytesPeak, Queue.UploadBytes);
            CountPeak = Math.Max(CountPeak, Queue.Count);
            if (Queue.NextWake is { } wake)
            {
                _ = _events.Add((Instant.Max(wake, Now + TimeSpan.FromMicroseconds(1)), 0, What.Wake, 0));
            }
        }
    }

    private void Happen(What what, uint node)
    {
        switch (what)
        {
            case What.Call:
                Call(_nodes[node]);
                break;
            case What.Arrive:
                _ = Queue.Arrive(Now, new NodeId(node), _nodes[node].OnTheWay);
                break;
            case What.Finish:
                Finish(_nodes[node]);
                break;
            default:
                Queue.Wake(Now);
                break;
        }
    }

    private void Call(Home home)
    {
        if (home.Accepted == home.Journal)
        {
            return; // The receipt has come.
        }

        Offers++;
        switch (Queue.Offer(Now, Summary(home.Node), home.Plan))
        {
            case IntakeVerdict.Admitted(var bytes):
                home.OnTheWay = bytes;
                TimeSpan flight = TimeSpan.FromMilliseconds(bytes * 1_000 / home.Plan.BytesPerSecond);
                Schedule(
                    Now + home.Plan.LightTime + home.Plan.LightTime + flight, What.Arrive, home.Node);
                break;
            case IntakeVerdict.Deferred(var notBefore, var window):
                Assert.Equal(home.Plan.WindowNumber(notBefore), window);
                Assert.True(notBefore > Now && home.Plan.IsOpen(notBefore), $"{notBefore} at {Now}");
                Schedule(notBefore, What.Call, home.Node);
                break;
            default:
                Refusals++;
                Schedule(
                    home.Plan.NextOpening(Now + TimeSpan.FromMicroseconds(1)), What.Call, home.Node);
                break;
        }
    }

    private void Finish(Home home)
    {
        if (!Queue.Returns.TryGetValue(new NodeId(home.Node), out Return? known)
            || known.Stage != ReturnStage.Validating)
        {
            return; // A crash made the result come twice.
        }

        long accepted = known.Bytes >= known.Summary.BytesToCome
            ? known.Summary.JournalSize : home.Accepted + (known.Bytes / BlockBytes);
        ProcessorTime spent = new(known.Charged.Nanos * SpentPercent / 100);
        Assert.True(Queue.Finish(Now, new NodeId(home.Node), spent, accepted));
        Assert.False(Queue.Finish(Now, new NodeId(home.Node), spent, accepted));
        Receipt(home);
    }

    // With its receipt a node with more to come calls again.
    private void Receipt(Home home)
    {
        if (home.Accepted < home.Journal)
        {
            Instant soon = Now + TimeSpan.FromSeconds(1);
            Schedule(home.Plan.IsOpen(soon) ? soon : home.Plan.NextOpening(soon), What.Call, home.Node);
        }
    }

    private void Pump()
    {
        while (Queue.Next(Now) is { } node)
        {
            if (IsWatched)
            {
                Choices = node == DumbNext()
                    ? (Choices.Right + 1, Choices.Wrong) : (Choices.Right, Choices.Wrong + 1);
            }

            Assert.True(Queue.Begin(Now, node));
            Assert.False(Queue.Begin(Now, node));
            Schedule(Now + EndOf(node), What.Finish, node.Value);
        }
    }

    private TimeSpan EndOf(NodeId node) =>
        TimeSpan.FromMicroseconds(Queue.Returns[node].Charged.Nanos * SpentPercent / 100_000);

    // A crash in the middle of a step: what was not answered is asked again, what was being validated is
    // validated again.
    private void Restart(What what, uint node)
    {
        Replay();
        foreach (Return known in Queue.Returns.Values.Where(known => known.Stage == ReturnStage.Validating))
        {
            Schedule(Now + EndOf(known.Node), What.Finish, known.Node.Value);
        }

        if (what is What.Call or What.Arrive)
        {
            Schedule(Now + TimeSpan.FromMinutes(1), what, node);
        }
        else if (what == What.Finish)
        {
            Receipt(_nodes[node]);
        }
    }

    private void Replay()
    {
        Queue = Empty();
        foreach (byte[] fact in _journal)
        {
            Queue.Apply(Snapshot.Read<IntakeFact>(fact));
        }
    }

    private IntakeQueue Empty() => new(_rules, _cost, Record);

    private void Record(IntakeFact fact)
    {
        bool isCrash = _crashAt == _journal.Count;
        if (isCrash && !_isDurable)
        {
            _crashAt = null;
            throw new OperationCanceledException("a crash");
        }

        Look(fact);
        _journal.Add(Snapshot.Of(fact));
        Queue.Apply(fact);
        Recount();
        if (isCrash)
        {
            _crashAt = null;
            throw new OperationCanceledException("a crash");
        }

        if (CrashesAlways)
        {
            // The caller still holds the old queue and finishes its step on it; so the rebuilt one is
            // compared here, and takes over with the next event.
            byte[] before = Snapshot.Of(Queue.Shape);
            IntakeQueue old = Queue;
            Replay();
            Assert.Equal(before, Snapshot.Of(Queue.Shape));
            IntakeQueue restored = Empty();
            Snapshot.Into(before, restored.Shape);
            Assert.Equal(before, Snapshot.Of(restored.Shape));
            Assert.Equal(Figures(old), Figures(Queue));
            Assert.Equal(Figures(old), Figures(restored));
            Queue = old;
        }
    }

    private void Look(IntakeFact fact)
    {
        switch (fact)
        {
            case IntakeFact.Admitted admitted:
                LookAtPromise(admitted);
                break;
            case IntakeFact.Begun(var at, var node):
                Return upload = Queue.Returns[node];
                Assert.Equal(ReturnStage.InHand, upload.Stage);
                _begun.Add((at, upload.UploadWork));
                _paidMicros = Math.Max(_paidMicros, at.Micros) + Micros(upload.UploadWork.Nanos);
                break;
            case IntakeFact.Finished finished:
                Home home = _nodes[finished.Node.Value];
                Assert.True(finished.AcceptedSize > home.Accepted, "blocks were validated twice");
                home.Accepted = finished.AcceptedSize;
                _paidMicros += Micros(finished.Spent.Nanos - Queue.Returns[finished.Node].Charged.Nanos);
                Spent += finished.Spent;
                LastFinish = Now;
                Broken += Now > Queue.Returns[finished.Node].NextWindow ? 1 : 0;
                if (home.Accepted == home.Journal)
                {
                    Order.Add(finished.Node.Value);
                }

                break;
            default:
                break;
        }
    }

    // Unless nobody is admitted, all that is admitted and not begun is done before any of its nodes calls.
    private void LookAtPromise(IntakeFact.Admitted admitted)
    {
        Return[] others = [.. Queue.Returns.Values.Where(known => known.IsAdmitted)];
        if (!IsWatched || others.Length == 0)
        {
            return;
        }

        Return[] open = [.. others.Where(known => known.Stage != ReturnStage.Validating)];
        long nanos = open.Sum(known => known.UploadWork.Nanos)
            + _cost.Of(admitted.Summary)!.Value.ForPart(admitted.Bytes, admitted.Summary.BytesToCome).Nanos;
        decimal done = Math.Max(_paidMicros, Now.Micros) + Micros(nanos);
        long call = open.Select(known => known.NextWindow.Micros)
            .Where(next => next >= Now.Micros)
            .Append(admitted.NextWindow.Micros)
            .Min();
        Assert.True(done <= call + 1, $"{nanos} ns are not done at {call}");
    }

    // What the share of a core makes of processor time, unrounded.
    private decimal Micros(long nanos) => nanos * 1_000m / _rules.ValidationShare.Value;

    // Every figure again from the returns alone.
    private void Recount()
    {
        if (!IsWatched)
        {
            return;
        }

        Return[] all = [.. Queue.Returns.Values];
        Assert.Equal(all.Length, Queue.Count);
        Assert.Equal(all.Sum(known => known.Summary.BytesToCome), Queue.BytesLeft);
        Assert.Equal(
            all.Sum(known => _cost.Of(known.Summary)!.Value.Nanos
                - Math.Min(known.Charged.Nanos, _cost.Of(known.Summary)!.Value.Nanos)),
            Queue.WorkLeft.Nanos);
        Assert.Equal(
            all.Length == 0 ? null : all.Min(known => known.Summary.OldestUnaccepted), Queue.Oldest);
        Assert.Equal(all.Count(known => known.Stage != ReturnStage.Waiting), Queue.Admitted);
        Assert.Equal(
            all.Where(known => known.Stage != ReturnStage.Waiting).Sum(known => known.Bytes),
            Queue.UploadBytes);
        Assert.InRange(Queue.Admitted, 0, _rules.AdmittedMax);
        Assert.InRange(Queue.Count, 0, _rules.QueueMax);
    }

    private (int, long, long, Instant?, Instant, Instant?) Figures(IntakeQueue queue) =>
        (queue.Count, queue.BytesLeft, queue.WorkLeft.Nanos, queue.Oldest, queue.CatchUp(Now),
            queue.NextWake);

    /// <summary>The choice by the formula, in numbers without bounds.</summary>
    private NodeId? DumbNext() => Queue.Returns.Values
        .Where(known => known.Stage == ReturnStage.InHand)
        .OrderByDescending(known => DumbUrgency(known.Summary))
        .ThenBy(known => Core.Machine.StableHash.Of(known.Node.Value, known.Summary.Epoch.Value))
        .ThenBy(known => known.Node)
        .Select(known => (NodeId?)known.Node)
        .FirstOrDefault();

    private BigInteger DumbUrgency(ReturnSummary summary)
    {
        long value = Math.Min(
            summary.Contracts.Micro + (summary.Trust == TrustClass.Doubted ? 0 : summary.Claims.Micro),
            _rules.ValueAtRiskMax.Micro);
        long unit = 1;
        while (value / unit >= 8)
        {
            unit *= 2;
        }

        value = value / unit * unit;
        BigInteger age = Now.Micros - summary.OldestUnaccepted.Micros;
        return (value + (_rules.AgeingPerDay.Micro * age / 86_400_000_000)) * age;
    }

    private void Schedule(Instant at, What what, uint node) =>
        _ = _events.Add((at, ++_order, what, node));

    private sealed class Home(uint node, long journal, long worth, Instant gap, ContactPlan plan)
    {
        public uint Node { get; } = node;

        public long Journal { get; } = journal;

        public long Worth { get; } = worth;

        public Instant Gap { get; } = gap;

        public ContactPlan Plan { get; } = plan;

        public long Accepted { get; set; }

        public long OnTheWay { get; set; }
    }
}

using System;
using System.Collections.Generic;
using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Intake;

/// <summary>The door at which returning nodes are admitted to validation: the hub's answer to a
/// re-synchronization storm.</summary>
/// <remarks>
/// The problem: nodes come home with weeks of journal, many at once after a conjunction, and a hub has so
/// much processor time, memory and airtime for them. Taking whoever comes first validates the worthless
/// before the urgent, and taking all at once drowns. The idea: a returning node offers a summary of a few
/// dozen bytes. It is told to send so many bytes now, or to come back at an instant when its turn is
/// expected, with nothing but the summary until then. Uploads that are here are validated in order of value
/// at risk times staleness (<see cref="Urgency"/>), within a token bucket of processor time
/// (<see cref="ProcessorMeter"/>). Journals are validated in prefixes, so what does not fit into one window
/// is simply a smaller return.
/// <code>
///            offer: no room        offer: room           upload over        begun
///   (none) ----------------> waiting ---------> uploading ---------> in hand -----> validating --+
///     ^                        ^  ^  lapsed        |                                   |         |
///     |  silent, withdrawn     |  +----------------+                    part accepted  |         |
///     +------------------------+-------------------------------------------------------+         |
///     +---------------------------------------------------- all accepted ------------------------+
/// </code>
/// <para>
/// Invariants. A return is known once, by its node; a repeated offer changes nothing, a grown one replaces
/// the old. At most <see cref="IntakeRules.AdmittedMax"/> uploads of at most
/// <see cref="IntakeRules.UploadBytesMax"/> are here or on their way. No more is admitted than can be
/// validated before the first of the nodes concerned calls again, unless the hub is idle. Deferred nodes come
/// back at distinct instants. Nothing starves, since staleness is worth something. An upload is validated
/// once: what was begun and not finished is repeated after a crash, not begun again. What the hub loses sight
/// of is not lost: the journal is with its node until a receipt says otherwise.
/// </para>
/// <para>
/// Deliberately absent: the validation itself; the sizes accepted of nodes that are not returning, which are
/// the reconciler's; the length of a job in the order (short jobs first would serve the mean and starve the
/// long gaps); and learning the cost: <see cref="ValidationCost"/> is measured elsewhere.
/// <c>docs/protocol/storm.md</c> states the rules.
/// </para>
/// </remarks>
public sealed class IntakeQueue : IShapedState
{
    private readonly SortedDictionary<NodeId, Return> _returns = [];
    private readonly ValidationCost _cost;
    private readonly Action<IntakeFact> _record;
    private readonly ProcessorMeter _meter;
    private readonly Placement _placement;

    // Emptied when a snapshot is read.
    private Backlog _backlog;

    /// <summary>A queue with nothing in it.</summary>
    /// <param name="rules">How to choose, and how much to spend.</param>
    /// <param name="cost">What validation is expected to cost.</param>
    /// <param name="record">Persists a fact and applies it.</param>
    public IntakeQueue(IntakeRules rules, ValidationCost cost, Action<IntakeFact> record)
    {
        Rules = rules;
        _cost = cost;
        _record = record;
        _meter = new ProcessorMeter(rules.ValidationShare, rules.BurstMax);
        _placement = new Placement(rules, _meter);
        _backlog = new Backlog();
    }

    /// <summary>How it chooses, and how much it spends.</summary>
    public IntakeRules Rules { get; }

    /// <summary>All returns that are known, by node.</summary>
    public IReadOnlyDictionary<NodeId, Return> Returns => _returns;

    /// <summary>Number of returns that are known.</summary>
    public int Count => _returns.Count;

    /// <summary>Bytes of them that are not accepted yet, here or to come.</summary>
    public long BytesLeft => _backlog.Bytes;

    /// <summary>Expected processor time for them that has not begun.</summary>
    public ProcessorTime WorkLeft => _backlog.Work;

    /// <summary>Returns that hold a place for an upload; at most
    /// <see cref="IntakeRules.AdmittedMax"/>.</summary>
    public int Admitted => _backlog.Admitted;

    /// <summary>Bytes of uploads, here or on their way: what the hub must have room for.</summary>
    public long UploadBytes => _backlog.UploadBytes;

    /// <summary>Where the oldest gap begins; null when nobody is returning.</summary>
    public Instant? Oldest => _backlog.Oldest;

    /// <summary>When to call <see cref="Wake"/>, and then <see cref="Next"/>: null when there is nothing to
    /// wait for.</summary>
    public Instant? NextWake
    {
        get
        {
            Instant wake = _backlog.InHand.IsEmpty ? Instant.Never : _meter.OpensAt;
            wake = _backlog.FirstUpload is { } upload ? Instant.Min(wake, upload.Until + Tick) : wake;
            wake = _backlog.FirstWaiting is { } waiting
                ? Instant.Min(wake, waiting.ReturnAt + Rules.SilenceMax + Tick) : wake;
            return wake == Instant.Never ? null : wake;
        }
    }

    private static TimeSpan Tick => TimeSpan.FromMicroseconds(1);

    /// <summary>When everything known is expected to be validated: the work at the hub's share, and not
    /// before the last deferred node has come back.</summary>
    public Instant CatchUp(Instant now)
    {
        Instant worked = _meter.FreeAfter(now, _backlog.Work);
        return _backlog.LastReturn is { } last ? Instant.Max(worked, last) : worked;
    }

    /// <summary>Takes a returning node's summary and says what it may do.</summary>
    /// <param name="now">The time.</param>
    /// <param name="summary">What it has; anything may be in it.</param>
    /// <param name="contacts">When the node can talk to this hub.</param>
    public IntakeVerdict Offer(Instant now, ReturnSummary summary, ContactPlan contacts)
    {
        Wake(now);
        if (!summary.IsSound())
        {
            return new IntakeVerdict.Refused(IntakeRefusal.Nonsense);
        }

        if (_cost.Of(summary) is null)
        {
            return new IntakeVerdict.Refused(IntakeRefusal.TooLarge);
        }

        Return? known = _returns.GetValueOrDefault(summary.Node);
        if (known is null && Count >= Rules.QueueMax)
        {
            return new IntakeVerdict.Refused(IntakeRefusal.QueueFull);
        }

        ReturnSummary latest = known is null ? summary : Latest(known.Summary, summary);
        return known is { IsAdmitted: true }
            ? AnswerAgain(now, known, latest, contacts) : Place(now, known, latest, contacts);
    }

    /// <summary>The upload of an admitted node is over: its last byte is durable here, or its window
    /// closed.</summary>
    /// <param name="now">The time.</param>
    /// <param name="node">The node.</param>
    /// <param name="bytes">How much came; at most what was admitted counts.</param>
    /// <returns>False when nothing was admitted or it has lapsed: the bytes are to be thrown away, and will
    /// come again.</returns>
    public bool Arrive(Instant now, NodeId node, long bytes)
    {
        Wake(now);
        if (!_returns.TryGetValue(node, out Return? known) || known.Stage != ReturnStage.Uploading)
        {
            return false;
        }

        _record(bytes <= 0
            ? new IntakeFact.Lapsed(now, node)
            : new IntakeFact.Arrived(now, node, Math.Min(bytes, known.Bytes)));
        return bytes > 0;
    }

    /// <summary>The upload to validate now; null when none is here or the budget is spent.</summary>
    public NodeId? Next(Instant now) =>
        _meter.OpensAt > now ? null : _backlog.InHand.Most(now, Rules.AgeingPerDay);

    /// <summary>Validation of an upload begins, and its expected cost is charged.</summary>
    /// <returns>False when the node has no upload waiting: begun already, or withdrawn.</returns>
    public bool Begin(Instant now, NodeId node)
    {
        bool isInHand = _returns.TryGetValue(node, out Return? known) && known.Stage == ReturnStage.InHand;
        if (isInHand)
        {
            _record(new IntakeFact.Begun(now, node));
        }

        return isInHand;
    }

    /// <summary>Validation of an upload has ended, with this much of the journal accepted.</summary>
    /// <param name="now">The time.</param>
    /// <param name="node">The node.</param>
    /// <param name="spent">Processor time it took; from zero up.</param>
    /// <param name="acceptedSize">Blocks accepted now. With fewer than the node has, the rest waits to be
    /// offered again.</param>
    /// <returns>False when no validation of this node was under way: nothing is counted twice.</returns>
    public bool Finish(Instant now, NodeId node, ProcessorTime spent, long acceptedSize)
    {
        Invariant.Holds(spent >= ProcessorTime.Zero && acceptedSize is >= 0 and <= ReturnSummary.BlocksMax);
        if (!_returns.TryGetValue(node, out Return? known) || known.Stage != ReturnStage.Validating)
        {
            return false;
        }

        // No job is charged with more than any estimate may be: a hung clock must not close the meter for
        // years.
        var counted = new ProcessorTime(Math.Min(spent.Nanos, ProcessorTime.NanosMax));
        _record(new IntakeFact.Finished(now, node, counted, acceptedSize));
        return true;
    }

    /// <summary>Forgets a return: its node is quarantined, retired or handed over.</summary>
    /// <returns>False when it was not known.</returns>
    public bool Withdraw(NodeId node)
    {
        bool isKnown = _returns.ContainsKey(node);
        if (isKnown)
        {
            _record(new IntakeFact.Dropped(node));
        }

        return isKnown;
    }

    /// <summary>Takes places back from uploads that did not come, and forgets nodes that stay silent. Early
    /// and repeated wakes do nothing.</summary>
    public void Wake(Instant now)
    {
        while (_backlog.FirstUpload is { } upload && upload.Until < now)
        {
            _record(new IntakeFact.Lapsed(now, upload.Node));
        }

        while (_backlog.FirstWaiting is { } waiting && waiting.ReturnAt + Rules.SilenceMax < now)
        {
            _record(new IntakeFact.Dropped(waiting.Node));
        }
    }

    /// <summary>Applies one remembered fact; the only code that changes state.</summary>
    public void Apply(IntakeFact fact)
    {
        switch (fact)
        {
            case IntakeFact.Admitted admitted:
                Put(new Return
                {
                    Summary = admitted.Summary,
                    Stage = ReturnStage.Uploading,
                    HeardAt = admitted.At,
                    ReturnAt = admitted.At,
                    Bytes = admitted.Bytes,
                    Until = admitted.Until,
                    NextWindow = admitted.NextWindow,
                });
                break;
            case IntakeFact.Deferred(var at, var summary, var returnAt):
                Put(Waiting(summary, at, returnAt));
                break;
            case IntakeFact.Restated(var at, var summary):
                Put(_returns[summary.Node] with { Summary = summary, HeardAt = at });
                break;
            case IntakeFact.Arrived(var _, var node, var bytes):
                Put(_returns[node] with { Stage = ReturnStage.InHand, Bytes = bytes });
                break;
            case IntakeFact.Begun(var at, var node):
                ProcessorTime expected = _returns[node].UploadWork;
                _meter.Charge(at, expected);
                Put(_returns[node] with { Stage = ReturnStage.Validating, Charged = expected });
                break;
            case IntakeFact.Finished finished:
                ApplyFinished(finished);
                break;
            case IntakeFact.Lapsed(var at, var node):
                Put(Waiting(_returns[node].Summary, at, at));
                break;
            case IntakeFact.Dropped(var node):
                Remove(node);
                break;
            default:
                throw new UnreachableException($"no rule for {fact}");
        }
    }

    /// <inheritdoc/>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("intake", 2);
        _meter.Shape(ref codec);
        codec.Table(
            "returns",
            _returns,
            static (ref TCodec c, NodeId key) => c.Node("node", key),
            static (ref TCodec c, Return value) => Return.Shape(ref c, value));
        codec.Close();
        if (codec.IsReading)
        {
            // Orders and sums follow from the returns.
            NodeId[] nodes = [.. _returns.Keys];
            _backlog = new Backlog();
            foreach (NodeId node in nodes)
            {
                _returns[node] = _returns[node].Priced(Rules, _cost);
                _backlog.Add(_returns[node]);
            }
        }
    }

    // Journals only grow and are only ever accepted further, so a summary with less of either was overtaken.
    private static ReturnSummary Latest(ReturnSummary known, ReturnSummary offered) =>
        offered.JournalSize >= known.JournalSize && offered.AcceptedSize >= known.AcceptedSize
            ? offered : known;

    // To an admitted node the same answer again; when its upload is here or its window over, the next
    // window. What it has more than before is remembered either way.
    private IntakeVerdict AnswerAgain(Instant now, Return known, ReturnSummary latest, ContactPlan contacts)
    {
        if (latest != known.Summary)
        {
            _record(new IntakeFact.Restated(now, latest));
        }

        return known.Stage == ReturnStage.Uploading
            ? new IntakeVerdict.Admitted(known.Bytes)
            : Placement.InWindow(contacts, contacts.NextOpening(Instant.Max(now + Tick, known.NextWindow)));
    }

    private IntakeVerdict Place(Instant now, Return? known, ReturnSummary latest, ContactPlan contacts)
    {
        Return offered = Waiting(latest, now, now).Priced(Rules, _cost);
        if (_placement.Admit(now, offered, known, contacts, _backlog) is { } admitted)
        {
            _record(admitted);
            return new IntakeVerdict.Admitted(admitted.Bytes);
        }

        // A deferred node that asks too early and has nothing new is told the same again.
        if (known is null || now >= known.ReturnAt || latest != known.Summary)
        {
            _record(_placement.Defer(now, offered, known, contacts, _backlog));
            known = _returns[latest.Node];
        }

        return Placement.InWindow(contacts, known.ReturnAt);
    }

    private static Return Waiting(ReturnSummary summary, Instant heardAt, Instant returnAt) =>
        new() { Summary = summary, Stage = ReturnStage.Waiting, HeardAt = heardAt, ReturnAt = returnAt };

    private void ApplyFinished(IntakeFact.Finished finished)
    {
        Return known = _returns[finished.Node];
        _meter.Correct(known.Charged, finished.Spent);
        if (finished.AcceptedSize >= known.Summary.JournalSize)
        {
            Remove(finished.Node);
        }
        else
        {
            ReturnSummary rest = known.Summary.After(finished.AcceptedSize, known.Bytes);
            Put(Waiting(rest, finished.At, finished.At));
        }
    }

    private void Put(Return next)
    {
        if (_returns.TryGetValue(next.Node, out Return? known))
        {
            _backlog.Remove(known);
        }

        next = next.Priced(Rules, _cost);
        _returns[next.Node] = next;
        _backlog.Add(next);
    }

    private void Remove(NodeId node)
    {
        _backlog.Remove(_returns[node]);
        _ = _returns.Remove(node);
    }
}

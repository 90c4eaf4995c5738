using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Merge;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Simulation.Runs;

namespace Hanse.Simulation.Fleet;

/// <summary>What a run counts of returns.</summary>
internal sealed class ReturnStatistics(Func<NodeId, int> placeOf)
{
    private readonly SortedDictionary<int, long> _reasons = [];
    private readonly SortedDictionary<ConflictKind, (long Settled, long Unsettled)> _conflicts = [];

    // When a node first offered what is not judged yet, and when the oldest entry of it was made.
    private readonly Dictionary<NodeId, (long At, long Since)> _offered = [];
    private readonly Histogram _hours = new();
    private readonly Histogram _stormHours = new();
    private readonly HashSet<NodeId> _home = [];
    private readonly long[] _outcomes = new long[4];
    private double _slowest;
    private double _oldest;
    private int _backlogMax;
    private int _waiting;
    private long _bytes;
    private long _audited;
    private long _bad;
    private double _stormOver;

    /// <summary>What a hub remembers of returns.</summary>
    public void Hear(ReconcileFact fact, long now, Network network)
    {
        switch (fact)
        {
            case ReconcileFact.Offered(var node, var offer):
                _ = _offered.TryAdd(node, (now, offer.Since.Micros));
                _bytes += offer.Bytes;
                break;
            case ReconcileFact.Judged(var node, _, var verdict):
                _audited += verdict.Audit.Drawn + verdict.Audit.Cited;
                _bad += verdict.Audit.Bad;
                _outcomes[(int)verdict.Outcome]++;
                foreach (Reason reason in verdict.Reasons)
                {
                    int code = (int)reason.Code;
                    _reasons[code] = _reasons.GetValueOrDefault(code) + 1;
                }

                if (_offered.Remove(node, out (long At, long Since) offered))
                {
                    SeeStorm(node, offered.Since, now, network);
                    double hours = (now - offered.At) / 3600e6;
                    _hours.Add(hours);
                    _slowest = Math.Max(_slowest, hours);
                }

                break;
            default:
                break;
        }
    }

    /// <summary>Conflicts left to an operator.</summary>
    public long Unsettled => _conflicts.Values.Sum(kind => kind.Unsettled);

    /// <summary>What a hub remembers of conflicts.</summary>
    public void Hear(MergeFact fact)
    {
        if (fact is MergeFact.Met(var conflict))
        {
            (long settled, long unsettled) = _conflicts.GetValueOrDefault(conflict.Kind);
            _conflicts[conflict.Kind] =
                conflict.IsSettled ? (settled + 1, unsettled) : (settled, unsettled + 1);
        }
    }

    // The first verdict on what a node did in the great blackout.
    private void SeeStorm(NodeId node, long since, long now, Network network)
    {
        if (since < network.DarkUntil && now >= network.DarkUntil && network.GoesDark(placeOf(node))
            && _home.Add(node))
        {
            _stormOver = (now - network.DarkUntil) / 3600e6;
            _stormHours.Add(_stormOver);
        }
    }

    /// <summary>Looks at the hubs' queues.</summary>
    public void Look(IEnumerable<(Reconciler Reconciler, Instant Now)> hubs)
    {
        _waiting = 0;
        foreach ((Reconciler reconciler, Instant now) in hubs)
        {
            _waiting += reconciler.Queue.Count;
            if (reconciler.Queue.Oldest is { } oldest)
            {
                _oldest = Math.Max(_oldest, (now - oldest).TotalHours);
            }
        }

        _backlogMax = Math.Max(_backlogMax, _waiting);
    }

    public ReturnFigures Report(double nodeDays, int openCases) => new(
        _outcomes.Sum(),
        _outcomes[(int)ReturnOutcome.Accepted],
        _outcomes[(int)ReturnOutcome.Corrected],
        _outcomes[(int)ReturnOutcome.Quarantined],
        _bytes / nodeDays,
        new ConvergenceFigures(_hours.Quantile(0.5), _hours.Quantile(0.99), _slowest),
        _backlogMax,
        _oldest,
        _waiting,
        new StormFigures(
            _home.Count, new ConvergenceFigures(
                _stormHours.Quantile(0.5), _stormHours.Quantile(0.99), _stormOver)),
        new AuditFigures(_audited, _bad),
        [.. _reasons.Select(pair => new ReasonCount(((ReasonCode)pair.Key).ToString(), pair.Value))],
        [.. _conflicts.Select(pair => new ConflictCount(
            pair.Key.ToString(), pair.Value.Settled, pair.Value.Unsettled))],
        openCases);
}

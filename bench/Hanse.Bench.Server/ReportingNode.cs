using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.IO.Journal;

namespace Hanse.Bench.Server;

/// <summary>A node that reports without end: what it says is made up, its end of the link is the real
/// one.</summary>
internal sealed class ReportingNode
{
    private readonly LinkEnd _link;
    private readonly Dictionary<ulong, long> _serials = [];
    private long _reports;

    public ReportingNode(
        NodeId node, RegionId region, ContactRule contacts, TimeSpan guard, Grams cargoMax, Ed25519Keys key)
    {
        Node = node;
        Key = key;
        _link = new LinkEnd(Party.Of(node), Party.Of(region), contacts.PlanFor(node), guard, See);
        _ = _link.Queue(
            new Enrol(key.PublicKey, 1, 1, cargoMax, new Plan(1, default, default,
            [
                .. Enumerable.Range(1, Plan.TracksMax)
                    .Select(variable => new Track((Variable)variable, [new Knot(default, 0)])),
            ])),
            Priority.Contract,
            Instant.Never);
    }

    public NodeId Node { get; }

    public Ed25519Keys Key { get; }

    public bool IsEnrolled { get; private set; }

    /// <summary>Serial numbers of reports that the hub says it has.</summary>
    public SortedSet<long> Acknowledged { get; } = [];

    /// <summary>The next frame: a report of one deviation, and what is owed to the hub.</summary>
    public Frame Next(Instant now)
    {
        if (IsEnrolled && _link.Waiting < 32)
        {
            _ = _link.Queue(
                new DeviationReport(1, [new Deviation(Variable.Cargo, now.FloorSecond, ++_reports)]),
                Priority.Report, Instant.Never);
        }

        return _link.Compose(now, hail: true, owesAnswer: true)!;
    }

    public void Take(Instant now, Frame frame)
    {
        foreach (Message message in _link.Take(now, frame))
        {
            IsEnrolled |= message is Enrolled;
        }
    }

    private void See(LinkFact fact)
    {
        if (fact is LinkFact.Queued { Message: DeviationReport report } queued)
        {
            _serials[queued.Sequence] = report.Deviations[0].Value;
        }

        if (fact is LinkFact.Taken taken)
        {
            foreach (ulong sequence in taken.Acked)
            {
                if (_serials.Remove(sequence, out long serial))
                {
                    _ = Acknowledged.Add(serial);
                }
            }
        }

        _link.Apply(fact);
    }
}

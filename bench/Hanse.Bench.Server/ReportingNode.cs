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
    private BidSheet? _sheet;

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

    /// <summary>The bounty that it wants a lot of; null for none.</summary>
    public BountyId? Wish { get; init; }

    /// <summary>Whether it has been given that, and took it.</summary>
    public bool HoldsContract { get; private set; }

    /// <summary>Serial numbers of reports that the hub says it has.</summary>
    public SortedSet<long> Acknowledged { get; } = [];

    /// <summary>The next frame: a report of one deviation, and what is owed to the hub.</summary>
    public Frame Next(Instant now, bool hasReport = true)
    {
        if (hasReport && IsEnrolled && _link.Waiting < 32)
        {
            _ = _link.Queue(
                new DeviationReport(1, [new Deviation(Variable.Cargo, now.FloorSecond, ++_reports)]),
                Priority.Report, Instant.Never);
        }

        BidSheet? sheet = _sheet;
        _sheet = null;
        return sheet is null
            ? _link.Compose(now, hail: true, owesAnswer: true)!
            : _link.Compose(now, hail: true, owesAnswer: true, sheet)!;
    }

    public void Take(Instant now, Frame frame)
    {
        foreach (Message message in _link.Take(now, frame))
        {
            IsEnrolled |= message is Enrolled;
            Consider(message);
        }
    }

    // It asks half of what would be paid, and takes the work with nothing but a promise.
    private void Consider(Message message)
    {
        if (HoldsContract || Wish is not { } wish)
        {
            return;
        }

        if (message is RequestForProposals asked
            && asked.Requests.FirstOrDefault(request => request.Bounty == wish) is { } request)
        {
            _sheet = new BidSheet(asked.Cycle, NoBidReason.None,
            [
                new Bid(wish, NoBidReason.None,
                [
                    new BidStep(
                        request.Lot, new Credits(request.Reserve.Micro / 2),
                        asked.Closes.CeilingSecond + TimeSpan.FromDays(40), TimeSpan.FromHours(1)),
                ]),
            ]);
        }
        else if (message is Award award)
        {
            HoldsContract = true;
            _ = _link.Queue(
                new AwardAccepted(
                    award.Contract, award.Epoch, [], new Plan(2, award.Contract, award.Due, [])),
                Priority.Contract,
                Instant.Never);
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

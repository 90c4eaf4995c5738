using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Market;
using Hanse.Core.Merge;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Hub;

/// <content>What the hub has to do with its nodes: frames, depots, receipts.</content>
public sealed partial class RegionalHub
{
    private void ReceiveFromNode(Instant now, NodeId node, Frame frame)
    {
        if (!IsChartered)
        {
            Refuse(frame.From, 0, Refusal.NotChartered);
            return;
        }

        if (!_roster.TryGetValue(node, out RosterEntry? entry))
        {
            entry = Enrol(node, frame);
            if (entry is null)
            {
                return;
            }
        }

        if (entry is { HasArrived: false, HasLeft: false } && !Arrives(entry, frame))
        {
            // It may still speak to whom it belonged before; nothing of that is for this link.
            Welcome(now, node, entry);
            return;
        }

        Message? cursor = null;
        foreach (Message message in entry.Link.Take(now, frame))
        {
            switch (message)
            {
                case var _ when entry.HasLeft:
                    break; // It is on its way, and hears where to call.
                case Arrived arrived:
                    Arrive(now, node, arrived);
                    break;
                case ReturnOffered offer:
                    cursor = _reconciler.Take(
                        now, node, offer, entry.Link.Plan, entry.Epoch, _market.WorthHeldBy(node));
                    break;
                case JournalPart part:
                    cursor = _reconciler.Take(now, node, part) ?? cursor;
                    break;
                case BlockShown shown:
                    cursor = _reconciler.Take(now, node, shown);
                    break;
                default:
                    Handle(now, node, message);
                    break;
            }
        }

        _market.Heard(now, node);
        bool owesAnswer = frame.Hail || frame.Envelopes.Length > 0;
        bool isCall = frame.Hail && entry.IsActive;
        cursor ??= isCall ? _reconciler.Missing(node) : null;
        Message? requests = isCall && RequestsFor(node) is { } asked ? AsPosted(asked) : null;
        if (isCall)
        {
            PostSites(node, entry.Link);
            Order(now, node, entry);
        }

        Transmit(entry.Link.Compose(now, hail: false, owesAnswer, Perishables(cursor, requests)));
    }

    private static Message[] Perishables(params ReadOnlySpan<Message?> some)
    {
        var present = new List<Message>();
        foreach (Message? message in some)
        {
            if (message is not null)
            {
                present.Add(message);
            }
        }

        return [.. present];
    }

    // Nodes that joined the fleet here by a person's word, wherever they are by now, but for the retired.
    // Those that came from elsewhere were sent.
    private int Natives
    {
        get
        {
            int count = 0;
            foreach ((NodeId node, RosterEntry entry) in _roster)
            {
                count += entry.IsForeign || entry.IsRetired || _births.Births.ContainsKey(node) ? 0 : 1;
            }

            return count;
        }
    }

    // A stranger's first frame must carry its enrolment; nothing is remembered of any other stranger.
    private RosterEntry? Enrol(NodeId node, Frame frame)
    {
        Enrol? enrol = null;
        foreach (Envelope envelope in frame.Envelopes)
        {
            enrol ??= envelope.Message as Enrol;
        }

        bool isBorn = _births.Births.ContainsKey(node);
        if (enrol is null || (!isBorn && Natives >= Spec.RosterMax))
        {
            Refuse(frame.From, 0, enrol is null ? Refusal.UnknownSender : Refusal.RosterFull);
            return null;
        }

        if (!IsBornAs(node, enrol))
        {
            Refuse(frame.From, 0, Refusal.NotBorn);
            return null;
        }

        Record(new HubFact.NodeEnrolled(node, new Epoch(1), enrol));
        _treasury.Seed(node);
        if (isBorn)
        {
            _births.Enrol(_now, node);
        }

        RosterEntry entry = _roster[node];
        Send(entry.Link, new Enrolled(Spec.Region, entry.Epoch, Spec.Rules.DeadBands, 0), Priority.Contract);
        return entry;
    }

    private void Handle(Instant now, NodeId node, Message message)
    {
        Party from = Party.Of(node);
        switch (message)
        {
            case Messages.Enrol:
                break; // Taken when the roster entry was made; a second one changes nothing.
            case BidSheet sheet:
                bool isTaken = May(node, NodeAct.Bid) && !IsLeaving(node)
                    && _market.Take(now, node, sheet) == SheetVerdict.Taken;
                RefuseUnless(isTaken, from, message, Refusal.BidsNotTaken);
                break;
            case AwardAccepted accepted:
                // Of a contract that is no longer its own the closing is on its way to it; its plan still
                // says where it will be.
                Record(new HubFact.PlanTaken(node, accepted.Plan));
                bool isAccepted = _market.Accept(now, node, accepted.Contract, accepted.Epoch);
                RefuseUnless(isAccepted, from, message, Refusal.UnknownContract);
                if (isAccepted)
                {
                    WatchStages(_roster[node], accepted.Contract, accepted.Milestones);
                    Book(node, accepted.Contract, accepted.Plan);
                }

                break;
            case SiteVisits visits:
                Take(node, visits);
                break;
            case ExtensionAsked asked:
                Extend(now, node, asked);
                break;
            case CancelAnswered answered:
                bool isAnswered = _market.Answer(
                    now, node, answered.Contract, answered.Epoch, answered.Answer);
                RefuseUnless(isAnswered, from, message, Refusal.UnknownContract);
                break;
            case ContractReleased released:
                bool isReleased = _market.Release(node, released.Contract, released.Epoch);
                RefuseUnless(isReleased, from, message, Refusal.UnknownContract);
                break;
            case SurveyTold told:
                Take(now, node, told);
                break;
            case HelpAsked asked:
                Take(now, node, asked);
                break;
            case HelpEnded ended:
                Take(now, node, ended);
                break;
            case Mended mended:
                Take(now, node, mended);
                break;
            case RepairTold told:
                Take(now, node, told);
                break;
            case PlanRevised revised:
                Record(new HubFact.PlanTaken(node, revised.Plan));
                MoveArrival(node, revised.Plan);
                break;
            case SitesTold told:
                bool isBelieved = May(node, NodeAct.ClaimShared);
                foreach (SiteRatio ratio in told.Ratios)
                {
                    bool isHeard = isBelieved && _sites.Hears(ratio);
                    RefuseUnless(isHeard, from, message, Refusal.NotHeard);
                    if (isHeard)
                    {
                        Record(new HubFact.SiteTold(node, ratio));
                    }
                }

                break;
            case SkillReport report:
                Take(now, node, report);
                break;
            case SkillBytesAsked asked:
                Ask(node, asked);
                break;
            case BirthAsked asked:
                Take(now, node, asked);
                break;
            case DeviationReport report:
                Record(new HubFact.DeviationsTaken(node, report));
                break;
            default:
                Refuse(from, message.Kind, Refusal.WrongDirection);
                break;
        }
    }

    // It takes on nothing more here.
    private bool IsLeaving(NodeId node) => _recalled.ContainsKey(node) || _retiring.ContainsKey(node);

    private void PostSites(NodeId node, LinkEnd link)
    {
        (ImmutableArray<SiteRatio> ratios, ulong version) = _sites.NewsFor(node);
        if (!ratios.IsEmpty && link.Queue(new SitesTold(ratios), Priority.Market, Instant.Never))
        {
            Record(new HubFact.SitesPosted(node, version));
        }
    }

    private void Dock(Instant now, HubInput.Docked docked)
    {
        if (!Handles(now, docked.Node, docked.Docking, isHere: Keeps(docked.Depot)))
        {
            return;
        }

        _market.SeeMoving(now, docked.Node, isAtDepot: true);
        Weigh(now, docked);
        if (docked.Contract == default)
        {
            _market.TakeBack(docked.Node, docked.Depot, docked.Commodity, docked.Weighed);
        }

        _market.EndCustody(
            docked.Node, docked.Depot, docked.Contract, docked.Commodity, docked.Weighed);
        TakeTolls(docked, _crowds.Owed(docked));
        (Grams propellant, PartsPerMillion spares) =
            _treasury.Sell(docked.Node, docked.Propellant, docked.Spares);
        Record(new HubFact.Served(docked.Node, docked.Docking, propellant, spares));
        _treasury.Levy(docked.Node);
        Measure(now, docked.Node, docked.Depot, docked.Docking, Resource.Cargo, Cause.Given, docked.Weighed);
        Measure(
            now, docked.Node, docked.Depot, docked.Docking, Resource.Propellant, Cause.Taken, propellant);
        Serve(docked.Node, _roster[docked.Node]);
    }

    // A claim reaches the journal through a dead band, which is uniform: a sigma of band / sqrt(3), twice for
    // the two ends of a movement. What is taken aboard is told apart from what was there by two readings of
    // a tank, which scatter by a share of what is in it, and not of what came. Both are part of how well a
    // claim can be held against the depot's measure.
    private void Measure(
        Instant now, NodeId node, DepotId depot, uint docking, Resource resource, Cause cause, Grams measured,
        PartsPerMillion? instrument = null)
    {
        long band = (long)Spec.Rules.DeadBands[(int)resource - 1];
        bool isTanked = cause == Cause.Taken && resource == Resource.Propellant;
        long tank = isTanked ? Spec.Returns.Resources[(int)resource - 1].Capacity : 0;
        int scatter = Spec.Returns.Calibration.ScatterSigma.Value;
        Int128 sigma = ((Int128)band * 816_500 / 1_000_000) // sqrt(2 / 3)
            + ((Int128)tank * scatter / 1_000_000 * 1_414 / 1_000)
            + ((Int128)measured.Value * (instrument ?? Spec.ScaleSigma).Value / 1_000_000);
        _reconciler.Measure(node, new DockingRecord(
            depot, docking, resource, cause, now, measured.Value,
            (long)Int128.Clamp(sigma, 1, Knot.ValueMax)));
    }

    private void Serve(NodeId node, RosterEntry entry)
    {
        (uint docking, Grams propellant, PartsPerMillion spares) = entry.Service;
        if (entry.Issued > Grams.Zero)
        {
            _outbox.Emit(new HubEffect.Issue(node, docking, entry.Issued));
        }
        else if (docking > 0)
        {
            _outbox.Emit(new HubEffect.Serve(node, docking, propellant, spares));
        }
    }

    private void Close(ContractId id, ContractOutcome outcome, Grams weighed, Credits paid)
    {
        Contract contract = _market.Find(id)!;
        Send(
            _roster[contract.Winner.Node].Link,
            new ContractClosed(id, contract.Epoch, outcome, weighed, paid),
            Priority.Contract);
    }

    private RequestForProposals? RequestsFor(NodeId node) =>
        _market.Requests.Length > 0
            && May(node, NodeAct.Bid)
            && !IsLeaving(node)
            && !_market.IsHeldBy(node)
            && !_market.HasBid(node)
            && !_market.IsImmobile(node)
            && _scribe.Log.HasRoom // Nothing is decided that could not be attested.
            ? new RequestForProposals(
                _market.Cycle, _market.Closes, _market.RequestsFor(node), CrowdsFor(node))
            : null;

    private Message AsPosted(RequestForProposals requests) =>
        Spec.Rules.IsHourPosted ? new PricedRequests(requests, _market.HourWorth) : requests;

    // The receipt. A quarantined node keeps what it has and is judged again after a review.
    private void Tell(
        NodeId node, TreeHead head, ReturnOutcome outcome, ImmutableArray<Reason> reasons) => Send(
            _roster[node].Link,
            Receipt.Of(head, outcome, reasons, _scribe.SafeOf(node)),
            Priority.Contract);

    // Both ends, if it has two.
    private bool Keeps(Bounty bounty) =>
        Keeps(bounty.Depot) && (bounty.Source.Value == 0 || Keeps(bounty.Source));

    private bool Keeps(DepotId depot) => Spec.Depots.Contains(depot) || Spec.NeighbourDepots.Contains(depot);

    private LinkEnd LinkTo(NodeId node, bool isForeign) => new(
        Party.Of(Spec.Region),
        Party.Of(node),
        (isForeign ? Spec.NeighbourContacts : Spec.NodeContacts).PlanFor(node),
        Spec.Rules.ClockErrorMax,
        fact => Record(new HubFact.NodeLink(node, fact)));
}

using System;
using System.Collections.Generic;
using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Ledger;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Hub;

/// <summary>The coordinator of one region: a switchboard between its nodes, its market, its books and the
/// strategic layer.</summary>
/// <remarks>
/// The hub decides nothing that one of its parts could decide. The roster (with a link and a twin for every
/// node) knows who belongs; the <see cref="Auctioneer"/> knows the work; the <see cref="Treasury"/> knows the
/// money. What one of them remembers becomes the business of another in one place, <see cref="Route"/>: an
/// award becomes a message, a delivery a payment, a closed bounty a transfer home.
/// <para>
/// A region dark to the strategic layer goes on alone: bounties come with their whole worth, so contracts are
/// awarded and paid from escrow that is already here; reports and residues wait in the queue.
/// </para>
/// <para>
/// Every input is answered, refused (<see cref="HubEffect.Refuse"/>) or ignored by rule. Messages come in any
/// order and, below the links, any number of times. Deliberately absent so far: validation of what nodes
/// report beyond the scale, and handover between regions.
/// </para>
/// </remarks>
public sealed class RegionalHub : IMachine<HubInput, HubFact, HubEffect>, IShapedState
{
    private static readonly TimeSpan _digestPeriod = TimeSpan.FromDays(1);

    private readonly SortedDictionary<NodeId, RosterEntry> _roster = [];
    private readonly Treasury _treasury;
    private readonly Auctioneer _market;
    private readonly LinkEnd _uplink;
    private readonly Reconciler _reconciler;

    private bool _charterAsked;
    private Instant _lastDigest;

    // The outbox of the step under way.
    private Outbox<HubFact, HubEffect> _outbox = new();

    /// <summary>A hub that has not been chartered.</summary>
    public RegionalHub(HubSpec spec)
    {
        Spec = spec;
        _treasury = new Treasury(spec.Rules, Record);
        _market = new Auctioneer(
            spec.Rules, spec.NodeContacts.LightTime, fact => Record(new HubFact.Market(fact)));
        _reconciler = new Reconciler(
            spec, fact => Record(new HubFact.Reconcile(fact)), effect => _outbox.Emit(effect));
        _uplink = new LinkEnd(
            Party.Of(spec.Region),
            Party.Strategy,
            spec.StrategyContacts,
            spec.Rules.ClockErrorMax,
            fact => Record(new HubFact.StrategyLink(fact)));
    }

    /// <summary>What the hub was built with.</summary>
    public HubSpec Spec { get; }

    /// <summary>The hub's authority; zero before its charter.</summary>
    public Epoch Epoch { get; private set; }

    /// <summary>Nodes by identity.</summary>
    public IReadOnlyDictionary<NodeId, RosterEntry> Roster => _roster;

    /// <summary>The market, to look at.</summary>
    public Auctioneer Market => _market;

    /// <summary>Returns, to look at.</summary>
    public Reconciler Reconciler => _reconciler;

    /// <summary>The ledger, to look at.</summary>
    public Books Books => _treasury.Books;

    /// <inheritdoc/>
    public Instant? NextWake { get; private set; } = Instant.Epoch;

    private bool IsChartered => Epoch.Value > 0;

    /// <inheritdoc/>
    public void Step(Instant now, HubInput input, Outbox<HubFact, HubEffect> outbox)
    {
        _outbox = outbox;
        switch (input)
        {
            case HubInput.FrameArrived(var frame):
                Receive(now, frame);
                break;
            case HubInput.Docked docked:
                Dock(now, docked);
                break;
            case HubInput.NonceDrawn(var node, var blocks, var nonce):
                _reconciler.Begin(now, node, blocks, nonce);
                break;
            case HubInput.Verified(var node, var request, var isGood):
                _reconciler.Judge(now, node, request, isGood);
                break;
            case HubInput.Reviewed(var node, var isAccepted):
                _reconciler.Review(node, isAccepted);
                break;
            case HubInput.Woken:
                break; // What is due is done below, whatever woke the hub.
            case HubInput.Restarted:
                Repeat();
                break;
            default:
                throw new UnreachableException($"no rule for {input}");
        }

        if (input is not HubInput.Restarted)
        {
            DoWhatIsDue(now);
        }

        NextWake = Alarm(now);
    }

    /// <inheritdoc/>
    public void Apply(HubFact fact)
    {
        switch (fact)
        {
            case HubFact.CharterAsked:
                _charterAsked = true;
                break;
            case HubFact.Chartered(var epoch):
                Epoch = epoch;
                break;
            case HubFact.NodeEnrolled(var node, var epoch, var enrol):
                var entry = new RosterEntry(epoch, LinkTo(node))
                {
                    Class = enrol.Class,
                    Generation = enrol.Generation,
                };
                entry.Twin.Apply(enrol.Plan);
                _roster.Add(node, entry);
                _reconciler.Enrol(node, enrol);
                break;
            case HubFact.Reconcile(var reconcile):
                _reconciler.Apply(reconcile);
                break;
            case HubFact.NodeLink(var node, var link):
                _roster[node].Link.Apply(link);
                break;
            case HubFact.StrategyLink(var link):
                _uplink.Apply(link);
                break;
            case HubFact.Market(var market):
                _market.Apply(market);
                break;
            case HubFact.Posted or HubFact.TransferReceived or HubFact.TransferSent:
                _treasury.Apply(fact);
                break;
            case HubFact.PlanTaken(var node, var plan):
                _roster[node].Twin.Apply(plan);
                break;
            case HubFact.DeviationsTaken(var node, var report):
                foreach (Deviation deviation in report.Deviations)
                {
                    _roster[node].Twin.Apply(deviation, report.PlanNumber);
                }

                break;
            case HubFact.Served(var node, var docking, var propellant, var spares):
                _roster[node].Service = (docking, propellant, spares);
                break;
            case HubFact.DigestSent(var at):
                _lastDigest = at;
                break;
            default:
                throw new UnreachableException($"no rule for {fact}");
        }
    }

    /// <inheritdoc/>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("hub", 8);
        Epoch = codec.Epoch("epoch", Epoch);
        _charterAsked = codec.Flag("charterAsked", _charterAsked);
        _lastDigest = codec.Moment("lastDigest", _lastDigest);
        int count = codec.OpenList("roster", _roster.Count, int.MaxValue);
        if (codec.IsReading)
        {
            for (int i = 0; i < count && !codec.Failed; i++)
            {
                codec.Open("entry", 2);
                NodeId node = codec.Node("node", default);
                var entry = new RosterEntry(default, LinkTo(node));
                entry.Shape(ref codec);
                codec.Close();
                _roster[node] = entry;
            }
        }
        else
        {
            foreach (KeyValuePair<NodeId, RosterEntry> entry in _roster)
            {
                codec.Open("entry", 2);
                _ = codec.Node("node", entry.Key);
                entry.Value.Shape(ref codec);
                codec.Close();
            }
        }

        codec.CloseList();
        _treasury.Shape(ref codec);
        _market.Shape(ref codec);
        _uplink.Shape(ref codec);
        _reconciler.Shape(ref codec);
        codec.Close();
    }

    // Frames that were lost with a crash are in the links' queues and will be asked for; service is repeated
    // here, and depots serve a docking once. Nothing new is decided, so that a crash is no occasion to decide
    // differently.
    private void Repeat()
    {
        foreach (KeyValuePair<NodeId, RosterEntry> entry in _roster)
        {
            Serve(entry.Key, entry.Value);
        }

        _reconciler.Repeat();
    }

    private void Receive(Instant now, Frame frame)
    {
        if (frame.To != Party.Of(Spec.Region))
        {
            Refuse(frame.From, 0, Refusal.NotForMe);
            return;
        }

        switch (frame.From.Kind)
        {
            case PartyKind.Node:
                ReceiveFromNode(now, new NodeId(frame.From.Number), frame);
                break;
            case PartyKind.Strategy:
                ReceiveFromStrategy(now, frame);
                break;
            default:
                Refuse(frame.From, 0, Refusal.UnknownSender);
                break;
        }
    }

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

        Message? cursor = null;
        foreach (Message message in entry.Link.Take(now, frame))
        {
            switch (message)
            {
                case ReturnOffered offer:
                    cursor = _reconciler.Take(
                        now, node, offer, entry.Link.Plan, entry.Epoch, _market.WorthHeldBy(node));
                    break;
                case JournalPart part:
                    cursor = _reconciler.Take(now, node, part) ?? cursor;
                    break;
                default:
                    Handle(now, node, message);
                    break;
            }
        }

        bool owesAnswer = frame.Hail || frame.Envelopes.Length > 0;
        RequestForProposals? requests = frame.Hail ? RequestsFor(node) : null;
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

    // A stranger's first frame must carry its enrolment; nothing is remembered of any other stranger.
    private RosterEntry? Enrol(NodeId node, Frame frame)
    {
        Enrol? enrol = null;
        foreach (Envelope envelope in frame.Envelopes)
        {
            enrol ??= envelope.Message as Enrol;
        }

        if (enrol is null || _roster.Count >= Spec.RosterMax)
        {
            Refuse(frame.From, 0, enrol is null ? Refusal.UnknownSender : Refusal.RosterFull);
            return null;
        }

        Record(new HubFact.NodeEnrolled(node, new Epoch(1), enrol));
        _treasury.Seed(node);
        RosterEntry entry = _roster[node];
        Send(entry.Link, new Enrolled(Spec.Region, entry.Epoch, Spec.Rules.DeadBands), Priority.Contract);
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
                bool isTaken = _reconciler.MayBid(node)
                    && _market.Take(now, node, sheet) == SheetVerdict.Taken;
                RefuseUnless(isTaken, from, message, Refusal.BidsNotTaken);
                break;
            case AwardAccepted accepted:
                // Of a contract that is no longer its own the closing is on its way to it; its plan still
                // says where it will be.
                Record(new HubFact.PlanTaken(node, accepted.Plan));
                bool isAccepted = _market.Accept(node, accepted.Contract, accepted.Epoch);
                RefuseUnless(isAccepted, from, message, Refusal.UnknownContract);
                break;
            case ContractReleased released:
                bool isReleased = _market.Release(node, released.Contract, released.Epoch);
                RefuseUnless(isReleased, from, message, Refusal.UnknownContract);
                break;
            case PlanRevised revised:
                Record(new HubFact.PlanTaken(node, revised.Plan));
                break;
            case DeviationReport report:
                Record(new HubFact.DeviationsTaken(node, report));
                break;
            default:
                Refuse(from, message.Kind, Refusal.WrongDirection);
                break;
        }
    }

    private void ReceiveFromStrategy(Instant now, Frame frame)
    {
        foreach (Message message in _uplink.Take(now, frame))
        {
            Handle(now, message);
        }

        Transmit(_uplink.Compose(now, hail: false, owesAnswer: frame.Envelopes.Length > 0));
    }

    private void Handle(Instant now, Message message)
    {
        switch (message)
        {
            case Charter charter when _treasury.HasReceived(charter.Transfer):
            case BountyPosted posted when _treasury.HasReceived(posted.Transfer):
                break; // Booked already: the link repeats nothing, but a restored sender may.
            case Charter charter:
                _treasury.TakeSeed(charter.Transfer, charter.Seed);
                Send(_uplink, new CreditsReceived(charter.Transfer), Priority.Contract);
                if (charter.Epoch.Value > Epoch.Value)
                {
                    Record(new HubFact.Chartered(charter.Epoch));
                    _market.Wake(now);
                }

                break;
            case BountyPosted posted when _market.Bounties.ContainsKey(posted.Bounty.Id):
                // On the market already, under another transfer: its escrow is not to be mixed with this
                // one's.
                Refuse(Party.Strategy, message.Kind, Refusal.BountyNotTaken);
                break;
            case BountyPosted posted:
                _treasury.TakeEscrow(posted.Transfer, posted.Bounty.Id, posted.Bounty.Worth);
                Send(_uplink, new CreditsReceived(posted.Transfer), Priority.Contract);
                if (!Spec.Depots.Contains(posted.Bounty.Depot) || !_market.Open(posted.Bounty))
                {
                    Refuse(Party.Strategy, message.Kind, Refusal.BountyNotTaken);
                    SendHome(new MarketFact.BountyClosed(
                        posted.Bounty.Id, BountyOutcome.Unfilled, Grams.Zero, Credits.Zero, Credits.Zero));
                }

                break;
            case CreditsReceived received:
                _treasury.Acknowledge(received.Transfer);
                break;
            default:
                Refuse(Party.Strategy, message.Kind, Refusal.WrongDirection);
                break;
        }
    }

    private void Dock(Instant now, HubInput.Docked docked)
    {
        if (!_roster.TryGetValue(docked.Node, out RosterEntry? entry) || !Spec.Depots.Contains(docked.Depot))
        {
            Refuse(Party.Of(docked.Node), 0, Refusal.UnknownSender);
            _outbox.Emit(new HubEffect.Serve(docked.Node, docked.Docking, Grams.Zero, default));
            return;
        }

        if (docked.Docking <= entry.Service.Docking)
        {
            Serve(docked.Node, entry); // The same docking again: the answer was lost.
            return;
        }

        if (docked.Contract.Value > 0)
        {
            WeighingVerdict verdict =
                _market.Weigh(docked.Node, docked.Contract, docked.Epoch, docked.Commodity, docked.Weighed);
            if (verdict is WeighingVerdict.UnknownContract or WeighingVerdict.AlreadyDelivered)
            {
                Refuse(
                    Party.Of(docked.Node),
                    0,
                    verdict == WeighingVerdict.UnknownContract
                        ? Refusal.UnknownContract : Refusal.AlreadyDelivered);
            }

            _market.CloseBounties(now);
        }

        (Grams propellant, PartsPerMillion spares) =
            _treasury.Sell(docked.Node, docked.Propellant, docked.Spares);
        Record(new HubFact.Served(docked.Node, docked.Docking, propellant, spares));
        Measure(now, docked, Resource.Cargo, Cause.Given, docked.Weighed);
        Measure(now, docked, Resource.Propellant, Cause.Taken, propellant);
        Serve(docked.Node, entry);
    }

    // A claim reaches the journal through a dead band, which is uniform: a sigma of band / sqrt(3), twice for
    // the two ends of a movement. It is part of how well the depot can tell.
    private void Measure(Instant now, HubInput.Docked docked, Resource resource, Cause cause, Grams measured)
    {
        long band = (long)Spec.Rules.DeadBands[(int)resource - 1];
        long sigma = Spec.ScaleSigma.Value
            + (long)((Int128)band * 816_500 / Math.Max(1, measured.Value)); // sqrt(2 / 3)
        var share = new PartsPerMillion((int)Math.Clamp(sigma, 1, 1_000_000));
        _reconciler.Measure(docked.Node, new DockingRecord(
            docked.Depot, docked.Docking, resource, cause, now, measured.Value, share));
    }

    private void Serve(NodeId node, RosterEntry entry)
    {
        (uint docking, Grams propellant, PartsPerMillion spares) = entry.Service;
        if (docking > 0)
        {
            _outbox.Emit(new HubEffect.Serve(node, docking, propellant, spares));
        }
    }

    private void DoWhatIsDue(Instant now)
    {
        if (!_charterAsked)
        {
            Record(new HubFact.CharterAsked());
            Send(_uplink, new HubEnrol(Spec.RosterMax), Priority.Contract);
        }

        _reconciler.Wake(now);
        if (IsChartered)
        {
            _market.Wake(now);
            if (now >= _lastDigest + _digestPeriod)
            {
                SendDigest(now);
            }
        }

        Transmit(_uplink.Call(now, TimeSpan.Zero));
    }

    private Instant Alarm(Instant now)
    {
        Instant call = Instant.Min(_uplink.NextCall(now, TimeSpan.Zero), _reconciler.NextWake);
        return IsChartered
            ? Instant.Min(Instant.Min(call, _market.NextWake), _lastDigest + _digestPeriod)
            : call;
    }

    private void SendDigest(Instant now)
    {
        int late = 0;
        foreach (RosterEntry entry in _roster.Values)
        {
            late += entry.SilenceAt(now) == Silence.Late ? 1 : 0;
        }

        Record(new HubFact.DigestSent(now));
        var digest = new RegionDigest(
            _roster.Count, late, _market.Bounties.Count, _market.LiveContracts, _treasury.Burned);
        _ = _uplink.Queue(digest, Priority.Report, now + _digestPeriod);
    }

    // The switchboard: what one part remembers becomes another part's business here and nowhere else.
    private void Route(MarketFact fact)
    {
        switch (fact)
        {
            case MarketFact.Awarded awarded:
                Winner winner = awarded.Winner;
                Bounty bounty = _market.Bounties[winner.Bounty].Bounty;
                Request work = Auctioneer.Ask(bounty, winner.Quantity, winner.PricePerLot);
                var award = new Award(awarded.Contract, awarded.Epoch, work, awarded.AcceptBy, awarded.Due);
                _ = _roster[winner.Node].Link.Queue(award, Priority.Contract, awarded.AcceptBy);
                break;
            case MarketFact.Delivered delivered:
                Winner deliverer = _market.Find(delivered.Contract)!.Winner;
                if (delivered.Paid > Credits.Zero)
                {
                    _treasury.Pay(deliverer.Bounty, deliverer.Node, delivered.Paid);
                }

                Close(delivered.Contract, delivered.Outcome, delivered.Weighed, delivered.Paid);
                break;
            case MarketFact.Returned returned:
                Close(returned.Contract, returned.Outcome, Grams.Zero, Credits.Zero);
                break;
            case MarketFact.BountyClosed closed:
                SendHome(closed);
                break;
            default:
                break; // The rest is the market's own business.
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

    private void SendHome(MarketFact.BountyClosed closed)
    {
        (TransferId transfer, Credits rest) = _treasury.SendHome(closed.Bounty);
        Send(
            _uplink,
            new BountyReport(
                closed.Bounty, closed.Outcome, closed.Total, closed.Paid, closed.LowestAsk, transfer, rest),
            Priority.Contract);
    }

    private RequestForProposals? RequestsFor(NodeId node) =>
        _market.Requests.Length > 0
            && _reconciler.MayBid(node)
            && !_market.IsHeldBy(node)
            && !_market.HasBid(node)
            ? new RequestForProposals(_market.Cycle, _market.Closes, _market.Requests)
            : null;

    // Contracts and money do not perish; a full queue is refused and heals by lease and by the sender's
    // repeat.
    private static void Send(LinkEnd link, Message message, Priority priority) =>
        _ = link.Queue(message, priority, Instant.Never);

    private void Transmit(Frame? frame)
    {
        if (frame is not null)
        {
            _outbox.Emit(new HubEffect.Transmit(frame));
        }
    }

    private void RefuseUnless(bool taken, Party from, Message message, Refusal reason)
    {
        if (!taken)
        {
            Refuse(from, message.Kind, reason);
        }
    }

    private void Refuse(Party from, MessageKind kind, Refusal reason) =>
        _outbox.Emit(new HubEffect.Refuse(from, kind, reason));

    private void Record(HubFact fact)
    {
        Apply(fact);
        _outbox.Record(fact);
        if (fact is HubFact.Market(var market))
        {
            Route(market);
        }
        else if (fact is HubFact.Reconcile(ReconcileFact.Judged judged))
        {
            Tell(judged);
        }
    }

    // The receipt. A quarantined node keeps what it has and is judged again after a review.
    private void Tell(ReconcileFact.Judged judged)
    {
        ReturnVerdict verdict = judged.Verdict;
        var reasons = new SortedSet<ulong>();
        foreach (Reason reason in verdict.Reasons)
        {
            _ = reasons.Count < ReturnJudged.ReasonsMax && reasons.Add((ulong)reason.Code);
        }

        TreeHead head = verdict.Accepted.Head;
        Send(
            _roster[judged.Node].Link,
            new ReturnJudged(head.Size, head.Root.ToArray(), verdict.Outcome, [.. reasons]),
            Priority.Contract);
    }

    private LinkEnd LinkTo(NodeId node) => new(
        Party.Of(Spec.Region),
        Party.Of(node),
        Spec.NodeContacts.PlanFor(node),
        Spec.Rules.ClockErrorMax,
        fact => Record(new HubFact.NodeLink(node, fact)));
}

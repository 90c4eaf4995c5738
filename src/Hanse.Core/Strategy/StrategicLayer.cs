using System;
using System.Collections.Generic;
using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Strategy;

/// <summary>The allocator above the hubs: it says what is wanted and what it is worth, and mints the credits
/// for it.</summary>
/// <remarks>
/// It is light minutes away and out of reach for weeks, so it commands nobody. It charters hubs, posts
/// bounties with their whole worth, and hears how they ended. It alone mints: a posting is funded from the
/// budget that came back from earlier bounties first, and minted for the rest. Credits are in transit until
/// the hub says it has booked them.
/// <para>
/// Transfers are counted per machine; a region's transfers are remembered with the region's number, because
/// every hub counts its own. A node that changes region, and a region whose hub is given up, move by what is
/// accepted of them, in this one place. Work that several regions may do is a
/// <see cref="Demand"/>. A bounty may be reduced or withdrawn; deliberately absent so far: a demand.
/// </para>
/// </remarks>
public sealed partial class StrategicLayer
    : IMachine<StrategyInput, StrategyFact, StrategyEffect>, IShapedState
{
    /// <summary>Most nodes a charter brings seed for; a hub that claims more gets it for so many.</summary>
    public const int SeededMax = 100_000;

    private static readonly AccountId _mint = new(AccountKind.Mint, 0);
    private static readonly AccountId _budget = new(AccountKind.Budget, 0);

    private readonly StrategySpec _spec;
    private readonly Books _books;
    private readonly SortedDictionary<RegionId, LinkEnd> _links = [];
    private readonly SortedDictionary<RegionId, RegionReception> _receptions = [];
    private readonly SortedDictionary<RegionId, Epoch> _charters = [];

    // What each region told of itself last.
    private readonly SortedDictionary<RegionId, RegionDigest> _digests = [];

    // Regions whose authority is over.
    private readonly SortedSet<RegionId> _ended = [];

    // Posted and not reported.
    private readonly SortedDictionary<BountyId, RegionId> _posted = [];

    // What is wanted of bounties that were reduced and not reported.
    private readonly SortedDictionary<BountyId, Grams> _reduced = [];

    // Those of them whose hub has not been told.
    private readonly SortedSet<BountyId> _untold = [];

    // Sent and not acknowledged.
    private readonly SortedDictionary<TransferId, (RegionId Region, Credits Amount)> _transfers = [];

    // Nodes that are to change their region, and regions that were taken over, with those that did.
    private readonly SortedDictionary<NodeId, Handover> _handovers = [];
    private readonly SortedDictionary<RegionId, RegionId> _successors = [];

    // What waits for room in the queue to a region, in order.
    private readonly SortedDictionary<ulong, Parcel> _parcels = [];

    private ulong _lastTransfer;
    private ulong _lastBounty;
    private ulong _lastParcel;

    // The outbox of the step under way, and its time.
    private Outbox<StrategyFact, StrategyEffect> _outbox = new();
    private Instant _now;

    /// <summary>A strategic layer that has chartered nobody.</summary>
    public StrategicLayer(StrategySpec spec)
    {
        Invariant.Holds(spec.Operators.IsSound);
        _spec = spec;
        _books = new Books(posting => Record(new StrategyFact.Posted(posting)));
        foreach (KeyValuePair<RegionId, RegionSpec> region in spec.Regions)
        {
            RegionId id = region.Key;
            Invariant.Holds(id.Value > 0); // Zero stands for operators where signatures are verified.
            _links.Add(id, new LinkEnd(
                Party.Strategy,
                Party.Of(id),
                region.Value.Contacts,
                spec.Rules.ClockErrorMax,
                fact => Record(new StrategyFact.RegionLink(id, fact))));
            _receptions.Add(id, new RegionReception(id, spec));
        }
    }

    /// <summary>The ledger, to look at.</summary>
    public Books Books => _books;

    /// <summary>Bounties posted and not reported.</summary>
    public int OpenBounties => _posted.Count;

    /// <summary>The regions' journals, to look at.</summary>
    public IReadOnlyDictionary<RegionId, RegionReception> Receptions => _receptions;

    /// <summary>What each region told of itself last, to look at; nothing is decided by it yet.</summary>
    public IReadOnlyDictionary<RegionId, RegionDigest> Digests => _digests;

    /// <summary>The greatest number of an operator's bounty so far; zero before the first.</summary>
    public BountyId LastBounty => new(_lastBounty);

    /// <summary>Bounties posted and not reported, and the region that has each, to look at.</summary>
    public IReadOnlyDictionary<BountyId, RegionId> Posted => _posted;

    /// <summary>What is wanted of a bounty that was reduced; null when all of it is, or it was
    /// reported.</summary>
    public Grams? ReducedTo(BountyId bounty) =>
        _reduced.TryGetValue(bounty, out Grams total) ? total : null;

    /// <summary>How a region stands; null when there is none of that number.</summary>
    public RegionStanding? StandingOf(RegionId region) => _receptions.TryGetValue(
        region, out RegionReception? reception)
        ? new RegionStanding(
            region, _charters.GetValueOrDefault(region), _ended.Contains(region),
            _successors.TryGetValue(region, out RegionId successor) ? successor : null,
            reception.IsQuarantined, _kept.Contains(region),
            _links[region].HasHeard ? _links[region].LastHeard : null,
            _silences.TryGetValue(region, out HubSilence? silence) ? silence.Silent : TimeSpan.Zero,
            _abandoned.TryGetValue(region, out HubSilence? gone) ? gone : null)
        : null;

    /// <summary>Where a node is to go that is being handed over; null when it is not.</summary>
    public RegionId? DestinationOf(NodeId node) =>
        _handovers.TryGetValue(node, out Handover handover) ? handover.To : null;

    /// <inheritdoc/>
    /// <remarks>To divide lots, while there are demands, and to look after silent hubs, where that is asked
    /// for. Otherwise never: it speaks when it is spoken to, and to operators at once.</remarks>
    public Instant? NextWake
    {
        get
        {
            Instant wake = Instant.Min(
                _demands.Count == 0 ? Instant.Never : _allotted + AllotPeriod,
                _spec.Adoption.IsOn ? _watched + WatchPeriod : Instant.Never);
            return wake == Instant.Never ? null : wake;
        }
    }

    /// <inheritdoc/>
    public void Step(Instant now, StrategyInput input, Outbox<StrategyFact, StrategyEffect> outbox)
    {
        _outbox = outbox;
        _now = now;
        switch (input)
        {
            case StrategyInput.FrameArrived(var frame):
                Receive(now, frame);
                break;
            case StrategyInput.BountyOrdered(var region, var bounty):
                Post(region, bounty);
                break;
            case StrategyInput.Verified({ Value: 0 }, var request, var isGood):
                JudgeOrder(now, request, isGood);
                JudgeQuota(request, isGood);
                break;
            case StrategyInput.Verified(var region, var request, var isGood):
                Judge(now, region, request, isGood);
                break;
            case StrategyInput.RegionReviewed(var region, var isAccepted):
                Review(region, isAccepted);
                break;
            case StrategyInput.CharterOrdered(var region, var isGranted):
                Order(region, isGranted);
                break;
            case StrategyInput.HandoverOrdered(var node, var from, var to):
                HandOver(node, from, to);
                break;
            case StrategyInput.AdoptionOrdered(var region, var successor):
                Adopt(region, successor);
                break;
            case StrategyInput.AdoptionForbidden(var region, var isForbidden):
                Keep(region, isForbidden);
                break;
            case StrategyInput.Restarted:
                AskAgain(now);
                break;
            case StrategyInput.DemandOrdered(var demand):
                Order(now, demand);
                break;
            case StrategyInput.ReductionOrdered(var bounty, var total):
                Reduce(bounty, total);
                break;
            case StrategyInput.OrderGiven(var order):
                Order(now, order);
                break;
            case StrategyInput.RolloutOrdered(var rollout, var signatures):
                Order(now, rollout, signatures);
                break;
            case StrategyInput.RolloutCommanded(var number, var command):
                Command(now, number, command);
                break;
            case StrategyInput.BirthsOrdered(var quota, var signatures):
                Order(now, quota, signatures);
                break;
            case StrategyInput.Woken:
                Watch(now);
                Allot(now); // What was sent and lost, the hubs will ask for.
                break;
            default:
                throw new UnreachableException($"no rule for {input}");
        }

        if (_orders.Count > 0 && input is not StrategyInput.Restarted)
        {
            ProceedOrders(now);
        }
    }

    /// <inheritdoc/>
    public void Apply(StrategyFact fact)
    {
        switch (fact)
        {
            case StrategyFact.RegionLink(var region, var link):
                _links[region].Apply(link);
                break;
            case StrategyFact.RegionChartered(var region, var epoch, _):
                _charters[region] = epoch;
                _ = _ended.Remove(region);
                _receptions[region].Grant(epoch);
                break;
            case StrategyFact.BountyPosted(var region, { Id.IsLots: true } lots):
                _posted.Add(lots.Id, region);
                break;
            case StrategyFact.BountyPosted(var region, { Id.IsPart: true } part):
                _posted.Add(part.Id, region);
                ApplyPart(part.Id, PartState.Open, Credits.Zero);
                break;
            case StrategyFact.OrderPosted(var order, _):
                _lastOrder = order.Id;
                _orders.Add(order.Id, OrderBook.New(order));
                break;
            case StrategyFact.OrderClosed closed:
                _ = _orders.Remove(closed.Order);
                break;
            case StrategyFact.BountyPosted(var region, var bounty):
                Invariant.Holds(bounty.Id.Value > _lastBounty);
                _lastBounty = bounty.Id.Value;
                _posted.Add(bounty.Id, region);
                break;
            case StrategyFact.BountyMoved(var bounty, var region):
                _posted[bounty] = region;
                if (_reduced.TryGetValue(bounty, out Grams left))
                {
                    _receptions[region].Reduce(new Reduction(bounty, left));
                    _ = _untold.Add(bounty);
                }

                if (bounty.IsLots)
                {
                    _demands[bounty.Demand] = _demands[bounty.Demand].Move(bounty, region);
                }

                break;
            case StrategyFact.BountyReported(var region, var report):
                _ = _posted.Remove(report.Bounty);
                _ = _reduced.Remove(report.Bounty);
                _ = _untold.Remove(report.Bounty);
                _receptions[region].Hear(report);
                if (report.Bounty.IsLots)
                {
                    Apply(report);
                }
                else if (report.Bounty.IsPart)
                {
                    bool isFilled = report.Outcome == BountyOutcome.Filled;
                    ApplyPart(
                        report.Bounty, isFilled ? PartState.Filled : PartState.Failed, report.Paid);
                }

                break;
            case StrategyFact.BountyReduced(var bounty, var total):
                _reduced[bounty] = total;
                _ = _untold.Add(bounty);
                _receptions[_posted[bounty]].Reduce(new Reduction(bounty, total));
                break;
            case StrategyFact.DemandPosted(var demand, var since):
                _lastDemand = demand.Id;
                _demands.Add(demand.Id, DemandBook.New(demand, since));
                break;
            case StrategyFact.Sounded(var region, var number, var at):
                _soundings[region] = new SoundingBook(
                    number, at, _soundings.GetValueOrDefault(region)?.Told);
                break;
            case StrategyFact.SupplyHeard(var region, _, var told):
                _soundings[region] = _soundings[region] with { Told = told };
                break;
            case StrategyFact.LotsPlaced(var lots, var region, var count, var worth, var at):
                _demands[lots.Demand] = _demands[lots.Demand].Place(lots, region, count, worth, at);
                break;
            case StrategyFact.LotsBack back:
                Apply(back);
                break;
            case StrategyFact.LotsCalled(_, var at, var recalled):
                DemandId of = recalled.Bounty.Demand;
                _demands[of] = _demands[of].CallBack(recalled, at);
                break;
            case StrategyFact.LotsReclaimed(var lots):
                _demands[lots.Demand] = _demands[lots.Demand].Reclaim(lots);
                _ = _posted.Remove(lots);
                break;
            case StrategyFact.DemandClosed(var demand, _, _, _, _):
                _ = _demands.Remove(demand);
                break;
            case StrategyFact.Allotted(var at):
                _allotted = at;
                break;
            case StrategyFact.CharterEnded(var region, _):
                _ = _ended.Add(region);
                break;
            case StrategyFact.EndHeard(var region, var at):
                _receptions[region].HearEnd(at);
                break;
            case StrategyFact.Return(var region, var fromRegion):
                _receptions[region].Apply(fromRegion);
                break;
            case StrategyFact.DigestTaken(var region, var digest):
                _digests[region] = digest;
                break;
            case StrategyFact.TransferSent(var region, var sending):
                _lastTransfer = sending.Transfer.Value;
                _receptions[region].Send(sending);
                if (sending.Amount > Credits.Zero)
                {
                    _transfers.Add(sending.Transfer, (region, sending.Amount));
                }

                break;
            case StrategyFact.HandoverBegan(var node, var from, var to):
                _handovers[node] = new Handover(from, to);
                _receptions[from].Recall(new Recall(node, to));
                break;
            case StrategyFact.HandoverEnded(var node):
                _ = _handovers.Remove(node);
                break;
            case StrategyFact.Succeeded(var region, var successor):
                _successors.Add(region, successor);
                _receptions[region].Succeed(successor);
                ForgetReports(region);
                _ = _silences.Remove(region);
                Lapse(region);
                break;
            case StrategyFact.Watched or StrategyFact.Abandoned or StrategyFact.AdoptionForbidden:
                ApplyWatch(fact);
                break;
            case StrategyFact.Entrusted(var number, var region, var message):
                _lastParcel = number;
                _parcels.Add(number, new Parcel(region, message));
                if (message is BountyReduced reduction)
                {
                    _ = _untold.Remove(reduction.Bounty);
                }
                else if (message is NodeProbation probation)
                {
                    _young[probation.Node] = region;
                }

                break;
            case StrategyFact.Dispatched(var number):
                _ = _parcels.Remove(number);
                break;
            case StrategyFact.RolloutMoved(var book):
                _rollouts[book.Rollout.Id] = book;
                _ = _signed.Remove(book.Rollout.Id);
                _ = _refused.Remove(book.Rollout.Id);
                break;
            case StrategyFact.RolloutSigned or StrategyFact.SignatureHolds or StrategyFact.RolloutRefused:
                ApplyOrder(fact);
                break;
            case StrategyFact.QuotaSigned or StrategyFact.QuotaSignatureHolds or StrategyFact.QuotaTaken
                or StrategyFact.QuotaShared or StrategyFact.QuotaRefused:
                ApplyQuota(fact);
                break;
            case StrategyFact.RolloutHeard(var region, var report):
                Apply(region, report);
                break;
            case StrategyFact.TransferReceived(var region, var transfer):
                _books.ApplyReceived(Key(region, transfer));
                break;
            case StrategyFact.Posted(var posting):
                _books.Apply(posting);
                if (posting.From.Kind == AccountKind.Transit)
                {
                    _ = _transfers.Remove(new TransferId(posting.From.Number));
                }

                break;
            default:
                throw new UnreachableException($"no rule for {fact}");
        }
    }

    /// <inheritdoc/>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("strategy", 35);
        codec.Table(
            "digests",
            _digests,
            static (ref TCodec c, RegionId key) => c.Region("region", key),
            static (ref TCodec c, RegionDigest value) => RegionDigest.Shape(ref c, value));
        _lastTransfer = (ulong)codec.Integer("lastTransfer", (long)_lastTransfer, 0, long.MaxValue);
        _lastBounty = (ulong)codec.Integer("lastBounty", (long)_lastBounty, 0, long.MaxValue);
        codec.Table(
            "charters",
            _charters,
            static (ref TCodec c, RegionId key) => c.Region("region", key),
            static (ref TCodec c, Epoch value) => c.Epoch("epoch", value));
        codec.Table(
            "posted",
            _posted,
            static (ref TCodec c, BountyId key) => c.Bounty("bounty", key),
            static (ref TCodec c, RegionId value) => c.Region("region", value));
        codec.Table(
            "reduced",
            _reduced,
            static (ref TCodec c, BountyId key) => c.Bounty("bounty", key),
            static (ref TCodec c, Grams value) => c.Mass("total", value));
        codec.Set("untold", _untold, static (ref TCodec c, BountyId bounty) => c.Bounty("bounty", bounty));
        codec.Table(
            "transfers",
            _transfers,
            static (ref TCodec c, TransferId key) => c.Transfer("transfer", key),
            static (ref TCodec c, (RegionId Region, Credits Amount) value) =>
                (c.Region("region", value.Region), c.Money("amount", value.Amount)));
        _lastParcel = codec.Count("lastParcel", _lastParcel);
        codec.Table(
            "handovers",
            _handovers,
            static (ref TCodec c, NodeId key) => c.Node("node", key),
            static (ref TCodec c, Handover value) =>
                new Handover(c.Region("from", value.From), c.Region("to", value.To)));
        codec.Table(
            "successors",
            _successors,
            static (ref TCodec c, RegionId key) => c.Region("region", key),
            static (ref TCodec c, RegionId value) => c.Region("successor", value));
        codec.Table(
            "parcels",
            _parcels,
            static (ref TCodec c, ulong key) => c.Count("number", key),
            static (ref TCodec c, Parcel value) =>
                new Parcel(c.Region("to", value.To), Message.Shape(ref c, value.Message)));
        _books.Shape(ref codec);
        ShapeDemands(ref codec);
        ShapeOrders(ref codec);
        ShapeRollouts(ref codec);
        ShapeQuotas(ref codec);
        ShapeWatch(ref codec);
        codec.Set("ended", _ended, static (ref TCodec c, RegionId region) => c.Region("region", region));
        _ = codec.OpenList("links", _links.Count, int.MaxValue);
        foreach (LinkEnd link in _links.Values)
        {
            link.Shape(ref codec);
        }

        codec.CloseList();
        _ = codec.OpenList("receptions", _receptions.Count, int.MaxValue);
        foreach (RegionReception reception in _receptions.Values)
        {
            reception.Shape(ref codec);
        }

        codec.CloseList();
        codec.Close();
    }

    private void Receive(Instant now, Frame frame)
    {
        if (frame.To != Party.Strategy)
        {
            Refuse(frame.From, 0, Refusal.NotForMe);
            return;
        }

        var region = new RegionId(frame.From.Number);
        if (frame.From.Kind != PartyKind.Hub || !_links.TryGetValue(region, out LinkEnd? link))
        {
            Refuse(frame.From, 0, Refusal.UnknownSender);
            return;
        }

        Message? cursor = null;
        foreach (Message message in link.Take(now, frame))
        {
            switch (message)
            {
                case ReturnOffered offer:
                    cursor = Take(now, region, offer);
                    break;
                case JournalPart part:
                    cursor = Take(now, region, part) ?? cursor;
                    break;
                default:
                    Handle(now, region, link, message);
                    break;
            }
        }

        Dispatch(region);
        bool owesAnswer = frame.Hail || frame.Envelopes.Length > 0;
        Frame? answer = link.Compose(now, hail: false, owesAnswer, cursor is null ? [] : [cursor]);
        if (answer is not null)
        {
            _outbox.Emit(new StrategyEffect.Transmit(answer));
        }
    }

    private void Handle(Instant now, RegionId region, LinkEnd link, Message message)
    {
        switch (message)
        {
            case HubEnrol enrol:
                if (_charters.ContainsKey(region))
                {
                    Refuse(Party.Of(region), message.Kind, Refusal.AlreadyEnrolled);
                    break;
                }

                Credits seed = _spec.Rules.SeedPerNode * System.Math.Min(enrol.Capacity, SeededMax);
                var epoch = new Epoch(1);
                Record(new StrategyFact.RegionChartered(region, epoch, enrol.Capacity));
                Send(link, new Charter(epoch, Fund(region, null, seed), seed));
                TellRollouts(link);
                ShareQuotas(region);
                break;
            case CreditsReceived received:
                if (_transfers.TryGetValue(received.Transfer, out (RegionId Region, Credits Amount) sent)
                    && sent.Region == region)
                {
                    _books.Post(
                        new AccountId(AccountKind.Transit, received.Transfer.Value), At(region), sent.Amount);
                    TellReductions(region);
                }

                break;
            case BountyReport report:
                Take(region, link, report);
                break;
            case LotsReturned returned:
                Take(now, region, link, returned);
                break;
            case SupplyTold told:
                Hear(now, region, told);
                break;
            case CharterEnded ended:
                if (_ended.Contains(region) && ended.Epoch == _charters[region])
                {
                    Record(new StrategyFact.EndHeard(region, now));
                }

                break;
            case RolloutReport report:
                Hear(now, region, report);
                break;
            case RegionDigest digest:
                Record(new StrategyFact.DigestTaken(region, digest));
                break;
            default:
                Refuse(Party.Of(region), message.Kind, Refusal.WrongDirection);
                break;
        }
    }

    private void Post(RegionId region, Bounty bounty)
    {
        region = Holder(region);
        if (!_links.TryGetValue(region, out LinkEnd? link))
        {
            Refuse(Party.Of(region), 0, Refusal.UnknownRegion);
            return;
        }

        if (!bounty.Id.IsOperators || !bounty.IsSound)
        {
            Refuse(Party.Strategy, 0, Refusal.BountyNotTaken); // Names of lots and parts are given here.
            return;
        }

        if (bounty.Id.Value <= _lastBounty)
        {
            return; // The same order again.
        }

        if (_ended.Contains(region))
        {
            Refuse(Party.Of(region), 0, Refusal.NotChartered);
            return;
        }

        if (_receptions[region].IsQuarantined)
        {
            Refuse(Party.Of(region), 0, Refusal.RegionQuarantined);
            return;
        }

        Record(new StrategyFact.BountyPosted(region, bounty));
        Send(link, new BountyPosted(bounty, Fund(region, BountyBook.New(bounty), bounty.Worth)));
    }

    private void Take(RegionId region, LinkEnd link, BountyReport report)
    {
        if (!_posted.TryGetValue(report.Bounty, out RegionId where) || where != region
            || _books.HasReceived(Key(region, report.Transfer)) || !FitsLots(report))
        {
            Refuse(Party.Of(region), report.Kind, Refusal.UnknownTransfer);
            return;
        }

        // A region cannot return more than it holds; if it says so, its report waits for an auditor.
        if (report.Returned > _books[At(region)] + InTransit(region))
        {
            Refuse(Party.Of(region), report.Kind, Refusal.UnknownTransfer);
            return;
        }

        Book(region, report);
        Send(link, new CreditsReceived(report.Transfer));
    }

    private void Book(RegionId region, BountyReport report)
    {
        Record(new StrategyFact.TransferReceived(region, report.Transfer));
        Record(new StrategyFact.BountyReported(region, report));
        _books.Post(At(region), _budget, report.Returned);
    }

    // From what came back first; the mint makes the rest.
    private TransferId Fund(RegionId region, BountyBook? work, Credits amount)
    {
        var transfer = new TransferId(_lastTransfer + 1);
        var transit = new AccountId(AccountKind.Transit, transfer.Value);
        Record(new StrategyFact.TransferSent(region, new Sending(transfer, amount, work, null)));
        Credits fromBudget = Credits.Min(_books[_budget], amount);
        _books.Post(_budget, transit, fromBudget);
        _books.Post(_mint, transit, amount - fromBudget);
        return transfer;
    }

    private Credits InTransit(RegionId region)
    {
        Credits sum = Credits.Zero;
        foreach ((RegionId Region, Credits Amount) sent in _transfers.Values)
        {
            sum += sent.Region == region ? sent.Amount : Credits.Zero;
        }

        return sum;
    }

    private void Refuse(Party from, MessageKind kind, Refusal reason) =>
        _outbox.Emit(new StrategyEffect.Refuse(from, kind, reason));

    private void Record(StrategyFact fact)
    {
        Apply(fact);
        _outbox.Record(fact);
    }

    private static void Send(LinkEnd link, Message message) =>
        _ = link.Queue(message, Priority.Contract, Instant.Never);

    private static AccountId At(RegionId region) => new(AccountKind.Correspondent, region.Value);

    private readonly record struct Handover(RegionId From, RegionId To);

    private readonly record struct Parcel(RegionId To, Message Message);

    // Every hub counts its own transfers from 1; 40 bits of count are enough for a transfer a second for
    // 30,000 years.
    private static ulong Key(RegionId region, TransferId transfer) =>
        checked(((ulong)region.Value << 40) + (transfer.Value & ((1UL << 40) - 1)));
}

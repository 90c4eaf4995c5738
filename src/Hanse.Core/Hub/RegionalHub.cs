using System;
using System.Collections.Generic;
using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Ledger;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Market;
using Hanse.Core.Merge;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Skills;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Hub;

/// <summary>The coordinator of one region: a switchboard between its nodes, its market, its books and the
/// strategic layer.</summary>
/// <remarks>
/// The hub decides nothing that one of its parts could decide. The roster (with a link and a twin for every
/// node) knows who belongs; the <see cref="Auctioneer"/> knows the work; the <see cref="Treasury"/> knows the
/// money; the <see cref="MergeBook"/> knows what nodes did of what was decided. What one of them remembers
/// becomes the business of another in one place, <see cref="Route(MarketFact)"/> and its kin: an award
/// becomes a message, a delivery a payment, a closed bounty a transfer home, a verdict a merge.
/// <para>
/// A region dark to the strategic layer goes on alone: bounties come with their whole worth, so contracts are
/// awarded and paid from escrow that is already here; reports and residues wait in the queue.
/// </para>
/// <para>
/// Every input is answered, refused (<see cref="HubEffect.Refuse"/>) or ignored by rule. Messages come in any
/// order and, below the links, any number of times. A node belongs to one hub: one that is to go to another
/// region is let go when it holds no work, and one that comes is worked with when it has called.
/// </para>
/// </remarks>
public sealed partial class RegionalHub : IMachine<HubInput, HubFact, HubEffect>, IShapedState
{
    private static readonly TimeSpan _digestPeriod = TimeSpan.FromDays(1);

    private readonly SortedDictionary<NodeId, RosterEntry> _roster = [];
    private readonly Treasury _treasury;
    private readonly Auctioneer _market;
    private readonly LinkEnd _uplink;
    private readonly Reconciler _reconciler;
    private readonly RegionScribe _scribe;
    private readonly MergeBook _merge;
    private readonly ReviewQueue _reviews;
    private readonly Hindsight _hindsight;
    private readonly SiteBook _sites = new();
    private readonly CrowdBook _crowds;
    private readonly SkillDesk _skills = new();
    private readonly BirthBook _births;
    private readonly ISkills? _runner;

    // Nodes that are to go, and where to.
    private readonly SortedDictionary<NodeId, RegionId> _recalled = [];

    // Nodes that are to end their service, and whether they are lost.
    private readonly SortedDictionary<NodeId, bool> _retiring = [];

    // Whose hub has taken everything over; zero while none has.
    private RegionId _successor;

    private bool _charterAsked;
    private Instant _lastDigest;

    // The outbox and the time of the step under way.
    private Outbox<HubFact, HubEffect> _outbox = new();
    private Instant _now;

    /// <summary>A hub that has not been chartered.</summary>
    /// <param name="spec">What it is built with.</param>
    /// <param name="skills">Runs releases, to take decisions of nodes again; null where no node runs
    /// any.</param>
    public RegionalHub(HubSpec spec, ISkills? skills = null)
    {
        Spec = spec;
        _runner = skills;
        _treasury = new Treasury(spec.Rules, Record);
        _hindsight = new Hindsight(spec.Rules);
        _crowds = new CrowdBook(spec);
        _births = new BirthBook(fact => Record(new HubFact.Birth(fact)));
        TimeSpan light = TimeSpan.FromTicks(Math.Max(
            spec.NodeContacts.LightTime.Ticks, spec.NeighbourContacts.LightTime.Ticks));
        _market = new Auctioneer(
            spec.Region, spec.Rules, light, fact => Record(new HubFact.Market(fact)),
            node => _roster[node].Link.LastHeard,
            node => _treasury.Of(node),
            _hindsight.RatioOf,
            ProgressOf,
            node => _births.WorthMaxOf(node));
        _reconciler = new Reconciler(
            spec,
            fact => Record(new HubFact.Reconcile(fact)),
            effect => _outbox.Emit(effect),
            node => _roster[node].Link.LastHeard,
            DecideAgain,
            ApprovalsOf,
            node => _births.IsOnProbation(node));
        _scribe = new RegionScribe(
            spec, node => _reconciler.Receptions[node].Accepted, contract => _market.Find(contract), Record);
        _merge = new MergeBook(new MarketAwards(_market), fact => Record(new HubFact.Merge(fact)));
        _reviews = new ReviewQueue(fact => Record(new HubFact.Review(fact)));
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

    /// <summary>The hub's own attested journal, to look at.</summary>
    public Logbook Log => _scribe.Log;

    /// <summary>What nodes did of what was decided, to look at.</summary>
    public MergeBook Merged => _merge;

    /// <summary>What waits for an operator, to look at.</summary>
    public ReviewQueue Reviews => _reviews;

    /// <summary>What deliveries have cost, to look at.</summary>
    public Hindsight Hindsight => _hindsight;

    /// <summary>What is believed of sites, to look at.</summary>
    public SiteBook Sites => _sites;

    /// <summary>The ledger, to look at.</summary>
    public Books Books => _treasury.Books;

    /// <inheritdoc/>
    public Instant? NextWake { get; private set; } = Instant.Epoch;

    private bool IsChartered => Epoch.Value > 0;

    /// <inheritdoc/>
    public void Step(Instant now, HubInput input, Outbox<HubFact, HubEffect> outbox)
    {
        _outbox = outbox;
        _now = now;
        switch (input)
        {
            case HubInput.FrameArrived(var frame):
                Receive(now, frame);
                break;
            case HubInput.Docked docked:
                Dock(now, docked);
                break;
            case HubInput.PartsAsked asked:
                HandOut(now, asked);
                break;
            case HubInput.Inspected inspected:
                Inspect(now, inspected);
                break;
            case HubInput.NonceDrawn(var node, var blocks, var nonce):
                _reconciler.Begin(now, node, blocks, nonce);
                break;
            case HubInput.Verified(var node, var request, var isGood):
                _reconciler.Judge(now, node, request, isGood);
                break;
            case HubInput.Reviewed(var number, var isAccepted):
                Review(now, number, isAccepted);
                break;
            case HubInput.BirthShown shown:
                Show(now, shown);
                break;
            case HubInput.RetireOrdered(var node, var isLost):
                Retire(node, isLost);
                break;
            case HubInput.Signed(var blocks, var signature):
                _ = _scribe.Log.Sign(blocks, signature); // Offered in the call below.
                break;
            case HubInput.PackageRead read:
                Hand(now, read);
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
                _market.IsWindingDown = false;
                _successor = default;
                break;
            case HubFact.Relieved(_, var successor):
                _market.IsWindingDown = true;
                _successor = successor;
                break;
            case HubFact.NodeEnrolled(var node, var epoch, var enrol):
                var entry = new RosterEntry(epoch, LinkTo(node, isForeign: false), isForeign: false)
                {
                    Class = enrol.Class,
                    Generation = enrol.Generation,
                };
                entry.Twin.Apply(enrol.Plan);
                _roster.Add(node, entry);
                _reconciler.Enrol(node, enrol);
                break;
            case HubFact.NodeAdopted(var assigned):
                Apply(assigned);
                break;
            case HubFact.NodeArrived(var node, var at):
                _roster[node].HasArrived = true;
                _reconciler.Arrive(node, at);
                break;
            case HubFact.NodeRecalled(var node, var to):
                _recalled[node] = to;
                break;
            case HubFact.NodeReleased(var node, _):
                _ = _recalled.Remove(node);
                _roster[node].HasLeft = true;
                _reconciler.Forget(node);
                _skills.Forget(node);
                break;
            case HubFact.Birth(var birth):
                _births.Apply(birth);
                break;
            case HubFact.NodeRetiring(var node, var isLost):
                _retiring[node] = isLost;
                break;
            case HubFact.NodeRetired(var node, _):
                _ = _retiring.Remove(node);
                _roster[node].Retire();
                _reconciler.Forget(node);
                _skills.Forget(node);
                _births.ApplyGone(node);
                break;
            case HubFact.Reconcile(var reconcile):
                _reconciler.Apply(reconcile);
                break;
            case HubFact.Merge(var merge):
                _merge.Apply(merge);
                break;
            case HubFact.Review(var review):
                _reviews.Apply(review);
                break;
            case HubFact.NodeLink(var node, var link):
                _roster[node].Link.Apply(link);
                if (link is LinkFact.Taken taken)
                {
                    _skills.Apply(node, taken);
                }

                break;
            case HubFact.StrategyLink(var link):
                _uplink.Apply(link);
                break;
            case HubFact.Market(MarketFact.Mended mended):
                _market.Apply(mended);
                _reconciler.Note(
                    _market.Find(mended.Contract)!.Winner.Bounty.Patient,
                    new RepairRecord(mended.Contract.Value, mended.Relief.Value, IsField: true));
                break;
            case HubFact.Market(MarketFact.Delivered delivered):
                _market.Apply(delivered);
                _births.ApplySettled(_market.Find(delivered.Contract)!.Winner.Node);
                break;
            case HubFact.Market(var market):
                _market.Apply(market);
                break;
            case HubFact.Posted or HubFact.TransferReceived or HubFact.TransferSent or HubFact.LotsSent:
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
                _reconciler.Note(node, new RepairRecord(docking, spares.Value, IsField: false));
                _roster[node].Issued = Grams.Zero;
                break;
            case HubFact.Handled(var node, var docking, var issued):
                _roster[node].Service = (docking, Grams.Zero, default);
                _roster[node].Issued = issued;
                break;
            case HubFact.RolloutTold(var told):
                _skills.Apply(told);
                break;
            case HubFact.SkillOrdered(var node, var order):
                _skills.Apply(node, order, _roster[node].Link.LastSequence);
                break;
            case HubFact.SkillReported(var node, var report):
                _skills.Apply(node, report, _roster[node].Link.LastHeard);
                break;
            case HubFact.Log:
                break; // The scribe's business, as follows.
            case HubFact.SiteTold or HubFact.SitesPosted or HubFact.CrowdsShown or HubFact.BerthBooked
                or HubFact.Tolled or HubFact.VisitsHeard or HubFact.FaceBooked or HubFact.FaceTolled:
                break; // As follows.
            case HubFact.DigestSent(var at):
                _lastDigest = at;
                break;
            default:
                throw new UnreachableException($"no rule for {fact}");
        }

        _scribe.Apply(fact);
        _hindsight.Apply(fact);
        _sites.Apply(fact);
        _crowds.Apply(fact);
    }

    /// <inheritdoc/>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("hub", 19);
        Epoch = codec.Epoch("epoch", Epoch);
        _successor = codec.Region("successor", _successor);
        _charterAsked = codec.Flag("charterAsked", _charterAsked);
        _lastDigest = codec.Moment("lastDigest", _lastDigest);
        int count = codec.OpenList("roster", _roster.Count, int.MaxValue);
        if (codec.IsReading)
        {
            for (int i = 0; i < count && !codec.Failed; i++)
            {
                codec.Open("entry", 3);
                NodeId node = codec.Node("node", default);
                bool isForeign = codec.Flag("isForeign", false);
                var entry = new RosterEntry(default, LinkTo(node, isForeign), isForeign);
                entry.Shape(ref codec);
                codec.Close();
                _roster[node] = entry;
            }
        }
        else
        {
            foreach (KeyValuePair<NodeId, RosterEntry> entry in _roster)
            {
                codec.Open("entry", 3);
                _ = codec.Node("node", entry.Key);
                _ = codec.Flag("isForeign", entry.Value.IsForeign);
                entry.Value.Shape(ref codec);
                codec.Close();
            }
        }

        codec.CloseList();
        codec.Table(
            "recalled",
            _recalled,
            static (ref TCodec c, NodeId key) => c.Node("node", key),
            static (ref TCodec c, RegionId value) => c.Region("to", value));
        _treasury.Shape(ref codec);
        _market.Shape(ref codec);
        _uplink.Shape(ref codec);
        _reconciler.Shape(ref codec);
        _scribe.Shape(ref codec);
        _merge.Shape(ref codec);
        _reviews.Shape(ref codec);
        _hindsight.Shape(ref codec);
        _sites.Shape(ref codec);
        _crowds.Shape(ref codec);
        _skills.Shape(ref codec);
        codec.Table(
            "retiring",
            _retiring,
            static (ref TCodec c, NodeId key) => c.Node("node", key),
            static (ref TCodec c, bool value) => c.Flag("isLost", value));
        _births.Shape(ref codec);
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
            if (entry.Value.IsRetired)
            {
                _outbox.Emit(new HubEffect.Retired(entry.Key));
            }
        }

        _reconciler.Repeat();
        if (_scribe.Log.AwaitsSignature)
        {
            EmitSign();
        }
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

    private void DoWhatIsDue(Instant now)
    {
        if (!_charterAsked)
        {
            Record(new HubFact.CharterAsked());
            Send(_uplink, new HubEnrol(Spec.RosterMax), Priority.Contract);
        }

        _reconciler.Wake(now);
        LetGo();
        EndService();
        _births.Wake(now);
        if (IsChartered)
        {
            _market.Wake(now);
            if (now >= _lastDigest + _digestPeriod)
            {
                SendDigest(now);
            }
        }

        CallStrategy(now);
    }

    private Instant Alarm(Instant now)
    {
        Instant call = Instant.Min(
            Instant.Min(UplinkAlarm(now), _reconciler.NextWake), _births.NextWake);
        return IsChartered
            ? Instant.Min(Instant.Min(call, _market.NextWake), _lastDigest + _digestPeriod)
            : call;
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
                WatchAnswer(awarded);
                _treasury.Stake(winner.Node, awarded.Contract, _market.BondOf(winner));
                break;
            case MarketFact.Delivered delivered:
                Winner deliverer = _market.Find(delivered.Contract)!.Winner;
                if (delivered.Paid > Credits.Zero)
                {
                    _treasury.Pay(deliverer.Bounty, deliverer.Node, delivered.Paid);
                }

                Close(delivered.Contract, delivered.Outcome, delivered.Weighed, delivered.Paid);
                EndBond(delivered);
                break;
            case MarketFact.Recognised(var contract, _, var paid):
                Winner recognised = _market.Find(contract)!.Winner;
                _treasury.Pay(recognised.Bounty, recognised.Node, paid);
                break;
            case MarketFact.Recounted(var contract, _, var told, _, var counted, var paid):
                _treasury.Pay(told.Bounty, told.Node, paid);
                Close(contract, ContractOutcome.DeliveredLate, counted, paid);
                break;
            case MarketFact.Returned returned:
                Close(returned.Contract, returned.Outcome, Grams.Zero, Credits.Zero);
                EndBond(
                    returned.Contract,
                    isKept: returned.Outcome == ContractOutcome.Released
                        || _market.Find(returned.Contract)!.Cancel == CancelState.Asked);
                break;
            case MarketFact.CancelAsked(var unwanted):
                Contract toStop = _market.Find(unwanted)!;
                Send(
                    _roster[toStop.Winner.Node].Link, new ContractCancelled(unwanted, toStop.Epoch),
                    Priority.Contract);
                break;
            case MarketFact.Cancelled(var cancelled, var compensation):
                Winner stopped = _market.Find(cancelled)!.Winner;
                _treasury.Pay(stopped.Bounty, stopped.Node, compensation);
                Close(cancelled, ContractOutcome.Cancelled, Grams.Zero, compensation);
                EndBond(cancelled, isKept: true);
                break;
            case MarketFact.Missed(var missed, _) when !_market.Find(missed)!.IsTaken:
                EndBond(missed, isKept: true); // It may never have heard of it.
                break;
            case MarketFact.SilenceEnded { IsHolder: false } over:
                Close(over.Contract, ContractOutcome.Expired, Grams.Zero, Credits.Zero);
                EndBond(over.Contract, isKept: _now < _market.Find(over.Contract)!.Due);
                break;
            case MarketFact.HelpOpened opened:
                SetAside(opened);
                break;
            case MarketFact.Mended mended:
                TellMended(mended);
                break;
            case MarketFact.RepairClaimed(var told, _):
                EndBond(told, isKept: true);
                break;
            case MarketFact.ClaimEnded ended:
                EndClaim(ended);
                break;
            case MarketFact.BountyClosed { Bounty.IsHelp: true } closed:
                EndHelp(closed);
                break;
            case MarketFact.BountyClosed closed:
                SendHome(closed);
                break;
            case MarketFact.LotsTaken taken:
                SendHome(taken);
                break;
            case MarketFact.KeptPaid kept:
                PayKept(kept);
                break;
            case MarketFact.CustodyEnded ended:
                _treasury.Charge(_market.Find(ended.Contract)!.Winner.Node, ended.Charge);
                break;
            default:
                break; // The rest is the market's own business.
        }
    }

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

    private void RefuseUnless(bool taken, Party from, Message message, Refusal reason) =>
        RefuseUnless(taken, from, message.Kind, reason);

    private void RefuseUnless(bool taken, Party from, MessageKind kind, Refusal reason)
    {
        if (!taken)
        {
            Refuse(from, kind, reason);
        }
    }

    private void Refuse(Party from, MessageKind kind, Refusal reason) =>
        _outbox.Emit(new HubEffect.Refuse(from, kind, reason));

    private void Record(HubFact fact)
    {
        Apply(fact);
        _outbox.Record(fact);
        _scribe.Hear(_now, Epoch, fact);
        if (fact is HubFact.Market(var market))
        {
            Route(market);
        }
        else if (fact is HubFact.Reconcile(var reconcile))
        {
            Route(reconcile);
        }
    }
}

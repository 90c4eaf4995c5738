using System;
using System.Collections.Immutable;
using System.Diagnostics;
using Hanse.Core.Decisions;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Node;

/// <summary>The part of a node that decides: what to bid, what to do next, what is worth reporting.</summary>
/// <remarks>
/// The node is alone most of the time. It works from the contract it holds and from its own prediction of
/// itself, which its hub has too; it speaks in contact windows only, and then of nothing but what left the
/// dead band. What it knows comes from sensors that are wrong, and it knows no better.
/// <para>
/// A node is its journal: bids are priced and plans are made from the prediction that its facts fold into,
/// which is within the dead band of what it reads, so a node rebuilt from its facts decides as the one that
/// never stopped. Readings inside the band leave no trace.
/// </para>
/// <para>
/// A contract is a lease. The node stops holding it at its due time less the clock error, whether or not its
/// hub can tell it so; what is aboard it still brings to the scale. It gives a contract back as soon as a
/// slipped plan cannot meet it, while there is nothing aboard.
/// </para>
/// <code>
///   idle --award--> Outbound --> Extracting --> Inbound --> Unloading --> idle
///                      |lapsed/released   |lapsed
///                      +--> (no extraction) --> Inbound ...
///                      |cancelled before it left
///                      +--> idle
/// </code>
/// What is new to decide by comes as skills, into a <see cref="SkillBay"/>. Deliberately absent so far: a
/// second contract in hand.
/// </remarks>
public sealed partial class NodeAgent : IMachine<NodeInput, NodeFact, NodeEffect>, IShapedState
{
    /// <summary>A plan that slips by less than this is not worth a message.</summary>
    private static readonly TimeSpan _slipMin = TimeSpan.FromMinutes(30);

    /// <summary>The first call of a window is spread over its first minute, or its first eighth if that is
    /// less.</summary>
    private const int DelayMillisecondsMax = 60_000;

    /// <summary>A load is this much over what is owed: two sigma of a sensor's noise, so that a bounty is not
    /// left with crumbs that are worth nobody's trip.</summary>
    private const int OverloadPpm = 10_000;

    /// <summary>A return that the hub has all of is offered again in one window of so many.</summary>
    private const int RemindWindows = 8;

    /// <summary>A sensor further off than this is broken, not biased; parts per million.</summary>
    private const int CalibrationMax = 200_000;

    private readonly IPricing _pricing;
    private readonly SelfTwin _self;
    private readonly Scribe _scribe;
    private readonly Experience _experience = new();

    // What runs releases of skills; null on a machine that runs none.
    private readonly SkillBay? _bay;

    // Which image of the core runs; null on a machine that has no slots for images.
    private readonly CoreBay? _cores;

    // To the hub that it belongs to; a new one with every change.
    private LinkEnd _link;

    // Since when it belongs to it; where it was told to call instead, and whom it called last.
    private Instant _homeSince;
    private RegionId _sentTo;
    private Instant _neighbourCalledAt;
    private int _neighbourPlace;

    private Prng _prng;
    private int _delayMilliseconds;
    private bool _enrolAsked;
    private CycleNumber _answered;

    // The last contract that was cancelled before the node had heard of it: its award may still come.
    private ContractId _cancelled;
    private DepotId _at;
    private uint _lastOrder;
    private uint _lastDocking;
    private Order? _order;

    // What a scale weighs over what the cargo sensor claims, as far as the node has learnt it.
    private PartsPerMillion _calibration = new(1_000_000);

    // What the sensor claims of the cargo last extracted in full, and the contract it is for; zero when none
    // is.
    private (ContractId Contract, Grams Cargo) _claimed;

    // What was posted of crowds when the node bid last.
    private ImmutableArray<CrowdPrice> _crowds = [];

    // What an hour of it was posted to be worth when it bid last.
    private Credits _hourWorth;

    // What the extraction of the cargo aboard showed of its site, if anybody wants to know.
    private Finding? _dug;

    // The outbox and the time of the step under way.
    private Outbox<NodeFact, NodeEffect> _outbox = new();
    private Instant _now;

    /// <summary>A node fresh from its builder, waiting at its home depot with full tanks.</summary>
    /// <param name="spec">What it was built with.</param>
    /// <param name="pricing">What says what it asks for its work; the built-in one when there is
    /// none.</param>
    /// <param name="skills">What runs releases of skills; null for a machine that runs none.</param>
    /// <param name="hasCoreSlots">Whether it has slots for images of the core, and something that starts
    /// them.</param>
    public NodeAgent(
        NodeSpec spec, IPricing? pricing = null, ISkills? skills = null, bool hasCoreSlots = false)
    {
        Spec = spec;
        _pricing = pricing ?? BuiltInPricing.Instance;
        _at = spec.Home;
        _prng = Prng.For(spec.Seed, "node");
        _self = new SelfTwin(Record);
        _scribe = new Scribe(spec, Record);
        _bay = skills is null ? null : NewBay(skills);
        _cores = hasCoreSlots ? NewCores() : null;
        Region = spec.Region;
        _link = LinkTo(Region);
    }

    /// <summary>What the node was built with.</summary>
    public NodeSpec Spec { get; }

    /// <summary>The region it belongs to.</summary>
    public RegionId Region { get; private set; }

    /// <summary>The contract under way, or null while the node waits.</summary>
    public Work? Work { get; private set; }

    /// <summary>The hub's authority over the node; zero before it belongs.</summary>
    public Epoch Epoch { get; private set; }

    /// <summary>What it attests, to look at.</summary>
    public Logbook Log => _scribe.Log;

    /// <summary>Segments of its raw log whose roots it has attested: the number of the next one.</summary>
    public uint SealedSegments => _scribe.Segments;

    /// <summary>Everything the hub ever paid it.</summary>
    public Credits Earned { get; private set; }

    /// <inheritdoc/>
    public Instant? NextWake { get; private set; } = Instant.Epoch;

    private bool IsEnrolled => Epoch.Value > 0;

    /// <inheritdoc/>
    public void Step(Instant now, NodeInput input, Outbox<NodeFact, NodeEffect> outbox)
    {
        _outbox = outbox;
        _now = now;
        switch (input)
        {
            case NodeInput.FrameArrived(var frame):
                Receive(now, frame);
                break;
            case NodeInput.Observed(var readings):
                Observe(now, readings);
                break;
            case NodeInput.OrderDone(var number):
                Finish(now, number);
                break;
            case NodeInput.FaceTaken(var number):
                Dig(now, number);
                break;
            case NodeInput.GaveOut(var number):
                Empty(number);
                Finish(now, number, isShort: true);
                break;
            case NodeInput.Surveyed(var number, var finding):
                Survey(now, number, finding);
                break;
            case NodeInput.BrokeDown(var fault):
                Break(now, fault);
                break;
            case NodeInput.Mended(var contract, var epoch):
                HearMended(now, contract, epoch);
                break;
            case NodeInput.Repaired(var number, var isDone):
                Repair(now, number, isDone);
                break;
            case NodeInput.Signed(var blocks, var signature):
                SignHead(blocks, signature); // Offered in the call below.
                break;
            case NodeInput.KeyReplaced(var key):
                FollowKey(now, key);
                break;
            case NodeInput.RawSealed(var segment, var leaves, var root):
                _scribe.Seal(now, segment, leaves, root);
                break;
            case NodeInput.RawRead(var shown):
                Show(now, shown);
                break;
            case NodeInput.PackageHeld(var release, var bytes):
                Hold(now, release, bytes);
                break;
            case NodeInput.PackageJudged(var release, var isAdmitted):
                _bay?.Judged(now, release, isAdmitted);
                break;
            case NodeInput.ChildBuilt(var machine):
                Bear(machine);
                break;
            case NodeInput.BirthSigned(var build, var signature):
                Certify(build, signature);
                break;
            case NodeInput.CoreTold told:
                HearCore(now, told);
                break;
            case NodeInput.Woken:
                break; // What is due is done below, whatever woke the node.
            case NodeInput.Restarted:
                Repeat();
                break;
            default:
                throw new UnreachableException($"no rule for {input}");
        }

        if (input is not NodeInput.Restarted)
        {
            LapseIfDue(now);
            _bay?.Wake(now);
            _cores?.Wake(now);
            CallForHelp(now);
            CareForBuilt(now);
            Call(now);
            CallNeighbour(now);
        }

        NextWake = Alarm(now);
    }

    /// <inheritdoc/>
    public void Apply(NodeFact fact)
    {
        switch (fact)
        {
            case NodeFact.EnrolAsked:
                _enrolAsked = true;
                _self.Apply(fact);
                break;
            case NodeFact.Joined(var enrolled):
                Epoch = enrolled.Epoch;
                _self.Apply(fact);
                break;
            case NodeFact.Rehomed(var enrolled, var at):
                bool isFromLost = _sentTo.Value == 0 && enrolled.Region != Region;
                _parent.ApplyRehomed(isFromLost ? Region : default);
                Epoch = enrolled.Epoch;
                Region = enrolled.Region;
                _link = LinkTo(Region);
                _homeSince = at;
                _sentTo = default;
                _answered = default;
                _helpUntil = Instant.Epoch; // What the hub before it was asked, this one is not.
                _self.Apply(fact);
                break;
            case NodeFact.SentAway(var to):
                _sentTo = to;
                break;
            case NodeFact.NeighbourCalled(var at, var place):
                _neighbourCalledAt = at;
                _neighbourPlace = place;
                break;
            case NodeFact.Planned or NodeFact.Deviated or NodeFact.DeviationsReported:
                _self.Apply(fact);
                break;
            case NodeFact.Log or NodeFact.Accounted:
                _scribe.Apply(fact);
                break;
            case NodeFact.Link(var link):
                _link.Apply(link);
                break;
            case NodeFact.DelayDrawn(var state, var milliseconds):
                _prng = new Prng(state);
                _delayMilliseconds = milliseconds;
                break;
            case NodeFact.BidsMade(var cycle):
                _answered = cycle;
                break;
            case NodeFact.WorkBegun(var award, var trip):
                Invariant.Holds(Work is null);
                Work = new Work(award, trip, IsLapsed: false);
                _experience.Apply(fact);
                break;
            case NodeFact.StageBegun(var trip):
                Work = Held() with { Trip = trip };
                break;
            case NodeFact.Lapsed(var contract):
                Invariant.Holds(Held().Award.Contract == contract);
                Work = Held() with { IsLapsed = true };
                break;
            case NodeFact.WorkEnded:
                _at = Held().Stage == ContractStage.Outbound ? Held().Trip.Origin : Held().Trip.Depot;
                _dug = null;
                Work = null;
                break;
            case NodeFact.Ordered(var number, var order):
                _lastOrder = number;
                _order = order;
                _lastDocking = Math.Max(_lastDocking, order.Handling);
                _owed = order is Order.Extract ? Held().Trip.Quantity : _owed;
                _claimed = order switch
                {
                    Order.Extract extract => (Held().Award.Contract, extract.Target),
                    Order.Halt => default,
                    _ => _claimed,
                };
                break;
            case NodeFact.OrderDone(var number):
                Invariant.Holds(number == _lastOrder);
                _order = null;
                break;
            case NodeFact.ExtensionAsked(_, var asked):
                Work = Held() with { Asked = asked };
                break;
            case NodeFact.Extended(var contract, _, var due):
                Invariant.Holds(Held().Award.Contract == contract && due > Held().Award.Due);
                Work = Held() with { Award = Held().Award with { Due = due } };
                break;
            case NodeFact.CancelHeard(var contract):
                _cancelled = contract;
                break;
            case NodeFact.Paid(_, var amount):
                Earned = Credits.Min(Earned + amount, new Credits(Credits.MicroMax));
                break;
            case NodeFact.Surveyed:
                break; // It is on its way; the attested journal has it too.
            case NodeFact.Dug(var finding):
                _dug = finding;
                break;
            case NodeFact.SiteGaveOut:
                _claimed = default; // What it has is not what it meant to have.
                _experience.Apply(fact);
                break;
            case NodeFact.Assayed or NodeFact.WearSeen or NodeFact.WearLearnt or NodeFact.SitesHeard:
                _experience.Apply(fact);
                break;
            case NodeFact.CrowdsHeard(var prices):
                _crowds = prices;
                break;
            case NodeFact.HourHeard(var worth):
                _hourWorth = worth;
                break;
            case NodeFact.BrokeDown or NodeFact.HelpCalled or NodeFact.HelpEnded or NodeFact.Mended
                or NodeFact.RepairAttested:
                ApplyRepair(fact);
                break;
            case NodeFact.SkillMoved(var slot) when slot.Function == SkillFunction.Core:
                _cores?.Apply(slot);
                break;
            case NodeFact.SkillMoved(var slot):
                _bay?.Apply(slot);
                break;
            case NodeFact.QuestionKept(var function, var question):
                _bay?.Apply(function, question);
                break;
            case NodeFact.Birth(var birth):
                _parent.Apply(birth);
                break;
            case NodeFact.Retiring(var isOver):
                IsRetiring = true;
                IsRetired |= isOver;
                break;
            case NodeFact.Calibrated(var ratio):
                _calibration = ratio;
                _claimed = default;
                break;
            default:
                throw new UnreachableException($"no rule for {fact}");
        }
    }

    /// <inheritdoc/>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("node", 30 + (_bay is null ? 0 : 2) + (_cores is null ? 0 : 1));
        Epoch = codec.Epoch("epoch", Epoch);
        Earned = codec.Money("earned", Earned);
        _enrolAsked = codec.Flag("enrolAsked", _enrolAsked);
        _answered = codec.Cycle("answered", _answered);
        _cancelled = codec.Contract("cancelled", _cancelled);
        _at = codec.Depot("at", _at);
        _lastOrder = (uint)codec.Integer("lastOrder", _lastOrder, 0, uint.MaxValue);
        _lastDocking = (uint)codec.Integer("lastDocking", _lastDocking, 0, uint.MaxValue);
        _order = codec.Optional("order", _order);
        Work = codec.Optional("work", Work);
        long state = codec.Integer("prng", unchecked((long)_prng.State), long.MinValue, long.MaxValue);
        _prng = new Prng(unchecked((ulong)state));
        _delayMilliseconds = codec.Number("delayMilliseconds", _delayMilliseconds);
        _calibration = codec.Share("calibration", _calibration);
        ContractId claimedFor = codec.Contract("claimedFor", _claimed.Contract);
        _claimed = (claimedFor, codec.Mass("claimed", _claimed.Cargo));
        _dug = codec.Optional("dug", _dug);
        _crowds = CrowdPrices.Shape(ref codec, "berths", _crowds);
        _hourWorth = codec.Money("hourWorth", _hourWorth);
        RegionId region = codec.Region("region", Region);
        if (codec.IsReading && region != Region)
        {
            Region = region;
            _link = LinkTo(region);
        }

        _homeSince = codec.Moment("homeSince", _homeSince);
        _sentTo = codec.Region("sentTo", _sentTo);
        _neighbourCalledAt = codec.Moment("neighbourCalledAt", _neighbourCalledAt);
        _neighbourPlace = codec.Number("neighbourPlace", _neighbourPlace);
        ShapeRepairs(ref codec);
        _link.Shape(ref codec);
        _self.Shape(ref codec);
        _scribe.Shape(ref codec);
        _experience.Shape(ref codec);
        _parent.Shape(ref codec);
        IsRetiring = codec.Flag("isRetiring", IsRetiring);
        IsRetired = codec.Flag("isRetired", IsRetired);
        if (_bay is not null)
        {
            _owed = codec.Mass("owed", _owed);
            _bay.Shape(ref codec);
        }

        _cores?.Shape(ref codec);
        codec.Close();
    }

    // Frames that were lost with a crash are in the link's queue; the order is repeated here, and carried out
    // once by its number. Nothing new is decided, so that a crash is no occasion to decide differently; but
    // what runs may be another core, and that is attested before it decides anything.
    private void Repeat()
    {
        _scribe.Start(_now, _bay?.Deciding() ?? []);
        if (_order is not null)
        {
            _outbox.Emit(new NodeEffect.Act(_lastOrder, _order));
        }

        if (_scribe.Log.AwaitsSignature)
        {
            EmitSign();
        }

        _bay?.Repeat();
        RepeatBirths();
        _cores?.Start(_now);
    }

    private void Receive(Instant now, Frame frame)
    {
        if (frame.To == Party.Of(Spec.Node))
        {
            Rehome(now, frame);
        }

        if (frame.To != Party.Of(Spec.Node) || frame.From != Party.Of(Region))
        {
            _outbox.Emit(new NodeEffect.Refuse(
                frame.From, 0, frame.To != Party.Of(Spec.Node) ? Refusal.NotForMe : Refusal.UnknownSender));
            return;
        }

        JournalPart? part = null;
        foreach (Message message in _link.Take(now, frame))
        {
            part = message is ReturnAdmitted admitted
                ? _scribe.Log.Admit(now, admitted.Blocks, admitted.From)
                : part;
            Handle(now, message);
        }

        bool owesAnswer = frame.Envelopes.Length > 0;
        Transmit(_link.Compose(now, hail: false, owesAnswer, part is null ? [] : [part]));
    }

    private void Handle(Instant now, Message message)
    {
        switch (message)
        {
            case Enrolled enrolled:
                if (enrolled.Epoch.Value > Epoch.Value)
                {
                    Record(new NodeFact.Joined(enrolled));
                }

                break;
            case Redirected redirected:
                if (ContactsOf(redirected.To) is not null && redirected.To != Region)
                {
                    Record(new NodeFact.SentAway(redirected.To));
                }

                break;
            case RequestForProposals requests:
                Answer(now, requests, Credits.Zero);
                break;
            case PricedRequests(var requests, var worth):
                Answer(now, requests, worth);
                break;
            case Award award:
                Take(now, award);
                break;
            case ContractClosed closed:
                Close(now, closed);
                break;
            case ContractCancelled cancelled:
                Hear(now, cancelled);
                break;
            case ExtensionAnswered answer:
                Hear(now, answer);
                break;
            case SitesTold told:
                Hear(told);
                break;
            case HelpEnded ended:
                Hear(now, ended);
                break;
            case SkillOrder order:
                Take(now, order);
                break;
            case BirthLeased lease:
                Hear(now, lease);
                break;
            case Retirement told:
                Hear(now, told);
                break;
            case SkillBytes bytes:
                _bay?.Take(bytes);
                _cores?.Take(bytes);
                break;
            case ReturnAdmitted:
                break; // Answered with the next part.
            case BlocksAsked asked when _scribe.Log.Ask(now, asked.Blocks):
                _outbox.Emit(new NodeEffect.ReadRaw(asked));
                break;
            case BlocksAsked:
                break; // Of a return that has been judged.
            case ReturnDeferred deferred:
                _scribe.Log.Defer(deferred.Blocks, deferred.NotBefore);
                break;
            case ReturnJudged judged:
                _scribe.Log.Receive(judged.Blocks, judged.Root, judged.Safe);
                break;
            default:
                _outbox.Emit(new NodeEffect.Refuse(
                    Party.Of(Region), message.Kind, Refusal.WrongDirection));
                break;
        }
    }

    private void Answer(Instant now, RequestForProposals requests, Credits worth)
    {
        if (requests.Cycle.Value <= _answered.Value || now >= requests.Closes || !IsEnrolled
            || IsRetiring)
        {
            return; // Answered already, or too late to count.
        }

        if (Work is null && !requests.Crowds.AsSpan().SequenceEqual(_crowds.AsSpan()))
        {
            Record(new NodeFact.CrowdsHeard(requests.Crowds));
        }

        if (Work is null && worth != _hourWorth)
        {
            Record(new NodeFact.HourHeard(worth));
        }

        NoBidReason blanket =
            Work is not null ? NoBidReason.Leased
            : IsBroken || _self.Wear(now) > Spec.Design.WearMax.Value ? NoBidReason.Worn
            : NoBidReason.None;
        (ImmutableArray<Bid> bids, ImmutableArray<SiteVisit> visits) = blanket != NoBidReason.None
            ? ([], [])
            : Price(now, requests);
        Record(new NodeFact.BidsMade(requests.Cycle));
        _ = _link.Queue(new BidSheet(requests.Cycle, blanket, bids), Priority.Market, requests.Closes);
        if (Crowds.AreFacesPosted && !visits.IsEmpty)
        {
            _ = _link.Queue(new SiteVisits(default, visits), Priority.Market, requests.Closes);
        }
    }

    private void Take(Instant now, Award award)
    {
        if (Work is { } work && work.Award.Contract == award.Contract && work.Award.Epoch == award.Epoch)
        {
            return; // The work in hand, awarded again by a hub that was restored: it has been accepted.
        }

        ReleaseReason? refusal = null;
        Itinerary? trip = null;
        if (now > award.AcceptBy)
        {
            refusal = ReleaseReason.TooLate;
        }
        else if (Work is not null)
        {
            refusal = ReleaseReason.Leased;
        }
        else if (IsCancelled(award.Contract) || IsRetiring)
        {
            refusal = ReleaseReason.Unable; // It was over before it came.
        }
        else if (IsEnrolled && !IsBroken && Fits(award.Request))
        {
            // The cheapest way that is in time for the contract, which may be due before the bounty is.
            Request inTime = award.Request with { Deadline = Stops(award).FloorSecond };
            trip = Navigator.Find(
                CostingAt(now), Place.Of(_at), now, inTime, _self.Propellant(now));
            refusal = trip is not null && MayDepart(now, trip) ? null : ReleaseReason.Unable;
        }

        if (refusal is { } reason || trip is null)
        {
            Send(new ContractReleased(award.Contract, award.Epoch, refusal ?? ReleaseReason.Unable));
            return;
        }

        Record(new NodeFact.WorkBegun(award, trip));
        Plan plan = PlanFor(now, trip, award.Contract);
        Record(new NodeFact.Planned(plan));
        Send(new AwardAccepted(award.Contract, award.Epoch, trip.Milestones(), plan));
        if (Crowds.AreFacesPosted && trip.Kind == WorkKind.Deliver)
        {
            Send(new SiteVisits(award.Contract, [Offers.Visit(Spec, award.Request.Bounty, trip)]));
        }

        Give(WorkFields.TakesParts(trip.Kind, trip.Quantity) || !trip.HasWayOut
            ? Loading(award, trip)
            : new Order.Fly(Place.Of(trip.Origin), trip.Via, trip.DepartsOut));
    }

    private void Close(Instant now, ContractClosed closed)
    {
        if (closed.Paid > Credits.Zero)
        {
            Record(new NodeFact.Paid(closed.Contract, closed.Paid));
        }

        BlameShortfall(now, closed);
        Calibrate(closed);
        bool isOurs = Work is { IsLapsed: false } && Work.Award.Contract == closed.Contract;
        if (isOurs && closed.Outcome is ContractOutcome.Expired or ContractOutcome.Released)
        {
            Lapse();
        }
        else if (isOurs && closed.Outcome == ContractOutcome.Cancelled)
        {
            _ = Stop(now);
        }
    }

    // A depot's scale is better than the node's own sensor: half of every new finding is believed.
    private void Calibrate(ContractClosed closed)
    {
        if (closed.Contract != _claimed.Contract || _claimed.Cargo == Grams.Zero
            || closed.Weighed == Grams.Zero)
        {
            return;
        }

        long found = (long)((Int128)closed.Weighed.Value * 1_000_000 / _claimed.Cargo.Value);
        long ratio = (_calibration.Value + found) / 2;
        Record(new NodeFact.Calibrated(
            new PartsPerMillion((int)Math.Clamp(ratio, 1_000_000 - CalibrationMax,
                1_000_000 + CalibrationMax))));
    }

    // Decided by the function that a hub will call again, and attested: whether propellant suffices is a
    // matter of safety.
    private bool MayDepart(Instant now, Itinerary trip) => _scribe.Decide<DepartureQuestion, DepartureAnswer>(
        now,
        DecisionClass.Safety,
        BuiltInDecisions.Departure,
        new DepartureQuestion(
            Grams.Max(Grams.Zero, _self.Propellant(now)),
            Grams.Zero,
            trip.Propellant,
            Spec.Design.PropellantReserve)).Leaves;

    // A hold takes what it is rated for and the margin.
    private Grams Room => Spec.Design.CargoMax.Share(new PartsPerMillion(1_000_000 + OverloadPpm));

    // What the sensor must show so that the scale will show the quantity, and a little more.
    private Grams Target(Instant now, Grams quantity)
    {
        ExtractionQuestion question = TargetOf(quantity);
        return _bay is null
            ? _scribe.Decide<ExtractionQuestion, ExtractionAnswer>(
                now, DecisionClass.Routine, BuiltInDecisions.Extraction, question).Target
            : DecideBySkill(now, question).Target;
    }

    private ExtractionQuestion TargetOf(Grams quantity) => new(
        quantity,
        Room,
        (int)(1_000_000_000_000 / _calibration.Value) - 1_000_000,
        OverloadPpm);

    private void Observe(Instant now, ImmutableArray<Reading> readings)
    {
        if (!IsEnrolled)
        {
            return; // Nobody expects anything of it yet.
        }

        foreach (Reading reading in readings)
        {
            LearnWear(reading);
            if (_self.Observe(now, reading) is { } revised)
            {
                Revise(new Plan(_self.NextPlan, ContractNow(), _self.Arrives, [revised]));
            }
        }
    }

    // From the way out to the way back: no depot has repaired anything in between.
    private void LearnWear(Reading reading)
    {
        if (reading is not { Variable: Variable.Wear, Value: >= 0 and <= Knot.ValueMax } || Work is null)
        {
            return;
        }

        if (Work.Stage == ContractStage.Outbound && !_experience.IsWatching)
        {
            Record(new NodeFact.WearSeen(reading.Value));
        }
        else if (Work.Stage == ContractStage.Inbound && _experience.IsWatching)
        {
            PartsPerMillion byDesign = Work.Trip.WearToSite(Spec.Design);
            if (_experience.Worn(reading.Value, byDesign) is { } ratio)
            {
                Record(new NodeFact.WearLearnt(ratio));
            }
        }
    }

    // Before the stage moves on: how long it took is in the trip as it was.
    private void LearnGrade(Instant now, Itinerary trip, Grams extracted)
    {
        PartsPerMillion assay = Spec.Chart.Grade(trip.Site, trip.Commodity);
        TimeSpan byAssay = Spec.Design.ExtractionTime(extracted, assay);
        TimeSpan taken = now - trip.ArrivesSite;
        Record(new NodeFact.Assayed(trip.Site, trip.Commodity, _experience.Assay(
            trip.Site, trip.Commodity, byAssay, taken)));
        var found = new SiteRatio(
            Spec.Home, trip.Site, trip.Commodity, Experience.Found(byAssay, taken));
        _ = _link.Queue(new SitesTold([found]), Priority.Report, Instant.Never);
        Show(trip, assay, byAssay, taken);
    }

    // It comes home with what it has: the scale says what that is, and what is missing is open again.
    private void Empty(uint number)
    {
        if (_order is not Order.Extract || number != _lastOrder)
        {
            return; // An old story.
        }

        SiteId site = Held().Trip.Site;
        Record(new NodeFact.SiteGaveOut(site));
        _ = _link.Queue(new SitesTold([SiteRatio.GaveOut(Spec.Home, site)]), Priority.Report, Instant.Never);
    }

    // Of its own rock only: on others it digs nothing.
    private void Hear(SitesTold told)
    {
        ImmutableArray<SiteRatio> own = told.Ratios.RemoveAll(ratio => ratio.Depot != Spec.Home);
        if (!own.IsEmpty)
        {
            Record(new NodeFact.SitesHeard(own));
        }
    }

    // What is aboard counts on the scale, and what is missing is open again; with nothing aboard the work is
    // of more use to somebody else.
    private void ComeHomeShort(Instant now, Work work)
    {
        Grams aboard = _self.Cargo(now);
        if (aboard.Value <= (long)Spec.Rules.DeadBands[(int)Variable.Cargo - 1])
        {
            if (!work.IsLapsed)
            {
                GiveBack(ReleaseReason.Unable);
            }

            Turn(now);
            return;
        }

        Record(new NodeFact.StageBegun(work.Trip with { Quantity = aboard }));
        Begin(now, ContractStage.Inbound);
    }

    private void Finish(Instant now, uint number, bool isShort = false)
    {
        if (_order is null || number != _lastOrder)
        {
            return; // An old story.
        }

        Order done = _order;
        Record(new NodeFact.OrderDone(number));
        Work work = Held();
        if (done is Order.Dock docked)
        {
            _scribe.Account(now, _self, docked);
            if (_dug is { } shown && docked.Contract != default)
            {
                _scribe.Dig(now, shown);
            }
        }
        else if (done is Order.Load loaded)
        {
            _scribe.Account(now, _self, loaded);
        }
        else if (done is Order.Build built)
        {
            _scribe.Account(now, _self, built);
        }
        else
        {
            _scribe.Account(now, _self, work.Trip.Site);
        }

        if (done is Order.Extract dug && now > work.Trip.ArrivesSite && !isShort)
        {
            LearnGrade(now, work.Trip, dug.Target.Share(_calibration)); // What a scale would show.
        }

        if (Stays(now, done))
        {
            return;
        }

        switch (done)
        {
            case Order.Fly when work.Stage == ContractStage.Outbound:
                // Parts are put in place, late or not: they are of no use anywhere else, and too heavy to
                // bring back.
                if (work.IsLapsed && !WorkFields.IsBoundForSite(work.Trip.Kind))
                {
                    Turn(now);
                }
                else
                {
                    Begin(now, ContractStage.Extracting);
                }

                break;
            case Order.Load when work.Trip.Kind == WorkKind.Transport:
                Carry(now);
                break;
            case Order.Load:
                Depart(now);
                break;
            case Order.Fly:
                Begin(now, ContractStage.Unloading);
                break;
            case Order.Halt when work.Stage == ContractStage.Outbound:
                Record(new NodeFact.WorkEnded()); // It never left.
                break;
            case Order.Survey or Order.Build or Order.Mend:
                Leave(); // What was to be done for it is done; it only comes home.
                Begin(now, ContractStage.Inbound);
                break;
            case Order.Extract when isShort:
                ComeHomeShort(now, work);
                break;
            case Order.Extract or Order.Halt:
                Begin(now, ContractStage.Inbound);
                break;
            case Order.Dock:
                if (!work.IsLapsed)
                {
                    _scribe.Leave(now, work.Award);
                }

                Record(new NodeFact.WorkEnded());
                break;
            default:
                throw new UnreachableException($"no rule for {done}");
        }
    }

    private void Begin(Instant now, ContractStage stage)
    {
        Itinerary trip = Navigator.Continue(Spec, _experience, Crowds, Held().Trip, stage, now);
        Record(new NodeFact.StageBegun(trip));
        bool slips = !Held().IsLapsed && trip.Unloaded > Stops(Held().Award);
        bool maySlip = slips && AsksForTime(now, trip);
        if (slips && !maySlip && stage == ContractStage.Extracting
            && !WorkFields.IsBoundForSite(trip.Kind))
        {
            // Nothing is aboard: the work is of more use to somebody else.
            GiveBack(ReleaseReason.Slipped);
            Turn(now);
            return;
        }

        bool givesUp = Held().IsLapsed && stage == ContractStage.Inbound;
        if (givesUp || (trip.Unloaded - _self.Arrives).Duration() > _slipMin)
        {
            Revise(PlanFor(now, trip, ContractNow()));
        }

        switch (stage)
        {
            case ContractStage.Extracting when trip.Kind == WorkKind.Survey:
                Give(new Order.Survey(trip.Site, trip.Commodity));
                break;
            case ContractStage.Extracting when trip.Kind == WorkKind.Build:
                Award award = Held().Award;
                Give(new Order.Build(trip.Site, _lastDocking + 1, award.Contract, award.Epoch));
                break;
            case ContractStage.Extracting when trip.Kind == WorkKind.Transport:
                Give(Loading(Held().Award, trip));
                break;
            case ContractStage.Extracting when trip.Kind == WorkKind.Repair:
                Award repair = Held().Award;
                Give(new Order.Mend(trip.Site, repair.Request.Bounty, repair.Contract, repair.Epoch));
                break;
            case ContractStage.Extracting:
                Give(new Order.Extract(trip.Site, trip.Commodity, Target(now, trip.Quantity)));
                break;
            case ContractStage.Inbound:
                Give(new Order.Fly(trip.Via, Place.Of(trip.Depot), trip.DepartsBack));
                break;
            default:
                Give(Docking(now, trip));
                break;
        }
    }

    private Order.Dock Docking(Instant now, Itinerary trip)
    {
        Award award = Held().Award;
        Grams wanted = Grams.Max(Grams.Zero, Spec.Design.PropellantMax - _self.Propellant(now));
        long wear = _self.Wear(now);
        var spares = new PartsPerMillion(wear >= Spec.Design.WearForSpares.Value ? (int)wear : 0);
        ContractId contract = _self.IsEmpty(now) || !IsForScale(trip) ? default : award.Contract;
        return new Order.Dock(
            trip.Depot, _lastDocking + 1, contract, award.Epoch, trip.Commodity, wanted, spares);
    }

    private void LapseIfDue(Instant now)
    {
        if (Work is { IsLapsed: false } && now >= Stops(Work.Award))
        {
            Lapse();
        }
    }

    private void Lapse()
    {
        Record(new NodeFact.Lapsed(Held().Award.Contract));
        _scribe.Leave(_now, Held().Award);
        if (_order is Order.Extract)
        {
            Give(new Order.Halt());
        }
    }

    private void GiveBack(ReleaseReason reason)
    {
        Award award = Held().Award;
        Send(new ContractReleased(award.Contract, award.Epoch, reason));
        Lapse();
    }

    private void Call(Instant now)
    {
        if (!_enrolAsked)
        {
            Plan idle = Idle(now);
            Record(new NodeFact.EnrolAsked(idle));
            MachineDesign design = Spec.Design;
            Send(new Enrol(Spec.PublicKey, design.Class, design.Generation, design.CargoMax, idle));
        }

        if (now < NextCall(now))
        {
            return;
        }

        // A window is open: the head of the journal is signed before the call, which then offers it.
        if (!_scribe.Log.AwaitsSignature && _scribe.Log.AskSignature(now))
        {
            EmitSign();
            return;
        }

        if (_self.Report() is { } report && _link.Queue(report, Priority.Report, Instant.Never))
        {
            Record(new NodeFact.DeviationsReported());
        }

        Frame? frame = _link.Call(now, Delay, Waiting(now), Offer(now));
        if (frame is not null)
        {
            Transmit(frame);
            Prng next = _prng;
            long window = _link.Plan.Length.Ticks / TimeSpan.TicksPerMillisecond;
            int delay = (int)next.Below(Math.Min(DelayMillisecondsMax, 1 + (window / 8)));
            Record(new NodeFact.DelayDrawn(next.State, delay));
        }
    }

    private Instant Alarm(Instant now)
    {
        Instant call = Instant.Min(NextCall(now), NextNeighbourCall(now));
        call = Instant.Min(call, Instant.Max(now, NextHelp));
        call = Instant.Min(call, NextCare(now));
        call = Instant.Min(call, Instant.Max(now, _bay?.NextWake ?? Instant.Never));
        call = Instant.Min(call, Instant.Max(now, _cores?.NextWake ?? Instant.Never));
        return Work is { IsLapsed: false } ? Instant.Min(call, Instant.Max(now, Stops(Work.Award))) : call;
    }

    private Instant NextCall(Instant now) => IsRetired ? Instant.Never
        : Instant.Max(_link.NextCall(now, Delay, Waiting(now)), _scribe.Log.WaitsUntil);

    private Pending Waiting(Instant now) =>
        _scribe.Log.IsUnderWay(now) || _bay is { IsFetching: true } || _cores is { IsFetching: true }
            ? Pending.Exchange : Pending.None;

    // A hub that has all of a return judges it in its own time, and hears of it again only in case it was
    // restored from an older state.
    private Message[] Offer(Instant now)
    {
        bool reminds = _link.Plan.WindowNumber(now) % RemindWindows == 0;
        Message[] offer = _scribe.Log.Offering(now, reminds);
        return AskedBytes is { } asked ? [asked, .. offer] : offer;
    }

    // What was read for an audit; one that does not fit the frame will be asked for again.
    private void Show(Instant now, ImmutableArray<BlockShown> shown)
    {
        if (shown.Length is > 0 and <= BlocksAsked.PlacesMax && shown[0].Blocks == _scribe.Log.OfferedBlocks)
        {
            Transmit(_link.Compose(now, hail: false, owesAnswer: false, [.. shown]));
        }
    }

    private void EmitSign()
    {
        (ulong blocks, byte[] text) = _scribe.Log.ToSign();
        ReadOnlySpan<byte> key = _scribe.Log.Key;
        _outbox.Emit(key.SequenceEqual(Spec.PublicKey)
            ? new NodeEffect.Sign(blocks, text) : new NodeEffect.SignBy(key.ToArray(), blocks, text));
    }

    private void SignHead(ulong blocks, byte[] signature)
    {
        bool wasChanging = _scribe.Log.IsChanging;
        if (_scribe.Log.Sign(blocks, signature) && wasChanging && !_scribe.Log.IsChanging)
        {
            _outbox.Emit(new NodeEffect.KeySettled(_scribe.Log.Key.ToArray()));
        }
    }

    // The key speaks for the node already; here it is told to whoever reads the journal. What cannot be
    // written now is told again.
    private void FollowKey(Instant now, byte[] key)
    {
        if (_enrolAsked && _scribe.Log.ChangeKey(now, key) && !_scribe.Log.IsChanging)
        {
            _outbox.Emit(new NodeEffect.KeySettled(key));
        }
    }

    private Costing CostingAt(Instant now) => new(Spec, _experience, Worn(now), Crowds, _hourWorth);

    // A hub of another region knows nothing of its rock.
    private CrowdView Crowds => new(
        Spec.Rules.ArePricedBerths, Spec.Rules.ArePricedFaces && Region == Spec.Region, _crowds);

    // A random part of a minute after the window opens, so that neighbours do not collide for ever.
    private TimeSpan Delay => TimeSpan.FromMilliseconds(_delayMilliseconds);

    private Plan Idle(Instant now) => Hold(now, 1, 0, Spec.Design.PropellantMax.Value, 0, 0);

    // What it expects of itself while it waits: no change.
    private Plan Hold(Instant now) => Hold(now, _self.Wear(now));

    private Plan Hold(Instant now, long wear) => Hold(
        now, _self.NextPlan, _self.Cargo(now).Value, _self.Propellant(now).Value, wear,
        _self.Twin.At(Variable.Position, now.FloorSecond));

    private static Plan Hold(
        Instant now, uint number, long cargo, long propellant, long wear, long position)
    {
        Instant start = now.FloorSecond;
        return new Plan(
            number,
            default,
            start,
            [
                new Track(Variable.Cargo, [new Knot(start, cargo)]),
                new Track(Variable.Propellant, [new Knot(start, propellant)]),
                new Track(Variable.Wear, [new Knot(start, wear)]),
                new Track(Variable.Position, [new Knot(start, position)]),
            ]);
    }

    private Plan PlanFor(Instant now, Itinerary trip, ContractId contract) =>
        trip.ToPlan(_self.NextPlan, contract, now, _self.Twin, Spec);

    private void Revise(Plan plan)
    {
        Record(new NodeFact.Planned(plan));
        _ = _link.Queue(new PlanRevised(plan), Priority.Report, Instant.Never);
    }

    private void Give(Order order)
    {
        Record(new NodeFact.Ordered(_lastOrder + 1, order));
        _outbox.Emit(new NodeEffect.Act(_lastOrder, order));
    }

    private void Send(Message message) => _ = _link.Queue(message, Priority.Contract, Instant.Never);

    private void Transmit(Frame? frame)
    {
        if (frame is not null)
        {
            _outbox.Emit(new NodeEffect.Transmit(frame));
        }
    }

    private Work Held()
    {
        Invariant.Holds(Work is not null);
        return Work;
    }

    private ContractId ContractNow() => Work is { IsLapsed: false } ? Work.Award.Contract : default;

    // What it shows of its wear; a sensor may show anything.
    private PartsPerMillion Worn(Instant now) =>
        new((int)Math.Clamp(_self.Wear(now), 0, HazardLaw.WearMax));

    // The hub counts on nothing after the due time by any clock.
    private Instant Stops(Award award) => award.Due - Spec.Rules.ClockErrorMax;

    // The award can reach the node in its first window after the batch is opened.
    private Instant EarliestStart(Instant closes) =>
        (
            _link.Plan.NextOpening(
                closes) + Spec.Rules.ClockErrorMax + TimeSpan.FromMinutes(10)).CeilingSecond;

    private void Record(NodeFact fact)
    {
        Apply(fact);
        _outbox.Record(fact);
        _scribe.Hear(_now, fact);
    }
}

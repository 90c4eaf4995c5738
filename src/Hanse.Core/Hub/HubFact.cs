using System.Collections.Immutable;
using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Ledger;
using Hanse.Core.Links;
using Hanse.Core.Market;
using Hanse.Core.Merge;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Hub;

/// <summary>Everything a hub remembers.</summary>
public abstract record HubFact : IShaped<HubFact>
{
    private HubFact()
    {
    }

    /// <summary>The hub asked for its charter.</summary>
    public sealed record CharterAsked : HubFact;

    /// <summary>The hub has its authority.</summary>
    public sealed record Chartered(Epoch Epoch) : HubFact;

    /// <summary>A node belongs to the region.</summary>
    public sealed record NodeEnrolled(NodeId Node, Epoch Epoch, Enrol Enrol) : HubFact;

    /// <summary>Something about the link to a node.</summary>
    public sealed record NodeLink(NodeId Node, LinkFact Fact) : HubFact;

    /// <summary>Something about the link to the strategic layer.</summary>
    public sealed record StrategyLink(LinkFact Fact) : HubFact;

    /// <summary>Something about the market.</summary>
    public sealed record Market(MarketFact Fact) : HubFact;

    /// <summary>Credits moved in the hub's books.</summary>
    public sealed record Posted(Posting Posting) : HubFact;

    /// <summary>A transfer of the strategic layer's is in these books.</summary>
    /// <param name="Transfer">By the strategic layer's count.</param>
    /// <param name="To">The account it is for.</param>
    /// <param name="Amount">What it brings.</param>
    public sealed record TransferReceived(TransferId Transfer, AccountId To, Credits Amount) : HubFact;

    /// <summary>A transfer to the strategic layer began.</summary>
    /// <param name="Transfer">By this hub's count.</param>
    /// <param name="Bounty">Whose escrow it takes home.</param>
    /// <param name="Amount">What it takes.</param>
    public sealed record TransferSent(TransferId Transfer, BountyId Bounty, Credits Amount) : HubFact;

    /// <summary>A transfer to the strategic layer began: lots that nobody holds go back, with their
    /// worth.</summary>
    /// <param name="Transfer">By this hub's count.</param>
    /// <param name="Bounty">Whose escrow is less by it.</param>
    /// <param name="Quantity">How much of it goes back.</param>
    /// <param name="Amount">What the transfer takes.</param>
    public sealed record LotsSent(TransferId Transfer, BountyId Bounty, Grams Quantity, Credits Amount)
        : HubFact;

    /// <summary>A node's plan is in its twin.</summary>
    public sealed record PlanTaken(NodeId Node, Plan Plan) : HubFact;

    /// <summary>A node's deviations are in its twin.</summary>
    public sealed record DeviationsTaken(NodeId Node, DeviationReport Report) : HubFact;

    /// <summary>A docked node was served.</summary>
    public sealed record Served(NodeId Node, uint Docking, Grams Propellant,
        PartsPerMillion Spares) : HubFact;

    /// <summary>A node told what it dug somewhere.</summary>
    public sealed record SiteTold(NodeId Node, SiteRatio Ratio) : HubFact;

    /// <summary>A node is being told what is believed of sites, up to a version of that.</summary>
    public sealed record SitesPosted(NodeId Node, ulong Version) : HubFact;

    /// <summary>A digest of the region is on its way.</summary>
    public sealed record DigestSent(Instant At) : HubFact;

    /// <summary>The hub's authority is over: it gives out no more work. A successor has what it had; zero
    /// when there is none.</summary>
    public sealed record Relieved(Epoch Epoch, RegionId Successor) : HubFact;

    /// <summary>A node is to go to another region when it holds no more work.</summary>
    public sealed record NodeRecalled(NodeId Node, RegionId To) : HubFact;

    /// <summary>It belongs to another region, and its credits with it.</summary>
    public sealed record NodeReleased(NodeId Node, Credits Balance) : HubFact;

    /// <summary>A node of another region belongs here.</summary>
    public sealed record NodeAdopted(NodeAssigned Assigned) : HubFact;

    /// <summary>It has called.</summary>
    public sealed record NodeArrived(NodeId Node, Instant At) : HubFact;

    /// <summary>Something about the hub's own attested journal.</summary>
    public sealed record Log(LogFact Fact) : HubFact;

    /// <summary>Something about the return of a node.</summary>
    public sealed record Reconcile(ReconcileFact Fact) : HubFact;

    /// <summary>Something about what the fleet decided and its nodes did.</summary>
    public sealed record Merge(MergeFact Fact) : HubFact;

    /// <summary>Something about what an operator has to look at.</summary>
    public sealed record Review(ReviewFact Fact) : HubFact;

    /// <summary>A node was given parts at a depot, or what it has put in place at a site was looked
    /// at.</summary>
    /// <param name="Node">Who.</param>
    /// <param name="Docking">The node's count of its dockings, in which these count too.</param>
    /// <param name="Issued">The parts it was given; nothing for what was looked at.</param>
    public sealed record Handled(NodeId Node, uint Docking, Grams Issued) : HubFact;

    /// <summary>A node that may bid was shown where it is going to be crowded.</summary>
    public sealed record CrowdsShown(NodeId Node, ImmutableArray<CrowdPrice> Prices) : HubFact;

    /// <summary>A node that accepted a contract has said when it comes to a berth.</summary>
    public sealed record BerthBooked(NodeId Node, Booking Booking) : HubFact;

    /// <summary>A node has paid for its berth, as far as it could; its booking is used up.</summary>
    public sealed record Tolled(NodeId Node, uint Docking, Credits Amount) : HubFact;

    /// <summary>A node that has bid in the open batch has said where it means to dig.</summary>
    public sealed record VisitsHeard(NodeId Node, ImmutableArray<SiteVisit> Visits) : HubFact;

    /// <summary>A node that accepted a contract has said where and when it digs.</summary>
    public sealed record FaceBooked(NodeId Node, Booking Booking, SiteVisit Visit) : HubFact;

    /// <summary>A node has paid for its face, as far as it could; its booking is used up.</summary>
    public sealed record FaceTolled(NodeId Node, uint Docking, Credits Amount) : HubFact;

    /// <summary>The strategic layer told how far a release is to go.</summary>
    public sealed record RolloutTold(Messages.RolloutTold Rollout) : HubFact;

    /// <summary>A node is to run a release, or to let it go.</summary>
    public sealed record SkillOrdered(NodeId Node, SkillOrder Order) : HubFact;

    /// <summary>A node told what became of a release.</summary>
    public sealed record SkillReported(NodeId Node, SkillReport Report) : HubFact;

    /// <summary>Something about births.</summary>
    public sealed record Birth(BirthFact Fact) : HubFact;

    /// <summary>A node is to end its service, by an operator's word.</summary>
    /// <param name="Node">Which.</param>
    /// <param name="IsLost">Whether it will not be heard again: nothing is waited for that it could
    /// say.</param>
    public sealed record NodeRetiring(NodeId Node, bool IsLost) : HubFact;

    /// <summary>A node's service is over: it holds nothing, and what it owned is the region's.</summary>
    public sealed record NodeRetired(NodeId Node, Credits Balance) : HubFact;

    /// <inheritdoc/>
    public static HubFact Shape<TCodec>(ref TCodec codec, HubFact? value)
        where TCodec : struct, ICodec
    {
        long tag = codec.Case("hub", Tag(value), 38);
        HubFact fact;
        switch (tag)
        {
            case 1:
                codec.Open("charterAsked", 0);
                fact = value ?? new CharterAsked();
                break;
            case 2:
                var chartered = (Chartered?)value;
                codec.Open("chartered", 1);
                Epoch charter = codec.Epoch("epoch", chartered?.Epoch ?? default);
                fact = chartered ?? new Chartered(charter);
                break;
            case 3:
                var enrolled = (NodeEnrolled?)value;
                codec.Open("nodeEnrolled", 3);
                NodeId who = codec.Node("node", enrolled?.Node ?? default);
                Epoch epoch = codec.Epoch("epoch", enrolled?.Epoch ?? default);
                Enrol enrol = Enrol.Shape(ref codec, enrolled?.Enrol);
                fact = enrolled ?? new NodeEnrolled(who, epoch, enrol);
                break;
            case 4:
                var link = (NodeLink?)value;
                codec.Open("nodeLink", 3);
                NodeId peer = codec.Node("node", link?.Node ?? default);
                LinkFact linkFact = LinkFact.Shape(ref codec, link?.Fact);
                fact = link ?? new NodeLink(peer, linkFact);
                break;
            case 5:
                var up = (StrategyLink?)value;
                codec.Open("strategyLink", 2);
                LinkFact upFact = LinkFact.Shape(ref codec, up?.Fact);
                fact = up ?? new StrategyLink(upFact);
                break;
            case 6:
                var market = (Market?)value;
                codec.Open("market", 2);
                MarketFact marketFact = MarketFact.Shape(ref codec, market?.Fact);
                fact = market ?? new Market(marketFact);
                break;
            case 7:
                var posted = (Posted?)value;
                codec.Open("posted", 1);
                Posting posting = Posting.Shape(ref codec, posted?.Posting);
                fact = posted ?? new Posted(posting);
                break;
            case 8:
                var received = (TransferReceived?)value;
                codec.Open("transferReceived", 3);
                TransferId inward = codec.Transfer("transfer", received?.Transfer ?? default);
                AccountId into = AccountId.Shape(ref codec, "to", received?.To ?? default);
                Credits brought = codec.Money("amount", received?.Amount ?? default);
                fact = received ?? new TransferReceived(inward, into, brought);
                break;
            case 9:
                var sent = (TransferSent?)value;
                codec.Open("transferSent", 3);
                TransferId outward = codec.Transfer("transfer", sent?.Transfer ?? default);
                BountyId emptied = codec.Bounty("bounty", sent?.Bounty ?? default);
                Credits amount = codec.Money("amount", sent?.Amount ?? default);
                fact = sent ?? new TransferSent(outward, emptied, amount);
                break;
            case 10:
                var planned = (PlanTaken?)value;
                codec.Open("planTaken", 2);
                NodeId planner = codec.Node("node", planned?.Node ?? default);
                Plan plan = Plan.Shape(ref codec, planned?.Plan);
                fact = planned ?? new PlanTaken(planner, plan);
                break;
            case 11:
                var deviated = (DeviationsTaken?)value;
                codec.Open("deviationsTaken", 2);
                NodeId deviator = codec.Node("node", deviated?.Node ?? default);
                DeviationReport report = DeviationReport.Shape(ref codec, deviated?.Report);
                fact = deviated ?? new DeviationsTaken(deviator, report);
                break;
            case 12:
                var served = (Served?)value;
                codec.Open("served", 4);
                NodeId guest = codec.Node("node", served?.Node ?? default);
                uint docking = (uint)codec.Integer("docking", served?.Docking ?? 0, 0, uint.MaxValue);
                Grams propellant = codec.Mass("propellant", served?.Propellant ?? default);
                PartsPerMillion spares = codec.Share("spares", served?.Spares ?? default);
                fact = served ?? new Served(guest, docking, propellant, spares);
                break;
            case 14:
                var reconcile = (Reconcile?)value;
                codec.Open("reconcile", 2);
                ReconcileFact reconcileFact = ReconcileFact.Shape(ref codec, reconcile?.Fact);
                fact = reconcile ?? new Reconcile(reconcileFact);
                break;
            case 16:
                var relieved = (Relieved?)value;
                codec.Open("relieved", 2);
                Epoch over = codec.Epoch("epoch", relieved?.Epoch ?? default);
                RegionId successor = codec.Region("successor", relieved?.Successor ?? default);
                fact = relieved ?? new Relieved(over, successor);
                break;
            case 19:
                var recalled = (NodeRecalled?)value;
                codec.Open("nodeRecalled", 2);
                NodeId wanted = codec.Node("node", recalled?.Node ?? default);
                RegionId elsewhere = codec.Region("to", recalled?.To ?? default);
                fact = recalled ?? new NodeRecalled(wanted, elsewhere);
                break;
            case 20:
                var released = (NodeReleased?)value;
                codec.Open("nodeReleased", 2);
                NodeId gone = codec.Node("node", released?.Node ?? default);
                Credits along = codec.Money("balance", released?.Balance ?? default);
                fact = released ?? new NodeReleased(gone, along);
                break;
            case 21:
                var adopted = (NodeAdopted?)value;
                codec.Open("nodeAdopted", 1);
                NodeAssigned assigned = NodeAssigned.Shape(ref codec, adopted?.Assigned);
                fact = adopted ?? new NodeAdopted(assigned);
                break;
            case 22:
                var arrived = (NodeArrived?)value;
                codec.Open("nodeArrived", 2);
                NodeId newcomer = codec.Node("node", arrived?.Node ?? default);
                Instant arrivedAt = codec.Moment("at", arrived?.At ?? default);
                fact = arrived ?? new NodeArrived(newcomer, arrivedAt);
                break;
            case 15:
                var log = (Log?)value;
                codec.Open("log", 2);
                LogFact logFact = LogFact.Shape(ref codec, log?.Fact);
                fact = log ?? new Log(logFact);
                break;
            case 17:
                var merge = (Merge?)value;
                codec.Open("merge", 2);
                MergeFact mergeFact = MergeFact.Shape(ref codec, merge?.Fact);
                fact = merge ?? new Merge(mergeFact);
                break;
            case 18:
                var review = (Review?)value;
                codec.Open("review", 2);
                ReviewFact reviewFact = ReviewFact.Shape(ref codec, review?.Fact);
                fact = review ?? new Review(reviewFact);
                break;
            case 23:
                var lots = (LotsSent?)value;
                codec.Open("lotsSent", 4);
                TransferId lotsBy = codec.Transfer("transfer", lots?.Transfer ?? default);
                BountyId lotsOf = codec.Bounty("bounty", lots?.Bounty ?? default);
                Grams lotsMass = codec.Mass("quantity", lots?.Quantity ?? default);
                Credits lotsWorth = codec.Money("amount", lots?.Amount ?? default);
                fact = lots ?? new LotsSent(lotsBy, lotsOf, lotsMass, lotsWorth);
                break;
            case 24:
                var site = (SiteTold?)value;
                codec.Open("siteTold", 2);
                NodeId teller = codec.Node("node", site?.Node ?? default);
                SiteRatio dug = SiteRatio.Shape(ref codec, site?.Ratio);
                fact = site ?? new SiteTold(teller, dug);
                break;
            case 25:
                var news = (SitesPosted?)value;
                codec.Open("sitesPosted", 2);
                NodeId told = codec.Node("node", news?.Node ?? default);
                ulong version = codec.Count("version", news?.Version ?? 0);
                fact = news ?? new SitesPosted(told, version);
                break;
            case 26:
                var handled = (Handled?)value;
                codec.Open("handled", 3);
                NodeId handledOf = codec.Node("node", handled?.Node ?? default);
                uint handling = (uint)codec.Integer("docking", handled?.Docking ?? 0, 0, uint.MaxValue);
                Grams issued = codec.Mass("issued", handled?.Issued ?? default);
                fact = handled ?? new Handled(handledOf, handling, issued);
                break;
            case 27:
                var shown = (CrowdsShown?)value;
                codec.Open("berthsShown", 2);
                NodeId viewer = codec.Node("node", shown?.Node ?? default);
                ImmutableArray<CrowdPrice> prices =
                    CrowdPrices.Shape(ref codec, "prices", shown?.Prices ?? []);
                fact = shown ?? new CrowdsShown(viewer, prices);
                break;
            case 28:
                var booked = (BerthBooked?)value;
                codec.Open("berthBooked", 2);
                NodeId booker = codec.Node("node", booked?.Node ?? default);
                Booking booking = Booking.Shape(ref codec, booked?.Booking);
                fact = booked ?? new BerthBooked(booker, booking);
                break;
            case 29:
                var tolled = (Tolled?)value;
                codec.Open("tolled", 3);
                NodeId payer = codec.Node("node", tolled?.Node ?? default);
                uint berthing = (uint)codec.Integer("docking", tolled?.Docking ?? 0, 0, uint.MaxValue);
                Credits toll = codec.Money("amount", tolled?.Amount ?? default);
                fact = tolled ?? new Tolled(payer, berthing, toll);
                break;
            case 30:
                var heard = (VisitsHeard?)value;
                codec.Open("visitsHeard", 2);
                NodeId visitor = codec.Node("node", heard?.Node ?? default);
                ImmutableArray<SiteVisit> visits = codec.List(
                    "visits", heard?.Visits ?? [], RequestForProposals.RequestsMax);
                fact = heard ?? new VisitsHeard(visitor, visits);
                break;
            case 31:
                var face = (FaceBooked?)value;
                codec.Open("faceBooked", 3);
                NodeId digger = codec.Node("node", face?.Node ?? default);
                Booking faceBooking = Booking.Shape(ref codec, face?.Booking);
                SiteVisit visit = SiteVisit.Shape(ref codec, face?.Visit);
                fact = face ?? new FaceBooked(digger, faceBooking, visit);
                break;
            case 33:
                var rolled = (RolloutTold?)value;
                codec.Open("rolloutTold", 1);
                Messages.RolloutTold rollout = Messages.RolloutTold.Shape(ref codec, rolled?.Rollout);
                fact = rolled ?? new RolloutTold(rollout);
                break;
            case 34:
                var ordered = (SkillOrdered?)value;
                codec.Open("skillOrdered", 2);
                NodeId runner = codec.Node("node", ordered?.Node ?? default);
                SkillOrder order = SkillOrder.Shape(ref codec, ordered?.Order);
                fact = ordered ?? new SkillOrdered(runner, order);
                break;
            case 35:
                var reported = (SkillReported?)value;
                codec.Open("skillReported", 2);
                NodeId reporter = codec.Node("node", reported?.Node ?? default);
                SkillReport became = SkillReport.Shape(ref codec, reported?.Report);
                fact = reported ?? new SkillReported(reporter, became);
                break;
            case 36:
                var birth = (Birth?)value;
                codec.Open("birth", 2);
                BirthFact birthFact = BirthFact.Shape(ref codec, birth?.Fact);
                fact = birth ?? new Birth(birthFact);
                break;
            case 37:
                var retiring = (NodeRetiring?)value;
                codec.Open("nodeRetiring", 2);
                NodeId goes = codec.Node("node", retiring?.Node ?? default);
                bool isLost = codec.Flag("isLost", retiring?.IsLost ?? false);
                fact = retiring ?? new NodeRetiring(goes, isLost);
                break;
            case 38:
                var retired = (NodeRetired?)value;
                codec.Open("nodeRetired", 2);
                NodeId ended = codec.Node("node", retired?.Node ?? default);
                Credits owned = codec.Money("balance", retired?.Balance ?? default);
                fact = retired ?? new NodeRetired(ended, owned);
                break;
            case 32:
                var faceTolled = (FaceTolled?)value;
                codec.Open("faceTolled", 3);
                NodeId facePayer = codec.Node("node", faceTolled?.Node ?? default);
                uint after = (uint)codec.Integer("docking", faceTolled?.Docking ?? 0, 0, uint.MaxValue);
                Credits faceToll = codec.Money("amount", faceTolled?.Amount ?? default);
                fact = faceTolled ?? new FaceTolled(facePayer, after, faceToll);
                break;
            default:
                var digest = (DigestSent?)value;
                codec.Open("digestSent", 1);
                Instant at = codec.Moment("at", digest?.At ?? default);
                fact = digest ?? new DigestSent(at);
                break;
        }

        codec.Close();
        return fact;
    }

    private static long Tag(HubFact? fact) => fact switch
    {
        null => 0,
        CharterAsked => 1,
        Chartered => 2,
        NodeEnrolled => 3,
        NodeLink => 4,
        StrategyLink => 5,
        Market => 6,
        Posted => 7,
        TransferReceived => 8,
        TransferSent => 9,
        PlanTaken => 10,
        DeviationsTaken => 11,
        Served => 12,
        DigestSent => 13,
        Reconcile => 14,
        Log => 15,
        Relieved => 16,
        Merge => 17,
        Review => 18,
        NodeRecalled => 19,
        NodeReleased => 20,
        NodeAdopted => 21,
        NodeArrived => 22,
        LotsSent => 23,
        SiteTold => 24,
        SitesPosted => 25,
        Handled => 26,
        CrowdsShown => 27,
        BerthBooked => 28,
        Tolled => 29,
        VisitsHeard => 30,
        FaceBooked => 31,
        FaceTolled => 32,
        RolloutTold => 33,
        SkillOrdered => 34,
        SkillReported => 35,
        Birth => 36,
        NodeRetiring => 37,
        NodeRetired => 38,
        _ => throw new UnreachableException(),
    };
}

using System.Collections.Immutable;
using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Node;

/// <summary>Everything a node remembers.</summary>
public abstract record NodeFact : IShaped<NodeFact>
{
    private NodeFact()
    {
    }

    /// <summary>The node made its first plan and asked to belong.</summary>
    public sealed record EnrolAsked(Plan Plan) : NodeFact;

    /// <summary>It belongs.</summary>
    public sealed record Joined(Enrolled Enrolled) : NodeFact;

    /// <summary>It belongs to another region now, whose hub it calls.</summary>
    /// <param name="Enrolled">What the hub said.</param>
    /// <param name="At">When it was heard.</param>
    public sealed record Rehomed(Enrolled Enrolled, Instant At) : NodeFact;

    /// <summary>Its hub said what others found at sites of its rock.</summary>
    public sealed record SitesHeard(ImmutableArray<SiteRatio> Ratios) : NodeFact;

    /// <summary>A site where it dug has given out.</summary>
    public sealed record SiteGaveOut(SiteId Site) : NodeFact;

    /// <summary>Its hub said where to call.</summary>
    public sealed record SentAway(RegionId To) : NodeFact;

    /// <summary>It called a hub that may have taken it over.</summary>
    public sealed record NeighbourCalled(Instant At, int Place) : NodeFact;

    /// <summary>Something about the link to the hub.</summary>
    public sealed record Link(LinkFact Fact) : NodeFact;

    /// <summary>A random delay was drawn for the next call.</summary>
    public sealed record DelayDrawn(ulong Prng, int Milliseconds) : NodeFact;

    /// <summary>A cycle's requests were answered.</summary>
    public sealed record BidsMade(CycleNumber Cycle) : NodeFact;

    /// <summary>The node's own prediction of itself was replaced, or part of it.</summary>
    public sealed record Planned(Plan Plan) : NodeFact;

    /// <summary>A variable left its dead band; not reported yet.</summary>
    public sealed record Deviated(Deviation Deviation) : NodeFact;

    /// <summary>All deviations so far are in the queue to the hub.</summary>
    public sealed record DeviationsReported : NodeFact;

    /// <summary>A contract was taken on.</summary>
    public sealed record WorkBegun(Award Award, Itinerary Trip) : NodeFact;

    /// <summary>A stage of the work began.</summary>
    public sealed record StageBegun(Itinerary Trip) : NodeFact;

    /// <summary>The node holds the contract no longer; it brings home what is aboard.</summary>
    public sealed record Lapsed(ContractId Contract) : NodeFact;

    /// <summary>The work is over; the node waits at a depot.</summary>
    public sealed record WorkEnded : NodeFact;

    /// <summary>The machine was given an order.</summary>
    public sealed record Ordered(uint Number, Order Order) : NodeFact;

    /// <summary>It is done with it.</summary>
    public sealed record OrderDone(uint Number) : NodeFact;

    /// <summary>The hub closed a contract and paid.</summary>
    public sealed record Paid(ContractId Contract, Credits Amount) : NodeFact;

    /// <summary>A depot's scale told the node how far its own cargo sensor is off.</summary>
    /// <param name="Ratio">Weighed over claimed, smoothed.</param>
    public sealed record Calibrated(PartsPerMillion Ratio) : NodeFact;

    /// <summary>A site was found richer or poorer than its assay: by this.</summary>
    public sealed record Assayed(SiteId Site, Commodity Commodity, PartsPerMillion Ratio) : NodeFact;

    /// <summary>The wear that the sensor showed as a trip began.</summary>
    public sealed record WearSeen(long Wear) : NodeFact;

    /// <summary>The machine wears more or less than its design: by this.</summary>
    public sealed record WearLearnt(PartsPerMillion Ratio) : NodeFact;

    /// <summary>Something about the attested journal.</summary>
    public sealed record Log(LogFact Fact) : NodeFact;

    /// <summary>A stage is over: what is aboard now is in the attested journal, and what moved since the
    /// stage before it too.</summary>
    public sealed record Accounted(Grams Cargo, Grams Propellant, long Wear) : NodeFact;

    /// <summary>The plan slips past the due time, and the hub was asked for a later one.</summary>
    public sealed record ExtensionAsked(ContractId Contract, Instant Due) : NodeFact;

    /// <summary>The contract under way is due later.</summary>
    public sealed record Extended(ContractId Contract, Epoch Epoch, Instant Due) : NodeFact;

    /// <summary>A contract was cancelled that the node does not hold; its award may still come.</summary>
    public sealed record CancelHeard(ContractId Contract) : NodeFact;

    /// <summary>A survey is made, and told to the hub.</summary>
    public sealed record Surveyed(ContractId Contract, Finding Finding) : NodeFact;

    /// <summary>An extraction showed what its site yields; attested when a scale has weighed it.</summary>
    public sealed record Dug(Finding Finding) : NodeFact;

    /// <summary>What is posted of crowds, when it differs from what was known.</summary>
    public sealed record CrowdsHeard(ImmutableArray<CrowdPrice> Prices) : NodeFact;

    /// <summary>The machine is broken: it cannot fly or dig.</summary>
    public sealed record BrokeDown(FaultClass Fault, Instant At) : NodeFact;

    /// <summary>The node called for help.</summary>
    public sealed record HelpCalled(uint Number, Instant Until) : NodeFact;

    /// <summary>Another machine mended it; its hub has not heard of that.</summary>
    /// <param name="Contract">Of the other machine.</param>
    /// <param name="Relief">Wear that is undone.</param>
    public sealed record Mended(ContractId Contract, PartsPerMillion Relief) : NodeFact;

    /// <summary>Its hub said that a call for help is over.</summary>
    /// <param name="Number">Which.</param>
    /// <param name="Outcome">Why.</param>
    /// <param name="From">When it may call again.</param>
    public sealed record HelpEnded(uint Number, HelpOutcome Outcome, Instant From) : NodeFact;

    /// <summary>Its hub has heard that it was mended: what is undone is in the attested journal.</summary>
    public sealed record RepairAttested(ContractId Contract) : NodeFact;

    /// <summary>The hub posts what an hour of a node is worth.</summary>
    public sealed record HourHeard(Credits Worth) : NodeFact;

    /// <summary>A function stands elsewhere: a release was ordered, fetched, tried, or let go.</summary>
    public sealed record SkillMoved(SkillSlot Slot) : NodeFact;

    /// <summary>A question that a function was asked is kept, to ask a new release.</summary>
    public sealed record QuestionKept(SkillFunction Function, byte[] Question) : NodeFact;

    /// <summary>Something about machines that it bears.</summary>
    public sealed record Birth(NodeBirthFact Fact) : NodeFact;

    /// <summary>It was told to take on nothing more, or that its service is over.</summary>
    public sealed record Retiring(bool IsOver) : NodeFact;

    /// <inheritdoc/>
    public static NodeFact Shape<TCodec>(ref TCodec codec, NodeFact? value)
        where TCodec : struct, ICodec
    {
        long tag = codec.Case("node", Tag(value), 42);
        NodeFact fact;
        switch (tag)
        {
            case 1:
                var asked = (EnrolAsked?)value;
                codec.Open("enrolAsked", 1);
                Plan first = Plan.Shape(ref codec, asked?.Plan);
                fact = asked ?? new EnrolAsked(first);
                break;
            case 2:
                var joined = (Joined?)value;
                codec.Open("joined", 1);
                Enrolled enrolled = Enrolled.Shape(ref codec, joined?.Enrolled);
                fact = joined ?? new Joined(enrolled);
                break;
            case 3:
                var link = (Link?)value;
                codec.Open("link", 2);
                LinkFact linkFact = LinkFact.Shape(ref codec, link?.Fact);
                fact = link ?? new Link(linkFact);
                break;
            case 4:
                var drawn = (DelayDrawn?)value;
                codec.Open("delayDrawn", 2);
                ulong prng = unchecked((ulong)codec.Integer(
                    "prng", unchecked((long)(drawn?.Prng ?? 0)), long.MinValue, long.MaxValue));
                int delay = codec.Number("milliseconds", drawn?.Milliseconds ?? 0);
                fact = drawn ?? new DelayDrawn(prng, delay);
                break;
            case 5:
                var bids = (BidsMade?)value;
                codec.Open("bidsMade", 1);
                CycleNumber cycle = codec.Cycle("cycle", bids?.Cycle ?? default);
                fact = bids ?? new BidsMade(cycle);
                break;
            case 6:
                var planned = (Planned?)value;
                codec.Open("planned", 1);
                Plan plan = Plan.Shape(ref codec, planned?.Plan);
                fact = planned ?? new Planned(plan);
                break;
            case 7:
                var deviated = (Deviated?)value;
                codec.Open("deviated", 1);
                Deviation deviation = Deviation.Shape(ref codec, deviated?.Deviation);
                fact = deviated ?? new Deviated(deviation);
                break;
            case 8:
                codec.Open("deviationsReported", 0);
                fact = value ?? new DeviationsReported();
                break;
            case 9:
                var begun = (WorkBegun?)value;
                codec.Open("workBegun", 2);
                Award award = Award.Shape(ref codec, begun?.Award);
                Itinerary trip = Itinerary.Shape(ref codec, begun?.Trip);
                fact = begun ?? new WorkBegun(award, trip);
                break;
            case 10:
                var stage = (StageBegun?)value;
                codec.Open("stageBegun", 1);
                Itinerary rest = Itinerary.Shape(ref codec, stage?.Trip);
                fact = stage ?? new StageBegun(rest);
                break;
            case 11:
                var lapsed = (Lapsed?)value;
                codec.Open("lapsed", 1);
                ContractId lost = codec.Contract("contract", lapsed?.Contract ?? default);
                fact = lapsed ?? new Lapsed(lost);
                break;
            case 12:
                codec.Open("workEnded", 0);
                fact = value ?? new WorkEnded();
                break;
            case 13:
                var ordered = (Ordered?)value;
                codec.Open("ordered", 2);
                uint number = (uint)codec.Integer("number", ordered?.Number ?? 0, 0, uint.MaxValue);
                Order order = Order.Shape(ref codec, ordered?.Order);
                fact = ordered ?? new Ordered(number, order);
                break;
            case 14:
                var done = (OrderDone?)value;
                codec.Open("orderDone", 1);
                uint which = (uint)codec.Integer("number", done?.Number ?? 0, 0, uint.MaxValue);
                fact = done ?? new OrderDone(which);
                break;
            case 15:
                var paid = (Paid?)value;
                codec.Open("paid", 2);
                ContractId contract = codec.Contract("contract", paid?.Contract ?? default);
                Credits amount = codec.Money("amount", paid?.Amount ?? default);
                fact = paid ?? new Paid(contract, amount);
                break;
            case 17:
                var log = (Log?)value;
                codec.Open("log", 2);
                LogFact logFact = LogFact.Shape(ref codec, log?.Fact);
                fact = log ?? new Log(logFact);
                break;
            case 18:
                var accounted = (Accounted?)value;
                codec.Open("accounted", 3);
                Grams cargo = codec.Mass("cargo", accounted?.Cargo ?? default);
                Grams propellant = codec.Mass("propellant", accounted?.Propellant ?? default);
                long wear = codec.Integer("wear", accounted?.Wear ?? 0, 0, Knot.ValueMax);
                fact = accounted ?? new Accounted(cargo, propellant, wear);
                break;
            case 19:
                var rehomed = (Rehomed?)value;
                codec.Open("rehomed", 2);
                Enrolled elsewhere = Enrolled.Shape(ref codec, rehomed?.Enrolled);
                Instant heard = codec.Moment("at", rehomed?.At ?? default);
                fact = rehomed ?? new Rehomed(elsewhere, heard);
                break;
            case 20:
                var away = (SentAway?)value;
                codec.Open("sentAway", 1);
                RegionId to = codec.Region("to", away?.To ?? default);
                fact = away ?? new SentAway(to);
                break;
            case 21:
                var called = (NeighbourCalled?)value;
                codec.Open("neighbourCalled", 2);
                Instant calledAt = codec.Moment("at", called?.At ?? default);
                int place = codec.Number("place", called?.Place ?? 0);
                fact = called ?? new NeighbourCalled(calledAt, place);
                break;
            case 22:
                var assayed = (Assayed?)value;
                codec.Open("assayed", 3);
                SiteId site = codec.Site("site", assayed?.Site ?? default);
                var commodity = (Commodity)codec.Integer(
                    "commodity", (long)(assayed?.Commodity ?? 0), 1, 4);
                PartsPerMillion grade = codec.Share("ratio", assayed?.Ratio ?? default);
                fact = assayed ?? new Assayed(site, commodity, grade);
                break;
            case 23:
                var seen = (WearSeen?)value;
                codec.Open("wearSeen", 1);
                long shown = codec.Integer("wear", seen?.Wear ?? 0, 0, Knot.ValueMax);
                fact = seen ?? new WearSeen(shown);
                break;
            case 24:
                var learnt = (WearLearnt?)value;
                codec.Open("wearLearnt", 1);
                PartsPerMillion worn = codec.Share("ratio", learnt?.Ratio ?? default);
                fact = learnt ?? new WearLearnt(worn);
                break;
            case 25:
                var later = (ExtensionAsked?)value;
                codec.Open("extensionAsked", 2);
                ContractId slipping = codec.Contract("contract", later?.Contract ?? default);
                Instant wanted = codec.Moment("due", later?.Due ?? default);
                fact = later ?? new ExtensionAsked(slipping, wanted);
                break;
            case 26:
                var extended = (Extended?)value;
                codec.Open("extended", 3);
                ContractId kept = codec.Contract("contract", extended?.Contract ?? default);
                Epoch fence = codec.Epoch("epoch", extended?.Epoch ?? default);
                Instant granted = codec.Moment("due", extended?.Due ?? default);
                fact = extended ?? new Extended(kept, fence, granted);
                break;
            case 27:
                var cancelled = (CancelHeard?)value;
                codec.Open("cancelHeard", 1);
                ContractId unwanted = codec.Contract("contract", cancelled?.Contract ?? default);
                fact = cancelled ?? new CancelHeard(unwanted);
                break;
            case 28:
                var sites = (SitesHeard?)value;
                codec.Open("sitesHeard", 1);
                ImmutableArray<SiteRatio> ratios =
                    codec.List("ratios", sites?.Ratios ?? [], SitesTold.RatiosMax);
                fact = sites ?? new SitesHeard(ratios);
                break;
            case 40:
                var gaveOut = (SiteGaveOut?)value;
                codec.Open("siteGaveOut", 1);
                SiteId emptied = codec.Site("site", gaveOut?.Site ?? default);
                fact = gaveOut ?? new SiteGaveOut(emptied);
                break;
            case 29:
                var surveyed = (Surveyed?)value;
                codec.Open("surveyed", 2);
                ContractId surveyedFor = codec.Contract("contract", surveyed?.Contract ?? default);
                Finding finding = Finding.Shape(ref codec, surveyed?.Finding);
                fact = surveyed ?? new Surveyed(surveyedFor, finding);
                break;
            case 30:
                var dug = (Dug?)value;
                codec.Open("dug", 1);
                Finding shows = Finding.Shape(ref codec, dug?.Finding);
                fact = dug ?? new Dug(shows);
                break;
            case 31:
                var heardCrowds = (CrowdsHeard?)value;
                codec.Open("berthsHeard", 1);
                ImmutableArray<CrowdPrice> prices =
                    CrowdPrices.Shape(ref codec, "prices", heardCrowds?.Prices ?? []);
                fact = heardCrowds ?? new CrowdsHeard(prices);
                break;
            case 32:
                var broke = (BrokeDown?)value;
                codec.Open("brokeDown", 2);
                var fault = (FaultClass)codec.Integer("fault", (long)(broke?.Fault ?? 0), 1, 4);
                Instant brokeAt = codec.Moment("at", broke?.At ?? default);
                fact = broke ?? new BrokeDown(fault, brokeAt);
                break;
            case 33:
                var helped = (HelpCalled?)value;
                codec.Open("helpCalled", 2);
                uint call = (uint)codec.Integer("number", helped?.Number ?? 0, 0, uint.MaxValue);
                Instant until = codec.Second("until", helped?.Until ?? default);
                fact = helped ?? new HelpCalled(call, until);
                break;
            case 34:
                var mended = (Mended?)value;
                codec.Open("mended", 2);
                ContractId mendedBy = codec.Contract("contract", mended?.Contract ?? default);
                PartsPerMillion relief = codec.Share("relief", mended?.Relief ?? default);
                fact = mended ?? new Mended(mendedBy, relief);
                break;
            case 35:
                var helpEnded = (HelpEnded?)value;
                codec.Open("helpEnded", 3);
                uint over = (uint)codec.Integer("number", helpEnded?.Number ?? 0, 0, uint.MaxValue);
                var outcome = (HelpOutcome)codec.Integer("outcome", (long)(helpEnded?.Outcome ?? 0), 1, 4);
                Instant again = codec.Moment("from", helpEnded?.From ?? default);
                fact = helpEnded ?? new HelpEnded(over, outcome, again);
                break;
            case 36:
                var attested = (RepairAttested?)value;
                codec.Open("repairAttested", 1);
                ContractId attestedFor = codec.Contract("contract", attested?.Contract ?? default);
                fact = attested ?? new RepairAttested(attestedFor);
                break;
            case 37:
                var hour = (HourHeard?)value;
                codec.Open("hourHeard", 1);
                Credits worth = codec.Money("worth", hour?.Worth ?? default);
                fact = hour ?? new HourHeard(worth);
                break;
            case 38:
                var moved = (SkillMoved?)value;
                codec.Open("skillMoved", 1);
                SkillSlot slot = SkillSlot.Shape(ref codec, moved?.Slot);
                fact = moved ?? new SkillMoved(slot);
                break;
            case 39:
                var posed = (QuestionKept?)value;
                codec.Open("questionKept", 2);
                SkillFunction function = SkillFields.Function(ref codec, posed?.Function ?? 0);
                byte[] question = codec.Bytes("question", posed?.Question ?? [], Entry.DecisionBytesMax);
                fact = posed ?? new QuestionKept(function, question);
                break;
            case 41:
                var birth = (Birth?)value;
                codec.Open("birth", 2);
                NodeBirthFact birthFact = NodeBirthFact.Shape(ref codec, birth?.Fact);
                fact = birth ?? new Birth(birthFact);
                break;
            case 42:
                var retiring = (Retiring?)value;
                codec.Open("retiring", 1);
                bool isOver = codec.Flag("isOver", retiring?.IsOver ?? false);
                fact = retiring ?? new Retiring(isOver);
                break;
            default:
                var calibrated = (Calibrated?)value;
                codec.Open("calibrated", 1);
                PartsPerMillion ratio = codec.Share("ratio", calibrated?.Ratio ?? default);
                fact = calibrated ?? new Calibrated(ratio);
                break;
        }

        codec.Close();
        return fact;
    }

    private static long Tag(NodeFact? fact) => fact switch
    {
        null => 0,
        EnrolAsked => 1,
        Joined => 2,
        Link => 3,
        DelayDrawn => 4,
        BidsMade => 5,
        Planned => 6,
        Deviated => 7,
        DeviationsReported => 8,
        WorkBegun => 9,
        StageBegun => 10,
        Lapsed => 11,
        WorkEnded => 12,
        Ordered => 13,
        OrderDone => 14,
        Paid => 15,
        Calibrated => 16,
        Log => 17,
        Accounted => 18,
        Rehomed => 19,
        SentAway => 20,
        NeighbourCalled => 21,
        Assayed => 22,
        WearSeen => 23,
        WearLearnt => 24,
        ExtensionAsked => 25,
        Extended => 26,
        CancelHeard => 27,
        SitesHeard => 28,
        SiteGaveOut => 40,
        Surveyed => 29,
        Dug => 30,
        CrowdsHeard => 31,
        BrokeDown => 32,
        HelpCalled => 33,
        Mended => 34,
        HelpEnded => 35,
        RepairAttested => 36,
        HourHeard => 37,
        SkillMoved => 38,
        QuestionKept => 39,
        Birth => 41,
        Retiring => 42,
        _ => throw new UnreachableException(),
    };
}

using System;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.IO.Tests.Wire;

/// <summary>One message of each kind, twice: as a mission might send it, and as large as its bounds
/// allow.</summary>
internal static class EveryKind
{
    private const long SecondMax = 10_000_000_000;

    private static readonly Grams _massMax = new(Grams.ValueMax);
    private static readonly Credits _moneyMax = new(Credits.MicroMax);
    private static readonly Instant _latest = Samples.At(SecondMax);
    private static readonly Epoch _epochMax = new(uint.MaxValue);
    private static readonly CycleNumber _cycleMax = new(uint.MaxValue);
    private static readonly ContractId _contractMax = new(long.MaxValue);
    private static readonly TransferId _transferMax = new(long.MaxValue);
    private static readonly BountyId _bountyMax = new(long.MaxValue);
    private static readonly DepotId _depotMax = new(uint.MaxValue);
    private static readonly byte[] _release = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    private static readonly SkillTrial _trial = new(
        8, new PartsPerMillion(50_000), TimeSpan.FromDays(7), TimeSpan.FromHours(6));

    private static readonly SkillTrial _trialMax = new(
        SkillTrial.RunsMax, new PartsPerMillion(1_000_000_000), TimeSpan.FromDays(3650),
        TimeSpan.FromDays(3650));

    private static readonly Plan _planMax = new(
        uint.MaxValue,
        _contractMax,
        _latest,
        Many(4, i => new Track((Variable)(i + 1), Many(Track.KnotsMax, LateKnot))));

    private static readonly Request _requestMax =
        new(_bountyMax, Commodity.Silicate, _depotMax, _massMax, _massMax, _moneyMax, _latest)
        {
            Site = new SiteId(uint.MaxValue),
        };

    private static readonly RequestForProposals _requestsMax = new(
        _cycleMax, _latest, Many(
            RequestForProposals.RequestsMax,
            i => _requestMax with { Bounty = new BountyId(_requestMax.Bounty.Value - 100 + (ulong)i) }),
        Many(CrowdPrices.Max, i => new CrowdPrice(
            Place.Of(new DepotId(uint.MaxValue)), uint.MaxValue - 100 + (uint)i, CrowdPrice.WaitMax,
            _moneyMax)));

    private static readonly Bounty _bountyAsked = new(
        _bountyMax, Commodity.Silicate, _depotMax, _massMax, _massMax,
        new Credits(Credits.MicroMax / Bounty.LotsMax), _latest)
    {
        Site = new SiteId(uint.MaxValue),
        Backup = new Grams(_massMax.Value - 1),
        Joint = new JointWork(uint.MaxValue, JointWork.PartsMax),
    };

    private static readonly ContractTerms _termsMax =
        new(_contractMax, _epochMax, _bountyMax, _massMax, _moneyMax, _latest);

    private static readonly Bounty _bounty = new(
        new BountyId(41), Commodity.Water, new DepotId(2), Grams.FromTonnes(2_000), Grams.FromTonnes(500),
        Credits.FromWhole(100), Samples.At(7_776_000))
    {
        Backup = Grams.FromTonnes(100),
        Joint = new JointWork(6, 3),
    };

    private static readonly ContractTerms _terms = new(
        new ContractId(33_554_439), new Epoch(9), new BountyId(41), Grams.FromTonnes(40),
        Credits.FromWhole(83), Samples.At(5_400_000));

    private static readonly Plan _plan = new(
        12,
        new ContractId(7),
        Samples.At(5_184_000),
        [
            new Track(
                Variable.Cargo,
                [new Knot(Samples.At(864_000), 0), new Knot(Samples.At(3_456_000), 40_000_000)]),
            new Track(Variable.Propellant, [new Knot(Samples.At(864_000), 9_500_000)]),
        ]);

    private static readonly Request _request = new(
        new BountyId(41),
        Commodity.Nickel,
        new DepotId(2),
        Grams.FromTonnes(500),
        Grams.FromTonnes(500),
        Credits.FromWhole(100),
        Samples.At(7_776_000));

    private static readonly CrowdPrice _berth = new(
        Place.Of(new DepotId(2)), 812, TimeSpan.FromHours(3), new Credits(6_000));

    /// <summary>As a mission might send it.</summary>
    internal static ImmutableArray<Message> Typical { get; } =
    [
        new Enrol([.. Enumerable.Range(1, 32).Select(i => (byte)i)], 3, 1, Grams.FromTonnes(40), _plan),
        new Enrolled(new RegionId(4), new Epoch(9), [50_000, 20_000, 1_000, 100_000], 0),
        new RequestForProposals(
            new CycleNumber(31), Samples.At(900_000), [_request],
            [
                new CrowdPrice(Place.Of(new SiteId(3)), 270, TimeSpan.FromHours(9), new Credits(4_000)),
                _berth,
            ]),
        new BidSheet(
            new CycleNumber(31),
            NoBidReason.None,
            [
                new Bid(
                    new BountyId(41),
                    NoBidReason.None,
                    [
                        new BidStep(
                            Grams.FromTonnes(20),
                            Credits.FromWhole(97),
                            Samples.At(4_752_000),
                            TimeSpan.FromHours(5)),
                        new BidStep(
                            Grams.FromTonnes(40),
                            Credits.FromWhole(83),
                            Samples.At(5_184_000),
                            TimeSpan.FromHours(6)),
                    ]),
                Bid.None(new BountyId(42), NoBidReason.NoCapability),
            ]),
        new Award(
            new ContractId(7),
            new Epoch(9),
            _request with { Open = Grams.FromTonnes(40) },
            Samples.At(1_000_000),
            Samples.At(5_400_000)),
        new AwardAccepted(
            new ContractId(7),
            new Epoch(9),
            [
                new Milestone(ContractStage.Outbound, Samples.At(864_000)),
                new Milestone(ContractStage.Extracting, Samples.At(3_456_000)),
            ],
            _plan),
        new ContractReleased(new ContractId(7), new Epoch(9), ReleaseReason.Slipped),
        new PlanRevised(_plan),
        new DeviationReport(
            12,
            [
                new Deviation(Variable.Wear, Samples.At(1_200_000), 81_500),
                new Deviation(Variable.Position, Samples.At(1_200_600), -250_000),
            ]),
        new ContractClosed(
            new ContractId(7),
            new Epoch(9),
            ContractOutcome.Settled,
            new Grams(39_998_500),
            new Credits(6_639_751)),
        new ReturnOffered(
            720,
            690,
            18_400,
            Samples.At(2_592_000),
            31,
            [.. Enumerable.Range(0, 100).Select(i => (byte)i)],
            [0x81, 0x80]),
        new ReturnAdmitted(720, 3_072),
        new ReturnDeferred(720, Samples.At(2_620_800)),
        new JournalPart(720, 3_072, [0x86, 1, 7, 2]),
        new ReturnJudged(
            720, [.. Enumerable.Range(1, 32).Select(i => (byte)i)], ReturnOutcome.Corrected, [6, 62],
            690),
        new CharterEnded(new Epoch(2), new RegionId(3)),
        new HubEnrol(200),
        new Charter(new Epoch(2), new TransferId(1), Credits.FromWhole(50_000)),
        new BountyPosted(_bounty, new TransferId(5)),
        new CreditsReceived(new TransferId(5)),
        new BountyReport(
            new BountyId(41),
            BountyOutcome.PartlyFilled,
            Grams.FromTonnes(1_500),
            Credits.FromWhole(280),
            Credits.FromWhole(99),
            new TransferId(3),
            Credits.FromWhole(120)),
        new RegionDigest(
            187, 2, 11, 96, new Credits(1_234_567_890), new PartsPerMillion(1_437_500)),
        new BlocksAsked(720, [new BlockAsk(3, 0, 15, 63), new BlockAsk(4, 1, 0, 7)]),
        new BlockShown(720, 3, [1, 2, 3], [0x82, 0x18, 0x40, 0x80]),
        new NodeRecalled(new NodeId(17), new RegionId(4)),
        new NodeAssigned(
            new NodeId(17), new Epoch(3), 3, 1, [0x91, 0x80], new TransferId(6), Credits.FromWhole(2),
            _terms),
        new BountyAssigned(
            _bounty, Grams.FromTonnes(1_500), Credits.FromWhole(280), new Epoch(12), new TransferId(7)),
        new CargoTold(new NodeId(17), _terms, Commodity.Water, new Grams(39_998_500)),
        new Redirected(new RegionId(4)),
        new Arrived(new Epoch(3), _plan, null),
        new ExtensionAsked(new ContractId(7), new Epoch(9), Samples.At(5_486_400)),
        new ExtensionAnswered(new ContractId(7), new Epoch(9), Samples.At(5_400_000)),
        new ContractCancelled(new ContractId(7), new Epoch(9)),
        new CancelAnswered(new ContractId(7), new Epoch(9), CancelAnswer.Stopped),
        new Sounding(
            4,
            [
                new Inquiry(
                    new DemandId(7), Commodity.Nickel, Grams.FromTonnes(5), Samples.At(7_776_000)),
                new Inquiry(
                    new DemandId(9), Commodity.Water, Grams.FromTonnes(5), Samples.At(5_400_000)),
            ]),
        new SupplyTold(
            4,
            Samples.At(1_000_000),
            Grams.FromTonnes(320),
            [
                new SupplyCurve(
                    new DemandId(7),
                    Grams.FromTonnes(15),
                    [
                        new SupplyStep(Grams.FromTonnes(40), new Credits(410_000)),
                        new SupplyStep(Grams.FromTonnes(40), new Credits(455_000)),
                    ]),
                new SupplyCurve(new DemandId(9), default, []),
            ]),
        new LotsReturned(
            BountyId.Lots(new DemandId(7), 2), Grams.FromTonnes(30), new Credits(820_000),
            LotsReason.TooDear, new TransferId(8), new Credits(4_800_000)),
        new LotsRecalled(BountyId.Lots(new DemandId(7), 2), new Epoch(1), 6),
        new BountyReduced(new BountyId(41), Grams.FromTonnes(1_500)),
        new SitesTold(
        [
            new SiteRatio(new DepotId(3), new SiteId(5), Commodity.Nickel, new PartsPerMillion(937_500)),
            new SiteRatio(new DepotId(3), new SiteId(8), Commodity.Water, new PartsPerMillion(1_062_500)),
        ]),
        new SurveyTold(new ContractId(7), new Epoch(9), new Finding(
            new SiteId(3), Commodity.Water, new PartsPerMillion(84_000), new PartsPerMillion(4_200))),
        new HelpAsked(
            2, FaultClass.Drill, new DepotId(1), new SiteId(3), Commodity.Nickel, new Grams(200_000),
            new PartsPerMillion(310_000), new Credits(840_000), Samples.At(1_500_000)),
        new HelpEnded(2, HelpOutcome.Mended, new ContractId(7)),
        new Mended(
            new ContractId(7), new Epoch(9), new PartsPerMillion(310_000), new PartsPerMillion(110_000)),
        new RepairTold(new ContractId(7), new Epoch(9)),
        new PricedRequests(
            new RequestForProposals(new CycleNumber(31), Samples.At(900_000), [_request], [_berth]),
            new Credits(1_800)),
        new SiteVisits(default,
        [
            new SiteVisit(new BountyId(41), new SiteId(3), Samples.At(1_620_000), TimeSpan.FromHours(7)),
            new SiteVisit(new BountyId(44), new SiteId(5), Samples.At(1_627_200), TimeSpan.FromHours(30)),
        ]),
        new RolloutTold(
            3, 5, Samples.At(860_000), SkillFunction.Extraction, 1, _release, 12_000,
            TimeSpan.FromDays(45), PartsPerMillion.FromPercent(50), _trial,
            [
                new RolloutClass(1, 42_949_672, ClassState.Running),
                new RolloutClass(2, 0, ClassState.Stopped),
            ]),
        new RolloutReport(3, 5, [new ClassReport(1, 250, 3, 1, 2, 1, 0, 0, 0, 340, [17, 12_000, 90_000])]),
        new SkillOrder(
            3, Samples.At(900_000), SkillFunction.Pricing, 1, _release, 12_000, false,
            Samples.At(4_788_000), _trial),
        new SkillReport(
            3, Samples.At(900_000), SkillState.RolledBack, SkillReason.NoAnswer, Samples.At(1_100_000), 31),
        new SkillBytesAsked(_release, 6_144),
        new SkillBytes(_release, 6_144, [0, 0x61, 0x73, 0x6D]),
        new BirthShare(
            7, new BirthRange(20_000, 400),
            new BirthTerms(
                [1, 3], 1, 2, Samples.At(31_536_000), TimeSpan.FromDays(60), TimeSpan.FromDays(60),
                TimeSpan.FromDays(30), 3, Credits.FromWhole(2)),
            new TransferId(12), Credits.FromWhole(800)),
        new BirthAsked(4, 3, 2, 5),
        new BirthLeased(
            4, BirthRefusal.None, 9, new BirthRange(20_016, 5), 3, 2, Samples.At(6_048_000)),
        new Retirement(IsOver: false),
        new NodeProbation(
            new NodeId(20_016),
            new BirthTerms(
                [1, 3], 1, 2, Samples.At(31_536_000), TimeSpan.FromDays(60), TimeSpan.FromDays(60),
                TimeSpan.FromDays(30), 3, Credits.FromWhole(2))),
    ];

    /// <summary>Every list full, every number where it takes the most bytes.</summary>
    internal static ImmutableArray<Message> Largest { get; } =
    [
        new Enrol([.. Enumerable.Repeat((byte)255, 32)], int.MaxValue, int.MaxValue, _massMax, _planMax),
        new Enrolled(
            new RegionId(uint.MaxValue), _epochMax, Many(4, _ => (ulong)long.MaxValue), long.MaxValue),
        _requestsMax,
        new BidSheet(
            _cycleMax,
            NoBidReason.Worn,
            Many(RequestForProposals.RequestsMax, i => new Bid(
                new BountyId((ulong)(long.MaxValue - 19 + i)),
                NoBidReason.None,
                Many(Bid.StepsMax, step => new BidStep(
                    new Grams(Grams.ValueMax - Bid.StepsMax + 1 + step),
                    _moneyMax,
                    _latest,
                    TimeSpan.FromDays(3650)))))),
        new Award(_contractMax, _epochMax, _requestMax, _latest, _latest),
        new AwardAccepted(
            _contractMax, _epochMax, Many(4, i => new Milestone((ContractStage)(i + 1), _latest)), _planMax),
        new ContractReleased(_contractMax, _epochMax, ReleaseReason.Slipped),
        new PlanRevised(_planMax),
        new DeviationReport(
            uint.MaxValue,
            Many(Message.ListMax, _ => new Deviation(Variable.Position, _latest, -Knot.ValueMax))),
        new ContractClosed(_contractMax, _epochMax, ContractOutcome.DeliveredLate, _massMax, _moneyMax),
        new ReturnOffered(
            long.MaxValue,
            long.MaxValue - 1,
            ReturnOffered.BytesMax,
            _latest,
            int.MaxValue,
            new byte[ReturnOffered.NoteBytesMax],
            new byte[ReturnOffered.ConsistencyBytesMax]),
        new ReturnAdmitted(long.MaxValue, ReturnOffered.BytesMax),
        new ReturnDeferred(long.MaxValue, _latest),
        new JournalPart(long.MaxValue, ReturnOffered.BytesMax, new byte[JournalPart.BytesMax]),
        new ReturnJudged(
            long.MaxValue,
            new byte[ReturnJudged.RootLength],
            ReturnOutcome.Quarantined,
            Many(ReturnJudged.ReasonsMax, i => (ulong)(long.MaxValue - 100 + i)),
            long.MaxValue),
        new CharterEnded(_epochMax, new RegionId(uint.MaxValue)),
        new HubEnrol(int.MaxValue),
        new Charter(_epochMax, _transferMax, _moneyMax),
        new BountyPosted(_bountyAsked, _transferMax),
        new CreditsReceived(_transferMax),
        new BountyReport(
            _bountyMax, BountyOutcome.Unfilled, _massMax, _moneyMax, _moneyMax, _transferMax, _moneyMax),
        new RegionDigest(
            int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue, _moneyMax,
            new PartsPerMillion(int.MaxValue)),
        new BlocksAsked(
            long.MaxValue,
            Many(BlocksAsked.PlacesMax, i => new BlockAsk(
                (ulong)(long.MaxValue - 100 + i), uint.MaxValue, 16_383, 63))),
        new BlockShown(
            long.MaxValue,
            long.MaxValue,
            new byte[BlockShown.BytesMax],
            new byte[BlockShown.ProofBytesMax]),
        new NodeRecalled(new NodeId(uint.MaxValue), new RegionId(uint.MaxValue)),
        new NodeAssigned(
            new NodeId(uint.MaxValue), _epochMax, int.MaxValue, int.MaxValue,
            new byte[NodeAssigned.AcceptedBytesMax], _transferMax, _moneyMax, _termsMax),
        new BountyAssigned(_bountyAsked, _massMax, _moneyMax, _epochMax, _transferMax),
        new CargoTold(new NodeId(uint.MaxValue), _termsMax, Commodity.Silicate, _massMax),
        new Redirected(new RegionId(uint.MaxValue)),
        new Arrived(_epochMax, _planMax, _termsMax),
        new ExtensionAsked(_contractMax, _epochMax, _latest),
        new ExtensionAnswered(_contractMax, _epochMax, _latest),
        new ContractCancelled(_contractMax, _epochMax),
        new CancelAnswered(_contractMax, _epochMax, CancelAnswer.Kept),
        new Sounding(long.MaxValue, Many(Sounding.InquiriesMax, i => new Inquiry(
            new DemandId(DemandId.ValueMax - 100 + (ulong)i), Commodity.Silicate, _massMax, _latest))),
        new SupplyTold(long.MaxValue, _latest, _massMax, Many(Sounding.InquiriesMax, i => new SupplyCurve(
            new DemandId(DemandId.ValueMax - 100 + (ulong)i),
            _massMax,
            Many(SupplyCurve.StepsMax, step => new SupplyStep(
                _massMax, new Credits(Credits.MicroMax - 100 + step)))))),
        new LotsReturned(
            _bountyMax, _massMax, _moneyMax, LotsReason.WindingDown, _transferMax, _moneyMax),
        new LotsRecalled(_bountyMax, _epochMax, 1_000_000),
        new BountyReduced(_bountyMax, _massMax),
        new SitesTold(Many(SitesTold.RatiosMax, i => new SiteRatio(
            new DepotId(uint.MaxValue), new SiteId(uint.MaxValue), Commodity.Silicate,
            new PartsPerMillion(SiteRatio.Max - i)))),
        new SurveyTold(_contractMax, _epochMax, new Finding(
            new SiteId(uint.MaxValue), Commodity.Silicate, new PartsPerMillion(Finding.GradeMax),
            new PartsPerMillion(Finding.GradeMax))),
        new HelpAsked(
            BountyId.HelpsMax, FaultClass.Structure, new DepotId(uint.MaxValue), new SiteId(uint.MaxValue),
            Commodity.Silicate, _massMax, new PartsPerMillion(1_000_000_000), _moneyMax, _latest),
        new HelpEnded(BountyId.HelpsMax, HelpOutcome.Refused, _contractMax),
        new Mended(
            _contractMax, _epochMax, new PartsPerMillion(1_000_000_000), new PartsPerMillion(1_000_000_000)),
        new RepairTold(_contractMax, _epochMax),
        new PricedRequests(_requestsMax, _moneyMax),
        new SiteVisits(_contractMax, Many(RequestForProposals.RequestsMax, i => new SiteVisit(
            new BountyId((ulong)(long.MaxValue - 19 + i)), new SiteId(uint.MaxValue), _latest,
            SiteVisit.DigsMax))),
        new RolloutTold(
            uint.MaxValue, uint.MaxValue, _latest, SkillFunction.Pricing, ushort.MaxValue, _release,
            SkillOrder.LengthMax, TimeSpan.FromDays(3650), new PartsPerMillion(1_000_000), _trialMax,
            Many(RolloutTold.ClassesMax, i => new RolloutClass(
                int.MaxValue - 100 + i, uint.MaxValue, ClassState.Complete)),
            TimeSpan.FromDays(3650)),
        new RolloutReport(
            uint.MaxValue, uint.MaxValue,
            Many(RolloutTold.ClassesMax, i => new ClassReport(
                int.MaxValue - 100 + i, int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue,
                int.MaxValue, int.MaxValue, int.MaxValue, long.MaxValue >> 20,
                Many(ClassReport.RanksMax, _ => (ulong)long.MaxValue),
                new ClassHeard(int.MaxValue, int.MaxValue)))),
        new SkillOrder(
            uint.MaxValue, _latest, SkillFunction.Pricing, ushort.MaxValue, _release, SkillOrder.LengthMax,
            true, _latest, _trialMax),
        new SkillReport(
            uint.MaxValue, _latest, SkillState.Refused, SkillReason.Superseded, _latest, int.MaxValue),
        new SkillBytesAsked(_release, SkillOrder.LengthMax),
        new SkillBytes(_release, SkillOrder.LengthMax, new byte[SkillBytes.BytesMax]),
        new BirthShare(
            uint.MaxValue, new BirthRange(uint.MaxValue, BirthRange.CountMax),
            new BirthTerms(
                Many(BirthTerms.ClassesMax, i => int.MaxValue - 100 + i), int.MaxValue, int.MaxValue, _latest,
                TimeSpan.FromDays(3650), TimeSpan.FromDays(3650), TimeSpan.FromDays(3650), int.MaxValue,
                _moneyMax),
            new TransferId(long.MaxValue), _moneyMax),
        new BirthAsked(uint.MaxValue, int.MaxValue, int.MaxValue, BirthLeased.CountMax),
        new BirthLeased(
            uint.MaxValue, BirthRefusal.ParentRetired, long.MaxValue,
            new BirthRange(uint.MaxValue, BirthLeased.CountMax), int.MaxValue, int.MaxValue, _latest),
        new Retirement(IsOver: true),
        new NodeProbation(
            new NodeId(uint.MaxValue),
            new BirthTerms(
                Many(BirthTerms.ClassesMax, i => int.MaxValue - 100 + i), int.MaxValue, int.MaxValue, _latest,
                TimeSpan.FromDays(3650), TimeSpan.FromDays(3650), TimeSpan.FromDays(3650), int.MaxValue,
                _moneyMax)),
    ];

    /// <summary>A frame around some envelopes that has as much else in it as a frame can have.</summary>
    internal static Frame Fullest(params ImmutableArray<Envelope> envelopes) => new(
        new Party(PartyKind.Hub, uint.MaxValue),
        new Party(PartyKind.Node, uint.MaxValue),
        Hail: true,
        Floor: 1UL << 62,
        AckThrough: 1UL << 62,
        Many(Frame.AckBeyondMax, i => (1UL << 62) + 2 + (ulong)i),
        envelopes);

    private static Knot LateKnot(int index) =>
        new(Samples.At(SecondMax - Track.KnotsMax + 1 + index), Knot.ValueMax);

    private static ImmutableArray<T> Many<T>(int count, Func<int, T> element) =>
        [.. Enumerable.Range(0, count).Select(element)];
}

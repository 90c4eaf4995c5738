using System;
using System.Collections.Immutable;
using Hanse.Core.Messages;
using Hanse.Core.Strategy;

namespace Hanse.Simulation.Scenarios;

/// <summary>Everything that a run is made of, but for its seed: read from a YAML file, checked as a whole
/// before anything runs.</summary>
/// <remarks>
/// Units are in the names, as in the file. Each property's range is stated by its loader and by the published
/// schema, <c>scenarios/scenario.schema.json</c>.
/// </remarks>
public sealed record Scenario
{
    /// <summary>Short name, as on the command line.</summary>
    public required string Name { get; init; }

    /// <summary>One sentence for people.</summary>
    public required string Title { get; init; }

    /// <summary>The date of mission time zero, UTC; decides where the planets are. Years 1900 to
    /// 2049.</summary>
    public required DateOnly Epoch { get; init; }

    /// <summary>How long to play, in days; 1 to 3650.</summary>
    public required double Days { get; init; }

    /// <summary>Seed when none is given.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The machines.</summary>
    public required FleetSection Fleet { get; init; }

    /// <summary>How there came to be so many.</summary>
    public required GrowthSection Growth { get; init; }

    /// <summary>Where they are.</summary>
    public required RegionSection Regions { get; init; }

    /// <summary>The sites where they dig.</summary>
    public required SiteSection Sites { get; init; }

    /// <summary>How they talk.</summary>
    public required LinkSection Links { get; init; }

    /// <summary>The rules of the market.</summary>
    public required MarketSection Market { get; init; }

    /// <summary>Bounties with a name and a date.</summary>
    public required ImmutableArray<NamedBounty> Bounties { get; init; }

    /// <summary>What several regions may bring, with a name and a date.</summary>
    public required ImmutableArray<NamedDemand> Demands { get; init; }

    /// <summary>Things that take several kinds of work in an order, with a name and a date.</summary>
    public required ImmutableArray<NamedOrder> Orders { get; init; }

    /// <summary>Releases of skills.</summary>
    public required ImmutableArray<NamedRollout> Rollouts { get; init; }

    /// <summary>The stream of others.</summary>
    public required StreamSection Stream { get; init; }

    /// <summary>Work other than deliveries.</summary>
    public required WorkSection Work { get; init; }

    /// <summary>How journals that come home are taken.</summary>
    public required ReturnSection Returns { get; init; }

    /// <summary>Nodes that do other than they say.</summary>
    public required ConductSection Conduct { get; init; }

    /// <summary>What goes wrong.</summary>
    public required FaultSection Faults { get; init; }
}

/// <summary>The machines.</summary>
public sealed record FleetSection
{
    /// <summary>How many; 1 to 1,000,000.</summary>
    public required int Nodes { get; init; }

    /// <summary>Mass without cargo and propellant.</summary>
    public required double DryTonnes { get; init; }

    /// <summary>Largest cargo.</summary>
    public required double CargoTonnes { get; init; }

    /// <summary>Full tanks.</summary>
    public required double PropellantTonnes { get; init; }

    /// <summary>Share of the tanks that stays aboard for the unexpected, percent.</summary>
    public required double PropellantReservePercent { get; init; }

    /// <summary>Effective exhaust velocity, m/s.</summary>
    public required double ExhaustMetresPerSecond { get; init; }

    /// <summary>Power for extraction.</summary>
    public required double PowerKilowatts { get; init; }

    /// <summary>Energy to dig, crush and refine a tonne of ore.</summary>
    public required double ExtractionMegajoulesPerTonne { get; init; }

    /// <summary>Mass unloaded in an hour at a berth.</summary>
    public required double UnloadTonnesPerHour { get; init; }

    /// <summary>Share of a machine's life used up by a day of extraction, percent.</summary>
    public required double WearPercentPerExtractionDay { get; init; }

    /// <summary>Share of a machine's life used up by a transfer, percent.</summary>
    public required double WearPercentPerTransfer { get; init; }

    /// <summary>How a machine breaks as it wears: the shape of Weibull's law over wear, 1 to 4; 0 for never.
    /// Above 1 a worn machine is in more danger than a new one.</summary>
    public required int FailureShape { get; init; }

    /// <summary>The wear until which one such loss is to be expected, percent of a life.</summary>
    public required double FailureWearPercent { get; init; }

    /// <summary>What another machine costs, credits: nodes add the danger of losing theirs to what a trip
    /// costs.</summary>
    public required double MachineCredits { get; init; }

    /// <summary>One standard deviation of a sensor's constant bias, percent of the reading.</summary>
    public required double SensorBiasPercent { get; init; }

    /// <summary>One standard deviation of a sensor's noise, percent of the reading.</summary>
    public required double SensorNoisePercent { get; init; }

    /// <summary>One standard deviation of what a machine as built differs from its design (propellant used,
    /// wear, flight time), percent.</summary>
    public required double BuildSpreadPercent { get; init; }

    /// <summary>Hardware variants, of which machines are dealt out in turn.</summary>
    public required int Variants { get; init; }

    /// <summary>Of the variance of sensor biases and of machines as built, what all machines of a variant
    /// have in common, percent.</summary>
    public required double SharedErrorPercent { get; init; }

    /// <summary>How often the sensors are read.</summary>
    public required double ReadingPeriodHours { get; init; }
}

/// <summary>How there came to be so many machines: they build machines, so their number doubles again and
/// again, and what is built later is of a later hardware generation.</summary>
public sealed record GrowthSection
{
    /// <summary>No growth: all machines are of the first generation, and there from the beginning.</summary>
    public static GrowthSection None { get; } = new()
    {
        DoublingDays = 0,
        GenerationDays = 365,
        Generations = 1,
        AgeDays = 0,
        Commissions = 0,
        BornPercent = 0,
    };

    /// <summary>In how many days their number doubles; 0 for no growth.</summary>
    public required double DoublingDays { get; init; }

    /// <summary>How long a hardware generation is built before the next.</summary>
    public required double GenerationDays { get; init; }

    /// <summary>How many generations there are: the last is built for ever.</summary>
    public required int Generations { get; init; }

    /// <summary>How long the fleet has grown before time zero.</summary>
    public required double AgeDays { get; init; }

    /// <summary>Whether it goes on growing: 1, so that as many as the fleet has are there at the end; or 0,
    /// when they are there from the beginning.</summary>
    public required int Commissions { get; init; }

    /// <summary>How many of the machines that are commissioned during the run may be born of nodes, percent
    /// of those that are planned: the quota. 0 when they enrol like any machine.</summary>
    public required double BornPercent { get; init; }

    /// <summary>Whether machines are born.</summary>
    public bool HasBirths => GoesOn && BornPercent > 0;

    /// <summary>Whether machines are commissioned during the run.</summary>
    public bool GoesOn => DoublingDays > 0 && Commissions == 1;
}

/// <summary>Where the machines are.</summary>
public sealed record RegionSection
{
    /// <summary>How many; 1 to 4,000. More are made when a region would have more nodes than its
    /// most.</summary>
    public required int Count { get; init; }

    /// <summary>Most nodes of a region; 1 to 10,000.</summary>
    public required int NodesMax { get; init; }

    /// <summary>Anchors by name or number, in order of region; regions beyond the list draw theirs from the
    /// catalogue, by seed.</summary>
    public required ImmutableArray<string> Anchors { get; init; }

    /// <summary>Mining sites of a region; 1 to 64.</summary>
    public required int Sites { get; init; }

    /// <summary>Depots of a region, each on an orbit of its own; 1 to 4. All nodes begin at the
    /// first.</summary>
    public required int Depots { get; init; }

    /// <summary>Names of the first depots of the first regions; others are called by their anchor.</summary>
    public required ImmutableArray<string> DepotNames { get; init; }

    /// <summary>Berths of a depot per hundred nodes of its region, at least one.</summary>
    public required double BerthsPerHundredNodes { get; init; }

    /// <summary>One standard deviation of a depot's scale, percent.</summary>
    public required double ScaleErrorPercent { get; init; }

    /// <summary>Spread of the true ore grade around its assay, percent; three times as much at bodies whose
    /// composition is assumed.</summary>
    public required double AssayErrorPercent { get; init; }

    /// <summary>For how long a hub could have called and did not, days, when another takes over its region
    /// without an order; zero for never.</summary>
    public double AdoptAfterDays { get; init; }
}

/// <summary>The sites where machines dig.</summary>
public sealed record SiteSection
{
    /// <summary>How many machines can dig at one at a time; 0 for any number.</summary>
    public required int Faces { get; init; }

    /// <summary>Ore of a site on the mean, from half of it to one and a half each; 0 for no end.</summary>
    public required double Tonnes { get; init; }
}

/// <summary>How the machines talk.</summary>
public sealed record LinkSection
{
    /// <summary>From one contact window of a node to its next.</summary>
    public required double NodePeriodHours { get; init; }

    /// <summary>How long it stays open.</summary>
    public required double NodeWindowHours { get; init; }

    /// <summary>What it carries each way, bytes a second.</summary>
    public required int NodeBytesPerSecond { get; init; }

    /// <summary>Longest one-way light time between hub and node, milliseconds.</summary>
    public required double NodeLightMilliseconds { get; init; }

    /// <summary>How often a hub calls the strategic layer.</summary>
    public required double StrategyPeriodHours { get; init; }

    /// <summary>What that link carries each way, bytes a second.</summary>
    public required int StrategyBytesPerSecond { get; init; }

    /// <summary>The link to Earth is closed while the Sun is nearer to the line of sight than this,
    /// degrees.</summary>
    public required double ConjunctionDegrees { get; init; }

    /// <summary>Furthest any clock is from mission time, seconds.</summary>
    public required double ClockErrorSeconds { get; init; }
}

/// <summary>The rules of the market.</summary>
public sealed record MarketSection
{
    /// <summary>How long a hub collects sealed bids.</summary>
    public required double CycleHours { get; init; }

    /// <summary>Slack of a due time over the arrival that was bid, on top of three sigma.</summary>
    public required double DueSlackHours { get; init; }

    /// <summary>Contact windows in a row without a word from a node, after a milestone of its contract, that
    /// end its lease; zero for never.</summary>
    public required int MilestoneWindows { get; init; }

    /// <summary>How much later an extension moves a due time at most; zero for no extensions.</summary>
    public required double ExtensionHours { get; init; }

    /// <summary>What a winner stakes, percent of what it is to be paid; zero for nothing.</summary>
    public required double BondPercent { get; init; }

    /// <summary>Price of propellant, credits a tonne.</summary>
    public required double PropellantCreditsPerTonne { get; init; }

    /// <summary>Price of the spares for a whole life of a machine.</summary>
    public required double SparesCreditsPerLife { get; init; }

    /// <summary>What an hour of a node is worth, credits.</summary>
    public required double HourCredits { get; init; }

    /// <summary>What nodes add to their cost, percent.</summary>
    public required double MarginPercent { get; init; }

    /// <summary>The reserve of a new bounty, percent of its value.</summary>
    public required double ReserveStartPercent { get; init; }

    /// <summary>How the lots of a demand are divided among regions.</summary>
    public required SplitRule Split { get; init; }

    /// <summary>Working capital of a node, credits.</summary>
    public required double SeedCredits { get; init; }

    /// <summary>What a node may own without demurrage, credits: of what is above, a tenth is burned each time
    /// it docks.</summary>
    public required double HoardCeilingCredits { get; init; }

    /// <summary>Share of a bounty that may be missing and it still counts as filled, percent.</summary>
    public required double FillTolerancePercent { get; init; }

    /// <summary>Whether hubs post how crowded berths will be and take a toll for it: 1, or 0 for
    /// not.</summary>
    public required int BerthPrices { get; init; }

    /// <summary>Whether hubs post what an hour of their nodes has earned of late, which nodes ask for: 1, or
    /// 0 for not.</summary>
    public required int HourWorth { get; init; }

    /// <summary>Whether hubs post how crowded the faces of sites will be and take a toll for it: 1, or 0 for
    /// not.</summary>
    public required int FacePrices { get; init; }

    /// <summary>Share of a region's nodes that may be held back for a joint work that needs more than are
    /// free; 0 for none.</summary>
    public required double JointHoldPercent { get; init; }

    /// <summary>Batches in a row through which they are held back at most.</summary>
    public required int JointHoldBatches { get; init; }

    /// <summary>Dead bands: cargo in kilograms.</summary>
    public required double CargoBandKilograms { get; init; }

    /// <summary>Dead bands: propellant in kilograms.</summary>
    public required double PropellantBandKilograms { get; init; }

    /// <summary>Dead bands: wear in percent of a life.</summary>
    public required double WearBandPercent { get; init; }

    /// <summary>Dead bands: position along a leg in kilometres.</summary>
    public required double PositionBandKilometres { get; init; }
}

/// <summary>A bounty with a name and a date.</summary>
public sealed record NamedBounty
{
    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary>What kind of work it is.</summary>
    public WorkKind Kind { get; init; } = WorkKind.Deliver;

    /// <summary>The site it is done at, from 1; 0 when that is the node's choice.</summary>
    public int Site { get; init; }

    /// <summary>Which depot of the region the goods of a transport come from, from 1; else 0.</summary>
    public int FromDepot { get; init; }

    /// <summary>Which depot of the region it is for, from 1.</summary>
    public int ToDepot { get; init; } = 1;

    /// <summary>What is wanted.</summary>
    public required Commodity Commodity { get; init; }

    /// <summary>How much.</summary>
    public required double Tonnes { get; init; }

    /// <summary>The lot that prices refer to.</summary>
    public required double LotTonnes { get; init; }

    /// <summary>What is asked for besides that in case some do not bring it, percent of it.</summary>
    public required double BackupPercent { get; init; }

    /// <summary>The joint work it is a part of, one number for all of its parts; 0 for none.</summary>
    public int Joint { get; init; }

    /// <summary>Where: the name of a depot.</summary>
    public required string Depot { get; init; }

    /// <summary>What it is worth in all.</summary>
    public required double Credits { get; init; }

    /// <summary>When it is posted.</summary>
    public required double PostedDay { get; init; }

    /// <summary>Days from posting to its deadline.</summary>
    public required double WithinDays { get; init; }
}

/// <summary>What several regions may bring: every region whose rock has it, each to its own
/// depot.</summary>
public sealed record NamedDemand
{
    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary>What is wanted.</summary>
    public required Commodity Commodity { get; init; }

    /// <summary>How many lots.</summary>
    public required int Lots { get; init; }

    /// <summary>The mass of one.</summary>
    public required double LotTonnes { get; init; }

    /// <summary>What it is worth in all where it is needed.</summary>
    public required double Credits { get; init; }

    /// <summary>Least freight for a lot, credits; each region's is drawn.</summary>
    public required double FreightCreditsMin { get; init; }

    /// <summary>Greatest freight for a lot, credits.</summary>
    public required double FreightCreditsMax { get; init; }

    /// <summary>When it is posted.</summary>
    public required double PostedDay { get; init; }

    /// <summary>Days from posting to its deadline.</summary>
    public required double WithinDays { get; init; }
}

/// <summary>How fast a release goes.</summary>
public enum RolloutLane
{
    /// <summary>Canaries of each class for a week, then a tenth every three days.</summary>
    Standard = 1,

    /// <summary>Wider canaries for a day, then a quarter every day.</summary>
    Expedited = 2,

    /// <summary>What rollouts replace: an image for each group, two weeks of tests each, one after the other,
    /// then all machines of the group at once.</summary>
    Monolithic = 3,

    /// <summary>The lane of images of the core.</summary>
    Core = 4,
}

/// <summary>What is wrong with a release.</summary>
public enum ReleaseFault
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It traps.</summary>
    Crash = 1,

    /// <summary>It uses up its fuel.</summary>
    Slow = 2,

    /// <summary>It says a fifth less than it should.</summary>
    Wrong = 3,

    /// <summary>It was not signed by who may.</summary>
    Unsigned = 4,
}

/// <summary>A release of a skill that is rolled out: another way to decide how much is extracted, or what is
/// asked for a trip.</summary>
public sealed record NamedRollout
{
    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary>What it decides.</summary>
    public required SkillFunction Function { get; init; }

    /// <summary>When it is ordered.</summary>
    public required double Day { get; init; }

    /// <summary>Size of its package.</summary>
    public required double Kilobytes { get; init; }

    /// <summary>How fast it goes.</summary>
    public required RolloutLane Lane { get; init; }

    /// <summary>How long a node runs it unconfirmed.</summary>
    public required double AuthorityDays { get; init; }

    /// <summary>How far its answers may be from what decided before, percent.</summary>
    public required double DivergencePercent { get; init; }

    /// <summary>What is wrong with it.</summary>
    public required ReleaseFault Fault { get; init; }

    /// <summary>On which class of machines; 0 for all.</summary>
    public required int FaultClass { get; init; }

    /// <summary>On which hardware generation; 0 for all.</summary>
    public int FaultGeneration { get; init; }

    /// <summary>Fuel that a slow release takes where it errs, percent of what a machine of the first
    /// generation may use; 0 for more than any machine may.</summary>
    public double FuelPercent { get; init; }

    /// <summary>What it goes on by, and stops by.</summary>
    public RolloutSplit Groups { get; init; } = RolloutSplit.Class;

    /// <summary>For how many of the questions, percent.</summary>
    public required double FaultPercent { get; init; }

    /// <summary>When it is called back from everybody; 0 for never.</summary>
    public required double CalledBackDay { get; init; }

    /// <summary>Most of the machines of one variant and generation of a region that run it before it is for
    /// good, percent; 0 for all.</summary>
    public required double StrainPercent { get; init; }

    /// <summary>Operators who have signed its order. Where one has signed any, all orders have to be
    /// signed.</summary>
    public required int Signatures { get; init; }
}

/// <summary>A thing that takes several kinds of work in an order: all of it is worth so much, from which the
/// values of its parts follow.</summary>
public sealed record NamedOrder
{
    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary>The depot of the region where all of it is done.</summary>
    public required string Depot { get; init; }

    /// <summary>What the whole is worth.</summary>
    public required double Credits { get; init; }

    /// <summary>Share of that which is paid for time, to the parts on the critical path, percent.</summary>
    public required double TimePercent { get; init; }

    /// <summary>When it is posted.</summary>
    public required double PostedDay { get; init; }

    /// <summary>Days from posting to its deadline.</summary>
    public required double WithinDays { get; init; }

    /// <summary>Its parts, each after those that it waits for.</summary>
    public required ImmutableArray<NamedPart> Parts { get; init; }
}

/// <summary>A part of an order.</summary>
public sealed record NamedPart
{
    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary>What kind of work it is.</summary>
    public required WorkKind Kind { get; init; }

    /// <summary>The site it is done at, from 1; 0 when that is the node's choice.</summary>
    public required int Site { get; init; }

    /// <summary>Which depot of the region the goods of a transport come from, from 1; else 0.</summary>
    public int FromDepot { get; init; }

    /// <summary>Which depot of the region it is for, from 1.</summary>
    public int ToDepot { get; init; } = 1;

    /// <summary>What is wanted, or built of.</summary>
    public required Commodity Commodity { get; init; }

    /// <summary>How much.</summary>
    public required double Tonnes { get; init; }

    /// <summary>The lot that prices refer to.</summary>
    public required double LotTonnes { get; init; }

    /// <summary>Names of the parts that it waits for.</summary>
    public required ImmutableArray<string> After { get; init; }
}

/// <summary>The stream of other bounties; scales with the fleet.</summary>
public sealed record StreamSection
{
    /// <summary>Tonnes asked for per node and day, all commodities and regions together.</summary>
    public required double TonnesPerNodeDay { get; init; }

    /// <summary>Smallest bounty. Sizes do not grow with the fleet, so bounties per node and day stay the
    /// same.</summary>
    public required double SmallestTonnes { get; init; }

    /// <summary>Largest bounty.</summary>
    public required double LargestTonnes { get; init; }

    /// <summary>The lot that prices refer to.</summary>
    public required double LotTonnes { get; init; }

    /// <summary>Shortest time from posting to deadline.</summary>
    public required double WithinDaysMin { get; init; }

    /// <summary>Longest time from posting to deadline.</summary>
    public required double WithinDaysMax { get; init; }

    /// <summary>Least worth, as a multiple of what the delivery of a lot costs a node as designed.</summary>
    public required double WorthOverCostMin { get; init; }

    /// <summary>Greatest worth, as a multiple of that cost.</summary>
    public required double WorthOverCostMax { get; init; }

    /// <summary>Share of the stream's bounties that are withdrawn or reduced at some time before their
    /// deadlines, percent.</summary>
    public required double CancelPercent { get; init; }

    /// <summary>Share of the stream's bounties that are critical, percent.</summary>
    public required double CriticalPercent { get; init; }

    /// <summary>What is asked for of those besides what is needed, percent of it.</summary>
    public required double BackupPercent { get; init; }

    /// <summary>Share of the stream's bounties that come in two parts which are given together or not at all,
    /// percent.</summary>
    public required double JointPercent { get; init; }
}

/// <summary>Work other than deliveries: how long it takes and how it is accepted.</summary>
public sealed record WorkSection
{
    /// <summary>How long a survey takes at its site; zero for no surveys.</summary>
    public required double SurveyHours { get; init; }

    /// <summary>One standard deviation of a survey, percent of the grade it finds.</summary>
    public required double SurveySigmaPercent { get; init; }

    /// <summary>What is held back of a survey's pay, percent.</summary>
    public required double SurveyHeldPercent { get; init; }

    /// <summary>For how long.</summary>
    public required double SurveyHoldDays { get; init; }

    /// <summary>One standard deviation of the grade that an extraction shows, percent.</summary>
    public required double DigSigmaPercent { get; init; }

    /// <summary>Bounties for surveys, in a region and 30 days.</summary>
    public required double SurveysPer30Days { get; init; }

    /// <summary>How long it takes to put a tonne of parts in place; zero when nothing is built.</summary>
    public required double BuildHoursPerTonne { get; init; }

    /// <summary>How long a hub's instrument at a site looks at what was built.</summary>
    public required double InspectionHours { get; init; }

    /// <summary>One standard deviation of what it sees, percent.</summary>
    public required double InspectionSigmaPercent { get; init; }

    /// <summary>Share of buildings of which only half stands, percent.</summary>
    public required double BuildFlawPercent { get; init; }

    /// <summary>Bounties for buildings, in a region and 30 days: of what its depot may have in
    /// store.</summary>
    public required double BuildsPer30Days { get; init; }

    /// <summary>Bounties for transports between depots, in a region and 30 days; none where there is only one
    /// depot.</summary>
    public required double TransportsPer30Days { get; init; }

    /// <summary>Share of carriers that lose a part of what they carry, or keep it, percent.</summary>
    public required double TransportLossPercent { get; init; }

    /// <summary>What a carrier is charged for goods that it lost, percent of what the bounty is
    /// worth.</summary>
    public required double LossChargePercent { get; init; }

    /// <summary>How long it takes to mend a machine that broke down; zero when none is mended.</summary>
    public required double RepairHours { get; init; }

    /// <summary>Spares that it takes, out of a depot's store; zero when it takes none.</summary>
    public required double RepairSparesTonnes { get; init; }

    /// <summary>What spares are made of.</summary>
    public required Commodity RepairCommodity { get; init; }

    /// <summary>Wear that it undoes at most, percent of a life.</summary>
    public required double RepairWearPercent { get; init; }

    /// <summary>How long a machine lets itself be mended before it asks again.</summary>
    public required double RepairConsentDays { get; init; }

    /// <summary>How long a repairer's word waits for that of the machine.</summary>
    public required double RepairHoldDays { get; init; }
}

/// <summary>How journals that come home are taken.</summary>
public sealed record ReturnSection
{
    /// <summary>Share of one core that a hub gives to validation, percent.</summary>
    public required double ValidationCorePercent { get; init; }

    /// <summary>Processor time that a return takes besides what validation was measured to cost,
    /// seconds.</summary>
    public required double ExtraSecondsPerReturn { get; init; }

    /// <summary>Leaves of raw sensor log that a node seals a day; zero for none. All but the last of a day
    /// have 64 KiB.</summary>
    public required int RawLeavesPerDay { get; init; }
}

/// <summary>Nodes that do other than they say; which, is drawn by lot. Percentages are of all
/// nodes.</summary>
public sealed record ConductSection
{
    /// <summary>Nodes that ask more than they would work for.</summary>
    public required double OverClaimersPercent { get; init; }

    /// <summary>Nodes that ask less.</summary>
    public required double UnderClaimersPercent { get; init; }

    /// <summary>Nodes that take work and stay where they are until its lease is over.</summary>
    public required double NoShowsPercent { get; init; }

    /// <summary>Nodes of the first region that agree to ask more; at most all of it.</summary>
    public required int RingNodes { get; init; }

    /// <summary>What over-claimers and the ring ask, percent of an honest price; under-claimers ask an honest
    /// price over that.</summary>
    public required double ClaimPercent { get; init; }

    /// <summary>Nodes that do not say that they were mended.</summary>
    public required double DeniersPercent { get; init; }

    /// <summary>Nodes that say that they have mended others, and have not.</summary>
    public required double FalseMendersPercent { get; init; }
}

/// <summary>What goes wrong. Probabilities are per frame unless the name says otherwise.</summary>
public sealed record FaultSection
{
    /// <summary>Share of nodes that die in 30 days, percent.</summary>
    public required double DeathsPercentPer30Days { get; init; }

    /// <summary>Share of nodes that break down in 30 days, percent: they live, and cannot fly or
    /// dig.</summary>
    public required double BreakdownsPercentPer30Days { get; init; }

    /// <summary>Frames lost, percent.</summary>
    public required double LossPercent { get; init; }

    /// <summary>Frames that arrive twice, percent.</summary>
    public required double DuplicatePercent { get; init; }

    /// <summary>Largest extra delay of a frame, seconds; reorders frames.</summary>
    public required double ExtraDelaySecondsMax { get; init; }

    /// <summary>Unplanned blackouts of a region per 30 days.</summary>
    public required double BlackoutsPer30Days { get; init; }

    /// <summary>Longest unplanned blackout, hours.</summary>
    public required double BlackoutHoursMax { get; init; }

    /// <summary>When the great blackout begins, day.</summary>
    public required double GreatBlackoutDay { get; init; }

    /// <summary>How long it lasts, days; zero for none.</summary>
    public required double GreatBlackoutDays { get; init; }

    /// <summary>Share of all nodes that are out of reach in it, percent: they come back at once.</summary>
    public required double GreatBlackoutPercent { get; init; }

    /// <summary>When every region loses the strategic layer, day.</summary>
    public required double StrategyBlackoutDay { get; init; }

    /// <summary>For how long, days; zero for not at all.</summary>
    public required double StrategyBlackoutDays { get; init; }

    /// <summary>When the first region's hub is lost, day.</summary>
    public required double LostHubDay { get; init; }

    /// <summary>For how long, days; zero for not at all. Then it is back, and knows of nothing.</summary>
    public required double LostHubDays { get; init; }

    /// <summary>Whether it only loses the strategic layer and goes on with its nodes (1), or is off
    /// (0).</summary>
    public required int LostHubGoesOn { get; init; }

    /// <summary>When the next region's hub is told to take over what it had, days after the loss.</summary>
    public required double LostHubAdoptedDays { get; init; }

    /// <summary>Nodes told to change their region, in 30 days.</summary>
    public required double HandoversPer30Days { get; init; }

    /// <summary>Share of nodes whose raw logs rot after they were sealed, percent.</summary>
    public required double RottenLogsPercent { get; init; }

    /// <summary>Crashes of machines (rebuilt from their journals at once) per machine and 30 days.</summary>
    public required double CrashesPer30Days { get; init; }
}

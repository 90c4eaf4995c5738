using System;
using Hanse.Core.Messages;
using Hanse.Core.Strategy;
using Hanse.Simulation.Scenarios;

namespace Hanse.Cli.Scenarios;

/// <summary>The table of fields: key, kind, range and meaning of everything in a scenario file.</summary>
/// <remarks>
/// <para>
/// The problem: a loader, a schema, a canonical text and a guide each list the same seventy fields, and lists
/// that are kept by hand drift apart. The idea is that of Core's <c>IShaped</c>: the list is written once, as
/// a walk, and a codec decides what the walk does. <see cref="ScenarioReader"/> reads and collects mistakes,
/// <see cref="ScenarioText"/> writes, <see cref="ScenarioSchema"/> and <see cref="ScenarioGuide"/> describe.
/// </para>
/// <para>
/// Invariants: keys are the camel case of the properties; every property is walked once; what one codec
/// writes another reads back equal. Rules between fields are not here but in <see cref="ScenarioRules"/>.
/// </para>
/// <para>
/// Deliberately absent: defaults. A mission is told everything about itself in its file.
/// </para>
/// </remarks>
internal static class ScenarioShape
{
    /// <summary>Longest text.</summary>
    public const int TextLengthMax = 200;

    /// <summary>Longest short name.</summary>
    public const int NameLengthMax = 64;

    /// <summary>Most regions, as <see cref="RegionSection.Count"/> has it.</summary>
    public const int RegionsMax = 4_000;

    /// <summary>Most named bounties.</summary>
    public const int NamedBountiesMax = 64;

    /// <summary>Most depots of a region.</summary>
    public const int DepotsMax = 4;

    // Standish's approximate planets, which the simulator's Earth follows, hold from 1800 to 2050.
    private static readonly DateOnly _epochMin = new(1900, 1, 1);
    private static readonly DateOnly _epochMax = new(2049, 12, 31);

    /// <summary>Walks all fields. <paramref name="value"/> is null when there is nothing to write.</summary>
    public static Scenario Walk(IScenarioCodec codec, Scenario? value) => new()
    {
        Name = codec.Name("name", value?.Name ?? "", "Short name, as on the command line."),
        Title = codec.Text("title", value?.Title ?? "", "One sentence for people."),
        Epoch = codec.Date("epoch", value?.Epoch ?? default, _epochMin, _epochMax,
            "The date of mission time zero, UTC; decides where the planets are."),
        Days = codec.Number("days", value?.Days ?? 0, 1, 3_650, "How long to play, in days."),
        Seed = codec.Seed("seed", value?.Seed ?? 0, "The seed when none is given: with the file, the "
            + "whole run."),
        Fleet = codec.Section("fleet", value?.Fleet, Fleet, "The machines."),
        Growth = codec.Later("growth", GrowthSection.None, () => codec.Section("growth", value?.Growth,
            Growth, "How there came to be so many machines.")),
        Regions = codec.Section("regions", value?.Regions, Regions, "Where the machines are."),
        Sites = codec.Section("sites", value?.Sites, Sites, "The sites where the machines dig."),
        Links = codec.Section("links", value?.Links, Links, "How the machines talk."),
        Market = codec.Section("market", value?.Market, Market, "The rules of the market."),
        Bounties = codec.Sections("bounties", value?.Bounties ?? [], NamedBountiesMax, Bounty,
            "Bounties with a name and a date; an empty list for none."),
        Demands = codec.Sections("demands", value?.Demands ?? [], NamedBountiesMax, Demand,
            "What several regions may bring, with a name and a date; an empty list for none."),
        Orders = codec.Sections("orders", value?.Orders ?? [], NamedBountiesMax, Order,
            "Things that take several kinds of work in an order; an empty list for none."),
        Rollouts = codec.Sections("rollouts", value?.Rollouts ?? [], NamedBountiesMax, Rollout,
            "Releases of skills that are rolled out; an empty list for none."),
        Stream = codec.Section("stream", value?.Stream, Stream,
            "The stream of other bounties; scales with the fleet."),
        Work = codec.Section("work", value?.Work, Work, "Work other than deliveries."),
        Returns = codec.Section("returns", value?.Returns, Returns, "How journals that come home are taken."),
        Conduct = codec.Section("conduct", value?.Conduct, Conduct, "Nodes that do other than they say; "
            + "which, is drawn by lot."),
        Faults = codec.Section("faults", value?.Faults, Faults, "What goes wrong."),
    };

    private static FleetSection Fleet(IScenarioCodec codec, FleetSection? value) => new()
    {
        Nodes = codec.Whole("nodes", value?.Nodes ?? 0, 1, 1_000_000, "How many machines."),
        DryTonnes = codec.Number("dryTonnes", value?.DryTonnes ?? 0, 0.1, 10_000,
            "Mass without cargo and propellant."),
        CargoTonnes = codec.Number("cargoTonnes", value?.CargoTonnes ?? 0, 0.1, 10_000, "Largest cargo."),
        PropellantTonnes = codec.Number("propellantTonnes", value?.PropellantTonnes ?? 0, 0.01, 10_000,
            "Full tanks."),
        PropellantReservePercent = codec.Number("propellantReservePercent",
            value?.PropellantReservePercent ?? 0, 0, 90, "Share of the tanks that stays aboard for the "
                + "unexpected."),
        ExhaustMetresPerSecond = codec.Number("exhaustMetresPerSecond", value?.ExhaustMetresPerSecond ?? 0,
            100, 100_000, "Effective exhaust velocity."),
        PowerKilowatts = codec.Number("powerKilowatts", value?.PowerKilowatts ?? 0, 0.1, 1_000_000,
            "Power for extraction."),
        ExtractionMegajoulesPerTonne = codec.Number("extractionMegajoulesPerTonne",
            value?.ExtractionMegajoulesPerTonne ?? 0, 0.1, 100_000,
            "Energy to dig, crush and refine a tonne of ore."),
        UnloadTonnesPerHour = codec.Number("unloadTonnesPerHour", value?.UnloadTonnesPerHour ?? 0, 0.01,
            10_000, "Mass unloaded in an hour at a berth."),
        WearPercentPerExtractionDay = codec.Number("wearPercentPerExtractionDay",
            value?.WearPercentPerExtractionDay ?? 0, 0, 100, "Share of a machine's life used up by a day "
                + "of extraction."),
        WearPercentPerTransfer = codec.Number("wearPercentPerTransfer", value?.WearPercentPerTransfer ?? 0, 0,
            100, "Share of a machine's life used up by a transfer."),
        FailureShape = codec.Whole("failureShape", value?.FailureShape ?? 0, 0, 4,
            "How a machine breaks as it wears: the shape of Weibull's law over wear, 0 for never; above 1 a "
                + "worn machine is in more danger than a new one."),
        FailureWearPercent = codec.Number("failureWearPercent", value?.FailureWearPercent ?? 0, 1, 200,
            "The wear until which one such loss is to be expected, share of a life."),
        MachineCredits = codec.Number("machineCredits", value?.MachineCredits ?? 0, 0, 100_000,
            "What another machine costs: nodes add the danger of losing theirs to what a trip costs."),
        SensorBiasPercent = codec.Number("sensorBiasPercent", value?.SensorBiasPercent ?? 0, 0, 50,
            "One standard deviation of a sensor's constant bias, percent of the reading."),
        SensorNoisePercent = codec.Number("sensorNoisePercent", value?.SensorNoisePercent ?? 0, 0, 50,
            "One standard deviation of a sensor's noise, percent of the reading."),
        BuildSpreadPercent = codec.Number("buildSpreadPercent", value?.BuildSpreadPercent ?? 0, 0, 30,
            "One standard deviation of how a machine as built differs from its design."),
        Variants = codec.Whole("variants", value?.Variants ?? 1, 1, 100,
            "Hardware variants, of which machines are dealt out in turn."),
        SharedErrorPercent = codec.Number("sharedErrorPercent", value?.SharedErrorPercent ?? 0, 0, 100,
            "Of the variance of sensor biases and of machines as built, what all machines of a variant have "
                + "in common."),
        ReadingPeriodHours = codec.Number("readingPeriodHours", value?.ReadingPeriodHours ?? 0, 0.05, 168,
            "How often the sensors are read."),
    };

    private static GrowthSection Growth(IScenarioCodec codec, GrowthSection? value) => new()
    {
        DoublingDays = codec.Number("doublingDays", value?.DoublingDays ?? 0, 0, 3_650,
            "In how many days the number of machines doubles, since machines build machines; 0 for no "
                + "growth."),
        GenerationDays = codec.Number("generationDays", value?.GenerationDays ?? 1, 1, 3_650,
            "How long a hardware generation is built before the next."),
        Generations = codec.Whole("generations", value?.Generations ?? 1, 1, 16,
            "How many generations there are; the last is built for ever."),
        AgeDays = codec.Number("ageDays", value?.AgeDays ?? 0, 0, 36_500,
            "How long the fleet has grown before time zero."),
        Commissions = codec.Whole("commissions", value?.Commissions ?? 0, 0, 1,
            "Whether machines are commissioned during the run: 1, and `fleet.nodes` are there at its end, or "
                + "0, and they are there from the beginning."),
        BornPercent = codec.Later("bornPercent", 0.0, () => codec.Number(
            "bornPercent", value?.BornPercent ?? 0, 0, 1_000,
            "Machines that may be born of nodes, of those commissioned during the run: the quota; 0 when "
                + "they enrol like any machine.")),
    };

    private static RegionSection Regions(IScenarioCodec codec, RegionSection? value) => new()
    {
        Count = codec.Whole("count", value?.Count ?? 0, 1, RegionsMax,
            "How many; more are made when a region would have more nodes than its most."),
        NodesMax = codec.Whole("nodesMax", value?.NodesMax ?? 0, 1, 10_000, "Most nodes of a region."),
        Anchors = codec.Texts("anchors", value?.Anchors ?? [], RegionsMax,
            "Asteroids by name or number, in order of region; regions beyond the list draw theirs by seed."),
        Sites = codec.Whole("sites", value?.Sites ?? 0, 1, 64, "Mining sites of a region."),
        Depots = codec.Whole("depots", value?.Depots ?? 1, 1, DepotsMax,
            "Depots of a region, each on an orbit of its own; all nodes begin at the first."),
        DepotNames = codec.Texts("depotNames", value?.DepotNames ?? [], RegionsMax,
            "Names of the first depots of the first regions; others are called by their anchor."),
        BerthsPerHundredNodes = codec.Number("berthsPerHundredNodes", value?.BerthsPerHundredNodes ?? 0, 0.01,
            1_000, "Berths of a depot per hundred nodes of its region; at least one is built."),
        ScaleErrorPercent = codec.Number("scaleErrorPercent", value?.ScaleErrorPercent ?? 0, 0, 10,
            "One standard deviation of a depot's scale."),
        AssayErrorPercent = codec.Number("assayErrorPercent", value?.AssayErrorPercent ?? 0, 0, 50,
            "Spread of the true ore grade around its assay; three times as much where a body's composition "
                + "is assumed."),
        AdoptAfterDays = codec.Later("adoptAfterDays", 0.0, () => codec.Number(
            "adoptAfterDays", value?.AdoptAfterDays ?? 0, 0, 3_650,
            "How long a hub is silent when another takes over its region without an order; only time in "
                + "which it could have called counts. 0 for never.")),
    };

    private static SiteSection Sites(IScenarioCodec codec, SiteSection? value) => new()
    {
        Faces = codec.Whole("faces", value?.Faces ?? 0, 0, 10_000,
            "How many machines can dig at a site at a time, first come first served; 0 for any number."),
        Tonnes = codec.Number("tonnes", value?.Tonnes ?? 0, 0, 1_000_000_000,
            "Ore of a site on the mean, of whatever grade; each has from half of it to one and a half; 0 for "
                + "no end."),
    };

    private static LinkSection Links(IScenarioCodec codec, LinkSection? value) => new()
    {
        NodePeriodHours = codec.Number("nodePeriodHours", value?.NodePeriodHours ?? 0, 0.1, 720,
            "From one contact window of a node to its next."),
        NodeWindowHours = codec.Number("nodeWindowHours", value?.NodeWindowHours ?? 0, 0.01, 720,
            "How long a window stays open."),
        NodeBytesPerSecond = codec.Whole("nodeBytesPerSecond", value?.NodeBytesPerSecond ?? 0, 1,
            1_000_000_000, "What a node's link carries each way."),
        NodeLightMilliseconds = codec.Number("nodeLightMilliseconds", value?.NodeLightMilliseconds ?? 0, 0,
            60_000, "Longest one-way light time between hub and node."),
        StrategyPeriodHours = codec.Number("strategyPeriodHours", value?.StrategyPeriodHours ?? 0, 0.1, 720,
            "How often a hub calls the strategic layer."),
        StrategyBytesPerSecond = codec.Whole("strategyBytesPerSecond", value?.StrategyBytesPerSecond ?? 0,
            1, 1_000_000_000, "What that link carries each way."),
        ConjunctionDegrees = codec.Number("conjunctionDegrees", value?.ConjunctionDegrees ?? 0, 0, 30,
            "The link to Earth is closed while the Sun is nearer to the line of sight than this."),
        ClockErrorSeconds = codec.Number("clockErrorSeconds", value?.ClockErrorSeconds ?? 0, 0, 3_600,
            "Furthest any clock is from mission time."),
    };

    private static MarketSection Market(IScenarioCodec codec, MarketSection? value) => new()
    {
        CycleHours = codec.Number("cycleHours", value?.CycleHours ?? 0, 0.1, 720,
            "How long a hub collects sealed bids."),
        DueSlackHours = codec.Number("dueSlackHours", value?.DueSlackHours ?? 0, 0, 720,
            "Slack of a due time over the arrival that was bid, on top of three sigma."),
        MilestoneWindows = codec.Whole("milestoneWindows", value?.MilestoneWindows ?? 0, 0, 100,
            "Contact windows without a word, after a milestone of a contract, that end its lease; 0 for "
            + "never."),
        ExtensionHours = codec.Number("extensionHours", value?.ExtensionHours ?? 0, 0, 720,
            "How much later an extension moves a due time at most; 0 for no extensions."),
        BondPercent = codec.Number("bondPercent", value?.BondPercent ?? 0, 0, 100,
            "What a winner stakes of its own, of what it is to be paid; lost when it does not deliver."),
        PropellantCreditsPerTonne = codec.Number("propellantCreditsPerTonne",
            value?.PropellantCreditsPerTonne ?? 0, 0, 1_000_000, "Price of propellant."),
        SparesCreditsPerLife = codec.Number("sparesCreditsPerLife", value?.SparesCreditsPerLife ?? 0, 0,
            1_000_000, "Price of the spares for a whole life of a machine."),
        HourCredits = codec.Number("hourCredits", value?.HourCredits ?? 0, 0, 1_000_000,
            "What an hour of a node is worth."),
        MarginPercent = codec.Number("marginPercent", value?.MarginPercent ?? 0, 0, 1_000,
            "What nodes add to their cost."),
        ReserveStartPercent = codec.Number("reserveStartPercent", value?.ReserveStartPercent ?? 0, 0, 100,
            "What is paid at most for a new bounty, of its value; it rises with every batch "
            + "that leaves some."),
        Split = codec.Choice("split", value?.Split ?? SplitRule.Curves,
            "How lots of a demand are divided: by what regions say it would cost, or evenly."),
        SeedCredits = codec.Number("seedCredits", value?.SeedCredits ?? 0, 0, 1_000_000, "Working capital "
            + "of a node."),
        HoardCeilingCredits = codec.Number("hoardCeilingCredits", value?.HoardCeilingCredits ?? 0, 0,
            1_000_000, "What a node may own: of what is above, a tenth is burned each time it docks."),
        FillTolerancePercent = codec.Number("fillTolerancePercent", value?.FillTolerancePercent ?? 0, 0, 50,
            "Share of a bounty that may be missing and it still counts as filled."),
        BerthPrices = codec.Whole("berthPrices", value?.BerthPrices ?? 0, 0, 1,
            "Hubs post how crowded their berths will be, and take a toll for it: 1; not: 0."),
        HourWorth = codec.Whole("hourWorth", value?.HourWorth ?? 0, 0, 1,
            "Hubs post what an hour of their nodes has earned of late, and nodes ask for it: 1; not: 0."),
        FacePrices = codec.Whole("facePrices", value?.FacePrices ?? 0, 0, 1,
            "Hubs post how crowded the faces of their sites will be, and take a toll for it: 1; not: 0."),
        JointHoldPercent = codec.Number("jointHoldPercent", value?.JointHoldPercent ?? 0, 0, 100,
            "Nodes of a region that may be held back for a joint work that needs more than are free; "
                + "0: none."),
        JointHoldBatches = codec.Whole("jointHoldBatches", value?.JointHoldBatches ?? 0, 0, 100,
            "Batches in a row through which they are held back at most."),
        CargoBandKilograms = codec.Number("cargoBandKilograms", value?.CargoBandKilograms ?? 0, 0.001,
            1_000_000, "Dead band of cargo."),
        PropellantBandKilograms = codec.Number("propellantBandKilograms", value?.PropellantBandKilograms ?? 0,
            0.001, 1_000_000, "Dead band of propellant."),
        WearBandPercent = codec.Number("wearBandPercent", value?.WearBandPercent ?? 0, 0.0001, 100,
            "Dead band of wear, percent of a life."),
        PositionBandKilometres = codec.Number("positionBandKilometres", value?.PositionBandKilometres ?? 0,
            0.001, 1_000_000_000, "Dead band of the position along a leg."),
    };

    private static NamedBounty Bounty(IScenarioCodec codec, NamedBounty? value) => new()
    {
        Name = codec.Text("name", value?.Name ?? "", "What people call it."),
        Kind = codec.Choice("kind", value?.Kind ?? WorkKind.Deliver, "What kind of work it is."),
        Site = codec.Whole("site", value?.Site ?? 0, 0, 64,
            "The site it is done at; 0 for a delivery, whose site is the node's choice, and a transport."),
        FromDepot = codec.Whole("fromDepot", value?.FromDepot ?? 0, 0, DepotsMax,
            "Which depot of the region the goods of a transport come from, from 1; else 0."),
        ToDepot = codec.Whole("toDepot", value?.ToDepot ?? 1, 1, DepotsMax,
            "Which depot of the region it is for, from 1."),
        Commodity = codec.Choice("commodity", value?.Commodity ?? Commodity.Nickel, "What is wanted."),
        Tonnes = codec.Number("tonnes", value?.Tonnes ?? 0, 0.001, 1_000_000, "How much."),
        LotTonnes = codec.Number("lotTonnes", value?.LotTonnes ?? 0, 0.001, 1_000_000,
            "The lot that prices refer to."),
        BackupPercent = codec.Number("backupPercent", value?.BackupPercent ?? 0, 0, 100,
            "What is asked for besides, until so much has arrived; for deliveries."),
        Joint = codec.Whole("joint", value?.Joint ?? 0, 0, 1_000_000,
            "The joint work it is a part of, one number for all of its parts, which are given together or "
                + "not at all; 0 for none."),
        Depot = codec.Text("depot", value?.Depot ?? "", "Where: one of regions.depotNames."),
        Credits = codec.Number("credits", value?.Credits ?? 0, 0.01, 1_000_000_000, "What it is worth in "
            + "all."),
        PostedDay = codec.Number("postedDay", value?.PostedDay ?? 0, 0, 3_650, "When it is posted."),
        WithinDays = codec.Number("withinDays", value?.WithinDays ?? 0, 0.1, 3_650,
            "Days from posting to its deadline."),
    };

    private static NamedDemand Demand(IScenarioCodec codec, NamedDemand? value) => new()
    {
        Name = codec.Text("name", value?.Name ?? "", "What people call it."),
        Commodity = codec.Choice("commodity", value?.Commodity ?? Commodity.Nickel,
            "What is wanted, of every region whose rock has it."),
        Lots = codec.Whole("lots", value?.Lots ?? 0, 1, 1_000_000, "How many lots."),
        LotTonnes = codec.Number("lotTonnes", value?.LotTonnes ?? 0, 0.001, 1_000, "The mass of one."),
        Credits = codec.Number("credits", value?.Credits ?? 0, 0.01, 1_000_000, "What it is worth in all "
            + "where it is needed."),
        FreightCreditsMin = codec.Number("freightCreditsMin", value?.FreightCreditsMin ?? 0, 0, 1_000,
            "Least freight for a lot from a region's depot to where it is needed; each region's is drawn."),
        FreightCreditsMax = codec.Number("freightCreditsMax", value?.FreightCreditsMax ?? 0, 0, 1_000,
            "Greatest freight for a lot."),
        PostedDay = codec.Number("postedDay", value?.PostedDay ?? 0, 0, 3_650, "When it is posted."),
        WithinDays = codec.Number("withinDays", value?.WithinDays ?? 0, 0.1, 3_650,
            "Days from posting to its deadline."),
    };

    private static NamedRollout Rollout(IScenarioCodec codec, NamedRollout? value) => new()
    {
        Name = codec.Text("name", value?.Name ?? "", "What people call it."),
        Function = codec.Choice("function", value?.Function ?? SkillFunction.Extraction,
            "What it decides: how much is dug, or what is asked for a trip; or it is an image of the core."),
        Day = codec.Number("day", value?.Day ?? 0, 0, 3_650, "When it is ordered."),
        Kilobytes = codec.Number("kilobytes", value?.Kilobytes ?? 0, 1, 1_000, "Size of its package."),
        Lane = codec.Choice("lane", value?.Lane ?? RolloutLane.Standard,
            "How fast it goes: canaries for a week and waves, faster, class after class as one image, or as "
            + "images of the core go."),
        AuthorityDays = codec.Number("authorityDays", value?.AuthorityDays ?? 0, 0.1, 3_650,
            "How long a node runs it before somebody has confirmed it: longer than it is out of reach."),
        DivergencePercent = codec.Number("divergencePercent", value?.DivergencePercent ?? 0, 0, 100,
            "How far its answers may be from what decided before, or it is not taken."),
        Fault = codec.Choice("fault", value?.Fault ?? ReleaseFault.None, "What is wrong with it."),
        FaultClass = codec.Whole("faultClass", value?.FaultClass ?? 0, 0, 100,
            "On which variant of machines; 0 for all."),
        FaultGeneration = codec.Later("faultGeneration", 0, () => codec.Whole(
            "faultGeneration", value?.FaultGeneration ?? 0, 0, 16,
            "On which hardware generation it errs; 0 for all.")),
        FuelPercent = codec.Later("fuelPercent", 0.0, () => codec.Number(
            "fuelPercent", value?.FuelPercent ?? 0, 0, 100_000,
            "Fuel that a slow release takes where it errs, of what a machine of the first generation may "
                + "use; later ones may use more. 0 for more than any may.")),
        Groups = codec.Later("groups", RolloutSplit.Class, () => codec.Choice(
            "groups", value?.Groups ?? RolloutSplit.Class,
            "What it goes on by, and stops by: classes, hardware generations, or strains, which are both.")),
        FaultPercent = codec.Number("faultPercent", value?.FaultPercent ?? 0, 0, 100,
            "For how many of the questions it is asked. An image of the core that crashes never starts with "
            + "100, and crashes half an hour after each start with less."),
        CalledBackDay = codec.Number("calledBackDay", value?.CalledBackDay ?? 0, 0, 3_650,
            "When it is called back from everybody; 0 for never."),
        StrainPercent = codec.Number("strainPercent", value?.StrainPercent ?? 0, 0, 100,
            "Most of the machines of one variant and generation of a region that run it before it is for "
            + "good; 0 for all."),
        Signatures = codec.Whole("signatures", value?.Signatures ?? 0, 0, 3,
            "How many of three operators have signed its order. 0 for all: nobody asks. Else one is enough "
            + "for the standard lane, and a faster one takes two, as an image of the core always does."),
    };

    private static NamedOrder Order(IScenarioCodec codec, NamedOrder? value) => new()
    {
        Name = codec.Text("name", value?.Name ?? "", "What people call it."),
        Depot = codec.Text("depot", value?.Depot ?? "",
            "Where all of it is done: one of regions.depotNames."),
        Credits = codec.Number("credits", value?.Credits ?? 0, 0.01, 1_000_000,
            "What the whole is worth; the values of its parts follow from it."),
        TimePercent = codec.Number("timePercent", value?.TimePercent ?? 0, 0, 100,
            "What of that is paid for time, to the parts on the critical path; the rest is paid for work."),
        PostedDay = codec.Number("postedDay", value?.PostedDay ?? 0, 0, 3_650, "When it is posted."),
        WithinDays = codec.Number("withinDays", value?.WithinDays ?? 0, 0.1, 3_650,
            "Days from posting to its deadline."),
        Parts = codec.Sections("parts", value?.Parts ?? [], WorkOrder.PartsMax, Part,
            "Its parts, each after those that it waits for."),
    };

    private static NamedPart Part(IScenarioCodec codec, NamedPart? value) => new()
    {
        Name = codec.Text("name", value?.Name ?? "", "What people call it; another than the other parts."),
        Kind = codec.Choice("kind", value?.Kind ?? WorkKind.Deliver, "What kind of work it is."),
        Site = codec.Whole("site", value?.Site ?? 0, 0, 64,
            "The site it is done at; 0 for a delivery, whose site is the node's choice, and a transport."),
        FromDepot = codec.Whole("fromDepot", value?.FromDepot ?? 0, 0, DepotsMax,
            "Which depot of the region the goods of a transport come from, from 1; else 0."),
        ToDepot = codec.Whole("toDepot", value?.ToDepot ?? 1, 1, DepotsMax,
            "Which depot of the region it is for, from 1."),
        Commodity = codec.Choice("commodity", value?.Commodity ?? Commodity.Nickel,
            "What is wanted, or what is built of what the depot has of it."),
        Tonnes = codec.Number("tonnes", value?.Tonnes ?? 0, 0.001, 1_000_000, "How much."),
        LotTonnes = codec.Number("lotTonnes", value?.LotTonnes ?? 0, 0.001, 1_000_000,
            "The lot that prices refer to."),
        After = codec.Texts("after", value?.After ?? [], WorkOrder.PartsMax,
            "Names of the parts before it that it waits for."),
    };

    private static StreamSection Stream(IScenarioCodec codec, StreamSection? value) => new()
    {
        TonnesPerNodeDay = codec.Number("tonnesPerNodeDay", value?.TonnesPerNodeDay ?? 0, 0, 1_000,
            "Tonnes asked for per node and day, all commodities and regions together."),
        SmallestTonnes = codec.Number("smallestTonnes", value?.SmallestTonnes ?? 0, 0.001, 1_000_000,
            "Smallest bounty."),
        LargestTonnes = codec.Number("largestTonnes", value?.LargestTonnes ?? 0, 0.001, 1_000_000,
            "Largest bounty."),
        LotTonnes = codec.Number("lotTonnes", value?.LotTonnes ?? 0, 0.001, 1_000_000,
            "The lot that prices refer to."),
        WithinDaysMin = codec.Number("withinDaysMin", value?.WithinDaysMin ?? 0, 0.1, 3_650,
            "Shortest time from posting to deadline."),
        WithinDaysMax = codec.Number("withinDaysMax", value?.WithinDaysMax ?? 0, 0.1, 3_650,
            "Longest time from posting to deadline."),
        WorthOverCostMin = codec.Number("worthOverCostMin", value?.WorthOverCostMin ?? 0, 0.01, 1_000,
            "Least worth, as a multiple of what the delivery of a lot costs a node as designed."),
        WorthOverCostMax = codec.Number("worthOverCostMax", value?.WorthOverCostMax ?? 0, 0.01, 1_000,
            "Greatest worth, as a multiple of that cost."),
        CancelPercent = codec.Number("cancelPercent", value?.CancelPercent ?? 0, 0, 100,
            "Share of these bounties that are withdrawn or reduced at some time before their deadlines."),
        CriticalPercent = codec.Number("criticalPercent", value?.CriticalPercent ?? 0, 0, 100,
            "Share of them that are critical."),
        BackupPercent = codec.Number("backupPercent", value?.BackupPercent ?? 0, 0, 100,
            "What is asked for of those besides what is needed, until that has arrived."),
        JointPercent = codec.Number("jointPercent", value?.JointPercent ?? 0, 0, 100,
            "Share of these bounties that come in two parts, given together or not at all."),
    };

    private static WorkSection Work(IScenarioCodec codec, WorkSection? value) => new()
    {
        SurveyHours = codec.Number("surveyHours", value?.SurveyHours ?? 0, 0, 720,
            "How long a survey takes at its site; 0 for no surveys."),
        SurveySigmaPercent = codec.Number("surveySigmaPercent", value?.SurveySigmaPercent ?? 0, 0, 50,
            "One standard deviation of a survey, of the grade it finds."),
        SurveyHeldPercent = codec.Number("surveyHeldPercent", value?.SurveyHeldPercent ?? 0, 0, 100,
            "What is held back of a survey's pay, for as long as an extraction may contradict it."),
        SurveyHoldDays = codec.Number("surveyHoldDays", value?.SurveyHoldDays ?? 0, 0, 365,
            "How long that is."),
        DigSigmaPercent = codec.Number("digSigmaPercent", value?.DigSigmaPercent ?? 0, 0, 50,
            "One standard deviation of the grade that an extraction shows."),
        SurveysPer30Days = codec.Number("surveysPer30Days", value?.SurveysPer30Days ?? 0, 0, 1_000,
            "Bounties for surveys, in a region and 30 days."),
        BuildHoursPerTonne = codec.Number("buildHoursPerTonne", value?.BuildHoursPerTonne ?? 0, 0, 720,
            "How long it takes to put a tonne of parts in place; 0 when nothing is built."),
        InspectionHours = codec.Number("inspectionHours", value?.InspectionHours ?? 0, 0, 720,
            "How long a hub's instrument at a site looks at what was built; the builder waits for it."),
        InspectionSigmaPercent = codec.Number("inspectionSigmaPercent", value?.InspectionSigmaPercent ?? 0,
            0, 20, "One standard deviation of what that instrument sees."),
        BuildFlawPercent = codec.Number("buildFlawPercent", value?.BuildFlawPercent ?? 0, 0, 100,
            "Share of buildings of which only half stands."),
        BuildsPer30Days = codec.Number("buildsPer30Days", value?.BuildsPer30Days ?? 0, 0, 1_000,
            "Bounties for buildings, in a region and 30 days, of what its depot may have in store."),
        TransportsPer30Days = codec.Number("transportsPer30Days", value?.TransportsPer30Days ?? 0, 0, 1_000,
            "Bounties for transports between depots, in a region and 30 days, of what they may have."),
        TransportLossPercent = codec.Number("transportLossPercent", value?.TransportLossPercent ?? 0, 0, 100,
            "Share of carriers that lose a part of what they carry, or keep it."),
        LossChargePercent = codec.Number("lossChargePercent", value?.LossChargePercent ?? 0, 0, 10_000,
            "What a carrier is charged for goods that it lost, of what their bounty is worth; it must own as "
                + "much to be given any."),
        RepairHours = codec.Number("repairHours", value?.RepairHours ?? 0, 0, 720,
            "How long it takes to mend a machine that broke down; 0 when none is mended."),
        RepairSparesTonnes = codec.Number("repairSparesTonnes", value?.RepairSparesTonnes ?? 0, 0, 1_000,
            "Spares that it takes, out of a depot's store; 0 when it takes none."),
        RepairCommodity = codec.Choice("repairCommodity", value?.RepairCommodity ?? Commodity.Nickel,
            "What spares are made of."),
        RepairWearPercent = codec.Number("repairWearPercent", value?.RepairWearPercent ?? 0, 0, 100,
            "Wear that it undoes at most, of a life."),
        RepairConsentDays = codec.Number("repairConsentDays", value?.RepairConsentDays ?? 0, 1, 365,
            "How long a machine lets itself be mended before it asks again, with twice the offer."),
        RepairHoldDays = codec.Number("repairHoldDays", value?.RepairHoldDays ?? 0, 0, 365,
            "How long a repairer's word waits for that of the machine it says it has mended."),
    };

    private static ReturnSection Returns(IScenarioCodec codec, ReturnSection? value) => new()
    {
        ValidationCorePercent = codec.Number("validationCorePercent", value?.ValidationCorePercent ?? 0, 0.1,
            10_000, "Share of one core that a hub gives to validation, percent."),
        ExtraSecondsPerReturn = codec.Number("extraSecondsPerReturn", value?.ExtraSecondsPerReturn ?? 0, 0,
            0.9, "Processor time that a return takes besides what validation was measured to cost."),
        RawLeavesPerDay = codec.Whole("rawLeavesPerDay", value?.RawLeavesPerDay ?? 0, 0, 64,
            "Leaves of raw sensor log that a node seals a day, for its hub to audit."),
    };

    private static ConductSection Conduct(IScenarioCodec codec, ConductSection? value) => new()
    {
        OverClaimersPercent = codec.Number("overClaimersPercent", value?.OverClaimersPercent ?? 0, 0, 100,
            "Nodes that ask more than they would work for."),
        UnderClaimersPercent = codec.Number("underClaimersPercent", value?.UnderClaimersPercent ?? 0, 0, 100,
            "Nodes that ask less."),
        NoShowsPercent = codec.Number("noShowsPercent", value?.NoShowsPercent ?? 0, 0, 100,
            "Nodes that take work and stay where they are until its lease is over."),
        RingNodes = codec.Whole("ringNodes", value?.RingNodes ?? 0, 0, 10_000,
            "Nodes of the first region that agree to ask more; at most all of it."),
        ClaimPercent = codec.Number("claimPercent", value?.ClaimPercent ?? 0, 100, 1_000,
            "What over-claimers and the ring ask, of an honest price; under-claimers ask an honest price "
                + "over that."),
        DeniersPercent = codec.Number("deniersPercent", value?.DeniersPercent ?? 0, 0, 100,
            "Nodes that do not say that they were mended."),
        FalseMendersPercent = codec.Number("falseMendersPercent", value?.FalseMendersPercent ?? 0, 0, 100,
            "Nodes that say that they have mended others, and have not."),
    };

    private static FaultSection Faults(IScenarioCodec codec, FaultSection? value) => new()
    {
        DeathsPercentPer30Days = codec.Number("deathsPercentPer30Days", value?.DeathsPercentPer30Days ?? 0, 0,
            100, "Share of nodes that die in 30 days."),
        BreakdownsPercentPer30Days = codec.Number("breakdownsPercentPer30Days",
            value?.BreakdownsPercentPer30Days ?? 0, 0, 100,
            "Share of nodes that break down in 30 days: they live, and cannot fly or dig."),
        LossPercent = codec.Number("lossPercent", value?.LossPercent ?? 0, 0, 100, "Frames lost."),
        DuplicatePercent = codec.Number("duplicatePercent", value?.DuplicatePercent ?? 0, 0, 100,
            "Frames that arrive twice."),
        ExtraDelaySecondsMax = codec.Number("extraDelaySecondsMax", value?.ExtraDelaySecondsMax ?? 0, 0,
            86_400, "Largest extra delay of a frame; reorders frames."),
        BlackoutsPer30Days = codec.Number("blackoutsPer30Days", value?.BlackoutsPer30Days ?? 0, 0, 1_000,
            "Unplanned blackouts of a region per 30 days."),
        BlackoutHoursMax = codec.Number("blackoutHoursMax", value?.BlackoutHoursMax ?? 0, 0, 2_160,
            "Longest unplanned blackout."),
        GreatBlackoutDay = codec.Number("greatBlackoutDay", value?.GreatBlackoutDay ?? 0, 0, 3_650,
            "When the great blackout begins."),
        GreatBlackoutDays = codec.Number("greatBlackoutDays", value?.GreatBlackoutDays ?? 0, 0, 365,
            "How long it lasts; 0 for none."),
        GreatBlackoutPercent = codec.Number("greatBlackoutPercent", value?.GreatBlackoutPercent ?? 0, 0, 100,
            "Share of all nodes that are out of reach in it and come back at once."),
        StrategyBlackoutDay = codec.Number("strategyBlackoutDay", value?.StrategyBlackoutDay ?? 0, 0, 3_650,
            "When every region loses the strategic layer."),
        StrategyBlackoutDays = codec.Number("strategyBlackoutDays", value?.StrategyBlackoutDays ?? 0, 0, 365,
            "For how long; 0 for not at all."),
        LostHubDay = codec.Number("lostHubDay", value?.LostHubDay ?? 0, 0, 3_650,
            "When the first region's hub is lost."),
        LostHubDays = codec.Number("lostHubDays", value?.LostHubDays ?? 0, 0, 3_650,
            "For how long; 0 for not at all. Then it is back, and knows of nothing."),
        LostHubGoesOn = codec.Whole("lostHubGoesOn", value?.LostHubGoesOn ?? 0, 0, 1,
            "1: it loses the strategic layer only, and goes on with its nodes; 0: it is off."),
        LostHubAdoptedDays = codec.Number("lostHubAdoptedDays", value?.LostHubAdoptedDays ?? 0, 0, 3_650,
            "When the next region's hub is told to take over what it had, after the loss."),
        HandoversPer30Days = codec.Number("handoversPer30Days", value?.HandoversPer30Days ?? 0, 0, 100_000,
            "Nodes told to change their region, in 30 days."),
        RottenLogsPercent = codec.Number("rottenLogsPercent", value?.RottenLogsPercent ?? 0, 0, 100,
            "Share of nodes whose raw logs rot after they were sealed."),
        CrashesPer30Days = codec.Number("crashesPer30Days", value?.CrashesPer30Days ?? 0, 0, 10_000,
            "Crashes of a machine (rebuilt from its journal at once) per 30 days."),
    };
}

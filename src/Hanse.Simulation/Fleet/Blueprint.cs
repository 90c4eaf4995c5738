using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Decisions;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Simulation.Orbits;
using Hanse.Simulation.Scenarios;
using Hanse.Simulation.World;
using Place = Hanse.Core.Messages.Place;

namespace Hanse.Simulation.Fleet;

/// <summary>One region as built: its asteroid, what its nodes are told of it, and what its hub is built
/// with.</summary>
internal sealed record RegionBlueprint(
    RegionId Id, ImmutableArray<DepotId> Depots, string DepotName, RegionPlan Plan, Chart Chart, HubSpec Hub,
    int Nodes)
{
    /// <summary>Where its nodes begin, and where most work goes.</summary>
    public DepotId Depot => Depots[0];

    /// <summary>A depot by its place in the scenario, from 1; zero for none.</summary>
    public DepotId DepotAt(int place) => place == 0 ? default : Depots[place - 1];
}

/// <summary>A bounty of the run: when it is posted, and where.</summary>
internal sealed record PlannedBounty(long PostedAt, int Region, Bounty Bounty, string? Name)
{
    /// <summary>When the operator wants less of it; null when never.</summary>
    public long? ReducedAt { get; init; }

    /// <summary>What then.</summary>
    public Grams ReducedTo { get; init; }
}

/// <summary>A demand of the run.</summary>
internal sealed record PlannedDemand(long PostedAt, Demand Demand, string Name);

/// <summary>An order of the run.</summary>
internal sealed record PlannedOrder(long PostedAt, WorkOrder Order, string Name);

/// <summary>A scenario and a seed turned into machines and a world: everything that is decided before time
/// zero.</summary>
internal sealed class Blueprint
{
    // Joint works of a stream are numbered from here, after those that a scenario names.
    private const uint StreamJointMin = 1_000_001;

    private const double HourMicros = 3_600e6;
    private const double DayMicros = 86_400e6;

    // Four of the difference between two scales.
    private const double CustodySigmas = 4 * 1.41422;

    private const double TransportsAwayShare = 0.75;

    // A share of rock that is worth digging for.
    private const int PresentPpm = 20_000;

    private readonly Scenario _scenario;
    private readonly ulong _seed;

    // Places of those who were born, by their numbers, which follow those of all machines that are planned.
    private readonly Dictionary<NodeId, int> _born = [];

    public Blueprint(Scenario scenario, ulong seed)
    {
        _scenario = scenario;
        _seed = seed;
        Horizon = (long)(scenario.Days * DayMicros);
        Rules = RulesOf(scenario);
        Growth = new FleetGrowth(
            scenario.Growth, scenario.Fleet.Nodes, 2 * (long)Rules.ClockErrorMax.TotalMicroseconds, Horizon);
        Design = DesignOf(scenario.Fleet);
        Largest = HardwareGeneration.Of(Design, Growth.Generations);
        Releases = new Releases(scenario, seed);
        Operators = [.. Enumerable.Range(1, 3).Select(i => KeyOf("operator-key", (uint)i))];
        Regions = BuildRegions();
        Nodes = BuildNodes();
        Strategy = new StrategySpec
        {
            Rules = Rules,
            Regions = Regions.ToImmutableSortedDictionary(
                region => region.Id,
                region => new RegionSpec
                {
                    Contacts = region.Hub.StrategyContacts,
                    PublicKey = region.Hub.PublicKey,
                }),
            Returns = ReturnPolicy.Rules(Rules, Largest),
            Approvals = ReturnPolicy.Approvals,
            Operators = scenario.Rollouts.Any(named => named.Signatures > 0)
                ? new OperatorKeys(Operators, 1, 2) : OperatorKeys.None,
            Split = scenario.Market.Split,
            Adoption = new AdoptionRule { After = TimeSpan.FromDays(scenario.Regions.AdoptAfterDays) },
        };
        Bounties = BuildBounties();
        Demands = BuildDemands();
        Orders = BuildOrders();
        Conducts = new Conducts(scenario.Conduct, seed, Nodes.Length, Regions.Length);
        Quota = scenario.Growth.HasBirths ? QuotaOf() : null;
    }

    public long Horizon { get; }

    public MissionRules Rules { get; }

    /// <summary>When machines are built.</summary>
    public FleetGrowth Growth { get; }

    /// <summary>The machine of the first generation.</summary>
    public MachineDesign Design { get; }

    /// <summary>The machine of the last generation that there can be, which holds most.</summary>
    public MachineDesign Largest { get; }

    /// <summary>Public keys of operators.</summary>
    public ImmutableArray<byte[]> Operators { get; }

    public RegionBlueprint[] Regions { get; }

    public NodeSpec[] Nodes { get; }

    public StrategySpec Strategy { get; }

    /// <summary>In order of posting; the identity of each is its place in that order, from 1.</summary>
    public ImmutableArray<PlannedBounty> Bounties { get; }

    /// <summary>In order of posting; the identity of each is its place in that order, from 1.</summary>
    public ImmutableArray<PlannedDemand> Demands { get; }

    /// <summary>Releases of skills.</summary>
    public Releases Releases { get; }

    /// <summary>How nodes conduct themselves.</summary>
    public Conducts Conducts { get; }

    /// <summary>In order of posting; the identity of each is its place in that order, from 1.</summary>
    public ImmutableArray<PlannedOrder> Orders { get; }

    /// <summary>The region of a node at first: they are dealt out in turn.</summary>
    public int RegionOf(int node) => node % Regions.Length;

    /// <summary>The hardware variant of a node, from 1.</summary>
    public int VariantOf(int node) => 1 + (node / Regions.Length % _scenario.Fleet.Variants);

    /// <summary>The place of a node, from 0.</summary>
    public int PlaceOf(NodeId node) =>
        node.Value <= Nodes.Length ? (int)node.Value - 1 : _born[node];

    /// <summary>Makes the machine of a place the node whose number it was born with.</summary>
    /// <remarks>Nothing else of the plan ever changes.</remarks>
    public void Bear(int place, NodeId number)
    {
        _born.Add(number, place);
        RegionBlueprint region = Regions[RegionOf(place)];
        Nodes[place] = Nodes[place] with
        {
            Node = number,
            Contacts = region.Hub.NodeContacts.PlanFor(number),
            Neighbours = NeighboursOf(RegionOf(place), number),
        };
    }

    /// <summary>The quota that operators sign: numbers behind those of all machines; null when nobody is to
    /// be born.</summary>
    public BirthQuota? Quota { get; }

    /// <summary>When a node is commissioned, microseconds; zero when it is there from the
    /// beginning.</summary>
    public long CommissionedAt(int node) => Growth.CommissionedAt(node);

    /// <summary>The hardware generation of a node, from 1.</summary>
    public int GenerationOf(int node) => Growth.GenerationOf(node);

    private static MissionRules RulesOf(Scenario scenario)
    {
        MarketSection market = scenario.Market;
        LinkSection links = scenario.Links;
        return new MissionRules
        {
            ClockErrorMax = TimeSpan.FromSeconds(links.ClockErrorSeconds),
            CyclePeriod = TimeSpan.FromHours(market.CycleHours),
            AcceptDelayMax = TimeSpan.FromHours((2 * links.NodePeriodHours) + links.NodeWindowHours),
            DueSlack = TimeSpan.FromHours(market.DueSlackHours),
            DeadBands =
            [
                (ulong)(market.CargoBandKilograms * 1e3),
                (ulong)(market.PropellantBandKilograms * 1e3),
                (ulong)(market.WearBandPercent * 1e4),
                (ulong)(market.PositionBandKilometres * 1e3),
            ],
            PropellantPerTonne = Money(market.PropellantCreditsPerTonne),
            SparesPerLife = Money(market.SparesCreditsPerLife),
            HourlyCost = Money(market.HourCredits),
            Margin = Percent(market.MarginPercent),
            ReserveStart = Percent(market.ReserveStartPercent),
            SeedPerNode = Money(market.SeedCredits),
            HoardCeiling = Money(market.HoardCeilingCredits),
            FillTolerance = Percent(market.FillTolerancePercent),
            LateDeliveryMax = TimeSpan.FromDays(30),
            MilestoneWindows = market.MilestoneWindows,
            ExtensionMax = TimeSpan.FromHours(market.ExtensionHours),
            BondShare = Percent(market.BondPercent),
            ArePricedBerths = market.BerthPrices == 1,
            IsHourPosted = market.HourWorth == 1,
            JointHoldShare = Percent(market.JointHoldPercent),
            JointHoldBatches = market.JointHoldBatches,
            ArePricedFaces = market.FacePrices == 1,
            Work = new WorkRules
            {
                SurveyTime = TimeSpan.FromHours(scenario.Work.SurveyHours),
                SurveySigma = Percent(scenario.Work.SurveySigmaPercent),
                SurveyHeldShare = Percent(scenario.Work.SurveyHeldPercent),
                SurveyHold = TimeSpan.FromDays(scenario.Work.SurveyHoldDays),
                DigSigma = Percent(scenario.Work.DigSigmaPercent),
                BuildPerTonne = TimeSpan.FromHours(scenario.Work.BuildHoursPerTonne),
                InspectionTime = TimeSpan.FromHours(scenario.Work.InspectionHours),
                InspectionSigma = Percent(Math.Max(0.0001, scenario.Work.InspectionSigmaPercent)),
                CustodyTolerance = Percent(CustodySigmas * scenario.Regions.ScaleErrorPercent),
                LossCharge = Percent(scenario.Work.LossChargePercent),
                RepairTime = TimeSpan.FromHours(scenario.Work.RepairHours),
                RepairSpares = new Grams(Math.Max(1, Tonnes(scenario.Work.RepairSparesTonnes).Value)),
                RepairCommodity = scenario.Work.RepairCommodity,
                RepairRelief = Percent(scenario.Work.RepairWearPercent),
                RepairConsent = TimeSpan.FromDays(scenario.Work.RepairConsentDays),
                RepairHold = TimeSpan.FromDays(scenario.Work.RepairHoldDays),
            },
        };
    }

    private static MachineDesign DesignOf(FleetSection fleet) => new()
    {
        Class = 1,
        Generation = 1,
        DryMass = Tonnes(fleet.DryTonnes),
        CargoMax = Tonnes(fleet.CargoTonnes),
        PropellantMax = Tonnes(fleet.PropellantTonnes),
        PropellantReserve = Tonnes(fleet.PropellantTonnes * fleet.PropellantReservePercent / 100),
        Exhaust = new DeltaV((int)(fleet.ExhaustMetresPerSecond * 1e3)),
        Power = new Watts((long)(fleet.PowerKilowatts * 1e3)),
        ExtractionPerTonne = new Joules((long)(fleet.ExtractionMegajoulesPerTonne * 1e6)),
        UnloadPerHour = Tonnes(fleet.UnloadTonnesPerHour),
        WearPerHour = new PartsPerMillion((int)(fleet.WearPercentPerExtractionDay * 1e4 / 24)),
        WearPerLeg = new PartsPerMillion((int)(fleet.WearPercentPerTransfer * 1e4)),
        WearForSpares = PartsPerMillion.FromPercent(30),
        WearMax = PartsPerMillion.FromPercent(70),
        Hazard = new HazardLaw(
            fleet.FailureShape, Percent(fleet.FailureWearPercent), Money(fleet.MachineCredits)),
    };

    // A parent out of reach bears for two months of what it was lent, and a child has two windows to come.
    private BirthQuota? QuotaOf()
    {
        int planned = Enumerable.Range(0, Nodes.Length).Count(n => CommissionedAt(n) > 0);
        uint count = (uint)Math.Ceiling(planned * _scenario.Growth.BornPercent / 100);
        var terms = new BirthTerms(
            [.. Enumerable.Range(1, _scenario.Fleet.Variants)], 1, Growth.Generations,
            new Instant(Horizon + Days(365)).FloorSecond,
            TimeSpan.FromDays(60),
            TimeSpan.FromHours(Math.Ceiling(2 * _scenario.Links.NodePeriodHours) + 24),
            TimeSpan.FromDays(30), 1, Rules.HoardCeiling);
        return count == 0 ? null
            : new BirthQuota(1, default, new BirthRange((uint)Nodes.Length + 1, count), terms);
    }

    private RegionBlueprint[] BuildRegions()
    {
        RegionSection section = _scenario.Regions;
        int nodes = _scenario.Fleet.Nodes;
        int count =
            Math.Min(nodes, Math.Max(section.Count, (nodes + section.NodesMax - 1) / section.NodesMax));
        Catalogue catalogue = Catalogue.Load();
        OreModel ores = OreModel.Load();
        List<Asteroid> anchors = [.. section.Anchors.Take(count).Select(a => catalogue.Find(a)
            ?? throw new ArgumentException($"the catalogue has no asteroid '{a}'"))];
        foreach (Asteroid drawn in catalogue.ChooseAnchors(count * 2, _seed))
        {
            if (anchors.Count < count && !anchors.Contains(drawn))
            {
                anchors.Add(drawn);
            }
        }

        var options = new RegionOptions
        {
            Epoch = new Mjd(_scenario.Epoch.DayNumber - new DateOnly(1858, 11, 17).DayNumber),
            Sites = section.Sites,
            Depots = section.Depots,
            AssaySigma = section.AssayErrorPercent / 100,
        };
        var regions = new RegionBlueprint[count];
        for (int r = 0; r < count; r++)
        {
            ulong seed = new Draw(_seed, "region", (ulong)r).Bits();
            RegionPlan plan = RegionGeometry.Build(anchors[r], ores, seed, options);
            regions[r] = BuildRegion(r, count, plan, (nodes / count) + (r < nodes % count ? 1 : 0));
        }

        return regions;
    }

    private RegionBlueprint BuildRegion(int index, int count, RegionPlan plan, int nodes)
    {
        var id = new RegionId((uint)index + 1);
        ImmutableArray<DepotId> depots =
            [.. plan.Depots.Select(place => new DepotId((uint)((place.Index * count) + index + 1)))];
        ImmutableArray<string> names = _scenario.Regions.DepotNames;
        string name = index < names.Length ? names[index] : plan.Anchor.Name ?? plan.Anchor.Designation;
        LinkSection links = _scenario.Links;
        var hub = new HubSpec
        {
            Region = id,
            PublicKey = KeyOf("hub-key", id.Value),
            Core = ReturnPolicy.Core,
            Depots = [.. depots],
            Berths = (BerthsOf(nodes), Design.UnloadPerHour),
            Faces = (plan.Sites.Count, _scenario.Sites.Faces),
            Rules = Rules,
            NodeContacts = new ContactRule(
                TimeSpan.FromHours(links.NodePeriodHours),
                TimeSpan.FromHours(links.NodeWindowHours),
                links.NodeBytesPerSecond,
                TimeSpan.FromMilliseconds(links.NodeLightMilliseconds)),
            NeighbourContacts = NeighbourContacts(),
            NeighbourDepots =
            [
                .. Enumerable.Range(1, count * depots.Length).Select(d => new DepotId((uint)d))
                    .Where(d => !depots.Contains(d)),
            ],
            AdoptionGrace = HubSilenceMax + TimeSpan.FromHours(3 * links.NodePeriodHours),
            StrategyContacts = new ContactPlan
            {
                Phase = Instant.Epoch,
                Period = TimeSpan.FromHours(links.StrategyPeriodHours),
                Length = TimeSpan.FromHours(links.StrategyPeriodHours),
                BytesPerSecond = links.StrategyBytesPerSecond,
                LightTime = TimeSpan.FromMicroseconds(LongestLight(plan)),
                Outages =
                [
                    .. plan.Blackouts(_scenario.Days + 60, links.ConjunctionDegrees)
                        .Select(b => new Outage(
                            new Instant(Math.Max(0, b.BeginMicros)), new Instant(b.EndMicros))),
                ],
            },
            RosterMax = !_scenario.Growth.HasBirths ? nodes : Math.Max(1, Enumerable.Range(0, nodes)
                .Count(i => CommissionedAt((i * count) + index) == 0)),
            Intake = ReturnPolicy.Intake(Percent(_scenario.Returns.ValidationCorePercent)),
            ValidationCost = ReturnPolicy.Cost(_scenario.Returns.ExtraSecondsPerReturn),
            Returns = ReturnPolicy.Rules(Rules, Largest),
            Approvals = ReturnPolicy.Approvals,
            ScaleSigma = new PartsPerMillion(
                (int)Math.Max(1, _scenario.Regions.ScaleErrorPercent * 10_000)),
        };
        return new RegionBlueprint(id, depots, name, plan, ChartOf(plan, depots), hub, nodes);
    }

    /// <summary>Berths of a depot in a region of so many nodes.</summary>
    public int BerthsOf(int nodes) =>
        Math.Max(1, (int)Math.Ceiling(nodes * _scenario.Regions.BerthsPerHundredNodes / 100));

    private long LongestLight(RegionPlan plan)
    {
        long longest = 0;
        for (int day = 0; day <= _scenario.Days + 1; day++)
        {
            longest = Math.Max(longest, plan.LightTimeMicros((long)(day * DayMicros)));
        }

        return longest + 1_000_000;
    }

    private static Chart ChartOf(RegionPlan plan, ImmutableArray<DepotId> depots)
    {
        ImmutableArray<ChartSite> sites =
        [
            .. plan.Sites.Select(site => new ChartSite(
                new SiteId((uint)site.Index + 1), Grades(site.Ore.Assay))),
        ];
        double length = Math.PI / 2 * (plan.Anchor.RadiusMetres + plan.Depots[0].OrbitRadiusMetres);
        ImmutableArray<ChartLeg> legs =
        [
            .. plan.Legs.Select(leg => new ChartLeg(
                PlaceOf(leg.From, depots),
                PlaceOf(leg.To, depots),
                new DeltaV((int)leg.DeltaVMillimetresPerSecond),
                TimeSpan.FromSeconds(leg.FlightSeconds),
                (long)length,
                new Instant(leg.Windows.PhaseMicros),
                leg.Windows.IsAlwaysOpen
                    ? TimeSpan.Zero : TimeSpan.FromMicroseconds(leg.Windows.PeriodMicros),
                TimeSpan.FromMicroseconds(leg.Windows.LengthMicros))),
        ];
        return new Chart(sites, legs);
    }

    /// <summary>Grades in the order of <see cref="Commodity"/>.</summary>
    internal static ImmutableArray<PartsPerMillion> Grades(OreGrade grade) =>
    [
        new PartsPerMillion((int)grade.NickelPpm),
        new PartsPerMillion((int)grade.IronPpm),
        new PartsPerMillion((int)grade.WaterPpm),
        new PartsPerMillion((int)grade.SilicatePpm),
    ];

    private static Place PlaceOf(Orbits.Place place, ImmutableArray<DepotId> depots) =>
        place.Kind == Orbits.PlaceKind.Depot
            ? Place.Of(depots[place.Index]) : Place.Of(new SiteId((uint)place.Index + 1));

    /// <summary>How long a node bears the silence of its hub: longer than a storm.</summary>
    private TimeSpan HubSilenceMax =>
        TimeSpan.FromHours(Math.Max(48, 6 * _scenario.Links.NodePeriodHours));

    // Hubs of other regions are far, over a relay: minutes of light, and windows of some hours.
    private ContactRule NeighbourContacts()
    {
        LinkSection links = _scenario.Links;
        double hours = Math.Max(links.NodeWindowHours, Math.Min(4, links.NodePeriodHours / 2));
        return new ContactRule(
            TimeSpan.FromHours(links.NodePeriodHours),
            TimeSpan.FromHours(hours),
            links.NodeBytesPerSecond,
            TimeSpan.FromMinutes(Math.Min(20, hours * 60 / 10)));
    }

    // As many as a node may come to belong to, beginning with the next.
    private ImmutableArray<HubContact> NeighboursOf(int region, NodeId node) =>
    [
        .. Enumerable.Range(1, Math.Min(Regions.Length - 1, 8))
            .Select(i => Regions[(region + i) % Regions.Length])
            .Select(next => new HubContact(next.Id, next.Hub.NeighbourContacts.PlanFor(node))),
    ];

    private byte[] KeyOf(string purpose, uint number)
    {
        byte[] key = new byte[Enrol.PublicKeyLength];
        var draw = new Draw(_seed, purpose, number);
        for (int i = 0; i < key.Length; i++)
        {
            key[i] = (byte)draw.Below(256);
        }

        return key;
    }

    private NodeSpec[] BuildNodes()
    {
        ImmutableArray<ImmutableArray<MachineDesign>> designs =
            HardwareGeneration.All(Design, Growth.Generations, _scenario.Fleet.Variants);
        var nodes = new NodeSpec[_scenario.Fleet.Nodes];
        for (int n = 0; n < nodes.Length; n++)
        {
            RegionBlueprint region = Regions[RegionOf(n)];
            var id = new NodeId((uint)n + 1);
            nodes[n] = new NodeSpec
            {
                Node = id,
                Region = region.Id,
                Home = region.Depot,
                PublicKey = KeyOf("key", id.Value),
                Core = ReturnPolicy.Core,
                Skills = BuiltInDecisions.All,
                Design = designs[GenerationOf(n) - 1][VariantOf(n) - 1],
                Chart = region.Chart,
                Rules = Rules,
                Contacts = region.Hub.NodeContacts.PlanFor(id),
                Neighbours = NeighboursOf(RegionOf(n), id),
                HubSilenceMax = HubSilenceMax,
                Seed = new Draw(_seed, "agent", id.Value).Bits(),
            };
        }

        return nodes;
    }

    private ImmutableArray<PlannedBounty> BuildBounties()
    {
        var planned = new List<PlannedBounty>();
        foreach (NamedBounty named in _scenario.Bounties)
        {
            int region = Array.FindIndex(Regions, r => r.DepotName == named.Depot);
            if (region >= 0)
            {
                planned.Add(Named(named, region));
            }
        }

        for (int r = 0; r < Regions.Length; r++)
        {
            AddStream(r, planned);
            AddOtherWork(r, planned);
        }

        planned.Sort((a, b) =>
            a.PostedAt != b.PostedAt ? a.PostedAt.CompareTo(b.PostedAt) : a.Region.CompareTo(b.Region));
        return
        [
            .. planned.Select((p, i) =>
                p with { Bounty = p.Bounty with { Id = new BountyId((ulong)i + 1) } }),
        ];
    }

    private PlannedBounty Named(NamedBounty named, int region)
    {
        Grams total = Tonnes(named.Tonnes);
        Grams lot = Tonnes(named.LotTonnes);
        var perLot = new Credits((long)(named.Credits * 1e6 * named.LotTonnes / named.Tonnes));
        long posted = (long)(named.PostedDay * DayMicros);
        Instant deadline = new Instant(posted + (long)(named.WithinDays * DayMicros)).FloorSecond;
        var bounty =
            new Bounty(
                default, named.Commodity, Regions[region].DepotAt(named.ToDepot), total, lot, perLot,
                deadline)
            {
                Kind = named.Kind,
                Site = new SiteId((uint)named.Site),
                From = Regions[region].DepotAt(named.FromDepot),
            };
        return new PlannedBounty(
            posted, region,
            WithBackup(bounty, named.Kind == WorkKind.Deliver ? named.BackupPercent : 0) with
            {
                Joint = named.Joint == 0 ? default
                    : new JointWork(
                        (uint)named.Joint, _scenario.Bounties.Count(other => other.Joint == named.Joint)),
            },
            named.Name);
    }

    private ImmutableArray<PlannedDemand> BuildDemands()
    {
        NamedDemand[] named = [.. _scenario.Demands.OrderBy(demand => demand.PostedDay)];
        return
        [
            .. named.Select((demand, i) =>
            {
                long posted = (long)(demand.PostedDay * DayMicros);
                var draw = new Draw(_seed, "freight", (ulong)i);
                var places = ImmutableArray.CreateBuilder<DemandPlace>();
                foreach (RegionBlueprint region in Regions.Take(Demand.PlacesMax))
                {
                    Credits freight = Money(draw.Between(demand.FreightCreditsMin, demand.FreightCreditsMax));
                    if (region.Chart.Sites.Any(site => site.Grade(demand.Commodity).Value >= PresentPpm))
                    {
                        places.Add(new DemandPlace(region.Id, region.Depot, freight));
                    }
                }

                return new PlannedDemand(
                    posted,
                    new Demand(
                        new DemandId((ulong)i + 1), demand.Commodity, demand.Lots, Tonnes(demand.LotTonnes),
                        Money(demand.Credits / demand.Lots),
                        new Instant(posted + (long)(demand.WithinDays * DayMicros)).FloorSecond,
                        places.ToImmutable()),
                    demand.Name);
            }).Where(planned => !planned.Demand.Places.IsEmpty),
        ];
    }

    // A Poisson stream in each region; what is asked for is what its rock can give, by grade.
    private void AddStream(int region, List<PlannedBounty> planned)
    {
        StreamSection stream = _scenario.Stream;
        RegionBlueprint where = Regions[region];
        double tonnesPerDay = stream.TonnesPerNodeDay * where.Nodes;
        if (tonnesPerDay <= 0)
        {
            return;
        }

        double meanDays = (stream.SmallestTonnes + stream.LargestTonnes) / 2 / tonnesPerDay;
        var draw = new Draw(_seed, "stream", (ulong)region);
        var cancel = new Draw(_seed, "cancel", (ulong)region);
        var critical = new Draw(_seed, "critical", (ulong)region);
        var joint = new Draw(_seed, "joint", (ulong)region);
        var grown = new Draw(_seed, "stream-growth", (ulong)region);
        for (double day = draw.Exponential(meanDays); day < _scenario.Days; day += draw.Exponential(meanDays))
        {
            if (Growth.GoesOn && !grown.Chance(Growth.ShareAt((long)(day * DayMicros))))
            {
                continue; // As much as so many machines are asked for.
            }

            Commodity commodity = CommodityFor(where.Chart, ref draw);
            Grams lot = Tonnes(stream.LotTonnes);
            double lots =
                Math.Ceiling(draw.Between(stream.SmallestTonnes, stream.LargestTonnes) / stream.LotTonnes);
            var total = new Grams((long)lots * lot.Value);
            long posted = (long)(day * DayMicros);
            double within = draw.Between(stream.WithinDaysMin, stream.WithinDaysMax);
            Instant deadline = new Instant(posted + (long)(within * DayMicros)).FloorSecond;
            double over = draw.Between(stream.WorthOverCostMin, stream.WorthOverCostMax);
            var asked = new Bounty(default, commodity, where.Depot, total, lot, default, deadline);
            if (Worth(region, asked, posted, over) is { } worth)
            {
                bool isCritical = critical.Chance(stream.CriticalPercent / 100);
                asked = WithBackup(asked with { ValuePerLot = worth }, isCritical ? stream.BackupPercent : 0);
                if (joint.Chance(stream.JointPercent / 100)
                    && Twin(region, asked, posted, over, CommodityFor(where.Chart, ref joint)) is { } twin)
                {
                    var work = new JointWork(StreamJointMin + (uint)planned.Count, 2);
                    asked = asked with { Joint = work };
                    planned.Add(new PlannedBounty(posted, region, twin with { Joint = work }, null));
                }

                planned.Add(MaybeReduced(ref cancel, new PlannedBounty(posted, region, asked, null)));
            }
        }
    }

    // Half as much of something that is wanted together with it.
    private Bounty? Twin(int region, Bounty bounty, long posted, double over, Commodity commodity)
    {
        Bounty twin = bounty with
        {
            Commodity = commodity,
            Total = new Grams(Math.Max(1, bounty.Needed.Value / bounty.Lot.Value / 2) * bounty.Lot.Value),
            Backup = Grams.Zero,
        };
        return Worth(region, twin, posted, over) is { } worth ? twin with { ValuePerLot = worth } : null;
    }

    private static Bounty WithBackup(Bounty bounty, double percent)
    {
        var backup = new Grams((long)(bounty.Total.Value * percent / 100));
        return bounty with { Total = bounty.Total + backup, Backup = backup };
    }

    // At any time from its posting to its deadline, rather sooner than later, for what is delivered cannot be
    // reduced; most are withdrawn, the others reduced to some lots.
    private PlannedBounty MaybeReduced(ref Draw cancel, PlannedBounty planned)
    {
        if (_scenario.Stream.CancelPercent <= 0 || !cancel.Chance(_scenario.Stream.CancelPercent / 100))
        {
            return planned;
        }

        double share = cancel.Uniform();
        share *= share;
        long lots = planned.Bounty.Total.Value / planned.Bounty.Lot.Value;
        long left = cancel.Chance(0.7) ? 0 : cancel.Below(lots);
        return planned with
        {
            ReducedAt = planned.PostedAt
                + (long)(share * (planned.Bounty.Deadline.Micros - planned.PostedAt)),
            ReducedTo = new Grams(left * planned.Bounty.Lot.Value),
        };
    }

    // Surveys: now one report of a site, now several. Buildings and transports: what is asked for waits for
    // deliveries, and may wait in vain.
    private void AddOtherWork(int region, List<PlannedBounty> planned)
    {
        WorkSection work = _scenario.Work;
        AddOtherWork(
            region, planned, WorkKind.Survey, "surveys", work.SurveyHours > 0 ? work.SurveysPer30Days : 0,
            lotsMin: 1, lotsMax: 3);
        AddOtherWork(
            region, planned, WorkKind.Build, "builds", work.BuildHoursPerTonne > 0 ? work.BuildsPer30Days : 0,
            lotsMin: 2, lotsMax: 10);
        AddOtherWork(
            region, planned, WorkKind.Transport, "transports",
            Regions[region].Depots.Length > 1 ? work.TransportsPer30Days : 0, lotsMin: 2, lotsMax: 10);
    }

    // A Poisson stream in each region, of lots of a tonne at a site drawn by lot, or from one depot to
    // another: mostly away from the first, where deliveries go.
    private void AddOtherWork(
        int region, List<PlannedBounty> planned, WorkKind kind, string stream, double per30Days, int lotsMin,
        int lotsMax)
    {
        if (per30Days <= 0)
        {
            return;
        }

        RegionBlueprint where = Regions[region];
        double meanDays = 30 / per30Days;
        var draw = new Draw(_seed, stream, (ulong)region);
        for (double day = draw.Exponential(meanDays); day < _scenario.Days; day += draw.Exponential(meanDays))
        {
            Commodity commodity = CommodityFor(where.Chart, ref draw);
            long posted = (long)(day * DayMicros);
            double within = draw.Between(_scenario.Stream.WithinDaysMin, _scenario.Stream.WithinDaysMax);
            var lot = Grams.FromTonnes(1);
            var total = new Grams((lotsMin + draw.Below(lotsMax - lotsMin + 1)) * lot.Value);
            var asked = new Bounty(
                default, commodity, where.Depot, total, lot, default,
                new Instant(posted + (long)(within * DayMicros)).FloorSecond)
            {
                Kind = kind,
            };
            if (kind == WorkKind.Transport)
            {
                DepotId other = where.Depots[1 + (int)draw.Below(where.Depots.Length - 1)];
                asked = draw.Chance(TransportsAwayShare)
                    ? asked with { Depot = other, From = where.Depot } : asked with { From = other };
            }
            else
            {
                asked = asked with
                {
                    Site = where.Chart.Sites[(int)draw.Below(where.Chart.Sites.Length)].Site,
                };
            }

            double over = draw.Between(_scenario.Stream.WorthOverCostMin, _scenario.Stream.WorthOverCostMax);
            if (Worth(region, asked, posted, over) is { } worth)
            {
                planned.Add(new PlannedBounty(posted, region, asked with { ValuePerLot = worth }, null));
            }
        }
    }

    private ImmutableArray<PlannedOrder> BuildOrders()
    {
        NamedOrder[] named = [.. _scenario.Orders.OrderBy(order => order.PostedDay)];
        return
        [
            .. named.Select((order, i) =>
            {
                int region = Array.FindIndex(Regions, r => r.DepotName == order.Depot);
                long posted = (long)(order.PostedDay * DayMicros);
                Instant deadline = new Instant(posted + (long)(order.WithinDays * DayMicros)).FloorSecond;
                return new PlannedOrder(
                    posted,
                    new WorkOrder(
                        new OrderId((ulong)i + 1), Regions[Math.Max(0, region)].Id, Money(order.Credits),
                        Percent(order.TimePercent),
                        [.. order.Parts.Select(part => PartOf(part, order, region, posted, deadline))]),
                    order.Name);
            }),
        ];
    }

    // What nobody could do has no cost, and so an order of it is refused.
    private OrderPart PartOf(NamedPart part, NamedOrder order, int region, long posted, Instant deadline)
    {
        var bounty = new Bounty(
            default, part.Commodity, Regions[Math.Max(0, region)].DepotAt(part.ToDepot), Tonnes(part.Tonnes),
            Tonnes(Math.Min(part.Tonnes, part.LotTonnes)), Credits.Zero, deadline)
        {
            Kind = part.Kind,
            Site = new SiteId((uint)part.Site),
            From = Regions[Math.Max(0, region)].DepotAt(part.FromDepot),
        };
        (Credits perLot, TimeSpan time) = AppraisalOf(Math.Max(0, region), bounty, posted) ?? default;
        return new OrderPart(
            bounty,
            perLot.ForPart(bounty.Total, bounty.Lot),
            TimeSpan.FromSeconds(Math.Floor(time.TotalSeconds)),
            [
                .. order.Parts.Index().Where(before => part.After.Contains(before.Item.Name))
                    .Select(before => (ulong)before.Index),
            ]);
    }

    // A multiple of what a lot costs a machine as designed; null for what none can do.
    private Credits? Worth(int region, Bounty bounty, long at, double over) =>
        AppraisalOf(region, bounty, at) is { } known
            ? new Credits((long)(known.PerLot.Micro * over)) : null;

    // With all the time there is.
    private (Credits PerLot, TimeSpan Time)? AppraisalOf(int region, Bounty bounty, long at)
    {
        var request = new Request(
            new BountyId(1), bounty.Commodity, bounty.Depot, bounty.Total, bounty.Lot,
            new Credits(Credits.MicroMax), Instant.Never)
        {
            Kind = bounty.Kind,
            Site = bounty.Site,
            From = bounty.From,
        };
        return Appraisal.Of(Nodes[region], new Instant(at), request);
    }

    // Rare ore is asked for as often as common ore, if it is there at all.
    private static Commodity CommodityFor(Chart chart, ref Draw draw)
    {
        var present = new List<Commodity>();
        for (Commodity commodity = Commodity.Nickel; commodity <= Commodity.Silicate; commodity++)
        {
            if (chart.Sites.Any(site => site.Grade(commodity).Value >= PresentPpm))
            {
                present.Add(commodity);
            }
        }

        return present.Count == 0 ? Commodity.Silicate : present[(int)draw.Below(present.Count)];
    }

    private static Grams Tonnes(double tonnes) => new((long)Math.Round(tonnes * 1e6));

    private static Credits Money(double credits) => new((long)Math.Round(credits * 1e6));

    private static PartsPerMillion Percent(double percent) => new((int)Math.Round(percent * 1e4));

    /// <summary>Hours as microseconds.</summary>
    internal static long Hours(double hours) => (long)(hours * HourMicros);

    /// <summary>Days as microseconds.</summary>
    internal static long Days(double days) => (long)(days * DayMicros);
}

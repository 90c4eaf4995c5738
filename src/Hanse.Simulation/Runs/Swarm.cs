using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Strategy;
using Hanse.Simulation.Scenarios;
using Hanse.Simulation.World;

namespace Hanse.Simulation.Runs;

/// <summary>Swarm testing: every seed draws a fleet and a weather of its own, does its worst, then heals and
/// must converge.</summary>
/// <remarks>
/// After Groce et al., Swarm Testing (ISSTA 2012), and TigerBeetle's VOPR: drawing the parameters, and
/// turning whole kinds of fault off in some runs, finds what one profile with everything on never reaches.
/// The first part of a run is for safety: loss, repetition, disorder, storms, deaths, crashes, wrong clocks,
/// with all checks on. Then faults end, and the run demands that every living node is heard, every finished
/// bounty closed and every transfer booked.
/// </remarks>
public static class Swarm
{
    /// <summary>The run of one seed.</summary>
    public static RunOptions Draw(ulong seed, IFrameCodec? codec)
    {
        var draw = new Draw(seed, "swarm", 0);
        var assays = new Draw(seed, "swarm-assays", 0);
        var adoptions = new Draw(seed, "swarm-adoptions", 0);
        var reserves = new Draw(seed, "swarm-reserves", 0);
        var life = new Draw(seed, "swarm-life", 0);
        var cancel = new Draw(seed, "swarm-cancel", 0);
        var critical = new Draw(seed, "swarm-critical", 0);
        var breakdowns = new Draw(seed, "swarm-breakdowns", 0);
        var joint = new Draw(seed, "swarm-joint", 0);
        double days = draw.Between(14, 36);
        int regions = 1 + (int)draw.Below(3);
        int nodes = regions + (int)draw.Below(50);
        double clockError = draw.Chance(0.3) ? 1 : draw.Between(5, 300);
        double period = draw.Between(3, 30);
        double window = Math.Max(draw.Between(0.1, 0.9) * period, 5 * clockError / 3600);
        bool isThin = draw.Chance(0.3);
        Scenario scenario = new()
        {
            Name = "swarm",
            Title = "drawn by seed",
            Epoch = new DateOnly(2027, 1, 1).AddDays((int)draw.Below(3000)),
            Days = days,
            Seed = seed,
            Fleet = DrawVariants(DrawHazard(DrawFleet(ref draw, nodes), seed), seed),
            Growth = DrawGrowth(seed),
            Regions = new RegionSection
            {
                Count = regions,
                NodesMax = 1000,
                Anchors = draw.Chance(0.5) ? ["Kalliope"] : [],
                Sites = 1 + (int)draw.Below(8),
                Depots = DepotsOf(seed),
                DepotNames = ["Alpha"],
                BerthsPerHundredNodes = draw.Between(1, 20),
                ScaleErrorPercent = draw.Between(0, 1),
                AssayErrorPercent = assays.Chance(0.2) ? 0 : assays.Between(0, 20),
                AdoptAfterDays = adoptions.Chance(0.6) ? 0 : adoptions.Between(0.5, 6),
            },
            Sites = DrawSites(seed),
            Links = new LinkSection
            {
                NodePeriodHours = period,
                NodeWindowHours = Math.Min(window, period),
                NodeBytesPerSecond = isThin ? (int)Math.Ceiling(4096 / (window * 3600)) + 1 : 125,
                NodeLightMilliseconds = draw.Between(0, 3000),
                StrategyPeriodHours = draw.Between(1, 24),
                StrategyBytesPerSecond = isThin ? 10 : 1000,
                ConjunctionDegrees = draw.Chance(0.5) ? 0 : draw.Between(1, 10),
                ClockErrorSeconds = clockError,
            },
            Market = DrawHolds(
                DrawLife(DrawMarket(ref draw, period, reserves.Between(30, 100)), ref life), seed) with
            {
                Split = new Draw(seed, "swarm-split", 0).Chance(0.2) ? SplitRule.Even : SplitRule.Curves,
                BerthPrices = new Draw(seed, "swarm-berths", 0).Chance(0.4) ? 1 : 0,
                HourWorth = new Draw(seed, "swarm-hours", 0).Chance(0.4) ? 1 : 0,
                FacePrices = new Draw(seed, "swarm-faces", 1).Chance(0.5) ? 1 : 0,
            },
            Bounties =
            [
                new NamedBounty
                {
                    Name = "Nickel for Depot Alpha",
                    Commodity = Commodity.Nickel,
                    Tonnes = draw.Between(10, 100),
                    LotTonnes = 5,
                    Depot = "Alpha",
                    BackupPercent = 0,
                    Credits = draw.Between(1, 40),
                    PostedDay = draw.Between(0, 3),
                    WithinDays = draw.Between(5, 25),
                },
            ],
            Demands = DrawDemands(seed, days),
            Orders = DrawOrders(seed, days),
            Rollouts = DrawRollouts(seed, days),
            Stream = new StreamSection
            {
                TonnesPerNodeDay = draw.Chance(0.2) ? 0 : draw.Between(0.05, 1),
                SmallestTonnes = 2,
                LargestTonnes = draw.Between(5, 40),
                LotTonnes = draw.Between(0.5, 2),
                WithinDaysMin = draw.Between(2, 5),
                WithinDaysMax = draw.Between(6, 20),
                WorthOverCostMin = 0.8,
                WorthOverCostMax = draw.Between(1, 3),
                CriticalPercent = critical.Chance(0.5) ? 0 : critical.Between(10, 100),
                BackupPercent = critical.Between(1, 60),
                CancelPercent = cancel.Chance(0.4) ? 0 : cancel.Between(5, 80),
                JointPercent = joint.Chance(0.5) ? 0 : joint.Between(10, 100),
            },
            Work = DrawRepairs(DrawWork(seed), seed),
            Conduct = DrawConduct(seed),
            Faults = DrawFaults(ref draw) with
            {
                BreakdownsPercentPer30Days = breakdowns.Chance(0.4) ? 0 : breakdowns.Between(0, 70),
            },
            Returns = new ReturnSection
            {
                ValidationCorePercent = draw.Between(0.1, 100),
                ExtraSecondsPerReturn = draw.Chance(0.5) ? 0 : draw.Between(0, 0.9),
                RawLeavesPerDay = draw.Chance(0.5) ? 0 : 1 + (int)draw.Below(2),
            },
        };
        double healed = Math.Max(4, 3 * period / 24) + (draw.Uniform() * 2);
        return new RunOptions
        {
            Scenario = scenario,
            Seed = seed,
            HealAfter = TimeSpan.FromDays(Math.Max(1, days - healed)),
            FrameCodec = draw.Chance(0.3) ? codec : null,
        };
    }

    /// <summary>Plays one seed. A third of them carry encoded bytes over every link, and are played again
    /// with the size function instead: both must give the same trace.</summary>
    /// <exception cref="BrokenInvariantException">A bug, which the same seed will show again.</exception>
    public static RunReport Play(ulong seed, IFrameCodec? codec)
    {
        RunOptions options = Draw(seed, codec);
        RunReport report = SimulationRun.Play(options);
        if (options.FrameCodec is not null)
        {
            RunReport sized = SimulationRun.Play(options with { FrameCodec = null });
            if (sized.TraceSha256 != report.TraceSha256)
            {
                throw new BrokenInvariantException("encoded bytes and the size function give the same trace");
            }
        }

        return report;
    }

    private static FleetSection DrawFleet(ref Draw draw, int nodes) => new()
    {
        Nodes = nodes,
        DryTonnes = draw.Between(1, 8),
        CargoTonnes = draw.Between(0.5, 5),
        PropellantTonnes = draw.Between(0.5, 4),
        PropellantReservePercent = draw.Between(2, 20),
        ExhaustMetresPerSecond = draw.Between(1000, 30000),
        PowerKilowatts = draw.Between(2, 80),
        ExtractionMegajoulesPerTonne = draw.Between(10, 100),
        UnloadTonnesPerHour = draw.Between(0.5, 20),
        WearPercentPerExtractionDay = draw.Between(0.05, 5),
        WearPercentPerTransfer = draw.Between(0.01, 2),
        FailureShape = 0, // Drawn apart.
        FailureWearPercent = 100,
        MachineCredits = 0,
        SensorBiasPercent = draw.Chance(0.2) ? 0 : draw.Between(0, 10),
        SensorNoisePercent = draw.Between(0, 3),
        BuildSpreadPercent = draw.Between(0, 8),
        Variants = 1, // Drawn apart.
        SharedErrorPercent = 0,
        ReadingPeriodHours = draw.Between(0.5, 6),
    };

    private static ImmutableArray<NamedRollout> DrawRollouts(ulong seed, double days)
    {
        var draw = new Draw(seed, "swarm-rollouts", 0);
        var back = new Draw(seed, "swarm-call-backs", 0);
        var sign = new Draw(seed, "swarm-signatures", 0);
        bool isSigned = sign.Chance(0.5);
        var strain = new Draw(seed, "swarm-strains", 0);
        var functions = new Draw(seed, "swarm-functions", 0);
        var groups = new Draw(seed, "swarm-groups", 0);
        return
        [
            .. Enumerable.Range(0, draw.Chance(0.5) ? 0 : 1 + (int)draw.Below(3)).Select(i => new NamedRollout
            {
                Name = $"release {i + 1}",
                Function = functions.Chance(0.5) ? SkillFunction.Extraction : SkillFunction.Pricing,
                Day = draw.Between(0, days),
                Kilobytes = draw.Between(1, 30),
                Lane = (RolloutLane)(1 + draw.Below(3)),
                AuthorityDays = draw.Between(0.5, 20),
                DivergencePercent = draw.Between(0, 40),
                Fault = (ReleaseFault)draw.Below(5),
                FaultClass = (int)draw.Below(4),
                FaultGeneration = groups.Chance(0.5) ? 0 : 1 + (int)groups.Below(4),
                FuelPercent = groups.Chance(0.5) ? 0 : groups.Between(50, 400),
                Groups = (RolloutSplit)(1 + groups.Below(3)),
                FaultPercent = draw.Between(0, 100),
                CalledBackDay = back.Chance(0.5) ? 0 : back.Between(0, days),
                StrainPercent = strain.Chance(0.5) ? 0 : strain.Between(1, 100),
                Signatures = isSigned ? (int)sign.Below(4) : 0,
            }),
        ];
    }

    private static FleetSection DrawVariants(FleetSection fleet, ulong seed)
    {
        var draw = new Draw(seed, "swarm-variants", 0);
        return fleet with
        {
            Variants = draw.Chance(0.5) ? 1 : 1 + (int)draw.Below(4),
            SharedErrorPercent = draw.Chance(0.5) ? 0 : draw.Between(0, 100),
        };
    }

    // Some generations are built in a few days, so that a small fleet has machines of several.
    private static GrowthSection DrawGrowth(ulong seed)
    {
        var draw = new Draw(seed, "swarm-growth", 0);
        return draw.Chance(0.5) ? GrowthSection.None : new GrowthSection
        {
            DoublingDays = draw.Between(4, 60),
            GenerationDays = draw.Between(4, 60),
            Generations = 1 + (int)draw.Below(4), // An order has room for strains of as many variants.
            AgeDays = draw.Chance(0.3) ? 0 : draw.Between(5, 200),
            Commissions = draw.Chance(0.4) ? 0 : 1,
            BornPercent = draw.Chance(0.4) ? 0 : draw.Between(10, 150),
        };
    }

    private static FleetSection DrawHazard(FleetSection fleet, ulong seed)
    {
        var draw = new Draw(seed, "swarm-hazard", 0);
        return fleet with
        {
            FailureShape = draw.Chance(0.5) ? 0 : 1 + (int)draw.Below(4),
            FailureWearPercent = draw.Between(20, 150),
            MachineCredits = draw.Between(0, 20),
        };
    }

    private static ConductSection DrawConduct(ulong seed)
    {
        var draw = new Draw(seed, "swarm-conduct", 0);
        var repairs = new Draw(seed, "swarm-menders", 0);
        return new ConductSection
        {
            DeniersPercent = repairs.Chance(0.5) ? 0 : repairs.Between(0, 30),
            FalseMendersPercent = repairs.Chance(0.5) ? 0 : repairs.Between(0, 30),
            OverClaimersPercent = draw.Chance(0.5) ? 0 : draw.Between(0, 30),
            UnderClaimersPercent = draw.Chance(0.5) ? 0 : draw.Between(0, 30),
            NoShowsPercent = draw.Chance(0.5) ? 0 : draw.Between(0, 30),
            RingNodes = draw.Chance(0.5) ? 0 : (int)draw.Below(10),
            ClaimPercent = draw.Between(100, 200),
        };
    }

    private static SiteSection DrawSites(ulong seed)
    {
        var draw = new Draw(seed, "swarm-faces", 0);
        var ore = new Draw(seed, "swarm-ore", 0);
        return new SiteSection
        {
            Faces = draw.Chance(0.4) ? 0 : 1 + (int)draw.Below(5),
            Tonnes = ore.Chance(0.5) ? 0 : ore.Between(10, 1_000),
        };
    }

    private static MarketSection DrawMarket(ref Draw draw, double period, double reserveStart) => new()
    {
        CycleHours = period * draw.Between(1, 3),
        DueSlackHours = draw.Between(0, 48),
        MilestoneWindows = 0, // Drawn apart.
        ExtensionHours = 0,
        BondPercent = 0,
        PropellantCreditsPerTonne = draw.Between(0.001, 0.5),
        SparesCreditsPerLife = draw.Between(0.1, 20),
        HourCredits = draw.Between(0.0001, 0.005),
        MarginPercent = draw.Between(0, 20),
        ReserveStartPercent = reserveStart,
        Split = SplitRule.Curves,
        SeedCredits = draw.Chance(0.2) ? 0 : draw.Between(0, 3),
        HoardCeilingCredits = period % 3, // Any number will do; another draw would shift all that follow.
        FillTolerancePercent = draw.Between(0, 2),
        BerthPrices = 0, // Drawn apart.
        HourWorth = 0, // Drawn apart.
        JointHoldPercent = 0, // Drawn apart.
        JointHoldBatches = 0,
        FacePrices = 0,
        CargoBandKilograms = draw.Between(1, 300),
        PropellantBandKilograms = draw.Between(1, 200),
        WearBandPercent = draw.Between(0.01, 2),
        PositionBandKilometres = draw.Between(0.1, 50),
    };

    // Without credits nobody could stake anything, and nothing would ever be done.
    private static MarketSection DrawLife(MarketSection market, ref Draw life) => market with
    {
        MilestoneWindows = life.Chance(0.3) ? 0 : 1 + (int)life.Below(3),
        ExtensionHours = life.Chance(0.3) ? 0 : life.Between(1, 96),
        BondPercent = life.Chance(0.4) || market.SeedCredits == 0 ? 0 : life.Between(0.1, 60),
    };

    private static MarketSection DrawHolds(MarketSection market, ulong seed)
    {
        var draw = new Draw(seed, "swarm-holds", 0);
        return market with
        {
            JointHoldPercent = draw.Chance(0.4) ? 0 : draw.Between(5, 100),
            JointHoldBatches = (int)draw.Between(1, 12),
        };
    }

    // A stream of their own: whatever else is drawn stays as it was.
    private static ImmutableArray<NamedDemand> DrawDemands(ulong seed, double days)
    {
        var draw = new Draw(seed, "swarm-demands", 0);
        return
        [
            .. Enumerable.Range(1, (int)draw.Below(4)).Select(i => new NamedDemand
            {
                Name = $"Demand {i}",
                Commodity = (Commodity)(1 + draw.Below(4)),
                Lots = 1 + (int)draw.Below(40),
                LotTonnes = draw.Between(0.2, 3),
                Credits = draw.Between(0.5, 60),
                FreightCreditsMin = 0,
                FreightCreditsMax = draw.Chance(0.5) ? 0 : draw.Between(0, 1),
                PostedDay = draw.Between(0, days / 3),
                WithinDays = draw.Between(2, days),
            }),
        ];
    }

    // Parts that wait for one, two or none of those before them.
    private static ImmutableArray<NamedOrder> DrawOrders(ulong seed, double days)
    {
        var draw = new Draw(seed, "swarm-orders", 0);
        var carried = new Draw(seed, "swarm-carried", 0);
        bool mayCarry = DepotsOf(seed) > 1;
        int orders = (int)draw.Below(3);
        var drawn = ImmutableArray.CreateBuilder<NamedOrder>();
        for (int i = 0; i < orders; i++)
        {
            var parts = ImmutableArray.CreateBuilder<NamedPart>();
            int count = 1 + (int)draw.Below(6);
            for (int part = 0; part < count; part++)
            {
                var kind = (WorkKind)(1 + draw.Below(3));
                var after = new SortedSet<string>(StringComparer.Ordinal);
                for (int w = (int)draw.Below(3); w > 0 && part > 0; w--)
                {
                    _ = after.Add($"Part {1 + draw.Below(part)}");
                }

                parts.Add(new NamedPart
                {
                    Name = $"Part {part + 1}",
                    Kind = kind,
                    Site = kind == WorkKind.Deliver ? 0 : 1,
                    Commodity = (Commodity)(1 + draw.Below(4)),
                    Tonnes = draw.Between(1, 12),
                    LotTonnes = 1,
                    After = [.. after],
                });
                if (mayCarry && carried.Chance(0.3))
                {
                    parts[^1] = parts[^1] with
                    {
                        Kind = WorkKind.Transport,
                        Site = 0,
                        FromDepot = 1,
                        ToDepot = 2,
                    };
                }
            }

            drawn.Add(new NamedOrder
            {
                Name = $"Order {i + 1}",
                Depot = "Alpha",
                Credits = draw.Between(0.5, 60),
                TimePercent = draw.Chance(0.3) ? 0 : draw.Between(0, 60),
                PostedDay = draw.Between(0, days / 4),
                WithinDays = draw.Between(4, days),
                Parts = parts.ToImmutable(),
            });
        }

        return drawn.ToImmutable();
    }

    private static WorkSection DrawWork(ulong seed)
    {
        var draw = new Draw(seed, "swarm-work", 0);
        var carried = new Draw(seed, "swarm-transports", 0);
        return new WorkSection
        {
            SurveyHours = draw.Chance(0.3) ? 0 : draw.Between(1, 48),
            SurveySigmaPercent = draw.Between(0, 10),
            SurveyHeldPercent = draw.Chance(0.2) ? 0 : draw.Between(0, 100),
            SurveyHoldDays = draw.Between(0, 20),
            DigSigmaPercent = draw.Between(0, 15),
            SurveysPer30Days = draw.Between(0, 40),
            BuildHoursPerTonne = draw.Chance(0.3) ? 0 : draw.Between(0.5, 40),
            InspectionHours = draw.Between(0, 12),
            InspectionSigmaPercent = draw.Between(0, 3),
            BuildFlawPercent = draw.Chance(0.5) ? 0 : draw.Between(0, 60),
            BuildsPer30Days = draw.Between(0, 30),
            TransportsPer30Days = carried.Between(0, 40),
            TransportLossPercent = carried.Chance(0.5) ? 0 : carried.Between(0, 60),
            LossChargePercent = carried.Chance(0.3) ? 0 : carried.Between(20, 1_000),
            RepairHours = 0, // Drawn apart.
            RepairSparesTonnes = 0,
            RepairCommodity = Commodity.Nickel,
            RepairWearPercent = 0,
            RepairConsentDays = 10,
            RepairHoldDays = 10,
        };
    }

    private static WorkSection DrawRepairs(WorkSection work, ulong seed)
    {
        var draw = new Draw(seed, "swarm-repairs", 0);
        return work with
        {
            RepairHours = draw.Chance(0.2) ? 0 : draw.Between(1, 48),
            RepairSparesTonnes = draw.Chance(0.5) ? 0 : draw.Between(0.01, 0.5),
            RepairCommodity = (Commodity)(1 + draw.Below(4)),
            RepairWearPercent = draw.Between(0, 40),
            RepairConsentDays = draw.Between(2, 20),
            RepairHoldDays = draw.Between(0.5, 12),
        };
    }

    // Where there is one depot nothing is carried between depots.
    private static int DepotsOf(ulong seed)
    {
        var draw = new Draw(seed, "swarm-depots", 0);
        return draw.Chance(0.6) ? 1 : 2 + (int)draw.Below(2);
    }

    // Each kind of fault is off in some seeds, and harsher than any mission in others.
    private static FaultSection DrawFaults(ref Draw draw) => new()
    {
        BreakdownsPercentPer30Days = 0, // Drawn apart.
        DeathsPercentPer30Days = draw.Chance(0.3) ? 0 : draw.Between(0, 60),
        LossPercent = draw.Chance(0.3) ? 0 : draw.Between(0, 40),
        DuplicatePercent = draw.Chance(0.3) ? 0 : draw.Between(0, 40),
        ExtraDelaySecondsMax = draw.Chance(0.3) ? 0 : draw.Between(0, 3000),
        BlackoutsPer30Days = draw.Chance(0.3) ? 0 : draw.Between(0, 8),
        BlackoutHoursMax = draw.Between(1, 120),
        RottenLogsPercent = draw.Chance(0.7) ? 0 : draw.Between(5, 40),
        CrashesPer30Days = draw.Chance(0.3) ? 0 : draw.Between(1, 100),
        GreatBlackoutDay = draw.Between(1, 10),
        GreatBlackoutDays = draw.Chance(0.6) ? 0 : draw.Between(0.5, 12),
        GreatBlackoutPercent = draw.Between(0, 100),
        StrategyBlackoutDay = draw.Between(1, 8),
        StrategyBlackoutDays = draw.Chance(0.5) ? 0 : draw.Between(1, 25),
        LostHubDay = draw.Between(2, 10),
        LostHubDays = draw.Chance(0.5) ? 0 : draw.Between(1, 30),
        LostHubGoesOn = draw.Chance(0.5) ? 1 : 0,
        LostHubAdoptedDays = draw.Between(0.1, 6),
        HandoversPer30Days = draw.Chance(0.5) ? 0 : draw.Between(1, 60),
    };
}

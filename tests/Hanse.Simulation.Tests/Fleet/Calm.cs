using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;

namespace Hanse.Simulation.Tests.Fleet;

/// <summary>A fleet of sixty that has enough to do, in fair weather: for tests that add one
/// trouble.</summary>
internal static class Calm
{
    public static ConductSection Honest { get; } = new()
    {
        OverClaimersPercent = 0,
        UnderClaimersPercent = 0,
        NoShowsPercent = 0,
        RingNodes = 0,
        ClaimPercent = 150,
        DeniersPercent = 0,
        FalseMendersPercent = 0,
    };

    /// <summary>Bounties of a few loads that pay well and do not wait long.</summary>
    public static StreamSection SmallAndUrgent(StreamSection stream) => stream with
    {
        SmallestTonnes = 10,
        LargestTonnes = 30,
        LotTonnes = 2,
        WithinDaysMin = 8,
        WithinDaysMax = 14,
        WorthOverCostMin = 1.5,
        WorthOverCostMax = 2.5,
    };

    public static Scenario Fleet(ulong seed)
    {
        Scenario drawn = Swarm.Draw(seed, null).Scenario;
        return drawn with
        {
            Days = 30,
            Growth = GrowthSection.None,
            Fleet = drawn.Fleet with
            {
                Nodes = 60,
                DryTonnes = 3,
                CargoTonnes = 2,
                PropellantTonnes = 1.5,
                PropellantReservePercent = 10,
                ExhaustMetresPerSecond = 3000,
                PowerKilowatts = 6,
                ExtractionMegajoulesPerTonne = 40,
                UnloadTonnesPerHour = 4,
                WearPercentPerExtractionDay = 0.5,
                WearPercentPerTransfer = 0.2,
                FailureShape = 0,
                SensorBiasPercent = 3,
                SensorNoisePercent = 1,
                BuildSpreadPercent = 3,
                Variants = 1,
                SharedErrorPercent = 0,
                ReadingPeriodHours = 2,
            },
            Regions = drawn.Regions with
            {
                Count = 2,
                Anchors = ["Kalliope", "Lutetia"],
                Sites = 8,
                Depots = 1,
                BerthsPerHundredNodes = 10,
                ScaleErrorPercent = 0.1,
                AssayErrorPercent = 5,
                AdoptAfterDays = 0,
            },
            Sites = new SiteSection { Faces = 0, Tonnes = 0 },
            Links = drawn.Links with
            {
                NodePeriodHours = 8,
                NodeWindowHours = 1.5,
                NodeBytesPerSecond = 125,
                NodeLightMilliseconds = 20,
                StrategyPeriodHours = 6,
                StrategyBytesPerSecond = 1000,
                ConjunctionDegrees = 0,
                ClockErrorSeconds = 60,
            },
            Market = drawn.Market with
            {
                CycleHours = 12,
                DueSlackHours = 12,
                MilestoneWindows = 0,
                ExtensionHours = 0,
                BondPercent = 0,
                PropellantCreditsPerTonne = 0.05,
                SparesCreditsPerLife = 10,
                HourCredits = 0.002,
                MarginPercent = 8,
                ReserveStartPercent = 80,
                SeedCredits = 2,
                HoardCeilingCredits = 4,
                FillTolerancePercent = 0.2,
                BerthPrices = 0,
                HourWorth = 0,
                FacePrices = 0,
                JointHoldPercent = 0,
                JointHoldBatches = 0,
                CargoBandKilograms = 100,
                PropellantBandKilograms = 75,
                WearBandPercent = 0.5,
                PositionBandKilometres = 20,
            },
            Bounties = [],
            Demands = [],
            Orders = [],
            Rollouts = [],
            Work = drawn.Work with
            {
                SurveyHours = 0,
                BuildHoursPerTonne = 0,
                TransportsPer30Days = 0,
                RepairHours = 0,
            },
            Stream = drawn.Stream with
            {
                TonnesPerNodeDay = 0.95,
                SmallestTonnes = 30,
                LargestTonnes = 90,
                LotTonnes = 5,
                WithinDaysMin = 8,
                WithinDaysMax = 25,
                WorthOverCostMin = 1.2,
                WorthOverCostMax = 2.5,
                CancelPercent = 0,
                CriticalPercent = 0,
                JointPercent = 0,
            },
            Conduct = Honest,
            Faults = drawn.Faults with
            {
                DeathsPercentPer30Days = 0,
                BreakdownsPercentPer30Days = 0,
                LossPercent = 0,
                DuplicatePercent = 0,
                ExtraDelaySecondsMax = 0,
                BlackoutsPer30Days = 0,
                GreatBlackoutDays = 0,
                StrategyBlackoutDays = 0,
                LostHubDays = 0,
                HandoversPer30Days = 0,
                RottenLogsPercent = 0,
                CrashesPer30Days = 0,
            },
        };
    }
}

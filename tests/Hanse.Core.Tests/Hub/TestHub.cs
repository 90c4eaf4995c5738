using System;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Intake;
using Hanse.Core.Links;
using Hanse.Core.Market;
using Hanse.Core.Tests.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Tests.Hub;

/// <summary>The hub that tests of hubs begin from: always in contact, one depot, prices of one.</summary>
internal static class TestHub
{
    /// <summary>When it can talk to anybody.</summary>
    public static ContactRule Contacts { get; } = new(
        TimeSpan.FromDays(1), TimeSpan.FromDays(1), 1_000_000, TimeSpan.FromSeconds(1));

    /// <summary>What it is built with.</summary>
    public static HubSpec Spec { get; } = new()
    {
        Region = new RegionId(1),
        PublicKey = new byte[32],
        Core = CaseRules.CoreDigest,
        Depots = [new DepotId(1)],
        Rules = new MissionRules
        {
            ClockErrorMax = TimeSpan.FromSeconds(1),
            CyclePeriod = TimeSpan.FromDays(10),
            AcceptDelayMax = TimeSpan.FromDays(10),
            DueSlack = TimeSpan.FromDays(1),
            DeadBands = [1, 1, 1, 1],
            PropellantPerTonne = Credits.FromWhole(1),
            SparesPerLife = Credits.FromWhole(1),
            HourlyCost = Credits.Zero,
            Margin = default,
            SeedPerNode = Credits.Zero,
            ReserveStart = PartsPerMillion.FromPercent(100),
            HoardCeiling = Credits.FromWhole(1_000),
            FillTolerance = default,
            LateDeliveryMax = TimeSpan.FromDays(30),
            MilestoneWindows = 2,
            ExtensionMax = TimeSpan.FromHours(24),
            BondShare = default,
            Work = new WorkRules
            {
                RepairTime = TimeSpan.FromHours(10),
                RepairRelief = PartsPerMillion.FromPercent(20),
                RepairConsent = TimeSpan.FromDays(200),
                RepairHold = TimeSpan.FromDays(100),
            },
        },
        NodeContacts = Contacts,
        NeighbourContacts = Contacts,
        NeighbourDepots = [],
        AdoptionGrace = TimeSpan.FromHours(1),
        StrategyContacts = Contacts.PlanFor(new NodeId(9)),
        Intake = new IntakeRules
        {
            ValidationShare = PartsPerMillion.FromPercent(100),
            BurstMax = TimeSpan.FromHours(1),
            QueueMax = 100,
            AdmittedMax = 4,
            UploadBytesMax = 8 << 20,
            ValueAtRiskMax = Credits.FromWhole(10),
            AgeingPerDay = Credits.FromWhole(1),
            SilenceMax = TimeSpan.FromDays(30),
        },
        ValidationCost = ValidationCost.Measured,
        Returns = CaseRules.Rules,
        Approvals = CaseRules.Records.Approvals,
        ScaleSigma = new PartsPerMillion(1_000),
        RosterMax = 100,
    };
}

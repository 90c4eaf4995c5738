using System;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using Hanse.Core.Decisions;
using Hanse.Core.Estimate;
using Hanse.Core.Intake;
using Hanse.Core.Journal;
using Hanse.Core.Market;
using Hanse.Core.Node;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Simulation.Fleet;

/// <summary>How a simulated mission judges returns.</summary>
/// <remarks>Capacities and floors leave room for what honest sensors are off: a machine whose tank sensor
/// reads 10 % too much claims 10 % more than the tank holds.</remarks>
internal static class ReturnPolicy
{
    /// <summary>The core that nodes run.</summary>
    public static Digest Core { get; } = Digest.Of(Encoding.ASCII.GetBytes("hanse/core/1"));

    /// <summary>What nodes may run, for ever; releases come with their rollouts.</summary>
    public static ImmutableArray<Approval> Approvals { get; } =
    [
        new Approval(SoftwareClass.Core, Core, Instant.Epoch, Instant.Never),
        .. BuiltInDecisions.All.Select(Allowed),
    ];

    /// <summary>How much of a core a hub gives to validation.</summary>
    public static IntakeRules Intake(PartsPerMillion share) => new()
    {
        ValidationShare = share,
        BurstMax = TimeSpan.FromMinutes(10),
        QueueMax = 20_000,
        AdmittedMax = 256,
        UploadBytesMax = 1 << 23,
        ValueAtRiskMax = Credits.FromWhole(100),
        AgeingPerDay = Credits.FromWhole(1),
        SilenceMax = TimeSpan.FromDays(30),
    };

    /// <summary>What validation was measured to cost, and so much more for every return.</summary>
    public static ValidationCost Cost(double extraSeconds) => ValidationCost.Measured with
    {
        // A return of a fleet has one checkpoint.
        NanosPerSignature = ValidationCost.Measured.NanosPerSignature + (int)(extraSeconds * 1e9),
    };

    /// <summary>The rules of validation.</summary>
    public static ReturnRules Rules(MissionRules mission, MachineDesign design) => new()
    {
        BlocksMax = 200_000,
        SegmentsMax = 64,
        ResendsMax = 3,
        UploadTime = TimeSpan.FromDays(10),
        AuditTime = TimeSpan.FromDays(14),
        AuditUnit = AuditUnit.Block,
        ClockErrorMax = 2 * mission.ClockErrorMax,
        ClockStepsMax = 4,
        Resources =
        [
            Rule(design.CargoMax.Value, mission.DeadBands[0]),
            Rule(design.PropellantMax.Value, mission.DeadBands[1]),
            Rule(1_000_000, mission.DeadBands[2]),
            Rule(1_000_000_000_000, 1),
        ],
        Rates = [],
        Channels = [],
        ReadingFaultsMax = new PartsPerMillion(10_000),
        ReadingFaultsMin = 8,
        Calibration = CalibrationRules.Measured,
        Unproven = new TrustRule(PartsPerMillion.FromPercent(5), PartsPerMillion.FromPercent(1), 10_000_000),
        Proven = new TrustRule(PartsPerMillion.FromPercent(1), PartsPerMillion.FromPercent(5), 10_000_000),
        ReturnsToProve = 20,
        HighStake = Credits.FromWhole(50),
    };

    private static ResourceRule Rule(long capacity, ulong band) => new(
        capacity + (capacity / 2), 4 * (long)band, PartsPerMillion.FromPercent(5),
        PartsPerMillion.FromPercent(5));

    private static Approval Allowed(Digest skill) =>
        new(SoftwareClass.Skill, skill, Instant.Epoch, Instant.Never);
}

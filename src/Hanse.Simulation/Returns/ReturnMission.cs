using System;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Estimate;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Simulation.Returns;

/// <summary>What the hub of these returns decided beforehand, and what it knows when a node comes
/// home.</summary>
/// <remarks>The tolerances are those of a mission whose instruments are off by up to 10 %: wide enough for
/// them, and stated here so that a score can be read. A lie within them cannot be told from an instrument.
/// </remarks>
internal static class ReturnMission
{
    // One sigma of the depots' and trackers' instruments, as they are believed to be.
    private const int ScalePpm = 3_000;
    private const int InspectionPpm = 10_000;

    /// <summary>The rules; blocks for thin links, leaves otherwise.</summary>
    public static ReturnRules Rules(ReturnProfile profile, AuditUnit unit) => new()
    {
        BlocksMax = 100_000,
        SegmentsMax = 2_000,
        ResendsMax = 3,
        UploadTime = TimeSpan.FromDays(5),
        AuditTime = TimeSpan.FromDays(5),
        AuditUnit = unit,
        ClockErrorMax = TimeSpan.FromMinutes(10),
        ClockStepsMax = 30,
        Resources =
        [
            new ResourceRule(NodeLife.CargoMax, 50_000, Percent(15), Percent(10)),
            new ResourceRule(NodeLife.PropellantMax, 50_000, Percent(15), Percent(10)),
            new ResourceRule(NodeLife.WearMax, 1_000, Percent(15), Percent(10)),
            new ResourceRule(NodeLife.EnergyMax, 5_000_000, Percent(15), Percent(10)),
        ],
        Rates =
        [
            new RateRule(Resource.Cargo, Cause.Extracted, NodeLife.DigPerHourMax, NodeLife.DigPerHourMax),
            new RateRule(Resource.Propellant, Cause.Used, NodeLife.BurnPerHourMax, NodeLife.BurnPerHourMax),
        ],
        Channels = [.. Enumerable.Range(0, profile.Channels).Select(channel =>
            new ChannelRule(channel, -1_000_000_000, 1_000_000_000, 1_000, 1_000))],
        ReadingFaultsMax = new PartsPerMillion(1_000),
        ReadingFaultsMin = 10,
        Calibration = CalibrationRules.Measured,
        Unproven = new TrustRule(Percent(5), Percent(1), 10_000_000),
        Proven = new TrustRule(Percent(1), Percent(5), 10_000_000),
        ReturnsToProve = 12,
        HighStake = new Credits(1_000_000_000_000),
    };

    /// <summary>A node as it was enrolled.</summary>
    public static AcceptedState Enrolled(byte[] key) =>
        AcceptedState.Enrolled(key, [.. NodeLife.Initial.Select(level => (ulong)level)]);

    /// <summary>What the hub has by itself of a stretch of time, its end left out.</summary>
    public static HubRecords Records(NodeJournal journal, Instant from, Instant until) => new()
    {
        Approvals =
        [
            new Approval(SoftwareClass.Core, NodeMind.Core, Instant.Epoch, Instant.Never),
            .. NodeMind.Skills.Select(skill =>
                new Approval(SoftwareClass.Skill, skill, Instant.Epoch, Instant.Never)),
        ],
        Dockings = Dockings(journal.Life.Records, from, until),
        Repairs = [.. journal.Life.Records.Repairs
            .Where(sold => sold.At >= from && sold.At < until && sold.Wear > 0)
            .Select(sold => new RepairRecord(sold.Docking, sold.Wear, IsField: false))],
        Readings = [.. journal.Life.Records.Seen
            .Where(seen => seen.At >= from && seen.At < until && seen.Variable != Variable.Position)
            .Select(seen => new LevelSeen(
                seen.Variable == Variable.Wear ? Resource.Wear : Resource.Propellant,
                seen.At, seen.Value, new PartsPerMillion(InspectionPpm)))],
        Witnessed = [],
        AtStake = Credits.Zero,
    };

    private static ImmutableArray<DockingRecord> Dockings(Sightings seen, Instant from, Instant until) =>
    [
        .. seen.Weighings.Select(weighed => new DockingRecord(
                weighed.Depot, weighed.Docking, Resource.Cargo, Cause.Given, weighed.At, weighed.Grams,
                Sigma(weighed.Grams)))
            .Concat(seen.Refuellings.Select(pumped => new DockingRecord(
                pumped.Depot, pumped.Docking, Resource.Propellant, Cause.Taken, pumped.At, pumped.Grams,
                Sigma(pumped.Grams))))
            .Where(record => record.At >= from && record.At < until)
            .OrderBy(record => record.Docking).ThenBy(record => record.Resource),
    ];

    private static long Sigma(long grams) => Math.Max(1, grams * ScalePpm / 1_000_000);

    private static PartsPerMillion Percent(int percent) => PartsPerMillion.FromPercent(percent);
}

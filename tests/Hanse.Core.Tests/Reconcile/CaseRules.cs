using System;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Decisions;
using Hanse.Core.Estimate;
using Hanse.Core.Journal;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Tests.Reconcile;

/// <summary>Rules and records that the tests of returns share.</summary>
internal static class CaseRules
{
    public static readonly Digest CoreDigest = Digest.Of([1, 2, 3]);

    public static ReturnRules Rules { get; } = new()
    {
        BlocksMax = 1_000,
        SegmentsMax = 8,
        ResendsMax = 2,
        UploadTime = TimeSpan.FromDays(10),
        AuditTime = TimeSpan.FromDays(2),
        AuditUnit = AuditUnit.Block,
        ClockErrorMax = TimeSpan.FromMinutes(2),
        ClockStepsMax = 3,
        Resources =
        [
            new ResourceRule(1_000_000, 100, new(50_000), new(120_000)),
            new ResourceRule(1_000_000, 100, new(50_000), new(120_000)),
            new ResourceRule(1_000_000, 100, new(50_000), new(120_000)),
            new ResourceRule(1_000_000, 100, new(50_000), new(120_000)),
        ],
        Rates = [new RateRule(Resource.Cargo, Cause.Extracted, 600_000, 50_000)],
        Channels = [new ChannelRule(1, 0, 100, 5, 10)],
        ReadingFaultsMax = new(10_000),
        ReadingFaultsMin = 2,
        Calibration = CalibrationRules.Measured,
        Unproven = new TrustRule(new(500_000), new(100_000), 10_000_000),
        Proven = new TrustRule(new(10_000), new(100_000), 100_000_000),
        ReturnsToProve = 10,
        HighStake = new Credits(1_000_000_000),
    };

    public static HubRecords Records { get; } = new()
    {
        Approvals =
        [
            new Approval(SoftwareClass.Core, CoreDigest, Instant.Epoch, Instant.Never),
            .. BuiltInDecisions.All.Select(
                skill => new Approval(SoftwareClass.Skill, skill, Instant.Epoch, Instant.Never)),
        ],
        Dockings = [],
        Readings = [],
        Witnessed = [],
        AtStake = Credits.Zero,
    };

    public static AcceptedState Enrolled { get; } =
        AcceptedState.Enrolled(TestJournal.KeyOf(1), [0, 500_000, 0, 0]);
}

using System;
using Hanse.Core.Messages;
using Hanse.Core.Units;

namespace Hanse.Core.Market;

/// <summary>What a mission agrees on about work other than deliveries: how long it takes, how it is accepted,
/// and what is held back of its pay.</summary>
public sealed record WorkRules
{
    // Of a site that has nearly nothing, a share of the grade would be no error at all; mass fraction.
    private const int SigmaMin = 200;

    /// <summary>Deliveries only.</summary>
    public static WorkRules None { get; } = new();

    /// <summary>How long a survey takes at its site; zero when there are no surveys.</summary>
    public TimeSpan SurveyTime { get; init; }

    /// <summary>One standard deviation of a survey, as a share of the grade it finds.</summary>
    public PartsPerMillion SurveySigma { get; init; }

    /// <summary>Share of a survey's pay that is held back until it has stood the time of
    /// <see cref="SurveyHold"/>.</summary>
    public PartsPerMillion SurveyHeldShare { get; init; }

    /// <summary>How long an extraction may still contradict a survey.</summary>
    public TimeSpan SurveyHold { get; init; }

    /// <summary>One standard deviation of the grade that an extraction shows, as a share of it: machines dig
    /// faster or slower than they were designed to.</summary>
    public PartsPerMillion DigSigma { get; init; }

    /// <summary>How long it takes to put a tonne of parts in place; zero when nothing is built.</summary>
    public TimeSpan BuildPerTonne { get; init; }

    /// <summary>How long the hub's instrument at a site looks at what was put in place; the builder waits
    /// for it.</summary>
    public TimeSpan InspectionTime { get; init; }

    /// <summary>One standard deviation of that instrument, as a share of what it sees.</summary>
    public PartsPerMillion InspectionSigma { get; init; }

    /// <summary>What may be missing of goods between two scales by what both err, as a share of what was
    /// handed out: four standard deviations of their difference. What is missing beyond is lost.</summary>
    public PartsPerMillion CustodyTolerance { get; init; }

    /// <summary>What goods that are lost in custody are charged at, as a share of what the bounty is worth; a
    /// node takes no more into custody than it could pay for. Zero when nothing is charged.</summary>
    public PartsPerMillion LossCharge { get; init; }

    /// <summary>What a lot is charged at that is lost.</summary>
    public Credits ChargeOf(Credits valuePerLot) =>
        new((long)Int128.Min(
            (Int128)valuePerLot.Micro * LossCharge.Value / 1_000_000, Credits.MicroMax));

    /// <summary>How long it takes to mend a machine; zero when none is mended.</summary>
    public TimeSpan RepairTime { get; init; }

    /// <summary>The most spares that a repair takes; one gram when it takes none.</summary>
    public Grams RepairSpares { get; init; } = WorkFields.NoSpares;

    /// <summary>What spares are made of.</summary>
    public Commodity RepairCommodity { get; init; } = Commodity.Nickel;

    /// <summary>Wear that a repair undoes at most.</summary>
    public PartsPerMillion RepairRelief { get; init; }

    /// <summary>How long a machine that broke down lets itself be mended before it asks again.</summary>
    public TimeSpan RepairConsent { get; init; } = TimeSpan.FromDays(10);

    /// <summary>How long a repairer's word waits for that of the machine it says it has mended.</summary>
    public TimeSpan RepairHold { get; init; } = TimeSpan.FromDays(10);

    /// <summary>How long a node is at the site to put so much in place, and to have it looked at.</summary>
    public TimeSpan BuildTime(Grams mass) => InspectionTime + TimeSpan.FromSeconds(
        (long)((Int128)(BuildPerTonne.Ticks / TimeSpan.TicksPerSecond) * mass.Value / 1_000_000));

    /// <summary>Whether anything is held back that an extraction could contradict: then nodes attest the
    /// grade of what they have dug.</summary>
    public bool AreSurveysHeld => SurveyTime > TimeSpan.Zero && SurveyHeldShare.Value > 0;

    /// <summary>What is held back of the pay for a survey.</summary>
    public Credits HeldOf(Credits pay) =>
        new((long)((Int128)pay.Micro * SurveyHeldShare.Value / 1_000_000));

    /// <summary>One standard deviation of a grade that was surveyed or dug, as a mass fraction.</summary>
    public static PartsPerMillion SigmaOf(PartsPerMillion grade, PartsPerMillion share)
    {
        long sigma = Math.Max(SigmaMin, (long)grade.Value * share.Value / 1_000_000);
        return new PartsPerMillion((int)Math.Min(sigma, Finding.GradeMax));
    }

    /// <summary>Whether a survey claims to be as exact as the mission's instruments are: one that does not
    /// commit itself could never be contradicted.</summary>
    public bool IsExact(Finding finding) => finding.Sigma.Value <= SigmaOf(finding.Grade, SurveySigma).Value;
}

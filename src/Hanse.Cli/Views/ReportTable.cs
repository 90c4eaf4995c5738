using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Hanse.Core.Messages;
using Hanse.Simulation.Runs;

namespace Hanse.Cli.Views;

/// <summary>A report for people: sentences first, then the figures.</summary>
internal static class ReportTable
{
    /// <summary>Writes it, with the command that plays the same run again.</summary>
    public static void Write(TextWriter output, RunReport report, string replay)
    {
        output.WriteLine(Headline(report));
        foreach (NamedBountyStatus bounty in report.Named)
        {
            output.WriteLine(Verdict.On(bounty));
        }

        foreach (DemandFigures demand in report.Demands)
        {
            output.WriteLine(Verdict.On(demand));
        }

        foreach (OrderFigures order in report.Orders)
        {
            output.WriteLine(Verdict.On(order));
        }

        output.WriteLine();
        WriteRows(output,
            [
                .. Work(report), .. Births(report), .. Releases(report), .. Worth(report.Economy),
                .. Knowledge(report), .. Speed(report),
            ]);
        output.WriteLine();
        output.WriteLine(Books(report));
        output.WriteLine($"Trace: sha256 {report.TraceSha256}");
        output.WriteLine($"The same run again: {replay}");
    }

    /// <summary>Writes names and figures in two columns.</summary>
    public static void WriteRows(TextWriter output, IReadOnlyList<(string Name, string Figures)> rows)
    {
        int width = rows.Max(row => row.Name.Length);
        foreach ((string name, string figures) in rows)
        {
            output.WriteLine($"  {name.PadRight(width)}   {figures}");
        }
    }

    /// <summary>What was played.</summary>
    public static string Headline(RunReport report) =>
        $"{report.Scenario}, seed {report.Seed}{(report.IsOracle ? ", with perfect knowledge" : "")}: "
        + $"{Figures.Number(report.SimulatedDays)} days of "
        + $"{Figures.Count(report.Nodes)} nodes in {Figures.Count(report.Regions)} "
        + $"{(report.Regions == 1 ? "region" : "regions")}, played in "
        + $"{report.WallSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s.";

    /// <summary>The books in one sentence.</summary>
    public static string Books(RunReport report) =>
        $"Books: {Figures.Equation(report.Ledger)}: "
        + (report.Ledger.Balanced ? "balanced, to the microcredit." : "NOT BALANCED.");

    /// <summary>What became of machines that were to be born.</summary>
    public static IEnumerable<(string Name, string Figures)> Births(RunReport report)
    {
        if (report.Births is { } births)
        {
            int waiting = births.Built - births.Born;
            yield return (
                "births",
                $"{Figures.Count(births.Born)} of {Figures.Count(births.Built)} machines that were built, "
                    + $"with a quota of {Figures.Count(births.Quota)}"
                    + (births.Born == 0 ? "" : $", after {Figures.Number(births.WaitHoursMean)} h")
                    + $"; {Figures.Count(births.OnProbation)} on probation at the end"
                    + (births.Refused == 0 ? "" : $"; {Figures.Count(births.Refused)} certificates refused")
                    + (births.Declined == 0 ? ""
                        : $"; parents were given no number {Figures.Count(births.Declined)} times")
                    + (births.Orphaned == 0 ? ""
                        : $"; {Figures.Count(births.Orphaned)} times a parent was lost before"));
            if (waiting > 0)
            {
                yield return (
                    "wait to be born",
                    $"{Figures.Count(waiting)}: {Figures.Count(births.Asked)} for a number, "
                        + $"{Figures.Count(births.Shown)} for the answer of a hub, "
                        + $"{Figures.Count(births.Parentless)} for a node that is fit to be their parent");
            }
        }
    }

    /// <summary>What became of releases of skills.</summary>
    public static IEnumerable<(string Name, string Figures)> Releases(RunReport report)
    {
        foreach (RolloutFigures release in report.Rollouts)
        {
            yield return (
                $"release '{release.Name}'",
                (release.NotTaken is { } reason ? $"its order was not taken ({reason}); " : "")
                    + $"decided on {Figures.Count(release.Exposed)} of {Figures.Count(release.Fleet)} "
                    + "machines "
                    + $"({Share(release.ExposedShare)}), at the end on {Figures.Count(release.Active)}; "
                    + $"{Figures.Count(release.RolledBack)} let it go, {Figures.Count(release.Refused)} "
                    + "never took it"
                    + (release.HoursRunMax == 0 ? ""
                        : $" (after {Figures.Number(release.HoursRunMax)} h at most, "
                            + $"{Figures.Number(release.HoursBackMax)} h after its first fault)")
                    + (release.Lapsed == 0 ? "" : $", {Figures.Count(release.Lapsed)} of them unconfirmed")
                    + (release.WrongDecisions == 0 ? ""
                        : $"; {Figures.Count(release.WrongDecisions)} decisions were wrong")
                    + (release.DaysTo99 is { } days ? $"; 99 % after {Figures.Number(days)} days" : ""));
            foreach (ClassFigures one in release.Classes)
            {
                yield return (
                    $"  {new RolloutGroup(one.Class)}",
                    $"{one.State.ToString().ToLowerInvariant()} at stage {one.Stage} since day "
                        + $"{Figures.Number(one.Since)}; decided on {Figures.Count(one.Exposed)} of "
                        + $"{Figures.Count(one.Members)}, at the end on {Figures.Count(one.Active)}");
            }
        }
    }

    /// <summary>What became of the work.</summary>
    public static (string Name, string Figures)[] Work(RunReport report) =>
    [
        ("bounties", $"{Figures.Count(report.Bounties.Posted)} posted: "
            + $"{Figures.Count(report.Bounties.Filled)} filled, "
            + $"{Figures.Count(report.Bounties.PartlyFilled)} partly, "
            + $"{Figures.Count(report.Bounties.Unfilled)} "
            + $"unfilled, {Figures.Count(report.Bounties.Open)} open"
            + (report.Bounties.Withdrawn == 0 ? ""
                : $", {Figures.Count(report.Bounties.Withdrawn)} withdrawn")),
        ("contracts", $"{Figures.Count(report.Contracts.Awarded)} awarded, "
            + $"{Figures.Count(report.Contracts.Settled)} delivered in time"
            + (report.Contracts.Cancelled == 0 ? ""
                : $", {Figures.Count(report.Contracts.Cancelled)} cancelled")),
        ("ran out", $"{Figures.Count(report.Contracts.Expired)} of the contracts, undelivered; "
            + $"{Figures.Count(report.Contracts.Released)} given back by their nodes"),
        ("silent", $"{Figures.Count(report.Contracts.Missed)} taken back after a milestone; "
            + $"{Figures.Count(report.Contracts.Resumed)} held again; "
            + $"{Figures.Count(report.Contracts.Extended)} due times moved"),
        ("taken over", $"{Figures.Count(report.Contracts.Remarketed)} times such work was awarded again"),
        ("came late", $"{Figures.Count(report.Contracts.LateDeliveries)} of the deliveries, after their "
            + "contract had run out"),
        .. Carried(report.Transports),
        ("berths", $"waited for {Figures.Number(report.Berths.MeanHours)} h on average, "
            + $"{Figures.Number(report.Berths.P99Hours)} h (99 %), "
            + $"{Figures.Number(report.Berths.MaxHours)} h at most; "
            + $"{Figures.Count(report.Berths.Berthed)} dockings"),
        .. Faces(report.Faces),
        .. report.Sites.Short == 0 ? [] : new[]
        {
            ("sites", $"{Figures.Count(report.Sites.Over)} have given out; "
                + $"{Figures.Count(report.Sites.Short)} extractions ended for it, "
                + $"{Figures.Count(report.Sites.Empty)} of them with nothing aboard"),
        },
        ("nodes died", Figures.Count(report.Deaths)),
        .. Repairs(report.Repairs),
        ("weighed", $"{Figures.Number(report.DeliveredTonnes)} t at depots, "
            + $"{Figures.Number(report.TonnesPerPropellantTonne)} t a tonne of propellant"),
    ];

    private static (string Name, string Figures)[] Faces(FaceFigures faces) =>
        faces.Dug == 0 ? [] :
        [
            ("faces", $"waited for {Figures.Number(faces.MeanHours)} h on average, "
                + $"{Figures.Number(faces.P99Hours)} h (99 %), {Figures.Number(faces.MaxHours)} h at most, "
                + $"before {Figures.Count(faces.Dug)} extractions"
                + (faces.Tolls == 0 ? "" : $"; {Figures.Credits(faces.Tolls)} of tolls")),
        ];

    private static (string Name, string Figures)[] Carried(TransportFigures carried) =>
        carried.Carriages == 0 ? [] :
        [
            ("carried", $"{Figures.Count(carried.Carriages)} times goods of a depot, "
                + $"{Figures.Number(carried.HandedTonnes)} t; {Figures.Number(carried.CountedTonnes)} t "
                + $"counted at another; carriers lost {Figures.Number(carried.LostTonnes)} t in "
                + $"{Figures.Count(carried.Losses)} of them, found lost "
                + $"{Figures.Number(carried.LostFoundTonnes)} t in {Figures.Count(carried.LossesFound)}, "
                + $"charged {Figures.Credits(carried.Charged)} credits"),
        ];

    private static (string Name, string Figures)[] Repairs(RepairFigures repairs) =>
        repairs.Breakdowns == 0 ? [] :
        [
            ("broke down", $"{Figures.Count(repairs.Breakdowns)} times; {Figures.Count(repairs.Mended)} "
                + $"mended, for {Figures.Credits(repairs.Paid)} credits; "
                + $"{Figures.Number(repairs.DaysLost)} days of machines lost"),
            ("called for help", $"{Figures.Count(repairs.Asked)} times; {Figures.Count(repairs.Held)} "
                + $"repairs only their makers told of, {Figures.Count(repairs.BorneOut)} of them borne out, "
                + $"{Figures.Count(repairs.Refuted)} not"),
        ];

    /// <summary>What the work was worth, and what it truly cost.</summary>
    public static (string Name, string Figures)[] Worth(EconomyFigures economy) =>
    [
        ("filled", $"{Share(economy.FilledByMass)} by mass, {Share(economy.FilledByValue)} by value, of "
            + "the bounties that were due"),
        ("surplus", $"{Figures.Credits(economy.Surplus)} credits: worth {Figures.Credits(economy.Value)}, "
            + $"true cost {Figures.Credits(economy.Cost)}, {Figures.Credits(economy.Wasted)} of it for "
            + "nothing"),
        ("profit", $"{Figures.Credits(economy.Profit)} credits"
            + (economy.Tolls == 0 ? "" : $" after {Figures.Credits(economy.Tolls)} of tolls")
            + $"; {Share(economy.Settled.LosingShare)} of the "
            + "contracts that were settled lost money, "
            + $"{Share(economy.Settled.MeanLossShare)} of a mean cost each"),
        ("scarcity", $"paid over cost {Exact(economy.Settled.PaidOverCost)}, "
            + $"{Exact(Scarcities(economy).Min())} to {Exact(Scarcities(economy).Max())} by region "
            + $"(hubs say {Exact(Told(economy).Min())} to {Exact(Told(economy).Max())}); asked over cost "
            + Exact(economy.Settled.ClaimedOverCost)),
        ("orphans", $"{Figures.Count(economy.Orphans.Count)} contracts whose node died: "
            + $"{Figures.Count(economy.Orphans.Asked)} asked for again, "
            + $"{Figures.Count(economy.Orphans.AskedWithinCycle)} within a cycle, "
            + $"{Figures.Count(economy.Orphans.Missed)} missed; at most "
            + $"{Figures.Number(economy.Orphans.MaxHours)} h after the hub could know"),
        .. economy.Critical.Count == 0 ? [] : new[]
        {
            ("critical", $"{Figures.Count(economy.Critical.Whole)} of "
                + $"{Figures.Count(economy.Critical.Count)} bounties in full and in time, "
                + $"{Share(economy.Critical.FilledByMass)} by mass; "
                + $"{Share(economy.Critical.BeyondByMass)} more came than was needed"),
        },
        .. economy.Joint.Count == 0 ? [] : new[]
        {
            ("joint work", $"{Figures.Count(economy.Joint.Whole)} of {Figures.Count(economy.Joint.Count)} in "
                + $"full and in time of {Figures.Count(economy.Joint.Begun)} that were begun, "
                + $"nothing came of {Figures.Count(economy.Joint.None)}, "
                + $"{Share(economy.Joint.FilledByMass)} by mass"
                + (economy.Joint.HeldBack == 0 ? ""
                    : $"; nodes held back for it, {Figures.Count(economy.Joint.HeldBack)} times a batch")),
        },
        .. economy.Conduct.Select(kind => (Words(kind.Conduct), $"{Figures.Count(kind.Nodes)} nodes, "
            + $"{Exact(kind.Profit)} credits of profit each; {Figures.Count(kind.Settled)} contracts "
            + $"settled, {Share(kind.LosingShare)} at a loss")),
    ];

    private static string Words(string conduct) => conduct switch
    {
        "Honest" => "honest",
        "OverClaimer" => "over-claimers",
        "UnderClaimer" => "under-claimers",
        "NoShow" => "no-shows",
        "Denier" => "deniers",
        "FalseMender" => "false menders",
        _ => "the ring",
    };

    /// <summary>What was known, and what knowing cost.</summary>
    public static (string Name, string Figures)[] Knowledge(RunReport report) =>
    [
        ("links", Telemetry(report.Messages)),
        ("lost frames", $"{Figures.Count(report.Messages.Lost)} of {Figures.Count(report.Messages.Count)}, "
            + $"{Figures.Count(report.Messages.Duplicated)} came twice"),
        ("last heard", $"median {Figures.Number(report.Staleness.P50Hours)} h ago, 99 % within "
            + $"{Figures.Number(report.Staleness.P99Hours)} h"),
        ("returns", Returns(report.Returns)),
        ("conflicts", Conflicts(report.Returns)),
        .. Moves(report),
        ("deviations", $"{Figures.Count(report.Deviations)} reported, {Figures.Count(report.Replans)} "
            + "plans revised"),
        ("twin: cargo", Error(report.TwinError.CargoKilograms, "kg")),
        ("twin: propellant", Error(report.TwinError.PropellantKilograms, "kg")),
        ("twin: wear", Error(report.TwinError.WearPercent, "%")),
        ("twin: position", Error(report.TwinError.PositionKilometres, "km")),
    ];

    private static (string Name, string Figures)[] Speed(RunReport report) =>
    [
        ("events", $"{Figures.Count(report.Events)}, {Figures.Count((long)report.EventsPerSecond)} a second"),
        ("memory", Figures.Bytes(report.PeakMemoryBytes) + " at most"),
        ("checks", $"{Figures.Count(report.Checks)} invariants checked, all held; "
            + $"{Figures.Count(report.Refusals)} inputs refused; {Figures.Count(report.Crashes)} crashes "
            + "survived"),
    ];

    private static (string Name, string Figures)[] Moves(RunReport report) => report.Moves == 0 ? [] :
    [
        ("handed over", $"{Figures.Count(report.Moves)} times a node came to another hub; "
            + $"{Figures.Count(report.Honoured)} contracts went on there, {Figures.Count(report.Recounted)} "
            + "deliveries were counted after the fact"),
    ];

    private static string Telemetry(MessageFigures messages)
    {
        string times = messages.BytesPerNodeDay > 0
            ? $", {Figures.Number(messages.FullTelemetryBytesPerNodeDay / messages.BytesPerNodeDay)} "
                + "times as many"
            : "";
        return $"{Figures.Bytes(messages.BytesPerNodeDay)} per node and day; sending every reading would "
            + $"take {Figures.Bytes(messages.FullTelemetryBytesPerNodeDay)}{times}";
    }

    private static string Returns(ReturnFigures returns) =>
        $"{Figures.Count(returns.Judged)} judged: {Figures.Count(returns.Accepted)} accepted, "
        + $"{Figures.Count(returns.Corrected)} corrected, {Figures.Count(returns.Quarantined)} quarantined; "
        + $"median {Figures.Number(returns.Convergence.P50Hours)} h from offer to verdict, at most "
        + $"{Figures.Number(returns.Convergence.MaxHours)} h"
        + (returns.Audits.Blocks == 0 ? ""
            : $"; {Figures.Count(returns.Audits.Blocks)} blocks of raw logs audited, "
                + $"{Figures.Count(returns.Audits.Bad)} bad");

    private static string Conflicts(ReturnFigures returns)
    {
        long settled = returns.Conflicts.Sum(kind => kind.Settled);
        long unsettled = returns.Conflicts.Sum(kind => kind.Unsettled);
        return $"{Figures.Count(settled)} settled by a rule, {Figures.Count(unsettled)} left to an operator; "
            + $"{Figures.Count(returns.OpenCases)} cases open";
    }

    private static string Error(ErrorFigures figures, string unit) =>
        $"off by {Exact(figures.P50)} {unit} (median), {Exact(figures.P99)} {unit} (99 %); "
        + $"dead band {Exact(figures.DeadBand)} {unit}";

    private static IEnumerable<double> Told(EconomyFigures economy) => economy.Regions
        .Where(region => region.PaidOverAsked > 0).Select(region => region.PaidOverAsked).DefaultIfEmpty();

    private static IEnumerable<double> Scarcities(EconomyFigures economy) => economy.Regions
        .Where(region => region.Settled > 0).Select(region => region.PaidOverCost).DefaultIfEmpty();

    private static string Share(double share) =>
        (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private static string Exact(double number) => number.ToString("#,##0.###", CultureInfo.InvariantCulture);
}

using System.IO;
using Hanse.Cli.Views;
using Hanse.Core.Time;

namespace Hanse.Cli.Facts;

/// <summary>An audit for people.</summary>
internal static class LedgerTable
{
    public static void Write(TextWriter output, LedgerReport report)
    {
        output.WriteLine($"{report.File}: {(report.Holds ? "the ledger holds" : "the ledger does not hold")}"
            + $", by {Figures.Count(report.Facts)} facts of {Figures.Count(report.Steps)} steps of "
            + $"{report.Scenario}, seed {report.Seed}.");
        if (report.Violation is { } found)
        {
            string fact = found.Fact > 0 ? $", fact {found.Fact}" : "";
            output.WriteLine($"  first at     {found.Machine}, its step {found.Step}{fact}, "
                + $"{JournalReport.Time(new Instant(found.AtMicros))}, byte {found.Offset}");
            output.WriteLine($"  violation    {found.Claim}");
        }

        output.WriteLine($"  minted       {Credits(report.Minted)}");
        output.WriteLine($"  = escrow     {Credits(report.Escrow)}");
        output.WriteLine($"  + in transit {Credits(report.InTransit)}, in "
            + $"{Figures.Count(report.TransfersOpen)} transfers that are not booked");
        output.WriteLine($"  + nodes      {Credits(report.Nodes)}; of the "
            + $"{Figures.Count(report.Hoard.Nodes)} that own anything one owns "
            + $"{Credits(report.Hoard.Min)}, a tenth less than {Credits(report.Hoard.P10)}, half less than "
            + $"{Credits(report.Hoard.Median)}, a tenth more than {Credits(report.Hoard.P90)}, one "
            + Credits(report.Hoard.Max)
            + (report.Staked == 0 ? "" : $"; {Credits(report.Staked)} of it are staked as bonds"));
        output.WriteLine($"  + reserves   {Credits(report.Reserves)}");
        output.WriteLine($"  + budget     {Credits(report.Budget)}");
        output.WriteLine($"  + burned     {Credits(report.Burned)}, of it {Credits(report.Demurrage)} as "
            + "demurrage"
            + (report.Tolls == 0 ? "" : $", {Credits(report.Tolls)} as tolls of berths")
            + (report.FaceTolls == 0 ? "" : $", {Credits(report.FaceTolls)} as tolls of faces")
            + (report.Forfeited == 0 ? "" : $", {Credits(report.Forfeited)} as forfeited bonds")
            + (report.Charged == 0 ? "" : $", {Credits(report.Charged)} for lost goods"));
        output.WriteLine($"  work         {Figures.Count(report.Contracts)} contracts given, "
            + $"{Figures.Count(report.Payments)} paid for"
            + (report.Cancelled == 0 ? "" : $"; {Figures.Count(report.Cancelled)} cancelled, for "
                + $"{Credits(report.Compensated)}"));
        if (report.Passed > 0)
        {
            output.WriteLine($"  passed over  {Figures.Count(report.Passed)} facts of regions that had been "
                + "given up: no credits are behind them");
        }

        if (report.Bounty is { } bounty)
        {
            Write(output, bounty);
        }

        if (report.Demand is { } demand)
        {
            Write(output, demand);
        }
    }

    private static void Write(TextWriter output, DemandReport demand)
    {
        output.WriteLine();
        output.WriteLine($"Demand {demand.Demand}, posted {Time(demand.PostedMicros)}, until "
            + $"{Time(demand.DeadlineMicros)}: {Figures.Count(demand.Lots)} lots of "
            + $"{Tonnes(demand.LotGrams)}, worth {Credits(demand.ValuePerLot)} each where they are needed.");
        foreach (PlacingReport placing in demand.Placings)
        {
            string back = placing.Back == 0 ? ""
                : $"; {Figures.Count(placing.Back)} back"
                    + (placing.Reason is null ? "" : $", {placing.Reason}")
                    + (placing.LowestAsk > 0 ? $", lowest ask {Credits(placing.LowestAsk)}" : "");
            output.WriteLine($"  {Time(placing.AtMicros),16} region {placing.Region,-4} "
                + $"{Figures.Count(placing.Lots),5} lots at up to {Credits(placing.WorthPerLot)}, bounty "
                + $"{placing.Bounty}: {Tonnes(placing.DeliveredGrams)} for {Credits(placing.Paid)}{back}"
                + (placing.Left > 0 ? $"; {Figures.Count(placing.Left)} there" : ""));
        }

        output.WriteLine($"  delivered {Tonnes(demand.DeliveredGrams)}; {Figures.Count(demand.Settled)} lots "
            + $"settled, {Figures.Count(demand.Waiting)} in no region; {demand.State}");
    }

    private static void Write(TextWriter output, BountyMoneyReport bounty)
    {
        output.WriteLine();
        output.WriteLine($"Bounty {bounty.Bounty}, posted {Time(bounty.PostedMicros)} to region "
            + $"{bounty.Region}, worth {Credits(bounty.Worth)}: {Credits(bounty.Minted)} minted, "
            + $"{Credits(bounty.Worth - bounty.Minted)} from the budget.");
        foreach (PaymentReport payment in bounty.Payments)
        {
            output.WriteLine($"  {Time(payment.AtMicros),16} {payment.Hub,-8} contract "
                + $"{payment.Contract,-10} node {payment.Node,-6} {Tonnes(payment.CountedGrams),10} at "
                + $"{Credits(payment.PricePerLot)} a lot: {Credits(payment.Paid)}");
        }

        output.WriteLine($"  counted {Tonnes(bounty.CountedGrams)} of {Tonnes(bounty.TotalGrams)}; paid "
            + $"{Credits(bounty.Paid)}, returned {Credits(bounty.Returned)}; "
            + (bounty.ClosedMicros is { } at ? $"{bounty.State} {Time(at)}" : bounty.State));
    }

    private static string Credits(long micro) => Figures.Credits(micro / 1e6);

    private static string Tonnes(long grams) => Figures.Number(grams / 1e6) + " t";

    private static string Time(long micros) => JournalReport.Time(new Instant(micros));
}

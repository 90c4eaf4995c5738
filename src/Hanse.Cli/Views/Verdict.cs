using System.Linq;
using Hanse.Core.Messages;
using Hanse.Simulation.Runs;

namespace Hanse.Cli.Views;

/// <summary>What became of a named bounty or demand, in one sentence.</summary>
internal static class Verdict
{
    /// <summary>The same of a demand.</summary>
    public static string On(DemandFigures demand)
    {
        string brought = string.Join(", ", demand.ByRegion.Select(part =>
            $"{Figures.Number(part.Tonnes)} t by region {part.Region}"));
        string end = demand.Outcome switch
        {
            BountyOutcome.Filled => "filled",
            BountyOutcome.PartlyFilled => "partly filled",
            BountyOutcome.Unfilled => "unfilled",
            _ => "open",
        };
        return $"{demand.Name}: {end}, {Figures.Number(demand.Delivered)} of "
            + $"{Figures.Number(demand.Tonnes)} t"
            + (brought.Length > 0 ? $" ({brought})" : "")
            + $"; worth {Figures.Credits(demand.Value)} credits less freight, true cost "
            + $"{Figures.Credits(demand.Cost)}. {Figures.Count(demand.LotsPlaced)} times a lot was placed, "
            + $"{Figures.Count(demand.LotsReturned)} came back, {Figures.Count(demand.LotsRecalled)} of them "
            + "called.";
    }

    /// <summary>The sentence on an order.</summary>
    public static string On(OrderFigures order)
    {
        string end = order.Outcome switch
        {
            BountyOutcome.Filled => "done",
            BountyOutcome.PartlyFilled => "done in part",
            BountyOutcome.Unfilled => "not begun",
            _ => "open",
        };
        return $"{order.Name}: {end}, {Figures.Count(order.Filled)} of {Figures.Count(order.Parts)} parts"
            + (order.ClosedDay is { } day ? $" by day {Figures.Number(day)}" : "")
            + $"; {Figures.Credits(order.Paid)} of {Figures.Credits(order.Worth)} credits paid.";
    }

    /// <summary>The sentence.</summary>
    public static string On(NamedBountyStatus bounty)
    {
        string weighed = $"{Figures.Number(bounty.DeliveredTonnes)} of "
            + $"{Figures.Number(bounty.WantedTonnes)} t";
        string cost = $"It cost {Figures.Credits(bounty.PaidCredits)} credits, "
            + $"{Figures.Percent(bounty.PaidCredits, bounty.WorthCredits)} of the "
            + $"{Figures.Credits(bounty.WorthCredits)} it was worth.";
        return bounty switch
        {
            { FilledDay: { } day } =>
                $"{bounty.Name}: filled on {Figures.Day(day)}, {Figures.Number(bounty.DeadlineDay - day)} "
                + $"days before its deadline; {weighed} weighed, in {bounty.Deliveries} deliveries. {cost}",
            { Outcome: BountyOutcome.PartlyFilled } =>
                $"{bounty.Name}: partly filled when it ended on {Figures.Day(bounty.DeadlineDay)}; {weighed} "
                + $"weighed. {cost}",
            { Outcome: BountyOutcome.Unfilled } =>
                $"{bounty.Name}: ended unfilled on {Figures.Day(bounty.DeadlineDay)}; nothing was weighed.",
            { Outcome: BountyOutcome.Cancelled } =>
                $"{bounty.Name}: withdrawn; {weighed} had been weighed. {cost}",
            _ => $"{bounty.Name}: open until {Figures.Day(bounty.DeadlineDay)}; {weighed} weighed, "
                + $"{Figures.Number(bounty.UnderContractTonnes)} t under contract.",
        };
    }
}

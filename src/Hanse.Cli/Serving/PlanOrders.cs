using System;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Core.Strategy;
using Hanse.IO.Plane;
using Hanse.IO.Runtime;
using Hanse.IO.Stores;
using Hanse.Simulation.World;

namespace Hanse.Cli.Serving;

/// <summary>Gives what operators of a scenario order, when it is time.</summary>
/// <remarks>A repeated order is the same one, so all are given again after a restart.</remarks>
internal static class PlanOrders
{
    /// <summary>Gives all, until the mission ends.</summary>
    public static async Task GiveAsync(
        MissionPlan plan, IControlPlane plane, PostingDesk postings, IMissionClock clock,
        CancellationToken stop)
    {
        try
        {
            foreach (MissionOrder order in plan.Orders)
            {
                while (clock.Now < order.At)
                {
                    await Task.Delay(clock.Until(order.At) + TimeSpan.FromMilliseconds(1), stop);
                }

                while (!await TryGiveAsync(order.Input, plane, postings))
                {
                    await Task.Delay(TimeSpan.FromSeconds(1), stop);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The mission ends.
        }
    }

    private static async Task<bool> TryGiveAsync(
        StrategyInput order, IControlPlane plane, PostingDesk postings)
    {
        try
        {
            await GiveOnceAsync(order, plane, postings);
            return true;
        }
        catch (Exception failure)
            when (failure is MachineBusyException or MachineFailedException or StoreException)
        {
            return false;
        }
    }

    // Bounties get numbers when they are ordered, since operators order some in between.
    private static async Task GiveOnceAsync(StrategyInput order, IControlPlane plane, PostingDesk postings)
    {
        switch (order)
        {
            case StrategyInput.BountyOrdered(var region, var bounty):
                _ = await postings.PostAsync(PostingDesk.NameOf(bounty.Id), region, bounty);
                break;
            case StrategyInput.ReductionOrdered(var bounty, var total):
                if (await postings.NumberOfAsync(PostingDesk.NameOf(bounty)) is { } posted)
                {
                    await plane.TellAsync(new StrategyInput.ReductionOrdered(posted, total));
                }

                break;
            default:
                await plane.TellAsync(order);
                break;
        }
    }
}

using System;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Strategy;

/// <summary>Demands between a strategic layer and regions that do as they like.</summary>
public class DemandTests
{
    [Fact]
    public void Lots_and_credits_are_conserved_whatever_is_lost_doubled_or_late()
    {
        (int recalls, int returned, int delivered, int overtaken) = (0, 0, 0, 0);
        for (ulong seed = 1; seed <= 60; seed++)
        {
            try
            {
                DemandRig rig = Play(seed, seed % 5 == 0 ? SplitRule.Even : SplitRule.Curves);
                recalls += rig.Recalls;
                returned += rig.Facts.Count(fact => fact is StrategyFact.LotsBack);
                delivered += rig.Regions.Sum(region => region.Lots.Count(lots => lots.Value.Delivered > 0));
                overtaken += Overtaken(rig);
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                throw new InvalidOperationException($"DemandTests.Play({seed})", failure);
            }
        }

        // The interesting things happen.
        Assert.True(recalls > 20 && returned > 200 && delivered > 200, $"{recalls} {returned} {delivered}");
        Assert.True(overtaken > 5, $"{overtaken} reports overtook lots that came back");
    }

    private static DemandRig Play(ulong seed, SplitRule split)
    {
        var rig = new DemandRig(seed, split);
        for (int i = 0; i < 8; i++)
        {
            rig.Live();
        }

        int ordered = 0;
        for (int day = 0; day < 45; day++)
        {
            if (ordered < 3 && day >= 6 * ordered)
            {
                Demand demand = rig.Draw((ulong)++ordered);
                rig.Step(new StrategyInput.DemandOrdered(demand));
                rig.Step(new StrategyInput.DemandOrdered(demand)); // The same order again.
            }

            for (int i = 0; i < 4; i++)
            {
                rig.Live();
            }
        }

        rig.IsHealed = true;
        for (int i = 0; i < 4 * 25; i++)
        {
            rig.Live();
        }

        rig.Rebuild();
        Assert.Empty(rig.Layer.Demands);
        Assert.Equal(0, rig.Layer.OpenBounties);
        foreach (StrategyFact.DemandClosed closed in rig.Facts.OfType<StrategyFact.DemandClosed>())
        {
            Demand demand = rig.Facts.OfType<StrategyFact.DemandPosted>()
                .Single(posted => posted.Demand.Id == closed.Demand).Demand;
            long delivered = rig.Regions.Sum(region => region.Delivered(closed.Demand));
            Assert.Equal(delivered, closed.Delivered.Value);
            Assert.True(closed.Delivered <= demand.Total);
        }

        rig.CheckMoney();
        return rig;
    }

    // Reports that were booked before lots of the same name that had gone back earlier.
    private static int Overtaken(DemandRig rig)
    {
        var seen = new System.Collections.Generic.HashSet<BountyId>();
        int overtaken = 0;
        foreach (StrategyFact fact in rig.Facts)
        {
            if (fact is StrategyFact.BountyReported report)
            {
                _ = seen.Add(report.Report.Bounty);
            }
            else if (fact is StrategyFact.LotsBack back && seen.Contains(back.Returned.Bounty))
            {
                overtaken++;
            }
        }

        return overtaken;
    }

    [Fact]
    public void What_a_region_says_that_cannot_be_is_refused_and_moves_nothing()
    {
        // Each of these differs in one thing from what is true.
        var book = DemandBook.New(
            new Demand(
                new DemandId(1), Commodity.Iron, 5, new Grams(10), new Credits(7), Instant.Epoch,
                [new DemandPlace(new RegionId(1), new DepotId(1), default)]),
            Instant.Epoch);
        BountyId id = BountyId.Lots(new DemandId(1), 1);
        book = book.Place(id, new RegionId(1), 5, new Credits(7), Instant.Epoch);
        Assert.Equal(5, book.LotsOf(Report(id, delivered: 20, paid: 9, returned: 26)));
        Assert.Equal(3, book.LotsOf(Report(id, delivered: 20, paid: 9, returned: 12)));
        Assert.Null(book.LotsOf(Report(id, delivered: 20, paid: 9, returned: 27)));
        Assert.Null(book.LotsOf(Report(id, delivered: 20, paid: 9, returned: 33)));
        Assert.Null(book.LotsOf(Report(id, delivered: 31, paid: 9, returned: 12)));
        Assert.Null(book.LotsOf(Report(BountyId.Lots(new DemandId(1), 2), 20, 9, 26)));
    }

    private static BountyReport Report(BountyId id, long delivered, long paid, long returned) => new(
        id, BountyOutcome.PartlyFilled, new Grams(delivered), new Credits(paid), default, new TransferId(1),
        new Credits(returned));
}

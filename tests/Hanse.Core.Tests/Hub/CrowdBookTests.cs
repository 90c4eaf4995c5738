using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using CsCheck;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Hub;

/// <summary>How crowded berths are going to be, and what one more there costs.</summary>
public sealed class CrowdBookTests
{
    private const int Tonne = 1_000_000;

    private static readonly DepotId _depot = new(1);
    private static readonly Place _berths = Place.Of(_depot);
    private static readonly BountyId _bounty = new(5);
    private static readonly Credits _hour = new(1_000);
    private static readonly TimeSpan _slot = CrowdPrice.SlotLength;

    // One berth, an hour for a tonne.
    private static readonly HubSpec _spec = TestHub.Spec with
    {
        Berths = (1, new Grams(Tonne)),
        Rules = TestHub.Spec.Rules with { ArePricedBerths = true, HourlyCost = _hour },
    };

    [Fact]
    public void One_more_waits_for_those_before_it_and_pays_for_those_behind_it()
    {
        CrowdBook book = Opened();
        for (uint node = 1; node <= 4; node++)
        {
            Award(book, node, Tonne, At(10));
        }

        ImmutableArray<CrowdPrice> prices = book.PricesAt(At(0));

        Assert.Null(prices.Of(_berths, At(9)));
        Assert.Equal(TimeSpan.FromHours(2), prices.Of(_berths, At(10))!.Wait); // Half of four hours.
        Assert.Equal(new Credits(2 * _hour.Micro), prices.Of(_berths, At(10))!.PerHour);
        Assert.Equal(TimeSpan.FromHours(2), prices.Of(_berths, At(11))!.Wait); // What is left of them.
        Assert.Equal(Credits.Zero, prices.Of(_berths, At(11))!.PerHour); // Nobody is behind it.
        Assert.Null(prices.Of(_berths, At(12)));
        Assert.Null(prices.Of(Place.Of(new DepotId(2)), At(10)));

        // What others could earn while they wait is lost to them as well.
        book.Apply(Market(new MarketFact.HourPosted(new Credits(3 * _hour.Micro))));
        Assert.Equal(new Credits(8 * _hour.Micro), book.PricesAt(At(0)).Of(_berths, At(10))!.PerHour);
    }

    // The toll claims to be what the others lose. So: the same crowd through a first-come-first-served queue
    // of single machines, with one more and without.
    [Fact]
    public void The_toll_is_what_the_others_wait_longer()
    {
        (double Told, double Lost) sum = (0, 0);
        Gen.Int[0, 9].Array[12].Sample(
            crowd =>
            {
                CrowdBook book = Opened();
                uint node = 0;
                foreach ((int nodes, int slot) in crowd.Select((nodes, slot) => (nodes, slot)))
                {
                    for (int i = 0; i < nodes; i++)
                    {
                        Award(book, ++node, Tonne / 2, At(slot + 1));
                    }
                }

                ImmutableArray<CrowdPrice> prices = book.PricesAt(At(0));
                (double told, double lost) = (0, 0);
                double alone = Waits(crowd, -1).Sum();
                for (int slot = 0; slot < crowd.Length; slot++)
                {
                    told += (double)(prices.Of(_berths, At(slot + 1))?.PerHour.Micro ?? 0)
                        / _hour.Micro / 2;
                    List<double> waits = Waits(crowd, slot);
                    lost += waits.Skip(1).Sum() - alone;
                }

                // Slots in which nobody waits for a quarter of an hour are not posted, and who comes within
                // a slot is not known: one crowd in thousands is off by more than a quarter and three hours.
                Assert.InRange(told, (0.7 * lost) - 6, (1.4 * lost) + 6);
                sum = (sum.Told + told, sum.Lost + lost);
            },
            iter: 300, threads: 1);
        Assert.InRange(sum.Told / sum.Lost, 0.95, 1.05);
    }

    [Fact]
    public void Who_has_bid_counts_by_the_share_that_wins()
    {
        CrowdBook book = Opened();
        for (uint node = 1; node <= 4; node++)
        {
            Bid(book, node, Tonne, At(10));
        }

        book.Apply(Market(new MarketFact.Cleared(new CycleNumber(1), [])));
        Assert.Empty(book.PricesAt(At(0)));
        Award(book, 1, Tonne, At(40)); // One of four.
        for (uint node = 2; node <= 9; node++)
        {
            Bid(book, node, Tonne, At(10));
        }

        Assert.Equal( // Of eight hours.
            TimeSpan.FromHours(1), book.PricesAt(At(0)).Of(_berths, At(10))!.Wait);
    }

    [Fact]
    public void One_that_keeps_to_its_booking_pays_no_more_than_it_was_shown()
    {
        CrowdBook book = Opened();
        Award(book, 1, Tonne, At(10));
        Award(book, 2, Tonne, At(10));
        var node = new NodeId(3);
        ImmutableArray<CrowdPrice> shown = book.PricesAt(At(0));
        book.Apply(new HubFact.CrowdsShown(node, shown));
        Award(book, 3, Tonne, At(10));
        Booking booking = book.Book(node, Contract(3), Plan(3, At(10), At(11)))!;
        book.Apply(new HubFact.BerthBooked(node, booking));
        for (uint other = 4; other <= 12; other++)
        {
            Award(book, other, Tonne, At(10)); // They come as well, and were shown a greater toll.
        }

        Assert.Equal(_hour, booking.Toll); // Half of the two that come with it.
        Assert.Equal(_hour, book.Owed(Docked(3, At(10) + TimeSpan.FromHours(1))));
        Assert.True(book.Owed(Docked(3, At(7))) < _hour, "Nobody is there.");
        Assert.True(book.Owed(Docked(3, At(13))) > _hour, "It comes when they are all there.");
        Assert.Equal(Credits.Zero, book.Owed(Docked(3, At(40))));
    }

    [Fact]
    public void What_is_over_or_overdue_is_not_waited_for()
    {
        CrowdBook book = Opened();
        for (uint node = 1; node <= 4; node++)
        {
            Award(book, node, Tonne, At(10));
        }

        book.Apply(Market(new MarketFact.Delivered(
            Contract(1), ContractOutcome.Settled, new Grams(Tonne), new Grams(Tonne), default)));
        book.Apply(Market(new MarketFact.Returned(Contract(2), ContractOutcome.Expired)));
        Assert.Equal(TimeSpan.FromHours(1), book.PricesAt(At(0)).Of(_berths, At(10))!.Wait);
        Assert.Equal(TimeSpan.FromHours(1), book.PricesAt(At(20)).Of(_berths, At(20))!.Wait); // Late.
        Assert.Empty(book.PricesAt(At(10) + CrowdBook.OverdueMax + _slot));
    }

    [Fact]
    public void No_more_is_posted_than_fits_and_the_next_slots_come_first()
    {
        CrowdBook book = Opened();
        for (uint node = 1; node <= 200; node++)
        {
            Award(book, node, Tonne, At((int)node));
        }

        ImmutableArray<CrowdPrice> prices = book.PricesAt(At(0));

        Assert.Equal(CrowdPrices.DepotsMax, prices.Length);
        Assert.Equal(
            Enumerable.Range(1, CrowdPrices.DepotsMax).Select(slot => (uint)slot),
            prices.Select(p => p.Slot));
    }

    [Fact]
    public void A_mission_without_prices_asks_nothing()
    {
        var book = new CrowdBook(TestHub.Spec);
        Award(book, 1, Tonne, At(10));
        Assert.Empty(book.PricesAt(At(0)));
        Assert.Null(book.Book(new NodeId(1), Contract(1), Plan(1, At(10), At(11))));
        Assert.Equal(Credits.Zero, book.Owed(Docked(1, At(10))));
    }

    // Everybody waits for whoever came before; the first of the list is the one more.
    private static List<double> Waits(int[] crowd, int slot)
    {
        var comers = new List<(double At, bool IsExtra)>();
        for (int k = 0; k < crowd.Length; k++)
        {
            comers.AddRange(
                Enumerable.Range(0, crowd[k]).Select(i => ((2 * k) + (2.0 * i / crowd[k]), false)));
        }

        if (slot >= 0)
        {
            comers.Add(((2 * slot) + 0.999, true));
        }

        double free = 0;
        var waits = new List<double> { 0 };
        foreach ((double at, bool isExtra) in comers.OrderBy(comer => comer.At))
        {
            double begins = Math.Max(at, free);
            free = begins + 0.5;
            if (isExtra)
            {
                waits[0] = begins - at;
            }
            else
            {
                waits.Add(begins - at);
            }
        }

        return waits;
    }

    private static CrowdBook Opened()
    {
        var book = new CrowdBook(_spec);
        book.Apply(Market(new MarketFact.CycleOpened(
            new CycleNumber(1), At(0),
            [
                new Request(
                    _bounty, Commodity.Iron, _depot, Grams.FromTonnes(100), Grams.FromTonnes(1),
                    Credits.FromWhole(1), At(1_000)),
            ])));
        return book;
    }

    private static void Award(CrowdBook book, uint node, long grams, Instant comes) =>
        book.Apply(Market(new MarketFact.Awarded(
            Contract(node), new Epoch(1),
            new Winner(
                _bounty, new NodeId(node), new Grams(grams), default, Unloaded(comes, grams), TimeSpan.Zero,
                default),
            At(5), At(1_000))));

    private static void Bid(CrowdBook book, uint node, long grams, Instant comes) =>
        book.Apply(Market(new MarketFact.SheetTaken(new NodeId(node), new BidSheet(
            new CycleNumber(1), NoBidReason.None,
            [
                new Bid(_bounty, NoBidReason.None,
                    [new BidStep(new Grams(grams), default, Unloaded(comes, grams), TimeSpan.Zero)]),
            ]))));

    // With the quarter of an hour that a node counts on where nothing is posted.
    private static Instant Unloaded(Instant comes, long grams) =>
        comes + CrowdPrice.WaitMin + TimeSpan.FromHours((double)grams / Tonne);

    private static HubInput.Docked Docked(uint node, Instant came) => new(
        _depot, new NodeId(node), 1, Contract(node), new Epoch(1), Commodity.Iron, new Grams(Tonne), default,
        default, came);

    private static Plan Plan(uint node, Instant comes, Instant unloaded) => new(
        1, Contract(node), unloaded,
        [
            new Track(Variable.Position,
            [
                new Knot(comes - _slot, 0), new Knot(comes, 900), new Knot(unloaded, 900),
                new Knot(unloaded + TimeSpan.FromSeconds(1), 0),
            ]),
        ]);

    private static ContractId Contract(uint node) => ContractId.After(new RegionId(1), node);

    private static HubFact.Market Market(MarketFact fact) => new(fact);

    private static Instant At(int slot) => Instant.Epoch + (slot * _slot);
}

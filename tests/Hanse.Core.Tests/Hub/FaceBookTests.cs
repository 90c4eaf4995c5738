using System;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;
using Xunit;

namespace Hanse.Core.Tests.Hub;

/// <summary>How crowded the faces of sites are going to be, what one more there costs, and who pays
/// it.</summary>
public sealed class FaceBookTests
{
    private static readonly SiteId _site = new(2);
    private static readonly Place _faces = Place.Of(_site);
    private static readonly BountyId _bounty = new(5);
    private static readonly Credits _hour = new(1_000);
    private static readonly TimeSpan _slot = CrowdPrice.FaceSlotLength;

    // Three sites with a face each.
    private static readonly HubSpec _spec = TestHub.Spec with
    {
        Faces = (3, 1),
        Rules = TestHub.Spec.Rules with { ArePricedFaces = true, HourlyCost = _hour },
    };

    [Fact]
    public void One_more_waits_for_those_before_it_and_pays_for_those_behind_it()
    {
        CrowdBook book = Opened();
        for (uint node = 1; node <= 4; node++)
        {
            Take(book, node, At(10), TimeSpan.FromHours(12));
        }

        ImmutableArray<CrowdPrice> prices = book.FacesFrom(At(0));

        // The four dig from slot 10 to slot 18. In the middle of slot 9 nobody is there, but one more digs
        // for nine hours longer than until they come.
        Assert.Null(prices.Of(_faces, At(6)));
        Assert.Equal(TimeSpan.Zero, prices.Of(_faces, At(9))!.Wait);
        Assert.Equal(new Credits(4 * 9 * _hour.Micro / 12), prices.Of(_faces, At(9))!.PerHour);
        Assert.Equal(TimeSpan.FromHours(45), prices.Of(_faces, At(10))!.Wait);
        Assert.Equal(Credits.Zero, prices.Of(_faces, At(10))!.PerHour); // Nobody is behind it.
        Assert.Equal(TimeSpan.FromHours(3), prices.Of(_faces, At(17))!.Wait);
        Assert.Null(prices.Of(_faces, At(18)));
        Assert.Null(prices.Of(Place.Of(new SiteId(1)), At(10)));
    }

    [Fact]
    public void Who_has_bid_counts_by_its_chance_spread_over_where_it_may_be_sent()
    {
        CrowdBook book = Opened();
        for (uint node = 1; node <= 4; node++)
        {
            Bid(book, node);
        }

        book.Apply(Market(new MarketFact.Cleared(new CycleNumber(1), [])));
        Award(book, 1); // One of four wins.
        book.Apply(Open(2));
        for (uint node = 2; node <= 9; node++)
        {
            Bid(book, node);
            book.Apply(new HubFact.VisitsHeard(new NodeId(node),
            [
                new SiteVisit(_bounty, _site, At(10), TimeSpan.FromHours(12)),
                new SiteVisit(new BountyId(6), new SiteId(3), At(10), TimeSpan.FromHours(12)),
            ]));
        }

        // Eight, by a quarter, by a half: one machine at each.
        Assert.Equal(TimeSpan.FromHours(9), book.FacesFrom(At(0)).Of(_faces, At(10))!.Wait);
        Assert.Equal(
            TimeSpan.FromHours(9), book.FacesFrom(At(0)).Of(Place.Of(new SiteId(3)), At(10))!.Wait);
        book.Apply(Market(new MarketFact.Cleared(new CycleNumber(2), [])));
        Assert.Empty(book.FacesFrom(At(0)));
        Award(book, 2); // Where it goes is known from its bid, until it accepts.
        Assert.Equal(TimeSpan.FromHours(9), book.FacesFrom(At(0)).Of(_faces, At(10))!.Wait);
    }

    [Fact]
    public void One_pays_for_its_face_what_it_was_shown_and_only_with_cargo()
    {
        CrowdBook book = Opened();
        Take(book, 1, At(12), TimeSpan.FromHours(12));
        var node = new NodeId(2);
        book.Apply(new HubFact.CrowdsShown(node, book.FacesFrom(At(0))));
        var visit = new SiteVisit(_bounty, _site, At(11), TimeSpan.FromHours(12));
        Booking booking = book.BookFace(node, Contract(2), visit)!;
        book.Apply(new HubFact.FaceBooked(node, booking, visit));
        Assert.Equal(new Credits(9 * _hour.Micro), booking.Toll); // One behind it, by nine hours.

        for (uint other = 3; other <= 9; other++)
        {
            Take(book, other, At(12), TimeSpan.FromHours(12)); // They were shown a greater toll.
        }

        Assert.Equal(booking.Toll, book.OwedForFace(Docked(2, 2)));
        Assert.Equal(Credits.Zero, book.OwedForFace(Docked(2, 2) with { Weighed = default }));
        Assert.Equal(Credits.Zero, book.OwedForFace(Docked(2, 7))); // Of another contract.
        Assert.Null(book.BookFace(node, Contract(2), visit with { Comes = At(40) })); // Once.
        book.Apply(new HubFact.FaceTolled(node, 1, booking.Toll));
        Assert.Equal(Credits.Zero, book.OwedForFace(Docked(2, 2)));
    }

    [Fact]
    public void A_plan_that_slips_moves_it_and_one_that_comes_home_frees_its_face()
    {
        CrowdBook book = Opened();
        Take(book, 1, At(10), TimeSpan.FromHours(12));
        book.Apply(new HubFact.PlanTaken(new NodeId(1), Plan(1, At(20), At(22), 900)));
        Assert.Null(book.FacesFrom(At(0)).Of(_faces, At(10)));
        Assert.Equal(TimeSpan.FromHours(9), book.FacesFrom(At(0)).Of(_faces, At(20))!.Wait);
        book.Apply(new HubFact.PlanTaken(new NodeId(1), Plan(1, At(20), At(22), 0)));
        Assert.Empty(book.FacesFrom(At(0)));
    }

    [Fact]
    public void What_is_over_is_not_waited_for()
    {
        CrowdBook book = Opened();
        for (uint node = 1; node <= 4; node++)
        {
            Take(book, node, At(10), TimeSpan.FromHours(12));
        }

        book.Apply(Market(new MarketFact.Delivered(
            Contract(1), ContractOutcome.Settled, new Grams(1), new Grams(1), default)));
        book.Apply(Market(new MarketFact.Returned(Contract(2), ContractOutcome.Expired)));
        book.Apply(Market(new MarketFact.Cancelled(Contract(3), default)));
        Assert.Equal(TimeSpan.FromHours(9), book.FacesFrom(At(0)).Of(_faces, At(10))!.Wait);
        book.Apply(Market(new MarketFact.Missed(Contract(4), default)));
        Assert.Empty(book.FacesFrom(At(0)));
    }

    [Fact]
    public void No_more_is_posted_than_fits_and_the_next_slots_come_first()
    {
        CrowdBook book = Opened();
        for (uint node = 1; node <= 200; node++)
        {
            Take(book, node, At((int)node % 60), TimeSpan.FromHours(40), new SiteId(1 + (node % 3)));
        }

        ImmutableArray<CrowdPrice> prices = book.FacesFrom(At(3));

        Assert.Equal(CrowdPrices.SitesMax, prices.Length);
        Assert.Equal(Enumerable.Range(3, CrowdPrices.SitesMax / 3).Select(slot => (uint)slot),
            prices.Where(price => price.Place == _faces).Select(price => price.Slot));
        Assert.Equal(8, book.FacesFrom(At(3), 8).Length);
        Assert.True(Fields.Increases(prices, price => (price.Place, price.Slot)));
    }

    [Fact]
    public void Machines_of_other_regions_are_shown_nothing_of_this_rock()
    {
        CrowdBook book = Opened();
        Take(book, 1, At(10), TimeSpan.FromHours(12));
        Assert.NotEmpty(book.TableAt(At(0), At(1), isForeign: false));
        Assert.Empty(book.TableAt(At(0), At(1), isForeign: true));
    }

    [Fact]
    public void A_mission_without_prices_asks_nothing_and_counts_nobody()
    {
        var book = new CrowdBook(TestHub.Spec with { Faces = (3, 1) });
        book.Apply(Open(1));
        var visit = new SiteVisit(_bounty, _site, At(10), TimeSpan.FromHours(12));
        Assert.False(book.Counts(visit));
        Assert.Null(book.BookFace(new NodeId(1), Contract(1), visit));
        Assert.Empty(book.FacesFrom(At(0)));
    }

    [Fact]
    public void A_site_that_is_not_there_counts_for_nothing()
    {
        CrowdBook book = Opened();
        var visit = new SiteVisit(_bounty, new SiteId(3), At(10), TimeSpan.FromHours(12));
        Assert.True(book.Counts(visit));
        Assert.False(book.Counts(visit with { Site = new SiteId(4) }));
        Assert.False(book.Counts(visit with { Bounty = new BountyId(77) }));
        Assert.Null(book.BookFace(new NodeId(1), Contract(1), visit with { Site = new SiteId(4) }));
    }

    private static CrowdBook Opened()
    {
        var book = new CrowdBook(_spec);
        book.Apply(Open(1));
        return book;
    }

    private static HubFact.Market Open(uint cycle) => Market(new MarketFact.CycleOpened(
        new CycleNumber(cycle), At(0), [Ask(_bounty), Ask(new BountyId(6))]));

    private static Request Ask(BountyId bounty) => new(
        bounty, Commodity.Iron, new DepotId(1), Grams.FromTonnes(100), Grams.FromTonnes(1),
        Credits.FromWhole(1), At(1_000));

    private static void Take(
        CrowdBook book, uint node, Instant comes, TimeSpan digs, SiteId? site = null)
    {
        var visit = new SiteVisit(_bounty, site ?? _site, comes, digs);
        book.Apply(new HubFact.FaceBooked(
            new NodeId(node), new Booking(Contract(node), comes, default), visit));
    }

    private static void Award(CrowdBook book, uint node) => book.Apply(Market(new MarketFact.Awarded(
        Contract(node), new Epoch(1),
        new Winner(
            _bounty, new NodeId(node), new Grams(1), default, At(30), TimeSpan.Zero, default),
        At(5), At(1_000))));

    private static void Bid(CrowdBook book, uint node) =>
        book.Apply(Market(new MarketFact.SheetTaken(new NodeId(node), new BidSheet(
            new CycleNumber(1), NoBidReason.None,
            [
                new Bid(_bounty, NoBidReason.None,
                    [new BidStep(new Grams(1), default, At(30), TimeSpan.Zero)]),
            ]))));

    private static HubInput.Docked Docked(uint node, uint contract) => new(
        new DepotId(1), new NodeId(node), 1, Contract(contract), new Epoch(1), Commodity.Iron, new Grams(1),
        default, default, At(60));

    private static Plan Plan(uint node, Instant from, Instant until, long cargo) => new(
        1, Contract(node), until,
        [new Track(Variable.Cargo, [new Knot(At(0), 0), new Knot(from, 0), new Knot(until, cargo)])]);

    private static ContractId Contract(uint node) => ContractId.After(new RegionId(1), node);

    private static HubFact.Market Market(MarketFact fact) => new(fact);

    private static Instant At(int slot) => Instant.Epoch + (slot * _slot);
}

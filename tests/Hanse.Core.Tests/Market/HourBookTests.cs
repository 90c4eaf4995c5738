using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Market;

/// <summary>What an hour is posted to be worth, in toy markets whose rents are known.</summary>
public sealed class HourBookTests
{
    private const int CycleHours = 12;
    private static readonly Grams _lot = Grams.FromTonnes(1);

    private static readonly MissionRules _rules = MarketModel.Rules with
    {
        CyclePeriod = TimeSpan.FromHours(CycleHours),
    };

    // A trip of h hours keeps a node from bidding for h hours, rounded up to cycles. What it earns in that
    // time is known: so is the share of it that is posted, whatever nodes ask for their hours, where the
    // reserve is paid.
    [Theory]
    [InlineData(24, 48_000)]
    [InlineData(48, 48_000)]
    [InlineData(40, 100_000)]
    public void Where_nodes_are_scarce_it_is_a_share_of_what_an_hour_earns(int hours, long rent)
    {
        var market = new Toy(nodes: 30);
        for (int cycle = 0; cycle < 100; cycle++)
        {
            market.Play(hours, cost: 200_000, price: 200_000 + rent, trips: 30);
        }

        int cycles = (hours + CycleHours - 1) / CycleHours;
        long earns = Posted(rent / (cycles * CycleHours));
        Assert.InRange(market.Book.Posted.Micro, earns * 0.94, earns * 1.06);
        Assert.InRange(market.Posts, 5, 25); // On its way, and then it stands.
    }

    // With two nodes for each trip the next bidder sets the price: cost, and what it asks for its hours.
    [Fact]
    public void Where_nodes_are_idle_it_falls_to_nothing()
    {
        var market = new Toy(nodes: 30);
        for (int cycle = 0; cycle < 60; cycle++)
        {
            market.Play(48, cost: 200_000, price: 300_000, trips: 30);
        }

        long full = Posted(100_000 / 48);
        Assert.InRange(market.Book.Posted.Micro, full * 0.94, full * 1.06);
        long half = market.Book.Posted.Micro / 2;
        int left = 0;
        for (int halves = 0; left < 300 && market.Book.Posted > Credits.Zero; left++)
        {
            market.Play(48, cost: 200_000, price: null, trips: 4);
            if (market.Book.Posted.Micro <= half)
            {
                halves++;
                half /= 2;
                Assert.InRange(left / halves, 4, 30); // The same nodes are always busy: that is the slowest.
            }
        }

        Assert.InRange(left, 20, 299);
    }

    // What is asked for hours is no cost: else what is posted would feed itself.
    [Fact]
    public void What_the_ask_leaves_out_or_makes_up_does_not_feed_it()
    {
        foreach (bool isInAsk in (bool[])[true, false])
        {
            var market = new Toy(nodes: 9) { AsksForHours = isInAsk };
            long most = 0;
            for (int cycle = 0; cycle < 300; cycle++)
            {
                market.Play(48, cost: 200_000, price: 296_000, trips: 9);
                most = Math.Max(most, market.Book.Posted.Micro);
            }

            // Who leaves it out looks as if its work cost less by as much: by the share there is a limit.
            long full = Posted(96_000 / 48);
            Assert.InRange(most, full * 0.94, (isInAsk ? full : full * 4) * 1.06);
        }
    }

    [Fact]
    public void A_ring_moves_it_no_further_than_to_the_quantiles_of_the_others() =>
        Gen.Select(
            Gen.Long[0, 200_000].Array[20, 60],
            Gen.Int[0, 45],
            Gen.Long[0, 1_000_000_000].Array[60]).Sample((honest, percent, lies) =>
        {
            int ring = honest.Length * percent / (100 - percent);
            var market = new Toy(honest.Length + ring);
            for (int cycle = 0; cycle < 60; cycle++)
            {
                market.Play(node => node < honest.Length ? honest[node] : lies[node % lies.Length]);
            }

            long[] rates = [.. honest.Select(rent => Posted(rent / CycleHours)).Order()];
            int middle = (honest.Length + ring - 1) / 2;
            Assert.InRange(
                market.Book.Posted.Micro, (rates[middle - ring] * 0.94) - 2, (rates[middle] * 1.06) + 2);
        }, iter: 200);

    [Fact]
    public void Two_nodes_have_no_market_and_a_mission_without_it_keeps_no_book()
    {
        var two = new Toy(nodes: 2);
        var off = new Toy(nodes: 9, new HourBook(_rules with { IsHourPosted = false }));
        for (int cycle = 0; cycle < 30; cycle++)
        {
            two.Play(48, cost: 200_000, price: 300_000, trips: 2);
            off.Play(48, cost: 200_000, price: 300_000, trips: 9);
        }

        Assert.Equal(Credits.Zero, two.Book.Posted);
        Assert.Equal(Credits.Zero, off.Book.Posted);
        Assert.Equal(Snapshot.Of(new HourBook(_rules).Shape), Snapshot.Of(off.Book.Shape));
    }

    [Fact]
    public void Who_can_do_no_work_has_no_voice_and_is_forgotten()
    {
        var market = new Toy(nodes: 9);
        for (int cycle = 0; cycle < 60; cycle++)
        {
            market.Play(48, cost: 200_000, price: 296_000, trips: 9);
        }

        byte[] known = Snapshot.Of(market.Book.Shape);
        Credits posted = market.Book.Posted;
        for (int cycle = 0; cycle < 4; cycle++)
        {
            market.PlayNothing();
        }

        Assert.Equal(posted, market.Book.Posted); // Silence is no idle hour.
        for (int cycle = 0; cycle < HourBook.AbsentMax + 4; cycle++)
        {
            market.PlayNothing();
        }

        Assert.Equal(Credits.Zero, market.Book.Posted);
        Assert.True(Snapshot.Of(market.Book.Shape).Length < known.Length / 4);
    }

    [Fact]
    public void Work_that_is_given_back_has_earned_nothing_more_and_the_largest_sums_do_not_overflow()
    {
        var market = new Toy(nodes: 5);
        for (int cycle = 0; cycle < 60; cycle++)
        {
            market.Play(_ => Credits.MicroMax);
        }

        Assert.InRange(market.Book.Posted.Micro, 1, Credits.MicroMax / 1_000);
        for (int cycle = 0; cycle < 400; cycle++)
        {
            market.Play(_ => Credits.MicroMax, isGivenBack: true);
        }

        Assert.Equal(Credits.Zero, market.Book.Posted);
    }

    private static long Posted(long rate) => rate * HourBook.PostedPpm / 1_000_000;

    /// <summary>Nodes that bid when they are free, and a book.</summary>
    private sealed class Toy(int nodes, HourBook? book = null)
    {
        // They do not all begin at once.
        private readonly Instant[] _free =
            [.. Enumerable.Range(0, nodes).Select(Begins)];

        private readonly SortedDictionary<NodeId, ContractId> _held = [];
        private Instant _closes = Instant.Epoch + TimeSpan.FromHours(CycleHours);

        public HourBook Book { get; private set; } = book ?? new HourBook(_rules);

        /// <summary>How often it was posted.</summary>
        public int Posts { get; private set; }

        public bool AsksForHours { get; init; } = true;

        /// <summary>One batch of equal trips; without a price the asks set it.</summary>
        public void Play(int hours, long cost, long? price, int trips)
        {
            int[] bidders = [.. Enumerable.Range(0, nodes).Where(node => _free[node] <= _closes)];
            Close(bidders);
            Credits hour = AsksForHours ? Book.Posted : Credits.Zero;
            Credits worth = hour.ForHours(TimeSpan.FromHours(hours));
            var ask = new Credits(cost) + worth;
            foreach (int node in bidders.Take(trips))
            {
                Instant arrives = _closes + TimeSpan.FromHours(hours);
                Give(node, ask, price is null ? ask : new Credits(price.Value), arrives);
                _free[node] = arrives;
            }

            Post();
        }

        /// <summary>One batch in which everybody gets a trip of one cycle, that leaves it so much.</summary>
        public void Play(Func<int, long> rent, bool isGivenBack = false)
        {
            int[] all = [.. Enumerable.Range(0, nodes)];
            Close(all);
            foreach (int node in all)
            {
                Credits worth = Book.Posted.ForHours(TimeSpan.FromHours(CycleHours));
                var price = new Credits(Math.Min(Credits.MicroMax, rent(node) + 100_000));
                Give(node, new Credits(100_000) + worth, price, _closes + TimeSpan.FromHours(CycleHours));
                if (isGivenBack)
                {
                    Book.Drop(new NodeId((uint)node + 1));
                }
            }

            Post();
        }

        public void PlayNothing()
        {
            Close([]);
            Post();
        }

        private void Close(int[] bidders)
        {
            var sheets = new SortedDictionary<NodeId, BidSheet>();
            foreach (int node in bidders)
            {
                var bid = new Bid(
                    new BountyId(1), NoBidReason.None,
                    [new BidStep(_lot, Credits.Zero, _closes + TimeSpan.FromHours(1), TimeSpan.Zero)]);
                var sheet = new BidSheet(new CycleNumber(1), NoBidReason.None, [bid]);
                sheets.Add(new NodeId((uint)node + 1), sheet);
            }

            Book.Close(_closes, sheets, _held);
        }

        private void Give(int node, Credits ask, Credits price, Instant arrives) => Book.Hear(
            new Winner(
                new BountyId(1), new NodeId((uint)node + 1), _lot, price, arrives, TimeSpan.Zero, ask),
            _lot,
            _closes);

        // What is posted is by the book as it is read back.
        private void Post()
        {
            if (Book.Next is { } worth)
            {
                Book.Post(worth);
                Posts++;
            }

            Book.Open();
            byte[] bytes = Snapshot.Of(Book.Shape);
            if (Posts > 0)
            {
                Book = Read(bytes);
                Assert.Equal(bytes, Snapshot.Of(Book.Shape));
            }

            _closes += TimeSpan.FromHours(CycleHours);
        }

        private static Instant Begins(int node) =>
            Instant.Epoch + TimeSpan.FromHours(node % 8 * CycleHours);

        private static HourBook Read(byte[] bytes)
        {
            var again = new HourBook(_rules);
            Snapshot.Into(bytes, again.Shape);
            return again;
        }
    }
}

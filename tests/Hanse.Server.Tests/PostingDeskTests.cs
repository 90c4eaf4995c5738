using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.IO.Plane;
using Hanse.IO.Runtime;
using Hanse.IO.Stores;
using Xunit;

namespace Hanse.Server.Tests;

/// <summary>An order is carried out once, whatever fails on the way, and none overtakes another.</summary>
public sealed class PostingDeskTests : IAsyncLifetime
{
    private readonly FaultyNotes _notes = new();
    private readonly SmallMission _mission = new();
    private bool _failsBefore;
    private bool _failsAfter;

    public async ValueTask InitializeAsync() => await _mission.StartAsync();

    public async ValueTask DisposeAsync() => await _mission.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Every_order_is_posted_once_whatever_fails(int seed)
    {
        var random = new Random(seed);
        var mass = new Dictionary<string, long>();
        PostingDesk desk = NewDesk();
        for (int i = 0; i < 200; i++)
        {
            // A few names, so that most orders are repeated; what is ordered goes with the name.
            string name = $"order-{random.Next(20)}";
            mass[name] = 1_000 + name.Length + (long)name[^1];
            _failsBefore = random.Next(4) == 0;
            _failsAfter = random.Next(4) == 0;
            _notes.Fails = random.Next(8) == 0 ? "order/" : random.Next(8) == 0 ? "/outcome" : null;
            _notes.AreWritten = random.Next(2) == 0;
            if (random.Next(10) == 0)
            {
                desk.Dispose();
                desk = NewDesk(); // The process has ended and was started again.
            }

            try
            {
                Posting posting = await desk.PostAsync(name, _mission.Region, Bounty(mass[name]));
                Assert.True(
                    posting.Verdict is PostingVerdict.Posted or PostingVerdict.Repeated, $"{posting}");
            }
            catch (Exception failure) when (failure is MachineFailedException or StoreException)
            {
                // Repeated by whoever ordered it.
            }
        }

        (_failsBefore, _failsAfter, _notes.Fails) = (false, false, null);
        var numbers = new Dictionary<ulong, string>();
        foreach (string name in mass.Keys)
        {
            Posting posting = await desk.PostAsync(name, _mission.Region, Bounty(mass[name]));
            numbers.Add(posting.Bounty.Value, name);
        }

        desk.Dispose();
        Assert.Equal(
            numbers.Keys.Order(),
            (await _mission.Plane.StrategyAsync()).Posted.Select(one => one.Bounty.Value));
    }

    [Fact]
    public async Task An_order_that_was_noted_and_not_told_is_told_before_the_next()
    {
        using (PostingDesk first = NewDesk())
        {
            _failsBefore = true;
            _ = await Assert.ThrowsAsync<MachineFailedException>(
                async () => await first.PostAsync("one", _mission.Region, Bounty(1_000)));
            _failsBefore = false;
        }

        using PostingDesk desk = NewDesk();
        Posting two = await desk.PostAsync("two", _mission.Region, Bounty(2_000));
        Posting one = await desk.PostAsync("one", _mission.Region, Bounty(1_000));
        Assert.Equal((PostingVerdict.Posted, PostingVerdict.Repeated), (two.Verdict, one.Verdict));
        Assert.True(one.Bounty.Value < two.Bounty.Value);
        Assert.Equal(2, (await _mission.Plane.StrategyAsync()).Posted.Length);
    }

    [Fact]
    public async Task An_order_over_which_the_strategic_layer_fails_holds_no_other_up()
    {
        using PostingDesk desk = NewDesk();
        _failsBefore = true;
        for (int i = 0; i < PostingDesk.AttemptsMax; i++)
        {
            _ = await Assert.ThrowsAsync<MachineFailedException>(
                async () => await desk.PostAsync("bad", _mission.Region, Bounty(1_000)));
        }

        _failsBefore = false;
        Posting good = await desk.PostAsync("good", _mission.Region, Bounty(1_000));
        Posting bad = await desk.PostAsync("bad", _mission.Region, Bounty(1_000));
        Assert.Equal((PostingVerdict.Posted, PostingVerdict.NotTaken), (good.Verdict, bad.Verdict));
    }

    // As the plan of a folder that an older program has served: numbers by the plan, and no notes.
    [Fact]
    public async Task What_a_plan_ordered_before_orders_had_names_is_not_ordered_again()
    {
        for (ulong number = 1; number <= 3; number++)
        {
            await _mission.Plane.TellAsync(new StrategyInput.BountyOrdered(
                _mission.Region, Bounty(1_000) with { Id = new BountyId(number) }));
        }

        ulong by = 3;
        foreach (ulong number in (ulong[])[1, 0, 2, 3, 4, 5])
        {
            using PostingDesk desk = NewDesk(); // Each in a process of its own.
            Bounty bounty = Bounty(1_000) with { Id = new BountyId(number == 0 ? 1 : number) };
            Posting posting = await desk.PostAsync(
                number == 0 ? "by-hand" : PostingDesk.NameOf(bounty.Id), _mission.Region, bounty);
            Assert.Equal(number is 0 or > 3 ? ++by : number, posting.Bounty.Value);
        }

        Assert.Equal(
            [1UL, 2, 3, 4, 5, 6],
            (await _mission.Plane.StrategyAsync()).Posted.Select(one => one.Bounty.Value));
    }

    [Fact]
    public async Task What_the_strategic_layer_refuses_is_told()
    {
        using PostingDesk desk = NewDesk();
        await SmallMission.Until(
            async () => (await _mission.Plane.StrategyAsync()).Regions[0].Epoch.Value > 0,
            "the hub has its charter");
        await _mission.Plane.TellAsync(new StrategyInput.CharterOrdered(_mission.Region, IsGranted: false));
        Posting posting = await desk.PostAsync("late", _mission.Region, Bounty(1_000));
        Assert.Equal(PostingVerdict.NotTaken, posting.Verdict);
        posting = await desk.PostAsync("late", _mission.Region, Bounty(1_000));
        Assert.Equal(PostingVerdict.NotTaken, posting.Verdict);
        Assert.Empty((await _mission.Plane.StrategyAsync()).Posted);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("ä")]
    [InlineData("a b")]
    public async Task What_is_no_name_is_refused(string name)
    {
        using PostingDesk desk = NewDesk();
        _ = await Assert.ThrowsAsync<ArgumentException>(
            async () => await desk.PostAsync(name, _mission.Region, Bounty(1)));
    }

    private PostingDesk NewDesk() => new(
        new FaultyPlane(_mission.Plane, () => _failsBefore, () => _failsAfter), _notes.Over(_mission.Store));

    private Bounty Bounty(long grams) => new(
        new BountyId(1), Commodity.Iron, _mission.Depot, new Grams(grams), new Grams(1_000),
        new Credits(1_000_000), new Instant(900L * 86_400 * 1_000_000));
}

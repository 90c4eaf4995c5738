using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Hanse.Simulation.Tests.Fleet;
using Hanse.Simulation.World;
using Xunit;

namespace Hanse.Simulation.Tests.World;

/// <summary>The world of a fleet whose machines are not stepped by the simulator.</summary>
public sealed class LiveWorldTests
{
    private const double Days = 20;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Machines_that_run_elsewhere_deliver_what_the_simulator_says(ulong seed)
    {
        Scenario scenario = Mission(seed);
        var facts = new Facts();
        _ = SimulationRun.Play(new RunOptions { Scenario = scenario, Seed = seed, Facts = facts });
        var live = new LiveFleet(scenario, seed);
        live.PlayUntil(Days);
        MarketFact.Delivered[] simulated = [.. facts.Market.OfType<MarketFact.Delivered>()];
        Assert.True(simulated.Length > 10, $"{simulated.Length} deliveries");
        Assert.Equal(simulated, live.Deliveries);
        Assert.All(live.Told.Values, times => Assert.Equal(1, times));
        AssertConserved(scenario, live);
    }

    // Crowded depots, few faces, little ore, goods to carry and machines that break down and are mended.
    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public void In_a_hard_world_nothing_is_made_lost_or_served_twice(ulong seed)
    {
        Scenario scenario = Hard(seed);
        var live = new LiveFleet(scenario, seed);
        live.PlayUntil(Days);
        AssertConserved(scenario, live);
        Assert.All(live.Told.Values, times => Assert.Equal(1, times));
        Assert.True(live.Deliveries.Count() > 5);
        Assert.True(live.World.Figures.Breakdowns > 0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(11)]
    public void A_world_that_is_stopped_and_gone_on_with_comes_to_the_same_end(ulong seed)
    {
        Scenario scenario = seed == 1 ? Mission(seed) : Hard(seed);
        var whole = new LiveFleet(scenario, seed);
        whole.PlayUntil(Days);
        var halves = new LiveFleet(scenario, seed);
        for (double day = 2.5; day < Days; day += 2.5)
        {
            halves.PlayUntil(day);
            byte[] saved = halves.World.Save();
            halves.Replace(saved);
            Assert.Equal(saved, halves.World.Save()); // Byte for byte.
        }

        halves.PlayUntil(Days);
        Assert.Equal(whole.Deliveries, halves.Deliveries);
        Assert.Equal(whole.World.Figures, halves.World.Figures);
        AssertConserved(scenario, halves);
    }

    // Nodes lose what they were given since their process was gone; when they are back they repeat their
    // orders, and hear what became of them.
    [Theory]
    [InlineData(1)]
    [InlineData(11)]
    public void Nodes_that_were_away_hear_again_what_they_missed(ulong seed)
    {
        Scenario scenario = seed == 1 ? Mission(seed) : Hard(seed);
        var live = new LiveFleet(scenario, seed);
        for (double day = 3; day < Days - 8; day += 3)
        {
            live.PlayUntil(day);
            live.AreNodesThere = false;
            live.PlayUntil(day + 0.5);
            live.AreNodesThere = true;
            for (int node = 0; node < scenario.Fleet.Nodes; node++)
            {
                if (live.World.IsAlive(new NodeId((uint)node + 1)))
                {
                    live.Rebuild(node);
                }
            }
        }

        int before = live.Deliveries.Count();
        live.PlayUntil(Days);
        Assert.True(live.Deliveries.Count() > before + 3, "the fleet goes on");
        AssertConserved(scenario, live);
    }

    [Fact]
    public void A_depot_whose_hub_is_away_asks_again_every_hour()
    {
        Scenario scenario = Mission(1);
        var live = new LiveFleet(scenario, 1);
        live.PlayUntil(6);
        live.Hears = _ => false;
        long served = live.Count<HubFact.Served>();
        live.PlayUntil(8);
        Assert.Equal(served, live.Count<HubFact.Served>());
        int told = live.Told.Count;
        live.Hears = _ => true;
        live.PlayUntil(8 + (1.01 / 24));
        Assert.True(live.Told.Count > told);
        live.PlayUntil(Days);
        AssertConserved(scenario, live);
    }

    [Fact]
    public void A_docking_that_a_hub_heard_and_forgot_is_told_again()
    {
        Scenario scenario = Mission(1);
        var live = new LiveFleet(scenario, 1);
        live.PlayUntil(6);
        live.DoHubsForget = true;
        live.PlayUntil(7);
        live.DoHubsForget = false;
        Assert.Contains(live.Told.Values, times => times > 10);
        live.PlayUntil(Days);
        AssertConserved(scenario, live);
        Assert.Equal(live.Told.Count, live.Count<HubFact.Served>());
    }

    [Fact]
    public void Bytes_that_are_not_a_world_of_this_mission_are_refused_with_a_word()
    {
        Scenario scenario = Mission(1);
        var live = new LiveFleet(scenario, 1);
        live.PlayUntil(3);
        byte[] saved = live.World.Save();
        foreach (int at in (int[])[0, 13, 20, 60, saved.Length / 2, saved.Length - 1])
        {
            byte[] spoiled = [.. saved];
            spoiled[at] ^= 1;
            _ = Assert.Throws<InvalidDataException>(() => live.Replace(spoiled));
        }

        _ = Assert.Throws<InvalidDataException>(() => live.Replace(saved[..^1]));
        _ = Assert.Throws<InvalidDataException>(() => live.Replace([]));
        InvalidDataException other =
            Assert.Throws<InvalidDataException>(() => new LiveFleet(scenario, 2).Replace(saved));
        Assert.Contains("another mission", other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nonsense_is_answered_with_what_is_wrong_and_does_nothing()
    {
        Scenario scenario = Mission(1);
        var live = new LiveFleet(scenario, 1);
        live.PlayUntil(1);
        LiveWorld world = live.World;
        var halt = new Order.Halt();
        var node = new NodeId(1);
        byte[] before = world.Save();
        Assert.Equal(WorldAnswer.UnknownNode, world.Obey(default, 1, halt));
        Assert.Equal(WorldAnswer.UnknownNode, world.Obey(new NodeId(10_000), 1, halt));
        Assert.Equal(WorldAnswer.UnknownNode, world.Rebuilt(new NodeId(uint.MaxValue)));
        Assert.Equal(
            WorldAnswer.UnknownNode,
            world.Serve(new HubEffect.Serve(new NodeId(10_000), 1, default, default)));
        Order[] orders =
        [
            new Order.Extract(new SiteId(99), Commodity.Iron, Grams.FromTonnes(1)),
            new Order.Extract(new SiteId(1), (Commodity)9, Grams.FromTonnes(1)),
            new Order.Survey(default, Commodity.Iron),
            new Order.Fly(Place.Of(new DepotId(1)), Place.Of(new SiteId(99)), default),
            new Order.Dock(new DepotId(77), 1, default, default, Commodity.Iron, default, default),
            new Order.Load(default, 1, default, default, default),
            new Order.Mend(default, new BountyId(7), default, default),
            new Order.Mend(default, BountyId.Help(new NodeId(5_000), 1), default, default),
        ];
        Assert.All(orders, order => Assert.Equal(WorldAnswer.UnknownPlace, world.Obey(node, 900, order)));
        Assert.Equal(
            WorldAnswer.TooHeavy,
            world.Obey(
                node, 900,
                new Order.Extract(new SiteId(1), Commodity.Iron, new Grams(Grams.ValueMax))));
        NodeStanding nowhere = new(new RegionId(50), 0, null, default, default);
        Assert.Equal(WorldAnswer.UnknownPlace, world.Stands(node, nowhere));
        Assert.Equal(before, world.Save());
    }

    [Fact]
    public void The_mailbox_has_a_limit()
    {
        Scenario scenario = Mission(1);
        var live = new LiveFleet(scenario, 1);
        int max = LiveWorld.MailMax + (2 * scenario.Fleet.Nodes);
        WorldAnswer last = WorldAnswer.Taken;
        int taken = 0;
        for (; taken <= max && last == WorldAnswer.Taken; taken++)
        {
            last = live.World.Rebuilt(new NodeId(1));
        }

        Assert.Equal(WorldAnswer.TooMuch, last);
        Assert.Equal(max + 1, taken);
    }

    // A loop of its own, by a clock a million times as fast: readings come, and orders end.
    [Fact]
    public async Task A_world_with_a_loop_goes_by_its_clock()
    {
        Scenario scenario = Mission(1);
        long began = Environment.TickCount64;
        var port = new Listening();
        var world = new LiveWorld(
            scenario, 1, Now, instant => (instant - Now()) / 1e6, port);
        world.Start(TestContext.Current.CancellationToken);
        _ = Assert.Throws<InvalidOperationException>(
            () => world.Start(TestContext.Current.CancellationToken));
        Assert.Equal(WorldAnswer.Taken, world.Obey(new NodeId(1), 1, new Order.Halt()));
        await port.Done.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.True(port.Readings > 0);
        await world.DisposeAsync();
        await world.DisposeAsync();
        Assert.True(world.Completion.IsCompletedSuccessfully);
        Assert.Equal(WorldAnswer.Stopped, world.Obey(new NodeId(1), 2, new Order.Halt()));

        Instant Now() => new((Environment.TickCount64 - began) * 1_000 * 1_000_000);
    }

    [Fact]
    public void A_plan_says_what_the_simulator_builds_and_takes_other_keys()
    {
        Scenario scenario = Mission(4);
        var plan = MissionPlan.Of(scenario, 4);
        Assert.Equal(scenario.Fleet.Nodes, plan.Nodes.Length);
        Assert.Contains(plan.Orders, order => order.Input is StrategyInput.BountyOrdered);
        Assert.Equal(plan.Orders, plan.Orders.OrderBy(order => order.At));
        MissionPlan real = plan.WithKeys(region => Key(1, region.Value), node => Key(2, node.Value));
        Assert.All(real.Nodes, node => Assert.Equal(Key(2, node.Node.Value), node.PublicKey));
        Assert.All(real.Regions, region =>
        {
            Assert.Equal(Key(1, region.Hub.Region.Value), region.Hub.PublicKey);
            Assert.Same(region.Hub.PublicKey, real.Strategy.Regions[region.Hub.Region].PublicKey);
        });
        _ = Assert.Throws<ArgumentException>(() => plan.WithKeys(_ => [1], node => Key(2, node.Value)));

        static byte[] Key(byte kind, uint number) =>
            [kind, .. BitConverter.GetBytes(number), .. new byte[27]];
    }

    // What hubs were told was weighed is what came off machines, within six sigma of the scales; every
    // docking is served once, and nobody is told of one twice unless the hub was away.
    private static void AssertConserved(Scenario scenario, LiveFleet live)
    {
        WorldFigures figures = live.World.Figures;
        double weighed = live.Weighed.Values.Sum();
        double sigma = scenario.Regions.ScaleErrorPercent / 100;
        double waiting = live.Weighed.Count == figures.Dockings ? 0 : scenario.Fleet.CargoTonnes * 1e6
            * Math.Abs(figures.Dockings - live.Weighed.Count);
        Assert.InRange(
            weighed, figures.UnloadedGrams * (1 - (6 * sigma)) - waiting - 1_000,
            figures.UnloadedGrams * (1 + (6 * sigma)) + 1_000);
        if (scenario.Work.SurveyHours == 0)
        {
            double counted = live.Deliveries.Sum(delivery => (double)delivery.Counted.Value);
            Assert.InRange(counted, 0.5 * weighed, weighed);
        }

        AssertServedOnce(live);
    }

    private static void AssertServedOnce(LiveFleet live)
    {
        var served = new HashSet<(NodeId, uint)>();
        foreach ((_, HubFact fact) in live.Facts)
        {
            Assert.True(fact is not HubFact.Served served1 || served.Add((served1.Node, served1.Docking)));
        }
    }

    private static Scenario Mission(ulong seed)
    {
        Scenario calm = Calm.Fleet(seed);
        return calm with
        {
            Days = Days,
            Fleet = calm.Fleet with { Nodes = 24 },
            Links = calm.Links with { ClockErrorSeconds = 0 },
            Stream = Calm.SmallAndUrgent(calm.Stream),
            Returns = calm.Returns with { RawLeavesPerDay = 2 },
        };
    }

    private static Scenario Hard(ulong seed)
    {
        Scenario scenario = WorkFleet.Options(seed, work => work with
        {
            SurveysPer30Days = 6,
            BuildsPer30Days = 4,
            TransportsPer30Days = 6,
            TransportLossPercent = 20,
            RepairHours = 6,
            RepairSparesTonnes = 0.1,
        }).Scenario;
        return scenario with
        {
            Days = Days,
            Regions = scenario.Regions with { Depots = 2, BerthsPerHundredNodes = 2 },
            Sites = new SiteSection { Faces = 2, Tonnes = 60 },
            Links = scenario.Links with { ClockErrorSeconds = 0 },
            Faults = scenario.Faults with
            {
                BreakdownsPercentPer30Days = 40,
                LossPercent = 0,
                DuplicatePercent = 0,
                ExtraDelaySecondsMax = 0,
                BlackoutsPer30Days = 0,
                CrashesPer30Days = 0,
            },
        };
    }

    private sealed class Facts : IFactSink
    {
        public List<MarketFact> Market { get; } = [];

        public void Take(Party machine, Instant at, IReadOnlyList<HubFact> facts) =>
            Market.AddRange(facts.OfType<HubFact.Market>().Select(market => market.Fact));

        public void Take(Party machine, Instant at, IReadOnlyList<StrategyFact> facts)
        {
        }
    }

    private sealed class Listening : ILiveWorldPort
    {
        private int _readings;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Readings => Volatile.Read(ref _readings);

        public void Give(NodeId node, NodeInput input)
        {
            _ = input is NodeInput.Observed ? Interlocked.Increment(ref _readings) : 0;
            if (input is NodeInput.OrderDone(1))
            {
                _ = Done.TrySetResult();
            }
        }

        public bool Tell(RegionId region, HubInput input) => true;

        public void Died(NodeId node, string how)
        {
        }
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Hub;

/// <summary>How many machines of a strain are ordered a release before all of their class are.</summary>
public class StrainTests
{
    private static readonly SkillTrial _trial = new(
        4, default, TimeSpan.FromDays(7), TimeSpan.FromHours(6));

    // Thresholds rise, nodes call in any order: those of lowest rank have it, and no more than the cap.
    [Fact]
    public void No_more_than_the_cap_are_ordered_it_and_they_are_those_of_lowest_rank()
    {
        for (ulong seed = 1; seed <= 60; seed++)
        {
            var draw = new Prng(seed);
            var share = new PartsPerMillion(1 + (int)draw.Below(1_000_000));
            var hub = new Region(1 + (int)draw.Below(80), 1 + (int)draw.Below(4), share);
            uint threshold = 0;
            for (int wave = 0; wave < 5; wave++)
            {
                threshold = wave == 4 ? uint.MaxValue : threshold + (uint)draw.Below(uint.MaxValue / 5);
                hub.Tell(threshold, ClassState.Running);
                hub.CallAll(ref draw, hub.IsWithin);
                foreach (NodeId[] strain in hub.Strains)
                {
                    NodeId[] below =
                        [.. strain.Where(node => threshold == uint.MaxValue || Rank(node) < threshold)];
                    Assert.Equal(below.Take(hub.CapOf(strain)), strain.Where(hub.HasIt));
                }
            }

            hub.Tell(uint.MaxValue, ClassState.Complete);
            hub.CallAll(ref draw, () => true);
            Assert.All(hub.Strains.SelectMany(strain => strain), node => Assert.True(hub.HasIt(node)));
        }
    }

    // What is reported is who is chosen, and the ranks from which canaries are counted are of nodes that can
    // be.
    [Fact]
    public void Ranks_are_told_of_those_only_who_may_have_it()
    {
        var draw = new Prng(5);
        var hub = new Region(40, 4, PartsPerMillion.FromPercent(20));
        hub.Tell(0, ClassState.Running);
        ClassReport report = hub.Report();
        NodeId[] may = [.. hub.Strains.SelectMany(strain => strain.Take(2))];
        Assert.Equal((40, 0), (report.Members, report.Chosen));
        Assert.Equal(may.Select(Rank).Order(), report.Ranks.Select(rank => (uint)rank));
        hub.Tell(uint.MaxValue, ClassState.Running);
        Assert.Equal(8, hub.Report().Chosen);
        hub.CallAll(ref draw, hub.IsWithin);
        report = hub.Report();
        Assert.Equal((8, 8), (report.Chosen, report.UnderWay));
        Assert.Empty(report.Ranks);
    }

    [Fact]
    public void Who_is_late_holds_nobodys_place_and_who_has_it_does()
    {
        var draw = new Prng(5);
        var hub = new Region(10, 1, PartsPerMillion.FromPercent(30));
        NodeId[] strain = hub.Strains.Single();
        hub.Silence(strain[0]);
        hub.Tell(uint.MaxValue, ClassState.Running);
        hub.CallAll(ref draw, hub.IsWithin);
        Assert.Equal(strain[1..4], strain.Where(hub.HasIt));

        // They fall silent, for what it may have done to them.
        hub.Pass(TimeSpan.FromDays(40), strain[1..4]);
        hub.CallAll(ref draw, hub.IsWithin);
        Assert.Equal(strain[1..4], strain.Where(hub.HasIt));
        Assert.Equal(3, hub.Report().Unknown);
    }

    [Fact]
    public void Of_a_strain_of_few_one_may_have_it()
    {
        var draw = new Prng(5);
        var hub = new Region(3, 3, new PartsPerMillion(1));
        hub.Tell(uint.MaxValue, ClassState.Running);
        hub.CallAll(ref draw, hub.IsWithin);
        Assert.All(hub.Strains, strain => Assert.True(hub.HasIt(Assert.Single(strain))));
    }

    // The whole way, with the book of the strategic layer: waves go on although most are held back, all have
    // it in the end, and a strain that breaks loses no more than its cap.
    [Theory]
    [InlineData(0, 10)]
    [InlineData(2, 10)]
    [InlineData(0, 1)] // Fewer may have it than a canary is to be.
    public void A_capped_rollout_comes_to_its_end_and_breaks_no_more_than_the_cap_before(
        int broken, int percent)
    {
        var draw = new Prng(9);
        var hub = new Region(120, 3, PartsPerMillion.FromPercent(percent)) { Broken = broken };
        RolloutRules rules = RolloutRules.Standard with
        {
            Strain = PartsPerMillion.FromPercent(percent),
            Errors = broken == 0 ? RolloutRules.Standard.Errors : PartsPerMillion.FromPercent(90),
        };
        RolloutBook book = RolloutBook.New(
            new Rollout(1, SkillFunction.Extraction, 1, Region.Release, 100, [1], _trial, rules), hub.Now);
        for (int day = 0; day < 80; day++)
        {
            hub.Pass(TimeSpan.FromDays(1), []);
            book = book.Proceed(hub.Now, 1, new SortedDictionary<RegionId, RolloutReport>
            {
                [new RegionId(1)] = hub.WholeReport(),
            });
            hub.Tell(book.Told());
            hub.CallAll(
                ref draw, () => book.Classes[0].State == ClassState.Complete || hub.IsWithin());
        }

        Assert.Equal((ClassState.Complete, 11), (book.Classes[0].State, book.Classes[0].Stage));
        Assert.All(hub.Strains.SelectMany(strain => strain), node => Assert.True(hub.HasIt(node)));
    }

    // The whole way again, by strains: one that breaks stops with its canary, and the others of its class, of
    // which there is only one here, do not know of it.
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void By_strains_one_that_breaks_is_held_back_and_the_others_go_on(int broken)
    {
        var draw = new Prng(9);
        var hub = new Region(120, 3, PartsPerMillion.FromPercent(100)) { Broken = broken };
        RolloutBook book = RolloutBook.New(
            new Rollout(
                1, SkillFunction.Extraction, 1, Region.Release, 100,
                [.. Enumerable.Range(1, 3).Select(StrainNumber)],
                _trial, RolloutRules.Standard),
            hub.Now);
        hub.Tell(book.Told());
        for (int day = 0; day < 80; day++)
        {
            hub.Pass(TimeSpan.FromDays(1), []);
            book = book.Proceed(hub.Now, 1, new SortedDictionary<RegionId, RolloutReport>
            {
                [new RegionId(1)] = hub.WholeReport(),
            });
            hub.Tell(book.Told());
            hub.CallAll(ref draw, () => true);
        }

        for (int strain = 1; strain <= 3; strain++)
        {
            NodeId[] nodes = hub.Strains[strain - 1];
            ClassProgress one = book.Classes[strain - 1];
            int have = nodes.Count(hub.HasIt);
            if (strain == broken)
            {
                Assert.Equal((ClassState.Stopped, 1), (one.State, one.Stage));
                Assert.InRange(have, 1, 3);
                Assert.All(nodes, node => Assert.Equal(hub.HasIt(node), hub.MayRun(node)));
            }
            else
            {
                Assert.Equal(ClassState.Complete, one.State);
                Assert.Equal(nodes.Length, have);
                Assert.All(nodes, node => Assert.True(hub.MayRun(node)));
            }
        }
    }

    [Fact]
    public void An_order_by_generation_says_nothing_to_the_others()
    {
        var draw = new Prng(5);
        var hub = new Region(30, 3, PartsPerMillion.FromPercent(100));
        hub.Tell(uint.MaxValue, ClassState.Running, RolloutGroup.OfGeneration(2).Number);
        hub.CallAll(ref draw, () => true);
        Assert.Equal([0, 10, 0], hub.Strains.Select(strain => strain.Count(hub.HasIt)));
        Assert.Equal([0, 10, 0], hub.Strains.Select(strain => strain.Count(hub.MayRun)));
        Assert.Equal((10, 10), (hub.Report().Members, hub.Report().Chosen));
    }

    private static int StrainNumber(int generation) =>
        RolloutGroup.OfStrain(new MachineKind(1, generation)).Number;

    private static uint Rank(NodeId node) => RolloutTold.Rank(node, 1);

    /// <summary>A hub's desk and its nodes: of one class, of generations in turn.</summary>
    private sealed class Region
    {
        private static readonly ContactPlan _contacts = new()
        {
            Phase = Instant.Epoch,
            Period = TimeSpan.FromDays(10),
            Length = TimeSpan.FromDays(10),
            BytesPerSecond = 10_000,
            LightTime = TimeSpan.FromSeconds(1),
        };

        private readonly SkillDesk _desk = new();
        private readonly SortedDictionary<NodeId, RosterEntry> _roster = [];
        private readonly HashSet<NodeId> _silent = [];
        private readonly PartsPerMillion _share;
        private readonly int _strains;
        private uint _sequence;

        public Region(int nodes, int strains, PartsPerMillion share)
        {
            (_strains, _share) = (strains, share);
            for (uint n = 1; n <= nodes; n++)
            {
                var node = new NodeId(n);
                LinkEnd? link = null;
                link = new LinkEnd(
                    Party.Of(new RegionId(1)), Party.Of(node), _contacts, TimeSpan.Zero,
                    fact => link!.Apply(fact));
                _roster.Add(node, new RosterEntry(new Epoch(1), link, isForeign: false)
                {
                    Class = 1,
                    Generation = 1 + (int)((n - 1) % strains),
                });
            }

            Pass(TimeSpan.FromDays(100), []);
        }

        public static Digest Release { get; } = Digest.Of([3]);

        public Instant Now { get; private set; }

        // The strain whose machines let it go on the day after.
        public int Broken { get; init; }

        /// <summary>Nodes of each strain, those of lowest rank first.</summary>
        public NodeId[][] Strains =>
        [
            .. Enumerable.Range(1, _strains)
                .Select(strain => (NodeId[])[
                    .. _roster.Where(entry => entry.Value.Generation == strain).Select(entry => entry.Key)
                        .OrderBy(Rank).ThenBy(node => node.Value)])
                .Where(strain => strain.Length > 0),
        ];

        public int CapOf(NodeId[] strain) =>
            Math.Max(1, (int)((long)strain.Length * _share.Value / 1_000_000));

        public bool HasIt(NodeId node) => _desk.Errands.ContainsKey((node, SkillFunction.Extraction));

        public bool IsWithin() => Strains.All(strain => strain.Count(HasIt) <= CapOf(strain));

        public bool MayRun(NodeId node) =>
            !_desk.Approve(node, _roster[node].Kind, isNative: true, TimeSpan.Zero).IsEmpty;

        public void Tell(uint threshold, ClassState state, int group = 1) => Tell(new RolloutTold(
            1, ++_sequence, Instant.Epoch, SkillFunction.Extraction, 1, Release.ToArray(), 100,
            TimeSpan.FromDays(45), _share, _trial, [new RolloutClass(group, threshold, state)]));

        public void Tell(RolloutTold told) => _desk.Apply(told);

        public void Silence(NodeId node)
        {
            _ = _silent.Add(node);
            Pass(TimeSpan.FromDays(40), []);
        }

        public void Pass(TimeSpan time, NodeId[] silent)
        {
            _silent.UnionWith(silent);
            Now += time;
            foreach ((NodeId node, RosterEntry entry) in _roster.Where(entry => !_silent.Contains(entry.Key)))
            {
                entry.Link.Apply(new LinkFact.Taken(Now, 1, [], []));
                if (_desk.Errands.TryGetValue((node, SkillFunction.Extraction), out SkillErrand? errand)
                    && errand.Report is null)
                {
                    bool isBroken = entry.Generation == Broken;
                    _desk.Apply(
                        node,
                        new SkillReport(
                            1, errand.Order.At, isBroken ? SkillState.RolledBack : SkillState.Active,
                            isBroken ? SkillReason.NoAnswer : SkillReason.None, Now.FloorSecond, 4),
                        Now);
                }
            }
        }

        /// <summary>All who are heard call, in any order; something holds after each.</summary>
        public void CallAll(ref Prng draw, Func<bool> holds)
        {
            NodeId[] nodes = [.. _roster.Keys.Where(node => !_silent.Contains(node))];
            for (int i = nodes.Length - 1; i > 0; i--)
            {
                int j = (int)draw.Below(i + 1);
                (nodes[i], nodes[j]) = (nodes[j], nodes[i]);
            }

            foreach (NodeId node in nodes)
            {
                Now += TimeSpan.FromSeconds(1);
                if (_desk.OrderFor(Now, node, SkillFunction.Extraction, _roster, []) is { } order)
                {
                    _desk.Apply(node, order, 1);
                }

                Assert.True(holds());
            }
        }

        public ClassReport Report() => WholeReport().Classes.Single();

        public RolloutReport WholeReport() => _desk.Rollouts.Count == 0
            ? new RolloutReport(1, 1, [new ClassReport(1, _roster.Count, 0, 0, 0, 0, 0, 0, 0, 0, [])])
            : _desk.Report(Now, _desk.Rollouts[1], _roster, _ => [Release]);
    }
}

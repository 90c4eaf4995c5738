using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Strategy;

/// <summary>How far a rollout goes on what was reported, and no further.</summary>
public class RolloutBookTests
{
    private static readonly SkillTrial _trial = new(
        4, default, TimeSpan.FromDays(7), TimeSpan.FromHours(6));

    [Theory]
    [InlineData(1, 40, 1)]
    [InlineData(3, 200, 2)]
    [InlineData(10, 500, 4)]
    [InlineData(100, 50, 4)]
    public void Canaries_are_some_of_each_class_and_together_within_the_exposure(
        int regions, int members, int classes)
    {
        Play play = Play.Of(regions, members, classes, RolloutRules.Standard);
        play.Run(days: 6, isSilent: true);
        int[] chosen = [.. play.Chosen];
        int most = Math.Max(classes, regions * members * classes / 100);
        Assert.All(chosen, count => Assert.True(count >= 1));
        Assert.True(chosen.Sum() <= most, $"{chosen.Sum()} of {most}");
        Assert.All(play.Book.Classes, one => Assert.Equal(1, one.Stage));
    }

    [Fact]
    public void An_image_of_the_core_goes_on_to_a_class_when_the_one_before_it_is_complete()
    {
        Play play = Play.Of(4, 100, 3, RolloutRules.Core, SkillFunction.Core);
        int complete = 0;
        for (int day = 0; day < 600 && complete < 3; day++)
        {
            play.Run(days: 1, isSilent: false);
            complete = play.Book.Classes.Count(one => one.State == ClassState.Complete);
            Assert.All(play.Book.Classes.Take(complete), one => Assert.Equal(ClassState.Complete, one.State));
            Assert.All(play.Book.Classes.Skip(complete + 1), one => Assert.Equal(0, one.Stage));
        }

        Assert.Equal([400, 400, 400], play.Chosen);
        Assert.All(
            play.Book.Classes.Zip(play.Book.Classes.Skip(1)),
            pair => Assert.True(pair.Second.Since - pair.First.Since >= RolloutRules.Core.CanaryTime));
    }

    [Fact]
    public void An_image_that_is_stopped_in_a_class_never_comes_to_those_behind_it()
    {
        Play play = Play.Of(4, 100, 3, RolloutRules.Core, SkillFunction.Core);
        play.Breaks = 2;
        play.Run(days: 600, isSilent: false);
        Assert.Equal(
            [(ClassState.Complete, true), (ClassState.Stopped, true), (ClassState.Running, false)],
            play.Book.Classes.Select(one => (one.State, one.Stage > 0)));
        Assert.Equal(0, play.Chosen[2]);
        Assert.InRange(play.Chosen[1], 1, 8);
    }

    [Fact]
    public void A_silent_canary_informs_nobody()
    {
        Play play = Play.Of(4, 100, 2, RolloutRules.Standard);
        play.Run(days: 200, isSilent: true);
        Assert.All(play.Book.Classes, one => Assert.Equal((ClassState.Running, 1), (one.State, one.Stage)));
    }

    [Fact]
    public void What_is_reported_well_goes_on_in_waves_to_the_end()
    {
        Play play = Play.Of(4, 100, 2, RolloutRules.Standard);
        uint[] last = [0, 0];
        for (int day = 0; day < 60; day++)
        {
            play.Run(days: 1, isSilent: false);
            for (int i = 0; i < 2; i++)
            {
                ClassProgress one = play.Book.Classes[i];
                Assert.True(one.Stage <= 1 || one.Threshold >= last[i]);
                last[i] = one.Stage <= 1 ? 0 : one.Threshold;
            }

            if (day < 7)
            {
                Assert.All(play.Book.Classes, one => Assert.True(one.Stage <= 1));
            }
        }

        Assert.All(play.Book.Classes, one => Assert.Equal(ClassState.Complete, one.State));
        Assert.Equal([400, 400], play.Chosen);
        Assert.False(play.Book.IsOpen);
    }

    [Fact]
    public void A_class_in_which_it_fails_stops_and_others_go_on()
    {
        Play play = Play.Of(4, 100, 2, RolloutRules.Standard);
        play.Breaks = 2;
        play.Run(days: 60, isSilent: false);
        Assert.Equal((ClassState.Complete, 400), (play.Book.Classes[0].State, play.Chosen[0]));
        Assert.Equal((ClassState.Stopped, 1), (play.Book.Classes[1].State, play.Book.Classes[1].Stage));
        Assert.True(play.Chosen[1] <= 4);
    }

    [Fact]
    public void Operators_pause_resume_and_call_back()
    {
        Play play = Play.Of(2, 100, 1, RolloutRules.Expedited);
        play.Run(days: 2, isSilent: false);
        play.Command(RolloutCommand.Pause);
        int chosen = play.Chosen[0];
        play.Run(days: 20, isSilent: false);
        Assert.Equal(chosen, play.Chosen[0]);
        Assert.Equal(ClassState.Paused, play.Book.Told().Classes[0].State);
        play.Command(RolloutCommand.Resume);
        play.Run(days: 20, isSilent: false);
        Assert.Equal(200, play.Chosen[0]);
        play.Command(RolloutCommand.Abort);
        Assert.Equal(ClassState.Stopped, play.Book.Told().Classes[0].State);
        play.Run(days: 20, isSilent: false);
        Assert.Equal(ClassState.Stopped, play.Book.Classes[0].State);
    }

    [Fact]
    public void It_stops_while_it_is_paused()
    {
        Play play = Play.Of(2, 100, 1, RolloutRules.Standard);
        play.Run(days: 2, isSilent: false);
        play.Command(RolloutCommand.Pause);
        play.Breaks = 1;
        play.Run(days: 2, isSilent: false);
        Assert.Equal(ClassState.Stopped, play.Book.Classes[0].State);
    }

    [Fact]
    public void An_image_for_each_class_waits_for_the_one_before()
    {
        Play play = Play.Of(2, 50, 3, RolloutRules.Monolithic);
        play.Run(days: 15, isSilent: false);
        Assert.Equal([100, 0, 0], play.Chosen);
        play.Run(days: 14, isSilent: false);
        Assert.Equal([100, 100, 0], play.Chosen);
    }

    [Fact]
    public void Nothing_begins_before_the_regions_have_told_who_they_have()
    {
        var book = RolloutBook.New(RolloutOf(1, RolloutRules.Standard), default);
        var reports = new SortedDictionary<RegionId, RolloutReport>
        {
            [new RegionId(1)] = new(1, 1, [new ClassReport(1, 10, 0, 0, 0, 0, 0, 0, 0, 0, [5, 9])]),
        };
        Instant soon = default(Instant) + TimeSpan.FromDays(1);
        Assert.Same(book, book.Proceed(soon, 2, reports));
        Assert.NotSame(book, book.Proceed(soon + TimeSpan.FromDays(3), 2, reports));
    }

    private static Rollout RolloutOf(int classes, RolloutRules rules) => new(
        1, SkillFunction.Extraction, 1, Digest.Of([1]), 100, [.. Enumerable.Range(1, classes)], _trial,
        rules);

    // Hubs and nodes as simple as they can be: who is chosen runs it from the next day on, and says so.
    private sealed class Play
    {
        private readonly Dictionary<NodeId, Instant> _since = [];
        private readonly HashSet<NodeId> _gone = [];
        private readonly int _regions;
        private readonly int _members;
        private readonly int _classes;
        private Instant _now;

        private Play(RolloutBook book, int regions, int members, int classes)
        {
            (Book, _regions, _members, _classes) = (book, regions, members, classes);
            _now = book.At;
        }

        public RolloutBook Book { get; private set; }

        // The class in which it fails on everybody.
        public int Breaks { get; set; }

        public ImmutableArray<int> Chosen =>
        [
            .. Enumerable.Range(1, _classes).Select(number => Enumerable.Range(0, _regions)
                .Sum(region => Nodes(region, number).Count(_since.ContainsKey))),
        ];

        public static Play Of(
            int regions, int members, int classes, RolloutRules rules,
            SkillFunction function = SkillFunction.Extraction) => new(
                RolloutBook.New(RolloutOf(classes, rules) with { Function = function }, default), regions,
                members, classes);

        public void Command(RolloutCommand command) => Book = Book.Obey(command, _now);

        public void Run(int days, bool isSilent)
        {
            for (int day = 0; day < days; day++)
            {
                _now += TimeSpan.FromDays(1);
                var reports = new SortedDictionary<RegionId, RolloutReport>();
                for (int region = 0; region < _regions; region++)
                {
                    reports[new RegionId((uint)region + 1)] = new RolloutReport(
                        1, Book.Sequence,
                        [
                            .. Enumerable.Range(1, _classes)
                                .Select(number => Report(region, number, isSilent)),
                        ]);
                }

                Book = Book.Proceed(_now, _regions, reports);
                foreach (RolloutClass told in Book.Told().Classes
                    .Where(one => one.State == ClassState.Running))
                {
                    Offer(told);
                }
            }
        }

        private void Offer(RolloutClass told)
        {
            foreach (NodeId node in Enumerable.Range(0, _regions).SelectMany(r => Nodes(r, told.Class)))
            {
                if (told.Threshold == uint.MaxValue || RolloutTold.Rank(node, 1) < told.Threshold)
                {
                    _ = _since.TryAdd(node, _now);
                }
            }
        }

        private ClassReport Report(int region, int number, bool isSilent)
        {
            NodeId[] nodes = [.. Nodes(region, number)];
            NodeId[] running = [.. nodes.Where(_since.ContainsKey)];
            if (number == Breaks)
            {
                _gone.UnionWith(running);
            }

            int gone = running.Count(_gone.Contains);
            int proven = isSilent ? 0 : running.Length - gone;
            return new ClassReport(
                number, nodes.Length, running.Length, running.Length - gone - proven, proven, proven, gone,
                0, 0,
                isSilent ? 0 : running.Sum(node => (long)(_now - _since[node]).TotalHours),
                [
                    .. nodes.Except(running).Select(node => (ulong)RolloutTold.Rank(node, 1)).Order()
                        .Take(ClassReport.RanksMax),
                ]);
        }

        private IEnumerable<NodeId> Nodes(int region, int number) => Enumerable.Range(0, _members)
            .Select(i => new NodeId((uint)(1 + (((region * _members) + i) * _classes) + number - 1)));
    }
}

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
using Hanse.Core.Wire;
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

    // A canary of machines that call once a month: two that have reported a month made up for all hours.
    [Theory]
    [InlineData(0, 1, 4)]
    [InlineData(25, 2, 4)]
    [InlineData(50, 5, 8)]
    [InlineData(100, 10, 10)]
    public void A_canary_is_over_when_its_share_of_machines_has_spoken(int percent, int least, int most)
    {
        Play play = Play.Of(4, 250, 1, Asking(percent));
        play.Period = 30;
        _ = play.Until(2, 120);
        Assert.Equal(2, play.Book.Classes[0].Stage);
        Assert.InRange(play.Seasoned, least, most);
    }

    // Of twenty fleets those whose canary has some of a generation that it breaks. By hours it is long under
    // way when that shows.
    [Fact]
    public void What_breaks_a_generation_of_the_canary_is_found_before_many_of_it_run_it()
    {
        (int Asked, int Unasked) exposed = default;
        for (uint number = 1; number <= 20; number++)
        {
            if (Exposed(Asking(50), number) is { } asked)
            {
                Assert.InRange(asked, 1, 40); // Of 250: the last of the canary that calls is the only one.
                exposed.Asked += asked;
                exposed.Unasked += Exposed(Asking(0), number)!.Value;
            }
        }

        Assert.True(exposed.Asked > 0 && 2 * exposed.Asked < exposed.Unasked, $"{exposed}");

        int? Exposed(RolloutRules rules, uint number)
        {
            Play play = Play.Of(4, 250, 1, rules, number: number);
            (play.Period, play.BreaksGeneration) = (30, 3);
            play.Run(days: 32, isSilent: false);
            bool isInCanary = play.Exposed > 0;
            play.Run(days: 120, isSilent: false);
            Assert.Equal(ClassState.Stopped, play.Book.Classes[0].State);
            return isInCanary ? play.Exposed : null;
        }
    }

    // Whoever was ordered it and is dead is unknown in the end, and no more of the canary.
    [Fact]
    public void A_canary_of_which_some_have_died_is_not_waited_for_for_ever()
    {
        Play play = Play.Of(4, 250, 1, Asking(100));
        play.Period = 30;
        play.Run(days: 32, isSilent: false);
        play.Kill(4);
        int days = play.Until(11, 400);
        Assert.Equal(11, play.Book.Classes[0].Stage);
        Assert.InRange(days, 60, 200);
    }

    // Whoever is dead and was never ordered anything is nobody's silence: what ends the wait is patience.
    [Fact]
    public void Machines_that_never_called_are_waited_for_as_long_as_patience_lasts()
    {
        Play play = Play.Of(4, 250, 1, Asking(100));
        play.Period = 30;
        play.Run(days: 2, isSilent: false);
        play.Kill(1_000, isChosenOnly: true);
        int days = play.Until(2, 200);
        Assert.Equal(2, play.Book.Classes[0].Stage);
        Assert.InRange(days + 2, 90, 94);
    }

    [Fact]
    public void Nothing_goes_on_where_more_have_fallen_silent_than_have_spoken_and_it_does_when_they_speak()
    {
        Play play = Play.Of(4, 250, 1, Asking(50) with { WaveTime = TimeSpan.FromDays(10) });
        play.Period = 10;
        play.Run(days: 28, isSilent: false);
        play.Mute(0.7);
        play.Run(days: 40, isSilent: false); // Until they are late.
        int stage = play.Book.Classes[0].Stage;
        Assert.InRange(stage, 2, 9);
        play.Run(days: 100, isSilent: false);
        Assert.Equal((ClassState.Running, stage), (play.Book.Classes[0].State, play.Book.Classes[0].Stage));
        play.Mute(0);
        play.Run(days: 200, isSilent: false);
        Assert.Equal(ClassState.Complete, play.Book.Classes[0].State);
    }

    // What was signed and stored before there was a quorum is what it was, byte for byte.
    [Fact]
    public void An_order_without_a_quorum_has_the_bytes_that_it_always_had()
    {
        RolloutRules rules = Asking(0);
        string before = "8b" // Eleven fields, the last one the share of a strain.
            + "192710" + "03" + "192710" + "1a240c8400" + "1a000186a0" + "1a0f731400" + "194e20"
            + "1a0007a120" + "1ae7be2c00" + "00" + "1a000f4240";
        Assert.Equal(before, Convert.ToHexStringLower(CborWriter.Bytes(rules)));
        Assert.True(CborReader.TryRead(Convert.FromHexString(before), out RolloutRules? read, out _));
        Assert.Equal(rules, read);
        byte[] with = CborWriter.Bytes(RolloutRules.Standard);
        Assert.Equal(0x8c, with[0]);
        Assert.True(CborReader.TryRead(with, out read, out _));
        Assert.Equal(RolloutRules.Standard, read);
        with[0] = 0x8d;
        Assert.False(CborReader.TryRead<RolloutRules>(with, out _, out _));
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

    private static RolloutRules Asking(int percent) => RolloutRules.Standard with
    {
        Quorum = percent == 0 ? null
            : RolloutRules.Standard.Quorum! with { Share = PartsPerMillion.FromPercent(percent) },
    };

    private static Rollout RolloutOf(int classes, RolloutRules rules, uint number = 1) => new(
        number, SkillFunction.Extraction, 1, Digest.Of([1]), 100, [.. Enumerable.Range(1, classes)], _trial,
        rules);

    // Hubs and nodes as simple as they can be: who is chosen runs it from its next call on, and says so at
    // those that follow.
    private sealed class Play
    {
        private readonly Dictionary<NodeId, Instant> _since = [];
        private readonly Dictionary<NodeId, Instant> _heard = [];
        private readonly HashSet<NodeId> _gone = [];
        private readonly HashSet<NodeId> _mute = [];
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

        // Days between two calls of a machine.
        public int Period { get; set; } = 1;

        // The class in which it fails on everybody.
        public int Breaks { get; set; }

        // The generation, of four, in which it fails on everybody as soon as it runs.
        public int BreaksGeneration { get; set; }

        public ImmutableArray<int> Chosen =>
            [.. Enumerable.Range(1, _classes).Select(number => All(number).Count(_since.ContainsKey))];

        // Of those it breaks.
        public int Exposed => _since.Keys.Count(node => GenerationOf(node) == BreaksGeneration);

        public int Seasoned => _since.Keys.Count(IsSeasoned);

        public static Play Of(
            int regions, int members, int classes, RolloutRules rules,
            SkillFunction function = SkillFunction.Extraction, uint number = 1) => new(
                RolloutBook.New(RolloutOf(classes, rules, number) with { Function = function }, default),
                regions, members, classes);

        public void Command(RolloutCommand command) => Book = Book.Obey(command, _now);

        // So many of those that run it; or of those that are to and do not yet.
        public void Kill(int count, bool isChosenOnly = false)
        {
            uint threshold = Book.Classes[0].Threshold;
            NodeId[] dead = isChosenOnly
                ? [.. All(1).Where(node => !_since.ContainsKey(node) && IsBelow(node, threshold)).Skip(4)]
                : [.. _since.Keys.OrderBy(node => node.Value).Take(count)];
            Assert.NotEmpty(dead);
            _mute.UnionWith(dead);
        }

        // A share of all machines says nothing any more.
        public void Mute(double share)
        {
            _mute.Clear();
            _mute.UnionWith(All(1).Where(node => node.Value % 97 < share * 97));
        }

        // Days until the first class comes to a stage.
        public int Until(int stage, int most)
        {
            int days = 0;
            for (; days < most && Book.Classes[0].Stage < stage; days++)
            {
                Run(days: 1, isSilent: false);
            }

            return days;
        }

        public void Run(int days, bool isSilent)
        {
            for (int day = 0; day < days; day++)
            {
                _now += TimeSpan.FromDays(1);
                foreach (NodeId node in Enumerable.Range(1, _classes).SelectMany(All).Where(Calls))
                {
                    _heard[node] = _now;
                    if (GenerationOf(node) == BreaksGeneration && _since.ContainsKey(node))
                    {
                        _ = _gone.Add(node);
                    }
                }

                var reports = new SortedDictionary<RegionId, RolloutReport>();
                for (int region = 0; region < _regions; region++)
                {
                    reports[new RegionId((uint)region + 1)] = new RolloutReport(
                        Book.Rollout.Id, Book.Sequence,
                        [
                            .. Enumerable.Range(1, _classes)
                                .Select(number => Report(region, number, isSilent)),
                        ]);
                }

                Book = Book.Proceed(_now, _regions, reports);
                foreach (RolloutClass told in Book.Told().Classes
                    .Where(one => one.State == ClassState.Running))
                {
                    foreach (NodeId node in All(told.Class).Where(Calls))
                    {
                        _ = IsBelow(node, told.Threshold) && _since.TryAdd(node, _now);
                    }
                }
            }
        }

        private bool Calls(NodeId node) =>
            !_mute.Contains(node) && ((int)(_now.Micros / 86_400_000_000) + (int)node.Value) % Period == 0;

        private bool IsBelow(NodeId node, uint threshold) =>
            threshold == uint.MaxValue || RolloutTold.Rank(node, Book.Rollout.Id) < threshold;

        private bool IsLate(NodeId node) =>
            _now - _heard.GetValueOrDefault(node) > TimeSpan.FromDays(3 * Period);

        private bool IsSeasoned(NodeId node) => !_gone.Contains(node) && !IsLate(node)
            && Book.Rollout.Rules.Quorum is var quorum
            && _heard[node] - _since[node] >= (quorum?.Each ?? TimeSpan.FromHours(1));

        private bool IsDue(NodeId node) => !_gone.Contains(node) && !IsLate(node)
            && _now - _since[node]
                >= TimeSpan.FromDays(Period) + (Book.Rollout.Rules.Quorum?.Each ?? default);

        private static int GenerationOf(NodeId node) => 1 + (int)(node.Value % 4);

        private ClassReport Report(int region, int number, bool isSilent)
        {
            NodeId[] nodes = [.. Nodes(region, number)];
            NodeId[] running = [.. nodes.Where(_since.ContainsKey)];
            if (number == Breaks)
            {
                _gone.UnionWith(running);
            }

            int gone = running.Count(_gone.Contains);
            int late = isSilent ? 0 : running.Count(node => !_gone.Contains(node) && IsLate(node));
            int proven = isSilent ? 0 : running.Length - gone - late;
            int chosen = Book.Told().Classes[number - 1] is { State: ClassState.Running } told
                ? nodes.Count(node => _since.ContainsKey(node) || IsBelow(node, told.Threshold))
                : running.Length;
            return new ClassReport(
                number, nodes.Length, chosen, running.Length - gone - proven - late, proven, proven, gone,
                0, late,
                isSilent ? 0 : running.Sum(node => (long)(_heard[node] - _since[node]).TotalHours),
                [
                    .. nodes.Except(running).Select(node => (ulong)RolloutTold.Rank(node, Book.Rollout.Id))
                        .Order().Take(ClassReport.RanksMax),
                ],
                new ClassHeard(
                    isSilent ? 0 : running.Count(IsSeasoned), isSilent ? 0 : running.Count(IsDue)));
        }

        private IEnumerable<NodeId> All(int number) =>
            Enumerable.Range(0, _regions).SelectMany(region => Nodes(region, number));

        private IEnumerable<NodeId> Nodes(int region, int number) => Enumerable.Range(0, _members)
            .Select(i => new NodeId((uint)(1 + (((region * _members) + i) * _classes) + number - 1)));
    }
}

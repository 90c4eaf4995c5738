using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Intake;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Intake;

/// <summary>Storms from a hundred nodes to ten thousand, on a plain loop; the sentences are those of
/// <c>docs/protocol/storm.md</c>.</summary>
public sealed class StormTests
{
    private static readonly long[] _worths = [0, 1, 7, 100, 100, 999, 2_000];

    private static readonly Instant _start = Instant.Epoch + TimeSpan.FromDays(40);

    // Ten thousand times dearer than measured: long jobs make a long storm of few nodes.
    private static readonly ValidationCost _dear = ValidationCost.Measured with
    {
        PicosPerByte = 100_000_000,
    };

    [Theory]
    [InlineData(100)]
    [InlineData(500)]
    [InlineData(5_000)]
    public void A_storm_is_cleared_whatever_its_size_within_the_memory_named(int nodes)
    {
        Storm storm = AtOnce(nodes, Storm.Rules, isWatched: nodes <= 500);
        Clear(storm);
        Assert.Equal(nodes, storm.Order.Count);
        Assert.InRange(storm.UploadBytesPeak, 1, Storm.Rules.AdmittedMax * Storm.Rules.UploadBytesMax);
        Assert.Equal(0, storm.Refusals);
        Assert.InRange(storm.Offers, nodes, 10 * nodes);
    }

    [Fact]
    public void A_storm_on_top_of_the_daily_returns_is_cleared_and_so_are_they()
    {
        var storm = new Storm(Storm.Rules, ValidationCost.Measured) { IsWatched = true };
        var prng = new Prng(11);
        Instant calls = _start;
        uint node = 0;
        for (; node < 400; node++)
        {
            // Memoryless gaps of a second in the mean, which is some forty per cent of the budget.
            while (prng.Below(10) != 0)
            {
                calls += TimeSpan.FromMilliseconds(100);
            }

            Add(storm, prng, node, calls, Storm.AlwaysOpen);
        }

        for (; node < 700; node++)
        {
            Add(storm, prng, node, _start + TimeSpan.FromMinutes(5), Storm.AlwaysOpen);
        }

        Clear(storm);
    }

    [Fact]
    public void Uploads_are_validated_in_the_order_of_value_at_risk_times_staleness()
    {
        Storm storm = AtOnce(300, Storm.Rules, isWatched: true);
        Clear(storm);
        Assert.Equal(0, storm.Choices.Wrong);
        Assert.InRange(storm.Choices.Right, 300, 900);
    }

    [Fact]
    public void Of_equal_gaps_the_valuable_return_first_and_of_equal_values_the_older_gap()
    {
        var storm = new Storm(Storm.Rules, ValidationCost.Measured);
        for (uint node = 0; node < 400; node++)
        {
            // Value and age decide in four blocks of a hundred; identity says nothing of either.
            long worth = node % 2 == 0 ? 900 : 0;
            var gap = TimeSpan.FromDays(node % 4 < 2 ? 30 : 1);
            storm.Add(node, _start, 50, worth, _start - gap, Storm.AlwaysOpen);
        }

        Clear(storm);
        double[] place = [.. Enumerable.Range(0, 4).Select(kind =>
            Enumerable.Range(0, 400).Where(i => storm.Order[i] % 4 == kind).Average())];

        // Kinds: 0 dear and old, 1 worthless and old, 2 dear and young, 3 worthless and young.
        Assert.True(place[0] < place[1] && place[0] < place[2], string.Join(' ', place));
        Assert.True(place[1] < place[3] && place[2] < place[3], string.Join(' ', place));
    }

    [Fact]
    public void Twice_the_backlog_takes_twice_the_time()
    {
        TimeSpan[] took = [.. new[] { 500, 1_000, 2_000 }.Select(nodes =>
        {
            Storm storm = AtOnce(nodes, Storm.Rules, isWatched: false);
            Clear(storm);
            return storm.LastFinish - _start;
        })];
        Assert.InRange(took[1] / took[0], 1.9, 2.1);
        Assert.InRange(took[2] / took[1], 1.9, 2.1);
    }

    [Fact]
    public void The_expected_catch_up_time_is_when_it_is_caught_up()
    {
        Storm storm = AtOnce(1_000, Storm.Rules, isWatched: false);
        storm.Run(_start);
        TimeSpan expected = storm.Queue.CatchUp(_start) - _start;
        Clear(storm);
        Assert.InRange((storm.LastFinish - _start) / expected, 0.95, 1.05);
        Assert.Equal(storm.Now, storm.Queue.CatchUp(storm.Now));
    }

    [Fact]
    public void Nothing_starves_under_a_load_that_never_ends()
    {
        // Half a day of age outweighs any value: 1,000 / (2 * 1,000 a day).
        IntakeRules rules = Storm.Rules with
        {
            AgeingPerDay = Credits.FromWhole(1_000),
            AdmittedMax = 8,
        };
        var storm = new Storm(rules, _dear);
        Instant offered = _start + TimeSpan.FromHours(6);
        storm.Add(0, offered, 100, 0, offered - TimeSpan.FromHours(1), Storm.AlwaysOpen);
        uint node = 1;

        // A job of 100 s is 2,000 s at the share; with one every 800 s the backlog grows for ever.
        var every = TimeSpan.FromSeconds(800);
        for (Instant calls = _start; calls < _start + TimeSpan.FromDays(4); calls += every)
        {
            storm.Add(node++, calls, 100, 1_000, calls - TimeSpan.FromHours(1), Storm.AlwaysOpen);
        }

        // Nothing whose gap began half a day after its own passes it: at most the returns of eighteen hours
        // are before it, and the few uploads that were in hand already.
        storm.Run(_start + TimeSpan.FromDays(4));
        Assert.Contains(0u, storm.Order);
        Assert.InRange(storm.Order.IndexOf(0), 15, (18 * 3_600 / 800) + rules.AdmittedMax);
        Assert.False(storm.IsCleared);
    }

    [Fact]
    public void No_more_is_admitted_than_can_be_validated_before_those_nodes_call_again()
    {
        // Windows of five minutes in every half hour, each node's at a time of its own; jobs of a minute.
        ValidationCost cost = ValidationCost.Measured with { PicosPerByte = 3_000_000 };
        var storm = new Storm(Storm.Rules, cost) { IsWatched = true };
        for (uint node = 0; node < 200; node++)
        {
            // Of some the next call is sooner than that of all who were admitted before them.
            ContactPlan plan = Storm.Plan(
                TimeSpan.FromMinutes(node % 4 == 0 ? 10 : 30),
                TimeSpan.FromMinutes(5),
                TimeSpan.FromSeconds(node * 9));
            storm.Add(node, plan.NextOpening(_start), 100, node % 5, _start, plan);
        }

        Clear(storm);
        Assert.Equal(0, storm.Broken);
    }

    [Fact]
    public void An_idle_hub_admits_what_takes_longer_than_a_period()
    {
        ContactPlan plan = Storm.Plan(TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(5));
        var storm = new Storm(Storm.Rules, _dear with { PicosPerByte = ValidationCost.CoefficientMax });
        for (uint node = 0; node < 3; node++)
        {
            storm.Add(node, plan.NextOpening(_start), 100, 1, _start, plan);
        }

        Clear(storm);
        Assert.Equal(3, storm.Broken);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(130)]
    [InlineData(60)]
    public void Over_any_stretch_of_time_validation_keeps_to_its_share(int spentPercent)
    {
        Storm storm = AtOnce(300, Storm.Rules, isWatched: false, spentPercent);
        Clear(storm);
        decimal share = Storm.Rules.ValidationShare.Value / 1_000_000m;
        var charged = storm.Begun
            .Select(job => (job.At, Nanos: job.Work.Nanos * spentPercent / 100m)).ToList();
        decimal burst = Storm.Rules.BurstMax.Ticks * 100 * share;

        // What is begun is corrected when it is finished, so at most a job or two are off.
        decimal job = 2 * storm.Begun.Max(begun => begun.Work.Nanos) * Math.Max(100, spentPercent) / 100m;
        for (int from = 0; from < charged.Count; from++)
        {
            decimal spent = 0;
            for (int to = from; to < charged.Count; to++)
            {
                spent += charged[to].Nanos;
                decimal allowed = (charged[to].At - charged[from].At).Ticks * 100 * share;
                Assert.True(spent <= allowed + burst + job, $"{spent} from job {from} to {to}");
            }
        }
    }

    [Fact]
    public void A_full_queue_refuses_the_newest_who_come_again_and_are_not_lost()
    {
        ContactPlan plan = Storm.Plan(TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(5));
        var storm = new Storm(Storm.Rules with { QueueMax = 40 }, ValidationCost.Measured)
        {
            IsWatched = true,
        };
        for (uint node = 0; node < 200; node++)
        {
            storm.Add(node, plan.NextOpening(_start), 50, 1, _start, plan);
        }

        Clear(storm);
        Assert.Equal(40, storm.CountPeak);
        Assert.InRange(storm.Refusals, 160, 2_000);
    }

    [Fact]
    public void A_queue_rebuilt_after_every_fact_equals_the_one_that_never_stopped()
    {
        IntakeRules rules = Storm.Rules with { AdmittedMax = 5 };
        Storm crashing = AtOnce(25, rules, isWatched: true, crashesAlways: true);
        Storm steady = AtOnce(25, rules, isWatched: false);
        Clear(crashing);
        Clear(steady);
        Assert.Equal(steady.Journal, crashing.Journal);
        Assert.Equal(Snapshot.Of(steady.Queue.Shape), Snapshot.Of(crashing.Queue.Shape));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_crash_at_any_fact_loses_no_return_and_validates_none_twice(bool isDurable)
    {
        Storm steady = AtOnce(12, Storm.Rules with { AdmittedMax = 3 }, isWatched: false);
        Clear(steady);
        for (int fact = 0; fact < steady.Journal.Count; fact++)
        {
            Storm storm = AtOnce(12, Storm.Rules with { AdmittedMax = 3 }, isWatched: true);
            storm.CrashAtFact(fact, isDurable);
            Clear(storm); // Whose facts assert that no block is accepted twice.
            Assert.Equal(12, storm.Order.Count);
        }
    }

    private static void Clear(Storm storm)
    {
        storm.Run(_start + TimeSpan.FromDays(30));
        Assert.True(storm.IsCleared, $"{storm.Queue.Count} returns are left at {storm.Now}");
        Assert.Equal(0, storm.Queue.Count);
        Assert.Equal(0, storm.Queue.BytesLeft);
        Assert.Equal(ProcessorTime.Zero, storm.Queue.WorkLeft);
        Assert.Null(storm.Queue.Oldest);
        Assert.Null(storm.Queue.NextWake);
    }

    private static Storm AtOnce(
        int nodes,
        IntakeRules rules,
        bool isWatched,
        int spentPercent = 100,
        bool crashesAlways = false)
    {
        var storm = new Storm(rules, ValidationCost.Measured)
        {
            IsWatched = isWatched,
            SpentPercent = spentPercent,
            CrashesAlways = crashesAlways,
        };
        var prng = new Prng(7);
        for (uint node = 0; node < nodes; node++)
        {
            Add(storm, prng, node, _start, Storm.AlwaysOpen);
        }

        return storm;
    }

    private static void Add(Storm storm, Prng prng, uint node, Instant calls, ContactPlan plan)
    {
        var own = new Prng(StableHash.Of(prng.State, node));
        storm.Add(
            node,
            calls,
            20 + own.Below(160),
            _worths[own.Below(_worths.Length)],
            calls - TimeSpan.FromDays(own.Below(4) * 10),
            plan);
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Hanse.Core.Identity;
using Hanse.Core.Intake;
using Hanse.Core.Links;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Intake;

/// <summary>The rules of <c>docs/protocol/storm.md</c>, one at a time.</summary>
public sealed class IntakeQueueTests
{
    private static readonly Instant _now = Instant.Epoch + TimeSpan.FromDays(3) + TimeSpan.FromMinutes(1);

    private static readonly ContactPlan _plan =
        Storm.Plan(TimeSpan.FromHours(1), TimeSpan.FromMinutes(10));

    private enum Act
    {
        Offer,
        OfferMore,
        OfferStale,
        Arrive,
        Begin,
        Finish,
        FinishPart,
        Withdraw,
        Wait,
        WaitLong,
    }

    private static readonly Gen<(Act Act, int Node, int Choice)[]> _acts =
        Gen.Select(Gen.Int[0, (int)Act.WaitLong], Gen.Int[0, 5], Gen.Int[0, 5], (act, node, choice) =>
            ((Act)act, node, choice)).Array[0, 80];

    [Fact]
    public void An_offer_repeated_gets_the_same_answer_and_changes_nothing()
    {
        var hub = new Hub(Storm.Rules with { AdmittedMax = 1 });
        IntakeVerdict admitted = hub.Offer(1);
        IntakeVerdict deferred = hub.Offer(2);
        int facts = hub.Journal.Count;
        Assert.IsType<IntakeVerdict.Admitted>(admitted);
        Assert.IsType<IntakeVerdict.Deferred>(deferred);
        Assert.Equal(admitted, hub.Offer(1));
        Assert.Equal(deferred, hub.Offer(2));
        Assert.Equal(facts, hub.Journal.Count);
    }

    [Fact]
    public void A_grown_offer_replaces_the_old_one()
    {
        var hub = new Hub(Storm.Rules with { AdmittedMax = 1 });
        _ = hub.Offer(1);
        _ = hub.Offer(2);
        _ = hub.Offer(1, journal: 300);
        _ = hub.Offer(2, journal: 200);
        Assert.Equal(2, hub.Queue.Count);
        Assert.Equal(500 * Storm.BlockBytes, hub.Queue.BytesLeft);
    }

    [Fact]
    public void An_offer_overtaken_by_a_later_one_changes_nothing()
    {
        var hub = new Hub(Storm.Rules with { AdmittedMax = 1 });
        _ = hub.Offer(1, journal: 300);
        IntakeVerdict deferred = hub.Offer(2, journal: 300);
        Assert.Equal(deferred, hub.Offer(2, journal: 100));
        Assert.Equal(600 * Storm.BlockBytes, hub.Queue.BytesLeft);
    }

    [Fact]
    public void A_summary_whose_numbers_are_out_of_bounds_is_refused_and_not_remembered()
    {
        var hub = new Hub(Storm.Rules);
        ReturnSummary sound = Hub.Summary(1);
        long[] hostile = [long.MinValue, -1, long.MaxValue];
        foreach (long number in hostile)
        {
            ReturnSummary[] unsound =
            [
                sound with { JournalSize = number },
                sound with { AcceptedSize = number },
                sound with { BytesToCome = number },
                sound with { Records = number },
                sound with { Checkpoints = number },
                sound with { Decisions = number },
                sound with { Leaves = number },
                sound with { OldestUnaccepted = new Instant(number) },
                sound with { Contracts = new Credits(number) },
                sound with { Claims = new Credits(number) },
                sound with { Trust = (TrustClass)(int)(number >> 40) },
                sound with { BytesToCome = 0 },
                sound with { AcceptedSize = sound.JournalSize },
            ];
            foreach (ReturnSummary summary in unsound)
            {
                Assert.Equal(
                    new IntakeVerdict.Refused(IntakeRefusal.Nonsense), hub.Queue.Offer(_now, summary, _plan));
            }
        }

        Assert.Empty(hub.Journal);
    }

    [Fact]
    public void A_return_dearer_than_the_limit_is_refused()
    {
        var hub = new Hub(Storm.Rules);
        ReturnSummary summary = Hub.Summary(1) with { Decisions = 1_000_000 };
        Assert.Equal(
            new IntakeVerdict.Refused(IntakeRefusal.TooLarge), hub.Queue.Offer(_now, summary, _plan));
        Assert.IsType<IntakeVerdict.Admitted>(
            hub.Queue.Offer(_now, summary with { Decisions = 999_000 }, _plan));
    }

    [Fact]
    public void The_largest_returns_and_the_smallest_share_overflow_nothing()
    {
        IntakeRules rules = Storm.Rules with
        {
            ValidationShare = new PartsPerMillion(1_000),
            ValueAtRiskMax = new Credits(Credits.MicroMax),
            AgeingPerDay = new Credits(Credits.MicroMax),
            AdmittedMax = 2,
        };
        var hub = new Hub(rules);
        Instant late = new(Instant.MicrosMax);
        for (uint node = 0; node < 500; node++)
        {
            ReturnSummary summary = Hub.Summary(node) with
            {
                BytesToCome = ReturnSummary.BytesMax / 2_000,
                Decisions = 990_000,
                Contracts = new Credits(Credits.MicroMax),
                Claims = new Credits(Credits.MicroMax),
                OldestUnaccepted = Instant.Epoch,
            };
            _ = hub.Queue.Offer(late, summary, Storm.AlwaysOpen);
        }

        Assert.True(hub.Queue.Arrive(late, new NodeId(0), 1));
        Assert.Equal(new NodeId(0), hub.Queue.Next(late));
        Assert.True(hub.Queue.CatchUp(late) > late);
        hub.Check();
    }

    [Fact]
    public void A_full_queue_refuses_a_stranger_and_answers_those_it_knows()
    {
        var hub = new Hub(Storm.Rules with { QueueMax = 2, AdmittedMax = 1 });
        _ = hub.Offer(1);
        IntakeVerdict deferred = hub.Offer(2);
        Assert.Equal(new IntakeVerdict.Refused(IntakeRefusal.QueueFull), hub.Offer(3));
        Assert.Equal(deferred, hub.Offer(2));
        Assert.Equal(2, hub.Queue.Count);
        Assert.True(hub.Queue.Withdraw(new NodeId(1)));
        Assert.IsType<IntakeVerdict.Admitted>(hub.Offer(3));
    }

    [Fact]
    public void A_node_may_send_what_its_window_the_rules_and_its_journal_allow()
    {
        // 100 ms of light each way are lost to the upload; the link carries 100,000 bytes a second.
        Assert.Equal(new IntakeVerdict.Admitted(1_000_000), new Hub(Storm.Rules).Offer(1, journal: 400));
        Assert.Equal(new IntakeVerdict.Admitted(500_000), new Hub(Storm.Rules).Offer(1, journal: 50));
        var hub = new Hub(Storm.Rules);
        Instant closing = _plan.Closing(_now);
        Assert.Equal(
            new IntakeVerdict.Admitted(180_000),
            hub.Offer(1, journal: 400, at: closing - TimeSpan.FromSeconds(2)));
        Assert.IsType<IntakeVerdict.Deferred>(
            hub.Offer(2, journal: 400, at: closing - TimeSpan.FromMilliseconds(200)));
        Assert.IsType<IntakeVerdict.Deferred>(hub.Offer(3, journal: 400, at: closing));
    }

    [Fact]
    public void Deferred_nodes_come_back_at_distinct_instants_of_their_windows_spread_by_the_work_ahead()
    {
        var hub = new Hub(Storm.Rules with { AdmittedMax = 1 });
        var times = new List<Instant>();
        _ = hub.Offer(0);
        for (uint node = 1; node <= 400; node++)
        {
            var deferred = Assert.IsType<IntakeVerdict.Deferred>(hub.Offer(node));
            Assert.True(_plan.IsOpen(deferred.NotBefore));
            Assert.Equal(_plan.WindowNumber(deferred.NotBefore), deferred.Window);
            times.Add(deferred.NotBefore);
        }

        Assert.Distinct(times);

        // Half a megabyte takes the one place for five seconds; a hundred turns fit into this window.
        for (int i = 1; i < 100; i++)
        {
            Assert.Equal(TimeSpan.FromSeconds(5), times[i] - times[i - 1]);
        }

        Assert.All(times.Skip(110), at => Assert.Equal(_plan.WindowNumber(_now) + 1, _plan.WindowNumber(at)));
    }

    [Fact]
    public void A_node_that_asks_again_with_more_does_not_wait_behind_itself()
    {
        var hub = new Hub(Storm.Rules with { AdmittedMax = 1 });
        _ = hub.Offer(1);
        IntakeVerdict deferred = hub.Offer(2);
        Assert.Equal(deferred, hub.Offer(2, journal: 51));
        Assert.NotEqual(deferred, hub.Offer(3));
    }

    [Fact]
    public void A_valuable_node_is_not_behind_the_worthless_and_still_has_an_instant_of_its_own()
    {
        var hub = new Hub(Storm.Rules with { AdmittedMax = 1 });
        _ = hub.Offer(1);
        var worthless = (IntakeVerdict.Deferred)hub.Offer(2);
        ReturnSummary dear = Hub.Summary(3) with { Contracts = Credits.FromWhole(500) };
        var valuable = (IntakeVerdict.Deferred)hub.Queue.Offer(_now, dear, _plan);
        Assert.Equal(worthless.NotBefore + TimeSpan.FromMicroseconds(1), valuable.NotBefore);
    }

    [Fact]
    public void After_a_common_silence_the_returns_are_spread_over_the_window_by_identity()
    {
        // All have the same plan, and all turns fall into the pause before its next window.
        var hub = new Hub(Storm.Rules with { AdmittedMax = 1 });
        Instant closing = _plan.Closing(_now);
        Instant opening = _plan.NextOpening(closing);
        List<Instant> times = [.. Enumerable.Range(0, 500).Select(node =>
            ((IntakeVerdict.Deferred)hub.Offer((uint)node, at: closing)).NotBefore)];
        Assert.Distinct(times);
        int[] minutes = [.. Enumerable.Range(0, 5).Select(minute =>
            times.Count(at => at.Micros / 60_000_000 == (opening.Micros / 60_000_000) + minute))];
        Assert.All(minutes, count => Assert.InRange(count, 60, 140));
    }

    [Fact]
    public void An_upload_that_does_not_come_in_its_window_gives_its_place_back()
    {
        var hub = new Hub(Storm.Rules with { AdmittedMax = 1 });
        _ = hub.Offer(1);
        Instant until = _plan.Closing(_now) + _plan.LightTime;
        hub.Queue.Wake(until);
        Assert.Equal(1, hub.Queue.Admitted);
        Assert.Equal(until + TimeSpan.FromMicroseconds(1), hub.Queue.NextWake);
        hub.Queue.Wake(hub.Queue.NextWake!.Value);
        Assert.Equal(0, hub.Queue.Admitted);
        Assert.Equal(1, hub.Queue.Count);
        Assert.False(hub.Queue.Arrive(until + TimeSpan.FromSeconds(1), new NodeId(1), 10));
        Assert.IsType<IntakeVerdict.Admitted>(hub.Offer(1, at: _plan.NextOpening(until)));
    }

    [Fact]
    public void Only_what_is_here_can_be_begun_and_only_what_was_begun_can_be_finished()
    {
        var hub = new Hub(Storm.Rules);
        var node = new NodeId(1);
        Assert.False(hub.Queue.Begin(_now, node));
        _ = hub.Offer(1);
        Assert.False(hub.Queue.Begin(_now, node));
        Assert.False(hub.Queue.Finish(_now, node, ProcessorTime.Zero, 50));
        Assert.True(hub.Queue.Arrive(_now, node, 500_000));
        Assert.False(hub.Queue.Arrive(_now, node, 500_000));
        Assert.False(hub.Queue.Finish(_now, node, ProcessorTime.Zero, 50));
        Assert.True(hub.Queue.Begin(_now, node));
        Assert.False(hub.Queue.Begin(_now, node));
        Assert.True(hub.Queue.Finish(_now, node, ProcessorTime.Zero, 50));
        Assert.False(hub.Queue.Finish(_now, node, ProcessorTime.Zero, 50));
        Assert.Equal(4, hub.Journal.Count);
    }

    [Fact]
    public void Of_an_upload_cut_short_what_came_is_validated_and_the_rest_is_a_return_of_its_own()
    {
        var hub = new Hub(Storm.Rules);
        _ = hub.Offer(1, journal: 100);
        Assert.True(hub.Queue.Arrive(_now, new NodeId(1), 400_000));
        Assert.Equal(new NodeId(1), hub.Queue.Next(_now));
        Assert.True(hub.Queue.Begin(_now, new NodeId(1)));
        Assert.True(hub.Queue.Finish(_now, new NodeId(1), new ProcessorTime(5), 40));
        Assert.Equal(600_000, hub.Queue.BytesLeft);
        Assert.Equal(40, hub.Queue.Returns[new NodeId(1)].Summary.AcceptedSize);

        // A word from before the receipt is overtaken.
        Assert.Equal(new IntakeVerdict.Admitted(600_000), hub.Offer(1, journal: 100));
    }

    [Fact]
    public void What_a_node_gains_while_its_upload_is_validated_waits_for_its_next_window()
    {
        var hub = new Hub(Storm.Rules);
        _ = hub.Offer(1, journal: 50);
        Assert.True(hub.Queue.Arrive(_now, new NodeId(1), 500_000));
        var deferred = Assert.IsType<IntakeVerdict.Deferred>(hub.Offer(1, journal: 60));
        Assert.Equal(_plan.NextOpening(_plan.Closing(_now)), deferred.NotBefore);
        Assert.True(hub.Queue.Begin(_now, new NodeId(1)));
        _ = Assert.IsType<IntakeVerdict.Deferred>(hub.Offer(1, journal: 70));
        Assert.True(hub.Queue.Finish(_now, new NodeId(1), new ProcessorTime(5), 50));
        Assert.Equal(200_000, hub.Queue.BytesLeft);
        Assert.Equal(1, hub.Queue.Count);
        hub.Check();
    }

    [Fact]
    public void The_claims_of_a_doubted_node_buy_it_no_precedence()
    {
        var hub = new Hub(Storm.Rules);
        ReturnSummary doubted = Hub.Summary(1) with
        {
            Trust = TrustClass.Doubted,
            Claims = Credits.FromWhole(900),
        };
        ReturnSummary other = Hub.Summary(2) with { Contracts = Credits.FromWhole(1) };
        Assert.Equal(new NodeId(2), hub.MoreUrgent(doubted, other));
        Assert.Equal(new NodeId(1), hub.MoreUrgent(doubted with { Trust = TrustClass.Ordinary }, other));
        Assert.Equal(
            new NodeId(1), hub.MoreUrgent(doubted with { Contracts = Credits.FromWhole(2) }, other));
    }

    [Fact]
    public void Value_at_risk_counts_up_to_its_limit()
    {
        var hub = new Hub(Storm.Rules);
        ReturnSummary rich = Hub.Summary(1) with { Contracts = Credits.FromWhole(1_000_000) };
        ReturnSummary older = Hub.Summary(2) with
        {
            Contracts = Credits.FromWhole(1_000),
            OldestUnaccepted = _now - TimeSpan.FromDays(2) - TimeSpan.FromMinutes(1),
        };
        Assert.Equal(new NodeId(2), hub.MoreUrgent(rich, older));
    }

    [Fact]
    public void Equal_returns_go_by_hash_of_node_and_epoch()
    {
        // Were it the identity, the lower would always lead.
        int lower = 0;
        for (uint epoch = 1; epoch <= 64; epoch++)
        {
            ReturnSummary one = Hub.Summary(1) with { Epoch = new Epoch(epoch) };
            ReturnSummary two = Hub.Summary(2) with { Epoch = new Epoch(epoch) };
            NodeId first = new Hub(Storm.Rules).MoreUrgent(one, two);
            Assert.Equal(first, new Hub(Storm.Rules).MoreUrgent(two, one));
            lower += first.Value == 1 ? 1 : 0;
        }

        Assert.InRange(lower, 16, 48);
    }

    [Fact]
    public void Validation_waits_when_the_budget_is_spent_and_goes_on_when_the_hub_says_it_will()
    {
        var hub = new Hub(Storm.Rules with { BurstMax = TimeSpan.Zero });
        _ = hub.Offer(1);
        _ = hub.Offer(2);
        _ = hub.Queue.Arrive(_now, new NodeId(1), 500_000);
        _ = hub.Queue.Arrive(_now, new NodeId(2), 500_000);
        NodeId first = hub.Queue.Next(_now)!.Value;
        _ = hub.Queue.Begin(_now, first);
        Assert.Null(hub.Queue.Next(_now));
        Instant opens = hub.Queue.NextWake!.Value;
        Assert.Null(hub.Queue.Next(opens - TimeSpan.FromMicroseconds(1)));
        Assert.NotNull(hub.Queue.Next(opens));

        // A millisecond more of the core is twenty of the hub's clock at five per cent.
        ProcessorTime charged = hub.Queue.Returns[first].Charged;
        _ = hub.Queue.Finish(_now, first, charged + new ProcessorTime(1_000_000), 50);
        Assert.Equal(opens + TimeSpan.FromMilliseconds(20), hub.Queue.NextWake);
    }

    [Fact]
    public void A_return_not_heard_of_for_long_is_forgotten_and_can_be_offered_again()
    {
        var hub = new Hub(Storm.Rules with { AdmittedMax = 1, SilenceMax = TimeSpan.FromDays(2) });
        _ = hub.Offer(1);
        var deferred = (IntakeVerdict.Deferred)hub.Offer(2);
        _ = hub.Queue.Withdraw(new NodeId(1));
        hub.Queue.Wake(deferred.NotBefore + TimeSpan.FromDays(2));
        Assert.Equal(1, hub.Queue.Count);
        hub.Queue.Wake(hub.Queue.NextWake!.Value);
        Assert.Equal(0, hub.Queue.Count);
        Assert.Null(hub.Queue.NextWake);
        Assert.IsType<IntakeVerdict.Admitted>(hub.Offer(2, at: _now + TimeSpan.FromDays(9)));
    }

    [Fact]
    public void Whatever_happens_in_whatever_order_figures_are_right_and_a_rebuilt_queue_is_equal() =>
        _acts.Sample(
            acts =>
            {
                var hub = new Hub(Storm.Rules with { AdmittedMax = 2, QueueMax = 4 });
                Instant now = _now;
                foreach ((Act act, int number, int choice) in acts)
                {
                    var node = new NodeId((uint)number);
                    now += Do(hub, now, act, node, choice);
                    hub.Check();
                }
            },
            iter: 1_000);

    [Fact]
    public void A_hundred_thousand_offers_are_taken()
    {
        IntakeRules rules = Storm.Rules with { QueueMax = 100_000, AdmittedMax = 1_000 };
        var queue = default(IntakeQueue);
        int facts = 0;
        queue = new IntakeQueue(rules, ValidationCost.Measured, fact =>
        {
            facts++;
            queue!.Apply(fact);
        });
        for (uint node = 0; node < 100_000; node++)
        {
            _ = queue.Offer(_now, Hub.Summary(node, 50 + (node % 7)), _plan);
        }

        Assert.Equal(100_000, queue.Count);
        Assert.Equal(1_000, queue.Admitted);
        Assert.Equal(100_000, facts);
    }

    private static TimeSpan Do(Hub hub, Instant now, Act act, NodeId node, int choice)
    {
        IntakeQueue queue = hub.Queue;
        switch (act)
        {
            case Act.Offer:
                _ = hub.Offer(node.Value, at: now);
                break;
            case Act.OfferMore:
                _ = hub.Offer(node.Value, 50 + (choice * 40), now);
                break;
            case Act.OfferStale:
                _ = hub.Offer(node.Value, 20, now);
                break;
            case Act.Arrive:
                _ = queue.Arrive(now, node, (choice - 1) * 200_000);
                break;
            case Act.Begin when queue.Next(now) is { } next:
                Assert.True(queue.Begin(now, next));
                break;
            case Act.Begin:
                _ = queue.Begin(now, node);
                break;
            case Act.Finish:
                _ = queue.Finish(now, node, new ProcessorTime(choice * 100_000_000), 50 + (choice * 40));
                break;
            case Act.FinishPart:
                _ = queue.Finish(now, node, new ProcessorTime(choice), choice);
                break;
            case Act.Withdraw:
                _ = choice == 0 && queue.Withdraw(node);
                break;
            case Act.Wait:
                return TimeSpan.FromSeconds(choice * 100);
            default:
                queue.Wake(now);
                return TimeSpan.FromDays(choice * 5);
        }

        return TimeSpan.Zero;
    }

    /// <summary>A queue with its journal.</summary>
    private sealed class Hub
    {
        private readonly IntakeRules _rules;

        public Hub(IntakeRules rules)
        {
            _rules = rules;
            Queue = new IntakeQueue(rules, ValidationCost.Measured, fact =>
            {
                Journal.Add(Snapshot.Of(fact));
                Queue!.Apply(fact);
            });
        }

        public IntakeQueue Queue { get; }

        public List<byte[]> Journal { get; } = [];

        public static ReturnSummary Summary(uint node, long journal = 50) => new()
        {
            Node = new NodeId(node),
            Epoch = new Epoch(1),
            JournalSize = journal,
            AcceptedSize = 0,
            BytesToCome = journal * Storm.BlockBytes,
            Records = 400 * journal,
            Checkpoints = journal,
            Decisions = 0,
            Leaves = journal / 2,
            OldestUnaccepted = _now - TimeSpan.FromDays(2),
            Contracts = Credits.Zero,
            Claims = Credits.Zero,
            Trust = TrustClass.Ordinary,
        };

        public IntakeVerdict Offer(uint node, long journal = 50, Instant? at = null) =>
            Queue.Offer(at ?? _now, Summary(node, journal), _plan);

        /// <summary>Which of two uploads in hand a queue would validate first.</summary>
        public NodeId MoreUrgent(ReturnSummary one, ReturnSummary other)
        {
            foreach (ReturnSummary summary in new[] { one, other })
            {
                _ = Queue.Withdraw(summary.Node);
                Assert.IsType<IntakeVerdict.Admitted>(Queue.Offer(_now, summary, _plan));
                Assert.True(Queue.Arrive(_now, summary.Node, 1_000));
            }

            return Queue.Next(_now)!.Value;
        }

        /// <summary>Figures are those of a recount, and replay and snapshot give an equal queue.</summary>
        public void Check()
        {
            Return[] all = [.. Queue.Returns.Values];
            Assert.Equal(all.Length, Queue.Count);
            Assert.Equal(all.Sum(known => known.Summary.BytesToCome), Queue.BytesLeft);
            Assert.Equal(all.Sum(known => known.WorkLeft.Nanos), Queue.WorkLeft.Nanos);
            Assert.Equal(
                all.Length == 0 ? null : all.Min(known => known.Summary.OldestUnaccepted), Queue.Oldest);
            Assert.Equal(all.Count(known => known.IsAdmitted), Queue.Admitted);
            Assert.Equal(all.Where(known => known.IsAdmitted).Sum(known => known.Bytes), Queue.UploadBytes);
            Assert.InRange(Queue.Admitted, 0, _rules.AdmittedMax);
            Assert.InRange(Queue.Count, 0, _rules.QueueMax);

            byte[] bytes = Snapshot.Of(Queue.Shape);
            IntakeQueue replayed = new(_rules, ValidationCost.Measured, _ => { });
            Journal.ForEach(fact => replayed.Apply(Snapshot.Read<IntakeFact>(fact)));
            IntakeQueue restored = new(_rules, ValidationCost.Measured, _ => { });
            Snapshot.Into(bytes, restored.Shape);
            foreach (IntakeQueue queue in new[] { replayed, restored })
            {
                Assert.Equal(bytes, Snapshot.Of(queue.Shape));
                Assert.Equal(Queue.WorkLeft, queue.WorkLeft);
                Assert.Equal(Queue.UploadBytes, queue.UploadBytes);
                Assert.Equal(Queue.NextWake, queue.NextWake);
                Assert.Equal(Queue.CatchUp(_now), queue.CatchUp(_now));
                Assert.Equal(Queue.Next(Instant.Never), queue.Next(Instant.Never));
            }
        }
    }
}

using System;
using System.Linq;
using CsCheck;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Xunit;

namespace Hanse.Core.Tests.Links;

/// <summary>Two ends over a channel that does its worst, and then heals.</summary>
public sealed class LinkEndTests
{
    private enum Act
    {
        CallerQueues,
        AnswererQueues,
        Call,
        Deliver,
        DeliverLast,
        Lose,
        Repeat,
        Wait,
        CallAndForget,
        DeliverAndForget,
        CallerCrashes,
        AnswererCrashes,
        CallerRestores,
        AnswererRestores,
    }

    private static readonly int[] _waits = [1, 30, 70, 600, 3_600];

    private static readonly int[] _rates = [2, 5, 100];

    private static readonly Gen<ContactPlan> _plans =
        from rate in Gen.Int[0, 2]
        from light in Gen.Int[0, 2]
        from outage in Gen.Int[0, 3]
        select new ContactPlan
        {
            Phase = Instant.Epoch + TimeSpan.FromMinutes(5),
            Period = TimeSpan.FromHours(1),
            Length = TimeSpan.FromMinutes(10),
            BytesPerSecond = _rates[rate],
            LightTime = TimeSpan.FromSeconds(light * 40),
            Outages = outage == 0
                ? []
                : [new Outage(At(60 + (outage * 5)), At(60 + (outage * 5) + 7)), new Outage(At(180), At(
                    420))],
        };

    private static readonly Gen<(Act Act, int Choice)[]> _acts =
        Gen.Select(Gen.Int[0, (int)Act.AnswererRestores], Gen.Int[0, 59], (act, choice) => ((Act)act, choice))
            .Array[0, 150];

    [Fact]
    public void Every_message_arrives_exactly_once_unless_it_expired_whatever_the_channel_and_the_crashes() =>
        Gen.Select(_plans, Gen.Int[0, 2], _acts).Sample(
            (plan, delay, acts) =>
            {
                var pair = new LinkPair(plan) { Delay = TimeSpan.FromSeconds(delay * 25) };
                foreach ((Act act, int choice) in acts)
                {
                    Carry(pair, act, choice);
                }

                Assert.True(pair.Heal(windows: 200), "the queues did not drain");
                Assert.Empty(pair.Caller.Promised.Except(pair.Answerer.Arrived));
                Assert.Empty(pair.Answerer.Promised.Except(pair.Caller.Arrived));
                pair.Caller.Crash();
                pair.Answerer.Crash();
            },
            iter: 2_000);

    [Fact]
    public void A_full_queue_refuses_the_newest_and_takes_again_when_one_has_left()
    {
        LinkPair pair = Quiet(rate: 1_000);
        for (int i = 0; i < LinkEnd.QueueMax; i++)
        {
            Assert.True(pair.Queue(pair.Caller, Priority.Report, Instant.Never, 0));
        }

        Assert.False(pair.Queue(pair.Caller, Priority.Contract, Instant.Never, 0));
        Assert.Equal(LinkEnd.QueueMax, pair.Caller.Link.Waiting);
        Assert.True(pair.Heal(windows: 40));
        Assert.Equal(LinkEnd.QueueMax, pair.Answerer.Arrived.Count);
        Assert.True(pair.Queue(pair.Caller, Priority.Report, Instant.Never, 0));
    }

    [Fact]
    public void An_expired_message_is_not_sent_and_holds_up_nothing()
    {
        LinkPair pair = Quiet(rate: 100);
        Assert.True(pair.Queue(pair.Caller, Priority.Market, At(4), 1));
        Assert.True(pair.Queue(pair.Caller, Priority.Report, Instant.Never, 1));
        Assert.True(pair.Heal(windows: 2));
        Assert.Equal([2u], pair.Answerer.Arrived);
    }

    [Fact]
    public void Dropped_messages_leave_no_gaps_that_fill_the_peer_s_memory()
    {
        // Every second message expires before it is sent; the peer learns from the floor not to wait for it.
        LinkPair pair = Quiet(rate: 100);
        for (int i = 0; i < 4 * Frame.AckBeyondMax; i++)
        {
            Assert.True(pair.Queue(pair.Caller, Priority.Report, i % 2 == 0 ? At(4) : Instant.Never, 0));
        }

        Assert.True(pair.Heal(windows: 5), $"{pair.Caller.Link.Waiting} messages wait for ever");
        Assert.Equal(2 * Frame.AckBeyondMax, pair.Answerer.Arrived.Count);
    }

    [Fact]
    public void The_most_urgent_leave_first_and_of_equal_ones_the_oldest()
    {
        LinkPair pair = Quiet(rate: 100);
        _ = pair.Queue(pair.Caller, Priority.Report, Instant.Never, 0);
        _ = pair.Queue(pair.Caller, Priority.Contract, Instant.Never, 0);
        _ = pair.Queue(pair.Caller, Priority.Market, Instant.Never, 0);
        _ = pair.Queue(pair.Caller, Priority.Contract, Instant.Never, 0);
        Frame frame = pair.Caller.Link.Compose(At(6), hail: true, owesAnswer: true)!;
        Assert.Equal([2u, 4u, 3u, 1u], frame.Envelopes.Select(envelope => envelope.Sequence));
        Assert.Equal(1UL, frame.Floor);
    }

    [Fact]
    public void A_message_sent_is_not_sent_again_before_the_retry_delay()
    {
        LinkPair pair = Quiet(rate: 100);
        _ = pair.Queue(pair.Caller, Priority.Report, Instant.Never, 0);
        LinkEnd link = pair.Caller.Link;
        Assert.Single(link.Compose(At(6), hail: true, owesAnswer: true)!.Envelopes);
        Instant due = At(6) + link.RetryDelay;
        Assert.Null(link.Compose(due - TimeSpan.FromMicroseconds(1), hail: false, owesAnswer: false));
        Assert.Single(link.Compose(due, hail: false, owesAnswer: false)!.Envelopes);
    }

    [Fact]
    public void A_caller_that_nobody_answers_waits_for_the_next_window()
    {
        LinkPair pair = Quiet(rate: 100);
        LinkEnd link = pair.Caller.Link;
        Instant now = Instant.Epoch;
        for (int attempt = 0; attempt < LinkEnd.AttemptsMax; attempt++)
        {
            now = link.NextCall(now, TimeSpan.Zero);
            Assert.InRange(now.Micros, At(5).Micros, At(15).Micros);
            Assert.NotNull(link.Call(now, TimeSpan.Zero));
        }

        Assert.InRange(link.NextCall(now, TimeSpan.Zero).Micros, At(65).Micros, At(66).Micros);
    }

    [Fact]
    public void Old_messages_of_low_priority_are_not_starved_by_more_urgent_ones_than_the_peer_remembers()
    {
        // A window holds a few urgent messages, or the big one. The peer takes 64 urgent ones out of order
        // and refuses the 65th until the first has come; so the first must be let through.
        LinkPair pair = Quiet(rate: 2);
        _ = pair.Queue(pair.Caller, Priority.Report, Instant.Never, 64);
        for (int i = 0; i < Frame.AckBeyondMax + 6; i++)
        {
            _ = pair.Queue(pair.Caller, Priority.Contract, Instant.Never, 40);
        }

        Assert.True(pair.Heal(windows: 300), $"{pair.Caller.Link.Waiting} messages wait for ever");
    }

    private static Instant At(int minute) => Instant.Epoch + TimeSpan.FromMinutes(minute);

    private static LinkPair Quiet(int rate) => new(new ContactPlan
    {
        Phase = At(5),
        Period = TimeSpan.FromHours(1),
        Length = TimeSpan.FromMinutes(10),
        BytesPerSecond = rate,
        LightTime = TimeSpan.FromSeconds(20),
    });

    private static void Carry(LinkPair pair, Act act, int choice)
    {
        bool hasFrames = pair.InSpace > 0;
        int frame = hasFrames ? choice % pair.InSpace : 0;
        switch (act)
        {
            case Act.CallerQueues:
                Queue(pair, pair.Caller, choice);
                break;
            case Act.AnswererQueues:
                Queue(pair, pair.Answerer, choice);
                break;
            case Act.Call:
                pair.Now = Instant.Min(pair.NextCall(), pair.Now + TimeSpan.FromHours(1));
                pair.Call();
                break;
            case Act.Deliver when hasFrames:
                pair.Deliver(frame);
                break;
            case Act.DeliverLast when hasFrames:
                pair.Deliver(pair.InSpace - 1);
                break;
            case Act.Lose when hasFrames:
                pair.Lose(frame);
                break;
            case Act.Repeat when hasFrames:
                pair.Repeat(frame);
                break;
            case Act.Wait:
                pair.Now += TimeSpan.FromSeconds(_waits[choice % _waits.Length]);
                break;
            case Act.CallAndForget:
                pair.CallAndForget();
                break;
            case Act.DeliverAndForget when hasFrames:
                pair.DeliverAndForget(frame);
                break;
            case Act.CallerCrashes:
                pair.Caller.Crash();
                break;
            case Act.AnswererCrashes:
                pair.Answerer.Crash();
                break;
            case Act.CallerRestores:
                pair.Caller.Restore();
                break;
            case Act.AnswererRestores:
                pair.Answerer.Restore();
                break;
            default:
                break; // There is no frame under way to do it to.
        }
    }

    private static void Queue(LinkPair pair, LinkPair.End end, int choice)
    {
        Instant expires = choice % 4 == 0 ? pair.Now + TimeSpan.FromMinutes(choice) : Instant.Never;
        _ = pair.Queue(end, (Priority)(choice % 3), expires, choice / 15 * 12);
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Merge;
using Hanse.Core.Time;
using Xunit;

namespace Hanse.Core.Tests.Merge;

/// <summary>Cases that wait for a person.</summary>
public sealed class ReviewQueueTests
{
    [Fact]
    public void A_conflict_is_opened_once_and_decided_once()
    {
        (ReviewQueue queue, List<ReviewFact> facts) = Empty();
        Assert.Equal(ReviewVerdict.Opened, queue.Bring(new Instant(5), About(1, 10)));
        Assert.Equal(ReviewVerdict.Repeated, queue.Bring(new Instant(9), About(1, 11)));
        Assert.Equal(ReviewVerdict.Opened, queue.Bring(new Instant(9), About(2, 10)));
        Assert.Equal([(1ul, 2, 5L), (2ul, 1, 9L)], queue.Open.Select(c => (c.Number, c.Times, c.At.Micros)));
        Assert.Equal(CaseStatus.Accepted, queue.Accept(1)!.Status);
        Assert.Null(queue.Reject(1));
        Assert.Equal(CaseStatus.Rejected, queue.Reject(2)!.Status);
        Assert.Empty(queue.Open);
        Assert.Equal(ReviewVerdict.Opened, queue.Bring(new Instant(20), About(1, 10)));
        Assert.Equal(3ul, Assert.Single(queue.Open).Number);
        (ReviewQueue replayed, _) = Empty();
        facts.ForEach(replayed.Apply);
        Assert.Equal(Snapshot.Of(queue.Shape), Snapshot.Of(replayed.Shape));
        (ReviewQueue restored, _) = Empty();
        Snapshot.Into(Snapshot.Of(queue.Shape), restored.Shape);
        Assert.Equal(Snapshot.Of(queue.Shape), Snapshot.Of(restored.Shape));
    }

    [Fact]
    public void A_full_queue_counts_what_it_misses()
    {
        (ReviewQueue queue, _) = Empty();
        for (uint subject = 0; subject < ReviewQueue.ConflictsMax; subject++)
        {
            Assert.Equal(ReviewVerdict.Opened, queue.Bring(default, About(subject, 1)));
        }

        Assert.Equal(ReviewVerdict.Missed, queue.Bring(default, About(ReviewQueue.ConflictsMax, 1)));
        Assert.Equal(ReviewVerdict.Repeated, queue.Bring(default, About(0, 1)));
        Assert.Equal(1ul, queue.Missed);
        Assert.Equal(ReviewQueue.ConflictsMax, queue.Open.Count());
    }

    [Fact]
    public void A_return_always_has_room_and_stays_when_it_was_rejected()
    {
        (ReviewQueue queue, List<ReviewFact> facts) = Empty();
        for (uint subject = 0; subject < ReviewQueue.ConflictsMax; subject++)
        {
            _ = queue.Bring(default, About(subject, 1));
        }

        var doubt = new ReviewMatter.Doubt(new NodeId(7), 3, [501], CanBeTaken: true);
        Assert.Equal(ReviewVerdict.Opened, queue.Bring(default, doubt));
        Assert.Equal(ReviewVerdict.Repeated, queue.Bring(default, doubt with { Blocks = 9 }));
        ulong number = queue.Open.Last().Number;
        Assert.Equal(CaseStatus.Rejected, queue.Reject(number)!.Status);
        Assert.Null(queue.Reject(number));
        Assert.Equal(CaseStatus.Rejected, queue.Find(number)!.Status);
        (ReviewQueue restored, _) = Empty();
        Snapshot.Into(Snapshot.Of(queue.Shape), restored.Shape);
        Assert.Equal(ReviewVerdict.Missed, restored.Bring(default, About(5_000, 1)));
        Assert.Equal(CaseStatus.Accepted, queue.Accept(number)!.Status);
        Assert.Null(queue.Find(number));
        (ReviewQueue replayed, _) = Empty();
        facts.ForEach(replayed.Apply);
        Assert.Equal(Snapshot.Of(queue.Shape), Snapshot.Of(replayed.Shape));
    }

    [Fact]
    public void Every_rule_has_its_sentence() =>
        Assert.Distinct(Enum.GetValues<MergeRule>().Select(rule => rule.Sentence()));

    [Fact]
    public void A_quarantined_node_may_finish_come_home_and_refuel_and_nothing_new()
    {
        NodeAct[] allowed =
            [NodeAct.FinishAllotted, NodeAct.ComeHome, NodeAct.Refuel, NodeAct.SpendGiven];
        foreach (NodeAct act in Enum.GetValues<NodeAct>())
        {
            Assert.True(Standing.Trusted.May(act) && Standing.Corrected.May(act));
            Assert.Equal(allowed.Contains(act), Standing.Quarantined.May(act));
        }
    }

    private static ReviewMatter About(uint subject, long amount) => new ReviewMatter.Contradiction(new(
        ConflictKind.DoubleAllocation, subject, new ConflictClaim(new NodeId(1), new Epoch(1), amount),
        new ConflictClaim(new NodeId(2), new Epoch(2), 3), MergeRule.HubAllots, IsSettled: false));

    private static (ReviewQueue Queue, List<ReviewFact> Facts) Empty()
    {
        var facts = new List<ReviewFact>();
        ReviewQueue? queue = null;
        queue = new ReviewQueue(fact =>
        {
            facts.Add(Snapshot.Read<ReviewFact>(Snapshot.Of(fact)));
            queue!.Apply(fact);
        });
        return (queue, facts);
    }
}

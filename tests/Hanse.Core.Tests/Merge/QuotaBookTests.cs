using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Hanse.Core.Identity;
using Hanse.Core.Merge;
using Xunit;

namespace Hanse.Core.Tests.Merge;

/// <summary>Rights to spend, given before anybody goes dark.</summary>
public sealed class QuotaBookTests
{
    private static readonly QuotaId _quota = new(1);

    [Fact]
    public void What_there_is_is_free_or_spent_or_somebodys_right() =>
        Gen.Select(Gen.Int[0, 2], Gen.UInt[0, 2], Gen.UInt[0, 4], Gen.Long[0, 6], Gen.Bool).Array[0, 40].Sample(
            acts =>
            {
                (QuotaBook book, List<QuotaFact> facts) = Empty();
                _ = book.Open(_quota, 10);
                foreach ((int act, uint holder, uint epoch, long amount, bool isLast) in acts)
                {
                    if (act == 0)
                    {
                        long free = book.Find(_quota)!.Free;
                        Assert.Equal(
                            amount > 0 && amount <= free,
                            book.Give(_quota, new NodeId(holder), amount) is not null);
                    }
                    else
                    {
                        _ = book.Report(_quota, new NodeId(holder), new Epoch(epoch), amount, isLast);
                    }

                    Quota quota = book.Find(_quota)!;
                    Assert.Equal(
                        10, quota.Free + quota.Spent + book.Rights.Sum(r => r.Value.Amount - r.Value.Spent));
                    Assert.True(quota.Free >= 0 && quota.Spent <= 10);
                    Assert.All(book.Rights, right => Assert.True(right.Value.Spent <= right.Value.Amount));
                }

                (QuotaBook replayed, _) = Empty();
                facts.ForEach(replayed.Apply);
                Assert.Equal(Snapshot.Of(book.Shape), Snapshot.Of(replayed.Shape));
                (QuotaBook restored, _) = Empty();
                Snapshot.Into(Snapshot.Of(book.Shape), restored.Shape);
                Assert.Equal(Snapshot.Of(book.Shape), Snapshot.Of(restored.Shape));
            });

    [Fact]
    public void Reports_may_come_in_any_order_and_more_than_once() =>
        Gen.Select(Gen.UInt[0, 2], Gen.Long[0, 5]).Array[0, 12].Sample(reports =>
        {
            // Three holders with rights of three; reports of each are all told, so only the largest counts.
            byte[] forth = Final(reports);
            Assert.Equal(forth, Final([.. reports.Reverse()]));
            Assert.Equal(forth, Final([.. reports, .. reports]));

            static byte[] Final((uint Holder, long Amount)[] reports)
            {
                (QuotaBook book, _) = Empty();
                _ = book.Open(_quota, 9);
                for (uint holder = 0; holder < 3; holder++)
                {
                    Assert.Equal(new Epoch(holder + 1), book.Give(_quota, new NodeId(holder), 3));
                }

                foreach ((uint holder, long amount) in reports)
                {
                    Assert.Equal(
                        amount > 3 ? SpendVerdict.OverSpent : SpendVerdict.Accepted,
                        book.Report(_quota, new NodeId(holder), new Epoch(holder + 1), amount, isLast: false));
                }

                return Snapshot.Of(book.Shape);
            }
        });

    [Fact]
    public void Unused_rights_come_back_once()
    {
        (QuotaBook book, _) = Empty();
        _ = book.Open(_quota, 10);
        Epoch epoch = book.Give(_quota, new NodeId(1), 6)!.Value;
        Assert.Equal(SpendVerdict.Accepted, book.Report(_quota, new NodeId(1), epoch, 2, isLast: true));
        Assert.Equal((8, 2), (book.Find(_quota)!.Free, book.Find(_quota)!.Spent));
        Assert.Equal(SpendVerdict.Stale, book.Report(_quota, new NodeId(1), epoch, 2, isLast: true));
        Assert.Equal(SpendVerdict.Stale, book.Report(_quota, new NodeId(2), epoch, 2, isLast: true));
        Assert.Equal(SpendVerdict.Unknown, book.Report(_quota, new NodeId(1), epoch.Next, 2, isLast: true));
        Assert.Equal((8, 2), (book.Find(_quota)!.Free, book.Find(_quota)!.Spent));
    }

    private static (QuotaBook Book, List<QuotaFact> Facts) Empty()
    {
        var facts = new List<QuotaFact>();
        QuotaBook? book = null;
        book = new QuotaBook(fact =>
        {
            facts.Add(Snapshot.Read<QuotaFact>(Snapshot.Of(fact)));
            book!.Apply(fact);
        });
        return (book, facts);
    }
}

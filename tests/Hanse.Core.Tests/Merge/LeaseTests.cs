using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Hanse.Core.Identity;
using Hanse.Core.Merge;
using Hanse.Core.Time;
using Xunit;

namespace Hanse.Core.Tests.Merge;

/// <summary>Leases: one holder at a time, and old epochs refused.</summary>
public sealed class LeaseTests
{
    private static readonly Gen<Lease> _lease =
        Gen.Select(Gen.ULong[0, 1], Gen.UInt[0, 2], Gen.UInt[1, 4], Gen.Int[0, 6], Gen.Int[1, 3]).Select(
            (subject, holder, epoch, from, length) => new Lease(
                new LeaseSubject(LeaseKind.Berth, subject), new NodeId(holder), new Epoch(epoch),
                new Instant(from), new Instant(from + length)));

    [Fact]
    public void The_sweep_finds_every_overlap_of_two_holders_and_no_other() =>
        _lease.Array[0, 12].Sample(leases =>
        {
            var expected = new SortedSet<(Lease, Lease)>();
            foreach (Lease a in leases)
            {
                foreach (Lease b in leases)
                {
                    if (a.Holder != b.Holder && a.CompareTo(b) < 0 && a.Subject == b.Subject
                        && a.From < b.Until && b.From < a.Until)
                    {
                        _ = expected.Add((a, b));
                    }
                }
            }

            Overlap[] found = [.. LeaseSweep.Overlaps(leases, int.MaxValue)];
            Assert.Equal(expected, found.Select(pair => (pair.First, pair.Second)).Order());
            Assert.Equal(found, LeaseSweep.Overlaps([.. leases.Reverse()], int.MaxValue));
            Assert.Equal(found.Take(2), LeaseSweep.Overlaps(leases, 2));
        });

    [Fact]
    public void No_two_leases_of_a_book_overlap_and_epochs_only_rise() =>
        Gen.Select(_lease, Gen.Int[0, 4]).Array[0, 40].Sample(wishes =>
        {
            (LeaseBook book, List<LeaseFact> facts) = Empty();
            var highest = new SortedDictionary<LeaseSubject, uint>();
            foreach ((Lease wish, int act) in wishes)
            {
                if (act == 0)
                {
                    book.Revoke(wish.Subject, wish.Epoch);
                }
                else
                {
                    bool isStale = wish.Epoch.Value <= highest.GetValueOrDefault(wish.Subject);
                    bool isHeld = book.Of(wish.Subject).Any(lease => lease.Overlaps(wish));
                    GrantVerdict verdict = book.Grant(wish);
                    Assert.Equal(
                        isStale ? GrantVerdict.Stale : isHeld ? GrantVerdict.Held : GrantVerdict.Granted,
                        verdict);
                    if (verdict == GrantVerdict.Granted)
                    {
                        highest[wish.Subject] = wish.Epoch.Value;
                        Assert.Equal(ClaimVerdict.Held, book.Judge(wish));
                    }
                }
            }

            Lease[] all = [.. highest.Keys.SelectMany(subject => book.Of(subject))];
            foreach (Lease lease in all)
            {
                Assert.Single(all, other => other.Overlaps(lease));
            }

            (LeaseBook replayed, _) = Empty();
            facts.ForEach(replayed.Apply);
            Assert.Equal(Snapshot.Of(book.Shape), Snapshot.Of(replayed.Shape));
            (LeaseBook restored, _) = Empty();
            Snapshot.Into(Snapshot.Of(book.Shape), restored.Shape);
            Assert.Equal(Snapshot.Of(book.Shape), Snapshot.Of(restored.Shape));
        });

    [Fact]
    public void A_lease_taken_back_is_stale_however_late_its_holder_comes()
    {
        (LeaseBook book, _) = Empty();
        var site = new LeaseSubject(LeaseKind.Site, 7);
        var first = new Lease(site, new NodeId(1), new Epoch(1), new Instant(0), new Instant(100));
        var second = new Lease(site, new NodeId(2), new Epoch(2), new Instant(50), new Instant(200));
        Assert.Equal(GrantVerdict.Granted, book.Grant(first));
        Assert.Equal(GrantVerdict.Held, book.Grant(second));
        book.Revoke(site, new Epoch(1));
        Assert.Equal(GrantVerdict.Granted, book.Grant(second));
        Assert.Equal(ClaimVerdict.Stale, book.Judge(first));
        Assert.Equal(ClaimVerdict.Other, book.Judge(second with { Holder = new NodeId(1) }));
        Assert.Equal(ClaimVerdict.Unknown, book.Judge(first with { Epoch = new Epoch(3) }));
        book.Prune(new Instant(200));
        Assert.Equal(ClaimVerdict.Stale, book.Judge(second));
        book.Close(site);
        Assert.Equal(ClaimVerdict.Unknown, book.Judge(second));
    }

    private static (LeaseBook Book, List<LeaseFact> Facts) Empty()
    {
        var facts = new List<LeaseFact>();
        LeaseBook? book = null;
        book = new LeaseBook(fact =>
        {
            facts.Add(Snapshot.Read<LeaseFact>(Snapshot.Of(fact)));
            book!.Apply(fact);
        });
        return (book, facts);
    }
}

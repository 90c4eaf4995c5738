using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Merge;

/// <summary>What became of a wish for a lease.</summary>
public enum GrantVerdict
{
    /// <summary>It is in the book.</summary>
    Granted,

    /// <summary>Somebody holds the subject for part of that time.</summary>
    Held,

    /// <summary>Its epoch is not above all before it.</summary>
    Stale,

    /// <summary>The book, or the subject, has no room for another.</summary>
    Full,
}

/// <summary>What the book says of a lease that a node claims to hold.</summary>
public enum ClaimVerdict
{
    /// <summary>As granted.</summary>
    Held,

    /// <summary>An older epoch: it was taken back, or ran out and was forgotten.</summary>
    Stale,

    /// <summary>Granted to somebody else, or for another time.</summary>
    Other,

    /// <summary>No such epoch was ever given.</summary>
    Unknown,
}

/// <summary>All leases of a region, and the epochs that fence off those that are over.</summary>
/// <remarks>
/// A lease (Gray and Cheriton, SOSP 1989) with a fencing token: every grant on a subject has a higher epoch
/// than all before it, and whoever guards the subject refuses a lower one. So a holder that was out of reach
/// when its lease was given to another cannot do harm, however late it comes back, and a hub that was thought
/// dead cannot allot twice. Invariant: no two leases of one subject overlap. Limits: see the constants; a
/// grant beyond them is refused.
/// </remarks>
/// <param name="record">Persists a fact and applies it.</param>
public sealed class LeaseBook(Action<LeaseFact> record)
{
    /// <summary>Most subjects, contracts that are not forgotten included.</summary>
    public const int SubjectsMax = 200_000;

    /// <summary>Most leases of one subject.</summary>
    public const int LeasesMax = 64;

    private readonly SortedDictionary<LeaseSubject, Subject> _subjects = [];

    /// <summary>The epoch that the next grant on a subject may have.</summary>
    public Epoch NextEpoch(LeaseSubject subject) =>
        _subjects.TryGetValue(subject, out Subject? known) ? known.Last.Next : new Epoch(1);

    /// <summary>The leases of a subject, by time.</summary>
    public ImmutableArray<Lease> Of(LeaseSubject subject) =>
        _subjects.TryGetValue(subject, out Subject? known) ? known.Leases : [];

    /// <summary>Puts a lease into the book, if nobody else has the subject then.</summary>
    public GrantVerdict Grant(Lease lease)
    {
        Invariant.Holds(lease.From < lease.Until);
        bool isKnown = _subjects.TryGetValue(lease.Subject, out Subject? known);
        GrantVerdict verdict =
            !isKnown && _subjects.Count >= SubjectsMax ? GrantVerdict.Full
            : known is { Leases.Length: >= LeasesMax } ? GrantVerdict.Full
            : lease.Epoch.Value < NextEpoch(lease.Subject).Value ? GrantVerdict.Stale
            : OverlapOf(lease) is not null ? GrantVerdict.Held
            : GrantVerdict.Granted;
        if (verdict == GrantVerdict.Granted)
        {
            record(new LeaseFact.Granted(lease));
        }

        return verdict;
    }

    /// <summary>Takes a lease back; one that is not in the book is left alone.</summary>
    public void Revoke(LeaseSubject subject, Epoch epoch)
    {
        if (Find(subject, epoch) is not null)
        {
            record(new LeaseFact.Revoked(subject, epoch));
        }
    }

    /// <summary>Forgets leases that ended by then: so long ago that no node can still come back with
    /// one.</summary>
    public void Prune(Instant before) => record(new LeaseFact.Pruned(before));

    /// <summary>Forgets a subject that is over, so that contracts do not fill the book.</summary>
    public void Close(LeaseSubject subject)
    {
        if (_subjects.ContainsKey(subject))
        {
            record(new LeaseFact.Closed(subject));
        }
    }

    /// <summary>What the book says of a claim.</summary>
    public ClaimVerdict Judge(Lease claim)
    {
        Lease? granted = Find(claim.Subject, claim.Epoch);
        return granted is null
            ? claim.Epoch.Value < NextEpoch(claim.Subject).Value ? ClaimVerdict.Stale : ClaimVerdict.Unknown
            : granted.Holder == claim.Holder && granted.From <= claim.From && claim.Until <= granted.Until
                ? ClaimVerdict.Held
                : ClaimVerdict.Other;
    }

    /// <summary>The first lease in the book that gives somebody the subject during part of that
    /// time.</summary>
    public Lease? OverlapOf(Lease lease)
    {
        foreach (Lease other in Of(lease.Subject))
        {
            if (other.Overlaps(lease))
            {
                return other;
            }
        }

        return null;
    }

    /// <summary>Applies one remembered fact.</summary>
    public void Apply(LeaseFact fact)
    {
        switch (fact)
        {
            case LeaseFact.Granted(var lease):
                Invariant.Holds(OverlapOf(lease) is null);
                Invariant.Holds(lease.Epoch.Value >= NextEpoch(lease.Subject).Value);
                ImmutableArray<Lease> leases = Of(lease.Subject);
                int place = leases.BinarySearch(lease);
                _subjects[lease.Subject] = new Subject(lease.Epoch, leases.Insert(~place, lease));
                break;
            case LeaseFact.Revoked(var subject, var epoch):
                Subject known = _subjects[subject];
                _subjects[subject] = known with { Leases = known.Leases.Remove(Find(subject, epoch)!) };
                break;
            case LeaseFact.Pruned(var before):
                foreach (LeaseSubject subject in new List<LeaseSubject>(_subjects.Keys))
                {
                    Subject old = _subjects[subject];
                    _subjects[subject] = old with { Leases = old.Leases.RemoveAll(l => l.Until <= before) };
                }

                break;
            case LeaseFact.Closed(var subject):
                _ = _subjects.Remove(subject);
                break;
            default:
                throw new UnreachableException($"no rule for {fact}");
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("leases", 1);
        codec.Table(
            "subjects",
            _subjects,
            static (ref TCodec c, LeaseSubject key) => LeaseSubject.Shape(ref c, "subject", key),
            static (ref TCodec c, Subject value) =>
            {
                c.Open("held", 2);
                Epoch last = c.Epoch("last", value?.Last ?? default);
                ImmutableArray<Lease> leases = c.List("leases", value?.Leases ?? [], LeasesMax);
                c.Close();
                return new Subject(last, leases);
            });
        codec.Close();
    }

    private Lease? Find(LeaseSubject subject, Epoch epoch)
    {
        foreach (Lease lease in Of(subject))
        {
            if (lease.Epoch == epoch)
            {
                return lease;
            }
        }

        return null;
    }

    // The highest epoch given on a subject, and its leases by time.
    private sealed record Subject(Epoch Last, ImmutableArray<Lease> Leases);
}

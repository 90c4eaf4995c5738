using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Hub;

/// <summary>A machine that was built by another and is a node by its word.</summary>
/// <param name="Certificate">What its parent signed.</param>
/// <param name="Quota">Out of which quota.</param>
/// <param name="At">When the hub took it for a node.</param>
/// <param name="Enrolled">When it was enrolled; <see cref="Instant.Never"/> while it has not called
/// since.</param>
/// <param name="Settled">Contracts that it has settled, while it is on probation.</param>
/// <param name="IsOnProbation">Whether it is kept as one that has proven nothing.</param>
public sealed record Birth(
    BirthCertificate Certificate, uint Quota, Instant At, Instant Enrolled, int Settled, bool IsOnProbation)
    : IShaped<Birth>
{
    /// <inheritdoc/>
    public static Birth Shape<TCodec>(ref TCodec codec, Birth? value)
        where TCodec : struct, ICodec
    {
        codec.Open("birth", 6);
        BirthCertificate certificate = BirthCertificate.Shape(ref codec, value?.Certificate);
        uint quota = (uint)codec.Integer("quota", value?.Quota ?? 0, 0, uint.MaxValue);
        Instant at = codec.Moment("at", value?.At ?? default);
        Instant enrolled = codec.Moment("enrolled", value?.Enrolled ?? default);
        int settled = codec.Number("settled", value?.Settled ?? 0);
        bool isOnProbation = codec.Flag("isOnProbation", value?.IsOnProbation ?? false);
        codec.Close();
        return value ?? new Birth(certificate, quota, at, enrolled, settled, isOnProbation);
    }
}

/// <summary>Which machines may be born in a region, by whom, and which were.</summary>
/// <remarks>
/// The problem: a machine that was built by another, out of reach of people, has no token that a person gave
/// it, and its parent may be silent for weeks, or cheat. The idea: a right to be born is a number. Operators
/// sign a range of them, the strategic layer divides it among hubs, and a hub lends a parent some of its own.
/// So at any time a number is in one place: with the strategic layer, here, in one lease, or a node's; and
/// two children of one number are two keys for one node, of which the first that is shown is the node.
/// <code>
///   share --> lease of a parent --> born
///     ^            | its time, and that of its children, is over: what nobody has shown
///     +------------+
/// </code>
/// <para>
/// Invariants. What is given is what is free, lent or born (<see cref="IsConserved"/>). A number is lent by
/// one lease at a time, and one whose lease is over is taken from nobody who has a certificate of that lease.
/// A number that was born is never given again. A parent that signed a number twice is barred: what is
/// shown of its leases after that is refused, and what was born before stays.
/// </para>
/// Memory: leases that are not over, at most <see cref="LeasesMax"/> of one parent, and all births.
/// </remarks>
public sealed class BirthBook
{
    /// <summary>Most leases of a parent that are not over.</summary>
    public const int LeasesMax = 4;

    /// <summary>Most shares of a region.</summary>
    public const int SharesMax = 64;

    private readonly Action<BirthFact> _record;
    private readonly SortedDictionary<uint, Share> _shares = [];
    private readonly SortedDictionary<ulong, BirthFact.Leased> _leases = [];
    private readonly SortedDictionary<NodeId, Birth> _births = [];
    private readonly SortedSet<NodeId> _barred = [];

    // Children of other regions' that came here on probation.
    private readonly SortedDictionary<NodeId, Guest> _guests = [];

    // What a parent was answered last, by its own count.
    private readonly SortedDictionary<NodeId, BirthLeased> _answers = [];

    // Derived: children that have not called since, and those on probation.
    private readonly SortedSet<NodeId> _awaited = [];
    private readonly SortedSet<NodeId> _young = [];

    private ulong _lastLease;

    internal BirthBook(Action<BirthFact> record) => _record = record;

    /// <summary>All births, by number.</summary>
    public IReadOnlyDictionary<NodeId, Birth> Births => _births;

    /// <summary>Leases that are not over, by number.</summary>
    public IReadOnlyDictionary<ulong, BirthFact.Leased> Leases => _leases;

    /// <summary>Parents that have signed a number twice.</summary>
    public IReadOnlySet<NodeId> BarredParents => _barred;

    /// <summary>Quotas that the region has a share of.</summary>
    public IReadOnlyCollection<uint> Quotas => _shares.Keys;

    /// <summary>Children that are nodes and have not called since.</summary>
    public int Awaited => _awaited.Count;

    /// <summary>Whether all that was given is in one place each: free, lent or born.</summary>
    public bool IsConserved
    {
        get
        {
            foreach ((uint quota, Share share) in _shares)
            {
                (ulong free, ulong lent, ulong born) = CountOf(quota);
                if (free + lent + born != share.Given.Range.Count)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>When something is due.</summary>
    internal Instant NextWake
    {
        get
        {
            Instant wake = Instant.Never;
            foreach (BirthFact.Leased lease in _leases.Values)
            {
                wake = Instant.Min(wake, lease.ShowBy);
            }

            return wake;
        }
    }

    /// <summary>How many of a share are free, lent and not born, and born.</summary>
    public (ulong Free, ulong Lent, ulong Born) CountOf(uint quota)
    {
        ulong free = 0;
        foreach (BirthRange range in _shares[quota].Free)
        {
            free += range.Count;
        }

        ulong lent = 0;
        foreach (BirthFact.Leased lease in _leases.Values)
        {
            lent += lease.Quota == quota ? (ulong)Unborn(lease.Lease.Range).Length : 0;
        }

        ulong born = 0;
        foreach (Birth birth in _births.Values)
        {
            born += birth.Quota == quota ? 1UL : 0;
        }

        return (free, lent, born);
    }

    /// <summary>Whether a number is one that has to be born.</summary>
    internal bool IsForChildren(NodeId node)
    {
        bool isForChildren = false;
        foreach (Share share in _shares.Values)
        {
            isForChildren |= share.Given.Range.Has(node);
        }

        return isForChildren;
    }

    /// <summary>Whether a node is on probation, or not enrolled yet.</summary>
    internal bool IsOnProbation(NodeId node) => _young.Contains(node) || _guests.ContainsKey(node);

    /// <summary>What a contract of a node is worth at most; null for no limit of that kind.</summary>
    internal Credits? WorthMaxOf(NodeId node) =>
        _guests.TryGetValue(node, out Guest? guest) ? guest.Terms.WorthMax
        : _young.Contains(node) ? TermsOf(_births[node]).WorthMax : null;

    /// <summary>A child of another region's comes on probation. Told again, it begins again.</summary>
    /// <returns>False when the terms cannot be meant.</returns>
    internal bool Take(Instant now, NodeProbation told)
    {
        if (told.Terms.IsSound)
        {
            _record(new BirthFact.ProbationTaken(told.Node, told.Terms, now));
        }

        return told.Terms.IsSound;
    }

    /// <summary>Takes a share of a quota.</summary>
    /// <returns>False when it cannot be meant: another of the same quota, numbers of another one.</returns>
    internal bool Take(BirthShare share)
    {
        bool fits = share.Range.IsSound && share.Terms.IsSound && _shares.Count < SharesMax
            && !_shares.ContainsKey(share.Quota);
        foreach (Share other in _shares.Values)
        {
            fits &= !other.Given.Range.Overlaps(share.Range);
        }

        if (fits)
        {
            _record(new BirthFact.ShareTaken(share));
        }

        return fits;
    }

    /// <summary>A parent asks for numbers.</summary>
    /// <param name="now">Now.</param>
    /// <param name="parent">Who.</param>
    /// <param name="key">Its key, which its certificates are held against when it may be elsewhere.</param>
    /// <param name="asked">What it says.</param>
    /// <param name="reason">Why it may have none whatever is left; none otherwise.</param>
    internal BirthLeased Lend(
        Instant now, NodeId parent, byte[] key, BirthAsked asked, BirthRefusal reason)
    {
        if (_answers.TryGetValue(parent, out BirthLeased? last) && last.Asked == asked.Number)
        {
            return last; // The same again.
        }

        uint quota = 0;
        reason = reason != BirthRefusal.None ? reason
            : _barred.Contains(parent) ? BirthRefusal.ParentBarred
            : LeasesOf(parent) >= LeasesMax ? BirthRefusal.NoneLeft
            : Choose(now, asked, out quota);
        if (reason != BirthRefusal.None)
        {
            // Not remembered: it may ask again under the same number, when things are otherwise.
            return new BirthLeased(asked.Number, reason, 0, default, asked.Class, asked.Generation, default);
        }

        Share share = _shares[quota];
        BirthTerms terms = share.Given.Terms;
        BirthRange free = share.Free[0];
        var range = new BirthRange(free.First, Math.Min(free.Count, asked.Count));
        Instant until = Instant.Min((now + terms.LeaseTime).FloorSecond, terms.Until);
        var lease = new BirthLeased(
            asked.Number, BirthRefusal.None, _lastLease + 1, range, asked.Class, asked.Generation, until);
        _record(new BirthFact.Leased(parent, key, quota, lease, until + terms.ShowTime));
        return lease;
    }

    /// <summary>A machine comes with its parent's word.</summary>
    /// <param name="now">Now.</param>
    /// <param name="certificate">Signed by that key; whoever calls has seen to that.</param>
    /// <param name="key">The key that signed it.</param>
    /// <param name="present">The key that is the parent's now, if it is here; null otherwise.</param>
    /// <param name="standing">What the hub says of parent, number, key and room; none when nothing is against
    /// it.</param>
    internal BirthRefusal Show(
        Instant now, BirthCertificate certificate, byte[] key, byte[]? present, BirthRefusal standing)
    {
        BirthFact.Leased? lease = _leases.GetValueOrDefault(certificate.Lease);
        bool isSigned = key.AsSpan().SequenceEqual(lease?.ParentKey) || key.AsSpan().SequenceEqual(present);
        if (_births.TryGetValue(certificate.Child, out Birth? birth))
        {
            return ShowAgain(now, certificate, birth, isSigned);
        }

        BirthRefusal refusal =
            lease is null || lease.Parent != certificate.Parent ? BirthRefusal.NoLease
            : !isSigned ? BirthRefusal.UnknownParent
            : _barred.Contains(certificate.Parent) ? BirthRefusal.ParentBarred
            : standing != BirthRefusal.None ? standing
            : !lease.Lease.Range.Has(certificate.Child) ? BirthRefusal.NumberTaken
            : now >= lease.ShowBy || certificate.At > lease.Lease.Until ? BirthRefusal.Expired
            : lease.Lease.Class != certificate.Class || lease.Lease.Generation != certificate.Generation
                ? BirthRefusal.WrongClass
            : BirthRefusal.None;
        if (refusal == BirthRefusal.None)
        {
            _record(new BirthFact.Born(certificate, now));
        }

        return refusal;
    }

    /// <summary>A child has called as a node for the first time.</summary>
    internal void Enrol(Instant now, NodeId child) => _record(new BirthFact.ProbationBegan(child, now));

    /// <summary>Does what is due: ends leases whose children are too late, and probations that are
    /// over.</summary>
    internal void Wake(Instant now)
    {
        if (_leases.Count > 0 && NextWake <= now)
        {
            foreach ((ulong number, BirthFact.Leased lease) in
                (KeyValuePair<ulong, BirthFact.Leased>[])[.. _leases])
            {
                if (lease.ShowBy <= now)
                {
                    _record(new BirthFact.LeaseEnded(number));
                }
            }
        }

        if (_young.Count > 0)
        {
            foreach (NodeId child in (NodeId[])[.. _young])
            {
                Birth birth = _births[child];
                BirthTerms terms = TermsOf(birth);
                if (birth.Enrolled != Instant.Never
                    && terms.IsProbationOver(now - birth.Enrolled, birth.Settled))
                {
                    _record(new BirthFact.ProbationEnded(child));
                }
            }
        }

        if (_guests.Count > 0)
        {
            foreach ((NodeId child, Guest guest) in (KeyValuePair<NodeId, Guest>[])[.. _guests])
            {
                if (guest.Terms.IsProbationOver(now - guest.Since, guest.Settled))
                {
                    _record(new BirthFact.ProbationEnded(child));
                }
            }
        }
    }

    /// <summary>Children of a parent on probation; of those that came from elsewhere no parent is
    /// known.</summary>
    internal ImmutableArray<NodeId> YoungOf(NodeId parent)
    {
        ImmutableArray<NodeId>.Builder young = ImmutableArray.CreateBuilder<NodeId>();
        foreach (NodeId child in _young)
        {
            if (_births[child].Certificate.Parent == parent)
            {
                young.Add(child);
            }
        }

        return young.ToImmutable();
    }

    /// <summary>A node settled a contract.</summary>
    internal void ApplySettled(NodeId node)
    {
        if (_young.Contains(node))
        {
            _births[node] = _births[node] with { Settled = _births[node].Settled + 1 };
        }

        if (_guests.TryGetValue(node, out Guest? guest))
        {
            _guests[node] = guest with { Settled = guest.Settled + 1 };
        }
    }

    /// <summary>A node is retired, or another region's: it is on no probation here.</summary>
    internal void ApplyGone(NodeId node)
    {
        _ = _guests.Remove(node);
        if (_births.TryGetValue(node, out Birth? birth))
        {
            _ = _young.Remove(node);
            _ = _awaited.Remove(node);
            _births[node] = birth with { IsOnProbation = false };
        }
    }

    /// <summary>Applies one remembered fact.</summary>
    internal void Apply(BirthFact fact)
    {
        switch (fact)
        {
            case BirthFact.ShareTaken(var share):
                _shares.Add(share.Quota, new Share(share, [share.Range]));
                break;
            case BirthFact.Leased leased:
                _lastLease = leased.Lease.Lease;
                _leases.Add(_lastLease, leased);
                _answers[leased.Parent] = leased.Lease;
                Share of = _shares[leased.Quota];
                BirthRange first = of.Free[0];
                uint left = first.Count - leased.Lease.Range.Count;
                _shares[leased.Quota] = of with
                {
                    Free = left == 0
                        ? of.Free.RemoveAt(0)
                        : of.Free.SetItem(0, new BirthRange(first.First + leased.Lease.Range.Count, left)),
                };
                break;
            case BirthFact.Born(var certificate, var at):
                uint quota = _leases[certificate.Lease].Quota;
                _births.Add(certificate.Child, new Birth(certificate, quota, at, Instant.Never, 0, true));
                _ = _awaited.Add(certificate.Child);
                _ = _young.Add(certificate.Child);
                break;
            case BirthFact.Barred(var second, _):
                _ = _barred.Add(second.Parent);
                break;
            case BirthFact.LeaseEnded(var number):
                _ = _leases.Remove(number, out BirthFact.Leased? over);
                Return(over!);
                break;
            case BirthFact.ProbationBegan(var child, var since):
                _ = _awaited.Remove(child);
                _births[child] = _births[child] with { Enrolled = since };
                break;
            case BirthFact.ProbationTaken(var guest, var terms, var came):
                _guests[guest] = new Guest(terms, came, 0);
                break;
            case BirthFact.ProbationEnded(var grown) when _guests.Remove(grown):
                break;
            case BirthFact.ProbationEnded(var grown):
                _ = _young.Remove(grown);
                _births[grown] = _births[grown] with { IsOnProbation = false };
                break;
            default:
                throw new UnreachableException($"no rule for {fact}");
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    internal void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("births", 7);
        codec.Table(
            "shares",
            _shares,
            static (ref TCodec c, uint key) => (uint)c.Integer("quota", key, 0, uint.MaxValue),
            static (ref TCodec c, Share value) => Share.Shape(ref c, value));
        _lastLease = codec.Count("lastLease", _lastLease);
        codec.Table(
            "leases",
            _leases,
            static (ref TCodec c, ulong key) => c.Count("lease", key),
            static (ref TCodec c, BirthFact.Leased value) =>
                (BirthFact.Leased)BirthFact.Shape(ref c, value));
        codec.Table(
            "births",
            _births,
            static (ref TCodec c, NodeId key) => c.Node("child", key),
            static (ref TCodec c, Birth value) => Birth.Shape(ref c, value));
        codec.Set("barred", _barred, static (ref TCodec c, NodeId node) => c.Node("node", node));
        codec.Table(
            "answers",
            _answers,
            static (ref TCodec c, NodeId key) => c.Node("parent", key),
            static (ref TCodec c, BirthLeased value) => BirthLeased.Shape(ref c, value));
        codec.Table(
            "guests",
            _guests,
            static (ref TCodec c, NodeId key) => c.Node("child", key),
            static (ref TCodec c, Guest value) => Guest.Shape(ref c, value));
        codec.Close();
        if (codec.IsReading)
        {
            _awaited.Clear();
            _young.Clear();
            foreach ((NodeId child, Birth birth) in _births)
            {
                if (birth.IsOnProbation)
                {
                    _ = _young.Add(child);
                    _ = birth.Enrolled == Instant.Never && _awaited.Add(child);
                }
            }
        }
    }

    private BirthTerms TermsOf(Birth birth) => _shares[birth.Quota].Given.Terms;

    // The same certificate again, or a later one that says the same of this key, is an old story. Another key
    // under the same number, and by the same hand, is a fraud, and the certificate is the proof of it.
    private BirthRefusal ShowAgain(Instant now, BirthCertificate certificate, Birth birth, bool isSigned)
    {
        BirthCertificate known = birth.Certificate;
        if (known.PublicKey.AsSpan().SequenceEqual(certificate.PublicKey))
        {
            return known.Parent == certificate.Parent ? BirthRefusal.None : BirthRefusal.NumberTaken;
        }

        if (known.Parent == certificate.Parent && known.Lease == certificate.Lease && isSigned
            && !_barred.Contains(known.Parent))
        {
            _record(new BirthFact.Barred(certificate, now));
        }

        return known.Parent == certificate.Parent ? BirthRefusal.Spent : BirthRefusal.NumberTaken;
    }

    private int LeasesOf(NodeId parent)
    {
        int count = 0;
        foreach (BirthFact.Leased lease in _leases.Values)
        {
            count += lease.Parent == parent ? 1 : 0;
        }

        return count;
    }

    // The quota that ends first, of those that allow such a machine and have numbers left.
    private BirthRefusal Choose(Instant now, BirthAsked asked, out uint quota)
    {
        BirthRefusal reason = BirthRefusal.NoneLeft;
        Instant until = Instant.Never;
        quota = 0;
        foreach ((uint number, Share share) in _shares)
        {
            BirthTerms terms = share.Given.Terms;
            if (now.FloorSecond >= terms.Until)
            {
                reason = reason == BirthRefusal.NoneLeft ? BirthRefusal.Expired : reason;
            }
            else if (!terms.Allows(asked.Class, asked.Generation))
            {
                reason = BirthRefusal.WrongClass;
            }
            else if (!share.Free.IsEmpty && terms.Until < until)
            {
                (quota, until) = (number, terms.Until);
            }
        }

        return quota == 0 ? reason : BirthRefusal.None;
    }

    private ImmutableArray<uint> Unborn(BirthRange range)
    {
        ImmutableArray<uint>.Builder unborn = ImmutableArray.CreateBuilder<uint>();
        for (uint number = range.First; number < range.End; number++)
        {
            if (!_births.ContainsKey(new NodeId(number)))
            {
                unborn.Add(number);
            }
        }

        return unborn.ToImmutable();
    }

    // What nobody has shown is free again, in order of numbers and in as few ranges as there can be.
    private void Return(BirthFact.Leased over)
    {
        Share share = _shares[over.Quota];
        var numbers = new SortedDictionary<uint, uint>();
        foreach (BirthRange range in share.Free)
        {
            numbers.Add(range.First, range.Count);
        }

        foreach (uint number in Unborn(over.Lease.Range))
        {
            numbers.Add(number, 1);
        }

        ImmutableArray<BirthRange>.Builder free = ImmutableArray.CreateBuilder<BirthRange>();
        foreach ((uint first, uint count) in numbers)
        {
            if (free.Count > 0 && free[^1].End == first)
            {
                free[^1] = new BirthRange(free[^1].First, free[^1].Count + count);
            }
            else
            {
                free.Add(new BirthRange(first, count));
            }
        }

        _shares[over.Quota] = share with { Free = free.ToImmutable() };
    }

    // A child of another region's on probation: by which terms, since when, and what it has settled here.
    private sealed record Guest(BirthTerms Terms, Instant Since, int Settled)
    {
        public static Guest Shape<TCodec>(ref TCodec codec, Guest? value)
            where TCodec : struct, ICodec
        {
            codec.Open("guest", 3);
            BirthTerms terms = BirthTerms.Shape(ref codec, value?.Terms);
            Instant since = codec.Moment("since", value?.Since ?? default);
            int settled = codec.Number("settled", value?.Settled ?? 0);
            codec.Close();
            return value ?? new Guest(terms, since, settled);
        }
    }

    // A share of a quota, and what of it is neither lent nor born.
    private sealed record Share(BirthShare Given, ImmutableArray<BirthRange> Free)
    {
        public static Share Shape<TCodec>(ref TCodec codec, Share? value)
            where TCodec : struct, ICodec
        {
            codec.Open("share", 2);
            BirthShare given = BirthShare.Shape(ref codec, value?.Given);
            int count = codec.OpenList("free", value?.Free.Length ?? 0, (int)BirthRange.CountMax);
            ImmutableArray<BirthRange>.Builder free = ImmutableArray.CreateBuilder<BirthRange>();
            for (int i = 0; i < count && !codec.Failed; i++)
            {
                codec.Open("range", 2);
                free.Add(BirthRange.Fields(ref codec, value?.Free[i] ?? default));
                codec.Close();
            }

            codec.CloseList();
            codec.Close();
            return value ?? new Share(given, free.ToImmutable());
        }
    }
}

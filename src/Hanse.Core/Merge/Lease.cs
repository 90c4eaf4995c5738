using System;
using Hanse.Core.Identity;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Merge;

/// <summary>What a lease is for. The numbers are in snapshots.</summary>
public enum LeaseKind
{
    /// <summary>A mining site.</summary>
    Site = 1,

    /// <summary>A berth of a depot.</summary>
    Berth = 2,

    /// <summary>A stretch of space or seabed that one machine at a time may use.</summary>
    Corridor = 3,

    /// <summary>Awarded work.</summary>
    Contract = 4,
}

/// <summary>One thing that has at most one holder at a time.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Number">Which of its kind.</param>
public readonly record struct LeaseSubject(LeaseKind Kind, ulong Number) : IComparable<LeaseSubject>
{
    /// <inheritdoc/>
    public int CompareTo(LeaseSubject other) =>
        Kind != other.Kind ? Kind.CompareTo(other.Kind) : Number.CompareTo(other.Number);

    /// <summary>Walks the fields.</summary>
    public static LeaseSubject Shape<TCodec>(ref TCodec codec, string name, LeaseSubject value)
        where TCodec : struct, ICodec
    {
        codec.Open(name, 2);
        var kind = (LeaseKind)codec.Integer("kind", (long)value.Kind, 1, 4);
        ulong number = (ulong)codec.Integer("number", (long)value.Number, 0, long.MaxValue);
        codec.Close();
        return new LeaseSubject(kind, number);
    }
}

/// <summary>Sole authority over a subject for a time, under an epoch that fences off older ones.</summary>
/// <param name="Subject">Over what.</param>
/// <param name="Holder">Whose.</param>
/// <param name="Epoch">Its number on that subject; a later grant has a higher one.</param>
/// <param name="From">The first instant.</param>
/// <param name="Until">The first instant that is no longer covered; after <paramref name="From"/>.</param>
public sealed record Lease(LeaseSubject Subject, NodeId Holder, Epoch Epoch, Instant From, Instant Until)
    : IShaped<Lease>, IComparable<Lease>
{
    /// <summary>Whether both cover some instant of one subject.</summary>
    public bool Overlaps(Lease other) =>
        Subject == other.Subject && From < other.Until && other.From < Until;

    /// <summary>By subject, then by time, then by holder and epoch.</summary>
    public int CompareTo(Lease? other)
    {
        if (other is null)
        {
            return 1;
        }

        int order = Subject.CompareTo(other.Subject);
        order = order != 0 ? order : From.CompareTo(other.From);
        order = order != 0 ? order : Until.CompareTo(other.Until);
        order = order != 0 ? order : Holder.CompareTo(other.Holder);
        return order != 0 ? order : Epoch.CompareTo(other.Epoch);
    }

    /// <inheritdoc/>
    public static Lease Shape<TCodec>(ref TCodec codec, Lease? value)
        where TCodec : struct, ICodec
    {
        codec.Open("lease", 5);
        LeaseSubject subject = LeaseSubject.Shape(ref codec, "subject", value?.Subject ?? default);
        NodeId holder = codec.Node("holder", value?.Holder ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        Instant from = codec.Moment("from", value?.From ?? default);
        Instant until = codec.Moment("until", value?.Until ?? default);
        codec.Close();
        if (codec.IsReading && !codec.Failed && from >= until)
        {
            codec.Refuse("a lease must end after it begins");
        }

        return value ?? new Lease(subject, holder, epoch, from, until);
    }
}

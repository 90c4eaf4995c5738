using System;
using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Wire;

namespace Hanse.Core.Merge;

/// <summary>Names a quota: so much of something that many may draw from while nobody can ask.</summary>
public readonly record struct QuotaId(ulong Value) : IComparable<QuotaId>
{
    /// <inheritdoc/>
    public int CompareTo(QuotaId other) => Value.CompareTo(other.Value);

    internal static QuotaId Shape<TCodec>(ref TCodec codec, QuotaId value)
        where TCodec : struct, ICodec =>
        new((ulong)codec.Integer("quota", (long)value.Value, 0, long.MaxValue));
}

/// <summary>A quota as its hub sees it. Total = free + spent + what holders may still spend.</summary>
/// <param name="Total">All there is, in the quota's unit.</param>
/// <param name="Free">Not given to anybody.</param>
/// <param name="Spent">Reported and accepted.</param>
/// <param name="Last">The epoch of the last right given.</param>
public sealed record Quota(long Total, long Free, long Spent, Epoch Last) : IShaped<Quota>
{
    /// <summary>The largest quota.</summary>
    public const long TotalMax = 1_000_000_000_000_000;

    /// <inheritdoc/>
    public static Quota Shape<TCodec>(ref TCodec codec, Quota? value)
        where TCodec : struct, ICodec
    {
        codec.Open("quota", 4);
        long total = codec.Integer("total", value?.Total ?? 0, 0, TotalMax);
        long free = codec.Integer("free", value?.Free ?? 0, 0, TotalMax);
        long spent = codec.Integer("spent", value?.Spent ?? 0, 0, TotalMax);
        Epoch last = codec.Epoch("last", value?.Last ?? default);
        codec.Close();
        return value ?? new Quota(total, free, spent, last);
    }
}

/// <summary>One holder's right to part of a quota.</summary>
/// <param name="Amount">What it was given.</param>
/// <param name="Spent">What it has reported of it so far.</param>
public sealed record Right(long Amount, long Spent);

/// <summary>What a book of quotas remembers.</summary>
public abstract record QuotaFact : IShaped<QuotaFact>
{
    private QuotaFact()
    {
    }

    /// <summary>There is a quota.</summary>
    public sealed record Opened(QuotaId Quota, long Total) : QuotaFact;

    /// <summary>A holder may spend so much of it.</summary>
    public sealed record Given(QuotaId Quota, NodeId Holder, Epoch Epoch, long Amount) : QuotaFact;

    /// <summary>A holder has spent so much under that epoch, all told.</summary>
    public sealed record Spent(QuotaId Quota, NodeId Holder, Epoch Epoch, long Amount) : QuotaFact;

    /// <summary>A holder is done; what it has not spent is free again.</summary>
    public sealed record Closed(QuotaId Quota, NodeId Holder, Epoch Epoch) : QuotaFact;

    /// <inheritdoc/>
    public static QuotaFact Shape<TCodec>(ref TCodec codec, QuotaFact? value)
        where TCodec : struct, ICodec
    {
        (long tag, QuotaId quota, NodeId holder, Epoch epoch, long amount) = value switch
        {
            null => (0L, default(QuotaId), default(NodeId), default(Epoch), 0L),
            Opened f => (1, f.Quota, default, default, f.Total),
            Given f => (2, f.Quota, f.Holder, f.Epoch, f.Amount),
            Spent f => (3, f.Quota, f.Holder, f.Epoch, f.Amount),
            Closed f => (4, f.Quota, f.Holder, f.Epoch, 0),
            _ => throw new UnreachableException(),
        };
        tag = codec.Case("fact", tag, 4);
        codec.Open(tag switch { 1 => "opened", 2 => "given", 3 => "spent", _ => "closed" },
            tag switch { 1 => 2, 4 => 3, _ => 4 });
        quota = QuotaId.Shape(ref codec, quota);
        if (tag != 1)
        {
            holder = codec.Node("holder", holder);
            epoch = codec.Epoch("epoch", epoch);
        }

        if (tag != 4)
        {
            amount = codec.Integer("amount", amount, 0, Quota.TotalMax);
        }

        codec.Close();
        return value ?? tag switch
        {
            1 => new Opened(quota, amount),
            2 => new Given(quota, holder, epoch, amount),
            3 => new Spent(quota, holder, epoch, amount),
            _ => new Closed(quota, holder, epoch),
        };
    }
}

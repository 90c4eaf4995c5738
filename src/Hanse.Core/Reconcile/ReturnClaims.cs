using System.Collections.Immutable;
using Hanse.Core.Journal;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

/// <summary>What a return claims of things that are not the node's own: the merge holds it against what the
/// fleet decided meanwhile.</summary>
/// <param name="Items">Unloadings, parts that were taken or put in place, leases, quotas spent and sightings,
/// in order of the journal.</param>
public sealed record ReturnClaims(ImmutableArray<Claim> Items) : IShaped<ReturnClaims>
{
    /// <summary>No claims.</summary>
    public static ReturnClaims None { get; } = new([]);

    /// <summary>Most claims of one return; one with more is refused as too large.</summary>
    public const int ItemsMax = 8192;

    /// <inheritdoc/>
    public static ReturnClaims Shape<TCodec>(ref TCodec codec, ReturnClaims? value)
        where TCodec : struct, ICodec
    {
        codec.Open("claims", 1);
        ImmutableArray<Claim> items = codec.List("items", value?.Items ?? [], ItemsMax);
        codec.Close();
        return value ?? new ReturnClaims(items);
    }
}

/// <summary>One claim and when it was made.</summary>
/// <param name="At">By the node's clock.</param>
/// <param name="Block">Where in the journal, so that it can be proved.</param>
/// <param name="Entry">The entry itself.</param>
public sealed record Claim(Instant At, ulong Block, Entry Entry) : IShaped<Claim>
{
    /// <inheritdoc/>
    public static Claim Shape<TCodec>(ref TCodec codec, Claim? value)
        where TCodec : struct, ICodec
    {
        codec.Open("claim", 4); // An entry is a tag and a record.
        Instant at = codec.Moment("at", value?.At ?? default);
        ulong block = (ulong)codec.Integer("block", (long)(value?.Block ?? 0), 0, long.MaxValue);
        Entry entry = Journal.Entry.Shape(ref codec, value?.Entry);
        codec.Close();
        return value ?? new Claim(at, block, entry);
    }
}

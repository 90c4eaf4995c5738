using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Wire;

namespace Hanse.Core.Strategy;

/// <summary>What operators sign so that machines may be born that no person has seen: so many, with these
/// numbers, of these kinds, until then.</summary>
/// <param name="Id">Given by operators; one number is one quota for ever.</param>
/// <param name="Region">Whose parents may use it; zero for all regions, in equal shares.</param>
/// <param name="Range">The numbers, each of them one birth.</param>
/// <param name="Terms">What may be born, and how the young are kept.</param>
public sealed record BirthQuota(uint Id, RegionId Region, BirthRange Range, BirthTerms Terms)
    : IShaped<BirthQuota>
{
    // So that what was signed for anything else is no quota.
    private static readonly byte[] _purpose = [.. "hanse/birth-quota/1\n"u8];

    /// <summary>What operators sign: all of it, and what it is.</summary>
    public byte[] ToSign() => [.. _purpose, .. CborWriter.Bytes(this)];

    /// <summary>Whether it can be meant.</summary>
    public bool IsSound => Id > 0 && Range.IsSound && Terms.IsSound;

    /// <inheritdoc/>
    public static BirthQuota Shape<TCodec>(ref TCodec codec, BirthQuota? value)
        where TCodec : struct, ICodec
    {
        codec.Open("birthQuota", 5);
        uint id = (uint)codec.Integer("id", value?.Id ?? 0, 0, uint.MaxValue);
        RegionId region = codec.Region("region", value?.Region ?? default);
        BirthRange range = BirthRange.Fields(ref codec, value?.Range ?? default);
        BirthTerms terms = BirthTerms.Shape(ref codec, value?.Terms);
        codec.Close();
        return value ?? new BirthQuota(id, region, range, terms);
    }
}

/// <summary>Why a quota of births was not taken. The numbers are in facts.</summary>
public enum QuotaRefusal
{
    /// <summary>Its number is that of another.</summary>
    AnotherQuota = 1,

    /// <summary>It takes more keys than have signed it.</summary>
    TooFewSignatures = 2,

    /// <summary>Somebody has signed it who is no operator.</summary>
    UnknownKey = 3,

    /// <summary>A signature does not hold.</summary>
    BadSignature = 4,

    /// <summary>It cannot be meant, or numbers of it are those of another.</summary>
    Unsound = 5,

    /// <summary>No region that it is for has authority.</summary>
    NoRegion = 6,

    /// <summary>There are as many quotas as there may be.</summary>
    TooMany = 7,
}

/// <summary>A quota, and what has become of it.</summary>
/// <param name="Quota">As signed.</param>
/// <param name="Signatures">All that came with it.</param>
/// <param name="First">The number of the question after the first signature; the others follow.</param>
/// <param name="Good">Which signatures hold, bit by bit.</param>
/// <param name="IsTaken">Whether it is an order, and not only one that is being looked at.</param>
/// <param name="Given">How many of its numbers hubs were given, from the first on.</param>
public sealed record QuotaBook(
    BirthQuota Quota, ImmutableArray<OperatorSignature> Signatures, ulong First, ulong Good, bool IsTaken,
    uint Given) : IShaped<QuotaBook>
{
    /// <summary>How many of those are nobody's for ever, as far as is known: their region was given
    /// up.</summary>
    public uint Lapsed { get; init; }

    internal bool IsVerified => Good == ((1UL << Signatures.Length) - 1);

    /// <summary>Numbers that no hub was given.</summary>
    public uint Rest => Quota.Range.Count - Given;

    internal int? PlaceOf(ulong request) =>
        request >= First && request - First < (ulong)Signatures.Length ? (int)(request - First) : null;

    /// <inheritdoc/>
    public static QuotaBook Shape<TCodec>(ref TCodec codec, QuotaBook? value)
        where TCodec : struct, ICodec
    {
        codec.Open("quotaBook", 7);
        BirthQuota quota = BirthQuota.Shape(ref codec, value?.Quota);
        ImmutableArray<OperatorSignature> signatures = codec.List(
            "signatures", value?.Signatures ?? [], OperatorSignature.CountMax);
        ulong first = codec.Count("first", value?.First ?? 0);
        ulong good = codec.Count("good", value?.Good ?? 0);
        bool isTaken = codec.Flag("isTaken", value?.IsTaken ?? false);
        uint given = (uint)codec.Integer("given", value?.Given ?? 0, 0, BirthRange.CountMax);
        uint lapsed = (uint)codec.Integer("lapsed", value?.Lapsed ?? 0, 0, BirthRange.CountMax);
        codec.Close();
        return value ?? new QuotaBook(quota, signatures, first, good, isTaken, given) { Lapsed = lapsed };
    }
}

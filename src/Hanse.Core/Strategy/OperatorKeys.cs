using System;
using System.Collections.Immutable;
using Hanse.Core.Journal;
using Hanse.Core.Wire;

namespace Hanse.Core.Strategy;

/// <summary>Who may order rollouts, and how many of them it takes.</summary>
/// <remarks>Keys are of one mission and of people: what they have signed counts nowhere else. With no keys
/// nothing is asked for, and whoever reaches the strategic layer is believed.</remarks>
/// <param name="Keys">Ed25519 public keys of operators, 32 bytes each; at most <see cref="KeysMax"/>.</param>
/// <param name="Usual">Keys that have to sign an order that goes no faster than
/// <see cref="Skills.RolloutRules.Standard"/>.</param>
/// <param name="Faster">Keys that have to sign one that goes faster.</param>
public sealed record OperatorKeys(ImmutableArray<byte[]> Keys, int Usual, int Faster)
{
    /// <summary>Most keys of a mission.</summary>
    public const int KeysMax = 16;

    /// <summary>Keys that have to sign an order of an image of the core at least, however slow it is, and
    /// also in a mission that asks nobody about anything else: who has one key alone replaces no
    /// core.</summary>
    public const int Core = 2;

    /// <summary>Nobody is asked.</summary>
    public static OperatorKeys None { get; } = new([], 0, 0);

    /// <summary>Whether signatures are asked for.</summary>
    public bool IsAsked => Keys.Length > 0;

    /// <summary>Whether an order can be signed by as many as it takes.</summary>
    public bool IsSound => Keys.Length <= KeysMax && Usual <= Faster && Faster <= Keys.Length
        && (!IsAsked || Usual > 0);

    /// <summary>Whether a key is an operator's.</summary>
    public bool Has(byte[] key)
    {
        bool has = false;
        foreach (byte[] one in Keys)
        {
            has |= one.AsSpan().SequenceEqual(key);
        }

        return has;
    }

    /// <summary>How many keys have signed, each counted once; null when one is no operator's.</summary>
    public int? CountOf(ImmutableArray<OperatorSignature> signatures)
    {
        int keys = 0;
        for (int i = 0; i < signatures.Length; i++)
        {
            if (!Has(signatures[i].Key))
            {
                return null;
            }

            bool isNew = true;
            for (int before = 0; before < i; before++)
            {
                isNew &= !signatures[before].Key.AsSpan().SequenceEqual(signatures[i].Key);
            }

            keys += isNew ? 1 : 0;
        }

        return keys;
    }
}

/// <summary>An operator's signature of an order.</summary>
/// <param name="Key">The Ed25519 public key, 32 bytes.</param>
/// <param name="Signature">Of <see cref="Skills.Rollout.ToSign"/>.</param>
public sealed record OperatorSignature(byte[] Key, byte[] Signature) : IShaped<OperatorSignature>
{
    /// <summary>Most signatures of an order.</summary>
    public const int CountMax = 16;

    /// <inheritdoc/>
    public static OperatorSignature Shape<TCodec>(ref TCodec codec, OperatorSignature? value)
        where TCodec : struct, ICodec
    {
        codec.Open("operatorSignature", 2);
        byte[] key = codec.Bytes("key", value?.Key ?? [], NoteKey.Ed25519Length);
        byte[] signature = codec.Bytes("signature", value?.Signature ?? [], SignedNote.SignatureBytesMax);
        codec.Close();
        return value ?? new OperatorSignature(key, signature);
    }
}

/// <summary>Why a rollout was not taken.</summary>
public enum RolloutRefusal
{
    /// <summary>Its number is that of another.</summary>
    AnotherOrder = 1,

    /// <summary>It takes more keys than have signed it.</summary>
    TooFewSignatures = 2,

    /// <summary>Somebody has signed it who is no operator.</summary>
    UnknownKey = 3,

    /// <summary>A signature does not hold.</summary>
    BadSignature = 4,
}

/// <summary>An order whose signatures are being verified.</summary>
/// <param name="Rollout">The order.</param>
/// <param name="Signatures">All that came with it, in order.</param>
/// <param name="First">The number of the question after the first; the others follow.</param>
/// <param name="Good">Which of them hold, bit by bit.</param>
internal sealed record SignedOrder(
    Skills.Rollout Rollout, ImmutableArray<OperatorSignature> Signatures, ulong First, ulong Good)
    : IShaped<SignedOrder>
{
    /// <summary>Whether all of them hold.</summary>
    public bool IsVerified => Good == ((1UL << Signatures.Length) - 1);

    /// <summary>Which signature a question is about; null when about none of these.</summary>
    public int? PlaceOf(ulong request) =>
        request >= First && request - First < (ulong)Signatures.Length ? (int)(request - First) : null;

    /// <inheritdoc/>
    public static SignedOrder Shape<TCodec>(ref TCodec codec, SignedOrder? value)
        where TCodec : struct, ICodec
    {
        codec.Open("signedOrder", 4);
        Skills.Rollout rollout = Skills.Rollout.Shape(ref codec, value?.Rollout);
        ImmutableArray<OperatorSignature> signatures = codec.List(
            "signatures", value?.Signatures ?? [], OperatorSignature.CountMax);
        ulong first = codec.Count("first", value?.First ?? 0);
        ulong good = codec.Count("good", value?.Good ?? 0);
        codec.Close();
        return value ?? new SignedOrder(rollout, signatures, first, good);
    }
}

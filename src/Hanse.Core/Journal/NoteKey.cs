using System;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Hanse.Core.Wire;

namespace Hanse.Core.Journal;

/// <summary>Kinds of signature under a note; numbers of C2SP <c>signed-note</c>.</summary>
public enum NoteAlgorithm
{
    /// <summary>Ed25519, RFC 8032: keys of 32 bytes, signatures of 64.</summary>
    Ed25519 = 1,
}

/// <summary>A public key and its name, as verifiers of notes write it:
/// <c>hanse/node/7+0a1b2c3d+AT...</c>.</summary>
/// <remarks>The number of the algorithm is part of the key and of its id, so that another algorithm can be
/// added and no signature of one be taken for one of the other.</remarks>
public sealed record NoteKey
{
    /// <summary>Most characters of a name.</summary>
    public const int NameMax = 128;

    /// <summary>Bytes of an Ed25519 public key.</summary>
    public const int Ed25519Length = 32;

    private NoteKey(string name, NoteAlgorithm algorithm, byte[] publicKey)
    {
        Name = name;
        Algorithm = algorithm;
        PublicKey = publicKey;
        KeyId = BinaryPrimitives.ReadUInt32BigEndian(Digest.Of(
            [.. Encoding.UTF8.GetBytes(name), (byte)'\n', (byte)algorithm, .. publicKey]).ToArray());
    }

    /// <summary>Whose key it is.</summary>
    public string Name { get; }

    /// <summary>How it signs.</summary>
    public NoteAlgorithm Algorithm { get; }

    /// <summary>The raw key.</summary>
    public byte[] PublicKey { get; }

    /// <summary>The first four bytes, big-endian, of SHA-256 over name, newline, algorithm and key. A hint to
    /// find the key by, no more.</summary>
    public uint KeyId { get; }

    /// <summary>An Ed25519 key.</summary>
    /// <exception cref="ArgumentException">The name is no name, or the key is not of 32 bytes.</exception>
    public static NoteKey Ed25519(string name, byte[] publicKey) =>
        IsName(name) && publicKey.Length == Ed25519Length
            ? new NoteKey(name, NoteAlgorithm.Ed25519, publicKey)
            : throw new ArgumentException("a key needs a name without blanks and plus signs, and 32 bytes");

    /// <summary>Reads the text of a key.</summary>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out NoteKey? key, [NotNullWhen(false)] out DecodeError? error)
    {
        key = null;
        // No name has a plus sign, but base64 may.
        string[] parts = text.Split('+', 3);
        string? reason = null;
        if (parts.Length != 3 || !IsName(parts[0])
            || !Base64.TryRead(parts[2], 1 + Ed25519Length, out byte[] raw) || raw.Length == 0)
        {
            reason = "a key is a name, eight digits of its id and base64, with plus signs in between";
        }
        else if (raw[0] != (byte)NoteAlgorithm.Ed25519 || raw.Length != 1 + Ed25519Length)
        {
            reason = "only Ed25519 keys (algorithm 1, 32 bytes) are known";
        }
        else
        {
            key = new NoteKey(parts[0], NoteAlgorithm.Ed25519, raw[1..]);
            reason = key.ToString() == text ? null : "the id of a key does not belong to it";
        }

        error = reason is null ? null : new DecodeError(0, reason);
        return key is not null && error is null;
    }

    /// <summary>Whether a text may name a key: not empty, no blanks, no plus sign.</summary>
    public static bool IsName(string name)
    {
        foreach (char letter in name)
        {
            if (letter == '+' || char.IsWhiteSpace(letter) || char.IsControl(letter))
            {
                return false;
            }
        }

        return name.Length is > 0 and <= NameMax;
    }

    /// <summary>Same name, algorithm and key.</summary>
    public bool Equals(NoteKey? other) => other is not null && ToString() == other.ToString();

    /// <inheritdoc/>
    public override int GetHashCode() => unchecked((int)KeyId);

    /// <summary>Name, id and key as one text.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Name}+{KeyId:x8}+{Convert.ToBase64String([(byte)Algorithm, .. PublicKey])}");
}

/// <summary>Base64 with one spelling.</summary>
internal static class Base64
{
    /// <summary>Reads padded base64 without blanks and with zeros in the bits left over.</summary>
    public static bool TryRead(string text, int lengthMax, out byte[] bytes)
    {
        bytes = [];
        if (text.Length == 0 || text.Length > ((lengthMax + 2) / 3) * 4)
        {
            return false;
        }

        byte[] room = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, room, out int length) || length > lengthMax)
        {
            return false;
        }

        bytes = room[..length];
        return Convert.ToBase64String(bytes) == text;
    }
}

/// <summary>Text that may be printed.</summary>
internal static class Utf8
{
    /// <summary>Whether bytes are UTF-8 without control characters other than newlines.</summary>
    public static bool IsPlain(ReadOnlySpan<byte> bytes)
    {
        if (!System.Text.Unicode.Utf8.IsValid(bytes))
        {
            return false;
        }

        foreach (byte part in bytes)
        {
            if (part is < 0x20 and not (byte)'\n')
            {
                return false;
            }
        }

        return true;
    }
}

using System;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Hanse.Core.Wire;

namespace Hanse.Core.Journal;

/// <summary>One signature under a note.</summary>
/// <param name="Name">Of the key.</param>
/// <param name="KeyId">Of the key: see <see cref="NoteKey.KeyId"/>.</param>
/// <param name="Signature">The signature's own bytes.</param>
public sealed record NoteSignature(string Name, uint KeyId, byte[] Signature);

/// <summary>A text with signatures under it: a C2SP <c>signed-note</c>.</summary>
/// <remarks>
/// A body of lines, an empty line, and for each signature a line <c>— name base64</c> whose bytes are the key
/// id, big-endian, and the signature over the body. Whether a signature is good is for a driver to find out,
/// since Core has no Ed25519: <see cref="Find"/> gives what to verify. Signatures of unknown keys are
/// ignored, as the specification says, so that witnesses may sign too.
/// </remarks>
/// <param name="Text">The body, ending with a newline: what is signed, in UTF-8.</param>
/// <param name="Signatures">In the order of their lines.</param>
public sealed record SignedNote(string Text, ImmutableArray<NoteSignature> Signatures)
{
    /// <summary>Largest note in bytes.</summary>
    public const int BytesMax = 16 * 1024;

    /// <summary>Most signatures.</summary>
    public const int SignaturesMax = 16;

    /// <summary>Most bytes of one signature: those of ML-DSA-65 fit.</summary>
    public const int SignatureBytesMax = 4096;

    private static readonly UTF8Encoding _strict =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The bytes that are signed.</summary>
    public ReadOnlyMemory<byte> Message => _strict.GetBytes(Text);

    /// <summary>A note with one signature.</summary>
    public static SignedNote Of(string text, NoteKey key, byte[] signature) =>
        new(text, [new NoteSignature(key.Name, key.KeyId, signature)]);

    /// <summary>Reads a note. Only what <see cref="ToBytes"/> writes is accepted.</summary>
    public static bool TryParse(
        ReadOnlySpan<byte> bytes,
        [NotNullWhen(true)] out SignedNote? note,
        [NotNullWhen(false)] out DecodeError? error)
    {
        note = null;
        string? reason = bytes.Length > BytesMax ? "a note may have at most 16 KiB" : Read(bytes, out note);
        error = reason is null ? null : new DecodeError(0, reason);
        return note is not null && error is null;
    }

    /// <summary>The signature by a key, or null: there may be others.</summary>
    public NoteSignature? Find(NoteKey key)
    {
        foreach (NoteSignature signature in Signatures)
        {
            if (signature.KeyId == key.KeyId && signature.Name == key.Name)
            {
                return signature;
            }
        }

        return null;
    }

    /// <summary>The note as it is stored and sent.</summary>
    public byte[] ToBytes()
    {
        var text = new StringBuilder(Text).Append('\n');
        foreach (NoteSignature signature in Signatures)
        {
            byte[] raw = new byte[4 + signature.Signature.Length];
            BinaryPrimitives.WriteUInt32BigEndian(raw, signature.KeyId);
            signature.Signature.CopyTo(raw, 4);
            _ = text.Append("— ").Append(signature.Name).Append(' ')
                .Append(Convert.ToBase64String(raw)).Append('\n');
        }

        return _strict.GetBytes(text.ToString());
    }

    private static string? Read(ReadOnlySpan<byte> bytes, out SignedNote? note)
    {
        note = null;
        if (!Utf8.IsPlain(bytes))
        {
            return "a note must be UTF-8 without control characters other than newlines";
        }

        string text = Encoding.UTF8.GetString(bytes);
        int split = text.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (split < 0 || text[^1] != '\n')
        {
            return "a note has a text, an empty line and signatures, each line ended by a newline";
        }

        string[] lines = text[(split + 2)..].Split('\n', SignaturesMax + 1);
        if (lines.Length < 2 || lines[^1].Length != 0)
        {
            return "a note has 1 to 16 signatures";
        }

        ImmutableArray<NoteSignature>.Builder signatures = ImmutableArray.CreateBuilder<NoteSignature>();
        foreach (string line in lines.AsSpan()[..^1])
        {
            if (ReadSignature(line) is not { } signature)
            {
                return "a signature of a note must be a dash, a name, and a key id and signature in base64";
            }

            signatures.Add(signature);
        }

        note = new SignedNote(text[..(split + 1)], signatures.ToImmutable());
        return null;
    }

    private static NoteSignature? ReadSignature(string line)
    {
        string[] parts = line.Split(' ', 4);
        return parts.Length == 3 && parts[0] == "—" && NoteKey.IsName(parts[1])
            && Base64.TryRead(parts[2], 4 + SignatureBytesMax, out byte[] raw) && raw.Length > 4
                ? new NoteSignature(parts[1], BinaryPrimitives.ReadUInt32BigEndian(raw), raw[4..])
                : null;
    }
}

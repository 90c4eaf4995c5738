using System;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Linq;
using Hanse.Core.Journal;
using Hanse.Core.Wire;

namespace Hanse.Cli.Commands;

/// <summary>A public key as users give it: hexadecimal digits, the text of a key, or a file with one of
/// these.</summary>
internal static class JournalKey
{
    private const int FileBytesMax = 4096;

    /// <summary>The raw key, or what is wrong with the text.</summary>
    /// <exception cref="IOException">It names a file that cannot be read.</exception>
    public static bool TryRead(
        string text, [NotNullWhen(true)] out byte[]? key, [NotNullWhen(false)] out string? reason)
    {
        if (File.Exists(text))
        {
            using FileStream file = File.OpenRead(text);
            byte[] bytes = new byte[FileBytesMax];
            int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            text = System.Text.Encoding.UTF8.GetString(bytes, 0, length).Trim();
        }

        key = null;
        if (text.Length == 2 * NoteKey.Ed25519Length && text.All(char.IsAsciiHexDigit))
        {
            key = Convert.FromHexString(text);
        }
        else if (NoteKey.TryParse(text, out NoteKey? note, out DecodeError? _))
        {
            key = note.PublicKey;
        }

        reason = key is null
            ? "give 64 hexadecimal digits, the text of a key (name+id+base64), or a file with one of these"
            : null;
        return key is not null;
    }
}

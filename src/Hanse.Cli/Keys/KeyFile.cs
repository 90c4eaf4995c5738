using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO;
using System.Text;
using Hanse.Cli.Commands;
using Hanse.Core.Journal;
using Hanse.Skills.Trust;

namespace Hanse.Cli.Keys;

/// <summary>Files of keys: the private one, which its owner alone may read, and the public one beside
/// it.</summary>
/// <remarks>
/// Both have one line, in the form that signers and verifiers of notes have
/// (<c>c2sp.org/signed-note</c> and its tools): <c>PRIVATE+KEY+name+id+base64</c> and
/// <c>name+id+base64</c>. So the public one is read wherever a journal's key is.
/// </remarks>
internal sealed class KeyFile : IDisposable
{
    /// <summary>What the public file's name ends with.</summary>
    public const string PublicEnd = ".pub";

    private const string PrivateStart = "PRIVATE+KEY+";
    private const int FileBytesMax = 4096;
    private const UnixFileMode OthersMode = UnixFileMode.GroupRead | UnixFileMode.GroupWrite
        | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite
        | UnixFileMode.OtherExecute;

    private KeyFile(string name, SigningKey key) => (Name, Key) = (name, key);

    /// <summary>Whose key it is, for people.</summary>
    public string Name { get; }

    /// <summary>The key.</summary>
    public SigningKey Key { get; }

    /// <summary>The public key as text.</summary>
    public NoteKey Public => NoteKey.Ed25519(Name, Key.Public.Raw!);

    /// <summary>Makes a new key, in two files that must not be there yet.</summary>
    /// <exception cref="IOException">One is there, or cannot be written.</exception>
    public static KeyFile Create(string path, string name)
    {
        if (File.Exists(path + PublicEnd))
        {
            throw new IOException($"{path}{PublicEnd} is there already");
        }

        var file = new KeyFile(name, SigningKey.Generate());
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var stream = new FileStream(path, options))
        {
            stream.Write(Encoding.ASCII.GetBytes(file.PrivateText() + "\n"));
            stream.Flush(flushToDisk: true);
        }

        File.WriteAllText(path + PublicEnd, file.Public + "\n");
        return file;
    }

    /// <summary>Reads a private key.</summary>
    /// <returns>Null when it is refused.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static KeyFile? Read(string path, out string? reason)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & OthersMode) != 0)
        {
            reason = $"{path} may be read by others than its owner; 'chmod 600 {path}', and replace the key "
                + "if somebody may have read it";
            return null;
        }

        string text = Text(path);
        string[] parts = text.StartsWith(PrivateStart, StringComparison.Ordinal)
            ? text[PrivateStart.Length..].Split('+', 3) : [];
        byte[] raw = new byte[1 + SigningKey.SeedLength];
        reason = $"{path} is no private key; 'hanse key new' makes one";
        if (parts.Length != 3 || !NoteKey.IsName(parts[0])
            || !Convert.TryFromBase64String(parts[2], raw, out int length) || length != raw.Length
            || raw[0] != (byte)NoteAlgorithm.Ed25519)
        {
            return null;
        }

        var read = new KeyFile(parts[0], SigningKey.Import(raw.AsSpan(1)));
        if (read.PrivateText() == text)
        {
            reason = null;
            return read;
        }

        read.Dispose();
        reason = $"{path} is damaged: the id of the key does not belong to it";
        return null;
    }

    /// <summary>Reads a public key: of a file of either kind, or a text with plus signs.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static bool TryReadPublic(
        string text, [NotNullWhen(true)] out TrustKey? key, out string? reason)
    {
        key = null;
        if (File.Exists(text) && Text(text).StartsWith(PrivateStart, StringComparison.Ordinal))
        {
            using var file = Read(text, out reason);
            key = file?.Key.Public;
            return key is not null;
        }

        // Sixty-four digits might be a key or the name of one: whoever mixes them up would trust nobody's.
        if (!File.Exists(text) && !text.Contains('+', StringComparison.Ordinal))
        {
            reason = $"{text} is neither a key file nor the text of a key (name+id+base64)";
            return false;
        }

        if (!JournalKey.TryRead(text, out byte[]? raw, out string? why))
        {
            reason = $"{text}: {why}";
            return false;
        }

        (key, reason) = (TrustKey.Ed25519(raw), null);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => Key.Dispose();

    private string PrivateText() => string.Create(CultureInfo.InvariantCulture,
        $"{PrivateStart}{Name}+{Public.KeyId:x8}+"
            + $"{Convert.ToBase64String([(byte)NoteAlgorithm.Ed25519, .. Key.ExportSeed()])}");

    private static string Text(string path)
    {
        using FileStream file = File.OpenRead(path);
        byte[] bytes = new byte[FileBytesMax];
        int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return Encoding.UTF8.GetString(bytes, 0, length).Trim();
    }
}

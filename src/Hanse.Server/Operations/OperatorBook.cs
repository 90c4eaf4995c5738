using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Threading;

namespace Hanse.Server.Operations;

/// <summary>Somebody who may see or do something.</summary>
/// <param name="Name">Who, as the audit trail has it.</param>
/// <param name="Role">What he may do.</param>
/// <param name="Until">When that ends; null for never.</param>
public sealed record OperatorEntry(string Name, OperatorRole Role, DateTimeOffset? Until = null);

/// <summary>Who the operators are: a file of the data folder, a line each.</summary>
/// <remarks>
/// <code>
/// # role, name, SHA-256 of the token, and until when, or nothing
/// admin  admin 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
/// viewer anna 60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752 2027-06-30T00:00:00Z
/// </code>
/// The file has digests only, so a copy of it lets nobody in. When there is none it is made, with one admin,
/// and the admin's token beside it in <c>admin.token</c>. It is read again when it has changed, within
/// <see cref="_readEvery"/>; without it, nobody is let in. A line that cannot be read lets nobody in and is
/// told to the log; the others hold. Nor does one whose time is over. A presented token is hashed and
/// compared with every entry in a time that tells nothing. All members may be called from any thread.
/// </remarks>
public sealed class OperatorBook
{
    /// <summary>Most operators.</summary>
    public const int OperatorsMax = 1_000;

    /// <summary>Longest name.</summary>
    public const int NameLengthMax = 64;

    /// <summary>Longest token that is looked at.</summary>
    public const int TokenLengthMax = 256;

    /// <summary>What every token made here begins with, so that one that lies about is known for what it
    /// is.</summary>
    public const string TokenPrefix = "hanse_";

    private const int BytesMax = 256 << 10;
    private const int TokenBytes = 32;
    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    private static readonly TimeSpan _readEvery = TimeSpan.FromSeconds(1);

    private readonly string _file;
    private readonly TimeProvider _time;
    private readonly Action<string> _log;
    private readonly Lock _gate = new();
    private ImmutableArray<(byte[] Digest, OperatorEntry Who)> _entries = [];
    private (DateTime WrittenAt, long Length) _read;
    private long _lookedAt;

    private OperatorBook(string file, TimeProvider time, Action<string> log)
    {
        _file = file;
        _time = time;
        _log = log;
        Read();
        _lookedAt = time.GetTimestamp();
    }

    /// <summary>Opens the book of a folder; makes one with an admin when there is none.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="time">The clock of this machine.</param>
    /// <param name="log">Takes a line about what is wrong with the file.</param>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public static OperatorBook Open(string folder, TimeProvider time, Action<string>? log = null)
    {
        string file = FileIn(folder);
        string admin = AdminTokenIn(folder);
        if (!File.Exists(file))
        {
            // The token first: an end between the two leaves a token that the next start enters.
            if (!File.Exists(admin))
            {
                Rewrite(admin, NewToken() + "\n");
            }

            string line = Line(OperatorRole.Admin, "admin", File.ReadAllText(admin).Trim());
            Rewrite(file, "# role, name, SHA-256 of the token, and until when\n" + line + "\n");
        }

        return new OperatorBook(file, time, log ?? (_ => { }));
    }

    /// <summary>The book's file.</summary>
    public static string FileIn(string folder) => Path.Combine(folder, "operators");

    /// <summary>Where the first admin's token is.</summary>
    public static string AdminTokenIn(string folder) => Path.Combine(folder, "admin.token");

    /// <summary>Makes a token: 256 random bits.</summary>
    public static string NewToken() => TokenPrefix + Convert.ToBase64String(
        RandomNumberGenerator.GetBytes(TokenBytes)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>A line of the file.</summary>
    public static string Line(OperatorRole role, string name, string token, DateTimeOffset? until = null) =>
        $"{role.Text()} {name} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)))}"
            + (until is { } end
                ? " " + end.UtcDateTime.ToString(TimeForm, CultureInfo.InvariantCulture) : "");

    /// <summary>Whose line of the file it is, also if it is spoiled and lets in nobody; null when it is
    /// nobody's.</summary>
    public static string? NameIn(string line) =>
        Words(line) is [var first, var name, ..] && !first.StartsWith('#') ? name : null;

    /// <summary>Whom a line of the file lets in.</summary>
    /// <returns>Null when it lets in nobody; it may be empty, a remark, or spoiled.</returns>
    public static (byte[] Digest, OperatorEntry Who)? ParseLine(string line)
    {
        string[] words = Words(line);
        DateTimeOffset until = default;
        return words.Length is 3 or 4 && OperatorRoles.Parse(words[0]) is { } role && IsName(words[1])
            && words[2].Length == 2 * SHA256.HashSizeInBytes && words[2].All(char.IsAsciiHexDigit)
            && (words.Length == 3 || DateTimeOffset.TryParseExact(
                words[3], TimeForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out until))
            ? (Convert.FromHexString(words[2]),
                new OperatorEntry(words[1], role, words.Length == 3 ? null : until))
            : null;
    }

    /// <summary>Whether a text can be an operator's name: letters, digits, and what mail addresses
    /// have.</summary>
    public static bool IsName(string name) => name is { Length: > 0 and <= NameLengthMax }
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '@' or '+');

    /// <summary>Whose token that is; null when it is nobody's.</summary>
    public OperatorEntry? Find(string token)
    {
        if (token.Length is 0 or > TokenLengthMax)
        {
            return null;
        }

        ImmutableArray<(byte[] Digest, OperatorEntry Who)> entries = Current();
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        _ = SHA256.HashData(Encoding.UTF8.GetBytes(token), digest);
        OperatorEntry? found = null;
        foreach ((byte[] known, OperatorEntry who) in entries)
        {
            // All are compared, whichever it is.
            bool isIt = CryptographicOperations.FixedTimeEquals(known, digest);
            found = isIt ? who : found;
        }

        return found?.Until <= _time.GetUtcNow() ? null : found;
    }

    private static string[] Words(string line) => line.Split(
        [' ', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Writes the file anew, whole or not at all, whenever the process ends.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Rewrite(string path, string text)
    {
        File.Delete(path + ".new");
        DataFolder.WriteNew(path + ".new", Encoding.UTF8.GetBytes(text));
        File.Move(path + ".new", path, overwrite: true);
    }

    private ImmutableArray<(byte[] Digest, OperatorEntry Who)> Current()
    {
        lock (_gate)
        {
            if (_time.GetElapsedTime(_lookedAt) >= _readEvery)
            {
                _lookedAt = _time.GetTimestamp();
                Read();
            }

            return _entries;
        }
    }

    private void Read()
    {
        try
        {
            var file = new FileInfo(_file);
            (DateTime, long) now = file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
            if (now == _read && file.Exists)
            {
                return;
            }

            _entries = !file.Exists ? [] : file.Length > BytesMax
                ? throw new IOException($"it has more than {BytesMax} bytes")
                : Parse(File.ReadAllLines(_file));
            _read = now;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _entries = [];
            _read = default;
            _log($"'{_file}' cannot be read, so nobody is let in: {failure.Message}");
        }
    }

    private ImmutableArray<(byte[] Digest, OperatorEntry Who)> Parse(string[] lines)
    {
        var names = new HashSet<string>();
        ImmutableArray<(byte[], OperatorEntry)>.Builder entries =
            ImmutableArray.CreateBuilder<(byte[], OperatorEntry)>();
        for (int i = 0; i < lines.Length; i++)
        {
            if (Words(lines[i]) is [] or [['#', ..], ..])
            {
                continue;
            }

            if (ParseLine(lines[i]) is { } one && entries.Count < OperatorsMax && names.Add(one.Who.Name))
            {
                entries.Add(one);
            }
            else
            {
                _log($"'{_file}', line {i + 1} lets nobody in: a line has a role ("
                    + string.Join(", ", OperatorRoles.All) + "), a name that no line before has, the "
                    + "SHA-256 of a token in 64 hexadecimal digits, and, if it is to end, a time as in "
                    + "2027-06-30T00:00:00Z");
            }
        }

        return entries.ToImmutable();
    }
}

using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using Hanse.Core.Identity;
using Hanse.IO.Journal;

namespace Hanse.Agent;

/// <summary>Where an agent keeps what must survive it.</summary>
/// <remarks>
/// <code>
/// node.db       the node's memory
/// node.key      its private key, 32 bytes; whoever has it can speak as the node
/// node.keys     in its place, once it has changed its key: the one it has, and those on the way
/// enrolment     which node of which mission it is, once a gateway has said so
/// gateway       whose answers it believes: the number and the key, and the key that it was given
/// birth         the certificate of a machine that another has built
/// calls         a number greater than that of any call made so far
/// trust         whom it believes about releases, once it was given a root
/// heard         the parcel with the newest metadata that it has verified
/// packages/     releases, as far as they have come
/// compiled/     what this machine's compiler made of them
/// </code>
/// </remarks>
public sealed class AgentFolder
{
    // Calls are numbered without asking the disk each time: a restart skips what is left of a block.
    private const ulong CountBlock = 65_536;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly Lock _gate = new();
    private ulong _count;
    private ulong _countEnd;

    private AgentFolder(string path, NodeKeyState keys)
    {
        Path = path;
        Keys = new NodeKeys(keys, KeepKeys);
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The node's keys.</summary>
    public NodeKeys Keys { get; }

    /// <summary>The store's file.</summary>
    public string StorePath => System.IO.Path.Combine(Path, "node.db");

    /// <summary>Opens a folder, or makes one with a new key.</summary>
    /// <exception cref="IOException">It cannot be read or written, or is spoiled.</exception>
    public static AgentFolder Open(string path)
    {
        _ = OperatingSystem.IsWindows()
            ? Directory.CreateDirectory(path)
            : Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        string file = System.IO.Path.Combine(path, "node.key");
        string several = System.IO.Path.Combine(path, "node.keys");
        if (File.Exists(several))
        {
            File.Delete(file); // What is left of a crash: all that counts is in the other.
            return new AgentFolder(path, ReadKeys(several));
        }

        if (!File.Exists(file))
        {
            using Ed25519Keys made = Ed25519Keys.Generate();
            Write(file, made.ExportSeed());
        }

        byte[] seed = File.ReadAllBytes(file);
        if (!Ed25519Keys.TryImport(seed, out Ed25519Keys? key))
        {
            throw new IOException($"'{file}' is spoiled: it has the 32 bytes of a key; put it back");
        }

        using (key)
        {
            var since = new DateTimeOffset(File.GetLastWriteTimeUtc(file), TimeSpan.Zero);
            return new AgentFolder(path, new NodeKeyState(key.PublicKey, 1, seed, null, null, since));
        }
    }

    /// <summary>Which node of which mission this is; null before it was enrolled.</summary>
    /// <exception cref="IOException">The file cannot be read, or is spoiled.</exception>
    public (NodeId Node, byte[] Mission)? ReadEnrolment()
    {
        string file = System.IO.Path.Combine(Path, "enrolment");
        if (!File.Exists(file))
        {
            return null;
        }

        string[] words = File.ReadAllText(file).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 2 && uint.TryParse(words[0], CultureInfo.InvariantCulture, out uint node)
            && words[1] is { Length: 64 } mission && mission.All(char.IsAsciiHexDigit)
            ? (new NodeId(node), Convert.FromHexString(mission))
            : throw new IOException($"'{file}' is spoiled: remove it and enrol again");
    }

    /// <summary>Keeps what a gateway said.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Keep(NodeId node, ReadOnlySpan<byte> mission) => Write(
        System.IO.Path.Combine(Path, "enrolment"),
        System.Text.Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"{node.Value} {Convert.ToHexStringLower(mission)}")));

    /// <summary>Whose answers it believes.</summary>
    /// <param name="given">The mission's gateway key as its operator says; null when he does not. One that he
    /// says for the first time takes the place of whatever is kept.</param>
    /// <exception cref="IOException">The file cannot be read or written, or is spoiled.</exception>
    public GatewayPin OpenPin(byte[]? given)
    {
        string file = System.IO.Path.Combine(Path, "gateway");
        string[] words = File.Exists(file)
            ? File.ReadAllText(file).Split(' ', StringSplitOptions.RemoveEmptyEntries) : ["0", "-", "-"];
        if (words.Length != 3 || !uint.TryParse(words[0], CultureInfo.InvariantCulture, out uint serial)
            || !words[1..].All(word => word is "-" || (word.Length == 64 && word.All(char.IsAsciiHexDigit))))
        {
            throw new IOException(
                $"'{file}' is spoiled: remove it, and start with the mission's --gateway-key");
        }

        string before = words[2];
        var pinned = new PinnedKey(serial, words[1] is "-" ? default : Convert.FromHexString(words[1]));
        if (given is not null && Convert.ToHexStringLower(given) is var said && said != before)
        {
            before = said;
            pinned = new PinnedKey(0, given);
            KeepPin(pinned, before);
        }

        return new GatewayPin(pinned, pin => KeepPin(pin, before));
    }

    /// <summary>Reads a file of at most so many bytes.</summary>
    /// <returns>Null when it is not there.</returns>
    /// <exception cref="IOException">It cannot be read, or is longer.</exception>
    public byte[]? Read(string name, int most)
    {
        var file = new FileInfo(System.IO.Path.Combine(Path, name));
        return !file.Exists ? null
            : file.Length <= most ? File.ReadAllBytes(file.FullName)
            : throw new IOException($"'{file.FullName}' is spoiled: it has more than {most} bytes");
    }

    /// <summary>Puts a file in place, all or nothing; on the disk when it returns.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Keep(string name, byte[] bytes) => Write(System.IO.Path.Combine(Path, name), bytes);

    /// <summary>The number of the next call: greater than of all before, also of earlier processes.</summary>
    /// <exception cref="IOException">It cannot be kept.</exception>
    public ulong NextCount()
    {
        lock (_gate)
        {
            if (_count == _countEnd)
            {
                string file = System.IO.Path.Combine(Path, "calls");
                ulong kept = File.Exists(file)
                    ? ulong.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture) : 1;
                _count = Math.Max(kept, _count);
                _countEnd = _count + CountBlock;
                Write(file, System.Text.Encoding.ASCII.GetBytes(
                    _countEnd.ToString(CultureInfo.InvariantCulture)));
            }

            return _count++;
        }
    }

    private static NodeKeyState ReadKeys(string file)
    {
        string[] words = File.ReadAllText(file).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        bool isSound = words.Length == 6 && uint.TryParse(words[0], CultureInfo.InvariantCulture, out _)
            && long.TryParse(words[1], CultureInfo.InvariantCulture, out _)
            && words[2..4].All(IsKey) && words[4..].All(word => word is "-" || IsKey(word));
        return isSound
            ? new NodeKeyState(
                Convert.FromHexString(words[2]), uint.Parse(words[0], CultureInfo.InvariantCulture),
                Convert.FromHexString(words[3]), KeyOf(words[4]), KeyOf(words[5]),
                DateTimeOffset.FromUnixTimeSeconds(long.Parse(words[1], CultureInfo.InvariantCulture)))
            : throw new IOException($"'{file}' is spoiled: put it back");
    }

    private static bool IsKey(string word) =>
        word.Length == 2 * Ed25519Keys.SeedLength && word.All(char.IsAsciiHexDigit);

    private static byte[]? KeyOf(string word) => word is "-" ? null : Convert.FromHexString(word);

    // One file, so that no crash is between two.
    private void KeepKeys(NodeKeyState state)
    {
        static string Text(byte[]? key) => key is null ? "-" : Convert.ToHexStringLower(key);
        Keep("node.keys", System.Text.Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"{state.Serial} {state.Since.ToUnixTimeSeconds()} {Text(state.First)} {Text(state.Own)} "
                + $"{Text(state.Next)} {Text(state.Former)}")));
        File.Delete(System.IO.Path.Combine(Path, "node.key"));
    }

    private void KeepPin(PinnedKey pin, string given) => Keep(
        "gateway",
        System.Text.Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"{pin.Serial} {Convert.ToHexStringLower(pin.Key.Span)} {given}")));

    // All or nothing, and on the disk when it returns.
    private static void Write(string path, byte[] bytes)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (var stream = new FileStream(path + ".new", options))
        {
            stream.Write(bytes);
            stream.Flush(flushToDisk: true);
        }

        File.Move(path + ".new", path, overwrite: true);
    }
}

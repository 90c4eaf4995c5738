using System;
using System.IO;
using System.Security.Cryptography;
using System.Text;
using Hanse.Core.Journal;

namespace Hanse.Skills;

/// <summary>What the compiler made of modules, kept on this machine.</summary>
/// <remarks>
/// It is machine code that runs unchecked, and one wrong bit in it ends the process. So each file is named
/// after module and engine, carries a code over all of it under a key that never leaves the folder
/// (HMAC-SHA-256, RFC 2104), and is thrown away when that does not fit. Nothing of it is ever taken from
/// anywhere else. Limit: <see cref="FilesMax"/> files; the one used longest ago goes.
/// </remarks>
public sealed class CompiledCache
{
    /// <summary>Most modules kept.</summary>
    public const int FilesMax = 256;

    private const int CodeBytes = 32;
    private const string KeyFile = "key";

    private readonly string _folder;
    private readonly byte[] _key;

    /// <summary>Opens a cache.</summary>
    /// <param name="folder">Its folder, which is this process's owner's alone; made if it is not
    /// there.</param>
    public CompiledCache(string folder)
    {
        _folder = folder;
        if (OperatingSystem.IsWindows())
        {
            _ = Directory.CreateDirectory(folder);
        }
        else
        {
            _ = Directory.CreateDirectory(
                folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        _key = Key();
    }

    /// <summary>What was kept of a module; null when there is nothing, or it is not what was kept.</summary>
    public byte[]? Find(Digest module)
    {
        string path = PathOf(module);
        try
        {
            byte[] bytes = File.ReadAllBytes(path);
            if (bytes.Length > CodeBytes && CryptographicOperations.FixedTimeEquals(
                bytes.AsSpan(0, CodeBytes), CodeOf(module, bytes.AsSpan(CodeBytes))))
            {
                File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
                return bytes[CodeBytes..];
            }

            File.Delete(path);
        }
        catch (IOException)
        {
            // Not there, or another process is at it: it is compiled again.
        }

        return null;
    }

    /// <summary>Keeps what the compiler made of a module.</summary>
    public void Keep(Digest module, ReadOnlySpan<byte> compiled)
    {
        string path = PathOf(module);
        string draft = path + "." + Guid.NewGuid().ToString("N");
        try
        {
            File.WriteAllBytes(draft, [.. CodeOf(module, compiled), .. compiled]);
            File.Move(draft, path, overwrite: true);
            Trim();
        }
        catch (IOException)
        {
            File.Delete(draft); // Without room it is compiled again the next time.
        }
    }

    private void Trim()
    {
        FileInfo[] kept = new DirectoryInfo(_folder).GetFiles("*.cwasm");
        Array.Sort(kept, (a, b) => a.LastWriteTimeUtc.CompareTo(b.LastWriteTimeUtc));
        for (int i = 0; i < kept.Length - FilesMax; i++)
        {
            kept[i].Delete();
        }
    }

    private byte[] CodeOf(Digest module, ReadOnlySpan<byte> compiled)
    {
        using var code = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        code.AppendData(Encoding.ASCII.GetBytes(SkillEngine.Fingerprint + "/" + module));
        code.AppendData(compiled);
        return code.GetHashAndReset();
    }

    private string PathOf(Digest module) => Path.Combine(
        _folder, $"{module}-{SkillEngine.Fingerprint.Replace('/', '-')}.cwasm");

    // Made once: whoever comes second takes the first one's.
    private byte[] Key()
    {
        string path = Path.Combine(_folder, KeyFile);
        if (!File.Exists(path))
        {
            string draft = path + "." + Guid.NewGuid().ToString("N");
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var file = new FileStream(draft, options))
            {
                file.Write(RandomNumberGenerator.GetBytes(CodeBytes));
            }

            try
            {
                File.Move(draft, path, overwrite: false);
            }
            catch (IOException)
            {
                File.Delete(draft);
            }
        }

        return File.ReadAllBytes(path);
    }
}

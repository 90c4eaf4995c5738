using System;
using System.IO;
using System.Linq;
using Hanse.Core.Journal;
using Hanse.Skills;
using Xunit;

namespace Hanse.Skills.Tests;

/// <summary>Compiled code that is kept: used when it is what was kept, and thrown away when one bit is
/// not.</summary>
public sealed class CompiledCacheTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>, IDisposable
{
    private readonly string _folder =
        Path.Combine(Path.GetTempPath(), "hanse-" + Guid.NewGuid().ToString("N"));

    private readonly byte[] _module = Wat.Deciding("i64.const 0x0000001000000002");

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Fact]
    public void What_is_kept_runs_as_what_is_compiled()
    {
        byte[]? compiled = Skill.Compile(sandbox.Engine, _module, out string? refusal);
        Assert.True(compiled is not null, refusal);
        new CompiledCache(_folder).Keep(Digest.Of(_module), compiled);
        byte[]? kept = new CompiledCache(_folder).Find(Digest.Of(_module)); // By another, with the same key.
        Assert.Equal(compiled, kept);
        using Skill? skill = Skill.Load(
            sandbox.Engine, _module, HostFunctions.None, out refusal, kept);
        Assert.True(skill is not null, refusal);
        Assert.Equal(sandbox.Decide(_module), sandbox.Decide(skill));
    }

    [Fact]
    public void One_wrong_bit_or_another_name_and_it_is_thrown_away()
    {
        byte[] compiled = Skill.Compile(sandbox.Engine, _module, out _)!;
        var cache = new CompiledCache(_folder);
        Digest name = Digest.Of(_module);
        foreach (int at in new[] { 0, 31, 32, 1_000, compiled.Length + 31 })
        {
            cache.Keep(name, compiled);
            string path = Directory.GetFiles(_folder, "*.cwasm").Single();
            byte[] bytes = File.ReadAllBytes(path);
            bytes[at] ^= 4;
            File.WriteAllBytes(path, bytes);
            Assert.Null(cache.Find(name));
            Assert.Empty(Directory.GetFiles(_folder, "*.cwasm"));
        }

        cache.Keep(name, compiled);
        string kept = Directory.GetFiles(_folder, "*.cwasm").Single();
        Digest other = Digest.Of([1, 2, 3]);
        File.Copy(kept, kept.Replace(name.ToString(), other.ToString(), StringComparison.Ordinal));
        Assert.Null(cache.Find(other));
        File.WriteAllBytes(kept, []);
        Assert.Null(cache.Find(name));
        Assert.Null(cache.Find(Digest.Of([9])));
    }

    [Fact]
    public void Code_of_another_folder_is_strange()
    {
        byte[] compiled = Skill.Compile(sandbox.Engine, _module, out _)!;
        new CompiledCache(_folder).Keep(Digest.Of(_module), compiled);
        string path = Directory.GetFiles(_folder, "*.cwasm").Single();
        string elsewhere = Path.Combine(_folder, "other");
        var cache = new CompiledCache(elsewhere);
        File.Copy(path, Path.Combine(elsewhere, Path.GetFileName(path)));
        Assert.Null(cache.Find(Digest.Of(_module)));
    }

    [Fact]
    public void The_oldest_goes_when_it_is_full()
    {
        var cache = new CompiledCache(_folder);
        for (int i = 0; i < CompiledCache.FilesMax + 3; i++)
        {
            cache.Keep(Digest.Of(BitConverter.GetBytes(i)), [1, 2, 3]);
            if (i < 4)
            {
                foreach (string path in Directory.GetFiles(_folder, "*.cwasm"))
                {
                    File.SetLastWriteTimeUtc(path, File.GetLastWriteTimeUtc(path).AddMinutes(-10));
                }
            }
        }

        Assert.Equal(CompiledCache.FilesMax, Directory.GetFiles(_folder, "*.cwasm").Length);
        Assert.Null(cache.Find(Digest.Of(BitConverter.GetBytes(0))));
        Assert.NotNull(cache.Find(Digest.Of(BitConverter.GetBytes(CompiledCache.FilesMax))));
    }

    [Fact]
    public void What_is_no_skill_is_not_compiled_either()
    {
        Assert.Null(Skill.Compile(sandbox.Engine, [1, 2, 3], out string? refusal));
        Assert.Contains("does not begin", refusal, StringComparison.Ordinal);
    }
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Hanse.Core.Journal;
using Hanse.Core.Time;
using Hanse.Skills;
using Hanse.Skills.Packages;
using Hanse.Skills.Trust;
using Xunit;

namespace Hanse.Server.Tests.Releases;

/// <summary>A repository of releases of the pricing skill, with keys, and the folder that they are pushed
/// to.</summary>
internal sealed class ReleaseMaker : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hanse-releases-").FullName;
    private readonly SigningKey[] _keys = [.. Enumerable.Range(0, 5).Select(_ => SigningKey.Generate())];
    private readonly byte[] _module = Module();
    private TrustState _state;

    public ReleaseMaker(DateTimeOffset epoch)
    {
        Published(Open().Create(new SortedDictionary<string, RoleKeys>(StringComparer.Ordinal)
        {
            [TrustFormat.Root] = Keys(2, 0..3),
            [TrustFormat.Targets] = Keys(1, 3..4),
            [TrustFormat.Snapshot] = Keys(1, 4..5),
            [TrustFormat.Timestamp] = Keys(1, 4..5),
        }));
        Epoch = new MissionEpoch(epoch.ToUnixTimeSeconds());
        _state = TrustState.Begin(File.ReadAllBytes(RootFile), Epoch, out _)!;
    }

    public MissionEpoch Epoch { get; }

    /// <summary>What a machine is given when it is commissioned.</summary>
    public string RootFile => Path.Combine(Repository, "metadata", "1.root.json");

    /// <summary>What a server is given.</summary>
    public string Mirrored => Path.Combine(_folder, "mirror");

    private string Repository => Path.Combine(_folder, "repo");

    public void Dispose()
    {
        foreach (SigningKey key in _keys)
        {
            key.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Packs, vouches for and pushes a version.</summary>
    public Parcel Push(string version, string more = "")
    {
        SkillPackage? package = SkillPackage.Pack(
            Encoding.UTF8.GetBytes($$"""{"name":"pricing","version":"{{version}}","kind":"bid"{{more}}}"""),
            _module, out string? refusal);
        Assert.True(package is not null, refusal);
        Published(Open().Add(package));
        SkillRepository opened = Open();
        AdmissionOutcome outcome = SkillAdmission.Check(
            _state, opened.Metadata, opened.Layout, package.Manifest.Target, Instant.Epoch, null);
        Assert.True(outcome.Stage == AdmissionStage.Admitted, outcome.Refusal);
        Assert.Null(Mirror.Push(outcome, Repository, Mirrored, out Parcel? parcel));
        _state = outcome.State;
        return parcel!;
    }

    /// <summary>Nobody vouches for a version any more.</summary>
    public void Withdraw(string version) => Published(Open().Withdraw("pricing/" + version));

    /// <summary>A parcel that somebody else put together, pushed without asking.</summary>
    public Parcel Forge(Parcel of, string file, Func<byte[], byte[]> change)
    {
        var files = new MemoryBundle();
        foreach (string name in of.Files.Names)
        {
            files[name] = name == file ? change(of.Files[name]) : of.Files[name];
        }

        var forged = Parcel.Of(of.Target, of.Image, files, out string? refusal);
        Assert.True(forged is not null, refusal);
        FolderBundle.Write(Mirrored, Parcel.FileName(forged.Digest), forged.Bytes);
        return forged;
    }

    private static byte[] Module()
    {
        using Stream file = typeof(ReleaseMaker).Assembly.GetManifestResourceStream("pricing.wasm")!;
        byte[] module = new byte[file.Length];
        file.ReadExactly(module);
        return module;
    }

    private static void Published(RepositoryNews news)
    {
        Assert.Null(news.Refusal);
        Assert.Empty(news.Waiting);
    }

    private SkillRepository Open() =>
        new(Repository, _keys, DateTimeOffset.UtcNow.ToUnixTimeSeconds());

    private RoleKeys Keys(int threshold, Range which) =>
        new([.. _keys[which].Select(key => key.Public)], threshold);
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hanse.Cli.Cores;
using Hanse.Core.Time;
using Hanse.IO.Cores;
using Hanse.Skills.Packages;
using Hanse.Skills.Trust;
using Xunit;

namespace Hanse.Server.Tests.Cores;

/// <summary>A repository of images of the core, with keys, and what an agent is installed with.</summary>
internal sealed class CoreMaker : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hanse-cores-").FullName;
    private readonly SigningKey[] _keys = [.. Enumerable.Range(0, 7).Select(_ => SigningKey.Generate())];
    private readonly TrustState _state;

    public CoreMaker(DateTimeOffset epoch)
    {
        Published(Open().Create(new SortedDictionary<string, RoleKeys>(StringComparer.Ordinal)
        {
            [TrustFormat.Root] = Keys(2, 0..3),
            [TrustFormat.Targets] = Keys(1, 3..4),
            [TrustFormat.Snapshot] = Keys(1, 4..5),
            [TrustFormat.Timestamp] = Keys(1, 4..5),
        }));
        Published(Open().Delegate("core", Keys(2, 5..7), ["core/*"]));
        Published(Open().Delegate("lone", Keys(1, 5..6), ["core/*"]));
        var begins = new MissionEpoch(epoch.ToUnixTimeSeconds());
        _state = TrustState.Begin(File.ReadAllBytes(RootFile), begins, out _)!;
        Copy(Built, Installed);
        Copy(Built, Image);
    }

    /// <summary>What a machine is given when it is commissioned.</summary>
    public string RootFile => Path.Combine(Repository, "metadata", "1.root.json");

    /// <summary>What hubs hand out.</summary>
    public string Mirrored => Path.Combine(_folder, "mirror");

    /// <summary>What an agent is installed with.</summary>
    public string Installed => Path.Combine(_folder, "installed");

    private string Repository => Path.Combine(_folder, "repo");

    private string Image => Path.Combine(_folder, "image");

    // The program as it is built beside these tests.
    private static string Built => Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "Hanse.Cli",
        Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory))));

    public void Dispose()
    {
        foreach (SigningKey key in _keys)
        {
            key.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Packs, vouches for and pushes an image that differs from the installed one in a
    /// file.</summary>
    /// <param name="version">What it is called.</param>
    /// <param name="name">The file.</param>
    /// <param name="content">What is in it.</param>
    /// <param name="role">Who vouches for it.</param>
    public Parcel Push(string version, string name, string content, string role = "core")
    {
        string file = Path.Combine(Image, name);
        byte[]? before = File.Exists(file) ? File.ReadAllBytes(file) : null;
        File.WriteAllText(file, content);
        (CoreImage image, MemoryBundle files) = CorePackage.Pack(Image, Installed);
        if (before is null)
        {
            File.Delete(file);
        }
        else
        {
            File.WriteAllBytes(file, before);
        }

        string list = Parcel.NameOf(image.Digest);
        Published(Open().Vouch("core/" + version, files[list], files, role));
        Parcel? parcel = CorePackage.ParcelOf(
            Repository, "core/" + version, _state, Instant.Epoch, out _, out string? refusal);
        if (role != "core")
        {
            // Nobody honest pushes it.
            Assert.Contains("takes 1 signature", refusal);
            var opened = new SkillRepository(Repository, [], 0);
            TrustOutcome outcome = TrustUpdate.Apply(_state, opened.Metadata, Instant.Epoch);
            parcel = Parcel.Make(
                "core/" + version, image.Digest, files, outcome.State, opened.Metadata, out refusal);
        }

        Assert.True(parcel is not null, refusal);
        FolderBundle.Write(Mirrored, Parcel.FileName(parcel.Image), parcel.Bytes);
        return parcel;
    }

    private static void Copy(string from, string to)
    {
        foreach (CoreFile file in CoreImage.Of(from).Files)
        {
            bool isOfAnotherMachine = file.Name.StartsWith("runtimes/", StringComparison.Ordinal)
                && !file.Name.StartsWith("runtimes/linux-x64/", StringComparison.Ordinal);
            if (!isOfAnotherMachine)
            {
                string path = Path.Combine(to, file.Name);
                _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.Copy(Path.Combine(from, file.Name), path);
            }
        }
    }

    private static void Published(RepositoryNews news)
    {
        Assert.Null(news.Refusal);
        Assert.Empty(news.Waiting);
    }

    private SkillRepository Open() => new(Repository, _keys, DateTimeOffset.UtcNow.ToUnixTimeSeconds());

    private RoleKeys Keys(int threshold, Range which) =>
        new([.. _keys[which].Select(key => key.Public)], threshold);
}

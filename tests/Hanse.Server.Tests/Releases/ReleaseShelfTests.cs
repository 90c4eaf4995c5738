using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Hanse.Agent;
using Hanse.Cli.Releases;
using Hanse.Core.Decisions;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Skills;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Skills.Packages;
using Xunit;

namespace Hanse.Server.Tests.Releases;

/// <summary>The shelf of an agent by itself: what it says of a package, and what is left of it after a
/// restart.</summary>
public sealed class ReleaseShelfTests : IDisposable
{
    private static readonly byte[] _question = PricingRecord.Of(new PricingInput
    {
        Quantity = Grams.FromTonnes(4),
        Lot = Grams.FromTonnes(2),
        Propellant = Grams.FromTonnes(1),
        PropellantPerTonne = new Credits(50_000),
        SparesPerLife = new Credits(10_000_000),
        Wear = new PartsPerMillion(500),
        WearBefore = new PartsPerMillion(10_000),
        Minutes = 60_000,
        HourlyCost = new Credits(2_000),
        Hazard = new HazardLaw(3, new PartsPerMillion(1_500_000), Credits.FromWhole(20)),
        Margin = new PartsPerMillion(80_000),
        Toll = default,
    });

    private readonly string _folder = Directory.CreateTempSubdirectory("hanse-shelf-").FullName;
    private readonly ReleaseMaker _maker = new(DateTimeOffset.UtcNow);
    private readonly ConcurrentQueue<NodeInput> _told = [];
    private readonly ConcurrentQueue<string> _log = [];
    private double _day = 1;

    public void Dispose()
    {
        _maker.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_release_that_was_admitted_is_ready_again_after_a_restart()
    {
        Parcel parcel = _maker.Push("1.0.0");
        await using (ReleaseShelf shelf = Open(isCommissioned: true))
        {
            await FetchAsync(shelf, parcel);
            Assert.True(await AdmitAsync(shelf, parcel));
            Answers(shelf, parcel);
        }

        // Longer than any metadata is good for, and with nothing but its folder.
        _day = 4_000;
        await using (ReleaseShelf shelf = Open(needed: parcel.Digest))
        {
            Answers(shelf, parcel);
            Assert.Equal($"release {parcel.Digest}: ready again", _log.Last());
            Assert.False(await AdmitAsync(shelf, parcel)); // Nothing new comes in so late.
            Assert.Contains("(expired)", _log.Last(), StringComparison.Ordinal);
        }

        // Without what the compiler made of it, it is compiled again.
        Directory.Delete(Path.Combine(_folder, "compiled"), recursive: true);
        await using (ReleaseShelf shelf = Open(needed: parcel.Digest))
        {
            Answers(shelf, parcel);
        }

        // Spoilt, it is no answer, and so is what the node does not need any more.
        string file = Path.Combine(_folder, "packages", parcel.Digest.ToString());
        byte[] bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
        await using (ReleaseShelf shelf = Open(needed: parcel.Digest))
        {
            Assert.Equal(SkillOutcome.NoAnswer, Ask(shelf, parcel).Outcome);
            Assert.False(File.Exists(file));
        }

        await File.WriteAllBytesAsync(file, parcel.Bytes, TestContext.Current.CancellationToken);
        await using (ReleaseShelf shelf = Open())
        {
            Assert.False(File.Exists(file));
            Assert.Equal(SkillOutcome.NoAnswer, Ask(shelf, parcel).Outcome);
        }
    }

    [Fact]
    public async Task What_was_dropped_is_gone_and_comes_again()
    {
        Parcel parcel = _maker.Push("1.0.0");
        await using ReleaseShelf shelf = Open(isCommissioned: true);
        for (int round = 0; round < 2; round++)
        {
            await FetchAsync(shelf, parcel);
            Assert.True(await AdmitAsync(shelf, parcel));
            Answers(shelf, parcel);
            shelf.Handle(new PackageWork(PackageAct.Drop, parcel.Digest, 0, 0, []));
            Assert.Equal(0, await HeldAsync(shelf, new PackageWork(
                PackageAct.Look, parcel.Digest, parcel.Bytes.Length, 0, [])));
            Assert.Equal(SkillOutcome.NoAnswer, Ask(shelf, parcel).Outcome);
        }
    }

    // What is trusted must be durable before anybody acts on it; a disk that fails is no verdict.
    [Fact]
    public async Task A_disk_that_fails_says_nothing_of_a_release()
    {
        Parcel parcel = _maker.Push("1.0.0");
        await using ReleaseShelf shelf = Open(isCommissioned: true);
        await FetchAsync(shelf, parcel);
        string inTheWay = Path.Combine(_folder, "heard.new");
        _ = Directory.CreateDirectory(inTheWay);
        shelf.Handle(new PackageWork(PackageAct.Admit, parcel.Digest, parcel.Bytes.Length, 0, []));
        Assert.Equal(parcel.Bytes.Length, await HeldAsync(shelf, new PackageWork(
            PackageAct.Look, parcel.Digest, parcel.Bytes.Length, 0, [])));
        Assert.DoesNotContain(_told, told => told is NodeInput.PackageJudged);
        Directory.Delete(inTheWay);
        Assert.True(await AdmitAsync(shelf, parcel));
    }

    [Fact]
    public void Without_anybody_to_trust_there_is_no_shelf()
    {
        Assert.Null(ReleaseShelf.Open(
            AgentFolder.Open(_folder), null, _maker.Epoch, new SortedSet<string>(), () => default,
            _log.Enqueue, out string? refusal));
        Assert.Null(refusal);
        Assert.Null(ReleaseShelf.Open(
            AgentFolder.Open(_folder), [1, 2, 3], _maker.Epoch, new SortedSet<string>(), () => default,
            _log.Enqueue, out refusal));
        Assert.NotNull(refusal);
        File.WriteAllText(Path.Combine(_folder, "trust"), "{");
        Assert.Null(ReleaseShelf.Open(
            AgentFolder.Open(_folder), File.ReadAllBytes(_maker.RootFile), _maker.Epoch,
            new SortedSet<string>(), () => default, _log.Enqueue, out refusal));
        Assert.Contains("is spoiled", refusal, StringComparison.Ordinal);
    }

    private static SkillAnswer Ask(ReleaseShelf shelf, Parcel parcel) =>
        shelf.Skills.Run(parcel.Digest, SkillFunction.Pricing, new(1, 1), _question);

    private static void Answers(ReleaseShelf shelf, Parcel parcel) => Assert.Equal(
        SkillContract.Own(SkillFunction.Pricing, _question), Ask(shelf, parcel).Output);

    private ReleaseShelf Open(bool isCommissioned = false, Digest? needed = null)
    {
        var shelf = ReleaseShelf.Open(
            AgentFolder.Open(_folder), isCommissioned ? File.ReadAllBytes(_maker.RootFile) : null,
            _maker.Epoch, new SortedSet<string>(), () => Instant.Epoch + TimeSpan.FromDays(_day),
            _log.Enqueue, out string? refusal);
        Assert.True(shelf is not null, refusal);
        shelf.Start(_told.Enqueue, new SortedSet<Digest>(needed is { } one ? [one] : []));
        return shelf;
    }

    private async Task FetchAsync(ReleaseShelf shelf, Parcel parcel)
    {
        for (int from = 0; from < parcel.Bytes.Length; from += 3_072)
        {
            byte[] stretch = parcel.Bytes[from..Math.Min(parcel.Bytes.Length, from + 3_072)];
            var work = new PackageWork(
                PackageAct.Keep, parcel.Digest, parcel.Bytes.Length, from, stretch);
            Assert.Equal(from + stretch.Length, await HeldAsync(shelf, work));

            // Repeated, it changes nothing.
            Assert.Equal(from + stretch.Length, await HeldAsync(shelf, work));
        }
    }

    private async Task<int> HeldAsync(ReleaseShelf shelf, PackageWork work) =>
        ((NodeInput.PackageHeld)await ToldAsync(shelf, work)).Bytes;

    private async Task<bool> AdmitAsync(ReleaseShelf shelf, Parcel parcel) =>
        ((NodeInput.PackageJudged)await ToldAsync(shelf, new PackageWork(
            PackageAct.Admit, parcel.Digest, parcel.Bytes.Length, 0, []))).IsAdmitted;

    private async Task<NodeInput> ToldAsync(ReleaseShelf shelf, PackageWork work)
    {
        shelf.Handle(work);
        NodeInput? told = null;
        await SmallMission.Until(() => Task.FromResult(_told.TryDequeue(out told)), $"it says of {work.Act}");
        return told!;
    }
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Threading.Tasks;
using Hanse.Cli.Releases;
using Hanse.Cli.Serving;
using Hanse.Core.Decisions;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Core.Units;
using Hanse.IO.Plane;
using Hanse.Skills.Packages;
using Xunit;

namespace Hanse.Server.Tests.Releases;

/// <summary>What a server has of releases, and what it runs of them.</summary>
public sealed class PackageLibraryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hanse-library-").FullName;
    private readonly ReleaseMaker _maker = new(DateTimeOffset.UtcNow);
    private readonly List<string> _log = [];

    public void Dispose()
    {
        _maker.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void It_hands_out_what_its_name_says_and_nothing_else()
    {
        using PackageLibrary library = Open();
        Parcel parcel = _maker.Push("1.0.0");
        Assert.Equal(parcel.Bytes[..100], library.Read(parcel.Digest, 0, 100));
        Assert.Equal(parcel.Bytes[^7..], library.Read(parcel.Digest, parcel.Bytes.Length - 7, 3_072));
        Assert.Empty(library.Read(parcel.Digest, parcel.Bytes.Length, 3_072)!);
        Assert.Null(library.Read(Digest.Of([1]), 0, 3_072));
        Assert.Empty(_log);

        // Somebody has written into the folder who may not.
        Parcel other = _maker.Push("1.0.1");
        byte[] bytes = [.. other.Bytes];
        bytes[^1] ^= 1;
        File.WriteAllBytes(Path.Combine(_maker.Mirrored, Parcel.FileName(other.Digest)), bytes);
        Assert.Null(library.Read(other.Digest, 0, 3_072));
        Assert.Contains("is not what its name says", Assert.Single(_log), StringComparison.Ordinal);
    }

    [Fact]
    public void A_decision_by_a_release_is_taken_again_by_the_same_release()
    {
        byte[] question = PricingRecord.Of(new PricingInput
        {
            Quantity = Grams.FromTonnes(4),
            Lot = Grams.FromTonnes(2),
            Propellant = Grams.FromTonnes(1),
            PropellantPerTonne = new Credits(50_000),
            SparesPerLife = new Credits(10_000_000),
            Wear = new PartsPerMillion(500),
            Minutes = 60_000,
            HourlyCost = new Credits(2_000),
            Hazard = new HazardLaw(3, new PartsPerMillion(1_500_000), Credits.FromWhole(20)),
            Margin = new PartsPerMillion(80_000),
            Toll = default,
            WearBefore = new PartsPerMillion(10_000),
        });
        Parcel parcel = _maker.Push("1.0.0");
        for (int start = 0; start < 2; start++)
        {
            using PackageLibrary library = Open();
            SkillAnswer answer = library.Run(parcel.Digest, SkillFunction.Pricing, new(1, 1), question);
            Assert.Equal(SkillOutcome.Answered, answer.Outcome);
            Assert.Equal(SkillContract.Own(SkillFunction.Pricing, question), answer.Output);
            Assert.Equal(
                SkillOutcome.NoAnswer,
                library.Run(Digest.Of([1]), SkillFunction.Pricing, new(1, 1), question).Outcome);
        }

        Assert.Empty(_log);
    }

    [Fact]
    public async Task A_served_mission_has_what_is_in_its_folder()
    {
        Parcel parcel = _maker.Push("1.0.0");
        await using var small = new SmallMission(nodes: 2);
        LiveMission mission = await LiveMission.StartAsync(
            new LiveOptions
            {
                Folder = _folder,
                Scenario = small.Scenario,
                Pace = 1,
                HasFleet = false,
                Packages = _maker.Mirrored,
                Listen = new IPEndPoint(IPAddress.Loopback, 0),
                Time = TimeProvider.System,
                Log = _ => { },
            },
            TestContext.Current.CancellationToken);
        await using (mission)
        {
            IPlanePorts ports = mission;
            Assert.Equal(parcel.Bytes[..3_072], ports.ReadPackage(parcel.Digest, 0, 3_072));
            Assert.Empty(ports.ReadPackage(Digest.Of([1]), 0, 3_072));
        }
    }

    private PackageLibrary Open() =>
        new(_maker.Mirrored, Path.Combine(_folder, "compiled"), null, _log.Add);
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Hanse.Core.Journal;
using Hanse.Skills.Packages;
using Hanse.Skills.Tests.Trust;
using Xunit;

namespace Hanse.Skills.Tests;

/// <summary>One digest on machines that have little in common: other sensors, other tools, other computers.
/// It is admitted by what they are able to do, runs unchanged, and gives each what its own readings
/// say.</summary>
public sealed class HardwareProfileTests : IDisposable
{
    private const long FuelOfTheSmallest = 200_000;

    private static readonly Profile[] _profiles =
    [
        new("scout", ["assay"], 2, 40_000, 300_000, FuelOfTheSmallest, IsPooled: false),
        new("digger", ["assay", "drill"], 6, 12_000, 5_000_000, 10_000_000, IsPooled: true),
        new("hauler", ["assay", "haul", "weld"], 3, 25_000, 60_000_000, 2_000_000, IsPooled: true),
        new("prospector", ["assay", "drill", "spectrometer"], 12, 3_000, 900_000, 1_000_000, IsPooled: false),
    ];

    private readonly TrustRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task One_digest_runs_unchanged_on_four_kinds_of_hardware()
    {
        SkillPackage package = Package();
        var answers = new List<string>();
        var admitted = new SortedSet<Digest>();
        foreach (Profile profile in _profiles)
        {
            using var engine = new SkillEngine(profile.IsPooled);
            AdmissionOutcome outcome = Admit(engine, package, profile);
            using Skill? skill = outcome.Skill;
            Assert.True(outcome.Stage == AdmissionStage.Admitted, $"{profile.Name}: {outcome.Refusal}");
            _ = admitted.Add(skill!.Digest);
            answers.Add(await Answers(skill, _profiles, profile.FuelMax));
        }

        // Every machine gives every machine's questions the same bits, for the same fuel.
        _ = Assert.Single(admitted);
        _ = Assert.Single(answers.Distinct());
    }

    [Fact]
    public async Task Each_is_told_what_its_own_readings_and_its_own_hold_say()
    {
        using var engine = new SkillEngine();
        using Skill skill = Wat.Load(engine, Shipped.Module("assay"));
        using var workers = new SkillWorkers(1);
        var dug = new List<long>();
        foreach (Profile profile in _profiles)
        {
            SkillResult result = await workers.Run(() => skill.Decide(
                profile.Question(5, 600_000), SkillBudget.Decision, NoHost.Instance));
            Assert.True(result.IsAnswered, profile.Name);
            long[] answer = Shipped.Numbers(result.Answer);
            Assert.True(answer[1] <= profile.Hold, profile.Name); // Within what it can carry.
            dug.Add(answer[0]);
        }

        // Two coarse readings are too few to dig by; twelve fine ones are not.
        Assert.Equal(3, dug[0]);
        Assert.Equal(1, dug[3]);
    }

    [Fact]
    public void A_machine_without_what_it_needs_keeps_what_it_has()
    {
        SkillPackage package = Package();
        using var engine = new SkillEngine();
        foreach (Profile profile in (Profile[])
        [
            _profiles[1] with { Name = "blind", Capabilities = ["drill", "haul"] },
            _profiles[1] with { Name = "slow", FuelMax = FuelOfTheSmallest - 1 },
        ])
        {
            AdmissionOutcome outcome = Admit(engine, package, profile);
            Assert.Equal(AdmissionStage.Grant, outcome.Stage);
            Assert.Null(outcome.Skill);
        }
    }

    private static SkillPackage Package()
    {
        byte[] module = Shipped.Module("assay");
        return SkillPackage.Of(
            Packages.PackageRig.Manifest(module) with
            {
                Imports = HostFunctions.None,
                Capabilities = ["assay"],
                Fuel = FuelOfTheSmallest,
                MemoryPages = 1,
            },
            module);
    }

    private AdmissionOutcome Admit(SkillEngine engine, SkillPackage package, Profile profile)
    {
        _rig.Files = new MemoryBundle();
        _ = _rig.Fill(1, _rig.Targets(1, package.Image), 400);
        var grant = new NodeGrant(
            HostFunctions.None,
            new SortedSet<string>(profile.Capabilities, StringComparer.Ordinal),
            profile.FuelMax);
        var door = new SkillAdmission(
            engine, grant,
            (ReadOnlySpan<byte> module, out string? refusal) => Skill.Compile(engine, module, out refusal),
            null);
        return door.Admit(_rig.Begin(), _rig.Files, package.ToLayout(), TrustRig.Target, TrustRig.Now);
    }

    private static async Task<string> Answers(Skill skill, Profile[] askers, long fuelMax)
    {
        using var workers = new SkillWorkers(1);
        SkillBudget budget = SkillBudget.Decision with
        {
            Fuel = (ulong)Math.Min(FuelOfTheSmallest, fuelMax),
        };
        return await workers.Run(() => string.Join('\n', askers.SelectMany(asker =>
            Enumerable.Range(1, 200).Select(draw =>
            {
                SkillResult result = skill.Decide(
                    asker.Question(draw, 20_000 * (draw % 40)), budget, NoHost.Instance);
                return $"{result.Reason} {result.Fuel} {Convert.ToHexString(result.Answer)}";
            }))));
    }

    /// <summary>A kind of hardware.</summary>
    private sealed record Profile(
        string Name, string[] Capabilities, int Readings, long Sigma, long Hold, long FuelMax, bool IsPooled)
    {
        // What it reads of a site of a grade: parts per million, off by its own sensor.
        public byte[] Question(int draw, long grade)
        {
            var random = new Random(draw);
            return Shipped.Bytes(
            [
                1, 4_000_000, Hold, 2_000_000, 30_000_000, 5_000_000, 900_000, 2_000, 4, Readings,
                .. Enumerable.Range(0, Readings).SelectMany(_ => new[]
                {
                    Math.Clamp(grade + random.NextInt64(-2 * Sigma, 2 * Sigma), 0, 1_000_000), Sigma,
                }),
            ]);
        }
    }
}

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using Hanse.Core.Decisions;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Core.Units;
using Hanse.Core.Wire;
using Hanse.Simulation.Scenarios;
using Hanse.Simulation.World;

namespace Hanse.Simulation.Fleet;

/// <summary>A release as the simulator knows it: what is ordered, and what is wrong with it.</summary>
/// <param name="At">When it is ordered.</param>
/// <param name="Rollout">What is ordered.</param>
/// <param name="Named">What the scenario says of it.</param>
/// <param name="Package">Its bytes.</param>
internal sealed record PlannedRollout(long At, Rollout Rollout, NamedRollout Named, byte[] Package);

/// <summary>The releases of a run.</summary>
internal sealed class Releases
{
    /// <summary>The version of the contract that machines of a simulated fleet speak.</summary>
    public const int Abi = 1;

    private readonly SortedDictionary<Digest, PlannedRollout> _byName = [];

    public Releases(Scenario scenario, ulong seed)
    {
        Skills = scenario.Rollouts.IsEmpty ? null : new ModelSkills(this, null);
        Planned =
        [
            .. scenario.Rollouts.OrderBy(named => named.Day).Select(
                (named, i) => Plan(named, (uint)i + 1, scenario, seed)),
        ];
        foreach (PlannedRollout planned in Planned)
        {
            _byName.Add(planned.Rollout.Release, planned);
        }
    }

    /// <summary>In order of their days.</summary>
    public ImmutableArray<PlannedRollout> Planned { get; }

    /// <summary>Whether images of the core are among them.</summary>
    public bool HasCores => Planned.Any(planned => planned.Rollout.Function == SkillFunction.Core);

    /// <summary>What runs them; null when there are none.</summary>
    public ISkills? Skills { get; private set; }

    /// <summary>Has right answers come from elsewhere.</summary>
    public void AnswerBy(Func<SkillFunction, ReadOnlyMemory<byte>, byte[]?> sandbox) =>
        Skills = Skills is null ? null : new ModelSkills(this, sandbox);

    /// <summary>A release by its digest.</summary>
    public PlannedRollout? Find(Digest release) => _byName.GetValueOrDefault(release);

    /// <summary>A stretch of a package, as far as it goes.</summary>
    public byte[] Read(Digest release, int from, int count) =>
        Find(release) is { } found && from < found.Package.Length
            ? found.Package.AsSpan(from, Math.Min(count, found.Package.Length - from)).ToArray() : [];

    // As many as an order can have.
    private static ImmutableArray<int> GroupsOf(RolloutSplit split, Scenario scenario)
    {
        IEnumerable<int> classes = Enumerable.Range(1, scenario.Fleet.Variants);
        IEnumerable<int> generations = Enumerable.Range(
            1, scenario.Growth.DoublingDays > 0 ? scenario.Growth.Generations : 1);
        return split switch
        {
            RolloutSplit.Generation =>
                [.. generations.Select(generation => RolloutGroup.OfGeneration(generation).Number)],
            RolloutSplit.Strain =>
            [
                .. generations.SelectMany(generation => classes.Select(kind =>
                    RolloutGroup.OfStrain(new MachineKind(kind, generation)).Number)),
            ],
            _ => [.. classes],
        };
    }

    // An image has to be heard in a contact window, so it is on probation for one and a half of them.
    private static PlannedRollout Plan(NamedRollout named, uint id, Scenario scenario, ulong seed)
    {
        double windows = named.Function == SkillFunction.Core ? 1.5 * scenario.Links.NodePeriodHours : 0;
        byte[] package = new byte[(int)(named.Kilobytes * 1000)];
        var draw = new Draw(seed, "package", id);
        for (int i = 0; i < package.Length; i++)
        {
            package[i] = (byte)draw.Below(256);
        }

        byte[] name = Encoding.UTF8.GetBytes(named.Name);
        name.AsSpan(0, Math.Min(name.Length, package.Length)).CopyTo(package);
        RolloutRules rules = named.Lane switch
        {
            RolloutLane.Expedited => RolloutRules.Expedited,
            RolloutLane.Monolithic => RolloutRules.Monolithic,
            RolloutLane.Core => RolloutRules.Core,
            _ => RolloutRules.Standard,
        };
        var rollout = new Rollout(
            id,
            named.Function,
            Abi,
            Digest.Of(package),
            package.Length,
            GroupsOf(named.Groups, scenario),
            new SkillTrial(
                named.Lane == RolloutLane.Expedited ? 32 : 8,
                new PartsPerMillion((int)(named.DivergencePercent * 10_000)),
                TimeSpan.FromHours(Math.Max(7 * 24, windows)),
                TimeSpan.FromHours(named.Lane == RolloutLane.Expedited ? 1 : 6)),
            rules with
            {
                Authority = TimeSpan.FromDays(named.AuthorityDays),
                Strain = named.StrainPercent == 0 ? rules.Strain
                    : new PartsPerMillion(Math.Max(1, (int)(named.StrainPercent * 10_000))),
            });
        return new PlannedRollout(
            (long)(named.Day * Blueprint.Days(1)), rollout, named, package);
    }
}

/// <summary>A model of the sandbox on one kind of machine: releases answer as the core does, and err as the
/// scenario says.</summary>
/// <remarks>A faulty release errs on some questions, which follow from their bytes: so it may stand its
/// shadow and fail later, as real ones do, and the same question gets the same answer wherever it is asked
/// again.</remarks>
/// <param name="releases">What there is.</param>
/// <param name="sandbox">What gives right answers; null for the core's own function.</param>
internal sealed class ModelSkills(
    Releases releases, Func<SkillFunction, ReadOnlyMemory<byte>, byte[]?>? sandbox) : ISkills
{
    /// <inheritdoc/>
    public int Abi => Releases.Abi;

    /// <inheritdoc/>
    public SkillAnswer Run(
        Digest release, SkillFunction function, MachineKind kind, ReadOnlyMemory<byte> question)
    {
        if (releases.Find(release) is not { } found || found.Rollout.Function != function)
        {
            return new SkillAnswer(SkillOutcome.NoAnswer, []);
        }

        byte[]? right = sandbox is null ? SkillContract.Own(function, question) : sandbox(function, question);
        if (right is null)
        {
            return new SkillAnswer(SkillOutcome.NoAnswer, []);
        }

        return Errs(found, kind, question) ? found.Named.Fault switch
        {
            ReleaseFault.Crash => new SkillAnswer(SkillOutcome.NoAnswer, []),
            ReleaseFault.Slow => new SkillAnswer(SkillOutcome.TooSlow, []),
            _ => new SkillAnswer(SkillOutcome.Answered, Less(function, right)),
        }
            : new SkillAnswer(SkillOutcome.Answered, right);
    }

    /// <summary>Whether a release errs at all on a kind of machine.</summary>
    public static bool MayErr(NamedRollout named, MachineKind kind)
    {
        bool isEnough = named.Fault == ReleaseFault.Slow && named.FuelPercent > 0
            && named.FuelPercent <= 100 * HardwareGeneration.ComputeOf(kind.Generation);
        return (named.FaultClass == 0 || named.FaultClass == kind.Class)
            && (named.FaultGeneration == 0 || named.FaultGeneration == kind.Generation)
            && !isEnough
            && named.Fault is ReleaseFault.Crash or ReleaseFault.Slow or ReleaseFault.Wrong;
    }

    private static bool Errs(PlannedRollout found, MachineKind kind, ReadOnlyMemory<byte> question) =>
        MayErr(found.Named, kind)
        && (Digest.Of(question.Span).A ^ found.Rollout.Release.B) % 10_000 < found.Named.FaultPercent * 100;

    private static byte[] Less(SkillFunction function, byte[] right)
    {
        if (function == SkillFunction.Pricing)
        {
            PricingAnswer price = PricingRecord.Read(right);
            return PricingRecord.Of(new PricingAnswer(
                new Credits(price.Cost.Micro / 5 * 4), new Credits(price.PricePerLot.Micro / 5 * 4)));
        }

        _ = CborReader.TryRead(right, out ExtractionAnswer? answer, out _);
        return CborWriter.Bytes(new ExtractionAnswer(new Grams(answer!.Target.Value / 5 * 4)));
    }
}

using System.Collections.Immutable;
using Hanse.Core.Node;
using Hanse.Core.Units;

namespace Hanse.Simulation.Fleet;

/// <summary>How much better a hardware generation is than the one before it. The first is what a scenario
/// says.</summary>
/// <remarks>Modest, as of machines that are built out of what is there, by others of their kind; compute
/// grows as it has grown elsewhere. The numbers are the table in <c>docs/simulation.md</c>.</remarks>
internal static class HardwareGeneration
{
    private const double Power = 1.06;
    private const double ExtractionEnergy = 0.96;
    private const double Exhaust = 1.02;
    private const double Cargo = 1.03;
    private const double Unloading = 1.05;
    private const double Wear = 0.95;
    private const double Noise = 0.92;
    private const double Compute = 1.5;

    /// <summary>A machine of a generation, from 1, by what it is in the first.</summary>
    public static MachineDesign Of(MachineDesign first, int generation) => first with
    {
        Generation = generation,
        CargoMax = new Grams(Scaled(first.CargoMax.Value, Cargo, generation)),
        Exhaust = new DeltaV((int)Scaled(first.Exhaust.MillimetresPerSecond, Exhaust, generation)),
        Power = new Watts(Scaled(first.Power.Value, Power, generation)),
        ExtractionPerTonne = new Joules(
            Scaled(first.ExtractionPerTonne.Value, ExtractionEnergy, generation)),
        UnloadPerHour = new Grams(Scaled(first.UnloadPerHour.Value, Unloading, generation)),
        WearPerHour = new PartsPerMillion((int)Scaled(first.WearPerHour.Value, Wear, generation)),
        WearPerLeg = new PartsPerMillion((int)Scaled(first.WearPerLeg.Value, Wear, generation)),
    };

    /// <summary>Noise of its sensors over that of the first.</summary>
    public static double NoiseOf(int generation) => To(Noise, generation);

    /// <summary>What a release may use for an answer over what it may use in the first.</summary>
    public static double ComputeOf(int generation) => To(Compute, generation);

    /// <summary>Designs of all generations and classes: by generation, then by class.</summary>
    public static ImmutableArray<ImmutableArray<MachineDesign>> All(
        MachineDesign first, int generations, int classes)
    {
        ImmutableArray<ImmutableArray<MachineDesign>>.Builder all =
            ImmutableArray.CreateBuilder<ImmutableArray<MachineDesign>>(generations);
        for (int generation = 1; generation <= generations; generation++)
        {
            ImmutableArray<MachineDesign>.Builder kinds =
                ImmutableArray.CreateBuilder<MachineDesign>(classes);
            for (int kind = 1; kind <= classes; kind++)
            {
                kinds.Add(Of(first, generation) with { Class = kind });
            }

            all.Add(kinds.ToImmutable());
        }

        return all.ToImmutable();
    }

    // The first is what it is, to the last digit.
    private static long Scaled(long value, double factor, int generation) =>
        generation == 1 ? value : (long)(value * To(factor, generation));

    // Multiplied out, since a power function is not the same everywhere.
    private static double To(double factor, int generation)
    {
        double all = 1;
        for (int i = 1; i < generation; i++)
        {
            all *= factor;
        }

        return all;
    }
}

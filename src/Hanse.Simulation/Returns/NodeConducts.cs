using System;
using Hanse.Simulation.World;

namespace Hanse.Simulation.Returns;

/// <summary>Draws how a node of a kind behaves, and how bad it is.</summary>
internal static class NodeConducts
{
    // The first trip of a lie is one of these.
    private const int LieTripsMax = 8;

    /// <summary>A conduct, and its severity in the unit of the kind.</summary>
    public static (NodeConduct Conduct, double Severity) Of(ReturnKind kind, ref Draw draw)
    {
        NodeConduct honest = kind == ReturnKind.Exact ? Exact : Biased(ref draw);
        NodeConduct lying = honest with { LieFromTrip = (int)draw.Below(LieTripsMax + 1) };
        switch (kind)
        {
            case ReturnKind.Shortened:
                return (honest, draw.Between(0.05, 0.5));
            case ReturnKind.ClockBack:
                // Longer than from the end of a block to the beginning of the next.
                int back = (int)Log(ref draw, 62 * 60, 24 * 3600);
                return (honest with { HiddenClockStep = back }, back);
            case ReturnKind.ClockAhead:
                int ahead = (int)Log(ref draw, 60, 24 * 3600);
                return (honest with { HiddenClockStep = -ahead }, ahead);
            case ReturnKind.UnapprovedSkill:
                return (honest with { UnapprovedFrom = draw.Between(0, 0.95) }, 0);
            case ReturnKind.UnapprovedCore:
                return (honest with { UnapprovedFrom = draw.Between(0, 0.95), UnapprovedCore = true }, 0);
            case ReturnKind.ImpossibleBalance:
                long beyond = (long)Log(ref draw, 1, 5_000_000);
                return (lying with { ImpossibleGrams = beyond }, beyond);
            case ReturnKind.Overclaim:
                double share = Log(ref draw, 0.02, 1);
                return (lying with { Overclaim = share }, share);
            case ReturnKind.GrowingLie:
                double growth = Log(ref draw, 0.003, 0.1);
                return (lying with { OverclaimGrowth = growth }, growth);
            case ReturnKind.HiddenWear:
                double hidden = draw.Between(0.1, 1);
                return (honest with { HiddenWear = hidden }, hidden);
            case ReturnKind.BeyondRate:
                double rate = draw.Between(1.02, 2);
                return (lying with { ClaimedRate = rate }, rate);
            case ReturnKind.WrongDecision:
                double wrong = Log(ref draw, 0.002, 0.5);
                return (honest with { WrongDecisions = wrong }, wrong);
            case ReturnKind.SpoiledLeaves or ReturnKind.MissingLeaf:
                double spoiled = Log(ref draw, 0.000_5, 0.03);
                return (honest, spoiled);
            case ReturnKind.DuplicateDelivery:
                return (lying with { RepeatsDocking = true, LieFromTrip = lying.LieFromTrip + 1 }, 0);
            default:
                return (honest, 0);
        }
    }

    private static NodeConduct Exact { get; } = new()
    {
        Cargo = new SensorModel(0, 0.02),
        Propellant = new SensorModel(0, 0.02),
        Wear = new SensorModel(0, 0.02),
        Energy = new SensorModel(0, 0.02),
        Position = new SensorModel(0, 0.000_1),
        RebootsPerDay = 0,
        ClockStepsPerDay = 0,
        GapsPerDay = 0,
    };

    private static NodeConduct Biased(ref Draw draw) => new()
    {
        Cargo = new SensorModel(Bias(ref draw), 0.02),
        Propellant = new SensorModel(Bias(ref draw), 0.02),
        Wear = new SensorModel(Bias(ref draw), 0.02),
        Energy = new SensorModel(Bias(ref draw), 0.02),
        Position = new SensorModel(Bias(ref draw) / 200, 0.000_1),
    };

    // 5 to 10 %, either way.
    private static double Bias(ref Draw draw)
    {
        double size = draw.Between(0.05, 0.10);
        return draw.Chance(0.5) ? size : -size;
    }

    // As likely in each decade.
    private static double Log(ref Draw draw, double low, double high) =>
        low * Math.Pow(high / low, draw.Uniform());
}

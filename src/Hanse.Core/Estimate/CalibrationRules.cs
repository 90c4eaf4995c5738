using System;
using Hanse.Core.Machine;
using Hanse.Core.Units;

namespace Hanse.Core.Estimate;

/// <summary>What a mission knows of its sensors before it starts, and how sure its gates must be.</summary>
public sealed record CalibrationRules
{
    internal const long MicrosPerDay = 86_400_000_000;

    /// <summary>One sigma of the bias of a node never seen.</summary>
    public required PartsPerMillion PriorSigma { get; init; }

    /// <summary>One sigma of a node's single reading about its bias, before it is learned.</summary>
    public required PartsPerMillion ScatterSigma { get; init; }

    /// <summary>The largest scatter a node may be granted: more than that is erratic.</summary>
    public required PartsPerMillion ScatterSigmaMax { get; init; }

    /// <summary>How far a bias is expected to wander in a day, one sigma.</summary>
    public required PartsPerMillion DriftSigmaPerDay { get; init; }

    /// <summary>The error class accepted: a steady bias up to here is corrected, beyond it is
    /// doubted.</summary>
    public required PartsPerMillion BiasMax { get; init; }

    /// <summary>How seldom a window alone may call an honest residual inconsistent.</summary>
    public required Significance Window { get; init; }

    /// <summary>How seldom honest residuals may lead to doubt.</summary>
    public required Significance Doubt { get; init; }

    /// <summary>Where the running sum calls a bias changed, in thousandths of a sigma.</summary>
    public required int ChangeBound { get; init; }

    /// <summary>Where the sum over one window about its own mean calls a bias unsteady, in thousandths of a
    /// sigma.</summary>
    public required int DriftBound { get; init; }

    /// <summary>The rules measured in <c>docs/estimation.md</c>: nodes off by up to 10 %, readings that
    /// scatter by 2 %, biases up to 15 % corrected.</summary>
    public static CalibrationRules Measured { get; } = new()
    {
        PriorSigma = PartsPerMillion.FromPercent(7),
        ScatterSigma = PartsPerMillion.FromPercent(2),
        ScatterSigmaMax = PartsPerMillion.FromPercent(4),
        DriftSigmaPerDay = new PartsPerMillion(500),
        BiasMax = PartsPerMillion.FromPercent(15),
        Window = Significance.OneInThousand,
        Doubt = Significance.OneInMillion,
        ChangeBound = 5_000,
        DriftBound = 6_500,
    };

    internal long PriorVariance => Square(PriorSigma);

    internal long PriorScatter => Square(ScatterSigma);

    internal long ScatterMin => Square(ScatterSigma) / 16;

    internal long ScatterMax => Square(ScatterSigmaMax);

    internal long DriftPerDay => Square(DriftSigmaPerDay);

    private static long Square(PartsPerMillion sigma)
    {
        Invariant.Holds(Math.Abs(sigma.Value) <= Residual.SigmaMax);
        return (long)sigma.Value * sigma.Value;
    }
}

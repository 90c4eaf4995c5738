using System;
using Hanse.Simulation.World;

namespace Hanse.Simulation.Returns;

/// <summary>How a sensor lies: always alike, at random, wildly now and then, and much as it did a moment
/// ago.</summary>
/// <remarks>
/// The hub's estimator assumes a constant bias and independent errors of a stated size. This model is made
/// otherwise on purpose, so that a score does not judge the estimator by its own assumptions: errors are
/// correlated in time (first order autoregression), and a share of them comes from a Laplace distribution of
/// several times the size, up to six sigma: what is further off fails the machine's own test of the
/// instrument.
/// </remarks>
/// <param name="Bias">Constant relative error: 0.07 reads seven per cent too much.</param>
/// <param name="Sigma">Size of an ordinary relative error, one standard deviation.</param>
/// <param name="TailShare">Share of readings whose error is of the wild kind.</param>
/// <param name="TailScale">Size of a wild error, in sigmas.</param>
/// <param name="Memory">Correlation of one ordinary error with the next, from 0 to 1.</param>
public sealed record SensorModel(
    double Bias, double Sigma, double TailShare = 0.03, double TailScale = 3, double Memory = 0.5);

/// <summary>A sensor at work.</summary>
internal sealed class Sensor(SensorModel model, Draw draw)
{
    // Beyond, the machine's own test of its instrument fails and it does not report.
    private const double WildestSigmas = 6;

    private Draw _draw = draw;
    private double _last;

    /// <summary>What it says of a true value.</summary>
    public double Read(double truth)
    {
        double fresh = _draw.Normal() * Math.Sqrt(1 - (model.Memory * model.Memory));
        _last = (model.Memory * _last) + fresh;
        double error = _last * model.Sigma;
        if (_draw.Chance(model.TailShare))
        {
            double wild = _draw.Exponential(model.TailScale * model.Sigma / Math.Sqrt(2));
            error += _draw.Chance(0.5) ? wild : -wild;
            error = Math.Clamp(error, -WildestSigmas * model.Sigma, WildestSigmas * model.Sigma);
        }

        return truth * (1 + model.Bias + error);
    }

    /// <summary>What it says, in whole units, never below zero.</summary>
    public long ReadWhole(double truth) => Math.Max(0, (long)Math.Round(Read(truth)));
}

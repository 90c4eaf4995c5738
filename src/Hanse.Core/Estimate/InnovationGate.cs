using System;
using System.Collections.Immutable;

namespace Hanse.Core.Estimate;

/// <summary>Tells a sensor that is slightly wrong from one that is wild or lies.</summary>
/// <remarks>
/// The problem: every node is a few per cent wrong about itself, all of the time, and must be corrected and
/// not punished; a few are broken or lie by no more than looks plausible, and must be found. A single
/// residual tells them badly apart: at a sensor sigma of 2 % and a false alarm in a thousand, a bias of 5 %
/// shows in one of five.
/// <para>
/// The idea: judge windows. The last 1, 4, 9 and 16 residuals are summed, and the square of the sum over its
/// variance, the normalised innovation squared (Bar-Shalom, Li and Kirubarajan, 2001, section 5.4), meets a
/// chi-square bound of one degree of freedom: a constant bias grows with n, the noise with its root. A
/// running <see cref="Cusum"/> notices a change since the bias was learned. What is inconsistent with the
/// learned bias is then asked a second question: is it a steady bias within the accepted class? Then the
/// node is rebased to the middle of that window; a single residual is an outlier and rebases nothing. It is
/// doubted only when the middle of some window of at least four lies beyond the class
/// by more than chance explains, or, of at least nine, when the residuals scatter beyond what a sensor may or
/// drift within the window. The middle is the mean of residuals clipped to two sigma about their median, and
/// each counts for at most three sigma in the other two sums (Huber, Robust Statistics, 1981), so that no
/// lone gross error of an honest node leads to doubt.
/// </para>
/// <para>
/// Invariants: fewer than four residuals never lead to doubt; the judgement depends on the last sixteen
/// residuals, what was learned and the running sum, and on nothing else. Deliberately absent: what becomes of
/// a doubted node (the room Merge), and residuals of several variables together: their errors have different
/// causes, and a joint gate hides which one lies.
/// </para>
/// </remarks>
public static class InnovationGate
{
    /// <summary>Most residuals looked at.</summary>
    public const int WindowMax = 16;

    /// <summary>The least number that can lead to doubt.</summary>
    public const int DoubtMin = 4;

    // The least number that says anything of scatter and drift: two heavy residuals of four look like both.
    private const int SpreadMin = 9;

    /// <summary>Lengths of the windows.</summary>
    public static ImmutableArray<int> Windows { get; } = [1, 4, 9, 16];

    /// <summary>Judges a sensor by its last residuals, the newest last.</summary>
    /// <param name="learned">What is believed of it.</param>
    /// <param name="residuals">At most <see cref="WindowMax"/>.</param>
    /// <param name="running">The sum of innovations since the belief was last rebased.</param>
    /// <param name="rules">The mission's rules.</param>
    public static Judgement Judge(
        BiasEstimate learned, ReadOnlySpan<Residual> residuals, Cusum running, CalibrationRules rules)
    {
        int window = Exceeded(learned, residuals, rules.Window);
        Judgement judgement =
            running.IsAbove(rules.ChangeBound)
                ? new(GateVerdict.Rebase, GateReason.Change, Math.Min(DoubtMin, residuals.Length))
            : window > 1 ? new(GateVerdict.Rebase, GateReason.Window, window)
            : window == 1 ? new(GateVerdict.Consistent, GateReason.Outlier, 1)
            : new(GateVerdict.Consistent, GateReason.None, 0);
        foreach (int length in Windows)
        {
            if (length >= DoubtMin && length <= residuals.Length)
            {
                GateReason doubt = Doubt(residuals[^length..], learned.Scatter, rules);
                if (doubt != GateReason.None)
                {
                    return new Judgement(GateVerdict.Doubt, doubt, length);
                }
            }
        }

        return judgement;
    }

    /// <summary>Normalised innovation squared of the sum of some residuals, in thousandths.</summary>
    /// <remarks>Compare with <see cref="ChiSquare.Bound"/> of one degree of freedom.</remarks>
    public static Int128 Innovation(BiasEstimate learned, ReadOnlySpan<Residual> residuals)
    {
        long sum = 0;
        Int128 variance = (Int128)learned.Variance * residuals.Length * residuals.Length;
        foreach (Residual residual in residuals)
        {
            sum += residual.Error - learned.Mean;
            variance += (Int128)learned.Scatter + residual.Variance;
        }

        return (Int128)sum * sum * 1_000 / variance;
    }

    // The longest window whose sum is beyond its bound; zero when none is.
    private static int Exceeded(
        BiasEstimate learned, ReadOnlySpan<Residual> residuals, Significance alpha)
    {
        int longest = 0;
        foreach (int length in Windows)
        {
            if (length <= residuals.Length
                && Innovation(learned, residuals[^length..]) > ChiSquare.Bound(1, alpha))
            {
                longest = length;
            }
        }

        return longest;
    }

    private static GateReason Doubt(ReadOnlySpan<Residual> window, long scatter, CalibrationRules rules)
    {
        (int middle, Int128 variance) = Middle(window, scatter);
        long beyond = Math.Abs((long)middle) - rules.BiasMax.Value;
        if (beyond > 0
            && (Int128)beyond * beyond * 1_000 > variance * ChiSquare.Bound(1, rules.Doubt))
        {
            return GateReason.TooFar;
        }

        if (window.Length < SpreadMin)
        {
            return GateReason.None;
        }

        long squares = 0;
        var about = default(Cusum);
        bool drifts = false;
        foreach (Residual residual in window)
        {
            long sigma = Whole.RootUp((Int128)scatter + residual.Variance);
            long share = Math.Clamp(
                (residual.Error - (long)middle) * 1_000 / sigma, -Cusum.ResidualMax, Cusum.ResidualMax);
            squares += share * share / 1_000;
            about = about.Next(share);
            drifts |= about.IsAbove(rules.DriftBound);
        }

        return squares > ChiSquare.Bound(window.Length - 1, rules.Doubt) ? GateReason.Erratic
            : drifts ? GateReason.Drifting
            : GateReason.None;
    }

    /// <summary>The middle of some residuals, and the variance of it.</summary>
    internal static (int Middle, Int128 Variance) Middle(ReadOnlySpan<Residual> window, long scatter)
    {
        Span<int> sorted = stackalloc int[window.Length];
        for (int i = 0; i < window.Length; i++)
        {
            sorted[i] = window[i].Error;
        }

        sorted.Sort();
        int median = (int)(((long)sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2);
        long sum = 0;
        Int128 variance = 0;
        foreach (Residual residual in window)
        {
            Int128 own = (Int128)scatter + residual.Variance;
            long most = 2 * Whole.RootUp(own);
            sum += Math.Clamp(residual.Error - (long)median, -most, most);
            variance += own;
        }

        int middle = median + (int)(sum / window.Length);
        return (middle, variance / (window.Length * window.Length));
    }
}

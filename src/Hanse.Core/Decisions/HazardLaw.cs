using System;
using Hanse.Core.Units;

namespace Hanse.Core.Decisions;

/// <summary>How likely a machine is to be lost as it wears: Weibull's law over wear in place of
/// time.</summary>
/// <remarks>
/// Losses to expect until a wear w: H(w) = (w / scale)^shape (Weibull, J. Appl. Mech. 18, 1951). With a shape
/// of one every hour of work is as dangerous as every other; above, a worn machine is in more danger than a
/// new one, and spares that undo wear undo the danger.
/// </remarks>
/// <param name="Shape">0 to <see cref="ShapeMax"/>; zero for a machine that wear never breaks.</param>
/// <param name="Scale">The wear until which one loss is to be expected; positive.</param>
/// <param name="Replacement">What another machine costs.</param>
public sealed record HazardLaw(int Shape, PartsPerMillion Scale, Credits Replacement)
{
    /// <summary>Greatest shape.</summary>
    public const int ShapeMax = 4;

    /// <summary>Most wear that is reckoned with, parts per million: two lives.</summary>
    public const int WearMax = 2_000_000;

    // Losses are counted in parts of this.
    private const long Unit = 1_000_000_000_000;

    /// <summary>Wear breaks nothing.</summary>
    public static HazardLaw None { get; } = new(0, new PartsPerMillion(1_000_000), Credits.Zero);

    /// <summary>What the danger of wearing from one state to another costs: the losses to expect, one at
    /// most, times a machine. Rounded down; zero when it does not wear on.</summary>
    public Credits Cost(PartsPerMillion before, PartsPerMillion after)
    {
        Int128 losses = Shape == 0 ? 0 : Int128.Clamp(Until(after) - Until(before), 0, Unit);
        return new Credits((long)(losses * Replacement.Micro / Unit));
    }

    private Int128 Until(PartsPerMillion wear)
    {
        Int128 losses = Unit;
        for (int i = 0; i < Shape; i++)
        {
            losses = losses * Math.Clamp(wear.Value, 0, WearMax) / Math.Max(1, Scale.Value);
        }

        return losses;
    }
}

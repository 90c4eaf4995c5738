using System;

namespace Hanse.Core.Series;

/// <summary>Finds after how many samples a series resembles itself most.</summary>
internal static class Repetition
{
    // A spike counts for no more than this many ranks, or a few of them would decide.
    private const int DifferenceMax = 4;

    /// <summary>The best period within the model's limits; the least when the series is too short.</summary>
    /// <remarks>Cost: a thousand steps per sample, each trivial.</remarks>
    public static int Find(ReadOnlySpan<int> ranks)
    {
        int longest = Math.Min(SeriesModel.PeriodMax, ranks.Length / 3);
        int best = SeriesModel.PeriodMin;
        long leastDifference = long.MaxValue;
        for (int period = SeriesModel.PeriodMin; period <= longest; period++)
        {
            long difference = 0;
            for (int i = longest; i < ranks.Length && difference < leastDifference; i++)
            {
                difference += Math.Min(DifferenceMax, Math.Abs(ranks[i] - ranks[i - period]));
            }

            if (difference < leastDifference)
            {
                (best, leastDifference) = (period, difference);
            }
        }

        return best;
    }
}

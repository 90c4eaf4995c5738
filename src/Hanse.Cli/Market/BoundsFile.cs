using System;
using System.Globalization;
using System.IO;
using System.Linq;
using Hanse.Cli.Scenarios;

namespace Hanse.Cli.Market;

/// <summary>What is known of published instances: a line each with the name and <c>_Min</c>, a lower bound
/// and the best cost known.</summary>
internal static class BoundsFile
{
    private const string Suffix = "_Min";

    /// <summary>The best cost known of an instance; null when the file does not name it.</summary>
    /// <exception cref="InstanceRefusedException">Its line is not what it should be.</exception>
    public static long? BestKnown(string file, string instance)
    {
        int line = 0;
        foreach (string text in File.ReadLines(file))
        {
            line++;
            string[] words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.FirstOrDefault() == instance + Suffix)
            {
                return words.Length == 3
                    && long.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out long best)
                    && best is > 0 and <= Instance.NumberMax
                    ? best
                    : throw new InstanceRefusedException(new Mistake(file, line, 1,
                        $"must be '{instance}{Suffix}', a lower bound and the best cost known, in whole "
                            + "numbers"));
            }
        }

        return null;
    }
}

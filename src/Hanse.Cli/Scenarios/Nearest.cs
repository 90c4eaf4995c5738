using System;
using System.Collections.Generic;

namespace Hanse.Cli.Scenarios;

/// <summary>Guesses what somebody meant.</summary>
internal static class Nearest
{
    /// <summary>The candidate with the fewest changes of a letter, when they are few enough to be a slip; the
    /// first of several.</summary>
    public static string? To(string word, IEnumerable<string> candidates)
    {
        string? nearest = null;
        int fewest = Math.Max(2, word.Length / 3) + 1;
        foreach (string candidate in candidates)
        {
            int changes = Changes(word, candidate);
            if (changes < fewest && changes < candidate.Length)
            {
                nearest = candidate;
                fewest = changes;
            }
        }

        return nearest;
    }

    /// <summary><c>; did you mean 'nodes'?</c>, or nothing.</summary>
    public static string Hint(string word, IEnumerable<string> candidates) =>
        To(word, candidates) is { } nearest ? $"; did you mean '{nearest}'?" : "";

    // Levenshtein (1966), one row at a time, blind to case. Words are short: a key or a name.
    private static int Changes(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > 32)
        {
            return int.MaxValue;
        }

        var row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
        {
            row[j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                bool same = char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]);
                int replaced = diagonal + (same ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[b.Length];
    }
}

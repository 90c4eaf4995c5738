using System;

namespace Hanse.Core.Reconcile;

/// <summary>How closely a return is looked at: by the node's record and by what rests on it.</summary>
/// <param name="ReplayedPpm">Share of routine decisions taken again.</param>
/// <param name="Places">Places of the raw log to draw.</param>
internal readonly record struct Scrutiny(int ReplayedPpm, int Places)
{
    /// <summary>From that of an unproven node to that of a proven one in a straight line of clean returns;
    /// never less than the latter, so nobody is ever trusted blindly.</summary>
    public static Scrutiny Of(ReturnRules rules, int cleanReturns, Units.Credits atStake)
    {
        int whole = Math.Max(1, rules.ReturnsToProve);
        int clean = atStake >= rules.HighStake ? 0 : Math.Min(cleanReturns, whole);
        return new Scrutiny(
            Between(rules.Unproven.Replayed.Value, rules.Proven.Replayed.Value, clean, whole),
            Between(rules.Unproven.Places, rules.Proven.Places, clean, whole));
    }

    private static int Between(int from, int to, int part, int whole) =>
        (int)(from + (((long)to - from) * part / whole));
}

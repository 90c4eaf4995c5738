using System.Diagnostics.CodeAnalysis;
using Hanse.Core.Journal;

namespace Hanse.Core.Decisions;

/// <summary>The decision functions that are built into a machine's core.</summary>
public static class BuiltInDecisions
{
    /// <summary>Takes a decision: a pure function of the recorded bytes.</summary>
    public static bool TryDecide(Digest skill, byte[] input, [NotNullWhen(true)] out byte[]? output)
    {
        output = null;
        return false;
    }
}

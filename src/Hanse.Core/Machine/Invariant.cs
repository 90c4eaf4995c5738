using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Hanse.Core.Machine;

/// <summary>Assertions that stay on in release builds: a broken invariant is our bug and ends the
/// machine.</summary>
public static class Invariant
{
    /// <summary>Throws unless the condition holds; the driver then restarts the machine from its
    /// journal.</summary>
    /// <exception cref="BrokenInvariantException">The condition is false.</exception>
    public static void Holds(
        [DoesNotReturnIf(false)] bool condition,
        [CallerArgumentExpression(nameof(condition))] string? claim = null)
    {
        if (!condition)
        {
            throw new BrokenInvariantException(claim ?? "an unnamed claim");
        }
    }
}

/// <summary>A claim of Core's own that turned out false. Never caused by input alone.</summary>
public sealed class BrokenInvariantException : Exception
{
    /// <summary>Names the claim.</summary>
    public BrokenInvariantException(string message)
        : base(message)
    {
    }

    /// <summary>An unnamed claim.</summary>
    public BrokenInvariantException()
    {
    }

    /// <summary>A claim and what made it false.</summary>
    public BrokenInvariantException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

using System;

namespace Hanse.Cli.Traces;

/// <summary>The first line in which a run differs from its recording.</summary>
/// <param name="Line">Of the run, from 1: the header is not counted.</param>
/// <param name="Step">The last step before it; null when there was none.</param>
/// <param name="Recorded">The line of the recording; null when the recording ended there.</param>
/// <param name="Played">The line of the run; null when the run ended there.</param>
internal sealed record TraceDifference(long Line, string? Step, string? Recorded, string? Played);

/// <summary>Ends a replay once a difference is known.</summary>
internal sealed class TraceDiffersException : Exception
{
    /// <summary>The replay differs.</summary>
    public TraceDiffersException()
        : base("the replay differs from the recording")
    {
    }

    /// <summary>The replay differs.</summary>
    public TraceDiffersException(string message)
        : base(message)
    {
    }

    /// <summary>The replay differs.</summary>
    public TraceDiffersException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

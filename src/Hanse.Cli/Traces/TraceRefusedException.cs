using System;
using System.Collections.Generic;

namespace Hanse.Cli.Traces;

/// <summary>A file that cannot be replayed.</summary>
internal sealed class TraceRefusedException : Exception
{
    /// <summary>A reason a line.</summary>
    public TraceRefusedException(IReadOnlyList<string> reasons)
        : base(string.Join('\n', reasons)) => Reasons = reasons;

    /// <summary>No reason.</summary>
    public TraceRefusedException()
        : this([])
    {
    }

    /// <summary>One reason.</summary>
    public TraceRefusedException(string message)
        : this([message])
    {
    }

    /// <summary>One reason and its cause.</summary>
    public TraceRefusedException(string message, Exception innerException)
        : base(message, innerException) => Reasons = [message];

    /// <summary>What is wrong, a line each.</summary>
    public IReadOnlyList<string> Reasons { get; }
}

using System;

namespace Hanse.Cli.Reviews;

/// <summary>A file of cases that is not what it should be, or a case that is not in it.</summary>
internal sealed class CasesRefusedException : Exception
{
    /// <summary>Something is wrong somewhere.</summary>
    public CasesRefusedException()
    {
    }

    /// <summary>What is wrong, and what to do.</summary>
    public CasesRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>What is wrong, and why.</summary>
    public CasesRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

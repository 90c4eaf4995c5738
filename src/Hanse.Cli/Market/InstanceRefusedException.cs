using System;
using Hanse.Cli.Scenarios;

namespace Hanse.Cli.Market;

/// <summary>An instance of a market, or a file of bounds, that is not what it should be.</summary>
internal sealed class InstanceRefusedException : Exception
{
    /// <summary>Names the place and what is wrong there.</summary>
    public InstanceRefusedException(Mistake mistake)
        : base(mistake.ToString())
    {
    }

    /// <summary>Something is wrong somewhere.</summary>
    public InstanceRefusedException()
    {
    }

    /// <summary>What is wrong.</summary>
    public InstanceRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>What is wrong, and why.</summary>
    public InstanceRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

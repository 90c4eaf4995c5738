using System;
using Hanse.Cli.Scenarios;

namespace Hanse.Cli.Telemetry;

/// <summary>A file of telemetry or of labels that is not what it should be.</summary>
internal sealed class TelemetryRefusedException : Exception
{
    /// <summary>Names the place and what is wrong there.</summary>
    public TelemetryRefusedException(Mistake mistake)
        : base(mistake.ToString())
    {
    }

    /// <summary>Something is wrong somewhere.</summary>
    public TelemetryRefusedException()
    {
    }

    /// <summary>What is wrong.</summary>
    public TelemetryRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>What is wrong, and why.</summary>
    public TelemetryRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

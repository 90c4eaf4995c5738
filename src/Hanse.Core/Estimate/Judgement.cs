namespace Hanse.Core.Estimate;

/// <summary>What a gate makes of a sensor. In order of gravity; the numbers are in snapshots.</summary>
public enum GateVerdict
{
    /// <summary>As it is believed to be: its claims are corrected by the learned bias.</summary>
    Consistent = 1,

    /// <summary>Wrong in a steady way within the accepted class: its belief is learned anew.</summary>
    Rebase = 2,

    /// <summary>Wild: its claims do not count until somebody has looked.</summary>
    Doubt = 3,
}

/// <summary>Why. The numbers are in snapshots.</summary>
public enum GateReason
{
    /// <summary>Nothing stood out.</summary>
    None = 1,

    /// <summary>The sum over a window of several residuals is beyond its chi-square bound.</summary>
    Window = 2,

    /// <summary>Innovations have stayed on one side since the bias was learned.</summary>
    Change = 3,

    /// <summary>The middle of a window is beyond the accepted class of errors.</summary>
    TooFar = 4,

    /// <summary>Residuals scatter beyond what a sensor may.</summary>
    Erratic = 5,

    /// <summary>The error grows or falls within a window.</summary>
    Drifting = 6,

    /// <summary>The newest residual alone is beyond its bound.</summary>
    Outlier = 7,
}

/// <summary>A verdict, its reason and the length of the window to blame; zero when there is none.</summary>
public readonly record struct Judgement(GateVerdict Verdict, GateReason Reason, int Window);

namespace Hanse.Core.Series;

/// <summary>What one window of a series took.</summary>
/// <param name="Samples">Samples told.</param>
/// <param name="Entries">Samples at which the receiver had to be told: the likelier bit, each time, would
/// have led the shared model to another level. At all others it would have been right in silence.</param>
/// <param name="Segments">Runs of samples told with one level; how often a receiver that only holds the last
/// value would have had to be told.</param>
/// <param name="Bytes">The window, everything included.</param>
public readonly record struct SeriesWindow(int Samples, int Entries, int Segments, int Bytes)
{
    /// <summary>Samples of one window; a longer series takes several.</summary>
    public const int SamplesMax = 65_536;

    /// <summary>Bytes of one window; above what its samples and levels can take.</summary>
    public const int BytesMax = 1 << 22;

    /// <summary>The greatest dead band, in units.</summary>
    public const long BandMax = 1L << 40;

    /// <summary>The least dead band, in units: a level is a whole number of 32nds of it.</summary>
    public const long BandMin = LevelTable.TicksPerBand;

    /// <summary>The greatest absolute value of a sample, in units.</summary>
    public const long ValueMax = 1L << 61;

    /// <summary>Bits of the first byte of a window: version 1, with a model that goes on.</summary>
    internal const byte Continued = 0x10;

    /// <summary>The same, with a model that begins anew.</summary>
    internal const byte Fresh = 0x11;
}

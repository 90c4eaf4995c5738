using System;
using System.Globalization;

namespace Hanse.Cli.Telemetry;

/// <summary>The scale on which values of a series become whole numbers.</summary>
/// <remarks>
/// A unit is the greatest power of ten that is at most a thousand-millionth of the dead band, so the band
/// takes ten digits whatever its size. Values are rounded to a unit; the series is told with a band one unit
/// narrower, so that the band holds against the original decimals.
/// </remarks>
internal sealed class FixedPoint
{
    /// <summary>The least and the greatest dead band.</summary>
    public const decimal BandMin = 1e-12m;

    /// <summary>The greatest dead band.</summary>
    public const decimal BandMax = 1e12m;

    // Values of up to a thousand million bands; their sums over a stretch fit as well.
    private const decimal UnitsMax = 1e18m;

    private readonly decimal _perOne = 1;

    private readonly decimal _unit = 1;

    /// <summary>The scale for a dead band.</summary>
    public FixedPoint(decimal band)
    {
        Band = band;
        while (band * _perOne < 1e9m)
        {
            _perOne *= 10;
            _unit /= 10;
        }

        while (band * _perOne >= 1e10m)
        {
            _perOne /= 10;
            _unit *= 10;
        }

        BandUnits = (long)decimal.Floor(band * _perOne);
    }

    /// <summary>The dead band.</summary>
    public decimal Band { get; }

    /// <summary>The dead band in units, rounded down.</summary>
    public long BandUnits { get; }

    /// <summary>The greatest absolute value that fits.</summary>
    public decimal ValueMax => UnitsMax * _unit;

    /// <summary>Reads a decimal number.</summary>
    /// <returns>False when it is none: words, infinities and numbers beyond 28 digits are not.</returns>
    public static bool TryParse(string text, out decimal value) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    /// <summary>The value in units, rounded to the nearest.</summary>
    /// <returns>False when it does not fit.</returns>
    public bool TryScale(decimal value, out long units)
    {
        units = 0;
        if (Math.Abs(value) > ValueMax)
        {
            return false;
        }

        units = (long)decimal.Round(value * _perOne);
        return true;
    }

    /// <summary>How far a number of units is from a value.</summary>
    public decimal Error(decimal value, long units) => Math.Abs(value - (units * _unit));
}

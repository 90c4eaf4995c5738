using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using Hanse.Simulation.Orbits;

namespace Hanse.Simulation.Returns;

/// <summary>A channel that is open in windows and that several nodes share: how long a return is on
/// it.</summary>
/// <remarks>
/// The windows are those of one antenna and one mission of a real week, repeated week by week (see
/// data/contacts/PROVENANCE.md). Nodes that return together share the rate, so the last of them is home when
/// the channel has carried the bytes of all; that one's hours are what is stated.
/// </remarks>
public sealed class SharedChannel
{
    private const double SecondsOfWeek = 7 * 86_400;

    private readonly ImmutableArray<(double On, double Off)> _windows;

    /// <summary>A channel of windows in seconds after the first one opens; each shorter than a week, in
    /// order, without overlap.</summary>
    public SharedChannel(ImmutableArray<(double On, double Off)> windows)
    {
        ArgumentOutOfRangeException.ThrowIfZero(windows.Length);
        _windows = windows;
    }

    /// <summary>Seconds of a week in which it is open.</summary>
    public double OpenSecondsOfWeek => _windows.Sum(window => window.Off - window.On);

    /// <summary>Reads the real windows.</summary>
    /// <exception cref="InvalidDataException">The file is malformed; the message says where.</exception>
    public static SharedChannel Load(string directory)
    {
        var windows = new List<(double On, double Off)>();
        double? first = null;
        string path = Path.Combine(directory, "view_periods_2018_w10.csv");
        foreach (CsvRow row in CsvTable.Read(path))
        {
            double on = row.Number("trx_on_unix");
            double off = row.Number("trx_off_unix");
            first ??= on;
            if (off <= on || (windows.Count > 0 && on - first < windows[^1].Off)
                || off - first > SecondsOfWeek)
            {
                throw row.Refusal("windows must be in order, apart from each other, within one week");
            }

            windows.Add((on - first.Value, off - first.Value));
        }

        return windows.Count > 0 ? new SharedChannel([.. windows])
            : throw new InvalidDataException($"{path}: there must be at least one window");
    }

    /// <summary>Hours from the opening of the first window until the channel has carried the bytes of all
    /// nodes.</summary>
    public double HoursUntilHome(double bytes, double bitsPerSecond, int nodes)
    {
        double needed = bytes * 8 * nodes / bitsPerSecond;
        double weeks = Math.Floor(needed / OpenSecondsOfWeek);
        double left = needed - (weeks * OpenSecondsOfWeek);
        foreach ((double on, double off) in _windows)
        {
            if (left <= off - on)
            {
                return ((weeks * SecondsOfWeek) + on + left) / 3600;
            }

            left -= off - on;
        }

        return (weeks + 1) * SecondsOfWeek / 3600;
    }

    /// <summary>Hours in which the channel is busy with one return.</summary>
    public static double HoursOnAir(double bytes, double bitsPerSecond) => bytes * 8 / bitsPerSecond / 3600;
}

using System;
using System.IO;
using Hanse.Simulation.Runs;

namespace Hanse.Cli.Views;

/// <summary>One line that writes over itself, a few times a second.</summary>
internal sealed class ProgressLine
{
    // Four times a second reads well and costs nothing.
    private static readonly TimeSpan _gap = TimeSpan.FromMilliseconds(250);

    private readonly TextWriter _terminal;
    private readonly TimeProvider _time;
    private readonly long _started;
    private long? _shown;
    private int _width;

    /// <summary>On a terminal; <see cref="TextWriter.Null"/> when nobody watches.</summary>
    public ProgressLine(TextWriter terminal, TimeProvider time)
    {
        _terminal = terminal;
        _time = time;
        _started = time.GetTimestamp();
    }

    /// <summary>Shows how things stand, if it is time to.</summary>
    public void Show(RunProgress progress)
    {
        if (_terminal == TextWriter.Null || (_shown is { } shown && _time.GetElapsedTime(shown) < _gap))
        {
            return;
        }

        _shown = _time.GetTimestamp();
        string line = Describe(progress, _time.GetElapsedTime(_started));
        _terminal.Write("\r" + line.PadRight(_width));
        _width = line.Length;
    }

    /// <summary>Wipes the line.</summary>
    public void Clear()
    {
        if (_width > 0)
        {
            _terminal.Write("\r" + new string(' ', _width) + "\r");
            _width = 0;
        }
    }

    private static string Describe(RunProgress progress, TimeSpan wall)
    {
        double share = progress.Elapsed / progress.Total;
        double rate = wall > TimeSpan.Zero ? progress.Events / wall.TotalSeconds : 0;
        string left = share > 0.01 ? $", {wall.TotalSeconds * (1 - share) / share:0} s left" : "";
        return $"{Figures.Day(progress.Elapsed)} of {Figures.Number(progress.Total.TotalDays)}, "
            + $"{Figures.Percent(share, 1)}{left}; {Figures.Count(progress.Events)} events, "
            + $"{Figures.Count((long)rate)}/s; {Figures.Count(progress.Bounties.Filled)} bounties filled, "
            + $"{Figures.Count(progress.Dead)} dead";
    }
}

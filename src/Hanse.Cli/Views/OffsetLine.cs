using System;
using System.IO;

namespace Hanse.Cli.Views;

/// <summary>One line that says how far a long file was read, a few times a second.</summary>
internal sealed class OffsetLine(TextWriter terminal, TimeProvider time, long length)
{
    private static readonly TimeSpan _gap = TimeSpan.FromMilliseconds(250);

    // Asking for the time costs more than reading a short record.
    private const long LookEvery = 1 << 20;

    private long _shown = time.GetTimestamp();
    private long _lookAt = LookEvery;
    private int _width;

    /// <summary>Shows how far it is, if it is time to.</summary>
    public void Show(long offset)
    {
        if (terminal == TextWriter.Null || offset < _lookAt)
        {
            return;
        }

        _lookAt = offset + LookEvery;
        if (time.GetElapsedTime(_shown) >= _gap)
        {
            _shown = time.GetTimestamp();
            string line = $"{Figures.Bytes(offset)} of {Figures.Bytes(length)}";
            terminal.Write("\r" + line.PadRight(_width));
            _width = line.Length;
        }
    }

    /// <summary>Wipes the line.</summary>
    public void Clear()
    {
        if (_width > 0)
        {
            terminal.Write("\r" + new string(' ', _width) + "\r");
            _width = 0;
        }
    }
}

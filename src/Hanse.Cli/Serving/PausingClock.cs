using System;
using System.Globalization;
using System.IO;
using System.Threading;
using Hanse.Core.Time;
using Hanse.IO.Runtime;

namespace Hanse.Cli.Serving;

/// <summary>The clock of a mission that is played: it stands while nobody plays it.</summary>
/// <remarks>A file has the mission's time, written every second of real time; after a restart, also one that
/// nobody asked for, the clock goes on from there and a little further, so that it never shows the same time
/// twice.</remarks>
internal sealed class PausingClock : IMissionClock, IDisposable
{
    private static readonly TimeSpan _saveEvery = TimeSpan.FromSeconds(1);

    private readonly MissionClock _clock;
    private readonly string _file;
    private readonly Timer _saving;
    private readonly Lock _gate = new();

    private PausingClock(MissionClock clock, string file)
    {
        _clock = clock;
        _file = file;
        _saving = new Timer(_ => Save(), null, _saveEvery, _saveEvery);
    }

    /// <inheritdoc/>
    public Instant Now => _clock.Now;

    /// <summary>Opens the clock of a folder.</summary>
    /// <param name="folder">Where its file is.</param>
    /// <param name="pace">Mission seconds a second.</param>
    /// <param name="begin">What a new mission's clock shows.</param>
    /// <param name="time">The clock of this machine.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static PausingClock Open(string folder, double pace, Instant begin, TimeProvider time)
    {
        Instant from = Shown(folder, pace) ?? begin;
        DateTimeOffset epoch = time.GetUtcNow() - ((from - Instant.Epoch) / pace);
        var clock = new PausingClock(new MissionClock(time, epoch, pace), FileIn(folder));
        clock.Save();
        return clock;
    }

    /// <summary>What the clock of a folder goes on from; null when there is none.</summary>
    /// <param name="folder">Where its file is.</param>
    /// <param name="pace">Mission seconds a second.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Instant? Shown(string folder, double pace)
    {
        string file = FileIn(folder);
        return !File.Exists(file) ? null
            : long.TryParse(
                File.ReadAllText(file), NumberStyles.None, CultureInfo.InvariantCulture, out long micros)
                ? new Instant(micros) + (3 * pace * _saveEvery)
                : throw new IOException($"'{file}' is spoiled: it has the mission's time, in microseconds");
    }

    private static string FileIn(string folder) => Path.Combine(folder, "clock");

    /// <inheritdoc/>
    public TimeSpan Until(Instant instant) => _clock.Until(instant);

    /// <inheritdoc/>
    public void Dispose()
    {
        _saving.Dispose();
        Save();
    }

    private void Save()
    {
        lock (_gate)
        {
            try
            {
                File.WriteAllText(_file + ".new", Now.Micros.ToString(CultureInfo.InvariantCulture));
                File.Move(_file + ".new", _file, overwrite: true);
            }
            catch (IOException)
            {
                // The next one will do.
            }
        }
    }
}

using System;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Hanse.Simulation.Returns;

/// <summary>Processor time of the calling thread: what work costs whoever else is on the machine.</summary>
/// <remarks>On Linux <c>clock_gettime(CLOCK_THREAD_CPUTIME_ID)</c>, about 0.3 us a reading; elsewhere the
/// monotonic clock, which also counts waiting. <see cref="IsProcessorTime"/> says which it is.</remarks>
internal static partial class ProcessorClock
{
    // Linux: uapi/linux/time.h.
    private const int ThreadProcessorTime = 3;

    /// <summary>Whether waiting is left out.</summary>
    public static bool IsProcessorTime { get; } = OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    /// <summary>A reading; only differences mean something.</summary>
    public static TimeSpan Now()
    {
        if (IsProcessorTime && GetTime(ThreadProcessorTime, out TimeSpec read) == 0)
        {
            return new TimeSpan((read.Seconds * TimeSpan.TicksPerSecond) + (read.Nanoseconds / 100));
        }

        return Stopwatch.GetElapsedTime(0);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct TimeSpec
    {
        public readonly long Seconds;
        public readonly long Nanoseconds;
    }
}

using System;
using System.Threading;
using Hanse.Core.Time;
using Hanse.IO.Runtime;

namespace Hanse.Bench.Server;

/// <summary>A mission's clock that can be put forward, so that days of silence take no time.</summary>
internal sealed class ShiftedClock(IMissionClock inner) : IMissionClock
{
    private long _ahead;

    public Instant Now => inner.Now + TimeSpan.FromTicks(Volatile.Read(ref _ahead));

    public TimeSpan Until(Instant instant)
    {
        double left = instant.Micros - (double)Now.Micros;
        return TimeSpan.FromMicroseconds(Math.Clamp(left, 0, TimeSpan.FromDays(20).TotalMicroseconds));
    }

    public void PutForward(TimeSpan by) => _ = Interlocked.Add(ref _ahead, by.Ticks);
}

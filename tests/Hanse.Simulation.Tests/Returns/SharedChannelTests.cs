using System;
using System.IO;
using CsCheck;
using Hanse.Simulation.Returns;
using Xunit;

namespace Hanse.Simulation.Tests.Returns;

public sealed class SharedChannelTests
{
    private static readonly SharedChannel _two = new([(0, 3600), (7200, 10_800)]);

    [Fact]
    public void What_does_not_fit_a_window_waits_for_the_next()
    {
        // One byte a second: an hour fits the first window, a second more waits an hour.
        Assert.Equal(1, _two.HoursUntilHome(3600, 8, 1));
        Assert.Equal(2 + (1 / 3600.0), _two.HoursUntilHome(3601, 8, 1), 9);
        Assert.Equal(168 + 1, _two.HoursUntilHome(3 * 3600, 8, 1));
    }

    [Fact]
    public void Sharing_is_sending_more_and_nobody_is_home_before_the_bytes_are_sent() =>
        Gen.Select(Gen.Long[1, 1_000_000], Gen.Int[1, 20]).Sample(c =>
        {
            (long bytes, int nodes) = c;
            double home = _two.HoursUntilHome(bytes, 1_000, nodes);
            Assert.Equal(_two.HoursUntilHome(bytes * (double)nodes, 1_000, 1), home, 9);
            Assert.True(home + 1e-9 >= SharedChannel.HoursOnAir(bytes, 1_000) * nodes);
        });

    [Fact]
    public void The_real_windows_are_open_for_half_of_the_week()
    {
        var real = SharedChannel.Load(Path.Combine(AppContext.BaseDirectory, "data", "contacts"));
        Assert.Equal(89.495, real.OpenSecondsOfWeek / 3600, 3);
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Series;
using Xunit;

namespace Hanse.Core.Tests.Series;

/// <summary>What a monitor calls news; docs/telemetry.md.</summary>
public sealed class PlausibilityTests
{
    private const long Band = 100;

    private static long[] Wave(int from, int count) =>
        [.. Enumerable.Range(from, count).Select(i => (Math.Abs((i % 48) - 24) * 60L) + (i * 7919 % 41))];

    [Fact]
    public void What_goes_on_as_it_was_is_no_news() => Assert.Empty(Watch(Wave(0, 2000), Wave(2000, 6000)));

    [Fact]
    public void A_step_of_a_fifth_of_the_dead_band_is_no_news()
    {
        long[] constant = [.. Enumerable.Repeat(5_000L, 500)];
        Assert.Empty(Watch(constant, [.. constant, .. constant.Select(value => value + (Band / 5))]));
    }

    [Fact]
    public void A_value_out_of_range_is_news_at_once()
    {
        long[] service = Wave(2000, 3000);
        service[1500] = 9_000;
        AlarmEvent alarm = Assert.Single(Watch(Wave(0, 2000), service));
        Assert.Equal(1500, alarm.Onset);
        Assert.True(alarm.Reasons.HasFlag(AlarmReasons.Level));
    }

    [Fact]
    public void A_sensor_that_is_stuck_within_its_range_is_news()
    {
        long[] service = Wave(2000, 3000);
        Array.Fill(service, service[1500], 1500, 150);
        IReadOnlyList<AlarmEvent> alarms = Watch(Wave(0, 2000), service);
        Assert.Contains(alarms, alarm => alarm.Onset is >= 1500 and < 1650);
        Assert.DoesNotContain(alarms, alarm => alarm.Onset is < 1500 or > 1800);
    }

    [Fact]
    public void What_lasts_is_told_once_and_then_known()
    {
        long[] service = [.. Wave(2000, 4000).Select((value, i) => i < 1000 ? value : value + 4_000)];
        IReadOnlyList<AlarmEvent> alarms = Watch(Wave(0, 2000), service);
        Assert.NotEmpty(alarms);
        Assert.All(alarms, alarm => Assert.InRange(alarm.Onset, 1000, 1400));
        Assert.InRange(alarms.Sum(alarm => alarm.Last - alarm.Onset + 1), 1, 400);
    }

    [Fact]
    public void The_same_samples_raise_the_same_alarms()
    {
        long[] service = [.. Wave(2000, 2000).Select((value, i) => i * i % 389 == 0 ? value * 3 : value)];
        Assert.Equal(Watch(Wave(0, 700), service), Watch(Wave(0, 700), service));
    }

    [Fact]
    public void A_single_sample_of_training_and_the_most_extreme_values_are_borne()
    {
        long[] extremes = [long.MaxValue, long.MinValue, 0, long.MinValue, long.MaxValue];
        Assert.NotEmpty(Watch([0], extremes));
        long[] many = [.. Enumerable.Repeat(extremes, 300).SelectMany(values => values)];
        Assert.NotEmpty(Watch(many, [.. many, .. new long[90]]));
        Assert.Empty(Watch(extremes, many));
    }

    [Fact]
    public void Alarms_a_short_pause_apart_are_one()
    {
        var log = new AlarmLog();
        log.Add(10, AlarmReasons.Level);
        log.Add(10 + AlarmLog.QuietMax, AlarmReasons.None);
        log.Add(11 + AlarmLog.QuietMax, AlarmReasons.Shape);
        log.Add(13 + (2 * AlarmLog.QuietMax), AlarmReasons.Shape);
        Assert.Equal(
            [
                new AlarmEvent(10, 11 + AlarmLog.QuietMax, AlarmReasons.Level | AlarmReasons.Shape),
                new AlarmEvent(
                    13 + (2 * AlarmLog.QuietMax), 13 + (2 * AlarmLog.QuietMax), AlarmReasons.Shape),
            ],
            log.Events);
    }

    private static IReadOnlyList<AlarmEvent> Watch(long[] training, long[] service)
    {
        var monitor = new PlausibilityMonitor(training, Band);
        var log = new AlarmLog();
        for (int i = 0; i < service.Length; i++)
        {
            log.Add(i, monitor.Observe(service[i]));
        }

        return log.Events;
    }
}

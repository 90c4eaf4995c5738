using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using CsCheck;
using Hanse.Core.Series;
using Hanse.Core.Tests.Tidy;
using Hanse.Core.Wire;
using Xunit;

namespace Hanse.Core.Tests.Series;

/// <summary>Series as they are told from one end to the other; docs/protocol/series.md.</summary>
public sealed class SeriesTests
{
    private const long Band = 100;

    // Few values, near the borders of bands around each other, and some far away.
    private static readonly long[] _near = [0, 99, 100, 101, 199, 200, 201, 400, -100, -101, 1_000_003];

    private static readonly Gen<long> _value = Gen.Frequency(
        (8, Gen.Int[0, _near.Length - 1].Select(i => _near[i])),
        (1, Gen.Long[-1_000, 1_000]),
        (1, Gen.Long[-SeriesWindow.ValueMax, SeriesWindow.ValueMax]));

    // Runs, so that holding matters.
    private static readonly Gen<long[]> _series =
        Gen.Select(_value, Gen.Int[1, 9]).Array[1, 60]
            .Select(runs => runs.SelectMany(run => Enumerable.Repeat(run.Item1, run.Item2)).ToArray());

    [Fact]
    public void Every_value_is_within_the_band_whatever_the_series_and_the_windows() =>
        Gen.Select(_series, Gen.Int[1, 200], Gen.Int[0, 2]).Sample(
            (series, window, commands) =>
        {
            uint[] plan = [.. series.Select((_, i) => (uint)(i / 7 % (commands + 1)))];
            (List<byte[]> windows, SeriesWindow told) = Write(series, plan, Band, window);
            List<long> read = Read(windows, plan);
            Assert.Equal(series.Length, read.Count);
            Assert.All(series.Zip(read), pair => Assert.True(Math.Abs(pair.First - pair.Second) <= Band));

            // The dumb twin: greedy holding is the optimum of runs, so nothing may have fewer.
            Assert.InRange(told.Segments, GreedyHolds(series, Band), series.Length);
            Assert.InRange(told.Entries, 0, series.Length);
            Assert.Equal(windows.Sum(bytes => bytes.Length), told.Bytes);
        }, iter: 150);

    [Fact]
    public void The_least_band_and_extreme_values_are_told_as_well()
    {
        long[] series = [SeriesWindow.ValueMax, -SeriesWindow.ValueMax, 0, SeriesWindow.ValueMax];
        foreach (long band in new[] { SeriesWindow.BandMin, SeriesWindow.BandMin + 1, SeriesWindow.BandMax })
        {
            List<long> read = Read(Write(series, new uint[4], band, 4).Windows, new uint[4]);
            Assert.All(series.Zip(read), pair => Assert.True(Math.Abs(pair.First - pair.Second) <= band));
        }
    }

    [Fact]
    public void A_constant_costs_next_to_nothing()
    {
        long[] series = [.. Enumerable.Repeat(12_345L, 10_000)];
        (_, SeriesWindow told) = Write(series, new uint[10_000], Band, 10_000);
        Assert.InRange(told.Bytes, 1, 24);
        Assert.InRange(told.Entries, 0, 2);
    }

    [Fact]
    public void What_repeats_is_soon_expected()
    {
        long[] series = [.. Enumerable.Range(0, 4000).Select(
            i => i % 37 < 5 ? 5_000L : i % 37 == 20 ? -900 : 0)];
        (_, SeriesWindow told) = Write(series, new uint[4000], Band, 4000);
        Assert.True(told.Entries * 5 < told.Segments, $"{told}");
        Assert.InRange(told.Bytes, 1, 150);
    }

    [Fact]
    public void A_command_both_ends_know_makes_its_step_expected()
    {
        uint[] plan = [.. Enumerable.Range(0, 4000).Select(i => (uint)(i * i / 97 % 11 == 0 ? 1 : 0))];
        long[] series = [.. plan.Select(command => command == 1 ? 5_000L : 0)];
        int informed = Write(series, plan, Band, 4000).Told.Bytes;
        int ignorant = Write(series, new uint[4000], Band, 4000).Told.Bytes;
        Assert.True(informed * 3 < ignorant, $"{informed} bytes, {ignorant} without the plan");
    }

    [Fact]
    public void A_window_goes_on_from_the_one_before()
    {
        long[] series = [.. Enumerable.Range(0, 3000).Select(i => i % 37 < 5 ? 5_000L : 0)];
        (List<byte[]> windows, _) = Write(series, new uint[3000], Band, 1000);
        Assert.True(windows[2].Length * 2 < windows[0].Length, $"{windows[0].Length}, {windows[2].Length}");
        var late = new SeriesReader();
        Assert.False(late.TryRead(windows[1], [], new List<long>(), out _, out DecodeError? error));
        Assert.Equal("the first window of a series must be a fresh one: ask for it again", error.Reason);
    }

    [Fact]
    public void A_sample_out_of_range_or_beyond_a_full_window_is_not_kept()
    {
        var writer = new SeriesWriter(Band);
        Assert.False(writer.Append(SeriesWindow.ValueMax + 1, 0));
        Assert.False(writer.Append(long.MinValue, 0));
        Assert.Equal(default, writer.CloseWindow(new ByteBuffer()));
        for (int i = 0; i < SeriesWindow.SamplesMax; i++)
        {
            Assert.True(writer.Append(0, 0));
        }

        Assert.False(writer.Append(0, 0));
        Assert.Equal(SeriesWindow.SamplesMax, writer.CloseWindow(new ByteBuffer()).Samples);
        Assert.True(writer.Append(0, 0));
    }

    [Fact]
    public void The_published_vector_is_what_is_written_and_read()
    {
        long[] series = [0, 30, 60, 1000, 1040, 990, 0, 0, 0, 1000, 1010, 1020, 0, 0, 0, -500];
        byte[] bytes = Assert.Single(Write(series, new uint[16], Band, 16).Windows);
        string document = File.ReadAllText(Path.Combine(Repository.Root, "docs/protocol/series.md"));
        Assert.Contains($"`{Convert.ToHexStringLower(bytes)}`", document, StringComparison.Ordinal);
        string values = string.Join(", ", Read([bytes], []));
        Assert.Contains($"`{values}`", document, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hundred_thousand_spoiled_windows_neither_throw_nor_outgrow_their_limits()
    {
        long[] series = [.. Enumerable.Range(0, 60).Select(i => i % 9 < 3 ? 5_000L : i * 20)];
        List<byte[]> windows = Write(series, new uint[60], Band, 30).Windows;
        var random = new Random(7);
        var values = new List<long>();
        var reader = new SeriesReader();
        Assert.True(reader.TryRead(windows[0], [], values, out _, out _));
        int refused = 0;
        for (int i = 0; i < 100_000; i++)
        {
            byte[] spoiled = Spoil(windows[i % 2], random);
            bool isRead = reader.TryRead(spoiled, [], values, out int consumed, out DecodeError? error);
            Assert.Equal(isRead, error is null);
            Assert.InRange(consumed, isRead ? 1 : 0, isRead ? spoiled.Length : 0);
            Assert.InRange(values.Count, isRead ? 1 : 0, isRead ? SeriesWindow.SamplesMax : 0);
            refused += isRead ? 0 : 1;

            // A refused window leaves the reader as it was: the next one can still be read.
            bool isProbed = !isRead && i % 50 == 0;
            Assert.True(!isProbed || reader.TryRead(windows[1], [], values, out _, out _));
            Assert.True((!isRead && !isProbed) || reader.TryRead(windows[0], [], values, out _, out _));
        }

        Assert.InRange(refused, 80_000, 100_000);
        Assert.True(reader.TryRead(windows[1], [], values, out _, out _));
        Assert.All(series[30..].Zip(values), pair => Assert.True(Math.Abs(pair.First - pair.Second) <= Band));
    }

    private static byte[] Spoil(byte[] bytes, Random random)
    {
        byte[] spoiled = [.. bytes];
        for (int k = random.Next(1, 4); k > 0; k--)
        {
            spoiled[random.Next(spoiled.Length)] = (byte)random.Next(256);
        }

        return random.Next(4) == 0 ? spoiled[..random.Next(1, spoiled.Length)] : spoiled;
    }

    private static (List<byte[]> Windows, SeriesWindow Told) Write(long[] series, uint[] plan, long band,
        int window)
    {
        var writer = new SeriesWriter(band);
        var windows = new List<byte[]>();
        SeriesWindow sum = default;
        for (int i = 0; i < series.Length; i++)
        {
            Assert.True(writer.Append(series[i], plan[i]));
            if (writer.Count == window || i + 1 == series.Length)
            {
                var buffer = new ByteBuffer();
                SeriesWindow told = writer.CloseWindow(buffer);
                windows.Add(buffer.Written.ToArray());
                sum = new SeriesWindow(sum.Samples + told.Samples, sum.Entries + told.Entries,
                    sum.Segments + told.Segments, sum.Bytes + told.Bytes);
            }
        }

        return (windows, sum);
    }

    private static List<long> Read(List<byte[]> windows, uint[] plan)
    {
        var reader = new SeriesReader();
        var all = new List<long>();
        var values = new List<long>();
        foreach (byte[] window in windows)
        {
            uint[] rest = [.. plan.Skip(all.Count)];
            Assert.True(reader.TryRead(window, rest, values, out int consumed, out DecodeError? error),
                error?.Reason);
            Assert.Equal(window.Length, consumed);
            all.AddRange(values);
        }

        return all;
    }

    private static int GreedyHolds(long[] series, long band)
    {
        int holds = 0;
        long low = 1;
        long high = 0;
        foreach (long value in series)
        {
            (low, high) = (Math.Max(low, value - band), Math.Min(high, value + band));
            if (holds == 0 || low > high)
            {
                (low, high) = (value - band, value + band);
                holds++;
            }
        }

        return holds;
    }
}

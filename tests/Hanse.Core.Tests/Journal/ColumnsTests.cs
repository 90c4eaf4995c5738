using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Hanse.Core.Journal;
using Hanse.Core.Wire;
using Xunit;

namespace Hanse.Core.Tests.Journal;

/// <summary>Packed readings.</summary>
public sealed class ColumnsTests
{
    // Few channels, times on and off the second, values near the borders: ties, gaps and steps are common.
    private static readonly int[] _channels = [0, 1, 2, 7, 1022, 1023];
    private static readonly int[] _times = [0, 1, 2, 999, 1000, 2000, 3000, 30_000, 59_999, 60_000];

    private static readonly long[] _values =
        [0, 1, -1, 2, 100, 101, 4095, -4096, Columns.ValueMax, -Columns.ValueMax];

    private static readonly Gen<List<Reading>> _packs = Gen.Select(
        Gen.Int[0, 5], Gen.Int[0, 9], Gen.Int[0, 9],
        (channel, time, value) => new Reading(_channels[channel], _times[time], _values[value]))
        .List[0, 40]
        .Select(readings => readings
            .DistinctBy(reading => (reading.Channel, reading.Time))
            .OrderBy(reading => reading.Time)
            .ToList());

    [Fact]
    public void What_was_packed_is_read_channel_by_channel_in_order_of_time() =>
        _packs.Sample(readings =>
        {
            List<Reading> read = Read(Pack(readings), out DecodeError? error);
            Assert.Null(error);
            Assert.Equal(readings.OrderBy(reading => (reading.Channel, reading.Time)), read);
        });

    [Fact]
    public void Whatever_is_accepted_is_the_one_packing_of_its_content() =>
        Gen.Select(_packs, Gen.Int[0, 2000], Gen.Byte, Gen.Int[0, 3]).Sample((readings, at, part, how) =>
        {
            byte[] bytes = Mutations.Of(Pack(readings), at, part, how);
            List<Reading> read = Read(bytes, out DecodeError? error);
            Assert.True(error is not null || Pack(read).AsSpan().SequenceEqual(bytes));
        }, iter: 20_000);

    [Fact]
    public void Every_short_run_of_bytes_is_refused_or_canonical()
    {
        // All runs of up to two bytes, and all of five that begin like a column of two readings.
        byte[] five = [1, 0, 1, 0, 0, 0, 0, 0];
        for (int i = 0; i < 1 << 16; i++)
        {
            byte[] two = [(byte)i, (byte)(i >> 8)];
            Check(two);
            Check(two[..1]);
            five[5] = (byte)i;
            five[6] = (byte)(i >> 8);
            Check(five);
        }

        static void Check(byte[] bytes)
        {
            List<Reading> read = Read(bytes, out DecodeError? error);
            Assert.True(error is not null || Pack(read).AsSpan().SequenceEqual(bytes));
        }
    }

    [Fact]
    public void No_readings_are_no_bytes()
    {
        Assert.Empty(new ColumnsWriter().ToArray());
        Assert.True(ColumnsReader.TryCount([], out int count, out _));
        Assert.Equal(0, count);
        Assert.False(ColumnsReader.TryCount([1], out _, out _));
    }

    [Fact]
    public void A_full_pack_fits_an_entry_whatever_is_in_it()
    {
        // The worst: as many channels as there are, the widest times, the widest changes.
        var writer = new ColumnsWriter();
        for (int i = 0; !writer.IsFull; i++)
        {
            int round = i / 1024;
            int[] times = [59, 60, 61, 60_000];
            writer.Add(i % 1024, times[round],
                round % 2 == 0 ? Columns.ValueMax : -Columns.ValueMax);
        }

        byte[] bytes = writer.ToArray();
        Assert.InRange(bytes.Length, 39_000, Entry.ColumnsBytesMax);
        Assert.True(ColumnsReader.TryCount(bytes, out int count, out _));
        Assert.Equal(Columns.CountMax, count);
    }

    [Fact]
    public void Noise_of_twelve_bits_once_a_second_takes_less_than_three_bytes_a_reading()
    {
        var writer = new ColumnsWriter();
        uint noise = 1;
        for (int second = 0; second < 60; second++)
        {
            for (int channel = 0; channel < 40; channel++)
            {
                noise = unchecked((noise * 1_664_525) + 1_013_904_223);
                if (noise >> 28 < 3)
                {
                    writer.Add(channel, second * 1000, (noise >> 8) & 4095);
                }
            }
        }

        Assert.InRange(writer.ToArray().Length, writer.Count, 3 * writer.Count);
    }

    private static byte[] Pack(IEnumerable<Reading> readings)
    {
        var writer = new ColumnsWriter();
        foreach (Reading reading in readings)
        {
            writer.Add(reading.Channel, reading.Time, reading.Value);
        }

        return writer.ToArray();
    }

    private static List<Reading> Read(byte[] bytes, out DecodeError? error)
    {
        var read = new List<Reading>();
        var reader = new ColumnsReader(bytes);
        while (reader.Read())
        {
            read.Add(new Reading(reader.Channel, reader.Milliseconds, reader.Value));
        }

        error = reader.Error;
        return read;
    }

    private readonly record struct Reading(int Channel, int Time, long Value);
}

using System;
using Hanse.Core.Journal;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

/// <summary>Counts readings that no sensor could have made, channel by channel.</summary>
/// <remarks>The hot loop of a return: a noisy month is fourteen million readings. It allocates nothing and
/// looks a rule up once a column.</remarks>
internal sealed class ChannelWatch
{
    // Readings further apart say nothing about speed: the channel was within its dead band in between.
    private const long ApartMax = 60_000;

    private readonly ReturnRules _rules;

    // By rule: time in milliseconds and value of the last reading, readings, and faults of both kinds.
    private readonly long[] _at;
    private readonly long[] _value;
    private readonly long[] _count;
    private readonly long[] _outOfRange;
    private readonly long[] _tooFast;
    private long _others;

    /// <summary>Watches the channels that have rules.</summary>
    public ChannelWatch(ReturnRules rules)
    {
        _rules = rules;
        int count = rules.Channels.Length;
        _at = new long[count];
        _value = new long[count];
        _count = new long[count];
        _outOfRange = new long[count];
        _tooFast = new long[count];
        Array.Fill(_at, long.MinValue / 2);
    }

    /// <summary>Readings taken, those of channels without a rule included.</summary>
    public long Readings
    {
        get
        {
            long sum = _others;
            foreach (long count in _count)
            {
                sum += count;
            }

            return sum;
        }
    }

    /// <summary>Takes packed readings of a block that began at an instant.</summary>
    /// <returns>False when they are not canonical columns.</returns>
    public bool Observe(Instant blockAt, ReadOnlySpan<byte> packed)
    {
        long from = blockAt.Micros / 1_000;
        var reader = new ColumnsReader(packed);
        bool more = reader.Read();
        while (more)
        {
            int rule = _rules.RuleOf[reader.Channel];
            more = rule < 0 ? Skip(ref reader) : Column(ref reader, rule, from);
        }

        return reader.Error is null;
    }

    /// <summary>The journal ends: which channels have too many faults?</summary>
    public void Close(Spot spot, Findings findings)
    {
        for (int i = 0; i < _count.Length; i++)
        {
            long allowed = Math.Max(
                _rules.ReadingFaultsMin, Sum.Share(_count[i], _rules.ReadingFaultsMax.Value));
            Spot channel = spot with { Entry = _rules.Channels[i].Channel };
            if (_outOfRange[i] > allowed)
            {
                findings.Add(ReasonCode.ReadingOutOfRange, channel, allowed, _outOfRange[i]);
            }

            if (_tooFast[i] > allowed)
            {
                findings.Add(ReasonCode.ReadingTooFast, channel, allowed, _tooFast[i]);
            }
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("channels", 6);
        Walk.Longs(ref codec, "at", _at);
        Walk.Longs(ref codec, "value", _value);
        Walk.Longs(ref codec, "count", _count);
        Walk.Longs(ref codec, "outOfRange", _outOfRange);
        Walk.Longs(ref codec, "tooFast", _tooFast);
        _others = codec.Integer("others", _others, 0, long.MaxValue);
        codec.Close();
    }

    // Reads the rest of the present column and the first reading of the next.
    private bool Column(ref ColumnsReader reader, int index, long from)
    {
        ChannelRule rule = _rules.Channels[index];
        int channel = rule.Channel;
        long at = _at[index];
        long value = _value[index];
        long count = 0;
        long outOfRange = 0;
        long tooFast = 0;
        bool more;
        do
        {
            long read = reader.Value;
            long now = from + reader.Milliseconds;
            long apart = now - at;
            count++;
            if (read < rule.Least || read > rule.Greatest)
            {
                outOfRange++;
            }

            // A change of a milli-unit is compared, so that the product needs no division.
            long change = Math.Abs(read - value);
            if (apart >= 0 && apart <= ApartMax && change > rule.Noise
                && (change - rule.Noise) * 1_000 > rule.PerSecond * apart)
            {
                tooFast++;
            }

            at = now;
            value = read;
            more = reader.Read();
        }
        while (more && reader.Channel == channel);
        _at[index] = at;
        _value[index] = value;
        _count[index] += count;
        _outOfRange[index] += outOfRange;
        _tooFast[index] += tooFast;
        return more;
    }

    private bool Skip(ref ColumnsReader reader)
    {
        _others++;
        return reader.Read();
    }
}

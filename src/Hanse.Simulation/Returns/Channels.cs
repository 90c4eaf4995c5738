using System;
using Hanse.Core.Journal;
using Hanse.Simulation.World;

namespace Hanse.Simulation.Returns;

/// <summary>The readings of a block that left their dead bands.</summary>
/// <remarks>As in real telemetry a few channels make most of the traffic: the share of channel c falls as
/// 1/(c+1). Values are random walks in steps of a few counts, with a jump now and then; stamps are whole
/// seconds of one sampling phase.</remarks>
internal sealed class Channels(ReturnProfile profile, ulong seed)
{
    private const int SecondsOfBlock = 60;

    private readonly long[] _values = new long[profile.Channels];
    private readonly double[] _owed = new double[profile.Channels];
    private readonly ColumnsWriter _writer = new();
    private Draw _draw = new(seed, "channels", 0);
    private long _written;
    private long _blocks;

    /// <summary>Readings so far.</summary>
    public long Count => _written;

    /// <summary>The packed readings of the next block; empty when there are none.</summary>
    public byte[] Next()
    {
        _blocks++;
        int left = (int)((_blocks * profile.ReportedPerBlockMilli / 1000) - _written);
        _writer.Clear();
        double harmonic = 0;
        for (int i = 0; i < profile.Channels; i++)
        {
            harmonic += 1.0 / (i + 1);
        }

        for (int channel = 0; channel < profile.Channels && left > 0; channel++)
        {
            _owed[channel] += profile.ReportedPerBlockMilli / 1000.0 / (channel + 1) / harmonic;
            bool isLast = channel == profile.Channels - 1;
            int count = Math.Min(SecondsOfBlock, isLast ? left : Math.Min(left, (int)_owed[channel]));
            _owed[channel] -= count;
            left -= count;
            Column(channel, count);
        }

        return _writer.ToArray();
    }

    // Chooses so many of the 60 seconds, each set alike likely (Knuth, TAOCP 2, 3.4.2, algorithm S).
    private void Column(int channel, int count)
    {
        _written += count;
        for (int second = 0; count > 0; second++)
        {
            if (_draw.Below(SecondsOfBlock - second) < count)
            {
                count--;
                long step = _draw.Below(63) - 31;
                _values[channel] += _draw.Below(100) == 0 ? step * 16 : step;
                _writer.Add(channel, second * 1000, _values[channel]);
            }
        }
    }
}

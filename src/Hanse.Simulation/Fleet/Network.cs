using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Links;
using Hanse.Core.Time;
using Hanse.Simulation.Scenarios;
using Hanse.Simulation.World;

namespace Hanse.Simulation.Fleet;

/// <summary>An unplanned silence of a region: nothing goes in or out, and nobody was told.</summary>
internal readonly record struct Storm(long From, long To);

/// <summary>What the links do to frames: windows by true time, rate, light, loss, repetition, disorder,
/// storms.</summary>
internal sealed class Network
{
    private readonly FaultSection _faults;
    private readonly Draw[] _luck;
    private readonly Storm[][] _storms;
    private readonly long _healAt;
    private readonly ulong _seed;
    private readonly long _darkFrom;
    private readonly long _darkUntil;
    private readonly long _aloneFrom;
    private readonly long _aloneUntil;

    /// <param name="scenario">Rates and faults.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="senders">Number of machines that can send.</param>
    /// <param name="regions">Number of regions.</param>
    /// <param name="horizon">Length of the run.</param>
    /// <param name="healAt">When all faults end.</param>
    public Network(Scenario scenario, ulong seed, int senders, int regions, long horizon, long healAt)
    {
        _faults = scenario.Faults;
        _healAt = healAt;
        _seed = seed;
        _darkFrom = Blueprint.Days(_faults.GreatBlackoutDay);
        _darkUntil = Math.Min(healAt, _darkFrom + Blueprint.Days(_faults.GreatBlackoutDays));
        _aloneFrom = Blueprint.Days(_faults.StrategyBlackoutDay);
        _aloneUntil = Math.Min(healAt, _aloneFrom + Blueprint.Days(_faults.StrategyBlackoutDays));
        _luck = [.. Enumerable.Range(0, senders).Select(i => new Draw(seed, "network", (ulong)i))];
        _storms = [.. Enumerable.Range(0, regions).Select(r =>
            DrawStorms(seed, r, Math.Min(horizon, healAt)))];
    }

    public long Lost { get; private set; }

    public long Duplicated { get; private set; }

    /// <summary>When the great blackout is over; before its beginning when there is none.</summary>
    public long DarkUntil => _darkUntil > _darkFrom ? _darkUntil : -1;

    /// <summary>Unplanned silences of a region, in order.</summary>
    public IReadOnlyList<Storm> Storms(int region) => _storms[region];

    /// <summary>When a frame arrives; -1 when it does not. A second arrival, or -1, comes in
    /// <paramref name="again"/>.</summary>
    /// <param name="now">When its first byte leaves.</param>
    /// <param name="sender">Whose luck.</param>
    /// <param name="region">Whose weather.</param>
    /// <param name="plan">The link's windows, here by true time.</param>
    /// <param name="light">One-way light time, microseconds.</param>
    /// <param name="bytes">Its size.</param>
    /// <param name="again">When it arrives a second time.</param>
    public long Arrival(long now, int sender, int region, ContactPlan plan, long light, int bytes,
        out long again)
    {
        again = -1;
        long sent = now + (bytes * 1_000_000L / plan.BytesPerSecond);
        ref Draw luck = ref _luck[sender];
        bool isFaulty = now < _healAt;
        bool isLost = isFaulty && luck.Chance(_faults.LossPercent / 100);
        if (isLost || !plan.IsOpen(new Instant(now)) || !plan.IsOpen(new Instant(sent))
            || IsStormy(region, now, sent))
        {
            Lost++;
            return -1;
        }

        long delay = isFaulty ? ExtraDelay(ref luck) : 0;
        if (isFaulty && luck.Chance(_faults.DuplicatePercent / 100))
        {
            Duplicated++;
            again = sent + light + ExtraDelay(ref luck);
        }

        return sent + light + delay;
    }

    /// <summary>Whether a node is out of reach in the great blackout.</summary>
    public bool IsOutOfReach(int node, long now) =>
        now >= _darkFrom && now < _darkUntil && GoesDark(node);

    /// <summary>Whether the regions have lost the strategic layer.</summary>
    public bool IsAlone(long now) => now >= _aloneFrom && now < _aloneUntil;

    /// <summary>Whether the great blackout strikes a node.</summary>
    public bool GoesDark(int node) =>
        new Draw(_seed, "dark", (ulong)node).Uniform() * 100 < _faults.GreatBlackoutPercent;

    /// <summary>A frame came to nobody.</summary>
    public void CountLost() => Lost++;

    private long ExtraDelay(ref Draw luck) =>
        _faults.ExtraDelaySecondsMax <= 0 ? 0 : (long)(luck.Uniform() * _faults.ExtraDelaySecondsMax * 1e6);

    private bool IsStormy(int region, long from, long to)
    {
        foreach (Storm storm in _storms[region])
        {
            if (storm.From <= to && from < storm.To)
            {
                return true;
            }
        }

        return false;
    }

    private Storm[] DrawStorms(ulong seed, int region, long end)
    {
        var storms = new List<Storm>();
        if (_faults.BlackoutsPer30Days <= 0)
        {
            return [];
        }

        var draw = new Draw(seed, "storms", (ulong)region);
        double meanDays = 30 / _faults.BlackoutsPer30Days;
        long at = Blueprint.Days(draw.Exponential(meanDays));
        while (at < end)
        {
            long length = Blueprint.Hours(draw.Between(0.5, Math.Max(0.6, _faults.BlackoutHoursMax)));
            storms.Add(new Storm(at, Math.Min(at + length, end)));
            at += length + Blueprint.Days(draw.Exponential(meanDays));
        }

        return [.. storms];
    }
}

using System.Collections.Generic;
using Hanse.Core.Market;
using Hanse.Simulation.Runs;

namespace Hanse.Simulation.Fleet;

/// <summary>Counts breakdowns and what became of them, by the truth and by what hubs remember.</summary>
internal sealed class RepairWatch
{
    // Since when machines are broken.
    private readonly Dictionary<int, long> _broken = [];
    private long _lost;
    private int _breakdowns;
    private int _mended;
    private int _asked;
    private int _held;
    private int _borneOut;
    private int _refuted;
    private long _paid;

    /// <summary>A machine breaks down.</summary>
    public void Break(int node, long now)
    {
        _breakdowns++;
        _broken[node] = now;
    }

    /// <summary>It is mended.</summary>
    public void Mend(int node, long now)
    {
        _mended++;
        End(node, now);
    }

    /// <summary>It is mended, or dead.</summary>
    public void End(int node, long now)
    {
        if (_broken.Remove(node, out long since))
        {
            _lost += now - since;
        }
    }

    /// <summary>What a hub's market remembers.</summary>
    /// <param name="fact">Of a hub that counts.</param>
    /// <param name="isRepair">Whether a delivery is a repair.</param>
    public void Hear(MarketFact fact, bool isRepair)
    {
        switch (fact)
        {
            case MarketFact.HelpOpened:
                _asked++;
                break;
            case MarketFact.RepairClaimed:
                _held++;
                break;
            case MarketFact.ClaimEnded ended:
                _borneOut += ended.IsPaid ? 1 : 0;
                _refuted += ended.IsPaid ? 0 : 1;
                _paid += ended.IsPaid ? ended.Claim.Pay.Micro : 0;
                break;
            case MarketFact.Delivered delivered when isRepair:
                _paid += delivered.Paid.Micro;
                break;
            default:
                break;
        }
    }

    /// <summary>What it came to.</summary>
    public RepairFigures Report(long now)
    {
        long lost = _lost;
        foreach (long since in _broken.Values)
        {
            lost += now - since;
        }

        return new RepairFigures(
            _breakdowns, _mended, lost / 86_400e6, _asked, _held, _borneOut, _refuted, _paid / 1e6);
    }
}

using System;
using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Market;

/// <summary>A market alone with its journal: whatever it remembers is seen first, time passes from alarm to
/// alarm, and it can be rebuilt at any moment from its facts or from a snapshot.</summary>
internal abstract class MarketTrial
{
    private readonly MissionRules _rules;
    private readonly List<byte[]> _journal = [];

    protected MarketTrial(MissionRules rules)
    {
        _rules = rules;
        Market = Empty();
        Market.Wake(Now);
    }

    public Auctioneer Market { get; private set; }

    public Instant Now { get; protected set; } = Instant.Epoch + TimeSpan.FromSeconds(100);

    /// <summary>A fact, before it is applied.</summary>
    protected abstract void See(MarketFact fact);

    /// <summary>What a node owns.</summary>
    protected virtual Credits CreditOf(NodeId node) => new(Credits.MicroMax);

    /// <summary>Rebuilds the market, from its facts or from a snapshot.</summary>
    protected void Crash(bool isFromFacts)
    {
        byte[] before = Snapshot.Of(Market.Shape);
        Instant wake = Market.NextWake;
        Market = Empty();
        foreach (byte[] fact in isFromFacts ? _journal : [])
        {
            Market.Apply(Snapshot.Read<MarketFact>(fact));
        }

        if (!isFromFacts)
        {
            Snapshot.Into(before, Market.Shape);
        }

        Assert.Equal(before, Snapshot.Of(Market.Shape));
        Assert.Equal(wake, Market.NextWake);
    }

    /// <summary>Lets time pass, from alarm to alarm.</summary>
    protected void Advance(TimeSpan time)
    {
        Instant end = Now + time;
        while (Market.NextWake <= end)
        {
            Now = Instant.Max(Now, Market.NextWake);
            Market.Wake(Now);
        }

        Now = end;
        Market.Wake(Now);
    }

    private Auctioneer Empty()
    {
        Auctioneer? market = null;
        market = new Auctioneer(
            new RegionId(0), _rules, TimeSpan.FromSeconds(3), Take, creditOf: CreditOf);
        return market;

        void Take(MarketFact fact)
        {
            _journal.Add(Snapshot.Of(fact));
            See(fact);
            market!.Apply(fact);
        }
    }
}

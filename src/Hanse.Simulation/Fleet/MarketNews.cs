using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Units;
using Hanse.Simulation.Runs;

namespace Hanse.Simulation.Fleet;

/// <summary>What became of bounties, and what of markets people would like to hear.</summary>
internal sealed class MarketNews
{
    private const int NewsMax = 50;

    private readonly List<RunEvent> _news = [];
    private readonly Dictionary<ulong,
        (BountyOutcome Outcome, double Day, double Delivered, double Paid)> _ended = [];

    private readonly Dictionary<ulong, string> _names = [];

    // When bounties reached the market of their region.
    private readonly Dictionary<ulong, long> _opened = [];

    // Deliveries that counted, by bounty.
    private readonly Dictionary<ulong, int> _counted = [];

    /// <summary>Bounties that were posted.</summary>
    public int Posted { get; private set; }

    /// <summary>Deliveries that were weighed.</summary>
    public long Deliveries { get; private set; }

    /// <summary>When a bounty reached the market of its region, microseconds.</summary>
    public long OpenedAt(BountyId bounty) => _opened.GetValueOrDefault(bounty.Value);

    /// <summary>A bounty was posted.</summary>
    /// <param name="bounty">Which.</param>
    /// <param name="name">What people call it; null when it has no name.</param>
    /// <param name="now">When, microseconds.</param>
    public void Post(Bounty bounty, string? name, long now)
    {
        Posted++;
        if (name is not null)
        {
            _names[bounty.Id.Value] = name;
            Tell(now, RunEventKind.BountyPosted, RunStatistics.Invariant(
                $"{name}: {Tonnes(bounty.Total):0} t of {Word(bounty.Commodity)} wanted"));
        }
    }

    /// <summary>What a hub's market remembers, as far as people would like to hear of it.</summary>
    /// <param name="depot">The region, as people call it.</param>
    /// <param name="fact">What happened.</param>
    /// <param name="hub">Where; it has applied it.</param>
    /// <param name="tally">It has counted it.</param>
    /// <param name="now">When, microseconds.</param>
    public void Hear(string depot, MarketFact fact, RegionalHub hub, MarketTally tally, long now)
    {
        switch (fact)
        {
            case MarketFact.BountyOpened(var opened, _):
                _opened[opened.Id.Value] = now;
                break;
            case MarketFact.BountyAdopted adopted:
                _opened[adopted.Bounty.Id.Value] = now;
                break;
            case MarketFact.Returned { Outcome: ContractOutcome.Expired } returned:
                Winner lost = hub.Market.Find(returned.Contract)!.Winner;
                Tell(now, RunEventKind.ContractExpired, RunStatistics.Invariant(
                    $"{depot}: contract {returned.Contract.Value} of node {lost.Node.Value} ran out; ",
                    $"{Tonnes(lost.Quantity):0.00} t back on the market"));
                break;
            case MarketFact.Missed missed:
                Winner silent = hub.Market.Find(missed.Contract)!.Winner;
                Tell(now, RunEventKind.ContractExpired, RunStatistics.Invariant(
                    $"{depot}: node {silent.Node.Value} is silent after a milestone; ",
                    $"{Tonnes(silent.Quantity):0.00} t back on the market"));
                break;
            case MarketFact.Awarded awarded when tally.LastAwardWasRemarketed:
                Tell(now, RunEventKind.ContractReawarded, RunStatistics.Invariant(
                    $"{depot}: node {awarded.Winner.Node.Value} takes over ",
                    $"{Tonnes(awarded.Winner.Quantity):0.00} t"));
                break;
            case MarketFact.Delivered delivered:
                Deliveries++;
                if (delivered.Counted.Value > 0)
                {
                    ulong bounty = hub.Market.Find(delivered.Contract)!.Winner.Bounty.Value;
                    _counted[bounty] = _counted.GetValueOrDefault(bounty) + 1;
                }

                if (delivered.Outcome == ContractOutcome.DeliveredLate)
                {
                    Tell(now, RunEventKind.LateDelivery, RunStatistics.Invariant(
                        $"{depot}: {Tonnes(delivered.Weighed):0.00} t came late; ",
                        $"{Tonnes(delivered.Counted):0.00} t still counted"));
                }

                break;
            case MarketFact.BountyClosed { Bounty.IsOperators: true } closed:
                _ended[closed.Bounty.Value] = (
                    closed.Outcome, now / 86_400e6, Tonnes(closed.Total), closed.Paid.Micro / 1e6);
                string? name = _names.GetValueOrDefault(closed.Bounty.Value);
                RunEventKind kind = closed.Outcome == BountyOutcome.Filled
                    ? RunEventKind.BountyFilled : RunEventKind.BountyFailed;
                bool isWanted = closed.Outcome != BountyOutcome.Cancelled;
                if (name is not null || (kind == RunEventKind.BountyFailed && isWanted))
                {
                    Tell(now, kind, RunStatistics.Invariant(
                        $"{name ?? "a bounty at " + depot}: {Word(closed.Outcome)}, ",
                        $"{Tonnes(closed.Total):0} t for {closed.Paid.Micro / 1e6:0.0} credits"));
                }

                break;
            default:
                break;
        }
    }

    /// <summary>How a bounty stands.</summary>
    /// <param name="name">What people call it.</param>
    /// <param name="bounty">Which.</param>
    /// <param name="depot">The region, as people call it.</param>
    /// <param name="hub">The region's.</param>
    public NamedBountyStatus Standing(string name, Bounty bounty, string depot, RegionalHub hub)
    {
        OpenBounty? open = hub.Market.Bounties.GetValueOrDefault(bounty.Id);
        bool isOver = _ended.TryGetValue(
            bounty.Id.Value, out (BountyOutcome Outcome, double Day, double Delivered, double Paid) end);
        return new NamedBountyStatus(
            name,
            depot,
            Tonnes(bounty.Total),
            isOver ? end.Delivered : Tonnes(open?.Delivered ?? default),
            _counted.GetValueOrDefault(bounty.Id.Value),
            Tonnes(open?.UnderContract ?? default),
            isOver ? end.Paid : (open?.Paid.Micro ?? 0) / 1e6,
            bounty.Worth.Micro / 1e6,
            bounty.Deadline.Micros / 86_400e6,
            isOver && end.Outcome == BountyOutcome.Filled ? end.Day : null,
            isOver ? end.Outcome : null);
    }

    /// <summary>Something happened.</summary>
    public void Tell(long now, RunEventKind kind, string text)
    {
        if (_news.Count == NewsMax)
        {
            _news.RemoveAt(0);
        }

        _news.Add(new RunEvent(TimeSpan.FromMicroseconds(now), kind, text));
    }

    /// <summary>The news since the last call, oldest first, and forgets them.</summary>
    public ImmutableArray<RunEvent> TakeNews()
    {
        ImmutableArray<RunEvent> news = [.. _news];
        _news.Clear();
        return news;
    }

    private static double Tonnes(Grams mass) => mass.Value / 1e6;

#pragma warning disable CA1308 // Words for people, not for comparison.
    private static string Word<T>(T value)
        where T : struct, Enum => value switch
        {
            BountyOutcome.PartlyFilled => "partly filled",
            _ => value.ToString().ToLowerInvariant(),
        };
#pragma warning restore CA1308
}

using System.Collections.Generic;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Strategy;
using Hanse.Core.Time;

namespace Hanse.IO.Facts;

/// <summary>Says of one bounty, for every node of the region and every batch, why it did not bid, was not
/// given work, or what it was paid and why.</summary>
/// <remarks>
/// The problem: a bounty stays unfilled, and nobody but the hub has seen the sealed bids. The idea: they are
/// among its facts, as they came; so are who was heard, who held what, and what was awarded when the batch
/// was opened. Nothing is asked of the hub, and nothing is stored for the sake of explaining. It is the
/// operator's view: losing bids go to no node, for nodes that know them can collude.
/// <para>
/// What was given is taken from the awards themselves and not from clearing again, so an explanation of an
/// old run stays true when the rules of clearing change. Memory: the state of each hub's market, and of each
/// batch that asked for the bounty a line a node.
/// </para>
/// </remarks>
public sealed class BidExplanation
{
    private readonly BountyId _bounty;
    private readonly Dictionary<Party, HubView> _hubs = [];

    /// <summary>Explains one bounty.</summary>
    public BidExplanation(BountyId bounty) => _bounty = bounty;

    /// <summary>What became of it; null until it was posted.</summary>
    public BountyStory? Story { get; private set; }

    /// <summary>Bounties posted so far.</summary>
    public int Posted { get; private set; }

    /// <summary>Hears one step, the next of the file.</summary>
    public void Take(FactStep step)
    {
        foreach (StrategyFact fact in step.Strategy)
        {
            if (fact is StrategyFact.BountyPosted(var region, var bounty))
            {
                Posted++;
                Story ??= bounty.Id == _bounty ? new BountyStory(bounty, step.At, region) : null;
            }
        }

        if (step.Hub.Length == 0)
        {
            return;
        }

        if (!_hubs.TryGetValue(step.Machine, out HubView? hub))
        {
            _hubs[step.Machine] = hub = new HubView(step.Machine, _bounty);
        }

        foreach (HubFact fact in step.Hub)
        {
            hub.See(step.At, fact);
            if (fact is HubFact.Market(var market))
            {
                See(step.At, hub, market);
            }
        }

        if (hub.EndStep(step.At) is { } batch)
        {
            Story?.BatchList.Add(batch);
        }
    }

    private void See(Instant at, HubView hub, MarketFact fact)
    {
        if (Story is null)
        {
            return;
        }

        switch (fact)
        {
            case MarketFact.BountyOpened { Bounty: var bounty } when bounty.Id == _bounty:
                Story.Opened = at;
                break;
            case MarketFact.BountyAdopted { Bounty: var bounty } when bounty.Id == _bounty:
                (Story.Opened, Story.Closed, Story.Outcome) = (Story.Opened ?? at, null, null);
                break;
            case MarketFact.Reduced(var less, var total, _) when less == _bounty:
                Story.ReductionList.Add((at, total));
                break;
            case MarketFact.CycleOpened when hub.Has && !hub.IsAsked:
                Story.CyclesNotAsked++;
                break;
            case MarketFact.Awarded { Winner.Bounty: var of } awarded when of == _bounty:
                Story.ContractList.Add(hub.Given(awarded.Contract, awarded.Winner));
                break;
            case MarketFact.Honoured { Winner.Bounty: var of } honoured when of == _bounty:
                Story.ContractList.Add(hub.Given(honoured.Contract, honoured.Winner));
                break;
            case MarketFact.BountyClosed closed when closed.Bounty == _bounty:
                (Story.Closed, Story.Outcome) = (at, closed.Outcome);
                break;
            default:
                break;
        }
    }
}

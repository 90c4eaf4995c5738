using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Market;

namespace Hanse.IO.Facts;

/// <summary>Looks over all batches of some facts for nodes that bid as rings do: hub by hub, with
/// <see cref="CollusionScreen"/>.</summary>
/// <remarks>
/// A node's asks are held against those of its peers: machines of its class that came from the same depot,
/// for the same cargo to the same place, in the batches before. That needs no word of anybody and no model
/// of a machine; while most are honest, it is what the work is asked for. Memory: the state of the screens,
/// and a mean for each such leg.
/// </remarks>
public sealed class BidScreening
{
    private readonly ScreenRules _rules;
    private readonly SortedDictionary<RegionId, ScreenedHub> _hubs = [];

    /// <summary>Begins with nothing seen.</summary>
    /// <param name="rules">From where on to flag.</param>
    public BidScreening(ScreenRules rules) => _rules = rules;

    /// <summary>Batches seen.</summary>
    public int Batches
    {
        get
        {
            int batches = 0;
            foreach (ScreenedHub hub in _hubs.Values)
            {
                batches += hub.Batches;
            }

            return batches;
        }
    }

    /// <summary>Nodes that bid at a hub, counted at each.</summary>
    public int Nodes
    {
        get
        {
            int nodes = 0;
            foreach (ScreenedHub hub in _hubs.Values)
            {
                nodes += hub.Screen.Count;
            }

            return nodes;
        }
    }

    /// <summary>Hears one step, the next of the file.</summary>
    public void Take(FactStep step)
    {
        if (step.Hub.Length == 0)
        {
            return;
        }

        var region = new RegionId(step.Machine.Number);
        if (!_hubs.TryGetValue(region, out ScreenedHub? hub))
        {
            _hubs[region] = hub = new ScreenedHub(_rules);
        }

        foreach (HubFact fact in step.Hub)
        {
            hub.See(fact);
        }
    }

    /// <summary>Everybody who is flagged, region by region.</summary>
    public ImmutableArray<(RegionId Region, ImmutableArray<ScreenFinding> Findings)> Findings()
    {
        var found = ImmutableArray.CreateBuilder<(RegionId, ImmutableArray<ScreenFinding>)>(_hubs.Count);
        foreach ((RegionId region, ScreenedHub hub) in _hubs)
        {
            found.Add((region, hub.Screen.Findings()));
        }

        return found.ToImmutable();
    }
}

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Units;

namespace Hanse.IO.Facts;

/// <summary>One hub's batches, as its facts tell them, and what its nodes ask for the same work.</summary>
internal sealed class ScreenedHub(ScreenRules rules)
{
    // Asks on a leg before they say what the leg is asked for; and how many its mean remembers.
    private const int AsksMin = 8;
    private const int AsksMax = 1_024;

    private static readonly Grams _tonne = Grams.FromTonnes(1);

    private readonly SortedDictionary<NodeId, BidSheet> _sheets = [];
    private readonly Dictionary<NodeId, DesignClass> _designs = [];
    private readonly Dictionary<NodeId, DepotId> _places = [];
    private readonly Dictionary<Leg, (double PerTonne, int Count)> _asked = [];
    private readonly List<Winner> _winners = [];
    private CycleNumber _cycle;
    private ImmutableArray<Request> _requests = [];
    private bool _isCleared;

    public CollusionScreen Screen { get; } = new(rules);

    public int Batches { get; private set; }

    public void See(HubFact fact)
    {
        switch (fact)
        {
            case HubFact.NodeEnrolled(var node, _, var enrol):
                _designs[node] = DesignClass.Of(enrol.Class, enrol.Generation);
                break;
            case HubFact.NodeAdopted(var assigned):
                _designs[assigned.Node] = DesignClass.Of(assigned.Class, assigned.Generation);
                break;
            case HubFact.Reconcile(ReconcileFact.Measured(var node, var record)):
                _places[node] = record.Depot;
                break;
            case HubFact.Market(MarketFact.CycleOpened(var cycle, _, var requests)):
                Look(); // The batch before was opened in the same step.
                (_cycle, _requests) = (cycle, requests);
                _sheets.Clear();
                break;
            case HubFact.Market(MarketFact.Reduced(var less, _, false)):
                _requests = [.. _requests.Where(request => request.Bounty != less)];
                break;
            case HubFact.Market(MarketFact.SheetTaken(var node, var sheet)):
                _sheets[node] = sheet;
                break;
            case HubFact.Market(MarketFact.SheetWithdrawn(var node)):
                _ = _sheets.Remove(node);
                break;
            case HubFact.Market(MarketFact.Cleared):
                _isCleared = true;
                break;
            case HubFact.Market(MarketFact.Awarded awarded):
                _winners.Add(awarded.Winner);
                break;
            default:
                break;
        }
    }

    private void Look()
    {
        if (_isCleared && _sheets.Count > 0)
        {
            Batches++;
            var result = new ClearingResult([.. _winners], [], []);
            Screen.Add(_cycle, _requests, _sheets, result, DesignOf, AskedByPeers);
            Remember();
        }

        _isCleared = false;
        _winners.Clear();
    }

    private DesignClass DesignOf(NodeId node) => _designs.GetValueOrDefault(node);

    private Credits? AskedByPeers(NodeId node, Request request, Grams quantity) =>
        _asked.TryGetValue(LegOf(node, request, quantity), out (double PerTonne, int Count) mean)
            && mean.Count >= AsksMin
            ? new Credits((long)Math.Clamp(
                mean.PerTonne * request.Lot.Value / _tonne.Value, 1, Credits.MicroMax))
            : null;

    private void Remember()
    {
        foreach ((NodeId node, BidSheet sheet) in _sheets)
        {
            foreach (Bid bid in sheet.Bids)
            {
                int task = _requests.Find(bid.Bounty);
                if (task >= 0 && bid.Steps.Length > 0)
                {
                    BidStep most = bid.Steps[^1];
                    Request request = _requests[task];
                    Leg leg = LegOf(node, request, most.Quantity);
                    double perTonne = (double)most.PricePerLot.Micro * _tonne.Value / request.Lot.Value;
                    (double mean, int count) = _asked.GetValueOrDefault(leg);
                    count = Math.Min(count + 1, AsksMax);
                    _asked[leg] = (mean + ((perTonne - mean) / count), count);
                }
            }
        }
    }

    private Leg LegOf(NodeId node, Request request, Grams quantity) => new(
        DesignOf(node), _places.GetValueOrDefault(node), request.Depot, request.Commodity,
        long.Log2(Math.Max(1, quantity.Value)));

    /// <summary>Work that costs about the same: loads of another size cost more or less a tonne.</summary>
    private readonly record struct Leg(
        DesignClass Design, DepotId From, DepotId To, Commodity Commodity, long LoadPower);
}

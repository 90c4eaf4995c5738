using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Units;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;

namespace Hanse.Simulation.Fleet;

/// <summary>Keeps the truth of what depots have and of goods between them, and holds what hubs make of it
/// against that.</summary>
/// <remarks>
/// Invariants. What was loaded is unloaded, lost, or aboard. No depot gives more than it has, by more than
/// scales err. Of goods no more counts than was handed out, nor more than arrived. What is lost and larger
/// than twice what two scales may err by is found: by less than that it would be missed once in some 30,000
/// times. Carriers lose a part on the way by lot.
/// </remarks>
internal sealed class TransportWatch
{
    // Six standard deviations of one scale, and a kilogram.
    private const double Sigmas = 6;
    private const double Kilogram = 1e3;

    private readonly double _sigma;
    private readonly double _tolerance;
    private readonly Load?[] _aboard;

    // What came to depots, what left them, and all that was moved.
    private readonly Dictionary<(DepotId Depot, Commodity Commodity), (double Mass, double Moved)> _stores =
        [];

    // By contract: what truly became of its goods, and what was handed out by the scale.
    private readonly Dictionary<ContractId, Load> _landed = [];
    private readonly Dictionary<ContractId, Custody> _handed = [];
    private double _loaded;
    private double _arrived;
    private double _lost;
    private int _carriages;
    private int _losses;
    private int _lossesFound;
    private Grams _counted;
    private Grams _lostFound;
    private Credits _charged;

    public TransportWatch(Scenario scenario, int nodes)
    {
        _sigma = scenario.Regions.ScaleErrorPercent / 100;
        _tolerance = 4 * Math.Sqrt(2) * _sigma;
        _aboard = new Load?[nodes];
    }

    public long Checks { get; private set; }

    /// <summary>A node lost some of what it carries.</summary>
    public void Lose(int node, double mass)
    {
        _aboard[node]!.Lost += mass;
        _lost += mass;
        _losses++;
    }

    /// <summary>A depot loaded a node.</summary>
    /// <param name="node">Which.</param>
    /// <param name="order">The order.</param>
    /// <param name="commodity">What.</param>
    /// <param name="isGoods">Whether it is to bring it to another depot.</param>
    /// <param name="mass">How much, in truth.</param>
    public void Take(int node, Order.Load order, Commodity commodity, bool isGoods, double mass)
    {
        (double left, double moved) = Move(order.Depot, commodity, -mass);
        Check(left >= -(Sigmas * _sigma * moved) - Kilogram, "no depot gives more than it has");
        if (isGoods)
        {
            Check(_aboard[node] is null, "nobody takes goods before what it has is unloaded");
            _aboard[node] = new Load(order.Contract, mass);
            _loaded += mass;
            _carriages++;
        }
    }

    /// <summary>A node was unloaded at a depot.</summary>
    /// <returns>Whether it was goods of another depot, or of this one.</returns>
    public bool Unload(int node, DepotId depot, Commodity commodity, double mass)
    {
        _ = Move(depot, commodity, mass);
        if (_aboard[node] is not { } load)
        {
            return false;
        }

        _aboard[node] = null;
        _arrived += mass;
        Check(Math.Abs(load.Mass - load.Lost - mass) < 1, "what was loaded is unloaded or lost");
        _landed[load.Contract] = load;
        return true;
    }

    /// <summary>What a hub's market remembers.</summary>
    public void See(MarketFact fact)
    {
        switch (fact)
        {
            case MarketFact.CustodyTaken(var contract, var custody):
                _handed[contract] = custody;
                break;
            case MarketFact.Delivered(var contract, _, _, var counted, _)
                when _landed.TryGetValue(contract, out Load? load):
                Check(
                    counted.Value <= (load.Mass - load.Lost) * (1 + (Sigmas * _sigma)) + 1,
                    "no more goods count than arrived");
                Check(
                    !_handed.TryGetValue(contract, out Custody? taken) || counted <= taken.Mass,
                    "no more goods count than were handed out");
                _counted += counted;
                break;
            case MarketFact.CustodyEnded ended:
                See(ended, _handed[ended.Contract]);
                break;
            default:
                break;
        }
    }

    /// <summary>At the end: nothing has come from nowhere, and nothing has gone there.</summary>
    public void DemandConserved()
    {
        double aboard = _aboard.Sum(load => load is null ? 0 : load.Mass - load.Lost);
        Check(
            Math.Abs(_loaded - _arrived - _lost - aboard) < Kilogram,
            "what was loaded is unloaded, lost, or aboard");
    }

    public TransportFigures Report() => new(
        _carriages, _loaded / 1e6, _counted.Value / 1e6, _losses, _lossesFound, _lost / 1e6,
        _lostFound.Value / 1e6, _charged.Micro / 1e6);

    private void See(MarketFact.CustodyEnded ended, Custody custody)
    {
        bool hasLanded = ended.At.Value > 0 && _landed.TryGetValue(ended.Contract, out Load? _);
        Load? load = hasLanded ? _landed[ended.Contract] : null;
        Check(
            load is null || load.Lost <= 2 * _tolerance * load.Mass || ended.Lost > Grams.Zero,
            "what is lost beyond what scales err by is found");
        Check(
            ended.Lost <= custody.Mass && ended.Charge <= custody.ChargeFor(ended.Lost),
            "no more is charged than what is lost was said to be worth");
        Check(
            ended.At.Value > 0 || ended.Lost == custody.Mass, "goods that never came to a scale are lost");
        _lostFound += ended.Lost;
        _lossesFound += ended.Lost > Grams.Zero ? 1 : 0;
        _charged += ended.Charge;
    }

    private (double Mass, double Moved) Move(DepotId depot, Commodity commodity, double mass)
    {
        (double had, double moved) = _stores.GetValueOrDefault((depot, commodity));
        return _stores[(depot, commodity)] = (had + mass, moved + Math.Abs(mass));
    }

    private void Check(bool holds, string claim)
    {
        Checks++;
        if (!holds)
        {
            throw new BrokenInvariantException(claim);
        }
    }

    private sealed class Load(ContractId contract, double mass)
    {
        public ContractId Contract { get; } = contract;

        public double Mass { get; } = mass;

        public double Lost { get; set; }
    }
}

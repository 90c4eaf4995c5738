using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Node;

/// <summary>What a node asks of its machine: one thing at a time, numbered. Safe to repeat.</summary>
public abstract record Order : IShaped<Order>
{
    private Order()
    {
    }

    /// <summary>Leave at an instant along a leg of the chart.</summary>
    public sealed record Fly(Place From, Place To, Instant Departs) : Order;

    /// <summary>Extract and refine until the cargo sensor says so much.</summary>
    public sealed record Extract(SiteId Site, Commodity Commodity, Grams Target) : Order;

    /// <summary>Wait for a berth, put the cargo on the scale, take what service the depot gives.</summary>
    /// <param name="Depot">Where.</param>
    /// <param name="Docking">The node's count of its dockings.</param>
    /// <param name="Contract">What the cargo is for; zero when there is none.</param>
    /// <param name="Epoch">The contract's epoch.</param>
    /// <param name="Commodity">What the cargo is.</param>
    /// <param name="Propellant">Propellant wanted.</param>
    /// <param name="Spares">Wear to be undone.</param>
    public sealed record Dock(
        DepotId Depot,
        uint Docking,
        ContractId Contract,
        Epoch Epoch,
        Commodity Commodity,
        Grams Propellant,
        PartsPerMillion Spares) : Order;

    /// <summary>Find out what the site yields; answered with <see cref="NodeInput.Surveyed"/>.</summary>
    public sealed record Survey(SiteId Site, Commodity Commodity) : Order;

    /// <summary>Take parts aboard at a depot.</summary>
    /// <param name="Depot">Where.</param>
    /// <param name="Docking">The node's count of its dockings, in which this counts too.</param>
    /// <param name="Contract">What they are for.</param>
    /// <param name="Epoch">The contract's epoch.</param>
    /// <param name="Wanted">How much.</param>
    public sealed record Load(
        DepotId Depot, uint Docking, ContractId Contract, Epoch Epoch, Grams Wanted) : Order;

    /// <summary>Put all that is aboard in place at a site, and wait until it has been looked at.</summary>
    /// <param name="Site">Where.</param>
    /// <param name="Docking">The node's count of its dockings, in which this counts too.</param>
    /// <param name="Contract">What it is for.</param>
    /// <param name="Epoch">The contract's epoch.</param>
    public sealed record Build(SiteId Site, uint Docking, ContractId Contract, Epoch Epoch) : Order;

    /// <summary>Mend another machine with all the spares aboard; answered with
    /// <see cref="NodeInput.Repaired"/>. What was brought stays there.</summary>
    /// <param name="Site">Where; zero at a depot.</param>
    /// <param name="Call">The call for help, which names the other machine.</param>
    /// <param name="Contract">The contract, to be shown there.</param>
    /// <param name="Epoch">Its epoch.</param>
    public sealed record Mend(SiteId Site, BountyId Call, ContractId Contract, Epoch Epoch) : Order;

    /// <summary>The node's count of dockings that the order has, or zero.</summary>
    public uint Handling => this switch
    {
        Dock dock => dock.Docking,
        Load load => load.Docking,
        Build build => build.Docking,
        _ => 0,
    };

    /// <summary>Stop now: the extraction, or the wait for a departure that has not been.</summary>
    public sealed record Halt : Order;

    /// <inheritdoc/>
    public static Order Shape<TCodec>(ref TCodec codec, Order? value)
        where TCodec : struct, ICodec
    {
        codec.Open("order", 2);
        long tag = codec.Case(
            "kind",
            value switch
            {
                null => 0,
                Fly => 1,
                Extract => 2,
                Dock => 3,
                Halt => 4,
                Survey => 5,
                Load => 6,
                Build => 7,
                Mend => 8,
                _ => throw new UnreachableException(),
            }, 8);
        Order order;
        switch (tag)
        {
            case 1:
                var fly = (Fly?)value;
                codec.Open("fly", 3);
                Place from = Place.Shape(ref codec, "from", fly?.From ?? default);
                Place to = Place.Shape(ref codec, "to", fly?.To ?? default);
                Instant departs = codec.Second("departs", fly?.Departs ?? default);
                order = fly ?? new Fly(from, to, departs);
                break;
            case 2:
                var extract = (Extract?)value;
                codec.Open("extract", 3);
                SiteId site = codec.Site("site", extract?.Site ?? default);
                var ore = (Commodity)codec.Integer("commodity", (long)(extract?.Commodity ?? 0), 1, 4);
                Grams target = codec.Mass("target", extract?.Target ?? default);
                order = extract ?? new Extract(site, ore, target);
                break;
            case 3:
                var dock = (Dock?)value;
                codec.Open("dock", 7);
                DepotId depot = codec.Depot("depot", dock?.Depot ?? default);
                uint docking = (uint)codec.Integer("docking", dock?.Docking ?? 0, 0, uint.MaxValue);
                ContractId contract = codec.Contract("contract", dock?.Contract ?? default);
                Epoch epoch = codec.Epoch("epoch", dock?.Epoch ?? default);
                var cargo = (Commodity)codec.Integer("commodity", (long)(dock?.Commodity ?? 0), 1, 4);
                Grams propellant = codec.Mass("propellant", dock?.Propellant ?? default);
                PartsPerMillion spares = codec.Share("spares", dock?.Spares ?? default);
                order = dock ?? new Dock(depot, docking, contract, epoch, cargo, propellant, spares);
                break;
            case 5:
                var survey = (Survey?)value;
                codec.Open("survey", 2);
                SiteId surveyed = codec.Site("site", survey?.Site ?? default);
                var sought = (Commodity)codec.Integer("commodity", (long)(survey?.Commodity ?? 0), 1, 4);
                order = survey ?? new Survey(surveyed, sought);
                break;
            case 6:
                var load = (Load?)value;
                codec.Open("load", 5);
                DepotId store = codec.Depot("depot", load?.Depot ?? default);
                uint loading = (uint)codec.Integer("docking", load?.Docking ?? 0, 0, uint.MaxValue);
                ContractId loadedFor = codec.Contract("contract", load?.Contract ?? default);
                Epoch loadedUnder = codec.Epoch("epoch", load?.Epoch ?? default);
                Grams wanted = codec.Mass("wanted", load?.Wanted ?? default);
                order = load ?? new Load(store, loading, loadedFor, loadedUnder, wanted);
                break;
            case 7:
                var build = (Build?)value;
                codec.Open("build", 4);
                SiteId place = codec.Site("site", build?.Site ?? default);
                uint placing = (uint)codec.Integer("docking", build?.Docking ?? 0, 0, uint.MaxValue);
                ContractId builtFor = codec.Contract("contract", build?.Contract ?? default);
                Epoch builtUnder = codec.Epoch("epoch", build?.Epoch ?? default);
                order = build ?? new Build(place, placing, builtFor, builtUnder);
                break;
            case 8:
                var mend = (Mend?)value;
                codec.Open("mend", 4);
                SiteId patientAt = codec.Site("site", mend?.Site ?? default);
                BountyId call = codec.Bounty("call", mend?.Call ?? default);
                ContractId mendedFor = codec.Contract("contract", mend?.Contract ?? default);
                Epoch mendedUnder = codec.Epoch("epoch", mend?.Epoch ?? default);
                order = mend ?? new Mend(patientAt, call, mendedFor, mendedUnder);
                break;
            default:
                codec.Open("halt", 0);
                order = value ?? new Halt();
                break;
        }

        codec.Close();
        codec.Close();
        return order;
    }
}

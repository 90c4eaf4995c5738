using System;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Twin;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Node;

/// <summary>One piece of work as planned: out to a site, work there, back to the depot, unload.</summary>
/// <remarks>What the work at the site is, its kind says: the stage is called extracting for all of them. Of a
/// transport the place of the site is taken by the depot that the goods come from, and the work there is to
/// take them aboard; whoever waits at that depot begins with that stage.
/// All instants are whole seconds, so that a plan means the same to both ends of the link.</remarks>
public sealed record Itinerary : IShaped<Itinerary>
{
    /// <summary>Where the cargo comes from; zero for a transport.</summary>
    public required SiteId Site { get; init; }

    /// <summary>The depot that the cargo of a transport comes from; else zero.</summary>
    public DepotId Source { get; init; }

    /// <summary>The place between the two ways: where the work is. The depot itself when a repair names no
    /// site.</summary>
    public Place Via => Kind == WorkKind.Transport ? Place.Of(Source)
        : Site == default ? Place.Of(Depot) : Place.Of(Site);

    /// <summary>Whether there is a way out: not for goods of the depot where it begins.</summary>
    public bool HasWayOut => Kind != WorkKind.Transport || Via != Place.Of(Origin);

    /// <summary>The depot it starts from.</summary>
    public required DepotId Origin { get; init; }

    /// <summary>The depot it ends at.</summary>
    public required DepotId Depot { get; init; }

    /// <summary>What is extracted.</summary>
    public required Commodity Commodity { get; init; }

    /// <summary>What kind of work it is.</summary>
    public WorkKind Kind { get; init; } = WorkKind.Deliver;

    /// <summary>How much of it.</summary>
    public required Grams Quantity { get; init; }

    /// <summary>The stage it begins with; earlier instants are then in the past.</summary>
    public required ContractStage From { get; init; }

    /// <summary>When it leaves the depot.</summary>
    public required Instant DepartsOut { get; init; }

    /// <summary>When it is at the site and has a face there, or whatever else it needs for the
    /// work.</summary>
    public required Instant ArrivesSite { get; init; }

    /// <summary>When the cargo is aboard.</summary>
    public required Instant Extracted { get; init; }

    /// <summary>It does not leave the site before: it means to come to its berth when the crowd is gone. The
    /// epoch when it leaves as soon as it can.</summary>
    public Instant StaysUntil { get; init; }

    /// <summary>When it leaves the site.</summary>
    public required Instant DepartsBack { get; init; }

    /// <summary>When it is at the depot.</summary>
    public required Instant ArrivesDepot { get; init; }

    /// <summary>When it is unloaded.</summary>
    public required Instant Unloaded { get; init; }

    /// <summary>Propellant for the way out.</summary>
    public required Grams PropellantOut { get; init; }

    /// <summary>Propellant for the way back, with cargo.</summary>
    public required Grams PropellantBack { get; init; }

    /// <summary>Propellant for both ways.</summary>
    public Grams Propellant => PropellantOut + PropellantBack;

    /// <summary>Wear of the whole round trip.</summary>
    public PartsPerMillion Wear(MachineDesign design) =>
        new((int)(WearAtSite(design) + ((HasWayOut ? 2 : 1) * design.WearPerLeg.Value)));

    /// <summary>Wear of the way out and the extraction.</summary>
    public PartsPerMillion WearToSite(MachineDesign design) =>
        new(Wear(design).Value - design.WearPerLeg.Value);

    // Digging and building wear; to look, to mend, or to take goods aboard, does not.
    private long WearAtSite(MachineDesign design) => WorkFields.IsWhole(Kind) || Kind == WorkKind.Transport
        ? 0
        : (Extracted - ArrivesSite).TotalMinutesWhole() * design.WearPerHour.Value / 60;

    /// <summary>Cargo aboard when the work at the site is done.</summary>
    internal Grams CargoBack => Navigator.CargoBack(Kind, Quantity);

    // Cargo aboard on the way to the site.
    private Grams CargoOut => Navigator.CargoOut(Kind, Quantity);

    /// <summary>The stages with their due times.</summary>
    public ImmutableArray<Milestone> Milestones() =>
    [
        new Milestone(ContractStage.Outbound, ArrivesSite),
        new Milestone(ContractStage.Extracting, Extracted),
        new Milestone(ContractStage.Inbound, ArrivesDepot),
        new Milestone(ContractStage.Unloading, Unloaded),
    ];

    /// <inheritdoc/>
    public static Itinerary Shape<TCodec>(ref TCodec codec, Itinerary? value)
        where TCodec : struct, ICodec
    {
        codec.Open("itinerary", 16);
        SiteId site = codec.Site(
            "site",
            value?.Kind == WorkKind.Transport ? new SiteId(value.Source.Value) : value?.Site ?? default);
        var read = new Itinerary
        {
            Site = site,
            Origin = codec.Depot("origin", value?.Origin ?? default),
            Depot = codec.Depot("depot", value?.Depot ?? default),
            Commodity = (Commodity)codec.Integer("commodity", (long)(value?.Commodity ?? 0), 1, 4),
            Kind = (WorkKind)codec.Integer("kind", (long)(value?.Kind ?? 0), 1, (long)WorkFields.KindMax),
            Quantity = codec.Mass("quantity", value?.Quantity ?? default),
            From = (ContractStage)codec.Integer("from", (long)(value?.From ?? 0), 1, 4),
            DepartsOut = codec.Second("departsOut", value?.DepartsOut ?? default),
            ArrivesSite = codec.Second("arrivesSite", value?.ArrivesSite ?? default),
            Extracted = codec.Second("extracted", value?.Extracted ?? default),
            StaysUntil = codec.Second("staysUntil", value?.StaysUntil ?? default),
            DepartsBack = codec.Second("departsBack", value?.DepartsBack ?? default),
            ArrivesDepot = codec.Second("arrivesDepot", value?.ArrivesDepot ?? default),
            Unloaded = codec.Second("unloaded", value?.Unloaded ?? default),
            PropellantOut = codec.Mass("propellantOut", value?.PropellantOut ?? default),
            PropellantBack = codec.Mass("propellantBack", value?.PropellantBack ?? default),
        };
        codec.Close();
        return value ?? (read.Kind != WorkKind.Transport ? read
            : read with { Site = default, Source = new DepotId(site.Value) });
    }

    /// <summary>When it comes to the site on its way out, before it waits for anything.</summary>
    public Instant ComesToSite(Chart chart) => !HasWayOut || From > ContractStage.Outbound
        ? ArrivesSite : (DepartsOut + OutLeg(chart).Duration).CeilingSecond;

    /// <summary>The leg to the site; there must be a way out.</summary>
    public ChartLeg OutLeg(Chart chart) => Known(chart.Leg(Place.Of(Origin), Via));

    /// <summary>The leg to the depot.</summary>
    public ChartLeg BackLeg(Chart chart) => Known(chart.Leg(Via, Place.Of(Depot)));

    private static ChartLeg Known(ChartLeg? leg)
    {
        Invariant.Holds(leg is not null); // An itinerary is made of legs of the chart.
        return leg;
    }

    /// <summary>What to expect of the node from now on, starting from what is expected of it now.</summary>
    public Plan ToPlan(uint number, ContractId contract, Instant now, NodeTwin twin, NodeSpec spec)
    {
        MachineDesign design = spec.Design;
        Instant start = now.FloorSecond;
        long propellant = twin.At(Variable.Propellant, start);
        long wear = twin.At(Variable.Wear, start);
        long cargo = twin.At(Variable.Cargo, start);
        var cargoKnots = new TrackBuilder(start, cargo);
        var propellantKnots = new TrackBuilder(start, propellant);
        var wearKnots = new TrackBuilder(start, wear);
        var positionKnots = new TrackBuilder(start, twin.At(Variable.Position, start));
        if (From <= ContractStage.Outbound)
        {
            if (CargoOut > Grams.Zero)
            {
                cargoKnots.JumpTo(start, CargoOut.Value);
            }

            propellant -= PropellantOut.Value;
            propellantKnots.JumpTo(DepartsOut, propellant);
            positionKnots.JumpTo(DepartsOut, 0);
            positionKnots.RampTo(ComesToSite(spec.Chart), OutLeg(spec.Chart).LengthMetres);
            wear += design.WearPerLeg.Value;
            wearKnots.RampTo(ComesToSite(spec.Chart), wear, DepartsOut);
        }

        if (From <= ContractStage.Extracting)
        {
            if (Kind == WorkKind.Transport)
            {
                cargoKnots.JumpTo(Extracted, CargoBack.Value); // Whatever the wait for a berth is.
            }
            else
            {
                cargoKnots.RampTo(Extracted, CargoBack.Value, ArrivesSite);
            }

            wear += WearAtSite(design);
            wearKnots.RampTo(Extracted, wear, ArrivesSite);
        }

        if (From <= ContractStage.Inbound)
        {
            propellant -= PropellantBack.Value;
            propellantKnots.JumpTo(DepartsBack, propellant);
            positionKnots.JumpTo(DepartsBack, 0);
            positionKnots.RampTo(ArrivesDepot, BackLeg(spec.Chart).LengthMetres);
            wear += design.WearPerLeg.Value;
            wearKnots.RampTo(ArrivesDepot, wear, DepartsBack);
        }

        cargoKnots.JumpTo(Unloaded, 0);
        propellantKnots.JumpTo(Unloaded, design.PropellantMax.Value);
        positionKnots.JumpTo(Unloaded, 0);
        if (wear >= design.WearForSpares.Value)
        {
            wearKnots.JumpTo(Unloaded, 0);
        }

        return new Plan(
            number,
            contract,
            Unloaded,
            [
                cargoKnots.Build(Variable.Cargo),
                propellantKnots.Build(Variable.Propellant),
                wearKnots.Build(Variable.Wear),
                positionKnots.Build(Variable.Position),
            ]);
    }
}

/// <summary>Builds a track whose knots strictly increase in time, whatever it is told.</summary>
internal sealed class TrackBuilder
{
    private static readonly TimeSpan _second = TimeSpan.FromSeconds(1);

    private readonly ImmutableArray<Knot>.Builder _knots = ImmutableArray.CreateBuilder<Knot>();

    public TrackBuilder(Instant start, long value) => _knots.Add(new Knot(start, value));

    /// <summary>Holds the last value until an instant, then has another.</summary>
    public void JumpTo(Instant at, long value) => RampTo(at + _second, value, at);

    /// <summary>Runs straight to a value, from the last knot or, later, from
    /// <paramref name="from"/>.</summary>
    public void RampTo(Instant at, long value, Instant? from = null)
    {
        Knot last = _knots[^1];
        if (from is { } begin && begin > last.At)
        {
            last = new Knot(begin, last.Value);
            _knots.Add(last);
        }

        _knots.Add(new Knot(Instant.Max(at, last.At + _second), value));
    }

    public Track Build(Variable variable) => new(variable, _knots.ToImmutable());
}

/// <summary>Whole units of time, for integer arithmetic.</summary>
internal static class WholeTime
{
    public static long TotalMinutesWhole(this TimeSpan time) => time.Ticks / TimeSpan.TicksPerMinute;
}

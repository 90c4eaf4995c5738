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
/// <remarks>What the work at the site is, its kind says: the stage is called extracting for all of them.
/// All instants are whole seconds, so that a plan means the same to both ends of the link.</remarks>
public sealed record Itinerary : IShaped<Itinerary>
{
    /// <summary>Where the cargo comes from.</summary>
    public required SiteId Site { get; init; }

    /// <summary>Where the work is: the site, or the depot itself when it names none.</summary>
    public Place Workplace => Site == default ? Place.Of(Depot) : Place.Of(Site);

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

    /// <summary>When it is at the site.</summary>
    public required Instant ArrivesSite { get; init; }

    /// <summary>When the cargo is aboard.</summary>
    public required Instant Extracted { get; init; }

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
        new((int)(WearAtSite(design) + (2 * design.WearPerLeg.Value)));

    /// <summary>Wear of the way out and the extraction.</summary>
    public PartsPerMillion WearToSite(MachineDesign design) =>
        new(Wear(design).Value - design.WearPerLeg.Value);

    // Digging wears; to look does not, nor to mend.
    private long WearAtSite(MachineDesign design) => WorkFields.IsWhole(Kind) ? 0
        : (Extracted - ArrivesSite).TotalMinutesWhole() * design.WearPerHour.Value / 60;

    // Cargo aboard when the work at the site is done.
    private Grams CargoBack => Kind == WorkKind.Deliver ? Quantity : Grams.Zero;

    // Cargo aboard on the way to the site.
    private Grams CargoOut => WorkFields.TakesParts(Kind, Quantity) ? Quantity : Grams.Zero;

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
        codec.Open("itinerary", 15);
        var read = new Itinerary
        {
            Site = codec.Site("site", value?.Site ?? default),
            Origin = codec.Depot("origin", value?.Origin ?? default),
            Depot = codec.Depot("depot", value?.Depot ?? default),
            Commodity = (Commodity)codec.Integer("commodity", (long)(value?.Commodity ?? 0), 1, 4),
            Kind = (WorkKind)codec.Integer("kind", (long)(value?.Kind ?? 0), 1, (long)WorkFields.KindMax),
            Quantity = codec.Mass("quantity", value?.Quantity ?? default),
            From = (ContractStage)codec.Integer("from", (long)(value?.From ?? 0), 1, 4),
            DepartsOut = codec.Second("departsOut", value?.DepartsOut ?? default),
            ArrivesSite = codec.Second("arrivesSite", value?.ArrivesSite ?? default),
            Extracted = codec.Second("extracted", value?.Extracted ?? default),
            DepartsBack = codec.Second("departsBack", value?.DepartsBack ?? default),
            ArrivesDepot = codec.Second("arrivesDepot", value?.ArrivesDepot ?? default),
            Unloaded = codec.Second("unloaded", value?.Unloaded ?? default),
            PropellantOut = codec.Mass("propellantOut", value?.PropellantOut ?? default),
            PropellantBack = codec.Mass("propellantBack", value?.PropellantBack ?? default),
        };
        codec.Close();
        return value ?? read;
    }

    /// <summary>The leg to the site.</summary>
    public ChartLeg OutLeg(Chart chart) => Known(chart.Leg(Place.Of(Origin), Workplace));

    /// <summary>The leg to the depot.</summary>
    public ChartLeg BackLeg(Chart chart) => Known(chart.Leg(Workplace, Place.Of(Depot)));

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
            positionKnots.RampTo(ArrivesSite, OutLeg(spec.Chart).LengthMetres);
            wear += design.WearPerLeg.Value;
            wearKnots.RampTo(ArrivesSite, wear, DepartsOut);
        }

        if (From <= ContractStage.Extracting)
        {
            cargoKnots.RampTo(Extracted, CargoBack.Value, ArrivesSite);
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

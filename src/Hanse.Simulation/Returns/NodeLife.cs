using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Simulation.World;

namespace Hanse.Simulation.Returns;

/// <summary>Where a node is on its rounds.</summary>
internal enum LifePhase
{
    Docked,
    Outbound,
    Digging,
    Inbound,
}

/// <summary>The truth of one miner, hour by hour, and what its sensors make it write down.</summary>
/// <remarks>
/// Rounds of about two days: it leaves a depot, burns, digs until its hold is full or its time is over, burns
/// back, unloads under a docking number, is refuelled and now and then repaired. Every quantity lives twice
/// in <see cref="NodeBooks"/>, as it is and as the machine writes it, and the depot's instruments see the
/// former. The journal's whole numbers are folded from the same draws, so an honest node's books close
/// exactly however wrong its sensors are; that is what real machines do, and it is why a conservation check
/// alone finds no bias.
/// </remarks>
internal sealed class NodeLife
{
    /// <summary>The most cargo a node of this class holds, in grams.</summary>
    public const long CargoMax = 20_000_000;

    /// <summary>The most propellant, in grams.</summary>
    public const long PropellantMax = 5_000_000;

    /// <summary>A whole life, in parts per million.</summary>
    public const long WearMax = 1_000_000;

    /// <summary>The most energy, in joules.</summary>
    public const long EnergyMax = 500_000_000;

    /// <summary>The most a node of this class can dig in an hour, in grams.</summary>
    public const long DigPerHourMax = 900_000;

    /// <summary>The most it can burn in an hour, in grams.</summary>
    public const long BurnPerHourMax = 1_500_000;

    /// <summary>Where it unloads.</summary>
    public static readonly DepotId Depot = new(1);

    /// <summary>Levels at enrolment, in order of the resources.</summary>
    public static readonly ImmutableArray<long> Initial =
        [0, PropellantMax / 2, 100_000, EnergyMax / 2];

    /// <summary>What there is room for, in order of the resources.</summary>
    public static readonly ImmutableArray<long> Capacity = [CargoMax, PropellantMax, WearMax, EnergyMax];

    // A level sensor reads better than a flow meter.
    private const double GaugeSigma = 0.01;

    private const double LegMetres = 3.6e6;

    // Ranging from the hub: a few metres in ten kilometres.
    private const double TrackingSigma = 0.000_2;

    private static readonly TimeSpan _hour = TimeSpan.FromHours(1);

    private readonly NodeConduct _conduct;
    private readonly Sensor _flow;
    private readonly Sensor _cargoTrip;
    private readonly Sensor _propellant;
    private readonly Sensor _wear;
    private readonly Sensor _energy;
    private readonly Sensor _position;
    private readonly Sensor _scale;
    private readonly Sensor _pump;
    private readonly Sensor _inspection;
    private readonly Sensor _tracking;
    private readonly Sensor[] _gauges = new Sensor[4];
    private Draw _draw;
    private double _tripFactor = 1;
    private int _left;
    private int _leg;
    private uint _trip;
    private uint _plan;

    /// <summary>Begins docked, refuelled, with an empty hold.</summary>
    public NodeLife(ulong seed, NodeConduct conduct)
    {
        _conduct = conduct;
        _draw = new Draw(seed, "life", 0);
        SensorModel cargo = conduct.Cargo;
        _cargoTrip = new Sensor(cargo with { Memory = 0.2 }, new Draw(seed, "cargo", 0));
        _flow = new Sensor(cargo with { Bias = 0 }, new Draw(seed, "flow", 0));
        _propellant = new Sensor(conduct.Propellant, new Draw(seed, "propellant", 0));
        _wear = new Sensor(conduct.Wear, new Draw(seed, "wear", 0));
        _energy = new Sensor(conduct.Energy, new Draw(seed, "energy", 0));
        _position = new Sensor(conduct.Position, new Draw(seed, "position", 0));
        _scale = new Sensor(new SensorModel(0, 0.003), new Draw(seed, "scale", 0));
        _pump = new Sensor(new SensorModel(0, 0.003), new Draw(seed, "pump", 0));
        _inspection = new Sensor(new SensorModel(0, 0.01), new Draw(seed, "inspection", 0));
        _tracking = new Sensor(new SensorModel(0, TrackingSigma), new Draw(seed, "tracking", 0));
        for (int i = 0; i < _gauges.Length; i++)
        {
            var resource = (Resource)(i + 1);
            SensorModel meter = Meter(resource);
            Books.Begin(resource, Initial[i], Capacity[i], meter.Bias);
            _gauges[i] = new Sensor(meter with { Sigma = GaugeSigma, Memory = 0 },
                new Draw(seed, "gauge", (ulong)i));
        }

        Docking = 1;
    }

    /// <summary>What is so and what is written.</summary>
    public NodeBooks Books { get; } = new();

    /// <summary>What the hub has of its own.</summary>
    public Sightings Records { get; } = new();

    /// <summary>Where it is.</summary>
    public LifePhase Phase { get; private set; } = LifePhase.Docked;

    /// <summary>Its count of dockings: the number of the docking it is in or goes to.</summary>
    public uint Docking { get; private set; }

    /// <summary>True metres along the present leg.</summary>
    public double Position { get; private set; }

    /// <summary>What it says of that.</summary>
    public long PositionClaimed { get; private set; }

    /// <summary>Lives one hour that begins at <paramref name="now"/> and writes down what it
    /// attests.</summary>
    public void LiveHour(Instant now, List<Entry> journal)
    {
        Breathe(journal);
        switch (Phase)
        {
            case LifePhase.Docked:
                Depart(now, journal);
                break;
            case LifePhase.Outbound or LifePhase.Inbound:
                Fly(now, journal);
                break;
            default:
                Dig(journal);
                break;
        }
    }

    /// <summary>What its level sensors say, to be held against its books. They lean the way its meters do,
    /// since they were calibrated together, and err apart from them.</summary>
    public void Count(List<Entry> journal)
    {
        foreach (Resource resource in Enum.GetValues<Resource>())
        {
            double level = Books.Truth(resource) * (resource == Resource.Cargo ? Lie() : 1);
            long read = _gauges[(int)resource - 1].ReadWhole(level);
            journal.Add(new Entry.Counted(resource, Books.Rebase(resource, read)));
        }
    }

    private SensorModel Meter(Resource resource) => resource switch
    {
        Resource.Cargo => _conduct.Cargo,
        Resource.Propellant => _conduct.Propellant,
        Resource.Wear => _conduct.Wear,
        _ => _conduct.Energy,
    };

    private void Breathe(List<Entry> journal)
    {
        double made = _draw.Between(15e6, 25e6);
        double used = _draw.Between(10e6, 25e6);
        Move(journal, Resource.Energy, Cause.Accrued, made, _energy.ReadWhole(made), 0);
        Move(journal, Resource.Energy, Cause.Used, used, _energy.ReadWhole(used), 0);
        Wear(journal, _draw.Between(20, 40));
    }

    private void Wear(List<Entry> journal, double truth)
    {
        long said = _wear.ReadWhole(truth * (1 - _conduct.HiddenWear));
        Move(journal, Resource.Wear, Cause.Accrued, truth, said, 0);
    }

    private void Depart(Instant now, List<Entry> journal)
    {
        _trip++;
        _leg = (int)(4 + _draw.Below(7));
        _left = _leg;
        Position = 0;
        _tripFactor = Math.Max(0, _cargoTrip.Read(1));
        Phase = LifePhase.Outbound;
        int home = (2 * _leg) + 36;
        journal.Add(new Entry.Planned(new Plan(++_plan, new ContractId(_trip), Second(now + (home * _hour)),
        [
            new Track(Variable.Cargo,
                [new Knot(Second(now), 0), new Knot(Second(now + (home * _hour)), 13_000_000)]),
        ])));
        journal.Add(new Entry.LeaseTaken(LeaseKind.Site, 40 + (_trip % 5), new Epoch(_trip),
            now + ((home + 24) * _hour)));
        Burn(journal, _draw.Between(250e3, 400e3));
        Wear(journal, _draw.Between(150, 250));
    }

    private void Fly(Instant now, List<Entry> journal)
    {
        Position += LegMetres / _leg;
        PositionClaimed = _position.ReadWhole(Position);
        See(Variable.Position, now, PositionClaimed, Position, _tracking, TrackingSigma);
        if (--_left > 0)
        {
            return;
        }

        if (Phase == LifePhase.Inbound)
        {
            Dock(now, journal);
            return;
        }

        Phase = LifePhase.Digging;
        _left = (int)(24 + _draw.Below(12));
    }

    private void Dig(List<Entry> journal)
    {
        double dug = _draw.Between(350e3, 550e3);
        double factor = _tripFactor * Lie();
        long said = _flow.ReadWhole(dug * factor);
        if (_conduct.ClaimedRate > 0 && _trip > _conduct.LieFromTrip)
        {
            said = (long)(DigPerHourMax * _conduct.ClaimedRate);
        }

        Move(journal, Resource.Cargo, Cause.Extracted, dug, said, 40 + (_trip % 5));
        if (--_left > 0 && Books.Book(Resource.Cargo) < CargoMax * 9 / 10)
        {
            return;
        }

        journal.Add(new Entry.LeaseLeft(LeaseKind.Site, 40 + (_trip % 5), new Epoch(_trip)));
        Burn(journal, _draw.Between(400e3, 700e3));
        Wear(journal, _draw.Between(150, 250));
        Phase = LifePhase.Inbound;
        _left = _leg;
        Position = 0;
    }

    private double Lie()
    {
        int lies = (int)_trip - _conduct.LieFromTrip;
        return lies <= 0 ? 1 : 1 + _conduct.Overclaim + (_conduct.OverclaimGrowth * (lies - 1));
    }

    private void Dock(Instant now, List<Entry> journal)
    {
        Unload(now, journal);
        // The inspector comes aboard well before the pump is opened: further off than clocks may differ.
        Instant inspected = now - TimeSpan.FromMinutes(30);
        See(Variable.Propellant, inspected, Books.Book(Resource.Propellant),
            Books.Truth(Resource.Propellant), _pump, 0.003);
        See(Variable.Wear, inspected, Books.Book(Resource.Wear), Books.Truth(Resource.Wear), _inspection,
            0.01);
        double room = (PropellantMax * 0.85) - Books.Truth(Resource.Propellant);
        double taken = Math.Max(0, Math.Min(room, _draw.Between(700e3, 1_300e3)));
        long pumped = Math.Max(0, (long)Math.Round(_pump.Read(taken)));
        long said = Math.Max(0, _propellant.ReadWhole(taken));
        long written = Books.Grow(Resource.Propellant, taken, said);
        journal.Add(new Entry.Moved(Resource.Propellant, Cause.Taken, written, Docking));
        Records.Refuellings.Add(new Pumped(Depot, Docking, now, pumped, taken));
        if (_trip % 4 == 0)
        {
            double repaired = Books.Truth(Resource.Wear) * 0.2;
            long book = Books.Book(Resource.Wear) / 5;
            Move(journal, Resource.Wear, Cause.Repaired, repaired, book, Docking);
            Records.Repairs.Add(new Sold(Docking, now, book));
        }

        Docking++;
        Phase = LifePhase.Docked;
    }

    private void Unload(Instant now, List<Entry> journal)
    {
        double truth = Books.Truth(Resource.Cargo);
        long book = Books.Book(Resource.Cargo);
        bool isImpossible = _conduct.ImpossibleGrams > 0 && _trip > _conduct.LieFromTrip;
        long claimed = isImpossible ? book + _conduct.ImpossibleGrams : book;
        _ = Books.Shrink(Resource.Cargo, truth, book);
        var commodity = (Commodity)(1 + (_trip % 4));
        uint docking = _conduct.RepeatsDocking && _trip > _conduct.LieFromTrip ? Docking - 1 : Docking;
        journal.Add(new Entry.Unloaded(Depot, docking, new ContractId(_trip), new Epoch(_trip), commodity,
            new Grams(claimed)));
        long weighed = _scale.ReadWhole(truth);
        Records.Weighings.Add(new Weighed(Depot, Docking, now, commodity, weighed, claimed, truth));
    }

    private void Burn(List<Entry> journal, double truth) =>
        Move(journal, Resource.Propellant, Cause.Used, truth, _propellant.ReadWhole(truth), 0);

    private void See(
        Variable variable, Instant now, long claimed, double truth, Sensor instrument, double sigma)
    {
        long value = instrument.ReadWhole(truth);
        Records.Seen.Add(new Seen(variable, now, claimed, value, sigma, truth));
    }

    private void Move(
        List<Entry> journal, Resource resource, Cause cause, double truth, long said, ulong reference)
    {
        bool grows = cause is Cause.Extracted or Cause.Taken or Cause.Accrued;
        long written = grows
            ? Books.Grow(resource, truth, said) : Books.Shrink(resource, truth, said);
        if (written > 0)
        {
            journal.Add(new Entry.Moved(resource, cause, written, reference));
        }
    }

    private static Instant Second(Instant at) => at.FloorSecond;
}

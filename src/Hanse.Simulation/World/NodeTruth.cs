using System;
using System.Collections.Immutable;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Wire;

namespace Hanse.Simulation.World;

/// <summary>A change of the world that no honest run has, for tests; first of all that no machine knows the
/// truth.</summary>
/// <param name="WearTruth">The truth about wear over what the sensors are built to show; 1, or another power
/// of two, by which nothing is rounded differently.</param>
/// <param name="SurveyLie">What surveys say over what they found: above 1, or below, they lie.</param>
/// <param name="Impostor">A node that signs with the key of another, for the test of reviews; none when
/// negative.</param>
/// <param name="KeyChangeHours">How often every node has another key; zero for never.</param>
internal sealed record WorldTwist(
    double WearTruth = 1, int Impostor = -1, double SurveyLie = 1, double KeyChangeHours = 0);

/// <summary>What is so on one node, whatever anybody claims: and the sensors that say something
/// else.</summary>
/// <remarks>
/// Steady streams are rates: cargo, wear and position run in straight lines between events and are evaluated
/// when somebody looks. The machine as built differs from its design by factors nobody on board knows; each
/// sensor has a constant bias and a little noise. Units: grams, parts per million of a life, metres;
/// microseconds.
/// </remarks>
internal sealed class NodeTruth : IShapedState
{
    private readonly MachineDesign _design;
    private readonly double _noise;

    // The truth about wear over what its sensor is built to show.
    private readonly double _wearTruth;
    private Draw _draw;

    // Values at _since, and how they run from there.
    private long _since;
    private double _cargo;
    private double _cargoRate;
    private double _wear;
    private double _wearRate;
    private double _position;
    private double _positionRate;
    private double _propellant;
    private double _undone;

    // Losses to expect of the wear until _since; the machine breaks when they reach what it is given.
    private double _danger;
    private readonly double _given;

    /// <param name="design">What it should be.</param>
    /// <param name="seed">The run's.</param>
    /// <param name="node">Its name.</param>
    /// <param name="bias">One standard deviation of a sensor's bias.</param>
    /// <param name="noise">And of its noise.</param>
    /// <param name="spread">And of what it is as built over its design.</param>
    /// <param name="twist">For tests.</param>
    /// <param name="variant">The draw of its hardware variant, and the share of the variance of its errors
    /// that is drawn there; none by default.</param>
    public NodeTruth(MachineDesign design, ulong seed, uint node, double bias, double noise, double spread,
        WorldTwist twist, (Draw Draw, double Share) variant = default)
    {
        _design = design;
        _noise = noise;
        _draw = new Draw(seed, "truth", node);
        _propellant = design.PropellantMax.Value;
        PropellantFactor = 1 + (spread * Error());
        WearFactor = Math.Max(0.2, 1 + (3 * spread * Error()));
        ExtractionFactor = 1 + (spread * Error());
        FlightSpread = spread / 4;
        _wearTruth = twist.WearTruth;
        _given = new Draw(seed, "hazard", node).Exponential(1);
        Bias =
            [bias * Error(), bias * Error(), bias * Error(), bias * Error() / 10];

        // Nobody's own: with all of it shared, all machines of a variant err alike.
        double Error() => (Math.Sqrt(1 - variant.Share) * _draw.Normal())
            + (variant.Share > 0 ? Math.Sqrt(variant.Share) * variant.Draw.Normal() : 0);
    }

    /// <summary>Propellant used over propellant by design.</summary>
    public double PropellantFactor { get; }

    /// <summary>Wear over wear by design.</summary>
    public double WearFactor { get; }

    /// <summary>Rate of extraction over rate by design.</summary>
    public double ExtractionFactor { get; }

    /// <summary>One standard deviation of a flight's duration, as a share of it.</summary>
    public double FlightSpread { get; }

    /// <summary>Constant bias per sensor, in order of <see cref="Variable"/>, as a share of the
    /// reading.</summary>
    public ImmutableArray<double> Bias { get; }

    /// <summary>Whether it is there and has not died.</summary>
    public bool IsAlive { get; set; } = true;

    /// <summary>Whether it breaks down as soon as it stands still.</summary>
    public bool IsDueToBreak { get; set; }

    /// <summary>Whether it is broken: it cannot fly or dig.</summary>
    public bool IsImmobile { get; private set; }

    /// <summary>Whether it is on a flight.</summary>
    public bool IsFlying { get; private set; }

    /// <summary>The order being carried out; zero when none.</summary>
    public uint OrderNumber { get; set; }

    public Order? Order { get; set; }

    /// <summary>When the order last changed, microseconds.</summary>
    public long OrderedAt { get; set; }

    /// <summary>Propellant ever burnt.</summary>
    public double Burnt { get; private set; }

    /// <summary>The random stream of this machine's own luck.</summary>
    public ref Draw Luck => ref _draw;

    public double Cargo(long at) => _cargo + (_cargoRate * (at - _since));

    public double Wear(long at) => _wear + (_wearRate * (at - _since));

    /// <summary>Wear ever caused, spares aside.</summary>
    public double WornEver(long at) => Wear(at) + _undone;

    /// <summary>Losses to expect of all the wear ever caused, by the law of its design.</summary>
    public double Danger(long at) => _danger + Losses(Wear(at)) - Losses(_wear);

    /// <summary>Whether wear has broken it: in a fleet as many as that law says, each at a wear of its
    /// own.</summary>
    public bool IsBroken(long at) => Danger(at) > _given;

    public double Position(long at) => _position + (_positionRate * (at - _since));

    public double Propellant => _propellant;

    public double Value(Variable variable, long at) => variable switch
    {
        Variable.Cargo => Cargo(at),
        Variable.Propellant => _propellant,
        Variable.Wear => Wear(at),
        _ => Position(at),
    };

    /// <inheritdoc/>
    /// <remarks>What it was built with is drawn again; only what has become of it is here.</remarks>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("truth", 16);
        _draw.State = (ulong)codec.Integer("luck", (long)_draw.State, long.MinValue, long.MaxValue);
        _since = codec.Integer("since", _since, 0, long.MaxValue);
        _cargo = codec.Real("cargo", _cargo);
        _cargoRate = codec.Real("cargoRate", _cargoRate);
        _wear = codec.Real("wear", _wear);
        _wearRate = codec.Real("wearRate", _wearRate);
        _position = codec.Real("position", _position);
        _positionRate = codec.Real("positionRate", _positionRate);
        _propellant = codec.Real("propellant", _propellant);
        _undone = codec.Real("undone", _undone);
        _danger = codec.Real("danger", _danger);
        Burnt = codec.Real("burnt", Burnt);
        long state = codec.Integer(
            "state",
            (IsAlive ? 1 : 0) | (IsDueToBreak ? 2 : 0) | (IsImmobile ? 4 : 0) | (IsFlying ? 8 : 0), 0, 15);
        (IsAlive, IsDueToBreak) = ((state & 1) != 0, (state & 2) != 0);
        (IsImmobile, IsFlying) = ((state & 4) != 0, (state & 8) != 0);
        OrderNumber = (uint)codec.Integer("orderNumber", OrderNumber, 0, uint.MaxValue);
        Order = codec.Optional("order", Order);
        OrderedAt = codec.Integer("orderedAt", OrderedAt, 0, long.MaxValue);
        codec.Close();
    }

    /// <summary>From now on it is there.</summary>
    public void Commission(long at) => (IsAlive, _since, OrderedAt) = (true, at, at);

    /// <summary>What the sensors say now.</summary>
    public ImmutableArray<Reading> Read(long at)
    {
        var readings = new Reading[4];
        for (int i = 0; i < readings.Length; i++)
        {
            var variable = (Variable)(i + 1);
            double truth = Value(variable, at);
            double shown = variable == Variable.Wear ? truth / _wearTruth : truth;
            double seen = shown * (1 + Bias[i] + (_noise * _draw.Normal()));
            readings[i] = new Reading(variable, (long)Math.Round(seen));
        }

        return ImmutableArray.Create(readings);
    }

    /// <summary>Burns for a leg; false when the tanks do not hold enough: the machine is stranded.</summary>
    public bool Depart(long at, ChartLeg leg, long arrives)
    {
        Settle(at);
        double mass = _design.DryMass.Value + _cargo + _propellant;
        double ratio = (double)leg.Cost.MillimetresPerSecond / _design.Exhaust.MillimetresPerSecond;
        double burn = mass * (1 - Math.Exp(-ratio)) * PropellantFactor;
        if (burn > _propellant)
        {
            return false;
        }

        IsFlying = true;
        _propellant -= burn;
        Burnt += burn;
        _position = 0;
        _positionRate = (double)leg.LengthMetres / (arrives - at);
        _wearRate = _wearTruth * _design.WearPerLeg.Value * WearFactor / (arrives - at);
        return true;
    }

    /// <summary>Ends whatever was running.</summary>
    public void Stop(long at)
    {
        Settle(at);
        IsFlying = false;
        _cargoRate = 0;
        _wearRate = 0;
        _positionRate = 0;
    }

    /// <summary>What it has to take aboard until the cargo sensor says the target.</summary>
    public double Wants(long at, double target) => Math.Max(0, (target / (1 + Bias[0])) - Cargo(at));

    /// <summary>Begins extraction at a true grade; returns when the cargo sensor will say the target, or when
    /// the most that there is has come aboard.</summary>
    public long Extract(long at, double trueGrade, double target, double most = double.PositiveInfinity)
    {
        Settle(at);
        double oreTonnesPerSecond = (double)_design.Power.Value / _design.ExtractionPerTonne.Value;
        _cargoRate = oreTonnesPerSecond * trueGrade * ExtractionFactor; // t/s are g/us.
        _wearRate = _wearTruth * _design.WearPerHour.Value * WearFactor / 3_600_000_000.0;
        double wanted = Math.Min(most, Wants(at, target));
        return at + Math.Max(1_000_000, (long)Math.Ceiling(wanted / _cargoRate));
    }

    /// <summary>Takes parts aboard.</summary>
    public void Load(long at, double mass)
    {
        Settle(at);
        _cargo += mass;
    }

    /// <summary>Loses a share of what is aboard, whoever has it then.</summary>
    /// <returns>How much that is.</returns>
    public double Lose(long at, double share)
    {
        Settle(at);
        double lost = _cargo * share;
        _cargo -= lost;
        return lost;
    }

    /// <summary>Begins to put what is aboard in place: it wears as digging does.</summary>
    public void Build(long at)
    {
        Settle(at);
        _wearRate = _wearTruth * _design.WearPerHour.Value * WearFactor / 3_600_000_000.0;
    }

    /// <summary>Takes everything aboard off it.</summary>
    public double Unload(long at)
    {
        Stop(at);
        double cargo = _cargo;
        _cargo = 0;
        _position = 0;
        return cargo;
    }

    /// <summary>It breaks down where it stands.</summary>
    public void Break(long at)
    {
        Stop(at);
        (IsImmobile, IsDueToBreak) = (true, false);
    }

    /// <summary>Another machine mends it.</summary>
    public void Mend(long at, double wearUndone)
    {
        Undo(at, wearUndone);
        IsImmobile = false;
    }

    /// <summary>Takes service at a depot.</summary>
    public void Serve(long at, double propellant, double wearUndone)
    {
        _propellant = Math.Min(_design.PropellantMax.Value, _propellant + propellant);
        Undo(at, wearUndone);
    }

    private void Undo(long at, double wearUndone)
    {
        Settle(at);
        double undone = Math.Min(_wear, _wearTruth * wearUndone); // The danger that was, was.
        _wear -= undone;
        _undone += undone;
    }

    // H(w) of HazardLaw.
    private double Losses(double wear) =>
        _design.Hazard.Shape == 0 ? 0 : Math.Pow(wear / _design.Hazard.Scale.Value, _design.Hazard.Shape);

    private void Settle(long at)
    {
        _danger = Danger(at);
        _cargo = Cargo(at);
        _wear = Wear(at);
        _position = Position(at);
        _since = at;
    }
}

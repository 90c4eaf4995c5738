using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Twin;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Node;

/// <summary>What a node believes its hub expects of it, and what it owes its hub to say.</summary>
/// <remarks>
/// The node folds its own reports into the same predictors as its hub does. A reading inside the dead band
/// leaves no trace: silence means on plan. One outside is a deviation, or a revised track when that costs
/// fewer bytes; either changes the prediction at once, and waits for the next window to be said.
/// <para>
/// Invariants: bids are priced and plans are made from the prediction and never from a reading, so a node
/// rebuilt from its facts decides as the one that never stopped. Limit: <see cref="UnreportedMax"/>
/// deviations between two reports; beyond, the oldest of the same variable gives way. Deliberately absent:
/// fitting segments with hindsight.
/// </para>
/// </remarks>
public sealed class SelfTwin
{
    /// <summary>Most deviations kept between two reports.</summary>
    public const int UnreportedMax = Message.ListMax;

    private readonly Action<NodeFact> _record;
    private readonly NodeTwin _twin = new();
    private readonly List<Deviation> _unreported = [];
    private ImmutableArray<ulong> _bands = [];

    internal SelfTwin(Action<NodeFact> record) => _record = record;

    /// <summary>The number of the plan after the present one.</summary>
    internal uint NextPlan => _twin.PlanNumber + 1;

    /// <summary>When the present plan means to be done.</summary>
    internal Instant Arrives => _twin.Arrives;

    /// <summary>The predictors themselves.</summary>
    internal NodeTwin Twin => _twin;

    /// <summary>Propellant expected aboard.</summary>
    internal Grams Propellant(Instant now) => new(Math.Max(0, At(now, Variable.Propellant)));

    /// <summary>Cargo expected aboard.</summary>
    internal Grams Cargo(Instant now) => new(Math.Max(0, At(now, Variable.Cargo)));

    /// <summary>Wear expected, parts per million of a life.</summary>
    internal long Wear(Instant now) => Math.Max(0, At(now, Variable.Wear));

    /// <summary>Whether no cargo is expected aboard, within the dead band.</summary>
    internal bool IsEmpty(Instant now) => At(now, Variable.Cargo) <= Band(Variable.Cargo);

    /// <summary>Takes a reading of the sensors.</summary>
    /// <returns>A revised track for a variable that drifts, which the caller makes a plan of; else null, and
    /// a deviation was recorded if there was one.</returns>
    internal Track? Observe(Instant now, Reading reading)
    {
        Instant at = now.FloorSecond;
        Predictor predictor = _twin[reading.Variable];
        bool isBroken = reading.Value is > Knot.ValueMax or < -Knot.ValueMax;
        bool isOnPlan = isBroken
            || Math.Abs(reading.Value - predictor.At(at)) <= Band(reading.Variable)
            || at <= predictor.CorrectedAt;
        if (isOnPlan)
        {
            return null; // Silence means on plan; what no sensor can mean is not reported as a state.
        }

        Track? revised = Revision.For(reading.Variable, predictor, at, reading.Value, Band(reading.Variable));
        if (revised is null)
        {
            _record(new NodeFact.Deviated(new Deviation(reading.Variable, at, reading.Value)));
        }

        return revised;
    }

    /// <summary>What is to be said in the next window, or null.</summary>
    internal DeviationReport? Report() =>
        _unreported.Count > 0 ? new DeviationReport(_twin.PlanNumber, [.. _unreported]) : null;

    /// <summary>Applies one remembered fact about the node's own state.</summary>
    internal void Apply(NodeFact fact)
    {
        switch (fact)
        {
            case NodeFact.EnrolAsked(var plan):
                _twin.Apply(plan);
                break;
            case NodeFact.Joined(var enrolled):
                _bands = enrolled.DeadBands;
                break;
            case NodeFact.Rehomed(var enrolled, _):
                _bands = enrolled.DeadBands;
                _unreported.Clear(); // The new hub is told all of it.
                break;
            case NodeFact.Planned(var plan):
                _twin.Apply(plan);
                _ = _unreported.RemoveAll(old => Replaces(plan, old.Variable));
                break;
            case NodeFact.Deviated(var deviation):
                _twin.Apply(deviation, _twin.PlanNumber);
                Keep(deviation);
                break;
            case NodeFact.DeviationsReported:
                _unreported.Clear();
                break;
            default:
                throw new UnreachableException($"no rule for {fact}");
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    internal void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("selfTwin", 3);
        _bands = codec.Numbers("bands", _bands, Plan.TracksMax);
        ImmutableArray<Deviation> unreported = codec.List("unreported", [.. _unreported], UnreportedMax);
        _unreported.Clear();
        _unreported.AddRange(unreported);
        _twin.Shape(ref codec);
        codec.Close();
    }

    private void Keep(Deviation deviation)
    {
        if (_unreported.Count == UnreportedMax)
        {
            int oldest = _unreported.FindIndex(old => old.Variable == deviation.Variable);
            _unreported.RemoveAt(Math.Max(oldest, 0));
        }

        _unreported.Add(deviation);
    }

    private static bool Replaces(Plan plan, Variable variable)
    {
        foreach (Track track in plan.Tracks)
        {
            if (track.Variable == variable)
            {
                return true;
            }
        }

        return false;
    }

    private long Band(Variable variable) => (long)_bands[(int)variable - 1];

    private long At(Instant now, Variable variable) => _twin.At(variable, now.FloorSecond);
}

using System;
using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Wire;

namespace Hanse.Core.Estimate;

/// <summary>What a hub has learned of every sensor of every node.</summary>
/// <remarks>
/// Sightings are its only facts, and applying them in the order of the hub's own journal is all that changes
/// it. Limit: <see cref="SensorsMax"/> sensors; beyond it a sighting of a new one is not kept, and that
/// sensor stays at the prior, which is the safe belief. Cost of a sighting: O(log n) and a sort of sixteen
/// numbers.
/// </remarks>
public sealed class CalibrationBook(CalibrationRules rules)
{
    /// <summary>Most sensors kept: four each of 100,000 nodes.</summary>
    public const int SensorsMax = 400_000;

    private readonly SortedDictionary<(NodeId Node, Variable Variable), Calibration> _sensors = [];

    /// <summary>Number of sensors ever seen.</summary>
    public int Count => _sensors.Count;

    /// <summary>What is believed of a sensor; the prior when it was never seen.</summary>
    public BiasEstimate BiasOf(NodeId node, Variable variable) =>
        _sensors.TryGetValue((node, variable), out Calibration? sensor)
            ? sensor.Bias : BiasEstimate.Prior(rules);

    /// <summary>The judgement of its last sighting; consistent when there was none.</summary>
    public Judgement JudgementOf(NodeId node, Variable variable) =>
        _sensors.TryGetValue((node, variable), out Calibration? sensor)
            ? sensor.Judgement : Calibration.Unseen;

    /// <summary>The gravest verdict on any sensor of a node.</summary>
    public GateVerdict WorstOf(NodeId node)
    {
        GateVerdict worst = GateVerdict.Consistent;
        foreach (Variable variable in Enum.GetValues<Variable>())
        {
            GateVerdict verdict = JudgementOf(node, variable).Verdict;
            worst = verdict > worst ? verdict : worst;
        }

        return worst;
    }

    /// <summary>Learns from one sighting.</summary>
    public void Apply(Sighting sighting)
    {
        (NodeId Node, Variable Variable) key = (sighting.Node, sighting.Variable);
        if (!_sensors.TryGetValue(key, out Calibration? sensor))
        {
            if (_sensors.Count == SensorsMax)
            {
                return;
            }

            sensor = Calibration.Fresh(rules);
        }

        _sensors[key] = sensor.After(sighting.Residual, sighting.At, rules);
    }

    /// <summary>Forgets a node: its sensors were replaced, or an operator says to begin again.</summary>
    public void Forget(NodeId node)
    {
        foreach (Variable variable in Enum.GetValues<Variable>())
        {
            _ = _sensors.Remove((node, variable));
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("calibrations", 1);
        codec.Table(
            "sensors",
            _sensors,
            static (ref TCodec c, (NodeId Node, Variable Variable) key) =>
            {
                c.Open("sensor", 2);
                NodeId node = c.Node("node", key.Node);
                var variable = (Variable)c.Integer("variable", (long)key.Variable, 1, 4);
                c.Close();
                return (node, variable);
            },
            static (ref TCodec c, Calibration sensor) => Calibration.Shape(ref c, sensor));
        codec.Close();
    }
}

using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Twin;

/// <summary>A node as seen through its reports: one predictor per variable.</summary>
/// <remarks>
/// The problem: a node says little and seldom, and still the hub must plan with it. The idea: silence means
/// that all goes as predicted, so both ends hold the same prediction and the node speaks only when it fails.
/// The hub keeps one for every node, and every node keeps one of itself; they are equal once all reports have
/// arrived. While a node is silent and expected to be, the twin's error against what the node reads is
/// bounded by the dead band; against the truth the error of the node's own sensors comes on top, which nobody
/// on the link can see. After Ditto's twin and OPC UA's AbsoluteDeadband, with a plan in place of the last
/// value. Reports may overtake each other on the link: in whatever order they come, the fold ends the same.
/// </remarks>
public sealed class NodeTwin
{
    private readonly Predictor[] _predictors =
        [Predictor.Unknown, Predictor.Unknown, Predictor.Unknown, Predictor.Unknown];

    /// <summary>The predictor of a variable.</summary>
    public Predictor this[Variable variable]
    {
        get => _predictors[(int)variable - 1];
        private set => _predictors[(int)variable - 1] = value;
    }

    /// <summary>The latest plan taken.</summary>
    public uint PlanNumber { get; private set; }

    /// <summary>When the work of that plan is meant to be done.</summary>
    public Instant Arrives { get; private set; }

    /// <summary>The expected value of a variable, in its unit.</summary>
    public long At(Variable variable, Instant at) => this[variable].At(at);

    /// <summary>Takes a plan; tracks that a later plan has replaced already are left alone.</summary>
    public void Apply(Plan plan)
    {
        foreach (Track track in plan.Tracks)
        {
            if (plan.Number >= this[track.Variable].PlanNumber)
            {
                this[track.Variable] = this[track.Variable].Replaced(track, plan.Number);
            }
        }

        if (plan.Number >= PlanNumber)
        {
            PlanNumber = plan.Number;
            Arrives = plan.Arrives;
        }
    }

    /// <summary>Takes a deviation from a plan; one from a track since replaced, or older than the last, is
    /// history.</summary>
    public void Apply(Deviation deviation, uint planNumber)
    {
        Predictor predictor = this[deviation.Variable];
        if (planNumber >= predictor.PlanNumber && deviation.At >= predictor.CorrectedAt)
        {
            this[deviation.Variable] = predictor.Corrected(deviation.At, deviation.Value, planNumber);
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("twin", 2 + _predictors.Length);
        for (int i = 0; i < _predictors.Length; i++)
        {
            _predictors[i] = Predictor.Shape(ref codec, codec.IsReading ? null : _predictors[i]);
        }

        PlanNumber = (uint)codec.Integer("plan", PlanNumber, 0, uint.MaxValue);
        Arrives = codec.Moment("arrives", Arrives);
        codec.Close();
    }
}

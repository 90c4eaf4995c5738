using System;
using System.Collections.Immutable;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Estimate;

/// <summary>One sensor: its learned bias, its last residuals and how they were judged.</summary>
internal sealed record Calibration : IShaped<Calibration>
{
    /// <summary>The judgement of a sensor nobody has checked.</summary>
    public static readonly Judgement Unseen = new(GateVerdict.Consistent, GateReason.None, 0);

    /// <summary>What is believed of it.</summary>
    public required BiasEstimate Bias { get; init; }

    /// <summary>The last residuals, the newest last; at most a window.</summary>
    public required ImmutableArray<Residual> Recent { get; init; }

    /// <summary>Innovations since the bias was last rebased.</summary>
    public required Cusum Running { get; init; }

    /// <summary>What the gate made of the newest.</summary>
    public required Judgement Judgement { get; init; }

    /// <summary>A sensor nobody has checked.</summary>
    public static Calibration Fresh(CalibrationRules rules) =>
        new() { Bias = BiasEstimate.Prior(rules), Recent = [], Running = default, Judgement = Unseen };

    /// <summary>The sensor after one more sighting.</summary>
    /// <remarks>What is doubted is not learned: a lie must not become the yardstick of the next. A rebased
    /// belief begins anew from the window that was inconsistent with it.</remarks>
    public Calibration After(Residual residual, Instant at, CalibrationRules rules)
    {
        BiasEstimate believed = Bias with { Variance = Bias.Grown(at, rules) };
        ImmutableArray<Residual> kept = Recent.Length == InnovationGate.WindowMax
            ? Recent.RemoveAt(0) : Recent;
        ImmutableArray<Residual> recent = kept.Add(residual);
        long sigma = Whole.RootUp((Int128)believed.Variance + believed.Scatter + residual.Variance);
        Cusum running = Running.Next((residual.Error - (long)believed.Mean) * 1_000 / sigma);
        Judgement judgement = InnovationGate.Judge(believed, recent.AsSpan(), running, rules);
        bool isRebased = judgement.Verdict == GateVerdict.Rebase;
        return new Calibration
        {
            Bias = judgement.Verdict == GateVerdict.Doubt ? Bias
                : isRebased ? Bias.Rebased(recent.AsSpan()[^judgement.Window..], at)
                : Bias.Updated(residual, at, rules),
            Recent = recent,
            Running = isRebased ? default : running,
            Judgement = judgement,
        };
    }

    /// <inheritdoc/>
    public static Calibration Shape<TCodec>(ref TCodec codec, Calibration? value)
        where TCodec : struct, ICodec
    {
        codec.Open("calibration", 7);
        BiasEstimate bias = BiasEstimate.Shape(ref codec, value?.Bias);
        int count = codec.OpenList("recent", value?.Recent.Length ?? 0, InnovationGate.WindowMax);
        ImmutableArray<Residual>.Builder recent = ImmutableArray.CreateBuilder<Residual>(count);
        for (int i = 0; i < count && !codec.Failed; i++)
        {
            Residual residual = value?.Recent[i] ?? default;
            codec.Open("residual", 2);
            recent.Add(new Residual(
                (int)codec.Integer("error", residual.Error, -Residual.Max, Residual.Max),
                (int)codec.Integer("sigma", residual.Sigma, 1, Residual.SigmaMax)));
            codec.Close();
        }

        codec.CloseList();
        int above = (int)codec.Integer("above", value?.Running.Above ?? 0, 0, Cusum.SumMax);
        int below = (int)codec.Integer("below", value?.Running.Below ?? 0, 0, Cusum.SumMax);
        var verdict = (GateVerdict)codec.Integer("verdict", (long)(value?.Judgement.Verdict ?? 0), 1, 3);
        var reason = (GateReason)codec.Integer("reason", (long)(value?.Judgement.Reason ?? 0), 1, 7);
        int window = (int)codec.Integer("window", value?.Judgement.Window ?? 0, 0, InnovationGate.WindowMax);
        codec.Close();
        return value ?? new Calibration
        {
            Bias = bias,
            Recent = recent.ToImmutable(),
            Running = new Cusum(above, below),
            Judgement = new Judgement(verdict, reason, window),
        };
    }
}

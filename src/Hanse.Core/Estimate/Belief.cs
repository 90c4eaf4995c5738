using System;
using System.Collections.Immutable;
using Hanse.Core.Wire;

namespace Hanse.Core.Estimate;

/// <summary>A value on one to three axes, with one sigma of it on each; axes are taken as
/// independent.</summary>
/// <param name="Value">In any unit; magnitudes up to <see cref="ValueMax"/>.</param>
/// <param name="Sigma">As many, in the same unit; 1 to <see cref="SigmaMax"/>.</param>
public sealed record Belief(ImmutableArray<long> Value, ImmutableArray<long> Sigma) : IShaped<Belief>
{
    /// <summary>Most axes.</summary>
    public const int AxesMax = 3;

    /// <summary>The largest magnitude of a value.</summary>
    public const long ValueMax = 1_000_000_000_000_000;

    /// <summary>The largest sigma: its square times a weight still fits 128 bits.</summary>
    public const long SigmaMax = 1_000_000_000_000;

    /// <summary>A belief on one axis.</summary>
    public static Belief Of(long value, long sigma) => new([value], [sigma]);

    /// <summary>Same values, axis by axis.</summary>
    public bool Equals(Belief? other) =>
        other is not null
        && Value.AsSpan().SequenceEqual(other.Value.AsSpan())
        && Sigma.AsSpan().SequenceEqual(other.Sigma.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => unchecked((int)Value[0] * 31) ^ (int)Sigma[0];

    /// <summary>Square of the distance to another value, in thousandths of the variances of both.</summary>
    /// <remarks>Chi-square with as many degrees of freedom as there are axes, when both are honest and
    /// independent.</remarks>
    internal Int128 Distance(Belief other)
    {
        Int128 sum = 0;
        for (int axis = 0; axis < Value.Length; axis++)
        {
            Int128 apart = (Int128)Value[axis] - other.Value[axis];
            Int128 variance = Variance(axis) + other.Variance(axis);
            sum += apart * apart * 1_000 / variance;
        }

        return sum;
    }

    internal Int128 Variance(int axis) => (Int128)Sigma[axis] * Sigma[axis];

    /// <inheritdoc/>
    public static Belief Shape<TCodec>(ref TCodec codec, Belief? value)
        where TCodec : struct, ICodec
    {
        codec.Open("belief", 2);
        ImmutableArray<long> values = Axes(ref codec, "value", value?.Value ?? [], -ValueMax, ValueMax);
        ImmutableArray<long> sigmas = Axes(ref codec, "sigma", value?.Sigma ?? [], 1, SigmaMax);
        codec.Close();
        if (codec.IsReading && !codec.Failed && (values.IsEmpty || values.Length != sigmas.Length))
        {
            codec.Refuse("a belief needs one to three axes, each with its sigma");
        }

        return value ?? new Belief(values, sigmas);
    }

    private static ImmutableArray<long> Axes<TCodec>(
        ref TCodec codec, string name, ImmutableArray<long> axes, long min, long max)
        where TCodec : struct, ICodec
    {
        int count = codec.OpenList(name, axes.Length, AxesMax);
        ImmutableArray<long>.Builder read = ImmutableArray.CreateBuilder<long>(count);
        for (int axis = 0; axis < count && !codec.Failed; axis++)
        {
            read.Add(codec.Integer("axis", axis < axes.Length ? axes[axis] : 0, min, max));
        }

        codec.CloseList();
        return read.ToImmutable();
    }
}

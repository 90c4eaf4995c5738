using System;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Estimate;

/// <summary>An independent look at what a node claims: a depot's scale, a hub's tracking.</summary>
/// <remarks>It is the fact that <see cref="CalibrationBook"/> learns from; nothing else about a node's
/// sensors is remembered.</remarks>
public sealed record Sighting : IShaped<Sighting>
{
    /// <summary>The least reading that says anything of a relative error: below it rounding rules.</summary>
    public const long SeenMin = 1_000;

    /// <summary>Whose claim.</summary>
    public required NodeId Node { get; init; }

    /// <summary>Of what.</summary>
    public required Variable Variable { get; init; }

    /// <summary>When it was seen.</summary>
    public required Instant At { get; init; }

    /// <summary>What the node said, in the unit of the variable; not negative.</summary>
    public required long Claimed { get; init; }

    /// <summary>What was seen; at least <see cref="SeenMin"/>.</summary>
    public required long Seen { get; init; }

    /// <summary>One sigma of the instrument that saw it, as a share of what it saw; positive.</summary>
    public required PartsPerMillion Sigma { get; init; }

    /// <summary>What the node said too much, as a share of what was seen.</summary>
    public Residual Residual
    {
        get
        {
            Int128 share = Whole.Nearest((Int128)(Claimed - Seen) * 1_000_000, Seen);
            return new Residual((int)Int128.Clamp(share, -Residual.Max, Residual.Max), Sigma.Value);
        }
    }

    /// <inheritdoc/>
    public static Sighting Shape<TCodec>(ref TCodec codec, Sighting? value)
        where TCodec : struct, ICodec
    {
        codec.Open("sighting", 6);
        NodeId node = codec.Node("node", value?.Node ?? default);
        var variable = (Variable)codec.Integer("variable", (long)(value?.Variable ?? 0), 1, 4);
        Instant at = codec.Moment("at", value?.At ?? default);
        long claimed = codec.Integer("claimed", value?.Claimed ?? 0, 0, Knot.ValueMax);
        long seen = codec.Integer("seen", value?.Seen ?? 0, SeenMin, Knot.ValueMax);
        int sigma = (int)codec.Integer("sigma", value?.Sigma.Value ?? 0, 1, Residual.SigmaMax);
        codec.Close();
        return value ?? new Sighting
        {
            Node = node,
            Variable = variable,
            At = at,
            Claimed = claimed,
            Seen = seen,
            Sigma = new PartsPerMillion(sigma),
        };
    }
}

/// <summary>A claim less what was seen, in parts per million of what was seen.</summary>
/// <param name="Error">-<see cref="Max"/> to <see cref="Max"/>; positive when the node claimed too
/// much.</param>
/// <param name="Sigma">One sigma of the instrument that saw it: 1 to <see cref="SigmaMax"/>.</param>
public readonly record struct Residual(int Error, int Sigma)
{
    /// <summary>The largest error told apart: ten times what was seen.</summary>
    public const int Max = 10_000_000;

    /// <summary>The least exact instrument worth asking: a sigma of all it saw.</summary>
    public const int SigmaMax = 1_000_000;

    /// <summary>The instrument's variance.</summary>
    internal long Variance => (long)Sigma * Sigma;
}

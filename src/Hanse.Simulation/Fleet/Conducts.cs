using System;
using Hanse.Core.Decisions;
using Hanse.Core.Units;
using Hanse.Simulation.Scenarios;
using Hanse.Simulation.World;

namespace Hanse.Simulation.Fleet;

/// <summary>How a node conducts itself towards its hub.</summary>
internal enum Conduct
{
    /// <summary>It asks what its work costs and the mission's margin, and does what it takes on.</summary>
    Honest,

    /// <summary>It asks more.</summary>
    OverClaimer,

    /// <summary>It asks less.</summary>
    UnderClaimer,

    /// <summary>It takes work and stays where it is until the lease is over.</summary>
    NoShow,

    /// <summary>It asks more, and so do those it has agreed with.</summary>
    Ring,

    /// <summary>Mended, it does not say so, and wants no help any more.</summary>
    Denier,

    /// <summary>It goes where it is called, mends nothing, and says that it has.</summary>
    FalseMender,
}

/// <summary>Who conducts itself how: drawn by lot from the scenario's shares, the ring from the first
/// region.</summary>
/// <remarks>A lie is in the price or in the deed, and nowhere else: an adversary runs the protocol that
/// everybody runs, since what it sends must pass for an honest node's.</remarks>
internal sealed class Conducts
{
    /// <summary>Kinds of conduct.</summary>
    public static int Count { get; } = Enum.GetValues<Conduct>().Length;

    private readonly Conduct[] _conducts;
    private readonly ConductSection _section;

    /// <param name="section">The shares.</param>
    /// <param name="seed">The run's.</param>
    /// <param name="nodes">Nodes of the fleet.</param>
    /// <param name="regions">Regions, to which nodes are dealt out in turn.</param>
    public Conducts(ConductSection section, ulong seed, int nodes, int regions)
    {
        _section = section;
        _conducts = new Conduct[nodes];
        for (int n = 0; n < nodes; n++)
        {
            _conducts[n] = Drawn(new Draw(seed, "conduct", (ulong)n).Uniform() * 100);
            AnyOther |= _conducts[n] != Conduct.Honest;
        }

        for (int i = 0; i < section.RingNodes && i * regions < nodes; i++)
        {
            _conducts[i * regions] = Conduct.Ring;
            AnyOther = true;
        }
    }

    /// <summary>Whether anybody is not honest.</summary>
    public bool AnyOther { get; }

    /// <summary>How a node, from 0, conducts itself.</summary>
    public Conduct Of(int node) => _conducts[node];

    /// <summary>A node's pricing: what it would be if it were honest, or a lie about that.</summary>
    public IPricing Pricing(int node, IPricing honest) => Of(node) switch
    {
        Conduct.OverClaimer or Conduct.Ring => new FactorPricing(honest, _section.ClaimPercent / 100),
        Conduct.UnderClaimer => new FactorPricing(honest, 100 / _section.ClaimPercent),
        _ => honest,
    };

    private Conduct Drawn(double lot)
    {
        double over = _section.OverClaimersPercent;
        double under = over + _section.UnderClaimersPercent;
        double none = under + _section.NoShowsPercent;
        double deniers = none + _section.DeniersPercent;
        return lot < over ? Conduct.OverClaimer
            : lot < under ? Conduct.UnderClaimer
            : lot < none ? Conduct.NoShow
            : lot < deniers ? Conduct.Denier
            : lot < deniers + _section.FalseMendersPercent ? Conduct.FalseMender
            : Conduct.Honest;
    }
}

/// <summary>Asks a multiple of what another pricing asks.</summary>
internal sealed class FactorPricing(IPricing honest, double factor) : IPricing
{
    private readonly long _ppm = (long)Math.Round(factor * 1e6);

    /// <inheritdoc/>
    public PricingAnswer? Price(in PricingInput input) =>
        honest.Price(input) is { } answer
            ? answer with
            {
                PricePerLot = new Credits(
                    (long)Int128.Min((Int128)answer.PricePerLot.Micro * _ppm / 1_000_000, long.MaxValue)),
            }
            : null;
}

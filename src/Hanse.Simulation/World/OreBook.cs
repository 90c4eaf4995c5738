using System;
using System.Collections.Generic;
using Hanse.Core.Wire;

namespace Hanse.Simulation.World;

/// <summary>How much ore is left at each site, whatever anybody believes.</summary>
/// <remarks>A machine that begins to dig stakes out what it needs, or what is left; what it does not dig of
/// that is there again when it leaves. So who comes first has it, and all of it is accounted for at any
/// moment. Ore is grams of rock; what comes aboard is its grade of that. Without a mass all sites are
/// endless.</remarks>
internal sealed class OreBook : IShapedState
{
    // Rounding of a long run, grams.
    private const double Tolerance = 1_000;

    private readonly double[][] _given;
    private readonly double[][] _left;
    private readonly double[][] _dug;
    private readonly SortedDictionary<int, Claim> _stakes = [];

    /// <param name="seed">The run's.</param>
    /// <param name="tonnes">Of a site on the mean; it has from half of that to one and a half. Zero: no
    /// end.</param>
    /// <param name="sites">Sites of each region.</param>
    public OreBook(ulong seed, double tonnes, IReadOnlyList<int> sites)
    {
        (_given, _left, _dug) =
            (new double[sites.Count][], new double[sites.Count][], new double[sites.Count][]);
        for (int region = 0; region < sites.Count; region++)
        {
            _given[region] = new double[tonnes > 0 ? sites[region] : 0];
            for (int site = 0; site < _given[region].Length; site++)
            {
                var draw = new Draw(seed, "ore", ((ulong)region * 1_000) + (ulong)site);
                _given[region][site] = tonnes * 1e6 * draw.Between(0.5, 1.5);
            }

            _left[region] = [.. _given[region]];
            _dug[region] = new double[_given[region].Length];
        }
    }

    /// <summary>Sites where nothing is left.</summary>
    public int Over
    {
        get
        {
            int over = 0;
            foreach (double[] region in _left)
            {
                foreach (double left in region)
                {
                    over += left <= 0 ? 1 : 0;
                }
            }

            return over;
        }
    }

    /// <summary>Whether nothing was made or lost.</summary>
    public bool IsSound
    {
        get
        {
            double off = 0;
            for (int region = 0; region < _given.Length; region++)
            {
                for (int site = 0; site < _given[region].Length; site++)
                {
                    double staked = 0;
                    foreach (Claim claim in _stakes.Values)
                    {
                        staked += claim.Region == region && claim.Site == site ? claim.Ore : 0;
                    }

                    double all = _left[region][site] + staked + _dug[region][site];
                    off = Math.Max(off, Math.Abs(all - _given[region][site]));
                    off = _left[region][site] < 0 ? double.PositiveInfinity : off;
                }
            }

            return off < Tolerance;
        }
    }

    /// <summary>A machine begins to dig.</summary>
    /// <returns>The most that it gets aboard.</returns>
    public double Stake(int node, int region, int site, double grade, double aboard, double wanted)
    {
        if (_given[region].Length == 0)
        {
            return double.PositiveInfinity;
        }

        double needed = wanted / grade;
        double ore = Math.Min(needed, _left[region][site]);
        _left[region][site] -= ore;
        _stakes.Add(node, new Claim(region, site, grade, aboard, ore, ore < needed));
        return ore * grade;
    }

    /// <summary>Whether there is less for it where it digs than it wants.</summary>
    public bool IsShort(int node) => _stakes.GetValueOrDefault(node) is { IsShort: true };

    /// <summary>A machine digs no more, with so much aboard.</summary>
    public void Leave(int node, double aboard)
    {
        if (_stakes.Remove(node, out Claim? claim))
        {
            double dug = Math.Clamp((aboard - claim.Aboard) / claim.Grade, 0, claim.Ore);
            _dug[claim.Region][claim.Site] += dug;
            _left[claim.Region][claim.Site] += claim.IsShort && dug > claim.Ore - 1 ? 0 : claim.Ore - dug;
        }
    }

    /// <inheritdoc/>
    /// <remarks>What sites had is drawn again; what is left of it, dug and staked out is here.</remarks>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("ore", 2);
        int sites = 0;
        foreach (double[] region in _given)
        {
            sites += region.Length;
        }

        Reals.Expect(ref codec, codec.OpenList("sites", 2 * sites, 2 * sites), 2 * sites);
        for (int region = 0; region < _given.Length; region++)
        {
            for (int site = 0; site < _given[region].Length; site++)
            {
                _left[region][site] = codec.Real("left", _left[region][site]);
                _dug[region][site] = codec.Real("dug", _dug[region][site]);
            }
        }

        codec.CloseList();
        codec.Table(
            "stakes", _stakes, static (ref TCodec c, int node) => c.Number("node", node),
            static (ref TCodec c, Claim claim) => Claim.Shape(ref c, claim));
        codec.Close();
    }

    private sealed record Claim(
        int Region, int Site, double Grade, double Aboard, double Ore, bool IsShort) : IShaped<Claim>
    {
        public static Claim Shape<TCodec>(ref TCodec codec, Claim? value)
            where TCodec : struct, ICodec
        {
            codec.Open("claim", 6);
            int region = codec.Number("region", value?.Region ?? 0);
            int site = codec.Number("site", value?.Site ?? 0);
            double grade = codec.Real("grade", value?.Grade ?? 0);
            double aboard = codec.Real("aboard", value?.Aboard ?? 0);
            double ore = codec.Real("ore", value?.Ore ?? 0);
            bool isShort = codec.Flag("isShort", value?.IsShort ?? default);
            codec.Close();
            return value ?? new Claim(region, site, grade, aboard, ore, isShort);
        }
    }
}

using System;
using System.Collections.Generic;

namespace Hanse.Simulation.Orbits;

/// <summary>What we assume of a body where nobody has measured.</summary>
/// <remarks>
/// Surveys give every asteroid an orbit and a brightness, and few of them more. A simulated miner needs a
/// size, a mass and a day as well, so each gap is filled by a stated rule, and the asteroid remembers which
/// ones were filled (<see cref="Asteroid.Estimated"/>).
/// </remarks>
public static class BodyEstimates
{
    // Bulk densities that a spacecraft measured, kg/m³, by number: Ceres and Vesta (Dawn; Russell et al. 2012
    // and 2016), Lutetia (Rosetta; Pätzold et al. 2011), Ryugu (Hayabusa2; Watanabe et al. 2019).
    private static readonly Dictionary<int, double> _measuredDensities = new()
    {
        [1] = 2162,
        [4] = 3456,
        [21] = 3400,
        [162173] = 1190,
    };

    /// <summary>Diameter in metres of a sphere of that absolute magnitude and geometric albedo.</summary>
    /// <remarks>D = 1329 km / √p · 10^(-H/5) (Fowler and Chillemi 1992; Harris and Harris 1997).</remarks>
    public static double DiameterMetres(double absoluteMagnitude, double albedo) =>
        1_329_000 / Math.Sqrt(albedo) * Math.Pow(10, -absoluteMagnitude / 5);

    /// <summary>Albedo that makes a body of that diameter as bright as it is; the same formula, turned
    /// round.</summary>
    public static double AlbedoFromDiameter(double absoluteMagnitude, double diameterMetres)
    {
        double root = 1_329_000 / diameterMetres * Math.Pow(10, -absoluteMagnitude / 5);
        return root * root;
    }

    /// <summary>A typical geometric albedo of the class.</summary>
    /// <remarks>Medians of the measured rows of mainbelt_sbdb_2022.csv; Unknown: those of the near-Earth
    /// file.</remarks>
    public static double Albedo(Taxon taxon) => taxon switch
    {
        Taxon.C or Taxon.Ch or Taxon.P => 0.05,
        Taxon.D or Taxon.Z => 0.065,
        Taxon.K => 0.11,
        Taxon.X => 0.12,
        Taxon.B or Taxon.M or Taxon.Unknown => 0.14,
        Taxon.A or Taxon.L => 0.19,
        Taxon.S or Taxon.Q => 0.23,
        Taxon.V or Taxon.R => 0.38,
        Taxon.E => 0.42,
        _ => throw new ArgumentOutOfRangeException(nameof(taxon), taxon, "no albedo for this class"),
    };

    /// <summary>A typical bulk density of the class, kg/m³; the scatter within a class is about a
    /// third.</summary>
    /// <remarks>
    /// Round values within one standard deviation of the class means of Carry, "Density of asteroids",
    /// Planetary and Space Science 73, 2012: C 1.3 ± 0.6, B 2.4 ± 0.5, S 2.7 ± 0.5, M 3.5 ± 1.0, X 1.9 ± 0.8
    /// g/cm³. The rest are estimates: D and Z as porous as comets allow, P between D and C, stony classes as
    /// S, V as HED meteorites with a tenth of voids.
    /// </remarks>
    public static double DensityKgPerCubicMetre(Taxon taxon) => taxon switch
    {
        Taxon.D or Taxon.Z => 1300,
        Taxon.P => 1500,
        Taxon.C or Taxon.Ch => 1700,
        Taxon.X => 1900,
        Taxon.Unknown => 2000,
        Taxon.B => 2400,
        Taxon.S or Taxon.Q or Taxon.K or Taxon.L or Taxon.E or Taxon.R => 2700,
        Taxon.V or Taxon.A => 3000,
        Taxon.M => 4000,
        _ => throw new ArgumentOutOfRangeException(nameof(taxon), taxon, "no density for this class"),
    };

    /// <summary>The measured density of a numbered asteroid that a spacecraft visited, kg/m³, else
    /// null.</summary>
    public static double? MeasuredDensity(int? number) =>
        number is { } n && _measuredDensities.TryGetValue(n, out double density) ? density : null;

    /// <summary>A typical rotation period for a body of that size, hours.</summary>
    /// <remarks>
    /// Medians of the measured rows of our catalogue: the main belt (11.2 h), near-Earth bodies down to
    /// absolute magnitude 22, about 150 m (6.5 h), and smaller ones (0.23 h: single rocks, which may spin
    /// faster than gravity could hold a heap of rubble).
    /// </remarks>
    public static double RotationHours(double diameterMetres) => diameterMetres switch
    {
        >= 10_000 => 11.2,
        >= 150 => 6.5,
        _ => 0.23,
    };
}

namespace Hanse.Simulation.Orbits;

/// <summary>Spectral class of an asteroid, after Mahlke, Carry and Mattei (A&amp;A 665, A26, 2022).</summary>
/// <remarks>Feature letters are folded into their class: Mk and Me are M, Pe is P, Ek is E; only Ch stays
/// apart.</remarks>
public enum Taxon
{
    /// <summary>Never observed, or observed and not classified.</summary>
    Unknown,

    /// <summary>Olivine-rich.</summary>
    A,

    /// <summary>Carbonaceous, blue.</summary>
    B,

    /// <summary>Carbonaceous.</summary>
    C,

    /// <summary>Carbonaceous with the 0.7 µm band of hydrated minerals.</summary>
    Ch,

    /// <summary>Dark and red, mostly beyond the main belt.</summary>
    D,

    /// <summary>Enstatite-rich, very bright.</summary>
    E,

    /// <summary>Between S and C; like CV and CO chondrites.</summary>
    K,

    /// <summary>Rich in calcium-aluminium inclusions.</summary>
    L,

    /// <summary>Metallic, of middling albedo.</summary>
    M,

    /// <summary>Dark and featureless.</summary>
    P,

    /// <summary>Ordinary-chondrite surfaces that space has hardly weathered.</summary>
    Q,

    /// <summary>Olivine and pyroxene, very rare.</summary>
    R,

    /// <summary>Stony, like ordinary chondrites.</summary>
    S,

    /// <summary>Basaltic, from Vesta.</summary>
    V,

    /// <summary>Featureless and of unknown albedo: may be E, M or P.</summary>
    X,

    /// <summary>Redder than D.</summary>
    Z,
}

/// <summary>Reads the class letters that surveys print.</summary>
public static class Taxonomy
{
    /// <summary>The class for a printed label: Mahlke ("Mk"), Bus ("Sq", "S:", "Cgh") or Tholen; null is
    /// Unknown.</summary>
    /// <remarks>The first letter decides, save for Ch and Cgh. T, U and anything unheard of are
    /// Unknown.</remarks>
    public static Taxon Read(string? label) => label switch
    {
        "Ch" or "Cgh" => Taxon.Ch,
        null or "" => Taxon.Unknown,
        _ => label[0] switch
        {
            'A' => Taxon.A,
            'B' or 'F' => Taxon.B,
            'C' or 'G' => Taxon.C,
            'D' => Taxon.D,
            'E' => Taxon.E,
            'K' => Taxon.K,
            'L' => Taxon.L,
            'M' => Taxon.M,
            'P' => Taxon.P,
            'Q' => Taxon.Q,
            'R' => Taxon.R,
            'S' => Taxon.S,
            'V' => Taxon.V,
            'X' => Taxon.X,
            'Z' => Taxon.Z,
            _ => Taxon.Unknown,
        },
    };
}

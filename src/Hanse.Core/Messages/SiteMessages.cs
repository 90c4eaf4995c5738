using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Messages;

/// <summary>What a site yields over what its assay said.</summary>
/// <param name="Depot">The depot of the rock: sites are numbered on each.</param>
/// <param name="Site">The site.</param>
/// <param name="Commodity">What was dug.</param>
/// <param name="Ratio">Found over assayed; <see cref="Min"/> to <see cref="Max"/>, or zero when the site has
/// given out: there is nothing left of any commodity.</param>
public sealed record SiteRatio(DepotId Depot, SiteId Site, Commodity Commodity, PartsPerMillion Ratio)
    : IShaped<SiteRatio>
{
    /// <summary>Least ratio: below, a machine or a chart is broken.</summary>
    public const int Min = 500_000;

    /// <summary>Greatest ratio.</summary>
    public const int Max = 2_000_000;

    /// <summary>That a site has given out. Its ore is one rock, whatever it was dug for.</summary>
    public static SiteRatio GaveOut(DepotId depot, SiteId site) =>
        new(depot, site, Commodity.Nickel, default);

    /// <summary>Whether it says that the site has given out.</summary>
    public bool IsOver => Ratio.Value == 0;

    /// <inheritdoc/>
    public static SiteRatio Shape<TCodec>(ref TCodec codec, SiteRatio? value)
        where TCodec : struct, ICodec
    {
        codec.Open("siteRatio", 4);
        DepotId depot = codec.Depot("depot", value?.Depot ?? default);
        SiteId site = codec.Site("site", value?.Site ?? default);
        var commodity = (Commodity)codec.Integer("commodity", (long)(value?.Commodity ?? 0), 1, 4);
        var ratio = new PartsPerMillion((int)codec.Integer("ratio", value?.Ratio.Value ?? 0, 0, Max));
        codec.Close();
        if (codec.IsReading && !codec.Failed && ratio.Value is > 0 and < Min)
        {
            codec.Refuse("a ratio must be zero or credible");
        }

        return value ?? new SiteRatio(depot, site, commodity, ratio);
    }
}

/// <summary>Node to hub: what I dug. Hub to node: what is believed of sites, of all that was told.</summary>
/// <param name="Ratios">At most <see cref="RatiosMax"/>; of two for one site the later holds.</param>
public sealed record SitesTold(ImmutableArray<SiteRatio> Ratios) : Message, IShaped<SitesTold>
{
    /// <summary>Most ratios of one message.</summary>
    public const int RatiosMax = 32;

    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.SitesTold;

    /// <inheritdoc/>
    public static SitesTold Shape<TCodec>(ref TCodec codec, SitesTold? value)
        where TCodec : struct, ICodec
    {
        codec.Open("sitesTold", 1);
        ImmutableArray<SiteRatio> ratios = codec.List("ratios", value?.Ratios ?? [], RatiosMax);
        codec.Close();
        return value ?? new SitesTold(ratios);
    }
}

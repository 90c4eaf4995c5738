using System;
using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Node;

/// <summary>What a machine has learnt of itself and of the sites where it has worked.</summary>
/// <remarks>
/// A chart has assays that are wrong by some per cent, and of eight sites the one that is wrong in its favour
/// looks best: whoever never learns goes there again and again, at a loss. So the machine believes what it
/// digs, three quarters of it at once, since it measures a whole extraction; and of its own wear, which its
/// sensor shows dimly, a little more with every trip. Of a site where it has not been it believes what others
/// dug there, times what it digs itself over what others do where both have been.
/// </remarks>
internal sealed class Experience
{
    private const int One = 1_000_000;

    /// <summary>What the prior is worth, in trips: as built, machines differ by about as much as one trip's
    /// reading is uncertain.</summary>
    private const int PriorTrips = 2;

    /// <summary>Later trips are believed no less than this, for a machine that ages.</summary>
    private const int TripsMax = 8;

    // Grade found over grade assayed.
    private readonly SortedDictionary<(SiteId Site, Commodity Commodity), PartsPerMillion> _grades = [];

    // The same as others found it, told by the hub.
    private readonly SortedDictionary<(SiteId Site, Commodity Commodity), PartsPerMillion> _told = [];

    // Sites that have given out, by its own word or that of its hub.
    private readonly SortedSet<SiteId> _over = [];

    private PartsPerMillion _wear = new(One);
    private int _trips;

    // Wear as the sensor showed it when the trip began; below zero when it was not looked at.
    private long _wearBefore = -1;

    /// <summary>Whether the trip's wear is being watched.</summary>
    public bool IsWatching => _wearBefore >= 0;

    /// <summary>Whether it has worked there, or others have.</summary>
    public bool Has(SiteId site, Commodity commodity) =>
        _grades.ContainsKey((site, commodity)) || _told.ContainsKey((site, commodity));

    /// <summary>Whether the site has given out, as far as it knows.</summary>
    public bool IsOver(SiteId site) => _over.Contains(site);

    /// <summary>The grade to expect at a site. Where nobody has been, half of what differs is thought to be
    /// the machine's own doing, as it was elsewhere.</summary>
    public PartsPerMillion Grade(SiteId site, Commodity commodity, PartsPerMillion assay) =>
        new((int)Math.Clamp(assay.Value * Ratio(site, commodity) / One, 1, One));

    /// <summary>What an extraction says of a site, over its assay.</summary>
    /// <param name="byAssay">How long it would have taken by the assay.</param>
    /// <param name="taken">How long it took.</param>
    public static PartsPerMillion Found(TimeSpan byAssay, TimeSpan taken) =>
        new((int)Clamped(byAssay.Ticks, Math.Max(1, taken.Ticks)));

    /// <summary>The wear to expect of work by what the design says of it.</summary>
    public PartsPerMillion Wear(PartsPerMillion byDesign) =>
        new((int)Math.Min(int.MaxValue, (long)byDesign.Value * _wear.Value / One));

    /// <summary>What is believed of a site after an extraction.</summary>
    /// <param name="site">Where.</param>
    /// <param name="commodity">What.</param>
    /// <param name="byAssay">How long it would have taken by the assay.</param>
    /// <param name="taken">How long it took.</param>
    public PartsPerMillion Assay(SiteId site, Commodity commodity, TimeSpan byAssay, TimeSpan taken)
    {
        bool isKnown = Has(site, commodity);
        long before = isKnown ? Ratio(site, commodity) : One;
        return new PartsPerMillion((int)((before + (3L * Found(byAssay, taken).Value)) / 4));
    }

    /// <summary>A grade that was found, over the assay's; within what is credible.</summary>
    /// <param name="grade">Found.</param>
    /// <param name="assay">Positive.</param>
    public static PartsPerMillion RatioOf(PartsPerMillion grade, PartsPerMillion assay) =>
        new((int)Clamped(grade.Value, assay.Value));

    /// <summary>What is believed of its wear after a trip, or null when the sensor says nothing of
    /// use.</summary>
    /// <param name="wearNow">What it shows.</param>
    /// <param name="byDesign">What the work since it was looked at wears by design.</param>
    public PartsPerMillion? Worn(long wearNow, PartsPerMillion byDesign)
    {
        long worn = wearNow - _wearBefore;
        if (!IsWatching || byDesign.Value <= 0 || worn < 0 || worn > One)
        {
            return null;
        }

        long found = Clamped(worn, byDesign.Value);
        return new PartsPerMillion((int)(_wear.Value
            + ((found - _wear.Value) / (PriorTrips + Math.Min(_trips, TripsMax)))));
    }

    /// <summary>Applies one remembered fact of what was learnt.</summary>
    public void Apply(NodeFact fact)
    {
        switch (fact)
        {
            case NodeFact.WorkBegun:
                _wearBefore = -1;
                break;
            case NodeFact.Assayed(var site, var commodity, var ratio):
                _grades[(site, commodity)] = ratio;
                break;
            case NodeFact.SitesHeard(var ratios):
                foreach (SiteRatio told in ratios)
                {
                    if (told.IsOver)
                    {
                        _ = _over.Add(told.Site);
                    }
                    else
                    {
                        _told[(told.Site, told.Commodity)] = told.Ratio;
                    }
                }

                break;
            case NodeFact.SiteGaveOut(var site):
                _ = _over.Add(site);
                break;
            case NodeFact.WearSeen(var wear):
                _wearBefore = wear;
                break;
            case NodeFact.WearLearnt(var ratio):
                _wear = ratio;
                _trips++;
                _wearBefore = -1;
                break;
            default:
                break; // Nothing is learnt from the rest.
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("experience", 6);
        _wear = codec.Share("wear", _wear);
        _trips = codec.Number("trips", _trips);
        _wearBefore = codec.Integer("wearBefore", _wearBefore, -1, long.MaxValue);
        Table(ref codec, "grades", _grades);
        Table(ref codec, "told", _told);
        codec.Set("over", _over, static (ref TCodec c, SiteId site) => c.Site("site", site));
        codec.Close();
    }

    private static void Table<TCodec>(
        ref TCodec codec, string name,
        SortedDictionary<(SiteId Site, Commodity Commodity), PartsPerMillion> ratios)
        where TCodec : struct, ICodec => codec.Table(
            name,
            ratios,
            static (ref TCodec c, (SiteId Site, Commodity Commodity) key) =>
            {
                c.Open("place", 2);
                SiteId site = c.Site("site", key.Site);
                var commodity = (Commodity)c.Integer("commodity", (long)key.Commodity, 1, 4);
                c.Close();
                return (site, commodity);
            },
            static (ref TCodec c, PartsPerMillion value) => c.Share("ratio", value));

    // Its own word is of this machine; that of others is of theirs.
    private long Ratio(SiteId site, Commodity commodity) =>
        _grades.TryGetValue((site, commodity), out PartsPerMillion own) ? own.Value
        : _told.TryGetValue((site, commodity), out PartsPerMillion told)
            ? Math.Clamp((long)told.Value * Pace() / One, SiteRatio.Min, SiteRatio.Max)
        : Elsewhere();

    // What it digs over what others dig, where both have been; none of it at first.
    private long Pace()
    {
        long sum = One;
        int count = 1;
        foreach (KeyValuePair<(SiteId, Commodity), PartsPerMillion> own in _grades)
        {
            if (_told.TryGetValue(own.Key, out PartsPerMillion told) && told.Value > 0)
            {
                sum += Clamped(own.Value.Value, told.Value);
                count++;
            }
        }

        return sum / count;
    }

    // With one site known, half of its difference; with many, nearly all of their mean: sites and machines
    // differ by about as much.
    private long Elsewhere()
    {
        long sum = One;
        foreach (PartsPerMillion ratio in _grades.Values)
        {
            sum += ratio.Value;
        }

        return sum / (1 + _grades.Count);
    }

    private static long Clamped(long part, long whole) =>
        (long)Int128.Clamp((Int128)part * One / whole, SiteRatio.Min, SiteRatio.Max);
}

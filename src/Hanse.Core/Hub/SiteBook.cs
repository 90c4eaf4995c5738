using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Hub;

/// <summary>What sites yield over their assays, by all who dug there: the region's shared knowledge of its
/// rock.</summary>
/// <remarks>
/// The problem: of many sites the one whose assay errs in its favour looks best, and every node pays a trip
/// to learn so. The idea: who has dug tells, and the median of the last tellers is posted to all. A node
/// digs faster or slower than designed, which is in what it tells; over several nodes that cancels out, and
/// each takes it out of what it hears by its own sites. The median holds against tellers who are wrong or
/// lie as long as they are fewer than half.
/// <para>
/// Invariants: one voice a node and site, its last; posted is what <see cref="TellersMin"/> nodes or more
/// told, and is posted again when it has moved by more than <see cref="MovedPpm"/>. Limits:
/// <see cref="TellersMax"/> voices a site, the oldest goes; <see cref="SitesMax"/> sites, others are not
/// heard. That a site has given out is posted, once and for good, on the word of <see cref="WitnessesMin"/>
/// nodes between which nobody told that it dug its fill there: one liar closes nothing.
/// Deliberately absent: what is not validated decides nothing here but what nodes expect, and a successor
/// begins anew; and how much is left of a site, of which nobody knows how much it had.
/// </para>
/// </remarks>
public sealed class SiteBook
{
    /// <summary>Fewest nodes whose word is posted.</summary>
    public const int TellersMin = 3;

    /// <summary>Fewest nodes on whose word a site has given out.</summary>
    public const int WitnessesMin = 2;

    /// <summary>Most voices that are remembered of a site and commodity; odd.</summary>
    public const int TellersMax = 15;

    /// <summary>Most sites and commodities of a region.</summary>
    public const int SitesMax = 1_024;

    /// <summary>How far the median moves before it is posted again; parts per million of itself.</summary>
    public const int MovedPpm = 10_000;

    private readonly SortedDictionary<(DepotId Depot, SiteId Site, Commodity Commodity), Known> _sites = [];

    // Who said of a site that it has given out; and the version in which that was posted, zero for not.
    private readonly SortedDictionary<(DepotId Depot, SiteId Site), Over> _over = [];

    // Up to which version a node was told.
    private readonly SortedDictionary<NodeId, ulong> _told = [];
    private ulong _version;

    /// <summary>What is posted of a site; null while too few have dug there.</summary>
    public PartsPerMillion? Posted(DepotId depot, SiteId site, Commodity commodity) =>
        _sites.GetValueOrDefault((depot, site, commodity)) is { Posted.Value: > 0 } known
            ? known.Posted : null;

    /// <summary>Whether it is posted that a site has given out.</summary>
    public bool IsOver(DepotId depot, SiteId site) =>
        _over.GetValueOrDefault((depot, site)) is { Version: > 0 };

    /// <summary>Whether there is room to hear of a site.</summary>
    public bool Hears(SiteRatio told) => told.IsOver
        ? _over.Count < SitesMax || _over.ContainsKey((told.Depot, told.Site))
        : _sites.Count < SitesMax || _sites.ContainsKey((told.Depot, told.Site, told.Commodity));

    /// <summary>What a node has not been told, the oldest news first, as much as fits a message; and the
    /// version it knows then.</summary>
    public (ImmutableArray<SiteRatio> Ratios, ulong Version) NewsFor(NodeId node)
    {
        ulong told = _told.GetValueOrDefault(node);
        if (told >= _version)
        {
            return ([], told);
        }

        var news = new SortedDictionary<ulong, SiteRatio>();
        foreach (KeyValuePair<(DepotId Depot, SiteId Site, Commodity Commodity), Known> site in _sites)
        {
            if (site.Value.Version > told)
            {
                news.Add(site.Value.Version, new SiteRatio(
                    site.Key.Depot, site.Key.Site, site.Key.Commodity, site.Value.Posted));
            }
        }

        foreach (KeyValuePair<(DepotId Depot, SiteId Site), Over> over in _over)
        {
            if (over.Value.Version > told)
            {
                news.Add(over.Value.Version, SiteRatio.GaveOut(over.Key.Depot, over.Key.Site));
            }
        }

        var ratios = ImmutableArray.CreateBuilder<SiteRatio>();
        foreach (KeyValuePair<ulong, SiteRatio> one in news)
        {
            if (ratios.Count == SitesTold.RatiosMax)
            {
                break;
            }

            ratios.Add(one.Value);
            told = one.Key;
        }

        return (ratios.ToImmutable(), told);
    }

    /// <summary>Applies one remembered fact; most say nothing to it.</summary>
    public void Apply(HubFact fact)
    {
        switch (fact)
        {
            case HubFact.SiteTold(var node, var ratio):
                Hear(node, ratio);
                break;
            case HubFact.SitesPosted(var node, var version):
                _told[node] = version;
                break;
            case HubFact.NodeReleased(var node, _):
                _ = _told.Remove(node);
                break;
            default:
                break;
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("sites", 4);
        _version = codec.Count("version", _version);
        codec.Table(
            "sites",
            _sites,
            static (ref TCodec c, (DepotId Depot, SiteId Site, Commodity Commodity) key) =>
            {
                c.Open("site", 3);
                DepotId depot = c.Depot("depot", key.Depot);
                SiteId site = c.Site("site", key.Site);
                var commodity = (Commodity)c.Integer("commodity", (long)key.Commodity, 1, 4);
                c.Close();
                return (depot, site, commodity);
            },
            static (ref TCodec c, Known value) => Known.Shape(ref c, value));
        codec.Table(
            "over",
            _over,
            static (ref TCodec c, (DepotId Depot, SiteId Site) key) =>
            {
                c.Open("site", 2);
                DepotId depot = c.Depot("depot", key.Depot);
                SiteId site = c.Site("site", key.Site);
                c.Close();
                return (depot, site);
            },
            static (ref TCodec c, Over value) => Over.Shape(ref c, value));
        codec.Table(
            "told",
            _told,
            static (ref TCodec c, NodeId key) => c.Node("node", key),
            static (ref TCodec c, ulong value) => c.Count("version", value));
        codec.Close();
    }

    private void Hear(NodeId node, SiteRatio told)
    {
        Over over = _over.GetValueOrDefault((told.Depot, told.Site)) ?? new Over(default, 0);
        if (told.IsOver)
        {
            bool isPosted = over.Version == 0 && over.Witness != default && over.Witness != node;
            _version += isPosted ? 1UL : 0;
            _over[(told.Depot, told.Site)] = over.Version > 0 ? over
                : new Over(node, isPosted ? _version : 0);
            return;
        }

        if (over is { Version: 0, Witness.Value: > 0 })
        {
            _ = _over.Remove((told.Depot, told.Site)); // This one dug its fill there.
        }

        (DepotId, SiteId, Commodity) key = (told.Depot, told.Site, told.Commodity);
        Known known = _sites.GetValueOrDefault(key) ?? new Known();
        ImmutableArray<Voice> voices = known.Voices.RemoveAll(voice => voice.Node == node);
        voices = voices.Length == TellersMax ? voices.RemoveAt(0) : voices;
        known = known with { Voices = voices.Add(new Voice(node, told.Ratio)) };
        long median = known.Median;
        long moved = Math.Abs(median - known.Posted.Value) * 1_000_000;
        if (known.Voices.Length >= TellersMin && moved > (long)known.Posted.Value * MovedPpm)
        {
            _version++;
            known = known with { Posted = new PartsPerMillion((int)median), Version = _version };
        }

        _sites[key] = known;
    }

    /// <summary>That a site has given out.</summary>
    /// <param name="Witness">Who said so last.</param>
    /// <param name="Version">The version of the book that it was posted in; zero while it is not.</param>
    private sealed record Over(NodeId Witness, ulong Version) : IShaped<Over>
    {
        public static Over Shape<TCodec>(ref TCodec codec, Over? value)
            where TCodec : struct, ICodec
        {
            codec.Open("over", 2);
            NodeId witness = codec.Node("witness", value?.Witness ?? default);
            ulong version = codec.Count("version", value?.Version ?? 0);
            codec.Close();
            return value ?? new Over(witness, version);
        }
    }

    private sealed record Voice(NodeId Node, PartsPerMillion Ratio) : IShaped<Voice>
    {
        public static Voice Shape<TCodec>(ref TCodec codec, Voice? value)
            where TCodec : struct, ICodec
        {
            codec.Open("voice", 2);
            NodeId node = codec.Node("node", value?.Node ?? default);
            PartsPerMillion ratio = codec.Share("ratio", value?.Ratio ?? default);
            codec.Close();
            return value ?? new Voice(node, ratio);
        }
    }

    private sealed record Known : IShaped<Known>
    {
        /// <summary>The last that told, the oldest first.</summary>
        public ImmutableArray<Voice> Voices { get; init; } = [];

        /// <summary>What was posted last; zero for nothing.</summary>
        public PartsPerMillion Posted { get; init; }

        /// <summary>The version of the book that it was posted in.</summary>
        public ulong Version { get; init; }

        public int Median
        {
            get
            {
                int[] ratios = new int[Voices.Length];
                for (int i = 0; i < ratios.Length; i++)
                {
                    ratios[i] = Voices[i].Ratio.Value;
                }

                Array.Sort(ratios);
                return ratios[ratios.Length / 2];
            }
        }

        public static Known Shape<TCodec>(ref TCodec codec, Known? value)
            where TCodec : struct, ICodec
        {
            codec.Open("known", 3);
            ImmutableArray<Voice> voices = codec.List("voices", value?.Voices ?? [], TellersMax);
            PartsPerMillion posted = codec.Share("posted", value?.Posted ?? default);
            ulong version = codec.Count("version", value?.Version ?? 0);
            codec.Close();
            return value ?? new Known { Voices = voices, Posted = posted, Version = version };
        }
    }
}

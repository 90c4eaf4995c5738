using System;
using System.Collections.Generic;
using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Strategy;

/// <content>Hubs that are silent, and regions that are given up for it.</content>
/// <remarks>
/// The problem: a hub that is destroyed says nothing, and neither does one behind the Sun, nor any of them
/// while the strategic layer itself is cut off or was not running. The idea: silence is counted, in looks of
/// a quarter of a day, and only a look at which enough other hubs are heard counts, for as much as a planned
/// outage does not explain. So what is counted is time in which the hub could have called and did not.
/// <para>
/// One region at a look is given up, to a hub that has missed nothing, so there is never a chain of two in
/// one step. A region whose return waits for an operator is left to that operator, and so is one that
/// operators keep. Being wrong costs nothing but time: what the hub does after its last accepted books has no
/// credits behind it, whoever gave it up.
/// </para>
/// </remarks>
public sealed partial class StrategicLayer
{
    /// <summary>From one look at silent hubs to the next.</summary>
    public static readonly TimeSpan WatchPeriod = TimeSpan.FromHours(6);

    // Of regions with a charter that were not given up, as of the last look.
    private readonly SortedDictionary<RegionId, HubSilence> _silences = [];

    // Regions that are given up by order only.
    private readonly SortedSet<RegionId> _kept = [];

    // Regions that were given up without one, and for what silence.
    private readonly SortedDictionary<RegionId, HubSilence> _abandoned = [];

    private Instant _watched;

    private void Keep(RegionId region, bool isForbidden)
    {
        if (!_links.ContainsKey(region))
        {
            Refuse(Party.Of(region), 0, Refusal.UnknownRegion);
        }
        else if (_kept.Contains(region) != isForbidden)
        {
            Record(new StrategyFact.AdoptionForbidden(region, isForbidden));
        }
    }

    private void Watch(Instant now)
    {
        if (!_spec.Adoption.IsOn || now < _watched + WatchPeriod)
        {
            return;
        }

        Record(new StrategyFact.Watched(now));
        if (!IsInTouch(now) || LongestSilent() is not { } region)
        {
            return;
        }

        if (SuccessorOf(region, now) is { } successor)
        {
            Record(new StrategyFact.Abandoned(region, successor, _silences[region], now));
            Adopt(region, successor);
        }
        else
        {
            Refuse(Party.Of(region), 0, Refusal.NoSuccessor); // Said at every look until there is one.
        }
    }

    // Whether it is they who are silent, and not the strategic layer that hears nothing. What was heard
    // counts here, and no outage explains what was not.
    private bool IsInTouch(Instant now)
    {
        long all = 0;
        long heard = 0;
        foreach ((RegionId region, LinkEnd link) in _links)
        {
            if (_charters.ContainsKey(region) && !_successors.ContainsKey(region))
            {
                all++;
                heard += IsHeard(link, now) ? 1 : 0;
            }
        }

        return all > 0 && heard * 1_000_000 >= all * _spec.Adoption.HeardMin.Value;
    }

    private static bool IsHeard(LinkEnd link, Instant now) =>
        link.HasHeard
        && now - link.LastHeard <= (HubSilence.MissedMin * link.Plan.Period) + link.Plan.LightTime;

    private RegionId? LongestSilent()
    {
        RegionId? longest = null;
        TimeSpan most = TimeSpan.Zero;
        foreach ((RegionId region, HubSilence silence) in _silences)
        {
            if (silence.Outlasts(_spec.Adoption.After) && silence.Silent > most
                && !_kept.Contains(region) && !_receptions[region].IsQuarantined)
            {
                (longest, most) = (region, silence.Silent);
            }
        }

        return longest;
    }

    // Whoever has the fewest nodes, by accepted books: which is what is known of all of them, and those who
    // come have to be served beside those who are there.
    private RegionId? SuccessorOf(RegionId lost, Instant now)
    {
        int coming = _receptions[lost].Books.Nodes.Count;
        RegionId? best = null;
        int fewest = RegionBooks.NodesMax - coming;
        foreach ((RegionId region, HubSilence silence) in _silences)
        {
            int nodes = _receptions[region].Books.Nodes.Count;
            if (region != lost && silence.Missed == 0 && IsHeard(_links[region], now)
                && Takes(region) is not null && !HasParcels(region)
                && (nodes < fewest || (best is null && nodes == fewest)))
            {
                (best, fewest) = (region, nodes);
            }
        }

        return best;
    }

    // Whether what it has just taken over is still on its way to it.
    private bool HasParcels(RegionId region)
    {
        bool has = false;
        foreach (Parcel parcel in _parcels.Values)
        {
            has |= parcel.To == region;
        }

        return has;
    }

    private void ApplyWatch(StrategyFact fact)
    {
        switch (fact)
        {
            case StrategyFact.Watched(var at):
                Count(at);
                break;
            case StrategyFact.Abandoned(var region, _, var silence, _):
                _abandoned[region] = silence;
                break;
            case StrategyFact.AdoptionForbidden(var region, true):
                _ = _kept.Add(region);
                break;
            case StrategyFact.AdoptionForbidden(var region, _):
                _ = _kept.Remove(region);
                break;
            default:
                throw new UnreachableException($"no rule for {fact}");
        }
    }

    // A look that comes late, since nobody was here to look, counts as one.
    private void Count(Instant now)
    {
        bool counts = IsInTouch(now);
        Instant since = Instant.Max(_watched, now - WatchPeriod);
        foreach ((RegionId region, LinkEnd link) in _links)
        {
            if (!_charters.ContainsKey(region) || _successors.ContainsKey(region))
            {
                continue;
            }

            HubSilence silence = _silences.GetValueOrDefault(region) is { } known
                && known.Heard == link.LastHeard ? known : HubSilence.From(link.LastHeard);
            _silences[region] = counts
                ? silence.With(link.Plan, Instant.Max(since, link.LastHeard), now) : silence;
        }

        _watched = now;
    }

    private void ShapeWatch<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        _watched = codec.Moment("watched", _watched);
        codec.Table(
            "silences",
            _silences,
            static (ref TCodec c, RegionId key) => c.Region("region", key),
            static (ref TCodec c, HubSilence value) => HubSilence.Shape(ref c, value));
        codec.Set("kept", _kept, static (ref TCodec c, RegionId region) => c.Region("region", region));
        codec.Table(
            "abandoned",
            _abandoned,
            static (ref TCodec c, RegionId key) => c.Region("region", key),
            static (ref TCodec c, HubSilence value) => HubSilence.Shape(ref c, value));
    }
}

using System.Diagnostics;
using Hanse.Core.Estimate;
using Hanse.Core.Identity;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Merge;

/// <summary>What the merge remembers.</summary>
public abstract record MergeFact : IShaped<MergeFact>
{
    private MergeFact()
    {
    }

    /// <summary>Of leases.</summary>
    public sealed record OfLeases(LeaseFact Fact) : MergeFact;

    /// <summary>Of quotas.</summary>
    public sealed record OfQuotas(QuotaFact Fact) : MergeFact;

    /// <summary>Of deliveries.</summary>
    public sealed record OfDeliveries(DeliveryFact Fact) : MergeFact;

    /// <summary>A node's line is this now.</summary>
    public sealed record LineSet(NodeId Node, NodeLine Line) : MergeFact;

    /// <summary>No more than this is left at a site.</summary>
    public sealed record SiteFound(SiteId Site, Grams Remaining) : MergeFact;

    /// <summary>A node has measured a tile.</summary>
    public sealed record Mapped(ulong Tile, NodeId Node, Belief Belief) : MergeFact;

    /// <summary>A contradiction was met and a rule applied to it: part of the record, settled or
    /// not.</summary>
    public sealed record Met(Conflict Conflict) : MergeFact;

    /// <inheritdoc/>
    public static MergeFact Shape<TCodec>(ref TCodec codec, MergeFact? value)
        where TCodec : struct, ICodec
    {
        long tag = codec.Case("fact", value switch
        {
            null => 0,
            OfLeases => 1,
            OfQuotas => 2,
            OfDeliveries => 3,
            LineSet => 4,
            SiteFound => 5,
            Mapped => 6,
            Met => 7,
            _ => throw new UnreachableException(),
        }, 7);
        MergeFact fact;
        switch (tag)
        {
            case 1:
                var leases = (OfLeases?)value;
                codec.Open("ofLeases", 2);
                LeaseFact lease = LeaseFact.Shape(ref codec, leases?.Fact);
                fact = leases ?? new OfLeases(lease);
                break;
            case 2:
                var quotas = (OfQuotas?)value;
                codec.Open("ofQuotas", 2);
                QuotaFact quota = QuotaFact.Shape(ref codec, quotas?.Fact);
                fact = quotas ?? new OfQuotas(quota);
                break;
            case 3:
                var deliveries = (OfDeliveries?)value;
                codec.Open("ofDeliveries", 2);
                DeliveryFact delivery = DeliveryFact.Shape(ref codec, deliveries?.Fact);
                fact = deliveries ?? new OfDeliveries(delivery);
                break;
            case 4:
                var set = (LineSet?)value;
                codec.Open("lineSet", 2);
                NodeId of = codec.Node("node", set?.Node ?? default);
                NodeLine line = NodeLine.Shape(ref codec, set?.Line);
                fact = set ?? new LineSet(of, line);
                break;
            case 5:
                var found = (SiteFound?)value;
                codec.Open("siteFound", 2);
                SiteId site = codec.Site("site", found?.Site ?? default);
                Grams remaining = codec.Mass("remaining", found?.Remaining ?? default);
                fact = found ?? new SiteFound(site, remaining);
                break;
            case 7:
                var met = (Met?)value;
                codec.Open("met", 1);
                Conflict conflict = Conflict.Shape(ref codec, met?.Conflict);
                fact = met ?? new Met(conflict);
                break;
            default:
                var mapped = (Mapped?)value;
                codec.Open("mapped", 3);
                ulong tile = (ulong)codec.Integer("tile", (long)(mapped?.Tile ?? 0), 0, long.MaxValue);
                NodeId node = codec.Node("node", mapped?.Node ?? default);
                Belief belief = Belief.Shape(ref codec, mapped?.Belief);
                fact = mapped ?? new Mapped(tile, node, belief);
                break;
        }

        codec.Close();
        return fact;
    }
}

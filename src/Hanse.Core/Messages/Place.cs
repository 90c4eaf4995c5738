using System;
using Hanse.Core.Identity;
using Hanse.Core.Wire;

namespace Hanse.Core.Messages;

/// <summary>The kinds of place a node can be at. The numbers are in the journal.</summary>
public enum PlaceKind
{
    /// <summary>A depot.</summary>
    Depot = 1,

    /// <summary>A mining site.</summary>
    Site = 2,
}

/// <summary>A place of the region.</summary>
/// <param name="Kind">Depot or site.</param>
/// <param name="Number">The number of its <see cref="DepotId"/> or <see cref="SiteId"/>.</param>
public readonly record struct Place(PlaceKind Kind, uint Number) : IComparable<Place>
{
    /// <summary>As one number: a depot's own, a site's below zero.</summary>
    public long Signed => Kind == PlaceKind.Site ? -(long)Number : Number;

    /// <summary>A depot.</summary>
    public static Place Of(DepotId depot) => new(PlaceKind.Depot, depot.Value);

    /// <summary>A site.</summary>
    public static Place Of(SiteId site) => new(PlaceKind.Site, site.Value);

    /// <summary>By <see cref="Signed"/>.</summary>
    public int CompareTo(Place other) => Signed.CompareTo(other.Signed);

    /// <summary>Walks the fields.</summary>
    internal static Place Shape<TCodec>(ref TCodec codec, string name, Place value)
        where TCodec : struct, ICodec
    {
        codec.Open(name, 2);
        var kind = (PlaceKind)codec.Integer("kind", (long)value.Kind, 1, 2);
        uint number = (uint)codec.Integer("number", value.Number, 0, uint.MaxValue);
        codec.Close();
        return new Place(kind, number);
    }

    /// <summary>Walks it as one number, which takes a byte where there are few places.</summary>
    internal static Place ShapeSigned<TCodec>(ref TCodec codec, Place value)
        where TCodec : struct, ICodec
    {
        long number = codec.Integer(
            value.Kind == PlaceKind.Site ? "site" : "depot", value.Signed, -(long)uint.MaxValue,
            uint.MaxValue);
        return number < 0 ? Of(new SiteId((uint)-number)) : Of(new DepotId((uint)number));
    }
}

using System;
using System.Collections.Immutable;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Messages;

/// <summary>What a hub expects of a place in one slot of time, and what it asks for it: of a depot's
/// berths, or of a site's faces.</summary>
/// <param name="Place">The place.</param>
/// <param name="Slot">The slot in which a node comes: slots of <see cref="LengthOf"/> are counted from the
/// mission's epoch.</param>
/// <param name="Wait">How long one that comes then waits; whole seconds.</param>
/// <param name="PerHour">The toll of an hour at the berth or the face.</param>
public sealed record CrowdPrice(Place Place, uint Slot, TimeSpan Wait, Credits PerHour)
    : IShaped<CrowdPrice>
{
    /// <summary>Length of a slot at a depot.</summary>
    public static readonly TimeSpan SlotLength = TimeSpan.FromHours(2);

    /// <summary>Length of a slot at a site, where a machine stays longer.</summary>
    public static readonly TimeSpan FaceSlotLength = TimeSpan.FromHours(6);

    /// <summary>Shorter waits are not posted; at a depot a node counts on so much besides what is.</summary>
    public static readonly TimeSpan WaitMin = TimeSpan.FromMinutes(15);

    /// <summary>Longest wait that can be told.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromDays(30);

    /// <summary>Length of a slot at such a place.</summary>
    public static TimeSpan LengthOf(PlaceKind kind) =>
        kind == PlaceKind.Site ? FaceSlotLength : SlotLength;

    /// <summary>The slot of an instant at a depot.</summary>
    public static uint SlotOf(Instant at) => SlotOf(PlaceKind.Depot, at);

    /// <summary>The slot of an instant at such a place.</summary>
    public static uint SlotOf(PlaceKind kind, Instant at) => (uint)Math.Clamp(
        at.Micros / (LengthOf(kind).Ticks / TimeSpan.TicksPerMicrosecond), 0, uint.MaxValue);

    /// <summary>The toll of so long at the berth or the face, rounded down.</summary>
    public Credits Toll(TimeSpan takes) => new((long)Int128.Min(
        (Int128)PerHour.Micro * takes.Ticks / TimeSpan.TicksPerHour, Credits.MicroMax));

    /// <inheritdoc/>
    public static CrowdPrice Shape<TCodec>(ref TCodec codec, CrowdPrice? value)
        where TCodec : struct, ICodec
    {
        codec.Open("berthPrice", 4);
        Place place = Place.ShapeSigned(ref codec, value?.Place ?? default);
        uint slot = (uint)codec.Integer("slot", value?.Slot ?? 0, 0, uint.MaxValue);
        long wait = codec.Integer(
            "wait", (value?.Wait ?? default).Ticks / TimeSpan.TicksPerSecond, 0,
            WaitMax.Ticks / TimeSpan.TicksPerSecond);
        Credits toll = codec.Money("perHour", value?.PerHour ?? default);
        codec.Close();
        return value ?? new CrowdPrice(place, slot, TimeSpan.FromSeconds(wait), toll);
    }
}

/// <summary>Looking places up in what was posted: in order of place and slot, one entry each.</summary>
public static class CrowdPrices
{
    /// <summary>Most entries for depots that are posted at a time.</summary>
    public const int DepotsMax = 48;

    /// <summary>Most entries for sites.</summary>
    public const int SitesMax = 64;

    /// <summary>Most entries of both: as many as fit a frame with the requests.</summary>
    public const int Max = 80;

    /// <summary>The entry of a place's slot; null when that is not crowded.</summary>
    public static CrowdPrice? Of(this ImmutableArray<CrowdPrice> posted, Place place, Instant at)
    {
        uint slot = CrowdPrice.SlotOf(place.Kind, at);
        (int low, int high) = (0, posted.Length);
        while (low < high)
        {
            int middle = (low + high) / 2;
            CrowdPrice entry = posted[middle];
            if (entry.Place == place && entry.Slot == slot)
            {
                return entry;
            }

            bool isBefore =
                entry.Place == place ? entry.Slot < slot : entry.Place.CompareTo(place) < 0;
            (low, high) = isBefore ? (middle + 1, high) : (low, middle);
        }

        return null;
    }

    /// <summary>Walks what is posted.</summary>
    internal static ImmutableArray<CrowdPrice> Shape<TCodec>(
        ref TCodec codec, string name, ImmutableArray<CrowdPrice> posted)
        where TCodec : struct, ICodec
    {
        ImmutableArray<CrowdPrice> read = codec.List(name, posted, Max);
        if (codec.IsReading && !codec.Failed
            && !Fields.Increases(read, entry => (entry.Place, entry.Slot)))
        {
            codec.Refuse("prices must be in order of place and slot, one entry each");
        }

        return read;
    }
}

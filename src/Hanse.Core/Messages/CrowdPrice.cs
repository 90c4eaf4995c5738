using System;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Messages;

/// <summary>What a hub expects of a place in one slot of time, and what it asks for it: of a depot's
/// berths.</summary>
/// <param name="Place">The place.</param>
/// <param name="Slot">The slot in which a node comes: slots of <see cref="SlotLength"/> are counted from the
/// mission's epoch.</param>
/// <param name="Wait">How long one that comes then waits; whole seconds.</param>
/// <param name="PerHour">The toll of an hour at the berth.</param>
public sealed record CrowdPrice(Place Place, uint Slot, TimeSpan Wait, Credits PerHour)
    : IShaped<CrowdPrice>
{
    /// <summary>Length of a slot.</summary>
    public static readonly TimeSpan SlotLength = TimeSpan.FromHours(2);

    /// <summary>Shorter waits are not posted; a node counts on so much besides what is.</summary>
    public static readonly TimeSpan WaitMin = TimeSpan.FromMinutes(15);

    /// <summary>Longest wait that can be told.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromDays(30);

    /// <summary>The slot of an instant.</summary>
    public static uint SlotOf(Instant at) =>
        (uint)Math.Clamp(at.Micros / (SlotLength.Ticks / TimeSpan.TicksPerMicrosecond), 0, uint.MaxValue);

    /// <summary>The toll of so long at the berth, rounded down.</summary>
    public Credits Toll(TimeSpan takes) =>
        new((long)((Int128)PerHour.Micro * takes.Ticks / TimeSpan.TicksPerHour));

    /// <inheritdoc/>
    public static CrowdPrice Shape<TCodec>(ref TCodec codec, CrowdPrice? value)
        where TCodec : struct, ICodec
    {
        codec.Open("berthPrice", 4);
        DepotId depot = codec.Depot("depot", new DepotId(value?.Place.Number ?? 0));
        uint slot = (uint)codec.Integer("slot", value?.Slot ?? 0, 0, uint.MaxValue);
        long wait = codec.Integer(
            "wait", (value?.Wait ?? default).Ticks / TimeSpan.TicksPerSecond, 0,
            WaitMax.Ticks / TimeSpan.TicksPerSecond);
        Credits toll = codec.Money("perHour", value?.PerHour ?? default);
        codec.Close();
        return value ?? new CrowdPrice(Place.Of(depot), slot, TimeSpan.FromSeconds(wait), toll);
    }
}

/// <summary>Looking places up in what was posted: in order of place and slot, one entry each.</summary>
public static class CrowdPrices
{
    /// <summary>Most entries that are posted at a time.</summary>
    public const int Max = 48;

    /// <summary>The entry of a place's slot; null when that is not crowded.</summary>
    public static CrowdPrice? Of(this ImmutableArray<CrowdPrice> posted, Place place, Instant at)
    {
        uint slot = CrowdPrice.SlotOf(at);
        (int low, int high) = (0, posted.Length);
        while (low < high)
        {
            int middle = (low + high) / 2;
            CrowdPrice entry = posted[middle];
            if (entry.Place == place && entry.Slot == slot)
            {
                return entry;
            }

            bool isBefore = entry.Place == place ? entry.Slot < slot : entry.Place.CompareTo(place) < 0;
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
            codec.Refuse("berths must be in order of depot and slot, one entry each");
        }

        return read;
    }
}

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Wire;

/// <summary>Walks the value of one map entry or list element for any codec.</summary>
public delegate T Walk<TCodec, T>(ref TCodec codec, T value)
    where TCodec : struct, ICodec;

/// <summary>Fields of Hanse's own types: each with its bounds, so that a value read is a value in
/// range.</summary>
public static class Fields
{
    /// <summary>A node's identity.</summary>
    public static NodeId Node<C>(this ref C codec, string name, NodeId value)
        where C : struct, ICodec => new((uint)codec.Integer(name, value.Value, 0, uint.MaxValue));

    /// <summary>A region's identity.</summary>
    public static RegionId Region<C>(this ref C codec, string name, RegionId value)
        where C : struct, ICodec => new((uint)codec.Integer(name, value.Value, 0, uint.MaxValue));

    /// <summary>A depot's identity.</summary>
    public static DepotId Depot<C>(this ref C codec, string name, DepotId value)
        where C : struct, ICodec => new((uint)codec.Integer(name, value.Value, 0, uint.MaxValue));

    /// <summary>A site's identity.</summary>
    public static SiteId Site<C>(this ref C codec, string name, SiteId value)
        where C : struct, ICodec => new((uint)codec.Integer(name, value.Value, 0, uint.MaxValue));

    /// <summary>A bounty's identity.</summary>
    public static BountyId Bounty<C>(this ref C codec, string name, BountyId value)
        where C : struct, ICodec => new((ulong)codec.Integer(name, (long)value.Value, 0, long.MaxValue));

    /// <summary>A demand's identity.</summary>
    public static DemandId Demand<C>(this ref C codec, string name, DemandId value)
        where C : struct, ICodec =>
        new((ulong)codec.Integer(name, (long)value.Value, 0, (long)DemandId.ValueMax));

    /// <summary>A contract's identity.</summary>
    public static ContractId Contract<C>(this ref C codec, string name, ContractId value)
        where C : struct, ICodec => new((ulong)codec.Integer(name, (long)value.Value, 0, long.MaxValue));

    /// <summary>A transfer's identity.</summary>
    public static TransferId Transfer<C>(this ref C codec, string name, TransferId value)
        where C : struct, ICodec => new((ulong)codec.Integer(name, (long)value.Value, 0, long.MaxValue));

    /// <summary>A market cycle's number.</summary>
    public static CycleNumber Cycle<C>(this ref C codec, string name, CycleNumber value)
        where C : struct, ICodec => new((uint)codec.Integer(name, value.Value, 0, uint.MaxValue));

    /// <summary>An authority's number.</summary>
    public static Epoch Epoch<C>(this ref C codec, string name, Epoch value)
        where C : struct, ICodec => new((uint)codec.Integer(name, value.Value, 0, uint.MaxValue));

    /// <summary>A mass from zero up.</summary>
    public static Grams Mass<C>(this ref C codec, string name, Grams value)
        where C : struct, ICodec => new(codec.Integer(name, value.Value, 0, Grams.ValueMax));

    /// <summary>An amount from zero up.</summary>
    public static Credits Money<C>(this ref C codec, string name, Credits value)
        where C : struct, ICodec => new(codec.Integer(name, value.Micro, 0, Credits.MicroMax));

    /// <summary>A number of parts per million from zero up to a thousand wholes.</summary>
    public static PartsPerMillion Share<C>(this ref C codec, string name, PartsPerMillion value)
        where C : struct, ICodec => new((int)codec.Integer(name, value.Value, 0, 1_000_000_000));

    /// <summary>A change of velocity.</summary>
    public static DeltaV Velocity<C>(this ref C codec, string name, DeltaV value)
        where C : struct, ICodec =>
        new((int)codec.Integer(name, value.MillimetresPerSecond, 0, 2_000_000_000));

    /// <summary>An instant to the microsecond; for facts, which stay on the machine.</summary>
    public static Instant Moment<C>(this ref C codec, string name, Instant value)
        where C : struct, ICodec => new(codec.Integer(name, value.Micros, 0, long.MaxValue));

    /// <summary>An instant to the second; for messages, where it saves four bytes of nine.</summary>
    /// <remarks>The sender rounds before it writes, so that what it remembers is what it sent.</remarks>
    public static Instant Second<C>(this ref C codec, string name, Instant value)
        where C : struct, ICodec
    {
        Invariant.Holds(codec.IsReading || value.Micros % 1_000_000 == 0);
        return new(codec.Integer(name, value.Micros / 1_000_000, 0,
            Instant.MicrosMax / 1_000_000) * 1_000_000);
    }

    /// <summary>A duration in whole milliseconds, up to ten years.</summary>
    public static TimeSpan Duration<C>(this ref C codec, string name, TimeSpan value)
        where C : struct, ICodec =>
        TimeSpan.FromMilliseconds(
            codec.Integer(name, value.Ticks / TimeSpan.TicksPerMillisecond, 0, 315_360_000_000));

    /// <summary>Yes or no.</summary>
    public static bool Flag<C>(this ref C codec, string name, bool value)
        where C : struct, ICodec => codec.Integer(name, value ? 1 : 0, 0, 1) == 1;

    /// <summary>A count or a number of another kind from zero up to 2^31 - 1.</summary>
    public static int Number<C>(this ref C codec, string name, int value)
        where C : struct, ICodec => (int)codec.Integer(name, value, 0, int.MaxValue);

    /// <summary>A count of another kind from zero up to 2^63 - 1.</summary>
    public static ulong Count<C>(this ref C codec, string name, ulong value)
        where C : struct, ICodec => (ulong)codec.Integer(name, (long)value, 0, long.MaxValue);

    /// <summary>An address.</summary>
    public static Party Party<C>(this ref C codec, string name, Party value)
        where C : struct, ICodec
    {
        codec.Open(name, 2);
        var kind = (PartyKind)codec.Integer("kind", (long)value.Kind, 1, 3);
        uint number = (uint)codec.Integer("number", value.Number, 0, uint.MaxValue);
        codec.Close();
        return new Party(kind, number);
    }

    /// <summary>Who wrote a journal, as one number: a node's own, or -1 less a region's.</summary>
    /// <remarks>So a node's blocks, of which there are a million times as many, bear no kind.</remarks>
    public static Party Author<C>(this ref C codec, string name, Party value)
        where C : struct, ICodec
    {
        long number = value.Kind == PartyKind.Hub ? -1L - value.Number : value.Number;
        return AuthorOf(codec.Integer(name, number, -1L - uint.MaxValue, uint.MaxValue));
    }

    /// <summary>The author that a number stands for.</summary>
    internal static Party AuthorOf(long number) => number < 0
        ? Identity.Party.Of(new RegionId((uint)(-1 - number))) : Identity.Party.Of(new NodeId((uint)number));

    /// <summary>A list of records.</summary>
    public static ImmutableArray<T> List<C, T>(
        this ref C codec, string name, ImmutableArray<T> items, int countMax)
        where C : struct, ICodec
        where T : class, IShaped<T>
    {
        int count = codec.OpenList(name, items.IsDefault ? 0 : items.Length, countMax);
        if (!codec.IsReading)
        {
            foreach (T item in items)
            {
                _ = T.Shape(ref codec, item);
            }

            codec.CloseList();
            return items;
        }

        ImmutableArray<T>.Builder read = ImmutableArray.CreateBuilder<T>(count);
        for (int i = 0; i < count && !codec.Failed; i++)
        {
            read.Add(T.Shape(ref codec, null));
        }

        codec.CloseList();
        return read.ToImmutable();
    }

    /// <summary>Whether a list is in strictly increasing order of a key, so without repetition.</summary>
    public static bool Increases<T, TKey>(ImmutableArray<T> items, Func<T, TKey> key)
        where TKey : IComparable<TKey>
    {
        for (int i = 1; i < items.Length; i++)
        {
            if (key(items[i]).CompareTo(key(items[i - 1])) <= 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A list of whole numbers from zero up.</summary>
    public static ImmutableArray<ulong> Numbers<C>(
        this ref C codec, string name, ImmutableArray<ulong> items, int countMax)
        where C : struct, ICodec
    {
        int count = codec.OpenList(name, items.IsDefault ? 0 : items.Length, countMax);
        ImmutableArray<ulong>.Builder? read = codec.IsReading
            ? ImmutableArray.CreateBuilder<ulong>(count) : null;
        for (int i = 0; i < count && !codec.Failed; i++)
        {
            ulong number = (ulong)codec.Integer("n", read is null ? (long)items[i] : 0, 0, long.MaxValue);
            read?.Add(number);
        }

        codec.CloseList();
        return read?.ToImmutable() ?? items;
    }

    /// <summary>A record that may be absent: an empty list or a list of one.</summary>
    public static T? Optional<C, T>(this ref C codec, string name, T? value)
        where C : struct, ICodec
        where T : class, IShaped<T>
    {
        int count = codec.OpenList(name, value is null ? 0 : 1, 1);
        T? read = count == 1 && !codec.Failed ? T.Shape(ref codec, value) : null;
        codec.CloseList();
        return read;
    }

    /// <summary>A sorted table, in order of its keys; read into the same instance. For snapshots.</summary>
    public static void Table<C, TKey, TValue>(
        this ref C codec,
        string name,
        SortedDictionary<TKey, TValue> table,
        Walk<C, TKey> key,
        Walk<C, TValue> value)
        where C : struct, ICodec
        where TKey : notnull
    {
        int count = codec.OpenList(name, table.Count, int.MaxValue);
        if (codec.IsReading)
        {
            table.Clear();
            for (int i = 0; i < count && !codec.Failed; i++)
            {
                codec.Open("entry", 2);
                TKey read = key(ref codec, default!);
                table[read] = value(ref codec, default!);
                codec.Close();
            }
        }
        else
        {
            foreach (KeyValuePair<TKey, TValue> entry in table)
            {
                codec.Open("entry", 2);
                _ = key(ref codec, entry.Key);
                _ = value(ref codec, entry.Value);
                codec.Close();
            }
        }

        codec.CloseList();
    }

    /// <summary>A sorted set, in order; read into the same instance. For snapshots.</summary>
    public static void Set<C, T>(this ref C codec, string name, SortedSet<T> set, Walk<C, T> element)
        where C : struct, ICodec
    {
        int count = codec.OpenList(name, set.Count, int.MaxValue);
        if (codec.IsReading)
        {
            set.Clear();
            for (int i = 0; i < count && !codec.Failed; i++)
            {
                _ = set.Add(element(ref codec, default!));
            }
        }
        else
        {
            foreach (T item in set)
            {
                _ = element(ref codec, item);
            }
        }

        codec.CloseList();
    }
}

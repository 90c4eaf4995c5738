using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using CsCheck;
using Hanse.Core.Messages;
using Hanse.Core.Time;

namespace Hanse.Core.Tests.Twin;

/// <summary>Tracks and deviations of few values: seconds that often coincide, values near zero and near the
/// ends.</summary>
internal static class Tracks
{
    public const int SecondMax = 12;

    public static readonly Gen<long> Values = Gen.OneOf(
        Gen.Long[-3, 3], Gen.Long[-3, 3], Gen.Long[Knot.ValueMax - 1, Knot.ValueMax], Gen.Const(
            -Knot.ValueMax));

    public static readonly Gen<ImmutableArray<Knot>> Knots =
        Gen.Select(Gen.Int[0, SecondMax], Values).Array[1, 5].Select(Ordered);

    public static Instant Second(int second) => Instant.Epoch + TimeSpan.FromSeconds(second);

    private static ImmutableArray<Knot> Ordered((int Second, long Value)[] drawn)
    {
        var byTime = new SortedDictionary<int, long>();
        foreach ((int second, long value) in drawn)
        {
            byTime[second] = value;
        }

        return [.. byTime.Select(knot => new Knot(Second(knot.Key), knot.Value))];
    }
}

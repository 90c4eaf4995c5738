using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Hanse.Core.Wire;

namespace Hanse.Core.Tests.Wire;

/// <summary>A claim about any record that has a shape.</summary>
internal interface IRecordClaim
{
    void Check<T>(T record)
        where T : class, IShaped<T>;
}

/// <summary>Every record of Core with a shape, found by reflection so that none is forgotten.</summary>
internal static class EveryRecord
{
    private static readonly MethodInfo _checkOne =
        typeof(EveryRecord).GetMethod(nameof(CheckOne), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>The record types; of a sum type the base, not the cases.</summary>
    public static IReadOnlyList<Type> Types { get; } =
    [
        .. typeof(ICodec).Assembly.GetTypes()
            .Where(type => type.GetInterfaces().Any(shaped =>
                shaped.IsGenericType
                && shaped.GetGenericTypeDefinition() == typeof(IShaped<>)
                && shaped.GenericTypeArguments[0] == type))
            .OrderBy(type => type.FullName, StringComparer.Ordinal),
    ];

    /// <summary>Draws one record of each type, and of each case of a sum type, and checks the claim on
    /// it.</summary>
    /// <returns>The types drawn.</returns>
    public static HashSet<Type> Check(ulong seed, IRecordClaim claim)
    {
        var drawn = new HashSet<Type>();
        foreach (Type type in Types)
        {
            _ = _checkOne.MakeGenericMethod(type).Invoke(
                null, BindingFlags.DoNotWrapExceptions, null, [seed, claim, drawn], null);
        }

        return drawn;
    }

    private static void CheckOne<T>(ulong seed, IRecordClaim claim, HashSet<Type> drawn)
        where T : class, IShaped<T>
    {
        foreach (long? tag in Tags<T>())
        {
            T record = DrawingCodec.Draw<T>(seed, tag);
            _ = drawn.Add(record.GetType());
            claim.Check(record);
        }
    }

    private static IEnumerable<long?> Tags<T>()
        where T : class, IShaped<T>
    {
        if (!typeof(T).IsAbstract)
        {
            return [null];
        }

        (long min, long max) = DrawingCodec.FirstBoundsOf<T>()
            ?? throw new InvalidOperationException($"{typeof(T).Name} does not begin with its tag");
        return Enumerable.Range((int)min, (int)(max - min + 1))
            .Where(tag => !DrawingCodec.IsNobodys<T>(tag)).Select(tag => (long?)tag);
    }
}

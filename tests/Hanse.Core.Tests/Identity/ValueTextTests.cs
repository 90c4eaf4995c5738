using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Hanse.Core.Identity;
using Hanse.Core.Time;
using Xunit;

namespace Hanse.Core.Tests.Identity;

/// <summary>Small values can be shown: in a message of ours, in a debugger, in a failing test.</summary>
public sealed class ValueTextTests
{
    public static TheoryData<Type> Values { get; } =
    [
        .. typeof(Instant).Assembly.GetExportedTypes().Where(type =>
            type.IsValueType && !type.IsEnum && typeof(IComparable<>).MakeGenericType(type).IsAssignableFrom(
                type)),
    ];

    [Theory]
    [MemberData(nameof(Values))]
    public void No_value_writes_its_text_itself_and_has_a_property_of_its_own_type(Type type)
    {
        // The text a record writes for itself shows every property; one of its own type never ends, and a
        // stack that overflows takes the process with it. So this is asked of the type before it is asked to
        // speak.
        IEnumerable<PropertyInfo> endless = type
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.PropertyType == type);
        bool writesItsOwn = type.GetMethod("PrintMembers",
            BindingFlags.NonPublic | BindingFlags.Instance) is null
            || type.GetMethod(nameof(ToString), Type.EmptyTypes)!.GetCustomAttribute<
                System.Runtime.CompilerServices.CompilerGeneratedAttribute>() is null;
        Assert.True(writesItsOwn || !endless.Any(), $"{type.Name} would show itself without end");
        Assert.NotEmpty(Activator.CreateInstance(type)!.ToString()!);
    }

    [Fact]
    public void Addresses_have_short_names()
    {
        Assert.Equal("strategy", Party.Strategy.ToString());
        Assert.Equal("hub-3", Party.Of(new RegionId(3)).ToString());
        Assert.Equal("node-9", Party.Of(new NodeId(9)).ToString());
    }

    [Fact]
    public void Addresses_are_ordered_by_kind_and_then_by_number()
    {
        Party[] ordered =
        [
            Party.Strategy,
            Party.Of(new RegionId(1)),
            Party.Of(new RegionId(2)),
            Party.Of(new NodeId(0)),
            Party.Of(new NodeId(1)),
        ];
        Assert.Equal(ordered, ordered.Reverse().Order());
    }
}

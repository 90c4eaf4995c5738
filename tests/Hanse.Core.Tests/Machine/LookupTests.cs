using System;
using System.Collections;
using Hanse.Core.Machine;
using Xunit;

namespace Hanse.Core.Tests.Machine;

/// <summary>A hash table that nobody can enumerate.</summary>
public sealed class LookupTests
{
    [Fact]
    public void It_keeps_what_it_is_given()
    {
        var lookup = new Lookup<uint, string> { [3] = "three" };
        Assert.True(lookup.Contains(3));
        Assert.Equal("three", lookup[3]);
        Assert.True(lookup.TryGet(3, out string? found));
        Assert.Equal("three", found);
        Assert.Equal(1, lookup.Count);
        Assert.True(lookup.Remove(3));
        Assert.False(lookup.Remove(3));
        Assert.False(lookup.TryGet(3, out _));
    }

    [Fact]
    public void It_shows_its_order_to_nobody()
    {
        // A foreach needs GetEnumerator; LINQ needs IEnumerable; anything else would have to hand out its
        // keys.
        Type type = typeof(Lookup<uint, string>);
        Assert.False(typeof(IEnumerable).IsAssignableFrom(type));
        Assert.Null(type.GetMethod("GetEnumerator"));
        Assert.DoesNotContain(type.GetProperties(), property =>
            property.PropertyType != typeof(string) && typeof(IEnumerable).IsAssignableFrom(
                property.PropertyType));
        Assert.Empty(type.GetFields());
    }
}

using System;
using CsCheck;
using Hanse.Core.Estimate;
using Xunit;

namespace Hanse.Core.Tests.Estimate;

/// <summary>Roots and quotients of whole numbers.</summary>
public sealed class WholeTests
{
    [Fact]
    public void A_root_is_the_largest_whole_number_whose_square_is_not_above() =>
        Gen.Select(Gen.Long[0, 1L << 61], Gen.Int[-2, 2], Gen.Int[0, 60]).Sample((root, off, shift) =>
        {
            root >>= shift;
            Int128 value = Int128.Max(0, ((Int128)root * root) + off);
            Int128 found = Whole.Root(value);
            Assert.True(found * found <= value && (found + 1) * (found + 1) > value);
            Int128 up = Whole.RootUp(value);
            Assert.True(up * up >= value && (up == 0 || (up - 1) * (up - 1) < value));
        });

    [Theory]
    [InlineData(5, 2, 3)]
    [InlineData(-5, 2, -3)]
    [InlineData(4, 3, 1)]
    [InlineData(-4, 3, -1)]
    [InlineData(0, 7, 0)]
    public void The_nearest_quotient_rounds_halves_away_from_zero(int dividend, int divisor, int nearest) =>
        Assert.Equal(nearest, (int)Whole.Nearest(dividend, divisor));
}

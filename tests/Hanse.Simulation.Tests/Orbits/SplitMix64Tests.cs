using System.Linq;
using Hanse.Simulation.Orbits;
using Xunit;

namespace Hanse.Simulation.Tests.Orbits;

public sealed class SplitMix64Tests
{
    [Fact]
    public void The_stream_is_that_of_the_reference_implementation()
    {
        // The published check values for seed 1234567.
        var numbers = new SplitMix64(1_234_567);
        ulong[] expected =
        [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
        ];
        Assert.Equal(expected, expected.Select(_ => numbers.NextBits()));
    }

    [Fact]
    public void A_fork_does_not_depend_on_what_was_drawn_before()
    {
        var fresh = new SplitMix64(5);
        var used = new SplitMix64(5);
        used.NextBits();
        Assert.Equal(fresh.Fork(3).NextBits(), used.Fork(3).NextBits());
        Assert.NotEqual(fresh.Fork(3).NextBits(), fresh.Fork(4).NextBits());
    }
}

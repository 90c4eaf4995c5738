using System.Linq;
using Hanse.Core.Machine;
using Xunit;

namespace Hanse.Core.Tests.Machine;

/// <summary>Values that may never change: replicas, traces and recorded runs depend on them.</summary>
public sealed class StableHashTests
{
    [Fact]
    public void The_generator_is_SplitMix64_to_the_bit()
    {
        // From the reference implementation of Steele, Lea and Flood with these seeds.
        Assert.Equal(
            [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431],
            First(4, 1_234_567));
        Assert.Equal([0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F], First(3, 0));
    }

    [Fact]
    public void Hashes_of_numbers_are_golden()
    {
        Assert.Equal(0xE220A8397B1DCDAFUL, StableHash.Of(0));
        Assert.Equal(0xBCD9DBB49673066BUL, StableHash.Of(1, 2));
        Assert.Equal(0xE06DD043328BD285UL, StableHash.Of(2, 1));
        Assert.Equal(0xD0734750FDE362B3UL, StableHash.Of(1, 2, 3));
    }

    [Fact]
    public void Hashes_of_names_are_golden()
    {
        Assert.Equal(0UL, StableHash.Of(string.Empty));
        Assert.Equal(0x9D3E0049BA63396BUL, StableHash.Of("market"));
    }

    [Fact]
    public void Streams_are_keyed_by_name()
    {
        Assert.Equal(Prng.For(7, "links"), Prng.For(7, "links"));
        Assert.NotEqual(Prng.For(7, "links"), Prng.For(7, "market"));
        Assert.NotEqual(Prng.For(7, "links"), Prng.For(8, "links"));
    }

    [Fact]
    public void A_bounded_draw_is_in_range_and_fair()
    {
        var prng = new Prng(42);
        int[] counts = new int[6];
        for (int i = 0; i < 60_000; i++)
        {
            counts[prng.Below(6)]++;
        }

        // 10,000 each; the standard deviation is 91.
        Assert.All(counts, count => Assert.InRange(count, 9_500, 10_500));
        Assert.Equal(0, prng.Below(1));
        Assert.Throws<BrokenInvariantException>(() => new Prng(1).Below(0));
    }

    [Fact]
    public void The_whole_state_is_one_number()
    {
        var prng = new Prng(9);
        _ = prng.NextBits();
        var restored = new Prng(prng.State);
        Assert.Equal(prng.NextBits(), restored.NextBits());
        Assert.Equal(prng, restored);
    }

    private static ulong[] First(int count, ulong seed)
    {
        var prng = new Prng(seed);
        return [.. Enumerable.Range(0, count).Select(_ => prng.NextBits())];
    }
}

using Hanse.Simulation.Returns;
using Xunit;

namespace Hanse.Simulation.Tests.Returns;

public sealed class ProportionTests
{
    [Fact]
    public void An_interval_is_the_one_of_the_tables()
    {
        // Newcombe (Statistics in Medicine 17, 1998), table I, method 3: 81 of 263 and 15 of 148.
        var some = new Proportion(81, 263);
        Assert.Equal(0.2553, some.Low, 4);
        Assert.Equal(0.3662, some.High, 4);
        var few = new Proportion(15, 148);
        Assert.Equal(0.0624, few.Low, 4);
        Assert.Equal(0.1605, few.High, 4);
    }

    [Fact]
    public void Nothing_of_many_still_leaves_room()
    {
        var none = new Proportion(0, 20);
        Assert.Equal(0, none.Low);
        Assert.Equal(0.1611, none.High, 4);
    }
}

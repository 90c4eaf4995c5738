using System;
using System.Linq;
using Hanse.Core.Node;
using Hanse.Simulation.Fleet;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Hanse.Simulation.Tests.Fleet;
using Hanse.Simulation.World;
using Xunit;

namespace Hanse.Simulation.Tests.World;

/// <summary>Errors that the machines of a hardware variant have in common.</summary>
public sealed class SharedErrorTests
{
    private const double Spread = 0.05;

    private static readonly MachineDesign _design = new Blueprint(Calm.Fleet(1), 1).Design;

    [Fact]
    public void With_all_of_it_shared_the_machines_of_a_variant_err_alike_and_others_do_not()
    {
        NodeTruth first = Machine(1, variant: 1, share: 1);
        NodeTruth second = Machine(2, variant: 1, share: 1);
        NodeTruth other = Machine(3, variant: 2, share: 1);
        Assert.Equal(first.WearFactor, second.WearFactor);
        Assert.Equal(first.PropellantFactor, second.PropellantFactor);
        Assert.Equal(first.Bias, second.Bias);
        Assert.NotEqual(first.WearFactor, other.WearFactor);
        Assert.NotEqual(Machine(1, 1, 0).WearFactor, Machine(2, 1, 0).WearFactor);
    }

    [Fact]
    public void With_nothing_shared_it_is_as_if_there_were_no_variants()
    {
        var alone = new NodeTruth(_design, 7, 4, Spread, 0.01, Spread, new WorldTwist());
        NodeTruth one = Machine(4, variant: 3, share: 0);
        Assert.Equal(alone.WearFactor, one.WearFactor);
        Assert.Equal(alone.ExtractionFactor, one.ExtractionFactor);
        Assert.Equal(alone.Bias, one.Bias);
    }

    // A shared error is no larger error: two machines of a variant have as much in common as is said.
    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void The_variance_is_what_it_was_and_so_much_of_it_is_common(double share)
    {
        (double First, double Second)[] pairs =
        [
            .. Enumerable.Range(1, 4_000).Select(variant => (
                Machine((uint)(2 * variant), (uint)variant, share).PropellantFactor - 1,
                Machine((uint)(2 * variant) + 1, (uint)variant, share).PropellantFactor - 1)),
        ];
        double variance = pairs.Average(pair => pair.First * pair.First);
        double common = pairs.Average(pair => pair.First * pair.Second);
        Assert.InRange(Math.Sqrt(variance), 0.96 * Spread, 1.04 * Spread);
        Assert.InRange(common / variance, share - 0.06, share + 0.06);
    }

    [Fact]
    public void Hubs_are_told_of_variants_and_a_fleet_of_one_is_as_it_was()
    {
        Scenario calm = Calm.Fleet(3);
        Scenario three = calm with { Fleet = calm.Fleet with { Variants = 3 } };
        Assert.Equal([1, 2, 3], new Blueprint(three, 3).Nodes.Select(node => node.Design.Class).Distinct());
        Assert.All(new Blueprint(calm, 3).Nodes, node => Assert.Equal(1, node.Design.Class));
    }

    private static NodeTruth Machine(uint node, uint variant, double share) => new(
        _design, 7, node, Spread, 0.01, Spread, new WorldTwist(), (new Draw(7, "variant", variant), share));
}

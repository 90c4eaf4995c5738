using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using CsCheck;
using Hanse.Core.Messages;
using Hanse.Core.Twin;
using Xunit;

namespace Hanse.Core.Tests.Twin;

/// <summary>The node folds its own reports as its hub will, so both predict the same once all have
/// arrived.</summary>
public sealed class NodeTwinTests
{
    private static readonly Variable[] _variables = [Variable.Cargo, Variable.Wear];

    private static readonly Gen<Said[]> _sayings =
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[0, 2], Tracks.Values, Tracks.Knots, (kind, which,
            wait, value, knots) =>
            new Said(kind, which, wait, value, knots))
        .Array[1, 6];

    [Fact]
    public void Reports_in_order_give_the_hub_the_node_s_own_prediction() =>
        _sayings.Sample(sayings =>
        {
            (NodeTwin node, List<Action<NodeTwin>> reports) = Live(sayings);
            var hub = new NodeTwin();
            reports.ForEach(report => report(hub));
            AssertAlike(node, hub);
            Assert.Equal(Snapshot.Of(node.Shape), Snapshot.Of(hub.Shape));
        });

    [Fact]
    public void Reports_in_any_order_give_the_hub_the_node_s_own_prediction() =>
        Gen.Select(_sayings, Gen.ULong).Sample(
            (sayings, seed) =>
            {
                (NodeTwin node, List<Action<NodeTwin>> reports) = Live(sayings);
                var prng = new Core.Machine.Prng(seed);
                var hub = new NodeTwin();
                foreach (Action<NodeTwin> report in reports.OrderBy(_ => prng.NextBits()).ToArray())
                {
                    report(hub);
                }

                AssertAlike(node, hub);
            },
            iter: 5_000);

    [Fact]
    public void A_snapshot_gives_an_equal_twin() =>
        _sayings.Sample(sayings =>
        {
            (NodeTwin node, List<Action<NodeTwin>> _) = Live(sayings);
            var restored = new NodeTwin();
            byte[] bytes = Snapshot.Of(node.Shape);
            Snapshot.Into(bytes, restored.Shape);
            Assert.Equal(bytes, Snapshot.Of(restored.Shape));
            AssertAlike(node, restored);
        });

    // What a node does: it applies what it says to a twin of its own, time never going back.
    private static (NodeTwin Node, List<Action<NodeTwin>> Reports) Live(Said[] sayings)
    {
        var node = new NodeTwin();
        var reports = new List<Action<NodeTwin>>();
        int second = 0;
        foreach (Said said in sayings)
        {
            second += said.Wait;
            if (said.Kind == 0)
            {
                var plan = new Plan(node.PlanNumber + 1, default, Tracks.Second(second), TracksOf(said));
                node.Apply(plan);
                reports.Add(twin => twin.Apply(plan));
            }
            else
            {
                var deviation = new Deviation(_variables[said.Which % 2], Tracks.Second(second), said.Value);
                uint planNumber = node.PlanNumber;
                node.Apply(deviation, planNumber);
                reports.Add(twin => twin.Apply(deviation, planNumber));

                // Two observations of one variable in one second do not happen.
                second++;
            }
        }

        return (node, reports);
    }

    private static ImmutableArray<Track> TracksOf(Said said) => said.Which switch
    {
        0 => [new Track(Variable.Cargo, said.Knots)],
        1 => [new Track(Variable.Wear, said.Knots)],
        _ => [new Track(Variable.Cargo, said.Knots), new Track(Variable.Wear, said.Knots)],
    };

    private static void AssertAlike(NodeTwin one, NodeTwin other)
    {
        Assert.Equal(one.PlanNumber, other.PlanNumber);
        Assert.Equal(one.Arrives, other.Arrives);
        foreach (Variable variable in _variables)
        {
            for (int second = 0; second <= Tracks.SecondMax + 1; second++)
            {
                Assert.Equal(
                    one.At(variable, Tracks.Second(second)), other.At(variable, Tracks.Second(second)));
            }
        }
    }

    private sealed record Said(int Kind, int Which, int Wait, long Value, ImmutableArray<Knot> Knots);
}

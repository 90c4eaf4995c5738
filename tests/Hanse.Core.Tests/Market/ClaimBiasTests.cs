using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Market;

/// <summary>Bias of claims, against the same averages in decimals, and by what is promised of it.</summary>
public sealed class ClaimBiasTests
{
    private static readonly DesignClass _design = new(1);

    // Ratios below, at and above both borders.
    private static readonly long[] _realised = [1, 499, 500, 700, 930, 1_000, 1_300, 2_000, 2_001, 90_000];

    private static readonly Gen<(uint Node, uint Class, long Realised)[]> _deliveries = Gen.Select(
        Gen.UInt[1, 3], Gen.UInt[1, 2], Gen.Int[0, _realised.Length - 1].Select(i => _realised[i]))
        .Array[0, 60];

    [Fact]
    public void It_is_the_shrunk_average_of_clamped_ratios() =>
        _deliveries.Sample(deliveries =>
        {
            var bias = new ClaimBias();
            var nodes = new Dictionary<uint, (decimal Mean, int Count)>();
            var classes = new Dictionary<uint, (decimal Mean, int Count)>();
            foreach ((uint node, uint design, long realised) in deliveries)
            {
                _ = bias.Observe(new NodeId(node), new DesignClass(design), new Credits(1_000),
                    new Credits(realised));
                decimal ratio = Math.Clamp(realised / 1_000m, 0.5m, 2m);
                nodes[node] = Next(nodes.GetValueOrDefault(node, (1, 0)), ratio, 16);
                (decimal mean, int count) = classes.GetValueOrDefault(design, (1, 0));
                classes[design] = Next((mean, count), Math.Clamp(ratio, mean - 0.2m, mean + 0.2m), 256);
            }

            for (uint node = 1; node <= 3; node++)
            {
                for (uint design = 1; design <= 2; design++)
                {
                    (decimal shared, int many) = classes.GetValueOrDefault(design, (1, 0));
                    decimal ofClass = ((shared * many) + 16) / (many + 16);
                    (decimal own, int few) = nodes.GetValueOrDefault(node, (1, 0));
                    decimal expected = ((own * few) + (ofClass * 4)) / (few + 4);
                    decimal found = bias.RatioOf(new NodeId(node), new DesignClass(design)).Value / 1e6m;
                    Assert.InRange(found, expected - 0.0001m, expected + 0.0001m);
                    Assert.InRange(found, 0.5m, 2m);
                }
            }
        });

    [Fact]
    public void A_snapshot_corrects_alike_and_learns_alike() =>
        _deliveries.Sample(deliveries =>
        {
            var bias = new ClaimBias();
            var restored = new ClaimBias();
            foreach ((uint node, uint design, long realised) in deliveries)
            {
                Snapshot.Into(Snapshot.Of(bias.Shape), restored.Shape);
                foreach (ClaimBias one in new[] { bias, restored })
                {
                    _ = one.Observe(new NodeId(node), new DesignClass(design), new Credits(1_000),
                        new Credits(realised));
                }
            }

            Assert.Equal(Snapshot.Of(bias.Shape), Snapshot.Of(restored.Shape));
        });

    [Fact]
    public void Who_was_never_seen_is_believed_and_its_class_is_what_it_is_like()
    {
        var bias = new ClaimBias();
        Assert.Equal(1_000, bias.Corrected(new NodeId(1), _design, new Credits(1_000)).Micro);
        for (uint node = 2; node < 102; node++)
        {
            Assert.True(bias.Observe(new NodeId(node), _design, new Credits(1_000), new Credits(1_200)));
        }

        Assert.InRange(bias.Corrected(new NodeId(1), _design, new Credits(1_000)).Micro, 1_160, 1_200);
    }

    [Fact]
    public void One_who_always_claims_too_little_is_found_out_after_a_few_deliveries()
    {
        var bias = new ClaimBias();
        long[] corrected = [.. Enumerable.Range(0, 16).Select(delivery =>
        {
            _ = bias.Observe(new NodeId(1), _design, new Credits(700), new Credits(1_000));
            return bias.Corrected(new NodeId(1), _design, new Credits(700)).Micro;
        })];
        Assert.Equal(corrected.Order(), corrected);
        Assert.InRange(corrected[0], 740, 780);
        Assert.InRange(corrected[3], 860, 890);
        Assert.InRange(corrected[15], 940, 1_000);
    }

    [Fact]
    public void One_liar_hardly_moves_its_class()
    {
        var bias = new ClaimBias();
        for (int delivery = 0; delivery < 200; delivery++)
        {
            uint node = delivery % 20 == 0 ? 1u : 2 + ((uint)delivery % 19);
            _ = bias.Observe(new NodeId(node), _design, new Credits(1_000),
                new Credits(node == 1 ? 90_000 : 1_000));
        }

        Assert.InRange(bias.RatioOf(_design).Value, 1_000_000, 1_015_000);
    }

    [Fact]
    public void What_cost_nothing_or_was_claimed_for_nothing_teaches_nothing()
    {
        var bias = new ClaimBias();
        Assert.False(bias.Observe(new NodeId(1), _design, new Credits(0), new Credits(1)));
        Assert.False(bias.Observe(new NodeId(1), _design, new Credits(1), new Credits(0)));
        Assert.False(bias.Observe(new NodeId(1), _design, new Credits(1), new Credits(-1)));
        Assert.Equal(0, bias.Count);
    }

    [Fact]
    public void The_largest_claim_is_corrected_to_what_nobody_pays()
    {
        var bias = new ClaimBias();
        _ = bias.Observe(new NodeId(1), _design, new Credits(1), new Credits(Credits.MicroMax));
        Assert.Equal(Credits.MicroMax + 1,
            bias.Corrected(new NodeId(1), _design, new Credits(Credits.MicroMax)).Micro);
        bias.Forget(new NodeId(1));
        Assert.Equal(0, bias.Count);
    }

    private static (decimal Mean, int Count) Next((decimal Mean, int Count) old, decimal ratio, int memory)
    {
        int count = Math.Min(old.Count + 1, memory);
        return (old.Mean + ((ratio - old.Mean) / count), count);
    }
}

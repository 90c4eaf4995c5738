using System;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Intake;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Intake;

/// <summary>Storms from a hundred nodes to five thousand, on a plain loop.</summary>
public sealed class StormTests
{
    private static readonly long[] _worths = [0, 1, 7, 100, 100, 999, 2_000];

    private static readonly Instant _start = Instant.Epoch + TimeSpan.FromDays(40);

    [Theory]
    [InlineData(100)]
    [InlineData(500)]
    [InlineData(5_000)]
    public void All_nodes_at_once_are_cleared_within_the_memory_named(int nodes)
    {
        Storm storm = AtOnce(nodes, Storm.Rules, watched: nodes <= 500);
        storm.Run(_start + TimeSpan.FromDays(20));
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{nodes}: {storm.LastFinish - _start} {storm.Offers} offers {storm.Spent} {storm.Broken} "
            + $"{storm.Choices} {storm.UploadBytesPeak}");
        Assert.True(storm.IsCleared);
        Assert.Equal(0, storm.Queue.Count);
        Assert.Equal(nodes, storm.Order.Count);
        Assert.InRange(
            storm.UploadBytesPeak, 1, Storm.Rules.AdmittedMax * Storm.Rules.UploadBytesMax);
        Assert.Equal(0, storm.Choices.Wrong);
        Assert.Equal(0, storm.Refusals);
    }

    private static Storm AtOnce(int nodes, IntakeRules rules, bool watched)
    {
        var storm = new Storm(rules, ValidationCost.Measured) { IsWatched = watched };
        var prng = new Prng(7);
        for (uint node = 0; node < nodes; node++)
        {
            storm.Add(
                node,
                _start,
                20 + prng.Below(160),
                _worths[prng.Below(_worths.Length)],
                _start - TimeSpan.FromDays(prng.Below(4) * 10),
                Storm.AlwaysOpen);
        }

        return storm;
    }
}

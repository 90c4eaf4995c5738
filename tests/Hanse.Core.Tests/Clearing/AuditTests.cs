using Hanse.Core.Clearing;
using Hanse.Core.Machine;
using Xunit;

namespace Hanse.Core.Tests.Clearing;

/// <summary>The audit finds what an engine gone wrong would do, and says it with numbers.</summary>
public sealed class AuditTests
{
    private static readonly ClearingProblem _problem = Problems.Of([10, 10], [4, 6], [5, 5]);

    [Theory]
    [InlineData("node 0 is paid for task 0 and for task 1", 0, 0, 8, 8)]
    [InlineData("task 1 has no owner and the price 8 instead of its reserve 10", 0, -1, 8, 8)]
    [InlineData("node 0 is paid 3, less than its claim 4", 0, 1, 3, 8)]
    [InlineData("task 1 is paid 11, more than its reserve 10", 0, 1, 10, 11)]
    [InlineData("node 0 gains 0 and would gain more than the slack besides: 4", 0, 1, 4, 10)]
    [InlineData("node 1 gains 0 and would gain more than the slack besides: 5", 0, -1, 10, 10)]
    public void It_finds(string words, int first, int second, long price, long other)
    {
        BrokenInvariantException broken = Assert.Throws<BrokenInvariantException>(() =>
            new ClearingAudit().Judge(_problem, [first, second], [price, other], 1, []));
        Assert.Equal(words, broken.Message);
    }

    [Fact]
    public void It_finds_a_winner_that_did_not_bid() =>
        Assert.Throws<BrokenInvariantException>(() =>
            new ClearingAudit().Judge(Problems.Of([10], [-1]), [0], [8], 1, []));

    [Fact]
    public void It_passes_what_is_right_and_adds_it_up()
    {
        var audit = new ClearingAudit();
        audit.Judge(_problem, [0, 1], [8, 9], 1, []);
        Assert.Equal((11, 2), (audit.Surplus, audit.Filled));
    }

    [Theory]
    [InlineData("task 0 was given 2 units too many of 3", 5, 0, 5)]
    [InlineData("task 0 has 1 units open and the price 4", 2, 0, 4)]
    [InlineData("node 0 is paid 3 a unit of task 0, less than its claim", 3, 0, 3)]
    [InlineData("node 1 won 1 units more than the 1 it has", 5, 2, 8)]
    [InlineData("node 0 gains 0 a unit and would gain more than the slack besides: 4", 2, 1, 8)]
    public void It_finds_among_lots(string words, long first, long second, long price)
    {
        ClearingProblem problem = Problems.Of([10], [4], [5]);
        var terms = new LotTerms([5, 1], [3]);
        BrokenInvariantException broken = Assert.Throws<BrokenInvariantException>(() =>
            new LotAudit().Judge(problem, terms, [first, second], [price], 1));
        Assert.Equal(words, broken.Message);
    }
}

using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Hanse.Cli.Tests.Commands;
using Xunit;

namespace Hanse.Cli.Tests.Market;

/// <summary><c>hanse market clear</c>, on published instances, on small tables and on what is
/// neither.</summary>
public sealed class ClearTests : IDisposable
{
    private readonly Rig _rig = new();

    private static string Data => Path.Combine(Repository.Root, "data", "market", "gap");

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData("c05100", 5, 1931)]
    [InlineData("e20100", 20, 8436)]
    public void A_published_instance_is_near_the_best_known(string name, int nodes, long best)
    {
        JsonElement report = Clear(Path.Combine(Data, name));
        Assert.Equal(
            ["instance", "nodes", "tasks", "cost", "unplaced", "milliseconds", "bound", "gap"],
            report.EnumerateObject().Select(property => property.Name));
        Assert.Equal((nodes, 100), (report.GetProperty("nodes").GetInt32(),
            report.GetProperty("tasks").GetInt32()));
        Assert.Equal(0, report.GetProperty("unplaced").GetInt32());
        Assert.Equal(best, report.GetProperty("bound").GetInt64());
        long cost = report.GetProperty("cost").GetInt64();
        Assert.InRange(report.GetProperty("gap").GetDouble(), 0, 0.035);
        Assert.Equal((cost - best) / (double)best, report.GetProperty("gap").GetDouble(), 6);
    }

    [Fact]
    public void Rows_of_node_task_and_cost_are_placed_at_the_least_cost_one_task_a_node()
    {
        JsonElement report = Clear(Write("node,task,cost\na,x,1\na,y,2\nb,x,2\nb,y,9\n"), "--bound", "4");
        Assert.Equal((4, 0), CostAndUnplaced(report));
        Assert.Equal(0, report.GetProperty("gap").GetDouble());
    }

    [Fact]
    public void A_node_takes_as_many_as_its_capacity_holds()
    {
        JsonElement report = Clear(Write(
            "node,task,cost,load,capacity\na,x,1,2,5\na,y,1,2,5\na,z,1,2,5\nb,x,7,1,1\nb,z,5,1,1\n"));
        Assert.Equal((7, 0), CostAndUnplaced(report));
        Assert.Equal(JsonValueKind.Null, report.GetProperty("bound").ValueKind);
        Assert.Equal(JsonValueKind.Null, report.GetProperty("gap").ValueKind);
    }

    [Fact]
    public void What_costs_more_than_its_reserve_stays_unplaced()
    {
        JsonElement report = Clear(Write("node,task,cost,reserve\na,x,5,4\nb,y,3,4\n"));
        Assert.Equal((3, 1), CostAndUnplaced(report));
    }

    [Fact]
    public void People_get_a_sentence()
    {
        Assert.Equal(0, _rig.Run("market", "clear", Write("node,task,cost\na,x,1\n"), "--bound", "1"));
        Assert.Matches(@"^market: 1 nodes, 1 tasks: cost 1, 0\.00 % above the best known 1; 0 unplaced; "
            + @"[\d.,]+ ms\. Proved to be the best\.\s*$", _rig.Output);
    }

    [Theory]
    [InlineData("2 2\n1 2\n3", ":3:1: ends where a cost should be")]
    [InlineData("1 1\n1 1 1 1", ":2:1: goes on after the last capacity")]
    [InlineData("1 1\n1 -1 1", ":2:1: a load must be a whole number without sign or point")]
    [InlineData("1 1\n1 1.5 1", ":2:1: a load must be a whole number without sign or point")]
    [InlineData("0 1\n", ":1:1: the number of nodes is 0; allowed: 1 to 100,000")]
    [InlineData("100000 100000\n", ":1:1: 100,000 nodes with 100,000 tasks are more than 10,000,000 bids")]
    [InlineData("1 1 1 1 99999999999999999999", ":1:1: a capacity is not allowed to be so long")]
    [InlineData("1 1 1 1 9000000000000", ":1:1: a capacity is 9,000,000,000,000; allowed: 0 to")]
    [InlineData("", ":1:1: is empty")]
    [InlineData("node,task\na,x\n", ":1:1: has no column 'cost'")]
    [InlineData("node,task,cost\na,x,-1\n", ":2:5: cost is '-1'; allowed: whole numbers from 0")]
    [InlineData("node,task,cost\na,x,1\na,x,1\n", ":3:3: names task 'x' twice for node 'a'")]
    [InlineData("node,task,cost\n,x,1\n", ":2:1: has no node")]
    [InlineData("node,task,cost\na,x\n", ":2:1: has 2 fields where the first line names 3")]
    [InlineData("node,task,cost,load\na,x,1,1\n", ":1:1: has no column 'capacity'")]
    [InlineData("node,task,cost,load,capacity\na,x,1,1,5\na,y,1,1,6\n",
        "capacity of node 'a' is 6 here and 5 before")]
    [InlineData("node,task,cost\n", "has no bids")]
    [InlineData("\u0000\u0001\u0002", ":1:1: has no column 'node'")]
    public void What_is_wrong_is_refused_with_its_line_and_reason(string text, string words)
    {
        Assert.Equal(2, _rig.Run("market", "clear", Write(text)));
        Assert.Contains(words, _rig.Error, StringComparison.Ordinal);
        Assert.Empty(_rig.Output);
    }

    [Fact]
    public void A_file_that_is_not_there_is_the_environments()
    {
        Assert.Equal(3, _rig.Run("market", "clear", _rig.File("none")));
        Assert.Contains("cannot be read", _rig.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Bounds_that_are_none_are_refused()
    {
        File.WriteAllText(_rig.File("known"), "market_Min\t1\tx\n");
        Assert.Equal(2, _rig.Run("market", "clear", Write("1 1 1 1 1"), "--bounds", _rig.File("known")));
        Assert.Contains("known:1:1: must be 'market_Min'", _rig.Error, StringComparison.Ordinal);
        Assert.Equal(2, _rig.Run("market", "clear", Write("1 1 1 1 1"), "--bound", "0"));
    }

    private static (long, int) CostAndUnplaced(JsonElement report) =>
        (report.GetProperty("cost").GetInt64(), report.GetProperty("unplaced").GetInt32());

    private string Write(string text)
    {
        string file = _rig.File("market");
        File.WriteAllText(file, text);
        return file;
    }

    private JsonElement Clear(params string[] arguments)
    {
        int code = _rig.Run(["market", "clear", .. arguments, "-o", "json"]);
        Assert.True(code == 0, _rig.Error);
        return JsonDocument.Parse(_rig.Output).RootElement;
    }
}

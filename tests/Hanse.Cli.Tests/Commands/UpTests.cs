using System;
using System.IO;
using System.Linq;
using Hanse.Cli.Commands;
using Xunit;

namespace Hanse.Cli.Tests.Commands;

/// <summary><c>hanse up</c> with a real server, a small fleet and little time.</summary>
public sealed class UpTests : IDisposable
{
    private readonly Rig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void It_plays_a_mission_to_its_end_and_remembers_it()
    {
        Assert.Equal(0, Up("--nodes", "12", "--days", "2"));
        Assert.Empty(_rig.Error);
        string[] lines = _rig.Output.Split('\n');
        Assert.Contains(
            lines, line => line.StartsWith("Served on https://127.0.0.1:", StringComparison.Ordinal));
        string[] days = [.. lines.Where(line => line.StartsWith("day ", StringComparison.Ordinal))];
        Assert.Matches(@"^day \d of 2 \| Nickel for Depot Alpha 0 of 500 t", days[0]);
        Assert.StartsWith("day 2 of 2", days[^1], StringComparison.Ordinal);
        Assert.EndsWith("books balanced", days[^1], StringComparison.Ordinal);
        Assert.Contains("The mission is over; all of it is kept in ", _rig.Output, StringComparison.Ordinal);
        Assert.Contains(": balanced.\n", _rig.Output, StringComparison.Ordinal);
        string books = Books();

        Assert.Equal(0, Up("--nodes", "12", "--days", "2"));
        Assert.Contains("The mission is over", _rig.Output, StringComparison.Ordinal);
        Assert.Equal(books.Split("minted")[1].Split('=')[0], Books().Split("minted")[1].Split('=')[0]);
    }

    [Fact]
    public void A_folder_of_another_mission_is_left_alone()
    {
        Assert.Equal(0, Up("--nodes", "10", "--days", "1"));
        Assert.Equal(2, Up("--nodes", "11", "--days", "1"));
        Assert.Contains("serves another mission", _rig.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fleet_that_would_grow_is_refused_with_a_word_on_what_to_do()
    {
        string file = _rig.File("growing.yaml");
        File.WriteAllText(file, Repository.Quiet.Replace(
            "  doublingDays: 0", "  doublingDays: 30", StringComparison.Ordinal).Replace(
            "  commissions: 0", "  commissions: 1", StringComparison.Ordinal));
        Assert.Equal(
            ExitCode.Refused,
            _rig.Run("serve", file, "--fleet", "--data", _rig.File("grown"), "--listen", "127.0.0.1:0"));
        Assert.Contains("set growth.commissions to 0", _rig.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--listen", "everywhere")]
    [InlineData("--pace", "0")]
    public void What_cannot_be_served_is_refused(string option, string value)
    {
        Assert.Equal(2, _rig.Run("up", option, value, "--data", _rig.File("data")));
        Assert.StartsWith("hanse: ", _rig.Error, StringComparison.Ordinal);
        Assert.False(System.IO.Directory.Exists(_rig.File("data")));
    }

    private int Up(params string[] more) => _rig.Run(
        ["up", "--data", _rig.File("data"), "--listen", "127.0.0.1:0", "--pace", "20000", .. more]);

    private string Books() => _rig.Output.Split('\n').Last(
        line => line.StartsWith("Books: ", StringComparison.Ordinal));
}

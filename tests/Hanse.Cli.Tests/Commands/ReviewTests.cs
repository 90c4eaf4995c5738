using System;
using System.IO;
using System.Text.Json;
using Hanse.Cli.Reviews;
using Hanse.Core.Identity;
using Hanse.Core.Merge;
using Hanse.Core.Time;
using Hanse.Simulation.Runs;
using Xunit;

namespace Hanse.Cli.Tests.Commands;

/// <summary>Cases between two runs: a file, an operator, and words that are carried out.</summary>
public sealed class ReviewTests : IDisposable
{
    private const string Head =
        "{\"format\":\"hanse-cases 1\",\"scenario\":\"q\",\"sha256\":\"\",\"cases\":[";

    private static readonly ReviewCase _doubt = new(
        3, new Instant(86_400_000_000), new ReviewMatter.Doubt(new NodeId(7), 5, [501], CanBeTaken: true), 1,
        CaseStatus.Open);

    private static readonly ReviewCase _twice = new(
        3, new Instant(90_000_000_000),
        new ReviewMatter.Contradiction(new Conflict(
            ConflictKind.CountedTwice, 12, new ConflictClaim(new NodeId(8), new Epoch(1), 3_000_000),
            new ConflictClaim(new NodeId(8), new Epoch(1), 0), MergeRule.ScaleCounts, IsSettled: false)),
        2, CaseStatus.Open);

    private readonly Rig _rig = new();
    private ReviewDesk? _desk;

    public ReviewTests() => _rig.Play = options =>
    {
        _desk = options.Reviews;
        options.Reviews!.Close(
            [new RegionCase(new RegionId(1), _doubt), new RegionCase(new RegionId(2), _twice)]);
        foreach (OperatorWord word in options.Reviews.Words)
        {
            _ = options.Reviews.WordOn(word.Case.Region, word.Case.Case.Number, word.Case.Case.Matter);
        }

        return FakeRun.Play(options);
    };

    private string Cases => _rig.File("cases.json");

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void A_run_writes_its_cases_an_operator_decides_and_the_next_run_is_given_the_words()
    {
        Assert.Equal(0, _rig.Run("sim", "run", "quiet", "--cases", Cases));
        Assert.Empty(_desk!.Words);
        Assert.Equal(0, _rig.Run("review", "list", "-f", Cases));
        Assert.Contains("1.3", _rig.Output, StringComparison.Ordinal);
        Assert.Contains("2 cases, 2 without a word", _rig.Output, StringComparison.Ordinal);
        Assert.Equal(0, _rig.Run("review", "show", "2.3", "-f", Cases));
        Assert.Contains("Node 8 against the hub's books", _rig.Output, StringComparison.Ordinal);
        Assert.Contains("paid from what nobody has delivered", _rig.Output, StringComparison.Ordinal);

        Assert.Equal(0, _rig.Run("review", "accept", "1.3", "-f", Cases));
        Assert.Contains("its claims are merged", _rig.Output, StringComparison.Ordinal);
        Assert.Equal(0, _rig.Run("review", "accept", "2.3", "-f", Cases));
        Assert.Equal(0, _rig.Run("review", "reject", "2.3", "-f", Cases));
        Assert.Contains("reject, no more accept", _rig.Output, StringComparison.Ordinal);

        // The words go into the next run, and stay in the file that it writes.
        Assert.Equal(0, _rig.Run("sim", "run", "quiet", "--reviews", Cases, "--cases", Cases));
        Assert.Equal(2, _desk.Words.Length);
        Assert.Equal([true, false], [_desk.Words[0].IsAccepted, _desk.Words[1].IsAccepted]);
        Assert.Equal(0, _rig.Run("review", "list", "-f", Cases, "-o", "json"));
        using var list = JsonDocument.Parse(_rig.Output);
        Assert.Equal("accept", list.RootElement[0].GetProperty("word").GetString());
        Assert.Equal("CountedTwice", list.RootElement[1].GetProperty("kind").GetString());
        Assert.Equal(0, _rig.Run("review", "show", "1.3", "-f", Cases, "-o", "json"));
        using var one = JsonDocument.Parse(_rig.Output);
        Assert.Equal("QuarantinedReturn", one.RootElement.GetProperty("kind").GetString());
    }

    [Fact]
    public void Words_on_another_run_are_refused_and_words_that_fit_no_case_are_told()
    {
        Assert.Equal(0, _rig.Run("sim", "run", "quiet", "--cases", Cases));
        Assert.Equal(0, _rig.Run("review", "accept", "1.3", "-f", Cases));
        Assert.Equal(2, _rig.Run("sim", "run", "quiet", "--seed", "99", "--reviews", Cases));
        Assert.Contains("another seed", _rig.Error, StringComparison.Ordinal);
        Assert.Empty(_rig.Output);
        _rig.Play = FakeRun.Play;
        Assert.Equal(1, _rig.Run("sim", "run", "quiet", "--reviews", Cases));
        Assert.Contains("the word on case 1.3 was not given", _rig.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_case_is_named_by_its_region_where_two_have_its_number()
    {
        _ = _rig.Run("sim", "run", "quiet", "--cases", Cases);
        Assert.Equal(2, _rig.Run("review", "show", "3", "-f", Cases));
        Assert.Contains("say 1.3 or 2.3", _rig.Error, StringComparison.Ordinal);
        Assert.Equal(2, _rig.Run("review", "accept", "4", "-f", Cases));
        Assert.Contains("there is no case 4", _rig.Error, StringComparison.Ordinal);
        Assert.Equal(3, _rig.Run("review", "list", "-f", _rig.File("none.json")));
        Assert.Contains("hanse sim run", _rig.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"format\":\"hanse-cases 2\",\"scenario\":\"q\",\"sha256\":\"\",\"cases\":[]}")]
    [InlineData(Head + "null]}")]
    [InlineData(Head + "{\"bytes\":\"xy\"}]}")]
    [InlineData(Head + "{\"bytes\":\"01\"}]}")]
    public void A_file_that_is_not_one_of_cases_is_refused_with_a_reason(string text)
    {
        File.WriteAllText(Cases, text);
        foreach (string[] arguments in (string[][])
            [["review", "list", "-f", Cases], ["sim", "run", "quiet", "--reviews", Cases]])
        {
            Assert.Equal(2, _rig.Run(arguments));
            Assert.StartsWith("hanse: ", _rig.Error, StringComparison.Ordinal);
            Assert.Empty(_rig.Output);
        }
    }

    [Fact]
    public void A_damaged_file_is_read_or_refused_and_never_breaks_the_program()
    {
        _ = _rig.Run("sim", "run", "quiet", "--cases", Cases);
        byte[] whole = File.ReadAllBytes(Cases);
        for (int at = 0; at < whole.Length; at += 3)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= (byte)(1 << (at % 7));
            File.WriteAllBytes(Cases, damaged);
            try
            {
                _ = CasesFile.Read(Cases);
            }
            catch (CasesRefusedException refused)
            {
                Assert.NotEmpty(refused.Message);
            }
        }
    }
}

using System;
using System.IO;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Hanse.Cli.Traces;
using Xunit;

namespace Hanse.Cli.Tests.Traces;

public sealed class ReplayStreamTests
{
    [Fact]
    public void Equal_lines_are_counted_and_hashed()
    {
        using ReplayStream replay = Against("a\nb\n");
        Write(replay, "a\nb\n");
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("a\nb\n"u8)), replay.End());
        Assert.Null(replay.Difference);
        Assert.Equal(2, replay.Lines);
    }

    [Theory]
    [InlineData("a\nbcd\ne\n", "a\nbxd\ne\n", 2, "bcd", "bxd")]
    [InlineData("a\nb\n", "a\nbb\n", 2, "b", "bb")]
    [InlineData("a\nbb\n", "a\nb\n", 2, "bb", "b")]
    [InlineData("a\n", "a\nb\n", 2, null, "b")]
    [InlineData("a\nb\n", "a\n", 2, "b", null)]
    [InlineData("a\nbcd", "a\nbcde\n", 2, null, "bcde")]
    [InlineData("x\n", "y\n", 1, "x", "y")]
    [InlineData("", "y\n", 1, null, "y")]
    [InlineData("\n", "y\n", 1, "", "y")]
    public void The_first_different_line_is_shown_on_both_sides(
        string recording, string run, long line, string? recorded, string? played)
    {
        using ReplayStream replay = Against(recording);
        Write(replay, run);
        _ = replay.End();
        Assert.Equal(new TraceDifference(line, null, recorded, played), replay.Difference);
    }

    [Fact]
    public void A_difference_in_a_fact_names_the_step_before_it()
    {
        using ReplayStream replay = Against("1 one\n  fact a\n2 two\n  fact b\n  fact c\n");
        Write(replay, "1 one\n  fact a\n2 two\n  fact b\n  fact d\n3 three\n");
        _ = replay.End();
        Assert.Equal(new TraceDifference(5, "2 two", "  fact c", "  fact d"), replay.Difference);
    }

    // A second, simple way to find the difference, and writes of every size.
    [Fact]
    public void However_a_run_cuts_its_writes_the_same_difference_is_found() =>
        Gen.Select(Gen.Char["ab\n"].Array[0, 12], Gen.Char["ab\n"].Array[0, 12], Gen.Int[1, 5]).Sample(
            (recordedLetters, playedLetters, size) =>
            {
                string recording = new string(recordedLetters) + "\n";
                string run = new string(playedLetters) + "\n";
                using ReplayStream replay = Against(recording);
                for (int at = 0; at < run.Length; at += size)
                {
                    Write(replay, run[at..Math.Min(run.Length, at + size)]);
                }

                _ = replay.End();
                Assert.Equal(FirstDifference(recording, run), replay.Difference);
            },
            iter: 2_000);

    private static TraceDifference? FirstDifference(string recording, string run)
    {
        string[] recorded = recording.Split('\n')[..^1];
        string[] played = run.Split('\n')[..^1];
        for (int i = 0; i < Math.Max(recorded.Length, played.Length); i++)
        {
            string? left = i < recorded.Length ? recorded[i] : null;
            string? right = i < played.Length ? played[i] : null;
            if (left != right)
            {
                return new TraceDifference(i + 1, null, left, right);
            }
        }

        return null;
    }

    private static ReplayStream Against(string recording) =>
        new(new MemoryStream(Encoding.UTF8.GetBytes(recording)));

    private static void Write(ReplayStream replay, string text) => replay.Write(Encoding.UTF8.GetBytes(text));
}

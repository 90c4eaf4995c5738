using System;
using System.IO;
using Hanse.Core.Machine;
using Xunit;

namespace Hanse.Cli.Tests.Commands;

public sealed class ReplayTests : IDisposable
{
    private readonly Rig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData("run.trace")]
    [InlineData("run.trace.gz")]
    public void A_recorded_run_replays_identically_overrides_included(string name)
    {
        string path = _rig.File(name);
        Assert.Equal(0, _rig.Run("sim", "run", "quiet", "--seed", "42", "--days", "3", "--nodes", "60",
            "--trace", path));
        string hash = _rig.Output.Split("sha256 ")[1][..64];
        Assert.Equal(0, _rig.Run("sim", "replay", path));
        Assert.Equal($"identical: 73 lines, sha256 {hash}\n", _rig.Output);
        Assert.Empty(_rig.Error);
    }

    [Fact]
    public void A_trace_begins_with_what_is_needed_to_play_it_again()
    {
        string[] lines = File.ReadAllLines(Record("run.trace"));
        Assert.Equal("hanse-trace 1", lines[0]);
        Assert.Equal("version 1.2.3", lines[1]);
        Assert.Equal("seed 1", lines[2]);
        Assert.StartsWith("{\"name\":\"quiet\",\"title\":", lines[3], StringComparison.Ordinal);
        Assert.Equal("", lines[4]);
        Assert.StartsWith("0 node-0 ", lines[5], StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_different_line_is_shown_with_its_mission_time()
    {
        string path = Record("run.trace");
        File.WriteAllText(path, File.ReadAllText(path).Replace("node-30 woken", "node-30 "
            + "slept", StringComparison.Ordinal));
        Assert.Equal(1, _rig.Run("sim", "replay", path));
        Assert.Equal(
            """
            different: line 31, day 1.3
              recorded: 108000000000 node-30 slept{draw=60}
              replayed: 108000000000 node-30 woken{draw=60}

            """,
            _rig.Output);
    }

    [Fact]
    public void A_recording_that_goes_on_differs()
    {
        string path = Record("run.trace");
        File.AppendAllText(path, "and more\n");
        Assert.Equal(1, _rig.Run("sim", "replay", path));
        Assert.Contains("replayed: (the run ends here)", _rig.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_truncated_trace_is_2_and_says_how_far_it_is_the_same()
    {
        string path = Record("run.trace");
        string text = File.ReadAllText(path);
        File.WriteAllText(path, text[..text.IndexOf("node-30", StringComparison.Ordinal)]);
        Assert.Equal(2, _rig.Run("sim", "replay", path));
        Assert.Contains("ends after 30 whole lines of the run, which goes "
            + "on", _rig.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "ends within its header")]
    [InlineData("hanse-trace 1\nversion 1\nse", "ends within its header")]
    [InlineData("#!/bin/sh\n", "not a trace; its first line should be 'hanse-trace 1'")]
    [InlineData("hanse-trace 2\n", "a trace of format '2'; this program reads format 1")]
    [InlineData("hanse-trace 1\nversion 1\nseed x\n", ":3: 'x' is not a seed")]
    [InlineData("hanse-trace 1\nversion 1\nseed 1\n{}\n\n", ":4:1: name: missing")]
    public void A_foreign_file_is_2_and_says_why(string content, string reason)
    {
        string path = _rig.File("foreign");
        File.WriteAllText(path, content);
        Assert.Equal(2, _rig.Run("sim", "replay", path));
        Assert.Contains(reason, _rig.Error, StringComparison.Ordinal);
        Assert.EndsWith("hanse: nothing was replayed\n", _rig.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_compressed_trace_is_2()
    {
        string path = Record("run.trace.gz");
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
        Assert.Equal(2, _rig.Run("sim", "replay", path));
        File.WriteAllText(path, "not compressed at all");
        Assert.Equal(2, _rig.Run("sim", "replay", path));
        Assert.Contains("not a whole .gz file", _rig.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_broke_breaks_again_at_the_same_line()
    {
        _rig.Play = options =>
        {
            options.Trace?.Write("0 boom\n"u8);
            throw new BrokenInvariantException("x");
        };
        string path = _rig.File("broken.trace");
        Assert.Equal(1, _rig.Run("sim", "run", "quiet", "--trace", path));
        Assert.Equal(1, _rig.Run("sim", "replay", path));
        Assert.Contains("broke an invariant: x", _rig.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_version_is_told_of()
    {
        string path = Record("run.trace");
        _rig.Version = "2.0.0";
        Assert.Equal(0, _rig.Run("sim", "replay", path));
        Assert.Equal("hanse: recorded by version 1.2.3, replayed by 2.0.0\n", _rig.Error);
    }

    private string Record(string name)
    {
        string path = _rig.File(name);
        Assert.Equal(0, _rig.Run("sim", "run", "quiet", "--trace", path));
        return path;
    }
}

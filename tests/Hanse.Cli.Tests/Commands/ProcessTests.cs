using System;
using System.Diagnostics;
using System.IO;
using System.Text.Json;
using Xunit;

namespace Hanse.Cli.Tests.Commands;

/// <summary>The program itself, as a process of its own: what a new user runs.</summary>
public class ProcessTests
{
    [Fact]
    public void The_same_seed_gives_the_same_trace_in_another_process_and_another_seed_another()
    {
        string first = Hash("7");
        Assert.Equal(first, Hash("7"));
        Assert.Equal(first, Hash("7", "--wire", "bytes"));
        Assert.NotEqual(first, Hash("8"));
    }

    [Fact]
    public void A_written_trace_replays_in_another_process()
    {
        string trace = Path.Combine(Path.GetTempPath(), $"hanse-{Guid.NewGuid():N}.trace.gz");
        try
        {
            _ = Run(0, "sim", "run", "quiet", "--days", "3", "--trace", trace, "-o", "json");
            Assert.Contains("identical", Run(0, "sim", "replay", trace), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(trace);
        }
    }

    [Fact]
    public void A_swarm_ends_with_its_count() =>
        Assert.EndsWith(
            "2 passed, 0 failed\n", Run(0, "sim", "swarm", "--seed", "5", "--count", "2"),
                StringComparison.Ordinal);

    private static string Hash(string seed, params string[] more)
    {
        string json = Run(0, ["sim", "run", "quiet", "--days", "4", "--seed", seed, "-o", "json", .. more]);
        using var report = JsonDocument.Parse(json);
        return report.RootElement.GetProperty("traceSha256").GetString()!;
    }

    private static string Run(int code, params string[] arguments)
    {
        var start =
            new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "hanse.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == code,
            $"hanse {string.Join(' ', arguments)}: {process.ExitCode} {error}");
        return output;
    }
}

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using Xunit;

namespace Hanse.Cli.Tests.Skills;

/// <summary>A real process that holds the slots of a machine is killed at any moment, and starts again with a
/// skill that works.</summary>
public sealed class SlotKillTests : IDisposable
{
    private static readonly string _module = Path.Combine(
        Repository.Root, "skills/extraction/extraction.wasm");

    private readonly string _folder = Directory.CreateTempSubdirectory("hanse-slots-").FullName;

    [Fact]
    public void It_starts_again_with_a_skill_that_works_wherever_it_was_killed()
    {
        ulong seed = (ulong)Environment.TickCount64;
        var random = new Random((int)(seed % int.MaxValue));
        var reached = new SortedSet<string>(StringComparer.Ordinal);
        int kills = 0;
        string last = "";
        for (int start = 0; last != "settled"; start++)
        {
            Assert.True(start < 200, $"seed {seed}: not settled after {start} starts, {kills} killed");

            // The first ones are killed early, while it fetches; later ones live longer.
            int lifetime = random.Next(20, 80 + (40 * start));
            (List<string> lines, bool isKilled) = Live(lifetime);
            kills += isKilled ? 1 : 0;
            Assert.DoesNotContain(lines, line => line.StartsWith("wrong", StringComparison.Ordinal));
            foreach (string line in lines.Where(line => line.StartsWith("right", StringComparison.Ordinal)))
            {
                _ = reached.Add(line.Split(' ')[3]);
            }

            last = lines.Count > 0 ? lines[^1] : last;
        }

        Assert.True(kills >= 5, $"seed {seed}: killed {kills} times");
        Assert.Contains("Fetching", reached);
        Assert.Contains("Active", reached);
        Assert.Contains("Settled", reached);
        (List<string> again, bool _) = Live(60_000);
        Assert.Equal(["started Settled torn 0", "settled"], again);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // Killed so many milliseconds after its first word, if it lives so long.
    private (List<string> Lines, bool IsKilled) Live(int milliseconds)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        string program = Path.Combine(AppContext.BaseDirectory, "hanse.dll");
        foreach (string argument in (string[])[program, "skill", "slots", _module, "--folder", _folder])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        var lines = new List<string>();
        using var begun = new ManualResetEventSlim();
        process.OutputDataReceived += (_, data) =>
        {
            if (data.Data is not null)
            {
                lock (lines)
                {
                    lines.Add(data.Data);
                }

                begun.Set();
            }
        };
        process.BeginOutputReadLine();
        _ = begun.Wait(30_000);
        bool isKilled = !process.WaitForExit(milliseconds);
        if (isKilled)
        {
            process.Kill(entireProcessTree: true);
        }

        process.WaitForExit();
        Assert.True(isKilled || process.ExitCode == 0, $"ended by itself with {process.ExitCode}");
        return (lines, isKilled);
    }
}

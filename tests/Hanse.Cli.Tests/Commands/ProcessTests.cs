using System;
using System.Diagnostics;
using System.IO;
using System.Text.Json;
using Hanse.Skills;
using Xunit;

namespace Hanse.Cli.Tests.Commands;

/// <summary>The program itself, as a process of its own: what a new user runs.</summary>
public class ProcessTests
{
    private static readonly string _pricing = Path.Combine(Repository.Root, "skills/pricing/pricing.wasm");

    // Played once, whoever compares with it.
    private static readonly Lazy<string> _seven = new(() => Hash("7"));

    [Fact]
    public void The_same_seed_gives_the_same_trace_in_another_process_and_another_seed_another()
    {
        string first = _seven.Value;
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
            "2 passed, 0 failed\n", Run(0, "sim", "swarm", "--seed", "3", "--count", "2"),
                StringComparison.Ordinal);

    [Fact]
    public void A_single_return_tells_what_was_found_and_many_are_counted()
    {
        string one = Run(0, "sim", "returns", "--kind", "impossible-balance", "--seed", "3");
        Assert.Contains("Quarantined by Conserved: BelowZero", one, StringComparison.Ordinal);
        using var score = JsonDocument.Parse(
            Run(0, "sim", "returns", "--kind", "equivocation", "--seeds", "2", "-o", "json"));
        Assert.Equal(2, score.RootElement[0].GetProperty("quarantined").GetInt32());
    }

    [Fact]
    public void The_cost_of_a_return_is_stated_with_its_airtime()
    {
        using var cost = JsonDocument.Parse(
            Run(0, "sim", "return", "--days", "2", "--runs", "1", "--airtime", "-o", "json"));
        JsonElement figures = cost.RootElement.GetProperty("figures");
        Assert.Equal(2_880, figures.GetProperty("blocks").GetInt32());
        Assert.Equal("Corrected", figures.GetProperty("verdict").GetString());
        Assert.Equal(18, cost.RootElement.GetProperty("airtime").GetArrayLength());
    }

    [Fact]
    public void A_fleet_priced_by_the_skill_lives_as_one_priced_by_the_built_in_pricing() => Assert.Equal(
        _seven.Value, Hash("7", "--pricing-skill", _pricing));

    [Fact]
    public void A_fleet_whose_releases_run_in_the_sandbox_lives_as_one_of_which_they_are_modelled() =>
        Assert.Equal(Rollout(), Rollout("--release-skill", Path.Combine(
            Repository.Root, "skills/extraction/extraction.wasm")));

    [Fact]
    public void So_does_one_whose_releases_of_prices_run_in_the_sandbox()
    {
        string rollout = File.ReadAllText(Path.Combine(Repository.Root, "scenarios/rollout.yaml"));
        string priced = rollout.Replace("function: extraction", "function: pricing", StringComparison.Ordinal)
            .Replace("cycleHours: 720", "cycleHours: 48", StringComparison.Ordinal)
            .Replace("nodePeriodHours: 720", "nodePeriodHours: 24", StringComparison.Ordinal)
            .Replace("tonnesPerNodeDay: 0.05", "tonnesPerNodeDay: 0.5", StringComparison.Ordinal)
            .Replace("lane: standard", "lane: expedited", StringComparison.Ordinal);
        string path = Path.Combine(Path.GetTempPath(), $"hanse-{Guid.NewGuid():N}.yaml");
        try
        {
            File.WriteAllText(path, priced);
            string[] mission = [path, "--nodes", "40", "--days", "20"];
            Assert.NotEqual(rollout, priced);
            Assert.Equal(Play(mission), Play([.. mission, "--release-skill", _pricing]));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_skill_is_inspected_and_run_and_what_is_none_is_refused()
    {
        string found = Run(0, "skill", "inspect", _pricing);
        Assert.Contains("functions  bid, selfcheck", found, StringComparison.Ordinal);
        Assert.Contains("asks for   nothing", found, StringComparison.Ordinal);
        string none = Run(1, "skill", "run", _pricing);
        Assert.Contains("abstains: no such function (it does not export decide)", none,
            StringComparison.Ordinal);
        _ = Run(2, "skill", "inspect", Path.Combine(Repository.Root, "README.md"));
        _ = Run(3, "skill", "inspect", "/nowhere.wasm");
    }

    // The compiler's process is ended from outside, dies by itself, or cannot be started: each is a refusal.
    [Fact]
    public void A_module_that_cannot_be_compiled_in_time_or_at_all_is_refused()
    {
        byte[] module = File.ReadAllBytes(_pricing);
        string program = Path.Combine(AppContext.BaseDirectory, "hanse.dll");
        var worker = new CompileWorker("dotnet", program, "skill", "compile-worker");
        Assert.NotNull(worker.Compile(module, out string? refusal));
        Assert.Null(refusal);
        Assert.Null(worker.Compile(module, out refusal, TimeSpan.FromMilliseconds(1)));
        Assert.Contains("takes longer than", refusal, StringComparison.Ordinal);
        Assert.Null(new CompileWorker("dotnet", program, "version").Compile(module, out refusal));
        Assert.NotNull(refusal);
        Assert.Null(new CompileWorker("dotnet", program, "nothing").Compile(module, out refusal));
        Assert.Contains("without an answer", refusal, StringComparison.Ordinal);
        Assert.Null(new CompileWorker("/nowhere/compiler").Compile(module, out refusal));
        Assert.Contains("process failed", refusal, StringComparison.Ordinal);
        Assert.Null(worker.Compile([1, 2, 3], out refusal));
        Assert.Contains("does not begin", refusal, StringComparison.Ordinal);
    }

    private static string Hash(string seed, params string[] more) =>
        Play(["quiet", "--days", "4", "--seed", seed, .. more]);

    private static string Rollout(params string[] more) =>
        Play(["rollout", "--nodes", "60", "--days", "40", .. more]);

    private static string Play(params string[] mission)
    {
        string json = Run(0, ["sim", "run", .. mission, "-o", "json"]);
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

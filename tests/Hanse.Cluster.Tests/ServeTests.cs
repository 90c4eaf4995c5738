using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Hanse.Cluster.Stores;
using Npgsql;
using Xunit;

namespace Hanse.Cluster.Tests;

/// <summary><c>hanse serve --cluster</c>, as people start it.</summary>
[Collection("one after the other")]
public sealed partial class ServeTests(PostgresServer server) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hanse-serve-").FullName;
    private readonly List<Process> _all = [];
    private string _database = "";

    [Fact]
    public async Task Two_share_a_mission_and_one_that_has_another_secret_or_scenario_is_refused()
    {
        var settings = new NpgsqlConnectionStringBuilder(_database);
        string url = string.Create(
            CultureInfo.InvariantCulture,
            $"postgres://{settings.Username}@{settings.Host}:{settings.Port}/{settings.Database}");
        (Process first, ConcurrentQueue<string> one) = Start("one", "two-levels", "--cluster", url);
        await Until(one, HasAll);

        _ = Directory.CreateDirectory(Path.Combine(_folder, "two"));
        File.Copy(Path.Combine(_folder, "one", "secret"), Path.Combine(_folder, "two", "secret"));
        (Process second, ConcurrentQueue<string> two) = Start("two", "two-levels", "--cluster", url);
        await Until(two, line => MachinesIn(line).Here > 0);
        await Until(one, HasSome);

        Assert.Contains(one, line => line.Contains("the admin's token", StringComparison.Ordinal));
        Assert.Contains(two, line => line.Contains("the admin's token", StringComparison.Ordinal));
        Assert.Contains(one, line => line == "bounties are ordered here");
        Assert.Contains(two, line => line == "bounties are ordered at another process");
        (Process third, ConcurrentQueue<string> three) = Start("three", "two-levels", "--cluster", url);
        await third.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(2, third.ExitCode);
        Assert.Contains(three, line => line.Contains("another secret", StringComparison.Ordinal));
        (Process fourth, ConcurrentQueue<string> four) = Start("two", "quiet", "--cluster", url);
        await fourth.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(2, fourth.ExitCode);
        Assert.Contains(four, line => line.Contains("another mission", StringComparison.Ordinal));

        await EndAsync(first);
        two.Clear();
        await Until(two, HasAll);
        await Until(two, line => line == "bounties are ordered here");
        await EndAsync(second);
    }

    [Theory]
    [InlineData("--cluster", "nonsense")]
    [InlineData("--cluster", "postgres://u@localhost/d?colour=blue")]
    [InlineData("--cluster", "postgres://u@localhost/d", "--fleet")]
    [InlineData("--cluster", "postgres://u@localhost/d", "--cluster-listen", "here")]
    [InlineData("--cluster", "postgres://u@127.0.0.1:1/d")]
    public async Task What_cannot_be_is_refused_with_a_word(params string[] options)
    {
        (Process process, ConcurrentQueue<string> said) = Start("one", "quiet", options);
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(2, process.ExitCode);
        Assert.Contains(said, line => line.StartsWith("hanse: ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("postgres://u:p%40%3A@h:7/d", "Host=h;Port=7;Username=u;Password=p@:;Database=d")]
    [InlineData("postgresql://h/d", "Host=h;Port=5432;Database=d")]
    [InlineData("postgres://u@[::1]/d?Timeout=3", "Host=::1;Port=5432;Username=u;Database=d;Timeout=3")]
    [InlineData("Host=h;Database=d", "Host=h;Database=d")]
    public void An_address_may_be_a_URL(string text, string expected)
    {
        Assert.True(PostgresAddress.TryRead(text, out string? read));
        Assert.Equal(new NpgsqlConnectionStringBuilder(expected), new NpgsqlConnectionStringBuilder(read));
    }

    public async ValueTask InitializeAsync() => _database = await server.NewDatabaseAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (Process process in _all)
        {
            if (!process.HasExited)
            {
                process.Kill();
                await process.WaitForExitAsync();
            }

            process.Dispose();
        }

        await server.DropAsync(_database);
        Directory.Delete(_folder, recursive: true);
    }

    private (Process Process, ConcurrentQueue<string> Said) Start(
        string folder, string scenario, params string[] options)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "hanse.dll"), "serve", scenario, "--nodes", "8",
                "--data", Path.Combine(_folder, folder), "--listen", "127.0.0.1:0", "--pace", "60",
                .. options,
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_TC_CallCountingDelayMs"] = "64";
        var said = new ConcurrentQueue<string>();
        Process process = Process.Start(start)!;
        _all.Add(process);
        process.OutputDataReceived += (_, line) => said.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => said.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return (process, said);
    }

    private static async Task EndAsync(Process process)
    {
        using (var kill = Process.Start("sh", ["-c", $"kill -TERM {process.Id}"]))
        {
            await kill.WaitForExitAsync();
        }

        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(0, process.ExitCode);
    }

    private static async Task Until(ConcurrentQueue<string> said, Func<string, bool> holds)
    {
        for (int i = 0; i < 1_200; i++)
        {
            if (said.Any(holds))
            {
                return;
            }

            await Task.Delay(50);
        }

        throw new TimeoutException("not within 60 s\n" + string.Join('\n', said));
    }

    private static bool HasAll(string line)
    {
        (int here, int all) = MachinesIn(line);
        return here > 1 && here == all;
    }

    private static bool HasSome(string line)
    {
        (int here, int all) = MachinesIn(line);
        return here > 0 && here < all;
    }

    private static (int Here, int All) MachinesIn(string line) =>
        Machines().Match(line) is { Success: true } match
            ? (Number(match.Groups[1]), Number(match.Groups[2])) : default;

    private static int Number(Capture text) => int.Parse(text.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("([0-9]+) of ([0-9]+) machines run here")]
    private static partial Regex Machines();
}

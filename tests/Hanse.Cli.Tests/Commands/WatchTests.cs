using System;
using System.IO;
using System.Linq;
using Hanse.Cli.Scenarios;
using Hanse.Cli.Views;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Spectre.Console;
using Xunit;

namespace Hanse.Cli.Tests.Commands;

public sealed class WatchTests : IDisposable
{
    private readonly Rig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Without_a_terminal_there_is_a_line_a_day_and_the_news_between()
    {
        Assert.Equal(0, _rig.Run("sim", "watch", "--days", "3"));
        string[] lines = _rig.Output.Split('\n');
        Assert.Equal(
            ["day 0 of 3", "day 1 of 3", "day 2 of 3", "day 3 of 3"],
            lines.Where(line => line.StartsWith("day "
                + "", StringComparison.Ordinal)).Select(line => line.Split(" | ")[0]));
        Assert.Contains("  day 1.2: node 29 died under contract 87", lines);
        Assert.DoesNotContain(lines, line => line.Contains("nobody reads", StringComparison.Ordinal));
        Assert.Contains("The same run, to the byte: hanse sim run nickel-500t --seed 7 --days 3", lines);
        Assert.Contains("Another run: hanse sim watch --seed 8", lines);
        Assert.Empty(_rig.Error);
    }

    [Fact]
    public void It_ends_in_what_a_person_wants_to_know()
    {
        Assert.Equal(0, _rig.Run("sim", "watch"));
        Assert.Contains("  day 37.2: Nickel for Depot Alpha is "
            + "filled\n", _rig.Output, StringComparison.Ordinal);
        Assert.Contains("\nnickel-500t, seed 7: 45 days of 500 nodes", _rig.Output, StringComparison.Ordinal);
        Assert.Contains(
            """
              bounties      180 posted: 90 filled, 45 partly, 22 unfilled, 45 open
              contracts     900 awarded, 540 delivered in time
              ran out       28 of the contracts, undelivered; 1 given back by their nodes
              silent        14 taken back after a milestone; 11 held again; 0 due times moved
              taken over    18 times such work was awarded again
              came late     5 of the deliveries, after their contract had run out
              berths        waited for 0.3 h on average, 3 h (99 %), 6 h at most; 180 dockings
              nodes died    56
            """,
            _rig.Output,
            StringComparison.Ordinal);
        Assert.Contains(": balanced, to the microcredit.\nTrace: sha256 "
            + "", _rig.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Ctrl_C_ends_it_with_what_happened_so_far()
    {
        _rig.Play = options => FakeRun.Play(options with
        {
            Progress = new Once(options.Progress!, TimeSpan.FromDays(5), _rig.PressControlC),
        });
        Assert.Equal(130, _rig.Run("sim", "watch"));
        Assert.Contains("Stopped on day 5.0 of 45.\n", _rig.Output, StringComparison.Ordinal);
        Assert.Contains("So far 10 of 20 bounties are filled, 6 nodes have "
            + "died", _rig.Output, StringComparison.Ordinal);
        Assert.Contains("hanse sim run nickel-500t --seed 7\n", _rig.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void On_a_terminal_the_picture_has_bounties_fleet_books_and_news()
    {
        Scenario scenario = ScenarioFile.Parse(
            "x", File.ReadAllText(Path.Combine(Repository.Scenarios, "nickel-500t.yaml"))).Scenario!;
        var log = new MissionLog();
        _ = log.Take(FakeRun.At(scenario, TimeSpan.FromDays(20), [new RunEvent(
            TimeSpan.FromDays(19.5), RunEventKind.NodeDied, "node 17 [died] under contract 12")]));
        using var text = new StringWriter();
        Screen(text).Write(new MissionView("Hanse: nickel-500t", 7).Draw(log, 24));
        string picture = string.Join('\n', text.ToString().Split('\n').Select(line => line.TrimEnd()));
        string path = Path.Combine(
            Repository.Root, "tests", "Hanse.Cli.Tests", "Commands", "mission-view.txt");
        if (Environment.GetEnvironmentVariable("HANSE_RECORD") == "1")
        {
            File.WriteAllText(path, picture);
        }

        Assert.Equal(File.ReadAllText(path), picture);
    }

    [Fact]
    public void On_a_terminal_it_is_played_live_and_summed_up()
    {
        // Already pressed, so that nothing waits for people to watch.
        _rig.PressControlC();
        using var text = new StringWriter();
        _rig.Screen = Screen(text);
        Assert.Equal(130, _rig.Run("sim", "watch"));
        Assert.Contains("building the world", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("Stopped on day 0.0 of 45.", _rig.Output, StringComparison.Ordinal);
    }

    private static IAnsiConsole Screen(TextWriter text)
    {
        IAnsiConsole screen = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        screen.Profile.Width = 100;
        screen.Profile.Height = 30;
        screen.Profile.Capabilities.Unicode = true;
        return screen;
    }

    private sealed class Once(IProgress<RunProgress> inner, TimeSpan at, Action action)
        : IProgress<RunProgress>
    {
        public void Report(RunProgress value)
        {
            if (value.Elapsed >= at)
            {
                action();
            }

            inner.Report(value);
        }
    }
}

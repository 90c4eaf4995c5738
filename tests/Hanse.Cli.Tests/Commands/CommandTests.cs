using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Hanse.Core.Machine;
using Xunit;

namespace Hanse.Cli.Tests.Commands;

public sealed class CommandTests : IDisposable
{
    private readonly Rig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Version_says_the_version()
    {
        Assert.Equal(0, _rig.Run("version"));
        Assert.Equal("hanse 1.2.3\n", _rig.Output);
    }

    [Theory]
    [InlineData("frob")]
    [InlineData("sim")]
    [InlineData("sim", "run")]
    [InlineData("sim", "run", "quiet", "--frob")]
    [InlineData("sim", "run", "quiet", "--nodes", "many")]
    [InlineData("sim", "run", "quiet", "--nodes", "0")]
    [InlineData("sim", "run", "quiet", "--days", "NaN")]
    [InlineData("sim", "run", "quiet", "--days", "0")]
    [InlineData("sim", "run", "quiet", "--seed", "-1")]
    [InlineData("sim", "run", "quiet", "-o", "xml")]
    [InlineData("sim", "run", "quiet", "--oracle", "--trace", "x")]
    [InlineData("scenario", "validate")]
    [InlineData]
    public void Bad_usage_is_2_and_explained_on_standard_error_and_nothing_is_run(params string[] arguments)
    {
        _rig.Play = _ => throw new InvalidOperationException("must not run");
        Assert.Equal(2, _rig.Run(arguments));
        Assert.Empty(_rig.Output);
        Assert.StartsWith("hanse: ", _rig.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sim", "run", "no-such")]
    [InlineData("sim", "run", "dir/no-such.yaml")]
    [InlineData("scenario", "validate", "no-such.yaml")]
    [InlineData("sim", "replay", "no-such.trace")]
    [InlineData("sim", "run", "quiet", "--trace", "/no/such/directory/x")]
    public void What_is_not_there_is_3(params string[] arguments)
    {
        Assert.Equal(3, _rig.Run(arguments));
        Assert.Empty(_rig.Output);
        Assert.StartsWith("hanse: ", _rig.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_slip_of_the_pen_is_answered_with_a_guess()
    {
        _ = _rig.Run("sim", "rn", "quiet");
        Assert.Contains("see 'hanse sim --help'; did you mean 'run'?", _rig.Error, StringComparison.Ordinal);
        _ = _rig.Run("sim", "run", "quite");
        Assert.Contains("there is no scenario 'quite'; did you mean "
            + "'quiet'?", _rig.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bad_file_is_2_with_every_mistake_on_a_line_and_nothing_is_run()
    {
        _rig.Play = _ => throw new InvalidOperationException("must not run");
        string path = _rig.File("bad.yaml");
        File.WriteAllText(path, Repository.Quiet
            .Replace("nodes: 50", "nodes: 0", StringComparison.Ordinal)
            .Replace("sites: 8", "sitez: 8", StringComparison.Ordinal));
        Assert.Equal(2, _rig.Run("sim", "run", "bad.yaml"));
        Assert.Empty(_rig.Output);
        string[] lines = _rig.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("bad.yaml:13:10: fleet.nodes: 0 is not allowed; allowed: 1 to 1,000,000", lines[0]);
        Assert.Equal("hanse: 3 mistakes; nothing was run", lines[^1]);
    }

    [Fact]
    public void A_change_on_the_command_line_is_judged_like_the_file()
    {
        Assert.Equal(2, _rig.Run("sim", "run", "nickel-500t", "--nodes", "3"));
        Assert.Equal(
            "hanse: with --nodes 3: regions.count: 5 regions need as many nodes; allowed: up to "
                + "fleet.nodes, 3\n",
            _rig.Error);
    }

    [Fact]
    public void A_scenario_in_the_working_directory_hides_the_shipped_one()
    {
        string folder = Path.Combine(_rig.Directory, "scenarios");
        _ = Directory.CreateDirectory(folder);
        File.WriteAllText(
            Path.Combine(folder, "quiet.yaml"),
            Repository.Quiet.Replace("title: Ten", "title: My ten", StringComparison.Ordinal));
        Assert.Equal(0, _rig.Run("scenario", "list"));
        Assert.Equal(
            ["lost-hub", "market-10k", "nickel-500t", "quiet", "replication", "rollout", "rot", "scale",
                "storm", "two-levels", "works"],
            _rig.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line =>
                line.Split(' ')[0]));
        Assert.Contains("My ten quiet days", _rig.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_has_the_keys_that_scripts_rely_on()
    {
        Assert.Equal(0, _rig.Run("sim", "run", "nickel-500t", "-o", "json"));
        Assert.Empty(_rig.Error);
        using JsonDocument report = JsonDocument.Parse(_rig.Output);
        JsonElement root = report.RootElement;
        string[] keys =
        [
            "scenario", "seed", "nodes", "regions", "simulatedDays", "wallSeconds", "events",
            "eventsPerSecond",
            "peakMemoryBytes", "bounties.posted", "bounties.filled", "bounties.partlyFilled",
            "bounties.unfilled",
            "contracts.awarded", "contracts.settled", "contracts.expired", "contracts.remarketed",
            "contracts.lateDeliveries", "economy.filledByMass", "economy.surplus",
            "economy.settled.losingShare", "economy.orphans.askedWithinCycle",
            "ledger.minted", "ledger.escrow", "ledger.inTransit",
            "ledger.balances",
            "ledger.burned", "ledger.balanced", "twinError.cargoKilograms.p50",
            "twinError.cargoKilograms.p99",
            "twinError.propellantKilograms.p50", "twinError.wearPercent.p99",
            "twinError.positionKilometres.p99",
            "deviations", "messages.count", "messages.bytes", "messages.bytesPerNodeDay",
            "messages.fullTelemetryBytesPerNodeDay", "staleness.p50Hours", "staleness.p99Hours",
            "traceSha256",
        ];
        Assert.All(keys, key => Assert.True(
            key.Split('.').Aggregate(
                (JsonElement?)root,
                (at, part) => at is { } found && found.TryGetProperty(part, out JsonElement next) ? next
                    : null) is not null,
            key));
        Assert.Equal("filled", root.GetProperty("named")[0].GetProperty("outcome").GetString());
    }

    [Fact]
    public void The_table_says_what_became_of_the_bounty_and_how_to_play_it_again()
    {
        Assert.Equal(0, _rig.Run("sim", "run", "nickel-500t", "--seed", "8", "--nodes", "600", "--days",
            "42.5"));
        Assert.Contains(
            "Nickel for Depot Alpha: filled on day 37.2, 3.8 days before its deadline; 500 of 500 t "
                + "weighed, in 250 deliveries. It cost 63.00 credits, 63 % of the 100.00 it was worth.\n",
            _rig.Output,
            StringComparison.Ordinal);
        Assert.EndsWith(
            "The same run again: hanse sim run nickel-500t --seed 8 --nodes 600 --days 42.5\n",
            _rig.Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Perfect_knowledge_is_asked_of_the_run_and_said_in_the_line_that_plays_it_again()
    {
        bool isOracle = false;
        _rig.Play = options =>
        {
            isOracle = options.IsOracle;
            return FakeRun.Play(options);
        };
        Assert.Equal(0, _rig.Run("sim", "run", "quiet", "--oracle"));
        Assert.True(isOracle);
        Assert.EndsWith("--oracle\n", _rig.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_invariant_is_1_with_the_line_that_shows_it_again()
    {
        _rig.Play = _ => throw new BrokenInvariantException("escrow >= 0");
        Assert.Equal(1, _rig.Run("sim", "run", "quiet", "--seed", "99"));
        Assert.Empty(_rig.Output);
        Assert.Contains("a machine broke an invariant: escrow >= 0\n", _rig.Error, StringComparison.Ordinal);
        Assert.EndsWith("\n  hanse sim run quiet --seed 99\n", _rig.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Ctrl_C_ends_a_run_with_130()
    {
        _rig.PressControlC();
        Assert.Equal(130, _rig.Run("sim", "run", "quiet"));
        Assert.Empty(_rig.Output);
        Assert.Contains("hanse: stopped on day 0.0 of 10\n", _rig.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Progress_is_shown_on_a_terminal_only_and_wiped_in_the_end()
    {
        _ = _rig.Run("sim", "run", "quiet");
        Assert.Empty(_rig.Error);
        _rig.ErrorIsTerminal = true;
        _ = _rig.Run("sim", "run", "quiet");
        Assert.StartsWith("\rday 0.0 of 10, 0 %; 0 events", _rig.Error, StringComparison.Ordinal);
        Assert.EndsWith(" \r", _rig.Error, StringComparison.Ordinal);
        _ = _rig.Run("sim", "run", "quiet", "--progress", "none");
        Assert.Empty(_rig.Error);
    }

    [Fact]
    public void Schema_is_printed_as_it_is_published()
    {
        Assert.Equal(0, _rig.Run("scenario", "schema"));
        Assert.Equal(
            File.ReadAllText(Path.Combine(Repository.Scenarios, "scenario.schema.json")), _rig.Output);
    }
}

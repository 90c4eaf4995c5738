using System;
using System.Linq;
using Hanse.Cli.Scenarios;
using Xunit;

namespace Hanse.Cli.Tests.Scenarios;

/// <summary>Each way to be wrong, with its exact words and place. The file is one that is sound but for one
/// replacement.</summary>
public sealed class ScenarioMistakeTests
{
    private const string Sound = """
        name: test
        title: A test.
        epoch: 2027-03-01
        days: 10
        seed: 1
        fleet: {nodes: 50, dryTonnes: 6, cargoTonnes: 5, propellantTonnes: 3, propellantReservePercent: 10,
          exhaustMetresPerSecond: 3000, powerKilowatts: 40, extractionMegajoulesPerTonne: 40,
          unloadTonnesPerHour: 2.5, wearPercentPerExtractionDay: 0.5, wearPercentPerTransfer: 0.2,
          failureShape: 0, failureWearPercent: 100, machineCredits: 0, variants: 1, sharedErrorPercent: 0,
          sensorBiasPercent: 0, sensorNoisePercent: 0, buildSpreadPercent: 0, readingPeriodHours: 1}
        regions:
          count: 2
          nodesMax: 1000
          anchors: [Kalliope, 21]
          sites: 8
          depotNames: [Alpha, Beta]
          berthsPerHundredNodes: 6
          scaleErrorPercent: 0
          assayErrorPercent: 10
          depots: 1
        links:
          nodePeriodHours: 8
          nodeWindowHours: 1.5
          nodeBytesPerSecond: 125
          nodeLightMilliseconds: 20
          strategyPeriodHours: 6
          strategyBytesPerSecond: 1000
          conjunctionDegrees: 0
          clockErrorSeconds: 60
        market: {cycleHours: 12, dueSlackHours: 9, milestoneWindows: 0, extensionHours: 0, bondPercent: 0,
          propellantCreditsPerTonne: 1, sparesCreditsPerLife: 9, hourCredits: 1, fillTolerancePercent: 9,
          reserveStartPercent: 80, split: curves, seedCredits: 2, hoardCeilingCredits: 4, wearBandPercent: 1,
          berthPrices: 0, hourWorth: 0, facePrices: 0, jointHoldPercent: 0, jointHoldBatches: 0,
          propellantBandKilograms: 9, cargoBandKilograms: 9, positionBandKilometres: 9, marginPercent: 8}
        demands: []
        bounties:
          - name: Iron
            commodity: iron
            tonnes: 50
            lotTonnes: 5
            backupPercent: 0
            joint: 0
            depot: Alpha
            credits: 15
            postedDay: 0.5
            withinDays: 9
            kind: deliver
            site: 0
            fromDepot: 0
            toDepot: 1
        stream:
          tonnesPerNodeDay: 0.35
          smallestTonnes: 30
          largestTonnes: 90
          lotTonnes: 5
          withinDaysMin: 4
          withinDaysMax: 9
          worthOverCostMin: 1.5
          worthOverCostMax: 2.5
          cancelPercent: 0
          criticalPercent: 0
          backupPercent: 0
          jointPercent: 0
        orders: []
        rollouts: []
        work: {surveyHours: 0, surveySigmaPercent: 0, surveyHeldPercent: 0, surveyHoldDays: 0,
          digSigmaPercent: 0, surveysPer30Days: 0, buildHoursPerTonne: 0, inspectionHours: 0,
          inspectionSigmaPercent: 0, buildFlawPercent: 0, buildsPer30Days: 0,
          transportsPer30Days: 0, transportLossPercent: 0, lossChargePercent: 100, repairHours: 0,
          repairSparesTonnes: 0, repairCommodity: nickel, repairWearPercent: 0, repairConsentDays: 10,
          repairHoldDays: 10}
        returns: {validationCorePercent: 1, extraSecondsPerReturn: 0, rawLeavesPerDay: 0}
        conduct: {overClaimersPercent: 0, underClaimersPercent: 0, noShowsPercent: 0, ringNodes: 0,
          claimPercent: 130, deniersPercent: 0, falseMendersPercent: 0}
        sites: {faces: 0, tonnes: 0}
        faults: {deathsPercentPer30Days: 0, lossPercent: 0, duplicatePercent: 0, extraDelaySecondsMax: 0,
          breakdownsPercentPer30Days: 0,
          blackoutsPer30Days: 0, blackoutHoursMax: 0, greatBlackoutDay: 0, greatBlackoutDays: 0,
          greatBlackoutPercent: 0, strategyBlackoutDay: 0, strategyBlackoutDays: 0,
          lostHubDay: 0, lostHubDays: 0, lostHubGoesOn: 0, lostHubAdoptedDays: 0, handoversPer30Days: 0,
          rottenLogsPercent: 0, crashesPer30Days: 0}
        growth: {doublingDays: 0, generationDays: 365, generations: 1, ageDays: 0, commissions: 0}
        """;

    [Theory]
    [InlineData("strain", 5, 4, "20 groups are more")]
    [InlineData("class", 17, 1, "17 groups are more")]
    [InlineData("strain", 4, 4, null)]
    [InlineData("generation", 17, 16, null)]
    public void An_order_of_a_rollout_names_so_many_groups_at_most(
        string groups, int variants, int generations, string? mistake)
    {
        string text = Sound
            .Replace("rollouts: []", "rollouts: [{name: a, function: extraction, day: 1, kilobytes: 1, "
                + "lane: standard, authorityDays: 1, divergencePercent: 0, fault: none, faultClass: 0, "
                + "faultPercent: 0, calledBackDay: 0, strainPercent: 0, signatures: 0, "
                + $"groups: {groups}}}]", StringComparison.Ordinal)
            .Replace("variants: 1,", $"variants: {variants},", StringComparison.Ordinal)
            .Replace("doublingDays: 0", "doublingDays: 90", StringComparison.Ordinal)
            .Replace("generations: 1", $"generations: {generations}", StringComparison.Ordinal);
        string[] mistakes =
            [.. ScenarioFile.Parse("x.yaml", text).Mistakes.Select(one => one.ToString())];
        Assert.Equal(mistake is null ? 0 : 1, mistakes.Length);
        Assert.All(mistakes, one => Assert.Contains(
            $"rollouts[0].groups: {mistake}", one, StringComparison.Ordinal));
    }

    [Fact]
    public void The_file_of_these_tests_is_sound() =>
        Assert.Empty(ScenarioFile.Parse("x.yaml", Sound).Mistakes);

    [Theory]
    [InlineData("nodes: 50", "nodes: 0", "6:16: fleet.nodes: 0 is not allowed; allowed: 1 to 1,000,000")]
    [InlineData("nodes: 50", "nodes: 99999999999",
        "6:16: fleet.nodes: 99999999999 is not allowed; allowed: 1 to 1,000,000")]
    [InlineData("nodes: 50", "nodes: 5.5",
        "6:16: fleet.nodes: '5.5' is not a whole number; allowed: 1 to 1,000,000")]
    [InlineData("nodes: 50", "nodes: many",
        "6:16: fleet.nodes: 'many' is not a whole number; allowed: 1 to 1,000,000")]
    [InlineData("nodes: 50", "nodes: '50'",
        "6:16: fleet.nodes: '50' is not a whole number; allowed: 1 to 1,000,000")]
    [InlineData("days: 10", "days: 0.5", "4:7: days: 0.5 is not allowed; allowed: 1 to 3,650")]
    [InlineData("days: 10", "days: .nan", "4:7: days: '.nan' is not a number; allowed: 1 to 3,650")]
    [InlineData("days: 10", "days: 1e999", "4:7: days: '1e999' is not a number; allowed: 1 to 3,650")]
    [InlineData("days: 10", "days:", "4:6: days: nothing is not a number; allowed: 1 to 3,650")]
    [InlineData("days: 10", "days: [10]", "4:7: days: a list is not a number; allowed: 1 to 3,650")]
    [InlineData("seed: 1", "seed: -1",
        "5:7: seed: '-1' is not a seed; allowed: 0 to 18,446,744,073,709,551,615")]
    [InlineData("epoch: 2027-03-01", "epoch: 2027-02-30",
        "3:8: epoch: '2027-02-30' is not a date; allowed: YYYY-MM-DD, 1900-01-01 to 2049-12-31")]
    [InlineData("epoch: 2027-03-01", "epoch: 2050-01-01",
        "3:8: epoch: 2050-01-01 is not allowed; allowed: YYYY-MM-DD, 1900-01-01 to 2049-12-31")]
    [InlineData("name: test", "name: My Test",
        "1:7: name: 'My Test' is not a name; allowed: small letters, digits and hyphens, up to 64 "
            + "characters")]
    [InlineData("title: A test.", "title: \"two\\nlines\"",
        "2:8: title: 'two\nlines' is not allowed; allowed: one line of text, 1 to 200 characters")]
    [InlineData("commodity: iron", "commodity: gold",
        "38:16: bounties[0].commodity: 'gold' is not allowed; allowed: nickel, iron, water, silicate")]
    [InlineData("commodity: iron", "commodity: Nickle",
        "38:16: bounties[0].commodity: 'Nickle' is not allowed; allowed: nickel, iron, water, silicate; "
        + "did you mean 'nickel'?")]
    [InlineData("[Alpha, Beta]", "[Alpha, Alpha]",
        "16:23: regions.depotNames[1]: 'Alpha' is in the list already; allowed: each once")]
    [InlineData("[Alpha, Beta]", "Alpha",
        "16:15: regions.depotNames: 'Alpha' is not allowed; wanted: a list of texts, as [] for none")]
    [InlineData("faults: {", "faults: 7 #", "76:9: faults: '7' is not allowed; wanted: a section of keys "
        + "and values")]
    public void A_wrong_value_is_named_with_its_place_and_what_is_allowed(
        string sound, string wrong, string mistake) =>
        Assert.Equal("x.yaml:" + mistake, OnlyMistake(Replace(sound, wrong).Split(" #")[0]));

    [Theory]
    [InlineData("  sites: 8", "  sites: 8\n  sitez: 8", "16:3: regions.sitez: no such key; did you mean "
        + "'sites'?")]
    [InlineData("seed: 1", "seed: 1\ncolour: red",
        "6:1: colour: no such key; allowed: name, title, epoch, days, seed, fleet, growth, regions, sites, "
        + "links, market, bounties, demands, orders, rollouts, stream, work, returns, conduct, faults")]
    [InlineData("  sites: 8\n", "",
        "12:3: regions.sites: missing; wanted: a whole number, 1 to 64 (Mining sites of a region.)")]
    [InlineData("seed: 1\n", "",
        "1:1: seed: missing; wanted: a whole number, 0 to 18,446,744,073,709,551,615 "
        + "(The seed when none is given: with the file, the whole run.)")]
    [InlineData("  sites: 8", "  sites: 8\n  sites: 9",
        "16:3: regions.sites: written twice, first in line 15; allowed: once")]
    public void A_key_that_is_unknown_missing_or_written_twice_is_named(
        string sound, string wrong, string mistake) =>
        Assert.Equal("x.yaml:" + mistake, OnlyMistake(Replace(sound, wrong)));

    [Theory]
    [InlineData("nodeWindowHours: 1.5", "nodeWindowHours: 8",
        "23:20: links.nodeWindowHours: 8 is not shorter than the period; allowed: less than "
        + "links.nodePeriodHours, 8")]
    [InlineData("clockErrorSeconds: 60", "clockErrorSeconds: 1350",
        "23:20: links.nodeWindowHours: 1.5 is too short for clocks that are 1,350 s wrong; allowed: more "
            + "than 1.5, four clock errors")]
    [InlineData("nodeWindowHours: 1.5\n  nodeBytesPerSecond: 125", "nodeWindowHours: 1\n  "
        + "nodeBytesPerSecond: 1",
        "23:20: links.nodeWindowHours: a window carries 3,600 bytes, less than a frame; allowed: windows "
            + "of 4,096 bytes and more (hours x 3,600 x links.nodeBytesPerSecond)")]
    [InlineData("cycleHours: 12", "cycleHours: 7.5",
        "30:22: market.cycleHours: 7.5 is too short for every node to hear and answer; allowed: "
        + "links.nodePeriodHours, 8, and more")]
    [InlineData("tonnes: 50", "tonnes: 4", "40:16: bounties[0].lotTonnes: 5 is more than the bounty; "
        + "allowed: up to tonnes, 4")]
    [InlineData("nodes: 50", "nodes: 1",
        "12:10: regions.count: 2 regions need as many nodes; allowed: up to fleet.nodes, 1")]
    [InlineData("count: 2", "count: 1",
        "16:15: regions.depotNames: 2 names for 1 regions; allowed: at most one for each")]
    [InlineData("withinDaysMin: 4", "withinDaysMin: 9.5",
        "56:18: stream.withinDaysMin: 9.5 is more than the longest; allowed: up to stream.withinDaysMax, 9")]
    [InlineData("smallestTonnes: 30", "smallestTonnes: 91",
        "53:19: stream.smallestTonnes: 91 is more than the largest; allowed: up to stream.largestTonnes, 90")]
    [InlineData("worthOverCostMin: 1.5", "worthOverCostMin: 3",
        "58:21: stream.worthOverCostMin: 3 is more than the greatest; allowed: up to "
            + "stream.worthOverCostMax, 2.5")]
    [InlineData("kind: deliver", "kind: survey",
        "48:11: bounties[0].site: 0 is no site; allowed: 0 for deliveries and transports only")]
    [InlineData("kind: deliver", "kind: transport",
        "49:16: bounties[0].fromDepot: 0 is no depot for a transport to 1; allowed: another, of 1 to "
            + "regions.depots, 1")]
    [InlineData("joint: 0", "joint: 3",
        "42:12: bounties[0].joint: 3 is a work of 1 parts; allowed: 2 to 8, or 0 for none")]
    [InlineData("toDepot: 1", "toDepot: 2",
        "50:14: bounties[0].toDepot: 2 is no depot; allowed: 1 to regions.depots, 1")]
    [InlineData("orders: []", "orders: [{name: a, depot: Alpha, credits: 1, timePercent: 0, postedDay: 1, "
        + "withinDays: 5, parts: [{name: b, kind: deliver, site: 0, fromDepot: 0, toDepot: 1, "
        + "commodity: iron, tonnes: 1, lotTonnes: 1, after: [c]}]}]",
        "64:208: orders[0].parts[0].after: no part before it is called 'c'; allowed: names of earlier "
            + "parts")]
    [InlineData("depot: Alpha", "depot: Alfa",
        "43:12: bounties[0].depot: no depot is called 'Alfa'; allowed: Alpha, Beta; did you mean 'Alpha'?")]
    [InlineData("[Kalliope, 21]", "[Kaliope, 21]",
        "14:13: regions.anchors[0]: no asteroid 'Kaliope' is in the catalogue; allowed: a number, a name "
            + "or a designation; did you mean 'Kalliope'?")]
    public void A_rule_between_fields_is_judged_where_the_field_to_change_is(
        string sound, string wrong, string mistake) =>
        Assert.Equal("x.yaml:" + mistake, OnlyMistake(Replace(sound, wrong)));

    [Theory]
    [InlineData("sites: 8", "sites: &a 8", "15:10: anchors are not allowed; write the value where it is "
        + "needed")]
    [InlineData("sites: 8", "sites: *a", "15:10: aliases are not allowed; write the value again")]
    [InlineData("sites: 8", "sites: !!int 8", "15:10: tags are not allowed; write the value without it")]
    [InlineData("sites: 8", "[sites]: 8", "15:3: a key must be a word")]
    [InlineData("sites: 8", "sites: [[[[[[[[[8]]]]]]]]]", "15:17: nested too deeply for a scenario")]
    [InlineData("seed: 1", "seed: 1\n---\nseed: 2", "6:1: a second document begins; allowed: one scenario "
        + "in a file")]
    public void What_a_scenario_does_not_need_of_YAML_is_refused(string sound, string wrong,
        string mistake) =>
        Assert.Equal("x.yaml:" + mistake, OnlyMistake(Replace(sound, wrong)));

    [Theory]
    [InlineData("", "1:1: empty; wanted: a scenario, see 'hanse scenario schema'")]
    [InlineData("# nothing\n", "1:1: empty; wanted: a scenario, see 'hanse scenario schema'")]
    [InlineData("7", "1:1: '7' is not allowed; wanted: a scenario")]
    public void A_file_without_a_scenario_says_so(string text, string mistake) =>
        Assert.Equal("x.yaml:" + mistake, Assert.Single(ScenarioFile.Parse("x.yaml",
            text).Mistakes).ToString());

    [Fact]
    public void Text_that_is_not_YAML_is_refused_with_its_place()
    {
        Mistake mistake = Assert.Single(ScenarioFile.Parse("x.yaml", Replace("seed: 1", "seed: "
            + "[1")).Mistakes);
        Assert.InRange(mistake.Line, 5, 7);
    }

    [Fact]
    public void All_mistakes_come_at_once_in_the_order_of_the_file()
    {
        string text = Replace("days: 10", "days: no").Replace("nodes: 50", "nodes: "
            + "0", StringComparison.Ordinal)
            .Replace("commodity: iron", "commodity: gold", StringComparison.Ordinal)
            .Replace("  sites: 8\n", "", StringComparison.Ordinal);
        Assert.Equal(
            ["days", "fleet.nodes", "regions.sites", "bounties[0].commodity"],
            ScenarioFile.Parse("x.yaml", text).Mistakes.Select(mistake => mistake.Text.Split(':')[0]));
    }

    [Fact]
    public void A_slip_is_not_reported_again_by_the_rules_that_look_at_it() =>
        Assert.Equal(
            "x.yaml:22:20: links.nodePeriodHours: 0 is not allowed; allowed: 0.1 to 720",
            OnlyMistake(Replace("nodePeriodHours: 8", "nodePeriodHours: 0")));

    private static string Replace(string sound, string wrong)
    {
        Assert.Contains(sound, Sound, StringComparison.Ordinal);
        return Sound.Replace(sound, wrong, StringComparison.Ordinal);
    }

    private static string OnlyMistake(string text)
    {
        ScenarioLoad load = ScenarioFile.Parse("x.yaml", text);
        Assert.Null(load.Scenario);
        return Assert.Single(load.Mistakes).ToString();
    }
}

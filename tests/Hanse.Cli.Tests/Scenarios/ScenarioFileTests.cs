using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.Json;
using CsCheck;
using Hanse.Cli.Scenarios;
using Hanse.Simulation.Scenarios;
using Xunit;

namespace Hanse.Cli.Tests.Scenarios;

public sealed class ScenarioFileTests
{
    public static TheoryData<string> Shipped => [.. Directory.EnumerateFiles(Repository.Scenarios, "*.yaml")
        .Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Every_shipped_scenario_is_sound_and_has_the_name_of_its_file(string name)
    {
        string path = Path.Combine(Repository.Scenarios, name + ".yaml");
        ScenarioLoad load = ScenarioFile.Load(path, path);
        Assert.Empty(load.Mistakes);
        Assert.Equal(name, load.Scenario?.Name);
    }

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Canonical_text_is_read_back_to_the_same_scenario(string name)
    {
        string path = Path.Combine(Repository.Scenarios, name + ".yaml");
        Scenario scenario = ScenarioFile.Load(path, path).Scenario!;
        string text = ScenarioText.Write(scenario);
        Assert.DoesNotContain('\n', text);
        ScenarioLoad again = ScenarioFile.Parse("again", text);
        Assert.Empty(again.Mistakes);
        Assert.Equal(text, ScenarioText.Write(again.Scenario!));
    }

    [Fact]
    public void The_published_schema_is_the_one_the_program_prints() =>
        Assert.Equal(
            File.ReadAllText(Path.Combine(Repository.Scenarios, "scenario.schema.json")),
                ScenarioSchema.Write());

    [Fact]
    public void The_guide_has_the_table_that_the_program_prints() =>
        Assert.EndsWith(
            ScenarioGuide.Write(),
            File.ReadAllText(Path.Combine(Repository.Scenarios, "README.md")),
            StringComparison.Ordinal);

    [Fact]
    public void Every_property_is_a_key_of_the_schema_in_camel_case()
    {
        using JsonDocument schema = JsonDocument.Parse(ScenarioSchema.Write());
        Compare(typeof(Scenario), schema.RootElement);
    }

    // Folders of earlier releases keep the text of their mission.
    [Fact]
    public void What_came_with_a_later_release_may_be_missing_and_means_what_was_so_before()
    {
        int from = Repository.Quiet.IndexOf("\ngrowth:", StringComparison.Ordinal);
        int to = Repository.Quiet.IndexOf("\nregions:", StringComparison.Ordinal);
        string before = Repository.Quiet.Remove(from, to - from);
        ScenarioLoad load = ScenarioFile.Parse("x", before);
        Assert.Empty(load.Mistakes);
        Assert.Equal(GrowthSection.None, load.Scenario!.Growth);
        Assert.Equal(
            ScenarioText.Write(ScenarioFile.Parse("x", Repository.Quiet).Scenario!),
            ScenarioText.Write(load.Scenario));
        Mistake wrong = Assert.Single(
            ScenarioFile.Parse("x", before + "\ngrowht: {doublingDays: 1}\n").Mistakes);
        Assert.Contains("did you mean 'growth'?", wrong.ToString(), StringComparison.Ordinal);
        Assert.Equal(
            4,
            ScenarioFile.Parse("x", before + "\ngrowth: {doublingDays: 1}\n").Mistakes
                .Count(mistake => mistake.ToString().Contains("missing", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_file_that_is_too_large_is_refused_without_reading_it_whole()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, Repository.Quiet + new string('#', ScenarioFile.BytesMax));
            Assert.Equal(
                "big.yaml:1:1: larger than 1,048,576 bytes, which is the most a scenario may have",
                Assert.Single(ScenarioFile.Load(path, "big.yaml").Mistakes).ToString());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_file_that_is_not_text_is_refused()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, [0xff, 0xfe, 0xfd]);
            Assert.Equal("x:1:1: not UTF-8 "
                + "text", Assert.Single(ScenarioFile.Load(path, "x").Mistakes).ToString());
        }
        finally
        {
            File.Delete(path);
        }
    }

    // Loaders break on what YAML's own grammar gives a meaning, so that is what is put in.
    [Fact]
    public void No_spoilt_file_makes_the_loader_throw_or_hand_out_both()
    {
        string[] spoil =
        [
            "", ":", "-", "{", "}", "[", "]", "\"", "'", "&a", "*a", "!t", "|", ">", "%", "@", "`", "\t",
                "\n", "  ", "?",
            "# ", "---", "...", "0", "-1", "1e9", "~", "null", "\u0000", "\ud800", "\u2028", "<<: *a",
        ];
        Gen.Select(Gen.Int[0, Repository.Quiet.Length - 8], Gen.Int[0, 6], Gen.Int[0, spoil.Length - 1])
            .Array[1, 3]
            .Sample(
                spots =>
                {
                    string text = Repository.Quiet;
                    foreach ((int at, int length, int with) in spots)
                    {
                        int from = Math.Min(at, text.Length - 7);
                        text = text[..from] + spoil[with] + text[(from + length)..];
                    }

                    ScenarioLoad load = ScenarioFile.Parse("x", text);
                    return (load.Scenario is null) == (load.Mistakes.Length > 0);
                },
                iter: 5_000);
    }

    private static void Compare(Type type, JsonElement schema)
    {
        JsonElement properties = schema.GetProperty("properties");
        IEnumerable<PropertyInfo> members =
            type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(member => member.CanWrite);
        Assert.Equal(
            members.Select(member => JsonNamingPolicy.CamelCase.ConvertName(member.Name)),
            properties.EnumerateObject().Select(property => property.Name));
        foreach (PropertyInfo member in members)
        {
            JsonElement field = properties.GetProperty(JsonNamingPolicy.CamelCase.ConvertName(member.Name));
            Type kind = member.PropertyType;
            if (kind == typeof(ImmutableArray<NamedBounty>))
            {
                Compare(typeof(NamedBounty), field.GetProperty("items"));
            }
            else if (kind.Namespace == typeof(Scenario).Namespace)
            {
                Compare(kind, field);
            }
        }
    }
}

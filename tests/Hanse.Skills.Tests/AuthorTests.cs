using System;
using System.IO;
using System.Linq;
using System.Text;
using CsCheck;
using Hanse.Skills;
using Hanse.Skills.Author;
using Xunit;

namespace Hanse.Skills.Tests;

/// <summary>What an author writes by hand: read as it is meant, or refused with what is allowed.</summary>
public sealed class AuthorTests : IDisposable
{
    private const string Sound = """
        {
          "name": "dig-2", "version": "1.2.3-rc.1", "kind": "decide", "abi": 1, "imports": ["clock", "log"],
          "capabilities": ["drill", "ore-bin"], "memory_pages": 2, "fuel": 1000, "divergence_ppm": 10,
          "lineage": "dig"
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("hanse-author-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string? ProjectRefusal(string text)
    {
        File.WriteAllText(Path.Combine(_folder, SkillProject.FileName), text);
        SkillProject? project = SkillProject.Read(_folder, out string? refusal);
        Assert.True(project is null == refusal is not null);
        return refusal;
    }

    private static string? CaseRefusal(string text)
    {
        SkillCase? read = SkillCase.Parse("x", Encoding.UTF8.GetBytes(text), SkillFunction.Decide,
            out string? refusal);
        Assert.True(read is null == refusal is not null);
        return refusal;
    }

    [Fact]
    public void A_project_is_read_as_it_is_meant()
    {
        Assert.Null(ProjectRefusal(Sound));
        SkillProject project = SkillProject.Read(_folder, out _)!;
        Assert.Equal(
            ("dig-2", "1.2.3-rc.1", SkillFunction.Decide, 2, 1_000UL, "dig", 10),
            (project.Name, project.Version, project.Function, project.MemoryPages, project.FuelPerCall,
                project.Lineage, project.DivergencePpm));
        Assert.Equal(HostFunctions.Clock | HostFunctions.Log, project.Imports);
        Assert.Equal(["drill", "ore-bin"], project.Capabilities);
        Assert.Empty(project.Cases());

        Assert.Null(ProjectRefusal("""{"name": "x", "version": "1.0.0", "kind": "bid"}"""));
        project = SkillProject.Read(_folder, out _)!;
        Assert.Equal(
            (1, SkillPricing.Budget.Fuel, "x"), (project.MemoryPages, project.FuelPerCall, project.Lineage));
    }

    [Fact]
    public void What_it_is_written_in_shows_in_the_name_of_its_one_source()
    {
        Assert.Null(ProjectRefusal(Sound));
        SkillProject project = SkillProject.Read(_folder, out _)!;
        Assert.Null(project.Source(out _, out string? refusal));
        Assert.Contains("it has 0 sources of dig-2.c, dig-2.ts", refusal, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(_folder, "dig-2.rs"), "");
        Assert.Equal("dig-2.rs", project.Source(out SkillLanguage language, out _));
        Assert.Equal(SkillLanguage.Rust, language);
        File.WriteAllText(Path.Combine(_folder, "dig-2.wat"), "");
        Assert.Null(project.Source(out _, out refusal));
        Assert.Contains("it has 2 sources", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"dig-2\"", "\"../dig\"", "'name' is to be small letters")]
    [InlineData("\"dig-2\"", "\"\"", "'name'")]
    [InlineData("\"dig-2\"", "\"-x\"", "'name'")]
    [InlineData("\"1.2.3-rc.1\"", "\"1.2\"", "three numbers")]
    [InlineData("\"1.2.3-rc.1\"", "\"1.2.3-\"", "three numbers")]
    [InlineData("\"1.2.3-rc.1\"", "\"1.2.x\"", "three numbers")]
    [InlineData("\"dig-2\"", "\"dig/2\"", "'name'")]
    [InlineData("\"dig-2\"", "\"\\ud800\"", "a text in it is no text")]
    [InlineData("\"ore-bin\"", "\"drill\"", "in order, each once")]
    [InlineData("\"ore-bin\"", "\"Ore\"", "'capabilities' is to be small letters")]
    [InlineData("\"decide\"", "\"rule\"", "one of bid, decide")]
    [InlineData("\"abi\": 1", "\"abi\": 2", "'abi' is to be a whole number from 1 to 1")]
    [InlineData(": 2,", ": 17,", "from 1 to 16")]
    [InlineData(": 2,", ": 2.5,", "from 1 to 16")]
    [InlineData(": 1000,", ": 1e30,", "from 1 to 1000000000")]
    [InlineData("\"clock\"", "\"reboot\"", "no host has 'reboot'")]
    [InlineData("\"clock\"", "1", "'imports' is to be a list")]
    [InlineData("\"abi\": 1", "\"abi\": 1, \"abi\": 1", "no JSON")]
    [InlineData("\"abi\": 1", "\"abi\": 1, \"shell\": \"rm\"", "it has 'shell'; allowed: name")]
    [InlineData("\"version\": \"1.2.3-rc.1\",", "", "it lacks 'version'")]
    [InlineData("{", "[", "no JSON")]
    public void A_project_that_is_none_is_refused_with_what_is_allowed(
        string was, string becomes, string refusal)
    {
        int at = Sound.IndexOf(was, StringComparison.Ordinal);
        string? found = ProjectRefusal(Sound[..at] + becomes + Sound[(at + was.Length)..]);
        Assert.Contains(refusal, found, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_project_says_how_to_make_one()
    {
        Assert.Null(SkillProject.Read(_folder, out string? refusal));
        Assert.Contains("hanse skill new", refusal, StringComparison.Ordinal);
        Assert.Contains("longer than", ProjectRefusal(Sound + new string(' ', 70_000)),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "no object")]
    [InlineData("{}", "lacks 'question'")]
    [InlineData("""{"question": 5}""", "list of whole numbers")]
    [InlineData("""{"question": [1.5]}""", "whole numbers of 64 bits")]
    [InlineData("""{"question": [9223372036854775808]}""", "whole numbers of 64 bits")]
    [InlineData("""{"question": "abc"}""", "pairs of hexadecimal digits")]
    [InlineData("""{"question": "zz"}""", "pairs of hexadecimal digits")]
    [InlineData("""{"question": [], "answer": [1], "abstains": "Trap"}""", "an answer and none")]
    [InlineData("""{"question": [], "abstains": "TooSlow"}""", "one of Declined, OutOfFuel")]
    [InlineData("""{"question": [], "abstains": "None"}""", "one of Declined, OutOfFuel")]
    [InlineData("""{"question": [], "fuel": -1}""", "'fuel' is to be a whole number")]
    [InlineData("""{"question": [], "function": "selfcheck"}""", "one of bid, decide")]
    [InlineData("""{"question": [], "host": [{"call": "reboot"}]}""", "no host has 'reboot'")]
    [InlineData("""{"question": [], "host": [{"call": "telemetry"}]}""", "lacks 'argument'")]
    [InlineData("""{"question": [], "host": [{"call": "clock", "argument": 1}]}""", "from 0 to 0")]
    [InlineData("""{"question": [], "host": [{"call": "clock", "bytes": "00"}]}""", "only propose and log")]
    [InlineData("""{"question": [], "host": {}}""", "'host' is to be a list")]
    [InlineData("""{"question": [], "question": []}""", "no JSON")]
    [InlineData("""{"question": [[[[[[]]]]]]}""", "no JSON")]
    [InlineData("""{"question": [], "says": "\ud800"}""", "a text in it is no text")]
    [InlineData("""{"question": [], "\ud800": 1}""", "a text in it is no text")]
    [InlineData("""{"question": "\ud800"}""", "a text in it is no text")]
    [InlineData("""{"question": [], "expected": []}""", "it has 'expected'; allowed: says")]
    public void A_case_that_is_none_is_refused_with_what_is_allowed(string text, string refusal) =>
        Assert.Contains(refusal, CaseRefusal(text), StringComparison.Ordinal);

    [Fact]
    public void A_case_is_written_as_it_reads()
    {
        foreach (string name in new[] { "assay", "extraction", "haul", "minimum", "pricing" })
        {
            SkillProject project = Shipped.Project(name);
            foreach (string path in Directory.GetFiles(Path.Combine(project.Folder, "tests")))
            {
                SkillCase read = SkillCase.Read(path, project, out _)!;
                SkillCase again = SkillCase.Parse(
                    read.Name, Encoding.UTF8.GetBytes(read.ToText()), project.Function, out _)!;
                Assert.Equal(read.ToText(), again.ToText());
                Assert.Equal(
                    (read.Function, read.Expects, read.Fuel, read.Says),
                    (again.Function, again.Expects, again.Fuel, again.Says));
                Assert.Equal(read.Question, again.Question);
                Assert.Equal(read.Answer, again.Answer);
            }
        }

        const string hosted = """
            {
              "says": "quotes \" and backslashes \\ stay",
              "function": "decide",
              "question": "00ff",
              "fuel": 7,
              "host": [
                { "call": "telemetry", "argument": -3, "answer": -9223372036854775808 },
                { "call": "log", "bytes": "6f6b", "answer": 0 },
                { "call": "clock", "answer": 5 }
              ],
              "abstains": "Trap"
            }

            """;
        SkillCase with = SkillCase.Parse("x", Encoding.UTF8.GetBytes(hosted), SkillFunction.Bid,
            out string? no)!;
        Assert.Null(no);
        Assert.Equal(hosted.ReplaceLineEndings("\n"), with.ToText());
    }

    // Whatever is in a file, it is read or refused; nothing is thrown.
    [Fact]
    public void Spoilt_files_are_read_or_refused()
    {
        byte[] sound = File.ReadAllBytes(Path.Combine(Shipped.Root, "skills", "assay", "tests", "rich.json"));
        Gen.Select(Gen.Bool, Gen.Int[0, 3], Gen.Int[0, 10_000], Gen.Byte, Gen.Byte.Array[0, 20]).Sample(
            (isProject, how, where, value, any) =>
            {
                byte[] text = isProject ? Encoding.UTF8.GetBytes(Sound) : sound;
                int at = where % text.Length;
                byte[] spoilt = how switch
                {
                    0 => [.. text[..at], value, .. text[(at + 1)..]],
                    1 => [.. text[..at], .. any, .. text[at..]],
                    2 => text[..at],
                    _ => [.. text[..at], (byte)"{}[]\",:0-e\\"[value % 11], .. text[at..]],
                };
                if (isProject)
                {
                    File.WriteAllBytes(Path.Combine(_folder, SkillProject.FileName), spoilt);
                    Assert.True(SkillProject.Read(_folder, out string? why) is null == why is not null);
                    return;
                }

                SkillCase? read = SkillCase.Parse("x", spoilt, SkillFunction.Decide, out string? refusal);
                Assert.True(read is null == refusal is not null);
                if (read is not null)
                {
                    Assert.NotNull(SkillCase.Parse(
                        "x", Encoding.UTF8.GetBytes(read.ToText()), SkillFunction.Decide, out _));
                }
            },
            iter: 20_000, threads: 1);
    }
}

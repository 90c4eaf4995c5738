using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Hanse.Cli.Tests.Commands;
using Hanse.Core.Journal;
using Hanse.Skills;
using Xunit;

namespace Hanse.Cli.Tests.Skills;

/// <summary>The author's path: from an empty folder to a skill that passes.</summary>
/// <remarks>Once as the program itself (<see cref="Another(string[])"/>), and wherever it is claimed of
/// another process; the rest takes the same commands in this one, which saves it a start each. What compiles
/// modules is a process of its own in any case.</remarks>
public sealed class SkillAuthorTests : IDisposable
{
    private static readonly string _skills = Path.Combine(Repository.Root, "skills");

    private readonly string _folder = Directory.CreateTempSubdirectory("hanse-skill-").FullName;

    private string _output = "";
    private string _error = "";

    private readonly Rig _rig = new();

    // Whether commands are given to a process of their own.
    private bool _isAnother;

    public void Dispose()
    {
        _rig.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string At(params string[] names) => Path.Combine([_folder, .. names]);

    private int Run(params string[] arguments)
    {
        if (_isAnother)
        {
            return Another(arguments);
        }

        int code = _rig.Run(["skill", .. arguments]);
        (_output, _error) = (_rig.Output, _rig.Error);
        return code;
    }

    private int Another(params string[] arguments) => AnotherWith(null, arguments);

    private int AnotherWith(string? path, params string[] arguments)
    {
        string dotnet = Environment.ProcessPath is { } own
            && Path.GetFileNameWithoutExtension(own) == "dotnet" ? own : "dotnet";
        var start = new ProcessStartInfo(dotnet)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "hanse.dll"));
        start.ArgumentList.Add("skill");
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        if (path is not null)
        {
            start.Environment["PATH"] = path;
        }

        using Process process = Process.Start(start)!;
        _output = process.StandardOutput.ReadToEnd();
        _error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }

    // If it is installed beside the skill that is written in it, it is found from here as well.
    private void LendAssemblyScript()
    {
        string modules = Path.Combine(_skills, "assay", "node_modules");
        if (Directory.Exists(modules) && !OperatingSystem.IsWindows())
        {
            _ = Directory.CreateSymbolicLink(At("node_modules"), modules);
        }
    }

    private void Fine(params string[] arguments) =>
        Assert.True(Run(arguments) == 0, $"{string.Join(' ', arguments)}: {_output} {_error}");

    // What compilers this machine has decides which of these say something; WAT needs none.
    [Theory]
    [InlineData("wat", "decide")]
    [InlineData("wat", "bid")]
    [InlineData("c", "decide")]
    [InlineData("c", "bid")]
    [InlineData("rust", "decide")]
    [InlineData("rust", "bid")]
    [InlineData("assemblyscript", "decide")]
    [InlineData("assemblyscript", "bid")]
    public void A_new_skill_builds_and_passes_at_once(string language, string kind)
    {
        string folder = At("first");
        _isAnother = language == "wat" && kind == "decide";
        LendAssemblyScript();
        Fine("new", "first", "--lang", language, "--kind", kind, "--folder", folder);
        int code = Run("build", folder);
        if (code == 2 && language != "wat")
        {
            Assert.Contains("is not on this machine; install it with '", _error, StringComparison.Ordinal);
            Assert.Single(_error.Trim().Split('\n'));
            Assert.False(File.Exists(Path.Combine(folder, "first.wasm")));
            Assert.Skip($"no compiler for {language} here");
        }

        Assert.True(code == 0, _error);
        string digest = Digest.Of(File.ReadAllBytes(Path.Combine(folder, "first.wasm"))).ToString();
        Assert.Contains("digest    " + digest, _output, StringComparison.Ordinal);
        Fine("test", folder);
        Assert.Contains("selfcheck", _output, StringComparison.Ordinal);
        Assert.Contains(", 0 failed; module " + digest, _output, StringComparison.Ordinal);
        Fine("build", folder);
        Assert.Contains("the same bytes as before", _output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pricing")]
    [InlineData("extraction")]
    [InlineData("haul")]
    [InlineData("minimum")]
    [InlineData("assay")]
    public void A_shipped_skill_passes_and_is_built_of_its_source(string name)
    {
        // In a copy, so that nobody who reads the shipped one meets it half written.
        string folder = At(name);
        LendAssemblyScript();
        string shipped = Path.Combine(_skills, name);
        foreach (string path in Directory.GetFiles(shipped, "*", SearchOption.AllDirectories)
            .Where(path => !path.Contains("node_modules", StringComparison.Ordinal)))
        {
            string to = Path.Combine(folder, Path.GetRelativePath(shipped, path));
            _ = Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(path, to);
        }

        Fine("test", folder);
        int code = Run("build", folder);
        if (code == 2)
        {
            Assert.Contains("is not on this machine", _error, StringComparison.Ordinal);
            Assert.Skip($"no compiler for {name} here");
        }

        if (!_output.Contains("clang-19\n", StringComparison.Ordinal)
            && !_output.Contains("asc 0.28.20", StringComparison.Ordinal) && name != "minimum")
        {
            Assert.Skip("another version of the compiler makes other bytes");
        }

        Assert.Contains("the same bytes as before", _output, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_compiler_it_is_said_in_one_line_what_to_install()
    {
        foreach ((string language, string package) in new[]
        {
            ("c", "apt-get install -y --no-install-recommends clang-19 lld-19 libclang-rt-19-dev-wasm32"),
            ("assemblyscript", "apt-get install -y --no-install-recommends nodejs npm"),
        })
        {
            Fine("new", "x", "--lang", language, "--folder", At(language));
            Assert.Equal(2, AnotherWith(At("empty"), "build", At(language)));
            Assert.Contains(package, _error, StringComparison.Ordinal);
            Assert.Single(_error.Trim().Split('\n'));
        }
    }

    [Fact]
    public void What_is_wrong_is_said_and_the_module_of_before_stays()
    {
        string folder = At("w");
        Fine("new", "w", "--lang", "wat", "--folder", folder);
        Assert.Equal(2, Run("new", "w", "--lang", "wat", "--folder", folder));
        Assert.Contains("is there and not empty", _error, StringComparison.Ordinal);
        Assert.Equal(2, Run("new", "../w", "--lang", "wat"));
        Assert.Contains("is no name for a skill", _error, StringComparison.Ordinal);
        Assert.Equal(2, Run("new", "w", "--lang", "cobol"));
        Assert.Equal(2, Run("test", folder));
        Assert.Contains("hanse skill build", _error, StringComparison.Ordinal);
        Assert.Equal(2, Run("test", _folder));
        Assert.Contains("hanse skill new", _error, StringComparison.Ordinal);
        Assert.Equal(3, Run("test", At("nowhere")));

        Fine("build", folder);
        byte[] before = File.ReadAllBytes(Path.Combine(folder, "w.wasm"));
        string source = Path.Combine(folder, "w.wat");
        string sound = File.ReadAllText(source);
        foreach ((string text, string refusal) in new[]
        {
            ("(module", "the text is no module"),
            (sound.Replace("1 1)", "1 2)", StringComparison.Ordinal), "its memory may grow to 2 pages"),
            (sound.Replace("(module", "(module (import \"hanse\" \"clock\" (func (result i64)))",
                StringComparison.Ordinal), "which it is not granted"),
            (sound.Replace("\"decide\"", "\"decides\"", StringComparison.Ordinal), "neither bid nor decide"),
        })
        {
            File.WriteAllText(source, text);
            Assert.Equal(2, Run("build", folder));
            Assert.Contains(refusal, _error, StringComparison.Ordinal);
            Assert.Equal(before, File.ReadAllBytes(Path.Combine(folder, "w.wasm")));
            Assert.Empty(Directory.GetFiles(folder, ".*.wasm"));
        }

        File.Delete(source);
        Assert.Equal(2, Run("build", folder));
        Assert.Contains("it has 0 sources of w.c, w.ts, w.rs, w.wat", _error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_difference_is_found_and_new_cases_are_recorded()
    {
        string folder = At("w");
        Fine("new", "w", "--lang", "wat", "--folder", folder);
        Fine("build", folder);
        string fresh = Path.Combine(folder, "tests", "fresh.json");
        File.WriteAllText(fresh, """{"says": "new", "question": [7, 9]}""");
        Fine("test", folder);
        Assert.Contains("nothing expected", _output, StringComparison.Ordinal);
        Fine("test", folder, "--record");
        Assert.Contains("recorded: answer  0000000000000000", _output, StringComparison.Ordinal);
        Assert.Contains("\"answer\": [0]", File.ReadAllText(fresh), StringComparison.Ordinal);
        Fine("test", folder);

        File.WriteAllText(fresh, """{"question": [7, 9], "answer": [1]}""");
        Assert.Equal(1, Run("test", folder, "--record"));
        Assert.Contains("DIFFERS: the answers differ from byte 0 on", _output, StringComparison.Ordinal);
        Assert.Contains("4 cases, 1 failed", _output, StringComparison.Ordinal);
        Assert.Contains("[1]", File.ReadAllText(fresh), StringComparison.Ordinal);
        File.WriteAllText(fresh, """{"question": [7, 9], "fuel": 5, "abstains": "OutOfFuel"}""");
        Fine("test", folder);
        File.WriteAllText(fresh, "{");
        Assert.Equal(2, Run("test", folder));
        Assert.Contains("is not taken as a case", _error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_skill_that_asks_its_host_is_told_what_the_case_says()
    {
        string folder = At("w");
        Fine("new", "w", "--lang", "wat", "--folder", folder);
        string source = Path.Combine(folder, "w.wat");
        File.WriteAllText(source, File.ReadAllText(source)
            .Replace("(module",
                """(module (import "hanse" "telemetry" (func $look (param i32) (result i64)))""",
                StringComparison.Ordinal)
            .Replace("(i64.load offset=8 (local.get $at))", "(call $look (i32.const 4))",
                StringComparison.Ordinal)
            .Replace("(func (export \"selfcheck\")", "(func (export \"other\")", StringComparison.Ordinal));
        string project = Path.Combine(folder, "skill.json");
        File.WriteAllText(project, File.ReadAllText(project)
            .Replace("\"imports\": []", "\"imports\": [\"telemetry\"]", StringComparison.Ordinal));
        Fine("build", folder);
        Assert.Contains("asks for  Telemetry", _output, StringComparison.Ordinal);
        Directory.Delete(Path.Combine(folder, "tests"), recursive: true);
        _ = Directory.CreateDirectory(Path.Combine(folder, "tests"));
        string one = Path.Combine(folder, "tests", "one.json");
        File.WriteAllText(one, """{"question": [5, 0]}""");
        Fine("test", folder, "--record");
        Assert.Contains(
            """{ "call": "telemetry", "argument": 4, "answer": 0 }""", File.ReadAllText(one),
            StringComparison.Ordinal);
        Assert.Contains("\"answer\": [1]", File.ReadAllText(one), StringComparison.Ordinal);
        File.WriteAllText(one, File.ReadAllText(one).Replace("\"answer\": 0 }", "\"answer\": 6 }",
            StringComparison.Ordinal));
        Assert.Equal(1, Run("test", folder));
        File.WriteAllText(one, File.ReadAllText(one).Replace("[1]", "[0]", StringComparison.Ordinal));
        Fine("test", folder);
        File.WriteAllText(one, File.ReadAllText(one).Replace("\"argument\": 4", "\"argument\": 5",
            StringComparison.Ordinal));
        Assert.Equal(1, Run("test", folder));
        Assert.Contains(
            "it asks its host telemetry(4), the case has telemetry(5) there", _output,
                StringComparison.Ordinal);
    }

    [Fact]
    public void A_recorded_decision_is_taken_again_in_another_process()
    {
        string record = At("rich.decision");
        string assay = Path.Combine(_skills, "assay", "assay.wasm");
        Fine("run", assay, "--case", Path.Combine(_skills, "assay", "tests", "rich.json"), "--record",
            record);
        Assert.True(Another("replay", record, "--module", assay) == 0, _error);
        Assert.StartsWith("bit-identical: decide, 56 bytes of answer, 0 questions", _output,
            StringComparison.Ordinal);
        Fine("replay", record, "--module", _skills);
        Assert.StartsWith("bit-identical", _output, StringComparison.Ordinal);
        Assert.Equal(2, Run("replay", record, "--module", Path.Combine(_skills, "haul", "haul.wasm")));
        Assert.Contains("not compared, another module", _output, StringComparison.Ordinal);
        Assert.Equal(2, Run("replay", record, "--module", _folder));
        Assert.Contains("no module in", _error, StringComparison.Ordinal);

        byte[] bytes = File.ReadAllBytes(record);
        DecisionRecord sound = DecisionRecord.TryRead(bytes, out DecisionRecord? read, out _) ? read : null!;
        Told(sound with { Answer = sound.Answer.SetItem(8, (byte)(sound.Answer[8] ^ 1)) }, 1,
            "differs at byte 8");
        Told(sound with { Fuel = sound.Fuel + 1 }, 1, "differs at fuel: recorded");
        Told(sound with { Reason = AbstainReason.Declined, Answer = [] }, 1, "differs at how it ends");
        Told(sound with { Reason = AbstainReason.TooSlow, Answer = [] }, 2, "nobody is held to it");
        Told(sound with { Fingerprint = "wasmtime/51.0.0/x" }, 2, "not compared, another engine");
        File.WriteAllBytes(record, bytes[..^1]);
        Assert.Equal(2, Run("replay", record, "--module", assay));
        Assert.Contains("it is no recorded decision: at byte", _error, StringComparison.Ordinal);
        using (FileStream large = File.Create(record))
        {
            large.SetLength(DecisionRecord.BytesMax + 1);
        }

        Assert.Equal(2, Run("replay", record, "--module", assay));
        Assert.Contains("allowed: up to", _error, StringComparison.Ordinal);
        Assert.Equal(3, Run("replay", At("nothing.decision")));

        void Told(DecisionRecord changed, int code, string words)
        {
            File.WriteAllBytes(record, changed.ToBytes());
            Assert.Equal(code, Run("replay", record, "--module", assay));
            Assert.Contains(words, _output, StringComparison.Ordinal);
        }
    }

    // Bits and fuel are those that are committed, in whatever process.
    [Fact]
    public void Another_process_says_the_same()
    {
        _isAnother = true;
        foreach ((string name, string line) in new[]
        {
            ("assay", "rich                        2,194 of 1,000,000 fuel  as expected"),
            ("haul", "ten-sites       2,803,089 of 10,000,000 fuel  as expected"),
            ("extraction", "largest        1,371 of 100,000 fuel  as expected"),
            ("pricing", "worn-out    1,030 of 100,000 fuel  as expected"),
            ("minimum", "something  6 of 100 fuel  as expected"),
        })
        {
            Fine("test", Path.Combine(_skills, name));
            Assert.Contains(line, _output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_price_is_recorded_and_taken_again()
    {
        string record = At("bid.decision");
        Fine(
            "run", Path.Combine(_skills, "pricing", "pricing.wasm"), "--case",
            Path.Combine(_skills, "pricing", "tests", "two-tonnes.json"), "--record", record);
        Assert.Contains("answer  3423050000000000920a030000000000", _output, StringComparison.Ordinal);
        Fine("replay", record, "--module", _skills);
        Assert.StartsWith("bit-identical: bid, 16 bytes", _output, StringComparison.Ordinal);
        Assert.Equal(1, Run(
            "run", Path.Combine(_skills, "pricing", "pricing.wasm"), "--case",
            Path.Combine(_skills, "pricing", "tests", "nothing.json"), "--record", record));
        Fine("replay", record, "--module", _skills);
        Assert.StartsWith("bit-identical: bid, abstains, declined", _output, StringComparison.Ordinal);
    }
}

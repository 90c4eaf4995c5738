using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Hanse.Core.Journal;
using Hanse.Skills;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse skill replay</c>: takes a recorded decision again.</summary>
internal static class SkillReplayCommand
{
    private const int ModulesMax = 10_000;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var file = new Argument<string>("DECISION")
        {
            Description = "A decision that 'hanse skill run --record' wrote.",
        };
        var module = new Option<string>("--module")
        {
            Description = "The module, or a folder with modules, of which that with the recorded digest is "
                + "taken; the current folder unless given.",
            DefaultValueFactory = _ => ".",
            HelpName = "PATH",
        };
        var command = new Command(
            "replay", "Takes a recorded decision again, with what the host answered then, and says whether "
                + "it is bit-identical or where it differs first. Exit code 1 when it differs, 2 when there "
                + "is nothing to compare.\n\n" + ExitCode.Guide)
        {
            file, module,
        };
        command.SetAction(parsed =>
        {
            InvocationConfiguration console = parsed.InvocationConfiguration;
            string path = parsed.GetRequiredValue(file);
            return SkillFiles.Guarded(
                path, console, () => Replay(path, parsed.GetRequiredValue(module), console));
        });
        return command;
    }

    private static int Replay(string path, string module, InvocationConfiguration console)
    {
        if (SkillFiles.Bytes(path, DecisionRecord.BytesMax, console) is not { } bytes)
        {
            return ExitCode.Refused;
        }

        if (!DecisionRecord.TryRead(bytes, out DecisionRecord? record, out string? refusal))
        {
            console.Error.WriteLine($"hanse: {path}: {refusal}");
            return ExitCode.Refused;
        }

        if (Find(module, record.Module) is not { } found)
        {
            console.Error.WriteLine(
                $"hanse: no module in {module} has the recorded digest {record.Module}; give --module");
            return ExitCode.Refused;
        }

        using var engine = new SkillEngine();
        using Skill? skill = SkillCommand.Load(engine, found, (HostFunctions)(-1), console.Error);
        if (skill is null)
        {
            return ExitCode.Refused;
        }

        using var workers = new SkillWorkers(1);
        ReplayVerdict verdict =
            workers.Run(() => DecisionReplay.Of(record, skill)).GetAwaiter().GetResult();
        return Say(record, verdict, console);
    }

    private static int Say(DecisionRecord record, ReplayVerdict verdict, InvocationConfiguration console)
    {
        string place = verdict.Difference switch
        {
            ReplayDifference.HostCall => $"question {verdict.At + 1} to the host",
            ReplayDifference.Answer => $"byte {verdict.At} of the answer",
            ReplayDifference.Reason => "how it ends",
            ReplayDifference.Fuel => "fuel",
            ReplayDifference.Module => "module",
            ReplayDifference.Fingerprint => "engine",
            _ => "",
        };
        (string text, int code) = verdict.Outcome switch
        {
            ReplayOutcome.Identical => (
                $"bit-identical: {record.Function.ExportName()}, "
                    + (record.Reason == AbstainReason.None
                        ? $"{SkillFiles.Number(record.Answer.Length)} bytes of answer"
                        : $"abstains, {SkillCommand.Word(record.Reason)}")
                    + $", {record.Calls.Length} questions to the host, "
                    + $"{SkillFiles.Number((long)record.Fuel)} of fuel", ExitCode.Fine),
            ReplayOutcome.Differs => ($"differs at {place}: {verdict.Detail}", ExitCode.Broken),
            ReplayOutcome.NotComparable => (
                $"not compared, another {place}: {verdict.Detail}", ExitCode.Refused),
            ReplayOutcome.NotAttestable => ($"not compared: {verdict.Detail}", ExitCode.Refused),
            ReplayOutcome.Inconclusive => ($"no verdict: {verdict.Detail}", ExitCode.Environment),
            _ => throw new UnreachableException($"no word for {verdict.Outcome}"),
        };
        console.Output.WriteLine(text);
        return code;
    }

    // A file is taken as it is, so that another module than the recorded one can be named as such.
    private static string? Find(string path, Digest wanted)
    {
        if (!Directory.Exists(path))
        {
            return path;
        }

        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 8 };
        return Directory.EnumerateFiles(path, "*.wasm", options).Take(ModulesMax)
            .Where(file => new FileInfo(file).Length <= ModuleLimits.ModuleBytesMax)
            .FirstOrDefault(file => Digest.Of(File.ReadAllBytes(file)) == wanted);
    }
}

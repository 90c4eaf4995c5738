using System;
using System.CommandLine;
using System.IO;
using System.Linq;
using Hanse.Skills;
using Hanse.Skills.Author;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse skill run</c>: one question, asked in the sandbox.</summary>
internal static class SkillRunCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string> file =
            new("MODULE") { Description = "A file with a module of WebAssembly." };
        var function = new Option<string>("--function")
        {
            Description = "What it is to do: decide, bid or selfcheck.",
            DefaultValueFactory = _ => "decide",
            HelpName = "FUNCTION",
        };
        _ = function.AcceptOnlyFromAmong(
            [.. Enum.GetValues<SkillFunction>().Select(known => known.ExportName())]);
        var input = new Option<string?>("--input")
        {
            Description = "A file with the question; nothing unless given.",
            HelpName = "FILE",
        };
        var from = new Option<string?>("--case")
        {
            Description = "A case of a skill, for its function, its question and what its host answers.",
            HelpName = "FILE",
        };
        var fuel = new Option<ulong?>("--fuel")
        {
            Description = "Steps that it may take; the case's own, or "
                + $"{SkillFiles.Number((long)SkillBudget.Decision.Fuel)}, unless given.",
            HelpName = "N",
        };
        var record = new Option<string?>("--record")
        {
            Description = "Write the decision to a file, for 'hanse skill replay'.",
            HelpName = "FILE",
        };
        var command = new Command(
            "run", "Has a skill decide one question in the sandbox, with nothing of the world but that, and "
                + "says what came of it: the answer in hexadecimal, or why there is none.\n\n"
                + ExitCode.Guide)
        {
            file, function, input, from, fuel, record,
        };
        command.SetAction(parsed =>
        {
            InvocationConfiguration console = parsed.InvocationConfiguration;
            string path = parsed.GetRequiredValue(file);
            return SkillFiles.Guarded($"{path} or its input", console, () =>
            {
                SkillFunction asked = Enum.GetValues<SkillFunction>()
                    .First(known => known.ExportName() == parsed.GetRequiredValue(function));
                if (parsed.GetValue(from) is { } named && parsed.GetValue(input) is not null)
                {
                    console.Error.WriteLine($"hanse: give --input or --case {named}, not both");
                    return ExitCode.Refused;
                }

                if (!TryQuestion(
                    parsed.GetValue(input), parsed.GetValue(from), ref asked, out byte[] question,
                    out HostCall[] answers, out ulong? own, console))
                {
                    return ExitCode.Refused;
                }

                ulong allowed = parsed.GetValue(fuel) ?? own ?? SkillBudget.Decision.Fuel;
                if (allowed > SkillProject.FuelMax)
                {
                    console.Error.WriteLine(
                        $"hanse: fuel is up to {SkillFiles.Number(SkillProject.FuelMax)}");
                    return ExitCode.Refused;
                }

                return Run(path, asked, question, answers, allowed, parsed.GetValue(record), console);
            });
        });
        return command;
    }

    private static bool TryQuestion(
        string? input, string? from, ref SkillFunction function, out byte[] question, out HostCall[] answers,
        out ulong? fuel, InvocationConfiguration console)
    {
        (question, answers, fuel) = ([], [], null);
        if (input is not null)
        {
            byte[]? read = SkillFiles.Bytes(input, DecisionRecord.InputBytesMax, console);
            question = read ?? [];
            return read is not null;
        }

        if (from is null)
        {
            return true;
        }

        if (SkillFiles.Bytes(from, SkillCase.FileBytesMax, console) is not { } text)
        {
            return false;
        }

        SkillCase? read2 = SkillCase.Parse(from, text, function, out string? refusal);
        if (read2 is null)
        {
            console.Error.WriteLine($"hanse: {from} is not taken as a case: {refusal}");
            return false;
        }

        (function, question, answers, fuel) =
            (read2.Function, read2.Question, [.. read2.Host], read2.Fuel);
        return true;
    }

    private static int Run(
        string path, SkillFunction function, byte[] question, HostCall[] answers, ulong fuel, string? record,
        InvocationConfiguration console)
    {
        HostFunctions granted = answers.Aggregate(
            HostFunctions.None, (all, call) => all | call.Function);
        using var engine = new SkillEngine();
        using Skill? skill = SkillCommand.Load(engine, path, granted, console.Error);
        if (skill is null)
        {
            return ExitCode.Refused;
        }

        SkillBudget budget = SkillBudget.Decision with { Fuel = fuel };
        using var workers = new SkillWorkers(1);
        SkillResult result = workers.Run(() => skill.Run(
            function, question, budget, new ReplayedHost(answers))).GetAwaiter().GetResult();
        console.Output.WriteLine($"fuel    {SkillFiles.Number((long)result.Fuel)}");
        console.Output.WriteLine(SkillFiles.Outcome(result));
        if (record is not null)
        {
            File.WriteAllBytes(
                record, DecisionRecord.Of(skill.Digest, function, question, budget, result).ToBytes());
            console.Output.WriteLine($"record  {record}"
                + (result.IsAttestable ? "" : "; nobody is held to it, since it is not the same everywhere"));
        }

        return result.IsAnswered ? ExitCode.Fine : ExitCode.Broken;
    }
}

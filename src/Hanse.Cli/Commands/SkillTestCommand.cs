using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using Hanse.Skills;
using Hanse.Skills.Author;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse skill test</c>: puts recorded questions to a skill.</summary>
internal static class SkillTestCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string> folder = SkillFiles.FolderArgument();
        var record = new Option<bool>("--record")
        {
            Description = "Write what the skill says into the cases that expect nothing yet.",
        };
        var command = new Command(
            "test", "Has a skill look at itself, and puts every case in its folder 'tests' to it: each "
                + "twice, the second time compiled otherwise, which must not show.\n\n" + ExitCode.Guide)
        {
            folder, record,
        };
        command.SetAction(parsed =>
        {
            InvocationConfiguration console = parsed.InvocationConfiguration;
            string path = parsed.GetRequiredValue(folder);
            return SkillFiles.Guarded(path, console, () =>
                SkillFiles.Project(path, console) is { } project
                    ? Test(project, parsed.GetValue(record), console) : ExitCode.Refused);
        });
        return command;
    }

    private static int Test(SkillProject project, bool records, InvocationConfiguration console)
    {
        if (!File.Exists(project.ModulePath))
        {
            console.Error.WriteLine(
                $"hanse: there is no {project.ModulePath} yet; make it with 'hanse skill build'");
            return ExitCode.Refused;
        }

        var cases = new List<(string Path, SkillCase Case)>();
        foreach ((string path, SkillCase? read, string? refusal) in project.Cases())
        {
            if (read is null || cases.Count == SkillProject.CasesMax)
            {
                console.Error.WriteLine(
                    $"hanse: {path} is not taken as a case: "
                        + (refusal ?? $"a skill has up to {SkillProject.CasesMax}"));
                return ExitCode.Refused;
            }

            cases.Add((path, read));
        }

        // The child's compiler has taken it within its limits: another compiler may take it here.
        using var engine = new SkillEngine();
        using Skill? skill = SkillCommand.Load(engine, project.ModulePath, project.Imports, console.Error);
        if (skill is null)
        {
            return ExitCode.Refused;
        }

        using var plain = new SkillEngine(isPooled: false, isOptimised: false);
        using Skill second = Skill.Load(
            plain, File.ReadAllBytes(project.ModulePath), project.Imports, out _)!;
        using var workers = new SkillWorkers(1);
        int failed = SelfCheck(project, skill, workers, console);
        int width = Math.Max(9, cases.Select(one => one.Case.Name.Length).DefaultIfEmpty().Max());
        foreach ((string path, SkillCase asked) in cases)
        {
            bool isNew = records && asked.Expects is null;
            CaseRun run = workers.Run(() => CaseRun.Of(project, asked, skill, second, isNew))
                .GetAwaiter().GetResult();
            if (isNew && run.Difference is null && run.Result.IsAttestable)
            {
                File.WriteAllText(path, asked.Expecting(run.Result).ToText());
            }

            failed += run.Difference is null ? 0 : 1;
            console.Output.WriteLine($"{asked.Name.PadRight(width)}  {Fuel(run)}  {Word(run, isNew)}");
        }

        console.Output.WriteLine(
            $"{cases.Count} cases, {failed} failed; module {skill.Digest}, engine {SkillEngine.Fingerprint}");
        return failed > 0 ? ExitCode.Broken : ExitCode.Fine;
    }

    private static int SelfCheck(
        SkillProject project, Skill skill, SkillWorkers workers, InvocationConfiguration console)
    {
        if (!skill.Has(SkillAbi.SelfCheckFunction))
        {
            return 0;
        }

        SkillResult result = workers.Run(() => skill.SelfCheck(project.Budget, NoHost.Instance))
            .GetAwaiter().GetResult();
        console.Output.WriteLine($"selfcheck  {SkillFiles.Number((long)result.Fuel)} of fuel  "
            + (result.IsAnswered ? "in order" : SkillFiles.Outcome(result)));
        return result.IsAnswered ? 0 : 1;
    }

    private static string Fuel(CaseRun run) =>
        $"{SkillFiles.Number((long)run.Result.Fuel)} of {SkillFiles.Number((long)run.FuelMax)} fuel";

    private static string Word(CaseRun run, bool isNew) => run.Difference is not null
        ? "DIFFERS: " + run.Difference
        : isNew
        ? (run.Result.IsAttestable ? "recorded: " : "not recorded, since it is not the same everywhere: ")
            + SkillFiles.Outcome(run.Result)
        : run.Case.Expects is null
        ? "nothing expected; --record writes in: " + SkillFiles.Outcome(run.Result)
        : run.Result.IsAnswered ? "as expected"
        : $"as expected: {SkillCommand.Word(run.Result.Reason)}";
}

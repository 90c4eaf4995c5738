using System;
using System.CommandLine;
using System.IO;
using Hanse.Cli.Skills;
using Hanse.Skills;
using Hanse.Skills.Author;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse skill build</c>: from a source to a module that a host takes.</summary>
internal static class SkillBuildCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string> folder = SkillFiles.FolderArgument();
        var install = new Option<bool>("--install")
        {
            Description = "Install the compiler when it is not on this machine.",
        };
        var command = new Command(
            "build", "Compiles a skill with what is on this machine, and checks that a host takes it. The "
                + "module of before stays when it does not.\n\n" + ExitCode.Guide)
        {
            folder, install,
        };
        command.SetAction(parsed =>
        {
            InvocationConfiguration console = parsed.InvocationConfiguration;
            string path = parsed.GetRequiredValue(folder);
            return SkillFiles.Guarded(path, console, () =>
                SkillFiles.Project(path, console) is { } project
                    ? Build(project, parsed.GetValue(install), console) : ExitCode.Refused);
        });
        return command;
    }

    private static readonly string _mostBytes = SkillFiles.Number(ModuleLimits.ModuleBytesMax);

    private static int Build(SkillProject project, bool installs, InvocationConfiguration console)
    {
        string draft = $".{project.Name}.new.wasm";
        string draftPath = Path.Combine(project.Folder, draft);
        try
        {
            string? failure = Toolchain.Build(project, draft, out string tool, out Missing? missing);
            if (missing is not null && installs)
            {
                console.Error.WriteLine($"hanse: {missing.What} is not here; {missing.Line}");
                failure = Toolchain.Install(missing, project.Folder)
                    ?? Toolchain.Build(project, draft, out tool, out missing);
            }

            if (failure is not null)
            {
                console.Error.WriteLine(missing is null ? $"hanse: {failure}"
                    : $"hanse: {missing.What} is not on this machine; install it with '{missing.Line}', or "
                        + "give --install");
                return ExitCode.Refused;
            }

            return Take(project, draftPath, tool, console);
        }
        finally
        {
            File.Delete(draftPath);
        }
    }

    private static int Take(
        SkillProject project, string draft, string tool, InvocationConfiguration console)
    {
        using var engine = new SkillEngine();
        using Skill? skill = SkillCommand.Load(engine, draft, project.Imports, console.Error);
        if (skill is null)
        {
            return ExitCode.Refused;
        }

        if (!skill.Has(project.Function.ExportName()))
        {
            console.Error.WriteLine(
                $"hanse: {SkillProject.FileName} says kind {project.Function.ExportName()}, which the module "
                    + "does not export");
            return ExitCode.Refused;
        }

        byte[] module = File.ReadAllBytes(draft);
        int pages = ModuleScan.Of(module, out _)!.MemoryPages;
        if (pages > project.MemoryPages)
        {
            console.Error.WriteLine(
                $"hanse: its memory may grow to {pages} pages; {SkillProject.FileName} says "
                    + $"{project.MemoryPages}");
            return ExitCode.Refused;
        }

        bool isSame = File.Exists(project.ModulePath)
            && module.AsSpan().SequenceEqual(File.ReadAllBytes(project.ModulePath));
        if (!isSame)
        {
            File.Move(draft, project.ModulePath, overwrite: true);
        }

        console.Output.WriteLine($"""
            built by  {tool}
            module    {project.ModulePath}{(isSame ? ", the same bytes as before" : "")}
            digest    {skill.Digest}
            size      {SkillFiles.Number(module.Length)} bytes of {_mostBytes}
            memory    up to {SkillFiles.Number(pages * SkillAbi.PageBytes / 1024)} KiB
            asks for  {(skill.Asks == HostFunctions.None ? "nothing" : skill.Asks)}
            """);
        return ExitCode.Fine;
    }
}

using System.CommandLine;
using System.IO;
using System.Linq;
using Hanse.Cli.Skills;
using Hanse.Skills;
using Hanse.Skills.Author;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse skill new</c>: a folder with a skill that builds and passes its tests.</summary>
internal static class SkillNewCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var name = new Argument<string>("NAME")
        {
            Description = "The skill's name: small letters, digits and hyphens, a letter first.",
        };
        var language = new Option<string>("--lang")
        {
            Description = "What it is written in: c, assemblyscript, rust, or wat, which needs no compiler.",
            Required = true,
            HelpName = "LANGUAGE",
        };
        _ = language.AcceptOnlyFromAmong([.. SkillProject.Languages.Select(known => known.Word)]);
        var kind = new Option<string>("--kind")
        {
            Description = "What it does: decide, bytes for bytes, or bid, which prices a trip.",
            DefaultValueFactory = _ => "decide",
            HelpName = "KIND",
        };
        _ = kind.AcceptOnlyFromAmong([.. SkillProject.Kinds.Select(known => known.Word)]);
        var folder = new Option<string?>("--folder")
        {
            Description = "Where to; a new folder of the skill's name unless given.",
            HelpName = "FOLDER",
        };
        var command = new Command(
            "new", "Makes a folder with a small skill, its cases and how to build it.\n\n" + ExitCode.Guide)
        {
            name, language, kind, folder,
        };
        command.SetAction(parsed =>
        {
            InvocationConfiguration console = parsed.InvocationConfiguration;
            string called = parsed.GetRequiredValue(name);
            if (!SkillProject.IsName(called))
            {
                console.Error.WriteLine(
                    $"hanse: '{called}' is no name for a skill: small letters, digits and hyphens, a letter "
                        + $"first, up to {SkillProject.NameMax}");
                return ExitCode.Refused;
            }

            string to = parsed.GetValue(folder) ?? called;
            return SkillFiles.Guarded(to, console, () => Lay(
                to, called,
                SkillProject.Languages.First(known => known.Word == parsed.GetRequiredValue(language)).Value,
                SkillProject.Kinds.First(known => known.Word == parsed.GetRequiredValue(kind)).Value,
                console));
        });
        return command;
    }

    private static int Lay(
        string folder, string name, SkillLanguage language, SkillFunction function,
        InvocationConfiguration console)
    {
        if (File.Exists(folder)
            || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
        {
            console.Error.WriteLine($"hanse: {folder} is there and not empty; give another --folder");
            return ExitCode.Refused;
        }

        _ = Directory.CreateDirectory(folder);
        foreach (string path in SkillTemplate.Lay(folder, name, language, function))
        {
            console.Output.WriteLine(Path.Combine(folder, path));
        }

        console.Output.WriteLine($"next: hanse skill build {folder}, then hanse skill test {folder}");
        return ExitCode.Fine;
    }
}

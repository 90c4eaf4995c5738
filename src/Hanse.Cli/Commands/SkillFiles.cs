using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using Hanse.Skills;
using Hanse.Skills.Author;

namespace Hanse.Cli.Commands;

/// <summary>What the author's commands have in common.</summary>
internal static class SkillFiles
{
    /// <summary>The folder that a command works on; this one unless given.</summary>
    public static Argument<string> FolderArgument() => new("FOLDER")
    {
        Description = "A folder with a skill; the current one unless given.",
        DefaultValueFactory = _ => ".",
    };

    /// <summary>Does something with files; what cannot be read or written is said.</summary>
    public static int Guarded(string what, InvocationConfiguration console, Func<int> work)
    {
        try
        {
            return work();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            console.Error.WriteLine($"hanse: {what} cannot be read or written: {failure.Message}");
            return ExitCode.Environment;
        }
    }

    /// <summary>Reads what is in a folder.</summary>
    /// <returns>Null when it is refused, which has been said.</returns>
    public static SkillProject? Project(string folder, InvocationConfiguration console)
    {
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException("there is no such folder");
        }

        SkillProject? project = SkillProject.Read(folder, out string? refusal);
        if (project is null)
        {
            console.Error.WriteLine($"hanse: {folder} holds no skill: {refusal}");
        }

        return project;
    }

    /// <summary>A file of bounded length.</summary>
    /// <returns>Null when it is too long, which has been said.</returns>
    public static byte[]? Bytes(string path, long most, InvocationConfiguration console)
    {
        long length = new FileInfo(path).Length;
        if (length > most)
        {
            console.Error.WriteLine(
                $"hanse: {path} has {Number(length)} bytes; allowed: up to {Number(most)}");
            return null;
        }

        return File.ReadAllBytes(path);
    }

    /// <summary>A number for people.</summary>
    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>What came of a run, for people.</summary>
    public static string Outcome(SkillResult result) => result.IsAnswered
        ? $"answer  {Convert.ToHexStringLower(result.Answer)}"
        : $"abstains: {SkillCommand.Word(result.Reason)}"
            + (result.Detail.Length > 0 ? $" ({result.Detail})" : "");
}

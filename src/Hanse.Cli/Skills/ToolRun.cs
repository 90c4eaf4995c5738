using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;

namespace Hanse.Cli.Skills;

/// <summary>A program of a toolchain, run to its end.</summary>
/// <param name="Code">Its exit code; -1 when it could not be started or was ended.</param>
/// <param name="Text">What it wrote, the beginning of it.</param>
internal sealed record ToolRun(int Code, string Text)
{
    private const int TextMax = 16_384;

    /// <summary>Runs a program. Its arguments go to it one by one: no shell reads them.</summary>
    /// <param name="program">Which, with its whole path.</param>
    /// <param name="folder">Where.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="arguments">Its arguments.</param>
    public static ToolRun Of(string program, string folder, TimeSpan limit, params string[] arguments)
    {
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            using Process tool = Process.Start(start)!;
            tool.StandardInput.Close();
            Task<string> output = Task.Run(() => Beginning(tool.StandardOutput));
            Task<string> error = Task.Run(() => Beginning(tool.StandardError));
            if (!tool.WaitForExit(limit))
            {
                tool.Kill(entireProcessTree: true);
                tool.WaitForExit();
                return new ToolRun(-1,
                    $"{Path.GetFileName(program)} takes longer than {limit.TotalSeconds} s");
            }

            Task.WaitAll(output, error);
            return new ToolRun(tool.ExitCode, (error.Result + output.Result).Trim());
        }
        catch (Exception failure) when (failure is Win32Exception or IOException)
        {
            return new ToolRun(-1, $"{program} cannot be started: {failure.Message}");
        }
    }

    /// <summary>The whole path of a program; null when it is in none of the folders that programs are looked
    /// for in.</summary>
    public static string? Find(string program)
    {
        string[] ends = OperatingSystem.IsWindows() ? [".exe", ".cmd"] : [""];
        IEnumerable<string> folders = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(Path.IsPathFullyQualified);
        return folders.SelectMany(folder => ends.Select(end => Path.Combine(folder, program + end)))
            .FirstOrDefault(File.Exists);
    }

    // All of it is read, so that nobody waits for us; the beginning is kept.
    private static string Beginning(StreamReader reader)
    {
        var text = new StringBuilder();
        char[] part = new char[4_096];
        for (int read; (read = reader.Read(part)) > 0;)
        {
            _ = text.Append(part, 0, Math.Min(read, TextMax - text.Length));
        }

        return text.ToString();
    }
}

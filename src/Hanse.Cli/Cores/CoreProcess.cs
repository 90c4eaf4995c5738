using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;
using Hanse.IO.Cores;

namespace Hanse.Cli.Cores;

/// <summary>Starts an image as a process.</summary>
internal static class CoreProcess
{
    /// <summary>How to start one.</summary>
    /// <param name="folder">Where it lies; the one of this process is started as this process was.</param>
    /// <param name="arguments">What it is told.</param>
    public static ProcessStartInfo Of(string folder, IEnumerable<string> arguments)
    {
        string self = Environment.ProcessPath ?? "dotnet";
        bool isHosted = Path.GetFileNameWithoutExtension(self).Equals(
            "dotnet", StringComparison.OrdinalIgnoreCase);
        string program = Path.Combine(folder, CoreImage.Program);
        bool isSelf = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))
            == Path.TrimEndingDirectorySeparator(Path.GetFullPath(AppContext.BaseDirectory));
        bool isProgram = isSelf ? !isHosted : File.Exists(program);
        var start = new ProcessStartInfo(isProgram ? (isSelf ? self : program) : isHosted ? self : "dotnet")
        {
            RedirectStandardInput = true,
        };
        if (!isProgram)
        {
            start.ArgumentList.Add(Path.Combine(folder, CoreImage.Program + ".dll"));
        }

        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // For a program that has to find the runtime by itself: the one that this one runs on.
        if (!start.Environment.ContainsKey("DOTNET_ROOT"))
        {
            start.Environment["DOTNET_ROOT"] = Path.GetFullPath(
                Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        }

        return start;
    }
}

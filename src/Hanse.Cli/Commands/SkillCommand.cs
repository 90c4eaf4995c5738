using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using Hanse.Skills;
using Hanse.Skills.Packages;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse skill</c>: looks at skills and runs them in the sandbox.</summary>
internal static class SkillCommand
{
    /// <summary>What the child that compiles is started with.</summary>
    public const string WorkerName = "compile-worker";

    /// <summary>The command.</summary>
    public static Command Create(Surroundings surroundings)
    {
        var command = new Command("skill", "Works on skills: sandboxed modules of WebAssembly.")
        {
            SkillNewCommand.Create(),
            SkillBuildCommand.Create(),
            SkillTestCommand.Create(),
            Inspect(),
            SkillRunCommand.Create(),
            SkillReplayCommand.Create(),
            SkillSlotsCommand.Create(),
            Worker(),
        };
        foreach (Command one in PackageCommand.Create(surroundings))
        {
            command.Add(one);
        }

        return command;
    }

    /// <summary>A compiler in a process of its own: this same program.</summary>
    public static CompileWorker Compiler()
    {
        // This program when it runs as itself; else the one that lies beside whatever runs it.
        string program = Environment.ProcessPath ?? "";
        string name = Path.GetFileNameWithoutExtension(program);
        return name.Equals("hanse", StringComparison.OrdinalIgnoreCase)
            ? new CompileWorker(program, "skill", WorkerName)
            : new CompileWorker(
                name.Equals("dotnet", StringComparison.OrdinalIgnoreCase) ? program : "dotnet",
                Path.Combine(AppContext.BaseDirectory, "hanse.dll"), "skill", WorkerName);
    }

    /// <summary>Reads a skill, compiles it in a child process, and makes it ready to run.</summary>
    /// <returns>Null when it is refused, which has been said.</returns>
    public static Skill? Load(SkillEngine engine, string file, HostFunctions granted, TextWriter error) =>
        Load(engine, file, File.ReadAllBytes(file), granted, error);

    private static Skill? Load(
        SkillEngine engine, string file, byte[] module, HostFunctions granted, TextWriter error)
    {
        byte[]? code = Compiler().Compile(module, out string? refusal);
        Skill? skill = code is null ? null : Skill.Load(engine, module, granted, out refusal, code);
        if (skill is null)
        {
            error.WriteLine($"hanse: {file} is not taken as a skill: {refusal}");
        }

        return skill;
    }

    private static Command Inspect()
    {
        Argument<string> file = FileArgument();
        file.Description = "A file with a module of WebAssembly, or the folder of a package.";
        var command = new Command(
            "inspect", "Says what a module is, what it asks of its host and what it can do, without running "
                + "it; of a package also what it says of itself. Nobody has to vouch for it: that is for "
                + "'hanse skill verify'.\n\n" + ExitCode.Guide)
        {
            file,
        };
        command.SetAction(parsed => Guarded(parsed.GetRequiredValue(file), parsed.InvocationConfiguration,
            (path, console) =>
            {
                SkillPackage? package = PackageCommand.IsPackage(path)
                    ? PackageCommand.Read(path, console.Error) : null;
                if (PackageCommand.IsPackage(path) && package is null)
                {
                    return ExitCode.Refused;
                }

                byte[] module = package?.Module ?? File.ReadAllBytes(path);
                using var engine = new SkillEngine();
                using Skill? skill = Load(engine, path, module, (HostFunctions)(-1), console.Error);
                if (skill is null)
                {
                    return ExitCode.Refused;
                }

                ModuleScan scan = ModuleScan.Of(module, out _)!;
                string functions = string.Join(", ", new[]
                {
                    SkillAbi.BidFunction, SkillAbi.DecideFunction, SkillAbi.SelfCheckFunction,
                }.Where(skill.Has));
                if (package is not null)
                {
                    PackageCommand.Describe(package, console.Output);
                    console.Output.WriteLine();
                }

                console.Output.WriteLine($"""
                    digest     {skill.Digest}
                    size       {Number(module.Length)} bytes
                    memory     up to {Number(scan.MemoryPages * SkillAbi.PageBytes / 1024)} KiB
                    functions  {functions}
                    asks for   {(skill.Asks == HostFunctions.None ? "nothing" : skill.Asks)}
                    engine     {SkillEngine.Fingerprint}
                    """);
                return ExitCode.Fine;
            }));
        return command;
    }

    private static Command Worker()
    {
        var command = new Command(WorkerName, "Compiles one module.") { Hidden = true };
        command.SetAction(_ =>
        {
            using Stream input = Console.OpenStandardInput();
            using Stream output = Console.OpenStandardOutput();
            CompileWorker.Serve(input, output);
            return ExitCode.Fine;
        });
        return command;
    }

    private static int Guarded(
        string file, InvocationConfiguration console, Func<string, InvocationConfiguration, int> work)
    {
        try
        {
            return work(file, console);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            console.Error.WriteLine($"hanse: {file} or its input cannot be read: {failure.Message}");
            return ExitCode.Environment;
        }
    }

    private static Argument<string> FileArgument() =>
        new("MODULE") { Description = "A file with a module of WebAssembly." };

    /// <summary>A reason in words: <c>OutOfFuel</c> is out of fuel.</summary>
    public static string Word(AbstainReason reason) => string.Concat(reason.ToString().Select((letter, at) =>
        at > 0 && char.IsUpper(letter) ? " " + char.ToLowerInvariant(letter)
        : char.ToLowerInvariant(letter).ToString()));

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}

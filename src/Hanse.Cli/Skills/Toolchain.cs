using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using Hanse.Skills;
using Hanse.Skills.Author;

namespace Hanse.Cli.Skills;

/// <summary>What compiles a skill, as it was found on this machine.</summary>
/// <param name="Name">Its name, for people.</param>
/// <param name="Program">The program.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record Recipe(string Name, string Program, string[] Arguments);

/// <summary>What is not on this machine.</summary>
/// <param name="What">In words.</param>
/// <param name="Program">What installs it.</param>
/// <param name="Arguments">With these arguments.</param>
internal sealed record Missing(string What, string Program, string[] Arguments)
{
    /// <summary>The line to type.</summary>
    public string Line => $"{Program} {string.Join(' ', Arguments)}";
}

/// <summary>Finds compilers, and builds skills with them.</summary>
/// <remarks>Which compiler and which version of it decide on the bytes of a module, so those that the shipped
/// skills are built with come first. WAT needs none: the sandbox reads it itself.</remarks>
internal static class Toolchain
{
    /// <summary>The version of AssemblyScript that skills here are built with.</summary>
    public const string AssemblyScriptVersion = "0.28.20";

    // What the shipped skills are built with, and then the newest first.
    private static readonly int[] _clangs = [19, 22, 21, 20, 18, 17, 16, 15, 14];

    private static readonly string[] _rustLinkers = ["rust-lld", "rust-lld.exe"];

    private static readonly TimeSpan _buildMax = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan _installMax = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan _askMax = TimeSpan.FromSeconds(20);

    /// <summary>Builds a skill into a file.</summary>
    /// <param name="project">The skill.</param>
    /// <param name="output">Name of the file, in the skill's folder.</param>
    /// <param name="tool">What built it.</param>
    /// <param name="missing">What is not on this machine.</param>
    /// <returns>Why there is no module; null when there is one.</returns>
    public static string? Build(SkillProject project, string output, out string tool, out Missing? missing)
    {
        missing = null;
        tool = "hanse itself";
        if (project.Source(out SkillLanguage language, out string? refusal) is not { } source)
        {
            return refusal;
        }

        if (language == SkillLanguage.Wat)
        {
            return BuildText(project, source, output);
        }

        Recipe? recipe = language switch
        {
            SkillLanguage.C => Clang(project, source, output, out missing),
            SkillLanguage.AssemblyScript => AssemblyScript(project, source, output, out missing),
            SkillLanguage.Rust => Rust(project, source, output, out missing),
            _ => throw new UnreachableException($"no recipe for {language}"),
        };
        if (recipe is null)
        {
            return missing!.What;
        }

        tool = recipe.Name;
        ToolRun run = ToolRun.Of(recipe.Program, project.Folder, _buildMax, recipe.Arguments);
        return run.Code == 0 ? null : $"{recipe.Name} does not compile it:\n{run.Text}";
    }

    /// <summary>Installs what is missing.</summary>
    /// <returns>Why it could not be installed; null when it is.</returns>
    public static string? Install(Missing missing, string folder)
    {
        if (ToolRun.Find(missing.Program) is not { } program)
        {
            return $"there is no {missing.Program} here; install {missing.What} by hand";
        }

        ToolRun run = ToolRun.Of(program, folder, _installMax, missing.Arguments);
        return run.Code == 0 ? null : $"'{missing.Line}' fails:\n{run.Text}";
    }

    private static string? BuildText(SkillProject project, string source, string output)
    {
        string path = Path.Combine(project.Folder, source);
        if (new FileInfo(path).Length > SkillText.BytesMax)
        {
            return $"{source} is longer than {SkillText.BytesMax >> 20} MiB";
        }

        byte[]? module = SkillText.Module(File.ReadAllText(path), out string? refusal);
        if (module is not null)
        {
            File.WriteAllBytes(Path.Combine(project.Folder, output), module);
        }

        return refusal;
    }

    private static Recipe? Clang(
        SkillProject project, string source, string output, out Missing? missing)
    {
        missing = null;
        foreach (string version in _clangs.Select(number => $"-{number}").Append(""))
        {
            if (ToolRun.Find("clang" + version) is { } clang && ToolRun.Find("wasm-ld" + version) is not null
                && Builtins(clang) is { } builtins)
            {
                string memory = Bytes(project);
                return new Recipe("clang" + version, clang,
                [
                    "--target=wasm32", "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-mcpu=mvp",
                    "-nostdlib", "-ffreestanding", "-Wl,--no-entry", "-Wl,--strip-all",
                    "-Wl,-z,stack-size=8192", $"-Wl,--initial-memory={memory}", $"-Wl,--max-memory={memory}",
                    "-o", output, source, builtins,
                ]);
            }
        }

        missing = Debian("clang for wasm32", "clang-19", "lld-19", "libclang-rt-19-dev-wasm32");
        return null;
    }

    // What C cannot say in instructions of the machine, such as products of 128 bits, is in a library.
    private static string? Builtins(string clang)
    {
        ToolRun asked = ToolRun.Of(clang, Path.GetTempPath(), _askMax, "--print-resource-dir");
        if (asked.Code != 0)
        {
            return null;
        }

        string library = Path.Combine(asked.Text, "lib");
        return new[]
        {
            Path.Combine(library, "wasi", "libclang_rt.builtins-wasm32.a"),
            Path.Combine(library, "wasip1", "libclang_rt.builtins-wasm32.a"),
            Path.Combine(library, "wasm32-unknown-wasi", "libclang_rt.builtins.a"),
            Path.Combine(library, "wasm32-unknown-unknown", "libclang_rt.builtins.a"),
        }.FirstOrDefault(File.Exists);
    }

    private static Recipe? AssemblyScript(
        SkillProject project, string source, string output, out Missing? missing)
    {
        missing = null;
        if (ToolRun.Find("node") is not { } node)
        {
            missing = Debian("Node.js", "nodejs", "npm");
            return null;
        }

        string folder = Path.GetFullPath(project.Folder);
        for (string? at = folder; at is not null; at = Path.GetDirectoryName(at))
        {
            string compiler = Path.Combine(at, "node_modules", "assemblyscript", "bin", "asc.js");
            if (File.Exists(compiler))
            {
                string pages = project.MemoryPages.ToString(CultureInfo.InvariantCulture);
                return new Recipe("asc " + VersionOf(node, folder, compiler), node,
                [
                    compiler, source, "--outFile", output, "--optimize", "--runtime", "stub",
                    "--use", "abort=", "--disable", "bulk-memory", "--initialMemory", pages,
                    "--maximumMemory", pages,
                ]);
            }
        }

        missing = new Missing(
            "AssemblyScript", "npm",
            [
                "install", "--prefix", folder, "--no-save", "--no-package-lock", "--no-audit", "--no-fund",
                "assemblyscript@" + AssemblyScriptVersion,
            ]);
        return null;
    }

    private static string VersionOf(string node, string folder, string compiler)
    {
        ToolRun asked = ToolRun.Of(node, folder, _askMax, compiler, "--version");
        return asked.Code == 0 ? asked.Text.Replace("Version ", "", StringComparison.Ordinal)
            : "of some version";
    }

    private static Recipe? Rust(
        SkillProject project, string source, string output, out Missing? missing)
    {
        missing = null;
        const string Target = "wasm32-unknown-unknown";
        IEnumerable<string> places = new[] { ToolRun.Find("rustc"), "/usr/bin/rustc" }.OfType<string>()
            .Distinct().Where(File.Exists);
        foreach (string rustc in places)
        {
            ToolRun library = ToolRun.Of(
                rustc, Path.GetTempPath(), _askMax, "--print", "target-libdir", "--target", Target);
            if (library.Code != 0 || !Directory.Exists(library.Text)
                || Directory.GetFiles(library.Text, "libcore-*.rlib").Length == 0
                || Linker(rustc) is not { } linker)
            {
                continue;
            }

            string memory = Bytes(project);
            return new Recipe("rustc " + WordOf(rustc, "release: "), rustc,
            [
                "--edition", "2021", "--crate-type", "cdylib", "--target", Target, "-C", "opt-level=3",
                "-C", "panic=abort", "-C", "strip=symbols", "-C", "overflow-checks=no",
                "-C", "link-arg=-zstack-size=8192", "-C", $"link-arg=--initial-memory={memory}",
                "-C", $"link-arg=--max-memory={memory}", .. linker, "-o", output, source,
            ]);
        }

        missing = Debian("Rust for wasm32", "rustc", "libstd-rust-dev-wasm32", "lld-14");
        return null;
    }

    // A toolchain of rustup brings its own linker; Debian's has that of its LLVM.
    private static string[]? Linker(string rustc)
    {
        ToolRun root = ToolRun.Of(rustc, Path.GetTempPath(), _askMax, "--print", "sysroot");
        string host = WordOf(rustc, "host: ");
        if (root.Code == 0 && host.Length > 0 && _rustLinkers.Any(name =>
            File.Exists(Path.Combine(root.Text, "lib", "rustlib", host, "bin", name))))
        {
            return [];
        }

        string linker = "wasm-ld-" + WordOf(rustc, "LLVM version: ").Split('.')[0];
        return ToolRun.Find(linker) is { } found
            ? ["-C", $"linker={found}", "-C", "linker-flavor=wasm-ld"] : null;
    }

    private static string WordOf(string rustc, string label)
    {
        ToolRun asked = ToolRun.Of(rustc, Path.GetTempPath(), _askMax, "-vV");
        return asked.Text.Split('\n').FirstOrDefault(line => line.StartsWith(label, StringComparison.Ordinal))
            ?[label.Length..].Trim() ?? "";
    }

    private static string Bytes(SkillProject project) =>
        (project.MemoryPages * SkillAbi.PageBytes).ToString(CultureInfo.InvariantCulture);

    private static Missing Debian(string what, params string[] packages) =>
        new(what, "apt-get", ["install", "-y", "--no-install-recommends", .. packages]);
}

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using Hanse.Skills;
using Hanse.Skills.Author;

namespace Hanse.Cli.Skills;

/// <summary>The files that a new skill begins with.</summary>
internal static class SkillTemplate
{
    private const int Pages = 1;

    /// <summary>Lays the files of a new skill into a folder, which is there and empty.</summary>
    public static IReadOnlyList<string> Lay(
        string folder, string name, SkillLanguage language, SkillFunction function)
    {
        (string word, string end, _) = SkillProject.Languages.First(known => known.Value == language);
        string kind = function.ExportName();
        string source = name + end;
        ulong fuel = function == SkillFunction.Bid ? SkillPricing.Budget.Fuel : SkillBudget.Decision.Fuel;
        string Filled(string template) => Read(template)
            .Replace("@NAME@", name, StringComparison.Ordinal)
            .Replace("@KIND@", kind, StringComparison.Ordinal)
            .Replace("@SOURCE@", source, StringComparison.Ordinal)
            .Replace("@PAGES@", Pages.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace(
                "@MEMORY@", (Pages * SkillAbi.PageBytes).ToString(CultureInfo.InvariantCulture),
                StringComparison.Ordinal)
            .Replace("@FUEL@", fuel.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

        var laid = new List<string>();
        void Put(string path, string template)
        {
            string to = Path.Combine(folder, path);
            _ = Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.WriteAllText(to, Filled(template));
            laid.Add(path);
        }

        Put(source, $"{word}/{kind}{end}");
        Put(SkillProject.FileName, "skill.json");
        foreach (string template in Names().Where(path =>
            path.StartsWith(kind + ".", StringComparison.Ordinal)
            && path.EndsWith(".json", StringComparison.Ordinal)))
        {
            Put($"{SkillProject.CasesFolder}/{template[(kind.Length + 1)..]}", template);
        }

        Put("README.md", "README.md");
        if (language == SkillLanguage.AssemblyScript)
        {
            Put("package.json", "assemblyscript/package.json");
            File.WriteAllText(Path.Combine(folder, ".gitignore"), "node_modules/\n");
        }

        if (language != SkillLanguage.Wat)
        {
            Put("build", $"{word}/build");
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(
                    Path.Combine(folder, "build"),
                    UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead
                        | UnixFileMode.OtherExecute);
            }
        }

        return laid;
    }

    private const string Prefix = "skill-templates/";

    private static IEnumerable<string> Names() =>
        Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..].Replace('\\', '/')).Order(StringComparer.Ordinal);

    private static string Read(string template)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Prefix + template)
            ?? throw new InvalidOperationException($"there is no template {template}");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}

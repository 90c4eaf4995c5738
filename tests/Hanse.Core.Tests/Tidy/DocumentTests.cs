using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace Hanse.Core.Tests.Tidy;

/// <summary>Documents that point at what exists.</summary>
public sealed partial class DocumentTests
{
    private static IEnumerable<string> Documents =>
        Repository.Files.Where(path => path.EndsWith(".md", StringComparison.Ordinal));

    [Fact]
    public void Every_link_leads_somewhere()
    {
        var broken = new List<string>();
        foreach ((string place, string line) in Repository.LinesOf(Documents))
        {
            string document = place[..place.LastIndexOf(':')];
            foreach (Match match in Link().Matches(line))
            {
                string target = match.Groups[1].Value;
                if (!target.Contains("://", StringComparison.Ordinal)
                    && !target.StartsWith("mailto:", StringComparison.Ordinal)
                    && !Exists(document, target))
                {
                    broken.Add($"{place}: {target}");
                }
            }
        }

        Findings.None(broken);
    }

    [Fact]
    public void Decisions_have_a_number_each()
    {
        string[] names = [.. Documents
            .Where(path => path.StartsWith("docs/decisions/", StringComparison.Ordinal))
            .Select(path => Path.GetFileName(path))];
        Findings.None(names.Where(name => !Decision().IsMatch(name)));
        Assert.Distinct(names.Select(name => name[..4]));
    }

    [Fact]
    public void Words_of_the_glossary_that_are_set_as_code_are_types()
    {
        HashSet<string> types = [.. Repository.Sources("src")
            .SelectMany(path => TypeName().Matches(Repository.Read(path)))
            .Select(match => match.Groups[1].Value)];
        IEnumerable<string> words = Code().Matches(Repository.Read("docs/glossary.md"))
            .Select(match => match.Groups[1].Value);
        Assert.NotEmpty(words);
        Findings.None(words.Where(word => !types.Contains(word.Split('.')[^1])));
    }

    private static bool Exists(string document, string target)
    {
        string[] parts = target.Split('#', 2);
        string folder = Path.GetDirectoryName(Path.Combine(Repository.Root, document))!;
        string path = parts[0].Length == 0
            ? Path.Combine(Repository.Root, document)
            : Path.GetFullPath(Path.Combine(folder, parts[0]));
        bool exists = File.Exists(path) || Directory.Exists(path);
        return exists
            && (parts.Length == 1
                || !path.EndsWith(".md", StringComparison.Ordinal)
                || File.ReadLines(path).Any(line => Anchor(line) == parts[1]));
    }

    // As hosts of Markdown make them: letters, digits and hyphens of the heading, blanks as hyphens.
    private static string? Anchor(string line) => !line.StartsWith('#')
        ? null
        : string.Concat(line.TrimStart('#').Trim().ToLowerInvariant()
            .Where(letter => char.IsLetterOrDigit(letter) || letter is ' ' or '-' or '_')).Replace(' ', '-');

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^\d{4}-[a-z0-9-]+\.md$")]
    private static partial Regex Decision();

    [GeneratedRegex(@"\b(?:class|struct|record|enum|interface)\s+(?!class\b|struct\b)(\w+)")]
    private static partial Regex TypeName();

    [GeneratedRegex("`([A-Z][A-Za-z.]*)(?:<[^`]*>)?`")]
    private static partial Regex Code();
}

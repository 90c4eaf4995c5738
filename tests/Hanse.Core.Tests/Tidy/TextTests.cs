using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace Hanse.Core.Tests.Tidy;

/// <summary>What a reviewer should not have to look for.</summary>
public sealed partial class TextTests
{
    private const int LineLengthMax = 110;

    private const long FileSizeMax = 1 << 20;

    // Words this file must not contain itself, hence in two halves. Registries and work places are a
    // machine's own affair: an address in a file would send everybody there.
    private static readonly string[] _notInTheRepository =
        ["FIX" + "ME", "/wor" + "k/", "issue " + "#", "nuget" + ".org", "npm" + "js", "pypi" + ".org"];

    [Fact]
    public void No_line_of_source_is_longer_than_110() =>
        Findings.None(Repository.LinesOf(Repository.Sources("src", "tests", "bench", "eng"))
            .Where(at => at.Line.Length > LineLengthMax)
            .Select(at => $"{at.Place}: {at.Line.Length}"));

    [Fact]
    public void No_file_but_data_is_larger_than_a_mebibyte() =>
        Findings.None(Repository.Files.Where(path =>
            !path.StartsWith("data/", StringComparison.Ordinal)
            && new FileInfo(Path.Combine(Repository.Root, path)).Length > FileSizeMax));

    [Fact]
    public void Nothing_names_our_work_place_a_registry_or_what_should_be_fixed() =>
        Findings.None(Repository.LinesOf(Repository.Texts)
            .Where(at => _notInTheRepository.Any(word => at.Line.Contains(word,
                StringComparison.OrdinalIgnoreCase)))
            .Select(at => $"{at.Place}: {at.Line.Trim()}"));

    [Fact]
    public void What_is_to_be_done_has_a_number() =>
        Findings.None(Repository.LinesOf(Repository.Sources("src", "tests", "bench", "eng"))
            .Where(at => Unnumbered().IsMatch(at.Line))
            .Select(at => $"{at.Place}: {at.Line.Trim()}"));

    [Fact]
    public void Lock_files_and_package_settings_hold_no_address()
    {
        IEnumerable<string> settings = Repository.Files.Where(path =>
            Path.GetFileName(path).Equals("packages.lock.json", StringComparison.OrdinalIgnoreCase)
            || Path.GetFileName(path).Equals("nuget.config", StringComparison.OrdinalIgnoreCase));
        Assert.NotEmpty(settings);
        Findings.None(settings.Where(path => Repository.Read(path).Contains("://",
            StringComparison.Ordinal)));
    }

    [Fact]
    public void A_suppression_gives_its_reason_on_the_line() =>
        Findings.None(Repository.LinesOf(Repository.Sources("src", "bench", "eng"))
            .Where(at => at.Line.Contains("#pragma warning disable", StringComparison.Ordinal)
                && !at.Line.Contains("//", StringComparison.Ordinal))
            .Select(at => at.Place));

    [GeneratedRegex("TO" + @"DO(?!\(?\d)")]
    private static partial Regex Unnumbered();
}

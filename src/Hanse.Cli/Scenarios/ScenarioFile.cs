using System.Collections.Immutable;
using System.IO;
using System.Text;
using Hanse.Simulation.Scenarios;
using YamlDotNet.Core;

namespace Hanse.Cli.Scenarios;

/// <summary>What came of reading a scenario: it, or what is wrong with it, never both.</summary>
/// <param name="Scenario">The scenario, if there was no mistake.</param>
/// <param name="Mistakes">In the order of the file.</param>
internal sealed record ScenarioLoad(Scenario? Scenario, ImmutableArray<Mistake> Mistakes);

/// <summary>Reads scenario files.</summary>
/// <remarks>
/// <para>
/// The problem: a run may take hours and a fleet years, so a slip in a file must be found before anything
/// starts, and all slips at once, each with its place and with what would be right. The idea: keep line and
/// column of every value (<see cref="YamlTree"/>), walk the one table of fields over them
/// (<see cref="ScenarioShape"/>, <see cref="ScenarioReader"/>), then judge the rules between fields
/// (<see cref="ScenarioRules"/>).
/// </para>
/// <para>
/// Invariants: no content of a file makes this throw; a scenario that is handed out keeps every range and
/// rule. Deliberately absent: includes, defaults, variables and profiles. One file is one mission.
/// </para>
/// </remarks>
internal static class ScenarioFile
{
    /// <summary>Largest file: a scenario with all its comments has some 10 KB.</summary>
    public const int BytesMax = 1024 * 1024;

    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false,
        throwOnInvalidBytes: true);

    /// <summary>Reads a file.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="shown">What mistakes call it.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="System.UnauthorizedAccessException">The file must not be read.</exception>
    public static ScenarioLoad Load(string path, string shown)
    {
        using FileStream file = File.OpenRead(path);
        var bytes = new byte[BytesMax + 1];
        int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (length > BytesMax)
        {
            return Refused(shown, 1, 1, $"larger than {BytesMax:N0} bytes, which is the most a scenario "
                + "may have");
        }

        try
        {
            return Parse(shown, _strict.GetString(bytes, 0, length));
        }
        catch (DecoderFallbackException)
        {
            return Refused(shown, 1, 1, "not UTF-8 text");
        }
    }

    /// <summary>Reads a text.</summary>
    /// <param name="file">What mistakes call it.</param>
    /// <param name="text">YAML, of which JSON is a part.</param>
    public static ScenarioLoad Parse(string file, string text)
    {
        try
        {
            using var reader = new StringReader(text);
            return YamlTree.Read(reader) is { } root
                ? ScenarioReader.Read(file, root)
                : Refused(file, 1, 1, "empty; wanted: a scenario, see 'hanse scenario schema'");
        }
        catch (YamlException refused)
        {
            return Refused(file, refused.Start.Line, refused.Start.Column, refused.Message);
        }
    }

    private static ScenarioLoad Refused(string file, long line, long column, string text) =>
        new(null, [new Mistake(file, line, column, text)]);
}

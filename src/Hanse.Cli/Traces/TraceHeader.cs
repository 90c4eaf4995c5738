using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using Hanse.Cli.Scenarios;
using Hanse.Simulation.Scenarios;

namespace Hanse.Cli.Traces;

/// <summary>The first lines of a trace: all that is needed to play it again.</summary>
/// <param name="Version">The program that recorded it.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Scenario">The scenario as played, overrides included.</param>
internal sealed record TraceHeader(string Version, ulong Seed, Scenario Scenario)
{
    // The scenario is by far the longest line; with a thousand anchors it has some 20 KB.
    private const int LineLengthMax = 1024 * 1024;
    private const string Magic = "hanse-trace ";
    private const string Format = "1";

    /// <summary>Writes the five lines: format, version, seed, scenario, nothing.</summary>
    public void Write(Stream stream)
    {
        string text = $"{Magic}{Format}\nversion {Version}\nseed {Seed}\n{ScenarioText.Write(Scenario)}\n\n";
        stream.Write(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Reads them; <paramref name="stream"/> is then at the first line of the run.</summary>
    /// <param name="file">What messages call it.</param>
    /// <param name="stream">Buffered, because it is read byte by byte.</param>
    /// <exception cref="TraceRefusedException">It is no trace, or none of ours.</exception>
    public static TraceHeader Read(string file, Stream stream)
    {
        string magic = Line(file, stream);
        if (!magic.StartsWith(Magic, StringComparison.Ordinal))
        {
            throw new TraceRefusedException([$"{file}: not a trace; its first line should be "
                + $"'{Magic}{Format}'"]);
        }

        if (magic != Magic + Format)
        {
            throw new TraceRefusedException(
                [$"{file}: a trace of format '{magic[Magic.Length..]}'; this program reads format {Format}"]);
        }

        string version = Value(file, "version ", Line(file, stream));
        string seed = Value(file, "seed ", Line(file, stream));
        if (!ulong.TryParse(seed, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
        {
            throw new TraceRefusedException([$"{file}:3: '{seed}' is not a seed; allowed: {Allowed.Seeds}"]);
        }

        ScenarioLoad load = ScenarioFile.Parse(file, Line(file, stream));
        if (load.Scenario is not { } scenario)
        {
            List<string> mistakes = [];
            foreach (Mistake mistake in load.Mistakes)
            {
                mistakes.Add((mistake with { Line = mistake.Line + 3 }).ToString());
            }

            throw new TraceRefusedException(mistakes);
        }

        return Line(file, stream).Length == 0
            ? new TraceHeader(version, number, scenario)
            : throw new TraceRefusedException([$"{file}:5: an empty line should end the header"]);
    }

    private static string Value(string file, string word, string line) =>
        line.StartsWith(word, StringComparison.Ordinal)
            ? line[word.Length..]
            : throw new TraceRefusedException([$"{file}: not a trace; '{word.Trim()}' is missing in its "
                + "header"]);

    private static string Line(string file, Stream stream)
    {
        List<byte> line = [];
        for (int part = stream.ReadByte(); part != '\n'; part = stream.ReadByte())
        {
            if (part < 0 || line.Count >= LineLengthMax)
            {
                throw new TraceRefusedException([line.Count >= LineLengthMax
                    ? $"{file}: not a trace; a line of its header is too long"
                    : $"{file}: ends within its header; the file is truncated"]);
            }

            line.Add((byte)part);
        }

        return Encoding.UTF8.GetString([.. line]);
    }
}

using System;
using System.IO;
using System.Linq;
using System.Text;
using Hanse.Cli.Scenarios;

namespace Hanse.Cli.Telemetry;

/// <summary>The rows of a comma-separated file whose first line names its columns; without quotes.</summary>
/// <remarks>Reads one line at a time and none longer than <see cref="LineLengthMax"/>, so that no file takes
/// more memory than its rows.</remarks>
internal sealed class CsvRows : IDisposable
{
    /// <summary>Characters of one line.</summary>
    public const int LineLengthMax = 4096;

    private readonly StreamReader _reader;

    private readonly string _file;

    private readonly string[] _names;

    private string[] _fields = [];

    private CsvRows(string file, StreamReader reader)
    {
        _file = file;
        _reader = reader;
        _names = ReadLine()?.Split(',') ?? throw Refused(1, "is empty; a first line must name the columns");
        _names = [.. _names.Select(name => name.Trim())];
    }

    /// <summary>The line read last, from 1.</summary>
    public int Line { get; private set; }

    /// <summary>Opens a file and reads its first line.</summary>
    /// <exception cref="TelemetryRefusedException">It has none.</exception>
    public static CsvRows Open(string file)
    {
        var reader = new StreamReader(file, Encoding.UTF8);
        try
        {
            return new CsvRows(file, reader);
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();

    /// <summary>Whether there is such a column.</summary>
    public bool Has(string name) => Array.IndexOf(_names, name) >= 0;

    /// <summary>The place of a column.</summary>
    /// <exception cref="TelemetryRefusedException">There is none.</exception>
    public int Column(params string[] names)
    {
        foreach (string name in names.Where(Has))
        {
            return Array.IndexOf(_names, name);
        }

        string wanted = string.Join("' or '", names);
        throw Refused(1, $"has no column '{wanted}'; its first line must name it");
    }

    /// <summary>Reads the next row that is not blank.</summary>
    /// <returns>False at the end.</returns>
    public bool TryRead()
    {
        string? line;
        do
        {
            line = ReadLine();
        }
        while (line is { Length: 0 });
        if (line is null)
        {
            return false;
        }

        _fields = line.Split(',');
        return _fields.Length == _names.Length
            ? true
            : throw Mistaken(0, $"has {_fields.Length:N0} fields where the first line names "
                + $"{_names.Length:N0}");
    }

    /// <summary>A field of the row read last.</summary>
    public string Field(int column) => _fields[column].Trim();

    /// <summary>What is wrong with a field of the row read last.</summary>
    public TelemetryRefusedException Mistaken(int column, string text) =>
        new(new Mistake(_file, Line, 1 + _fields.Take(column).Sum(field => field.Length + 1), text));

    /// <summary>A field as it may be shown: short, and without what would upset a terminal.</summary>
    public static string Shown(string field)
    {
        var shown = new StringBuilder();
        foreach (char letter in field.Take(40))
        {
            _ = shown.Append(char.IsControl(letter) ? '?' : letter);
        }

        return shown + (field.Length > 40 ? "..." : "");
    }

    private TelemetryRefusedException Refused(int line, string text) =>
        new(new Mistake(_file, line, 1, text));

    private string? ReadLine()
    {
        Line++;
        var line = new StringBuilder();
        while (_reader.Read() is >= 0 and int letter)
        {
            if (letter == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            if (line.Length == LineLengthMax)
            {
                throw Refused(Line, $"is longer than {LineLengthMax:N0} characters; a row is one short line");
            }

            _ = line.Append((char)letter);
        }

        return line.Length > 0 ? line.ToString().TrimEnd('\r') : null;
    }
}

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

namespace Hanse.Simulation.Orbits;

/// <summary>One of our data files: a header, then rows of plain fields.</summary>
/// <remarks>Quotes are refused: none of our files needs them, and half a quoting rule is worse than
/// none.</remarks>
internal static class CsvTable
{
    /// <summary>Reads every row in order; empty lines are skipped.</summary>
    /// <exception cref="InvalidDataException">A row is malformed: the message says file(line) and
    /// why.</exception>
    public static IEnumerable<CsvRow> Read(string path)
    {
        string file = Path.GetFileName(path);
        Dictionary<string, int>? columns = null;
        int line = 0;
        foreach (string text in File.ReadLines(path))
        {
            line++;
            if (text.Length == 0)
            {
                continue;
            }

            if (text.Contains('"', StringComparison.Ordinal))
            {
                throw new InvalidDataException($"{file}({line}): quoted fields are not supported");
            }

            string[] fields = text.Split(',');
            if (columns is null)
            {
                columns = Header(fields, file);
                continue;
            }

            if (fields.Length != columns.Count)
            {
                throw new InvalidDataException(
                    $"{file}({line}): {fields.Length} fields where the header has {columns.Count}");
            }

            yield return new CsvRow(file, line, columns, fields);
        }

        if (columns is null)
        {
            throw new InvalidDataException($"{file}(1): the header is missing");
        }
    }

    private static Dictionary<string, int> Header(string[] names, string file)
    {
        var columns = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < names.Length; i++)
        {
            if (!columns.TryAdd(names[i], i))
            {
                throw new InvalidDataException($"{file}(1): column {names[i]} appears twice");
            }
        }

        return columns;
    }
}

/// <summary>One row; each reader names file, line and column when it must refuse.</summary>
internal sealed class CsvRow
{
    private readonly string _file;
    private readonly int _line;
    private readonly Dictionary<string, int> _columns;
    private readonly string[] _fields;

    public CsvRow(string file, int line, Dictionary<string, int> columns, string[] fields)
    {
        _file = file;
        _line = line;
        _columns = columns;
        _fields = fields;
    }

    /// <summary>The field, or null where it is empty.</summary>
    public string? Text(string column)
    {
        if (!_columns.TryGetValue(column, out int index))
        {
            throw Refusal($"column {column} is missing");
        }

        return _fields[index].Length == 0 ? null : _fields[index];
    }

    /// <summary>The finite number in the field, or null where it is empty.</summary>
    public double? NumberOrNull(string column)
    {
        if (Text(column) is not { } text)
        {
            return null;
        }

        CultureInfo culture = CultureInfo.InvariantCulture;
        return double.TryParse(text, NumberStyles.Float, culture, out double value) && double.IsFinite(value)
            ? value
            : throw Refusal($"{column} is not a number: {text}");
    }

    /// <summary>The finite number in the field.</summary>
    public double Number(string column) => NumberOrNull(column) ?? throw Refusal($"{column} is empty");

    /// <summary>The number above zero in the field, or null where it is empty.</summary>
    public double? PositiveOrNull(string column) =>
        NumberOrNull(column) is not { } value ? null
        : value > 0 ? value
        : throw Refusal($"{column} must be above 0: {value.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>The error to throw for this row.</summary>
    public InvalidDataException Refusal(string reason, Exception? cause = null) =>
        new($"{_file}({_line}): {reason}", cause);
}

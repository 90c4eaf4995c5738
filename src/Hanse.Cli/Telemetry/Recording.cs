using System;
using System.Collections.Generic;
using System.Globalization;

namespace Hanse.Cli.Telemetry;

/// <summary>One file of telemetry: a series of values, its stamps, and what was commanded.</summary>
/// <remarks>
/// Columns: <c>value</c>, and <c>t</c> or <c>timestamp</c>; <c>cmd</c> is optional and names the command
/// flags in force, joined by semicolons. Other columns are left alone.
/// </remarks>
internal sealed class Recording
{
    /// <summary>Rows of one file; each takes about 50 bytes of memory.</summary>
    public const int RowsMax = 1_000_000;

    private const int FlagMax = 65_535;

    private static readonly string[] _stampForms =
    [
        "yyyy-MM-dd HH:mm:ss.FFFFFFF", "yyyy-MM-ddTHH:mm:ss.FFFFFFF", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK",
    ];

    private readonly List<decimal> _values = [];

    private readonly List<long> _units = [];

    private readonly List<uint> _commands = [];

    private readonly List<decimal> _stamps = [];

    private readonly List<int> _lines = [];

    private Recording(bool isDated, bool hasCommands) =>
        (IsDated, HasCommands) = (isDated, hasCommands);

    /// <summary>Number of rows.</summary>
    public int Count => _values.Count;

    /// <summary>Whether stamps are dates; they are then in seconds since 1970.</summary>
    public bool IsDated { get; }

    /// <summary>Whether there is a column of commands.</summary>
    public bool HasCommands { get; }

    /// <summary>Values as they are written.</summary>
    public IReadOnlyList<decimal> Values => _values;

    /// <summary>Values in units.</summary>
    public IReadOnlyList<long> Units => _units;

    /// <summary>The commands in force, as a number; zero is none.</summary>
    public IReadOnlyList<uint> Commands => _commands;

    /// <summary>Stamps.</summary>
    public IReadOnlyList<decimal> Stamps => _stamps;

    /// <summary>Line of each row, from 1.</summary>
    public IReadOnlyList<int> Lines => _lines;

    /// <summary>Reads a file.</summary>
    /// <exception cref="TelemetryRefusedException">It is none of telemetry, or too long.</exception>
    public static Recording Load(string file, FixedPoint scale)
    {
        using CsvRows rows = CsvRows.Open(file);
        int value = rows.Column("value");
        int stamp = rows.Column("timestamp", "t");
        int commands = rows.Has("cmd") ? rows.Column("cmd") : -1;
        var recording = new Recording(rows.Has("timestamp"), commands >= 0);
        while (rows.TryRead())
        {
            if (recording.Count == RowsMax)
            {
                throw rows.Mistaken(0, $"is one row too many: a file holds at most {RowsMax:N0}; divide it");
            }

            recording.Add(rows, value, stamp, commands, scale);
        }

        return recording.Count > 0 ? recording : throw rows.Mistaken(0, "ends without a row of values");
    }

    /// <summary>Reads a date; a date without a zone is taken for UTC.</summary>
    public static bool TryParseDate(string text, out decimal seconds)
    {
        bool isDate = DateTime.TryParseExact(text, _stampForms, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTime date);
        seconds = (decimal)(date - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond;
        return isDate;
    }

    private void Add(CsvRows rows, int value, int stamp, int commands, FixedPoint scale)
    {
        string text = rows.Field(value);
        if (!FixedPoint.TryParse(text, out decimal number))
        {
            throw rows.Mistaken(value, $"'{CsvRows.Shown(text)}' is not a number that can be held");
        }

        if (!scale.TryScale(number, out long units))
        {
            throw rows.Mistaken(value, $"'{CsvRows.Shown(text)}' is more than a thousand million dead bands "
                + $"from zero; a band of {scale.Band} allows up to {scale.ValueMax:0.###}");
        }

        string when = rows.Field(stamp);
        bool isStamp = IsDated ? TryParseDate(when, out decimal at) : FixedPoint.TryParse(when, out at);
        if (!isStamp || Math.Abs(at) > 1e15m)
        {
            string wanted = IsDated ? "a date such as 2026-01-31 23:59:59" : "a number";
            throw rows.Mistaken(stamp, $"'{CsvRows.Shown(when)}' is not {wanted}");
        }

        _values.Add(number);
        _units.Add(units);
        _stamps.Add(at);
        _lines.Add(rows.Line);
        _commands.Add(commands < 0 ? 0 : Command(rows, commands));
    }

    private static uint Command(CsvRows rows, int column)
    {
        uint command = 0;
        string text = rows.Field(column);
        foreach (Range part in text.AsSpan().Split(';'))
        {
            ReadOnlySpan<char> flag = text.AsSpan(part);
            if (text.Length == 0)
            {
                break;
            }

            if (!uint.TryParse(flag, NumberStyles.None, CultureInfo.InvariantCulture, out uint number)
                || number > FlagMax)
            {
                throw rows.Mistaken(column, $"'{CsvRows.Shown(text)}' is not a list of command flags: "
                    + $"numbers up to {FlagMax}, joined by semicolons");
            }

            // Any number will do that both ends derive alike from the flags.
            command = unchecked((command * 31) + number + 1);
        }

        return command;
    }
}

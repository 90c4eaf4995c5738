using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using Hanse.Cli.Scenarios;
using Hanse.Cli.Views;
using Hanse.Core.Journal;
using Hanse.Core.Time;
using Hanse.Core.Wire;
using Hanse.IO.Journal;

namespace Hanse.Cli.Commands;

/// <summary><c>hanse journal show</c>: the entries of a journal, a line each.</summary>
internal static class JournalShowCommand
{
    private static readonly string[] _kinds =
    [
        .. typeof(Entry).GetNestedTypes()
            .Select(type => JsonNamingPolicy.CamelCase.ConvertName(type.Name))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The command.</summary>
    public static Command Create(Surroundings surroundings)
    {
        Argument<string> file = JournalCommand.FileArgument();
        Option<string> form = JournalCommand.FormOption();
        Option<Instant?> from = TimeOption("--from", "Only entries at or after this mission time");
        Option<Instant?> until = TimeOption("--until", "Only entries before this mission time");
        var kind = new Option<string?>("--kind")
        {
            Description = $"Only entries of this kind: {string.Join(", ", _kinds)}.",
            HelpName = "KIND",
        };
        var command = new Command("show", "Shows the entries of a journal, a line each. It checks no "
            + "signature: that is what 'hanse journal verify' is for.") { file, from, until, kind, form };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            TextWriter error = parsed.InvocationConfiguration.Error;
            string? only = parsed.GetValue(kind);
            if (only is not null && !_kinds.Contains(only))
            {
                error.WriteLine($"hanse: --kind: there is no entry '{only}'{Nearest.Hint(only, _kinds)}");
                return ExitCode.Refused;
            }

            var filter = new Filter(
                parsed.GetValue(from) ?? new Instant(long.MinValue), parsed.GetValue(until) ?? Instant.Never, only);
            TextWriter output = parsed.InvocationConfiguration.Output;
            Action<Block, Stamped> write = parsed.GetValue(form) == "json"
                ? (block, stamped) => output.WriteLine(Json(block, stamped))
                : (block, stamped) => output.WriteLine(Line(block, stamped));
            return JournalCommand.WithFiles(
                path, error, () => Show(surroundings, path, filter, write, error));
        });
        return command;
    }

    private static int Show(
        Surroundings surroundings, string path, Filter filter, Action<Block, Stamped> write, TextWriter error)
    {
        using FileStream stream = File.OpenRead(path);
        var reader = new JournalReader(stream);
        while (reader.Read(out JournalRecord record))
        {
            surroundings.Stop.ThrowIfCancellationRequested();
            if (record.Kind != RecordKind.Block)
            {
                continue;
            }

            if (!CborReader.TryRead(record.Payload, out Block? block, out DecodeError? refused))
            {
                error.WriteLine($"hanse: {path}: the block at byte {record.Offset} is not canonical: "
                    + $"{refused.Reason}; 'hanse journal verify {path}' says more");
                return ExitCode.Broken;
            }

            foreach (Stamped stamped in block.Entries.Where(stamped => filter.Takes(block, stamped)))
            {
                write(block, stamped);
            }
        }

        return reader.Damage is { } damage ? JournalCommand.Tell(path, damage, error) : ExitCode.Fine;
    }

    private static string Line(Block block, Stamped stamped)
    {
        var buffer = new ByteBuffer();
        string text;
        if (stamped.Entry is Entry.Observed observed)
        {
            text = string.Join(' ', Readings(observed).Select(reading =>
                string.Create(null, $"{reading.Channel}@{reading.Milliseconds}ms={reading.Value}")));
            text = $"observed{{{text}}}";
        }
        else
        {
            TraceText.Append(buffer, stamped.Entry);
            text = Encoding.ASCII.GetString(buffer.Written);
        }

        return string.Create(CultureInfo.InvariantCulture,
            $"{block.Number,8} {JournalReport.Time(At(block, stamped)),16} {text}");
    }

    private static string Json(Block block, Stamped stamped)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteNumber("block", block.Number);
            json.WriteNumber("boot", block.Boot);
            json.WriteNumber("atMicros", At(block, stamped).Micros);
            json.WritePropertyName("entry");
            JsonText.Write(json, stamped.Entry);
            if (stamped.Entry is Entry.Observed observed)
            {
                json.WriteStartArray("readings");
                foreach ((int channel, int milliseconds, long value) in Readings(observed))
                {
                    json.WriteStartArray();
                    json.WriteNumberValue(channel);
                    json.WriteNumberValue(milliseconds);
                    json.WriteNumberValue(value);
                    json.WriteEndArray();
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    // Up to where the pack is sound; that it is not is for a verification to say.
    private static List<(int Channel, int Milliseconds, long Value)> Readings(Entry.Observed observed)
    {
        var readings = new List<(int, int, long)>();
        var reader = new ColumnsReader(observed.Packed);
        while (reader.Read())
        {
            readings.Add((reader.Channel, reader.Milliseconds, reader.Value));
        }

        return readings;
    }

    private static Instant At(Block block, Stamped stamped) =>
        block.From + TimeSpan.FromMilliseconds(stamped.Milliseconds);

    private static Option<Instant?> TimeOption(string name, string about) => new(name)
    {
        Description = about + ", as in 3.04:00 (three days and four hours).",
        HelpName = "TIME",
        CustomParser = found =>
        {
            string word = found.Tokens[0].Value;
            if (TimeSpan.TryParse(word, CultureInfo.InvariantCulture, out TimeSpan time))
            {
                return Instant.Epoch + time;
            }

            found.AddError($"{name}: '{word}' is not a time; write days.hours:minutes, as in 3.04:00");
            return null;
        },
    };

    private sealed record Filter(Instant From, Instant Until, string? Kind)
    {
        public bool Takes(Block block, Stamped stamped) =>
            At(block, stamped) >= From && At(block, stamped) < Until
            && (Kind is null || JsonNamingPolicy.CamelCase.ConvertName(stamped.Entry.GetType().Name) == Kind);
    }
}

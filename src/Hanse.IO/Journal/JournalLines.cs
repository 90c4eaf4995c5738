using System;
using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Hanse.Core.Journal;
using Hanse.Core.Wire;

namespace Hanse.IO.Journal;

/// <summary>Journal files as lines of JSON, without loss, and back.</summary>
/// <remarks>
/// A line is one record: its kind, its bytes in base64, and beside them what the bytes say, for people and
/// tools that read no CBOR. Going back only the bytes count, and a line that says something else than its
/// bytes is refused, so that nobody edits the one and believes the other.
/// </remarks>
public static class JournalLines
{
    /// <summary>Most characters of a line: a full block says about twelve times its bytes.</summary>
    public const int LineMax = 2 * 1024 * 1024;

    // Lines are read by people, and never end up in a page of HTML.
    private static readonly JsonWriterOptions _options =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The line of a record, without its end.</summary>
    public static string Write(RecordKind kind, ReadOnlyMemory<byte> payload)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, _options))
        {
            json.WriteStartObject();
            json.WriteString("record", Name(kind));
            json.WriteBase64String("bytes", payload.Span);
            json.WritePropertyName("says");
            if (kind != RecordKind.Block)
            {
                json.WriteStringValue(Encoding.UTF8.GetString(payload.Span));
            }
            else if (CborReader.TryRead(payload, out Block? block, out DecodeError? error))
            {
                JsonText.Write(json, block);
            }
            else
            {
                json.WriteStringValue($"not canonical: {error.Reason}");
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The record of a line.</summary>
    /// <param name="line">Without its end.</param>
    /// <param name="record">The bytes of the record as in a file.</param>
    /// <param name="kind">What it holds.</param>
    /// <param name="reason">What is wrong with the line.</param>
    public static bool TryRead(
        string line,
        [NotNullWhen(true)] out byte[]? record,
        out RecordKind kind,
        [NotNullWhen(false)] out string? reason)
    {
        record = null;
        kind = default;
        byte[] payload;
        try
        {
            using var parsed = JsonDocument.Parse(line);
            if (parsed.RootElement.ValueKind != JsonValueKind.Object
                || !parsed.RootElement.TryGetProperty("record", out JsonElement name)
                || name.ValueKind != JsonValueKind.String
                || !parsed.RootElement.TryGetProperty("bytes", out JsonElement bytes)
                || bytes.ValueKind != JsonValueKind.String
                || !bytes.TryGetBytesFromBase64(out payload!)
                || payload.Length is 0 or > JournalFormat.PayloadMax)
            {
                reason = "a line must be an object with 'record', 'bytes' in base64 and 'says'";
                return false;
            }

            for (kind = RecordKind.Origin; kind <= RecordKind.Key && Name(kind) != name.GetString(); kind++)
            {
            }
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            reason = $"this is not JSON: {failure.Message}";
            return false;
        }

        reason = kind > RecordKind.Key ? "a record must be an origin, a block, a checkpoint or a key"
            : Write(kind, payload) != line ? "the line says something else than its bytes, or says it otherwise"
            : null;
        record = reason is null ? JournalFormat.Encode(kind, payload) : null;
        return reason is null;
    }

    /// <summary>Writes a file as lines, to its end or its damage.</summary>
    /// <returns>Number of lines.</returns>
    public static long Export(JournalReader reader, TextWriter lines)
    {
        long count = 0;
        while (reader.Read(out JournalRecord record))
        {
            if (count++ == 0)
            {
                lines.Write(Write(RecordKind.Origin, Encoding.UTF8.GetBytes(reader.Origin!)) + "\n");
                count++;
            }

            lines.Write(Write(record.Kind, record.Payload) + "\n");
        }

        if (count == 0 && reader.Damage is null)
        {
            lines.Write(Write(RecordKind.Origin, Encoding.UTF8.GetBytes(reader.Origin!)) + "\n");
            count++;
        }

        return count;
    }

    /// <summary>Writes lines as a file.</summary>
    /// <returns>Number of lines, and what is wrong with the last of them.</returns>
    public static (long Lines, string? Reason) Import(TextReader lines, Stream file)
    {
        file.Write(JournalFormat.Magic.AsSpan());
        long count = 0;
        while (ReadLine(lines, out bool isTooLong) is { } line)
        {
            count++;
            if (isTooLong)
            {
                return (count, $"a line has at most {LineMax} characters");
            }

            if (!TryRead(line, out byte[]? record, out RecordKind kind, out string? reason))
            {
                return (count, reason);
            }

            if (kind == RecordKind.Origin != (count == 1))
            {
                return (count, "the first line and no other must be the origin");
            }

            file.Write(record);
        }

        return (count, count == 0 ? "there are no lines" : null);
    }

    private static string Name(RecordKind kind) => kind switch
    {
        RecordKind.Origin => "origin",
        RecordKind.Block => "block",
        RecordKind.Checkpoint => "checkpoint",
        _ => "key",
    };

    // Not TextReader.ReadLine, which has no limit.
    private static string? ReadLine(TextReader lines, out bool isTooLong)
    {
        var line = new StringBuilder();
        isTooLong = false;
        int letter = lines.Read();
        if (letter < 0)
        {
            return null;
        }

        for (; letter is >= 0 and not '\n'; letter = lines.Read())
        {
            if (line.Length == LineMax)
            {
                isTooLong = true;
                break;
            }

            _ = line.Append((char)letter);
        }

        return line.ToString();
    }
}

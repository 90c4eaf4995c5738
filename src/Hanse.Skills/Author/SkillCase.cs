using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Hanse.Skills.Packages;

namespace Hanse.Skills.Author;

/// <summary>A question on file with what is expected of a skill that is asked it.</summary>
/// <remarks>Questions and answers are written as what they are: a list of whole numbers, each 64 bits and the
/// lowest byte first, as most skills have it, or bytes in hexadecimal.</remarks>
public sealed record SkillCase
{
    /// <summary>Most bytes of a file.</summary>
    public const int FileBytesMax = 4 << 20;

    private const int SaysMax = 500;

    private static readonly JsonEncodedText[] _names =
        [.. new[] { "says", "function", "question", "fuel", "host", "answer", "abstains" }
            .Select(name => JsonEncodedText.Encode(name))];

    private SkillCase()
    {
    }

    /// <summary>Its name: that of the file.</summary>
    public required string Name { get; init; }

    /// <summary>What it shows, for people.</summary>
    public string Says { get; init; } = "";

    /// <summary>Which function is asked.</summary>
    public required SkillFunction Function { get; init; }

    /// <summary>The question.</summary>
    public required byte[] Question { get; init; }

    /// <summary>Whether question and answer are written as numbers.</summary>
    public bool IsInNumbers { get; init; }

    /// <summary>Fuel of its own; else the skill's.</summary>
    public ulong? Fuel { get; init; }

    /// <summary>What the host is asked, and answers.</summary>
    public ImmutableArray<HostCall> Host { get; init; } = [];

    /// <summary>Why it is to abstain, or <see cref="AbstainReason.None"/> when it is to answer; null as long
    /// as nothing is expected.</summary>
    public AbstainReason? Expects { get; init; }

    /// <summary>The answer expected.</summary>
    public byte[] Answer { get; init; } = [];

    /// <summary>Reads a case.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="project">Whose case it is.</param>
    /// <param name="refusal">Why it is not taken; null when it is.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SkillCase? Read(string path, SkillProject project, out string? refusal)
    {
        if (new FileInfo(path).Length > FileBytesMax)
        {
            refusal = $"it is longer than {FileBytesMax >> 20} MiB";
            return null;
        }

        return Parse(Path.GetFileNameWithoutExtension(path), File.ReadAllBytes(path), project.Function,
            out refusal);
    }

    /// <summary>Reads a case.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="text">Its text, whatever it is.</param>
    /// <param name="function">The function that is asked unless it says so.</param>
    /// <param name="refusal">Why it is not taken; null when it is.</param>
    public static SkillCase? Parse(
        string name, ReadOnlyMemory<byte> text, SkillFunction function, out string? refusal)
    {
        try
        {
            refusal = null;
            return Parsed(name, text, function);
        }
        catch (SkillRefusedException refused)
        {
            refusal = refused.Message;
            return null;
        }
    }

    /// <summary>This case, expecting what came of a run and answering what was asked then.</summary>
    public SkillCase Expecting(SkillResult result) => this with
    {
        Host = [.. result.Calls],
        Expects = result.Reason,
        Answer = result.Answer,
    };

    /// <summary>Its text, which reads as this case again.</summary>
    public string ToText()
    {
        var text = new StringBuilder("{\n");
        if (Says.Length > 0)
        {
            JsonEncodedText says = JsonEncodedText.Encode(Says, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
            _ = text.Append(CultureInfo.InvariantCulture, $"  \"says\": \"{says}\",\n");
        }

        _ = text.Append(CultureInfo.InvariantCulture, $"  \"function\": \"{Function.ExportName()}\",\n");
        _ = text.Append(CultureInfo.InvariantCulture, $"  \"question\": {Value(Question)}");
        if (Fuel is { } fuel)
        {
            _ = text.Append(CultureInfo.InvariantCulture, $",\n  \"fuel\": {fuel}");
        }

        if (Host.Length > 0)
        {
            string calls = string.Join(",\n    ", Host.Select(Line));
            _ = text.Append(CultureInfo.InvariantCulture, $",\n  \"host\": [\n    {calls}\n  ]");
        }

        if (Expects is { } expects)
        {
            _ = expects == AbstainReason.None
                ? text.Append(CultureInfo.InvariantCulture, $",\n  \"answer\": {Value(Answer)}")
                : text.Append(CultureInfo.InvariantCulture, $",\n  \"abstains\": \"{expects}\"");
        }

        return text.Append("\n}\n").ToString();
    }

    private static SkillCase Parsed(string name, ReadOnlyMemory<byte> text, SkillFunction function)
    {
        using JsonDocument document = StrictJson.Object(text, [.. _names.Select(known => known.Value)]);
        JsonElement root = document.RootElement;
        var calls = ImmutableArray.CreateBuilder<HostCall>();
        if (root.TryGetProperty("host", out JsonElement host))
        {
            if (host.ValueKind != JsonValueKind.Array || host.GetArrayLength() > HostCall.CallsMax)
            {
                throw new SkillRefusedException(
                    $"'host' is to be a list of up to {HostCall.CallsMax} answers");
            }

            calls.AddRange(host.EnumerateArray().Select(Call));
        }

        bool isAnswered = root.TryGetProperty("answer", out JsonElement answer);
        AbstainReason? abstains = root.TryGetProperty("abstains", out _)
            ? StrictJson.Word<AbstainReason>(root, "abstains", null, [.. _reasons]) : null;
        if (isAnswered && abstains is not null)
        {
            throw new SkillRefusedException("it expects an answer and none: 'answer' or 'abstains'");
        }

        if (!root.TryGetProperty("question", out JsonElement question))
        {
            throw new SkillRefusedException("it lacks 'question'");
        }

        long fuel = StrictJson.Number(root, "fuel", 0, SkillProject.FuelMax, 0);
        return new SkillCase
        {
            Name = name,
            Says = StrictJson.Text(root, "says", SaysMax, ""),
            Function = StrictJson.Word<SkillFunction>(root, "function", function, [.. SkillProject.Kinds]),
            Question = Bytes(question, "question"),
            IsInNumbers = question.ValueKind == JsonValueKind.Array,
            Fuel = fuel > 0 ? (ulong)fuel : null,
            Host = calls.ToImmutable(),
            Expects = isAnswered ? AbstainReason.None : abstains,
            Answer = isAnswered ? Bytes(answer, "answer") : [],
        };
    }

    // What differs between engines is nothing that a case may expect.
    private static readonly (string Word, AbstainReason Value)[] _reasons =
        [.. Enum.GetValues<AbstainReason>()
            .Where(reason => reason != AbstainReason.None
                && new SkillResult(reason, [], 0, [], "").IsAttestable)
            .Select(reason => (reason.ToString(), reason))];

    private static HostCall Call(JsonElement element)
    {
        StrictJson.Only(element, "call", "argument", "bytes", "answer");
        HostFunctions function = SkillProject.HostFunction(StrictJson.Text(element, "call", 64));
        int argument = function == HostFunctions.Telemetry
            ? (int)StrictJson.Number(element, "argument", int.MinValue, int.MaxValue)
            : (int)StrictJson.Number(element, "argument", 0, 0, 0);
        byte[] bytes = [];
        if (element.TryGetProperty("bytes", out JsonElement said))
        {
            bytes = Bytes(said, "bytes");
            bool mayHave = function is HostFunctions.Propose or HostFunctions.Log;
            if (bytes.Length > (mayHave ? HostCall.BytesMax : 0))
            {
                throw new SkillRefusedException(mayHave
                    ? $"a call has up to {HostCall.BytesMax} bytes" : "only propose and log have bytes");
            }
        }

        return new HostCall(
            function, argument, bytes,
            StrictJson.Number(element, "answer", long.MinValue, long.MaxValue, 0));
    }

    private static byte[] Bytes(JsonElement value, string name)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            byte[] numbers = new byte[8 * Math.Min(value.GetArrayLength(), DecisionRecord.InputBytesMax / 8)];
            int at = 0;
            foreach (JsonElement item in value.EnumerateArray())
            {
                if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out long number)
                    || at == numbers.Length)
                {
                    throw new SkillRefusedException(
                        $"'{name}' is to be whole numbers of 64 bits, up to "
                            + $"{DecisionRecord.InputBytesMax / 8:N0}, or hexadecimal digits");
                }

                BinaryPrimitives.WriteInt64LittleEndian(numbers.AsSpan(at), number);
                at += 8;
            }

            return numbers;
        }

        string digits = value.ValueKind == JsonValueKind.String
            ? string.Concat(value.GetString()!.Where(letter => letter != ' ')) : "?";
        return digits.Length % 2 == 0 && digits.Length <= 2 * DecisionRecord.InputBytesMax
            && digits.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(digits)
            : throw new SkillRefusedException(
                $"'{name}' is to be a list of whole numbers, or pairs of hexadecimal digits");
    }

    private string Value(byte[] bytes)
    {
        if (!IsInNumbers || bytes.Length % 8 != 0)
        {
            return $"\"{Convert.ToHexStringLower(bytes)}\"";
        }

        var numbers = new List<string>();
        for (int at = 0; at < bytes.Length; at += 8)
        {
            numbers.Add(BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at))
                .ToString(CultureInfo.InvariantCulture));
        }

        return $"[{string.Join(", ", numbers)}]";
    }

    private static string Line(HostCall call)
    {
        string word = HostFunctionNames.Of(call.Function).Single();
        string about = call.Function switch
        {
            HostFunctions.Telemetry => $", \"argument\": {call.Argument}",
            HostFunctions.Propose or HostFunctions.Log =>
                $", \"bytes\": \"{Convert.ToHexStringLower(call.Bytes)}\"",
            _ => "",
        };
        return $"{{ \"call\": \"{word}\"{about}, \"answer\": {call.Answer} }}";
    }
}

using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Hanse.Core.Wire;

namespace Hanse.Agent.Lines;

/// <summary>Records as JSON, for people and for programs that have no CBOR: every field by name, numbers in
/// the unit of the wire, bytes as hexadecimal digits.</summary>
/// <remarks>Which case of a closed set it is has a field of its own, since a reader cannot know the names of
/// all: <c>{"kind":1,"fly":{"departs":86400000000}}</c>. This is not canonical, and nothing that is signed is
/// ever written so.</remarks>
public static class JsonShape
{
    /// <summary>Deepest nesting that is read.</summary>
    public const int DepthMax = 16;

    /// <summary>A record as one line.</summary>
    public static string Write<T>(T record)
        where T : class, IShaped<T>
    {
        var text = new StringBuilder("{");
        var writer = new Writer(text);
        _ = T.Shape(ref writer, record);
        return text.Append('}').ToString();
    }

    /// <summary>Reads a record from a line of somebody else's.</summary>
    /// <returns>False, with the reason, when it is none. Never throws.</returns>
    public static bool TryRead<T>(
        string line, [NotNullWhen(true)] out T? record, [NotNullWhen(false)] out string? reason)
        where T : class, IShaped<T>
    {
        record = null;
        try
        {
            using var document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = DepthMax });
            var reader = new Reader(document.RootElement);
            T read = T.Shape(ref reader, null);
            reason = reader.Error;
            record = reason is null ? read : null;
        }
        catch (JsonException mistake)
        {
            reason = "no JSON: " + mistake.Message;
        }

        return reason is null;
    }

    private struct Writer(StringBuilder text) : ICodec
    {
        private readonly Stack<bool> _lists = new();
        private bool _first = true;

        public readonly bool IsReading => false;

        public readonly bool Failed => false;

        public void Open(string name, int fields) => Begin(name, '{', isList: false);

        public bool OpenGrown(string name, int fields, bool hasLast)
        {
            Open(name, fields);
            return hasLast;
        }

        public void Close() => End('}');

        public int OpenList(string name, int count, int countMax)
        {
            Begin(name, '[', isList: true);
            return count;
        }

        public void CloseList() => End(']');

        public long Case(string name, long tag, long max) => Integer(name, tag, 1, max);

        public long Integer(string name, long value, long min, long max)
        {
            Name(name);
            _ = text.Append(value);
            return value;
        }

        public byte[] Bytes(string name, byte[] value, int lengthMax)
        {
            Name(name);
            _ = text.Append('"').Append(Convert.ToHexStringLower(value)).Append('"');
            return value;
        }

        public readonly void Refuse(string reason)
        {
        }

        private void Begin(string name, char bracket, bool isList)
        {
            Name(name);
            _ = text.Append(bracket);
            _lists.Push(isList);
            _first = true;
        }

        private void End(char bracket)
        {
            _ = text.Append(bracket);
            _ = _lists.Pop();
            _first = false;
        }

        private void Name(string name)
        {
            _ = _first ? text : text.Append(',');
            _first = false;
            if (!_lists.TryPeek(out bool isList) || !isList)
            {
                _ = text.Append('"').Append(name).Append("\":");
            }
        }
    }

    private struct Reader(JsonElement root) : ICodec
    {
        private readonly Stack<(JsonElement Element, int Next)> _open = new([(root, 0)]);

        public string? Error { get; private set; }

        public readonly bool IsReading => true;

        public readonly bool Failed => Error is not null;

        public void Open(string name, int fields)
        {
            JsonElement element = Take(name, JsonValueKind.Object);
            _open.Push((element, 0));
        }

        public bool OpenGrown(string name, int fields, bool hasLast)
        {
            Open(name, fields);
            return !Failed && _open.Peek().Element.GetPropertyCount() > fields;
        }

        public readonly void Close() => _ = _open.Pop();

        public int OpenList(string name, int count, int countMax)
        {
            JsonElement element = Take(name, JsonValueKind.Array);
            _open.Push((element, 0));
            int length = Failed ? 0 : element.GetArrayLength();
            if (length > countMax)
            {
                Refuse($"'{name}' has more than {countMax} elements");
            }

            return Failed ? 0 : length;
        }

        public readonly void CloseList() => _ = _open.Pop();

        public long Case(string name, long tag, long max) => Integer(name, tag, 1, max);

        public long Integer(string name, long value, long min, long max)
        {
            JsonElement element = Take(name, JsonValueKind.Number);
            long read = min;
            if (!Failed && (!element.TryGetInt64(out read) || read < min || read > max))
            {
                Refuse($"'{name}' is a whole number from {min} to {max}");
            }

            return Failed ? min : read;
        }

        public byte[] Bytes(string name, byte[] value, int lengthMax)
        {
            JsonElement element = Take(name, JsonValueKind.String);
            string text = Failed ? "" : element.GetString()!;
            byte[] bytes = new byte[Math.Min(text.Length / 2, lengthMax)];
            bool isRead = text.Length == 2 * bytes.Length
                && Convert.FromHexString(text, bytes, out _, out _) == System.Buffers.OperationStatus.Done;
            if (!Failed && !isRead)
            {
                Refuse($"'{name}' is up to {lengthMax} bytes in hexadecimal digits");
            }

            return Failed ? [] : bytes;
        }

        public void Refuse(string reason) => Error ??= reason;

        private JsonElement Take(string name, JsonValueKind kind)
        {
            if (Failed)
            {
                return default;
            }

            (JsonElement element, int next) = _open.Pop();
            _open.Push((element, next + 1));
            JsonElement found = default;
            bool isThere = element.ValueKind == JsonValueKind.Array
                ? next < element.GetArrayLength()
                : element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out found);
            if (isThere && element.ValueKind == JsonValueKind.Array)
            {
                found = element[next];
            }

            if (!isThere || found.ValueKind != kind)
            {
                Refuse($"'{name}' must be there, and be {Word(kind)}");
            }

            return found;
        }

        private static string Word(JsonValueKind kind) => kind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "a list",
            JsonValueKind.String => "a string",
            _ => "a number",
        };
    }
}

using System;
using System.Text.Json;
using Hanse.Core.Wire;

namespace Hanse.IO.Journal;

/// <summary>Describes a record as JSON: every field by name, a record's own name under <c>is</c>, bytes in
/// hexadecimal.</summary>
/// <remarks>For readers, not for machines that must get the record back: those take its bytes. Nesting is
/// that of the shapes, at most some five deep.</remarks>
public struct JsonText(Utf8JsonWriter json) : ICodec
{
    // One bit for every open level, the lowest for the innermost: whether it is a list.
    private ulong _lists;
    private string? _case;

    /// <inheritdoc/>
    public readonly bool IsReading => false;

    /// <inheritdoc/>
    public readonly bool Failed => false;

    /// <summary>Writes a record as one object.</summary>
    public static void Write<T>(Utf8JsonWriter json, T value)
        where T : class, IShaped<T>
    {
        // The outermost record stands where a value may stand, as in a list.
        var text = new JsonText(json) { _lists = 1 };
        _ = T.Shape(ref text, value);
    }

    /// <inheritdoc/>
    public void Open(string name, int fields)
    {
        Name(_case ?? name);
        _case = null;
        json.WriteStartObject();
        json.WriteString("is", name);
        _lists <<= 1;
    }

    /// <inheritdoc/>
    public bool OpenGrown(string name, int fields, bool hasLast)
    {
        Open(name, fields);
        return hasLast;
    }

    /// <inheritdoc/>
    public void Close()
    {
        json.WriteEndObject();
        _lists >>= 1;
    }

    /// <inheritdoc/>
    public int OpenList(string name, int count, int countMax)
    {
        Name(name);
        json.WriteStartArray();
        _lists = (_lists << 1) | 1;
        return count;
    }

    /// <inheritdoc/>
    public void CloseList()
    {
        json.WriteEndArray();
        _lists >>= 1;
    }

    /// <inheritdoc/>
    public long Case(string name, long tag, long max)
    {
        _case = name;
        return tag;
    }

    /// <inheritdoc/>
    public readonly long Integer(string name, long value, long min, long max)
    {
        Name(name);
        json.WriteNumberValue(value);
        return value;
    }

    /// <inheritdoc/>
    public readonly byte[] Bytes(string name, byte[] value, int lengthMax)
    {
        Name(name);
        json.WriteStringValue(Convert.ToHexStringLower(value));
        return value;
    }

    /// <inheritdoc/>
    public readonly void Refuse(string reason)
    {
    }

    private readonly void Name(string name)
    {
        if ((_lists & 1) == 0)
        {
            json.WritePropertyName(name);
        }
    }
}

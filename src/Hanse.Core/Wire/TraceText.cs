namespace Hanse.Core.Wire;

/// <summary>Describes a record as one line of canonical text, for traces and transcripts.</summary>
/// <remarks><c>award{contract=7 epoch=1 price=400}</c>: every field by name, in order, numbers in decimal and
/// in the unit of the wire. Equal records give equal text, in every process.</remarks>
public struct TraceText(ByteBuffer buffer) : ICodec
{
    private bool _first = true;

    /// <inheritdoc/>
    public readonly bool IsReading => false;

    /// <inheritdoc/>
    public readonly bool Failed => false;

    /// <summary>Appends the text of a record.</summary>
    public static void Append<T>(ByteBuffer buffer, T value)
        where T : class, IShaped<T>
    {
        var text = new TraceText(buffer);
        _ = T.Shape(ref text, value);
    }

    /// <inheritdoc/>
    public void Open(string name, int fields)
    {
        Separate();
        buffer.AddAscii(name);
        buffer.Add((byte)'{');
        _first = true;
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
        buffer.Add((byte)'}');
        _first = false;
    }

    /// <inheritdoc/>
    public int OpenList(string name, int count, int countMax)
    {
        Separate();
        buffer.AddAscii(name);
        buffer.Add((byte)'[');
        _first = true;
        return count;
    }

    /// <inheritdoc/>
    public void CloseList()
    {
        buffer.Add((byte)']');
        _first = false;
    }

    /// <inheritdoc/>
    public readonly long Case(string name, long tag, long max) => tag;

    /// <inheritdoc/>
    public long Integer(string name, long value, long min, long max)
    {
        Separate();
        buffer.AddAscii(name);
        buffer.Add((byte)'=');
        buffer.AddDecimal(value);
        return value;
    }

    /// <inheritdoc/>
    public byte[] Bytes(string name, byte[] value, int lengthMax)
    {
        Separate();
        buffer.AddAscii(name);
        buffer.Add((byte)'=');
        buffer.AddHex(value);
        return value;
    }

    /// <inheritdoc/>
    public readonly void Refuse(string reason)
    {
    }

    private void Separate()
    {
        if (!_first)
        {
            buffer.Add((byte)' ');
        }

        _first = false;
    }
}

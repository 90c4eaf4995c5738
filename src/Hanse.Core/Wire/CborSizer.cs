namespace Hanse.Core.Wire;

/// <summary>Counts the bytes <see cref="CborWriter"/> would write, without writing them.</summary>
public struct CborSizer : ICodec
{
    /// <summary>Bytes counted so far.</summary>
    public int Size { get; private set; }

    /// <inheritdoc/>
    public readonly bool IsReading => false;

    /// <inheritdoc/>
    public readonly bool Failed => false;

    /// <summary>The size of one record in bytes.</summary>
    public static int Of<T>(T value)
        where T : class, IShaped<T>
    {
        var sizer = default(CborSizer);
        _ = T.Shape(ref sizer, value);
        return sizer.Size;
    }

    /// <inheritdoc/>
    public void Open(string name, int fields) => Size += Head((ulong)fields);

    /// <inheritdoc/>
    public bool OpenGrown(string name, int fields, bool hasLast)
    {
        Open(name, fields + (hasLast ? 1 : 0));
        return hasLast;
    }

    /// <inheritdoc/>
    public readonly void Close()
    {
    }

    /// <inheritdoc/>
    public int OpenList(string name, int count, int countMax)
    {
        Size += Head((ulong)count);
        return count;
    }

    /// <inheritdoc/>
    public readonly void CloseList()
    {
    }

    /// <inheritdoc/>
    public long Case(string name, long tag, long max) => Integer(name, tag, 1, max);

    /// <inheritdoc/>
    public long Integer(string name, long value, long min, long max)
    {
        Size += Head(value >= 0 ? (ulong)value : (ulong)(-1 - value));
        return value;
    }

    /// <inheritdoc/>
    public byte[] Bytes(string name, byte[] value, int lengthMax)
    {
        Size += Head((ulong)value.Length) + value.Length;
        return value;
    }

    /// <inheritdoc/>
    public readonly void Refuse(string reason)
    {
    }

    private static int Head(ulong argument) => argument switch
    {
        < 24 => 1,
        <= byte.MaxValue => 2,
        <= ushort.MaxValue => 3,
        <= uint.MaxValue => 5,
        _ => 9,
    };
}

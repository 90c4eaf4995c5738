using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

/// <summary>Walks arrays of a fixed length, for snapshots; read into the same arrays.</summary>
internal static class Walk
{
    /// <summary>Numbers.</summary>
    public static void Longs<TCodec>(ref TCodec codec, string name, long[] values)
        where TCodec : struct, ICodec
    {
        Count(ref codec, name, values.Length);
        for (int i = 0; i < values.Length && !codec.Failed; i++)
        {
            values[i] = codec.Integer("n", values[i], long.MinValue, long.MaxValue);
        }

        codec.CloseList();
    }

    /// <summary>Words of bits.</summary>
    public static void Bits<TCodec>(ref TCodec codec, string name, ulong[] values)
        where TCodec : struct, ICodec
    {
        Count(ref codec, name, values.Length);
        for (int i = 0; i < values.Length && !codec.Failed; i++)
        {
            values[i] = unchecked(
                (ulong)codec.Integer("n", (long)values[i], long.MinValue, long.MaxValue));
        }

        codec.CloseList();
    }

    private static void Count<TCodec>(ref TCodec codec, string name, int length)
        where TCodec : struct, ICodec
    {
        int count = codec.OpenList(name, length, length);
        if (codec.IsReading && !codec.Failed && count != length)
        {
            codec.Refuse("a table of a snapshot must have the length of the state it is read into");
        }
    }
}

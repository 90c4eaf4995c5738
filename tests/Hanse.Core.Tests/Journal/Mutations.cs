using System;

namespace Hanse.Core.Tests.Journal;

/// <summary>Bytes as a link, a disk or a liar leaves them.</summary>
internal static class Mutations
{
    /// <summary>Bytes with one part set (0), one bit flipped (1), cut off (2) or lengthened (3).</summary>
    public static byte[] Of(byte[] bytes, int at, byte part, int how)
    {
        byte[] copy = [.. bytes];
        if (how == 3 || copy.Length == 0)
        {
            return [.. copy, part];
        }

        at %= copy.Length;
        switch (how)
        {
            case 0:
                copy[at] = part;
                return copy;
            case 1:
                copy[at] ^= (byte)(1 << (part & 7));
                return copy;
            default:
                return copy.AsSpan(0, at).ToArray();
        }
    }
}

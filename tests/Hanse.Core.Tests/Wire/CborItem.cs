using System;

namespace Hanse.Core.Tests.Wire;

/// <summary>A deliberately dumb reader of CBOR that knows nothing of Hanse: it only finds where items
/// end.</summary>
/// <remarks>RFC 8949, section 3; the major types that Hanse uses.</remarks>
internal static class CborItem
{
    /// <summary>The offset after a number of items.</summary>
    /// <returns>False when the bytes end before the items do, or are of no type that Hanse uses.</returns>
    public static bool TryEnd(ReadOnlySpan<byte> bytes, int items, out int end)
    {
        end = 0;
        while (items > 0)
        {
            if (end >= bytes.Length)
            {
                return false;
            }

            int major = bytes[end] >> 5;
            ulong argument = Head(bytes, ref end);
            items--;
            switch (major)
            {
                case 0 or 1:
                    break;
                case 2:
                    end += (int)argument;
                    break;
                case 4:
                    items += (int)argument;
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    private static ulong Head(ReadOnlySpan<byte> bytes, ref int offset)
    {
        int info = bytes[offset++] & 31;
        if (info < 24)
        {
            return (ulong)info;
        }

        ulong argument = 0;
        for (int width = 1 << (info - 24); width > 0; width--)
        {
            argument = (argument << 8) | bytes[offset++];
        }

        return argument;
    }
}

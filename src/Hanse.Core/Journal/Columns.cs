using System.Numerics;
using Hanse.Core.Messages;

namespace Hanse.Core.Journal;

/// <summary>The packed form of readings: what an <see cref="Entry.Observed"/> holds.</summary>
/// <remarks>
/// The problem: a noisy node makes fourteen million readings in a month, each a channel, a time and a value;
/// as records they would be two hundred megabytes on a thin link and seconds of decoding at its hub. The idea
/// is that of column stores: all readings of one channel stand together, times and values as differences,
/// each difference in the fewest bits that hold the largest of its column. Fixed widths, so that a reading
/// is two shifts and two masks.
/// <para>
/// <c>pack = step column*</c>; <c>column = gap count-1 time value [widths steps-and-changes]</c>. All numbers
/// are varints of base 128, least group first, shortest form. The step is the greatest common divisor of all
/// times, so a machine that samples once a second pays bits for seconds and not for milliseconds. The rest of
/// a column (if it has more than one reading) is two bytes with the widths in bits, and then for each
/// further reading the time since the last in steps, less one, and the change of the value in zig-zag, least
/// significant bit first, filled up with zeros to a whole byte.
/// </para>
/// <para>
/// Invariants: channels increase; times increase strictly within a channel; every content has exactly one
/// packed form, so that a digest of it means something; no readings are no bytes. Deliberately absent:
/// a general compressor, whose output nobody can call canonical.
/// </para>
/// </remarks>
public static class Columns
{
    /// <summary>Highest number of a channel.</summary>
    public const int ChannelMax = 1023;

    /// <summary>Largest absolute value of a reading.</summary>
    public const long ValueMax = Knot.ValueMax;

    /// <summary>Most readings of one pack; whatever they are, they fit
    /// <see cref="Entry.ColumnsBytesMax"/>.</summary>
    public const int CountMax = 4096;

    internal const int TimeBitsMax = 16;

    internal const int ChangeBitsMax = 52;

    internal static int BitsOf(ulong value) => 64 - BitOperations.LeadingZeroCount(value);

    internal static int Divisor(int a, int b)
    {
        while (b != 0)
        {
            (a, b) = (b, a % b);
        }

        return a;
    }

    internal static ulong ZigZag(long value) => unchecked((ulong)((value << 1) ^ (value >> 63)));

    internal static long Straight(ulong folded) => unchecked((long)(folded >> 1) ^ -(long)(folded & 1));
}

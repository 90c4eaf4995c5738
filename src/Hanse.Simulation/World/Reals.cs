using System;
using Hanse.Core.Wire;

namespace Hanse.Simulation.World;

/// <summary>Truths are real numbers, which messages never are; a saved world has their bits.</summary>
internal static class Reals
{
    /// <summary>A real number, bit for bit; one that is not finite is refused.</summary>
    public static double Real<TCodec>(this ref TCodec codec, string name, double value)
        where TCodec : struct, ICodec
    {
        long bits = codec.Integer(
            name, BitConverter.DoubleToInt64Bits(value), long.MinValue, long.MaxValue);
        double read = BitConverter.Int64BitsToDouble(bits);
        if (!double.IsFinite(read))
        {
            codec.Refuse($"{name} is not a finite number");
            return 0;
        }

        return read;
    }

    /// <summary>A list whose length is given by the mission.</summary>
    public static void Expect<TCodec>(ref TCodec codec, int count, int expected)
        where TCodec : struct, ICodec
    {
        if (count != expected)
        {
            codec.Refuse("a list is not as long as the mission has it");
        }
    }
}

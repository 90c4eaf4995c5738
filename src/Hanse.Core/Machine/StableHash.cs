namespace Hanse.Core.Machine;

/// <summary>A 64-bit hash that is the same in every process, on every platform, for ever.</summary>
/// <remarks>
/// The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), chained. It breaks ties and derives
/// seeds; it is not cryptographic and must not meet an adversary who gains by colliding.
/// </remarks>
public static class StableHash
{
    /// <summary>Hash of one number.</summary>
    public static ulong Of(ulong a) => Mix(a);

    /// <summary>Hash of two numbers, order mattering.</summary>
    public static ulong Of(ulong a, ulong b) => Mix(Mix(a) ^ b);

    /// <summary>Hash of three numbers, order mattering.</summary>
    public static ulong Of(ulong a, ulong b, ulong c) => Mix(Of(a, b) ^ c);

    /// <summary>Hash of a name, so that streams of random numbers are keyed by name and not by order of
    /// creation.</summary>
    public static ulong Of(string name)
    {
        ulong hash = 0;
        foreach (char letter in name)
        {
            hash = Mix(hash ^ letter);
        }

        return hash;
    }

    private static ulong Mix(ulong x)
    {
        unchecked
        {
            x += 0x9E3779B97F4A7C15;
            x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
            x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
            return x ^ (x >> 31);
        }
    }
}

namespace Hanse.Core.Series;

/// <summary>Passes one yes or no between the two ends, or only prices it.</summary>
internal interface IBitCoder
{
    /// <summary>Writes the bit given, or ignores it and reads one.</summary>
    /// <param name="bit">What to write.</param>
    /// <param name="chance">How likely it is set, in 1/65536; from 16 to 65520.</param>
    /// <returns>The bit passed.</returns>
    bool Code(bool bit, int chance);
}

using System;

namespace Hanse.Core.Intake;

/// <summary>What validating a journal costs in processor time, from measured coefficients.</summary>
/// <remarks>
/// Linear in what a summary counts. A mission measures its own machine and overrides; the simulator uses the
/// same numbers, so that the storm in virtual time is the storm the code would have.
/// </remarks>
public sealed record ValidationCost
{
    /// <summary>Largest coefficient, in its unit: a second in nanoseconds.</summary>
    public const int CoefficientMax = 1_000_000_000;

    /// <summary>The coefficients of one core of a 2026 server (Zen 4), one Merkle leaf a minute.</summary>
    /// <remarks>
    /// A journal of 30 days, 7.7 MB on the air: 21 ms to expand and 54 ms to hash are 9.74 ns a byte; 42 ms
    /// for 354,240 records; 39 ms for 720 signatures; 22 ms for 460 leaves of 64 KiB. A replay is not
    /// measured yet: 10 ms is the estimate that re-execution in a sandbox is planned with.
    /// </remarks>
    public static ValidationCost Measured { get; } = new()
    {
        PicosPerByte = 9_740,
        NanosPerRecord = 119,
        NanosPerSignature = 54_200,
        NanosPerDecision = 10_000_000,
        NanosPerLeaf = 47_800,
    };

    /// <summary>Picoseconds to expand and hash a byte: a nanosecond is too coarse for it.</summary>
    public required int PicosPerByte { get; init => field = Checked(value); }

    /// <summary>Nanoseconds to decode a record, balance it and hold it against the gate.</summary>
    public required int NanosPerRecord { get; init => field = Checked(value); }

    /// <summary>Nanoseconds to verify the signature of a checkpoint.</summary>
    public required int NanosPerSignature { get; init => field = Checked(value); }

    /// <summary>Nanoseconds to execute a decision again.</summary>
    public required int NanosPerDecision { get; init => field = Checked(value); }

    /// <summary>Nanoseconds to hash a raw leaf and prove that it belongs to the journal.</summary>
    public required int NanosPerLeaf { get; init => field = Checked(value); }

    /// <summary>The processor time of a whole return, or null when it is above
    /// <see cref="ProcessorTime.NanosMax"/>.</summary>
    /// <returns>At least a nanosecond.</returns>
    public ProcessorTime? Of(ReturnSummary summary)
    {
        Int128 nanos = Nanos(
            summary.BytesToCome, summary.Records, summary.Checkpoints, summary.Decisions, summary.Leaves);
        return nanos > ProcessorTime.NanosMax ? null : new ProcessorTime((long)Int128.Max(1, nanos));
    }

    /// <summary>The processor time of work that was done, at most <see cref="ProcessorTime.NanosMax"/>.
    /// Counts are not negative.</summary>
    public ProcessorTime Of(long bytes, long records, long signatures, long decisions, long leaves) => new(
        (long)Int128.Min(Nanos(bytes, records, signatures, decisions, leaves), ProcessorTime.NanosMax));

    private Int128 Nanos(long bytes, long records, long signatures, long decisions, long leaves) =>
        ((Int128)bytes * PicosPerByte / 1_000)
        + ((Int128)records * NanosPerRecord)
        + ((Int128)signatures * NanosPerSignature)
        + ((Int128)decisions * NanosPerDecision)
        + ((Int128)leaves * NanosPerLeaf);

    private static int Checked(int coefficient)
    {
        Machine.Invariant.Holds(coefficient is >= 0 and <= CoefficientMax);
        return coefficient;
    }
}

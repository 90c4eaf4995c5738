using System;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Intake;

/// <summary>A token bucket of processor time, kept as one instant.</summary>
/// <remarks>
/// In place of a level that must be topped up by the clock: the instant at which all work so far will have
/// been paid for at the share (the virtual scheduling form of the generic cell rate algorithm, ITU-T I.371).
/// So nothing is lost to rounding however often one looks, and a snapshot is one number. Over any stretch of
/// time the work begun is at most the share of it, the burst, and one job.
/// </remarks>
internal sealed class ProcessorMeter(PartsPerMillion share, TimeSpan burst)
{
    // When all work charged so far will have been paid for.
    private Instant _paidAt;

    /// <summary>When the next job may begin.</summary>
    public Instant OpensAt => _paidAt.Micros <= Micros(burst) ? Instant.Epoch : _paidAt - burst;

    /// <summary>When the processor is done with all that was charged; not before now.</summary>
    public Instant FreeAt(Instant now) => Instant.Max(now, _paidAt);

    /// <summary>When it would be done with more work on top.</summary>
    public Instant FreeAfter(Instant now, ProcessorTime work) => FreeAt(now) + work.At(share);

    /// <summary>Puts a job on the meter.</summary>
    public void Charge(Instant now, ProcessorTime work) => _paidAt = FreeAfter(now, work);

    /// <summary>Replaces what was expected of a job by what it took.</summary>
    public void Correct(ProcessorTime expected, ProcessorTime spent) =>
        _paidAt = Instant.Max(Instant.Epoch, _paidAt - expected.At(share) + spent.At(share));

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec => _paidAt = codec.Moment("paidAt", _paidAt);

    private static long Micros(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;
}

using Hanse.Core.Machine;

namespace Hanse.Core.Clearing;

/// <summary>What a clear is told besides its problem.</summary>
public sealed record ClearingRules
{
    /// <summary>The least increment in production: half a per cent of the mean reserve. With less, nodes of
    /// equal cost go on undercutting each other by next to nothing.</summary>
    public const int IncrementPpmMin = 5_000;

    /// <summary>A tenth of the mean reserve; above it an auction is hardly one.</summary>
    public const int IncrementPpmMax = 100_000;

    /// <summary>The number of the cycle. It is part of every tie-break, so that no node is favoured for
    /// ever.</summary>
    public required ulong Epoch { get; init; }

    /// <summary>By how much a bid undercuts what would already do, in millionths of the mean reserve. The
    /// allocation is within this, times the winners, of the best; from <see cref="IncrementPpmMin"/> to
    /// <see cref="IncrementPpmMax"/>. Default one per cent.</summary>
    public int IncrementPpm
    {
        get;
        init
        {
            Invariant.Holds(value is >= IncrementPpmMin and <= IncrementPpmMax);
            field = value;
        }
    } = 10_000;

    /// <summary>What winners of an ordinary clear are paid: <see cref="PaymentRule.ClearingPrice"/>, the
    /// default, or <see cref="PaymentRule.NodesBest"/>, which takes some more passes over the bids.</summary>
    public PaymentRule Payment
    {
        get;
        init
        {
            Invariant.Holds(value is PaymentRule.ClearingPrice or PaymentRule.NodesBest);
            field = value;
        }
    } = PaymentRule.ClearingPrice;

    /// <summary>The increment for a problem, in its units; at least one.</summary>
    public long IncrementFor(ClearingProblem problem)
    {
        // A mean is at most 10^15 and the share at most a tenth: by parts, so that nothing overflows.
        long increment = problem.MeanReserve / 1_000_000 * IncrementPpm
            + problem.MeanReserve % 1_000_000 * IncrementPpm / 1_000_000;
        return increment < 1 ? 1 : increment;
    }
}

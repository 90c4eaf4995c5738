using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Journal;
using Hanse.Core.Messages;

namespace Hanse.Core.Reconcile;

/// <summary>What whoever returned is told of the verdict.</summary>
internal static class Receipt
{
    /// <summary>The receipt: up to where the journal is received, and what was found, by code.</summary>
    /// <param name="head">What is accepted now.</param>
    /// <param name="outcome">How it was judged.</param>
    /// <param name="reasons">What was found; of more than fit, those of the first codes.</param>
    /// <param name="safe">Blocks that are accepted above as well.</param>
    public static ReturnJudged Of(
        TreeHead head, ReturnOutcome outcome, ImmutableArray<Reason> reasons, ulong safe)
    {
        var codes = new SortedSet<ulong>();
        foreach (Reason reason in reasons)
        {
            _ = codes.Count < ReturnJudged.ReasonsMax && codes.Add((ulong)reason.Code);
        }

        return new ReturnJudged(head.Size, head.Root.ToArray(), outcome, [.. codes], safe);
    }
}

using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Units;

namespace Hanse.IO.Facts;

/// <summary>One step under audit: what its facts have announced, and what was found.</summary>
internal sealed class AuditStep(FactStep step, long offset)
{
    public Party Machine { get; } = step.Machine;

    /// <summary>The fact that is looked at, from 1; zero for the step as a whole.</summary>
    public int Fact { get; set; }

    /// <summary>The first thing that does not hold, or null.</summary>
    public LedgerFinding? Finding { get; private set; }

    /// <summary>Postings that facts of this step call for and that have not come.</summary>
    public List<Posting> Announced { get; } = [];

    /// <summary>Whether a region is given up in this step: then the sums hold at its end.</summary>
    public bool IsVoiding { get; set; }

    /// <summary>Notes what does not hold; the first counts.</summary>
    public bool Demand(bool holds, string claim)
    {
        if (!holds)
        {
            Finding ??= new LedgerFinding(
                new FactPlace(Machine, step.Number, Fact, step.At, offset), claim);
        }

        return holds;
    }

    /// <summary>A fact calls for a posting; nothing is posted for nothing.</summary>
    public void Announce(AccountId from, AccountId to, Credits amount)
    {
        if (amount > Credits.Zero)
        {
            Announced.Add(new Posting(from, to, amount));
        }
    }
}

using Hanse.Core.Identity;
using Hanse.Core.Time;

namespace Hanse.IO.Facts;

/// <summary>Where a fact is.</summary>
/// <param name="Machine">Whose.</param>
/// <param name="Step">Which of its steps that remembered anything, from 1.</param>
/// <param name="Fact">Which fact of the step, from 1; zero when it is the step as a whole.</param>
/// <param name="At">The step's time, by the machine's own clock.</param>
/// <param name="Offset">Where the step's record begins in the file, unpacked.</param>
public sealed record FactPlace(Party Machine, ulong Step, int Fact, Instant At, long Offset);

/// <summary>The first thing in the facts that the ledger forbids.</summary>
/// <param name="Place">Where.</param>
/// <param name="Claim">What is wrong, as a sentence without its full stop.</param>
public sealed record LedgerFinding(FactPlace Place, string Claim);

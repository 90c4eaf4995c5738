using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;

namespace Hanse.Simulation.Returns;

/// <summary>One return of a case: what is shown, when, and what the hub knows then.</summary>
/// <param name="Showing">What comes over the link.</param>
/// <param name="At">By the hub's clock.</param>
/// <param name="Records">What the hub has by itself.</param>
internal sealed record ReturnShown(Showing Showing, Instant At, HubRecords Records);

/// <summary>A case: one node, its truth, and one return or two, each on top of what was accepted of the one
/// before.</summary>
internal sealed class ReturnCase
{
    /// <summary>Which seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>What kind.</summary>
    public required ReturnKind Kind { get; init; }

    /// <summary>How bad, in the unit of the kind; zero when that means nothing.</summary>
    public required double Severity { get; init; }

    /// <summary>The journal, with the truth behind it.</summary>
    public required NodeJournal Journal { get; init; }

    /// <summary>The key the node was enrolled with.</summary>
    public required byte[] EnrolledKey { get; init; }

    /// <summary>Raw leaves that are not what was sealed.</summary>
    public int Spoiled { get; set; }

    /// <summary>The returns, in order.</summary>
    public List<ReturnShown> Returns { get; } = [];

    /// <summary>The node that the hub thinks it hears.</summary>
    public NodeId Node { get; init; } = ReturnCases.Node;
}

/// <summary>What became of a case.</summary>
/// <param name="Case">Which.</param>
/// <param name="Verdicts">One for each return that was judged; a quarantine ends the case.</param>
internal sealed record ReturnPlayed(ReturnCase Case, IReadOnlyList<ReturnVerdict> Verdicts)
{
    /// <summary>The last verdict.</summary>
    public ReturnVerdict Last => Verdicts[^1];

    /// <summary>Whether its claims were not acted on.</summary>
    public bool IsQuarantined => Last.Outcome == ReturnOutcome.Quarantined;
}

/// <summary>Plays cases through the real pipeline.</summary>
internal static class ReturnPlay
{
    /// <summary>Plays a case until a quarantine or its end.</summary>
    public static ReturnPlayed Play(ReturnCase theCase, ReturnRules rules, ISignatures signatures)
    {
        AcceptedState accepted = ReturnMission.Enrolled(theCase.EnrolledKey);
        var verdicts = new List<ReturnVerdict>();
        foreach (ReturnShown shown in theCase.Returns)
        {
            var validation = new ReturnValidation(Party.Of(theCase.Node), rules, accepted, shown.Records);
            (ReturnVerdict verdict, _) = Homecoming.Play(
                validation, shown.Showing, signatures, shown.At, theCase.Seed);
            verdicts.Add(verdict);
            accepted = verdict.Accepted;
            if (verdict.Outcome == ReturnOutcome.Quarantined)
            {
                break;
            }
        }

        return new ReturnPlayed(theCase, verdicts);
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Reconcile;

namespace Hanse.Simulation.Returns;

/// <summary>Plays seeds of every kind of return through the real pipeline and keeps the score.</summary>
/// <remarks>
/// The problem: a validation that catches every fault its authors thought of, in the way they thought of it,
/// proves nothing. The idea: journals come from a life with a truth of its own, whose sensors err in ways
/// that the estimator does not assume; faults are put into it where they would arise (in the life, in the
/// journal before it is signed, in storage, on the link, in the keys), each as bad as the seed draws; the
/// score compares verdicts with the truth. Every case follows from kind and seed alone.
/// <para>
/// What is scored as detection is a quarantine. A plausible lie that is corrected by the depots' scales was
/// not detected, though it did little harm; how little is in the state errors. Deliberately absent: lies
/// told by sensors before anything is recorded, which no journal shows.
/// </para>
/// </remarks>
public sealed class ReturnScoring
{
    private readonly ReturnCases _cases;
    private readonly ReturnRules _rules;
    private readonly ISignatures _signatures;

    /// <summary>Seals the raw segments that all cases share: 2,560 leaves, a fifth of a second.</summary>
    public ReturnScoring(ISignatures signatures)
    {
        ReturnProfile profile = ReturnProfile.Thin;
        _signatures = signatures;
        _cases = new ReturnCases(profile, RawSegments.Seal(profile, 1), signatures);
        _rules = ReturnMission.Rules(profile, AuditUnit.Block);
    }

    /// <summary>All kinds, honest ones first.</summary>
    public static IReadOnlyList<ReturnKind> Kinds { get; } = Enum.GetValues<ReturnKind>();

    /// <summary>Plays one seed of a kind.</summary>
    /// <returns>What happened, line by line.</returns>
    public IReadOnlyList<string> Play(ReturnScore score, ulong seed)
    {
        ReturnPlayed played = Play(score.Kind, seed);
        score.Add(played);
        return [.. played.Verdicts.SelectMany((verdict, i) => Describe(i + 1, verdict))];
    }

    /// <summary>Plays one seed of a kind.</summary>
    internal ReturnPlayed Play(ReturnKind kind, ulong seed) =>
        ReturnPlay.Play(_cases.Make(kind, seed), _rules, _signatures);

    private static IEnumerable<string> Describe(int number, ReturnVerdict verdict)
    {
        yield return string.Create(null, $"return {number}: {verdict.Outcome}, {verdict.ValidSize} blocks "
            + $"valid, {verdict.Audit.Drawn} raw places drawn and {verdict.Audit.Cited} cited");
        foreach (Reason reason in verdict.Reasons)
        {
            yield return string.Create(null, $"  {reason.Severity} by {reason.Layer}: {reason.Code} x "
                + $"{reason.Count}, first at block {reason.Block} entry {reason.Entry}: expected "
                + $"{reason.Expected}, found {reason.Found}");
        }
    }
}

using System;
using System.Collections.Generic;
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
    public void Play(ReturnScore score, ulong seed) =>
        score.Add(ReturnPlay.Play(_cases.Make(score.Kind, seed), _rules, _signatures));

    /// <summary>Plays one seed and returns all there is to know, for a replay.</summary>
    internal ReturnPlayed Play(ReturnKind kind, ulong seed) =>
        ReturnPlay.Play(_cases.Make(kind, seed), _rules, _signatures);
}

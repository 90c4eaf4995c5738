using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;

namespace Hanse.Simulation.Returns;

/// <summary>How many cases of one kind were played and what became of them.</summary>
public sealed class ReturnScore
{
    private readonly SortedDictionary<Layer, long> _layers = [];
    private readonly SortedDictionary<ReasonCode, long> _reasons = [];
    private readonly SortedDictionary<int, Proportion> _bySeverity = [];

    /// <summary>Which kind.</summary>
    public required ReturnKind Kind { get; init; }

    /// <summary>Cases played.</summary>
    public long Cases { get; private set; }

    /// <summary>Returns judged; a case has one or two.</summary>
    public long Returns { get; private set; }

    /// <summary>Cases that ended in quarantine.</summary>
    public long Quarantined { get; private set; }

    /// <summary>Cases that were accepted with corrections.</summary>
    public long Corrected { get; private set; }

    /// <summary>Cases that were accepted as they are.</summary>
    public long Accepted => Cases - Quarantined - Corrected;

    /// <summary>Share of cases that ended in quarantine: detection of a bad node, false quarantine of an
    /// honest one.</summary>
    public Proportion Detection => new(Quarantined, Cases);

    /// <summary>What the audit's formula says of how many of these cases would be detected; zero for kinds
    /// without spoiled leaves.</summary>
    public double Predicted { get; private set; }

    /// <summary>Sum of the variances of these predictions.</summary>
    public double PredictedVariance { get; private set; }

    /// <summary>Cases by the layer of the gravest reason that came first.</summary>
    public IReadOnlyDictionary<Layer, long> Layers => _layers;

    /// <summary>Cases by reason, of all that quarantine or, where none does, correct.</summary>
    public IReadOnlyDictionary<ReasonCode, long> Reasons => _reasons;

    /// <summary>Detection by severity, in steps of a factor of two: key k holds severities from 2^k to
    /// 2^(k+1).</summary>
    public IReadOnlyDictionary<int, Proportion> BySeverity => _bySeverity;

    /// <summary>State errors of cases that were not quarantined.</summary>
    public StateErrors Errors { get; } = new();

    /// <summary>Seeds that ended other than they must: bad ones missed that must be caught, honest ones
    /// quarantined.</summary>
    public IList<ulong> Wrong { get; } = [];

    /// <summary>Adds a case.</summary>
    internal void Add(ReturnPlayed played)
    {
        Cases++;
        Returns += played.Verdicts.Count;
        Quarantined += played.IsQuarantined ? 1 : 0;
        Corrected += played.Last.Outcome == ReturnOutcome.Corrected ? 1 : 0;
        Severity gravest = played.Last.Reasons.Select(reason => reason.Severity)
            .DefaultIfEmpty(Severity.Noted).Max();
        bool isFirst = true;
        foreach (Reason reason in played.Last.Reasons.Where(
            reason => reason.Severity == gravest && gravest > Severity.Noted))
        {
            Count(_reasons, reason.Code);
            if (isFirst && played.IsQuarantined)
            {
                Count(_layers, reason.Layer);
            }

            isFirst = false;
        }

        if (played.Case.Severity > 0)
        {
            int step = (int)Math.Floor(Math.Log2(played.Case.Severity));
            _bySeverity[step] = _bySeverity.GetValueOrDefault(step).With(played.IsQuarantined);
        }

        if (played.IsQuarantined ? Kind.IsHonest() : Kind.MustBeCaught())
        {
            Wrong.Add(played.Case.Seed);
        }

        if (!played.IsQuarantined)
        {
            Errors.Add(played);
        }

        Predict(played);
    }

    /// <summary>What the formula of the audit says of a case: one less the probability that none of the drawn
    /// leaves is spoiled.</summary>
    private void Predict(ReturnPlayed played)
    {
        if (Kind is not (ReturnKind.SpoiledLeaves or ReturnKind.MissingLeaf))
        {
            return;
        }

        AuditBound audit = played.Last.Audit;
        double share = (double)played.Case.Spoiled / audit.Leaves;
        double caught = 1 - Math.Pow(1 - share, audit.Drawn + audit.Cited);
        Predicted += caught;
        PredictedVariance += caught * (1 - caught);
    }

    private static void Count<T>(SortedDictionary<T, long> counts, T key)
        where T : notnull => counts[key] = counts.GetValueOrDefault(key) + 1;
}

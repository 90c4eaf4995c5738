using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

/// <summary>Where in a return something was found.</summary>
/// <param name="Block">Number of the block, or of whatever the code is about.</param>
/// <param name="Entry">Place of the entry in the block.</param>
internal readonly record struct Spot(ulong Block, int Entry);

/// <summary>The reasons met so far: a code is kept once, where it was met first, and counted.</summary>
/// <remarks>So the list is no longer than there are codes, however long a liar's journal is.</remarks>
internal sealed class Findings
{
    private readonly SortedDictionary<ReasonCode, Reason> _reasons = [];

    /// <summary>The gravest of them.</summary>
    public Severity Gravest { get; private set; }

    /// <summary>Whether the claims will not be acted on.</summary>
    public bool IsGrave => Gravest == Severity.Quarantined;

    /// <summary>In order of their codes.</summary>
    public IEnumerable<Reason> Reasons => _reasons.Values;

    /// <summary>Adds one.</summary>
    public void Add(ReasonCode code, Spot spot, long expected, long found) =>
        Add(new Reason(code, spot.Block, spot.Entry, expected, found, 1));

    /// <summary>Adds all of another list.</summary>
    public void Add(Findings others)
    {
        foreach (Reason reason in others.Reasons)
        {
            Add(reason);
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        ImmutableArray<Reason> reasons =
            codec.List("findings", [.. _reasons.Values], ReturnVerdict.ReasonsMax);
        if (codec.IsReading)
        {
            _reasons.Clear();
            Gravest = Severity.Noted;
            foreach (Reason reason in reasons)
            {
                Add(reason);
            }
        }
    }

    private void Add(Reason reason)
    {
        _reasons[reason.Code] = _reasons.TryGetValue(reason.Code, out Reason? first)
            ? first with { Count = first.Count + reason.Count } : reason;
        Gravest = reason.Severity > Gravest ? reason.Severity : Gravest;
    }
}

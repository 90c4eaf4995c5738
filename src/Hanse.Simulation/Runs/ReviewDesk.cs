using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Merge;

namespace Hanse.Simulation.Runs;

/// <summary>A case of a region's hub.</summary>
/// <param name="Region">Whose.</param>
/// <param name="Case">The case.</param>
public sealed record RegionCase(RegionId Region, ReviewCase Case);

/// <summary>An operator's word on a case.</summary>
/// <param name="Case">The case as the operator saw it.</param>
/// <param name="IsAccepted">Accepted, or rejected.</param>
public sealed record OperatorWord(RegionCase Case, bool IsAccepted);

/// <summary>An operator's desk beside a run: words that are given to hubs when their cases arise, so that a
/// run with reviews can be played again, and the cases that are open when it ends.</summary>
/// <param name="words">The words; one that is about another matter than the case of its number is not
/// given.</param>
public sealed class ReviewDesk(ImmutableArray<OperatorWord> words)
{
    private readonly SortedDictionary<(RegionId Region, ulong Number), OperatorWord> _left =
        new(words.ToDictionary(word => (word.Case.Region, word.Case.Case.Number)));

    /// <summary>All words.</summary>
    public ImmutableArray<OperatorWord> Words { get; } = words;

    /// <summary>Words whose cases did not arise: of another scenario, seed or version.</summary>
    public IReadOnlyCollection<OperatorWord> Stale => _left.Values;

    /// <summary>Cases that were open at the end, by region and number.</summary>
    public ImmutableArray<RegionCase> Open { get; private set; } = [];

    /// <summary>The word on a case that arises now; null when there is none.</summary>
    public bool? WordOn(RegionId region, ulong number, ReviewMatter matter) =>
        _left.TryGetValue((region, number), out OperatorWord? word)
            && word.Case.Case.Matter.IsSame(matter) && _left.Remove((region, number))
                ? word.IsAccepted : null;

    /// <summary>The run is over.</summary>
    public void Close(ImmutableArray<RegionCase> open) => Open = open;
}

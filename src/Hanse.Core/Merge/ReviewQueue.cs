using System;
using System.Collections.Generic;
using System.Diagnostics;
using Hanse.Core.Machine;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Merge;

/// <summary>Where a case stands. The numbers are in snapshots.</summary>
public enum CaseStatus
{
    /// <summary>It waits for the operator.</summary>
    Open = 1,

    /// <summary>The operator agrees with what the rule said.</summary>
    Accepted = 2,

    /// <summary>The operator decided for the node.</summary>
    Rejected = 3,
}

/// <summary>Something that a person should look at.</summary>
/// <param name="Number">Counted from one in its region, never reused.</param>
/// <param name="At">When it was opened.</param>
/// <param name="Matter">What it is about.</param>
/// <param name="Times">How often the same was met while it was open.</param>
/// <param name="Status">Where it stands.</param>
public sealed record ReviewCase(ulong Number, Instant At, ReviewMatter Matter, int Times, CaseStatus Status)
    : IShaped<ReviewCase>
{
    /// <inheritdoc/>
    public static ReviewCase Shape<TCodec>(ref TCodec codec, ReviewCase? value)
        where TCodec : struct, ICodec
    {
        codec.Open("case", 6);
        ulong number = (ulong)codec.Integer("number", (long)(value?.Number ?? 0), 0, long.MaxValue);
        Instant at = codec.Moment("at", value?.At ?? default);
        ReviewMatter matter = ReviewMatter.Shape(ref codec, value?.Matter);
        int times = codec.Number("times", value?.Times ?? 0);
        var status = (CaseStatus)codec.Integer("status", (long)(value?.Status ?? 0), 1, 3);
        codec.Close();
        return value ?? new ReviewCase(number, at, matter, times, status);
    }
}

/// <summary>What a queue of cases remembers.</summary>
public abstract record ReviewFact : IShaped<ReviewFact>
{
    private ReviewFact()
    {
    }

    /// <summary>A case was opened.</summary>
    public sealed record Opened(ulong Number, Instant At, ReviewMatter Matter) : ReviewFact;

    /// <summary>The matter of an open case was met again.</summary>
    public sealed record MetAgain(ulong Number) : ReviewFact;

    /// <summary>There was no room for a case.</summary>
    public sealed record Missed : ReviewFact;

    /// <summary>The operator decided.</summary>
    public sealed record Decided(ulong Number, CaseStatus Status) : ReviewFact;

    /// <inheritdoc/>
    public static ReviewFact Shape<TCodec>(ref TCodec codec, ReviewFact? value)
        where TCodec : struct, ICodec
    {
        long tag = codec.Case("fact", value switch
        {
            null => 0,
            Opened => 1,
            MetAgain => 2,
            Missed => 3,
            Decided => 4,
            _ => throw new UnreachableException(),
        }, 4);
        ReviewFact fact;
        switch (tag)
        {
            case 1:
                var opened = (Opened?)value;
                codec.Open("opened", 4);
                ulong number = (ulong)codec.Integer("number", (long)(opened?.Number ?? 0), 0, long.MaxValue);
                Instant at = codec.Moment("at", opened?.At ?? default);
                ReviewMatter matter = ReviewMatter.Shape(ref codec, opened?.Matter);
                fact = opened ?? new Opened(number, at, matter);
                break;
            case 2:
                var again = (MetAgain?)value;
                codec.Open("metAgain", 1);
                ulong met = (ulong)codec.Integer("number", (long)(again?.Number ?? 0), 0, long.MaxValue);
                fact = again ?? new MetAgain(met);
                break;
            case 3:
                codec.Open("missed", 0);
                fact = value ?? new Missed();
                break;
            default:
                var decided = (Decided?)value;
                codec.Open("decided", 2);
                ulong which = (ulong)codec.Integer("number", (long)(decided?.Number ?? 0), 0, long.MaxValue);
                var status = (CaseStatus)codec.Integer("status", (long)(decided?.Status ?? 0), 2, 3);
                fact = decided ?? new Decided(which, status);
                break;
        }

        codec.Close();
        return fact;
    }
}

/// <summary>What became of a matter brought to the queue.</summary>
public enum ReviewVerdict
{
    /// <summary>A case is open.</summary>
    Opened,

    /// <summary>It is the matter of an open case.</summary>
    Repeated,

    /// <summary>No room: what the rule said stands without a look.</summary>
    Missed,
}

/// <summary>What rules decide only until a person has looked, oldest first: conflicts that no rule settled,
/// and returns in quarantine.</summary>
/// <remarks>
/// A matter already open is not opened twice, however often nodes come back with it. Limit:
/// <see cref="ConflictsMax"/> open conflicts; then a new one is not queued but counted in
/// <see cref="Missed"/>: what the rule said stands, which is the safe side of every rule. A return always has
/// room, since a node has at most one in quarantine. Decided cases leave, and are in the journal; but a
/// rejected return stays, for nobody else could let its node back in.
/// </remarks>
/// <param name="record">Persists a fact and applies it.</param>
public sealed class ReviewQueue(Action<ReviewFact> record)
{
    /// <summary>Most open conflicts.</summary>
    public const int ConflictsMax = 1_000;

    private readonly SortedDictionary<ulong, ReviewCase> _cases = [];
    private ulong _last;

    // Derived: open cases that are conflicts.
    private int _conflicts;

    /// <summary>Cases that can be decided, oldest first.</summary>
    public IEnumerable<ReviewCase> Open => _cases.Values;

    /// <summary>Conflicts for which there was no room.</summary>
    public ulong Missed { get; private set; }

    /// <summary>An open case.</summary>
    public ReviewCase? Find(ulong number) => _cases.GetValueOrDefault(number);

    /// <summary>Brings a matter.</summary>
    /// <remarks>Cost: linear in the open cases.</remarks>
    public ReviewVerdict Bring(Instant now, ReviewMatter matter)
    {
        foreach (ReviewCase open in Open)
        {
            if (open.Matter.IsSame(matter))
            {
                record(new ReviewFact.MetAgain(open.Number));
                return ReviewVerdict.Repeated;
            }
        }

        if (matter is ReviewMatter.Contradiction && _conflicts >= ConflictsMax)
        {
            record(new ReviewFact.Missed());
            return ReviewVerdict.Missed;
        }

        record(new ReviewFact.Opened(_last + 1, now, matter));
        return ReviewVerdict.Opened;
    }

    /// <summary>The operator agrees: with the rule that decided a conflict, or with a return that was
    /// doubted.</summary>
    /// <returns>The case; null when it is not open.</returns>
    public ReviewCase? Accept(ulong number) => Decide(number, CaseStatus.Accepted);

    /// <summary>The operator disagrees: decides a conflict for the node, or leaves a return in quarantine.
    /// Whoever holds what is contested acts on it.</summary>
    /// <returns>The case; null when it is not open, or rejected already.</returns>
    public ReviewCase? Reject(ulong number) => Decide(number, CaseStatus.Rejected);

    /// <summary>Applies one remembered fact.</summary>
    public void Apply(ReviewFact fact)
    {
        switch (fact)
        {
            case ReviewFact.Opened(var number, var at, var matter):
                Invariant.Holds(number == _last + 1);
                _last = number;
                _cases.Add(number, new ReviewCase(number, at, matter, 1, CaseStatus.Open));
                _conflicts += matter is ReviewMatter.Contradiction ? 1 : 0;
                break;
            case ReviewFact.MetAgain(var number):
                _cases[number] = _cases[number] with { Times = Math.Min(_cases[number].Times, 999) + 1 };
                break;
            case ReviewFact.Missed:
                Missed++;
                break;
            case ReviewFact.Decided(var number, var status):
                ReviewCase decided = _cases[number];
                if (decided.Matter is ReviewMatter.Doubt && status == CaseStatus.Rejected)
                {
                    _cases[number] = decided with { Status = status };
                    break;
                }

                _ = _cases.Remove(number);
                _conflicts -= decided.Matter is ReviewMatter.Contradiction ? 1 : 0;
                break;
            default:
                throw new UnreachableException($"no rule for {fact}");
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("review", 3);
        _last = (ulong)codec.Integer("last", (long)_last, 0, long.MaxValue);
        Missed = (ulong)codec.Integer("missed", (long)Missed, 0, long.MaxValue);
        codec.Table(
            "cases",
            _cases,
            static (ref TCodec c, ulong key) => (ulong)c.Integer("number", (long)key, 0, long.MaxValue),
            static (ref TCodec c, ReviewCase value) => ReviewCase.Shape(ref c, value));
        codec.Close();
        if (codec.IsReading)
        {
            _conflicts = 0;
            foreach (ReviewCase open in _cases.Values)
            {
                _conflicts += open.Matter is ReviewMatter.Contradiction ? 1 : 0;
            }
        }
    }

    private ReviewCase? Decide(ulong number, CaseStatus status)
    {
        if (Find(number) is not { } open || open.Status == status)
        {
            return null;
        }

        record(new ReviewFact.Decided(number, status));
        return open with { Status = status };
    }
}

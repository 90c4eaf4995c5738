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

/// <summary>A conflict that a person should look at.</summary>
/// <param name="Number">Counted from one, never reused.</param>
/// <param name="At">When it was opened.</param>
/// <param name="Conflict">What it is about.</param>
/// <param name="Times">How often the same was met while it was open.</param>
/// <param name="Status">Where it stands.</param>
public sealed record ReviewCase(ulong Number, Instant At, Conflict Conflict, int Times, CaseStatus Status)
    : IShaped<ReviewCase>
{
    /// <inheritdoc/>
    public static ReviewCase Shape<TCodec>(ref TCodec codec, ReviewCase? value)
        where TCodec : struct, ICodec
    {
        codec.Open("case", 5);
        ulong number = (ulong)codec.Integer("number", (long)(value?.Number ?? 0), 0, long.MaxValue);
        Instant at = codec.Moment("at", value?.At ?? default);
        Conflict conflict = Conflict.Shape(ref codec, value?.Conflict);
        int times = codec.Number("times", value?.Times ?? 0);
        var status = (CaseStatus)codec.Integer("status", (long)(value?.Status ?? 0), 1, 3);
        codec.Close();
        return value ?? new ReviewCase(number, at, conflict, times, status);
    }
}

/// <summary>What a queue of cases remembers.</summary>
public abstract record ReviewFact : IShaped<ReviewFact>
{
    private ReviewFact()
    {
    }

    /// <summary>A case was opened.</summary>
    public sealed record Opened(ulong Number, Instant At, Conflict Conflict) : ReviewFact;

    /// <summary>The conflict of an open case was met again.</summary>
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
                codec.Open("opened", 3);
                ulong number = (ulong)codec.Integer("number", (long)(opened?.Number ?? 0), 0, long.MaxValue);
                Instant at = codec.Moment("at", opened?.At ?? default);
                Conflict conflict = Conflict.Shape(ref codec, opened?.Conflict);
                fact = opened ?? new Opened(number, at, conflict);
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

/// <summary>What became of a conflict brought to the queue.</summary>
public enum ReviewVerdict
{
    /// <summary>A case is open.</summary>
    Opened,

    /// <summary>It is the conflict of an open case.</summary>
    Repeated,

    /// <summary>No room: what the rule said stands without a look.</summary>
    Missed,
}

/// <summary>Conflicts that rules decide only until a person has looked, oldest first.</summary>
/// <remarks>
/// A conflict already open is not opened twice, however often nodes come back with it. Limit:
/// <see cref="CasesMax"/> open cases; then a new one is not queued but counted in <see cref="Missed"/>: what
/// the rule said stands, which is the safe side of every rule. Decided cases leave; they are in the journal.
/// </remarks>
/// <param name="record">Persists a fact and applies it.</param>
public sealed class ReviewQueue(Action<ReviewFact> record)
{
    /// <summary>Most open cases.</summary>
    public const int CasesMax = 1_000;

    private readonly SortedDictionary<ulong, ReviewCase> _cases = [];
    private ulong _last;

    /// <summary>Open cases, oldest first.</summary>
    public IEnumerable<ReviewCase> Open => _cases.Values;

    /// <summary>Conflicts for which there was no room.</summary>
    public ulong Missed { get; private set; }

    /// <summary>An open case.</summary>
    public ReviewCase? Find(ulong number) => _cases.GetValueOrDefault(number);

    /// <summary>Brings a conflict.</summary>
    /// <remarks>Cost: linear in the open cases.</remarks>
    public ReviewVerdict Bring(Instant now, Conflict conflict)
    {
        foreach (ReviewCase open in Open)
        {
            if (open.Conflict.IsSame(conflict))
            {
                record(new ReviewFact.MetAgain(open.Number));
                return ReviewVerdict.Repeated;
            }
        }

        if (_cases.Count >= CasesMax)
        {
            record(new ReviewFact.Missed());
            return ReviewVerdict.Missed;
        }

        record(new ReviewFact.Opened(_last + 1, now, conflict));
        return ReviewVerdict.Opened;
    }

    /// <summary>The operator agrees with the rule.</summary>
    /// <returns>The case; null when it is not open.</returns>
    public ReviewCase? Accept(ulong number) => Decide(number, CaseStatus.Accepted);

    /// <summary>The operator decides for the node; whoever holds what is contested acts on it.</summary>
    /// <returns>The case; null when it is not open.</returns>
    public ReviewCase? Reject(ulong number) => Decide(number, CaseStatus.Rejected);

    /// <summary>Applies one remembered fact.</summary>
    public void Apply(ReviewFact fact)
    {
        switch (fact)
        {
            case ReviewFact.Opened(var number, var at, var conflict):
                Invariant.Holds(number == _last + 1);
                _last = number;
                _cases.Add(number, new ReviewCase(number, at, conflict, 1, CaseStatus.Open));
                break;
            case ReviewFact.MetAgain(var number):
                _cases[number] = _cases[number] with { Times = Math.Min(_cases[number].Times, 999) + 1 };
                break;
            case ReviewFact.Missed:
                Missed++;
                break;
            case ReviewFact.Decided(var number, _):
                bool wasOpen = _cases.Remove(number);
                Invariant.Holds(wasOpen);
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
    }

    private ReviewCase? Decide(ulong number, CaseStatus status)
    {
        ReviewCase? open = Find(number);
        if (open is not null)
        {
            record(new ReviewFact.Decided(number, status));
        }

        return open is null ? null : open with { Status = status };
    }
}

using System;

namespace Hanse.Skills;

/// <summary>What came of taking a decision again.</summary>
public enum ReplayOutcome
{
    /// <summary>The same bits, the same questions, the same fuel.</summary>
    Identical = 1,

    /// <summary>It came out otherwise: whoever recorded it is held against it.</summary>
    Differs = 2,

    /// <summary>What was recorded is nothing that anybody is held to: the clock ended it, the stack, or
    /// there was no instance.</summary>
    NotAttestable = 3,

    /// <summary>It was recorded under another engine or by another module: nothing was compared.</summary>
    NotComparable = 4,

    /// <summary>Here and now it came to no result that counts: try again where there is more time or
    /// room.</summary>
    Inconclusive = 5,
}

/// <summary>Where two runs differ first.</summary>
public enum ReplayDifference
{
    /// <summary>Nowhere.</summary>
    None = 0,

    /// <summary>The module.</summary>
    Module = 1,

    /// <summary>The engine.</summary>
    Fingerprint = 2,

    /// <summary>A question to the host.</summary>
    HostCall = 3,

    /// <summary>Whether there is an answer, or why not.</summary>
    Reason = 4,

    /// <summary>A byte of the answer.</summary>
    Answer = 5,

    /// <summary>The fuel used.</summary>
    Fuel = 6,
}

/// <summary>A decision, taken again.</summary>
/// <param name="Outcome">What came of it.</param>
/// <param name="Difference">Where it differs first.</param>
/// <param name="At">Which question or byte that is, from zero; else zero.</param>
/// <param name="Detail">What was recorded and what was found, for people.</param>
public sealed record ReplayVerdict(ReplayOutcome Outcome, ReplayDifference Difference, int At, string Detail);

/// <summary>Takes recorded decisions again.</summary>
/// <remarks>
/// The host is the record: as long as the skill asks what it asked then, it is told what it was told then; at
/// the first other question it is told nothing and the run ends. So neither the world nor the clock has a
/// part in it, and two auditors come to the same verdict. It is looked at in the order in which a run goes:
/// questions first, then the end, then the answer, fuel last.
/// </remarks>
public static class DecisionReplay
{
    // More than any honest run takes: a slower machine than the recorder's shall not accuse it.
    private const int Ticks = 6_000;

    /// <summary>Takes a decision again. Uses the stack of the calling thread, which has to be a roomy one
    /// (<see cref="SkillWorkers"/>).</summary>
    /// <param name="record">The decision.</param>
    /// <param name="skill">The module that is said to have taken it, with whatever it asks for
    /// granted.</param>
    public static ReplayVerdict Of(DecisionRecord record, Skill skill)
    {
        if (record.Module != skill.Digest)
        {
            return new ReplayVerdict(
                ReplayOutcome.NotComparable, ReplayDifference.Module, 0,
                $"recorded of module {record.Module}; this is {skill.Digest}");
        }

        if (record.Fingerprint != SkillEngine.Fingerprint)
        {
            return new ReplayVerdict(
                ReplayOutcome.NotComparable, ReplayDifference.Fingerprint, 0,
                $"recorded under engine {record.Fingerprint}; this is {SkillEngine.Fingerprint}");
        }

        if (!record.IsAttestable)
        {
            return new ReplayVerdict(
                ReplayOutcome.NotAttestable, ReplayDifference.None, 0,
                $"{record.Reason} is not the same everywhere: nobody is held to it");
        }

        var host = new ReplayedHost([.. record.Calls]);
        var budget = new SkillBudget(record.FuelMax, Ticks, record.AnswerMax);
        SkillResult found = skill.Run(record.Function, record.Input.AsSpan(), budget, host);
        return Compare(record, found, host);
    }

    private static ReplayVerdict Compare(DecisionRecord record, SkillResult found, ReplayedHost host)
    {
        // A run that its host had no answer for ends at a question that is not on record: there the record
        // ends as well.
        bool endsAsking = record.Reason == AbstainReason.HostRefused
            && found.Reason == AbstainReason.HostRefused && host.DiffersAt == record.Calls.Length;
        if (host.DiffersAt is { } at && !endsAsking)
        {
            string then = at < record.Calls.Length ? record.Calls[at].Question : "nothing more";
            return Differs(
                ReplayDifference.HostCall, at, $"recorded {then}, found {host.AskedInstead!.Question}");
        }

        if (!found.IsAttestable)
        {
            return new ReplayVerdict(
                ReplayOutcome.Inconclusive, ReplayDifference.Reason, 0,
                $"recorded {record.Reason}; here it ended with {found.Reason}, which is not the same "
                    + "everywhere");
        }

        if (found.Calls.Count < record.Calls.Length)
        {
            at = found.Calls.Count;
            return Differs(
                ReplayDifference.HostCall, at,
                $"recorded {record.Calls[at].Question}, found nothing more: {found.Reason}");
        }

        return found.Reason != record.Reason
            ? Differs(ReplayDifference.Reason, 0, $"recorded {record.Reason}, found {found.Reason}")
            : DiffersIn(record, found)
            ?? (found.Fuel != record.Fuel
                ? Differs(
                    ReplayDifference.Fuel, 0, $"recorded {record.Fuel:N0} of fuel, found {found.Fuel:N0}")
                : new ReplayVerdict(ReplayOutcome.Identical, ReplayDifference.None, 0, ""));
    }

    private static ReplayVerdict? DiffersIn(DecisionRecord record, SkillResult found)
    {
        ReadOnlySpan<byte> then = record.Answer.AsSpan();
        int same = then.CommonPrefixLength(found.Answer);
        return same == then.Length && same == found.Answer.Length ? null
            : same < then.Length && same < found.Answer.Length
            ? Differs(
                ReplayDifference.Answer, same, $"recorded 0x{then[same]:x2}, found 0x{found.Answer[same]:x2}")
            : Differs(
                ReplayDifference.Answer, same,
                $"recorded {then.Length:N0} bytes, found {found.Answer.Length:N0}");
    }

    private static ReplayVerdict Differs(ReplayDifference difference, int at, string detail) =>
        new(ReplayOutcome.Differs, difference, at, detail);
}

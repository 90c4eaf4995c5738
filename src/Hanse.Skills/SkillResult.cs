using System;
using System.Collections.Generic;

namespace Hanse.Skills;

/// <summary>Why there is no answer. The numbers are on record.</summary>
public enum AbstainReason
{
    /// <summary>There is one.</summary>
    None = 0,

    /// <summary>The skill itself abstains.</summary>
    Declined = 1,

    /// <summary>It used up its fuel.</summary>
    OutOfFuel = 2,

    /// <summary>It did what cannot be done: a division by zero, memory that is not its own.</summary>
    Trap = 3,

    /// <summary>It answered what cannot be an answer: bytes that are not in its memory, or too
    /// many.</summary>
    BadAnswer = 4,

    /// <summary>It has no room for the input.</summary>
    InputTooLong = 5,

    /// <summary>It has no such function, or speaks another version.</summary>
    NoSuchFunction = 6,

    /// <summary>It asked its host for what that does not answer, or too often.</summary>
    HostRefused = 7,

    /// <summary>It called too deep. How deep is too deep differs between engines.</summary>
    StackOverflow = 8,

    /// <summary>It took too long by the clock, with fuel left.</summary>
    TooSlow = 9,

    /// <summary>There was no instance to be had, or the engine failed.</summary>
    NoInstance = 10,
}

/// <summary>What came of running a skill.</summary>
/// <param name="Reason">Why there is no answer.</param>
/// <param name="Answer">The answer; empty without one.</param>
/// <param name="Fuel">Fuel used.</param>
/// <param name="Calls">What it asked of its host, in order.</param>
/// <param name="Detail">More about the reason, for people; empty when all went well.</param>
public sealed record SkillResult(
    AbstainReason Reason, byte[] Answer, ulong Fuel, IReadOnlyList<HostCall> Calls, string Detail)
{
    /// <summary>Whether there is an answer.</summary>
    public bool IsAnswered => Reason == AbstainReason.None;

    /// <summary>Whether the same input gives the same result on every machine under the same fingerprint: an
    /// auditor may hold a node to it.</summary>
    public bool IsAttestable => Reason is not (
        AbstainReason.StackOverflow or AbstainReason.TooSlow or AbstainReason.NoInstance);

    /// <summary>Whether another run came to the same, bit for bit.</summary>
    public bool Equals(SkillResult? other) => other is not null && Reason == other.Reason
        && Fuel == other.Fuel && Answer.AsSpan().SequenceEqual(other.Answer)
        && Calls.Count == other.Calls.Count && SameCalls(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Reason, Fuel, Answer.Length, Calls.Count);

    private bool SameCalls(SkillResult other)
    {
        bool isSame = true;
        for (int i = 0; i < Calls.Count; i++)
        {
            isSame &= Calls[i].Asks(other.Calls[i]) && Calls[i].Answer == other.Calls[i].Answer;
        }

        return isSame;
    }
}

/// <summary>What one run of a skill may use.</summary>
/// <param name="Fuel">Steps, as the engine counts them; about a nanosecond each.</param>
/// <param name="Ticks">Time by the engine's clock, in <see cref="SkillEngine.Tick"/>.</param>
/// <param name="AnswerBytes">Most bytes of an answer.</param>
public readonly record struct SkillBudget(ulong Fuel, int Ticks, int AnswerBytes)
{
    /// <summary>For a decision: ten million steps, two seconds, 64 KiB.</summary>
    public static SkillBudget Decision { get; } = new(10_000_000, 200, 65_536);
}

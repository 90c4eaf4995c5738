using System;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Hanse.Core.Journal;
using Hanse.Core.Wire;

namespace Hanse.Core.Decisions;

/// <summary>The decision functions that are built into a machine's core.</summary>
/// <remarks>
/// The problem: a hub that was not there must be able to take a machine's decisions again and get the same
/// bits, or a machine that hallucinates cannot be told from one that thinks. The idea: a decision is a pure
/// function from recorded bytes to bytes, known by a digest. The machine calls the very function that its hub
/// calls later; there is no second implementation to disagree.
/// <para>
/// Invariants. Total: bytes that are not a question have an answer too, the empty one. Pure: nothing but the
/// input decides; whole numbers only. A function never changes: a better one is another function with
/// another digest, and the old one stays for as long as journals name it. Deliberately absent: what the
/// functions are applied to, which is the machine's affair, and skills as modules, which run in a sandbox and
/// are named by the digest of their bytes in the same place.
/// </para>
/// </remarks>
public static class BuiltInDecisions
{
    /// <summary>Whether there is propellant enough to leave: see <see cref="DepartureQuestion"/>. A matter of
    /// safety.</summary>
    public static Digest Departure { get; } = Name("departure", 1);

    /// <summary>How much to extract: see <see cref="ExtractionQuestion"/>. Routine.</summary>
    public static Digest Extraction { get; } = Name("extraction", 1);

    /// <summary>What to do when a plan slips: see <see cref="SlipQuestion"/>. A matter of safety.</summary>
    public static Digest Slip { get; } = Name("slip", 1);

    /// <summary>What is asked for a trip: see <see cref="PricingRecord"/>. Routine, and in no manifest: a
    /// price by the built-in pricing is attested by nobody, and one by a release names the release.</summary>
    public static Digest Pricing { get; } = Name("pricing", 1);

    /// <summary>Those that are attested: what a machine without other skills puts into its manifest, in this
    /// order.</summary>
    public static ImmutableArray<Digest> All { get; } = [Departure, Extraction, Slip];

    /// <summary>Takes a decision.</summary>
    /// <param name="skill">Which function.</param>
    /// <param name="input">A question in canonical bytes.</param>
    /// <param name="output">Its answer in canonical bytes; empty when the input is no such question.</param>
    /// <returns>False when there is no such function here.</returns>
    public static bool TryDecide(
        Digest skill, ReadOnlyMemory<byte> input, [NotNullWhen(true)] out byte[]? output)
    {
        output = skill == Departure ? Answer<DepartureQuestion, DepartureAnswer>(input, q => q.Answer())
            : skill == Extraction ? Answer<ExtractionQuestion, ExtractionAnswer>(input, q => q.Answer())
            : skill == Slip ? Answer<SlipQuestion, SlipAnswer>(input, q => q.Answer())
            : skill == Pricing ? Price(input.Span)
            : null;
        return output is not null;
    }

    private static byte[] Answer<TQuestion, TAnswer>(
        ReadOnlyMemory<byte> input, Func<TQuestion, TAnswer> decide)
        where TQuestion : class, IShaped<TQuestion>
        where TAnswer : class, IShaped<TAnswer> =>
        CborReader.TryRead(input, out TQuestion? question, out _) ? CborWriter.Bytes(decide(question)) : [];

    private static byte[] Price(ReadOnlySpan<byte> input) =>
        PricingRecord.TryRead(input, out PricingInput trip)
        && BuiltInPricing.Instance.Price(trip) is { } answer ? PricingRecord.Of(answer) : [];

    // A built-in function has no bytes of its own to hash: its name and version stand for it.
    private static Digest Name(string function, int version) =>
        Digest.Of(Encoding.ASCII.GetBytes(string.Create(null, $"hanse/decision/{function}/{version}")));
}

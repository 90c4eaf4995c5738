using System;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Text;
using Hanse.Core.Journal;
using Hanse.Core.Wire;

namespace Hanse.Skills;

/// <summary>One run of a skill as it was, with all it takes to take it again: without the world, by anybody
/// who has the module.</summary>
/// <remarks>
/// Canonical bytes, so equal runs have equal records. What it may use is on record, since where fuel ends
/// belongs to the result; time by the clock is not: what the clock ended is nothing that anybody is held to.
/// </remarks>
/// <param name="Module">Which module.</param>
/// <param name="Fingerprint">Under which engine (<see cref="SkillEngine.Fingerprint"/>).</param>
/// <param name="Function">Which of its functions.</param>
/// <param name="Input">The question.</param>
/// <param name="FuelMax">Fuel that it was given.</param>
/// <param name="AnswerMax">Most bytes that its answer might have.</param>
/// <param name="Calls">What it asked of its host, and what it was told.</param>
/// <param name="Reason">Why there was no answer; <see cref="AbstainReason.None"/> when there was.</param>
/// <param name="Answer">The answer.</param>
/// <param name="Fuel">Fuel that it used.</param>
public sealed record DecisionRecord(
    Digest Module, string Fingerprint, SkillFunction Function, ImmutableArray<byte> Input, ulong FuelMax,
    int AnswerMax, ImmutableArray<HostCall> Calls, AbstainReason Reason, ImmutableArray<byte> Answer,
    ulong Fuel) : IShaped<DecisionRecord>
{
    /// <summary>Most bytes of a question, and of an answer: all the memory that a skill can have.</summary>
    public const int InputBytesMax = ModuleLimits.MemoryPagesMax * SkillAbi.PageBytes;

    /// <summary>Most bytes of a record: more is refused before it is read.</summary>
    public const int BytesMax = (2 * InputBytesMax) + (HostCall.CallsMax * (HostCall.BytesMax + 32)) + 1_024;

    /// <summary>Most letters of a fingerprint.</summary>
    public const int FingerprintMax = 64;

    private const int Version = 1;

    /// <summary>Whether anybody is held to it under the same fingerprint.</summary>
    public bool IsAttestable => Result.IsAttestable;

    /// <summary>What came of the run.</summary>
    public SkillResult Result => new(Reason, [.. Answer], Fuel, Calls, "");

    /// <summary>Puts a run on record.</summary>
    public static DecisionRecord Of(
        Digest module, SkillFunction function, ReadOnlySpan<byte> input, SkillBudget budget,
        SkillResult result) => new(
            module, SkillEngine.Fingerprint, function, [.. input], budget.Fuel, budget.AnswerBytes,
            [.. result.Calls], result.Reason, [.. result.Answer], result.Fuel);

    /// <summary>Runs a skill and puts it on record.</summary>
    public static DecisionRecord Live(
        Skill skill, SkillFunction function, ReadOnlySpan<byte> input, SkillBudget budget, ISkillHost host,
        out SkillResult result)
    {
        result = skill.Run(function, input, budget, host);
        return Of(skill.Digest, function, input, budget, result);
    }

    /// <summary>Its bytes.</summary>
    public byte[] ToBytes() => CborWriter.Bytes(this);

    /// <summary>Reads a record.</summary>
    /// <param name="bytes">Bytes, whatever they are.</param>
    /// <param name="record">The record.</param>
    /// <param name="refusal">Why it is none.</param>
    public static bool TryRead(
        ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out DecisionRecord? record,
        [NotNullWhen(false)] out string? refusal)
    {
        record = null;
        if (bytes.Length > BytesMax)
        {
            refusal = $"it has {bytes.Length:N0} bytes; a record has up to {BytesMax:N0}";
            return false;
        }

        refusal = CborReader.TryRead(bytes, out record, out DecodeError? error)
            ? null : $"it is no recorded decision: at byte {error.Offset}, {error.Reason}";
        return refusal is null;
    }

    /// <inheritdoc/>
    public bool Equals(DecisionRecord? other) => other is not null
        && ToBytes().AsSpan().SequenceEqual(other.ToBytes());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Module, Function, Input.Length, Fuel);

    /// <inheritdoc/>
    public static DecisionRecord Shape<TCodec>(ref TCodec codec, DecisionRecord? value)
        where TCodec : struct, ICodec
    {
        codec.Open("decisionRecord", 11);
        _ = codec.Integer("version", Version, Version, Version);
        Digest module = Digest.Field(ref codec, "module", value?.Module ?? default);
        byte[] name = codec.Bytes(
            "fingerprint", value is null ? [] : Encoding.ASCII.GetBytes(value.Fingerprint), FingerprintMax);
        var function = (SkillFunction)codec.Integer("function", (long)(value?.Function ?? 0), 1, 3);
        byte[] input = codec.Bytes("input", value is null ? [] : [.. value.Input], InputBytesMax);
        ulong fuelMax = codec.Count("fuelMax", value?.FuelMax ?? 0);
        int answerMax = (int)codec.Integer("answerMax", value?.AnswerMax ?? 0, 0, InputBytesMax);
        ImmutableArray<HostCall> calls = codec.List("calls", value?.Calls ?? [], HostCall.CallsMax);
        var reason = (AbstainReason)codec.Integer("reason", (long)(value?.Reason ?? 0), 0, 10);
        byte[] answer = codec.Bytes("answer", value is null ? [] : [.. value.Answer], InputBytesMax);
        ulong fuel = codec.Count("fuel", value?.Fuel ?? 0);
        codec.Close();
        if (value is not null)
        {
            return value;
        }

        string? wrong = name.All(letter => letter is > 32 and < 127) ? null : "a fingerprint is letters";
        wrong ??= fuel <= fuelMax ? null : "it used more fuel than it was given";
        wrong ??= answer.Length <= answerMax ? null : "its answer is longer than it might be";
        wrong ??= reason == AbstainReason.None || answer.Length == 0 ? null : "it abstained and answered";
        if (wrong is not null && !codec.Failed)
        {
            codec.Refuse(wrong);
        }

        return new DecisionRecord(
            module, Encoding.ASCII.GetString(name), function, [.. input], fuelMax, answerMax, calls, reason,
            [.. answer], fuel);
    }
}

using System;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Wire;

namespace Hanse.Core.Skills;

/// <summary>How a run of a skill ended.</summary>
public enum SkillOutcome
{
    /// <summary>With an answer.</summary>
    Answered = 1,

    /// <summary>Without one: it abstained, trapped, said what is no answer, or is not here.</summary>
    NoAnswer = 2,

    /// <summary>It was out of fuel or time.</summary>
    TooSlow = 3,
}

/// <summary>What a run of a skill gave.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Output">The answer; empty when there is none.</param>
public readonly record struct SkillAnswer(SkillOutcome Outcome, byte[] Output);

/// <summary>Runs skills for a machine: a sandbox, or a model of one.</summary>
/// <remarks>Total: whatever a release does, there is an answer or none, in bounded time, and nothing else in
/// the world has changed. What is attested of it is taken again by others, so it may depend on nothing but
/// the release, the question and the kind of machine.</remarks>
public interface ISkills
{
    /// <summary>The version of the contract between core and skills.</summary>
    int Abi { get; }

    /// <summary>Has an admitted release answer a question.</summary>
    /// <param name="release">Which.</param>
    /// <param name="function">What is asked.</param>
    /// <param name="kind">What the machine is that asks, or whose decision is taken again.</param>
    /// <param name="question">In canonical bytes.</param>
    SkillAnswer Run(
        Digest release, SkillFunction function, MachineKind kind, ReadOnlyMemory<byte> question);
}

/// <summary>What a machine does with the bytes of a package.</summary>
public enum PackageAct
{
    /// <summary>Say how many of them are there.</summary>
    Look = 1,

    /// <summary>Put these behind those that are there, durably, if they begin where those end; say how many
    /// are there now.</summary>
    Keep = 2,

    /// <summary>All are there: verify signatures and digests, compile, and say whether it may run.</summary>
    Admit = 3,

    /// <summary>Nobody will ask for it again.</summary>
    Drop = 4,
}

/// <summary>Something to be done with the bytes of a package. May be lost or repeated: what is there is what
/// counts.</summary>
/// <param name="Act">What.</param>
/// <param name="Release">Which package.</param>
/// <param name="Size">How long it is to become.</param>
/// <param name="From">Where the bytes belong.</param>
/// <param name="Bytes">To keep.</param>
public sealed record PackageWork(PackageAct Act, Digest Release, int Size, int From, byte[] Bytes)
    : IShaped<PackageWork>
{
    /// <inheritdoc/>
    public static PackageWork Shape<TCodec>(ref TCodec codec, PackageWork? value)
        where TCodec : struct, ICodec
    {
        codec.Open("packageWork", 5);
        var act = (PackageAct)codec.Integer("act", (long)(value?.Act ?? 0), 1, 4);
        Digest release = Digest.Field(ref codec, "release", value?.Release ?? default);
        int size = codec.Number("size", value?.Size ?? 0);
        int from = codec.Number("from", value?.From ?? 0);
        byte[] bytes = codec.Bytes("bytes", value?.Bytes ?? [], SkillBytes.BytesMax);
        codec.Close();
        return value ?? new PackageWork(act, release, size, from, bytes);
    }
}

using System;
using System.Linq;
using System.Numerics;
using Hanse.Core.Wire;

namespace Hanse.Skills;

/// <summary>What a skill may ask of its host. Each is linked only if the skill's manifest asks for it and the
/// node grants it.</summary>
[Flags]
public enum HostFunctions
{
    /// <summary>Nothing: what it decides on is its input alone.</summary>
    None = 0,

    /// <summary><c>telemetry(channel: i32) -> i64</c>: the last reading of a channel.</summary>
    Telemetry = 1,

    /// <summary><c>propose(at: i32, length: i32) -> i32</c>: an action, which the safety envelope
    /// judges; 1 when it is taken, 0 when it is refused.</summary>
    Propose = 2,

    /// <summary><c>clock() -> i64</c>: mission time, microseconds.</summary>
    Clock = 4,

    /// <summary><c>random() -> i64</c>: 64 random bits.</summary>
    Random = 8,

    /// <summary><c>log(at: i32, length: i32)</c>: a word for the node's log.</summary>
    Log = 16,
}

/// <summary>One thing that a skill asked of its host, and what it was told: all that it knew besides its
/// input.</summary>
/// <param name="Function">Which.</param>
/// <param name="Argument">The channel; else zero.</param>
/// <param name="Bytes">What was proposed or logged; else empty.</param>
/// <param name="Answer">What it was told; else zero.</param>
public sealed record HostCall(HostFunctions Function, int Argument, byte[] Bytes, long Answer)
    : IShaped<HostCall>
{
    /// <summary>Most of them in one run; a further one ends it.</summary>
    public const int CallsMax = 1_024;

    /// <summary>Most bytes of one.</summary>
    public const int BytesMax = 4_096;

    /// <summary>Whether it is the same question, whatever the answer was.</summary>
    public bool Asks(HostCall other) => Function == other.Function && Argument == other.Argument
        && Bytes.SequenceEqual(other.Bytes);

    /// <summary>The question, for people: <c>telemetry(3)</c>, <c>log(12 bytes)</c>.</summary>
    public string Question => Function switch
    {
        HostFunctions.Telemetry => $"telemetry({Argument})",
        HostFunctions.Propose or HostFunctions.Log =>
            $"{(Function == HostFunctions.Log ? "log" : "propose")}({Bytes.Length} bytes)",
        HostFunctions.Clock => "clock()",
        _ => "random()",
    };

    /// <inheritdoc/>
    public static HostCall Shape<TCodec>(ref TCodec codec, HostCall? value)
        where TCodec : struct, ICodec
    {
        codec.Open("hostCall", 4);
        var function = (HostFunctions)codec.Integer("function", (long)(value?.Function ?? 0), 1, 16);
        int argument = (int)codec.Integer("argument", value?.Argument ?? 0, int.MinValue, int.MaxValue);
        byte[] bytes = codec.Bytes("bytes", value?.Bytes ?? [], BytesMax);
        long answer = codec.Integer("answer", value?.Answer ?? 0, long.MinValue, long.MaxValue);
        codec.Close();
        if (codec.IsReading && !codec.Failed)
        {
            if (!BitOperations.IsPow2((int)function))
            {
                codec.Refuse("a call is of one function");
            }
            else if (function is not HostFunctions.Telemetry && argument != 0)
            {
                codec.Refuse("only telemetry has a number for its argument");
            }
            else if (function is not (HostFunctions.Propose or HostFunctions.Log) && bytes.Length > 0)
            {
                codec.Refuse("only propose and log have bytes");
            }
        }

        return value ?? new HostCall(function, argument, bytes, answer);
    }
}

/// <summary>The side that answers.</summary>
public interface ISkillHost
{
    /// <summary>Answers a question of a skill.</summary>
    /// <param name="call">The question; its answer is not looked at.</param>
    /// <returns>The answer, or null to end the run: the host has none.</returns>
    long? Answer(HostCall call);
}

/// <summary>A host that answers nothing.</summary>
public sealed class NoHost : ISkillHost
{
    /// <summary>It.</summary>
    public static NoHost Instance { get; } = new();

    /// <inheritdoc/>
    public long? Answer(HostCall call) => null;
}

/// <summary>A host that answers as it was recorded to have answered, as long as it is asked the
/// same.</summary>
public sealed class ReplayedHost : ISkillHost
{
    private readonly HostCall[] _calls;
    private int _next;

    /// <summary>Answers from a record.</summary>
    public ReplayedHost(params HostCall[] calls) => _calls = calls;

    /// <summary>Where the skill asked something else than was recorded; null while it did not.</summary>
    public int? DiffersAt { get; private set; }

    /// <summary>What it asked there.</summary>
    public HostCall? AskedInstead { get; private set; }

    /// <summary>Whether all that was recorded was asked.</summary>
    public bool IsAtEnd => _next == _calls.Length && DiffersAt is null;

    /// <inheritdoc/>
    public long? Answer(HostCall call)
    {
        if (DiffersAt is null && _next < _calls.Length && _calls[_next].Asks(call))
        {
            return _calls[_next++].Answer;
        }

        if (DiffersAt is null)
        {
            DiffersAt = _next;
            AskedInstead = call;
        }

        return null;
    }
}

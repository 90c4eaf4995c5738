using System;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Hanse.IO.Journal;

namespace Hanse.IO.Gateway;

/// <summary>Answers nodes that speak nothing that is spoken now: what to do, and the bytes of what to run
/// instead.</summary>
/// <remarks>
/// What it says is in a folder that people fill: the file <c>current</c> has one line, <c>depot</c>, or the
/// SHA-256 of a package in hexadecimal digits, which is the file of that name beside it. Nothing is
/// remembered of a call, so one that comes twice does no harm. A node believes a package by its own trust and
/// not because it came from here.
/// </remarks>
/// <param name="registry">Keys of nodes.</param>
/// <param name="mission">Which mission this is.</param>
/// <param name="folder">The folder; null for none, and all are told to wait.</param>
/// <param name="time">The time.</param>
public sealed class RescueDesk(
    NodeRegistry registry, ReadOnlyMemory<byte> mission, string? folder, TimeProvider time)
{
    /// <summary>The file that says what to do.</summary>
    public const string CurrentFile = "current";

    /// <summary>Calls a second that are looked at.</summary>
    public const int CallsPerSecond = 100;

    private const uint Soon = 1;
    private const uint Hourly = 3_600;

    private readonly Lock _counting = new();
    private long _second;
    private int _calls;

    /// <summary>Answers a call.</summary>
    /// <returns>The answer in bytes; null, with the status of HTTP, when it is no call, of another mission,
    /// or not by the node's key.</returns>
    public async Task<(byte[]? Answer, int Status)> AnswerAsync(ReadOnlyMemory<byte> bytes)
    {
        if (!RescueCall.TryRead(bytes.Span, out RescueCall? call))
        {
            return (null, 400);
        }

        if (IsTooMuch() || (registry.KeyOf(call.Node) is null && !await registry.LookAsync(call.Node)))
        {
            return (null, 503);
        }

        bool isAuthentic = mission.Span.SequenceEqual(call.Mission)
            && registry.KeyOf(call.Node) is { } key
            && Ed25519Keys.Verify(key, call.ToSign(), call.Signature);
        if (!isAuthentic)
        {
            return (null, 401);
        }

        RescueAnswer answer;
        try
        {
            answer = Answer(call);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return (null, 503);
        }

        return (answer.ToBytes(), 200);
    }

    private RescueAnswer Answer(RescueCall call)
    {
        string current = folder is null ? "" : Path.Combine(folder, CurrentFile);
        string text = File.Exists(current) ? File.ReadAllText(current).Trim() : "";
        bool isPackage = text.Length == 64 && text.All(char.IsAsciiHexDigitLower)
            && File.Exists(Path.Combine(folder!, text));
        byte[] package = isPackage ? Convert.FromHexString(text) : new byte[32];
        RescueOrder order = registry.IsRetired(call.Node) ? RescueOrder.End
            : text == "depot" ? RescueOrder.ComeToDepot
            : isPackage && !call.Runs.AsSpan().SequenceEqual(package) ? RescueOrder.Fetch
            : RescueOrder.Wait;
        if (order != RescueOrder.Fetch)
        {
            return new RescueAnswer(order, Hourly, new byte[32], 0, 0, []);
        }

        using FileStream file = File.OpenRead(Path.Combine(folder!, text));
        bool isWanted = call.Wants.AsSpan().SequenceEqual(package) && call.Offset <= (ulong)file.Length;
        byte[] piece = [];
        if (isWanted)
        {
            file.Position = (long)call.Offset;
            piece = new byte[Math.Min(RescueAnswer.BytesMax, file.Length - file.Position)];
            file.ReadExactly(piece);
        }

        return new RescueAnswer(
            order, Soon, package, (ulong)file.Length, isWanted ? call.Offset : 0, piece);
    }

    private bool IsTooMuch()
    {
        lock (_counting)
        {
            long second = time.GetUtcNow().ToUnixTimeSeconds();
            _calls = second == _second ? _calls + 1 : 1;
            _second = second;
            return _calls > CallsPerSecond;
        }
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Hanse.Api.V1;
using Hanse.IO.Gateway;
using Hanse.IO.Journal;
using KeyChange = Hanse.Api.V1.KeyChange;

namespace Hanse.Agent;

/// <summary>An answer that is not by the mission's gateway key, or not to this call.</summary>
public sealed class GatewayDoubtException : Exception
{
    /// <summary>Says what is wrong, and what to do.</summary>
    public GatewayDoubtException(string message)
        : base(message)
    {
    }

    /// <summary>Something is wrong.</summary>
    public GatewayDoubtException()
    {
    }

    /// <summary>Says what is wrong, and why.</summary>
    public GatewayDoubtException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The gateway key that a node has, by which it knows answers.</summary>
/// <param name="Serial">Its number; zero for one that was given on another way, and not yet met.</param>
/// <param name="Key">The public half; empty for none.</param>
public readonly record struct PinnedKey(uint Serial, ReadOnlyMemory<byte> Key);

/// <summary>Whom a node believes that an answer is its mission's.</summary>
/// <remarks>
/// It begins with a key that it was given, or with none: then it takes the one that the first answer brings,
/// as it comes over a channel whose certificate it knows. From then on a key is followed by another only
/// when it has signed that, one after the other; and the new one is kept before anything by it is believed.
/// All members may be called from any thread.
/// </remarks>
public sealed class GatewayPin
{
    private readonly Lock _gate = new();
    private readonly Action<PinnedKey> _keep;
    private PinnedKey _pinned;

    /// <summary>A node's.</summary>
    /// <param name="pinned">What it has.</param>
    /// <param name="keep">Keeps another, durably.</param>
    public GatewayPin(PinnedKey pinned = default, Action<PinnedKey>? keep = null)
    {
        _pinned = pinned;
        _keep = keep ?? (_ => { });
    }

    /// <summary>What it has.</summary>
    public PinnedKey Pinned
    {
        get
        {
            lock (_gate)
            {
                return _pinned;
            }
        }
    }

    /// <summary>Sees that an answer is the gateway's, of this stream, and later than the one
    /// before.</summary>
    /// <param name="mission">The mission.</param>
    /// <param name="node">The node.</param>
    /// <param name="opening">The count of the call that opened the stream.</param>
    /// <param name="last">The serial of the answer before; zero when there was none.</param>
    /// <param name="answer">The answer.</param>
    /// <exception cref="GatewayDoubtException">It is not; nothing of it is to be believed.</exception>
    /// <exception cref="System.IO.IOException">A new key cannot be kept.</exception>
    public void Check(ReadOnlyMemory<byte> mission, uint node, ulong opening, ulong last, Answer answer)
    {
        if (answer.Serial <= last)
        {
            throw new GatewayDoubtException(
                $"answer {answer.Serial} has come after answer {last}: something on the way repeats answers");
        }

        byte[] Signed(uint key) => CallSignature.OfAnswer(
            mission.Span, key, node, opening, answer.Serial, answer.Count, answer.ComeAgainMilliseconds,
            answer.KeyDue,
            [.. answer.Frames.Select(frame => frame.Memory)],
            [.. answer.Refused.Select(one => (one.Place, one.Reason))]);
        Check(mission.Span, answer.GatewayKeys, Signed, answer.Signature.Span);
    }

    /// <summary>Sees that an enrolment was answered by the gateway.</summary>
    /// <exception cref="GatewayDoubtException">It was not.</exception>
    /// <exception cref="System.IO.IOException">A new key cannot be kept.</exception>
    public void Check(ReadOnlyMemory<byte> token, ReadOnlyMemory<byte> publicKey, EnrolmentTaken taken)
    {
        byte[] Signed(uint key) => CallSignature.OfEnrolled(
            taken.Mission.Span, key, taken.Node, publicKey.Span, token.Span);
        Check(taken.Mission.Span, taken.GatewayKeys, Signed, taken.Signature.Span);
    }

    /// <summary>Sees that it was the gateway that has taken another key of a node.</summary>
    /// <exception cref="GatewayDoubtException">It was not.</exception>
    /// <exception cref="System.IO.IOException">A new key cannot be kept.</exception>
    public void Check(ReadOnlyMemory<byte> mission, KeyChange change, KeyChangeTaken taken)
    {
        byte[] Signed(uint key) => CallSignature.OfNodeKeyTaken(
            mission.Span, key, change.Node, change.Serial, change.Key.Span);
        Check(mission.Span, taken.GatewayKeys, Signed, taken.Signature.Span);
    }

    private void Check(
        ReadOnlySpan<byte> mission, IReadOnlyList<GatewayKey> keys, Func<uint, byte[]> signed,
        ReadOnlySpan<byte> signature)
    {
        lock (_gate)
        {
            if (signature.IsEmpty)
            {
                throw new GatewayDoubtException(
                    "the answer is not signed: something on the way has taken that off, or the server is "
                        + "older than 0.13 and is to be upgraded before its nodes");
            }

            PinnedKey newest = Follow(mission, keys);
            if (!Ed25519Keys.Verify(newest.Key.Span, signed(newest.Serial), signature))
            {
                throw new GatewayDoubtException(
                    $"the answer is not signed by the mission's gateway key {newest.Serial} "
                        + $"({Convert.ToHexStringLower(newest.Key.Span)}), or not for this call: whoever "
                        + "answers is another server, or something on the way changes answers");
            }

            if (newest.Serial != _pinned.Serial)
            {
                _keep(newest);
                _pinned = newest;
            }
        }
    }

    // From the key that it has to the newest, as far as each has signed the next.
    private PinnedKey Follow(ReadOnlySpan<byte> mission, IReadOnlyList<GatewayKey> keys)
    {
        PinnedKey at = _pinned;
        if (at.Serial == 0)
        {
            int first = at.Key.IsEmpty ? 0
                : keys.ToList().FindIndex(key => key.Key.Span.SequenceEqual(_pinned.Key.Span));
            if (first < 0 || keys.Count == 0 || keys.Count > GatewayKeys.SerialMax)
            {
                throw new GatewayDoubtException(at.Key.IsEmpty
                    ? "the answer names no gateway key to begin with"
                    : "the mission of this server never had the gateway key "
                        + $"{Convert.ToHexStringLower(at.Key.Span)}: it is another, or the key was copied "
                        + "wrong");
            }

            at = new PinnedKey(keys[first].Serial, keys[first].Key.ToByteArray());
        }

        foreach (GatewayKey key in keys.Where(key => key.Serial > at.Serial))
        {
            if (key.Serial != at.Serial + 1 || !Ed25519Keys.Verify(
                at.Key.Span, CallSignature.OfGatewayKey(mission, key.Serial, key.Key.Span),
                key.Signature.Span))
            {
                throw new GatewayDoubtException(
                    $"gateway key {key.Serial} is not vouched for by gateway key {at.Serial}, which this "
                        + "node has: it is not believed");
            }

            at = new PinnedKey(key.Serial, key.Key.ToByteArray());
        }

        return at;
    }
}

using System.Collections.Generic;
using Hanse.Core.Journal;
using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

/// <summary>The other half of layer 3: signatures that wait to be verified.</summary>
/// <remarks>Verification is the driver's, since Core has no Ed25519. No more wait than an offer has notes:
/// <see cref="Offer.NotesMax"/>, and one for an accusation.</remarks>
internal sealed class Signatures
{
    private readonly SortedDictionary<ulong, Asked> _waiting = [];

    /// <summary>A signature that was asked about.</summary>
    private sealed record Asked(Spot Spot, byte[] Key, byte[] Message, byte[] Signature);

    /// <summary>Whether nothing waits.</summary>
    public bool IsIdle => _waiting.Count == 0;

    /// <summary>Asks about one.</summary>
    /// <param name="request">Number to answer under.</param>
    /// <param name="spot">Size that the note signs; entry 1 if the note is a rival's.</param>
    /// <param name="key">The key that may have signed.</param>
    /// <param name="note">The note.</param>
    /// <param name="signature">Its signature by that key.</param>
    public ReturnEffect Ask(ulong request, Spot spot, NoteKey key, SignedNote note, NoteSignature signature)
    {
        var asked = new Asked(spot, key.PublicKey, note.Message.ToArray(), signature.Signature);
        _waiting.Add(request, asked);
        return Effect(request, asked);
    }

    /// <summary>Asks about all that wait once more.</summary>
    public IEnumerable<ReturnEffect> AskAgain()
    {
        foreach ((ulong request, Asked asked) in _waiting)
        {
            yield return Effect(request, asked);
        }
    }

    /// <summary>Takes an answer.</summary>
    /// <returns>The spot it was asked for; null when nothing was asked under that number, or it was
    /// answered before.</returns>
    public Spot? Answer(ulong request) =>
        _waiting.Remove(request, out Asked? asked) ? asked.Spot : null;

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec =>
        codec.Table(
            "signatures",
            _waiting,
            static (ref TCodec c, ulong request) =>
                (ulong)c.Integer("request", (long)request, 0, long.MaxValue),
            static (ref TCodec c, Asked asked) =>
            {
                c.Open("asked", 5);
                ulong size = (ulong)c.Integer("size", (long)(asked?.Spot.Block ?? 0), 0, long.MaxValue);
                int rival = (int)c.Integer("rival", asked?.Spot.Entry ?? 0, 0, 1);
                byte[] key = c.Bytes("key", asked?.Key ?? [], NoteKey.Ed25519Length);
                byte[] message = c.Bytes("message", asked?.Message ?? [], NoteText.BytesMax);
                byte[] signature = c.Bytes("signature", asked?.Signature ?? [], NoteText.BytesMax);
                c.Close();
                return new Asked(new Spot(size, rival), key, message, signature);
            });

    private static ReturnEffect.VerifySignature Effect(ulong request, Asked asked) =>
        new ReturnEffect.VerifySignature(request, asked.Key, asked.Message, asked.Signature);
}

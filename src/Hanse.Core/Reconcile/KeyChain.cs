using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

/// <summary>Half of layer 3: which key may sign a checkpoint, as the journal itself says.</summary>
/// <remarks>
/// A key is changed by an entry, and the first checkpoint over that entry is still signed by the former key,
/// which so vouches for its successor; every later one is signed by the new key alone. Whoever captures a
/// machine after that finds the former key erased, and if a thief kept a copy, what it signs is refused.
/// </remarks>
internal sealed class KeyChain
{
    private readonly string _name;
    private readonly List<ulong> _former = [];
    private byte[] _pending = [];

    /// <summary>Goes on from what was accepted.</summary>
    public KeyChain(Party author, AcceptedState accepted)
    {
        _name = Checkpoint.OriginOf(author);
        Current = NoteKey.Ed25519(_name, accepted.Key);
        _former.AddRange(accepted.FormerKeys);
    }

    /// <summary>The key that signs the next checkpoint.</summary>
    public NoteKey Current { get; private set; }

    /// <summary>Ids of the keys before it.</summary>
    public IReadOnlyList<ulong> Former => _former;

    /// <summary>Takes an entry that names a successor.</summary>
    public void Change(byte[] publicKey, Spot spot, Findings findings)
    {
        findings.Add(_pending.Length > 0 ? ReasonCode.KeyChangedTwice : ReasonCode.KeyChanged, spot, 0, 0);
        _pending = publicKey;
    }

    /// <summary>Why a note without a signature of the key that may sign is refused.</summary>
    public ReasonCode Refusal(SignedNote note)
    {
        foreach (NoteSignature signature in note.Signatures)
        {
            if (signature.Name == _name && _former.Contains(signature.KeyId))
            {
                return ReasonCode.KeyRetired;
            }
        }

        return ReasonCode.KeyUnknown;
    }

    /// <summary>A checkpoint was reached: a successor that it covers signs from here on.</summary>
    public void Pass()
    {
        if (_pending.Length == 0)
        {
            return;
        }

        if (_former.Count == AcceptedState.FormerKeysMax)
        {
            _former.RemoveAt(0);
        }

        _former.Add(Current.KeyId);
        Current = NoteKey.Ed25519(_name, _pending);
        _pending = [];
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("keys", 3);
        byte[] key = codec.Bytes("key", Current.PublicKey, Enrol.PublicKeyLength);
        _pending = codec.Bytes("pending", _pending, Enrol.PublicKeyLength);
        var former = codec.Numbers("former", [.. _former], AcceptedState.FormerKeysMax);
        codec.Close();
        if (codec.IsReading && !codec.Failed && key.Length == Enrol.PublicKeyLength)
        {
            Current = NoteKey.Ed25519(_name, key);
            _former.Clear();
            _former.AddRange(former);
        }
    }
}

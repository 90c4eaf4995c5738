using System.Collections.Generic;
using Hanse.Core.Journal;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

// The offer: what is judged before a byte of the upload is asked for.
public sealed partial class ReturnValidation
{
    private void Take(Instant now, Offer offer, Digest nonce, ICollection<ReturnEffect> effects)
    {
        if (_phase != Phase.Awaiting)
        {
            // The standing offer goes on; what was written since then comes with the next return.
            Repeat(effects);
            Compare(offer, effects);
            return;
        }

        _offer = offer;
        _nonce = nonce;
        _offeredAt = now;
        _until = now + _rules.UploadTime;
        _walk = NewWalk();
        _notes = OfferedNotes.Read(Author, offer, out int refused, out ReasonCode code);
        if (_notes is null)
        {
            _offer = new Offer([], [], 0);
            _findings.Add(code, new Spot((ulong)refused, 0), 0, 0);
            Judge(effects);
            return;
        }

        if (Accusation() is { } accusation)
        {
            Suspect(accusation, now, effects);
            return;
        }

        if (!IsExtension())
        {
            Judge(effects);
            return;
        }

        // Nothing new, or something: then the first note can only be signed by the accepted key, and a forger
        // is sent home before his upload.
        _walk.NextNote = _notes.After(_accepted.Head.Size);
        _phase = _walk.NextNote == _notes.Count ? Phase.Answering : Phase.Streaming;
        if (_phase == Phase.Streaming)
        {
            AskSignature(_walk.NextNote, effects);
            effects.Add(new ReturnEffect.SendFrom(0));
        }

        Proceed(now, effects);
    }

    // What the offered heads cannot be if the node told one story; with the note that proves it.
    private (ReasonCode Code, int Note, byte[] Other)? Accusation()
    {
        OfferedNotes notes = _notes!;
        if (notes.Contradiction >= 0)
        {
            return (ReasonCode.Equivocation, notes.Contradiction + 1, _offer.Notes[notes.Contradiction].Text);
        }

        for (int i = 0; i < notes.Count; i++)
        {
            if (notes.Head(i).Size == _accepted.Head.Size && notes.Head(i).Root != _accepted.Head.Root)
            {
                return (ReasonCode.Equivocation, i, _accepted.Note);
            }
        }

        foreach (NoteText witnessed in _records.Witnessed)
        {
            TreeHead? head = OfferedNotes.HeadOf(Author, witnessed.Text);
            for (int i = 0; head is not null && i < notes.Count; i++)
            {
                if (notes.Head(i).Size == head.Value.Size && notes.Head(i).Root != head.Value.Root)
                {
                    return (ReasonCode.Equivocation, i, witnessed.Text);
                }
            }
        }

        return notes.Last.Size < _accepted.Head.Size
            ? (ReasonCode.RolledBack, notes.Count - 1, _accepted.Note) : null;
    }

    // Whether the offered head extends the accepted one, by no more than is allowed.
    private bool IsExtension()
    {
        TreeHead last = _notes!.Last;
        var spot = new Spot(last.Size, 0);
        if (last.Size - _accepted.Head.Size > (ulong)_rules.BlocksMax)
        {
            _findings.Add(ReasonCode.LimitExceeded, spot, _rules.BlocksMax,
                (long)(last.Size - _accepted.Head.Size));
        }
        else if (_accepted.Head.Size > 0 && _accepted.Head.Size < last.Size)
        {
            ProofVerdict verdict = CborReader.TryRead(
                _offer.Consistency, out ConsistencyProof? proof, out _)
                    ? proof.Verify(_accepted.Head, last) : ProofVerdict.WrongLength;
            if (verdict != ProofVerdict.Holds)
            {
                // A proof that is none says nothing of the journal.
                _findings.Add(verdict is ProofVerdict.OldRootDiffers or ProofVerdict.RootDiffers
                    ? ReasonCode.Rewritten : ReasonCode.OfferMalformed, spot, 0, (int)verdict);
            }
        }

        return !_findings.IsGrave;
    }

    // An accusation stands on a signature: else anybody could have a node quarantined.
    private void Suspect(
        (ReasonCode Code, int Note, byte[] Other) accusation, Instant now,
        ICollection<ReturnEffect> effects)
    {
        _phase = Phase.Accusing;
        _accusation = accusation.Code;
        NoteText offered = _offer.Notes[accusation.Note];
        _evidence = accusation.Other.Length > 0 ? [new NoteText(accusation.Other), offered] : [offered];
        AskSignature(accusation.Note, effects);
        if (accusation.Note == _notes!.Contradiction + 1 && _notes.Contradiction >= 0)
        {
            AskSignature(_notes.Contradiction, effects);
        }

        Proceed(now, effects);
    }

    // Asks whether a note is signed by the key that may sign it.
    private void AskSignature(int index, ICollection<ReturnEffect> effects)
    {
        SignedNote note = _notes!.Note(index);
        var spot = new Spot(_notes.Head(index).Size, 0);
        NoteKey key = _walk.Keys.Current;
        if (note.Find(key) is { } signature)
        {
            effects.Add(_signatures.Ask(_nextRequest++, spot, key, note, signature));
        }
        else if (_phase == Phase.Accusing)
        {
            AccuseUnsigned(note, spot);
        }
        else
        {
            _findings.Add(_walk.Keys.Refusal(note), spot, 0, 0);
        }
    }

    // An old head may be signed by an old key, and is still an old head. A story told again under a key that
    // nobody knows is no proof against the node.
    private void AccuseUnsigned(SignedNote note, Spot spot)
    {
        ReasonCode refusal = _walk.Keys.Refusal(note);
        bool isOldStory = _accusation == ReasonCode.RolledBack && refusal == ReasonCode.KeyRetired;
        _findings.Add(isOldStory ? _accusation : refusal, spot, (long)_accepted.Head.Size, (long)spot.Block);
    }

    // Every signature of the accusation was judged.
    private void Accuse(ICollection<ReturnEffect> effects)
    {
        if (!_findings.IsGrave)
        {
            _findings.Add(_accusation, new Spot(_notes!.Last.Size, 0), (long)_accepted.Head.Size,
                (long)_notes.Last.Size);
        }
        else
        {
            _evidence = []; // A note that nobody signed proves nothing.
        }

        Judge(effects);
    }

    // A second offer that contradicts the standing one is a second story, if it is signed; if not, it is
    // somebody else's.
    private void Compare(Offer offer, ICollection<ReturnEffect> effects)
    {
        if (_phase is Phase.Judged or Phase.Accusing || _accusation != 0
            || OfferedNotes.Read(Author, offer, out _, out _) is not { } rivals)
        {
            return;
        }

        NoteKey key = _walk.Keys.Current;
        for (int i = 0, j = 0; i < rivals.Count && j < _notes!.Count;)
        {
            TreeHead rival = rivals.Head(i);
            TreeHead standing = _notes.Head(j);
            if (rival.Size == standing.Size && rival.Root != standing.Root
                && rivals.Note(i).Find(key) is { } signature)
            {
                _accusation = ReasonCode.Equivocation;
                _evidence = [_offer.Notes[j], offer.Notes[i]];
                effects.Add(_signatures.Ask(
                    _nextRequest++, new Spot(rival.Size, 1), key, rivals.Note(i), signature));
                return;
            }

            _ = rival.Size <= standing.Size ? i++ : j++;
        }
    }

    private void Take(ulong request, bool isGood, ICollection<ReturnEffect> effects)
    {
        if (_phase == Phase.Judged || _signatures.Answer(request) is not { } spot)
        {
            return;
        }

        _signed++;
        bool isRival = spot.Entry == 1;
        if (isRival && isGood)
        {
            _findings.Add(_accusation, spot, (long)spot.Block, (long)spot.Block);
            Judge(effects);
        }
        else if (isRival)
        {
            _accusation = 0;
            _evidence = [];
        }
        else if (!isGood)
        {
            _findings.Add(ReasonCode.Forged, spot, 0, 0);
        }
    }
}

using Hanse.Core.Identity;
using Hanse.Core.Journal;

namespace Hanse.Core.Reconcile;

/// <summary>The signed heads of an offer, read.</summary>
/// <remarks>Sizes increase, so that the upload meets one after another. Two heads of one size and different
/// roots are no mistake of order: they prove that the node told two stories.</remarks>
internal sealed class OfferedNotes
{
    private readonly SignedNote[] _notes;
    private readonly TreeHead[] _heads;

    private OfferedNotes(SignedNote[] notes, TreeHead[] heads)
    {
        _notes = notes;
        _heads = heads;
    }

    /// <summary>Number of notes; at least one.</summary>
    public int Count => _notes.Length;

    /// <summary>The head that is offered.</summary>
    public TreeHead Last => _heads[^1];

    /// <summary>The first of two notes that contradict each other; -1 when none do.</summary>
    public int Contradiction { get; private init; } = -1;

    /// <summary>The first note over more than some blocks; <see cref="Count"/> when there is none.</summary>
    public int After(ulong size)
    {
        int index = 0;
        while (index < Count && _heads[index].Size <= size)
        {
            index++;
        }

        return index;
    }

    /// <summary>A note.</summary>
    public SignedNote Note(int index) => _notes[index];

    /// <summary>What it signs.</summary>
    public TreeHead Head(int index) => _heads[index];

    /// <summary>Reads the notes of an offer.</summary>
    /// <param name="author">Whose journal they must be of.</param>
    /// <param name="offer">As it came.</param>
    /// <param name="refused">Which note was refused.</param>
    /// <param name="code">Why.</param>
    public static OfferedNotes? Read(Party author, Offer offer, out int refused, out ReasonCode code)
    {
        string origin = Checkpoint.OriginOf(author);
        int count = offer.Notes.IsDefault || offer.Notes.Length > Offer.NotesMax ? 0 : offer.Notes.Length;
        var notes = new SignedNote[count];
        var heads = new TreeHead[count];
        int contradiction = -1;
        code = ReasonCode.OfferMalformed;
        refused = 0;
        for (; refused < count; refused++)
        {
            NoteText text = offer.Notes[refused];
            if (text.Text.Length > NoteText.BytesMax
                || !SignedNote.TryParse(text.Text, out SignedNote? note, out _)
                || !Checkpoint.TryParse(note.Text, out Checkpoint? checkpoint, out _))
            {
                return null;
            }

            if (checkpoint.Origin != origin)
            {
                code = ReasonCode.OtherNode;
                return null;
            }

            notes[refused] = note;
            heads[refused] = checkpoint.Head;
            ulong before = refused == 0 ? 0 : heads[refused - 1].Size;
            if (refused > 0 && checkpoint.Head.Size == before
                && checkpoint.Head.Root != heads[refused - 1].Root)
            {
                contradiction = contradiction < 0 ? refused - 1 : contradiction;
            }
            else if (checkpoint.Head.Size <= before)
            {
                return null;
            }
        }

        bool isWhole = count > 0 && offer.Bytes is >= 0 and <= Offer.BytesMax
            && offer.Consistency.Length <= Offer.ConsistencyBytesMax;
        return !isWhole ? null
            : new OfferedNotes(notes, heads) { Contradiction = contradiction };
    }

    /// <summary>The head of a note that somebody else showed; null when it is none of this machine.</summary>
    public static TreeHead? HeadOf(Party author, byte[] text) =>
        SignedNote.TryParse(text, out SignedNote? note, out _)
            && Checkpoint.TryParse(note.Text, out Checkpoint? checkpoint, out _)
            && checkpoint.Origin == Checkpoint.OriginOf(author)
                ? checkpoint.Head : null;
}

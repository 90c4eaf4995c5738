using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Reconcile;
using Hanse.Core.Wire;

namespace Hanse.Simulation.Returns;

/// <summary>What comes over the link in one return: an offer, bytes, and answers to an audit. From an honest
/// node it is its journal; a bad one shows something else.</summary>
internal sealed class Showing
{
    /// <summary>The signed heads and the proof.</summary>
    public required Offer Offer { get; set; }

    /// <summary>The bytes that are sent.</summary>
    public required Upload Bytes { get; init; }

    /// <summary>The sealed segments that it can prove from.</summary>
    public required RawSegments Segments { get; init; }

    /// <summary>The raw log as it is now.</summary>
    public required RawStore Raw { get; init; }

    /// <summary>Bits that the link turns over the first time they are sent.</summary>
    public List<long> LinkErrors { get; } = [];

    /// <summary>A part of a journal: the heads after one, up to another, and the blocks between.</summary>
    /// <param name="journal">Whose.</param>
    /// <param name="accepted">Blocks that were accepted before.</param>
    /// <param name="heads">Number of its heads to go up to.</param>
    public static Showing Of(NodeJournal journal, ulong accepted, int heads)
    {
        ulong size = journal.Heads[heads - 1].Size;
        var bytes = new Upload();
        for (ulong i = accepted; i < size; i++)
        {
            bytes.Add(journal.Blocks[(int)i]);
        }

        NoteText[] notes = [.. journal.Heads.Take(heads).Where(head => head.Size > accepted)
            .Select(head => new NoteText(head.Note))];
        byte[] proof = accepted == 0 || accepted > size
            ? [] : CborWriter.Bytes(journal.Log.Consistency(accepted, size));
        return new Showing
        {
            Offer = new Offer([.. notes], proof, bytes.Length),
            Bytes = bytes,
            Segments = journal.Segments,
            Raw = journal.Raw,
        };
    }
}

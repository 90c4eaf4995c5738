using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Machine;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Simulation.World;

namespace Hanse.Simulation.Returns;

/// <summary>Makes a case of any kind from a seed: how bad it is, where and when are drawn.</summary>
internal sealed class ReturnCases(ReturnProfile profile, RawSegments segments, ISignatures signatures)
{
    /// <summary>The node that returns.</summary>
    public static readonly NodeId Node = new(7);

    private static readonly NodeId _neighbour = new(8);

    /// <summary>The whole journal of an honest node, in one piece.</summary>
    public NodeJournal MakeHonest(ulong seed)
    {
        var draw = new Draw(seed, "case", (ulong)ReturnKind.Honest);
        (NodeConduct conduct, _) = NodeConducts.Of(ReturnKind.Honest, ref draw);
        return JournalGenerator.Write(profile, seed, Node, conduct, segments, signatures);
    }

    /// <summary>Makes a case.</summary>
    public ReturnCase Make(ReturnKind kind, ulong seed)
    {
        var draw = new Draw(seed, "case", (ulong)kind);
        (NodeConduct conduct, double severity) = NodeConducts.Of(kind, ref draw);
        ulong own = StableHash.Of(seed, (ulong)kind);
        NodeId writer = kind == ReturnKind.OtherNode ? _neighbour : Node;
        NodeJournal journal =
            JournalGenerator.Write(profile, own, writer, conduct, segments, signatures);
        byte[] enrolled = kind == ReturnKind.OtherNode
            ? JournalGenerator.KeyOf(signatures, ~own, 0).PublicKey : journal.Keys[0].PublicKey;
        var theCase = new ReturnCase
        {
            Seed = seed,
            Kind = kind,
            Severity = severity,
            Journal = journal,
            EnrolledKey = enrolled,
        };
        switch (kind)
        {
            case ReturnKind.Honest:
                Torn(theCase, ref draw);
                break;
            case ReturnKind.LinkRot or ReturnKind.StoredRot:
                Rotten(theCase, ref draw);
                break;
            case ReturnKind.SignedRot:
                SignedRot(theCase, ref draw);
                break;
            case ReturnKind.Truncated:
                ReturnShown whole = Add(theCase, journal, 0, journal.Heads.Count);
                whole.Showing.Bytes.Cut((long)(whole.Showing.Bytes.Length * draw.Uniform()));
                break;
            case ReturnKind.Shortened:
                int kept = (int)(journal.Blocks.Count * (1 - severity));
                NodeJournal cut = JournalSurgery.Cut(journal, Math.Max(1, kept));
                _ = Add(theCase, cut, 0, cut.Heads.Count, journal.Ends);
                break;
            case ReturnKind.Equivocation:
                Equivocation(theCase, ref draw);
                break;
            case ReturnKind.Rewritten:
                Rewritten(theCase, ref draw);
                break;
            case ReturnKind.ReplayedOld:
                int accepted = Between(ref draw, 2, journal.Heads.Count);
                _ = Add(theCase, journal, 0, accepted);
                int shown = Between(ref draw, 1, accepted - 1);
                theCase.Returns.Add(new ReturnShown(
                    Showing.Of(journal, 0, shown), journal.Ends, Records(journal, journal.Ends, default)));
                break;
            case ReturnKind.StolenKey:
                StolenKey(theCase, ref draw);
                break;
            case ReturnKind.ForgedSignature:
                Forged(theCase, ref draw);
                break;
            case ReturnKind.SpoiledLeaves or ReturnKind.MissingLeaf:
                Spoil(theCase, severity, ref draw);
                break;
            case ReturnKind.OtherNode:
                Add(theCase, journal, 0, journal.Heads.Count).Showing.Offer = OfOther(theCase, ref draw);
                break;
            default:
                Split(theCase, journal, ref draw);
                break;
        }

        return theCase;
    }

    // In one return or in two.
    private void Split(ReturnCase theCase, NodeJournal journal, ref Draw draw)
    {
        int heads = journal.Heads.Count;
        int first = draw.Chance(0.5) ? 0 : Between(ref draw, heads / 3, heads * 2 / 3);
        if (first > 0)
        {
            _ = Add(theCase, journal, 0, first);
        }

        _ = Add(theCase, journal, first, heads);
    }

    private void Torn(ReturnCase theCase, ref Draw draw)
    {
        NodeJournal journal = theCase.Journal;
        bool isTorn = draw.Chance(0.3);
        // An unloading is durable before the berth is left.
        Split(theCase, isTorn && !JournalSurgery.HasUnloading(journal.Blocks[^1])
            ? JournalSurgery.Cut(journal, journal.Blocks.Count - 1) : journal, ref draw);
    }

    private void Rotten(ReturnCase theCase, ref Draw draw)
    {
        ReturnShown whole = Add(theCase, theCase.Journal, 0, theCase.Journal.Heads.Count);
        int flips = Between(ref draw, 1, 20);
        for (int i = 0; i < flips; i++)
        {
            long bit = draw.Below(whole.Showing.Bytes.Length * 8);
            if (theCase.Kind == ReturnKind.LinkRot)
            {
                whole.Showing.LinkErrors.Add(bit);
            }
            else
            {
                whole.Showing.Bytes.Flip(bit);
            }
        }
    }

    private void SignedRot(ReturnCase theCase, ref Draw draw)
    {
        NodeJournal journal = theCase.Journal;
        int at = (int)draw.Below(journal.Blocks.Count);
        byte[] rotten = [.. journal.Blocks[at]];
        rotten[draw.Below(rotten.Length)] ^= (byte)(1 << (int)draw.Below(8));
        NodeJournal changed = JournalSurgery.Replace(journal, at, rotten);
        _ = Add(theCase, changed, 0, changed.Heads.Count);
    }

    private void Equivocation(ReturnCase theCase, ref Draw draw)
    {
        NodeJournal journal = theCase.Journal;
        int head = Between(ref draw, 1, journal.Heads.Count);
        ulong size = journal.Heads[head - 1].Size;
        NodeJournal other = JournalSurgery.Fork(journal, (int)draw.Below((long)size));
        SignedHead twin = other.Heads[head - 1];
        switch (draw.Below(3))
        {
            case 0:
                // The accepted head, and then another one of the same size.
                _ = Add(theCase, journal, 0, head);
                theCase.Returns.Add(new ReturnShown(Showing.Of(other, 0, head), journal.Ends,
                    Records(journal, journal.Ends, default)));
                break;
            case 1:
                // A neighbour has seen another head.
                ReturnShown witnessed = Add(theCase, journal, 0, journal.Heads.Count);
                theCase.Returns[0] = witnessed with
                {
                    Records = witnessed.Records with { Witnessed = [new NoteText(twin.Note)] },
                };
                break;
            default:
                // Both heads in one offer.
                Showing both = Add(theCase, journal, 0, journal.Heads.Count).Showing;
                both.Offer = both.Offer with
                {
                    Notes = both.Offer.Notes.Insert(head, new NoteText(twin.Note)),
                };
                break;
        }
    }

    private void Rewritten(ReturnCase theCase, ref Draw draw)
    {
        NodeJournal journal = theCase.Journal;
        int head = Between(ref draw, 1, journal.Heads.Count - 1);
        ulong size = journal.Heads[head - 1].Size;
        NodeJournal other = JournalSurgery.Fork(journal, (int)draw.Below((long)size));
        _ = Add(theCase, journal, 0, head);
        _ = Add(theCase, other, head, other.Heads.Count);
    }

    private void StolenKey(ReturnCase theCase, ref Draw draw)
    {
        NodeJournal journal = theCase.Journal;
        SignedHead[] rotations = [.. journal.Heads.Where(head => head.Key != head.NextKey)];
        SignedHead rotation = rotations[draw.Below(rotations.Length)];
        int known = journal.Heads.IndexOf(rotation) + 1;
        NodeJournal thief = JournalSurgery.Fork(
            journal, Between(ref draw, (int)rotation.Size, journal.Blocks.Count - 1));
        SignedHead stolen = JournalGenerator.Sign(thief, thief.Log.Head, rotation.Key, rotation.Key);
        int first = draw.Chance(0.5) ? known : 0;
        if (first > 0)
        {
            _ = Add(theCase, journal, 0, first);
        }

        Showing showing = Add(theCase, thief, first, thief.Heads.Count).Showing;
        showing.Offer = showing.Offer with
        {
            Notes = [.. journal.Heads.Skip(first).Take(known - first).Select(head => new NoteText(head.Note)),
                new NoteText(stolen.Note)],
        };
    }

    private void Forged(ReturnCase theCase, ref Draw draw)
    {
        NodeJournal journal = theCase.Journal;
        Showing showing = Add(theCase, journal, 0, journal.Heads.Count).Showing;
        int at = draw.Chance(0.5) ? journal.Heads.Count - 1 : (int)draw.Below(journal.Heads.Count);
        _ = SignedNote.TryParse(journal.Heads[at].Note, out SignedNote? note, out _);
        NoteSignature signature = note!.Signatures[0];
        byte[] forged = [.. signature.Signature];
        if (draw.Chance(0.5))
        {
            forged[draw.Below(forged.Length)] ^= (byte)(1 << (int)draw.Below(8));
        }
        else
        {
            forged = JournalGenerator.KeyOf(signatures, theCase.Seed, 1_000).Sign(note.Message.Span);
        }

        var other = note with { Signatures = [signature with { Signature = forged }] };
        showing.Offer = showing.Offer with
        {
            Notes = showing.Offer.Notes.SetItem(at, new NoteText(other.ToBytes())),
        };
    }

    private void Spoil(ReturnCase theCase, double share, ref Draw draw)
    {
        NodeJournal journal = theCase.Journal;
        _ = Add(theCase, journal, 0, journal.Heads.Count);
        long leaves = segments.LeavesOf(profile.SealedSegments);
        var spoiled = new SortedSet<ulong>();
        while (spoiled.Count < Math.Max(1, (long)Math.Round(share * leaves)))
        {
            var place = new RawPlace((uint)draw.Below(profile.SealedSegments),
                (int)draw.Below(profile.LeavesPerSegment), 0);
            _ = spoiled.Add(place.Cite);
        }

        theCase.Spoiled = spoiled.Count;
        foreach (ulong leaf in spoiled)
        {
            if (theCase.Kind == ReturnKind.SpoiledLeaves)
            {
                journal.Raw.Spoil(leaf);
            }
            else
            {
                journal.Raw.Lose(leaf);
            }
        }
    }

    // As it is, or with its own key under the name of the node that it says it is.
    private static Offer OfOther(ReturnCase theCase, ref Draw draw)
    {
        NodeJournal journal = theCase.Journal;
        Offer offer = theCase.Returns[0].Showing.Offer;
        if (draw.Chance(0.5))
        {
            return offer;
        }

        SignedHead last = journal.Heads[^1];
        SignedHead renamed = JournalGenerator.Sign(journal, journal.Log.Head, last.Key, last.Key, Node);
        return offer with { Notes = [new NoteText(renamed.Note)] };
    }

    private ReturnShown Add(
        ReturnCase theCase, NodeJournal journal, int fromHead, int toHead, Instant? at = null)
    {
        ulong accepted = fromHead == 0 ? 0 : theCase.Journal.Heads[fromHead - 1].Size;
        Instant from = TimeOf(accepted);
        Instant until = at ?? TimeOf(journal.Heads[toHead - 1].Size);
        var shown = new ReturnShown(
            Showing.Of(journal, accepted, toHead), until, Records(theCase.Journal, from, until));
        theCase.Returns.Add(shown);
        return shown;
    }

    private static HubRecords Records(NodeJournal journal, Instant from, Instant until) =>
        ReturnMission.Records(journal, from, until);

    private Instant TimeOf(ulong size) => JournalGenerator.Begins + ((double)size * profile.BlockEvery);

    private static int Between(ref Draw draw, int least, int most) =>
        (int)(least + draw.Below(most - least + 1));
}

using System;
using System.Collections.Immutable;
using System.Text;
using Hanse.Core.Journal;
using Hanse.Simulation.World;

namespace Hanse.Simulation.Returns;

/// <summary>What a node decides with, and what it writes down of it.</summary>
internal sealed class NodeMind(ulong seed, NodeConduct conduct, NodeLife life)
{
    private Draw _draw = new(seed, "mind", 0);
    private bool _isForeign;

    /// <summary>Digest of the core that runs on every node.</summary>
    public static Digest Core { get; } = Digest.Of(Encoding.ASCII.GetBytes("core 1"));

    /// <summary>Digest of software that nobody approved.</summary>
    public static Digest Foreign { get; } = Digest.Of(Encoding.ASCII.GetBytes("not ours"));

    /// <summary>Digests of the approved skills, in order of their places in the manifest.</summary>
    public static ImmutableArray<Digest> Skills { get; } = [Foreign];

    /// <summary>Whether the software of the node is another one from now on.</summary>
    public bool ChangesSoftware(double share)
    {
        bool changes = !_isForeign && share >= conduct.UnapprovedFrom;
        _isForeign |= changes;
        return changes;
    }

    /// <summary>What it measures at its start.</summary>
    public Entry.Booted Boot(uint boot) => new(
        boot,
        _isForeign && conduct.UnapprovedCore ? Foreign : Core,
        _isForeign && !conduct.UnapprovedCore ? Skills.SetItem(0, Foreign) : Skills);

    /// <summary>The decision of a block.</summary>
    public Entry.Decided Decide(int index, ReturnProfile profile, int segments, NodeJournal journal)
    {
        journal.Decisions++;
        byte[] input = BitConverter.GetBytes(life.Books.Book(Resource.Propellant));
        byte[] output = [1];
        if (_draw.Chance(conduct.WrongDecisions))
        {
            journal.WrongDecisions++;
            output[0] ^= 1;
        }

        bool cites = segments > 0 && index % profile.CiteEvery == 0;
        ulong cited = cites
            ? new RawPlace((uint)_draw.Below(segments), (int)_draw.Below(profile.LeavesPerSegment), 0).Cite : 0;
        return new Entry.Decided(DecisionClass.Routine, 0, input, output, cites ? [cited] : []);
    }
}

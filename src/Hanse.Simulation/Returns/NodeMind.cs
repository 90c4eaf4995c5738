using System;
using System.Collections.Immutable;
using System.Text;
using Hanse.Core.Decisions;
using Hanse.Core.Journal;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;
using Hanse.Simulation.World;

namespace Hanse.Simulation.Returns;

/// <summary>What a node decides with, and what it writes down of it.</summary>
/// <remarks>It calls the very functions that the hub calls later. One decision a block: leave or stay while
/// docked, now and then what to do about a slip, otherwise how much to extract.</remarks>
internal sealed class NodeMind(ulong seed, NodeConduct conduct, NodeLife life)
{
    // Every so many blocks the plan has slipped.
    private const int SlipEvery = 97;

    // An extraction margin of 2 %.
    private const int MarginPpm = 20_000;

    private static readonly int _departure = BuiltInDecisions.All.IndexOf(BuiltInDecisions.Departure);

    private static readonly int _extraction = BuiltInDecisions.All.IndexOf(BuiltInDecisions.Extraction);

    private static readonly int _slip = BuiltInDecisions.All.IndexOf(BuiltInDecisions.Slip);

    private Draw _draw = new(seed, "mind", 0);
    private bool _isForeign;

    /// <summary>Digest of the core that runs on every node.</summary>
    public static Digest Core { get; } = Digest.Of(Encoding.ASCII.GetBytes("core 1"));

    /// <summary>Digest of software that nobody approved.</summary>
    public static Digest Foreign { get; } = Digest.Of(Encoding.ASCII.GetBytes("not ours"));

    /// <summary>Digests of the approved skills, in order of their places in the manifest.</summary>
    public static ImmutableArray<Digest> Skills { get; } = BuiltInDecisions.All;

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
        _isForeign && !conduct.UnapprovedCore ? Skills.SetItem(_extraction, Foreign) : Skills);

    /// <summary>The decision of a block.</summary>
    public Entry.Decided Decide(
        int index, Instant now, ReturnProfile profile, int segments, NodeJournal journal)
    {
        journal.Decisions++;
        int skill = life.Phase == LifePhase.Docked ? _departure
            : index % SlipEvery == 0 ? _slip : _extraction;
        byte[] input = Question(skill, now);
        _ = BuiltInDecisions.TryDecide(Skills[skill], input, out byte[]? output);
        if (_draw.Chance(conduct.WrongDecisions))
        {
            journal.WrongDecisions++;
            output![^1] ^= 1;
        }

        bool cites = segments > 0 && index % profile.CiteEvery == 0;
        ulong cited = cites ? new RawPlace(
            (uint)_draw.Below(segments), (int)_draw.Below(profile.LeavesPerSegment), 0).Cite : 0;
        return new Entry.Decided(
            skill == _extraction ? DecisionClass.Routine : DecisionClass.Safety,
            skill, input, output!, cites ? [cited] : []);
    }

    private byte[] Question(int skill, Instant now)
    {
        var aboard = new Grams(life.Books.Book(Resource.Propellant));
        long room = NodeLife.CargoMax - life.Books.Book(Resource.Cargo);
        return skill == _departure ? CborWriter.Bytes(new DepartureQuestion(
                aboard, new Grams(aboard.Value / 50), new Grams(_draw.Below(1_200_000)), new Grams(200_000)))
            : skill == _slip ? CborWriter.Bytes(new SlipQuestion(
                now, now + Hours(_draw.Below(40)), now + Hours(_draw.Below(40)), now + Hours(_draw.Below(20)),
                aboard, new Grams(600_000), new Grams(2_000), new Grams(200_000)))
            : CborWriter.Bytes(new ExtractionQuestion(
                new Grams(_draw.Below(15_000_000)), new Grams(room), (int)_draw.Below(200_001) - 100_000,
                MarginPpm));
    }

    private static TimeSpan Hours(long hours) => TimeSpan.FromHours(hours);
}

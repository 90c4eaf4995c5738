using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Hub;

/// <summary>Whom a hub counts as heard of a release, and who could have been.</summary>
public class HeardTests
{
    private static readonly Digest _release = Digest.Of([3]);

    private readonly SkillDesk _desk = new();
    private readonly SortedDictionary<NodeId, RosterEntry> _roster = [];
    private readonly HashSet<NodeId> _proven = [];

    // Half a day every thirty; node n from day n on.
    public HeardTests()
    {
        for (uint n = 1; n <= 4; n++)
        {
            LinkEnd? link = null;
            link = new LinkEnd(
                Party.Of(new RegionId(1)), Party.Of(new NodeId(n)),
                new ContactPlan
                {
                    Phase = Day(n),
                    Period = TimeSpan.FromDays(30),
                    Length = TimeSpan.FromHours(12),
                    BytesPerSecond = 1_000,
                    LightTime = TimeSpan.Zero,
                },
                TimeSpan.Zero, fact => link!.Apply(fact));
            _roster.Add(new NodeId(n), new RosterEntry(new Epoch(1), link, isForeign: false) { Class = 1 });
        }
    }

    [Fact]
    public void Machines_are_heard_when_they_have_run_it_and_due_when_they_could_have_called_since()
    {
        Tell(TimeSpan.FromDays(3));
        for (uint n = 1; n <= 4; n++)
        {
            Call(n, n);
        }

        Runs(1, 1, isProven: true);
        Runs(2, 2, isProven: false); // It says so.
        Runs(4, 4, isProven: true); // Node 3 fetches it still.
        Assert.Equal(new ClassHeard(0, 0), At(5));

        // Node 1 is heard, and could not have been heard after three days before its window was over.
        Call(1, 31);
        Assert.Equal(new ClassHeard(1, 0), At(31.4));
        Assert.Equal(new ClassHeard(1, 1), At(31.6));

        // Node 2 calls, and nobody has its journal.
        Call(2, 32);
        Assert.Equal(new ClassHeard(1, 2), At(32.6));
        _ = _proven.Add(new NodeId(2));
        Assert.Equal(new ClassHeard(2, 2), At(32.7));

        // Node 3 was ordered it, and nothing is heard.
        Assert.Equal(new ClassHeard(2, 2), At(33.4));
        Assert.Equal(new ClassHeard(2, 3), At(33.6));

        // Node 4 has let it go: it has spoken otherwise.
        _desk.Apply(
            new NodeId(4),
            new SkillReport(1, Day(4), SkillState.RolledBack, SkillReason.NoAnswer, Day(6), 4), Day(34));
        Assert.Equal(new ClassHeard(2, 3), At(34.6));

        // Who is silent for more windows than a contact plan explains is neither. Node 3 was last heard when
        // it was ordered it.
        Assert.Equal((new ClassHeard(2, 2), 1), (At(93.5), Report(93.5).Unknown));
        Assert.Equal((new ClassHeard(1, 1), 2), (At(121.5), Report(121.5).Unknown));
    }

    // And what is told and reported is what it was.
    [Fact]
    public void Where_nobody_asks_nobody_counts()
    {
        Tell(null);
        Call(1, 1);
        Runs(1, 1, isProven: true);
        Call(1, 31);
        Assert.Null(Report(40).Heard);
        Assert.Equal((1, 1), (Report(40).Active, Report(40).Proven));
    }

    private static Instant Day(double day) => new((long)(day * 86_400_000_000));

    private void Tell(TimeSpan? each) => _desk.Apply(new RolloutTold(
        1, 1, Instant.Epoch, SkillFunction.Extraction, 1, _release.ToArray(), 100, TimeSpan.FromDays(365),
        PartsPerMillion.FromPercent(100),
        new SkillTrial(4, default, TimeSpan.FromDays(7), TimeSpan.FromHours(6)),
        [new RolloutClass(1, uint.MaxValue, ClassState.Running)], each));

    private void Call(uint number, double day)
    {
        var node = new NodeId(number);
        _roster[node].Link.Apply(new LinkFact.Taken(Day(day), 1, [], []));
        if (_desk.OrderFor(Day(day), node, SkillFunction.Extraction, _roster, []) is { } order)
        {
            _desk.Apply(node, order, 1);
        }
    }

    private void Runs(uint number, double day, bool isProven)
    {
        var node = new NodeId(number);
        _ = isProven && _proven.Add(node);
        _desk.Apply(
            node, new SkillReport(1, Day(day), SkillState.Active, SkillReason.None, Day(day), 4), Day(day));
    }

    private ClassHeard? At(double day) => Report(day).Heard;

    private ClassReport Report(double day) => _desk.Report(
        Day(day), _desk.Rollouts[1], _roster, node => _proven.Contains(node) ? [_release] : [])
        .Classes.Single();
}

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Skills;
using Hanse.Core.Time;

namespace Hanse.Core.Hub;

/// <content>Rollouts of skills: orders to nodes, bytes of packages, what became of it.</content>
public sealed partial class RegionalHub
{
    /// <summary>What each node was ordered last of each function, and what it told, to look at.</summary>
    public IReadOnlyDictionary<(NodeId Node, SkillFunction Function), SkillErrand> Errands =>
        _skills.Errands;

    private void Take(Instant now, RolloutTold told)
    {
        bool isTaken = _skills.Takes(told);
        RefuseUnless(isTaken, Party.Strategy, told, Refusal.RolloutNotTaken);
        if (isTaken && _skills.IsNews(told))
        {
            Record(new HubFact.RolloutTold(told));
            Report(now, told);
        }
    }

    private void Order(Instant now, NodeId node, RosterEntry entry)
    {
        if (_skills.Rollouts.Count == 0)
        {
            return;
        }

        foreach (SkillFunction function in SkillContract.Functions)
        {
            if (_skills.OrderFor(now, node, function, _roster, ManifestOf(node)) is { } order
                && entry.Link.Queue(order, Priority.Contract, Instant.Never))
            {
                Record(new HubFact.SkillOrdered(node, order));
            }
        }
    }

    // A release that is let go is news for the whole fleet.
    private void Take(Instant now, NodeId node, SkillReport report)
    {
        bool isHeard = _skills.Hears(node, report);
        RefuseUnless(isHeard, Party.Of(node), report, Refusal.RolloutNotTaken);
        if (!isHeard)
        {
            return;
        }

        Record(new HubFact.SkillReported(node, report));
        if (report.State is SkillState.RolledBack or SkillState.Refused)
        {
            Report(now, _skills.Rollouts[report.Rollout]);
        }
    }

    private void Ask(NodeId node, SkillBytesAsked asked)
    {
        var release = Digest.From(asked.Release);
        bool isKnown = _skills.FunctionOf(release) is not null;
        RefuseUnless(isKnown, Party.Of(node), asked, Refusal.RolloutNotTaken);
        if (isKnown)
        {
            _outbox.Emit(new HubEffect.ReadPackage(node, release, asked.From, SkillBytes.BytesMax));
        }
    }

    private void Hand(Instant now, HubInput.PackageRead read)
    {
        if (_roster.TryGetValue(read.Node, out RosterEntry? entry) && entry.IsActive
            && entry.Link.IsOpen(now))
        {
            Transmit(entry.Link.Compose(
                now, hail: false, owesAnswer: false,
                new SkillBytes(read.Release.ToArray(), read.From, read.Bytes)));
        }
    }

    private void ReportRollouts(Instant now)
    {
        foreach (RolloutTold told in _skills.Rollouts.Values)
        {
            Report(now, told);
        }
    }

    private void Report(Instant now, RolloutTold told) => _ = _uplink.Queue(
        _skills.Report(now, told, _roster, ManifestOf), Priority.Report, now + _digestPeriod);

    // What a node runs as far as its journal is accepted: functions, and the core.
    private ImmutableArray<Digest> ManifestOf(NodeId node) =>
        _reconciler.Receptions.TryGetValue(node, out Reception? reception)
            ? [.. reception.Accepted.Skills, reception.Accepted.Core] : [];

    // What a node may run: what the mission has always allowed, and releases that are rolled out.
    private ImmutableArray<Approval> ApprovalsOf(NodeId node) =>
    [
        .. Spec.Approvals,
        .. _skills.Approve(
            node, _roster[node].Kind, _reconciler.Receptions[node].Since == Instant.Epoch,
            Spec.Returns.ClockErrorMax),
    ];

    // A decision by a release is taken again by the same release.
    private byte[]? DecideAgain(NodeId node, Digest skill, ReadOnlyMemory<byte> input) =>
        _runner is not null && _skills.FunctionOf(skill) is { } function
        && _runner.Run(skill, function, _roster[node].Kind, input)
            is { Outcome: SkillOutcome.Answered } answer
            ? answer.Output : null;
}

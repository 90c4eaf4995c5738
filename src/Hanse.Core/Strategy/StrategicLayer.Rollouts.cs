using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Strategy;

/// <content>Rollouts: releases of skills, to the whole fleet and class by class.</content>
public sealed partial class StrategicLayer
{
    /// <summary>Most rollouts; hubs tell of each every day.</summary>
    public const int RolloutsMax = RolloutTold.RolloutsMax;

    private readonly SortedDictionary<uint, RolloutBook> _rollouts = [];
    private readonly SortedDictionary<uint, SortedDictionary<RegionId, RolloutReport>> _told = [];

    /// <summary>Rollouts, by number, to look at.</summary>
    public IReadOnlyDictionary<uint, RolloutBook> Rollouts => _rollouts;

    private void Order(Instant now, Rollout rollout)
    {
        if (_rollouts.ContainsKey(rollout.Id))
        {
            return; // The same order again.
        }

        if (!rollout.IsSound || _rollouts.Count >= RolloutsMax)
        {
            Refuse(Party.Strategy, 0, rollout.IsSound ? Refusal.TooMuch : Refusal.RolloutNotTaken);
            return;
        }

        Tell(RolloutBook.New(rollout, now));
    }

    private void Command(Instant now, uint rollout, RolloutCommand command)
    {
        if (!_rollouts.TryGetValue(rollout, out RolloutBook? book))
        {
            Refuse(Party.Strategy, 0, Refusal.RolloutNotTaken);
            return;
        }

        Tell(book.Obey(command, now));
    }

    private void Hear(Instant now, RegionId region, RolloutReport report)
    {
        if (!_rollouts.TryGetValue(report.Rollout, out RolloutBook? book) || _ended.Contains(region)
            || report.Sequence > book.Sequence)
        {
            Refuse(Party.Of(region), report.Kind, Refusal.RolloutNotTaken);
            return;
        }

        Record(new StrategyFact.RolloutHeard(region, report));
        RolloutBook next = book.Proceed(now, _charters.Count - _ended.Count, _told[report.Rollout]);
        if (!ReferenceEquals(next, book))
        {
            Tell(next);
        }
    }

    // To everybody who has authority; who comes to it later is told then.
    private void Tell(RolloutBook book)
    {
        Record(new StrategyFact.RolloutMoved(book));
        foreach (RegionId region in _charters.Keys)
        {
            if (!_ended.Contains(region))
            {
                Send(_links[region], book.Told());
            }
        }
    }

    // Whether a region has told of every rollout, and so would know what a node brings along. One without
    // authority is told of none.
    private bool IsInformed(RegionId region)
    {
        bool isInformed = true;
        foreach (uint rollout in _rollouts.Keys)
        {
            isInformed &= _told.TryGetValue(rollout, out SortedDictionary<RegionId, RolloutReport>? reports)
                && reports.ContainsKey(region);
        }

        return isInformed || _ended.Contains(region);
    }

    private void TellRollouts(LinkEnd link)
    {
        foreach (RolloutBook book in _rollouts.Values)
        {
            Send(link, book.Told());
        }
    }

    private void Apply(RegionId region, RolloutReport report)
    {
        if (!_told.TryGetValue(report.Rollout, out SortedDictionary<RegionId, RolloutReport>? reports))
        {
            _told.Add(report.Rollout, reports = []);
        }

        reports[region] = report;
    }

    // What a region told of its nodes is no longer so when they are another's.
    private void ForgetReports(RegionId region)
    {
        foreach (SortedDictionary<RegionId, RolloutReport> reports in _told.Values)
        {
            _ = reports.Remove(region);
        }
    }

    private void ShapeRollouts<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Table(
            "rollouts",
            _rollouts,
            static (ref TCodec c, uint key) => (uint)c.Integer("id", key, 0, uint.MaxValue),
            static (ref TCodec c, RolloutBook value) => RolloutBook.Shape(ref c, value));
        codec.Table(
            "told",
            _told,
            static (ref TCodec c, uint key) => (uint)c.Integer("id", key, 0, uint.MaxValue),
            static (ref TCodec c, SortedDictionary<RegionId, RolloutReport> value) =>
            {
                SortedDictionary<RegionId, RolloutReport> reports = value ?? [];
                c.Table(
                    "reports",
                    reports,
                    static (ref TCodec inner, RegionId key) => inner.Region("region", key),
                    static (ref TCodec inner, RolloutReport report) =>
                        RolloutReport.Shape(ref inner, report));
                return reports;
            });
    }
}

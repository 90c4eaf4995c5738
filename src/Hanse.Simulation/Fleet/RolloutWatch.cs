using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;

namespace Hanse.Simulation.Fleet;

/// <summary>Watches releases on every machine, in truth and not by what is reported.</summary>
/// <remarks>How long a release takes is asked of machines that could have it: one that was commissioned
/// yesterday has not called yet.</remarks>
/// <param name="releases">What there is.</param>
/// <param name="nodes">Machines of the whole fleet.</param>
/// <param name="lag">How long after it was commissioned a machine could have one.</param>
internal sealed class RolloutWatch(Releases releases, int nodes, long lag)
{
    // Of each node, function by function.
    private readonly SortedDictionary<SkillFunction, SkillSlot?[]> _slots = new(
        SkillContract.Functions.ToDictionary(one => one, _ => new SkillSlot?[nodes]));

    private readonly SortedDictionary<(uint Rollout, int Node), Instant> _exposed = [];
    private readonly SortedDictionary<(uint Rollout, int Node), Instant> _wrongSince = [];
    private readonly SortedDictionary<uint, double> _hoursBack = [];
    private readonly SortedDictionary<uint, double> _hoursRun = [];
    private readonly SortedDictionary<uint, long> _wrong = [];
    private readonly SortedDictionary<uint, int> _active = [];
    private readonly SortedDictionary<uint, long> _reached = [];
    private readonly SortedDictionary<uint, int> _lapsed = [];
    private readonly bool[] _isDead = new bool[nodes];

    // Machines that could have a release by now; of those, how many live; and when others could.
    private readonly bool[] _isReady = new bool[nodes];
    private readonly SortedSet<(long At, int Node)> _coming = [];
    private int _alive;

    /// <summary>A machine is commissioned then; at zero for one that was there from the beginning.</summary>
    public void Commission(int node, long at) => _coming.Add((at == 0 ? 0 : at + lag, node));

    /// <summary>A machine moved.</summary>
    public void See(int node, SkillSlot slot, long now)
    {
        Admit(now);
        SkillSlot? last = _slots[slot.Function][node];
        _slots[slot.Function][node] = slot;
        Invariant.Holds(
            releases.Find(slot.Active) is not { Named.Fault: ReleaseFault.Unsigned }); // Whatever is ordered.
        Count(node, last?.Active ?? default, -1);
        Count(node, slot.Active, +1);
        if (slot.State == SkillState.Active)
        {
            _ = _exposed.TryAdd((slot.Order.Rollout, node), slot.Since);
        }

        if (slot.State == SkillState.RolledBack && last?.State != SkillState.RolledBack)
        {
            uint id = slot.Order.Rollout;
            if (slot.Reason == SkillReason.Lapsed)
            {
                _lapsed[id] = _lapsed.GetValueOrDefault(id) + 1;
            }
            else if (slot.Reason is SkillReason.NoAnswer or SkillReason.TooSlow or SkillReason.FallsShort
                or SkillReason.Diverges)
            {
                // What gives no answer is let go in the step in which it gave none; what gives a wrong one is
                // acted on first.
                Instant from = _wrongSince.GetValueOrDefault((id, node), slot.Since);
                _hoursBack[id] = Math.Max(_hoursBack.GetValueOrDefault(id), (slot.Since - from).TotalHours);
                _hoursRun[id] = Math.Max(
                    _hoursRun.GetValueOrDefault(id), (slot.Since - _exposed[(id, node)]).TotalHours);
            }
        }

        Reach(slot.Order.Rollout, now);
    }

    /// <summary>A machine took a decision by a release, that at a place among those that decide.</summary>
    public void See(int node, int place, Instant at, byte[] question, byte[] answer)
    {
        SkillSlot? slot = _slots.Values.Select(slots => slots[node])
            .Where(one => one is not null && one.Active != default).ElementAtOrDefault(place);
        if (slot is not null
            && !answer.AsSpan().SequenceEqual(SkillContract.Own(slot.Function, question)))
        {
            uint id = releases.Find(slot.Active)!.Rollout.Id;
            _wrong[id] = _wrong.GetValueOrDefault(id) + 1;
            _ = _wrongSince.TryAdd((id, node), at);
        }
    }

    /// <summary>A machine died.</summary>
    public void Die(int node, long now)
    {
        Admit(now);
        _isDead[node] = true;
        _alive -= _isReady[node] ? 1 : 0;
        foreach (SkillSlot?[] slots in _slots.Values)
        {
            if (slots[node] is { } slot)
            {
                Count(node, slot.Active, -1);
                slots[node] = null;
                Reach(slot.Order.Rollout, now);
            }
        }
    }

    /// <summary>How things stand.</summary>
    public ImmutableArray<RolloutFigures> Report(
        StrategicLayer strategy, Func<int, bool> isAlive, Func<int, MachineKind> kindOf)
    {
        int[] alive = [.. Enumerable.Range(0, _slots[SkillFunction.Extraction].Length).Where(isAlive)];
        return [.. releases.Planned.Select(planned => Figures(planned, strategy, alive, kindOf))];
    }

    private RolloutFigures Figures(
        PlannedRollout planned, StrategicLayer strategy, int[] alive, Func<int, MachineKind> kindOf)
    {
        uint id = planned.Rollout.Id;
        int[] exposed = [.. _exposed.Keys.Where(key => key.Rollout == id).Select(key => key.Node)];
        SkillSlot?[] slots = _slots[planned.Rollout.Function];
        bool Runs(int node) => slots[node] is { } slot && slot.Active == planned.Rollout.Release;
        int Ended(SkillState state) => alive.Count(node =>
            slots[node] is { } slot && slot.Order.Rollout == id && slot.State == state);
        RolloutBook? book = strategy.Rollouts.GetValueOrDefault(id);
        return new RolloutFigures(
            planned.Named.Name,
            alive.Length,
            exposed.Length,
            alive.Count(Runs),
            Ended(SkillState.RolledBack),
            Ended(SkillState.Refused),
            _lapsed.GetValueOrDefault(id),
            Math.Round(_hoursRun.GetValueOrDefault(id), 2),
            Math.Round(_hoursBack.GetValueOrDefault(id), 2),
            _wrong.GetValueOrDefault(id),
            _reached.TryGetValue(id, out long at)
                ? Math.Round((at - planned.At) / (double)Blueprint.Days(1), 2) : null,
            strategy.RefusedRollouts.TryGetValue(id, out RolloutRefusal reason) ? reason : null,
            book is null ? [] :
            [
                .. book.Classes.Select(one => Figures(one, alive, exposed, Runs, kindOf)),
            ])
        {
            ExposedToFault = exposed.Count(node => ModelSkills.MayErr(planned.Named, kindOf(node))),
        };
    }

    private static ClassFigures Figures(
        ClassProgress one, int[] alive, int[] exposed, Func<int, bool> runs, Func<int, MachineKind> kindOf)
    {
        var group = new RolloutGroup(one.Class);
        return new ClassFigures(
            one.Class,
            alive.Count(node => group.Has(kindOf(node))),
            exposed.Count(node => group.Has(kindOf(node))),
            alive.Count(node => group.Has(kindOf(node)) && runs(node)),
            one.State,
            one.Stage,
            Math.Round(one.Since.Micros / (double)Blueprint.Days(1), 2))
        {
            Capability = group.Class,
            Generation = group.Generation,
        };
    }

    private void Admit(long now)
    {
        while (_coming.Count > 0 && _coming.Min is var (at, node) && at <= now)
        {
            _ = _coming.Remove((at, node));
            _isReady[node] = true;
            _alive += _isDead[node] ? 0 : 1;
            foreach (SkillSlot?[] slots in _slots.Values)
            {
                Add(slots[node]?.Active ?? default, +1);
            }
        }
    }

    private void Count(int node, Digest active, int by)
    {
        if (_isReady[node])
        {
            Add(active, by);
        }
    }

    private void Add(Digest active, int by)
    {
        if (releases.Find(active) is { } planned)
        {
            uint id = planned.Rollout.Id;
            _active[id] = _active.GetValueOrDefault(id) + by;
        }
    }

    private void Reach(uint rollout, long now)
    {
        if (_active.GetValueOrDefault(rollout) >= 0.99 * _alive)
        {
            _ = _reached.TryAdd(rollout, now);
        }
    }
}

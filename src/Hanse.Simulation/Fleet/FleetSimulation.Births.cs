using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Strategy;
using Hanse.Simulation.Runs;
using Hanse.Simulation.World;

namespace Hanse.Simulation.Fleet;

/// <content>Machines that are built during the run and become nodes by their parents' word.</content>
/// <remarks>
/// A machine that is finished stands at its depot and is nobody. A node of its region, drawn by its place,
/// answers for it as its parent: its device tells it of the machine every day until a certificate has come,
/// and the machine shows that every day until the hub has answered. All that is decided is decided by the
/// machines of Core; what a gateway does on a server, the two signatures and that a number is nobody's, is
/// done here.
/// </remarks>
internal sealed partial class FleetSimulation
{
    // When operators have lost their patience with regions that have no authority yet.
    private const double QuotaDays = 7;

    private static readonly long _tellEvery = Blueprint.Days(1);

    // Machines that are built and no nodes, by place; and for which of them a node answers, by its device's
    // count.
    private readonly SortedDictionary<int, Newborn> _newborn = [];
    private readonly Dictionary<(int Parent, uint Build), int> _offspring = [];
    private readonly Dictionary<int, uint> _builds = [];

    // Since when those are there who were born, and how long they had waited, hours.
    private readonly SortedDictionary<int, long> _bornAt = [];
    private double _waitedHours;

    private readonly SortedSet<RegionId> _chartered = [];
    private readonly SortedDictionary<BirthRefusal, int> _birthRefusals = [];
    private long _declined;
    private int _orphaned;

    // Since when a node is there, microseconds; zero from the beginning, and never for one that is none yet.
    private long SinceOf(int node)
    {
        long planned = _plan.CommissionedAt(node);
        return planned == 0 || _plan.Quota is null ? planned
            : _bornAt.TryGetValue(node, out long at) ? at : long.MaxValue;
    }

    private void ScheduleQuota()
    {
        for (int node = 0; node < _nodes.Length; node++)
        {
            if (_plan.CommissionedAt(node) == 0)
            {
                _rollouts.Commission(node, 0);
            }
        }

        if (_plan.Quota is { } quota)
        {
            Schedule(
                Math.Max(_start, Blueprint.Days(QuotaDays)), 0, World(0), Happening.Answer,
                _slab.Put(OrderOf(quota)));
        }
    }

    // Operators order it as soon as every region has authority, for who has none gets no numbers.
    private void HearChartered(RegionId region)
    {
        if (_plan.Quota is { } quota && _chartered.Add(region) && _chartered.Count == _hubs.Length)
        {
            Reply(0, OrderOf(quota));
        }
    }

    private StrategyInput.BirthsOrdered OrderOf(BirthQuota quota) => new(
        quota,
        [
            .. _plan.Operators.Take(_plan.Strategy.Operators.IsAsked ? _plan.Strategy.Operators.Faster : 0)
                .Select(key => new OperatorSignature(
                    key, ModelSigner.Sign(_options.Seed, key, quota.ToSign()))),
        ]);

    // Once a day, from when it is built until it is a node.
    private void CareFor(int machine)
    {
        if (_bornAt.ContainsKey(machine))
        {
            return;
        }

        if (!_newborn.TryGetValue(machine, out Newborn? one))
        {
            _newborn.Add(machine, one = new Newborn { BuiltAt = _now });
        }

        if (_now + _tellEvery <= _plan.Horizon)
        {
            int number = NodeMachine(machine);
            Schedule(_now + _tellEvery, number, World(number), Happening.Commission, 0);
        }

        if (one.Birth is not null)
        {
            Show(machine, one);
            return;
        }

        if (one.Parent >= 0 && !IsFit(one.Parent, machine))
        {
            _orphaned++;
            one.Parent = -1;
        }

        if (one.Parent < 0 && ParentFor(machine) is var parent and >= 0)
        {
            (one.Parent, one.Build) = (parent, _builds.GetValueOrDefault(parent) + 1);
            _builds[parent] = one.Build;
            _offspring.Add((parent, one.Build), machine);
        }

        if (one.Parent >= 0)
        {
            NodeSpec spec = _plan.Nodes[machine];
            StepNode(one.Parent, new NodeInput.ChildBuilt(new Built(
                one.Build, spec.PublicKey, spec.Design.Class, spec.Design.Generation)));
        }
    }

    // It is there, and at home in the region where the machine stands.
    private bool IsFit(int parent, int machine) =>
        SinceOf(parent) <= _now && _truths[parent] is { IsAlive: true, IsImmobile: false }
        && _plan.RegionOf(parent) == _plan.RegionOf(machine)
        && RegionNow(parent) == _plan.RegionOf(machine)
        && Agent(parent) is { Epoch.Value: > 0, IsRetiring: false };

    // The same draw among those who are fit.
    private int ParentFor(int machine)
    {
        int[] fit = [.. Enumerable.Range(0, _nodes.Length).Where(node => IsFit(node, machine))];
        var draw = new Draw(_options.Seed, "parent", (ulong)machine ^ ((ulong)_now << 20));
        return fit.Length == 0 ? -1 : fit[(int)draw.Below(fit.Length)];
    }

    // A parent gives a machine its certificate; again after a crash. One by another hub than that of the
    // region where the machine stands is of no use to it: the number is free again when its time is over.
    private void Hear(int parent, uint build, SignedBirth birth)
    {
        if (!_offspring.TryGetValue((parent, build), out int machine)
            || !_newborn.TryGetValue(machine, out Newborn? one) || one.Birth is not null)
        {
            return;
        }

        if (birth.Certificate.Region != _plan.Nodes[machine].Region)
        {
            one.Parent = one.Parent == parent ? -1 : one.Parent;
            return;
        }

        one.Birth = birth;
        Show(machine, one);
    }

    // The part of a gateway.
    private void Show(int machine, Newborn one)
    {
        BirthCertificate certificate = one.Birth!.Certificate;
        byte[] key = _plan.Nodes[_plan.PlaceOf(certificate.Parent)].PublicKey;
        Demand(
            ModelSigner.Verify(_options.Seed, key, certificate.ToSign(), one.Birth.Signature)
                && certificate.PublicKey.AsSpan().SequenceEqual(_plan.Nodes[machine].PublicKey),
            "a certificate is signed by the parent, for the machine that it was given to");
        Reply(HubMachine(_plan.RegionOf(machine)), new HubInput.BirthShown(certificate, key));
    }

    // A hub has answered. What it will never take is thrown away, and another node asked.
    private void Hear(HubEffect.BirthAnswered answered)
    {
        (int machine, Newborn? one) = _newborn.FirstOrDefault(entry =>
            entry.Value.Birth?.Certificate.Child == answered.Child
            && _plan.Nodes[entry.Key].PublicKey.AsSpan().SequenceEqual(answered.PublicKey));
        if (one is null)
        {
            return; // Told again.
        }

        if (answered.Refusal == BirthRefusal.None)
        {
            _ = _newborn.Remove(machine);
            _bornAt.Add(machine, _now);
            _waitedHours += (_now - one.BuiltAt) / (double)Blueprint.Hours(1);
            _plan.Bear(machine, answered.Child);
            _nodes[machine] = NodeHostOf(machine);
            _world.Bear(_now, machine);
            return;
        }

        _birthRefusals[answered.Refusal] = _birthRefusals.GetValueOrDefault(answered.Refusal) + 1;
        if (answered.Refusal is not (BirthRefusal.ParentDoubted or BirthRefusal.RosterFull))
        {
            (one.Birth, one.Parent) = (null, -1);
        }
    }

    // Whatever is lost on the way, every number is in one place, and nobody is born without one.
    private void DemandQuota()
    {
        if (_plan.Quota is not { } quota)
        {
            return;
        }

        var born = new SortedSet<NodeId>();
        for (int r = 0; r < _hubs.Length; r++)
        {
            Demand(Hub(r).Births.IsConserved, "what a hub may have born is free, lent or born");
            foreach (NodeId child in Hub(r).Births.Births.Keys)
            {
                Demand(quota.Range.Has(child) && born.Add(child), "a number is born once, out of the quota");
            }
        }

        Demand(
            _bornAt.Keys.All(place => born.Contains(_plan.Nodes[place].Node)),
            "who was born is a node by its hub's word");
    }

    private BirthFigures? BirthsNow() => _plan.Quota is not { } quota ? null : new BirthFigures(
        quota.Range.Count,
        _bornAt.Count + _newborn.Count,
        _bornAt.Count,
        _birthRefusals.Values.Sum(),
        _declined,
        _orphaned,
        _newborn.Values.Count(one => one.Birth is not null),
        _newborn.Values.Count(one => one.Birth is null && one.Parent >= 0),
        _newborn.Values.Count(one => one.Birth is null && one.Parent < 0),
        _bornAt.Count == 0 ? 0 : Math.Round(_waitedHours / _bornAt.Count, 1),
        Enumerable.Range(0, _hubs.Length).Sum(r => Hub(r).Births.Births.Values.Count(
            birth => birth.IsOnProbation)));

    private sealed class Newborn
    {
        public required long BuiltAt { get; init; }

        // Who answers for it, and under which count; nobody while it is negative.
        public int Parent { get; set; } = -1;

        public uint Build { get; set; }

        public SignedBirth? Birth { get; set; }
    }
}

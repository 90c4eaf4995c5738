using System;
using System.Collections.Immutable;
using Hanse.Core.Decisions;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Node;

/// <summary>Decides what of a node's life goes into its attested journal.</summary>
/// <remarks>
/// Most entries follow from facts, in one place (<see cref="Hear"/>), so that nothing a node answers for can
/// be forgotten at one of many call sites. Books of what is aboard are kept between stages: when one ends,
/// what the node expects to be aboard is held against what it had attested, and the difference is attested
/// as moved. So the movements of a journal always sum to its levels, and what the sensors are off shows in
/// the dockings, where a scale measures as well.
/// </remarks>
public sealed class Scribe
{
    private readonly NodeSpec _spec;
    private readonly Action<NodeFact> _record;

    // What the attested movements sum to.
    private Grams _cargo;
    private Grams _propellant;
    private long _wear;

    // Boots attested, and the releases in the manifest of the last, behind what the machine was built with.
    private uint _boot;
    private ImmutableArray<Digest> _releases = [];

    // The core that it attested to run.
    private Digest _core;

    // The next segment of the raw log to be attested.
    private uint _segment;

    // Wear that other machines have undone and no hub has been heard to know of: for the journal the machine
    // is still worn by it. And the last part of it, and under which contract.
    private long _undone;
    private (ContractId Contract, long Relief) _owed;

    internal Scribe(NodeSpec spec, Action<NodeFact> record)
    {
        _spec = spec;
        _record = record;
        _propellant = spec.Design.PropellantMax;
        Log = new Logbook(Party.Of(spec.Node), spec.PublicKey, fact => record(new NodeFact.Log(fact)));
    }

    /// <summary>Segments of the raw log attested.</summary>
    public uint Segments => _segment;

    /// <summary>The journal.</summary>
    public Logbook Log { get; }

    /// <summary>Attests what follows from a fact that was just applied.</summary>
    internal void Hear(Instant now, NodeFact fact)
    {
        switch (fact)
        {
            case NodeFact.EnrolAsked(var plan):
                Log.Attest(now, new Entry.Booted(1, _spec.Core, _spec.Skills));
                Log.Attest(now, new Entry.Planned(plan));
                break;
            case NodeFact.Planned(var plan):
                Log.Attest(now, new Entry.Planned(plan));
                break;
            case NodeFact.Deviated(var deviation):
                var columns = new ColumnsWriter();
                columns.Add((int)deviation.Variable, 0, deviation.Value);
                Log.Attest(now, new Entry.Observed(columns.ToArray()));
                break;
            case NodeFact.WorkBegun(var award, _):
                Log.Attest(now, new Entry.LeaseTaken(
                    LeaseKind.Contract, award.Contract.Value, award.Epoch, award.Due));
                break;
            case NodeFact.Surveyed(_, var finding):
                Sight(now, finding, (int)finding.Commodity);
                break;
            case NodeFact.Extended(var contract, var epoch, var due):
                Log.Attest(now, new Entry.LeaseTaken(LeaseKind.Contract, contract.Value, epoch, due));
                break;
            default:
                break; // The node's own business.
        }
    }

    /// <summary>Attests that a contract is held no longer.</summary>
    internal void Leave(Instant now, Award award) =>
        Log.Attest(now, new Entry.LeaseLeft(LeaseKind.Contract, award.Contract.Value, award.Epoch));

    /// <summary>Attests the root of a segment of the raw log, if it is the next one.</summary>
    internal void Seal(Instant now, uint segment, int leaves, Digest root)
    {
        if (segment == _segment && leaves is >= 1 and <= RawLog.SegmentLeavesMax)
        {
            Log.Attest(now, new Entry.RawSealed(segment, leaves, root));
        }
    }

    /// <summary>Takes a decision by one of the functions of the manifest, and attests it with what it was
    /// taken on. A function that the manifest does not name is called all the same, and not
    /// attested.</summary>
    internal TAnswer Decide<TQuestion, TAnswer>(
        Instant now, DecisionClass kind, Digest skill, TQuestion question)
        where TQuestion : class, IShaped<TQuestion>
        where TAnswer : class, IShaped<TAnswer>
    {
        byte[] input = CborWriter.Bytes(question);
        TAnswer? answer = null;
        bool isDecided = BuiltInDecisions.TryDecide(skill, input, out byte[]? output)
            && CborReader.TryRead(output, out answer, out _);
        Invariant.Holds(isDecided && answer is not null);
        AttestDecision(now, kind, skill, input, output!);
        return answer;
    }

    /// <summary>Attests a decision that was taken by a function of the manifest.</summary>
    internal void AttestDecision(Instant now, DecisionClass kind, Digest skill, byte[] input, byte[] output)
    {
        int place = _spec.Skills.IndexOf(skill);
        int release = _releases.IndexOf(skill);
        if (place >= 0 || release >= 0)
        {
            Log.Attest(now, new Entry.Decided(
                kind, place >= 0 ? place : _spec.Skills.Length + release, input, output, []));
        }
    }

    /// <summary>Attests what runs from now on: another manifest begins with a boot, though the machine was
    /// not off.</summary>
    internal void Boot(Instant now, ImmutableArray<Digest> releases) =>
        Log.Attest(now, new Entry.Booted(_boot + 1, _spec.Core, [.. _spec.Skills, .. releases]));

    /// <summary>The machine was started: if it runs another core than it has attested, it attests
    /// that.</summary>
    internal void Start(Instant now, ImmutableArray<Digest> releases)
    {
        if (_boot > 0 && _core != _spec.Core)
        {
            Boot(now, releases);
        }
    }

    /// <summary>A flight or an extraction is over: attests what was used up and what came aboard.</summary>
    /// <param name="now">The time.</param>
    /// <param name="self">What the node expects to be aboard.</param>
    /// <param name="site">Where it may have come from.</param>
    internal void Account(Instant now, SelfTwin self, SiteId site)
    {
        Grams cargo = self.Cargo(now);
        Grams propellant = Grams.Min(_propellant, self.Propellant(now)); // It does not grow on the way.
        long wear = Math.Max(_wear, self.Wear(now) + _undone);
        Move(now, Resource.Cargo, Cause.Extracted, (cargo - _cargo).Value, site.Value);
        Move(now, Resource.Cargo, Cause.Lost, (_cargo - cargo).Value, site.Value);
        Move(now, Resource.Propellant, Cause.Used, (_propellant - propellant).Value, site.Value);
        Move(now, Resource.Wear, Cause.Accrued, wear - _wear, site.Value);
        _record(new NodeFact.Accounted(cargo, propellant, wear));
    }

    /// <summary>A docking is over: attests what was unloaded, and what was taken aboard and repaired, even
    /// when that is nothing, since the depot has its own record of every docking.</summary>
    internal void Account(Instant now, SelfTwin self, Order.Dock dock)
    {
        Log.Attest(now, new Entry.Unloaded(
            dock.Depot, dock.Docking, dock.Contract, dock.Epoch, dock.Commodity, _cargo));
        Grams propellant = Grams.Max(_propellant, self.Propellant(now));
        long wear = Math.Min(_wear, self.Wear(now) + _undone);
        Log.Attest(now, new Entry.Moved(
            Resource.Propellant, Cause.Taken, (propellant - _propellant).Value, dock.Docking));
        Move(now, Resource.Wear, Cause.Repaired, _wear - wear, dock.Docking);
        _record(new NodeFact.Accounted(Grams.Zero, propellant, wear));
    }

    /// <summary>Whether wear was undone under this contract that is not attested yet.</summary>
    internal bool IsOwed(ContractId contract) => _owed.Contract == contract && _owed.Relief > 0;

    /// <summary>The hub knows of the repair: attests what it undid.</summary>
    internal void Mend(Instant now, ContractId contract)
    {
        long relief = Math.Min(_owed.Relief, _wear);
        Move(now, Resource.Wear, Cause.Repaired, relief, contract.Value);
        _record(new NodeFact.RepairAttested(contract));
        _record(new NodeFact.Accounted(_cargo, _propellant, _wear - relief));
    }

    /// <summary>Applies one remembered fact about the journal or its books.</summary>
    internal void Apply(NodeFact fact)
    {
        if (fact is NodeFact.Mended(var mended, var undone))
        {
            _owed = (mended, undone.Value);
            _undone += undone.Value;
        }
        else if (fact is NodeFact.RepairAttested)
        {
            _undone -= _owed.Relief;
            _owed = default;
        }

        if (fact is NodeFact.Accounted(var cargo, var propellant, var wear))
        {
            _cargo = cargo;
            _propellant = propellant;
            _wear = wear;
        }
        else if (fact is NodeFact.Log(var log))
        {
            Log.Apply(log);
            if (log is LogFact.Attested(_, Entry.Booted(var boot, var core, var skills)))
            {
                // Another core may have been built with fewer functions.
                _boot = boot;
                _core = core;
                _releases = skills.RemoveRange(0, Math.Min(skills.Length, _spec.Skills.Length));
            }

            _segment += log is LogFact.Attested(_, Entry.RawSealed) ? 1u : 0u;
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    internal void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("scribe", 11);
        _cargo = codec.Mass("cargo", _cargo);
        _propellant = codec.Mass("propellant", _propellant);
        _wear = codec.Integer("wear", _wear, 0, Knot.ValueMax);
        _segment = (uint)codec.Integer("segment", _segment, 0, uint.MaxValue);
        _boot = (uint)codec.Integer("boot", _boot, 0, uint.MaxValue);
        _releases = Digest.Fields(ref codec, "releases", _releases, Entry.SkillsMax);
        _core = Digest.Field(ref codec, "core", _core);
        _undone = codec.Integer("undone", _undone, 0, long.MaxValue);
        ContractId owedFor = codec.Contract("owedFor", _owed.Contract);
        _owed = (owedFor, codec.Integer("owed", _owed.Relief, 0, Knot.ValueMax));
        Log.Shape(ref codec);
        codec.Close();
    }

    /// <summary>Parts were taken aboard at a depot: attests how much, even when that is nothing.</summary>
    internal void Account(Instant now, SelfTwin self, Order.Load load)
    {
        Grams cargo = self.Cargo(now);
        Log.Attest(now, new Entry.Moved(
            Resource.Cargo, Cause.Taken, Math.Max(0, (cargo - _cargo).Value), load.Docking));
        _record(new NodeFact.Accounted(Grams.Max(cargo, _cargo), _propellant, _wear));
    }

    /// <summary>All that was aboard is in place at a site.</summary>
    internal void Account(Instant now, SelfTwin self, Order.Build build)
    {
        Log.Attest(now, new Entry.Moved(Resource.Cargo, Cause.Given, _cargo.Value, build.Docking));
        _record(new NodeFact.Accounted(Grams.Zero, _propellant, _wear));
        Account(now, self, build.Site);
    }

    /// <summary>Attests what an extraction showed, right after its cargo was unloaded.</summary>
    internal void Dig(Instant now, Finding finding) =>
        Sight(now, finding, Entry.DugQuantity + (int)finding.Commodity);

    private void Sight(Instant now, Finding finding, int quantity) => Log.Attest(now, new Entry.Sighted(
        finding.Site.Value, quantity, finding.Grade.Value, finding.Sigma.Value));

    private void Move(Instant now, Resource resource, Cause cause, long amount, ulong reference)
    {
        if (amount > 0)
        {
            Log.Attest(now, new Entry.Moved(resource, cause, amount, reference));
        }
    }
}

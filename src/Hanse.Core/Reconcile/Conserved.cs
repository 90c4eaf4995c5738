using System;
using System.Collections.Immutable;
using Hanse.Core.Journal;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

/// <summary>Layer 5: nothing out of nothing. Folds movements into the node's own books, holds counts against
/// them, and both ends of a transfer against each other.</summary>
/// <remarks>
/// The books are exact and in the node's own units, biased as its sensors may be: a level below zero or above
/// capacity is impossible whoever measures. A count closes the books and they go on from it, on the node
/// as here. What counts may add up to is bounded over the whole return, not one by one: their corrections
/// telescope to one error of the sensor and the meters' share of what flowed, so a liar cannot take a little
/// at each of many counts. Deliberately absent: whether the numbers are true, which is layer 6.
/// </remarks>
internal sealed class Conserved
{
    // From the scale's word to the end of a docking.
    private static readonly TimeSpan _dockingTime = TimeSpan.FromHours(1);

    private readonly ReturnRules _rules;
    private readonly HubRecords _records;

    // By resource: level, sum of corrections by counts, sum of movements, and the highest level, of this
    // return; of wear the highest since it was undone.
    private readonly long[] _levels = new long[AcceptedState.Resources];
    private readonly long[] _rebased = new long[AcceptedState.Resources];
    private readonly long[] _moved = new long[AcceptedState.Resources];
    private readonly long[] _highest = new long[AcceptedState.Resources];

    // One bit for each record of a depot: matched with an entry.
    private readonly ulong[] _matched = new ulong[HubRecords.DockingsMax / 64];

    // The same for what undid wear.
    private readonly ulong[] _repaired = new ulong[HubRecords.RepairsMax / 64];

    /// <summary>Goes on from what was accepted.</summary>
    public Conserved(ReturnRules rules, AcceptedState accepted, HubRecords records)
    {
        _rules = rules;
        _records = records;
        for (int i = 0; i < _levels.Length; i++)
        {
            _levels[i] = (long)Math.Min(accepted.Levels[i], (ulong)Sum.Max);
            _highest[i] = _levels[i];
        }
    }

    /// <summary>The level of a resource by the node's books.</summary>
    public long Level(Resource resource) => _levels[(int)resource - 1];

    /// <summary>The levels.</summary>
    public ImmutableArray<ulong> Levels =>
        [.. Array.ConvertAll(_levels, level => (ulong)Math.Max(0, level))];

    /// <summary>Takes a movement.</summary>
    /// <returns>The depot's half of it, if it has one.</returns>
    public DockingRecord? Move(
        Resource resource, Cause cause, long amount, ulong reference, Instant at, Spot spot,
        Findings findings)
    {
        int direction = Direction(resource, cause);
        if (direction == 0)
        {
            findings.Add(ReasonCode.CauseImpossible, spot, (int)resource, (int)cause);
            return null;
        }

        Change(resource, direction * amount, spot, findings);
        if (cause == Cause.Repaired)
        {
            Repair(amount, reference, at, spot, findings);
        }

        return cause is Cause.Taken or Cause.Given && resource is Resource.Cargo or Resource.Propellant
            ? Match(null, reference, resource, cause, amount, at, spot, findings) : null;
    }

    /// <summary>Takes an unloading.</summary>
    /// <returns>The depot's half of it, if it has one.</returns>
    public DockingRecord? Unload(Entry.Unloaded unloaded, Instant at, Spot spot, Findings findings)
    {
        Change(Resource.Cargo, -unloaded.Claimed.Value, spot, findings);
        return Match(unloaded, unloaded.Docking, Resource.Cargo, Cause.Given, unloaded.Claimed.Value, at,
            spot, findings);
    }

    /// <summary>Takes a count: the books go on from it.</summary>
    public void Count(Resource resource, long counted, Spot spot, Findings findings)
    {
        int i = (int)resource - 1;
        ResourceRule rule = _rules.Resources[i];
        long before = _levels[i];
        long error = counted - before;
        _rebased[i] = Sum.Of(_rebased[i], error);
        _highest[i] = Math.Max(_highest[i], counted);
        long allowed = Sum.Of(rule.CountFloor, Sum.Of(
            Sum.Share(_highest[i], rule.CountShare.Value), Sum.Share(_moved[i], rule.FlowShare.Value)));
        if (Math.Abs(_rebased[i]) > allowed)
        {
            findings.Add(ReasonCode.CountImpossible, spot, before, counted);
        }
        else if (Math.Abs(error) > rule.CountFloor)
        {
            findings.Add(ReasonCode.CountRebased, spot, before, counted);
        }

        _levels[i] = Math.Clamp(counted, 0, rule.Capacity);
    }

    /// <summary>The journal ends: what depots know of and the node does not.</summary>
    /// <param name="at">The node's clock after the last entry.</param>
    /// <param name="spot">The end of the journal.</param>
    /// <param name="findings">Receives what is found.</param>
    public void Close(Instant at, Spot spot, Findings findings)
    {
        // At its end the journal's clock and the hub's may disagree about what is inside, and a docking is
        // told when it is over. What is not told yet is owed: the record stays until a journal tells it.
        Instant last = at - _rules.ClockErrorMax - _dockingTime;
        for (int i = 0; i < _records.Dockings.Length; i++)
        {
            DockingRecord record = _records.Dockings[i];
            if (!IsMatched(i) && record.At < last)
            {
                findings.Add(ReasonCode.DockingUnreported, spot, record.Docking, record.Measured);
            }
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("conserved", 6);
        Walk.Longs(ref codec, "levels", _levels);
        Walk.Longs(ref codec, "rebased", _rebased);
        Walk.Longs(ref codec, "moved", _moved);
        Walk.Longs(ref codec, "highest", _highest);
        Walk.Bits(ref codec, "matched", _matched);
        Walk.Bits(ref codec, "repaired", _repaired);
        codec.Close();
    }

    private void Change(Resource resource, long amount, Spot spot, Findings findings)
    {
        int i = (int)resource - 1;
        long capacity = _rules.Resources[i].Capacity;
        long level = _levels[i] + amount;
        _moved[i] = Sum.Of(_moved[i], Math.Abs(amount));
        if (level < 0)
        {
            findings.Add(ReasonCode.BelowZero, spot, _levels[i], amount);
        }
        else if (level > capacity)
        {
            findings.Add(ReasonCode.AboveCapacity, spot, capacity, level);
        }

        // Impossible books go on from the possible, so that one fault is not met at every later entry.
        _levels[i] = Math.Clamp(level, 0, capacity);
        _highest[i] = Math.Max(_highest[i], _levels[i]);
    }

    // Double entry: each record of a depot stands for one entry, and each such entry has one.
    private DockingRecord? Match(
        Entry.Unloaded? unloaded, ulong docking, Resource resource, Cause cause, long amount, Instant at,
        Spot spot, Findings findings)
    {
        bool wasMatched = false;
        for (int i = 0; i < _records.Dockings.Length; i++)
        {
            DockingRecord record = _records.Dockings[i];
            if (record.Docking != docking || record.Resource != resource || record.Cause != cause
                || (unloaded is not null && unloaded.Depot != record.Depot))
            {
                continue;
            }

            if (IsMatched(i))
            {
                wasMatched = true;
                continue;
            }

            _matched[i / 64] |= 1UL << (i % 64);
            if (Math.Abs(amount - record.Measured) > Gross(record))
            {
                findings.Add(ReasonCode.DockingDiffers, spot, record.Measured, amount);
            }

            return record;
        }

        // Before the node came here another hub kept the records.
        bool isAnothers = _records.Since > Instant.Epoch
            && at < _records.Since + _rules.ClockErrorMax + _dockingTime;
        if (wasMatched || !isAnothers)
        {
            findings.Add(wasMatched ? ReasonCode.DockingRepeated : ReasonCode.DockingUnmatched, spot,
                (long)Math.Min(docking, long.MaxValue), amount);
        }

        return null;
    }

    /// <summary>Whether another machine undid wear under this reference, as the hub knows.</summary>
    public bool IsField(ulong reference)
    {
        bool isField = false;
        foreach (RepairRecord repair in _records.Repairs)
        {
            isField |= repair.IsField && repair.Reference == reference;
        }

        return isField;
    }

    // Wear only grows, except by what the hub knows of: spares that it sold, and machines that were paid for
    // mending. Each undoes no more than that, once. A docking is a new reading, and may show as much less
    // wear as sensors scatter: less than the highest since wear was last undone, so that a machine which
    // shows a little less at every docking is found out like one which shows it all at once.
    private void Repair(long amount, ulong reference, Instant at, Spot spot, Findings findings)
    {
        RepairRecord? repair = Take(reference);
        bool isKnown = repair is not null;
        foreach (DockingRecord docking in _records.Dockings)
        {
            isKnown |= docking.Docking == reference;
        }

        int wear = (int)Resource.Wear - 1;
        int scatter = 8 * _rules.Calibration.ScatterSigmaMax.Value;
        long most = repair?.Most ?? 0;
        bool isRead = isKnown && repair is not { IsField: true };
        long undone = isRead ? _highest[wear] - _levels[wear] : amount;
        long allowed = Sum.Of(most, Sum.Share(most, _rules.Calibration.BiasMax.Value + scatter));
        if (isKnown)
        {
            allowed = Sum.Of(allowed, 2 * _rules.Resources[wear].CountFloor);
            allowed = Sum.Of(allowed, isRead ? Sum.Share(_highest[wear], scatter) : 0);
        }

        bool isAnothers = _records.Since > Instant.Epoch
            && at < _records.Since + _rules.ClockErrorMax + _dockingTime;
        if (undone > allowed && !isAnothers)
        {
            findings.Add(ReasonCode.RepairUnfounded, spot, allowed, undone);
        }

        if (most > 0 || isAnothers)
        {
            _highest[wear] = Math.Max(_levels[wear], _highest[wear] - amount);
        }
    }

    // Of what undid wear under this reference: the first that was not told before.
    private RepairRecord? Take(ulong reference)
    {
        for (int i = 0; i < _records.Repairs.Length; i++)
        {
            if (_records.Repairs[i].Reference == reference && (_repaired[i / 64] >> (i % 64) & 1) == 0)
            {
                _repaired[i / 64] |= 1UL << (i % 64);
                return _records.Repairs[i];
            }
        }

        return null;
    }

    // More than any bias of the accepted class and eight sigma of chance on top. Less is for the gates of
    // layer 6 to judge, over windows.
    private long Gross(DockingRecord record)
    {
        int share = _rules.Calibration.BiasMax.Value + (8 * _rules.Calibration.ScatterSigmaMax.Value);
        var chance = (long)Int128.Min(8 * (Int128)record.Sigma, Sum.Max);
        chance = Sum.Of(_rules.Resources[(int)record.Resource - 1].CountFloor, chance);
        return Sum.Of(chance, Sum.Share(record.Measured, share));
    }

    private bool IsMatched(int record) => (_matched[record / 64] >> (record % 64) & 1) == 1;

    // +1: it grows; -1: it shrinks; 0: this cannot change that.
    private static int Direction(Resource resource, Cause cause) => (resource, cause) switch
    {
        (Resource.Wear, Cause.Accrued) => 1,
        (Resource.Wear, Cause.Repaired) => -1,
        (Resource.Wear, _) or (_, Cause.Repaired) => 0,
        (Resource.Cargo, Cause.Accrued or Cause.Used) => 0,
        (Resource.Energy, Cause.Extracted) => 0,
        (_, Cause.Extracted or Cause.Taken or Cause.Accrued) => 1,
        (_, Cause.Used or Cause.Given or Cause.Lost) => -1,
        _ => 0,
    };
}

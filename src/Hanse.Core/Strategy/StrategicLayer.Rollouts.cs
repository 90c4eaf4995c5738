using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
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

    /// <summary>Most orders of which it is remembered why they were refused; of more, the lowest number is
    /// forgotten.</summary>
    public const int RefusedMax = 64;

    private readonly SortedDictionary<uint, RolloutBook> _rollouts = [];
    private readonly SortedDictionary<uint, SortedDictionary<RegionId, RolloutReport>> _told = [];

    private static readonly SortedDictionary<RegionId, RolloutReport> _nothing = [];

    // Orders whose signatures are being verified, by number, and why others were not taken.
    private readonly SortedDictionary<uint, SignedOrder> _signed = [];
    private readonly SortedDictionary<uint, RolloutRefusal> _refused = [];

    // The question about a signature that was asked last.
    private ulong _lastRequest;

    /// <summary>Rollouts, by number, to look at.</summary>
    public IReadOnlyDictionary<uint, RolloutBook> Rollouts => _rollouts;

    /// <summary>What regions told last of a rollout, to look at; nothing before the first.</summary>
    public IReadOnlyDictionary<RegionId, RolloutReport> ReportsOf(uint rollout) =>
        _told.GetValueOrDefault(rollout) ?? _nothing;

    /// <summary>Numbers of orders whose signatures are being verified, to look at.</summary>
    public IEnumerable<uint> SignedRollouts => _signed.Keys;

    /// <summary>Why orders were not taken, by number, to look at; forgotten when one of that number is
    /// taken.</summary>
    public IReadOnlyDictionary<uint, RolloutRefusal> RefusedRollouts => _refused;

    // Who signs has seen all of it, so one number is one order for ever: what was refused may come again with
    // other signatures, what was taken may not come again as something else.
    private void Order(Instant now, Rollout rollout, ImmutableArray<OperatorSignature> signatures)
    {
        if (Ordered(rollout.Id) is { } known)
        {
            if (!CborWriter.Bytes(known).AsSpan().SequenceEqual(CborWriter.Bytes(rollout)))
            {
                Refuse(now, rollout.Id, RolloutRefusal.AnotherOrder);
            }

            return; // Or the same order again.
        }

        if (!rollout.IsSound || _rollouts.Count + _signed.Count >= RolloutsMax)
        {
            Refuse(Party.Strategy, 0, rollout.IsSound ? Refusal.TooMuch : Refusal.RolloutNotTaken);
        }
        else if (!_spec.Operators.IsAsked && rollout.Function != SkillFunction.Core)
        {
            Tell(RolloutBook.New(rollout, now));
        }
        else if (FaultOf(rollout, signatures) is { } fault)
        {
            Refuse(now, rollout.Id, fault);
        }
        else
        {
            Record(new StrategyFact.RolloutSigned(rollout, signatures));
            Ask(_signed[rollout.Id]);
        }
    }

    private Rollout? Ordered(uint rollout) =>
        _rollouts.TryGetValue(rollout, out RolloutBook? book) ? book.Rollout
        : _signed.TryGetValue(rollout, out SignedOrder? order) ? order.Rollout : null;

    // What is wrong with the signatures, as far as it shows without verifying them. A key counts once.
    private RolloutRefusal? FaultOf(Rollout rollout, ImmutableArray<OperatorSignature> signatures)
    {
        OperatorKeys operators = _spec.Operators;
        if (operators.CountOf(signatures) is not { } keys)
        {
            return RolloutRefusal.UnknownKey;
        }

        int least = rollout.Rules.IsFasterThan(RolloutRules.Standard) ? operators.Faster : operators.Usual;
        least = rollout.Function == SkillFunction.Core
            ? Math.Max(OperatorKeys.Core, Math.Max(operators.Usual, operators.Faster)) : least;
        return keys < least ? RolloutRefusal.TooFewSignatures : null;
    }

    private void Ask(SignedOrder order) =>
        Ask(order.Rollout.ToSign(), order.Signatures, order.First, order.Good);

    // Has those signatures verified that are not known to hold.
    private void Ask(byte[] text, ImmutableArray<OperatorSignature> signatures, ulong first, ulong good)
    {
        for (int i = 0; i < signatures.Length; i++)
        {
            if (((good >> i) & 1) == 0)
            {
                _outbox.Emit(new StrategyEffect.Verify(
                    default, first + (ulong)i, signatures[i].Key, text, signatures[i].Signature));
            }
        }
    }

    // What may have been lost with a crash.
    private void AskOperators()
    {
        foreach (SignedOrder order in _signed.Values)
        {
            Ask(order);
        }
    }

    // An answer that comes twice, or of an order that was refused, is an old story.
    private void JudgeOrder(Instant now, ulong request, bool isGood)
    {
        if (AskedOf(request) is not { } order)
        {
            return;
        }

        if (!isGood)
        {
            Refuse(now, order.Rollout.Id, RolloutRefusal.BadSignature);
            return;
        }

        Record(new StrategyFact.SignatureHolds(request));
        if (_signed[order.Rollout.Id].IsVerified)
        {
            Tell(RolloutBook.New(order.Rollout, now));
        }
    }

    private SignedOrder? AskedOf(ulong request)
    {
        foreach (SignedOrder order in _signed.Values)
        {
            if (order.PlaceOf(request) is { } place && ((order.Good >> place) & 1) == 0)
            {
                return order;
            }
        }

        return null;
    }

    // The same again is said again and not remembered again, so no flood of orders fills the journal.
    private void Refuse(Instant now, uint rollout, RolloutRefusal reason)
    {
        Refuse(
            Party.Strategy, 0,
            reason == RolloutRefusal.AnotherOrder ? Refusal.RolloutNotTaken : Refusal.RolloutNotSigned);
        if (_refused.GetValueOrDefault(rollout) != reason || reason == RolloutRefusal.BadSignature)
        {
            Record(new StrategyFact.RolloutRefused(rollout, reason, now));
        }
    }

    private void ApplyOrder(StrategyFact fact)
    {
        switch (fact)
        {
            case StrategyFact.RolloutSigned(var rollout, var signatures):
                _signed.Add(rollout.Id, new SignedOrder(rollout, signatures, _lastRequest + 1, 0));
                _lastRequest += (ulong)signatures.Length;
                break;
            case StrategyFact.SignatureHolds(var request):
                SignedOrder asked = AskedOf(request)!;
                ulong bit = 1UL << asked.PlaceOf(request)!.Value;
                _signed[asked.Rollout.Id] = asked with { Good = asked.Good | bit };
                break;
            case StrategyFact.RolloutRefused(var number, var reason, _):
                if (reason != RolloutRefusal.AnotherOrder)
                {
                    _ = _signed.Remove(number);
                }

                _refused[number] = reason;
                if (_refused.Count > RefusedMax)
                {
                    _ = _refused.Remove(LowestOf(_refused));
                }

                break;
            default:
                throw new UnreachableException($"no rule for {fact}");
        }
    }

    private static uint LowestOf<T>(SortedDictionary<uint, T> refused)
    {
        foreach (uint number in refused.Keys)
        {
            return number;
        }

        return 0;
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
            "signed",
            _signed,
            static (ref TCodec c, uint key) => (uint)c.Integer("id", key, 0, uint.MaxValue),
            static (ref TCodec c, SignedOrder value) => SignedOrder.Shape(ref c, value));
        codec.Table(
            "refused",
            _refused,
            static (ref TCodec c, uint key) => (uint)c.Integer("id", key, 0, uint.MaxValue),
            static (ref TCodec c, RolloutRefusal value) =>
                (RolloutRefusal)c.Integer("reason", (long)value, 0, 4));
        _lastRequest = codec.Count("lastRequest", _lastRequest);
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

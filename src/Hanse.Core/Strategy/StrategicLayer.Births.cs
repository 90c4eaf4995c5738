using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Strategy;

/// <content>Quotas of births: signed by operators, divided among hubs.</content>
/// <remarks>The numbers of a quota go to hubs in the step that takes it, or in that which gives a hub its
/// authority later, with the capital of those who will be born, and never come back: what a lost region was
/// given is given to nobody else, since nobody can know whom its hub has let be born after the last that it
/// told. What was born there goes to its successor, and begins its probation anew where it had not proven
/// itself by accepted books.</remarks>
public sealed partial class StrategicLayer
{
    /// <summary>Most quotas ever taken; each hub knows those that it has a share of.</summary>
    public const int QuotasMax = 64;

    private readonly SortedDictionary<uint, QuotaBook> _quotas = [];
    private readonly SortedDictionary<uint, QuotaRefusal> _refusedQuotas = [];

    // What each region was given of each.
    private readonly SortedDictionary<(uint Quota, RegionId Region), BirthRange> _shares = [];

    // Children that went to another region before they had proven themselves, and where they went last.
    private readonly SortedDictionary<NodeId, RegionId> _young = [];

    /// <summary>Quotas of births by number, taken or being looked at.</summary>
    public IReadOnlyDictionary<uint, QuotaBook> Quotas => _quotas;

    /// <summary>Why quotas were not taken, by number; forgotten when one of that number is taken.</summary>
    public IReadOnlyDictionary<uint, QuotaRefusal> RefusedQuotas => _refusedQuotas;

    // As with rollouts, who signs has seen all of it, so one number is one quota for ever.
    private void Order(Instant now, BirthQuota quota, ImmutableArray<OperatorSignature> signatures)
    {
        if (_quotas.TryGetValue(quota.Id, out QuotaBook? known))
        {
            if (!known.Quota.ToSign().AsSpan().SequenceEqual(quota.ToSign()))
            {
                Refuse(quota.Id, QuotaRefusal.AnotherQuota);
            }
        }
        else if (FaultOf(now, quota, signatures) is { } fault)
        {
            Refuse(quota.Id, fault);
        }
        else
        {
            Record(new StrategyFact.QuotaSigned(quota, signatures));
            if (_quotas[quota.Id].IsVerified)
            {
                Divide(quota.Id); // Where nobody is asked.
            }
            else
            {
                Ask(_quotas[quota.Id]);
            }
        }
    }

    // A quota lets in machines that nobody has looked at, so it takes as many keys as the fastest rollout.
    private QuotaRefusal? FaultOf(
        Instant now, BirthQuota quota, ImmutableArray<OperatorSignature> signatures)
    {
        bool overlaps = false;
        foreach (QuotaBook other in _quotas.Values)
        {
            overlaps |= other.Quota.Range.Overlaps(quota.Range);
        }

        if (!quota.IsSound || overlaps || quota.Terms.Until <= now)
        {
            return QuotaRefusal.Unsound;
        }

        if (_quotas.Count >= QuotasMax)
        {
            return QuotaRefusal.TooMany;
        }

        if (RegionsFor(quota).IsEmpty)
        {
            return QuotaRefusal.NoRegion;
        }

        if (!_spec.Operators.IsAsked)
        {
            return signatures.IsEmpty ? null : QuotaRefusal.UnknownKey;
        }

        return _spec.Operators.CountOf(signatures) is not { } keys ? QuotaRefusal.UnknownKey
            : keys < _spec.Operators.Faster ? QuotaRefusal.TooFewSignatures : null;
    }

    // The terms under which a node that goes from one region to another begins its probation anew; null when
    // it is nobody's child, or has proven itself. One that is on its way for the second time has no books.
    private BirthTerms? ProbationOf(RegionId from, NodeId node, NodeBook? book)
    {
        BirthTerms? terms = null;
        foreach (QuotaBook quota in _quotas.Values)
        {
            terms = quota.IsTaken && quota.Quota.Range.Has(node) ? quota.Quota.Terms : terms;
        }

        bool wasYoung = _young.TryGetValue(node, out RegionId where) ? where == from
            : book?.Epoch == new Epoch(1); // It was born there.
        return terms is null || !wasYoung
            || (book is not null && terms.IsProbationOver(_now - book.Since, book.Settled)) ? null : terms;
    }

    // Numbers of a region that is given up, but for those that its accepted books know as nodes.
    private void Lapse(RegionId region)
    {
        foreach (((uint quota, RegionId owner), BirthRange range) in _shares)
        {
            uint born = 0;
            foreach (NodeId node in _receptions[region].Books.Nodes.Keys)
            {
                born += range.Has(node) ? 1U : 0;
            }

            _quotas[quota] = owner != region ? _quotas[quota]
                : _quotas[quota] with { Lapsed = _quotas[quota].Lapsed + range.Count - born };
        }
    }

    private ImmutableArray<RegionId> RegionsFor(BirthQuota quota)
    {
        ImmutableArray<RegionId>.Builder regions = ImmutableArray.CreateBuilder<RegionId>();
        foreach (RegionId region in _charters.Keys)
        {
            if (!_ended.Contains(region) && (quota.Region.Value == 0 || quota.Region == region))
            {
                regions.Add(region);
            }
        }

        return regions.ToImmutable();
    }

    private void Ask(QuotaBook book) => Ask(book.Quota.ToSign(), book.Signatures, book.First, book.Good);

    // What may have been lost with a crash.
    private void AskQuotas()
    {
        foreach (QuotaBook book in _quotas.Values)
        {
            if (!book.IsTaken)
            {
                Ask(book);
            }
        }
    }

    private void JudgeQuota(ulong request, bool isGood)
    {
        if (QuotaOf(request) is not { } book)
        {
            return; // An old story.
        }

        if (!isGood)
        {
            Refuse(book.Quota.Id, QuotaRefusal.BadSignature);
            return;
        }

        Record(new StrategyFact.QuotaSignatureHolds(request));
        if (!_quotas[book.Quota.Id].IsVerified)
        {
            return;
        }

        if (RegionsFor(book.Quota).IsEmpty)
        {
            Refuse(book.Quota.Id, QuotaRefusal.NoRegion);
        }
        else
        {
            Divide(book.Quota.Id);
        }
    }

    private QuotaBook? QuotaOf(ulong request)
    {
        foreach (QuotaBook book in _quotas.Values)
        {
            if (!book.IsTaken && book.PlaceOf(request) is { } place && ((book.Good >> place) & 1) == 0)
            {
                return book;
            }
        }

        return null;
    }

    private void Divide(uint id)
    {
        Record(new StrategyFact.QuotaTaken(id));
        foreach (RegionId region in RegionsFor(_quotas[id].Quota))
        {
            Share(id, region);
        }
    }

    // What it has no part of yet, since it had no authority when the quota was taken.
    private void ShareQuotas(RegionId region)
    {
        foreach (uint id in (uint[])[.. _quotas.Keys])
        {
            QuotaBook book = _quotas[id];
            if (book.IsTaken && book.Quota.Terms.Until > _now && !_shares.ContainsKey((id, region))
                && RegionsFor(book.Quota).Contains(region))
            {
                Share(id, region);
            }
        }
    }

    // Of what is left, as much as is left for each of those who have nothing yet, rounded up: so all have the
    // same, the first ones one more, whenever they come, and nothing is left over when all have come.
    private void Share(uint id, RegionId region)
    {
        QuotaBook book = _quotas[id];
        uint others = 0;
        foreach (RegionId other in _spec.Regions.Keys)
        {
            bool mayCome = book.Quota.Region.Value == 0 && other != region && !_ended.Contains(other)
                && !_shares.ContainsKey((id, other));
            others += mayCome ? 1U : 0;
        }

        uint part = (book.Rest + others) / (others + 1);
        if (part == 0)
        {
            return;
        }

        var range = new BirthRange(book.Quota.Range.First + book.Given, part);
        Record(new StrategyFact.QuotaShared(id, region, part));
        Credits seed = _spec.Rules.SeedPerNode * (int)part;
        TransferId transfer = Fund(region, null, seed);
        Entrust(region, new BirthShare(id, range, book.Quota.Terms, transfer, seed));
        Dispatch(region);
    }

    // The same again is said again and not remembered again.
    private void Refuse(uint quota, QuotaRefusal reason)
    {
        Refuse(Party.Strategy, 0, Refusal.BirthsNotTaken);
        if (_refusedQuotas.GetValueOrDefault(quota) != reason
            || (_quotas.TryGetValue(quota, out QuotaBook? book) && !book.IsTaken
                && reason != QuotaRefusal.AnotherQuota))
        {
            Record(new StrategyFact.QuotaRefused(quota, reason));
        }
    }

    private void ApplyQuota(StrategyFact fact)
    {
        switch (fact)
        {
            case StrategyFact.QuotaSigned(var quota, var signatures):
                _quotas.Add(quota.Id, new QuotaBook(quota, signatures, _lastRequest + 1, 0, false, 0));
                _lastRequest += (ulong)signatures.Length;
                break;
            case StrategyFact.QuotaSignatureHolds(var request):
                QuotaBook asked = QuotaOf(request)!;
                _quotas[asked.Quota.Id] = asked with
                {
                    Good = asked.Good | (1UL << asked.PlaceOf(request)!.Value),
                };
                break;
            case StrategyFact.QuotaTaken(var taken):
                _quotas[taken] = _quotas[taken] with { IsTaken = true };
                _ = _refusedQuotas.Remove(taken);
                break;
            case StrategyFact.QuotaShared(var shared, var region, var count):
                _shares[(shared, region)] =
                    new BirthRange(_quotas[shared].Quota.Range.First + _quotas[shared].Given, count);
                _quotas[shared] = _quotas[shared] with { Given = _quotas[shared].Given + count };
                break;
            case StrategyFact.QuotaRefused(var refused, var reason):
                if (reason != QuotaRefusal.AnotherQuota)
                {
                    _ = _quotas.Remove(refused);
                }

                _refusedQuotas[refused] = reason;
                if (_refusedQuotas.Count > RefusedMax)
                {
                    _ = _refusedQuotas.Remove(LowestOf(_refusedQuotas));
                }

                break;
            default:
                throw new UnreachableException($"no rule for {fact}");
        }
    }

    private void ShapeQuotas<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Table(
            "quotas",
            _quotas,
            static (ref TCodec c, uint key) => (uint)c.Integer("id", key, 0, uint.MaxValue),
            static (ref TCodec c, QuotaBook value) => QuotaBook.Shape(ref c, value));
        codec.Table(
            "refusedQuotas",
            _refusedQuotas,
            static (ref TCodec c, uint key) => (uint)c.Integer("id", key, 0, uint.MaxValue),
            static (ref TCodec c, QuotaRefusal value) =>
                (QuotaRefusal)c.Integer("reason", (long)value, 0, 7));
        codec.Table(
            "shares",
            _shares,
            static (ref TCodec c, (uint Quota, RegionId Region) key) =>
                ((uint)c.Integer("quota", key.Quota, 0, uint.MaxValue), c.Region("region", key.Region)),
            static (ref TCodec c, BirthRange value) => BirthRange.Fields(ref c, value));
        codec.Table(
            "young",
            _young,
            static (ref TCodec c, NodeId key) => c.Node("node", key),
            static (ref TCodec c, RegionId value) => c.Region("region", value));
    }
}

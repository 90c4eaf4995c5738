using System;
using System.Collections.Generic;
using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Wire;

namespace Hanse.Core.Merge;

/// <summary>What became of a holder's report.</summary>
public enum SpendVerdict
{
    /// <summary>Taken; or nothing in it was new.</summary>
    Accepted,

    /// <summary>More than the right: taken up to the right, and the rest is a conflict.</summary>
    OverSpent,

    /// <summary>The right was closed before; a report after that is refused.</summary>
    Stale,

    /// <summary>No such right was ever given.</summary>
    Unknown,
}

/// <summary>Quotas given out before holders go dark, so that none can overdraw while nobody can
/// ask.</summary>
/// <remarks>
/// The bounded counter of Balegas et al. (SRDS 2015), with the escrow of O'Neil (ACM TODS 11, 1986): rights
/// to spend are moved to a holder beforehand, under an epoch, and what all holders may spend never exceeds
/// what there is. A report says how much was spent under an epoch all told, so it may be repeated, and only
/// the largest counts; so reports of different holders commute. The holder's last report closes the right,
/// and what is left of it is free again, once: after that its epoch is stale. A right that is never reported
/// stays reserved; only its holder or an operator may give it back. Limits: see the constants.
/// </remarks>
/// <param name="record">Persists a fact and applies it.</param>
public sealed class QuotaBook(Action<QuotaFact> record)
{
    /// <summary>Most quotas.</summary>
    public const int QuotasMax = 10_000;

    /// <summary>Most rights not closed.</summary>
    public const int RightsMax = 400_000;

    private readonly SortedDictionary<QuotaId, Quota> _quotas = [];
    private readonly SortedDictionary<(QuotaId Quota, NodeId Holder, Epoch Epoch), Right> _rights = [];

    /// <summary>All quotas, in order.</summary>
    public IEnumerable<KeyValuePair<QuotaId, Quota>> Quotas => _quotas;

    /// <summary>All rights not closed, in order.</summary>
    public IEnumerable<KeyValuePair<(QuotaId Quota, NodeId Holder, Epoch Epoch), Right>> Rights => _rights;

    /// <summary>A quota, if there is one of that name.</summary>
    public Quota? Find(QuotaId quota) => _quotas.GetValueOrDefault(quota);

    /// <summary>The newest right of a holder that is not closed; none, and an epoch that was never given,
    /// when there is none.</summary>
    /// <remarks>Cost: linear in the rights.</remarks>
    public (Epoch Epoch, Right? Right) Newest(QuotaId quota, NodeId holder)
    {
        (Epoch Epoch, Right? Right) newest = (default, null);
        foreach (KeyValuePair<(QuotaId Quota, NodeId Holder, Epoch Epoch), Right> right in _rights)
        {
            if (right.Key.Quota == quota && right.Key.Holder == holder)
            {
                newest = (right.Key.Epoch, right.Value);
            }
        }

        return newest;
    }

    /// <summary>Opens a quota.</summary>
    /// <returns>False when there is no room, or it is open already.</returns>
    public bool Open(QuotaId quota, long total)
    {
        if (_quotas.Count >= QuotasMax || _quotas.ContainsKey(quota) || total is < 0 or > Quota.TotalMax)
        {
            return false;
        }

        record(new QuotaFact.Opened(quota, total));
        return true;
    }

    /// <summary>Gives a holder part of what is free.</summary>
    /// <returns>The epoch of the right; null when so much is not free, or there is no room.</returns>
    public Epoch? Give(QuotaId quota, NodeId holder, long amount)
    {
        if (Find(quota) is not { } known || amount <= 0 || amount > known.Free || _rights.Count >= RightsMax)
        {
            return null;
        }

        record(new QuotaFact.Given(quota, holder, known.Last.Next, amount));
        return known.Last.Next;
    }

    /// <summary>Takes a holder's report of what it has spent under an epoch, all told.</summary>
    public SpendVerdict Report(QuotaId quota, NodeId holder, Epoch epoch, long spent, bool isLast)
    {
        if (!_rights.TryGetValue((quota, holder, epoch), out Right? right))
        {
            return Find(quota) is { } known && epoch.Value <= known.Last.Value
                ? SpendVerdict.Stale : SpendVerdict.Unknown;
        }

        long accepted = Math.Min(spent, right.Amount);
        if (accepted > right.Spent)
        {
            record(new QuotaFact.Spent(quota, holder, epoch, accepted));
        }

        if (isLast)
        {
            record(new QuotaFact.Closed(quota, holder, epoch));
        }

        return spent > right.Amount ? SpendVerdict.OverSpent : SpendVerdict.Accepted;
    }

    /// <summary>Applies one remembered fact.</summary>
    public void Apply(QuotaFact fact)
    {
        switch (fact)
        {
            case QuotaFact.Opened(var quota, var total):
                _quotas.Add(quota, new Quota(total, total, 0, new Epoch(0)));
                break;
            case QuotaFact.Given(var quota, var holder, var epoch, var amount):
                Quota before = _quotas[quota];
                Invariant.Holds(amount <= before.Free && epoch == before.Last.Next);
                _quotas[quota] = before with { Free = before.Free - amount, Last = epoch };
                _rights.Add((quota, holder, epoch), new Right(amount, 0));
                break;
            case QuotaFact.Spent(var quota, var holder, var epoch, var amount):
                Right held = _rights[(quota, holder, epoch)];
                Invariant.Holds(amount > held.Spent && amount <= held.Amount);
                _rights[(quota, holder, epoch)] = held with { Spent = amount };
                _quotas[quota] = _quotas[quota] with
                {
                    Spent = _quotas[quota].Spent + amount - held.Spent,
                };
                break;
            case QuotaFact.Closed(var quota, var holder, var epoch):
                Right done = _rights[(quota, holder, epoch)];
                _ = _rights.Remove((quota, holder, epoch));
                _quotas[quota] = _quotas[quota] with
                {
                    Free = _quotas[quota].Free + done.Amount - done.Spent,
                };
                break;
            default:
                throw new UnreachableException($"no rule for {fact}");
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("quotas", 2);
        codec.Table(
            "quotas",
            _quotas,
            static (ref TCodec c, QuotaId key) => QuotaId.Shape(ref c, key),
            static (ref TCodec c, Quota value) => Quota.Shape(ref c, value));
        codec.Table(
            "rights",
            _rights,
            static (ref TCodec c, (QuotaId Quota, NodeId Holder, Epoch Epoch) key) =>
            {
                c.Open("of", 3);
                QuotaId quota = QuotaId.Shape(ref c, key.Quota);
                NodeId holder = c.Node("holder", key.Holder);
                Epoch epoch = c.Epoch("epoch", key.Epoch);
                c.Close();
                return (quota, holder, epoch);
            },
            static (ref TCodec c, Right value) =>
            {
                c.Open("right", 2);
                long amount = c.Integer("amount", value?.Amount ?? 0, 0, Quota.TotalMax);
                long spent = c.Integer("spent", value?.Spent ?? 0, 0, Quota.TotalMax);
                c.Close();
                return new Right(amount, spent);
            });
        codec.Close();
    }
}

using System;
using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Merge;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Hub;

/// <content>Nodes that begin by another's word, and nodes whose service ends.</content>
public sealed partial class RegionalHub
{
    /// <summary>Who may be born, and who was, to look at.</summary>
    public BirthBook Births => _births;

    /// <summary>Nodes that are told to end their service and have not yet, and whether they are
    /// lost.</summary>
    public IReadOnlyDictionary<NodeId, bool> Retiring => _retiring;

    // A share that cannot be meant gets its capital booked all the same: it is working capital, whoever
    // needs it.
    private void Take(BirthShare share)
    {
        _treasury.TakeSeed(share.Transfer, share.Seed);
        Send(_uplink, new CreditsReceived(share.Transfer), Priority.Contract);
        RefuseUnless(_births.Take(share), Party.Strategy, share, Refusal.BirthsNotTaken);
    }

    private void Take(Instant now, NodeId node, BirthAsked asked)
    {
        BirthRefusal reason =
            _retiring.ContainsKey(node) ? BirthRefusal.ParentRetired
            : !May(node, NodeAct.TakeLease) ? BirthRefusal.ParentDoubted
            : HasDoubtedChild(node) ? BirthRefusal.ChildDoubted
            : BirthRefusal.None;
        byte[] key = _reconciler.Receptions[node].Accepted.Key;
        Send(_roster[node].Link, _births.Lend(now, node, key, asked, reason), Priority.Contract);
    }

    // A parent answers for what it bears as long as that has proven nothing: with its right to bear more.
    private bool HasDoubtedChild(NodeId parent)
    {
        bool isDoubted = false;
        foreach (NodeId child in _births.YoungOf(parent))
        {
            isDoubted |= !May(child, NodeAct.TakeLease);
        }

        return isDoubted;
    }

    private void Show(Instant now, HubInput.BirthShown shown)
    {
        BirthCertificate certificate = shown.Certificate;
        byte[]? present = _reconciler.Receptions.TryGetValue(certificate.Parent, out Reception? parent)
            ? parent.Accepted.Key : null;
        BirthRefusal refusal = certificate.Region != Spec.Region || !IsChartered || _successor.Value > 0
            ? BirthRefusal.NoLease
            : _births.Show(now, certificate, shown.ParentKey, present, StandingOf(certificate));
        _outbox.Emit(new HubEffect.BirthAnswered(certificate.Child, certificate.PublicKey, refusal));
    }

    // What is against a birth but its lease. How many there may be is what operators have signed, beyond what
    // the hub was built for, as long as its books have room. A parent that belongs to another region by now
    // bears under the lease that it took along.
    private BirthRefusal StandingOf(BirthCertificate certificate)
    {
        bool isKnown = _roster.TryGetValue(certificate.Parent, out RosterEntry? parent);
        return !isKnown ? BirthRefusal.UnknownParent
            : parent!.IsRetired || _retiring.ContainsKey(certificate.Parent) ? BirthRefusal.ParentRetired
            : !parent.HasLeft && !May(certificate.Parent, NodeAct.TakeLease) ? BirthRefusal.ParentDoubted
            : _roster.ContainsKey(certificate.Child) ? BirthRefusal.NumberTaken
            : HasKey(certificate.PublicKey) ? BirthRefusal.KeyTaken
            : _roster.Count + _births.Awaited >= RegionBooks.NodesMax ? BirthRefusal.RosterFull
            : BirthRefusal.None;
    }

    private bool HasKey(byte[] key)
    {
        bool has = false;
        foreach (Reception reception in _reconciler.Receptions.Values)
        {
            has |= reception.Accepted.Key.AsSpan().SequenceEqual(key);
        }

        foreach (Birth birth in _births.Births.Values)
        {
            has |= birth.Certificate.PublicKey.AsSpan().SequenceEqual(key);
        }

        return has;
    }

    // A number that may be born is nobody's who was not, and is the node's that its certificate names.
    private bool IsBornAs(NodeId node, Enrol enrol) =>
        _births.Births.TryGetValue(node, out Birth? birth)
            ? birth.Certificate.PublicKey.AsSpan().SequenceEqual(enrol.PublicKey)
                && birth.Certificate.Class == enrol.Class
                && birth.Certificate.Generation == enrol.Generation
            : !_births.IsForChildren(node);

    // Told again, a node is not told anything new; told that it is lost, nothing is waited for any more.
    private void Retire(NodeId node, bool isLost)
    {
        bool isHere = _roster.TryGetValue(node, out RosterEntry? entry) && !entry.HasLeft;
        bool isNews = !_retiring.TryGetValue(node, out bool wasLost) || (isLost && !wasLost);
        if (!isHere || _recalled.ContainsKey(node) || !isNews)
        {
            RefuseUnless(isHere && !_recalled.ContainsKey(node), Party.Of(node), 0, Refusal.UnknownSender);
            return;
        }

        bool isFirst = !_retiring.ContainsKey(node);
        Record(new HubFact.NodeRetiring(node, isLost));
        if (isFirst)
        {
            _market.Withdraw(node);
            Send(entry!.Link, new Retirement(IsOver: false), Priority.Contract);
        }

        if (isLost && (_market.HeldBy(node) ?? _market.MissedBy(node)) is { } held)
        {
            _ = _market.Release(node, held.Id, held.Epoch);
        }
    }

    // Whoever owes nothing and is owed nothing goes for good. What is accepted of it is told first.
    private void EndService()
    {
        if (_retiring.Count == 0)
        {
            return;
        }

        foreach (NodeId node in (NodeId[])[.. _retiring.Keys])
        {
            if (_market.IsHeldBy(node) || _market.IsMissing(node) || _market.HasCustody(node)
                || _market.IsBoundByRepair(node))
            {
                continue;
            }

            _market.EndHoldsOf(_now, node);
            _reconciler.Withdraw(node);
            _scribe.Vouch(_now, node);
            Credits balance = _treasury.Of(node);
            _treasury.Retire(node);
            Record(new HubFact.NodeRetired(node, balance));
            Send(_roster[node].Link, new Retirement(IsOver: true), Priority.Contract);
            _outbox.Emit(new HubEffect.Retired(node));
        }
    }
}

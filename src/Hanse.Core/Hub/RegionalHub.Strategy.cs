using System;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Hub;

/// <content>What the hub has to do with the strategic layer: charter, bounties, money, digests.</content>
public sealed partial class RegionalHub
{
    /// <summary>Parts of the hub's journal that are under way at most: one at a time would carry 110 KB a day
    /// over 40 minutes of light there and back.</summary>
    private const int PartsAheadMax = 64;

    /// <summary>How often a head of the hub's journal is signed and offered, if there is anything
    /// new.</summary>
    private static readonly TimeSpan _headPeriod = TimeSpan.FromDays(1);

    /// <summary>How long a supply curve is worth sending.</summary>
    private static readonly TimeSpan _soundingLife = TimeSpan.FromDays(10);

    private void ReceiveFromStrategy(Instant now, Frame frame)
    {
        ImmutableArray<JournalPart> parts = [];
        foreach (Message message in _uplink.Take(now, frame))
        {
            parts = message is ReturnAdmitted admitted
                ? _scribe.Log.Stream(now, admitted.Blocks, admitted.From, PartsAheadMax)
                : parts;
            Handle(now, message);
        }

        bool owesAnswer = frame.Envelopes.Length > 0;
        Transmit(_uplink.Compose(now, hail: false, owesAnswer, parts.IsEmpty ? [] : [parts[0]]));
        for (int i = 1; i < parts.Length; i++)
        {
            Transmit(_uplink.Compose(now, hail: false, owesAnswer: false, parts[i]));
        }
    }

    // Heads are signed when one is due and the last is judged, and offered with every call until they are.
    private void CallStrategy(Instant now)
    {
        if (now >= NextHead && _scribe.AskSignature(now))
        {
            EmitSign();
        }

        Frame? call = _uplink.Call(
            now, TimeSpan.Zero, Waiting(now), _scribe.Log.Offering(now, reminds: true));
        if (call is not null)
        {
            _scribe.Log.Rewind(); // Nothing was heard for a round trip and a minute.
            Transmit(call);
        }
    }

    private Instant UplinkAlarm(Instant now) =>
        Instant.Min(_uplink.NextCall(now, TimeSpan.Zero, Waiting(now)), NextHead);

    private Instant NextHead => _scribe.Log.IsIdle && _scribe.Log.HasNews
        ? _scribe.Log.AskedAt + _headPeriod : Instant.Never;

    private Pending Waiting(Instant now) => _scribe.Log.IsWelcome(now) ? Pending.Exchange : Pending.None;

    private void EmitSign()
    {
        (ulong blocks, byte[] text) = _scribe.Log.ToSign();
        _outbox.Emit(new HubEffect.Sign(blocks, text));
    }

    private void Handle(Instant now, Message message)
    {
        switch (message)
        {
            case Charter charter when _treasury.HasReceived(charter.Transfer):
            case BountyPosted posted when _treasury.HasReceived(posted.Transfer):
            case BountyAssigned bounty when _treasury.HasReceived(bounty.Transfer):
            case BirthShare share when _treasury.HasReceived(share.Transfer):
            case NodeAssigned node when _treasury.HasReceived(node.Transfer):
                break; // Booked already: the link repeats nothing, but a restored sender may.
            case BountyPosted or BountyAssigned or NodeAssigned or CargoTold or Sounding or LotsRecalled
                or BountyReduced or BirthShare or NodeProbation
                when _successor.Value > 0:
                // Sent before the order; the successor was sent the same since then.
                Refuse(Party.Strategy, message.Kind, Refusal.NotChartered);
                break;
            case Charter charter:
                _treasury.TakeSeed(charter.Transfer, charter.Seed);
                Send(_uplink, new CreditsReceived(charter.Transfer), Priority.Contract);
                if (charter.Epoch.Value > Epoch.Value)
                {
                    Record(new HubFact.Chartered(charter.Epoch));
                    _market.Wake(now);
                }

                break;
            case CharterEnded ended:
                // Of an earlier authority it is an old story, which was heard then.
                if (ended.Epoch == Epoch && !_market.IsWindingDown)
                {
                    Record(new HubFact.Relieved(ended.Epoch, ended.Successor));
                    SendAway(ended.Successor);
                }

                Send(_uplink, ended, Priority.Contract);
                break;
            case BountyPosted posted when _market.Bounties.ContainsKey(posted.Bounty.Id):
                // On the market already, under another transfer: its escrow is not to be mixed with this
                // one's.
                Refuse(Party.Strategy, message.Kind, Refusal.BountyNotTaken);
                break;
            case BountyPosted posted:
                _treasury.TakeEscrow(posted.Transfer, posted.Bounty.Id, posted.Bounty.Worth);
                Send(_uplink, new CreditsReceived(posted.Transfer), Priority.Contract);
                if (!Keeps(posted.Bounty) || !_market.Open(now, posted.Bounty))
                {
                    Refuse(Party.Strategy, message.Kind, Refusal.BountyNotTaken);
                    SendHome(new MarketFact.BountyClosed(
                        posted.Bounty.Id, BountyOutcome.Unfilled, Grams.Zero, Credits.Zero, Credits.Zero));
                }

                break;
            case BountyAssigned assigned:
                Adopt(now, assigned);
                break;
            case NodeAssigned assigned:
                Adopt(assigned);
                break;
            case BirthShare share:
                Take(share);
                break;
            case NodeProbation told:
                RefuseUnless(_births.Take(now, told), Party.Strategy, told, Refusal.BirthsNotTaken);
                break;
            case NodeRecalled(var node, var to):
                Recall(node, to);
                break;
            case CargoTold told:
                Hear(now, told);
                break;
            case Sounding sounding:
                Tell(now, sounding);
                break;
            case LotsRecalled(var lots, var epoch, var count):
                _market.Recall(lots, epoch, count);
                break;
            case BountyReduced(var lesser, var total):
                _ = _market.Reduce(now, lesser, total); // Of one that is over the report is on its way.
                break;
            case RolloutTold rollout:
                Take(now, rollout);
                break;
            case ReturnAdmitted:
                break; // Answered with the next part.
            case ReturnDeferred deferred:
                _scribe.Log.Defer(deferred.Blocks, deferred.NotBefore);
                break;
            case ReturnJudged judged:
                _scribe.Log.Receive(judged.Blocks, judged.Root, judged.Safe);
                break;
            case CreditsReceived received:
                _treasury.Acknowledge(received.Transfer);
                break;
            default:
                Refuse(Party.Strategy, message.Kind, Refusal.WrongDirection);
                break;
        }
    }

    private void SendDigest(Instant now)
    {
        int enrolled = 0;
        int late = 0;
        foreach (RosterEntry entry in _roster.Values)
        {
            enrolled += entry.HasLeft ? 0 : 1;
            late += !entry.HasLeft && entry.SilenceAt(now) == Silence.Late ? 1 : 0;
        }

        Record(new HubFact.DigestSent(now));
        var digest = new RegionDigest(
            enrolled, late, _market.Bounties.Count, _market.LiveContracts, _treasury.Burned,
            _market.Scarcity);
        _ = _uplink.Queue(digest, Priority.Report, now + _digestPeriod);
        ReportRollouts(now);
    }

    private void SendHome(MarketFact.BountyClosed closed)
    {
        (TransferId transfer, Credits rest) = _treasury.SendHome(closed.Bounty);
        Send(
            _uplink,
            new BountyReport(
                closed.Bounty, closed.Outcome, closed.Total, closed.Paid, closed.LowestAsk, transfer, rest),
            Priority.Contract);
    }

    private void SendHome(MarketFact.LotsTaken taken)
    {
        TransferId transfer = _treasury.SendHome(taken.Bounty, taken.Quantity, taken.Worth);
        Send(
            _uplink,
            new LotsReturned(
                taken.Bounty, taken.Quantity, taken.LowestAsk, taken.Reason, transfer, taken.Worth),
            Priority.Contract);
    }

    // From what is known now: the next batch is no better informed, for it asks for other things too. A hub
    // that may award nothing has nothing to offer. Unheard, it is asked again.
    private void Tell(Instant now, Sounding sounding)
    {
        if (!IsChartered)
        {
            return;
        }

        SupplyTold told = _market.Tell(
            now.CeilingSecond, sounding,
            node => _roster.TryGetValue(node, out RosterEntry? entry) && entry.IsActive
                && !IsLeaving(node) && entry.SilenceAt(now) == Silence.Expected,
            ActiveNodes(now));
        _ = _uplink.Queue(told, Priority.Market, now + _soundingLife);
    }

    private int ActiveNodes(Instant now)
    {
        int active = 0;
        foreach (RosterEntry entry in _roster.Values)
        {
            active += entry.IsActive && entry.SilenceAt(now) == Silence.Expected ? 1 : 0;
        }

        return active;
    }
}

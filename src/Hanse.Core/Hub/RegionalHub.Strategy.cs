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
    private void ReceiveFromStrategy(Instant now, Frame frame)
    {
        foreach (Message message in _uplink.Take(now, frame))
        {
            Handle(now, message);
        }

        Transmit(_uplink.Compose(now, hail: false, owesAnswer: frame.Envelopes.Length > 0));
    }

    private void Handle(Instant now, Message message)
    {
        switch (message)
        {
            case Charter charter when _treasury.HasReceived(charter.Transfer):
            case BountyPosted posted when _treasury.HasReceived(posted.Transfer):
                break; // Booked already: the link repeats nothing, but a restored sender may.
            case Charter charter:
                _treasury.TakeSeed(charter.Transfer, charter.Seed);
                Send(_uplink, new CreditsReceived(charter.Transfer), Priority.Contract);
                if (charter.Epoch.Value > Epoch.Value)
                {
                    Record(new HubFact.Chartered(charter.Epoch));
                    _market.Wake(now);
                }

                break;
            case BountyPosted posted when _market.Bounties.ContainsKey(posted.Bounty.Id):
                // On the market already, under another transfer: its escrow is not to be mixed with this
                // one's.
                Refuse(Party.Strategy, message.Kind, Refusal.BountyNotTaken);
                break;
            case BountyPosted posted:
                _treasury.TakeEscrow(posted.Transfer, posted.Bounty.Id, posted.Bounty.Worth);
                Send(_uplink, new CreditsReceived(posted.Transfer), Priority.Contract);
                if (!Spec.Depots.Contains(posted.Bounty.Depot) || !_market.Open(posted.Bounty))
                {
                    Refuse(Party.Strategy, message.Kind, Refusal.BountyNotTaken);
                    SendHome(new MarketFact.BountyClosed(
                        posted.Bounty.Id, BountyOutcome.Unfilled, Grams.Zero, Credits.Zero, Credits.Zero));
                }

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
        int late = 0;
        foreach (RosterEntry entry in _roster.Values)
        {
            late += entry.SilenceAt(now) == Silence.Late ? 1 : 0;
        }

        Record(new HubFact.DigestSent(now));
        var digest = new RegionDigest(
            _roster.Count, late, _market.Bounties.Count, _market.LiveContracts, _treasury.Burned);
        _ = _uplink.Queue(digest, Priority.Report, now + _digestPeriod);
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
}

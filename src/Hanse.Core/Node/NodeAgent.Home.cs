using System;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Time;

namespace Hanse.Core.Node;

/// <content>Which hub the node belongs to, and how it finds another.</content>
/// <remarks>
/// It changes its hub by the word of the new one alone, under a higher epoch; from then on it does not hear
/// the old one. When its own hub tells it where to call, or has been silent for longer than any plan
/// explains, it calls others with an empty frame, one in each window, and goes on calling its own. One that
/// has not taken it over does not answer.
/// </remarks>
public sealed partial class NodeAgent
{
    // A hub that this node does not belong to is heard for one thing: that it does from now on. It may be the
    // one that it thinks it belongs to, when it went and came back before it heard.
    private void Rehome(Instant now, Frame frame)
    {
        foreach (Envelope envelope in frame.Envelopes)
        {
            if (envelope.Message is Enrolled enrolled
                && IsEnrolled
                && frame.From == Party.Of(enrolled.Region)
                && ContactsOf(enrolled.Region) is not null
                && (enrolled.Epoch.Value > Epoch.Value || IsUnheard(now, enrolled)))
            {
                Record(new NodeFact.Rehomed(enrolled, now));
                _scribe.Log.Rebase(enrolled.Accepted);
                Plan plan = Work is null ? Hold(now) : PlanFor(now, Work.Trip, ContractNow());
                Record(new NodeFact.Planned(plan));
                Send(new Arrived(Epoch, plan, TermsNow()));
                return;
            }
        }
    }

    // A hub that says so again a whole period later has never heard that the node arrived.
    private bool IsUnheard(Instant now, Enrolled enrolled) =>
        enrolled.Epoch == Epoch && enrolled.Region == Region && _homeSince > Instant.Epoch
        && now > _homeSince + _link.Plan.Period && _link.Waiting == 0;

    // As the contract was awarded: the request carries the quantity, and the price that was cleared.
    private ContractTerms? TermsNow() => Work is not { IsLapsed: false, Award: var award } ? null
        : new ContractTerms(
            award.Contract, award.Epoch, award.Request.Bounty, award.Request.Open, award.Request.Reserve,
            award.Due);

    private void CallNeighbour(Instant now)
    {
        if (NextNeighbourCall(now) <= now)
        {
            int place = NextNeighbour();
            Record(new NodeFact.NeighbourCalled(now, place));
            Transmit(new Frame(
                Party.Of(Spec.Node), Party.Of(HubAt(place).Region), Hail: true, Floor: 1, AckThrough: 0, [],
                []));
        }
    }

    // Once in a window of the one whose turn it is.
    private Instant NextNeighbourCall(Instant now)
    {
        Instant heard = Instant.Max(_link.LastHeard, _homeSince);
        Instant from = _sentTo.Value > 0 ? Instant.Epoch : heard + Spec.HubSilenceMax;
        if (!IsEnrolled || IsRetired || from > now)
        {
            return IsEnrolled && !IsRetired ? from : Instant.Never;
        }

        int place = NextNeighbour();
        if (place < 0)
        {
            return Instant.Never;
        }

        ContactPlan plan = HubAt(place).Contacts;
        TimeSpan guard = Spec.Rules.ClockErrorMax;
        bool isFresh = plan.WindowNumber(now) != plan.WindowNumber(_neighbourCalledAt);
        bool isOpen = plan.IsOpen(now - guard) && plan.IsOpen(now) && plan.IsOpen(now + guard);
        return isFresh && isOpen ? now : plan.NextOpening(now) + guard;
    }

    // The one it was sent to, every other time: things may have changed since. Else the next in turn; -1 when
    // there is none. Place 0 is the hub it had at first.
    private int NextNeighbour()
    {
        int count = 1 + Spec.Neighbours.Length;
        int next = -1;
        for (int i = count; i > 0; i--)
        {
            int place = (_neighbourPlace + i) % count;
            RegionId region = HubAt(place).Region;
            if (region == _sentTo && HubAt(_neighbourPlace).Region != _sentTo)
            {
                return place;
            }

            next = region == Region ? next : place;
        }

        return next;
    }

    private HubContact HubAt(int place) =>
        place == 0 ? new HubContact(Spec.Region, Spec.Contacts) : Spec.Neighbours[place - 1];

    private ContactPlan? ContactsOf(RegionId region)
    {
        for (int place = 0; place <= Spec.Neighbours.Length; place++)
        {
            if (HubAt(place).Region == region)
            {
                return HubAt(place).Contacts;
            }
        }

        return null;
    }

    private LinkEnd LinkTo(RegionId region) => new(
        Party.Of(Spec.Node),
        Party.Of(region),
        ContactsOf(region)!,
        Spec.Rules.ClockErrorMax,
        fact => Record(new NodeFact.Link(fact)));
}

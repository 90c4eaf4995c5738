using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Node;

/// <content>A plan that slips past the due time: whether to ask for a later one, and what the answer
/// changes.</content>
public sealed partial class NodeAgent
{
    // Asks for as much as the plan needs, and the slack that a due time has at first if there is room for it.
    // Returns whether the node may go on as if it had been granted: asked for now, or before and not refused.
    // One that cannot be answered before the lease is over is not asked.
    private bool AsksForTime(Instant now, Itinerary trip)
    {
        Work work = Held();
        Award award = work.Award;
        Instant needed = (trip.Unloaded + Spec.Rules.ClockErrorMax).CeilingSecond;
        Instant most = Instant.Min(award.Request.Deadline, award.Due + Spec.Rules.ExtensionMax).FloorSecond;
        if (needed > most || !IsWorthIt(now, trip))
        {
            return false;
        }

        if (work.Asked >= needed)
        {
            return true;
        }

        Instant due = Instant.Min(needed + Spec.Rules.DueSlack, most).FloorSecond;
        var ask = new ExtensionAsked(award.Contract, award.Epoch, due);
        if (NextCall(now) >= Stops(award) || !_link.Queue(ask, Priority.Contract, Stops(award)))
        {
            return false;
        }

        Record(new NodeFact.ExtensionAsked(award.Contract, due));
        return true;
    }

    // Whether the price covers what is still to be spent: time, and propellant for the way back.
    private bool IsWorthIt(Instant now, Itinerary trip)
    {
        Award award = Held().Award;
        Credits price = award.Request.Reserve.ForPart(award.Request.Open, award.Request.Lot);
        long minutes = (trip.Unloaded - now).TotalMinutesWhole();
        var time = new Credits(Spec.Rules.HourlyCost.Micro * minutes / 60);
        Credits fuel = trip.From > ContractStage.Inbound ? Credits.Zero
            : Spec.Rules.PropellantPerTonne.ForPart(trip.PropellantBack, Grams.FromTonnes(1));
        return time + fuel <= price;
    }

    private void Hear(Instant now, ExtensionAnswered answer)
    {
        if (Work is not { } work
            || work.Award.Contract != answer.Contract || work.Award.Epoch != answer.Epoch)
        {
            return; // An old story.
        }

        bool isGranted = answer.Due > work.Award.Due;
        if (work.IsLapsed)
        {
            // It came too late. With nothing aboard the time is of more use to somebody else; what is aboard
            // is on its way to the scale.
            if (isGranted && work.Stage < ContractStage.Inbound && _self.IsEmpty(now))
            {
                Send(new ContractReleased(answer.Contract, answer.Epoch, ReleaseReason.Slipped));
            }
        }
        else if (isGranted)
        {
            Record(new NodeFact.Extended(answer.Contract, answer.Epoch, answer.Due));
        }
        else if (work.Asked > work.Award.Due && work.Stage < ContractStage.Inbound
            && !WorkFields.IsBoundForSite(work.Trip.Kind))
        {
            GiveBack(ReleaseReason.Slipped); // As without the question: the load will not be there in time.
        }
    }
}

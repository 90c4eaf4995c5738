using System;
using Hanse.Core.Links;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Node;

/// <content>Work other than deliveries, and what is told of sites.</content>
public sealed partial class NodeAgent
{
    // What can be carried out: a report has no mass to speak of.
    private bool Fits(Request request) =>
        request.Kind == WorkKind.Survey || request.Open <= Spec.Design.CargoMax;

    // The survey is made. It is told at once, for it is paid by that, and attested, to be held against what
    // others find.
    private void Survey(Instant now, uint number, Finding finding)
    {
        if (_order is not Order.Survey || number != _lastOrder || Work is not { } work)
        {
            return; // An old story.
        }

        Award award = work.Award;
        Record(new NodeFact.Surveyed(award.Contract, finding));
        Send(new SurveyTold(award.Contract, award.Epoch, finding));
        PartsPerMillion assay = Spec.Chart.Grade(finding.Site, finding.Commodity);
        if (assay.Value > 0)
        {
            // Of the rock and not of the machine, so it is to itself as what others tell.
            var ratio = new SiteRatio(
                Spec.Home, finding.Site, finding.Commodity, Experience.RatioOf(finding.Grade, assay));
            Record(new NodeFact.SitesHeard([ratio]));
            _ = _link.Queue(new SitesTold([ratio]), Priority.Report, Instant.Never);
        }

        Finish(now, number);
    }

    // It has a face: from now on it digs, and what it learns of the rock has no wait in it. Where others have
    // dug for so long that it cannot be in time, it does not begin.
    private void Dig(Instant now, uint number)
    {
        if (_order is not Order.Extract || number != _lastOrder)
        {
            return; // An old story.
        }

        Itinerary trip = Navigator.Continue(
            Spec, _experience, Crowds with { AreFacesPosted = false }, Held().Trip,
            ContractStage.Extracting, now);
        Record(new NodeFact.StageBegun(trip));
        if (!Held().IsLapsed && trip.Unloaded > Stops(Held().Award) && !AsksForTime(now, trip))
        {
            GiveBack(ReleaseReason.Slipped); // Which halts it.
        }
        else if ((trip.Unloaded - _self.Arrives).Duration() > _slipMin)
        {
            Revise(PlanFor(now, trip, ContractNow()));
        }
    }

    // A little more than is owed, as cargo is: what one instrument shows less, another shows more.
    private Order.Load Loading(Award award, Itinerary trip) => new(
        trip.Kind == WorkKind.Transport ? trip.Source : trip.Origin, _lastDocking + 1, award.Contract,
        award.Epoch,
        Grams.Min(Room, trip.Quantity.Share(new PartsPerMillion(1_000_000 + OverloadPpm))));

    // With its parts aboard it leaves in the next window; without any the contract is of more use to somebody
    // else.
    private void Depart(Instant now)
    {
        if (_self.IsEmpty(now) || Held().IsLapsed)
        {
            if (!Held().IsLapsed)
            {
                GiveBack(ReleaseReason.Unable);
            }

            Begin(now, ContractStage.Unloading);
            return;
        }

        Itinerary trip = Navigator.Continue(
            Spec, _experience, Crowds, Held().Trip, ContractStage.Outbound, now);
        Record(new NodeFact.StageBegun(trip));
        if ((trip.Unloaded - _self.Arrives).Duration() > _slipMin)
        {
            Revise(PlanFor(now, trip, ContractNow()));
        }

        Give(new Order.Fly(Place.Of(trip.Origin), trip.Via, trip.DepartsOut));
    }

    // With goods aboard it brings them to the other scale, whose depot answers for them from there on. What
    // it holds no contract for before it has left goes back to the counter that it is at.
    private void Carry(Instant now)
    {
        if (!Held().IsLapsed && _self.IsEmpty(now))
        {
            GiveBack(ReleaseReason.Unable);
        }

        if (Held().IsLapsed)
        {
            Turn(now);
        }
        else
        {
            Begin(now, ContractStage.Inbound);
        }
    }

    // At the place of the work, and nothing is to be done there any more: home, or if that place is a depot,
    // to a berth of it.
    private void Turn(Instant now)
    {
        Itinerary trip = Held().Trip;
        if (trip.Kind != WorkKind.Transport)
        {
            Begin(now, ContractStage.Inbound);
            return;
        }

        Record(new NodeFact.StageBegun(trip with { Depot = trip.Source }));
        Begin(now, ContractStage.Unloading);
    }

    // Cargo that counts by the scale of the depot where it ends: whatever was dug, and goods that have left
    // the depot they came from.
    private static bool IsForScale(Itinerary trip) => trip.Kind == WorkKind.Deliver
        || (trip.Kind == WorkKind.Transport && trip.Depot != trip.Source);

    private void Leave()
    {
        if (!Held().IsLapsed)
        {
            Lapse();
        }
    }

    // Where surveys may be contradicted, a node says what its extraction showed, as soon as a scale has
    // weighed it: how fast it dug, by the power and energy of its design.
    private void Show(Itinerary trip, PartsPerMillion assay, TimeSpan byAssay, TimeSpan taken)
    {
        if (!Spec.Rules.Work.AreSurveysHeld)
        {
            return;
        }

        Int128 found = (Int128)assay.Value * byAssay.Ticks / Math.Max(1, taken.Ticks);
        var grade = new PartsPerMillion((int)Int128.Clamp(found, 0, Finding.GradeMax));
        Record(new NodeFact.Dug(new Finding(
            trip.Site, trip.Commodity, grade, WorkRules.SigmaOf(grade, Spec.Rules.Work.DigSigma))));
    }
}

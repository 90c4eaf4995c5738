using System;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Node;

/// <content>A machine that breaks down and is mended, and one that mends it.</content>
/// <remarks>
/// A machine that is broken talks and does nothing else: it gives its contract back, stays where it is,
/// calls for help and takes no work. Whatever it had begun ends where it stands. Mended, it says so, and goes
/// home if it was away. What its journal says of its wear follows when its hub has heard that, so that
/// nothing in the journal is undone that no hub knows of.
/// </remarks>
public sealed partial class NodeAgent
{
    /// <summary>What it offers at first: so many times what it would ask itself for such a trip. Twice as
    /// much each time that nobody came.</summary>
    private const int OfferFactor = 10;

    /// <summary>It offers no more than so many doublings; its purse is the bound long before.</summary>
    private const int DoublingsMax = 20;

    /// <summary>One that is refused asks again after this.</summary>
    private static readonly TimeSpan _helpPause = TimeSpan.FromDays(1);

    /// <summary>One that hears nothing of the end of its call asks again so long after it.</summary>
    private static readonly TimeSpan _helpGrace = TimeSpan.FromDays(3);

    // What is broken; zero while it works.
    private FaultClass _fault;

    // Calls for help so far; those in a row that nobody came for; until when the last one stands, the epoch
    // when none does; when the next may be made.
    private uint _helpNumber;
    private int _unhelped;
    private Instant _helpUntil;
    private Instant _helpFrom;

    /// <summary>Whether it is broken: it cannot fly or dig.</summary>
    public bool IsBroken => _fault != 0;

    /// <summary>How often it has called for help.</summary>
    public uint Calls => _helpNumber;

    /// <summary>Whether it lets itself be mended by whoever comes for this call.</summary>
    /// <param name="call">The call's name.</param>
    /// <param name="now">By its own clock.</param>
    public bool Consents(BountyId call, Instant now) =>
        _helpNumber > 0 && call == BountyId.Help(Spec.Node, _helpNumber) && now < ConsentsUntil;

    /// <summary>Until when it lets itself be mended for its last call, by its own clock; the epoch when it
    /// does not.</summary>
    public Instant ConsentsUntil => IsBroken && _helpNumber > 0 ? _helpUntil : Instant.Epoch;

    // Told where it stands: at a depot without work, or at a site.
    private void Break(Instant now, FaultClass fault)
    {
        if (IsBroken)
        {
            return;
        }

        Record(new NodeFact.BrokeDown(fault, now));
        if (Work is null)
        {
            return;
        }

        if (!Work.IsLapsed)
        {
            GiveBack(ReleaseReason.Unable); // Which halts an extraction as well.
        }

        if (_order is Order.Fly or Order.Extract)
        {
            Give(new Order.Halt());
        }
    }

    // An order of a broken machine is done. Whether it stays where that was.
    private bool Stays(Instant now, Order done)
    {
        bool isAtSite = IsBroken && done switch
        {
            Order.Fly => Held().Stage == ContractStage.Outbound,
            Order.Halt => Held().Stage != ContractStage.Outbound,
            Order.Dock or Order.Load => false,
            _ => true,
        };
        if (!isAtSite)
        {
            return false;
        }

        if (!Held().IsLapsed)
        {
            if (done is Order.Survey or Order.Build or Order.Mend)
            {
                Leave();
            }
            else
            {
                GiveBack(ReleaseReason.Unable);
            }
        }

        Revise(Hold(now));
        return true;
    }

    private void CallForHelp(Instant now)
    {
        if (NextHelp > now)
        {
            return;
        }

        Instant until = (now + Spec.Rules.Work.RepairConsent).FloorSecond;
        Itinerary? trip = Work?.Trip;
        var help = new HelpAsked(
            _helpNumber + 1, _fault, trip?.Depot ?? _at, trip?.Site ?? default,
            Spec.Rules.Work.RepairCommodity, Spec.Rules.Work.RepairSpares, Worn(now), Offer(now, trip),
            until);
        if (_link.Queue(help, Priority.Contract, until))
        {
            Record(new NodeFact.HelpCalled(help.Number, until));
        }
    }

    private Instant NextHelp => !IsBroken || !IsEnrolled || _order is not null
        || Spec.Rules.Work.RepairTime == TimeSpan.Zero || _helpNumber >= BountyId.HelpsMax ? Instant.Never
        : _helpUntil > Instant.Epoch ? _helpUntil + _helpGrace : _helpFrom;

    // By what such a trip would cost itself, fresh from its builder: it knows no other machine. Where it
    // cannot reckon one, by the time that the work takes.
    private Credits Offer(Instant now, Itinerary? trip)
    {
        WorkRules work = Spec.Rules.Work;
        DepotId depot = trip?.Depot ?? _at;
        var request = new Request(
            default, work.RepairCommodity, depot, work.RepairSpares, work.RepairSpares, default,
            Instant.Never)
        {
            Kind = WorkKind.Repair,
            Site = trip?.Site ?? default,
        };
        long cost = Appraisal.Of(Spec, now, request) is var (perLot, _)
            ? perLot.Micro : Spec.Rules.HourlyCost.Micro * work.RepairTime.TotalMinutesWhole() / 60;
        Int128 offer = (Int128)cost * OfferFactor << Math.Min(_unhelped, DoublingsMax);
        return new Credits((long)Int128.Clamp(offer, 1, Credits.MicroMax / Bounty.LotsMax));
    }

    // It works again, and says so.
    private void HearMended(Instant now, ContractId contract, Epoch epoch)
    {
        if (!IsBroken)
        {
            return;
        }

        var before = Worn(now);
        var after = new PartsPerMillion(Math.Max(0, before.Value - Spec.Rules.Work.RepairRelief.Value));
        Record(new NodeFact.Mended(contract, new PartsPerMillion(before.Value - after.Value)));
        Send(new Mended(contract, epoch, before, after));
        Revise(Hold(now, after.Value));
        if (Work is not null && _order is null)
        {
            Begin(now, ContractStage.Inbound);
        }
    }

    // As the hub says. What it has heard of a call that is over is an old story; what was mended stays so.
    private void Hear(Instant now, HelpEnded ended)
    {
        if (ended.Outcome == HelpOutcome.Mended && _scribe.IsOwed(ended.Contract))
        {
            _scribe.Mend(now, ended.Contract);
        }

        if (ended.Number == _helpNumber && _helpUntil > Instant.Epoch)
        {
            bool isRefused = ended.Outcome == HelpOutcome.Refused;
            Record(new NodeFact.HelpEnded(ended.Number, ended.Outcome, isRefused ? now + _helpPause : now));
        }
    }

    // Whatever came of it, what it brought stays there.
    private void Repair(Instant now, uint number, bool isDone)
    {
        if (_order is not Order.Mend || number != _lastOrder || Work is not { } work)
        {
            return; // An old story.
        }

        if (isDone)
        {
            Send(new RepairTold(work.Award.Contract, work.Award.Epoch));
        }
        else if (!work.IsLapsed)
        {
            GiveBack(ReleaseReason.Unable);
        }

        Finish(now, number);
    }

    private void ApplyRepair(NodeFact fact)
    {
        switch (fact)
        {
            case NodeFact.BrokeDown(var fault, var at):
                _fault = fault;
                _helpFrom = at;
                _helpUntil = Instant.Epoch;
                break;
            case NodeFact.HelpCalled(var number, var until):
                // The one before ran out, and nobody said so.
                _unhelped += _helpUntil > Instant.Epoch ? 1 : 0;
                _helpNumber = number;
                _helpUntil = until;
                break;
            case NodeFact.HelpEnded(_, var outcome, var from):
                _unhelped += outcome == HelpOutcome.Over ? 1 : 0;
                _helpUntil = Instant.Epoch;
                _helpFrom = from;
                break;
            case NodeFact.Mended:
                _fault = 0;
                _unhelped = 0;
                _scribe.Apply(fact);
                break;
            default:
                _scribe.Apply(fact);
                break;
        }
    }

    private void ShapeRepairs<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("repairs", 5);
        _fault = (FaultClass)codec.Integer("fault", (long)_fault, 0, 4);
        _helpNumber = (uint)codec.Integer("helpNumber", _helpNumber, 0, BountyId.HelpsMax);
        _unhelped = codec.Number("unhelped", _unhelped);
        _helpUntil = codec.Moment("helpUntil", _helpUntil);
        _helpFrom = codec.Moment("helpFrom", _helpFrom);
        codec.Close();
    }
}

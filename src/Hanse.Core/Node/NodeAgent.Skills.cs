using System;
using System.Collections.Immutable;
using Hanse.Core.Decisions;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Node;

/// <content>Releases of skills: what the bay decides, carried out.</content>
public sealed partial class NodeAgent
{
    /// <summary>A load that weighs less than this share of what was to be extracted is the fault of whoever
    /// decided how much; parts per million. Three sigma of a sensor of 5 %.</summary>
    private const int ShortfallPpm = 850_000;

    /// <summary>The longest trip that a release is asked for when there is nothing to price: two
    /// years.</summary>
    private const long ImaginedMinutesMax = 1_051_200;

    // What the extraction that was ordered last was to bring.
    private Grams _owed;

    /// <summary>Where functions stand that releases may decide, to look at; null on a machine that runs no
    /// skills.</summary>
    public SkillBay? Skills => _bay;

    private SkillBay NewBay(ISkills skills) => new(
        skills,
        new MachineKind(Spec.Design.Class, Spec.Design.Generation),
        (function, number) => function == SkillFunction.Pricing
            ? PricingRecord.Of(ImaginedTrip(StableHash.Of(Spec.Seed, number)))
            : CborWriter.Bytes(Imagined(StableHash.Of(Spec.Seed, number))),
        Move,
        (function, question) => Record(new NodeFact.QuestionKept(function, question)),
        work => _outbox.Emit(new NodeEffect.Package(work)));

    // A load of any size, by a sensor that is a little other than it is.
    private ExtractionQuestion Imagined(ulong draw)
    {
        long cargo = Spec.Design.CargoMax.Value;
        long wanted = (long)((UInt128)cargo * (draw & uint.MaxValue) / uint.MaxValue);
        ExtractionQuestion now = TargetOf(new Grams(1 + wanted));
        return now with { BiasPpm = now.BiasPpm + (int)((draw >> 32) % 2001) - 1000 };
    }

    // A trip of any size, by what this machine pays, is worn and was posted.
    private PricingInput ImaginedTrip(ulong draw)
    {
        MachineDesign design = Spec.Design;
        var trip = new PricingInput
        {
            Quantity = new Grams(1 + Part(1, design.CargoMax.Value)),
            Lot = new Grams(1 + Part(2, design.CargoMax.Value)),
            Propellant = new Grams(Part(3, design.PropellantMax.Value)),
            PropellantPerTonne = Spec.Rules.PropellantPerTonne,
            WearBefore = Worn(_now),
            Wear = new PartsPerMillion((int)Part(4, design.WearMax.Value)),
            SparesPerLife = Spec.Rules.SparesPerLife,
            Minutes = Part(5, ImaginedMinutesMax),
            HourlyCost = Spec.Rules.HourlyCost,
            HourlyWorth = new Credits(Part(6, _hourWorth.Micro)),
            Toll = new Credits(Part(7, 2 * Spec.Rules.HourlyCost.Micro)),
            Hazard = design.Hazard,
            Margin = Spec.Rules.Margin,
        };
        return PricingRecord.IsSound(trip) ? trip : trip with
        {
            Propellant = default,
            Wear = default,
            Minutes = 0,
            HourlyWorth = default,
            Toll = default,
        };

        long Part(ulong number, long most) => (long)(
            (UInt128)most * (StableHash.Of(draw, number) & uint.MaxValue) / uint.MaxValue);
    }

    // A sheet is one decision: priced by a release, or by what the machine was built with. One that a release
    // did not get through is priced again.
    private (ImmutableArray<Bid> Bids, ImmutableArray<SiteVisit> Visits) Price(
        Instant now, RequestForProposals requests)
    {
        Costing costing = CostingAt(now);
        SkillRound? round = _bay?.Open(
            SkillFunction.Pricing, StableHash.Of(Spec.Seed, requests.Cycle.Value));
        (ImmutableArray<Bid>, ImmutableArray<SiteVisit>) By(IPricing pricing) => Offers.Bids(
            costing, Place.Of(_at), requests.Closes, EarliestStart(requests.Closes), _self.Propellant(now),
            requests.Requests, pricing);
        if (round is null)
        {
            return By(_pricing);
        }

        (ImmutableArray<Bid>, ImmutableArray<SiteVisit>) sheet = By(new ReleasePricing(round, _pricing));
        if (round.Failure != SkillReason.None)
        {
            sheet = By(_pricing);
        }
        else if (round.SampleOutput is { } output)
        {
            // Before the round is closed, which may change what decides, and the manifest with it.
            _scribe.AttestDecision(now, DecisionClass.Routine, round.Skill, round.Sample!, output);
        }

        _bay!.Close(now, round);
        return sheet;
    }

    // One package after the other, the core's first.
    private SkillBytesAsked? AskedBytes => _cores?.Asks ?? _bay?.Asks;

    private void Take(Instant now, SkillOrder order)
    {
        if (order.Function == SkillFunction.Core)
        {
            TakeCore(now, order);
            return;
        }

        if (_bay is null)
        {
            _outbox.Emit(new NodeEffect.Refuse(Party.Of(Region), order.Kind, Refusal.WrongDirection));
            return;
        }

        _bay.Take(now, order);
    }

    // What became of a release is told when it changes, and attested when it decides or ceases to.
    private void Move(SkillSlot next)
    {
        SkillSlot? last = _bay!.Of(next.Function);
        Record(new NodeFact.SkillMoved(next));
        if ((last?.Active ?? default) != next.Active)
        {
            _scribe.Boot(_now, _bay.Deciding());
        }

        if (last is null || last.State != next.State || last.Order.Rollout != next.Order.Rollout)
        {
            _ = _link.Queue(ReportOf(next), Priority.Report, Instant.Never);
        }
    }

    // The next stretch is asked for at once, as long as the window lasts.
    private void Hold(Instant now, Digest release, int bytes)
    {
        _bay?.Held(now, release, bytes);
        _cores?.Held(now, release, bytes);
        if (AskedBytes is { } asked && Digest.From(asked.Release) == release && _link.IsOpen(now))
        {
            Transmit(_link.Compose(now, hail: false, owesAnswer: false, asked));
        }
    }

    private ExtractionAnswer DecideBySkill(Instant now, ExtractionQuestion question)
    {
        byte[] input = CborWriter.Bytes(question);
        (Digest skill, byte[] output) = _bay!.Decide(now, SkillFunction.Extraction, input);
        bool isRead = CborReader.TryRead(output, out ExtractionAnswer? answer, out _);
        Invariant.Holds(isRead && answer is not null);
        _scribe.AttestDecision(now, DecisionClass.Routine, skill, input, output);
        return answer;
    }

    // A scale says what came of a decision. What a sensor is off has been learnt before; what is missing
    // beyond that was decided.
    private void BlameShortfall(Instant now, ContractClosed closed)
    {
        bool isKnown = _bay is not null && closed.Contract == _claimed.Contract && _claimed.Cargo > Grams.Zero
            && closed.Weighed > Grams.Zero;
        if (isKnown && (Int128)closed.Weighed.Value * 1_000_000 < (Int128)_owed.Value * ShortfallPpm)
        {
            _bay!.FallShort(now, SkillFunction.Extraction);
        }
    }

    // Asks a release while it answers, and what the machine was built with where it does not. What no release
    // can be asked, a trip beyond all bounds, is not put before one.
    private sealed class ReleasePricing(SkillRound round, IPricing own) : IPricing
    {
        public PricingAnswer? Price(in PricingInput input) =>
            PricingRecord.IsSound(input) && round.Ask(PricingRecord.Of(input)) is { } output
                ? PricingRecord.Read(output) : own.Price(input);
    }
}

using System;
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

    // What the extraction that was ordered last was to bring.
    private Grams _owed;

    /// <summary>Where functions stand that releases may decide, to look at; null on a machine that runs no
    /// skills.</summary>
    public SkillBay? Skills => _bay;

    private SkillBay NewBay(ISkills skills) => new(
        skills,
        Spec.Design.Class,
        (_, number) => CborWriter.Bytes(Imagined(StableHash.Of(Spec.Seed, number))),
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

    private void Take(Instant now, SkillOrder order)
    {
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
            _ = _link.Queue(
                new SkillReport(
                    next.Order.Rollout, next.Order.At, next.State, next.Reason, next.Since.FloorSecond,
                    next.Runs),
                Priority.Report, Instant.Never);
        }
    }

    // The next stretch is asked for at once, as long as the window lasts.
    private void Hold(Instant now, Digest release, int bytes)
    {
        _bay?.Held(now, release, bytes);
        if (_bay?.Asks is { } asked && Digest.From(asked.Release) == release && _link.IsOpen(now))
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
}

using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Node;

/// <content>Images of the core: what the bay of cores decides, carried out.</content>
public sealed partial class NodeAgent
{
    /// <summary>Where the core of this machine stands, to look at; null on a machine that has no slots for
    /// images.</summary>
    public CoreBay? Cores => _cores;

    /// <summary>What this machine makes of its memory, in one number: what it belongs to, what it works at,
    /// what it has earned, attested, told and heard.</summary>
    /// <remarks>Cores of different builds have to come to the same from the same facts, so what is in it, and
    /// how it is written, does not change with them; a snapshot may.</remarks>
    public Digest Standing => Digest.Of(CborWriter.Bytes(new CoreStanding(
        Spec.Node, Region, Epoch, Earned, Work?.Award.Contract ?? default, Work?.Award.Epoch ?? default,
        Work?.Award.Due ?? default, _lastOrder, _lastDocking, _order is not null, _at,
        [_scribe.Log.Blocks, _scribe.Log.Received, _scribe.Log.Safe, _scribe.Segments], _link.LastSequence,
        _link.Waiting, _link.LastHeard)));

    private CoreBay NewCores() => new(
        Spec.Core,
        IsHeard,
        MoveCore,
        work => _outbox.Emit(new NodeEffect.Package(work)),
        work => _outbox.Emit(new NodeEffect.Image(work)));

    // What was told of the change has been acknowledged, so a hub has heard this core and answered it.
    private bool IsHeard(SkillSlot slot) => _link.LastHeard > slot.Since && !_link.Waits(
        message => message is SkillReport { State: SkillState.Active } report
            && report.Rollout == slot.Order.Rollout);

    private void MoveCore(SkillSlot next)
    {
        SkillSlot? last = _cores!.Slot;
        Record(new NodeFact.SkillMoved(next));
        if (last is null || last.State != next.State || last.Order.Rollout != next.Order.Rollout)
        {
            _ = _link.Queue(ReportOf(next), Priority.Report, Instant.Never);
        }
    }

    // A machine without slots for images says so, as it would say that it takes no release.
    private void TakeCore(Instant now, SkillOrder order)
    {
        if (_cores is not null)
        {
            _cores.Take(now, order);
        }
        else
        {
            SkillReason reason = order.IsWithdrawn ? SkillReason.Withdrawn : SkillReason.NotAdmitted;
            _ = _link.Queue(
                new SkillReport(
                    order.Rollout, order.At, SkillState.Refused, reason, now.FloorSecond, 0),
                Priority.Report, Instant.Never);
        }
    }

    private void HearCore(Instant now, NodeInput.CoreTold told) =>
        _cores?.Hear(now, told.Image, told.Act, told.Reason);

    private static SkillReport ReportOf(SkillSlot slot) => new(
        slot.Order.Rollout, slot.Order.At, slot.State, slot.Reason, slot.Since.FloorSecond, slot.Runs);
}

using System;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;

namespace Hanse.Core.Node;

/// <content>Work that is not wanted any more: whether to stop, and how.</content>
/// <remarks>
/// What is aboard has cost what it costs; it comes home with the machine in any case, and is delivered. With
/// nothing aboard to stop is cheaper for the fleet at every stage: before the departure it saves the trip, on
/// the way out the digging, for whoever has left must go there and come back.
/// </remarks>
public sealed partial class NodeAgent
{
    /// <summary>A departure that is nearer than this is not called off.</summary>
    private static readonly TimeSpan _departureNotice = TimeSpan.FromMinutes(1);

    private void Hear(Instant now, ContractCancelled cancelled)
    {
        bool isOurs = Work is { IsLapsed: false, Award: var award }
            && award.Contract == cancelled.Contract && award.Epoch == cancelled.Epoch;
        if (!isOurs && !IsCancelled(cancelled.Contract))
        {
            Record(new NodeFact.CancelHeard(cancelled.Contract));
        }

        Send(new CancelAnswered(
            cancelled.Contract, cancelled.Epoch, isOurs ? Stop(now) : CancelAnswer.NotHeld));
    }

    // One is enough to remember: an award perishes before the node can be given the one after the next.
    private bool IsCancelled(ContractId contract) => contract == _cancelled;

    private CancelAnswer Stop(Instant now)
    {
        if (Held().Stage >= ContractStage.Inbound || !_self.IsEmpty(now))
        {
            return CancelAnswer.Kept;
        }

        bool hasLeft = _order is not Order.Fly fly || now + _departureNotice >= fly.Departs;
        Lapse();
        if (hasLeft)
        {
            return CancelAnswer.Stopped;
        }

        Give(new Order.Halt());
        Revise(Hold(now));
        return CancelAnswer.Waiting;
    }
}

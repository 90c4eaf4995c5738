using System;
using Hanse.Core.Messages;
using Hanse.Core.Node;

namespace Hanse.Agent;

/// <summary>A machine that does nothing: for a node that is tried out.</summary>
public sealed class IdleDevice : IDevice
{
    /// <inheritdoc/>
    public void Start(Action<NodeInput> tell)
    {
        // It has nothing to say.
    }

    /// <inheritdoc/>
    public void Act(uint number, Order order)
    {
        // It does nothing, and so is never done.
    }

    /// <inheritdoc/>
    public void ReadRaw(BlocksAsked asked)
    {
        // It has no raw log, and what is not shown is not believed.
    }
}

using System;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Skills;

namespace Hanse.Agent;

/// <summary>A machine that does nothing and has no room for packages: for a node that is tried out.</summary>
public sealed class IdleDevice : IDevice
{
    private Action<NodeInput> _tell = _ => { };

    /// <inheritdoc/>
    public void Start(Action<NodeInput> tell) => _tell = tell;

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

    /// <inheritdoc/>
    public void Handle(PackageWork work)
    {
        if (work.Act != PackageAct.Drop)
        {
            _tell(work.Act == PackageAct.Admit
                ? new NodeInput.PackageJudged(work.Release, IsAdmitted: false)
                : new NodeInput.PackageHeld(work.Release, 0));
        }
    }
}

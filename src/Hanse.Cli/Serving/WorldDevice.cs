using System;
using Hanse.Agent;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Simulation.World;

namespace Hanse.Cli.Serving;

/// <summary>A machine of a simulated world, as the device of one node.</summary>
internal sealed class WorldDevice(NodeId node, Func<LiveWorld> world) : IDevice
{
    private NodeStanding? _told;
    private Action<NodeInput>? _tell;

    /// <inheritdoc/>
    public void Start(Action<NodeInput> tell)
    {
        _tell = tell;
        _ = world().Rebuilt(node);
    }

    /// <summary>The world says something.</summary>
    public void Give(NodeInput input) => _tell?.Invoke(input);

    /// <inheritdoc/>
    public void See(NodeAgent node)
    {
        var standing = NodeStanding.Of(node);
        if (standing != _told && world().Stands(node.Spec.Node, standing) == WorldAnswer.Taken)
        {
            _told = standing;
        }
    }

    /// <inheritdoc/>
    public void Act(uint number, Order order) => _ = world().Obey(node, number, order);

    /// <inheritdoc/>
    public void ReadRaw(BlocksAsked asked) => _ = world().ReadRaw(node, asked);
}

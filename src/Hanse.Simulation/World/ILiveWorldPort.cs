using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Node;

namespace Hanse.Simulation.World;

/// <summary>What a <see cref="LiveWorld"/> says to machines that run elsewhere.</summary>
/// <remarks>Called one at a time, from the world's loop or from <see cref="LiveWorld.Advance"/>; a call must
/// not wait, and may call the world.</remarks>
public interface ILiveWorldPort
{
    /// <summary>Gives a node an input. One that is lost is no harm: the world repeats what matters when the
    /// node repeats its order (<see cref="LiveWorld.Obey"/>) or is back
    /// (<see cref="LiveWorld.Rebuilt"/>).</summary>
    void Give(NodeId node, NodeInput input);

    /// <summary>Tells a hub of a docking, of parts asked for or of an inspection.</summary>
    /// <returns>Whether the hub is there to hear it. If it is not, or if no answer comes, it is told again in
    /// an hour of the mission.</returns>
    bool Tell(RegionId region, HubInput input);

    /// <summary>A node is no more: its machine stops.</summary>
    /// <param name="node">Which.</param>
    /// <param name="how">In a few words, for people.</param>
    void Died(NodeId node, string how);
}

/// <summary>What the world makes of something it is asked to do.</summary>
public enum WorldAnswer
{
    /// <summary>It does it.</summary>
    Taken,

    /// <summary>There is no such node.</summary>
    UnknownNode,

    /// <summary>It names a place that there is not, or that is on another rock.</summary>
    UnknownPlace,

    /// <summary>It asks for more than a machine holds.</summary>
    TooHeavy,

    /// <summary>More waits to be done than the world keeps.</summary>
    TooMuch,

    /// <summary>It was stopped.</summary>
    Stopped,
}

/// <summary>What truly happened in a world so far.</summary>
/// <param name="Dockings">Nodes that were unloaded at depots.</param>
/// <param name="UnloadedGrams">What came off them, in truth.</param>
/// <param name="LoadedGrams">What depots handed out, in truth.</param>
/// <param name="LostGrams">Goods that carriers lost.</param>
/// <param name="BurntGrams">Propellant.</param>
/// <param name="BuiltGrams">What stands of all that was built.</param>
/// <param name="CameShort">Extractions that ended since a site had given out.</param>
/// <param name="Breakdowns">Nodes that broke down.</param>
/// <param name="Mended">Those that were mended.</param>
/// <param name="Deaths">Nodes that died.</param>
public sealed record WorldFigures(
    long Dockings, double UnloadedGrams, double LoadedGrams, double LostGrams, double BurntGrams,
    double BuiltGrams, long CameShort, long Breakdowns, long Mended, long Deaths);

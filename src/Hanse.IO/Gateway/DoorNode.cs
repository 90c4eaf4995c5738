using Hanse.Core.Identity;
using Hanse.Core.Time;

namespace Hanse.IO.Gateway;

/// <summary>What a door remembers of a node.</summary>
/// <param name="node">Which.</param>
public sealed class DoorNode(NodeId node)
{
    /// <summary>Calls of it under way or waiting.</summary>
    internal int Calls;

    /// <summary>Which.</summary>
    public NodeId Node => node;

    /// <summary>The call of it that waits; null for none.</summary>
    internal DoorCall? Waiting { get; set; }

    /// <summary>In which storm it began to call without its hub having heard it, as far as is known here, and
    /// when.</summary>
    internal (long Storm, Instant At) Since { get; set; }

    /// <summary>When a hub last took a call of it that others waited behind.</summary>
    internal Instant Heard { get; set; }

    /// <summary>In which storm it was told to come again, and as how urgent.</summary>
    internal (long Storm, int Rank) Told { get; set; }
}

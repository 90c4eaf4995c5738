using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Messages;

namespace Hanse.IO.Plane;

/// <summary>What a control plane reaches besides its own machines and the nodes that call it.</summary>
/// <remarks>Called in a machine's turn: nothing here may wait or throw.</remarks>
public interface IPlanePorts
{
    /// <summary>A depot of a region may serve a docked node. May be repeated: a docking is served
    /// once.</summary>
    void Serve(RegionId region, HubEffect.Serve serve);

    /// <summary>A depot of a region may hand out parts. May be repeated, too.</summary>
    void Issue(RegionId region, HubEffect.Issue issue);

    /// <summary>A node's service is over: its key speaks for nothing from now on. May be repeated.</summary>
    void Retired(RegionId region, NodeId node)
    {
    }

    /// <summary>Bytes of a package; none when it is not here, or ends before.</summary>
    byte[] ReadPackage(Digest release, int from, int count);

    /// <summary>A machine did not act on something; for logs and counters.</summary>
    void Refused(Party machine, Party from, MessageKind kind, Refusal reason);

    /// <summary>A machine has failed and is started anew; for logs and counters.</summary>
    void Failed(Party machine, string why);
}

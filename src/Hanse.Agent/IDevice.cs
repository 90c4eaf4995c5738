using System;
using Hanse.Core.Messages;
using Hanse.Core.Node;

namespace Hanse.Agent;

/// <summary>The machine that a node decides for: what it is told to do, and what it says.</summary>
/// <remarks>Members are called in the node's turn and must not wait. Everything a device has to say it gives
/// to the function that it was started with, when it happens: readings, the end of an order, an answer.
/// </remarks>
public interface IDevice
{
    /// <summary>Begins. Whatever the device says goes to <paramref name="tell"/>, from any thread. Orders may
    /// have been given before.</summary>
    void Start(Action<NodeInput> tell);

    /// <summary>The node has decided something: what it knows now, before what it wants done follows. For
    /// devices that have to know more than orders.</summary>
    void See(NodeAgent node)
    {
    }

    /// <summary>Do this; what was ordered before and is not done is void. A number that was given before is
    /// the same order again, and no news.</summary>
    void Act(uint number, Order order);

    /// <summary>Give a machine that was built its certificate: it is a node with that. May be
    /// repeated.</summary>
    /// <param name="build">Which, by the device's own count.</param>
    /// <param name="birth">The certificate.</param>
    void Bear(uint build, SignedBirth birth)
    {
    }

    /// <summary>Read blocks of the raw log, and tell <see cref="NodeInput.RawRead"/>.</summary>
    void ReadRaw(BlocksAsked asked);
}

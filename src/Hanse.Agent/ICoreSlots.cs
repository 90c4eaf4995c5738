using System;
using Hanse.Core.Node;
using Hanse.Core.Skills;

namespace Hanse.Agent;

/// <summary>The slots of a node for images of the core, and what starts them.</summary>
public interface ICoreSlots
{
    /// <summary>Begins. What became of work goes to <paramref name="tell"/>, from any thread. Work may have
    /// been given before.</summary>
    /// <param name="tell">Takes <see cref="NodeInput.CoreTold"/>.</param>
    void Start(Action<NodeInput> tell);

    /// <summary>Does something with an image, one after the other. Called in the node's turn; must not
    /// wait.</summary>
    void Handle(CoreWork work);
}

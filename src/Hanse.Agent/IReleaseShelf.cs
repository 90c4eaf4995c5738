using System;
using System.Collections.Generic;
using Hanse.Core.Journal;
using Hanse.Core.Node;
using Hanse.Core.Skills;

namespace Hanse.Agent;

/// <summary>Where the releases of a node are: their bytes as far as they have come, the door that admits
/// them, and what runs them.</summary>
/// <remarks>The affair of the agent and not of its machine. It stands behind an interface, so that an agent
/// that runs no releases needs neither a sandbox nor a compiler.</remarks>
public interface IReleaseShelf
{
    /// <summary>Runs releases that the node's memory says were admitted, also before an earlier
    /// process's end.</summary>
    ISkills Skills { get; }

    /// <summary>Begins. What became of work goes to <paramref name="tell"/>, from any thread. Work may have
    /// been given before.</summary>
    /// <param name="tell">Takes <see cref="NodeInput.PackageHeld"/> and
    /// <see cref="NodeInput.PackageJudged"/>.</param>
    /// <param name="needed">Releases that the node has to do with; whatever else is kept may go.</param>
    void Start(Action<NodeInput> tell, IReadOnlySet<Digest> needed);

    /// <summary>Does something with a package, one after the other. Called in the node's turn; must not
    /// wait.</summary>
    void Handle(PackageWork work);
}

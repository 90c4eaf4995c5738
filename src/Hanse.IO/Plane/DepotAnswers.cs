using System.Collections.Concurrent;
using Hanse.Core.Hub;
using Hanse.Core.Identity;

namespace Hanse.IO.Plane;

/// <summary>What hubs last answered to depots, until the depot that asked takes it.</summary>
/// <remarks>One for each node, which is at one berth at a time: the answer to a later docking takes the
/// place of an earlier one. May be lost: a depot that has no answer tells its hub again, and is answered
/// again. All members may be called from any thread.</remarks>
public sealed class DepotAnswers
{
    private readonly ConcurrentDictionary<NodeId, HubEffect> _answers = new();

    /// <summary>A hub has answered.</summary>
    public void Put(HubEffect.Serve serve) => _answers[serve.Node] = serve;

    /// <summary>A hub has answered.</summary>
    public void Put(HubEffect.Issue issue) => _answers[issue.Node] = issue;

    /// <summary>Takes the answer to what a depot told; null when there is none.</summary>
    /// <returns><see cref="HubEffect.Serve"/> or <see cref="HubEffect.Issue"/>.</returns>
    public HubEffect? Take(HubInput told)
    {
        (NodeId node, uint docking) = told switch
        {
            HubInput.Docked docked => (docked.Node, docked.Docking),
            HubInput.PartsAsked asked => (asked.Node, asked.Docking),
            HubInput.Inspected seen => (seen.Node, seen.Docking),
            _ => default,
        };
        if (!_answers.TryGetValue(node, out HubEffect? answer))
        {
            return null;
        }

        uint answered = answer switch
        {
            HubEffect.Serve serve => serve.Docking,
            HubEffect.Issue issue => issue.Docking,
            _ => 0,
        };
        return answered == docking && _answers.TryRemove(new(node, answer)) ? answer : null;
    }
}

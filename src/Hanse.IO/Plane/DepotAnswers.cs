using System;
using System.Collections.Concurrent;
using Hanse.Core.Hub;
using Hanse.Core.Identity;

namespace Hanse.IO.Plane;

/// <summary>What hubs last answered to depots, and to machines that want to be nodes, until whoever asked
/// takes it.</summary>
/// <remarks>One for each node, which is at one berth at a time, and one for each key that wants to be a
/// node's, however many show it at once: the answer to a later question takes the place of an earlier one.
/// May be lost: whoever has no answer tells its hub again, and is answered again. All members may be called
/// from any thread.</remarks>
public sealed class DepotAnswers
{
    /// <summary>Most answers to machines that want to be nodes; then all are forgotten.</summary>
    public const int BirthsMax = 1_024;

    private readonly ConcurrentDictionary<NodeId, HubEffect> _answers = new();
    private readonly ConcurrentDictionary<string, HubEffect.BirthAnswered> _births = new();

    /// <summary>A hub has answered.</summary>
    public void Put(HubEffect.Serve serve) => _answers[serve.Node] = serve;

    /// <summary>A hub has answered.</summary>
    public void Put(HubEffect.Issue issue) => _answers[issue.Node] = issue;

    /// <summary>A hub has answered.</summary>
    public void Put(HubEffect.BirthAnswered born)
    {
        if (_births.Count >= BirthsMax)
        {
            _births.Clear(); // Whoever has not taken its answer asks again.
        }

        _births[Convert.ToHexString(born.PublicKey)] = born;
    }

    /// <summary>Takes the answer to what a depot told, or a machine showed; null when there is
    /// none.</summary>
    /// <returns><see cref="HubEffect.Serve"/>, <see cref="HubEffect.Issue"/> or
    /// <see cref="HubEffect.BirthAnswered"/>.</returns>
    public HubEffect? Take(HubInput told)
    {
        if (told is HubInput.BirthShown(var shown, _))
        {
            return _births.TryGetValue(
                Convert.ToHexString(shown.PublicKey), out HubEffect.BirthAnswered? born)
                && born.Child == shown.Child ? born : null;
        }

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

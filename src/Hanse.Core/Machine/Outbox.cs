using System.Collections.Generic;

namespace Hanse.Core.Machine;

/// <summary>What one step asks of its driver: first one atomic batch of facts to make durable, then effects
/// in order.</summary>
/// <remarks>
/// The contract every driver keeps, be it the simulator, a server or a node's agent:
/// <list type="number">
/// <item><see cref="Facts"/> are persisted together or not at all;</item>
/// <item>no effect is carried out before the facts are durable;</item>
/// <item>effects are carried out in the order given; a crash may cut the list anywhere;</item>
/// <item>after a crash the machine is rebuilt from its facts and told <c>Restarted</c>, whereupon it repeats
/// every effect that may have been lost. All effects are therefore safe to repeat.</item>
/// </list>
/// The driver may batch the facts of several steps, and never reorders. One outbox is reused for every step.
/// </remarks>
public sealed class Outbox<TFact, TEffect>
    where TFact : class
    where TEffect : class
{
    private readonly List<TFact> _facts = [];
    private readonly List<TEffect> _effects = [];

    /// <summary>The atomic batch of this step, in order.</summary>
    public IReadOnlyList<TFact> Facts => _facts;

    /// <summary>What to do once the facts are durable, in order.</summary>
    public IReadOnlyList<TEffect> Effects => _effects;

    /// <summary>Adds a fact to the batch. The machine has applied it already.</summary>
    public void Record(TFact fact) => _facts.Add(fact);

    /// <summary>Adds an effect.</summary>
    public void Emit(TEffect effect) => _effects.Add(effect);

    /// <summary>Empties the outbox for the next step.</summary>
    public void Clear()
    {
        _facts.Clear();
        _effects.Clear();
    }
}

using Hanse.Core.Time;

namespace Hanse.Core.Machine;

/// <summary>The shape of every deciding machine: one door, one alarm, one way to change state.</summary>
/// <remarks>
/// A machine gets inputs and the time, and returns facts and effects in order. It has no socket, file, clock,
/// thread, environment or hidden randomness, so the simulator, the server and the agent run the very same
/// code and any bug replays from one seed. The idea is that of sans-I/O protocol libraries (quinn, h11) and
/// of deterministic simulation testing (FoundationDB, TigerBeetle).
/// <para>
/// Invariants. Every state change goes through <see cref="Apply"/>, for live steps and for replay alike, so a
/// machine rebuilt from its facts equals the one that never stopped, byte for byte of its snapshot. A step
/// that records no fact changed nothing. Every input in every state has a written answer; wakes that are
/// early, late or repeated are harmless. <c>now</c> never goes backwards within a machine: a clock that does
/// is the driver's problem.
/// </para>
/// </remarks>
public interface IMachine<in TInput, TFact, TEffect>
    where TFact : class
    where TEffect : class
{
    /// <summary>When to give the machine its <c>Woken</c>; null when it waits for nothing but
    /// input.</summary>
    Instant? NextWake { get; }

    /// <summary>Takes one input and appends facts and effects.</summary>
    /// <param name="now">The machine's own clock; never earlier than in the call before.</param>
    /// <param name="input">What happened.</param>
    /// <param name="outbox">Receives the facts and effects; empty on entry.</param>
    void Step(Instant now, TInput input, Outbox<TFact, TEffect> outbox);

    /// <summary>Applies one remembered fact; the only code that changes state.</summary>
    void Apply(TFact fact);
}

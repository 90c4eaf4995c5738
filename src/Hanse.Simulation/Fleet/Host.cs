using System;
using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Time;
using Hanse.Core.Wire;
using Hanse.Simulation.Runs;

namespace Hanse.Simulation.Fleet;

/// <summary>What the simulator does with facts (look at them) and effects (carry them out).</summary>
internal interface IHostDriver<in TFact, in TEffect>
{
    void Remember(int machine, TFact fact);

    void CarryOut(int machine, TEffect effect);
}

/// <summary>Looks over the shoulder of every machine, step by step; for tests.</summary>
internal interface IStepTap
{
    void See<TInput, TFact, TEffect>(
        Party machine, Instant now, TInput input, IReadOnlyList<TFact> facts, IReadOnlyList<TEffect> effects)
        where TInput : class
        where TFact : class
        where TEffect : class;
}

/// <summary>How a step ended.</summary>
internal enum StepEnd
{
    /// <summary>As it should.</summary>
    Done,

    /// <summary>The machine crashed after its facts were durable, and was rebuilt.</summary>
    Crashed,

    /// <summary>It crashed before, and was rebuilt as if the input had never come: it must come
    /// again.</summary>
    CrashedBeforeFacts,
}

/// <summary>The driver of one machine: its clock, its alarm, its journal, and its crashes.</summary>
/// <remarks>
/// It keeps the contract of <see cref="Outbox{TFact,TEffect}"/> as a server would. A planned crash strikes
/// inside a step: before its facts are durable (then the input comes again), or after some of its effects
/// (then the rest are lost, and the machine rebuilt from its journal repeats what it must).
/// </remarks>
internal sealed class Host<TInput, TFact, TEffect>
    where TInput : class, IShaped<TInput>
    where TFact : class, IShaped<TFact>
    where TEffect : class, IShaped<TEffect>
{
    private readonly Func<IMachine<TInput, TFact, TEffect>> _build;
    private readonly Journal<TFact>? _journal;

    public Host(int index, Party party, Clock clock, Func<IMachine<TInput, TFact, TEffect>> build,
        bool isMortal)
    {
        Index = index;
        Party = party;
        Clock = clock;
        _build = build;
        Machine = build();
        _journal = isMortal ? new Journal<TFact>() : null;
    }

    /// <summary>Which of its kind, from 0.</summary>
    public int Index { get; }

    public Party Party { get; }

    public Clock Clock { get; }

    public IMachine<TInput, TFact, TEffect> Machine { get; private set; }

    /// <summary>Who looks, or nobody.</summary>
    public IStepTap? Tap { get; init; }

    /// <summary>Takes the facts of each step that has any, before they are looked at, or nobody
    /// does.</summary>
    public Action<Party, Instant, IReadOnlyList<TFact>>? Sink { get; init; }

    /// <summary>The true time of the alarm event under way; -1 when there is none.</summary>
    public long AlarmAt { get; set; } = -1;

    /// <summary>Where the next crash cuts: how many effects are still carried out, -1 before the facts, null
    /// for no crash.</summary>
    public int? CrashAfter { get; set; }

    /// <summary>Has the machine end between two steps, and one that remembers the same built in its
    /// place.</summary>
    public void Rebuild()
    {
        byte[] state = MachineMemory.SnapshotOf((IShapedState)Machine);
        Machine = _build();
        Invariant.Holds(MachineMemory.Restore((IShapedState)Machine, state) is null);
    }

    /// <summary>One step: the facts, then the effects, given to the driver in order.</summary>
    public StepEnd Step(
        long truth,
        TInput input,
        Outbox<TFact, TEffect> outbox,
        TraceRecorder trace,
        IHostDriver<TFact, TEffect> driver)
    {
        outbox.Clear();
        Instant local = Clock.At(truth);
        Machine.Step(local, input, outbox);
        trace.Input(truth, Party, local, input);
        Tap?.See(Party, local, input, outbox.Facts, outbox.Effects);
        if (CrashAfter is not { } cut || _journal is null)
        {
            CarryOut(local, outbox.Effects.Count, outbox, trace, driver);
            return StepEnd.Done;
        }

        CrashAfter = null;
        if (cut >= 0)
        {
            CarryOut(local, Math.Min(cut, outbox.Effects.Count), outbox, trace, driver);
        }

        Machine = _build();
        _journal.Restore(Machine);
        return cut >= 0 ? StepEnd.Crashed : StepEnd.CrashedBeforeFacts;
    }

    private void CarryOut(
        Instant local,
        int effects,
        Outbox<TFact, TEffect> outbox,
        TraceRecorder trace,
        IHostDriver<TFact, TEffect> driver)
    {
        if (outbox.Facts.Count > 0)
        {
            Sink?.Invoke(Party, local, outbox.Facts);
        }

        foreach (TFact fact in outbox.Facts)
        {
            trace.Outcome(fact);
            _journal?.Append(fact);
            driver.Remember(Index, fact);
        }

        _journal?.Compact(Machine);
        for (int i = 0; i < effects; i++)
        {
            TEffect effect = outbox.Effects[i];
            trace.Outcome(effect);
            driver.CarryOut(Index, effect);
        }
    }
}

using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Time;
using Hanse.Simulation.Fleet;

namespace Hanse.Simulation.Tests.Fleet;

/// <summary>One step of one machine, as it happened in a run.</summary>
internal sealed record RecordedStep(Instant Now, object Input, object[] Facts, object[] Effects);

/// <summary>Every step of every machine of a run.</summary>
internal sealed class Recording : IStepTap
{
    public Dictionary<Party, List<RecordedStep>> Steps { get; } = [];

    public void See<TInput, TFact, TEffect>(
        Party machine, Instant now, TInput input, IReadOnlyList<TFact> facts, IReadOnlyList<TEffect> effects)
        where TInput : class
        where TFact : class
        where TEffect : class
    {
        if (!Steps.TryGetValue(machine, out List<RecordedStep>? steps))
        {
            Steps[machine] = steps = [];
        }

        steps.Add(new RecordedStep(now, input, [.. facts], [.. effects]));
    }
}

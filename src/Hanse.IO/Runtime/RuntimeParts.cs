using System;
using Hanse.Core.Machine;
using Hanse.Core.Time;
using Hanse.Core.Wire;
using Hanse.IO.Stores;

namespace Hanse.IO.Runtime;

/// <summary>What a machine needs to run.</summary>
public sealed record RuntimeParts<TInput, TFact, TEffect>
    where TInput : class
    where TFact : class, IShaped<TFact>
    where TEffect : class
{
    /// <summary>Its memory.</summary>
    public required StreamName Stream { get; init; }

    /// <summary>A machine that remembers nothing yet; its state can be walked.</summary>
    public required Func<IMachine<TInput, TFact, TEffect>> Build { get; init; }

    /// <summary>What it is told first: that it was rebuilt.</summary>
    public required TInput Restarted { get; init; }

    /// <summary>Where memories are.</summary>
    public required IStreamStore Store { get; init; }

    /// <summary>Its clock. May stand or go back: the machine's time then stands.</summary>
    public required Func<Instant> Clock { get; init; }

    /// <summary>Carries out its effects.</summary>
    public required IEffectDriver<TEffect> Driver { get; init; }

    /// <summary>Which build of the core this is; snapshots of another are not used.</summary>
    public required string Core { get; init; }
}

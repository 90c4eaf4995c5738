using System;
using Hanse.Core.Decisions;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Skills;
using Hanse.IO.Runtime;
using Hanse.IO.Stores;

namespace Hanse.Agent;

/// <summary>What an agent is built with.</summary>
public sealed record AgentParts
{
    /// <summary>The node it is.</summary>
    public required NodeSpec Spec { get; init; }

    /// <summary>What it signs its journal and its calls with.</summary>
    public required NodeKeys Keys { get; init; }

    /// <summary>Its memory.</summary>
    public required IStreamStore Store { get; init; }

    /// <summary>Its clock.</summary>
    public required IMissionClock Clock { get; init; }

    /// <summary>How it reaches its hub.</summary>
    public required IUplink Uplink { get; init; }

    /// <summary>The machine it decides for.</summary>
    public required IDevice Device { get; init; }

    /// <summary>How it prices trips.</summary>
    public IPricing Pricing { get; init; } = BuiltInPricing.Instance;

    /// <summary>Its releases; null on a machine that admits none.</summary>
    public IReleaseShelf? Shelf { get; init; }

    /// <summary>Its slots for images of the core; null on a machine whose core is never replaced. It takes a
    /// shelf, since packages of images lie there.</summary>
    public ICoreSlots? Cores { get; init; }

    /// <summary>Runs releases of skills where there is no shelf: a model of some. Null on a machine that runs
    /// none.</summary>
    public ISkills? Skills { get; init; }

    /// <summary>Hears of what was not acted on, for logs.</summary>
    public Action<Party, MessageKind, Refusal>? OnRefused { get; init; }

    /// <summary>Hears of every failure, for logs.</summary>
    public Action<Exception>? OnFailure { get; init; }
}

using System.Collections.Immutable;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.IO.Facts;

/// <summary>What one machine remembered of one step: durable together or not at all.</summary>
/// <param name="Machine">A hub or the strategic layer; what nodes remember is their own.</param>
/// <param name="Number">Its steps that remembered anything, counted from 1: a missing one shows.</param>
/// <param name="At">The step's time, by the machine's own clock.</param>
/// <param name="Hub">Facts in their order, if it is a hub.</param>
/// <param name="Strategy">Facts in their order, if it is the strategic layer.</param>
public sealed record FactStep(
    Party Machine, ulong Number, Instant At, ImmutableArray<HubFact> Hub,
        ImmutableArray<StrategyFact> Strategy)
    : IShaped<FactStep>
{
    /// <summary>Number of facts.</summary>
    public int Count => Hub.Length + Strategy.Length;

    /// <inheritdoc/>
    public static FactStep Shape<TCodec>(ref TCodec codec, FactStep? value)
        where TCodec : struct, ICodec
    {
        codec.Open("step", 4);
        Party machine = codec.Party("machine", value?.Machine ?? default);
        ulong number = codec.Count("number", value?.Number ?? 0);
        Instant at = codec.Moment("at", value?.At ?? default);
        ImmutableArray<HubFact> hub = [];
        ImmutableArray<StrategyFact> strategy = [];
        switch (machine.Kind)
        {
            case PartyKind.Hub:
                hub = codec.List("facts", value?.Hub ?? [], int.MaxValue);
                break;
            case PartyKind.Strategy:
                strategy = codec.List("facts", value?.Strategy ?? [], int.MaxValue);
                break;
            default:
                codec.Refuse("only hubs and the strategic layer write facts");
                break;
        }

        codec.Close();
        return value ?? new FactStep(machine, number, at, hub, strategy);
    }
}

using System;
using Hanse.Core.Machine;

namespace Hanse.Core.Clearing;

/// <summary>What a cycle leaves to the next: per task its price, who has it, and whether that may still
/// change.</summary>
/// <remarks>Written in the numbers of the new problem: a node that died is simply no longer there, so its
/// tasks have no owner and a price that stands; a new task stands at its reserve.</remarks>
public sealed class StandingContracts
{
    /// <summary>Nobody.</summary>
    public const int None = -1;

    private readonly long[] _prices;
    private readonly int[] _owners;
    private readonly bool[] _locked;

    /// <summary>Takes over three arrays of one entry a task.</summary>
    /// <param name="prices">The standing price, from 0 to the reserve, in microcredits.</param>
    /// <param name="owners">The node that has it, each at most once; or <see cref="None"/>.</param>
    /// <param name="locked">Whether its contract is under way and stays as it is. Only with an owner.</param>
    public StandingContracts(long[] prices, int[] owners, bool[] locked)
    {
        Invariant.Holds(prices.Length == owners.Length && prices.Length == locked.Length);
        _prices = prices;
        _owners = owners;
        _locked = locked;
    }

    /// <summary>Prices, one a task, in microcredits.</summary>
    public ReadOnlySpan<long> Prices => _prices;

    /// <summary>Owners, one a task.</summary>
    public ReadOnlySpan<int> Owners => _owners;

    /// <summary>Which contracts stay.</summary>
    public ReadOnlySpan<bool> Locked => _locked;

    /// <summary>The same with every contract that has an owner locked: what has none is offered to free nodes
    /// only, and nothing moves.</summary>
    public StandingContracts ForFreeNodesOnly()
    {
        var locked = new bool[_owners.Length];
        for (int task = 0; task < locked.Length; task++)
        {
            locked[task] = _owners[task] != None;
        }

        return new StandingContracts(_prices, _owners, locked);
    }
}

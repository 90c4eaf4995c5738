using System;
using Hanse.Core.Wire;

namespace Hanse.Core.Ledger;

/// <summary>The kinds of account. The numbers are in the journal.</summary>
public enum AccountKind
{
    /// <summary>Contra account of the strategic layer: minus everything ever minted.</summary>
    Mint = 1,

    /// <summary>Credits of the strategic layer that no bounty holds: residues that came back.</summary>
    Budget = 2,

    /// <summary>Sent to another machine and not acknowledged; numbered by transfer.</summary>
    Transit = 3,

    /// <summary>Contra account for what the other end of the link holds; numbered by region at the strategic
    /// layer, zero at a hub.</summary>
    Correspondent = 4,

    /// <summary>A region's working capital, for seeding its nodes.</summary>
    Reserve = 5,

    /// <summary>Set aside for one bounty; numbered by bounty.</summary>
    Escrow = 6,

    /// <summary>A node's own; numbered by node.</summary>
    Balance = 7,

    /// <summary>Spent on propellant and spares, or paid as demurrage: gone.</summary>
    Burned = 8,

    /// <summary>What a node has staked for one contract, out of its own; numbered by contract.</summary>
    Bond = 9,
}

/// <summary>An account of one machine's ledger.</summary>
/// <param name="Kind">What it is for.</param>
/// <param name="Number">Which of its kind; zero where there is only one.</param>
public readonly record struct AccountId(AccountKind Kind, ulong Number) : IComparable<AccountId>
{
    /// <summary>Whether the account may go below zero: it stands for the world outside these books.</summary>
    public bool IsContra => Kind is AccountKind.Mint or AccountKind.Correspondent;

    /// <inheritdoc/>
    public int CompareTo(AccountId other) =>
        Kind != other.Kind ? Kind.CompareTo(other.Kind) : Number.CompareTo(other.Number);

    /// <summary>Walks the fields.</summary>
    public static AccountId Shape<TCodec>(ref TCodec codec, string name, AccountId value)
        where TCodec : struct, ICodec
    {
        codec.Open(name, 2);
        var kind = (AccountKind)codec.Integer("kind", (long)value.Kind, 1, 9);
        ulong number = (ulong)codec.Integer("number", (long)value.Number, 0, long.MaxValue);
        codec.Close();
        return new AccountId(kind, number);
    }
}

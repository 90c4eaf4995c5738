using System;
using System.Globalization;
using Hanse.Core.Ledger;
using Hanse.Core.Units;

namespace Hanse.IO.Facts;

/// <summary>Words for sentences about money.</summary>
internal static class Text
{
    /// <summary>An amount, to the microcredit.</summary>
    public static string Credits(Credits amount) => Credits((Int128)amount.Micro);

    /// <summary>An amount in microcredits.</summary>
    public static string Credits(Int128 micro) =>
        ((decimal)micro / 1_000_000).ToString("0.######", CultureInfo.InvariantCulture) + " credits";

    /// <summary>An account.</summary>
    public static string Account(AccountId account) => account.Kind switch
    {
        AccountKind.Mint => "the mint",
        AccountKind.Budget => "the budget",
        AccountKind.Transit => $"transfer {account.Number}",
        AccountKind.Correspondent when account.Number == 0 => "the strategic layer's account",
        AccountKind.Correspondent => $"the account of region {account.Number}",
        AccountKind.Reserve => "the reserve",
        AccountKind.Escrow => $"the escrow of bounty {account.Number}",
        AccountKind.Bond => $"the bond of contract {account.Number}",
        AccountKind.Balance => $"the balance of node {account.Number}",
        _ => "what is burned",
    };
}

using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;

namespace Hanse.IO.Facts;

/// <summary>All accounts of all machines, added up again; in microcredits.</summary>
internal sealed class AuditedAccounts
{
    private readonly Dictionary<(Party Machine, AccountId Account), Int128> _holds = [];
    private readonly Dictionary<AccountKind, Int128> _sums = [];

    public Int128 this[Party machine, AccountId account] => _holds.GetValueOrDefault((machine, account));

    /// <summary>What all accounts of a kind hold, over the machines that count.</summary>
    public Int128 this[AccountKind kind] => _sums.GetValueOrDefault(kind);

    /// <summary>What each node owns, at whichever hub.</summary>
    public IEnumerable<long> Balances => _holds
        .Where(entry => entry.Key.Account.Kind == AccountKind.Balance)
        .Select(entry => (long)entry.Value);

    /// <summary>Moves an amount.</summary>
    /// <returns>What is left where it came from.</returns>
    public Int128 Move(Party machine, Posting posting)
    {
        Add(machine, posting.To, posting.Amount.Micro);
        return Add(machine, posting.From, -posting.Amount.Micro);
    }

    /// <summary>A machine's books count no more.</summary>
    public void Void(Party machine)
    {
        foreach ((Party Machine, AccountId Account) key in _holds.Keys.ToArray())
        {
            if (key.Machine == machine)
            {
                _ = Add(machine, key.Account, -_holds[key]);
            }
        }
    }

    private Int128 Add(Party machine, AccountId account, Int128 amount)
    {
        Int128 holds = this[machine, account] + amount;
        _sums[account.Kind] = this[account.Kind] + amount;
        if (holds == 0)
        {
            _ = _holds.Remove((machine, account));
        }
        else
        {
            _holds[(machine, account)] = holds;
        }

        return holds;
    }
}

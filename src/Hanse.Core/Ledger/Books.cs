using System;
using System.Collections.Generic;
using Hanse.Core.Machine;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Ledger;

/// <summary>The ledger of one machine: accounts that change only by postings.</summary>
/// <remarks>
/// Double entry makes the sum of all accounts zero by construction; what can go wrong is an account that
/// should not go below zero, and a transfer that two machines book differently. Both are checked: the first
/// here, at every posting, in release too; the second across the fleet by whoever sees all books (the
/// simulator's checker, an auditor). Over all books, minted = escrow + in transit + balances + burned holds
/// at every fact, where "balances" are those of nodes, of the regions' reserves and of the strategic budget.
/// <para>
/// Only the strategic layer has a <see cref="AccountKind.Mint"/>. Credits travel as transfers: the sender
/// moves them to <see cref="AccountKind.Transit"/>, the receiver books them from its
/// <see cref="AccountKind.Correspondent"/> account once, by the transfer's identity, and says so; then the
/// sender moves them from transit to its correspondent account. Absent on purpose: credit. Nobody can owe.
/// </para>
/// </remarks>
public sealed class Books
{
    private readonly SortedDictionary<AccountId, Credits> _accounts = [];
    private readonly Action<Posting> _record;

    // Transfers received, so that a repeated message never books one twice.
    private readonly SortedSet<ulong> _received = [];

    /// <summary>Empty books.</summary>
    /// <param name="record">Persists a posting and applies it.</param>
    public Books(Action<Posting> record) => _record = record;

    /// <summary>What an account holds; zero when nothing was ever posted to it.</summary>
    public Credits this[AccountId account] => _accounts.GetValueOrDefault(account);

    /// <summary>All accounts with their sums, in order.</summary>
    public IEnumerable<KeyValuePair<AccountId, Credits>> Accounts => _accounts;

    /// <summary>Whether a transfer has been booked here already.</summary>
    public bool HasReceived(ulong transfer) => _received.Contains(transfer);

    /// <summary>Moves an amount; zero moves nothing and leaves no fact.</summary>
    /// <exception cref="BrokenInvariantException">The account would go below zero: the machine asked for what
    /// it should have known not to have.</exception>
    public void Post(AccountId from, AccountId to, Credits amount)
    {
        Invariant.Holds(amount >= Credits.Zero);
        if (amount > Credits.Zero)
        {
            _record(new Posting(from, to, amount));
        }
    }

    /// <summary>Applies one posting.</summary>
    public void Apply(Posting posting)
    {
        Credits left = this[posting.From] - posting.Amount;
        Invariant.Holds(posting.From.IsContra || left >= Credits.Zero);
        Set(posting.From, left);
        Set(posting.To, this[posting.To] + posting.Amount);
    }

    /// <summary>Remembers a transfer as received.</summary>
    public void ApplyReceived(ulong transfer)
    {
        bool isNew = _received.Add(transfer);
        Invariant.Holds(isNew);
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("books", 2);
        codec.Table(
            "accounts",
            _accounts,
            static (ref TCodec c, AccountId key) => AccountId.Shape(ref c, "account", key),
            static (ref TCodec c, Credits value) =>
                new Credits(c.Integer("holds", value.Micro, long.MinValue, long.MaxValue)));
        codec.Set("received", _received, static (ref TCodec c, ulong transfer) =>
            (ulong)c.Integer("transfer", (long)transfer, 0, long.MaxValue));
        codec.Close();
    }

    private void Set(AccountId account, Credits holds)
    {
        // Closed accounts leave, so that books do not grow with every bounty that ever was.
        if (holds == Credits.Zero && !account.IsContra)
        {
            _ = _accounts.Remove(account);
        }
        else
        {
            _accounts[account] = holds;
        }
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Hanse.Core.Ledger;
using Hanse.Core.Machine;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Ledger;

/// <summary>Double entry: credits move, and neither appear nor disappear.</summary>
public sealed class BooksTests
{
    private static readonly AccountId[] _accounts =
    [
        new(AccountKind.Mint, 0),
        new(AccountKind.Budget, 0),
        new(AccountKind.Transit, 1),
        new(AccountKind.Correspondent, 1),
        new(AccountKind.Escrow, 1),
        new(AccountKind.Escrow, 2),
        new(AccountKind.Balance, 1),
        new(AccountKind.Burned, 0),
    ];

    private static readonly Gen<(int From, int To, long Amount)[]> _moves =
        Gen.Select(Gen.Int[0, _accounts.Length - 1], Gen.Int[0, _accounts.Length - 1], Gen.Long[0,
            3]).Array[0, 60];

    [Fact]
    public void Postings_keep_the_sum_at_zero_and_only_contra_accounts_below_it() =>
        _moves.Sample(moves =>
        {
            (Books books, List<Posting> journal) = Empty();
            var dumb = new long[_accounts.Length];
            foreach ((int from, int to, long amount) in moves)
            {
                bool isAllowed = _accounts[from].IsContra || dumb[from] >= amount;
                if (!isAllowed)
                {
                    byte[] before = Snapshot.Of(books.Shape);
                    Assert.Throws<BrokenInvariantException>(
                        () => books.Post(_accounts[from], _accounts[to], new Credits(amount)));
                    Assert.Equal(before, Snapshot.Of(books.Shape));
                    journal.RemoveAt(journal.Count - 1);
                    continue;
                }

                books.Post(_accounts[from], _accounts[to], new Credits(amount));
                dumb[from] -= amount;
                dumb[to] += amount;
            }

            Assert.Equal(dumb, _accounts.Select(account => books[account].Micro));
            Assert.Equal(0, books.Accounts.Sum(account => account.Value.Micro));
            Assert.All(books.Accounts, account =>
                Assert.True(account.Key.IsContra || account.Value > Credits.Zero,
                    "an empty account was kept"));
            Assert.DoesNotContain(journal, posting => posting.Amount <= Credits.Zero);
        });

    [Fact]
    public void Replay_and_snapshot_give_equal_books() =>
        _moves.Sample(moves =>
        {
            (Books books, List<Posting> journal) = Empty();
            foreach ((int from, int to, long amount) in moves)
            {
                if (_accounts[from].IsContra || books[_accounts[from]].Micro >= amount)
                {
                    books.Post(_accounts[from], _accounts[to], new Credits(amount));
                }
            }

            books.ApplyReceived(3);
            books.ApplyReceived(1);
            byte[] bytes = Snapshot.Of(books.Shape);
            (Books replayed, _) = Empty();
            journal.ForEach(posting => replayed.Apply(Snapshot.Read<Posting>(Snapshot.Of(posting))));
            replayed.ApplyReceived(1);
            replayed.ApplyReceived(3);
            Assert.Equal(bytes, Snapshot.Of(replayed.Shape));
            (Books restored, _) = Empty();
            Snapshot.Into(bytes, restored.Shape);
            Assert.Equal(bytes, Snapshot.Of(restored.Shape));
        });

    [Fact]
    public void A_transfer_is_received_once()
    {
        (Books books, _) = Empty();
        Assert.False(books.HasReceived(9));
        books.ApplyReceived(9);
        Assert.True(books.HasReceived(9));
        Assert.Throws<BrokenInvariantException>(() => books.ApplyReceived(9));
    }

    [Fact]
    public void A_negative_amount_is_not_a_way_to_take_money()
    {
        (Books books, _) = Empty();
        books.Post(_accounts[0], _accounts[1], new Credits(5));
        Assert.Throws<BrokenInvariantException>(() => books.Post(_accounts[2], _accounts[1], new Credits(
            -5)));
    }

    private static (Books Books, List<Posting> Journal) Empty()
    {
        var journal = new List<Posting>();
        Books? books = null;
        books = new Books(posting =>
        {
            journal.Add(posting);
            books!.Apply(posting);
        });
        return (books, journal);
    }
}

using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Reconcile;

/// <summary>A region's books of repairs, folded again from its journal: each thing that a hub could tell and
/// that cannot have been is found.</summary>
public sealed class RepairBooksTests
{
    private static readonly NodeId _patient = new(1);
    private static readonly NodeId _repairer = new(2);
    private static readonly ContractId _contract = ContractId.After(new RegionId(1), 0);
    private static readonly BountyId _call = BountyId.Help(_patient, 1);

    private readonly RegionBooks _books = new();
    private readonly Findings _findings = new();

    public RepairBooksTests()
    {
        Take(new RegionEntry.Chartered(new Epoch(1)));
        Take(new RegionEntry.SeedTaken(new TransferId(1), new Credits(2_000)));
        foreach (NodeId node in (NodeId[])[_patient, _repairer])
        {
            var plan = new Plan(1, default, default, []);
            Take(new RegionEntry.Joined(
                node, new Epoch(1), new Enrol(new byte[32], 1, 1, Grams.FromTonnes(1), plan)));
            Take(new RegionEntry.Seeded(node, new Credits(1_000)));
        }
    }

    [Fact]
    public void What_is_mended_is_paid_by_the_one_that_was_mended()
    {
        Repair(paid: 600);
        Take(new RegionEntry.HelpClosed(_call));
        Finds();
        Assert.Equal(400, _books.Nodes[_patient].Balance.Micro);
        Assert.Equal(1_600, _books.Nodes[_repairer].Balance.Micro);
        Assert.Empty(_books.Helps);
    }

    [Fact]
    public void What_was_held_and_is_borne_out_is_paid_later()
    {
        Open();
        Take(new RegionEntry.Ended(_contract, ContractOutcome.Released, default, default, default));
        Take(new RegionEntry.Mended(_contract, default));
        Take(new RegionEntry.RepairPaid(_contract, new Credits(600)));
        Take(new RegionEntry.HelpClosed(_call));
        Finds();
        Assert.Equal(1_600, _books.Nodes[_repairer].Balance.Micro);
    }

    [Fact]
    public void Nobody_sets_aside_more_than_it_owns()
    {
        Open(offer: 1_001);
        Finds(ReasonCode.BalanceExceeded);
    }

    [Fact]
    public void What_is_set_aside_is_not_spent()
    {
        Open(offer: 800);
        Take(new RegionEntry.Sold(_patient, new Credits(200)));
        Finds();
        Take(new RegionEntry.Sold(_patient, new Credits(1)));
        Finds(ReasonCode.BalanceExceeded);
    }

    [Fact]
    public void Nobody_is_paid_for_what_nobody_says_was_mended()
    {
        Open();
        Take(new RegionEntry.Ended(
            _contract, ContractOutcome.Settled, new Grams(1), new Grams(1), new Credits(600)));
        Finds(ReasonCode.PaidOtherwise);
    }

    [Fact]
    public void Nor_at_another_price()
    {
        Repair(paid: 601);
        Finds(ReasonCode.PaidOtherwise);
    }

    [Fact]
    public void Nor_twice()
    {
        Repair(paid: 600);
        Finds();
        Take(new RegionEntry.RepairPaid(_contract, new Credits(600)));
        Finds(ReasonCode.EscrowExceeded);
    }

    [Fact]
    public void A_patient_without_work_calls_once_and_is_mended_once()
    {
        Open();
        Take(new RegionEntry.Mended(_contract, default));
        Take(new RegionEntry.Mended(_contract, default));
        Finds(ReasonCode.ContractNotHeld);
    }

    [Fact]
    public void A_call_is_not_over_while_somebody_is_under_way()
    {
        Open();
        Take(new RegionEntry.HelpClosed(_call));
        Finds(ReasonCode.ContractNotHeld);
    }

    [Fact]
    public void Spares_are_of_a_store_that_has_them()
    {
        Open(spares: 5);
        Take(new RegionEntry.PartsTaken(_contract, new Grams(5)));
        Finds(ReasonCode.PartsUnfounded);
    }

    [Fact]
    public void A_contract_is_for_a_call_at_no_more_than_its_offer()
    {
        Open(price: 801);
        Finds(ReasonCode.PriceAboveReserve);
    }

    [Fact]
    public void Who_is_retired_is_nobody_any_more_and_its_credits_are_the_reserves()
    {
        Take(new RegionEntry.Retired(_repairer, new Credits(1_000)));
        Finds();
        Assert.Equal(1_000, _books.Reserve.Micro);
        Assert.DoesNotContain(_repairer, _books.Nodes.Keys);
        Take(new RegionEntry.Retired(_repairer, Credits.Zero));
        Finds(ReasonCode.NodeUnknown);
    }

    [Theory]
    [InlineData(999)]
    [InlineData(1_001)]
    public void Nobody_is_retired_with_other_than_what_it_owns(long amount)
    {
        Take(new RegionEntry.Retired(_repairer, new Credits(amount)));
        Finds(ReasonCode.BalanceExceeded);
        Assert.Equal(1_000, _books.Reserve.Micro);
    }

    [Fact]
    public void Nobody_is_retired_while_it_holds_work_or_has_set_something_aside()
    {
        Open();
        Take(new RegionEntry.Retired(_patient, new Credits(1_000)));
        Finds(ReasonCode.BalanceExceeded);
    }

    private void Repair(long paid)
    {
        Open();
        Take(new RegionEntry.Mended(_contract, default));
        Take(new RegionEntry.Ended(
            _contract, ContractOutcome.Settled, new Grams(1), new Grams(1), new Credits(paid)));
    }

    private void Open(long offer = 800, long price = 600, long spares = 1)
    {
        var quantity = new Grams(spares);
        Take(new RegionEntry.HelpOpened(new Bounty(
            _call, Commodity.Nickel, new DepotId(1), quantity, quantity, new Credits(offer), default)
        {
            Kind = WorkKind.Repair,
        }));
        Take(new RegionEntry.Awarded(
            _contract, new Epoch(1), new Epoch(1), _call, _repairer, quantity, new Credits(price), default));
    }

    private void Finds(params ImmutableArray<ReasonCode> codes) =>
        Assert.Equal(codes, _findings.Reasons.Select(reason => reason.Code));

    private void Take(RegionEntry entry)
    {
        var records = new RegionRecords
        {
            Charter = new Epoch(1),
            Sent = RegionRecords.None.Sent.Add(
                new TransferId(1), new Sending(new TransferId(1), new Credits(2_000), null, null)),
        };
        _books.Take(entry, records, new Finder(_findings, default, default));
    }
}

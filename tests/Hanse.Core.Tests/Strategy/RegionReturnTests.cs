using System;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Strategy;
using Hanse.Core.Units;
using Hanse.Core.Wire;
using Xunit;

namespace Hanse.Core.Tests.Strategy;

/// <summary>A region that comes back is believed as far as its journal goes, and no further.</summary>
public class RegionReturnTests
{
    [Fact]
    public void An_honest_region_is_accepted_and_its_books_are_folded_again()
    {
        long contracts = 0;
        long left = 0;
        long lots = 0;
        long cancelled = 0;
        for (ulong seed = 1; seed <= 450; seed++)
        {
            RegionRig rig = Begin(seed);
            for (int stretch = 0; stretch < 3; stretch++)
            {
                rig.Live(20 + (int)(seed % 60));
                Assert.Equal(ReturnOutcome.Accepted, rig.Return()?.Outcome);
            }

            RegionBooks books = rig.Reception.Books;
            contracts += rig.Life.LiveContracts;
            Assert.Equal(rig.Life.Total, books.Total.Micro);
            Assert.Equal((rig.Life.Reserve, rig.Life.Burned), (books.Reserve.Micro, books.Burned.Micro));
            Assert.Equal(rig.Life.LiveContracts, books.Contracts.Values.Count(contract => contract.IsLive));
            Assert.Equal(
                rig.Life.Balances.OrderBy(node => node.Key).Select(node => (node.Key, node.Value)),
                books.Nodes.Select(node => (node.Key.Value, node.Value.Balance.Micro)));
            Assert.Equal(books.Nodes.Keys, rig.Reception.Dossiers.Keys);
            left += rig.Departed.Count;
            Drain(rig);
            Assert.False(rig.Reception.IsQuarantined);
            Assert.Empty(rig.Reception.Records.Reports);
            Assert.Empty(books.Homebound);
            Assert.Empty(rig.Reception.Records.Lots);
            Assert.Empty(books.LotsHome);
            lots += rig.Life.Lots.Count;
            cancelled += rig.Life.Cancelled;
            Assert.All(
                rig.Reception.Records.Reduced.Keys,
                bounty => Assert.True(books.Bounties.ContainsKey(bounty), "an order outlives its bounty"));
            Assert.Empty(rig.Reception.Records.Sent);
        }

        Assert.True(contracts > 100, "the regions did nothing");
        Assert.True(left > 100, "nobody left");
        Assert.True(lots > 100, "no lots went back");
        Assert.True(cancelled > 100, $"{cancelled} contracts were cancelled");
    }

    [Theory]
    [InlineData(Lie.PaysTwice, ReasonCode.ContractNotHeld)]
    [InlineData(Lie.PaysMore, ReasonCode.PaidOtherwise)]
    [InlineData(Lie.CountsMoreThanWeighed, ReasonCode.AwardExceedsOpen)]
    [InlineData(Lie.AwardsMoreThanOpen, ReasonCode.AwardExceedsOpen)]
    [InlineData(Lie.AwardsTwiceToOne, ReasonCode.NodeHeldTwice)]
    [InlineData(Lie.AwardsToStranger, ReasonCode.NodeUnknown)]
    [InlineData(Lie.AwardsUnknownBounty, ReasonCode.BountyUnknown)]
    [InlineData(Lie.AwardsAboveReserve, ReasonCode.PriceAboveReserve)]
    [InlineData(Lie.AwardsUnderOldEpoch, ReasonCode.EpochNotRising)]
    [InlineData(Lie.AwardsUnderOldCharter, ReasonCode.AuthorityUnfounded)]
    [InlineData(Lie.AwardsWhenRelieved, ReasonCode.AuthorityUnfounded)]
    [InlineData(Lie.AwardsOnUnsaid, ReasonCode.AuthorityUnfounded)]
    [InlineData(Lie.CharterOfItsOwn, ReasonCode.AuthorityUnfounded)]
    [InlineData(Lie.InventsEscrow, ReasonCode.LedgerDiffers)]
    [InlineData(Lie.TakesEscrowTwice, ReasonCode.LedgerDiffers)]
    [InlineData(Lie.SendsLessHome, ReasonCode.EscrowExceeded)]
    [InlineData(Lie.SendsHomeUnderContract, ReasonCode.EscrowExceeded)]
    [InlineData(Lie.SellsOnCredit, ReasonCode.BalanceExceeded)]
    [InlineData(Lie.SeedsFromNothing, ReasonCode.BalanceExceeded)]
    [InlineData(Lie.JoinsTwice, ReasonCode.NodeUnknown)]
    [InlineData(Lie.ForgetsVerdict, ReasonCode.VerdictUnfounded)]
    [InlineData(Lie.LeavesUnbidden, ReasonCode.AuthorityUnfounded)]
    [InlineData(Lie.LeavesUnderContract, ReasonCode.NodeHeldTwice)]
    [InlineData(Lie.LeavesWithMore, ReasonCode.BalanceExceeded)]
    [InlineData(Lie.AdoptsUnsent, ReasonCode.LedgerDiffers)]
    [InlineData(Lie.HonoursMoreThanOpen, ReasonCode.AwardExceedsOpen)]
    [InlineData(Lie.SendsLotsThatAreHeld, ReasonCode.AwardExceedsOpen)]
    [InlineData(Lie.SendsPartOfALot, ReasonCode.AwardExceedsOpen)]
    [InlineData(Lie.SendsLotsForLess, ReasonCode.EscrowExceeded)]
    [InlineData(Lie.ReducesUnbidden, ReasonCode.AuthorityUnfounded)]
    [InlineData(Lie.ReducesMoreThanOrdered, ReasonCode.AuthorityUnfounded)]
    [InlineData(Lie.CancelsWhatIsWanted, ReasonCode.AuthorityUnfounded)]
    [InlineData(Lie.CompensatesMore, ReasonCode.PaidOtherwise)]
    [InlineData(Lie.AwardsUnwanted, ReasonCode.AwardExceedsOpen)]
    [InlineData(Lie.KeepsMoreThanThePay, ReasonCode.PaidOtherwise)]
    [InlineData(Lie.PaysKeptTwice, ReasonCode.ContractNotHeld)]
    [InlineData(Lie.PaysKeptInPart, ReasonCode.PaidOtherwise)]
    [InlineData(Lie.SendsHomeWhatIsHeldBack, ReasonCode.EscrowExceeded)]
    [InlineData(Lie.HandsOutTwice, ReasonCode.PartsUnfounded)]
    [InlineData(Lie.HandsOutMoreThanStored, ReasonCode.PartsUnfounded)]
    [InlineData(Lie.BuildsMoreThanWasTaken, ReasonCode.PartsUnfounded)]
    [InlineData(Lie.BringsBackMore, ReasonCode.PartsUnfounded)]
    [InlineData(Lie.CountsMoreThanWasTaken, ReasonCode.PartsUnfounded)]
    [InlineData(Lie.LosesWhatIsNotMissing, ReasonCode.PartsUnfounded)]
    [InlineData(Lie.ChargesForNothing, ReasonCode.PaidOtherwise)]
    public void A_lie_is_found_wherever_it_stands(Lie lie, ReasonCode code)
    {
        int told = 0;
        for (ulong seed = 1; seed <= 70; seed++)
        {
            var rig = new RegionRig(seed) { Life = { Lie = lie == Lie.CharterOfItsOwn ? lie : Lie.None } };
            rig.Charter();
            rig.Post();
            rig.Live(20);
            if (!rig.Life.HasLied)
            {
                Assert.Equal(ReturnOutcome.Accepted, rig.Return()?.Outcome);
                rig.Live((int)(seed % 40));
                if (lie == Lie.AwardsOnUnsaid)
                {
                    rig.HearEnd();
                }

                rig.Life.Lie = lie;
                rig.Live(500);
            }

            if (rig.Life.HasLied)
            {
                told++;
                ReturnVerdict? verdict = rig.Return();
                Assert.Equal(ReturnOutcome.Quarantined, verdict?.Outcome);
                Assert.Contains(verdict!.Reasons, reason => reason.Code == code);
                Assert.True(rig.Reception.IsQuarantined);
            }
        }

        Assert.True(told > 20, $"told {told} times only");
    }

    [Fact]
    public void Two_signed_heads_prove_themselves_by_two_notes()
    {
        RegionRig rig = Begin(4);
        rig.Live(40);
        _ = rig.Return();

        // The same hub shows another story of the same length, signed by its key.
        Logbook other = RegionRig.NewLog();
        while (other.Blocks + 1 < rig.Reception.Accepted.Head.Size)
        {
            other.Attest(default, new Entry.Booted(1, default, [])); // A boot begins a block.
        }

        _ = other.AskSignature(default);
        _ = other.Sign(other.ToSign().Blocks, new byte[64]);
        ReturnOffered offer = other.Offer(default, reminds: true)!;
        ReturnVerdict? verdict = rig.Judge(other, offer);
        Assert.Equal(ReasonCode.Equivocation, Assert.Single(verdict!.Reasons).Code);
        Assert.Equal(
            [rig.Reception.Accepted.Note, offer.Note], verdict.Evidence.Select(note => note.Text));
    }

    [Fact]
    public void A_head_that_nobody_signed_is_forged()
    {
        RegionRig rig = Begin(5);
        rig.Live(40);
        rig.IsSignatureGood = false;
        Assert.Contains(rig.Return()!.Reasons, reason => reason.Code == ReasonCode.Forged);
        Assert.Equal(0UL, rig.Reception.Accepted.Head.Size);
    }

    [Fact]
    public void A_report_that_contradicts_the_journal_is_found_whichever_comes_first()
    {
        int found = 0;
        for (ulong seed = 1; seed <= 40; seed++)
        {
            var rig = new RegionRig(seed) { HoldsReports = true };
            rig.Charter();
            rig.Post();
            rig.Live(120);
            int at = rig.Life.Reports.Count - 1;
            if (at < 0)
            {
                continue;
            }

            BountyReport report = rig.Life.Reports[at];
            rig.Life.Reports[at] = report with { Returned = report.Returned + new Credits(1) };
            if (seed % 2 == 0)
            {
                Assert.Equal(ReturnOutcome.Accepted, rig.Return()?.Outcome);
                Drain(rig);
            }
            else
            {
                Drain(rig);
                _ = rig.Return();
            }

            found++;
            Assert.True(rig.Reception.IsQuarantined);
        }

        Assert.True(found > 20, "too few bounties ended");
    }

    [Fact]
    public void An_operator_may_take_over_what_was_contested_and_the_region_goes_on()
    {
        RegionRig rig = Begin(6);
        rig.Life.Lie = Lie.PaysMore;
        rig.Live(200);
        Assert.Equal(ReturnOutcome.Quarantined, rig.Return()?.Outcome);
        rig.Reception.Apply(new RegionFact.Reviewed(IsAccepted: false));
        Assert.True(rig.Reception.IsQuarantined);

        ulong before = rig.Reception.Accepted.Head.Size;
        rig.Reception.Apply(new RegionFact.Reviewed(IsAccepted: true));
        Assert.False(rig.Reception.IsQuarantined);
        Assert.True(rig.Reception.Accepted.Head.Size > before);
        ulong size = rig.Reception.Accepted.Head.Size;
        rig.Log.Receive(size, rig.Reception.Accepted.Head.Root.ToArray(), size);
        rig.Post();
        Assert.Equal(ReturnOutcome.Accepted, rig.Return()?.Outcome);
    }

    [Fact]
    public void A_node_attests_nothing_of_a_region_and_a_hub_nothing_of_a_node()
    {
        var own = new Entry.Regional(new RegionEntry.Sold(new NodeId(1), default));
        var nodes = new Entry.Counted(Resource.Cargo, 1);
        Assert.True(own.MayBeOf(PartyKind.Hub));
        Assert.False(own.MayBeOf(PartyKind.Node));
        Assert.True(nodes.MayBeOf(PartyKind.Node));
        Assert.False(nodes.MayBeOf(PartyKind.Hub));
        Block[] mixed = [Of(Party.Of(new NodeId(1)), own), Of(Party.Of(new RegionId(1)), nodes)];
        foreach (Block block in mixed)
        {
            byte[] bytes = Snapshot.Of(block);
            Assert.False(CborReader.TryRead<Block>(bytes, out _, out _));
            var scanner = new BlockScanner(bytes);
            while (scanner.Next())
            {
            }

            Assert.True(scanner.Failed);
        }
    }

    private static Block Of(Party author, Entry entry) =>
        new(author, 1, 0, default, [new Stamped(0, entry)]);

    private static RegionRig Begin(ulong seed)
    {
        var rig = new RegionRig(seed);
        rig.Charter();
        rig.Post();
        return rig;
    }

    private static void Drain(RegionRig rig)
    {
        for (int i = 0; i < 1_000; i++)
        {
            rig.Report();
        }
    }
}

using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Market;
using Hanse.Core.Merge;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Hub;

/// <content>Machines that broke down: their calls for help, and what is paid out of their own
/// credits.</content>
public sealed partial class RegionalHub
{
    // Of a node whose claims do not count just now no call is taken up. One that is refused is told so, or it
    // would wait for nothing.
    private void Take(Instant now, NodeId node, HelpAsked asked)
    {
        if (_market.Helps.TryGetValue(node, out Help? open) && open.Bounty.HelpNumber == asked.Number)
        {
            return; // Said twice.
        }

        bool isTaken = May(node, NodeAct.Bid) && !_recalled.ContainsKey(node) && !_market.IsWindingDown
            && Keeps(asked.Depot) && _market.AskHelp(now, node, asked) == HelpVerdict.Taken;
        RefuseUnless(isTaken, Party.Of(node), asked, Refusal.HelpNotTaken);
        if (!isTaken)
        {
            EndHelp(node, asked.Number, HelpOutcome.Refused, default);
        }
    }

    private void Take(Instant now, NodeId node, HelpEnded ended)
    {
        bool isTaken = ended.Outcome == HelpOutcome.Withdrawn
            && _market.WithdrawHelp(now, node, ended.Number);
        RefuseUnless(isTaken, Party.Of(node), ended, Refusal.HelpNotTaken);
    }

    private void Take(Instant now, NodeId node, Mended mended)
    {
        long relief = (long)mended.WearBefore.Value - mended.WearAfter.Value;
        bool isTaken = relief >= 0 && May(node, NodeAct.ClaimShared)
            && _market.HearMended(
                now, node, mended.Contract, mended.Epoch, new PartsPerMillion((int)relief));
        RefuseUnless(isTaken, Party.Of(node), mended, Refusal.UnknownContract);
    }

    private void Take(Instant now, NodeId node, RepairTold told)
    {
        bool isTaken = May(node, NodeAct.ClaimShared)
            && _market.Claim(now, node, told.Contract, told.Epoch);
        bool isPaid = _market.Find(told.Contract) is
        { Status: ContractStatus.Settled or ContractStatus.DeliveredLate };
        RefuseUnless(
            isTaken, Party.Of(node), told, isPaid ? Refusal.AlreadyDelivered : Refusal.UnknownContract);
    }

    // What its patient has set aside, from the balance to the escrow of its name.
    private void SetAside(MarketFact.HelpOpened opened) =>
        _treasury.SetAside(opened.Bounty.Id, opened.Bounty.Worth);

    // It is told whose work it was: under that name its journal may have the wear undone.
    private void TellMended(MarketFact.Mended mended)
    {
        BountyId call = _market.Find(mended.Contract)!.Winner.Bounty;
        EndHelp(call.Patient, call.HelpNumber, HelpOutcome.Mended, mended.Contract);
    }

    private void EndClaim(MarketFact.ClaimEnded ended)
    {
        RepairClaim claim = ended.Claim;
        if (ended.IsPaid)
        {
            _treasury.Pay(claim.Bounty, claim.Node, claim.Pay);
        }

        Send(
            _roster[claim.Node].Link,
            new ContractClosed(
                ended.Contract,
                claim.Epoch,
                ended.IsPaid ? ContractOutcome.Settled : ContractOutcome.Expired,
                ended.IsPaid ? claim.Quantity : Grams.Zero,
                ended.IsPaid ? claim.Pay : Credits.Zero),
            Priority.Contract);
    }

    // What is left is the patient's own again.
    private void EndHelp(MarketFact.BountyClosed closed)
    {
        _treasury.GiveBack(closed.Bounty);
        if (closed.Total == Grams.Zero)
        {
            EndHelp(closed.Bounty.Patient, closed.Bounty.HelpNumber, HelpOutcome.Over, default);
        }
    }

    private void EndHelp(NodeId patient, uint number, HelpOutcome outcome, ContractId contract) =>
        Send(_roster[patient].Link, new HelpEnded(number, outcome, contract), Priority.Contract);
}

using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Market;
using Hanse.Core.Merge;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Hub;

/// <content>Work other than deliveries: how it is accepted and paid.</content>
public sealed partial class RegionalHub
{
    // A node whose claims do not count just now is not believed in this either.
    private void Take(Instant now, NodeId node, SurveyTold told)
    {
        bool isTaken = May(node, NodeAct.ClaimShared)
            && _market.Report(now, node, told.Contract, told.Epoch, told.Finding);
        RefuseUnless(isTaken, Party.Of(node), told, Refusal.UnknownContract);
        if (isTaken)
        {
            _market.CloseBounties(now);
        }
    }

    // The survey stood its time. It may be long after the contract was forgotten.
    private void PayKept(MarketFact.KeptPaid paid)
    {
        KeptPay kept = paid.Pay;
        _treasury.Pay(kept.Bounty, kept.Node, kept.Kept);
        Send(
            _roster[kept.Node].Link,
            new ContractClosed(paid.Contract, kept.Epoch, ContractOutcome.Settled, Grams.Zero, kept.Kept),
            Priority.Contract);
    }
}

using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Merge;
using Hanse.Core.Messages;

namespace Hanse.Core.Hub;

/// <summary>The market as the merge asks it: two rooms that do not know each other.</summary>
/// <param name="market">The only book of bounties and awards.</param>
internal sealed class MarketAwards(Auctioneer market) : IAwards
{
    /// <inheritdoc/>
    public AwardLine Find(ContractId contract)
    {
        if (market.Find(contract) is not { } found)
        {
            AwardStatus gone = market.WasGiven(contract) ? AwardStatus.Forgotten : AwardStatus.Unknown;
            return new AwardLine(gone, default, default, default, default, default);
        }

        AwardStatus status = found.Status switch
        {
            ContractStatus.Offered or ContractStatus.Accepted => AwardStatus.Live,
            ContractStatus.Expired or ContractStatus.Released or ContractStatus.Missed
                or ContractStatus.Unanswered or ContractStatus.Cancelled => AwardStatus.Recalled,
            ContractStatus.Settled or ContractStatus.DeliveredLate => AwardStatus.Delivered,
            _ => throw new UnreachableException($"no award is {found.Status}"),
        };
        Commodity commodity = market.Bounties.TryGetValue(found.Winner.Bounty, out OpenBounty? bounty)
            ? bounty.Bounty.Commodity : default;
        return new AwardLine(
            status, found.Winner.Node, found.Epoch, commodity, found.Winner.Quantity, found.Due);
    }

    /// <inheritdoc/>
    public Settlement Settle(Weighing weighing)
    {
        WeighingResult result = market.Weigh(
            weighing.Docking.Node, weighing.Contract, weighing.Epoch, weighing.Commodity, weighing.Mass);
        SettledAs how = result.Verdict switch
        {
            WeighingVerdict.Settled => SettledAs.InTime,
            WeighingVerdict.Late => SettledAs.Late,
            WeighingVerdict.AlreadyDelivered => SettledAs.Twice,
            WeighingVerdict.UnknownContract => SettledAs.Orphan,
            _ => throw new UnreachableException($"nothing is settled as {result.Verdict}"),
        };
        return new Settlement(how, result.Counted, result.Paid);
    }
}

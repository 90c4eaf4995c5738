using System;
using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Units;

namespace Hanse.Core.Tests.Strategy;

/// <content>Goods that nodes answer for: out of the store of depot 1, to depot 2.</content>
internal sealed partial class RegionLife
{
    private readonly Dictionary<ulong, (Commodity Commodity, long Mass, uint Node)> _custody = [];

    /// <summary>Goods whose custody ended.</summary>
    public int Landed { get; private set; }

    // A scale may show more than was handed out; no more than that counts.
    private (long Weighed, long Counted) Carry(ulong id, long weighed, long counted, long quantity)
    {
        bool isForeign = new ContractId(id).Region == new RegionId(9);
        long taken = _custody.TryGetValue(id, out (Commodity, long Mass, uint) goods) ? goods.Mass
            : isForeign ? quantity : 0;
        if (Tell(Lie.CountsMoreThanWasTaken))
        {
            return (taken + quantity + 9, taken + quantity + 9);
        }

        return (weighed, counted > weighed ? counted : Math.Min(counted, taken));
    }

    private void EndCustody()
    {
        if (Pick(_custody.Keys) is not { } id)
        {
            return;
        }

        (Commodity commodity, long mass, uint node) = _custody[id];
        uint at = (uint)_prng.Below(3);
        long weighed = at == 0 ? 0 : _prng.Below(mass + 2);
        long lost = _prng.Below(3) == 0 ? 0 : Math.Max(0, mass - weighed);
        lost = Tell(Lie.LosesWhatIsNotMissing) ? mass - weighed + 7 : lost;
        bool isFree = lost == 0 && Tell(Lie.ChargesForNothing);
        long charge = lost > 0 ? _prng.Below(_balances.GetValueOrDefault(node) + 1) : isFree ? 1 : 0;
        _attest(new RegionEntry.CustodyEnded(
            new ContractId(id), new DepotId(at), new Grams(weighed), new Grams(lost), new Credits(charge)));
        if (charge > 0 && _balances.GetValueOrDefault(node) >= charge)
        {
            _attest(new RegionEntry.Sold(new NodeId(node), new Credits(charge)));
            _balances[node] -= charge;
            Burned += charge;
        }

        _ = _custody.Remove(id);
        Landed++;
        if (at == 1)
        {
            _stores[commodity] = _stores.GetValueOrDefault(commodity) + weighed;
        }
    }
}

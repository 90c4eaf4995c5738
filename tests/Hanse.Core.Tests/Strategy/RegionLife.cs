using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Tests.Strategy;

/// <summary>How a hub lies, once; each is found under a code of its own.</summary>
public enum Lie
{
    None,
    PaysTwice,
    PaysMore,
    CountsMoreThanWeighed,
    AwardsMoreThanOpen,
    AwardsTwiceToOne,
    AwardsToStranger,
    AwardsUnknownBounty,
    AwardsAboveReserve,
    AwardsUnderOldEpoch,
    AwardsUnderOldCharter,
    AwardsWhenRelieved,
    AwardsOnUnsaid,
    CharterOfItsOwn,
    InventsEscrow,
    TakesEscrowTwice,
    SendsLessHome,
    SendsHomeUnderContract,
    SellsOnCredit,
    SeedsFromNothing,
    JoinsTwice,
    ForgetsVerdict,
    LeavesUnbidden,
    LeavesUnderContract,
    LeavesWithMore,
    AdoptsUnsent,
    HonoursMoreThanOpen,
    SendsLotsThatAreHeld,
    SendsPartOfALot,
    SendsLotsForLess,
    ReducesUnbidden,
    ReducesMoreThanOrdered,
    CancelsWhatIsWanted,
    CompensatesMore,
    AwardsUnwanted,
    KeepsMoreThanThePay,
    PaysKeptTwice,
    PaysKeptInPart,
    SendsHomeWhatIsHeldBack,
    HandsOutTwice,
    HandsOutMoreThanStored,
    BuildsMoreThanWasTaken,
    BringsBackMore,
    CountsMoreThanWasTaken,
    LosesWhatIsNotMissing,
    ChargesForNothing,
}

/// <summary>A deliberately dumb region: it does at random what a hub may do, keeps its books in plain tables
/// and attests what it did.</summary>
internal sealed partial class RegionLife
{
    private readonly Dictionary<ulong, (Bounty Bounty, long Open, long Escrow, long Paid)> _bounties = [];
    private readonly Dictionary<ulong, (ulong Bounty, uint Node, long Quantity, long Price, bool IsLive)>
        _contracts = [];

    private readonly Dictionary<ulong, (ulong Bounty, uint Node, long Amount)> _kept = [];
    private readonly Dictionary<ulong, (Commodity Commodity, long Mass)> _partsOut = [];
    private readonly Dictionary<Commodity, long> _stores = [];
    private readonly Dictionary<uint, long> _balances = [];
    private readonly Dictionary<uint, ulong> _accepted = [];
    private readonly Dictionary<ulong, uint> _epochs = [];
    private readonly HashSet<uint> _recalled = [];
    private readonly Dictionary<ulong, long> _wanted = [];
    private readonly Action<RegionEntry> _attest;
    private Prng _prng;
    private ulong _lastContract;
    private ulong _lastHome;
    private ulong _honoured;
    private uint _lastNode;

    public RegionLife(ulong seed, Action<RegionEntry> attest)
    {
        _prng = new Prng(seed);
        _attest = attest;
    }

    /// <summary>The lie to tell at the next occasion.</summary>
    public Lie Lie { get; set; }

    /// <summary>Whether it has been told.</summary>
    public bool HasLied { get; private set; }

    public long Reserve { get; private set; }

    public long Burned { get; private set; }

    public long Total => Reserve + Burned + _balances.Values.Sum()
        + _bounties.Values.Sum(bounty => bounty.Escrow - bounty.Paid);

    public IReadOnlyDictionary<uint, long> Balances => _balances;

    public int LiveContracts => _contracts.Values.Count(contract => contract.IsLive);

    /// <summary>Reports of bounties that are over, for the strategic layer.</summary>
    public List<BountyReport> Reports { get; } = [];

    /// <summary>Lots that went back, for the strategic layer.</summary>
    public List<LotsReturned> Lots { get; } = [];

    public void TakeCharter(Epoch charter, TransferId transfer, Credits seed)
    {
        _attest(new RegionEntry.SeedTaken(transfer, seed));
        _attest(new RegionEntry.Chartered(Tell(Lie.CharterOfItsOwn) ? new Epoch(9) : charter));
        Reserve += seed.Micro;
    }

    public void Take(Bounty bounty, TransferId transfer)
    {
        Credits worth = Tell(Lie.InventsEscrow) ? new Credits(bounty.Worth.Micro + 1) : bounty.Worth;
        _attest(new RegionEntry.EscrowTaken(transfer, bounty.Id, worth));
        if (Tell(Lie.TakesEscrowTwice))
        {
            _attest(new RegionEntry.EscrowTaken(transfer, bounty.Id, worth));
        }

        _bounties[bounty.Id.Value] = (bounty, bounty.Total.Value, bounty.Worth.Micro, 0);
    }

    /// <summary>A node is to go when it holds no work.</summary>
    public NodeId? Recall()
    {
        uint? node = Pick(_balances.Keys.Except(_recalled));
        return node is { } wanted && _recalled.Add(wanted) ? new NodeId(wanted) : null;
    }

    /// <summary>Less of a bounty is wanted; the hub hears so at once.</summary>
    /// <param name="order">Tells the strategic layer's records.</param>
    public void Reduce(Action<Reduction> order)
    {
        if (Pick(_bounties
            .Where(b => !new BountyId(b.Key).IsLots && b.Value.Bounty.Kind == WorkKind.Deliver)
            .Select(b => b.Key)) is not { } of)
        {
            return;
        }

        long before = _wanted.GetValueOrDefault(of, _bounties[of].Bounty.Total.Value);
        if (before == 0)
        {
            return;
        }

        long total = _prng.Below(2) == 0 ? 0 : _prng.Below(before);
        bool isUnbidden = !_wanted.ContainsKey(of) && Tell(Lie.ReducesUnbidden);
        long ordered = total + 1 < before && Tell(Lie.ReducesMoreThanOrdered) ? total + 1 : total;
        if (!isUnbidden)
        {
            order(new Reduction(new BountyId(of), new Grams(ordered)));
        }

        _wanted[of] = total;
        _attest(new RegionEntry.Reduced(new BountyId(of), new Grams(total)));
    }

    /// <summary>Contracts that were cancelled.</summary>
    public int Cancelled { get; private set; }

    /// <summary>A node comes, with its credits.</summary>
    public void Adopt(NodeId node, Epoch epoch, TransferId transfer, Credits balance)
    {
        TransferId told = Tell(Lie.AdoptsUnsent) ? new TransferId(77_777) : transfer;
        _attest(new RegionEntry.Adopted(node, epoch, told, balance));
        _balances[node.Value] = balance.Micro;
        _accepted[node.Value] = 0;
    }

    /// <summary>Does one thing at random.</summary>
    public void Live()
    {
        switch (_prng.Below(17))
        {
            case 11 or 12:
                EndKept();
                break;
            case 13 or 14:
                HandOut();
                break;
            case 15:
                TakeBack();
                break;
            case 16:
                EndCustody();
                break;
            case 10:
                SendLots();
                break;
            case 8:
                Leave();
                break;
            case 9:
                Honour();
                break;
            case 0:
                Join();
                break;
            case 1:
                Sell();
                break;
            case 2:
                Vouch();
                break;
            case 3 or 4 or 5:
                Award();
                break;
            case 6:
                End();
                break;
            default:
                SendHome();
                break;
        }
    }

    private void Join()
    {
        uint? present = Pick(_balances.Keys);
        bool isAgain = present is not null && Tell(Lie.JoinsTwice);
        uint node = isAgain ? present!.Value : ++_lastNode;
        var plan = new Plan(1, default, Instant.Epoch, []);
        _attest(new RegionEntry.Joined(
            new NodeId(node), new Epoch(1), new Enrol(new byte[32], 1, 1, new Grams(100), plan)));
        if (isAgain)
        {
            return;
        }

        _balances[node] = 0;
        _accepted[node] = 0;
        long seed = Math.Min(Reserve, 7);
        if (seed > 0 || Tell(Lie.SeedsFromNothing))
        {
            seed = seed > 0 ? seed : 1;
            _attest(new RegionEntry.Seeded(new NodeId(node), new Credits(seed)));
            _balances[node] = seed;
            Reserve -= Math.Min(seed, Reserve);
        }
    }

    private void Sell()
    {
        if (Pick(_balances.Keys) is not { } node)
        {
            return;
        }

        long amount = _prng.Below(_balances[node] + 1);
        amount = Tell(Lie.SellsOnCredit) ? _balances[node] + 1 : amount;
        _attest(new RegionEntry.Sold(new NodeId(node), new Credits(amount)));
        _balances[node] = Math.Max(0, _balances[node] - amount);
        Burned += amount;
    }

    private void Vouch()
    {
        if (Pick(_accepted.Keys) is not { } node)
        {
            return;
        }

        ulong blocks = _accepted[node] + (ulong)_prng.Below(3);
        blocks = _accepted[node] > 0 && Tell(Lie.ForgetsVerdict) ? _accepted[node] - 1 : blocks;
        _attest(new RegionEntry.Judged(new NodeId(node), blocks, ReturnOutcome.Accepted));
        _accepted[node] = blocks;
    }

    private void Award()
    {
        uint[] free = [.. _balances.Keys.Where(n => !_contracts.Values.Any(c => c.IsLive && c.Node == n))];
        uint[] held = [.. _balances.Keys.Except(free)];
        ulong? of = Pick(_bounties.Keys.Where(b => OpenOf(b) > 0
            || (Lie == Lie.AwardsUnwanted && _wanted.ContainsKey(b) && RoomOf(b) > 0)));
        uint? node = of is not null && held.Length > 0 && Tell(Lie.AwardsTwiceToOne) ? held[0] : Pick(free);
        if (node is null || of is null)
        {
            return;
        }

        (Bounty bounty, long open, long escrow, long paid) = _bounties[of.Value];
        long quantity = 1 + _prng.Below(Math.Max(1, OpenOf(of.Value)));
        bool isReduced = _wanted.ContainsKey(of.Value);
        quantity = isReduced && Tell(Lie.AwardsUnwanted) ? OpenOf(of.Value) + 1 : quantity;
        quantity = Tell(Lie.AwardsMoreThanOpen) ? open + 1 : quantity;
        long price = _prng.Below(bounty.ValuePerLot.Micro + 1);
        price = Tell(Lie.AwardsAboveReserve) ? bounty.ValuePerLot.Micro + 1 : price;
        uint epoch = _epochs.GetValueOrDefault(of.Value) + 1;
        epoch = epoch > 1 && Tell(Lie.AwardsUnderOldEpoch) ? epoch - 1 : epoch;
        if (Tell(Lie.AwardsWhenRelieved))
        {
            _attest(new RegionEntry.Relieved(new Epoch(1)));
        }

        _ = Tell(Lie.AwardsOnUnsaid);
        ulong id = ++_lastContract;
        _attest(new RegionEntry.Awarded(
            new ContractId(id),
            new Epoch(epoch),
            new Epoch(Tell(Lie.AwardsUnderOldCharter) ? 0U : 1U),
            Tell(Lie.AwardsUnknownBounty) ? new BountyId(9_999) : bounty.Id,
            new NodeId(Tell(Lie.AwardsToStranger) ? 8_888 : node.Value),
            new Grams(quantity),
            new Credits(price),
            Instant.Epoch));
        _epochs[of.Value] = epoch;
        _contracts[id] = (of.Value, node.Value, quantity, price, true);
        _bounties[of.Value] = (bounty, open - quantity, escrow, paid);
    }

    private void Leave()
    {
        uint[] held = [.. _contracts.Values.Where(c => c.IsLive).Select(c => c.Node)];
        uint? node = Pick(_recalled.Except(held));
        uint? other = Pick(_balances.Keys.Except(_recalled).Except(held));
        node = other is not null && Tell(Lie.LeavesUnbidden) ? other : node;
        other = Pick(_recalled.Intersect(held));
        node = other is not null && Tell(Lie.LeavesUnderContract) ? other : node;
        if (node is not { } gone)
        {
            return;
        }

        foreach ((ulong id, (ulong of, uint payee, long amount)) in _kept.ToArray())
        {
            if (payee == gone)
            {
                PayKept(id, of, payee, amount);
            }
        }

        long balance = _balances[gone] + (Tell(Lie.LeavesWithMore) ? 1 : 0);
        _attest(new RegionEntry.Left(new NodeId(gone), new Credits(balance)));
        _ = _recalled.Remove(gone);
        _ = _balances.Remove(gone);
        _ = _accepted.Remove(gone);
        foreach (ulong id in _contracts.Where(c => c.Value.Node == gone).Select(c => c.Key).ToArray())
        {
            _contracts[id] = _contracts[id] with { IsLive = false, Node = 0 };
        }
    }

    // Work that another hub gave, under a name of its own.
    private void Honour()
    {
        uint[] held = [.. _contracts.Values.Where(c => c.IsLive).Select(c => c.Node)];
        uint? node = Pick(_balances.Keys.Except(held));
        ulong? of = Pick(_bounties.Keys.Where(b => RoomOf(b) > 0));
        if (node is null || of is null)
        {
            return;
        }

        (Bounty bounty, long open, long escrow, long paid) = _bounties[of.Value];
        long quantity = Tell(Lie.HonoursMoreThanOpen) ? open + 1 : 1 + _prng.Below(RoomOf(of.Value));
        long price = _prng.Below(bounty.ValuePerLot.Micro + 1);
        ulong id = ContractId.After(new RegionId(9), ++_honoured).Value;
        _attest(new RegionEntry.Honoured(new NodeId(node.Value), new ContractTerms(
            new ContractId(id), new Epoch(1), bounty.Id, new Grams(quantity), new Credits(price),
            Instant.Epoch)));
        _epochs[of.Value] = Math.Max(_epochs.GetValueOrDefault(of.Value), 1);
        _contracts[id] = (of.Value, node.Value, quantity, price, true);
        _bounties[of.Value] = (bounty, open - quantity, escrow, paid);
    }

    private void End()
    {
        if (Pick(_contracts.Where(c => c.Value.Node > 0).Select(c => c.Key)) is not { } id)
        {
            return; // Who left takes its late deliveries along.
        }

        (ulong of, uint node, long quantity, long price, bool isLive) = _contracts[id];
        (Bounty bounty, long open, long escrow, long paid) = _bounties[of];
        bool isReduced = _wanted.TryGetValue(of, out long wanted);
        bool isExcess = isReduced && bounty.Total.Value - open - quantity >= wanted;
        if (isLive && _prng.Below(2) == 0
            && (isExcess || (!isReduced && Tell(Lie.CancelsWhatIsWanted))))
        {
            Cancel(id);
            return;
        }

        bool isDelivery = !isLive || _prng.Below(3) > 0;
        long weighed = isDelivery ? _prng.Below(quantity + 3) : 0;
        if (bounty.Kind == WorkKind.Build && isDelivery)
        {
            bool isForeign = new ContractId(id).Region == new RegionId(9);
            long taken = _partsOut.TryGetValue(id, out (Commodity, long Mass) parts) ? parts.Mass
                : isForeign ? quantity : 0;
            weighed = Tell(Lie.BuildsMoreThanWasTaken) ? (2 * taken) + 9 : Math.Min(weighed, taken);
        }
        else if (bounty.Kind == WorkKind.Deliver && isDelivery)
        {
            _stores[bounty.Commodity] = _stores.GetValueOrDefault(bounty.Commodity) + weighed;
        }

        _ = isDelivery && _partsOut.Remove(id);
        long counted = Math.Min(weighed, isLive ? quantity : Math.Min(quantity, OpenOf(of)));
        counted = isDelivery && Tell(Lie.CountsMoreThanWeighed) ? weighed + 1 : counted;
        if (bounty.Kind == WorkKind.Transport && isDelivery)
        {
            (weighed, counted) = Carry(id, weighed, counted, quantity);
        }

        long pay = new Credits(price).ForPart(new Grams(counted), bounty.Lot).Micro;
        pay = isDelivery && Tell(Lie.PaysMore) ? pay + 1 : pay;
        ContractOutcome outcome = !isLive ? ContractOutcome.DeliveredLate
            : isDelivery ? ContractOutcome.Settled
            : _prng.Below(2) == 0 ? ContractOutcome.Expired : ContractOutcome.Released;
        if (isDelivery && bounty.Kind == WorkKind.Survey && pay > 0)
        {
            // Never more than the pay is held back, which may be a part of what the contract is worth.
            long held = _prng.Below(pay + 1);
            long whole = new Credits(price).ForPart(new Grams(quantity), bounty.Lot).Micro;
            held = Tell(Lie.KeepsMoreThanThePay) ? whole + 1 : held;
            _attest(new RegionEntry.Kept(new ContractId(id), new Credits(held)));
            _kept[id] = (of, node, held);
            pay = Math.Max(0, pay - held);
        }

        var ended = new RegionEntry.Ended(
            new ContractId(id), outcome, new Grams(weighed), new Grams(counted), new Credits(pay));
        _attest(ended);
        if (pay > 0 && Tell(Lie.PaysTwice))
        {
            _attest(ended);
        }

        _balances[node] += pay;
        open += (isLive ? quantity : 0) - counted;
        _bounties[of] = (bounty, open, escrow, paid + pay);
        if (isDelivery)
        {
            _ = _contracts.Remove(id);
        }
        else
        {
            _contracts[id] = (of, node, quantity, price, false);
        }
    }

    // What is not delivered or held and is left after what was paid for stopping, at the bounty's own price.
    private long RoomOf(ulong of)
    {
        (Bounty bounty, long open, long escrow, long paid) = _bounties[of];
        long held = _contracts.Values.Where(c => c.IsLive && c.Bounty == of).Sum(c => c.Quantity);
        long covered = open + held;
        while (covered > 0
            && bounty.ValuePerLot.ForPart(new Grams(covered), bounty.Lot).Micro > escrow - paid)
        {
            covered--;
        }

        return Math.Max(0, covered - held);
    }

    private long OpenOf(ulong of)
    {
        (Bounty bounty, long open, long _, long _) = _bounties[of];
        long total = bounty.Total.Value;
        return Math.Clamp(_wanted.GetValueOrDefault(of, total) - (total - open), 0, RoomOf(of));
    }

    private void Cancel(ulong id)
    {
        (ulong of, uint node, long quantity, long price, bool _) = _contracts[id];
        (Bounty bounty, long open, long escrow, long paid) = _bounties[of];
        long most = new Credits(price).ForPart(new Grams(quantity), bounty.Lot).Micro;
        long pay = Tell(Lie.CompensatesMore) ? most + 1 : _prng.Below(most + 1);
        _attest(new RegionEntry.Ended(
            new ContractId(id), ContractOutcome.Cancelled, default, default, new Credits(pay)));
        Cancelled++;
        _balances[node] += pay;
        _bounties[of] = (bounty, open + quantity, escrow, paid + pay);
        _ = _contracts.Remove(id);
    }

    private void EndKept()
    {
        if (Pick(_kept.Keys) is { } id)
        {
            (ulong of, uint node, long amount) = _kept[id];
            if (_prng.Below(3) == 0)
            {
                _attest(new RegionEntry.KeptEnded(new ContractId(id), default));
                _ = _kept.Remove(id);
                return;
            }

            PayKept(id, of, node, amount);
        }
    }

    private void PayKept(ulong id, ulong of, uint node, long amount)
    {
        long told = amount > 1 && Tell(Lie.PaysKeptInPart) ? amount - 1 : amount;
        _attest(new RegionEntry.KeptEnded(new ContractId(id), new Credits(told)));
        if (amount > 0 && Tell(Lie.PaysKeptTwice))
        {
            _attest(new RegionEntry.KeptEnded(new ContractId(id), new Credits(told)));
        }

        _ = _kept.Remove(id);
        (Bounty bounty, long open, long escrow, long paid) = _bounties[of];
        _bounties[of] = (bounty, open, escrow, paid + amount);
        _balances[node] += amount;
    }

    private void HandOut()
    {
        ulong? of = Pick(_contracts
            .Where(c => c.Value.IsLive && _bounties[c.Value.Bounty].Bounty.Source == new DepotId(1))
            .Select(c => c.Key));
        if (of is not { } id)
        {
            return;
        }

        Commodity commodity = _bounties[_contracts[id].Bounty].Bounty.Commodity;
        long stored = _stores.GetValueOrDefault(commodity);
        long mass = Math.Min(stored, _contracts[id].Quantity);
        bool isTransport = _bounties[_contracts[id].Bounty].Bounty.Kind == WorkKind.Transport;
        bool isAgain = _partsOut.ContainsKey(id) || _custody.ContainsKey(id);
        bool lies = isAgain ? Tell(Lie.HandsOutTwice) : Tell(Lie.HandsOutMoreThanStored);
        mass = lies ? Math.Max(1, isAgain ? mass : stored + 1) : mass;
        if (lies || (!isAgain && mass > 0))
        {
            _attest(new RegionEntry.PartsTaken(new ContractId(id), new Grams(mass)));
            if (isTransport)
            {
                _custody[id] = (commodity, mass, _contracts[id].Node);
            }
            else
            {
                _partsOut[id] = (commodity, mass);
            }

            _stores[commodity] = Math.Max(0, stored - mass);
        }
    }

    private void TakeBack()
    {
        if (Pick(_partsOut.Keys) is { } id)
        {
            (Commodity commodity, long mass) = _partsOut[id];
            long back = Tell(Lie.BringsBackMore) ? mass + 1 : _prng.Below(mass + 1);
            _attest(new RegionEntry.PartsBack(new ContractId(id), new Grams(back)));
            _ = _partsOut.Remove(id);
            _stores[commodity] = _stores.GetValueOrDefault(commodity) + back;
        }
    }

    private void SendHome()
    {
        ulong[] live =
        [
            .. _contracts.Values.Where(c => c.IsLive).Select(c => c.Bounty),
            .. _kept.Values.Select(kept => kept.Bounty),
        ];
        ulong[] held = [.. _kept.Values.Select(kept => kept.Bounty)];
        ulong? of = live.Length > held.Length && Tell(Lie.SendsHomeUnderContract) ? live[0]
            : held.Length > 0 && Tell(Lie.SendsHomeWhatIsHeldBack) ? held[0]
            : Pick(_bounties.Keys.Except(live));
        if (of is null || (_prng.Below(4) > 0 && !HasLied))
        {
            return;
        }

        (Bounty bounty, long open, long escrow, long paid) = _bounties[of.Value];
        long left = escrow - paid;
        left = left > 0 && Tell(Lie.SendsLessHome) ? left - 1 : left;
        var transfer = new TransferId(++_lastHome);
        _attest(new RegionEntry.SentHome(bounty.Id, transfer, new Credits(left)));
        Reports.Add(new BountyReport(
            bounty.Id, BountyOutcome.PartlyFilled,
            bounty.Total - new Grams(open + _contracts.Values.Where(c => c.IsLive && c.Bounty == of.Value)
                .Sum(c => c.Quantity)),
            new Credits(paid), default, transfer, new Credits(left)));
        _ = _bounties.Remove(of.Value);
        foreach (ulong id in _contracts.Where(c => c.Value.Bounty == of.Value).Select(c => c.Key).ToArray())
        {
            _ = _contracts.Remove(id);
            _ = _partsOut.Remove(id);
        }
    }

    private void SendLots()
    {
        if (Pick(_bounties.Where(b => new BountyId(b.Key).IsLots).Select(b => b.Key)) is not { } of)
        {
            return;
        }

        (Bounty bounty, long open, long escrow, long paid) = _bounties[of];
        long lots = open / bounty.Lot.Value;
        long quantity = bounty.Lot.Value * (lots == 0 ? 0 : 1 + _prng.Below(lots));
        quantity = Tell(Lie.SendsLotsThatAreHeld) ? bounty.Lot.Value * (lots + 1) : quantity;
        quantity = open > 0 && Tell(Lie.SendsPartOfALot) ? 1 : quantity;
        if (quantity == 0)
        {
            return;
        }

        long worth = bounty.ValuePerLot.ForPart(new Grams(quantity), bounty.Lot).Micro;
        long amount = worth > 0 && Tell(Lie.SendsLotsForLess) ? worth - 1 : worth;
        var transfer = new TransferId(++_lastHome);
        _attest(new RegionEntry.LotsSent(bounty.Id, transfer, new Grams(quantity), new Credits(amount)));
        Lots.Add(new LotsReturned(
            bounty.Id, new Grams(quantity), default, LotsReason.NoOffer, transfer, new Credits(amount)));
        if (quantity < bounty.Total.Value)
        {
            Bounty fewer = bounty with { Total = bounty.Total - new Grams(quantity) };
            _bounties[of] = (fewer, open - quantity, escrow - worth, paid);
            return;
        }

        _ = _bounties.Remove(of);
        foreach (ulong id in _contracts.Where(c => c.Value.Bounty == of).Select(c => c.Key).ToArray())
        {
            _ = _contracts.Remove(id);
        }
    }

    private bool Tell(Lie lie)
    {
        bool tells = Lie == lie && !HasLied;
        HasLied |= tells;
        return tells;
    }

    private TKey? Pick<TKey>(IEnumerable<TKey> keys)
        where TKey : struct
    {
        TKey[] all = [.. keys];
        return all.Length == 0 ? null : all[(int)_prng.Below(all.Length)];
    }
}

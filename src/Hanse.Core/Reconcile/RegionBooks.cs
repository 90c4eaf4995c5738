using System;
using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

/// <summary>Layers 4 to 6 for a hub: the region's books, folded again from its journal and held against the
/// strategic layer's own.</summary>
/// <remarks>
/// The problem: a hub was alone for weeks with escrow, and paid, promised and awarded out of it. The idea is
/// the auditor's: fold the journal into books of one's own, and see at every entry that nothing is made of
/// nothing.
/// <para>
/// Invariants that the fold demands. Of a bounty: delivered + under contract + open = total, none below zero;
/// escrow taken = paid + promised + left, and what is left goes home. A node holds at most one live contract.
/// A contract's epoch is above all before it of the same bounty, its price at most the reserve, its payment
/// the price of what counted. No balance is below zero. Nothing is decided under an epoch that is not the
/// charter's. What came in is what the strategic layer sent, and what went home is what it was told. A node
/// comes and goes by the strategic layer's word, with its balance, and goes without work.
/// </para>
/// <para>
/// After a fault the fold goes on as well as it can, within range, so that an operator sees how much follows
/// from it. Deliberately absent: clearing the batches again from their sealed sheets, which the journal does
/// not hold; whether an award was the best one is not proved, only that it was possible.
/// </para>
/// </remarks>
public sealed partial class RegionBooks
{
    /// <summary>Most nodes of a region.</summary>
    public const int NodesMax = 100_000;

    /// <summary>Most contracts kept: the live ones, and the dead ones of bounties that are not
    /// over.</summary>
    public const int ContractsMax = 400_000;

    /// <summary>Most bounties kept: the open ones, and those whose reports have not come.</summary>
    public const int BountiesMax = 40_000;

    private readonly SortedDictionary<BountyId, BountyBook> _bounties = [];
    private readonly SortedDictionary<ContractId, ContractBook> _contracts = [];
    private readonly SortedDictionary<NodeId, NodeBook> _nodes = [];
    private readonly SortedDictionary<BountyId, Homebound> _homebound = [];
    private readonly SortedDictionary<TransferId, LotsHome> _lotsHome = [];
    private readonly SortedDictionary<ContractId, KeptBook> _kept = [];

    // What depots have in store, and what they handed out that is neither built nor back.
    private readonly SortedDictionary<(DepotId Depot, Commodity Commodity), Grams> _stores = [];
    private readonly SortedDictionary<ContractId, PartsBook> _partsOut = [];

    // Goods that nodes answer for; they may do so when the bounty is long over.
    private readonly SortedDictionary<ContractId, PartsBook> _custody = [];

    // Of the strategic layer's records, those that this journal has told as well.
    private readonly SortedSet<ulong> _told = [];
    private readonly SortedSet<ulong> _reported = [];
    private readonly SortedSet<ulong> _lotsReported = [];
    private readonly SortedSet<ulong> _reducedOver = [];

    // What is wanted of bounties that were reduced and are not over.
    private readonly SortedDictionary<BountyId, Grams> _wanted = [];

    private ulong _lastContract;
    private ulong _lastTransfer;

    /// <summary>The authority the hub decides under; zero before its charter.</summary>
    public Epoch Charter { get; private set; }

    /// <summary>Whether the hub knows that its authority is over.</summary>
    public bool IsRelieved { get; private set; }

    /// <summary>Credits for new nodes.</summary>
    public Credits Reserve { get; private set; }

    /// <summary>Credits burned.</summary>
    public Credits Burned { get; private set; }

    /// <summary>The last contract given.</summary>
    public ContractId LastContract => new(_lastContract);

    /// <summary>Bounties that are not over.</summary>
    public IReadOnlyDictionary<BountyId, BountyBook> Bounties => _bounties;

    /// <summary>Contracts that are live or may still be delivered late.</summary>
    public IReadOnlyDictionary<ContractId, ContractBook> Contracts => _contracts;

    /// <summary>Nodes of the region.</summary>
    public IReadOnlyDictionary<NodeId, NodeBook> Nodes => _nodes;

    /// <summary>Bounties that are over and whose reports have not come.</summary>
    public IReadOnlyDictionary<BountyId, Homebound> Homebound => _homebound;

    /// <summary>Lots that went back and whose message has not come, by the hub's transfers.</summary>
    public IReadOnlyDictionary<TransferId, LotsHome> LotsHome => _lotsHome;

    /// <summary>What is held back of the pay for surveys; it is part of what is left of their
    /// bounties.</summary>
    public IReadOnlyDictionary<ContractId, KeptBook> Kept => _kept;

    /// <summary>All credits in these books.</summary>
    public Credits Total
    {
        get
        {
            Credits sum = Reserve + Burned;
            foreach (BountyBook bounty in _bounties.Values)
            {
                sum += bounty.Left;
            }

            foreach (NodeBook node in _nodes.Values)
            {
                sum += node.Balance;
            }

            return sum;
        }
    }

    /// <summary>The same books, to go on from without changing these.</summary>
    internal RegionBooks Copy()
    {
        var buffer = new ByteBuffer();
        var writer = new CborWriter(buffer);
        Shape(ref writer);
        var copy = new RegionBooks();
        var reader = new CborReader(buffer.Written.ToArray());
        copy.Shape(ref reader);
        Invariant.Holds(!reader.Failed);
        return copy;
    }

    /// <summary>Takes what both sides have told out of the records.</summary>
    internal RegionRecords Settle(RegionRecords records)
    {
        foreach (ulong transfer in _told)
        {
            records = records with { Sent = records.Sent.Remove(new TransferId(transfer)) };
        }

        foreach (ulong bounty in _reported)
        {
            records = records with { Reports = records.Reports.Remove(new BountyId(bounty)) };
        }

        foreach (ulong transfer in _lotsReported)
        {
            records = records with { Lots = records.Lots.Remove(new TransferId(transfer)) };
        }

        foreach (ulong bounty in _reducedOver)
        {
            records = records with { Reduced = records.Reduced.Remove(new BountyId(bounty)) };
        }

        _told.Clear();
        _reported.Clear();
        _lotsReported.Clear();
        _reducedOver.Clear();
        return records;
    }

    /// <summary>A report came, of a bounty that the journal may have told the end of.</summary>
    /// <returns>True if it says the same; false if not; null when the journal has not told.</returns>
    internal bool? Hear(BountyReport report) =>
        _homebound.Remove(report.Bounty, out Homebound? told) ? told.IsAs(report) : null;

    /// <summary>A message about lots came, of which the journal may have told.</summary>
    /// <returns>True if it says the same; false if not; null when the journal has not told.</returns>
    internal bool? Hear(LotsReturned returned) =>
        _lotsHome.Remove(returned.Transfer, out LotsHome? told) ? told.IsAs(returned) : null;

    /// <summary>Takes one entry.</summary>
    internal void Take(RegionEntry entry, RegionRecords records, in Finder at)
    {
        switch (entry)
        {
            case RegionEntry.Chartered(var charter):
                at.Unless(charter.Value > Charter.Value && charter.Value <= records.Charter.Value,
                    ReasonCode.AuthorityUnfounded, records.Charter.Value, charter.Value);
                Charter = charter;
                IsRelieved = false;
                break;
            case RegionEntry.Relieved(var over):
                at.Unless(over == Charter, ReasonCode.AuthorityUnfounded, Charter.Value, over.Value);
                IsRelieved = true;
                break;
            case RegionEntry.SeedTaken(var transfer, var amount):
                _ = Book(transfer, amount, records, at, sent => sent.Work is null && sent.Machine is null);
                Reserve = Sum(Reserve, amount);
                break;
            case RegionEntry.EscrowTaken(var transfer, var bounty, var amount):
                TakeEscrow(transfer, bounty, amount, records, at);
                break;
            case RegionEntry.Awarded awarded:
                Award(awarded, records, at);
                break;
            case RegionEntry.Ended ended:
                End(ended, at);
                break;
            case RegionEntry.Reduced reduced:
                Reduce(reduced, records, at);
                break;
            case RegionEntry.Recognised recognised:
                Recognise(recognised, at);
                break;
            case RegionEntry.PartsTaken(var contract, var mass):
                HandOut(contract, mass, at);
                break;
            case RegionEntry.PartsBack(var contract, var mass):
                TakeBack(contract, mass, at);
                break;
            case RegionEntry.CustodyEnded ended:
                EndCustody(ended, at);
                break;
            case RegionEntry.HelpOpened(var call):
                OpenHelp(call, at);
                break;
            case RegionEntry.HelpClosed(var call):
                CloseHelp(call, at);
                break;
            case RegionEntry.Mended(var contract, _):
                Mend(contract, at);
                break;
            case RegionEntry.RepairPaid(var contract, var paid):
                PayRepair(contract, paid, at);
                break;
            case RegionEntry.Kept(var contract, var amount):
                KeepBack(contract, amount, at);
                break;
            case RegionEntry.KeptEnded(var contract, var paid):
                EndKept(contract, paid, at);
                break;
            case RegionEntry.SentHome home:
                SendHome(home, records, at);
                break;
            case RegionEntry.LotsSent lots:
                SendLots(lots, records, at);
                break;
            case RegionEntry.Joined(var node, var epoch, _):
                bool isNew = !_nodes.ContainsKey(node) && epoch.Value > 0;
                at.Unless(isNew, ReasonCode.NodeUnknown, 0, node.Value);
                Keep(_nodes, node, new NodeBook(epoch, default, default, 0) { Since = at.At }, NodesMax, at);
                break;
            case RegionEntry.Adopted adopted:
                Adopt(adopted, records, at);
                break;
            case RegionEntry.Honoured(var node, var terms):
                Honour(node, terms, at);
                break;
            case RegionEntry.Left(var node, var amount):
                Leave(node, amount, records, at);
                break;
            case RegionEntry.Retired(var node, var amount):
                Retire(node, amount, at);
                break;
            case RegionEntry.Seeded(var node, var amount):
                at.Unless(amount <= Reserve, ReasonCode.BalanceExceeded, Reserve.Micro, amount.Micro);
                Reserve = Less(Reserve, amount);
                Give(node, amount, at);
                break;
            case RegionEntry.Sold(var node, var amount):
                Sell(node, amount, at);
                break;
            case RegionEntry.Judged(var node, var blocks, _):
                NodeBook? judged = Find(node, at);
                at.Unless(judged is null || blocks >= judged.Blocks, ReasonCode.VerdictUnfounded,
                    (long)(judged?.Blocks ?? 0), (long)blocks);
                Change(node, book => book with { Blocks = Math.Max(blocks, book.Blocks) });
                break;
            case RegionEntry.Vouched(var node, var accepted):
                bool isState = CborReader.TryRead(accepted, out AcceptedState? state, out _);
                at.Unless(isState && state!.Head.Size == Find(node, at)?.Blocks, ReasonCode.VerdictUnfounded,
                    (long)(Find(node, at)?.Blocks ?? 0), (long)(state?.Head.Size ?? 0));
                break;
            default:
                break; // A closed set.
        }
    }

    /// <summary>Walks the state, for snapshots and marks.</summary>
    internal void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("regionBooks", 22);
        Charter = codec.Epoch("charter", Charter);
        IsRelieved = codec.Flag("isRelieved", IsRelieved);
        Reserve = codec.Money("reserve", Reserve);
        Burned = codec.Money("burned", Burned);
        _lastContract = codec.Count("lastContract", _lastContract);
        _lastTransfer = codec.Count("lastTransfer", _lastTransfer);
        codec.Table(
            "bounties",
            _bounties,
            static (ref TCodec c, BountyId key) => c.Bounty("bounty", key),
            static (ref TCodec c, BountyBook value) => BountyBook.Shape(ref c, value));
        codec.Table(
            "contracts",
            _contracts,
            static (ref TCodec c, ContractId key) => c.Contract("contract", key),
            static (ref TCodec c, ContractBook value) => ContractBook.Shape(ref c, value));
        codec.Table(
            "nodes",
            _nodes,
            static (ref TCodec c, NodeId key) => c.Node("node", key),
            static (ref TCodec c, NodeBook value) => NodeBook.Shape(ref c, value));
        codec.Table(
            "homebound",
            _homebound,
            static (ref TCodec c, BountyId key) => c.Bounty("bounty", key),
            static (ref TCodec c, Homebound value) => Reconcile.Homebound.Shape(ref c, value));
        codec.Set("told", _told, static (ref TCodec c, ulong number) => c.Count("number", number));
        codec.Table(
            "lotsHome",
            _lotsHome,
            static (ref TCodec c, TransferId key) => c.Transfer("transfer", key),
            static (ref TCodec c, LotsHome value) => Reconcile.LotsHome.Shape(ref c, value));
        codec.Set(
            "lotsReported", _lotsReported, static (ref TCodec c, ulong number) => c.Count("number", number));
        codec.Set("reported", _reported, static (ref TCodec c, ulong number) => c.Count("number", number));
        codec.Table(
            "wanted",
            _wanted,
            static (ref TCodec c, BountyId key) => c.Bounty("bounty", key),
            static (ref TCodec c, Grams value) => c.Mass("total", value));
        codec.Set(
            "reducedOver", _reducedOver, static (ref TCodec c, ulong number) => c.Count("number", number));
        codec.Table(
            "stores",
            _stores,
            static (ref TCodec c, (DepotId Depot, Commodity Commodity) key) =>
            {
                c.Open("store", 2);
                DepotId depot = c.Depot("depot", key.Depot);
                var commodity = (Commodity)c.Integer("commodity", (long)key.Commodity, 1, 4);
                c.Close();
                return (depot, commodity);
            },
            static (ref TCodec c, Grams value) => c.Mass("mass", value));
        codec.Table(
            "partsOut",
            _partsOut,
            static (ref TCodec c, ContractId key) => c.Contract("contract", key),
            static (ref TCodec c, PartsBook value) => PartsBook.Shape(ref c, value));
        codec.Table(
            "custody",
            _custody,
            static (ref TCodec c, ContractId key) => c.Contract("contract", key),
            static (ref TCodec c, PartsBook value) => PartsBook.Shape(ref c, value));
        codec.Table(
            "kept",
            _kept,
            static (ref TCodec c, ContractId key) => c.Contract("contract", key),
            static (ref TCodec c, KeptBook value) => KeptBook.Shape(ref c, value));
        ShapeRepairs(ref codec);
        codec.Close();
    }

    private void TakeEscrow(
        TransferId transfer, BountyId bounty, Credits amount, RegionRecords records, in Finder at)
    {
        if (Book(transfer, amount, records, at, sent => sent.Work?.Bounty.Id == bounty) is { } sent)
        {
            _ = Keep(_bounties, bounty, sent.Work!, BountiesMax, at);
        }
    }

    // What came in must be what was sent, once.
    private Sending? Book(
        TransferId transfer, Credits amount, RegionRecords records, in Finder at, Func<Sending, bool> isFor)
    {
        Sending? sent = records.Sent.GetValueOrDefault(transfer);
        bool isSent = sent is not null && sent.Amount == amount && isFor(sent) && _told.Add(transfer.Value);
        at.Unless(isSent, ReasonCode.LedgerDiffers, sent?.Amount.Micro ?? 0, amount.Micro);
        return isSent ? sent : null;
    }

    // A node that comes back to where it was before has left in between.
    private void Adopt(RegionEntry.Adopted adopted, RegionRecords records, in Finder at)
    {
        Sending? sent = Book(adopted.Transfer, adopted.Amount, records, at, sent =>
            sent.Machine is { } machine && machine.Node == adopted.Node && machine.Epoch == adopted.Epoch);
        at.Unless(!_nodes.ContainsKey(adopted.Node), ReasonCode.NodeUnknown, 0, adopted.Node.Value);
        if (sent is not null)
        {
            Keep(_nodes, adopted.Node,
                new NodeBook(adopted.Epoch, adopted.Amount, default, sent.Machine!.Dossier.Blocks)
                {
                    Since = at.At,
                },
                NodesMax, at);
        }
    }

    // Given by another hub, or taken back by this one before: its terms must fit the bounty, and those that
    // are known already change in nothing but a later due time.
    private void Honour(NodeId node, ContractTerms terms, in Finder at)
    {
        NodeBook? holder = Find(node, at);
        if (_repairs.TryGetValue(terms.Contract, out RepairBook? repair))
        {
            at.Unless(repair.Bounty == terms.Bounty && repair.Node == node, ReasonCode.ContractNotHeld, 0,
                (long)terms.Contract.Value);
            HoldRepair(terms, node, at);
            return;
        }

        if (_contracts.TryGetValue(terms.Contract, out ContractBook? known))
        {
            bool isSame = known with { Due = terms.Due, IsLive = true } == new ContractBook(
                terms.Epoch, terms.Bounty, node, terms.Quantity, terms.PricePerLot, terms.Due, IsLive: true);
            bool isLater = terms.Due > known.Due || (!known.IsLive && terms.Due == known.Due);
            at.Unless(isSame && isLater, ReasonCode.ContractNotHeld, known.Due.Micros, terms.Due.Micros);
            if (!isSame || !isLater)
            {
                return;
            }

            if (known.IsLive)
            {
                _contracts[terms.Contract] = known with { Due = terms.Due };
                return;
            }

            _ = _contracts.Remove(terms.Contract);
        }

        at.Unless(holder is null || holder.Held.Value == 0, ReasonCode.NodeHeldTwice,
            (long)(holder?.Held.Value ?? 0), (long)terms.Contract.Value);
        Hold(terms, node, at);
    }

    // With what it owned, and without work; nobody lets a node go that was not told to.
    private void Leave(NodeId node, Credits amount, RegionRecords records, in Finder at)
    {
        at.Unless(records.Recalled.ContainsKey(node), ReasonCode.AuthorityUnfounded, 0, node.Value);
        Part(node, amount, at);
    }

    // Whoever retires owes nothing, and what it owned is what others begin with.
    private void Retire(NodeId node, Credits amount, in Finder at)
    {
        Credits owned = _nodes.GetValueOrDefault(node)?.Balance ?? default;
        Part(node, amount, at);
        Reserve = Sum(Reserve, owned);
    }

    private void Part(NodeId node, Credits amount, in Finder at)
    {
        NodeBook? book = Find(node, at);
        at.Unless(book is null || book.Held.Value == 0, ReasonCode.NodeHeldTwice, 0,
            (long)(book?.Held.Value ?? 0));
        at.Unless(book is null || book.Balance == amount, ReasonCode.BalanceExceeded,
            book?.Balance.Micro ?? 0, amount.Micro);
        Credits aside = SetAsideBy(node);
        at.Unless(aside == Credits.Zero, ReasonCode.BalanceExceeded, 0, aside.Micro);
        _ = _nodes.Remove(node);
    }

    private void Award(RegionEntry.Awarded awarded, RegionRecords records, in Finder at)
    {
        bool knowsBetter = IsRelieved || (records.Charter == Charter && at.At > records.EndHeard);
        bool isFounded = awarded.Charter == Charter && Charter.Value > 0 && !knowsBetter;
        at.Unless(isFounded, ReasonCode.AuthorityUnfounded, Charter.Value, awarded.Charter.Value);
        NodeBook? node = Find(awarded.Node, at);
        at.Unless(node is null || node.Held.Value == 0, ReasonCode.NodeHeldTwice,
            (long)(node?.Held.Value ?? 0), (long)awarded.Contract.Value);
        Epoch last = _bounties.GetValueOrDefault(awarded.Bounty)?.LastEpoch ?? default;
        at.Unless(awarded.Contract.Value > _lastContract && awarded.Epoch.Value > last.Value,
            ReasonCode.EpochNotRising, last.Value, awarded.Epoch.Value);
        _lastContract = Math.Max(_lastContract, awarded.Contract.Value);
        if (_wanted.TryGetValue(awarded.Bounty, out Grams wanted)
            && _bounties.TryGetValue(awarded.Bounty, out BountyBook? reduced))
        {
            // What was given before and is not wanted any more goes on; nothing is given on top.
            Grams left = Grams.Max(Grams.Zero, wanted - reduced.Delivered - reduced.UnderContract);
            at.Unless(awarded.Quantity <= left, ReasonCode.AwardExceedsOpen, left.Value,
                awarded.Quantity.Value);
        }

        var terms = new ContractTerms(
            awarded.Contract, awarded.Epoch, awarded.Bounty, awarded.Quantity, awarded.PricePerLot,
            awarded.Due);
        if (awarded.Bounty.IsHelp)
        {
            HoldRepair(terms, awarded.Node, at);
            return;
        }

        Hold(terms, awarded.Node, at);
    }

    // A contract holds its part of a bounty, if that is open.
    private void Hold(ContractTerms terms, NodeId node, in Finder at)
    {
        if (!_bounties.TryGetValue(terms.Bounty, out BountyBook? bounty))
        {
            at.Unless(false, ReasonCode.BountyUnknown, 0, (long)terms.Bounty.Value);
            return;
        }

        at.Unless(terms.Quantity > Grams.Zero && terms.Quantity <= bounty.Open,
            ReasonCode.AwardExceedsOpen, bounty.Open.Value, terms.Quantity.Value);
        at.Unless(terms.PricePerLot <= bounty.Bounty.ValuePerLot, ReasonCode.PriceAboveReserve,
            bounty.Bounty.ValuePerLot.Micro, terms.PricePerLot.Micro);
        var contract = new ContractBook(
            terms.Epoch, terms.Bounty, node, Grams.Min(terms.Quantity, bounty.Bounty.Total),
            Credits.Min(terms.PricePerLot, bounty.Bounty.ValuePerLot), terms.Due, IsLive: true);
        if (!_contracts.ContainsKey(terms.Contract)
            && Keep(_contracts, terms.Contract, contract, ContractsMax, at))
        {
            Change(node, book => book with { Held = terms.Contract });
            _bounties[terms.Bounty] = bounty with
            {
                UnderContract = Sum(bounty.UnderContract, contract.Quantity),
                Contracts = bounty.Contracts + 1,
                LastEpoch = new Epoch(Math.Max(bounty.LastEpoch.Value, terms.Epoch.Value)),
            };
        }
    }

    // By the strategic layer's order, and no less than that; or of its backup, when something has arrived:
    // how much suffices is a matter of the scale's tolerance; or since a joint work is broken, and then no
    // less than has arrived.
    private void Reduce(RegionEntry.Reduced reduced, RegionRecords records, in Finder at)
    {
        bool isKnown = _bounties.TryGetValue(reduced.Bounty, out BountyBook? bounty);
        at.Unless(isKnown, ReasonCode.BountyUnknown, 0, (long)reduced.Bounty.Value);
        bool isOrdered = records.Reduced.TryGetValue(reduced.Bounty, out Reduction? order)
            && reduced.Total >= order.Total && reduced.Total < (bounty?.Bounty.Total ?? default);
        isOrdered |= bounty is { Bounty.Backup.Value: > 0 } && reduced.Total == bounty.Bounty.Needed
            && bounty.Delivered > Grams.Zero;
        isOrdered |= bounty is { Bounty.Joint.IsNone: false } && reduced.Total == bounty.Delivered;
        at.Unless(isOrdered, ReasonCode.AuthorityUnfounded, order?.Total.Value ?? 0, reduced.Total.Value);
        if (isKnown && isOrdered)
        {
            _wanted[reduced.Bounty] = reduced.Total;
        }
    }

    // A compensation is at most the price, and only what was reduced is cancelled.
    private void Cancel(
        RegionEntry.Ended ended, ContractBook contract, BountyBook bounty, in Finder at)
    {
        at.Unless(_wanted.ContainsKey(contract.Bounty), ReasonCode.AuthorityUnfounded, 0,
            (long)ended.Contract.Value);
        Credits most = contract.PricePerLot.ForPart(contract.Quantity, bounty.Bounty.Lot);
        at.Unless(ended.Paid <= most, ReasonCode.PaidOtherwise, most.Micro, ended.Paid.Micro);
    }

    private void End(RegionEntry.Ended ended, in Finder at)
    {
        if (_repairs.ContainsKey(ended.Contract))
        {
            EndRepair(ended.Contract, ended.Outcome, ended.Paid, at);
            return;
        }

        bool isKnown = _contracts.TryGetValue(ended.Contract, out ContractBook? contract);
        bool isDelivery = ended.Outcome is ContractOutcome.Settled or ContractOutcome.DeliveredLate;
        bool isCancelled = ended.Outcome == ContractOutcome.Cancelled;
        bool isEmpty = ended.Counted == Grams.Zero && ended.Paid == Credits.Zero;
        if (!isKnown)
        {
            // Of a bounty that is over a late delivery may still be recognised; it counts for nothing.
            at.Unless(ended.Outcome == ContractOutcome.DeliveredLate && isEmpty && IsOld(ended.Contract),
                ReasonCode.ContractNotHeld, 0, (long)ended.Contract.Value);
            return;
        }

        at.Unless(contract!.IsLive == (ended.Outcome != ContractOutcome.DeliveredLate),
            ReasonCode.ContractNotHeld, contract.IsLive ? 1 : 0, (long)ended.Contract.Value);
        BountyBook bounty = _bounties[contract.Bounty];
        Grams taken = Weighable(ended.Contract, contract, bounty.Bounty);
        Grams shown = bounty.Bounty.Kind == WorkKind.Transport ? ended.Counted : ended.Weighed;
        at.Unless(!isDelivery || shown <= taken, ReasonCode.PartsUnfounded, taken.Value, shown.Value);
        if (isDelivery)
        {
            Store(ended, bounty.Bounty);
            if (_nodes.TryGetValue(contract.Node, out NodeBook? deliverer))
            {
                _nodes[contract.Node] = deliverer with { Settled = deliverer.Settled + 1 };
            }
        }

        Grams countedMax = isDelivery
            ? Grams.Min(Grams.Min(ended.Weighed, taken), contract.IsLive
                ? Bounty.Countable(contract.Quantity, bounty.Open)
                : Grams.Min(contract.Quantity, bounty.Open))
            : Grams.Zero;
        at.Unless(ended.Counted <= countedMax, ReasonCode.AwardExceedsOpen, countedMax.Value,
            ended.Counted.Value);
        Credits owed = contract.PricePerLot.ForPart(Grams.Min(ended.Counted, countedMax), bounty.Bounty.Lot);
        if (isCancelled)
        {
            Cancel(ended, contract, bounty, at);
        }
        else
        {
            Credits heldBack = _kept.GetValueOrDefault(ended.Contract)?.Amount ?? default;
            at.Unless(heldBack <= owed, ReasonCode.PaidOtherwise, owed.Micro, heldBack.Micro);
            owed = Less(owed, heldBack);
            at.Unless(ended.Paid == owed, ReasonCode.PaidOtherwise, owed.Micro, ended.Paid.Micro);
        }

        at.Unless(ended.Paid <= bounty.Left, ReasonCode.EscrowExceeded, bounty.Left.Micro, ended.Paid.Micro);
        if (contract.IsLive)
        {
            bounty = bounty with
            {
                UnderContract = Less(bounty.UnderContract, contract.Quantity),
                Contracts = bounty.Contracts - 1,
            };
            Change(contract.Node, book => book with { Held = default });
        }

        _bounties[contract.Bounty] = bounty with
        {
            Delivered = Grams.Min(Sum(bounty.Delivered, ended.Counted), bounty.Bounty.Total),
            Paid = Credits.Min(Sum(bounty.Paid, ended.Paid), bounty.Bounty.Worth),
        };
        Give(contract.Node, ended.Paid, at);
        if (isDelivery || isCancelled)
        {
            _ = _contracts.Remove(ended.Contract);
        }
        else
        {
            _contracts[ended.Contract] = contract with { IsLive = false };
        }
    }

    // What a building or a transport takes comes out of a store that has it, by the holder of its contract
    // that has nothing out for it.
    private void HandOut(ContractId id, Grams mass, in Finder at)
    {
        if (PartsFor(id) is not var (bounty, quantity, isLive) || bounty.Source.Value == 0)
        {
            at.Unless(false, ReasonCode.ContractNotHeld, 0, (long)id.Value);
            return;
        }

        (DepotId, Commodity) store = (bounty.Source, bounty.Commodity);
        SortedDictionary<ContractId, PartsBook> taken =
            bounty.Kind == WorkKind.Transport ? _custody : _partsOut;
        Grams most = isLive && !taken.ContainsKey(id)
            ? Grams.Min(Most(quantity), _stores.GetValueOrDefault(store)) : Grams.Zero;
        at.Unless(mass <= most, ReasonCode.PartsUnfounded, most.Value, mass.Value);
        Grams handed = Grams.Min(mass, most);
        if (handed > Grams.Zero
            && Keep(taken, id, new PartsBook(bounty.Source, bounty.Commodity, handed), ContractsMax, at))
        {
            _stores[store] = Less(_stores.GetValueOrDefault(store), handed);
        }
    }

    private void TakeBack(ContractId id, Grams mass, in Finder at)
    {
        if (!_partsOut.Remove(id, out PartsBook? parts))
        {
            at.Unless(false, ReasonCode.PartsUnfounded, 0, mass.Value);
            return;
        }

        at.Unless(mass <= parts.Mass, ReasonCode.PartsUnfounded, parts.Mass.Value, mass.Value);
        (DepotId, Commodity) store = (parts.Depot, parts.Commodity);
        _stores[store] = Sum(_stores.GetValueOrDefault(store), Grams.Min(mass, parts.Mass));
    }

    // What goods are said to be lost is all that is missing of what was handed out, and only that is charged.
    private void EndCustody(RegionEntry.CustodyEnded ended, in Finder at)
    {
        if (!_custody.Remove(ended.Contract, out PartsBook? goods))
        {
            at.Unless(false, ReasonCode.PartsUnfounded, 0, ended.Weighed.Value);
            return;
        }

        Grams missing = Grams.Max(Grams.Zero, goods.Mass - ended.Weighed);
        at.Unless(ended.Lost == Grams.Zero || ended.Lost == missing, ReasonCode.PartsUnfounded, missing.Value,
            ended.Lost.Value);
        at.Unless(ended.Lost > Grams.Zero || ended.Charge == Credits.Zero, ReasonCode.PaidOtherwise, 0,
            ended.Charge.Micro);
        if (ended.At.Value > 0)
        {
            (DepotId, Commodity) store = (ended.At, goods.Commodity);
            _stores[store] = Sum(_stores.GetValueOrDefault(store), ended.Weighed);
        }
    }

    // The most that can count of a contract: of what takes of a store, what was handed out, as far as this
    // region's depots did that.
    private Grams Weighable(ContractId id, ContractBook contract, Bounty bounty) =>
        bounty.Source.Value == 0 ? new Grams(Grams.ValueMax)
        : _partsOut.TryGetValue(id, out PartsBook? parts) ? parts.Mass
        : _custody.TryGetValue(id, out PartsBook? goods) ? goods.Mass
        : id.Region == new ContractId(_lastContract).Region ? Grams.Zero : Most(contract.Quantity);

    private static Grams Most(Grams held) => Bounty.Countable(held, held);

    // Goods of this region's enter a store when their custody ends, those of another's with what counts.
    private void Store(RegionEntry.Ended ended, Bounty bounty)
    {
        (DepotId, Commodity) store = (bounty.Depot, bounty.Commodity);
        if (bounty.Kind == WorkKind.Deliver)
        {
            _stores[store] = Sum(_stores.GetValueOrDefault(store), ended.Weighed);
        }
        else if (bounty.Kind == WorkKind.Transport && !_custody.ContainsKey(ended.Contract))
        {
            _stores[store] = Sum(_stores.GetValueOrDefault(store), ended.Counted);
        }

        _ = _partsOut.Remove(ended.Contract);
    }

    // Of what a survey is worth that ends with the next entry.
    private void KeepBack(ContractId id, Credits amount, in Finder at)
    {
        if (!_contracts.TryGetValue(id, out ContractBook? contract)
            || _bounties[contract.Bounty].Bounty is var bounty && bounty.Kind != WorkKind.Survey)
        {
            at.Unless(false, ReasonCode.ContractNotHeld, 0, (long)id.Value);
            return;
        }

        Credits whole = contract.PricePerLot.ForPart(contract.Quantity, bounty.Lot);
        at.Unless(amount <= whole, ReasonCode.PaidOtherwise, whole.Micro, amount.Micro);
        _ = Keep(_kept, id, new KeptBook(contract.Bounty, contract.Node, Credits.Min(amount, whole)),
            ContractsMax, at);
    }

    private void EndKept(ContractId id, Credits paid, in Finder at)
    {
        if (!_kept.Remove(id, out KeptBook? kept))
        {
            at.Unless(false, ReasonCode.ContractNotHeld, 0, (long)id.Value);
            return;
        }

        at.Unless(paid == Credits.Zero || paid == kept.Amount, ReasonCode.PaidOtherwise, kept.Amount.Micro,
            paid.Micro);
        BountyBook bounty = _bounties[kept.Bounty];
        at.Unless(paid <= bounty.Left, ReasonCode.EscrowExceeded, bounty.Left.Micro, paid.Micro);
        _bounties[kept.Bounty] = bounty with
        {
            Paid = Credits.Min(Sum(bounty.Paid, paid), bounty.Bounty.Worth),
        };
        if (paid > Credits.Zero)
        {
            Give(kept.Node, paid, at);
        }
    }

    // By an operator's word, so at no more than the bounty's own price, and of what nobody else has.
    private void Recognise(RegionEntry.Recognised more, in Finder at)
    {
        if (!_bounties.TryGetValue(more.Bounty, out BountyBook? bounty))
        {
            at.Unless(false, ReasonCode.BountyUnknown, 0, (long)more.Bounty.Value);
            return;
        }

        at.Unless(more.Counted <= bounty.Open, ReasonCode.AwardExceedsOpen, bounty.Open.Value,
            more.Counted.Value);
        Credits most = bounty.Bounty.ValuePerLot.ForPart(
            Grams.Min(more.Counted, bounty.Bounty.Total), bounty.Bounty.Lot);
        at.Unless(more.Paid <= most, ReasonCode.PaidOtherwise, most.Micro, more.Paid.Micro);
        at.Unless(more.Paid <= bounty.Left, ReasonCode.EscrowExceeded, bounty.Left.Micro, more.Paid.Micro);
        _bounties[more.Bounty] = bounty with
        {
            Delivered = Grams.Min(Sum(bounty.Delivered, more.Counted), bounty.Bounty.Total),
            Paid = Credits.Min(Sum(bounty.Paid, more.Paid), bounty.Bounty.Worth),
        };
        Give(more.Node, more.Paid, at);
    }

    private void SendHome(RegionEntry.SentHome home, RegionRecords records, in Finder at)
    {
        at.Unless(home.Transfer.Value > _lastTransfer, ReasonCode.EscrowExceeded, (long)_lastTransfer,
            (long)home.Transfer.Value);
        _lastTransfer = Math.Max(_lastTransfer, home.Transfer.Value);
        if (!_bounties.Remove(home.Bounty, out BountyBook? bounty))
        {
            at.Unless(false, ReasonCode.BountyUnknown, 0, (long)home.Bounty.Value);
            return;
        }

        bool isQuiet = bounty.Contracts == 0 && !IsHeldBack(home.Bounty);
        at.Unless(isQuiet && home.Amount == bounty.Left, ReasonCode.EscrowExceeded,
            bounty.Left.Micro, home.Amount.Micro);
        var told = new Homebound(home.Transfer, home.Amount, bounty.Delivered, bounty.Paid);
        if (records.Reports.TryGetValue(home.Bounty, out BountyReport? report))
        {
            at.Unless(told.IsAs(report), ReasonCode.LedgerDiffers, report.Returned.Micro, home.Amount.Micro);
            _ = _reported.Add(home.Bounty.Value);
        }
        else
        {
            Keep(_homebound, home.Bounty, told, BountiesMax, at);
        }

        // An order to reduce it, heard or not, is over with it.
        _ = _wanted.Remove(home.Bounty);
        _ = _reducedOver.Add(home.Bounty.Value);

        ForgetContracts(home.Bounty);
    }

    // Whole lots that nobody holds, with exactly their worth: so what is promised stays covered.
    private void SendLots(RegionEntry.LotsSent lots, RegionRecords records, in Finder at)
    {
        at.Unless(lots.Transfer.Value > _lastTransfer, ReasonCode.EscrowExceeded, (long)_lastTransfer,
            (long)lots.Transfer.Value);
        _lastTransfer = Math.Max(_lastTransfer, lots.Transfer.Value);
        if (!_bounties.TryGetValue(lots.Bounty, out BountyBook? bounty))
        {
            at.Unless(false, ReasonCode.BountyUnknown, 0, (long)lots.Bounty.Value);
            return;
        }

        Bounty whole = bounty.Bounty;
        bool isOpen = whole.Id.IsLots && lots.Quantity > Grams.Zero && lots.Quantity <= bounty.Open
            && lots.Quantity.Value % whole.Lot.Value == 0;
        at.Unless(isOpen, ReasonCode.AwardExceedsOpen, bounty.Open.Value, lots.Quantity.Value);
        Grams quantity = Grams.Min(lots.Quantity, whole.Total);
        Credits worth = whole.ValuePerLot.ForPart(quantity, whole.Lot);
        at.Unless(lots.Amount == worth, ReasonCode.EscrowExceeded, worth.Micro, lots.Amount.Micro);
        var told = new LotsHome(lots.Bounty, lots.Quantity, lots.Amount);
        if (records.Lots.TryGetValue(lots.Transfer, out LotsReturned? returned))
        {
            at.Unless(told.IsAs(returned), ReasonCode.LedgerDiffers, returned.Returned.Micro,
                lots.Amount.Micro);
            _ = _lotsReported.Add(lots.Transfer.Value);
        }
        else
        {
            Keep(_lotsHome, lots.Transfer, told, BountiesMax, at);
        }

        if (!isOpen)
        {
            return;
        }

        if (quantity < whole.Total)
        {
            _bounties[lots.Bounty] = bounty with { Bounty = whole with { Total = whole.Total - quantity } };
            return;
        }

        _ = _bounties.Remove(lots.Bounty);
        ForgetContracts(lots.Bounty);
    }

    private bool IsHeldBack(BountyId bounty)
    {
        foreach (KeptBook kept in _kept.Values)
        {
            if (kept.Bounty == bounty)
            {
                return true;
            }
        }

        return false;
    }

    private void ForgetContracts(BountyId bounty)
    {
        foreach ((ContractId id, KeptBook kept) in (KeyValuePair<ContractId, KeptBook>[])[.. _kept])
        {
            if (kept.Bounty == bounty)
            {
                _ = _kept.Remove(id);
            }
        }

        foreach ((ContractId id, ContractBook contract) in
            (KeyValuePair<ContractId, ContractBook>[])[.. _contracts])
        {
            if (contract.Bounty == bounty)
            {
                _ = _contracts.Remove(id);
                _ = _partsOut.Remove(id);
                Change(contract.Node, book => book.Held == id ? book with { Held = default } : book);
            }
        }
    }

    private void Sell(NodeId node, Credits amount, in Finder at)
    {
        Credits balance = Less(Find(node, at)?.Balance ?? Credits.Zero, SetAsideBy(node));
        at.Unless(amount <= balance, ReasonCode.BalanceExceeded, balance.Micro, amount.Micro);
        Change(node, book => book with { Balance = Less(book.Balance, amount) });
        Burned = Sum(Burned, amount);
    }

    private void Give(NodeId node, Credits amount, in Finder at)
    {
        _ = Find(node, at);
        Change(node, book => book with { Balance = Sum(book.Balance, amount) });
    }

    private NodeBook? Find(NodeId node, in Finder at)
    {
        NodeBook? book = _nodes.GetValueOrDefault(node);
        at.Unless(book is not null, ReasonCode.NodeUnknown, 0, node.Value);
        return book;
    }

    private void Change(NodeId node, Func<NodeBook, NodeBook> change)
    {
        if (_nodes.TryGetValue(node, out NodeBook? book))
        {
            _nodes[node] = change(book);
        }
    }

    // Given once, as far as can be told of contracts that another hub gave.
    private bool IsOld(ContractId contract) =>
        (contract.Value > 0 && contract.Value <= _lastContract)
        || contract.Region != new ContractId(_lastContract).Region;

    private static bool Keep<TKey, TValue>(
        SortedDictionary<TKey, TValue> table, TKey key, TValue value, int countMax, in Finder at)
        where TKey : notnull
    {
        bool hasRoom = table.Count < countMax;
        at.Unless(hasRoom, ReasonCode.LimitExceeded, countMax, table.Count + 1);
        if (hasRoom)
        {
            table[key] = value;
        }

        return hasRoom;
    }

    // A liar's numbers stop at the bounds of their units.
    private static Credits Sum(Credits a, Credits b) =>
        new((long)Int128.Min((Int128)a.Micro + b.Micro, Credits.MicroMax));

    private static Credits Less(Credits a, Credits b) => a <= b ? Credits.Zero : a - b;

    private static Grams Sum(Grams a, Grams b) =>
        new((long)Int128.Min((Int128)a.Value + b.Value, Grams.ValueMax));

    private static Grams Less(Grams a, Grams b) => a <= b ? Grams.Zero : a - b;
}

/// <summary>Where findings of one entry go, and when it was made by the author's clock.</summary>
internal readonly ref struct Finder(Findings findings, Spot spot, Instant at)
{
    private readonly Findings _findings = findings;
    private readonly Spot _spot = spot;

    /// <summary>When the entry was made.</summary>
    public Instant At { get; } = at;

    /// <summary>Adds a finding unless something holds.</summary>
    public void Unless(bool holds, ReasonCode code, long expected, long found)
    {
        if (!holds)
        {
            _findings.Add(code, _spot, expected, found);
        }
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.IO.Facts;

/// <summary>What was posted, awarded, weighed and paid: what payments are held against.</summary>
internal sealed partial class AuditedWork
{
    private readonly SortedDictionary<BountyId, AuditedBounty> _bounties = [];

    // What each hub holds of contracts, as long as it remembers them.
    private readonly Dictionary<(Party Hub, ContractId Contract), AuditedContract> _contracts = [];
    private readonly Dictionary<Party, ContractId> _lastGiven = [];

    // Contracts that were paid for, and by whom: at most one hub that still counts.
    private readonly Dictionary<ContractId, Party> _payers = [];

    // What another hub has weighed for contracts of its own after it was given up.
    private readonly Dictionary<ContractId, Grams> _told = [];

    // By hub and survey: what is held back of its pay.
    private readonly Dictionary<(Party Hub, ContractId Contract), KeptPay> _kept = [];

    // Bounties that are over in this step: their escrow must be empty at its end.
    private readonly List<BountyId> _over = [];

    public IReadOnlyDictionary<BountyId, AuditedBounty> Bounties => _bounties;

    public long Payments { get; private set; }

    public long Contracts { get; private set; }

    public long Cancelled { get; private set; }

    /// <summary>The strategic layer wants less of a bounty.</summary>
    public void Reduce(AuditStep step, BountyId id, Grams total)
    {
        if (step.Demand(
            _bounties.TryGetValue(id, out AuditedBounty? bounty),
            $"bounty {id.Value} is reduced and was not posted"))
        {
            _ = step.Demand(
                bounty!.Ordered is not { } before || total < before,
                $"bounty {id.Value} is reduced to more than it was");
            bounty.Ordered = total;
        }
    }

    /// <summary>The strategic layer posts a bounty.</summary>
    public void Post(AuditStep step, Instant at, RegionId region, Bounty bounty)
    {
        var posted = new AuditedBounty(bounty) { PostedAt = at, Region = region };
        _ = step.Demand(_bounties.TryAdd(bounty.Id, posted), $"bounty {bounty.Id.Value} is posted twice");
    }

    /// <summary>A bounty goes to another region, as accepted books have it.</summary>
    public void HandOn(AuditStep step, RegionId to, BountyBook work)
    {
        if (_bounties.TryGetValue(work.Bounty.Id, out AuditedBounty? bounty))
        {
            bounty.Region = to;
            bounty.IsOpened = false;
            bounty.Wanted = null; // The successor is told anew.
            _ = step.Demand(
                work.Bounty.Total <= bounty.Bounty.Total,
                $"bounty {work.Bounty.Id.Value} is handed on with more than was posted");
            bounty.GoneBack = bounty.Bounty.Total - work.Bounty.Total;
            bounty.ClosedAt = null; // If it was over by then, nobody had heard of it.
            bounty.Returned = Credits.Zero;
            foreach (AuditedPayment payment in bounty.TakeOver(step, work.Delivered, work.Paid))
            {
                _ = _payers.Remove(payment.Contract); // The successor may pay for it.
            }
        }
    }

    /// <summary>A hub sends home what is left: of a bounty that is over, or that it did not take.</summary>
    public void SendHome(AuditStep step, Instant at, BountyId id, Credits rest)
    {
        if (step.Demand(
            _bounties.TryGetValue(id, out AuditedBounty? bounty) && (bounty.ClosedAt ?? at) == at
                && (bounty.ClosedAt is not null || !bounty.IsOpened),
            $"the escrow of bounty {id.Value} is sent home and it is not just over"))
        {
            bounty!.ClosedAt = at;
            bounty.Outcome = bounty.Counted > Grams.Zero || bounty.Outcome == BountyOutcome.Cancelled
                ? bounty.Outcome : BountyOutcome.Unfilled;
            bounty.Returned += rest;
            _over.Add(id);
        }
    }

    /// <summary>A hub sends whole lots home that nobody holds, with exactly their worth.</summary>
    public void SendLots(AuditStep step, Instant at, BountyId id, Grams quantity, Credits amount)
    {
        bool isOpen = _bounties.TryGetValue(id, out AuditedBounty? bounty) && bounty.IsOpened
            && bounty.ClosedAt is null && step.Machine == Party.Of(bounty.Region);
        if (!step.Demand(isOpen && id.IsLots, $"lots of bounty {id.Value} go back and are not open there"))
        {
            return;
        }

        Grams lot = bounty!.Bounty.Lot;
        Grams held = Held(step.Machine, id);
        _ = step.Demand(
            quantity > Grams.Zero && quantity.Value % lot.Value == 0
                && quantity + held + bounty.Counted <= bounty.Standing.Total,
            $"lots of bounty {id.Value} go back that somebody holds or has delivered");
        Credits worth = bounty.Bounty.ValuePerLot.ForPart(quantity, lot);
        _ = step.Demand(
            amount == worth,
            $"lots of bounty {id.Value} go back with {Text.Credits(amount)}, and are worth "
                + Text.Credits(worth));
        bounty.GoneBack += quantity;
        bounty.Returned += amount;
        if (bounty.GoneBack == bounty.Bounty.Total)
        {
            bounty.ClosedAt = at;
            bounty.Outcome = BountyOutcome.Unfilled;
            _over.Add(id);
        }
    }

    /// <summary>The strategic layer tells a successor what a hub that was given up has weighed.</summary>
    public void Tell(CargoTold told) => _told[told.Work.Contract] = told.Weighed;

    /// <summary>What a hub's market remembers.</summary>
    public void See(AuditStep step, Instant at, MarketFact fact)
    {
        switch (fact)
        {
            case MarketFact.BountyOpened(var bounty, _):
                Open(step, bounty);
                break;
            case MarketFact.BountyAdopted adopted:
                Open(step, adopted.Bounty);
                break;
            case MarketFact.Awarded awarded:
                bool rises = !_lastGiven.TryGetValue(step.Machine, out ContractId last)
                    || awarded.Contract.CompareTo(last) > 0;
                _ = step.Demand(rises, $"contract {Name(awarded.Contract)} is given twice");
                _lastGiven[step.Machine] = awarded.Contract;
                Contracts++;
                Hold(step, awarded.Contract, awarded.Winner);
                break;
            case MarketFact.Honoured honoured:
                Hold(step, honoured.Contract, honoured.Winner);
                break;
            case MarketFact.Delivered(var id, _, var weighed, var counted, var paid):
                Deliver(step, at, id, weighed, counted, paid);
                break;
            case MarketFact.Recounted recounted:
                Hold(step, recounted.Contract, recounted.Winner);
                bool isTold = _told.TryGetValue(recounted.Contract, out Grams told);
                _ = step.Demand(
                    isTold,
                    $"contract {Name(recounted.Contract)} is recounted and nobody told of a weighing");
                Deliver(step, at, recounted.Contract, told, recounted.Counted, recounted.Paid);
                break;
            case MarketFact.Recognised(var id, var counted, var paid):
                Recognise(step, at, id, counted, paid);
                break;
            case MarketFact.Reduced(var id, var total, _):
                Hear(step, id, total);
                break;
            case MarketFact.JointBroken(var work):
                Break(step, work);
                break;
            case MarketFact.CancelAsked(var id):
                AskToStop(step, id);
                break;
            case MarketFact.CancelKept(var id) when _contracts.TryGetValue(
                (step.Machine, id), out AuditedContract? kept):
                kept.IsAskedToStop = false;
                break;
            case MarketFact.Cancelled(var id, var paid):
                Cancel(step, at, id, paid);
                break;
            case MarketFact.Kept(var id, var kept):
                KeepBack(step, id, kept);
                break;
            case MarketFact.KeptPaid(var id, var kept):
                PayKept(step, at, id, kept);
                break;
            case MarketFact.Falsified(var id, _, var dug):
                _ = step.Demand(
                    _kept.Remove((step.Machine, id), out KeptPay? refuted) && refuted.IsContradictedBy(dug),
                    $"survey {Name(id)} is called false, and what was dug does not contradict it");
                break;
            case MarketFact.Returned(var id, _) when _contracts.TryGetValue(
                (step.Machine, id), out AuditedContract? back):
                back.IsReturned = true;
                break;
            case MarketFact.PartsTaken(var id, var parts):
                Put(step, parts.Depot, parts.Commodity, Grams.Zero - parts.Mass);
                _ = _parts.TryAdd((step.Machine, id), parts);
                break;
            case MarketFact.PartsBack(var id, var mass)
                when _parts.Remove((step.Machine, id), out PartsOut? back):
                Put(step, back.Depot, back.Commodity, mass);
                break;
            case MarketFact.CustodyTaken(var id, var custody):
                Entrust(step, id, custody);
                break;
            case MarketFact.CustodyEnded ended:
                EndCustody(step, ended);
                break;
            case MarketFact.Forgotten(var id):
                _ = _parts.Remove((step.Machine, id));
                _ = step.Demand(
                    !_custody.ContainsKey((step.Machine, id)),
                    $"contract {Name(id)} is forgotten, and nobody says where its goods are");
                _ = _contracts.Remove((step.Machine, id));
                break;
            case MarketFact.BountyClosed closed:
                Close(step, at, closed);
                break;
            default:
                break; // The rest moves no credits.
        }
    }

    /// <summary>A region is given up: what its hub holds counts no more.</summary>
    public void Void(Party hub)
    {
        VoidStores(hub);
        foreach ((Party Hub, ContractId Contract) key in _contracts.Keys.ToArray())
        {
            if (key.Hub == hub)
            {
                _ = _contracts.Remove(key);
            }
        }

        foreach ((Party Hub, ContractId Contract) key in _kept.Keys.ToArray())
        {
            if (key.Hub == hub)
            {
                _ = _kept.Remove(key); // It goes home with the rest of the bounty.
            }
        }
    }

    /// <summary>Of a bounty that is over nothing stays behind.</summary>
    public void EndStep(AuditStep step, AuditedAccounts accounts)
    {
        foreach (BountyId bounty in _over)
        {
            Int128 rest = accounts[step.Machine, new AccountId(AccountKind.Escrow, bounty.Value)];
            _ = step.Demand(
                rest == 0,
                $"bounty {bounty.Value} is over and {Text.Credits(rest)} of its escrow were not returned");
        }

        _over.Clear();
    }

    private void Open(AuditStep step, Bounty bounty)
    {
        bool isKnown = _bounties.TryGetValue(bounty.Id, out AuditedBounty? posted);
        _ = step.Demand(
            isKnown && posted!.Standing == bounty,
            $"bounty {bounty.Id.Value} is opened and was not posted like that");
        bool isHere = isKnown && step.Machine == Party.Of(posted!.Region);
        if (step.Demand(
            isHere, $"bounty {bounty.Id.Value} is opened by {step.Machine} and was not sent there"))
        {
            _ = step.Demand(!posted!.IsOpened, $"bounty {bounty.Id.Value} is opened twice");
            posted.IsOpened = true;
        }
    }

    private void Hold(AuditStep step, ContractId id, Winner winner)
    {
        bool isKnown = _bounties.TryGetValue(winner.Bounty, out AuditedBounty? bounty)
            && bounty.ClosedAt is null;
        _ = step.Demand(
            isKnown, $"contract {Name(id)} is for bounty {winner.Bounty.Value}, which is not open");
        _ = step.Demand(
            !isKnown || winner.PricePerLot <= bounty!.Bounty.ValuePerLot,
            $"contract {Name(id)} is given at {Text.Credits(winner.PricePerLot)} a lot, above the reserve of "
                + $"bounty {winner.Bounty.Value}");
        _contracts[(step.Machine, id)] = new AuditedContract(winner);
    }

    private void Hear(AuditStep step, BountyId id, Grams total)
    {
        bool isOrdered = _bounties.TryGetValue(id, out AuditedBounty? bounty)
            && step.Machine == Party.Of(bounty.Region)
            && (bounty.Ordered <= total || bounty.IsBackupOver(total) || bounty.IsJointOver(total));
        if (step.Demand(isOrdered, $"bounty {id.Value} is reduced by {step.Machine} and nobody ordered it"))
        {
            bounty!.Wanted = total;
        }
    }

    private void Break(AuditStep step, uint work)
    {
        bool isOpen = false;
        foreach (AuditedBounty bounty in _bounties.Values)
        {
            if (bounty.Bounty.Joint.Number == work && step.Machine == Party.Of(bounty.Region)
                && bounty.IsOpened && bounty.ClosedAt is null)
            {
                bounty.IsBroken = true;
                isOpen = true;
            }
        }

        _ = step.Demand(isOpen, $"joint work {work} is broken, and {step.Machine} has none of it");
    }

    private void AskToStop(AuditStep step, ContractId id)
    {
        bool isLive = _contracts.TryGetValue((step.Machine, id), out AuditedContract? contract)
            && !contract.IsOver;
        if (step.Demand(isLive, $"contract {Name(id)} is to stop, and {step.Machine} does not hold it"))
        {
            BountyId of = contract!.Winner.Bounty;
            _ = step.Demand(
                _bounties.TryGetValue(of, out AuditedBounty? bounty) && bounty.Wanted is not null,
                $"contract {Name(id)} is to stop, and bounty {of.Value} is wanted");
            contract.IsAskedToStop = true;
        }
    }

    // Nothing, when its holder never took it; else at least the fixed share, and at most the price.
    private void Cancel(AuditStep step, Instant at, ContractId id, Credits paid)
    {
        bool isAsked = _contracts.TryGetValue((step.Machine, id), out AuditedContract? contract)
            && contract is { IsOver: false, IsAskedToStop: true };
        if (!step.Demand(isAsked, $"contract {Name(id)} is cancelled, and was not to stop"))
        {
            return;
        }

        Cancelled++;
        contract!.IsReturned = true;
        contract.IsCompensated = paid > Credits.Zero;
        Winner winner = contract.Winner;
        if (paid == Credits.Zero || !_bounties.TryGetValue(winner.Bounty, out AuditedBounty? bounty))
        {
            return; // Of a bounty that is not known its contract was a finding.
        }

        Credits most = winner.PricePerLot.ForPart(winner.Quantity, bounty.Bounty.Lot);
        Int128 least = (Int128)most.Micro * Auctioneer.RestPpm / 1_000_000;
        _ = step.Demand(
            paid <= most && paid.Micro >= least,
            $"contract {Name(id)} is compensated with {Text.Credits(paid)}, and its price is "
                + Text.Credits(most));
        _ = step.Demand(_payers.TryAdd(id, step.Machine), $"contract {Name(id)} is paid for twice");
        bounty.Pay(
            step,
            new AuditedPayment(at, step.Machine, id, winner.Node, winner.PricePerLot, Grams.Zero, paid)
            {
                IsCompensation = true,
            });
        step.Announce(
            new AccountId(AccountKind.Escrow, winner.Bounty.Value),
            new AccountId(AccountKind.Balance, winner.Node.Value),
            paid);
    }

    private void Deliver(
        AuditStep step, Instant at, ContractId id, Grams weighed, Grams counted, Credits paid)
    {
        if (!step.Demand(
            _contracts.TryGetValue((step.Machine, id), out AuditedContract? contract),
            $"cargo is weighed for contract {Name(id)}, which {step.Machine} does not hold"))
        {
            return;
        }

        _ = step.Demand(!contract!.IsDelivered, $"contract {Name(id)} is delivered twice");
        _ = step.Demand(counted <= weighed, $"more counts for contract {Name(id)} than was weighed");
        _ = step.Demand(
            counted <= Bounty.Countable(contract.Winner.Quantity, new Grams(Grams.ValueMax)),
            $"more counts for contract {Name(id)} than it was for");
        _ = step.Demand(
            paid == Credits.Zero || _payers.TryAdd(id, step.Machine),
            $"contract {Name(id)} is paid for twice");
        contract.IsDelivered = true;
        contract.Uncounted = weighed - counted;
        Store(step, id, contract.Winner, weighed, counted);
        Credits back = _kept.GetValueOrDefault((step.Machine, id))?.Kept ?? Credits.Zero;
        Pay(step, at, id, contract.Winner, counted, paid, back);
    }

    // Before the pay that it is held back of, in the same step.
    private void KeepBack(AuditStep step, ContractId id, KeptPay kept)
    {
        bool isHeld = _contracts.TryGetValue((step.Machine, id), out AuditedContract? contract)
            && !contract.IsDelivered && contract.Winner.Node == kept.Node
            && contract.Winner.Bounty == kept.Bounty;
        bool isSurvey = _bounties.TryGetValue(kept.Bounty, out AuditedBounty? bounty)
            && bounty.Bounty.Kind == WorkKind.Survey;
        _ = step.Demand(
            isHeld && isSurvey && _kept.TryAdd((step.Machine, id), kept),
            $"pay is held back for contract {Name(id)}, which is no survey that runs");
    }

    private void PayKept(AuditStep step, Instant at, ContractId id, KeptPay kept)
    {
        bool isKnown = _kept.Remove((step.Machine, id), out KeptPay? known) && known == kept;
        if (step.Demand(
            isKnown && _bounties.TryGetValue(kept.Bounty, out AuditedBounty? bounty)
                && bounty.ClosedAt is null,
            $"what was held back for survey {Name(id)} is paid and was not held"))
        {
            Payments++;
            _bounties[kept.Bounty].Pay(step, new AuditedPayment(
                at, step.Machine, id, kept.Node, Credits.Zero, Grams.Zero, kept.Kept));
            step.Announce(
                new AccountId(AccountKind.Escrow, kept.Bounty.Value),
                new AccountId(AccountKind.Balance, kept.Node.Value),
                kept.Kept);
        }
    }

    private void Recognise(AuditStep step, Instant at, ContractId id, Grams counted, Credits paid)
    {
        if (step.Demand(
            _contracts.TryGetValue((step.Machine, id), out AuditedContract? contract) && contract.IsDelivered,
            $"cargo of contract {Name(id)} is recognised and none was weighed"))
        {
            contract!.Uncounted -= counted;
            _ = step.Demand(
                !contract.IsCompensated,
                $"cargo of contract {Name(id)} is recognised, and it was paid for stopping");
            _ = step.Demand(
                contract.Uncounted >= Grams.Zero,
                $"more is recognised for contract {Name(id)} than was weighed");
            Pay(step, at, id, contract.Winner, counted, paid);
        }
    }

    private void Pay(
        AuditStep step, Instant at, ContractId id, Winner winner, Grams counted, Credits paid,
        Credits back = default)
    {
        if (!_bounties.TryGetValue(winner.Bounty, out AuditedBounty? bounty) || bounty.ClosedAt is not null)
        {
            _ = step.Demand(
                counted == Grams.Zero && paid == Credits.Zero,
                $"contract {Name(id)} is paid for out of bounty {winner.Bounty.Value}, which is not open");
            return;
        }

        Int128 least = (Int128)winner.PricePerLot.Micro * counted.Value / bounty.Bounty.Lot.Value;
        _ = step.Demand(
            paid.Micro + back.Micro == least,
            $"contract {Name(id)} is paid {Text.Credits(paid + back)}, and its price makes "
                + Text.Credits(least));
        Payments += paid > Credits.Zero ? 1 : 0;
        bounty.Pay(
            step,
            new AuditedPayment(at, step.Machine, id, winner.Node, winner.PricePerLot, counted, paid));
        step.Announce(
            new AccountId(AccountKind.Escrow, winner.Bounty.Value),
            new AccountId(AccountKind.Balance, winner.Node.Value),
            paid);
    }

    private void Close(AuditStep step, Instant at, MarketFact.BountyClosed closed)
    {
        if (step.Demand(
            _bounties.TryGetValue(closed.Bounty, out AuditedBounty? bounty) && bounty.ClosedAt is null,
            $"bounty {closed.Bounty.Value} is over and was not open"))
        {
            bounty!.ClosedAt = at;
            bounty.Outcome = closed.Outcome;
            foreach (KeptPay kept in _kept.Values)
            {
                _ = step.Demand(
                    kept.Bounty != closed.Bounty,
                    $"bounty {closed.Bounty.Value} is over while pay is held back for a survey of it");
            }

            _ = step.Demand(
                (closed.Outcome == BountyOutcome.Cancelled)
                    == (bounty.Wanted == Grams.Zero && !bounty.IsBroken),
                $"bounty {closed.Bounty.Value} is over, and that it is wanted no more is said of another");
            _ = step.Demand(
                closed.Paid == bounty.Paid && closed.Total == bounty.Counted,
                $"bounty {closed.Bounty.Value} is over with {Text.Credits(closed.Paid)} paid, and "
                    + $"{Text.Credits(bounty.Paid)} were");
            _over.Add(closed.Bounty);
        }
    }

    // What live contracts of a bounty hold at a hub.
    private Grams Held(Party hub, BountyId bounty)
    {
        Grams held = Grams.Zero;
        foreach (((Party of, ContractId _), AuditedContract contract) in _contracts)
        {
            held += of == hub && contract.Winner.Bounty == bounty && !contract.IsOver
                ? contract.Winner.Quantity : Grams.Zero;
        }

        return held;
    }

    private static string Name(ContractId id) =>
        $"{id.Region.Value}.{id.Value & ((1UL << ContractId.CountBits) - 1)}";

    private sealed class AuditedContract(Winner winner)
    {
        public Winner Winner { get; } = winner;

        public bool IsDelivered { get; set; }

        /// <summary>Whether its work is open again.</summary>
        public bool IsReturned { get; set; }

        /// <summary>Whether its holder is to stop and has not answered.</summary>
        public bool IsAskedToStop { get; set; }

        /// <summary>Whether it was paid for stopping.</summary>
        public bool IsCompensated { get; set; }

        public bool IsOver => IsDelivered || IsReturned;

        /// <summary>Weighed and not counted.</summary>
        public Grams Uncounted { get; set; }
    }
}

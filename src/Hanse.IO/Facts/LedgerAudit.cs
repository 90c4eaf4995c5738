using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.IO.Facts;

/// <summary>What all books hold, in microcredits.</summary>
/// <param name="Minted">Ever minted.</param>
/// <param name="Escrow">Set aside for bounties.</param>
/// <param name="InTransit">Sent and not booked at the far end.</param>
/// <param name="Nodes">Owned by nodes.</param>
/// <param name="Reserves">The regions' working capital.</param>
/// <param name="Budget">The strategic layer's, to be spent before anything is minted.</param>
/// <param name="Burned">Gone.</param>
public readonly record struct AuditedTotals(
    Int128 Minted, Int128 Escrow, Int128 InTransit, Int128 Nodes, Int128 Reserves, Int128 Budget,
        Int128 Burned)
{
    /// <summary>Whether minted = escrow + in transit + balances + burned.</summary>
    public bool IsBalanced => Minted == Escrow + InTransit + Nodes + Reserves + Budget + Burned;
}

/// <summary>Proves the ledger from facts alone: adds everything up again and stops at the first thing that
/// <c>docs/protocol/ledger.md</c> forbids.</summary>
/// <remarks>
/// The problem: the machines check their own books, with the very code that keeps them. The idea is an
/// auditor with books of its own, as plain as can be: one table of all accounts of all machines, one list of
/// transfers, one of contracts. It takes no machine's word: a posting stands only if another fact of the same
/// step calls for it (a weighing, a transfer that was sent, a bounty that is over) and a fact that calls for
/// one must get it. So what is under way between two books is counted by what was sent and booked, not by
/// what accounts say, and <c>minted = escrow + in transit + balances + burned</c> is a claim and not an
/// identity.
/// <para>
/// Of a region that was given up the accepted books count: what its hub does after that has no credits behind
/// it, and is passed over; what it had paid beyond its accepted books, a successor may pay. Facts must come
/// in an order in which nothing is heard before it was said, as one run writes them. Memory: open transfers
/// and contracts, and what was paid for each bounty. Deliberately absent: prices of propellant and spares,
/// and whether an award was the best; those are explained by the batches.
/// </para>
/// </remarks>
public sealed class LedgerAudit
{
    private static readonly AccountId _strategy = new(AccountKind.Correspondent, 0);
    private static readonly AccountId _budget = new(AccountKind.Budget, 0);

    private readonly AuditedAccounts _accounts = new();
    private readonly AuditedTransfers _transfers = new();
    private readonly AuditedWork _work = new();
    private readonly AuditedRepairs _repairs = new();
    private readonly AuditedBonds _bonds = new();
    private readonly AuditedDemands _demands = new();
    private readonly HashSet<Party> _void = [];
    private readonly HashSet<NodeId> _seeded = [];

    // Of the step under way: credits that left a node's balance, and what for is not yet said.
    private readonly List<(NodeId Node, AccountKind To, Credits Amount)> _leaving = [];

    // Nodes that were served in the step under way, and may pay demurrage after that, once.
    private readonly HashSet<NodeId> _served = [];

    // What the strategic layer does in the step that may be new money: a bounty, or a region's charter.
    private (RegionId Region, Bounty? Bounty)? _mayFund;
    private (BountyId Bounty, Party From)? _moved;

    // Burned by regions that were given up, as accepted: what the strategic layer's account with them says.
    private Int128 _burnedByVoid;

    /// <summary>The first violation, or null; nothing after it is looked at.</summary>
    public LedgerFinding? Finding { get; private set; }

    /// <summary>Steps audited.</summary>
    public long Steps { get; private set; }

    /// <summary>Facts audited.</summary>
    public long Facts { get; private set; }

    /// <summary>Postings audited.</summary>
    public long Postings { get; private set; }

    /// <summary>Facts of hubs whose regions had been given up.</summary>
    public long Passed { get; private set; }

    /// <summary>Payments to nodes.</summary>
    public long Payments => _work.Payments + _repairs.Payments;

    /// <summary>Contracts given.</summary>
    public long Contracts => _work.Contracts + _repairs.Contracts;

    /// <summary>Contracts whose holders stopped, since the work was not wanted any more.</summary>
    public long Cancelled => _work.Cancelled;

    /// <summary>Paid for stopping; part of what was paid.</summary>
    public Credits Compensated
    {
        get
        {
            Credits sum = Credits.Zero;
            foreach (AuditedBounty bounty in _work.Bounties.Values)
            {
                sum += bounty.Compensated;
            }

            return sum;
        }
    }

    /// <summary>Burned as tolls of berths.</summary>
    public Credits Tolls { get; private set; }

    /// <summary>Burned as tolls of faces.</summary>
    public Credits FaceTolls { get; private set; }

    /// <summary>Burned as demurrage: the rest of what was burned paid for propellant and spares.</summary>
    public Credits Demurrage { get; private set; }

    /// <summary>Charged for goods that carriers lost; part of what was burned.</summary>
    public Credits Charged => _work.Charged;

    /// <summary>Transfers that the far end has not booked.</summary>
    public int TransfersOpen => _transfers.Count;

    /// <summary>Bounties in order.</summary>
    public IReadOnlyDictionary<BountyId, AuditedBounty> Bounties => _work.Bounties;

    /// <summary>Demands in order.</summary>
    public IReadOnlyDictionary<DemandId, AuditedDemand> Demands => _demands.Demands;

    /// <summary>What each node owns, in microcredits, in no particular order; nodes without credits are not
    /// there.</summary>
    public IEnumerable<long> Balances => _accounts.Balances;

    /// <summary>Bonds forfeited; part of what was burned.</summary>
    public Credits Forfeited => _bonds.Forfeited;

    /// <summary>Staked for contracts that run; part of what nodes own.</summary>
    public Int128 Staked => _accounts[AccountKind.Bond];

    /// <summary>What all books hold.</summary>
    public AuditedTotals Totals => new(
        -_accounts[AccountKind.Mint],
        _accounts[AccountKind.Escrow],
        _transfers.OnTheWay,
        _accounts[AccountKind.Balance] + _accounts[AccountKind.Bond],
        _accounts[AccountKind.Reserve],
        _accounts[AccountKind.Budget],
        _accounts[AccountKind.Burned] + _burnedByVoid);

    /// <summary>Audits one step.</summary>
    /// <param name="step">The next one of the file.</param>
    /// <param name="offset">Where it begins.</param>
    public void Take(FactStep step, long offset)
    {
        if (Finding is not null)
        {
            return;
        }

        if (_void.Contains(step.Machine))
        {
            Passed += step.Count;
            return;
        }

        Steps++;
        var audit = new AuditStep(step, offset);
        for (int i = 0; i < step.Count && audit.Finding is null; i++)
        {
            audit.Fact = i + 1;
            Facts++;
            if (step.Machine.Kind == PartyKind.Hub)
            {
                See(audit, step.At, step.Hub[i]);
            }
            else
            {
                See(audit, step.At, step.Strategy[i]);
            }

            _ = audit.Demand(audit.IsVoiding || Totals.IsBalanced, Equation(Totals));
        }

        EndStep(audit);
        Finding = audit.Finding;
    }

    private void See(AuditStep step, Instant at, StrategyFact fact)
    {
        _demands.See(step, at, fact);
        switch (fact)
        {
            case StrategyFact.RegionChartered(var region, _, _):
                _mayFund = (region, null);
                break;
            case StrategyFact.QuotaShared(_, var region, _):
                _mayFund = (region, null);
                break;
            case StrategyFact.BountyPosted(var region, var bounty):
                _work.Post(step, at, region, bounty);
                _mayFund = (region, bounty);
                break;
            case StrategyFact.BountyReduced(var id, var total):
                _work.Reduce(step, id, total);
                break;
            case StrategyFact.Succeeded(var region, _):
                Void(step, Party.Of(region));
                break;
            case StrategyFact.BountyMoved(var id, _):
                bool isKnown = _work.Bounties.TryGetValue(id, out AuditedBounty? moved);
                _ = step.Demand(isKnown, $"bounty {id.Value} changes its region and was not posted");
                _moved = isKnown ? (id, Party.Of(moved!.Region)) : null;
                break;
            case StrategyFact.TransferSent(var region, var sending):
                Send(step, region, sending);
                break;
            case StrategyFact.TransferReceived(var region, var number):
                if (_transfers.Book(step, Party.Of(region), number.Value, null) is { } home)
                {
                    step.Announce(At(home.From), _budget, home.Amount);
                }

                break;
            case StrategyFact.Entrusted(_, _, CargoTold told):
                _work.Tell(told);
                break;
            case StrategyFact.Posted(var posting):
                Post(step, posting);
                break;
            default:
                break; // The rest moves no credits.
        }
    }

    private void See(AuditStep step, Instant at, HubFact fact)
    {
        switch (fact)
        {
            case HubFact.Market(var market):
                if (!_repairs.See(step, market))
                {
                    _work.See(step, at, market);
                }

                _bonds.See(step, at, market, LotOf);
                break;
            case HubFact.TransferReceived(var number, var to, var amount):
                if (_transfers.Book(step, Party.Strategy, number.Value, amount) is { } sent)
                {
                    _ = step.Demand(
                        sent.For == to, $"{sent} is booked into {Text.Account(to)}, and is for "
                            + Text.Account(sent.For));
                    step.Announce(_strategy, to, amount);
                }

                break;
            case HubFact.TransferSent(var number, var bounty, var amount):
                var escrow = new AccountId(AccountKind.Escrow, bounty.Value);
                _work.SendHome(step, at, bounty, amount);
                _transfers.Send(step, new Transfer
                {
                    From = step.Machine,
                    To = Party.Strategy,
                    Number = number.Value,
                    Amount = amount,
                    Purpose = Purpose.Home,
                    For = _budget,
                    Due = amount.Micro,
                });
                step.Announce(escrow, new AccountId(AccountKind.Transit, number.Value), amount);
                break;
            case HubFact.LotsSent(var number, var bounty, var quantity, var amount):
                _work.SendLots(step, at, bounty, quantity, amount);
                _demands.LetGo(step.Machine, number, bounty, quantity);
                _transfers.Send(step, new Transfer
                {
                    From = step.Machine,
                    To = Party.Strategy,
                    Number = number.Value,
                    Amount = amount,
                    Purpose = Purpose.Home,
                    For = _budget,
                    Due = amount.Micro,
                });
                step.Announce(
                    new AccountId(AccountKind.Escrow, bounty.Value),
                    new AccountId(AccountKind.Transit, number.Value), amount);
                break;
            case HubFact.NodeReleased(var node, var balance):
                Leave(step, node, AccountKind.Correspondent, balance);
                _transfers.Depart(step, node, balance);
                break;
            case HubFact.NodeRetired(var node, var balance):
                Leave(step, node, AccountKind.Reserve, balance);
                break;
            case HubFact.Tolled(var node, _, var toll):
                Tolls += toll;
                step.Announce(
                    new AccountId(AccountKind.Balance, node.Value), new AccountId(AccountKind.Burned, 0),
                    toll);
                break;
            case HubFact.FaceTolled(var node, _, var toll):
                FaceTolls += toll;
                step.Announce(
                    new AccountId(AccountKind.Balance, node.Value), new AccountId(AccountKind.Burned, 0),
                    toll);
                break;
            case HubFact.Served(var node, _, _, _):
                _ = _served.Add(node);
                _ = _leaving.RemoveAll(left => left.Node == node && left.To == AccountKind.Burned);
                break;
            case HubFact.Posted(var posting):
                Post(step, posting);
                break;
            default:
                break; // The rest moves no credits.
        }
    }

    private void Send(AuditStep step, RegionId region, Sending sending)
    {
        Purpose purpose = Purpose.Charter;
        AccountId account;
        Party? origin = null;
        if (sending.Work is { } work)
        {
            account = new AccountId(AccountKind.Escrow, work.Bounty.Id.Value);
            bool isNew = _mayFund?.Bounty?.Id == work.Bounty.Id;
            purpose = isNew ? Purpose.Bounty : Purpose.Moved;
            Credits worth = isNew ? work.Bounty.Worth : work.Left;
            _ = step.Demand(
                sending.Amount == worth,
                $"bounty {work.Bounty.Id.Value} is sent {Text.Credits(sending.Amount)}, and is worth "
                    + Text.Credits(worth));
            if (!isNew)
            {
                bool isMoved = _moved?.Bounty == work.Bounty.Id;
                _ = step.Demand(isMoved, $"bounty {work.Bounty.Id.Value} is funded twice");
                origin = _moved?.From;
                _work.HandOn(step, region, work);
            }
        }
        else if (sending.Machine is { } machine)
        {
            account = new AccountId(AccountKind.Balance, machine.Node.Value);
            purpose = Purpose.Node;
            origin = _transfers.Settle(step, machine.Node, sending.Amount);
            _ = step.Demand(
                origin is not null || step.IsVoiding,
                $"node {machine.Node.Value} is sent to region {region.Value} and has not left another");
        }
        else
        {
            account = new AccountId(AccountKind.Reserve, 0);
            _ = step.Demand(
                _mayFund is { Bounty: null } charter && charter.Region == region,
                $"region {region.Value} is sent working capital without a charter or a share of births");
        }

        _transfers.Send(step, new Transfer
        {
            From = step.Machine,
            To = Party.Of(region),
            Number = sending.Transfer.Value,
            Amount = sending.Amount,
            Purpose = purpose,
            For = account,
            Origin = origin,
            Due = sending.Amount.Micro,
        });
    }

    private void Post(AuditStep step, Posting posting)
    {
        Postings++;
        Judge(step, posting);
        Int128 left = _accounts.Move(step.Machine, posting);
        _ = step.Demand(
            posting.From.IsContra || left >= 0,
            $"{Text.Account(posting.From)} falls to {Text.Credits(left)} at {step.Machine}");
    }

    private void Judge(AuditStep step, Posting posting)
    {
        ((AccountKind from, ulong fromNumber), (AccountKind to, ulong toNumber), Credits amount) =
            ((posting.From.Kind, posting.From.Number), (posting.To.Kind, posting.To.Number), posting.Amount);
        bool isStrategy = step.Machine == Party.Strategy;
        _ = step.Demand(amount > Credits.Zero, "a posting moves nothing");
        if (!isStrategy && _bonds.Judge(step, posting, LotOf))
        {
            return;
        }

        switch (from, to, isStrategy)
        {
            case (AccountKind.Mint, _, false):
                _ = step.Demand(false, $"{step.Machine} mints, and only the strategic layer may");
                break;
            case (AccountKind.Mint or AccountKind.Budget, AccountKind.Transit, true):
                Transfer? funds = _transfers.Find(step.Machine, toNumber);
                bool isNew = funds is { Purpose: Purpose.Charter or Purpose.Bounty };
                _ = step.Demand(isNew, $"{Text.Credits(amount)} are taken from {Text.Account(posting.From)} "
                    + "for neither a charter nor a new bounty");
                _transfers.Pay(step, toNumber, amount);
                if (from == AccountKind.Mint && _mayFund?.Bounty is { } funded)
                {
                    _work.Bounties[funded.Id].Minted += amount;
                }

                break;
            case (AccountKind.Correspondent, AccountKind.Transit, true):
                Transfer? passed = _transfers.Find(step.Machine, toNumber);
                _ = step.Demand(
                    passed is { Purpose: Purpose.Moved or Purpose.Node }
                        && (passed.Origin is null || At(passed.Origin.Value) == posting.From)
                        && (passed.Origin is not null || IsVoid(fromNumber)),
                    $"{Text.Credits(amount)} of region {fromNumber} are sent on, and it gave up nothing");
                _transfers.Pay(step, toNumber, amount);
                if (passed?.Origin is not null && passed.Purpose == Purpose.Node)
                {
                    _transfers.Arrive(amount); // It was on its way since the node left.
                }

                break;
            case (AccountKind.Escrow, AccountKind.Transit, false):
                Answer(step, posting);
                _transfers.Pay(step, toNumber, amount);
                break;
            case (AccountKind.Transit, AccountKind.Correspondent, _):
                Party far = isStrategy ? Party.Of(new RegionId((uint)toNumber)) : Party.Strategy;
                _transfers.Close(step, fromNumber, far, amount);
                break;
            case (AccountKind.Reserve, AccountKind.Balance, false):
                _ = step.Demand(
                    _seeded.Add(new NodeId((uint)toNumber)),
                    $"node {toNumber} has its working capital twice");
                break;
            case (AccountKind.Balance, AccountKind.Burned, false) when step.Announced.Remove(posting):
                break; // A toll, or what a carrier lost.
            case (AccountKind.Balance, AccountKind.Burned, false) when _served.Remove(new((uint)fromNumber)):
                Int128 most = _accounts[step.Machine, posting.From] / Treasury.DemurrageDivisor;
                _ = step.Demand(amount.Micro <= most, $"node {fromNumber} pays {Text.Credits(amount)} of "
                    + $"demurrage, and a share of what it owns is {Text.Credits(most)} at most");
                Demurrage += amount;
                break;
            case (AccountKind.Balance, AccountKind.Reserve, false):
                _leaving.Add((new NodeId((uint)fromNumber), to, amount)); // One that is retired.
                break;
            case (AccountKind.Balance, AccountKind.Burned or AccountKind.Correspondent, false):
                _leaving.Add((new NodeId((uint)fromNumber), to, amount));
                if (to == AccountKind.Correspondent)
                {
                    _transfers.Leave(amount);
                }

                break;
            case (AccountKind.Correspondent, AccountKind.Budget, true) when step.IsVoiding:
                _ = step.Announced.Remove(posting); // A report, or the rest of what a lost region had.
                _ = step.Demand(IsVoid(fromNumber), $"region {fromNumber} is emptied and was not given up");
                break;
            case (AccountKind.Correspondent, _, _):
                Answer(step, posting);
                _transfers.Arrive(amount);
                break;
            default:
                Answer(step, posting);
                break;
        }
    }

    // A posting stands if a fact of the step has called for it.
    private static void Answer(AuditStep step, Posting posting) => _ = step.Demand(
        step.Announced.Remove(posting),
        $"{Text.Credits(posting.Amount)} go from {Text.Account(posting.From)} to {Text.Account(posting.To)} "
            + $"at {step.Machine}, and nothing that it remembers calls for that");

    private void Leave(AuditStep step, NodeId node, AccountKind to, Credits amount)
    {
        Credits left = Credits.Zero;
        foreach ((NodeId _, AccountKind _, Credits part) in _leaving.Where(l => l.Node == node && l.To == to))
        {
            left += part;
        }

        _ = _leaving.RemoveAll(l => l.Node == node && l.To == to);
        _ = step.Demand(
            left == amount,
            $"node {node.Value} leaves with {Text.Credits(amount)}, and {Text.Credits(left)} were taken");
        var balance = new AccountId(AccountKind.Balance, node.Value);
        _ = step.Demand(
            _accounts[step.Machine, balance] == 0, $"node {node.Value} leaves and leaves credits behind");
    }

    private void Void(AuditStep step, Party hub)
    {
        _ = _void.Add(hub);
        step.IsVoiding = true;
        _accounts.Void(hub);
        _transfers.Void(hub);
        _work.Void(hub);
        _repairs.Void(hub);
        _bonds.Void(hub);
    }

    private void EndStep(AuditStep step)
    {
        step.Fact = 0;
        foreach (Posting missing in step.Announced)
        {
            _ = step.Demand(
                false,
                $"{Text.Credits(missing.Amount)} should go from {Text.Account(missing.From)} to "
                    + $"{Text.Account(missing.To)} at {step.Machine}, and are not posted");
        }

        foreach ((NodeId node, AccountKind to, Credits amount) in _leaving)
        {
            _ = step.Demand(
                false,
                to == AccountKind.Burned
                    ? $"{Text.Credits(amount)} of node {node.Value} are burned and nothing was sold to it"
                : to == AccountKind.Reserve
                    ? $"{Text.Credits(amount)} of node {node.Value} go to the reserve and it is not retired"
                    : $"{Text.Credits(amount)} of node {node.Value} leave the region and it does not");
        }

        _leaving.Clear();
        _served.Clear();
        _transfers.EndStep(step);
        _work.EndStep(step, _accounts);
        _repairs.EndStep(step, _accounts);
        _bonds.EndStep(step, _accounts);
        (_mayFund, _moved) = (null, null);
        if (step.IsVoiding)
        {
            _burnedByVoid = 0;
            foreach (Party hub in _void)
            {
                _burnedByVoid += _accounts[Party.Strategy, At(hub)];
            }
        }

        _ = step.Demand(Totals.IsBalanced, Equation(Totals));
    }

    private Grams? LotOf(BountyId bounty) =>
        _work.Bounties.TryGetValue(bounty, out AuditedBounty? known)
            ? known.Bounty.Lot : _repairs.LotOf(bounty);

    private bool IsVoid(ulong region) => _void.Contains(Party.Of(new RegionId((uint)region)));

    private static AccountId At(Party hub) => new(AccountKind.Correspondent, hub.Number);

    private static string Equation(AuditedTotals totals) =>
        $"minted {Text.Credits(totals.Minted)} are not escrow {Text.Credits(totals.Escrow)} + in transit "
            + $"{Text.Credits(totals.InTransit)} + balances "
            + $"{Text.Credits(totals.Nodes + totals.Reserves + totals.Budget)} + burned "
            + Text.Credits(totals.Burned);
}

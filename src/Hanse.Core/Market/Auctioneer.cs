using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Market;

/// <summary>What became of a sheet of bids.</summary>
public enum SheetVerdict
{
    /// <summary>It is in the sealed batch.</summary>
    Taken,

    /// <summary>It answers a cycle that is not open.</summary>
    WrongCycle,

    /// <summary>The node has answered this cycle already; the first answer stands.</summary>
    AlreadyBid,

    /// <summary>The node holds a contract, and so may not bid.</summary>
    Leased,

    /// <summary>It offers to arrive before the batch is opened.</summary>
    Implausible,

    /// <summary>The node has called for help, and so may not bid.</summary>
    Immobile,
}

/// <summary>What became of cargo on the scale.</summary>
public enum WeighingVerdict
{
    /// <summary>Delivered in time; settled.</summary>
    Settled,

    /// <summary>Delivered late; recognised.</summary>
    Late,

    /// <summary>No such contract of this node under this epoch.</summary>
    UnknownContract,

    /// <summary>The contract was delivered before; nothing is paid twice.</summary>
    AlreadyDelivered,
}

/// <summary>What the market made of cargo on the scale.</summary>
/// <param name="Verdict">What became of it.</param>
/// <param name="Counted">What counts towards the bounty; nothing unless it is settled or late.</param>
/// <param name="Paid">What was paid for that.</param>
public readonly record struct WeighingResult(WeighingVerdict Verdict, Grams Counted, Credits Paid);

/// <summary>A region's market: open bounties, one sealed batch a cycle, and the contracts that come of
/// it.</summary>
/// <remarks>
/// The problem: work must find machines that are out of reach most of the time, and find others when those
/// die. The idea is the contract net (Smith, IEEE Trans. Computers C-29, 1980) with a sealed batch in place
/// of an open call: requests go out, answers come in over a whole contact period, then all are opened at
/// once. A contract is a lease (Gray and Cheriton, SOSP 1989): when it runs out undelivered its work is open
/// again in the next batch, with no word from the node that held it. The node stops by its own clock before
/// the hub re-awards by its own: the due time less the clock error against the due time plus the clock error
/// and light.
/// <para>
/// Invariants. For each bounty, delivered + under contract + open = total, and none is negative. A node holds
/// at most one live contract. A contract is paid at most once, for at most what it held and
/// <see cref="Bounty.OverDeliveryPpm"/> of what is open, at no more than the reserve, or for stopping, at
/// most its price; so the escrow always suffices. Of a bounty that was reduced, wanted takes the place of
/// total, and what is delivered or under contract may be more than that. Limits:
/// <see cref="RequestsMax"/> requests a cycle, the most urgent first; <see cref="BountiesMax"/> open
/// bounties, beyond which a posting is refused.
/// Deliberately absent: money (the ledger's affair), links, and whom to ask (the hub's).
/// </para>
/// </remarks>
public sealed partial class Auctioneer
{
    /// <summary>Most bounties open at a time in one region.</summary>
    public const int BountiesMax = 10_000;

    /// <summary>Most requests of a cycle; each node is asked a message's worth of them. What nobody wanted in
    /// the last batches comes last.</summary>
    public const int RequestsMax = 100;

    // Of a message's requests so many are the most urgent ones.
    private const int UrgentMax = RequestForProposals.RequestsMax / 2;

    // Awards of one bounty that a lost hub may have given without having told.
    private const int UnheardAwardsMax = 100_000;

    private readonly RegionId _region;
    private readonly MissionRules _rules;
    private readonly TimeSpan _lightTime;
    private readonly Action<MarketFact> _record;
    private readonly Func<NodeId, Instant> _heardAt;
    private readonly Func<NodeId, Credits> _creditOf;
    private readonly Func<NodeId, PartsPerMillion> _ratioOf;
    private readonly Func<Contract, Instant, Progress> _progressOf;
    private readonly Func<NodeId, Credits?> _worthMaxOf;

    private readonly SortedDictionary<BountyId, OpenBounty> _bounties = [];

    // Live contracts, and dead ones for as long as a late delivery is recognised.
    private readonly SortedDictionary<ContractId, Contract> _contracts = [];

    // The sealed answers of the open cycle.
    private readonly SortedDictionary<NodeId, BidSheet> _sheets = [];

    // Derived: the live contract of a node; when live contracts expire; when dead ones are forgotten.
    private readonly SortedDictionary<NodeId, ContractId> _held = [];
    private readonly SortedSet<(Instant At, ContractId Contract)> _expiries = [];
    private readonly SortedSet<(Instant At, ContractId Contract)> _forgets = [];

    // Derived: bounties that may be over, to be looked at once.
    private readonly SortedSet<BountyId> _perhapsOver = [];

    // Its buffers are reused; it remembers nothing.
    private readonly WinnerDetermination _clearing = new();

    private readonly ScarcityGauge _scarcity = new();
    private readonly HourBook _hours;

    // Contracts given so far.
    private ulong _given;

    /// <summary>A market with nothing on it.</summary>
    /// <param name="region">The region: its contracts are named after it.</param>
    /// <param name="rules">The mission's rules.</param>
    /// <param name="lightTime">Longest one-way light time between hub and node.</param>
    /// <param name="record">Persists a fact and applies it.</param>
    /// <param name="heardAt">When a node was last heard, by the hub's clock; without it all are heard
    /// always.</param>
    /// <param name="creditOf">What a node owns, out of which it stakes its bonds; without it all can stake
    /// whatever is asked.</param>
    /// <param name="ratioOf">What a node's work has cost over what it asked for it: above one, its asks are
    /// ranked so much higher. As they were sent when there is none.</param>
    /// <param name="progressOf">How far the holder of a contract is by its plan; without it nobody has
    /// left.</param>
    /// <param name="worthMaxOf">What a contract of a node is worth at most while it has proven nothing; null
    /// for one like others, which all are without it.</param>
    public Auctioneer(
        RegionId region, MissionRules rules, TimeSpan lightTime, Action<MarketFact> record,
        Func<NodeId, Instant>? heardAt = null, Func<NodeId, Credits>? creditOf = null,
        Func<NodeId, PartsPerMillion>? ratioOf = null, Func<Contract, Instant, Progress>? progressOf = null,
        Func<NodeId, Credits?>? worthMaxOf = null)
    {
        _creditOf = creditOf ?? (_ => new Credits(Credits.MicroMax));
        _heardAt = heardAt ?? (_ => Instant.Never);
        _region = region;
        _rules = rules;
        _hours = new HourBook(rules);
        _lightTime = lightTime;
        _record = record;
        _ratioOf = ratioOf ?? (_ => new PartsPerMillion(ClaimBias.One));
        _worthMaxOf = worthMaxOf ?? (_ => null);
        _progressOf = progressOf ?? ((_, _) => default);
    }

    /// <summary>Whether the region's authority is over: running contracts end as they were promised, and
    /// nothing more is asked for or awarded.</summary>
    public bool IsWindingDown { get; internal set; }

    /// <summary>The cycle that collects bids; zero before the first.</summary>
    public CycleNumber Cycle { get; private set; }

    /// <summary>When it closes; the epoch before the first.</summary>
    public Instant Closes { get; private set; }

    /// <summary>What it asks for.</summary>
    public ImmutableArray<Request> Requests { get; private set; } = [];

    /// <summary>Open bounties, in order.</summary>
    public IReadOnlyDictionary<BountyId, OpenBounty> Bounties => _bounties;

    /// <summary>Number of live contracts.</summary>
    public int LiveContracts => _held.Count;

    /// <summary>When there is something to do.</summary>
    public Instant NextWake
    {
        get
        {
            Instant wake = Closes;
            if (_expiries.Count > 0)
            {
                wake = Instant.Min(wake, _expiries.Min.At);
            }

            if (_looks.Count > 0)
            {
                wake = Instant.Min(wake, _looks.Min.At);
            }

            if (_holds.Count > 0)
            {
                wake = Instant.Min(wake, _holds.Min.Until);
            }

            return Instant.Min(wake, NextClaim);
        }
    }

    /// <summary>What work is paid over what its winners asked, of the last awards; zero while there were
    /// none.</summary>
    public PartsPerMillion Scarcity => _scarcity.PaidOverAsked;

    /// <summary>What an hour of a node is posted to be worth, for the cycle that collects bids; zero while it
    /// is worth nothing, and where nothing is posted.</summary>
    public Credits HourWorth => _hours.Posted;

    /// <summary>The nodes that are held back for a joint work; null for none.</summary>
    public JointHold? JointHold => _joints.Hold;

    /// <summary>The contract of an identity, while it is remembered.</summary>
    public Contract? Find(ContractId contract) => _contracts.GetValueOrDefault(contract);

    /// <summary>Whether the node holds a live contract.</summary>
    public bool IsHeldBy(NodeId node) => _held.ContainsKey(node);

    /// <summary>What the node is to be paid for the contract it holds; zero when it holds none.</summary>
    public Credits WorthHeldBy(NodeId node)
    {
        if (!_held.TryGetValue(node, out ContractId held) || Find(held) is not { } contract)
        {
            return Credits.Zero;
        }

        Winner winner = contract.Winner;
        return winner.PricePerLot.ForPart(winner.Quantity, _bounties[winner.Bounty].Bounty.Lot);
    }

    /// <summary>Whether the node has answered the open cycle.</summary>
    public bool HasBid(NodeId node) => _sheets.ContainsKey(node);

    /// <summary>Puts a bounty on the market.</summary>
    /// <returns>False when the market is full, the bounty is on it already, or its joint work has another
    /// number of parts.</returns>
    public bool Open(Instant now, Bounty bounty)
    {
        if (_bounties.Count >= BountiesMax || _bounties.ContainsKey(bounty.Id)
            || bounty.Kind == WorkKind.Repair || bounty.Id.IsHelp || !_joints.Fits(bounty.Joint))
        {
            return false;
        }

        _record(new MarketFact.BountyOpened(bounty, now));
        return true;
    }

    /// <summary>Puts a bounty on the market that another hub began.</summary>
    /// <param name="assigned">The bounty as it stands; contracts of it are honoured as their holders
    /// come.</param>
    /// <param name="notBefore">Until when it waits for them.</param>
    /// <returns>False when the market is full, or the bounty is on it already, or so many contracts of it
    /// cannot have been given.</returns>
    public bool Adopt(BountyAssigned assigned, Instant notBefore)
    {
        if (_bounties.Count >= BountiesMax
            || _bounties.ContainsKey(assigned.Bounty.Id)
            || assigned.Epoch.Value > 1U << ContractId.CountBits)
        {
            return false;
        }

        _record(new MarketFact.BountyAdopted(
            assigned.Bounty, assigned.Delivered, assigned.Paid, assigned.Epoch, notBefore));
        return true;
    }

    /// <summary>Takes over work that another hub gave to a node: it holds its part of a bounty, if that is
    /// open and the terms are no better than the bounty's own.</summary>
    /// <returns>Whether the node holds it here; true as well when it was taken over before.</returns>
    public bool Honour(Instant now, NodeId node, ContractTerms terms)
    {
        Heard(now, node);
        if (Find(terms.Contract) is { } found)
        {
            return found.Winner.Node == node && found.IsLive;
        }

        // Even if it is not wanted any more: its holder could not know.
        if (IsHeldBy(node) || Fits(now, terms) is not { } bounty || terms.Quantity > bounty.Room)
        {
            return false;
        }

        _record(new MarketFact.Honoured(terms.Contract, terms.Epoch, HolderOf(node, terms), terms.Due));
        Stop(now, terms.Bounty);
        return true;
    }

    /// <summary>Counts cargo that another hub has weighed for work that it had given: once for each contract,
    /// of what nobody else has delivered or holds, on terms no better than the bounty's own.</summary>
    public void Recount(Instant now, NodeId node, ContractTerms terms, Commodity commodity, Grams weighed)
    {
        if (Find(terms.Contract) is not null)
        {
            _ = Weigh(node, terms.Contract, terms.Epoch, commodity, weighed);
        }
        else if (Fits(now, terms) is { } bounty && bounty.Bounty.Commodity == commodity
            && bounty.Bounty.Kind is WorkKind.Deliver or WorkKind.Transport)
        {
            Grams counted = Grams.Min(weighed, Grams.Min(terms.Quantity, bounty.Room));
            Credits paid = terms.PricePerLot.ForPart(counted, bounty.Bounty.Lot);
            _record(new MarketFact.Recounted(
                terms.Contract, terms.Epoch, HolderOf(node, terms), terms.Due, counted, paid));
        }
    }

    // The bounty of work that another hub gave, if that can have been given.
    private OpenBounty? Fits(Instant now, ContractTerms terms) =>
        terms.Contract.Region != _region
        && terms.Quantity > Grams.Zero
        && _bounties.GetValueOrDefault(terms.Bounty) is { } bounty
        && terms.PricePerLot <= bounty.Bounty.ValuePerLot
        && terms.Due <= bounty.Bounty.Deadline
        && terms.Epoch.Value <= bounty.Awards + UnheardAwardsMax
        && now < terms.Due + _rules.LateDeliveryMax // Later it may have been forgotten here.
            ? bounty : null;

    private static Winner HolderOf(NodeId node, ContractTerms terms) =>
        new(terms.Bounty, node, terms.Quantity, terms.PricePerLot, terms.Due, TimeSpan.Zero, Credits.Zero);

    /// <summary>Takes a node's sealed answers.</summary>
    public SheetVerdict Take(Instant now, NodeId node, BidSheet sheet)
    {
        Heard(now, node);
        if (sheet.HasOffer && !IsImmobile(node))
        {
            SeeMoving(now, node, isAtDepot: false);
        }

        SheetVerdict verdict =
            sheet.Cycle != Cycle || now >= Closes ? SheetVerdict.WrongCycle
            : HasBid(node) ? SheetVerdict.AlreadyBid
            : IsHeldBy(node) && sheet.Bids.Length > 0 ? SheetVerdict.Leased
            : IsImmobile(node) && sheet.HasOffer ? SheetVerdict.Immobile
            : ArrivesTooSoon(sheet) ? SheetVerdict.Implausible
            : SheetVerdict.Taken;
        if (verdict == SheetVerdict.Taken)
        {
            _record(new MarketFact.SheetTaken(node, Affordable(node, Proven(node, sheet))));
        }

        return verdict;
    }

    /// <summary>Takes a node's sealed answers out of the batch; without any, nothing happens.</summary>
    public void Withdraw(NodeId node)
    {
        if (HasBid(node))
        {
            _record(new MarketFact.SheetWithdrawn(node));
        }
    }

    /// <summary>The node's acceptance of an award.</summary>
    /// <returns>False when there is no such live contract of this node under this epoch.</returns>
    public bool Accept(Instant now, NodeId node, ContractId contract, Epoch epoch)
    {
        Contract? found = Find(contract);
        if (found is { IsMissing: true } && found.Winner.Node == node && found.Epoch == epoch)
        {
            bool holds = CanResume(now, found);
            _record(new MarketFact.SilenceEnded(contract, holds));
            return holds;
        }

        if (found is null || found.Winner.Node != node || found.Epoch != epoch || !found.IsLive)
        {
            return false;
        }

        if (found.Status == ContractStatus.Offered)
        {
            _record(new MarketFact.Accepted(contract));
        }

        return true;
    }

    /// <summary>The node gives a contract back.</summary>
    /// <returns>False when there is no such live contract of this node under this epoch.</returns>
    public bool Release(NodeId node, ContractId contract, Epoch epoch)
    {
        Contract? found = Find(contract);
        if (found is { IsMissing: true } && found.Winner.Node == node && found.Epoch == epoch)
        {
            _record(new MarketFact.SilenceEnded(contract, IsHolder: false));
            return true;
        }

        if (found is null || found.Winner.Node != node || found.Epoch != epoch || !found.IsLive)
        {
            return false;
        }

        _record(new MarketFact.Returned(contract, ContractOutcome.Released));
        return true;
    }

    /// <summary>Whether a contract was given once, remembered or not. Of another hub's contracts it is not
    /// known, and they are taken to have been.</summary>
    public bool WasGiven(ContractId contract) => contract.Region != _region
        || (contract.CompareTo(ContractId.After(_region, 0)) >= 0 && contract.CompareTo(Next) < 0);

    /// <summary>Cargo on the depot's scale: measured, not claimed. The one rule of what counts and is
    /// paid.</summary>
    /// <remarks>In time it counts up to what was contracted, and a little over of what is open. Late it
    /// counts for what nobody else has delivered or holds, and for no more than was contracted: since no
    /// price is above the reserve, what is open is covered by credits that are promised to nobody.</remarks>
    public WeighingResult Weigh(NodeId node, ContractId contract, Epoch epoch, Commodity commodity,
        Grams weighed)
    {
        Contract? found = Find(contract);
        if (found is null || found.Winner.Node != node || found.Epoch != epoch)
        {
            return new WeighingResult(WeighingVerdict.UnknownContract, default, default);
        }

        if (found.Status is ContractStatus.Settled or ContractStatus.DeliveredLate)
        {
            return new WeighingResult(WeighingVerdict.AlreadyDelivered, default, default);
        }

        OpenBounty? bounty = _bounties.GetValueOrDefault(found.Winner.Bounty);
        if (bounty is { Bounty.Kind: not (WorkKind.Deliver or WorkKind.Transport) })
        {
            return new WeighingResult(WeighingVerdict.UnknownContract, default, default); // Not by a scale.
        }

        // What was cancelled was paid for not delivering.
        bool counts = bounty?.Bounty.Commodity == commodity && found.Status != ContractStatus.Cancelled;
        return counts && bounty!.Bounty.Kind == WorkKind.Transport
            ? Settle(found, bounty, weighed, TakenFor(found, bounty))
            : Settle(found, counts ? bounty : null, weighed);
    }

    // Nothing counts where there is no bounty that it could count for, and never more than the most that is
    // given.
    private WeighingResult Settle(
        Contract contract, OpenBounty? bounty, Grams measured, Grams? most = null)
    {
        Winner winner = contract.Winner;
        Grams held = bounty is null ? Grams.Zero
            : contract.IsLive ? Bounty.Countable(winner.Quantity, bounty.Open)
            : Grams.Min(winner.Quantity, bounty.Open);
        Grams counted = Grams.Min(Grams.Min(measured, most ?? measured), held);
        Credits paid = bounty is null
            ? Credits.Zero : winner.PricePerLot.ForPart(counted, bounty.Bounty.Lot);
        _record(new MarketFact.Delivered(
            contract.Id,
            contract.IsLive ? ContractOutcome.Settled : ContractOutcome.DeliveredLate,
            measured,
            counted,
            paid));
        return new WeighingResult(
            contract.IsLive ? WeighingVerdict.Settled : WeighingVerdict.Late, counted, paid);
    }

    /// <summary>The operator lets cargo count that the rule did not: what is open of the bounty, at the
    /// contract's price.</summary>
    /// <returns>False when the contract is not a delivered one of this node, or nothing is open: what others
    /// hold or have delivered is never taken from them.</returns>
    public bool Recognise(NodeId node, ContractId contract, Grams uncounted)
    {
        if (Find(contract) is not { } found
            || found.Winner.Node != node
            || found.Status is not (ContractStatus.Settled or ContractStatus.DeliveredLate)
            || found.Compensation > Credits.Zero
            || found.Winner.Bounty.IsHelp // Its patient pays, and has its own word.
            || _bounties.GetValueOrDefault(found.Winner.Bounty) is not { } bounty
            || Grams.Min(uncounted, bounty.Open) is var counted && counted <= Grams.Zero)
        {
            return false;
        }

        Credits paid = found.Winner.PricePerLot.ForPart(counted, bounty.Bounty.Lot);
        _record(new MarketFact.Recognised(contract, counted, paid));
        return true;
    }

    /// <summary>Does what is due: expires leases, opens the batch, closes bounties. Early wakes do
    /// nothing.</summary>
    public void Wake(Instant now)
    {
        while (_expiries.Count > 0 && _expiries.Min.At <= now)
        {
            ContractId over = _expiries.Min.Contract;
            _record(_contracts[over].IsMissing
                ? new MarketFact.SilenceEnded(over, IsHolder: false)
                : new MarketFact.Returned(over, ContractOutcome.Expired));
        }

        Look(now);
        EndHolds(now);
        EndClaims(now);

        if (now >= Closes)
        {
            OpenBatch(now);
            BreakJoints();
            CloseBounties(now);
            GiveBack(now);
            ForgetContracts(now);
            OpenCycle(now);
        }
    }

    /// <summary>Closes what deliveries have filled. Called after every step that weighed something.</summary>
    public void CloseBounties(Instant now)
    {
        EndBackups(now);
        EndJoints(now);
        bool isBroken = false;
        foreach (OpenBounty bounty in Over(now))
        {
            uint joint = bounty.Bounty.Joint.Number;
            BountyOutcome outcome = OutcomeOf(bounty);
            _record(new MarketFact.BountyClosed(
                bounty.Bounty.Id, outcome, bounty.Delivered, bounty.Paid, bounty.LowestAsk));
            if (outcome != BountyOutcome.Filled && _joints.IsOpen(joint) && !_joints.IsBroken(joint))
            {
                _record(new MarketFact.JointBroken(joint));
                isBroken = true;
            }
        }

        if (isBroken)
        {
            CloseBounties(now);
        }
    }

    // What a broken work does not want any more was wanted when it was ordered.
    private BountyOutcome OutcomeOf(OpenBounty bounty)
    {
        bool isBroken = _joints.IsBroken(bounty.Bounty.Joint.Number);
        bool isFilled = isBroken ? !IsShort(bounty) : bounty.IsFilled(_rules.FillTolerance);
        return !isBroken && bounty.Wanted == Grams.Zero ? BountyOutcome.Cancelled
            : isFilled ? BountyOutcome.Filled
            : bounty.Delivered > bounty.Spoilt ? BountyOutcome.PartlyFilled
            : BountyOutcome.Unfilled;
    }

    /// <summary>Applies one remembered fact.</summary>
    public void Apply(MarketFact fact)
    {
        switch (fact)
        {
            case MarketFact.BountyOpened(var bounty, var since):
                _bounties.Add(bounty.Id, new OpenBounty { Bounty = bounty, Since = since });
                _joints.Open(bounty.Joint, isAdopted: false);
                break;
            case MarketFact.BountyAdopted(var bounty, var delivered, var paid, var epoch, var notBefore):
                _bounties.Add(bounty.Id, new OpenBounty
                {
                    Bounty = bounty,
                    Delivered = delivered,
                    Paid = paid,
                    Awards = (int)epoch.Value,
                    NotBefore = notBefore,
                    Since = notBefore,
                });
                _ = _perhapsOver.Add(bounty.Id);
                _joints.Open(bounty.Joint, isAdopted: true);
                if (epoch.Value > 0)
                {
                    _joints.Begin(bounty.Joint);
                }

                break;
            case MarketFact.Honoured(var contract, var epoch, var winner, var due):
                Hold(Taken(contract, epoch, winner, due, ContractStatus.Accepted), (int)epoch.Value);
                break;
            case MarketFact.Recounted(var contract, var epoch, var winner, var due, var counted, var paid):
                Contract recounted = Taken(contract, epoch, winner, due, ContractStatus.DeliveredLate);
                _contracts.Add(contract, recounted);
                Index(recounted);
                OpenBounty of = _bounties[winner.Bounty];
                Invariant.Holds(counted <= of.Room);
                Count(of with { Awards = Math.Max(of.Awards, (int)epoch.Value) }, counted, paid);
                _joints.Begin(of.Bounty.Joint);
                break;
            case MarketFact.CycleOpened(var cycle, var closes, var requests):
                Invariant.Holds(cycle == Cycle.Next && _sheets.Count == 0);
                foreach (Request request in requests)
                {
                    _bounties[request.Bounty] = AsAsked(_bounties[request.Bounty]);
                }

                Cycle = cycle;
                Closes = closes;
                Requests = requests;
                _hours.Open();
                ApplyAsked();
                break;
            case MarketFact.SheetTaken(var node, var sheet):
                _sheets.Add(node, sheet);
                _supply.Hear(node, sheet, Requests, Closes);
                break;
            case MarketFact.Ranked(var node, var ratio):
                _hours.Rank(node, ratio); // The batch is opened in the same step.
                break;
            case MarketFact.Cleared(_, var asks):
                _hours.Close(Closes, _sheets, _held);
                ApplyCleared(asks);
                _scarcity.Fade();
                break;
            case MarketFact.Awarded awarded:
                ApplyAwarded(awarded);
                break;
            case MarketFact.HourPosted(var worth):
                _hours.Post(worth);
                break;
            case MarketFact.Accepted(var contract):
                _contracts[contract] = _contracts[contract] with
                {
                    Status = ContractStatus.Accepted,
                    IsTaken = true,
                };
                break;
            case MarketFact.Delivered delivered:
                ApplyDelivered(delivered);
                break;
            case MarketFact.Recognised(var contract, var counted, var paid):
                Count(_bounties[_contracts[contract].Winner.Bounty], counted, paid);
                break;
            case MarketFact.SheetWithdrawn(var node):
                _ = _sheets.Remove(node);
                break;
            case MarketFact.Watched(var contract, var watches):
                ApplyWatched(contract, watches);
                break;
            case MarketFact.Missed(var contract, _):
                ApplyMissed(contract);
                break;
            case MarketFact.SilenceEnded(var contract, var holds):
                ApplySilenceEnded(contract, holds);
                break;
            case MarketFact.Extended(var contract, var due):
                ApplyExtended(contract, due);
                break;
            case MarketFact.Reduced reduced:
                Apply(reduced);
                break;
            case MarketFact.CancelAsked(var contract):
                ApplyCancelAsked(contract);
                break;
            case MarketFact.Cancelled(var contract, var paid):
                ApplyCancelled(contract, paid);
                break;
            case MarketFact.CancelKept(var contract):
                _contracts[contract] = _contracts[contract] with { Cancel = CancelState.Kept };
                break;
            case MarketFact.Returned(var contract, var outcome):
                End(
                    contract,
                    outcome == ContractOutcome.Expired ? ContractStatus.Expired : ContractStatus.Released,
                    Grams.Zero,
                    Credits.Zero);
                break;
            case MarketFact.Forgotten(var contract):
                Unindex(_contracts[contract]);
                _ = _contracts.Remove(contract);
                _ = _partsOut.Remove(contract); // Whoever had them is dead, or never comes.
                break;
            case MarketFact.BountyClosed closed:
                Invariant.Holds(IsQuiet(_bounties[closed.Bounty]));
                _joints.Close(_bounties[closed.Bounty].Bounty.Joint);
                Close(closed.Bounty);
                _ = closed.Bounty.IsHelp && _helps.Remove(closed.Bounty.Patient);
                break;
            case MarketFact.Recalled(var lots, var epoch, var count):
                _recalls[lots] = (epoch, count);
                break;
            case MarketFact.LotsTaken taken:
                Apply(taken);
                break;
            case MarketFact.Kept kept:
                Apply(kept);
                break;
            case MarketFact.KeptPaid keptPaid:
                Apply(keptPaid);
                break;
            case MarketFact.Falsified falsified:
                Apply(falsified);
                break;
            case MarketFact.PartsTaken taken:
                Apply(taken);
                break;
            case MarketFact.PartsBack back:
                Apply(back);
                break;
            case MarketFact.CustodyTaken taken:
                Apply(taken);
                break;
            case MarketFact.CustodyEnded ended:
                Apply(ended);
                break;
            case MarketFact.HelpOpened helpOpened:
                Apply(helpOpened);
                break;
            case MarketFact.Mended mended:
                Apply(mended);
                break;
            case MarketFact.RepairClaimed claimed:
                Apply(claimed);
                break;
            case MarketFact.ClaimEnded claimEnded:
                Apply(claimEnded);
                break;
            case MarketFact.HelpChanged helpChanged:
                Apply(helpChanged);
                break;
            case MarketFact.JointLeft:
                break; // For whoever reads the facts: the batch is opened in the same step.
            case MarketFact.JointBroken(var joint):
                _joints.Break(joint);
                break;
            case MarketFact.JointHeld(var hold):
                _joints.Keep(hold);
                break;
            case MarketFact.JointHoldEnded(var joint):
                _joints.EndHold(joint);
                break;
            default:
                throw new UnreachableException($"no rule for {fact}");
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("market", 20);
        codec.Table(
            "bounties",
            _bounties,
            static (ref TCodec c, BountyId key) => c.Bounty("bounty", key),
            static (ref TCodec c, OpenBounty value) => OpenBounty.Shape(ref c, value));
        codec.Table(
            "contracts",
            _contracts,
            static (ref TCodec c, ContractId key) => c.Contract("contract", key),
            static (ref TCodec c, Contract value) => Contract.Shape(ref c, value));
        codec.Table(
            "sheets",
            _sheets,
            static (ref TCodec c, NodeId key) => c.Node("node", key),
            static (ref TCodec c, BidSheet value) => BidSheet.Shape(ref c, value));
        IsWindingDown = codec.Flag("isWindingDown", IsWindingDown);
        Cycle = codec.Cycle("cycle", Cycle);
        Closes = codec.Moment("closes", Closes);
        Requests = codec.List("requests", Requests, RequestsMax);
        _given = codec.Count("given", _given);
        codec.Table(
            "recalls",
            _recalls,
            static (ref TCodec c, BountyId key) => c.Bounty("bounty", key),
            static (ref TCodec c, (Epoch Epoch, int Lots) value) =>
                (c.Epoch("epoch", value.Epoch), c.Number("lots", value.Lots)));
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
            static (ref TCodec c, PartsOut value) => Market.PartsOut.Shape(ref c, value));
        codec.Table(
            "custody",
            _custody,
            static (ref TCodec c, ContractId key) => c.Contract("contract", key),
            static (ref TCodec c, Custody value) => Custody.Shape(ref c, value));
        codec.Table(
            "kept",
            _kept,
            static (ref TCodec c, ContractId key) => c.Contract("contract", key),
            static (ref TCodec c, KeptPay value) => KeptPay.Shape(ref c, value));
        ShapeRepairs(ref codec);
        _joints.Shape(ref codec);
        _supply.Shape(ref codec);
        _scarcity.Shape(ref codec);
        _hours.Shape(ref codec);
        codec.Close();
        if (codec.IsReading)
        {
            Derive();
        }
    }

    private ContractId Next => ContractId.After(_region, _given);

    private bool ArrivesTooSoon(BidSheet sheet)
    {
        foreach (Bid bid in sheet.Bids)
        {
            foreach (BidStep step in bid.Steps)
            {
                if (step.Arrives <= Closes)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private void OpenBatch(Instant now)
    {
        SortedDictionary<NodeId, BidSheet> ranked = Ranked();
        (ImmutableArray<Winner> won, ImmutableArray<Credits> lowest) = ClearHolding(now, ranked);
        ImmutableArray<Winner> winners = ranked == _sheets ? won : WithAsks(won);
        var asks = ImmutableArray.CreateBuilder<ulong>(lowest.Length);
        foreach (Credits ask in lowest)
        {
            asks.Add((ulong)ask.Micro);
        }

        Instant cleared = Closes;
        SortedSet<uint> unbegun = Unbegun();
        _record(new MarketFact.Cleared(Cycle, asks.ToImmutable()));
        foreach (Winner winner in winners)
        {
            if (Givable(winner, now) is var (quantity, due))
            {
                _record(new MarketFact.Awarded(
                    Next,
                    new Epoch((uint)_bounties[winner.Bounty].Awards + 1),
                    winner with { Quantity = quantity },
                    (cleared + _rules.AcceptDelayMax).CeilingSecond,
                    due));
            }
        }

        HoldsWhole(unbegun);
    }

    // What a winner may be given, and until when; null when there is nothing left to give: the bounty was
    // closed or delivered meanwhile by a late arrival, or the batch is opened so late, or the bid promised so
    // early, that the contract would be over already.
    private (Grams Quantity, Instant Due)? Givable(Winner winner, Instant now)
    {
        if (_bounties.GetValueOrDefault(winner.Bounty) is not { } bounty)
        {
            return null;
        }

        Grams quantity = Givable(bounty, winner.Quantity);
        Instant promised = winner.Arrives + (3 * winner.Sigma) + _rules.DueSlack;
        bool isGiven = quantity > Grams.Zero
            && !IsHeldBy(winner.Node)
            && !IsMissing(winner.Node)
            && !IsImmobile(winner.Node)
            && IsConsented(winner.Bounty)
            && BondOf(winner with { Quantity = quantity }) + LiabilityOf(winner.Bounty, quantity)
                <= CreditOf(winner.Node)
            && !IsWindingDown
            && Instant.Min(promised, bounty.Bounty.Deadline) > now;
        return isGiven ? (quantity, Instant.Min(promised.CeilingSecond, bounty.Bounty.Deadline)) : null;
    }

    // The sheets as they are ranked: those that were sent, unless somebody claims too little.
    private SortedDictionary<NodeId, BidSheet> Ranked()
    {
        SortedDictionary<NodeId, BidSheet>? ranked = null;
        foreach (KeyValuePair<NodeId, BidSheet> sheet in _sheets)
        {
            PartsPerMillion ratio = _ratioOf(sheet.Key);
            if (ratio.Value > ClaimBias.One)
            {
                ranked ??= new SortedDictionary<NodeId, BidSheet>(_sheets);
                ranked[sheet.Key] = ClaimBias.Ranked(sheet.Value, ratio);
                _record(new MarketFact.Ranked(sheet.Key, ratio));
            }
        }

        return ranked ?? _sheets;
    }

    // With what each asked itself, whatever it was ranked by.
    private ImmutableArray<Winner> WithAsks(ImmutableArray<Winner> ranked)
    {
        var winners = ImmutableArray.CreateBuilder<Winner>(ranked.Length);
        foreach (Winner winner in ranked)
        {
            Credits asked = winner.Asked;
            foreach (Bid bid in _sheets[winner.Node].Bids)
            {
                asked = bid.Bounty == winner.Bounty && bid.For(winner.Quantity) is { } step
                    ? step.PricePerLot : asked;
            }

            winners.Add(winner with { Asked = asked });
        }

        return winners.MoveToImmutable();
    }

    private void OpenCycle(Instant now)
    {
        if (_hours.Next is { } worth)
        {
            _record(new MarketFact.HourPosted(worth)); // Before the cycle that is bid by it.
        }

        var wanted = new SortedSet<(int Unwanted, Instant Deadline, BountyId Bounty)>();
        foreach (OpenBounty bounty in _bounties.Values)
        {
            if (!IsWindingDown && bounty.IsWanted(now, _rules.FillTolerance))
            {
                _ = wanted.Add((Turn(bounty), bounty.Bounty.Deadline, bounty.Bounty.Id));
            }
        }

        var chosen = new SortedDictionary<BountyId, Request>();
        var spoken = new SortedDictionary<(DepotId, Commodity), Grams>();
        foreach ((int _, Instant _, BountyId id) in wanted)
        {
            if (chosen.Count == RequestsMax)
            {
                break;
            }

            if (chosen.ContainsKey(id))
            {
                continue; // With the other parts of its work.
            }

            foreach (BountyId part in Together(_bounties[id], now, RequestsMax - chosen.Count))
            {
                OpenBounty open = AsAsked(_bounties[part]);
                Grams asked = Askable(open, spoken);
                if (asked > open.Bounty.Total.Share(_rules.FillTolerance) && !chosen.ContainsKey(part))
                {
                    chosen.Add(part, Ask(open.Bounty, asked, open.Reserve(now, _rules.ReserveStart)));
                }
            }
        }

        _record(new MarketFact.CycleOpened(
            Cycle.Next, (now + _rules.CyclePeriod).CeilingSecond, [.. chosen.Values]));
    }

    /// <summary>The requests that a node is asked: all of them, or the most urgent and a share of the others
    /// that is another for each node and cycle.</summary>
    public ImmutableArray<Request> RequestsFor(NodeId node)
    {
        if (Requests.Length <= RequestForProposals.RequestsMax)
        {
            return Requests;
        }

        var urgent = new SortedSet<(int Unwanted, Instant Deadline, BountyId Bounty, int Place)>();
        for (int place = 0; place < Requests.Length; place++)
        {
            Request request = Requests[place];
            int unwanted = _bounties.GetValueOrDefault(request.Bounty) is { } asked ? Turn(asked) : 0;
            _ = urgent.Add((unwanted, request.Deadline, request.Bounty, place));
        }

        // In order of urgency: the first half of a message from the front, the second from where the node's
        // turn is among the rest.
        int[] places = new int[urgent.Count];
        int count = 0;
        foreach ((int _, Instant _, BountyId _, int place) in urgent)
        {
            places[count++] = place;
        }

        int rest = places.Length - UrgentMax;
        int turn = (int)(StableHash.Of(node.Value, Cycle.Value) % (ulong)rest);
        var chosen = new SortedSet<int>();
        for (int i = 0; i < RequestForProposals.RequestsMax; i++)
        {
            _ = chosen.Add(places[i < UrgentMax ? i : UrgentMax + ((turn + i - UrgentMax) % rest)]);
        }

        var heard = ImmutableArray.CreateBuilder<Request>(chosen.Count);
        foreach (int place in chosen)
        {
            heard.Add(Requests[place]);
        }

        return heard.MoveToImmutable();
    }

    // What nobody wanted comes last, and what nodes are held back for first: they are to hear of it.
    private int Turn(OpenBounty bounty) =>
        _joints.Hold is { } hold && hold.Work == bounty.Bounty.Joint.Number ? -1 : bounty.Unwanted;

    // Asked in the batch before as well: that left some of it open.
    private OpenBounty AsAsked(OpenBounty bounty) => Requests.Find(bounty.Bounty.Id) < 0
        ? bounty : bounty with { ShortBatches = bounty.ShortBatches + 1 };

    /// <summary>A bounty as a request for a quantity at a price.</summary>
    internal static Request Ask(Bounty bounty, Grams quantity, Credits price) =>
        new(bounty.Id, bounty.Commodity, bounty.Depot, quantity, bounty.Lot, price, bounty.Deadline)
        {
            Kind = bounty.Kind,
            Site = bounty.Site,
            From = bounty.From,
        };

    private List<OpenBounty> Over(Instant now)
    {
        var over = new List<OpenBounty>();
        foreach (BountyId id in _perhapsOver)
        {
            OpenBounty bounty = _bounties[id];
            // The last hold may have ended long after the deadline.
            bool isPast = IsTurnedAway(id)
                || (bounty.Bounty.Kind == WorkKind.Survey && now >= bounty.Bounty.Deadline);
            bool isAwaited = bounty.Reduction > Grams.Zero && now < bounty.NotBefore;
            if (IsQuiet(bounty) && !isAwaited && (isPast || bounty.IsUsedUp(_rules.FillTolerance)))
            {
                over.Add(bounty);
            }
        }

        if (now < Closes)
        {
            return over;
        }

        foreach (OpenBounty bounty in _bounties.Values)
        {
            if (IsQuiet(bounty) && now >= bounty.Bounty.Deadline && !over.Contains(bounty))
            {
                over.Add(bounty);
            }
        }

        return over;
    }

    private void ForgetContracts(Instant now)
    {
        while (_forgets.Count > 0 && _forgets.Min.At <= now)
        {
            ContractId contract = _forgets.Min.Contract;
            if (_custody.ContainsKey(contract))
            {
                EndCustody(contract, default, Grams.Zero); // Whoever has the goods is dead, or never comes.
            }

            _record(new MarketFact.Forgotten(contract));
        }
    }

    private void ApplyCleared(ImmutableArray<ulong> asks)
    {
        for (int i = 0; i < asks.Length; i++)
        {
            if (_bounties.TryGetValue(Requests[i].Bounty, out OpenBounty? bounty))
            {
                _bounties[Requests[i].Bounty] = bounty with
                {
                    LowestAsk = asks[i] > 0 ? new Credits((long)asks[i]) : bounty.LowestAsk,
                    Unwanted = HasOffer(Requests[i].Bounty) ? 0 : bounty.Unwanted + 1,
                };
            }
        }

        _sheets.Clear();
    }

    private bool HasOffer(BountyId bounty)
    {
        foreach (BidSheet sheet in _sheets.Values)
        {
            foreach (Bid bid in sheet.Bids)
            {
                if (bid.Bounty == bounty && bid.IsOffer)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private void ApplyAwarded(MarketFact.Awarded awarded)
    {
        Winner winner = awarded.Winner;
        OpenBounty bounty = _bounties[winner.Bounty];
        Invariant.Holds(awarded.Contract == Next);
        _given++;
        Grams lot = bounty.Bounty.Lot;
        _scarcity.Hear(winner, lot, HourWorth.ForHours(winner.Arrives - Closes));
        _hours.Hear(winner, lot, Closes);
        Hold(
            new Contract
            {
                Id = awarded.Contract,
                Epoch = awarded.Epoch,
                Winner = winner,
                AcceptBy = awarded.AcceptBy,
                Due = awarded.Due,
                Status = ContractStatus.Offered,
            },
            bounty.Awards + 1);
    }

    private static Contract Taken(
        ContractId contract, Epoch epoch, Winner winner, Instant due, ContractStatus status) => new()
        {
            Id = contract,
            Epoch = epoch,
            Winner = winner,
            AcceptBy = due,
            Due = due,
            Status = status,
        };

    // A contract holds its part of a bounty.
    private void Hold(Contract contract, int awards)
    {
        Winner winner = contract.Winner;
        OpenBounty bounty = _bounties[winner.Bounty];
        Invariant.Holds(winner.Quantity <= bounty.Room);
        _bounties[winner.Bounty] = bounty with
        {
            UnderContract = bounty.UnderContract + winner.Quantity,
            Contracts = bounty.Contracts + 1,
            Awards = Math.Max(bounty.Awards, awards),
        };
        _joints.Begin(bounty.Bounty.Joint);
        _contracts.Add(contract.Id, contract);
        Index(contract);
    }

    private void ApplyDelivered(MarketFact.Delivered delivered)
    {
        Contract contract = _contracts[delivered.Contract];
        Store(contract, delivered.Weighed, delivered.Counted);
        if (contract.IsLive)
        {
            End(contract.Id, ContractStatus.Settled, delivered.Counted, delivered.Paid);
            return;
        }

        Invariant.Holds(
            contract.Status is ContractStatus.Expired or ContractStatus.Released or ContractStatus.Cancelled
            || contract.IsMissing);
        Invariant.Holds(contract.Compensation == Credits.Zero || delivered.Paid == Credits.Zero);
        Unindex(contract);
        contract = contract with { Status = ContractStatus.DeliveredLate };
        _contracts[contract.Id] = contract;
        Index(contract);
        if (delivered.Counted > Grams.Zero)
        {
            OpenBounty bounty = _bounties[contract.Winner.Bounty];
            Invariant.Holds(delivered.Counted <= bounty.Open);
            Count(bounty, delivered.Counted, delivered.Paid);
        }
    }

    private void End(ContractId id, ContractStatus status, Grams counted, Credits paid)
    {
        Contract contract = _contracts[id];
        Invariant.Holds(contract.IsLive);
        Unindex(contract);
        contract = contract with { Status = status };
        _contracts[id] = contract;
        Index(contract);
        _supply.Hear(contract.Winner.Quantity, counted);
        if (status != ContractStatus.Settled)
        {
            _hours.Drop(contract.Winner.Node);
        }

        OpenBounty bounty = _bounties[contract.Winner.Bounty];
        Count(
            bounty with
            {
                UnderContract = bounty.UnderContract - contract.Winner.Quantity,
                Contracts = bounty.Contracts - 1,
            },
            counted,
            paid);
    }

    private void Count(OpenBounty bounty, Grams counted, Credits paid)
    {
        OpenBounty after = bounty with { Delivered = bounty.Delivered + counted, Paid = bounty.Paid + paid };
        Invariant.Holds(after.Room >= Grams.Zero && after.UnderContract >= Grams.Zero
            && after.Contracts >= 0);
        Invariant.Holds(after.Paid <= after.Bounty.Worth);
        _bounties[bounty.Bounty.Id] = after;
        _ = _perhapsOver.Add(bounty.Bounty.Id);
    }

    private void Index(Contract contract)
    {
        if (contract.IsLive)
        {
            _held.Add(contract.Winner.Node, contract.Id);
            _ = _expiries.Add((ExpireAt(contract), contract.Id));
            _ = contract.Watches.Length > 0 && _looks.Add((contract.Watches[0].Ends, contract.Id));
        }
        else
        {
            _ = _forgets.Add((ForgetAt(contract), contract.Id));
            if (contract.IsMissing)
            {
                _missed.Add(contract.Winner.Node, contract.Id);
                _ = _expiries.Add((ExpireAt(contract), contract.Id));
            }
        }
    }

    private void Unindex(Contract contract)
    {
        if (contract.IsLive)
        {
            _ = _held.Remove(contract.Winner.Node);
            _ = _expiries.Remove((ExpireAt(contract), contract.Id));
            _ = contract.Watches.Length > 0 && _looks.Remove((contract.Watches[0].Ends, contract.Id));
        }
        else
        {
            _ = _forgets.Remove((ForgetAt(contract), contract.Id));
            if (contract.IsMissing)
            {
                _ = _missed.Remove(contract.Winner.Node);
                _ = _expiries.Remove((ExpireAt(contract), contract.Id));
            }
        }
    }

    private void Derive()
    {
        _held.Clear();
        _expiries.Clear();
        _forgets.Clear();
        _looks.Clear();
        _missed.Clear();
        _perhapsOver.Clear();
        _holds.Clear();
        _holdsOf.Clear();
        _carriers.Clear();
        foreach (KeyValuePair<ContractId, Custody> custody in _custody)
        {
            _carriers.Add(custody.Value.Node, custody.Key);
        }

        foreach (KeyValuePair<ContractId, KeptPay> kept in _kept)
        {
            IndexKept(kept.Key, kept.Value);
        }

        foreach (Contract contract in _contracts.Values)
        {
            Index(contract);
        }

        foreach (BountyId bounty in _bounties.Keys)
        {
            _ = _perhapsOver.Add(bounty);
        }
    }

    // The node has stopped by its own clock at the due time less the clock error; this is as much after it,
    // and light on top.
    private Instant ExpireAt(Contract contract) => contract.Due + _rules.ClockErrorMax + _lightTime;

    private Instant ForgetAt(Contract contract) => contract.Due + _rules.LateDeliveryMax;
}

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Units;
using Hanse.Simulation.Runs;
using Hanse.Simulation.World;

namespace Hanse.Simulation.Fleet;

/// <summary>Keeps the books that no machine can keep: what every contract truly cost, and what it was
/// worth.</summary>
/// <remarks>
/// The problem: the ledger knows what is paid and what propellant is bought, but not which contract burnt it,
/// nor what wear a trip caused; so it cannot say whether the market is any good. The idea: an account for
/// every contract, from its award until node and hub are both done with it, fed by the truth. A true cost is
/// propellant burnt and wear caused at the mission's prices, and the hours from the award to the unloading
/// (or the death). An empty trip home after a contract was given back belongs to that contract.
/// <para>
/// Invariants: profit = paid less cost and toll, contract by contract, to the microcredit; a contract is in
/// one class of ended ones, or under way. Not counted: work that was awarded and never begun costs nothing,
/// though its node was kept from other work; a hub that was taken over pays nobody. The loss of a machine
/// that dies by lot is nobody's cost; of one that wear may break, every contract bears the danger that its
/// wear was.
/// </para>
/// </remarks>
internal sealed class Economy
{
    private readonly Blueprint _plan;
    private readonly Func<BountyId, Bounty> _lots;
    private readonly Func<int, Clock> _clocks;
    private readonly OrphanWatch _orphans;
    private readonly Dictionary<ContractId, ContractAccount> _accounts = [];

    // By node: its live contract at a hub; the one it works on; its last answers to a hub.
    private readonly ContractAccount?[] _held;
    private readonly ContractAccount?[] _busy;
    private readonly BidSheet?[] _sheets;
    private readonly long[] _profits;

    // By conduct: settled contracts, and those that lost money.
    private readonly (int Settled, int Losing)[] _conducts = new (int, int)[Conducts.Count];

    // What contracts for a demand brought.
    private readonly Dictionary<DemandId, Sums> _demands = [];

    // What machines that broke down asked for.
    private readonly Dictionary<BountyId, Bounty> _calls = [];

    // By bounty, from 0: what counted.
    private readonly long[] _counted;
    private readonly long[] _noBids = new long[Enum.GetValues<NoBidReason>().Length];

    // By region: settled contracts.
    private readonly (int Count, long Paid, long Cost)[] _regions;
    private readonly int[] _requests;
    private int _settled;
    private int _losing;
    private Sums _all;
    private Sums _inTime;
    private long _losses;
    private long _wasted;

    /// <param name="plan">The mission.</param>
    /// <param name="lots">Lots of demands, by name.</param>
    /// <param name="clocks">The clock of a region's hub.</param>
    public Economy(Blueprint plan, Func<BountyId, Bounty> lots, Func<int, Clock> clocks)
    {
        _plan = plan;
        _lots = lots;
        _orphans = new OrphanWatch(plan, (region, instant) => clocks(region).WhenShows(instant));
        _clocks = clocks;
        _held = new ContractAccount?[plan.Nodes.Length];
        _busy = new ContractAccount?[plan.Nodes.Length];
        _sheets = new BidSheet?[plan.Nodes.Length];
        _profits = new long[plan.Nodes.Length];
        _counted = new long[plan.Bounties.Length];
        _regions = new (int, long, long)[plan.Regions.Length];
        _requests = new int[plan.Regions.Length];
    }

    /// <summary>Hears of every contract that is over; for tests.</summary>
    public Action<ContractAccount>? Ended { get; set; }

    /// <summary>Contracts that are not over.</summary>
    public IReadOnlyCollection<ContractAccount> UnderWay => _accounts.Values;

    // Nodes that were held back for joint work, once a batch each; and parts of which some was given.
    private int _heldBack;
    private readonly HashSet<BountyId> _partsGiven = [];

    /// <summary>What a hub's market remembers.</summary>
    public void Hear(int region, MarketFact fact, RegionalHub hub, NodeTruth[] truths, long now)
    {
        switch (fact)
        {
            case MarketFact.CycleOpened cycle:
                _requests[region] = cycle.Requests.Length;
                _orphans.Open(region, cycle.Requests, hub.Market, _clocks(region).At(now), now);
                break;
            case MarketFact.SheetTaken(var node, var sheet):
                _sheets[_plan.PlaceOf(node)] = sheet;
                CountReasons(region, sheet);
                break;
            case MarketFact.Awarded awarded:
                Open(region, awarded, truths, now);
                _ = _partsGiven.Add(awarded.Winner.Bounty);
                break;
            case MarketFact.JointHeld(var hold):
                _heldBack += hold.Nodes.Length;
                break;
            case MarketFact.Honoured(var contract, _, _, _) when Find(contract) is { } account:
                account.Region = region;
                break;
            case MarketFact.Delivered delivered:
                Pay(delivered.Contract, delivered.Outcome, delivered.Counted, delivered.Paid, hub, now);
                break;
            case MarketFact.Recounted(var contract, _, var winner, _, var counted, var paid):
                Pay(contract, ContractOutcome.DeliveredLate, counted, paid, winner, now);
                break;
            case MarketFact.Recognised(var contract, var counted, var paid):
                ContractOutcome known = Find(contract)?.Outcome ?? ContractOutcome.DeliveredLate;
                Pay(contract, known, counted, paid, hub, now);
                break;
            case MarketFact.KeptPaid(var contract, var kept):
                PayKept(contract, kept.Node, kept.Kept);
                break;
            case MarketFact.HelpOpened opened:
                _calls[opened.Bounty.Id] = opened.Bounty;
                break;
            case MarketFact.RepairClaimed(var contract, _) when Find(contract) is { } account:
                Release(account, ContractOutcome.Settled, now);
                break;
            case MarketFact.ClaimEnded(var contract, var claim, true):
                PayKept(contract, claim.Node, claim.Pay);
                break;
            case MarketFact.Returned(var contract, var outcome) when Find(contract) is { } account:
                Release(account, outcome, now);
                break;
            case MarketFact.Cancelled(var contract, var paid) when Find(contract) is { } account:
                Count(account, truths[account.Node], now); // Again when it is unloaded.
                account.Paid += paid.Micro;
                Release(account, ContractOutcome.Cancelled, now);
                break;
            case MarketFact.Missed(var contract, _) when Find(contract) is { } account:
                Miss(account, truths[account.Node], now);
                break;
            case MarketFact.SilenceEnded(var contract, false) when Find(contract) is { } account:
                Release(account, ContractOutcome.Expired, now);
                break;
            case MarketFact.Extended(var contract, var due) when Find(contract) is { } account:
                account.Due = due;
                break;
            case MarketFact.Forgotten(var contract) when Find(contract) is { Outcome: null } account:
                Release(account, ContractOutcome.Expired, now); // Lost to silence, and never heard again.
                break;
            default:
                break;
        }
    }

    /// <summary>A node sets to work.</summary>
    public void Begin(int node, ContractId contract, NodeTruth truth, long now)
    {
        if (Find(contract) is { } account)
        {
            account.Begin(truth, now);
            _busy[node] = account;
        }
    }

    /// <summary>A node is unloaded: what it works on has its cost.</summary>
    public void Unload(int node, NodeTruth truth, long now) => Count(_busy[node], truth, now);

    /// <summary>A node pays for the berth at which it is unloaded, or for the face where it dug.</summary>
    public void Toll(int node, long amount)
    {
        if (_busy[node] is { } account)
        {
            account.Toll += amount;
        }
    }

    /// <summary>A node is done with what it works on.</summary>
    public void End(int node)
    {
        if (_busy[node] is { } account)
        {
            _busy[node] = null;
            account.IsNodeDone = true;
            FoldIfOver(account);
        }
    }

    /// <summary>A node dies, with what it works on.</summary>
    public void Die(int node, NodeTruth truth, long now)
    {
        Unload(node, truth, now);
        if (_held[node] is { } held)
        {
            _orphans.Add(held, now);
        }

        End(node);
    }

    /// <summary>What it all came to.</summary>
    public EconomyFigures Report(
        NodeTruth[] truths, IReadOnlyDictionary<RegionId, RegionDigest> digests, long now)
    {
        long underWay = 0;
        foreach (ContractAccount account in _accounts.Values)
        {
            if (!account.IsNodeDone)
            {
                Count(account, truths[account.Node], now);
            }

            underWay += account.Cost;
        }

        (double byMass, double byValue) = Filled();
        long cost = _all.Propellant + _all.Wear + _all.Time;
        return new EconomyFigures(
            byMass,
            byValue,
            _all.Value / 1e6,
            _all.Paid / 1e6,
            cost / 1e6,
            _all.Toll / 1e6,
            (_all.Paid - cost - _all.Toll) / 1e6,
            (_all.Value - cost) / 1e6,
            Settled(),
            _wasted / 1e6,
            underWay / 1e6,
            Equality(truths),
            [
                .. _regions.Select((region, r) => new RegionScarcity(
                    _plan.Regions[r].DepotName, region.Count, Ratio(region.Paid, region.Cost),
                    (digests.GetValueOrDefault(_plan.Regions[r].Id)?.Scarcity.Value ?? 0) / 1e6)),
            ],
            Conduct(truths),
            Critical(),
            Joint(),
            _orphans.Report(),
            [
                .. _noBids.Select((count, reason) =>
                        new NoBidCount(((NoBidReason)reason).ToString(), count))
                    .Where(answer => answer.Count > 0 && answer.Reason != nameof(NoBidReason.None))
                    .OrderByDescending(answer => answer.Count),
            ]);
    }

    /// <summary>What contracts for a demand that are over brought and cost, in microcredits.</summary>
    public (long Value, long Cost) Of(DemandId demand)
    {
        Sums sums = _demands.GetValueOrDefault(demand);
        return (sums.Value, sums.Propellant + sums.Wear + sums.Time);
    }

    private void Count(ContractAccount? account, NodeTruth truth, long now) =>
        account?.Count(truth, _plan.Rules, _plan.Design.Hazard.Replacement, now);

    private ContractAccount? Find(ContractId contract) => _accounts.GetValueOrDefault(contract);

    private void Open(int region, MarketFact.Awarded awarded, NodeTruth[] truths, long now)
    {
        int node = _plan.PlaceOf(awarded.Winner.Node);
        Bounty bounty = BountyOf(awarded.Winner.Bounty);
        var account = new ContractAccount(
            node, region, bounty, awarded, AskedFor(_sheets[node], awarded.Winner, bounty), now);
        _accounts[awarded.Contract] = account;
        _held[node] = account;
        if (!truths[node].IsAlive)
        {
            _orphans.Add(account, now);
        }
    }

    // The one place that reads a price out of a bid.
    private static long AskedFor(BidSheet? sheet, Winner winner, Bounty bounty)
    {
        foreach (Bid bid in sheet?.Bids ?? [])
        {
            if (bid.Bounty == winner.Bounty)
            {
                return bid.For(winner.Quantity)?.PricePerLot.ForPart(winner.Quantity, bounty.Lot).Micro ?? 0;
            }
        }

        return 0;
    }

    private void CountReasons(int region, BidSheet sheet)
    {
        _noBids[(int)sheet.Blanket] += sheet.Bids.Length == 0 ? _requests[region] : 0;
        foreach (Bid bid in sheet.Bids)
        {
            _noBids[(int)bid.Reason]++;
        }
    }

    private void Pay(
        ContractId contract, ContractOutcome outcome, Grams counted, Credits paid, RegionalHub hub,
        long now) =>
        Pay(contract, outcome, counted, paid, hub.Market.Find(contract)!.Winner, now);

    private void Pay(
        ContractId contract, ContractOutcome outcome, Grams counted, Credits paid, Winner winner, long now)
    {
        Bounty bounty = BountyOf(winner.Bounty);
        Grams worth = counted;
        if (winner.Bounty.IsOperators)
        {
            // What arrives beyond what is needed is of no use to anybody.
            ref long sofar = ref _counted[winner.Bounty.Value - 1];
            worth = Grams.Min(counted, Grams.Max(Grams.Zero, bounty.Needed - new Grams(sofar)));
            sofar += counted.Value;
        }

        // What a machine pays another is worth nothing to the mission; that it works again is.
        long value = bounty.Kind == WorkKind.Repair
            ? 0 : bounty.ValuePerLot.ForPart(worth, bounty.Lot).Micro;

        if (Find(contract) is { } account)
        {
            account.Paid += paid.Micro;
            account.Value += value;
            Release(account, outcome, now);
        }
        else
        {
            // Over before: an operator's word, or a successor's.
            _all.Paid += paid.Micro;
            _all.Value += value;
            _profits[_plan.PlaceOf(winner.Node)] += paid.Micro;
        }
    }

    // Of what counted before.
    private void PayKept(ContractId contract, NodeId node, Credits kept)
    {
        if (Find(contract) is { } account)
        {
            account.Paid += kept.Micro;
        }
        else
        {
            _all.Paid += kept.Micro;
            _profits[_plan.PlaceOf(node)] += kept.Micro;
        }
    }

    // The hub is done with it.
    private void Release(ContractAccount account, ContractOutcome outcome, long now)
    {
        account.Outcome = outcome;
        _orphans.Return(account, outcome, now);
        _held[account.Node] = _held[account.Node] == account ? null : _held[account.Node];
        FoldIfOver(account);
    }

    // The hub takes it back. It is over for a holder that is dead; one that is alive may come back to it.
    private void Miss(ContractAccount account, NodeTruth truth, long now)
    {
        if (!truth.IsAlive)
        {
            Release(account, ContractOutcome.Expired, now);
        }
    }

    private void FoldIfOver(ContractAccount account)
    {
        if (account.Outcome is not { } outcome || (account.IsBegun && !account.IsNodeDone))
        {
            return;
        }

        _ = _accounts.Remove(account.Id);
        Ended?.Invoke(account);
        _all.Add(account);
        if (account.Bounty.Id.IsLots)
        {
            Sums sums = _demands.GetValueOrDefault(account.Bounty.Id.Demand);
            sums.Add(account);
            _demands[account.Bounty.Id.Demand] = sums;
        }

        _profits[account.Node] += account.Profit;
        _wasted += account.Paid == 0 ? account.Cost : 0;
        if (outcome == ContractOutcome.Settled)
        {
            _settled++;
            _inTime.Add(account);
            bool isLosing = account.Profit < 0;
            _losing += isLosing ? 1 : 0;
            ref (int Settled, int Losing) conduct = ref _conducts[(int)_plan.Conducts.Of(account.Node)];
            conduct = (conduct.Settled + 1, conduct.Losing + (isLosing ? 1 : 0));
            _losses += Math.Max(0, -account.Profit);
            ref (int Count, long Paid, long Cost) region = ref _regions[account.Region];
            region = (region.Count + 1, region.Paid + account.Paid, region.Cost + account.Cost);
        }
    }

    private SettledFigures Settled()
    {
        double cost = _inTime.Propellant + _inTime.Wear + _inTime.Time;
        double hourly = Math.Max(1, _plan.Rules.HourlyCost.Micro);
        return new SettledFigures(
            _settled,
            _inTime.Paid / 1e6,
            _inTime.Propellant / 1e6,
            _inTime.Wear / 1e6,
            _inTime.Time / 1e6,
            Ratio(_inTime.Time / hourly, _settled),
            Ratio(_losing, _settled),
            Ratio(Ratio(_losses, _losing), Ratio(cost, _settled)),
            Ratio(_inTime.Paid, cost),
            Ratio(_inTime.Asked, cost));
    }

    private (double ByMass, double ByValue) Filled()
    {
        (double mass, double value, double wantedMass, double wantedValue) = (0, 0, 0, 0);
        for (int b = 0; b < _counted.Length; b++)
        {
            Bounty bounty = _plan.Bounties[b].Bounty;
            if (bounty.Deadline.Micros <= _plan.Horizon)
            {
                double perGram = (double)bounty.ValuePerLot.Micro / bounty.Lot.Value;
                long counted = Arrived(b);
                long wanted = _plan.Bounties[b].ReducedAt is null
                    ? bounty.Needed.Value
                    : Math.Max(counted, Math.Min(bounty.Needed.Value, _plan.Bounties[b].ReducedTo.Value));
                mass += counted;
                value += counted * perGram;
                wantedMass += wanted;
                wantedValue += wanted * perGram;
            }
        }

        return (Ratio(mass, wantedMass), Ratio(value, wantedValue));
    }

    // Of what is needed of a bounty.
    private long Arrived(int b) => Math.Min(_counted[b], _plan.Bounties[b].Bounty.Needed.Value);

    private bool IsWhole(int b)
    {
        Bounty bounty = _plan.Bounties[b].Bounty;
        return bounty.Needed.Value - _counted[b] <= bounty.Total.Share(_plan.Rules.FillTolerance).Value;
    }

    // Those that have a backup, and whose deadline fell inside the run.
    private CriticalFigures Critical()
    {
        (int count, int whole, double needed, double arrived, double beyond) = (0, 0, 0, 0, 0);
        for (int b = 0; b < _counted.Length; b++)
        {
            Bounty bounty = _plan.Bounties[b].Bounty;
            if (bounty.Backup > Grams.Zero && bounty.Deadline.Micros <= _plan.Horizon)
            {
                count++;
                whole += IsWhole(b) ? 1 : 0;
                needed += bounty.Needed.Value;
                arrived += Arrived(b);
                beyond += _counted[b] - Arrived(b);
            }
        }

        return new CriticalFigures(count, whole, Ratio(arrived, needed), Ratio(beyond, needed));
    }

    // Those whose last deadline fell inside the run.
    private JointFigures Joint()
    {
        (int count, int begun, int whole, int none, double needed, double arrived) = (0, 0, 0, 0, 0, 0);
        foreach (IGrouping<(int, uint), int> work in Enumerable.Range(0, _counted.Length)
            .Where(b => !_plan.Bounties[b].Bounty.Joint.IsNone)
            .GroupBy(b => (_plan.Bounties[b].Region, _plan.Bounties[b].Bounty.Joint.Number)))
        {
            if (work.All(b => _plan.Bounties[b].Bounty.Deadline.Micros <= _plan.Horizon))
            {
                count++;
                begun += work.Any(b => _partsGiven.Contains(_plan.Bounties[b].Bounty.Id)) ? 1 : 0;
                whole += work.All(IsWhole) ? 1 : 0;
                none += work.All(b => _counted[b] == 0) ? 1 : 0;
                needed += work.Sum(b => _plan.Bounties[b].Bounty.Needed.Value);
                arrived += work.Sum(Arrived);
            }
        }

        return new JointFigures(count, begun, whole, none, Ratio(arrived, needed), _heldBack);
    }

    // Nothing when everybody is honest. Nodes that are dead at the end are not in the mean: what they earned
    // depends on when they died.
    private ImmutableArray<ConductFigures> Conduct(NodeTruth[] truths) =>
    [
        .. Enumerable.Range(0, _profits.Length)
            .GroupBy(_plan.Conducts.Of)
            .Where(_ => _plan.Conducts.AnyOther)
            .OrderBy(kind => kind.Key)
            .Select(kind => new ConductFigures(
                kind.Key.ToString(),
                kind.Count(),
                kind.Where(n => truths[n].IsAlive).Select(n => _profits[n] / 1e6).DefaultIfEmpty().Average(),
                _conducts[(int)kind.Key].Settled,
                Ratio(_conducts[(int)kind.Key].Losing, _conducts[(int)kind.Key].Settled))),
    ];

    // (sum x)^2 / (n sum x^2): Jain, Chiu and Hawe, DEC-TR-301, 1984.
    private double Equality(NodeTruth[] truths)
    {
        double[] living = [.. _profits.Where((_, n) => truths[n].IsAlive).Select(profit => (double)profit)];
        double sum = living.Sum();
        return Ratio(sum * sum, living.Length * living.Sum(profit => profit * profit));
    }

    private Bounty BountyOf(BountyId bounty) =>
        bounty.IsHelp ? _calls[bounty]
        : !bounty.IsOperators ? _lots(bounty)
        : _plan.Bounties[(int)bounty.Value - 1].Bounty;

    private static double Ratio(double part, double whole) => whole > 0 ? part / whole : 0;

    private struct Sums
    {
        public long Value;
        public long Paid;
        public long Asked;
        public long Propellant;
        public long Wear;
        public long Time;
        public long Toll;

        public void Add(ContractAccount account)
        {
            Value += account.Value;
            Paid += account.Paid;
            Asked += account.Asked;
            Propellant += account.Propellant;
            Wear += account.Wear;
            Time += account.Time;
            Toll += account.Toll;
        }
    }
}

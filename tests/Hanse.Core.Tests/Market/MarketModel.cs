using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Market;

/// <summary>An auctioneer with its journal, and a bookkeeper who believes only what he saw.</summary>
internal sealed class MarketModel
{
    /// <summary>Rules of a small market, in seconds and grams.</summary>
    public static MissionRules Rules { get; } = new()
    {
        ClockErrorMax = TimeSpan.FromSeconds(2),
        CyclePeriod = TimeSpan.FromSeconds(60),
        AcceptDelayMax = TimeSpan.FromSeconds(60),
        DueSlack = TimeSpan.FromSeconds(10),
        DeadBands = [1, 1, 1, 1],
        PropellantPerTonne = Credits.Zero,
        SparesPerLife = Credits.Zero,
        HourlyCost = Credits.Zero,
        Margin = default,
        SeedPerNode = Credits.Zero,
        ReserveStart = PartsPerMillion.FromPercent(100),
        HoardCeiling = Credits.FromWhole(1_000),
        FillTolerance = PartsPerMillion.FromPercent(10),
        LateDeliveryMax = TimeSpan.FromSeconds(120),
        MilestoneWindows = 2,
        ExtensionMax = TimeSpan.FromSeconds(30),
        BondShare = PartsPerMillion.FromPercent(50),
        IsHourPosted = true,
        JointHoldShare = PartsPerMillion.FromPercent(100),
        JointHoldBatches = 2,
    };

    private readonly List<byte[]> _journal = [];

    // What the bookkeeper saw, bounty by bounty: paid, counted; and contracts that were ever paid or counted.
    private readonly Dictionary<BountyId, (Bounty Bounty, long Counted, long Paid)> _books = [];
    private readonly Dictionary<ContractId, MarketFact.Awarded> _awards = [];
    private readonly HashSet<ContractId> _delivered = [];
    private readonly Dictionary<NodeId, BidSheet> _sheets = [];
    private int _ranked;

    // When each contract is due and how often that was moved; what was promised of it; when nodes were
    // heard; and who is silent.
    private readonly Dictionary<ContractId, (Instant Due, int Moves)> _dues = [];
    private readonly Dictionary<ContractId, List<Watch>> _promises = [];
    private readonly Dictionary<NodeId, Instant> _heard = [];
    private readonly HashSet<ContractId> _silent = [];

    // What is wanted of bounties that were reduced; who is asked to stop; and who has.
    private readonly Dictionary<BountyId, long> _wanted = [];
    private bool _isReducing;
    private readonly HashSet<ContractId> _stopping = [];
    private readonly HashSet<ContractId> _stopped = [];

    // Joint works: which of them some was ever given of, and which had not begun when the last batch was
    // opened; in how many cycles in a row something of one was missing; and which are broken.
    private readonly HashSet<uint> _begun = [];
    private readonly HashSet<uint> _unbegun = [];
    private readonly Dictionary<uint, int> _short = [];
    private readonly HashSet<uint> _broken = [];
    private readonly HashSet<uint> _isPartOver = [];
    private readonly Dictionary<uint, int> _parts = [];

    // Who is held back for a joint work, from the last batch; whether the one that is opened holds anybody;
    // and batches in a row, and turns, of each work.
    private JointHold? _hold;
    private bool _isHolding;
    private readonly Dictionary<uint, (int InARow, int Turns)> _turns = [];

    public MarketModel() => Market = Empty();

    /// <summary>Batches that held somebody back.</summary>
    public int Held { get; private set; }

    /// <summary>Whether some of its bounties are parts of joint works.</summary>
    public bool HasJoints { get; init; }

    /// <summary>Batches that left a joint work out.</summary>
    public int LeftOut { get; private set; }

    /// <summary>Joint works that were given whole, and those that broke.</summary>
    public int Whole { get; private set; }

    public int Broken { get; private set; }

    public Auctioneer Market { get; private set; }

    public Instant Now { get; set; }

    public IReadOnlyCollection<MarketFact.Awarded> Awards => _awards.Values;

    public void Open(Bounty bounty)
    {
        // Identities are never reused: the strategic layer counts them.
        bool isOpen = Market.Bounties.ContainsKey(bounty.Id);
        bool isNew = _books.TryAdd(bounty.Id, (bounty, 0, 0));
        if (isNew || isOpen)
        {
            Assert.Equal(isNew, Market.Open(Now, bounty));
        }
    }

    /// <summary>Whether answers were ranked higher than they asked.</summary>
    public bool HasRanked => _ranked > 0;

    /// <summary>Deliveries of another hub's contracts that were counted.</summary>
    public int Recounted { get; private set; }

    /// <summary>A bounty comes from another hub, with some of it done.</summary>
    public void Adopt(Bounty bounty, int choice)
    {
        if (!_books.ContainsKey(bounty.Id))
        {
            var counted = new Grams(choice % (int)(bounty.Total.Value + 1));
            Credits paid = bounty.ValuePerLot.ForPart(counted, bounty.Lot);
            _books.Add(bounty.Id, (bounty, counted.Value, paid.Micro));
            _ = _begun.Add(bounty.Joint.Number);
            var assigned = new BountyAssigned(bounty, counted, paid, new Epoch(2), new TransferId(1));
            Assert.True(Market.Adopt(assigned, Now + TimeSpan.FromSeconds(choice % 50)));
        }
    }

    /// <summary>Contracts that were lost to silence, and those of them that were held again.</summary>
    public int Missed { get; private set; }

    public int Resumed { get; private set; }

    /// <summary>A frame of a node arrives: whatever it says, it was heard.</summary>
    public void Hear(NodeId node) => _heard[node] = Now;

    /// <summary>Holders that were asked to stop and have not answered.</summary>
    public IReadOnlyCollection<ContractId> Stopping => _stopping;

    /// <summary>Those that stopped; and those of them that were paid nothing for it.</summary>
    public int Stopped => _stopped.Count;

    public int StoppedForNothing { get; private set; }

    /// <summary>What each holder is taken to have done by now: all stages occur.</summary>
    public static Progress ProgressOf(Contract contract, Instant now) => new(
        HasLeft: contract.Id.Value % 3 > 0,
        HasCargo: contract.Id.Value % 7 == 0,
        Passed: new PartsPerMillion((int)(now.Micros % 1_000_001)),
        Digging: new PartsPerMillion((int)(contract.Id.Value * 70_001 % 1_000_001)));

    /// <summary>A live contract has promises from now on; what they were is remembered here.</summary>
    public void Promise(Contract contract, params Watch[] watches)
    {
        if (contract.IsLive)
        {
            _promises[contract.Id] = [];
            Market.Watch(contract.Id, [.. watches]);
            foreach (Watch watch in watches)
            {
                bool isWanted = !_stopping.Contains(contract.Id);
                if (isWanted && watch.Ends < _dues[contract.Id].Due + TimeSpan.FromSeconds(2 + 3))
                {
                    _promises[contract.Id].Add(watch);
                }
            }
        }
    }

    /// <summary>After the market was woken: whoever still holds work was heard after each promise whose time
    /// is over, or its lease is.</summary>
    public void CheckSilence()
    {
        foreach ((ContractId id, List<Watch> watches) in _promises)
        {
            if (Market.Find(id) is { IsLive: true } live)
            {
                Assert.All(
                    watches.Where(watch => watch.Ends <= Now),
                    watch => Assert.True(HeardAt(live.Winner.Node) >= watch.Due, "a silent node holds work"));
            }
        }
    }

    /// <summary>Dies and comes back from its facts, equal to what it was.</summary>
    public void Replay()
    {
        byte[] before = Snapshot.Of(Market.Shape);
        Market = Empty();
        foreach (byte[] fact in _journal)
        {
            Market.Apply(Snapshot.Read<MarketFact>(fact));
        }

        Assert.Equal(before, Snapshot.Of(Market.Shape));
    }

    /// <summary>Dies and comes back from a snapshot, equal in what it shows and in what it will do
    /// next.</summary>
    public void Restore()
    {
        byte[] before = Snapshot.Of(Market.Shape);
        Instant wake = Market.NextWake;
        int live = Market.LiveContracts;
        Market = Empty();
        Snapshot.Into(before, Market.Shape);
        Assert.Equal(before, Snapshot.Of(Market.Shape));
        Assert.Equal((wake, live), (Market.NextWake, Market.LiveContracts));
    }

    /// <summary>What must hold after every step.</summary>
    public void Check()
    {
        CheckJoints();
        foreach ((BountyId id, OpenBounty open) in Market.Bounties)
        {
            (Bounty bounty, long counted, long paid) = _books[id];
            long held = _awards.Values
                .Where(award => award.Winner.Bounty == id && Market.Find(award.Contract) is { IsLive: true })
                .Sum(award => award.Winner.Quantity.Value);
            Assert.Equal(counted, open.Delivered.Value);
            Assert.Equal(held, open.UnderContract.Value);
            long room = Covered(bounty, counted, paid) - held;
            Assert.InRange(room, 0, bounty.Total.Value);
            Assert.Equal(Math.Clamp(WantedOf(bounty) - counted - held, 0, room), open.Open.Value);
            Assert.InRange(open.Open.Value, 0, bounty.Total.Value);
            Assert.Equal(paid, open.Paid.Micro);
        }

        foreach ((Bounty bounty, long counted, long paid) in _books.Values)
        {
            Assert.InRange(counted, 0, bounty.Total.Value);
            Assert.InRange(paid, 0, bounty.Worth.Micro);
        }

        IEnumerable<Contract> live = _awards.Keys.Select(Market.Find).OfType<Contract>().Where(c => c.IsLive);
        Assert.Distinct(live.Select(contract => contract.Winner.Node));
        Assert.Equal(Market.LiveContracts, live.Count());
        Assert.All(live, contract => Assert.True(Market.IsHeldBy(contract.Winner.Node)));
    }

    /// <summary>After a batch: of a joint work that had not begun all was given, or nothing.</summary>
    private void CheckJoints()
    {
        foreach (uint work in _unbegun.Where(_begun.Contains))
        {
            Whole++;
            Assert.DoesNotContain(PartsOf(work), IsShort);
        }

        _unbegun.Clear();
    }

    // The number is free for another work.
    private void Forget(uint work)
    {
        _ = _begun.Remove(work);
        _ = _unbegun.Remove(work);
        _ = _broken.Remove(work);
        _ = _isPartOver.Remove(work);
        _ = _short.Remove(work);
        _ = _parts.Remove(work);
        _ = _turns.Remove(work);
        _hold = _hold?.Work == work ? null : _hold;
    }

    private IEnumerable<Bounty> PartsOf(uint work) => Market.Bounties.Values
        .Select(open => open.Bounty).Where(bounty => work > 0 && bounty.Joint.Number == work);

    private long MissingOf(Bounty bounty) => bounty.Needed.Value - _books[bounty.Id].Counted - _awards.Values
        .Where(award => award.Winner.Bounty == bounty.Id
            && Market.Find(award.Contract) is { IsLive: true })
        .Sum(award => award.Winner.Quantity.Value);

    private bool IsShort(Bounty bounty) => MissingOf(bounty) > bounty.Total.Value / 10;

    // By trying: the most of what is not delivered that what is left pays for at the bounty's own price.
    private static long Covered(Bounty bounty, long counted, long paid)
    {
        long most = bounty.Total.Value - counted;
        while (bounty.ValuePerLot.Micro * most / bounty.Lot.Value > bounty.Worth.Micro - paid)
        {
            most--;
        }

        return most;
    }

    /// <summary>Whether the operator's order had an effect.</summary>
    public bool Reduce(BountyId bounty, Grams total)
    {
        _isReducing = true;
        bool isReduced = Market.Reduce(Now, bounty, total);
        _isReducing = false;
        return isReduced;
    }

    /// <summary>Nothing is asked for in case when the rest is there.</summary>
    public void CheckBackups() => Assert.DoesNotContain(
        Market.Bounties.Values,
        open => IsBackupOver(open.Bounty) && WantedOf(open.Bounty) > open.Bounty.Needed.Value);

    private bool IsBackupOver(Bounty bounty) => bounty.Backup > Grams.Zero
        && _books[bounty.Id].Counted + (bounty.Total.Value / 10) >= bounty.Needed.Value;

    private long WantedOf(Bounty bounty) => _wanted.GetValueOrDefault(bounty.Id, bounty.Total.Value);

    // What is delivered of a bounty, or held by those who go on.
    private long GoingOn(BountyId bounty) => _books[bounty].Counted + _awards.Values
        .Where(award => award.Winner.Bounty == bounty && !_stopping.Contains(award.Contract)
            && Market.Find(award.Contract) is { IsLive: true })
        .Sum(award => award.Winner.Quantity.Value);

    private Auctioneer Empty()
    {
        Auctioneer? market = null;
        market = new Auctioneer(
            new RegionId(0), Rules, TimeSpan.FromSeconds(3), Take, HeardAt, ratioOf: RatioOf,
            progressOf: ProgressOf);
        return market;

        void Take(MarketFact fact)
        {
            _journal.Add(Snapshot.Of(fact));
            See(fact);
            market!.Apply(fact);
        }
    }

    private Func<ContractId, bool> IsOf(BountyId bounty) => id => _awards[id].Winner.Bounty == bounty;

    private Instant HeardAt(NodeId node) => _heard.GetValueOrDefault(node);

    // Node three is known to claim a fifth too little.
    private static PartsPerMillion RatioOf(NodeId node) => new(node.Value == 3 ? 1_250_000 : 1_000_000);

    private void See(MarketFact fact)
    {
        switch (fact)
        {
            case MarketFact.BountyOpened(var opened, _):
                _parts[opened.Joint.Number] = _parts.GetValueOrDefault(opened.Joint.Number) + 1;
                break;
            case MarketFact.SheetTaken(var node, var sheet):
                _sheets[node] = sheet;
                break;
            case MarketFact.Ranked(var node, var ratio):
                Assert.Equal(RatioOf(node), ratio);
                Assert.NotEqual(new PartsPerMillion(1_000_000), ratio);
                _ranked++;
                break;
            case MarketFact.Awarded awarded:
                Credits asked = _sheets[awarded.Winner.Node].Bids
                    .Single(bid => bid.Bounty == awarded.Winner.Bounty)
                    .Steps[0].PricePerLot;
                Assert.Equal(asked, awarded.Winner.Asked);
                Assert.True(
                    awarded.Winner.PricePerLot.Micro * 1_000_000L
                        >= asked.Micro * (long)RatioOf(awarded.Winner.Node).Value,
                    "paid less than it was ranked at");
                Assert.True(_awards.TryAdd(awarded.Contract, awarded),
                    "a contract's identity was used again");
                uint given = _books[awarded.Winner.Bounty].Bounty.Joint.Number;
                bool isHeld = _hold is not null && _hold.Nodes.Contains(awarded.Winner.Node);
                Assert.False(isHeld && _isHolding, "who is held back is given work");
                Assert.False(
                    isHeld && given != _hold!.Work && _sheets[awarded.Winner.Node].Bids.Any(bid =>
                        bid.IsOffer && PartsOf(_hold.Work).Any(part => part.Id == bid.Bounty)),
                    "who was held back is given other work");
                _dues[awarded.Contract] = (awarded.Due, 0);
                _ = _begun.Add(_books[awarded.Winner.Bounty].Bounty.Joint.Number);
                Assert.True(awarded.Due <= _books[awarded.Winner.Bounty].Bounty.Deadline);
                Assert.All(
                    _awards.Values.Where(a => a.Winner.Bounty == awarded.Winner.Bounty && a != awarded),
                    earlier => Assert.True(earlier.Epoch.Value < awarded.Epoch.Value,
                        "an epoch does not fence"));
                break;
            case MarketFact.JointHeld(var hold):
                Held++;
                (int inARow, int turns) = _turns.GetValueOrDefault(hold.Work);
                Assert.True(_hold is null || _hold.Work == hold.Work, "two works hold nodes");
                (inARow, turns) = _hold is null ? (1, turns + 1) : (inARow + 1, turns);
                Assert.InRange(inARow, 1, Rules.JointHoldBatches);
                Assert.InRange(turns, 1, Auctioneer.TurnsMax);
                Assert.InRange(
                    hold.Nodes.Length, 1,
                    Market.LiveContracts + _sheets.Values.Count(sheet => sheet.HasOffer));
                Assert.DoesNotContain(hold.Work, _begun);
                Assert.DoesNotContain(hold.Work, _broken);
                Assert.True(Market.Closes < hold.Until, "a turn has no end");
                _turns[hold.Work] = (inARow, turns);
                (_hold, _isHolding) = (hold, true);
                break;
            case MarketFact.JointHoldEnded(var ended):
                Assert.Equal(ended, _hold?.Work);
                Assert.False(_isHolding);
                _hold = null;
                break;
            case MarketFact.CycleOpened(_, _, var requests):
                CheckJoints();
                _sheets.Clear();
                _isHolding = false;
                _hold = _hold is not null && _begun.Contains(_hold.Work) ? null : _hold;
                foreach (IGrouping<uint, Bounty> work in Market.Bounties.Values.Select(open => open.Bounty)
                    .Where(bounty => !bounty.Joint.IsNone).GroupBy(bounty => bounty.Joint.Number))
                {
                    int parts = work.Count(bounty => requests.Find(bounty.Id) >= 0);
                    Assert.True(
                        _begun.Contains(work.Key) || parts == 0
                            || (parts == work.Count() && _parts[work.Key] >= work.First().Joint.Parts),
                        "a joint work is asked for in part");
                    _short[work.Key] = !_begun.Contains(work.Key) || !work.Any(IsShort) ? 0
                        : _short.GetValueOrDefault(work.Key) + 1;
                }

                break;
            case MarketFact.Cleared:
                CheckJoints();
                _unbegun.UnionWith(_books.Values.Select(book => book.Bounty.Joint.Number));
                _unbegun.ExceptWith(_begun);
                break;
            case MarketFact.JointLeft(var left, var lacking, var missing):
                LeftOut++;
                Assert.DoesNotContain(left, _begun);
                Assert.Equal(left, _books[lacking].Bounty.Joint.Number);
                Assert.InRange(
                    missing.Value, (_books[lacking].Bounty.Total.Value / 10) + 1,
                    MissingOf(_books[lacking].Bounty));
                break;
            case MarketFact.JointBroken(var work):
                Broken++;
                _hold = _hold?.Work == work ? null : _hold;
                Assert.True(_broken.Add(work), "a work breaks twice");
                Assert.True(
                    _short.GetValueOrDefault(work) >= Auctioneer.JointBatchesMax
                        || _isPartOver.Contains(work),
                    "a work breaks that may still be whole");
                break;
            case MarketFact.Honoured(var contract, var epoch, var winner, var until):
                _ = _begun.Add(_books[winner.Bounty].Bounty.Joint.Number);
                Assert.NotEqual(new RegionId(0), contract.Region);
                Assert.True(winner.PricePerLot <= _books[winner.Bounty].Bounty.ValuePerLot);
                _awards.Add(contract, new MarketFact.Awarded(contract, epoch, winner, until, until));
                _dues[contract] = (until, 0);
                break;
            case MarketFact.Recounted(var contract, var epoch, var winner, var until, var more, var pays):
                Recounted++;
                _ = _begun.Add(_books[winner.Bounty].Bounty.Joint.Number);
                Assert.True(_delivered.Add(contract), "a contract was delivered twice");
                Assert.InRange(more.Value, 0, winner.Quantity.Value);
                (Bounty of, long already, long spentAlready) = _books[winner.Bounty];
                Assert.Equal(more.Value * winner.PricePerLot.Micro / of.Lot.Value, pays.Micro);
                _books[of.Id] = (of, already + more.Value, spentAlready + pays.Micro);
                _awards.Add(contract, new MarketFact.Awarded(contract, epoch, winner, until, until));
                break;
            case MarketFact.Delivered delivered:
                Assert.True(_delivered.Add(delivered.Contract), "a contract was delivered twice");
                MarketFact.Awarded award = _awards[delivered.Contract];
                (Bounty bounty, long counted, long paid) = _books[award.Winner.Bounty];
                Assert.InRange(
                    delivered.Counted.Value, 0, Math.Min(award.Winner.Quantity.Value,
                        delivered.Weighed.Value));
                Assert.Equal(
                    delivered.Counted.Value * award.Winner.PricePerLot.Micro / bounty.Lot.Value,
                    delivered.Paid.Micro);
                _books[bounty.Id] = (bounty, counted + delivered.Counted.Value, paid + delivered.Paid.Micro);
                Assert.True(
                    !_stopped.Contains(delivered.Contract) || delivered.Counted == Grams.Zero,
                    "paid for stopping and for delivering");
                Assert.Equal(
                    Market.Find(delivered.Contract)!.IsLive ? ContractOutcome.Settled
                        : ContractOutcome.DeliveredLate,
                    delivered.Outcome);
                Assert.True(
                    delivered.Outcome == ContractOutcome.DeliveredLate
                        || delivered.Counted >= Grams.Min(delivered.Weighed, award.Winner.Quantity)
                        || delivered.Counted == Grams.Zero, // Cargo of another kind.
                    "who could not know is paid as contracted");
                _ = _stopping.Remove(delivered.Contract);
                break;
            case MarketFact.Reduced(var less, var wanted, var isAsked):
                Assert.True(
                    _isReducing
                        || (_broken.Contains(_books[less].Bounty.Joint.Number)
                            && wanted.Value == _books[less].Counted)
                        || (wanted == _books[less].Bounty.Needed && IsBackupOver(_books[less].Bounty)),
                    "reduced by nobody");
                Assert.InRange(wanted.Value, 0, WantedOf(_books[less].Bounty) - 1);
                _wanted[less] = wanted.Value;
                Assert.True(isAsked || wanted.Value <= GoingOn(less) + _stopping.Where(IsOf(less))
                    .Sum(id => _awards[id].Winner.Quantity.Value) || Market.Requests.Find(less) < 0);
                break;
            case MarketFact.CancelAsked(var stops):
                Winner holder = _awards[stops].Winner;
                Assert.True(
                    GoingOn(holder.Bounty) - holder.Quantity.Value >= _wanted[holder.Bounty],
                    "work is stopped that is wanted");
                Assert.True(_stopping.Add(stops), "a holder is asked twice");
                _ = _promises.Remove(stops);
                Assert.False(
                    Market.Find(stops)!.Status == ContractStatus.Accepted
                        && ProgressOf(Market.Find(stops)!, Now).HasCargo,
                    "who has cargo aboard is asked to stop");
                break;
            case MarketFact.CancelKept(var goesOn):
                Assert.True(_stopping.Remove(goesOn), "who was not asked goes on");
                break;
            case MarketFact.Cancelled(var cancelled, var compensation):
                Assert.True(_stopping.Remove(cancelled), "who was not asked stops");
                Assert.True(_stopped.Add(cancelled), "a contract is cancelled twice");
                Assert.DoesNotContain(cancelled, _delivered);
                Winner lost = _awards[cancelled].Winner;
                (Bounty whose, long sofar, long paidBefore) = _books[lost.Bounty];
                long price = lost.PricePerLot.Micro * lost.Quantity.Value / whose.Lot.Value;
                Assert.InRange(compensation.Micro, 0, price);
                Assert.True(
                    compensation == Credits.Zero || compensation.Micro >= price / 4, "less than the share");
                StoppedForNothing += compensation == Credits.Zero ? 1 : 0;
                _books[whose.Id] = (whose, sofar, paidBefore + compensation.Micro);
                break;
            case MarketFact.Returned(var released, ContractOutcome.Released):
                _ = _stopping.Remove(released);
                break;
            case MarketFact.Returned(var contract, ContractOutcome.Expired):
                // Not before the node, by its own wrong clock, must have stopped; and light on top.
                Assert.True(Now >= _dues[contract].Due + TimeSpan.FromSeconds(2 + 3),
                    "re-awarded too early");
                _ = _stopping.Remove(contract);
                break;
            case MarketFact.Missed(var silent, var stage):
                Missed++;
                Assert.DoesNotContain(silent, _stopping);
                Assert.True(_silent.Add(silent), "work is lost twice");
                Assert.Contains(_promises[silent], watch => watch.Stage == stage && watch.Ends <= Now
                    && HeardAt(_awards[silent].Winner.Node) < watch.Due);
                break;
            case MarketFact.SilenceEnded(var again, var isHolder):
                Resumed += isHolder ? 1 : 0;
                Assert.True(_silent.Remove(again), "who was never silent is heard again");
                Assert.True(
                    HeardAt(_awards[again].Winner.Node) == Now
                        || (!isHolder && Now >= _dues[again].Due + TimeSpan.FromSeconds(2 + 3)),
                    "nobody was heard, and the lease was not over");
                Assert.False(isHolder && Now >= _dues[again].Due, "work is held again that is over");
                Assert.DoesNotContain(again, _delivered);
                break;
            case MarketFact.Extended(var moved, var later):
                (Instant due, int moves) = _dues[moved];
                Assert.InRange(later.Micros, due.Micros + 1, (due + TimeSpan.FromSeconds(30)).Micros);
                Assert.True(later <= _books[_awards[moved].Winner.Bounty].Bounty.Deadline);
                Assert.InRange(moves, 0, 1);
                Assert.DoesNotContain(moved, _stopping);
                _dues[moved] = (later, moves + 1);
                break;
            case MarketFact.BountyClosed closed:
                (Bounty over, long total, long spent) = _books[closed.Bounty];
                Assert.Equal((total, spent), (closed.Total.Value, closed.Paid.Micro));
                bool isFilled = WantedOf(over) - total <= over.Total.Value / 10;
                Assert.True(isFilled || Now >= over.Deadline, "closed before its time");
                bool isBroken = _broken.Contains(over.Joint.Number);
                isFilled = isBroken ? over.Needed.Value - total <= over.Total.Value / 10 : isFilled;
                _ = closed.Outcome != BountyOutcome.Filled && _isPartOver.Add(over.Joint.Number);
                Assert.Equal(
                    WantedOf(over) == 0 && !isBroken ? BountyOutcome.Cancelled
                        : isFilled ? BountyOutcome.Filled : total > 0 ? BountyOutcome.PartlyFilled
                        : BountyOutcome.Unfilled,
                    closed.Outcome);
                if (PartsOf(over.Joint.Number).All(part => part.Id == over.Id))
                {
                    Forget(over.Joint.Number);
                }

                break;
            default:
                break;
        }
    }
}

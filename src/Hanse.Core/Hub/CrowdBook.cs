using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Hub;

/// <summary>A hub's places: how crowded they are going to be, what one more there costs, and who has booked
/// at which price. The places are depots with so many berths, and sites with so many faces.</summary>
/// <remarks>
/// The problem: everybody goes to the best site at once and waits for a face there, leaves in the same
/// departure window, and waits for a berth at the depot. What a node makes the others wait is in nobody's
/// bid. The idea is the toll of a bottleneck (Vickrey, American Economic Review 59, 1969): the hub knows by
/// its contracts who comes when, runs the queue forward, and posts for each slot of time how long one more
/// would wait, and what that costs those behind it. Nodes count both into what they bid, and so spread over
/// sites and departures.
/// <para>
/// Prices that all follow at once only move the crowd. Those who bid in one batch would all find the same
/// slot empty; so whoever has bid already counts, by the share of bidders that wins, and each node is shown
/// another table than the one before it. It books by the plan with which it accepts, at the prices that it
/// was shown. If it comes to a berth when it said, it pays no more than that; else what is posted for when it
/// does come. For a face it pays what it booked: nobody but the node is there to say when it came.
/// </para>
/// <para>
/// Two queues, one book. Cargo is unloaded in less than a slot, and berths are run forward as a fluid; a
/// machine digs for several slots, and faces are run forward machine by machine (<see cref="FaceQueue"/>).
/// </para>
/// <para>
/// Invariants: the state is a function of the hub's facts. A table is in order of place and slot, at most
/// <see cref="CrowdPrices.DepotsMax"/> entries for depots and <see cref="CrowdPrices.SitesMax"/> for sites,
/// <see cref="CrowdPrices.Max"/> in all, the next ones first. A node has one booking at most. Limits:
/// <see cref="SlotsMax"/> slots ahead; who comes later is not counted, nor who is overdue by more than
/// <see cref="OverdueMax"/>; at sites <see cref="FaceSlotsMax"/>. Deliberately absent: reservations. Berths
/// and faces serve whoever comes first. And nodes of other regions, which dig in other rock.
/// </para>
/// </remarks>
public sealed class CrowdBook
{
    /// <summary>How far ahead berths are priced: three weeks.</summary>
    public const int SlotsMax = 256;

    /// <summary>How far ahead faces are priced: a week.</summary>
    public const int FaceSlotsMax = 28;

    /// <summary>One that should have come so long ago is not expected any more.</summary>
    public static readonly TimeSpan OverdueMax = TimeSpan.FromDays(2);

    /// <summary>A node keeps its booking if it comes at most so many slots before or after it.</summary>
    private const int SlotsOff = 2;

    private const int One = 1_000_000;

    private readonly int _berths;
    private readonly Grams _perHour;
    private readonly int _sites;
    private readonly int _faces;
    private readonly Credits _hour;
    private readonly bool _pricesBerths;
    private readonly bool _pricesFaces;

    // What an hour of a node is posted to be worth, besides what it costs.
    private Credits _hourWorth;

    // Who comes for a contract; who may come for what it has bid on in the open batch.
    private readonly SortedDictionary<ContractId, CrowdCall> _calls = [];
    private readonly SortedDictionary<NodeId, CrowdCall> _bidders = [];

    // Who digs for a contract; where bidders mean to dig for what they have bid on, until the next cycle.
    private readonly SortedDictionary<ContractId, SiteVisit> _digs = [];
    private readonly SortedDictionary<NodeId, Visits> _visits = [];

    // What bidders were shown last, and what holders have booked: of berths, and of faces.
    private readonly SortedDictionary<NodeId, Table> _shown = [];
    private readonly SortedDictionary<NodeId, Booking> _bookings = [];
    private readonly SortedDictionary<NodeId, Booking> _faceBookings = [];

    // What the open cycle asks for; of the last batch, how many bid and how many won.
    private ImmutableArray<Request> _requests = [];
    private int _bid;
    private int _won;

    /// <summary>Knows of nobody.</summary>
    /// <param name="spec">The hub: its berths, and what an hour is worth.</param>
    public CrowdBook(HubSpec spec)
    {
        (_berths, _perHour) = spec.Berths;
        _hour = spec.Rules.HourlyCost;
        (_sites, _faces) = spec.Faces;
        _pricesBerths = spec.Rules.ArePricedBerths && _berths > 0 && _perHour > Grams.Zero;
        _pricesFaces = spec.Rules.ArePricedFaces && _faces > 0;
    }

    // Whether it has anything to do.
    private bool IsOn => _pricesBerths || _pricesFaces;

    // Of those that bid, as many as in the last batch.
    private int ChanceOfWinning => _bid == 0 ? One : (int)((long)Math.Min(_won, _bid) * One / _bid);

    /// <summary>Which berth a node has booked; null for none.</summary>
    public Booking? Of(NodeId node) => _bookings.GetValueOrDefault(node);

    /// <summary>Which face a node has booked; null for none.</summary>
    public Booking? FaceOf(NodeId node) => _faceBookings.GetValueOrDefault(node);

    /// <summary>How long a berth is taken up by so much cargo.</summary>
    public TimeSpan TimeOf(Grams cargo) => TimeSpan.FromSeconds((long)Int128.Min(
        (Int128)cargo.Value * 3600 / Math.Max(1, _perHour.Value),
        CrowdPrice.WaitMax.Ticks / TimeSpan.TicksPerSecond));

    /// <summary>The table for one more node, from who is expected: sites, then depots.</summary>
    /// <param name="now">The time.</param>
    /// <param name="closes">When the batch is opened: whoever bids in it leaves after that.</param>
    /// <param name="isForeign">Whether the node is of another region, and digs in other rock.</param>
    public ImmutableArray<CrowdPrice> TableAt(Instant now, Instant closes, bool isForeign)
    {
        ImmutableArray<CrowdPrice> depots = PricesAt(now);
        return isForeign ? depots
            : FacesFrom(closes, Math.Min(CrowdPrices.SitesMax, CrowdPrices.Max - depots.Length))
                .AddRange(depots);
    }

    /// <summary>The part of the table that is about sites.</summary>
    /// <param name="from">Earlier slots are left out.</param>
    /// <param name="most">Most entries.</param>
    public ImmutableArray<CrowdPrice> FacesFrom(Instant from, int most = CrowdPrices.SitesMax)
    {
        if (!_pricesFaces)
        {
            return [];
        }

        SortedDictionary<SiteId, FaceQueue> queues = QueuesUntil(from);
        uint first = CrowdPrice.SlotOf(PlaceKind.Site, from);
        var table = new SortedDictionary<(Place Place, uint Slot), CrowdPrice>();
        for (uint slot = first; slot < first + FaceSlotsMax; slot++)
        {
            foreach (KeyValuePair<SiteId, FaceQueue> site in queues)
            {
                if (table.Count < most && site.Value.IsCrowded
                    && PriceOf(site.Key, site.Value, slot) is { } price)
                {
                    table.Add((price.Place, slot), price);
                }
            }
        }

        return [.. table.Values];
    }

    /// <summary>The part of the table that is about depots.</summary>
    public ImmutableArray<CrowdPrice> PricesAt(Instant now)
    {
        if (!_pricesBerths)
        {
            return [];
        }

        uint first = CrowdPrice.SlotOf(now);
        var places = new SortedDictionary<Place, Load[]>();
        foreach (CrowdCall call in _calls.Values)
        {
            Count(places, first, now, call, One);
        }

        int share = ChanceOfWinning;
        foreach (CrowdCall call in _bidders.Values)
        {
            Count(places, first, now, call, share);
        }

        var posted = new SortedDictionary<(uint Slot, Place Place), CrowdPrice>();
        foreach (KeyValuePair<Place, Load[]> place in places)
        {
            Price(first, place.Key, place.Value, posted);
        }

        var table = new SortedDictionary<(Place Place, uint Slot), CrowdPrice>();
        foreach (KeyValuePair<(uint Slot, Place Place), CrowdPrice> entry in posted)
        {
            if (table.Count == CrowdPrices.DepotsMax)
            {
                break;
            }

            table.Add((entry.Key.Place, entry.Key.Slot), entry.Value);
        }

        return [.. table.Values];
    }

    /// <summary>Whether a node knows this table already.</summary>
    internal bool Knows(NodeId node, ImmutableArray<CrowdPrice> prices) =>
        ShownTo(node).AsSpan().SequenceEqual(prices.AsSpan());

    /// <summary>What a node that accepts a contract books, by its plan; null where berths have no
    /// price.</summary>
    internal Booking? Book(NodeId node, ContractId contract, Plan plan)
    {
        if (!_pricesBerths || !_calls.TryGetValue(contract, out CrowdCall? call))
        {
            return null;
        }

        Instant comes = CrowdCall.ComesAt(plan);
        CrowdPrice? price = ShownTo(node).Of(call.Place, comes);
        return new Booking(contract, comes, price?.Toll(call.Takes) ?? Credits.Zero);
    }

    /// <summary>What a node that takes a contract books of a site, by what it was shown; null where faces
    /// have no price, or when it has booked for that contract.</summary>
    internal Booking? BookFace(NodeId node, ContractId contract, SiteVisit visit)
    {
        if (!_pricesFaces || !Knows(visit.Site) || FaceOf(node)?.Contract == contract)
        {
            return null;
        }

        CrowdPrice? price = ShownTo(node).Of(Place.Of(visit.Site), visit.Comes);
        return new Booking(contract, visit.Comes, price?.Toll(visit.Digs) ?? Credits.Zero);
    }

    /// <summary>Whether it counts where nodes mean to dig, and there is such a site and such work.</summary>
    internal bool Counts(SiteVisit visit)
    {
        int place = _requests.Find(visit.Bounty);
        return _pricesFaces && Knows(visit.Site) && place >= 0
            && _requests[place].Kind == WorkKind.Deliver;
    }

    /// <summary>What a node that brings cargo owes for the face where it dug.</summary>
    internal Credits OwedForFace(HubInput.Docked docked) =>
        docked.Weighed > Grams.Zero && FaceOf(docked.Node) is { } booking
            && booking.Contract == docked.Contract ? booking.Toll : Credits.Zero;

    /// <summary>What a node owes for the berth at which it has been unloaded.</summary>
    internal Credits Owed(HubInput.Docked docked)
    {
        if (!_pricesBerths || docked.Weighed == Grams.Zero)
        {
            return Credits.Zero;
        }

        TimeSpan takes = TimeOf(docked.Weighed);
        CrowdPrice? price = PricesAt(docked.Came).Of(Place.Of(docked.Depot), docked.Came);
        Credits posted = price?.Toll(takes) ?? Credits.Zero;
        TimeSpan slack = SlotsOff * CrowdPrice.SlotLength;
        return Of(docked.Node) is { } booking && booking.Contract == docked.Contract
            && docked.Came >= booking.Comes - slack && docked.Came <= booking.Comes + slack
                ? Credits.Min(booking.Toll, posted) : posted;
    }

    /// <summary>Applies one remembered fact; most say nothing to it.</summary>
    internal void Apply(HubFact fact)
    {
        if (!IsOn)
        {
            return;
        }

        switch (fact)
        {
            case HubFact.Market(var market):
                Apply(market);
                break;
            case HubFact.CrowdsShown(var node, var prices):
                _shown[node] = new Table(prices);
                break;
            case HubFact.BerthBooked(var node, var booking):
                _bookings[node] = booking;
                _calls[booking.Contract] = _calls[booking.Contract] with { Comes = booking.Comes };
                break;
            case HubFact.PlanTaken(var node, var plan):
                Move(node, plan);
                break;
            case HubFact.VisitsHeard(var node, var visits):
                _visits[node] = new Visits(visits);
                break;
            case HubFact.FaceBooked(var node, var booking, var visit):
                _faceBookings[node] = booking;
                _digs[booking.Contract] = visit;
                break;
            case HubFact.FaceTolled(var node, _, _):
                _ = _faceBookings.Remove(node);
                break;
            case HubFact.Tolled(var node, _, _):
                _ = _bookings.Remove(node);
                break;
            case HubFact.NodeReleased(var node, _):
                _ = _bookings.Remove(node);
                _ = _faceBookings.Remove(node);
                _ = _visits.Remove(node);
                _ = _shown.Remove(node);
                break;
            default:
                break;
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    internal void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("crowds", 11);
        codec.Table(
            "calls",
            _calls,
            static (ref TCodec c, ContractId key) => c.Contract("contract", key),
            static (ref TCodec c, CrowdCall value) => CrowdCall.Shape(ref c, value));
        codec.Table(
            "bidders",
            _bidders,
            static (ref TCodec c, NodeId key) => c.Node("node", key),
            static (ref TCodec c, CrowdCall value) => CrowdCall.Shape(ref c, value));
        codec.Table(
            "digs",
            _digs,
            static (ref TCodec c, ContractId key) => c.Contract("contract", key),
            static (ref TCodec c, SiteVisit value) => SiteVisit.Shape(ref c, value));
        codec.Table(
            "visits",
            _visits,
            static (ref TCodec c, NodeId key) => c.Node("node", key),
            static (ref TCodec c, Visits value) => Visits.Shape(ref c, value));
        codec.Table(
            "shown",
            _shown,
            static (ref TCodec c, NodeId key) => c.Node("node", key),
            static (ref TCodec c, Table value) => Table.Shape(ref c, value));
        codec.Table(
            "bookings",
            _bookings,
            static (ref TCodec c, NodeId key) => c.Node("node", key),
            static (ref TCodec c, Booking value) => Booking.Shape(ref c, value));
        codec.Table(
            "faceBookings",
            _faceBookings,
            static (ref TCodec c, NodeId key) => c.Node("node", key),
            static (ref TCodec c, Booking value) => Booking.Shape(ref c, value));
        _requests = codec.List("requests", _requests, Auctioneer.RequestsMax);
        _bid = codec.Number("bid", _bid);
        _won = codec.Number("won", _won);
        _hourWorth = codec.Money("hourWorth", _hourWorth);
        codec.Close();
    }

    private void Apply(MarketFact fact)
    {
        switch (fact)
        {
            case MarketFact.CycleOpened(_, var closes, var requests):
                _requests = requests;
                _visits.Clear();
                foreach (KeyValuePair<ContractId, CrowdCall> known in (KeyValuePair<ContractId, CrowdCall>[])
                    [.. _calls])
                {
                    _ = known.Value.Comes + OverdueMax < closes && _calls.Remove(known.Key);
                }

                break;
            case MarketFact.HourPosted(var worth):
                _hourWorth = worth;
                break;
            case MarketFact.SheetTaken(var node, var sheet):
                if (CallOf(node, sheet) is { } likely)
                {
                    _bidders[node] = likely;
                }

                break;
            case MarketFact.SheetWithdrawn(var node):
                _ = _bidders.Remove(node);
                _ = _visits.Remove(node);
                break;
            case MarketFact.Cleared:
                (_bid, _won) = (_bidders.Count, 0);
                _bidders.Clear();
                break;
            case MarketFact.Awarded awarded:
                Winner winner = awarded.Winner;
                _won++;
                if (CallOf(winner.Node, winner.Bounty, winner.Quantity, winner.Arrives) is { } call)
                {
                    _calls[awarded.Contract] = call;
                }

                if (VisitOf(winner.Node, winner.Bounty) is { } visit)
                {
                    _digs[awarded.Contract] = visit;
                }

                break;
            case MarketFact.Delivered(var contract, _, _, _, _):
                Forget(contract);
                break;
            case MarketFact.Returned(var contract, _):
                Forget(contract);
                break;
            case MarketFact.Cancelled(var contract, _):
                Forget(contract);
                break;
            case MarketFact.Missed(var contract, _):
                _ = _digs.Remove(contract); // It is dead, or heard of again when it comes home.
                break;
            default:
                break;
        }
    }

    private void Forget(ContractId contract)
    {
        _ = _calls.Remove(contract);
        _ = _digs.Remove(contract);
    }

    private void Move(NodeId node, Plan plan)
    {
        if (Of(node) is { } booking && booking.Contract == plan.Contract
            && _calls.TryGetValue(plan.Contract, out CrowdCall? call))
        {
            _calls[plan.Contract] = call with { Comes = CrowdCall.ComesAt(plan) };
        }

        if (FaceOf(node) is not { } face || face.Contract != plan.Contract
            || !_digs.TryGetValue(plan.Contract, out SiteVisit? visit))
        {
            return;
        }

        if (CrowdCall.DigsAt(plan) is var (from, digs))
        {
            _digs[plan.Contract] = visit with { Comes = from, Digs = digs };
        }
        else if (CrowdCall.TellsCargo(plan))
        {
            _ = _digs.Remove(plan.Contract); // It is done there, or never will be.
        }
    }

    private bool Knows(SiteId site) => site.Value > 0 && site.Value <= _sites;

    private SiteVisit? VisitOf(NodeId node, BountyId bounty)
    {
        foreach (SiteVisit visit in _visits.GetValueOrDefault(node)?.Meant ?? [])
        {
            if (visit.Bounty == bounty)
            {
                return visit;
            }
        }

        return null;
    }

    // Who digs for contracts, and of who has bid a part at every site where it may be sent.
    private SortedDictionary<SiteId, FaceQueue> QueuesUntil(Instant from)
    {
        Instant until = from + (2 * FaceSlotsMax * CrowdPrice.FaceSlotLength);
        var queues = new SortedDictionary<SiteId, FaceQueue>();
        foreach (SiteVisit visit in _digs.Values)
        {
            Add(visit, One);
        }

        foreach (KeyValuePair<NodeId, Visits> bidder in _visits)
        {
            int each = _bidders.ContainsKey(bidder.Key) && !bidder.Value.Meant.IsEmpty
                ? ChanceOfWinning / bidder.Value.Meant.Length : 0;
            foreach (SiteVisit visit in bidder.Value.Meant)
            {
                Add(visit, each);
            }
        }

        foreach (FaceQueue queue in queues.Values)
        {
            queue.Prepare();
        }

        return queues;

        void Add(SiteVisit visit, int share)
        {
            if (visit.Comes < until && share > 0)
            {
                if (!queues.TryGetValue(visit.Site, out FaceQueue? queue))
                {
                    queue = new FaceQueue(_faces);
                    queues.Add(visit.Site, queue);
                }

                queue.Add(visit.Comes, visit.Digs, share);
            }
        }
    }

    // For one that comes in the middle of the slot.
    private CrowdPrice? PriceOf(SiteId site, FaceQueue queue, uint slot)
    {
        long length = CrowdPrice.FaceSlotLength.Ticks / TimeSpan.TicksPerMicrosecond;
        var middle = new Instant((slot * length) + (length / 2));
        if (middle >= queue.Ends)
        {
            return null;
        }

        (TimeSpan wait, TimeSpan digs, TimeSpan delay) = queue.OneMore(middle);
        if (wait < CrowdPrice.WaitMin && delay < CrowdPrice.WaitMin)
        {
            return null;
        }

        long told = Math.Min(wait.Ticks, CrowdPrice.WaitMax.Ticks) / TimeSpan.TicksPerSecond;
        Int128 perHour = (_hour.Micro + (Int128)_hourWorth.Micro) * delay.Ticks / digs.Ticks;
        return new CrowdPrice(
            Place.Of(site), slot, TimeSpan.FromSeconds(told),
            new Credits((long)Int128.Min(perHour, Credits.MicroMax)));
    }

    // Of all that it offers the first will do: a machine's trips differ little in when they end. Its largest
    // load is what it wants to come with.
    private CrowdCall? CallOf(NodeId node, BidSheet sheet)
    {
        foreach (Bid bid in sheet.Bids)
        {
            if (bid.IsOffer && bid.Steps[^1] is var most
                && CallOf(node, bid.Bounty, most.Quantity, most.Arrives) is { } call)
            {
                return call;
            }
        }

        return null;
    }

    // What is unloaded at an instant came before that, by what its node was shown of the wait.
    private CrowdCall? CallOf(NodeId node, BountyId bounty, Grams quantity, Instant unloaded)
    {
        int place = _requests.Find(bounty);
        if (place < 0 || _requests[place].Kind is not (WorkKind.Deliver or WorkKind.Transport))
        {
            return null;
        }

        Place depot = Place.Of(_requests[place].Depot);
        TimeSpan takes = TimeOf(quantity);
        ImmutableArray<CrowdPrice> shown = ShownTo(node);
        Instant latest = unloaded - takes - CrowdPrice.WaitMin;
        Instant comes = latest;
        foreach (CrowdPrice price in shown)
        {
            Instant then = latest - price.Wait;
            comes = price.Place == depot && CrowdPrice.SlotOf(then) == price.Slot ? then : comes;
        }

        return new CrowdCall(depot, Instant.Max(Instant.Epoch, comes), takes);
    }

    private ImmutableArray<CrowdPrice> ShownTo(NodeId node) =>
        _shown.TryGetValue(node, out Table? table) ? table.Prices : [];

    private static void Count(
        SortedDictionary<Place, Load[]> places, uint first, Instant now, CrowdCall call, int share)
    {
        uint slot = Math.Max(first, CrowdPrice.SlotOf(call.Comes));
        if (slot - first >= SlotsMax || call.Comes + OverdueMax < now)
        {
            return;
        }

        if (!places.TryGetValue(call.Place, out Load[]? load))
        {
            load = new Load[SlotsMax];
            places.Add(call.Place, load);
        }

        load[slot - first].Ticks += (long)((Int128)call.Takes.Ticks * share / One);
        load[slot - first].Nodes += share;
    }

    // The queue run forward as a fluid. One more in a slot waits for what is before it, half of its own slot
    // included.
    private void Price(
        uint first, Place place, Load[] load,
        SortedDictionary<(uint Slot, Place Place), CrowdPrice> posted)
    {
        long capacity = _berths * CrowdPrice.SlotLength.Ticks;
        long[] waits = new long[SlotsMax];
        long[] idle = new long[SlotsMax];
        long backlog = 0;
        for (int k = 0; k < SlotsMax; k++)
        {
            waits[k] = (backlog + (load[k].Ticks / 2)) / _berths;
            idle[k] = Math.Max(0, capacity - backlog - load[k].Ticks);
            backlog = Math.Max(0, backlog + load[k].Ticks - capacity);
        }

        for (int k = 0; k < SlotsMax; k++)
        {
            if (waits[k] >= CrowdPrice.WaitMin.Ticks)
            {
                uint slot = first + (uint)k;
                long wait = Math.Min(waits[k], CrowdPrice.WaitMax.Ticks) / TimeSpan.TicksPerSecond;
                Int128 hour = _hour.Micro + _hourWorth.Micro;
                Int128 toll = hour * Delayed(load, idle, k) / ((long)_berths * One);
                posted.Add((slot, place), new CrowdPrice(
                    place, slot, TimeSpan.FromSeconds(wait),
                    new Credits((long)Int128.Min(toll, Credits.MicroMax))));
            }
        }
    }

    // How many nodes, in millionths, one more makes wait for as long as it takes over the number of berths:
    // all that come after it, until berths have been idle for as long as it takes, and in part those between.
    private static long Delayed(Load[] load, long[] idle, int slot)
    {
        long takes = Math.Max(1, (long)((Int128)load[slot].Ticks * One / Math.Max(1, load[slot].Nodes)));
        takes = load[slot].Nodes == 0 ? CrowdPrice.SlotLength.Ticks / 4 : takes;
        long rest = takes - (idle[slot] / 2);
        Int128 delayed =
            (Int128)load[slot].Nodes / 2 * Math.Max(0, takes - (idle[slot] / 4)) / takes;
        for (int k = slot + 1; k < SlotsMax && rest > 0; k++)
        {
            delayed += (Int128)load[k].Nodes * Math.Max(0, rest - (idle[k] / 2)) / takes;
            rest -= idle[k];
        }

        return (long)delayed;
    }

    // Nodes in millionths.
    private struct Load
    {
        public long Ticks;
        public long Nodes;
    }

    private sealed record Visits(ImmutableArray<SiteVisit> Meant) : IShaped<Visits>
    {
        public static Visits Shape<TCodec>(ref TCodec codec, Visits? value)
            where TCodec : struct, ICodec
        {
            codec.Open("visits", 1);
            ImmutableArray<SiteVisit> meant = codec.List(
                "meant", value?.Meant ?? [], RequestForProposals.RequestsMax);
            codec.Close();
            return value ?? new Visits(meant);
        }
    }

    private sealed record Table(ImmutableArray<CrowdPrice> Prices) : IShaped<Table>
    {
        public static Table Shape<TCodec>(ref TCodec codec, Table? value)
            where TCodec : struct, ICodec
        {
            codec.Open("table", 1);
            ImmutableArray<CrowdPrice> prices = CrowdPrices.Shape(ref codec, "prices", value?.Prices ?? []);
            codec.Close();
            return value ?? new Table(prices);
        }
    }
}

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Strategy;

/// <content>Demands: work that several regions may do, divided by what they say it would cost.</content>
/// <remarks>
/// Once a day regions are asked for their marginal supply curves, lots that wait are divided by
/// <see cref="LotSplit"/>, and lots that another region would bring cheaper by more than
/// <see cref="HysteresisPercent"/> are called back. Lots in a region are a bounty of their own there, with
/// escrow, report and journal like any other. They come back with their worth, by transfer; until that is
/// booked here they are that region's, so they are live in one region at most.
/// <para>
/// Curves are stamped, and fade: at <see cref="CurveAgeMax"/> a region is silent. A silent region is given
/// nothing and keeps what it has. When nobody has answered in time, lots are divided evenly.
/// </para>
/// </remarks>
public sealed partial class StrategicLayer
{
    /// <summary>Most demands open at a time; a further one is refused.</summary>
    public const int DemandsMax = 64;

    /// <summary>By how much another region must be cheaper, that lots are called back.</summary>
    public const int HysteresisPercent = 5;

    /// <summary>How often lots are divided.</summary>
    public static readonly TimeSpan AllotPeriod = TimeSpan.FromDays(1);

    /// <summary>How old a curve is when nothing of it counts any more; it fades evenly until then.</summary>
    public static readonly TimeSpan CurveAgeMax = TimeSpan.FromDays(20);

    /// <summary>How long a question or a recall is taken to be on its way.</summary>
    public static readonly TimeSpan AnswerDelayMax = TimeSpan.FromDays(5);

    /// <summary>With less time than this lots are not placed any more.</summary>
    public static readonly TimeSpan PlaceTimeMin = TimeSpan.FromDays(2);

    // Steps of what a region can bring beyond its curve, at prices that rise to the value: what nobody has
    // asked a price for is tried when nothing better is left.
    private const int GuessSteps = 4;

    // A first division waits for answers so long, or an eighth of the time there is.
    private static readonly TimeSpan _firstDelayMax = TimeSpan.FromDays(7);

    private readonly SortedDictionary<DemandId, DemandBook> _demands = [];
    private readonly SortedDictionary<RegionId, SoundingBook> _soundings = [];
    private DemandId _lastDemand;
    private Instant _allotted;

    /// <summary>Open demands, in order, to look at.</summary>
    public IReadOnlyDictionary<DemandId, DemandBook> Demands => _demands;

    private void Order(Instant now, Demand demand)
    {
        if (demand.Id.Value <= _lastDemand.Value)
        {
            return; // The same order again.
        }

        if (_demands.Count >= DemandsMax)
        {
            Refuse(Party.Strategy, 0, Refusal.TooMuch);
            return;
        }

        foreach (DemandPlace place in demand.Places)
        {
            if (!_links.ContainsKey(place.Region))
            {
                Refuse(Party.Of(place.Region), 0, Refusal.UnknownRegion);
                return;
            }
        }

        Record(new StrategyFact.DemandPosted(demand, now));
        Sound(now);
    }

    private void Allot(Instant now)
    {
        if (_demands.Count == 0 || now < _allotted + AllotPeriod)
        {
            return;
        }

        Record(new StrategyFact.Allotted(now));
        Sound(now);
        if (_spec.Split == SplitRule.Curves)
        {
            Exchange(now);
        }

        Divide(now);
        foreach (DemandBook book in (DemandBook[])[.. _demands.Values])
        {
            CloseIfOver(now, book);
        }
    }

    // Every region that may have work of a demand, unless it has just answered or is about to.
    private void Sound(Instant now)
    {
        foreach (RegionId region in (RegionId[])[.. _links.Keys])
        {
            SoundingBook book = _soundings.GetValueOrDefault(region) ?? SoundingBook.None;
            bool isAsked = book.Told?.Number != book.Number && book.Number > 0
                && now - book.AskedAt < AnswerDelayMax;
            bool isFresh = book.Told is { } told && Age(told, now) < AllotPeriod
                && book.AskedAt >= NewestDemand(region);
            ImmutableArray<Inquiry> inquiries = Inquiries(now, region);
            if (IsLive(region) && !inquiries.IsEmpty && !isFresh
                && (!isAsked || book.AskedAt < NewestDemand(region)))
            {
                Record(new StrategyFact.Sounded(region, book.Number + 1, now));
                _ = _links[region].Queue(
                    new Sounding(book.Number + 1, inquiries), Priority.Market, now + AnswerDelayMax);
            }
        }
    }

    private Instant NewestDemand(RegionId region)
    {
        Instant newest = Instant.Epoch;
        foreach (DemandBook book in _demands.Values)
        {
            newest = book.Demand.In(region) is null ? newest : Instant.Max(newest, book.Since);
        }

        return newest;
    }

    private ImmutableArray<Inquiry> Inquiries(Instant now, RegionId region)
    {
        var nearest = new SortedSet<(Instant Deadline, DemandId Demand)>();
        foreach (DemandBook book in _demands.Values)
        {
            if (book.Demand.In(region) is not null && now < book.Demand.Deadline)
            {
                _ = nearest.Add((book.Demand.Deadline, book.Demand.Id));
            }
        }

        var chosen = new SortedDictionary<DemandId, Inquiry>();
        foreach ((Instant deadline, DemandId id) in nearest)
        {
            if (chosen.Count < Sounding.InquiriesMax)
            {
                Demand demand = _demands[id].Demand;
                chosen.Add(id, new Inquiry(id, demand.Commodity, demand.Lot, deadline));
            }
        }

        return [.. chosen.Values];
    }

    private void Hear(Instant now, RegionId region, SupplyTold told)
    {
        SoundingBook book = _soundings.GetValueOrDefault(region) ?? SoundingBook.None;
        if (told.Number == 0 || told.Number > book.Number)
        {
            Refuse(Party.Of(region), told.Kind, Refusal.WrongDirection); // Nobody has asked.
        }
        else if (told.Number > (book.Told?.Number ?? 0))
        {
            Record(new StrategyFact.SupplyHeard(region, now, told));
        }
    }

    private void Take(Instant now, RegionId region, LinkEnd link, LotsReturned returned)
    {
        DemandBook? book = _demands.GetValueOrDefault(returned.Bounty.Demand);
        Placement? placement = book?.Find(returned.Bounty);
        long lots = book is null ? 0 : returned.Quantity.Value / book.Demand.Lot.Value;
        bool fits = placement is not null && placement.Region == region
            && returned.Quantity.Value % book!.Demand.Lot.Value == 0
            && lots > 0 && lots <= placement.Lots
            && returned.Returned == placement.WorthPerLot * lots
            && !_books.HasReceived(Key(region, returned.Transfer))
            && returned.Returned <= _books[At(region)] + InTransit(region);
        if (!fits)
        {
            Refuse(Party.Of(region), returned.Kind, Refusal.UnknownTransfer);
            return;
        }

        Book(now, region, returned);
        Send(link, new CreditsReceived(returned.Transfer));
    }

    private void Book(Instant now, RegionId region, LotsReturned returned)
    {
        Record(new StrategyFact.TransferReceived(region, returned.Transfer));
        Record(new StrategyFact.LotsBack(region, now, returned));
        _books.Post(At(region), _budget, returned.Returned);
    }

    private void Apply(StrategyFact.LotsBack back)
    {
        DemandId demand = back.Returned.Bounty.Demand;
        _demands[demand] = _demands[demand].TakeBack(back.Region, back.Returned, back.At);
        _receptions[back.Region].Hear(back.Returned);
        if (_demands[demand].Find(back.Returned.Bounty) is null)
        {
            _ = _posted.Remove(back.Returned.Bounty);
        }
    }

    private void Apply(BountyReport report)
    {
        DemandId demand = report.Bounty.Demand;
        _demands[demand] = _demands[demand].End(report, _demands[demand].LotsOf(report)!.Value);
    }

    // Whether a report is about lots that are where it comes from, and says what can be.
    private bool FitsLots(BountyReport report) => !report.Bounty.IsLots
        || _demands.GetValueOrDefault(report.Bounty.Demand)?.LotsOf(report) is not null;

    private void Divide(Instant now)
    {
        var books = new List<DemandBook>();
        foreach (DemandBook book in _demands.Values)
        {
            if (book.Waiting > 0 && book.Demand.Deadline - now >= PlaceTimeMin && IsReady(now, book))
            {
                books.Add(book);
            }
        }

        // Capacity is counted in lots, so demands of one lot are divided together, and after them the others.
        while (books.Count > 0)
        {
            Grams lot = books[0].Demand.Lot;
            List<DemandBook> alike = books.FindAll(book => book.Demand.Lot == lot);
            _ = books.RemoveAll(book => book.Demand.Lot == lot);
            Divide(now, alike, lot);
        }
    }

    private void Divide(Instant now, List<DemandBook> books, Grams lot)
    {
        RegionId[] regions = [.. _links.Keys];
        long[] room = new long[regions.Length];
        for (int r = 0; r < regions.Length; r++)
        {
            room[r] = Room(now, regions[r], lot);
        }

        var evenly = new List<DemandBook>();
        var asked = ImmutableArray.CreateBuilder<SplitDemand>();
        var divided = new List<DemandBook>();
        foreach (DemandBook book in books)
        {
            ImmutableArray<SplitOffer> offers = Offers(now, book, regions);
            bool isHeard = offers.Length > 0 || IsAnyHeard(now, book);
            if (_spec.Split == SplitRule.Even || !isHeard)
            {
                evenly.Add(book);
            }
            else
            {
                divided.Add(book);
                asked.Add(new SplitDemand(book.Waiting, book.Demand.ValuePerLot.Micro, offers));
            }
        }

        ImmutableArray<ImmutableArray<long>> lots = LotSplit.Run(asked.ToImmutable(), room);
        for (int d = 0; d < divided.Count; d++)
        {
            long[] sums = new long[regions.Length];
            for (int o = 0; o < lots[d].Length; o++)
            {
                sums[asked[d].Offers[o].Region] += lots[d][o];
            }

            for (int r = 0; r < regions.Length; r++)
            {
                Place(now, divided[d].Demand.Id, regions[r], (int)sums[r]);
            }
        }

        foreach (DemandBook book in evenly)
        {
            DivideEvenly(now, book);
        }
    }

    private void DivideEvenly(Instant now, DemandBook book)
    {
        var open = new List<RegionId>();
        foreach (DemandPlace place in book.Demand.Places)
        {
            if (IsLive(place.Region) && !IsBarred(now, book, place.Region)
                && book.Demand.WorthAt(place) > Credits.Zero)
            {
                open.Add(place.Region);
            }
        }

        for (int i = 0; i < open.Count; i++)
        {
            int share = (book.Waiting / open.Count) + (i < book.Waiting % open.Count ? 1 : 0);
            Place(now, book.Demand.Id, open[i], share);
        }
    }

    private void Place(Instant now, DemandId id, RegionId region, int lots)
    {
        DemandBook book = _demands[id];
        Demand demand = book.Demand;
        if (lots == 0 || book.Placings + 1 >= 1UL << BountyId.SerialBits)
        {
            return;
        }

        DemandPlace place = demand.In(region)!;
        var bounty = new Bounty(
            BountyId.Lots(id, book.Placings + 1), demand.Commodity, place.Depot,
            new Grams(lots * demand.Lot.Value), demand.Lot, demand.WorthAt(place), demand.Deadline);
        Record(new StrategyFact.LotsPlaced(bounty.Id, region, lots, bounty.ValuePerLot, now));
        Record(new StrategyFact.BountyPosted(region, bounty));
        Send(
            _links[region], new BountyPosted(bounty, Fund(region, BountyBook.New(bounty), bounty.Worth)));
    }

    // What each region of a demand would bring beyond what is there already, freight included.
    private ImmutableArray<SplitOffer> Offers(Instant now, DemandBook book, RegionId[] regions)
    {
        var offers = ImmutableArray.CreateBuilder<SplitOffer>();
        for (int r = 0; r < regions.Length; r++)
        {
            if (book.Demand.In(regions[r]) is not { } place || !IsLive(regions[r]))
            {
                continue;
            }

            long load = Load(book, regions[r]);
            foreach ((long lots, long cost, bool _) in View(now, book, place))
            {
                long rest = lots - Math.Min(load, lots);
                load -= lots - rest;
                if (rest > 0)
                {
                    offers.Add(new SplitOffer(r, Math.Min(rest, book.Waiting), cost));
                }
            }
        }

        return offers.ToImmutable();
    }

    // A region's curve as it looks from here: faded by age, with freight, no cheaper than what was asked when
    // lots came back; then, unless they came back lately, what the region could bring beyond it.
    private List<(long Lots, long Cost, bool IsGuess)> View(Instant now, DemandBook book, DemandPlace place)
    {
        var view = new List<(long Lots, long Cost, bool IsGuess)>();
        if (_soundings.GetValueOrDefault(place.Region)?.Told is not { } told || Fresh(told, now) == 0)
        {
            return view;
        }

        Demand demand = book.Demand;
        bool isBarred = IsBarred(now, book, place.Region);
        long floor = isBarred ? book.RebuffOf(place.Region)!.LowestAsk.Micro : 0;
        long value = demand.ValuePerLot.Micro;
        (Int128 sum, long counted, long last) = (0, 0, -1);
        foreach (SupplyStep step in CurveOf(told, demand.Id)?.Steps ?? [])
        {
            sum += step.Quantity.Value;
            long lots = InLots(sum, Fresh(told, now), demand.Lot) - counted;
            Int128 cost = Int128.Max(step.PricePerLot.Micro, floor) + (Int128)place.FreightPerLot.Micro;
            if (lots > 0 && cost < value)
            {
                view.Add((lots, (long)cost, false));
                last = (long)cost;
            }

            counted += lots;
        }

        long beyond = InLots(told.Capacity.Value, Fresh(told, now), demand.Lot) - counted;
        long least = last >= 0 ? last : Math.Min(
            value, place.FreightPerLot.Micro + (demand.WorthAt(place).Micro / 2));
        for (int i = 1; i <= GuessSteps && beyond > 0 && !isBarred; i++)
        {
            long lots = (beyond * i / GuessSteps) - (beyond * (i - 1) / GuessSteps);
            long cost = least + (long)((Int128)(value - least) * i / (GuessSteps + 1));
            if (lots > 0 && cost < value)
            {
                view.Add((lots, cost, true));
            }
        }

        return view;
    }

    // Lots of one size that a region has room for beside those of all demands that nobody there holds yet.
    private long Room(Instant now, RegionId region, Grams lot)
    {
        if (_soundings.GetValueOrDefault(region)?.Told is not { } told)
        {
            return 0;
        }

        Int128 taken = 0;
        foreach (DemandBook book in _demands.Values)
        {
            taken += (Int128)Load(book, region) * book.Demand.Lot.Value;
        }

        long all = InLots(told.Capacity.Value, Fresh(told, now), lot);
        return (long)Int128.Max(0, all - ((taken + lot.Value - 1) / lot.Value));
    }

    // Lots of a demand that are in a region and, by its last word, nobody there holds.
    private long Load(DemandBook book, RegionId region)
    {
        SupplyTold? told = _soundings.GetValueOrDefault(region)?.Told;
        long held = told is null ? 0 : CurveOf(told, book.Demand.Id)?.Held.Value ?? 0;
        return Math.Max(0, book.In(region) - (held / book.Demand.Lot.Value));
    }

    private void Exchange(Instant now)
    {
        foreach (DemandBook book in (DemandBook[])[.. _demands.Values])
        {
            foreach (DemandPlace place in book.Demand.Places)
            {
                int lots = Better(now, book, place);
                if (lots > 0)
                {
                    CallBack(now, book, place.Region, lots);
                }
            }
        }
    }

    // How many of the lots that nobody holds in one region others would bring cheaper by more than the
    // hysteresis, by what was asked there and not by guesses; the dearest here against the cheapest there.
    private int Better(Instant now, DemandBook book, DemandPlace here)
    {
        long load = Load(book, here.Region);
        if (load == 0 || !KnowsOf(now, book, here.Region))
        {
            return 0;
        }

        var cheaper = new List<(long Cost, long Lots)>();
        foreach (DemandPlace there in book.Demand.Places)
        {
            if (there.Region == here.Region || !IsLive(there.Region))
            {
                continue;
            }

            long taken = Load(book, there.Region);
            long room = Room(now, there.Region, book.Demand.Lot);
            foreach ((long lots, long cost, bool isGuess) in View(now, book, there))
            {
                long rest = Math.Min(room, lots - Math.Min(taken, lots));
                taken -= Math.Min(taken, lots);
                if (!isGuess && rest > 0)
                {
                    cheaper.Add((cost, rest));
                    room -= rest;
                }
            }
        }

        cheaper.Sort();
        List<(long Lots, long Cost, bool IsGuess)> mine = View(now, book, here);
        int better = 0;
        foreach ((long cost, long lots) in cheaper)
        {
            for (long i = 0; i < lots && better < load; i++)
            {
                if ((Int128)CostAt(mine, load - 1 - better, book.Demand.ValuePerLot.Micro) * 100
                    <= (Int128)cost * (100 + HysteresisPercent))
                {
                    return better;
                }

                better++;
            }
        }

        return better;
    }

    private static long CostAt(List<(long Lots, long Cost, bool IsGuess)> view, long place, long value)
    {
        foreach ((long lots, long cost, bool _) in view)
        {
            if (place < lots)
            {
                return cost;
            }

            place -= lots;
        }

        return value;
    }

    // Whether a region's last word is younger than anything that was placed there or called back.
    private bool KnowsOf(Instant now, DemandBook book, RegionId region)
    {
        if (_soundings.GetValueOrDefault(region)?.Told is not { } told || Fresh(told, now) == 0
            || !IsLive(region))
        {
            return false;
        }

        foreach (Placement placement in book.Placements)
        {
            if (placement.Region == region
                && (told.At <= placement.PlacedAt
                    || (placement.Recall.Value > 0 && now - placement.RecalledAt < AnswerDelayMax)))
            {
                return false;
            }
        }

        return true;
    }

    // The last placed first: the fewest of those are under contract.
    private void CallBack(Instant now, DemandBook book, RegionId region, int lots)
    {
        for (int i = book.Placements.Length - 1; i >= 0 && lots > 0; i--)
        {
            Placement placement = book.Placements[i];
            if (placement.Region == region && _posted.ContainsKey(placement.Bounty))
            {
                var recalled = new LotsRecalled(
                    placement.Bounty, placement.Recall.Next, Math.Min(lots, placement.Lots));
                Record(new StrategyFact.LotsCalled(region, now, recalled));
                Send(_links[region], recalled);
                lots -= recalled.Lots;
            }
        }
    }

    // A region that was given up: what it had sent back by its journal has come; what is on its way otherwise
    // comes with the rest of its credits.
    private void ReclaimLots(RegionId region)
    {
        foreach ((TransferId transfer, LotsHome home) in
            (KeyValuePair<TransferId, LotsHome>[])[.. _receptions[region].Books.LotsHome])
        {
            if (_demands.GetValueOrDefault(home.Bounty.Demand)?.Find(home.Bounty)?.Region == region)
            {
                Book(_allotted, region, new LotsReturned(
                    home.Bounty, home.Quantity, Credits.Zero, LotsReason.Recalled, transfer, home.Amount));
            }
        }
    }

    private void ReclaimStrays(RegionId region)
    {
        foreach (DemandBook book in (DemandBook[])[.. _demands.Values])
        {
            foreach (Placement placement in book.Placements)
            {
                if (placement.Region == region)
                {
                    Record(new StrategyFact.LotsReclaimed(placement.Bounty));
                }
            }
        }
    }

    // Lots that came back before the accepted books told it are not handed on with the rest. Null when
    // nothing is left.
    private BountyBook? WithoutReturned(RegionId region, BountyBook work)
    {
        Bounty bounty = work.Bounty;
        foreach (LotsReturned returned in _receptions[region].Records.Lots.Values)
        {
            if (returned.Bounty == bounty.Id)
            {
                bounty = bounty with { Total = bounty.Total - returned.Quantity };
            }
        }

        return bounty.Total > Grams.Zero ? work with { Bounty = bounty } : null;
    }

    private void CloseIfOver(Instant now, DemandBook book)
    {
        Demand demand = book.Demand;
        if (book.Placements.IsEmpty && (book.Waiting == 0 || now >= demand.Deadline))
        {
            Grams missing = demand.Total - book.Delivered;
            BountyOutcome outcome =
                missing <= demand.Total.Share(_spec.Rules.FillTolerance) ? BountyOutcome.Filled
                : book.Delivered > Grams.Zero ? BountyOutcome.PartlyFilled
                : BountyOutcome.Unfilled;
            Record(new StrategyFact.DemandClosed(
                demand.Id, outcome, book.Delivered, book.Paid, book.Rebuffs));
        }
    }

    // Heard from every region that could answer, or long enough waited for.
    private bool IsReady(Instant now, DemandBook book)
    {
        long eighth = Math.Max(0, (book.Demand.Deadline - book.Since).Ticks / 8);
        bool hasWaited = (now - book.Since).Ticks >= Math.Min(eighth, _firstDelayMax.Ticks);
        foreach (DemandPlace place in book.Demand.Places)
        {
            if (!hasWaited && IsLive(place.Region)
                && (_soundings.GetValueOrDefault(place.Region)?.Told is not { } told
                    || CurveOf(told, book.Demand.Id) is null))
            {
                return false;
            }
        }

        return true;
    }

    private bool IsAnyHeard(Instant now, DemandBook book)
    {
        foreach (DemandPlace place in book.Demand.Places)
        {
            if (IsLive(place.Region) && _soundings.GetValueOrDefault(place.Region)?.Told is { } told
                && Fresh(told, now) > 0 && CurveOf(told, book.Demand.Id) is not null)
            {
                return true;
            }
        }

        return false;
    }

    // A region that gave lots back is not tried again at a guess for a quarter of the time that is left.
    private static bool IsBarred(Instant now, DemandBook book, RegionId region)
    {
        if (book.RebuffOf(region) is not { } rebuff)
        {
            return false;
        }

        long quarter = Math.Max(0, (book.Demand.Deadline - rebuff.At).Ticks / 4);
        return (now - rebuff.At).Ticks < Math.Max(quarter, PlaceTimeMin.Ticks);
    }

    private bool IsLive(RegionId region) => _charters.ContainsKey(region) && !_ended.Contains(region)
        && !_receptions[region].IsQuarantined;

    private static SupplyCurve? CurveOf(SupplyTold told, DemandId demand)
    {
        foreach (SupplyCurve curve in told.Curves)
        {
            if (curve.Demand == demand)
            {
                return curve;
            }
        }

        return null;
    }

    // A hub whose clock is ahead is no younger than now.
    private static TimeSpan Age(SupplyTold told, Instant now) =>
        now > told.At ? now - told.At : TimeSpan.Zero;

    // What counts of a curve, in millionths.
    private static long Fresh(SupplyTold told, Instant now) => (long)(
        (Int128)1_000_000 * Math.Max(0, (CurveAgeMax - Age(told, now)).Ticks) / CurveAgeMax.Ticks);

    private static long InLots(Int128 grams, long share, Grams lot) =>
        (long)Int128.Min(grams * share / 1_000_000 / lot.Value, Bounty.LotsMax * 1_000L);

    private void ShapeDemands<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        _lastDemand = codec.Demand("lastDemand", _lastDemand);
        _allotted = codec.Moment("allotted", _allotted);
        codec.Table(
            "demands",
            _demands,
            static (ref TCodec c, DemandId key) => c.Demand("demand", key),
            static (ref TCodec c, DemandBook value) => DemandBook.Shape(ref c, value));
        codec.Table(
            "soundings",
            _soundings,
            static (ref TCodec c, RegionId key) => c.Region("region", key),
            static (ref TCodec c, SoundingBook value) => SoundingBook.Shape(ref c, value));
    }
}

/// <summary>What a region was asked last, and what it answered.</summary>
/// <param name="Number">The last sounding; zero before the first.</param>
/// <param name="AskedAt">When.</param>
/// <param name="Told">The last answer; null before the first.</param>
internal sealed record SoundingBook(ulong Number, Instant AskedAt, SupplyTold? Told) : IShaped<SoundingBook>
{
    /// <summary>Never asked.</summary>
    public static SoundingBook None { get; } = new(0, default, null);

    /// <inheritdoc/>
    public static SoundingBook Shape<TCodec>(ref TCodec codec, SoundingBook? value)
        where TCodec : struct, ICodec
    {
        codec.Open("soundingBook", 3);
        ulong number = codec.Count("number", value?.Number ?? 0);
        Instant asked = codec.Moment("askedAt", value?.AskedAt ?? default);
        SupplyTold? told = codec.Optional("told", value?.Told);
        codec.Close();
        return value ?? new SoundingBook(number, asked, told);
    }
}

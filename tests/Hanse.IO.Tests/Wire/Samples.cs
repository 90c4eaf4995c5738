using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using CsCheck;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.IO.Tests.Wire;

/// <summary>Generated messages and frames, all valid.</summary>
/// <remarks>Numbers come from the borders: of their own range, and of the widths a head or a varint may
/// have.</remarks>
internal static class Samples
{
    private static readonly long[] _borders =
    [
        0, 1, 2, 23, 24, 127, 128, 255, 256, 16_383, 16_384, 65_535, 65_536, 1_000_000, (1L << 31) - 1,
        1L << 31,
        (1L << 32) - 1, 1L << 32, (1L << 35) - 1, 1L << 35, (1L << 56) - 1, 1L << 56,
    ];

    private static readonly Gen<long> _second = In(0, 10_000_000_000);
    private static readonly Gen<Instant> _instant = _second.Select(At);
    private static readonly Gen<ulong> _counter = In(0, long.MaxValue).Select(value => (ulong)value);
    private static readonly Gen<uint> _id = In(0, uint.MaxValue).Select(value => (uint)value);
    private static readonly Gen<int> _count = In(0, int.MaxValue).Select(value => (int)value);
    private static readonly Gen<Grams> _grams = In(0, Grams.ValueMax).Select(value => new Grams(value));
    private static readonly Gen<Grams> _someGrams = In(1, Grams.ValueMax).Select(value => new Grams(value));
    private static readonly Gen<Credits> _credits = In(0, Credits.MicroMax).Select(it => new Credits(it));
    private static readonly Gen<long> _reading = In(-Knot.ValueMax, Knot.ValueMax);
    private static readonly Gen<NoBidReason> _reason = Gen.Int[0, 8].Select(value => (NoBidReason)value);
    private static readonly Gen<Variable> _variable = Gen.Int[1, 4].Select(value => (Variable)value);

    private static readonly Gen<ContractId> _contract = _counter.Select(value => new ContractId(value));
    private static readonly Gen<Epoch> _epoch = _id.Select(value => new Epoch(value));
    private static readonly Gen<BountyId> _bountyId = _counter.Select(value => new BountyId(value));
    private static readonly Gen<DemandId> _demand =
        In(0, (long)DemandId.ValueMax).Select(value => new DemandId((ulong)value));

    private static readonly Gen<TransferId> _transfer = _counter.Select(value => new TransferId(value));
    private static readonly Gen<DepotId> _depot = _id.Select(value => new DepotId(value));
    private static readonly Gen<Commodity> _commodity = Gen.Int[1, 4].Select(value => (Commodity)value);

    private static readonly Gen<uint> _rollout = In(1, uint.MaxValue).Select(value => (uint)value);
    private static readonly Gen<SkillFunction> _function =
        Gen.Int[1, 3].Select(value => (SkillFunction)value);

    private static readonly Gen<int> _abi = Gen.Int[1, ushort.MaxValue];
    private static readonly Gen<byte[]> _release = Gen.Byte.Array[32];
    private static readonly Gen<int> _length = Gen.Int[1, SkillOrder.LengthMax];
    private static readonly Gen<SkillTrial> _trial = Gen.Select(
        Gen.Int[0, SkillTrial.RunsMax], Gen.Int[0, 1_000_000_000], Gen.Int[0, 1_000_000_000],
        Gen.Int[60_000, 1_000_000_000],
        (runs, divergence, probation, pulse) => new SkillTrial(
            runs, new PartsPerMillion(divergence), TimeSpan.FromMilliseconds(probation),
            TimeSpan.FromMilliseconds(pulse)));

    private static readonly Gen<Track> _track = Gen.Select(
        _variable,
        _second.Array[1, 6],
        _reading.Array[6],
        (variable, seconds, values) => new Track(
            variable,
            [.. seconds.Distinct().Order().Select((second, i) => new Knot(At(second), values[i]))]));

    private static readonly Gen<Plan> _plan = Gen.Select(
        _id,
        _contract,
        _instant,
        _track.Array[0, 4],
        (number, contract, arrives, tracks) => new Plan(
            number,
            contract,
            arrives,
            [.. tracks.DistinctBy(track => track.Variable).OrderBy(track => track.Variable)]));

    private static readonly Gen<ContractTerms> _terms = Gen.Select(
        _contract,
        _epoch,
        _bountyId,
        _someGrams,
        _credits,
        _instant,
        (contract, epoch, bounty, quantity, price, due) =>
            new ContractTerms(contract, epoch, bounty, quantity, price, due));

    private static readonly Gen<(WorkKind Kind, SiteId Site, DepotId From)> _work = Gen.Select(
        Gen.Int[1, Enum.GetValues<WorkKind>().Length], _id,
        (kind, place) => (WorkKind)kind == WorkKind.Transport
            ? ((WorkKind)kind, default(SiteId), new DepotId(place))
            : ((WorkKind)kind, new SiteId(place), default(DepotId)));

    private static readonly Gen<Request> _request = Gen.Select(
        _bountyId,
        _commodity,
        _depot,
        _someGrams,
        _someGrams,
        _credits,
        _instant,
        _work,
        (bounty, commodity, depot, open, lot, reserve, deadline, work) =>
            new Request(bounty, commodity, depot, open, lot, reserve, deadline)
            {
                Kind = work.Kind,
                Site = work.Site,
                From = work.From,
            });

    private static readonly Gen<CrowdPrice> _berth = Gen.Select(
        Gen.OneOf(
            _depot.Select(Place.Of), Gen.UInt[1, uint.MaxValue].Select(site => Place.Of(new SiteId(site)))),
        Gen.UInt,
        In(0, 2_592_000).Select(seconds => TimeSpan.FromSeconds(seconds)),
        _credits,
        (place, slot, wait, toll) => new CrowdPrice(place, slot, wait, toll));

    private static readonly Gen<RequestForProposals> _requests = Gen.Select(
        _id,
        _instant,
        _request.Array[0, 4],
        _berth.Array[0, 4],
        (cycle, closes, requests, berths) => new RequestForProposals(
            new CycleNumber(cycle),
            closes,
            [.. requests.DistinctBy(r => r.Bounty).OrderBy(r => r.Bounty.Value)],
            [.. berths.DistinctBy(b => (b.Place, b.Slot)).OrderBy(b => (b.Place, b.Slot))]));

    private static readonly Gen<BidStep> _step = Gen.Select(
        _someGrams,
        _credits,
        _instant,
        In(0, 315_360_000_000).Select(value => TimeSpan.FromMilliseconds(value)),
        (quantity, price, arrives, sigma) => new BidStep(quantity, price, arrives, sigma));

    private static readonly Gen<Bid> _bid = Gen.Select(
        _bountyId,
        _reason,
        _step.Array[1, Bid.StepsMax],
        (bounty, reason, steps) => new Bid(
            bounty,
            reason,
            reason switch
            {
                NoBidReason.None => [.. steps.DistinctBy(step => step.Quantity).OrderBy(s => s.Quantity)],
                NoBidReason.NoProfit => [.. steps.Skip(1).Take(1)],
                _ => [],
            }));

    private static readonly Gen<Milestone> _milestone =
        Gen.Select(Gen.Int[1, 4], _instant, (stage, due) => new Milestone((ContractStage)stage, due));

    private static readonly Gen<Deviation> _deviation = Gen.Select(
        _variable, _instant, _reading, (variable, at, value) => new Deviation(variable, at, value));

    private static readonly Gen<Bounty> _bounty = Gen.Select(
        _bountyId,
        _commodity,
        _depot,
        _someGrams,
        _someGrams,
        In(0, Credits.MicroMax / Bounty.LotsMax),
        _instant,
        _work,
        (id, commodity, depot, total, lot, worth, deadline, work) => new Bounty(
            id,
            commodity,
            depot,
            total,
            Grams.Max(lot, new Grams((total.Value + Bounty.LotsMax - 1) / Bounty.LotsMax)),
            new Credits(worth),
            deadline)
        {
            Kind = work.Kind,
            Site = work.Site,
            From = work.From,
            Backup = new Grams(worth % total.Value),
            Joint = worth % 3 == 0 ? new JointWork((uint)worth + 1, 2 + (int)(worth % 7)) : default,
        });

    /// <summary>A generator of each kind.</summary>
    internal static IReadOnlyDictionary<MessageKind, Gen<Message>> Messages { get; } =
        new SortedDictionary<MessageKind, Gen<Message>>
        {
            [MessageKind.Enrol] = Gen.Select(
                Gen.Byte.Array[32],
                _count,
                _count,
                _grams,
                _plan,
                Message (key, kind, generation, cargo, plan) =>
                    new Enrol(key, kind, generation, cargo, plan)),
            [MessageKind.Enrolled] = Gen.Select(
                _id,
                _epoch,
                _counter.Array[4],
                _counter,
                Message (region, epoch, bands, accepted) =>
                    new Enrolled(new RegionId(region), epoch, [.. bands], accepted)),
            [MessageKind.RequestForProposals] = _requests.Select(Message (requests) => requests),
            [MessageKind.BidSheet] = Gen.Select(
                _id,
                _reason,
                _bid.Array[0, 4],
                Message (cycle, blanket, bids) => new BidSheet(
                    new CycleNumber(cycle),
                    blanket,
                    [.. bids.DistinctBy(bid => bid.Bounty).OrderBy(bid => bid.Bounty.Value)])),
            [MessageKind.Award] = Gen.Select(
                _contract,
                _epoch,
                _request,
                _instant,
                _instant,
                Message (contract, epoch, request, accept, due) =>
                    new Award(contract, epoch, request, accept, due)),
            [MessageKind.AwardAccepted] = Gen.Select(
                _contract,
                _epoch,
                _milestone.Array[0, 4],
                _plan,
                Message (contract, epoch, milestones, plan) =>
                    new AwardAccepted(contract, epoch, InOrder(milestones), plan)),
            [MessageKind.ContractReleased] = Gen.Select(
                _contract,
                _epoch,
                Gen.Int[1, 4],
                Message (contract, epoch, reason) =>
                    new ContractReleased(contract, epoch, (ReleaseReason)reason)),
            [MessageKind.PlanRevised] = _plan.Select(Message (plan) => new PlanRevised(plan)),
            [MessageKind.DeviationReport] = Gen.Select(
                _id,
                _deviation.Array[0, 5],
                Message (plan, deviations) => new DeviationReport(plan, [.. deviations])),
            [MessageKind.ContractClosed] = Gen.Select(
                _contract,
                _epoch,
                Gen.Int[1, 5],
                _grams,
                _credits,
                Message (contract, epoch, outcome, weighed, paid) =>
                    new ContractClosed(contract, epoch, (ContractOutcome)outcome, weighed, paid)),
            [MessageKind.ReturnOffered] = Gen.Select(
                _counter.Where(size => size > 0),
                In(0, ReturnOffered.BytesMax),
                _instant,
                _count,
                Gen.Byte.Array[0, 300],
                Message (size, bytes, since, decisions, note) =>
                    new ReturnOffered(
                        size, size - 1, bytes, since, decisions, note, note[(note.Length / 2)..])),
            [MessageKind.ReturnAdmitted] = Gen.Select(
                _counter,
                In(0, ReturnOffered.BytesMax),
                Message (size, from) => new ReturnAdmitted(size, from)),
            [MessageKind.ReturnDeferred] = Gen.Select(
                _counter, _instant, Message (size, notBefore) => new ReturnDeferred(size, notBefore)),
            [MessageKind.JournalPart] = Gen.Select(
                _counter,
                In(0, ReturnOffered.BytesMax),
                Gen.Byte.Array[0, 300],
                Message (size, offset, bytes) => new JournalPart(size, offset, bytes)),
            [MessageKind.ReturnJudged] = Gen.Select(
                _counter,
                Gen.Byte.Array[32],
                Gen.Int[1, 3],
                _counter.Array[0, 5],
                _counter,
                Message (size, root, outcome, reasons, safe) => new ReturnJudged(
                    size, root, (ReturnOutcome)outcome, [.. reasons.Distinct().Order()], safe)),
            [MessageKind.CharterEnded] = Gen.Select(
                _epoch,
                _id,
                Message (epoch, successor) => new CharterEnded(epoch, new RegionId(successor))),
            [MessageKind.NodeRecalled] = Gen.Select(
                _id, _id, Message (node, to) => new NodeRecalled(new NodeId(node), new RegionId(to))),
            [MessageKind.NodeAssigned] = Gen.Select(
                Gen.Select(_id, _epoch, _count),
                Gen.Byte.Array[0, 300],
                _transfer,
                _credits,
                _terms.Null(),
                Message (node, accepted, transfer, balance, held) => new NodeAssigned(
                    new NodeId(node.Item1), node.Item2, node.Item3, node.Item3, accepted, transfer, balance,
                    held)),
            [MessageKind.BountyAssigned] = Gen.Select(
                _bounty,
                _grams,
                _credits,
                _epoch,
                _transfer,
                Message (bounty, delivered, paid, epoch, transfer) => new BountyAssigned(
                    bounty, Grams.Min(delivered, bounty.Total), paid, epoch, transfer)),
            [MessageKind.CargoTold] = Gen.Select(
                _id,
                _terms,
                _commodity,
                _grams,
                Message (node, work, commodity, weighed) =>
                    new CargoTold(new NodeId(node), work, commodity, weighed)),
            [MessageKind.Redirected] = _id.Select(Message (to) => new Redirected(new RegionId(to))),
            [MessageKind.Arrived] = Gen.Select(
                _epoch,
                _plan,
                _terms.Null(),
                Message (epoch, plan, held) => new Arrived(epoch, plan, held)),
            [MessageKind.ExtensionAsked] = Gen.Select(
                _contract,
                _epoch,
                _instant,
                Message (contract, epoch, due) => new ExtensionAsked(contract, epoch, due)),
            [MessageKind.ExtensionAnswered] = Gen.Select(
                _contract,
                _epoch,
                _instant,
                Message (contract, epoch, due) => new ExtensionAnswered(contract, epoch, due)),
            [MessageKind.ContractCancelled] = Gen.Select(
                _contract,
                _epoch,
                Message (contract, epoch) => new ContractCancelled(contract, epoch)),
            [MessageKind.CancelAnswered] = Gen.Select(
                _contract,
                _epoch,
                Gen.Int[1, 4],
                Message (contract, epoch, answer) =>
                    new CancelAnswered(contract, epoch, (CancelAnswer)answer)),
            [MessageKind.BountyReduced] = Gen.Select(
                _bountyId,
                _grams,
                Message (bounty, total) => new BountyReduced(bounty, total)),
            [MessageKind.Sounding] = Gen.Select(
                _counter,
                Gen.Select(
                        _demand, _commodity, _someGrams, _instant,
                        (demand, commodity, lot, deadline) => new Inquiry(demand, commodity, lot, deadline))
                    .Array[0, 6],
                Message (number, inquiries) => new Sounding(
                    number,
                    [.. inquiries.DistinctBy(ask => ask.Demand).OrderBy(ask => ask.Demand)])),
            [MessageKind.SupplyTold] = Gen.Select(
                _counter,
                _instant,
                _grams,
                Gen.Select(
                        _demand,
                        _grams,
                        Gen.Select(_someGrams, _credits, (mass, price) => new SupplyStep(mass, price))
                            .Array[0, SupplyCurve.StepsMax],
                        (demand, held, steps) => new SupplyCurve(
                            demand, held,
                            [.. steps.DistinctBy(s => s.PricePerLot).OrderBy(s => s.PricePerLot)]))
                    .Array[0, 4],
                Message (number, at, capacity, curves) => new SupplyTold(
                    number, at, capacity,
                    [.. curves.DistinctBy(curve => curve.Demand).OrderBy(curve => curve.Demand)])),
            [MessageKind.LotsReturned] = Gen.Select(
                _bountyId,
                _someGrams,
                _credits,
                Gen.Int[1, 4],
                _transfer,
                _credits,
                Message (bounty, quantity, ask, reason, transfer, returned) => new LotsReturned(
                    bounty, quantity, ask, (LotsReason)reason, transfer, returned)),
            [MessageKind.LotsRecalled] = Gen.Select(
                _bountyId,
                _epoch,
                Gen.Int[1, 1_000_000],
                Message (bounty, epoch, lots) => new LotsRecalled(bounty, epoch, lots)),
            [MessageKind.SitesTold] = Gen.Select(
                    _depot,
                    _id,
                    _commodity,
                    Gen.OneOf(Gen.Const(0), Gen.Int[SiteRatio.Min, SiteRatio.Max]),
                    (depot, site, commodity, ratio) => new SiteRatio(
                        depot, new SiteId(site), commodity, new PartsPerMillion(ratio)))
                .Array[0, SitesTold.RatiosMax].Select(Message (ratios) => new SitesTold([.. ratios])),
            [MessageKind.SurveyTold] = Gen.Select(
                _contract,
                _epoch,
                _id,
                _commodity,
                Gen.Int[0, Finding.GradeMax],
                Gen.Int[1, Finding.GradeMax],
                Message (contract, epoch, site, commodity, grade, sigma) => new SurveyTold(
                    contract, epoch,
                    new Finding(
                        new SiteId(site), commodity, new PartsPerMillion(grade),
                        new PartsPerMillion(sigma)))),
            [MessageKind.HelpAsked] = Gen.Select(
                Gen.Select(Gen.UInt[1, BountyId.HelpsMax], Gen.Int[1, 4], _depot, _id, _commodity),
                Gen.Select(_someGrams, Gen.Int[0, 1_000_000_000], _credits, _instant),
                Message (what, terms) => new HelpAsked(
                    what.Item1, (FaultClass)what.Item2, what.Item3, new SiteId(what.Item4), what.Item5,
                    terms.Item1, new PartsPerMillion(terms.Item2), terms.Item3, terms.Item4)),
            [MessageKind.HelpEnded] = Gen.Select(
                Gen.UInt[1, BountyId.HelpsMax],
                Gen.Int[1, 4],
                _contract,
                Message (number, outcome, contract) =>
                    new HelpEnded(number, (HelpOutcome)outcome, contract)),
            [MessageKind.Mended] = Gen.Select(
                _contract,
                _epoch,
                Gen.Int[0, 1_000_000_000],
                Gen.Int[0, 1_000_000_000],
                Message (contract, epoch, before, after) => new Mended(
                    contract, epoch, new PartsPerMillion(before), new PartsPerMillion(after))),
            [MessageKind.RepairTold] = Gen.Select(
                _contract, _epoch, Message (contract, epoch) => new RepairTold(contract, epoch)),
            [MessageKind.PricedRequests] = Gen.Select(
                _requests, _credits, Message (requests, worth) => new PricedRequests(requests, worth)),
            [MessageKind.SiteVisits] = Gen.Select(
                _contract,
                Gen.Select(
                    _bountyId, Gen.UInt[1, uint.MaxValue], _instant, Gen.Int[1, 5_184_000],
                    (bounty, site, comes, digs) => new SiteVisit(
                        bounty, new SiteId(site), comes, TimeSpan.FromSeconds(digs))).Array[0, 4],
                Message (contract, visits) => new SiteVisits(
                    contract, [.. visits.DistinctBy(v => v.Bounty).OrderBy(v => v.Bounty.Value)])),
            [MessageKind.RolloutTold] = Gen.Select(
                Gen.Select(_rollout, _rollout, _function, _abi, _release, _length, _instant),
                Gen.Int[0, 100_000_000],
                Gen.Select(Gen.Int[1, 1_000_000], _trial, Gen.Int[-100_000_000, 100_000_000]),
                Gen.Select(_count, _id, Gen.Int[1, 4]).Array[0, 5],
                Message (head, authority, strain, classes) => new RolloutTold(
                    head.Item1, head.Item2, head.Item7, head.Item3, head.Item4, head.Item5, head.Item6,
                    TimeSpan.FromMilliseconds(authority), new PartsPerMillion(strain.Item1), strain.Item2,
                    [
                        .. classes.DistinctBy(one => one.Item1).OrderBy(one => one.Item1).Select(one =>
                            new RolloutClass(one.Item1, one.Item2, (ClassState)one.Item3)),
                    ],
                    strain.Item3 < 0 ? null : TimeSpan.FromMilliseconds(strain.Item3))),
            [MessageKind.RolloutReport] = Gen.Select(
                _rollout, _rollout,
                Gen.Select(
                    _count, _count.Array[10], In(0, long.MaxValue >> 20), _counter.Array[0, 16]).Array[0, 5],
                Message (rollout, sequence, classes) => new RolloutReport(
                    rollout, sequence,
                    [
                        .. classes.DistinctBy(one => one.Item1).OrderBy(one => one.Item1).Select(one =>
                            new ClassReport(
                                one.Item1, one.Item2[0], one.Item2[1], one.Item2[2], one.Item2[3],
                                one.Item2[4], one.Item2[5], one.Item2[6], one.Item2[7], one.Item3,
                                [.. one.Item4],
                                one.Item2[8] % 2 == 0 ? null
                                    : new ClassHeard(one.Item2[8], one.Item2[9]))),
                    ])),
            [MessageKind.SkillOrder] = Gen.Select(
                Gen.Select(_rollout, _function, _abi, _release, _length), _instant, _instant, Gen.Bool,
                _trial,
                Message (head, at, until, isWithdrawn, trial) => new SkillOrder(
                    head.Item1, at, head.Item2, head.Item3, head.Item4, head.Item5, isWithdrawn, until,
                    trial)),
            [MessageKind.SkillReport] = Gen.Select(
                _rollout, _instant, Gen.Int[1, 7], Gen.Int[0, 12], _instant, _count,
                Message (rollout, ordered, state, reason, since, runs) => new SkillReport(
                    rollout, ordered, (SkillState)state, (SkillReason)reason, since, runs)),
            [MessageKind.SkillBytesAsked] = Gen.Select(
                _release, Gen.Int[0, SkillOrder.LengthMax],
                Message (release, from) => new SkillBytesAsked(release, from)),
            [MessageKind.SkillBytes] = Gen.Select(
                _release, Gen.Int[0, SkillOrder.LengthMax], Gen.Byte.Array[0, 300],
                Message (release, from, bytes) => new SkillBytes(release, from, bytes)),
            [MessageKind.BirthShare] = Gen.Select(
                Gen.Select(_id, _id, In(0, BirthRange.CountMax), _transfer, _credits),
                Gen.Select(_count.Array[0, BirthTerms.ClassesMax], _count, _count, _instant),
                Gen.Long[0, 315_360_000_000].Array[3], _count, _credits,
                Message (head, who, times, contracts, worth) => new BirthShare(
                    head.Item1, new BirthRange(head.Item2, (uint)head.Item3),
                    new BirthTerms(
                        [.. who.Item1], who.Item2, who.Item3, who.Item4,
                        TimeSpan.FromMilliseconds(times[0]), TimeSpan.FromMilliseconds(times[1]),
                        TimeSpan.FromMilliseconds(times[2]), contracts, worth),
                    head.Item4, head.Item5)),
            [MessageKind.NodeProbation] = Gen.Select(
                _id, Gen.Select(_count.Array[0, BirthTerms.ClassesMax], _count, _count, _instant),
                Gen.Long[0, 315_360_000_000].Array[3], _count, _credits,
                Message (node, who, times, contracts, worth) => new NodeProbation(
                    new NodeId(node),
                    new BirthTerms(
                        [.. who.Item1], who.Item2, who.Item3, who.Item4,
                        TimeSpan.FromMilliseconds(times[0]), TimeSpan.FromMilliseconds(times[1]),
                        TimeSpan.FromMilliseconds(times[2]), contracts, worth))),
            [MessageKind.BirthAsked] = Gen.Select(
                _rollout, _count, _count, In(1, BirthLeased.CountMax),
                Message (number, kind, generation, count) =>
                    new BirthAsked(number, kind, generation, (uint)count)),
            [MessageKind.BirthLeased] = Gen.Select(
                Gen.Select(_rollout, Gen.Int[0, 13], _counter), _id, In(0, BirthLeased.CountMax), _count,
                _count, _instant,
                Message (head, first, count, kind, generation, until) => new BirthLeased(
                    head.Item1, (BirthRefusal)head.Item2, head.Item3, new BirthRange(first, (uint)count),
                    kind, generation, until)),
            [MessageKind.Retirement] = Gen.Bool.Select(Message (isOver) => new Retirement(isOver)),
            [MessageKind.BlocksAsked] = Gen.Select(
                _counter,
                Gen.Select(
                        _counter,
                        Gen.UInt,
                        Gen.Int[0, 16_383],
                        Gen.Int[0, 63],
                        (request, segment, leaf, block) => new BlockAsk(request, segment, leaf, block))
                    .Array[1, BlocksAsked.PlacesMax],
                Message (size, places) => new BlocksAsked(
                    size, [.. places.DistinctBy(place => place.Request).OrderBy(place => place.Request)])),
            [MessageKind.BlockShown] = Gen.Select(
                _counter,
                _counter,
                Gen.Byte.Array[0, 300],
                Gen.Byte.Array[0, 300],
                Message (size, request, bytes, proof) => new BlockShown(size, request, bytes, proof)),
            [MessageKind.HubEnrol] = _count.Select(Message (capacity) => new HubEnrol(capacity)),
            [MessageKind.Charter] = Gen.Select(
                _epoch,
                _transfer,
                _credits,
                Message (epoch, transfer, seed) => new Charter(epoch, transfer, seed)),
            [MessageKind.BountyPosted] = Gen.Select(
                _bounty, _transfer, Message (bounty, transfer) => new BountyPosted(bounty, transfer)),
            [MessageKind.CreditsReceived] =
                _transfer.Select(Message (transfer) => new CreditsReceived(transfer)),
            [MessageKind.BountyReport] = Gen.Select(
                _bountyId,
                Gen.Int[1, 4],
                _grams,
                _credits,
                _credits,
                _transfer,
                _credits,
                Message (bounty, outcome, delivered, paid, ask, transfer, rest) =>
                    new BountyReport(bounty, (BountyOutcome)outcome, delivered, paid, ask, transfer, rest)),
            [MessageKind.RegionDigest] = Gen.Select(
                _count,
                _count,
                _count,
                _count,
                _credits,
                _count,
                Message (enrolled, late, bounties, contracts, burned, scarcity) => new RegionDigest(
                    enrolled, late, bounties, contracts, burned, new PartsPerMillion(scarcity))),
        };

    /// <summary>A message of any kind.</summary>
    internal static Gen<Message> AnyMessage { get; } = Gen.OneOf([.. Messages.Values]);

    /// <summary>A frame of up to four envelopes, within every limit.</summary>
    internal static Gen<Frame> Frames { get; } = Gen.Select(
        Parties,
        Parties,
        Gen.Bool,
        In(1, 1L << 62),
        In(0, 1L << 62),
        In(1, 1 << 16).Array[0, 5],
        In(0, 1 << 16).Array[4],
        AnyMessage.Array[0, 4],
        (from, to, hail, floor, through, gaps, offsets, messages) => new Frame(
            from,
            to,
            hail,
            (ulong)floor,
            (ulong)through,
            [.. gaps.Distinct().Order().Select(gap => (ulong)(through + 1 + gap))],
            Envelopes(floor, offsets, messages))).Where(frame => FrameSize.Of(frame) <= Frame.BytesMax);

    /// <summary>Whole seconds as an instant.</summary>
    internal static Instant At(long seconds) => new(seconds * 1_000_000);

    // A number from the borders within a range, the range's own ends included, or its negative.
    private static Gen<long> In(long min, long max)
    {
        long[] values =
        [
            .. _borders.Concat(_borders.Select(value => -value))
                .Concat([min, min + 1, max - 1, max])
                .Where(value => value >= min && value <= max)
                .Distinct(),
        ];
        return Gen.Int[0, values.Length - 1].Select(i => values[i]);
    }

    private static Gen<Party> Parties => Gen.Select(
        Gen.Int[1, 3],
        _id,
        (kind, number) => kind == 1 ? Party.Strategy : new Party((PartyKind)kind, number));

    private static ImmutableArray<Milestone> InOrder(Milestone[] milestones) =>
        [.. milestones.DistinctBy(milestone => milestone.Stage).OrderBy(milestone => milestone.Stage)];

    // An offset of zero makes a perishable envelope; of equal offsets all but the first are perishable, too.
    private static ImmutableArray<Envelope> Envelopes(long floor, long[] offsets, Message[] messages) =>
    [
        .. messages.Select((message, i) => new Envelope(
            offsets[i] == 0 || Array.IndexOf(offsets, offsets[i]) < i ? 0 : (ulong)(floor + offsets[i] - 1),
            message)),
    ];
}

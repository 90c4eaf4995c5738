using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Units;

namespace Hanse.IO.Tests.Wire;

/// <summary>One frame for each way to be refused; but for that, each is in order.</summary>
internal static class RefusedFrames
{
    private const ulong TooMuch = 1UL << 63;

    private static readonly SkillTrial _trial = new(
        1, new PartsPerMillion(0), TimeSpan.FromDays(1), TimeSpan.FromHours(1));

    private static readonly byte[] _version = Raw.Number(1, 1);
    private static readonly byte[] _from = Raw.Bytes(2, Raw.Number(1, 2), Raw.Number(2, 4));
    private static readonly byte[] _to = Raw.Bytes(3, Raw.Number(1, 1));
    private static readonly byte[] _floor = Raw.Number(5, 1);
    private static readonly byte[] _body = Raw.Body(new HubEnrol(200));
    private static readonly byte[] _envelope = Raw.Envelope(1, 20, _body);

    /// <summary>What is wrong, and the bytes.</summary>
    internal static IEnumerable<(string Wrong, byte[] Bytes)> All() =>
        [.. Frames(), .. Addresses(), .. Acknowledgements(), .. Envelopes(), .. Bodies(), .. Meanings()];

    private static IEnumerable<(string Wrong, byte[] Bytes)> Frames() =>
    [
        ("4097 bytes", Raw.FrameOf(Frame.BytesMax + 1)),
        ("no bytes at all", []),
        ("not protobuf: a length beyond the end", [.. _version, 0x12, 0x7f]),
        ("not protobuf: group 9 is never closed", Raw.Join(_version, _from, _to, _floor, [0x4b])),
        ("version 2", Raw.Join(Raw.Number(1, 2), _from, _to, _floor, _envelope)),
        ("version 1 in two bytes", Raw.Join(Raw.Number(1, 1, padding: 1), _from, _to, _floor, _envelope)),
        ("version 2^32 + 1", Raw.Join(Raw.Number(1, (1UL << 32) + 1), _from, _to, _floor, _envelope)),
        ("an unknown field 9", Raw.Join(_version, _from, _to, _floor, _envelope, Raw.Number(9, 1))),
        ("to before from", Raw.Join(_version, _to, _from, _floor, _envelope)),
        ("floor twice", Raw.Join(_version, _from, _to, _floor, _floor, _envelope)),
        ("hail is zero and yet there", Raw.Join(_version, _from, _to, Raw.Number(4, 0), _floor, _envelope)),
        ("hail is two", Raw.Join(_version, _from, _to, Raw.Number(4, 2), _floor, _envelope)),
    ];

    private static IEnumerable<(string Wrong, byte[] Bytes)> Addresses() =>
    [
        ("no sender", Raw.Join(_version, _to, _floor, _envelope)),
        ("no receiver", Raw.Join(_version, _from, _floor, _envelope)),
        ("a sender of kind 4", Sender(Raw.Number(1, 4))),
        ("a sender of no kind", Sender(Raw.Number(2, 4))),
        ("a second strategic layer", Sender(Raw.Number(1, 1), Raw.Number(2, 1))),
        ("a sender's number beyond 32 bits", Sender(Raw.Number(1, 2), Raw.Number(2, 1UL << 32))),
        ("an unknown field 3 in an address", Sender(Raw.Number(1, 2), Raw.Number(3, 1))),
    ];

    private static IEnumerable<(string Wrong, byte[] Bytes)> Acknowledgements() =>
    [
        ("no floor", Raw.Join(_version, _from, _to, _envelope)),
        ("floor 2^63", Raw.Join(_version, _from, _to, Raw.Number(5, TooMuch))),
        ("ack_through 2^63", Raw.Join(_version, _from, _to, _floor, Raw.Number(6, TooMuch))),
        ("ack_beyond is ack_through + 1", Beyond([6])),
        ("ack_beyond does not increase", Beyond([9, 9])),
        ("ack_beyond 2^63", Beyond([TooMuch])),
        ("65 elements in ack_beyond", Beyond([.. Enumerable.Range(7, 65).Select(i => (ulong)i)])),
        ("ack_beyond not packed", Raw.Join(_version, _from, _to, _floor, Raw.Number(6, 5), Raw.Number(7, 9))),
        ("ack_beyond empty and yet there", Beyond([])),
    ];

    private static IEnumerable<(string Wrong, byte[] Bytes)> Envelopes() =>
    [
        ("65 envelopes", Around([.. Enumerable.Repeat(Raw.Envelope(0, 20, _body), 65)])),
        ("a sequence below the floor", Raw.Join(_version, _from, _to, Raw.Number(5, 2), _envelope)),
        ("a sequence twice", Around(_envelope, _envelope)),
        ("sequence 2^63", Around(Raw.Envelope(TooMuch, 20, _body))),
        ("no kind", Around(Raw.Bytes(8, Raw.Number(1, 1), Raw.Bytes(3, _body)))),
        ("kind 11, which nobody has", Around(Raw.Envelope(1, 11, _body))),
        ("kind 2^32 + 20", Around(Raw.Envelope(1, (1UL << 32) + 20, _body))),
        ("no body", Around(Raw.Bytes(8, Raw.Number(1, 1), Raw.Number(2, 20)))),
        ("a signature", Around(Raw.Bytes(8, Raw.Number(2, 20), Raw.Bytes(3, _body), Raw.Bytes(4, [7])))),
        ("an unknown field 5 in an envelope", Around(
            Raw.Bytes(8, Raw.Number(2, 20), Raw.Bytes(3, _body), Raw.Number(5, 1)))),
        ("body before kind", Around(Raw.Bytes(8, Raw.Bytes(3, _body), Raw.Number(2, 20)))),
    ];

    private static IEnumerable<(string Wrong, byte[] Bytes)> Bodies() =>
    [
        ("the body is cut off", Body([0x81, 0x18])),
        ("a byte after the body", Body([.. _body, 0])),
        ("a head longer than it must be", Body([0x81, .. Raw.Head(0, 200, widthMin: 2)])),
        ("an array of indefinite length", Body([0x9f, 0x18, 200, 0xff])),
        ("a field too many", Body([0x82, 0x18, 200, 0])),
        ("a field missing", Body([0x80])),
        ("a map in place of the array", Body([0xa1, 0x01, 0x01])),
        ("text in place of a number", Body([0x81, 0x61, 0x31])),
        ("a float in place of a number", Body([0x81, 0xf9, 0x3c, 0x00])),
        ("a tagged number", Body([0x81, 0xc1, 0x01])),
        ("a negative count", Body([0x81, 0x20])),
        ("a count of 2^31", Body([0x81, .. Raw.Head(0, 1UL << 31)])),
        ("the largest number there is", Body([0x81, .. Raw.Head(0, ulong.MaxValue)])),
        ("the least number there is", Body([0x81, .. Raw.Head(1, ulong.MaxValue)])),
        ("a list that claims 2^64 - 1 elements", Around(
            Raw.Envelope(1, 3, [0x83, 1, 1, .. Raw.Head(4, ulong.MaxValue)]))),
        ("21 requests", Around(Raw.Envelope(1, 3, [0x83, 1, 1, .. Raw.Head(4, 21), .. Requests(21)]))),
        ("21 bids", Around(Raw.Envelope(1, 4, [0x83, 1, 0, .. Raw.Head(4, 21), .. Bids(21)]))),
        ("5 steps", Around(Raw.Envelope(1, 4, [0x83, 1, 0, 0x81, 0x83, 1, 0, 0x85, .. Steps(5)]))),
        ("5 milestones", Around(
            Raw.Envelope(1, 6, [0x84, 1, 1, .. Raw.Head(4, 5), .. Milestones(5), .. _noPlan]))),
        ("17 knots", Around(
            Raw.Envelope(1, 8, [0x81, 0x84, 0, 0, 0, 0x81, 0x82, 1, .. Raw.Head(4, 17), .. Knots(17)]))),
        ("65 deviations", Around(Raw.Envelope(1, 9, [0x82, 1, .. Raw.Head(4, 65), .. Deviations(65)]))),
        ("a key of 31 bytes", Around(
            Raw.Envelope(1, 1, [0x85, .. Raw.Head(2, 31), .. new byte[31], 1, 1, 1, .. _noPlan]))),
        ("an answer to a cancelled contract that nobody gives", Around(
            Raw.Envelope(1, 37, [0x83, 1, 1, 5]))),
        ("a contract that ended in no way there is", Around(
            Raw.Envelope(1, 10, [0x85, 1, 1, 6, 0, 0]))),
        ("an hour that is worth less than nothing", Around(
            Raw.Envelope(1, 49, [0x82, 0x84, 1, 1, 0x80, 0x80, 0x20]))),
        ("an hour that is worth more than there is", Around(Raw.Envelope(
            1, 49, [0x82, 0x84, 1, 1, 0x80, 0x80, .. Raw.Head(0, Credits.MicroMax + 1UL)]))),
        ("an hour with a worth and no requests", Around(Raw.Envelope(1, 49, [0x81, 1]))),
        ("three dead bands", Around(Raw.Envelope(1, 2, [0x83, 1, 1, 0x83, 1, 1, 1]))),
    ];

    private static CrowdPrice Berth(uint slot) => new(Place.Of(new DepotId(1)), slot, default, default);

    private static CrowdPrice Face(uint slot) => new(Place.Of(new SiteId(1)), slot, default, default);

    private static SiteVisit Visit(ulong bounty) =>
        new(new BountyId(bounty), new SiteId(1), Samples.At(1), TimeSpan.FromHours(1));

    private static IEnumerable<(string Wrong, byte[] Bytes)> Meanings() =>
    [
        ("two prices for one slot of a berth", Message(
            new RequestForProposals(new CycleNumber(1), Samples.At(1), [], [Berth(7), Berth(7)]))),
        ("two prices for one slot of a berth, where an hour has a worth", Message(new PricedRequests(
            new RequestForProposals(new CycleNumber(1), Samples.At(1), [], [Berth(7), Berth(7)]), default))),
        ("a berth before a site", Message(new RequestForProposals(
            new CycleNumber(1), Samples.At(1), [], [Berth(7), Face(7)]))),
        ("two prices for one slot of a site", Message(new RequestForProposals(
            new CycleNumber(1), Samples.At(1), [], [Face(7), Face(7)]))),
        ("two visits for one bounty", Message(new SiteVisits(default, [Visit(1), Visit(1)]))),
        ("visits out of order", Message(new SiteVisits(default, [Visit(2), Visit(1)]))),
        ("a rollout with a class twice", Message(new RolloutTold(
            1, 1, Samples.At(1), SkillFunction.Extraction, 1, new byte[32], 1, TimeSpan.Zero,
            new PartsPerMillion(1), _trial,
            [new RolloutClass(1, 0, ClassState.Running), new RolloutClass(1, 0, ClassState.Running)]))),
        ("a report of classes out of order", Message(new RolloutReport(1, 1, [OfClass(2), OfClass(1)]))),
        ("a question for no births", Around(Raw.Envelope(1, 58, [0x84, 1, 1, 1, 0]))),
        ("17 numbers at once", Around(Raw.Envelope(1, 58, [0x84, 1, 1, 1, 17]))),
        ("a lease with a reason that there is not", Around(
            Raw.Envelope(1, 59, [0x88, 1, 14, 0, 0, 0, 1, 1, 0]))),
        ("a retirement that is neither", Around(Raw.Envelope(1, 60, [0x81, 2]))),
        ("a release named by 31 bytes", Message(new SkillBytesAsked(new byte[31], 0))),
        ("a release of no bytes", Around(Raw.Envelope(
            1, 53, [0x89, 1, 1, 1, 1, 0x58, 32, .. new byte[32], 0, 0, 1, 0x84, 1, 1, 1, 1]))),
        ("a trial that is asked all the time", Message(new SkillOrder(
            1, Samples.At(1), SkillFunction.Extraction, 1, new byte[32], 1, false, Samples.At(2),
            _trial with { Pulse = TimeSpan.FromSeconds(1) }))),
        ("a function that no skill decides", Around(Raw.Envelope(
            1, 53, [0x89, 1, 1, 4, 1, 0x58, 32, .. new byte[32], 1, 0, 1, 0x84, 1, 1, 1, 1]))),
        ("a package beyond sixteen megabytes", Around(Raw.Envelope(
            1, 53, [0x89, 1, 1, 1, 1, 0x58, 32, .. new byte[32], .. Raw.Head(0, 16_777_217), 0, 1, 0x84]))),
        ("3,073 bytes of a package", Around(Raw.Envelope(
            1, 56, [0x83, 0x58, 32, .. new byte[32], 0, .. Raw.Head(2, 3_073), .. new byte[3_073]]))),
        ("a visit to no site", Around(Raw.Envelope(1, 50, [0x82, 0, 0x81, 0x84, 1, 0, 1, 1]))),
        ("a visit of no time", Around(Raw.Envelope(1, 50, [0x82, 0, 0x81, 0x84, 1, 1, 1, 0]))),
        ("a visit without an end", Around(
            Raw.Envelope(1, 50, [0x82, 0, 0x81, 0x84, 1, 1, 1, .. Raw.Head(0, 5_184_001)]))),
        ("a site that yields less than half", Message(new SitesTold(
            [new SiteRatio(new DepotId(1), new SiteId(1), Commodity.Iron, new PartsPerMillion(499_999))]))),
        ("21 visits", Around(Raw.Envelope(1, 50, [0x82, 0, .. Raw.Head(4, 21)]))),
        ("bids out of order", Message(Sheet(Decline(2), Decline(1)))),
        ("two bids for one bounty", Message(Sheet(Decline(1), Decline(1)))),
        ("a bid with neither steps nor reason", Message(
            Sheet(Bid.None(new BountyId(1), NoBidReason.None)))),
        ("a bid with both steps and a reason", Message(Sheet(Decline(1) with { Steps = [Step(5)] }))),
        ("an ask of two steps", Message(
            Sheet(new Bid(new BountyId(1), NoBidReason.NoProfit, [Step(1), Step(2)])))),
        ("steps out of order", Message(
            Sheet(new Bid(new BountyId(1), NoBidReason.None, [Step(2), Step(1)])))),
        ("two steps of one quantity", Message(
            Sheet(new Bid(new BountyId(1), NoBidReason.None, [Step(2), Step(2)])))),
        ("two tracks of one variable", Message(Plan(Hold(1), Hold(1)))),
        ("inquiries out of order", Message(new Sounding(1, [Ask(2), Ask(1)]))),
        ("curves out of order", Message(new SupplyTold(1, Samples.At(1), default,
            [new SupplyCurve(new DemandId(1), default, []), new SupplyCurve(new DemandId(1), default, [])]))),
        ("prices that do not rise", Message(new SupplyTold(1, Samples.At(1), default,
            [new SupplyCurve(new DemandId(1), default, [Supply(2), Supply(2)])]))),
        ("kind 34, which nobody has", Around(Raw.Envelope(1, 34, _body))),
        ("tracks out of order", Message(Plan(Hold(2), Hold(1)))),
        ("a track without knots", Message(Plan(new Track(Variable.Cargo, [])))),
        ("two knots at one instant", Message(
            Plan(new Track(Variable.Cargo, [new Knot(Samples.At(5), 1), new Knot(Samples.At(5), 2)])))),
        ("a bounty that is all backup", Message(new BountyPosted(
            new Bounty(
                new BountyId(1), Commodity.Iron, new DepotId(1), new(7), new(1), new(1), Samples.At(9))
            {
                Backup = new(7),
            },
            new TransferId(1)))),
        ("a joint work of one part", Message(Joint(new JointWork(4, 1)))),
        ("a joint work without a number", Message(Joint(new JointWork(0, 2)))),
        ("a bounty of more than a million lots", Message(new BountyPosted(
            new Bounty(
                new BountyId(1),
                Commodity.Iron,
                new DepotId(1),
                new(Bounty.LotsMax + 1),
                new(1),
                new(1),
                Samples.At(9)),
            new TransferId(1)))),
    ];

    private static readonly byte[] _noPlan = [0x84, 0, 0, 0, 0x80];

    private static byte[] Sender(params byte[][] party) =>
        Raw.Join(_version, Raw.Bytes(2, party), _to, _floor, _envelope);

    private static byte[] Beyond(ulong[] sequences) => Raw.Join(
        _version,
        _from,
        _to,
        _floor,
        Raw.Number(6, 5),
        Raw.Bytes(7, [.. sequences.Select(sequence => Raw.Varint(sequence))]));

    private static byte[] Around(params byte[][] envelopes) =>
        Raw.Join([_version, _from, _to, _floor, .. envelopes]);

    private static byte[] Body(byte[] body) => Around(Raw.Envelope(1, 20, body));

    private static byte[] Message(Message message) => Around(Raw.Envelope(1, message));

    private static byte[] Requests(int count) => Many(count, _ => [0x89, 1, 1, 1, 1, 1, 1, 1, 1, 0]);

    private static byte[] Bids(int count) => Many(count, i => [0x83, i, 1, 0x80]);

    private static byte[] Steps(int count) => Many(count, i => [0x84, (byte)(i + 1), 0, 0, 0]);

    private static byte[] Milestones(int count) => Many(count, i => [0x82, (byte)Math.Min(i + 1, 4), i]);

    private static byte[] Knots(int count) => Many(count, i => [0x82, i, 0]);

    private static byte[] Deviations(int count) => Many(count, _ => [0x83, 1, 0, 0]);

    // Numbers below 24 are their own encoding.
    private static byte[] Many(int count, Func<byte, byte[]> element) =>
        [.. Enumerable.Range(0, count).SelectMany(i => element((byte)i))];

    private static Bid Decline(ulong bounty) => Bid.None(new BountyId(bounty), NoBidReason.Worn);

    private static BidStep Step(long quantity) => new(new Grams(quantity), default, default, default);

    private static Inquiry Ask(ulong demand) =>
        new(new DemandId(demand), Commodity.Iron, new Grams(1), Samples.At(1));

    private static SupplyStep Supply(long price) => new(new Grams(1), new Credits(price));

    private static BidSheet Sheet(params Bid[] bids) => new(new CycleNumber(1), NoBidReason.None, [.. bids]);

    private static BountyPosted Joint(JointWork joint) => new(
        new Bounty(
            new BountyId(1), Commodity.Iron, new DepotId(1), new(7), new(1), new(1), Samples.At(9))
        {
            Joint = joint,
        },
        new TransferId(1));

    private static PlanRevised Plan(params Track[] tracks) =>
        new(new Plan(1, default, default, [.. tracks]));

    private static Track Hold(int variable) => new((Variable)variable, [new Knot(Samples.At(1), 1)]);

    private static ClassReport OfClass(int number) => new(number, 1, 0, 0, 0, 0, 0, 0, 0, 0, []);
}

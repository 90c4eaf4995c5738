using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Hanse.IO.Tests.Wire.Independent;

/// <summary>A second reading of docs/protocol: judges the bytes of a frame without a line of the product's
/// code.</summary>
/// <remarks>
/// It stands for the stranger who writes a node in another language from the documents alone: the numbers of
/// link.proto are typed in here again, the limits are those of wire.md, and the bodies are held against
/// messages.cddl itself. A test refuses any use of Core, Api or IO in this folder.
/// </remarks>
internal sealed class IndependentDecoder
{
    private const ulong SequenceMax = (1UL << 63) - 1;

    // What the CDDL's comments say besides, by the name they give it.
    private static readonly Dictionary<string, (string Of, Func<CborTree, bool> Holds)> _extras = new()
    {
        ["requests-ordered"] = ("rfp", rfp => Increases(rfp[2], request => request[0])),
        ["crowds-ordered"] =
            ("rfp", rfp => Increases([
                .. rfp[3].Elements!.Select(crowd => (crowd[0].Number << 32) + crowd[1].Number),
            ])),
        ["visits-ordered"] = ("site-visits", told => Increases(told[1], visit => visit[0])),
        ["told-classes"] = ("rollout-told", told => Increases(told[10], one => one[0])),
        ["report-classes"] = ("rollout-report", report => Increases(report[2], one => one[0])),
        ["pulse-long"] = ("skill-trial", trial => trial[3].Number >= 60_000),
        ["bids-ordered"] = ("bid-sheet", sheet => Increases(sheet[2], bid => bid[0])),
        ["bid-complete"] = ("bid", bid => (int)bid[1].Number! switch
        {
            0 => bid[2].Elements!.Count > 0,
            5 => bid[2].Elements!.Count <= 1,
            _ => bid[2].Elements!.Count == 0,
        }),
        ["steps-ordered"] = ("bid", bid => Increases(bid[2], step => step[0])),
        ["tracks-ordered"] = ("plan", plan => Increases(plan[3], track => track[0])),
        ["knots-ordered"] = ("track", track => Increases(track[1], knot => knot[0])),
        ["return-grows"] = ("return-offered", offered => offered[1].Number < offered[0].Number),
        ["reasons-ordered"] = ("return-judged", judged => Increases(judged[3], reason => reason)),
        ["places-ordered"] = ("blocks-asked", asked => Increases(asked[1], place => place[0])),
        ["assigned-within"] = ("bounty-assigned", work => work[1].Number <= work[0][3].Number),
        ["inquiries-ordered"] =
            ("sounding", sounding => Increases(sounding[1], inquiry => inquiry[0])),
        ["curves-ordered"] = ("supply-told", told => Increases(told[3], curve => curve[0])),
        ["prices-rise"] = ("supply-curve", curve => Increases(curve[2], step => step[1])),
        ["backup-part"] = ("bounty", bounty => bounty[9].Number < bounty[3].Number),
        ["joint-parts"] = ("bounty", bounty => (int)bounty[11].Number! switch
        {
            0 => bounty[10].Number == 0,
            1 => false,
            _ => bounty[10].Number > 0,
        }),
        ["ratio-credible"] = (
            "site-ratio", ratio => ratio[3].Number == 0 || ratio[3].Number >= 500_000),
        ["lots"] = ("bounty", bounty => bounty[3].Number <= 1_000_000 * bounty[4].Number),
    };

    private static readonly ILookup<string, Func<CborTree, bool>> _extrasOf =
        _extras.Values.ToLookup(extra => extra.Of, extra => extra.Holds);

    private readonly Cddl _schema;

    internal IndependentDecoder(string protocol)
    {
        _schema = Cddl.Parse(File.ReadAllText(Path.Combine(protocol, "messages.cddl")));
        if (!_schema.Extras.Order().SequenceEqual(_extras.Keys.Order()))
        {
            throw new InvalidOperationException(
                $"messages.cddl has the rules {string.Join(' ', _schema.Extras)}; those implemented are "
                + string.Join(' ', _extras.Keys));
        }
    }

    /// <summary>The schema of the bodies.</summary>
    internal Cddl Schema => _schema;

    /// <summary>Why the bytes are not a frame; null when they are one.</summary>
    internal string? Refusal(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            Judge(bytes);
            return null;
        }
        catch (RefusedException refused)
        {
            return refused.Message;
        }
    }

    private void Judge(ReadOnlyMemory<byte> bytes)
    {
        RefusedException.Unless(bytes.Length <= 4096, "longer than a frame");
        var frame = new Fields(
            CanonicalProtobuf.Read(bytes, repeated: 8), numbers: [1, 4, 5, 6], bytes: [2, 3, 7, 8]);
        RefusedException.Unless(frame.Number(1) == 1, "another version");
        JudgeParty(frame.Bytes(2));
        JudgeParty(frame.Bytes(3));
        RefusedException.Unless(frame.Number(4) <= 1, "yes is one");
        ulong floor = frame.Number(5);
        RefusedException.Unless(floor is >= 1 and <= SequenceMax, "floor");
        RefusedException.Unless(frame.Number(6) <= SequenceMax, "ack_through");

        List<ulong> beyond = CanonicalProtobuf.Packed(frame.Bytes(7));
        RefusedException.Unless(beyond.Count <= 64, "too many acks");
        ulong[] acks = [frame.Number(6) + 1, .. beyond];
        RefusedException.Unless(acks.Zip(acks[1..]).All(two => two.First < two.Second), "acks out of order");
        RefusedException.Unless(beyond.All(ack => ack <= SequenceMax), "acks out of range");

        ulong[] sequences = [.. frame.All(8).Select(JudgeEnvelope)];
        RefusedException.Unless(sequences.Length <= 64, "too many envelopes");
        ulong[] counted = [.. sequences.Where(sequence => sequence != 0)];
        RefusedException.Unless(counted.All(each => each >= floor && each <= SequenceMax), "sequence");
        RefusedException.Unless(counted.Distinct().Count() == counted.Length, "a sequence twice");
    }

    private static void JudgeParty(ReadOnlyMemory<byte> bytes)
    {
        var party = new Fields(CanonicalProtobuf.Read(bytes), numbers: [1, 2], bytes: []);
        RefusedException.Unless(party.Number(1) is >= 1 and <= 3, "kind of party");
        RefusedException.Unless(party.Number(2) <= uint.MaxValue, "number of a party");
        RefusedException.Unless(party.Number(1) != 1 || party.Number(2) == 0, "one strategic layer");
    }

    private ulong JudgeEnvelope(ReadOnlyMemory<byte> bytes)
    {
        var envelope = new Fields(CanonicalProtobuf.Read(bytes), numbers: [1, 2], bytes: [3, 4]);
        RefusedException.Unless(envelope.Bytes(4).IsEmpty, "signed");
        var kind = new CborTree(envelope.Number(2), null, null);
        var message = new CborTree(null, null, [kind, CborTree.Read(envelope.Bytes(3))]);
        RefusedException.Unless(_schema.Matches("message", message, HoldsBesides), "not in messages.cddl");
        return envelope.Number(1);
    }

    private static bool HoldsBesides(string rule, CborTree item) => _extrasOf[rule].All(holds => holds(item));

    private static bool Increases(CborTree list, Func<CborTree, CborTree> key) =>
        Increases([.. list.Elements!.Select(element => key(element).Number)]);

    private static bool Increases(Int128?[] keys) =>
        keys.Zip(keys.Skip(1)).All(pair => pair.First < pair.Second);

    // Fields by number; absent ones are zero or empty, unknown ones and those of the wrong type are refused.
    private sealed class Fields
    {
        private readonly List<ProtobufField> _fields;

        internal Fields(List<ProtobufField> fields, int[] numbers, int[] bytes)
        {
            _fields = fields;
            RefusedException.Unless(
                fields.All(field => (field.IsBytes ? bytes : numbers).Contains(field.Number)),
                "an unknown field");
        }

        internal ulong Number(int number) => _fields.Find(field => field.Number == number).Value;

        internal ReadOnlyMemory<byte> Bytes(int number) =>
            _fields.Find(field => field.Number == number).Bytes;

        internal IEnumerable<ReadOnlyMemory<byte>> All(int number) =>
            _fields.Where(field => field.Number == number).Select(field => field.Bytes);
    }
}

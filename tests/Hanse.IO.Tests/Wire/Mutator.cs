using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.IO.Tests.Wire.Independent;

namespace Hanse.IO.Tests.Wire;

/// <summary>Spoils valid frames in designed ways, each with a name; all of it follows from one
/// seed.</summary>
/// <remarks>
/// Two families. The blunt ones change bytes and nearly always break something. The fine ones take the frame
/// apart, change one thing and put it together again with right lengths, so that the frame fails only where
/// the change is wrong, or not at all: those are what finds an off-by-one in a bound.
/// </remarks>
internal sealed class Mutator
{
    // The bounds of messages.cddl and of wire.md, one beside each, and the widths of heads and varints.
    private static readonly ulong[] _borders =
    [
        .. new ulong[]
        {
            0, 4, 6, 20, 23, 32, 64, 127, 255, 16_383, 65_535, 1_000_000_000, int.MaxValue, uint.MaxValue,
            10_000_000_000, 315_360_000_000, 1_000_000_000_000_000, long.MaxValue,
        }.SelectMany(border => new[] { border - 1, border, border + 1 }),
    ];

    private static readonly byte[] _smallest = Raw.Envelope(0, new HubEnrol(1));

    private readonly PCG _random;
    private readonly byte[][] _corpus;
    private readonly (string Name, Func<byte[], byte[]> Change)[] _changes;

    internal Mutator(PCG random, IEnumerable<byte[]> corpus)
    {
        _random = random;
        _corpus = [.. corpus];
        _changes =
        [
            ("bits flipped", FlipBits),
            ("cut off", bytes => bytes[..Below(bytes.Length)]),
            ("bytes inserted", InsertBytes),
            ("bytes lost", LoseBytes),
            ("two frames spliced anywhere", Splice),
            ("too long", Lengthen),
            ("a length that lies", LieAboutLength),
            ("very many envelopes", bytes => WithFields(bytes, AddManyEnvelopes)),
            ("envelopes of two frames", bytes => WithFields(bytes, MixEnvelopes)),
            ("fields in another order", bytes => Anywhere(bytes, Reorder)),
            ("a field repeated", bytes => Anywhere(bytes, Repeat)),
            ("a field dropped", bytes => Anywhere(bytes, Drop)),
            ("a field unknown", bytes => Anywhere(bytes, AddUnknown)),
            ("a number of the frame at a border", bytes => Anywhere(bytes, ChangeNumber)),
            ("acknowledgements changed", ChangeAcknowledgements),
            ("a varint padded", PadVarint),
            ("another kind for a body", bytes => InEnvelope(bytes, ChangeKind)),
            ("a number of a body at a border", bytes => InBody(bytes, ChangeHead)),
            ("a number of a body at a border, again", bytes => InBody(InBody(bytes, ChangeHead), ChangeHead)),
            ("a head of a body padded", bytes => InBody(bytes, PadHead)),
            ("a list of a body lengthened", bytes => InBody(bytes, (body, _) => LengthenList(body))),
        ];
    }

    /// <summary>The names of the changes.</summary>
    internal IEnumerable<string> Names => _changes.Select(change => change.Name);

    /// <summary>The next spoiled frame, and how it was spoiled.</summary>
    internal (string Name, byte[] Bytes) Next()
    {
        (string name, Func<byte[], byte[]> change) = Any(_changes);
        byte[] bytes = change(Any(_corpus));

        // Now and then a blunt one on top.
        return (name, OneIn(16) ? FlipBits(bytes) : bytes);
    }

    private byte[] FlipBits(byte[] frame)
    {
        byte[] bytes = [.. frame];
        for (int i = 0; bytes.Length > 0 && i <= Below(3); i++)
        {
            bytes[Below(bytes.Length)] ^= (byte)(1 << Below(8));
        }

        return bytes;
    }

    private byte[] InsertBytes(byte[] bytes)
    {
        int at = Below(bytes.Length + 1);
        byte[] inserted = [.. Enumerable.Range(0, 1 + Below(4)).Select(_ => (byte)Below(256))];
        return [.. bytes[..at], .. inserted, .. bytes[at..]];
    }

    private byte[] LoseBytes(byte[] bytes)
    {
        int at = Below(bytes.Length);
        int end = Math.Min(bytes.Length, at + 1 + Below(8));
        return [.. bytes[..at], .. bytes[end..]];
    }

    private byte[] Splice(byte[] bytes)
    {
        byte[] other = Any(_corpus);
        return [.. bytes[..Below(bytes.Length + 1)], .. other[Below(other.Length + 1)..]];
    }

    // Valid in all but the length, and sometimes in that, too.
    private byte[] Lengthen(byte[] bytes)
    {
        if (OneIn(4))
        {
            return Raw.FrameOf(Frame.BytesMax - 2 + Below(5));
        }

        byte[] envelope = Raw.Envelope(0, Any(EveryKind.Largest.AsSpan()));
        List<byte[]> frame = [bytes];
        for (int left = Frame.BytesMax + Below(300) - bytes.Length; left > 0; left -= envelope.Length)
        {
            frame.Add(envelope);
        }

        return Raw.Join(frame);
    }

    // A length or a count, of protobuf or of CBOR, that is a little wrong, and nothing else changed.
    private byte[] LieAboutLength(byte[] frame)
    {
        byte[] bytes = [.. frame];
        List<int> places = [];
        for (int i = 1; i < bytes.Length; i++)
        {
            bool isLength = (bytes[i - 1] & 7) == 2 && bytes[i - 1] < 0x48;
            bool isCount = bytes[i] >> 5 is 2 or 4;
            if (isLength || isCount)
            {
                places.Add(i);
            }
        }

        int at = places.Count == 0 ? Below(bytes.Length) : Any(places.ToArray());
        bytes[at] = unchecked((byte)(bytes[at] + Any(new[] { -2, -1, 1, 2, 64 })));
        return bytes;
    }

    private byte[] ChangeAcknowledgements(byte[] bytes)
    {
        ulong through = Any(_borders);
        ulong[] beyond =
            [.. Enumerable.Range(0, 1 + Below(70)).Select(i => unchecked(through + 2 + (ulong)i))];
        if (OneIn(4))
        {
            beyond[Below(beyond.Length)] = Any(_borders);
        }

        List<ProtobufField> fields = Fields(bytes);
        _ = fields.RemoveAll(field => field.Number is 6 or 7);
        int at = fields.FindIndex(field => field.Number == 8);
        at = at < 0 ? fields.Count : at;
        fields.Insert(at, Field(7, Raw.Join(beyond.Select(number => Raw.Varint(number)))));
        if (through > 0)
        {
            fields.Insert(at, Field(6, through));
        }

        return Raw.Write(fields);
    }

    private byte[] PadVarint(byte[] bytes)
    {
        List<ProtobufField> fields = Fields(bytes);
        int padded = Below(fields.Count);
        return Raw.Join(fields.Select((field, i) =>
            i != padded ? Raw.Write(field)
            : field.IsBytes
                ? Raw.Join(
                    Raw.Varint(((ulong)field.Number << 3) | 2, Below(2)),
                    Raw.Varint((ulong)field.Bytes.Length, 1),
                    field.Bytes.ToArray())
                : Raw.Number(field.Number, field.Value, 1 + Below(10))));
    }

    private void MixEnvelopes(List<ProtobufField> fields)
    {
        IEnumerable<ProtobufField> others = Fields(Any(_corpus)).Where(field => field.Number == 8);
        fields.AddRange(others);
        ProtobufField[] envelopes = [.. fields.Where(field => field.Number == 8)];
        _ = fields.RemoveAll(field => field.Number == 8);
        fields.AddRange(envelopes.OrderBy(_ => Below(1000)).Take(Below(envelopes.Length + 1)));
    }

    private void AddManyEnvelopes(List<ProtobufField> fields)
    {
        byte[] envelope = CanonicalProtobuf.Read(_smallest)[0].Bytes.ToArray();
        int count = Frame.EnvelopesMax - 1 + Below(3);
        while (fields.Count(field => field.Number == 8) < count)
        {
            fields.Add(Field(8, envelope));
        }
    }

    private void Reorder(List<ProtobufField> fields)
    {
        int a = Below(fields.Count);
        int b = Below(fields.Count);
        (fields[a], fields[b]) = (fields[b], fields[a]);
    }

    private void Repeat(List<ProtobufField> fields)
    {
        int at = Below(fields.Count);
        fields.Insert(at, fields[at]);
    }

    private void Drop(List<ProtobufField> fields) => fields.RemoveAt(Below(fields.Count));

    private void AddUnknown(List<ProtobufField> fields)
    {
        int number = Any(new[] { 0, 3, 4, 5, 7, 9, 15, 16, 2047 });
        fields.Add(OneIn(2) ? Field(number, Any(_borders)) : Field(number, (byte[])[1, 2, 3]));
    }

    private void ChangeNumber(List<ProtobufField> fields)
    {
        int[] numbers = [.. Enumerable.Range(0, fields.Count).Where(i => !fields[i].IsBytes)];
        if (numbers.Length > 0)
        {
            int at = Any(numbers);
            fields[at] = fields[at] with { Value = Near(fields[at].Value) };
        }
    }

    private void ChangeKind(List<ProtobufField> fields)
    {
        int at = fields.FindIndex(field => field.Number == 2);
        fields[at] = fields[at] with { Value = (ulong)Below(27) };
    }

    // A border, a neighbour, or a number from elsewhere in the body: equal where they should differ.
    private byte[] ChangeHead(byte[] body, CborItem item)
    {
        int major = item.Major < 2 && OneIn(8) ? 1 - item.Major : item.Major;
        ulong argument = OneIn(4) ? Any(Raw.Items(body).ToArray()).Argument : Near(item.Argument);
        return ReplaceHead(body, item, Raw.Head(major, argument));
    }

    private byte[] PadHead(byte[] body, CborItem item)
    {
        int[] wider = [.. new[] { 1, 2, 4, 8 }.Where(width => width >= item.HeadLength)];
        return wider.Length == 0
            ? body
            : ReplaceHead(body, item, Raw.Head(item.Major, item.Argument, Any(wider)));
    }

    // A list grows to a length near a bound by copies of one element, whose first number counts up.
    private byte[] LengthenList(byte[] body)
    {
        // An array that begins with an array is a list of records, or a record that is worth a try as well.
        List<CborItem> items = Raw.Items(body);
        CborItem[] elements =
            [.. items.Where(it => it.Major == 4 && it.Parent >= 0 && items[it.Parent + 1].Major == 4)];
        CborItem item = elements.Length > 0 && !OneIn(8) ? Any(elements) : Any(items.ToArray()[1..]);
        CborItem list = items[item.Parent];
        int count = Any(new[] { (int)list.Argument + 1, 4, 5, 16, 17, 20, 21, 64, 65 });
        byte[] element = body[item.At..item.End];
        List<CborItem> parts = Raw.Items(element);
        CborItem first = parts.Find(part => part.Major == 0);
        List<byte[]> added = [];
        for (int i = (int)list.Argument; i < count; i++)
        {
            ulong counted = unchecked(first.Argument + (ulong)added.Count + 1);
            added.Add(first.HeadLength == 0 ? element : ReplaceHead(element, first, Raw.Head(0, counted)));
        }

        int least = Math.Max(count, (int)list.Argument);
        byte[] longer = [.. body[..item.End], .. Raw.Join(added), .. body[item.End..]];
        return ReplaceHead(longer, list, Raw.Head(4, (ulong)least));
    }

    // Changes the fields of the frame, of one of its addresses, or of one of its envelopes.
    private byte[] Anywhere(byte[] bytes, Action<List<ProtobufField>> change) => Below(3) switch
    {
        0 => WithFields(bytes, change),
        1 => WithFields(bytes, frame => Inside(frame, 2 + Below(2), change)),
        _ => InEnvelope(bytes, change),
    };

    private byte[] InEnvelope(byte[] bytes, Action<List<ProtobufField>> change) =>
        WithFields(bytes, frame => Inside(frame, 8, change));

    private byte[] InBody(byte[] bytes, Func<byte[], CborItem, byte[]> change) =>
        InEnvelope(bytes, envelope =>
        {
            int at = envelope.FindIndex(field => field.Number == 3);
            byte[] body = envelope[at].Bytes.ToArray();
            if (IsWhole(body))
            {
                envelope[at] = Field(3, change(body, Any(Raw.Items(body).ToArray())));
            }
        });

    private void Inside(List<ProtobufField> frame, int number, Action<List<ProtobufField>> change)
    {
        int[] places = [.. Enumerable.Range(0, frame.Count).Where(i => frame[i].Number == number)];
        if (places.Length > 0)
        {
            int at = Any(places);
            frame[at] = Field(number, WithFields(frame[at].Bytes.ToArray(), change));
        }
    }

    private static byte[] WithFields(byte[] bytes, Action<List<ProtobufField>> change)
    {
        List<ProtobufField> fields = Fields(bytes);
        change(fields);
        return Raw.Write(fields);
    }

    // Whether a body, perhaps changed once before, still has heads that can be walked.
    private static bool IsWhole(byte[] body)
    {
        try
        {
            _ = CborTree.Read(body);
            return true;
        }
        catch (RefusedException)
        {
            return false;
        }
    }

    private static List<ProtobufField> Fields(byte[] bytes) => CanonicalProtobuf.Read(bytes, repeated: 8);

    private static ProtobufField Field(int number, ulong value) =>
        new(number, IsBytes: false, value, default);

    private static ProtobufField Field(int number, byte[] bytes) =>
        new(number, IsBytes: true, 0, bytes);

    private static byte[] ReplaceHead(byte[] body, CborItem item, byte[] head) =>
        [.. body.AsSpan(0, item.At), .. head, .. body.AsSpan(item.At + item.HeadLength)];

    private ulong Near(ulong value) => unchecked(Below(3) switch
    {
        0 => value + 1,
        1 => value - 1,
        _ => Any(_borders),
    });

    private T Any<T>(ReadOnlySpan<T> items) => items[Below(items.Length)];

    private T Any<T>(T[] items) => items[Below(items.Length)];

    private bool OneIn(int count) => Below(count) == 0;

    private int Below(int count) => count == 0 ? 0 : (int)_random.Next((uint)count);
}

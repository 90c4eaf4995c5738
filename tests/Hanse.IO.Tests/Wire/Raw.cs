using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Messages;
using Hanse.Core.Wire;
using Hanse.IO.Tests.Wire.Independent;

namespace Hanse.IO.Tests.Wire;

/// <summary>Writes the bytes of frames by hand, right or wrong.</summary>
internal static class Raw
{
    internal static byte[] Join(params IEnumerable<byte[]> parts) => [.. parts.SelectMany(part => part)];

    /// <summary>A varint, with some bytes of padding that it does not need.</summary>
    internal static byte[] Varint(ulong value, int padding = 0)
    {
        List<byte> bytes = [];
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        for (int i = 0; i < padding; i++)
        {
            bytes[^1] |= 0x80;
            bytes.Add(0);
        }

        return [.. bytes];
    }

    /// <summary>A field that is a number, written even when it is zero.</summary>
    internal static byte[] Number(int field, ulong value, int padding = 0) =>
        [.. Varint((ulong)field << 3), .. Varint(value, padding)];

    /// <summary>A field that is bytes, written even when it is empty.</summary>
    internal static byte[] Bytes(int field, params IEnumerable<byte[]> parts)
    {
        byte[] content = Join(parts);
        return [.. Varint(((ulong)field << 3) | 2), .. Varint((ulong)content.Length), .. content];
    }

    internal static byte[] Write(ProtobufField field) =>
        field.IsBytes ? Bytes(field.Number, field.Bytes.ToArray()) : Number(field.Number, field.Value);

    internal static byte[] Write(IEnumerable<ProtobufField> fields) => Join(fields.Select(Write));

    internal static byte[] Envelope(ulong sequence, Message message) =>
        Envelope(sequence, (ulong)message.Kind, Body(message));

    internal static byte[] Envelope(ulong sequence, ulong kind, byte[] body) =>
        Bytes(8, sequence == 0 ? [] : Number(1, sequence), Number(2, kind), Bytes(3, body));

    internal static byte[] Body(Message message)
    {
        var buffer = new ByteBuffer();
        message.Write(buffer);
        return buffer.Written.ToArray();
    }

    /// <summary>A head of CBOR, in its shortest form or in a wider one.</summary>
    /// <param name="major">The major type, 0 to 7.</param>
    /// <param name="argument">The number or length.</param>
    /// <param name="widthMin">Least bytes after the first: 0, 1, 2, 4 or 8.</param>
    internal static byte[] Head(int major, ulong argument, int widthMin = 0)
    {
        int needed = argument switch
        {
            < 24 => 0,
            <= byte.MaxValue => 1,
            <= ushort.MaxValue => 2,
            <= uint.MaxValue => 4,
            _ => 8,
        };
        int width = Math.Max(needed, widthMin);
        int info = width == 0 ? (int)argument : 24 + (int)Math.Log2(width);
        byte[] head = [(byte)((major << 5) | info), .. BitConverter.GetBytes(argument).Take(width).Reverse()];
        return head;
    }

    /// <summary>A valid frame of exactly so many bytes, if need be one more than may be sent.</summary>
    internal static byte[] FrameOf(int size)
    {
        byte[] report = Envelope(0, EveryKind.Largest.Single(message => message is DeviationReport));
        byte[] to = Bytes(3, Number(1, 2), Number(2, 4));
        byte[] start = Join(Number(1, 1), Bytes(2, Number(1, 1)), to, Number(5, 1));
        start = [.. start, .. report, .. report, .. report];
        List<byte[]> frame = [start];
        ulong[] transfers = [0, 24, 256, 1UL << 16, 1UL << 32];
        int left = size - start.Length;
        while (left > 0)
        {
            // They measure 8, 9, 10, 12 or 16 bytes: of these, every length from 24 up can be made.
            byte[] envelope = transfers.Reverse()
                .Select(transfer => Envelope(0, new CreditsReceived(new(transfer))))
                .First(bytes => left - bytes.Length is 0 or 8 or 9 or 10 or 12 or 16 or >= 24);
            frame.Add(envelope);
            left -= envelope.Length;
        }

        return Join(frame);
    }

    /// <summary>The items of a valid body, each before those inside it.</summary>
    internal static List<CborItem> Items(ReadOnlySpan<byte> body)
    {
        List<CborItem> items = [];
        _ = AddItems(body, 0, -1, items);
        return items;
    }

    private static int AddItems(ReadOnlySpan<byte> body, int at, int parent, List<CborItem> items)
    {
        int info = body[at] & 31;
        int width = info < 24 ? 0 : 1 << (info - 24);
        ulong argument = info < 24 ? (ulong)info : 0;
        for (int i = 1; i <= width; i++)
        {
            argument = (argument << 8) | body[at + i];
        }

        int index = items.Count;
        int major = body[at] >> 5;
        int end = at + 1 + width + (major == 2 ? (int)argument : 0);
        items.Add(new CborItem(at, 1 + width, end, major, argument, parent));
        for (ulong i = 0; major == 4 && i < argument; i++)
        {
            end = AddItems(body, end, index, items);
        }

        items[index] = items[index] with { End = end };
        return end;
    }
}

/// <summary>One item in a body of CBOR.</summary>
/// <param name="At">Where its head begins.</param>
/// <param name="HeadLength">Bytes of the head.</param>
/// <param name="End">Where the item ends, with all that is in it.</param>
/// <param name="Major">The major type.</param>
/// <param name="Argument">The number, length or count.</param>
/// <param name="Parent">The array it is in, by its place among the items; -1 for the outermost.</param>
internal readonly record struct CborItem(
    int At, int HeadLength, int End, int Major, ulong Argument, int Parent);

using System;
using System.Collections.Generic;

namespace Hanse.IO.Tests.Wire.Independent;

/// <summary>One field of a protobuf message: a number, or bytes.</summary>
internal readonly record struct ProtobufField(
    int Number, bool IsBytes, ulong Value, ReadOnlyMemory<byte> Bytes);

/// <summary>Reads protobuf forwards and refuses what is not the one canonical encoding.</summary>
/// <remarks>The product parses leniently, writes again and compares. This states the same rule the other way
/// round: what a canonical encoder cannot have written is refused where it stands.</remarks>
internal static class CanonicalProtobuf
{
    /// <summary>The fields in order of their numbers.</summary>
    /// <param name="message">The bytes.</param>
    /// <param name="repeated">The one field that may come more than once; zero for none.</param>
    internal static List<ProtobufField> Read(ReadOnlyMemory<byte> message, int repeated = 0)
    {
        List<ProtobufField> fields = [];
        int at = 0;
        int last = 0;
        while (at < message.Length)
        {
            ulong tag = Varint(message.Span, ref at);
            RefusedException.Unless(tag <= 0xff, "no field has so large a number");
            int number = (int)(tag >> 3);
            bool mayRepeat = number == repeated && number == last;
            RefusedException.Unless(number > last || mayRepeat, "fields out of order");
            last = number;
            ulong value = Varint(message.Span, ref at);
            RefusedException.Unless(value != 0, "zero and empty fields are left out");
            switch (tag & 7)
            {
                case 0:
                    fields.Add(new(number, IsBytes: false, value, default));
                    break;
                case 2:
                    RefusedException.Unless(value <= (ulong)(message.Length - at), "a length beyond the end");
                    fields.Add(new(number, IsBytes: true, 0, message.Slice(at, (int)value)));
                    at += (int)value;
                    break;
                default:
                    throw new RefusedException("only varints and bytes occur");
            }
        }

        return fields;
    }

    /// <summary>Packed numbers.</summary>
    internal static List<ulong> Packed(ReadOnlyMemory<byte> bytes)
    {
        List<ulong> numbers = [];
        int at = 0;
        while (at < bytes.Length)
        {
            numbers.Add(Varint(bytes.Span, ref at));
        }

        return numbers;
    }

    private static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            RefusedException.Unless(at < bytes.Length, "a varint is cut off");
            byte part = bytes[at++];
            RefusedException.Unless(shift < 63 || part <= 1, "a varint is too large");
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                RefusedException.Unless(part != 0 || shift == 0, "a varint is padded");
                return value;
            }
        }

        throw new RefusedException("a varint is too long");
    }
}

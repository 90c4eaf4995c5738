using System;
using System.Collections.Generic;
using System.Formats.Cbor;

namespace Hanse.IO.Tests.Wire.Independent;

/// <summary>An item of CBOR, of the three types Hanse uses: a whole number, bytes, or an array.</summary>
internal sealed record CborTree(Int128? Number, int? Length, IReadOnlyList<CborTree>? Elements)
{
    // Deeper than anything published; bounds the recursion below.
    private const int DepthMax = 16;

    internal CborTree this[int index] => Elements![index];

    /// <summary>Reads one item with the base library's reader.</summary>
    /// <remarks>
    /// Its canonical mode is that of RFC 7049, section 3.9, which agrees with RFC 8949, section 4.2.1, on all
    /// that occurs here: shortest heads and definite lengths. They differ in the order of map keys and in
    /// floats, and maps, floats, tags and text are refused. What the mode lacks is the end: it leaves what
    /// follows unread.
    /// </remarks>
    internal static CborTree Read(ReadOnlyMemory<byte> bytes)
    {
        var reader = new CborReader(bytes, CborConformanceMode.Canonical);
        try
        {
            CborTree tree = Read(reader, 0);
            RefusedException.Unless(reader.BytesRemaining == 0, "bytes after the body");
            return tree;
        }
        catch (CborContentException wrong)
        {
            throw new RefusedException("not canonical CBOR", wrong);
        }
    }

    private static CborTree Read(CborReader reader, int depth)
    {
        RefusedException.Unless(depth < DepthMax, "nested too deeply");
        switch (reader.PeekState())
        {
            case CborReaderState.UnsignedInteger:
                return new CborTree(reader.ReadUInt64(), null, null);
            case CborReaderState.NegativeInteger:
                return new CborTree(-1 - (Int128)reader.ReadCborNegativeIntegerRepresentation(), null, null);
            case CborReaderState.ByteString:
                return new CborTree(null, reader.ReadByteString().Length, null);
            case CborReaderState.StartArray:
                List<CborTree> elements = [];
                _ = reader.ReadStartArray();
                while (reader.PeekState() != CborReaderState.EndArray)
                {
                    elements.Add(Read(reader, depth + 1));
                }

                reader.ReadEndArray();
                return new CborTree(null, null, elements);
            default:
                throw new RefusedException("a type that does not occur");
        }
    }
}

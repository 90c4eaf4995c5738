using System;
using System.IO;
using CsCheck;
using Hanse.Core.Journal;
using Hanse.Core.Tests.Journal;
using Hanse.Core.Tests.Wire;
using Hanse.Core.Wire;
using Hanse.IO.Tests.Wire;
using Hanse.IO.Tests.Wire.Independent;
using Xunit;

namespace Hanse.IO.Tests.Journal;

/// <summary>The published schema of blocks and entries is the one that is spoken.</summary>
public sealed class JournalSchemaTests
{
    private static readonly Cddl _schema = Cddl.Parse(
        File.ReadAllText(Path.Combine(ProtocolFolder.Path, "messages.cddl"))
        + File.ReadAllText(Path.Combine(ProtocolFolder.Path, "journal.cddl")));

    [Fact]
    public void Every_case_of_an_entry_is_as_published()
    {
        for (ulong seed = 0; seed < 50; seed++)
        {
            for (long tag = 1; tag <= 15; tag++)
            {
                Entry entry = DrawingCodec.Draw<Entry>(seed, tag);
                Assert.True(Is("stamped", Encode(new Stamped(60_000, entry))), $"{entry}");
            }
        }
    }

    [Fact]
    public void Blocks_and_proofs_are_as_published()
    {
        for (ulong seed = 0; seed < 100; seed++)
        {
            Assert.True(Is("block", Encode(DrawingCodec.Draw<Block>(seed))));
            Assert.True(Is("inclusion-proof", Encode(DrawingCodec.Draw<InclusionProof>(seed))));
            Assert.True(Is("consistency-proof", Encode(DrawingCodec.Draw<ConsistencyProof>(seed))));
            Assert.True(Is("raw-proof", Encode(DrawingCodec.Draw<RawProof>(seed))));
        }
    }

    [Fact]
    public void Whatever_is_accepted_is_as_published() =>
        Gen.Select(Gen.ULong[0, 1000], Gen.Long[1, 15], Gen.Int[0, 500], Gen.Byte, Gen.Int[0, 3])
            .Sample((seed, tag, at, part, how) =>
            {
                byte[] bytes = Encode(new Stamped(0, DrawingCodec.Draw<Entry>(seed, tag)));
                byte[] mutated = Mutations.Of(bytes, at, part, how);
                Assert.True(!CborReader.TryRead<Stamped>(mutated, out _, out DecodeError? _)
                    || Is("stamped", mutated));
            }, iter: 20_000);

    [Fact]
    public void The_borders_of_numbers_and_sizes_are_those_published()
    {
        // Widened by one, each of these is refused by both.
        foreach (string hex in new[]
        {
            "8300088201" + "1b00038d7ea4c68001", // a level beyond the largest
            "8300088205" + "00", // a resource beyond the last
            "8319ea61" + "0882" + "0100", // a stamp beyond the minute
            "8300108201" + "00", // a case beyond the last
            "83000e8300" + "194001" + "5820" + new string('0', 64), // a leaf too many
            "830002815821" + new string('0', 66), // a key too long
            "83000d850118404040" + "80", // a skill beyond the last
        })
        {
            byte[] bytes = Convert.FromHexString(hex);
            Assert.False(CborReader.TryRead<Stamped>(bytes, out _, out DecodeError? _), hex);
            Assert.False(Is("stamped", bytes), hex);
        }
    }

    private static bool Is(string rule, byte[] bytes)
    {
        try
        {
            return _schema.Matches(rule, CborTree.Read(bytes), (_, _) => true);
        }
        catch (RefusedException)
        {
            return false;
        }
    }

    private static byte[] Encode<T>(T record)
        where T : class, IShaped<T>
    {
        var buffer = new ByteBuffer();
        var writer = new CborWriter(buffer);
        _ = T.Shape(ref writer, record);
        return buffer.Written.ToArray();
    }
}

using System;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;
using Xunit;

namespace Hanse.Core.Tests.Wire;

/// <summary>One encoding of every value: what RFC 8949, section 4.2.1 asks of a writer, this reader
/// demands.</summary>
public sealed class CborReaderTests
{
    [Theory]
    [InlineData("8107", 7)]
    [InlineData("8118ff", 255)]
    [InlineData("81190100", 256)]
    [InlineData("811a00010000", 65_536)]
    [InlineData("811b0000000100000000", 4_294_967_296)]
    public void The_shortest_head_is_read(string bytes, ulong transfer)
    {
        Assert.True(Read(bytes, out CreditsReceived? read, out _));
        Assert.Equal(new TransferId(transfer), read!.Transfer);
    }

    [Theory]
    [InlineData("", "the bytes end here")]
    [InlineData("81", "the bytes end here")]
    [InlineData("8119", "is cut off")]
    [InlineData("811817", "is not in its shortest form")]
    [InlineData("811900ff", "is not in its shortest form")]
    [InlineData("811a0000ffff", "is not in its shortest form")]
    [InlineData("811b00000000ffffffff", "is not in its shortest form")]
    [InlineData("8120", "is out of range")]
    [InlineData("811bffffffffffffffff", "is out of range")]
    [InlineData("813bffffffffffffffff", "is out of range")]
    [InlineData("811f", "has an indefinite or reserved length")]
    [InlineData("811c", "has an indefinite or reserved length")]
    [InlineData("9f07ff", "has an indefinite or reserved length")]
    [InlineData("80", "has the wrong number of fields")]
    [InlineData("820707", "has the wrong number of fields")]
    [InlineData("8141aa", "has the wrong type")]
    [InlineData("07", "has the wrong type")]
    [InlineData("810707", "bytes are left over after the record")]
    public void Everything_else_is_refused_with_its_reason(string bytes, string reason)
    {
        Assert.False(Read(bytes, out CreditsReceived? read, out DecodeError? error));
        Assert.Null(read);
        Assert.EndsWith(reason, error!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_that_claims_more_than_there_are_bytes_is_refused_before_room_is_made_for_it()
    {
        // rfp[cycle, closes, requests of 20, berths], and then nothing.
        Assert.False(Read("84010194", out RequestForProposals? _, out DecodeError? error));
        Assert.Equal("requests has too many elements", error!.Reason);
    }

    [Fact]
    public void A_bounty_of_more_than_a_million_lots_is_refused()
    {
        // So that what a bounty is worth always fits the largest amount of money.
        var bounty = new Bounty(
            new BountyId(1),
            Commodity.Nickel,
            new DepotId(1),
            new Grams(1_999_999),
            new Grams(1),
            new Credits(Credits.MicroMax / Bounty.LotsMax),
            Instant.Epoch);
        Assert.True(bounty.Worth.Micro > Credits.MicroMax);
        var buffer = new ByteBuffer();
        var writer = new CborWriter(buffer);
        _ = Bounty.Shape(ref writer, bounty);
        Assert.False(CborReader.TryRead<Bounty>(buffer.Written.ToArray(), out _, out DecodeError? error));
        Assert.Equal("a bounty has at most a million lots", error!.Reason);
    }

    private static bool Read<T>(string hex, out T? value, out DecodeError? error)
        where T : class, IShaped<T> => CborReader.TryRead(Convert.FromHexString(hex), out value, out error);
}

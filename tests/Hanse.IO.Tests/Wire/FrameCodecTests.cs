using System;
using System.IO;
using System.Linq;
using CsCheck;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.IO.Tests.Wire.Independent;
using Hanse.IO.Wire;
using Xunit;

namespace Hanse.IO.Tests.Wire;

public sealed class FrameCodecTests
{
    private static readonly IndependentDecoder _independent = new(ProtocolFolder.Path);

    [Fact]
    public void What_was_encoded_is_decoded_to_an_equal_frame_and_to_equal_bytes() =>
        Samples.Frames.Sample(RoundTrips, iter: 5_000, threads: 1);

    [Fact]
    public void The_largest_messages_survive_the_round_trip() =>
        Assert.All(
            EveryKind.Largest,
            message => Assert.True(RoundTrips(EveryKind.Fullest(new Envelope(long.MaxValue, message)))));

    [Fact]
    public void What_the_product_writes_the_independent_decoder_accepts() =>
        Samples.Frames.Sample(
            frame => _independent.Refusal(FrameCodec.Encode(frame)) is null, iter: 5_000, threads: 1);

    [Fact]
    public void Names_in_the_proto_are_those_of_Core_with_the_same_numbers()
    {
        Assert.Equal(
            Enum.GetValues<MessageKind>().Select(kind => (kind.ToString(), (int)kind)),
            Enum.GetValues<Hanse.Api.V1.MessageKind>().Skip(1).Select(kind => (kind.ToString(), (int)kind)));
        Assert.Equal(
            Enum.GetValues<PartyKind>().Select(kind => (kind.ToString(), (int)kind)),
            Enum.GetValues<Hanse.Api.V1.PartyKind>().Skip(1).Select(kind => (kind.ToString(), (int)kind)));
    }

    [Fact]
    public void A_frame_that_breaks_a_rule_is_never_sent()
    {
        Frame frame = EveryKind.Fullest(new Envelope(1UL << 62, new HubEnrol(1)));
        Assert.Throws<BrokenInvariantException>(() => FrameCodec.Encode(frame with { Floor = 0 }));
        Assert.Throws<BrokenInvariantException>(() => FrameCodec.Encode(frame with { From = default }));
        Assert.Throws<BrokenInvariantException>(() => FrameCodec.Encode(frame with { AckBeyond = [3, 2] }));
        Assert.Throws<BrokenInvariantException>(
            () => FrameCodec.Encode(frame with { Envelopes = [.. frame.Envelopes, .. frame.Envelopes] }));
    }

    [Fact]
    public void The_independent_decoder_uses_nothing_of_the_product()
    {
        string folder = Path.Combine(ProtocolFolder.Root(), "tests", "Hanse.IO.Tests", "Wire", "Independent");
        string[] files = Directory.GetFiles(folder, "*.cs");
        Assert.NotEmpty(files);
        foreach (string line in files.SelectMany(File.ReadLines))
        {
            Assert.DoesNotContain("Hanse.Core", line, StringComparison.Ordinal);
            Assert.DoesNotContain("Hanse.Api", line, StringComparison.Ordinal);
            Assert.DoesNotContain("Hanse.IO.Wire", line, StringComparison.Ordinal);
            Assert.DoesNotContain("Google", line, StringComparison.Ordinal);
        }
    }

    private static bool RoundTrips(Frame frame)
    {
        byte[] bytes = FrameCodec.Encode(frame);
        Assert.True(FrameCodec.TryDecode(bytes, out Frame? read, out WireError? error), error?.Reason);
        Assert.Equal(Text.Of(frame), Text.Of(read));
        return bytes.AsSpan().SequenceEqual(FrameCodec.Encode(read));
    }
}

using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.IO.Tests.Wire.Independent;
using Hanse.IO.Wire;
using Xunit;

namespace Hanse.IO.Tests.Wire;

public sealed class FrameSizeTests
{
    public static TheoryData<MessageKind> Kinds => [.. System.Enum.GetValues<MessageKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_size_function_agrees_with_the_encoder(MessageKind kind) =>
        Gen.Select(Samples.Messages[kind], Samples.Frames)
            .Where((message, frame) =>
                FrameSize.Of(frame) + FrameSize.Of(new Envelope(0, message)) <= Frame.BytesMax)
            .Sample((message, frame) =>
            {
                Frame longer = frame with { Envelopes = frame.Envelopes.Add(new Envelope(0, message)) };
                return FrameSize.Of(longer) == FrameCodec.Encode(longer).Length;
            }, iter: 500, threads: 1);

    [Fact]
    public void Largest_messages_are_as_large_as_the_published_schema_allows()
    {
        Cddl schema = new IndependentDecoder(ProtocolFolder.Path).Schema;
        Dictionary<int, string> rules = schema.Kinds();
        Assert.Equal(EveryKind.Largest.Select(message => (int)message.Kind), rules.Keys);
        foreach (Message message in EveryKind.Largest)
        {
            Assert.Equal(
                (message.Kind, Size: schema.SizeMax(new CddlType.Named(rules[(int)message.Kind]))),
                (message.Kind, Size: message.Size()));
        }
    }

    [Fact]
    public void The_largest_message_of_every_kind_fits_the_fullest_frame()
    {
        foreach (Message message in EveryKind.Largest)
        {
            Frame frame = EveryKind.Fullest(new Envelope(long.MaxValue, message));
            Assert.Equal(FrameSize.Of(frame), FrameCodec.Encode(frame).Length);
        }
    }

    [Fact]
    public void An_envelope_adds_to_a_frame_what_it_measures()
    {
        Frame frame = EveryKind.Fullest();
        foreach (Message message in EveryKind.Typical)
        {
            var envelope = new Envelope((1UL << 62) + (ulong)message.Kind, message);
            int before = FrameCodec.Encode(frame).Length;
            frame = frame with { Envelopes = frame.Envelopes.Add(envelope) };
            Assert.Equal(before + FrameSize.Of(envelope), FrameCodec.Encode(frame).Length);
        }
    }
}

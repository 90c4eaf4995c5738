using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.IO.Tests.Wire.Independent;
using Hanse.IO.Wire;
using Xunit;

namespace Hanse.IO.Tests.Wire;

/// <summary>The published examples. HANSE_RECORD=1 writes them anew; then read the difference.</summary>
public sealed class VectorTests
{
    private static readonly IndependentDecoder _independent = new(ProtocolFolder.Path);

    [Fact]
    public void Golden_frames_have_the_published_bytes()
    {
        StringBuilder text = new(
            "# Frames that every receiver accepts, and what is in them. Written by VectorTests.\n"
            + "# A vector is the lines of hex up to an empty line.\n");
        foreach ((string title, Frame frame) in Accepted())
        {
            string content = Text.Of(frame).Replace("envelope{", "\n#   envelope{", StringComparison.Ordinal);
            string comment = $"{title}\n# {content}".Replace(" \n", "\n", StringComparison.Ordinal);
            Append(text, comment, FrameCodec.Encode(frame));
        }

        Golden("accepted.hex", text.ToString());
    }

    [Fact]
    public void Refused_frames_have_the_published_bytes_and_reasons()
    {
        StringBuilder text = new(
            "# Frames that every receiver refuses. What is wrong, the words of this one, the bytes.\n"
            + "# Written by VectorTests. The words are no part of the protocol.\n");
        foreach ((string wrong, byte[] bytes) in RefusedFrames.All())
        {
            Assert.False(FrameCodec.TryDecode(bytes, out _, out WireError? error), wrong);
            Append(text, $"{wrong}\n#   {error!.Reason}", bytes);
        }

        Golden("refused.hex", text.ToString());
    }

    [Fact]
    public void Both_decoders_accept_every_accepted_vector() =>
        Assert.All(Read("accepted.hex"), bytes =>
        {
            Assert.Null(_independent.Refusal(bytes));
            Assert.True(FrameCodec.TryDecode(bytes, out _, out _));
        });

    [Fact]
    public void Both_decoders_refuse_every_refused_vector() =>
        Assert.All(Read("refused.hex"), bytes =>
        {
            Assert.NotNull(_independent.Refusal(bytes));
            Assert.False(FrameCodec.TryDecode(bytes, out _, out _));
        });

    private static IEnumerable<(string Title, Frame Frame)> Accepted()
    {
        Party hub = Party.Of(new RegionId(4));
        Party node = Party.Of(new NodeId(7));
        yield return ("a hail of a node without news", new Frame(node, hub, Hail: true, 1, 0, [], []));
        yield return (
            "nothing but acknowledgements", new Frame(hub, node, Hail: false, 12, 5, [7, 8, 300], []));
        yield return (
            "every kind of message once, though no two machines have all this to say to each other",
            new Frame(
                hub,
                Party.Strategy,
                Hail: true,
                Floor: 100,
                AckThrough: 41,
                AckBeyond: [],
                [
                    .. EveryKind.Typical.Select(
                        (message, i) => new Envelope(i == 2 ? 0 : 100 + (ulong)i, message)),
                ]));
        Assert.True(FrameCodec.TryDecode(Raw.FrameOf(Frame.BytesMax), out Frame? full, out _));
        yield return ("as long as a frame may be: 4096 bytes", full);
    }

    private static void Append(StringBuilder text, string comment, byte[] bytes)
    {
        _ = text.Append("\n# ").Append(comment).Append('\n');
        foreach (char[] line in Convert.ToHexStringLower(bytes).Chunk(96))
        {
            _ = text.Append(line).Append('\n');
        }
    }

    private static IEnumerable<byte[]> Read(string file) =>
        File.ReadAllText(PathOf(file)).Split("\n\n").Skip(1)
            .Select(vector => vector.Split('\n').Where(line => !line.StartsWith('#')))
            .Select(lines => Convert.FromHexString(string.Concat(lines)));

    private static void Golden(string file, string text)
    {
        if (Environment.GetEnvironmentVariable("HANSE_RECORD") is not null)
        {
            File.WriteAllText(PathOf(file), text);
        }

        Assert.Equal(File.ReadAllText(PathOf(file)), text);
    }

    private static string PathOf(string file) => Path.Combine(ProtocolFolder.Path, "vectors", file);
}

using System.IO;
using Hanse.Core.Links;
using Hanse.IO.Wire;
using Hanse.Simulation.Runs;

namespace Hanse.Cli.Wire;

/// <summary>Puts simulated frames through the real encoding: <c>--wire bytes</c>.</summary>
internal sealed class BytesOnTheWire : IFrameCodec
{
    /// <inheritdoc/>
    public byte[] Encode(Frame frame) => FrameCodec.Encode(frame);

    /// <inheritdoc/>
    public Frame Decode(byte[] bytes) =>
        FrameCodec.TryDecode(bytes, out Frame? frame, out WireError? error)
            ? frame
            : throw new InvalidDataException(error.Reason);
}

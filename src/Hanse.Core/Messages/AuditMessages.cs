using System.Collections.Immutable;
using Hanse.Core.Wire;

namespace Hanse.Core.Messages;

/// <summary>Hub to node: show these blocks of your raw log, which you sealed in the return that I judge.
/// They were drawn after its head was signed. Perishable; repeated until they have come or time is
/// over.</summary>
/// <param name="Blocks">Which return.</param>
/// <param name="Places">One to <see cref="PlacesMax"/>, in order of their requests; the rest is asked for
/// when these have come.</param>
public sealed record BlocksAsked(ulong Blocks, ImmutableArray<BlockAsk> Places)
    : Message, IShaped<BlocksAsked>
{
    /// <summary>Most places: as many answers as fit a frame.</summary>
    public const int PlacesMax = 2;

    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.BlocksAsked;

    /// <inheritdoc/>
    public static BlocksAsked Shape<TCodec>(ref TCodec codec, BlocksAsked? value)
        where TCodec : struct, ICodec
    {
        codec.Open("blocksAsked", 2);
        ulong blocks = codec.Count("blocks", value?.Blocks ?? 0);
        ImmutableArray<BlockAsk> places = codec.List("places", value?.Places ?? [], PlacesMax);
        codec.Close();
        if (codec.IsReading && !codec.Failed
            && (places.Length == 0 || !Fields.Increases(places, place => place.Request)))
        {
            codec.Refuse("there must be a place, and requests must increase");
        }

        return value ?? new BlocksAsked(blocks, places);
    }
}

/// <summary>One block of a raw log.</summary>
/// <param name="Request">Number to answer under.</param>
/// <param name="Segment">Counted by the node from zero.</param>
/// <param name="Leaf">In its segment, 0 to 16,383.</param>
/// <param name="Block">In its leaf, 0 to 63.</param>
public sealed record BlockAsk(ulong Request, uint Segment, int Leaf, int Block) : IShaped<BlockAsk>
{
    private const int LeafMax = 16_383;
    private const int BlockMax = 63;

    /// <inheritdoc/>
    public static BlockAsk Shape<TCodec>(ref TCodec codec, BlockAsk? value)
        where TCodec : struct, ICodec
    {
        codec.Open("place", 4);
        ulong request = codec.Count("request", value?.Request ?? 0);
        uint segment = (uint)codec.Integer("segment", value?.Segment ?? 0, 0, uint.MaxValue);
        int leaf = (int)codec.Integer("leaf", value?.Leaf ?? 0, 0, LeafMax);
        int block = (int)codec.Integer("block", value?.Block ?? 0, 0, BlockMax);
        codec.Close();
        return value ?? new BlockAsk(request, segment, leaf, block);
    }
}

/// <summary>Node to hub: a block of the raw log and its path to the root that was sealed. Perishable: what
/// does not come is asked for again.</summary>
/// <param name="Blocks">Which return.</param>
/// <param name="Request">What it answers.</param>
/// <param name="Bytes">At most <see cref="BytesMax"/>; none when the node has it no more.</param>
/// <param name="Proof">Canonical bytes of the path; see <c>docs/protocol/journal.md</c>.</param>
public sealed record BlockShown(ulong Blocks, ulong Request, byte[] Bytes, byte[] Proof)
    : Message, IShaped<BlockShown>
{
    /// <summary>Bytes of a block.</summary>
    public const int BytesMax = 1024;

    /// <summary>Most bytes of a proof: 20 digests.</summary>
    public const int ProofBytesMax = 768;

    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.BlockShown;

    /// <inheritdoc/>
    public static BlockShown Shape<TCodec>(ref TCodec codec, BlockShown? value)
        where TCodec : struct, ICodec
    {
        codec.Open("blockShown", 4);
        ulong blocks = codec.Count("blocks", value?.Blocks ?? 0);
        ulong request = codec.Count("request", value?.Request ?? 0);
        byte[] bytes = codec.Bytes("bytes", value?.Bytes ?? [], BytesMax);
        byte[] proof = codec.Bytes("proof", value?.Proof ?? [], ProofBytesMax);
        codec.Close();
        return value ?? new BlockShown(blocks, request, bytes, proof);
    }
}

using System.Collections.Immutable;
using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

/// <summary>What a returning node shows first: its signed heads and how they follow from the last one that
/// was accepted.</summary>
/// <param name="Notes">Signed checkpoints since the last accepted one, in increasing order of their sizes;
/// the last is the head that is offered.</param>
/// <param name="Consistency">Canonical bytes of the consistency proof from the accepted head to the offered
/// one; empty when nothing was accepted yet.</param>
/// <param name="Bytes">Length of the upload that follows, by the node's word.</param>
public sealed record Offer(ImmutableArray<NoteText> Notes, byte[] Consistency, long Bytes) : IShaped<Offer>
{
    /// <summary>Most notes of an offer: one an hour for forty days.</summary>
    public const int NotesMax = 1024;

    /// <summary>Most bytes of a consistency proof.</summary>
    public const int ConsistencyBytesMax = 4096;

    /// <summary>Longest upload of one return: 1 TiB.</summary>
    public const long BytesMax = 1L << 40;

    /// <inheritdoc/>
    public static Offer Shape<TCodec>(ref TCodec codec, Offer? value)
        where TCodec : struct, ICodec
    {
        codec.Open("offer", 3);
        ImmutableArray<NoteText> notes = codec.List("notes", value?.Notes ?? [], NotesMax);
        byte[] consistency = codec.Bytes("consistency", value?.Consistency ?? [], ConsistencyBytesMax);
        long bytes = codec.Integer("bytes", value?.Bytes ?? 0, 0, BytesMax);
        codec.Close();
        return value ?? new Offer(notes, consistency, bytes);
    }
}

/// <summary>A signed note as it came, kept to the byte since it may become evidence.</summary>
public sealed record NoteText(byte[] Text) : IShaped<NoteText>
{
    /// <summary>Most bytes of a note.</summary>
    public const int BytesMax = 1024;

    /// <inheritdoc/>
    public static NoteText Shape<TCodec>(ref TCodec codec, NoteText? value)
        where TCodec : struct, ICodec
    {
        codec.Open("note", 1);
        byte[] text = codec.Bytes("text", value?.Text ?? [], BytesMax);
        codec.Close();
        return value ?? new NoteText(text);
    }
}

using System.Diagnostics;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Journal;

/// <summary>What a machine remembers of its own attested journal.</summary>
public abstract record LogFact : IShaped<LogFact>
{
    private LogFact()
    {
    }

    /// <summary>An entry is in the open block.</summary>
    public sealed record Attested(Instant At, Entry Entry) : LogFact;

    /// <summary>The open block was closed: it is a leaf.</summary>
    public sealed record Sealed : LogFact;

    /// <summary>The head over all sealed blocks was given to be signed.</summary>
    public sealed record SignatureAsked(Instant At, ulong Blocks) : LogFact;

    /// <summary>It is signed, and offered from now on.</summary>
    public sealed record Signed(ulong Blocks, byte[] Note) : LogFact;

    /// <summary>The hub has so many bytes of what is on offer, and asks for the rest, or for what it has to
    /// see besides.</summary>
    public sealed record Admitted(Instant At, long Cursor) : LogFact;

    /// <summary>Parts of what is on offer have left up to here, ahead of the cursor.</summary>
    public sealed record Streamed(long To) : LogFact;

    /// <summary>Nothing was heard for long: the part at the cursor may be lost.</summary>
    public sealed record Rewound : LogFact;

    /// <summary>The hub asked to come back later.</summary>
    public sealed record Deferred(Instant NotBefore) : LogFact;

    /// <summary>The hub has received all blocks up to here.</summary>
    public sealed record Received(ulong Blocks) : LogFact;

    /// <summary>Nobody will ask again for the blocks up to here; they need not be kept.</summary>
    public sealed record Safe(ulong Blocks) : LogFact;

    /// <summary>Another judge has taken over, and has so many blocks.</summary>
    public sealed record Rebased(ulong Blocks) : LogFact;

    /// <summary>There was no room for an entry: what is attested has a gap from here on.</summary>
    public sealed record GapBegan(Instant At) : LogFact;

    /// <inheritdoc/>
    public static LogFact Shape<TCodec>(ref TCodec codec, LogFact? value)
        where TCodec : struct, ICodec
    {
        long tag = codec.Case("log", Tag(value), 12);
        LogFact fact;
        switch (tag)
        {
            case 1:
                var attested = (Attested?)value;
                codec.Open("attested", 3);
                Instant at = codec.Moment("at", attested?.At ?? default);
                Entry entry = Entry.Shape(ref codec, attested?.Entry);
                fact = attested ?? new Attested(at, entry);
                break;
            case 2:
                codec.Open("sealed", 0);
                fact = value ?? new Sealed();
                break;
            case 3:
                var asked = (SignatureAsked?)value;
                codec.Open("signatureAsked", 2);
                Instant askedAt = codec.Moment("at", asked?.At ?? default);
                ulong askedBlocks = codec.Count("blocks", asked?.Blocks ?? 0);
                fact = asked ?? new SignatureAsked(askedAt, askedBlocks);
                break;
            case 4:
                var signed = (Signed?)value;
                codec.Open("signed", 2);
                ulong signedBlocks = codec.Count("blocks", signed?.Blocks ?? 0);
                byte[] note = codec.Bytes("note", signed?.Note ?? [], SignedNote.BytesMax);
                fact = signed ?? new Signed(signedBlocks, note);
                break;
            case 5:
                var deferred = (Deferred?)value;
                codec.Open("deferred", 1);
                Instant notBefore = codec.Moment("notBefore", deferred?.NotBefore ?? default);
                fact = deferred ?? new Deferred(notBefore);
                break;
            case 6:
                var received = (Received?)value;
                codec.Open("received", 1);
                ulong receivedBlocks = codec.Count("blocks", received?.Blocks ?? 0);
                fact = received ?? new Received(receivedBlocks);
                break;
            case 11:
                var rebased = (Rebased?)value;
                codec.Open("rebased", 1);
                ulong rebasedTo = codec.Count("blocks", rebased?.Blocks ?? 0);
                fact = rebased ?? new Rebased(rebasedTo);
                break;
            case 12:
                var safe = (Safe?)value;
                codec.Open("safe", 1);
                ulong safeTo = codec.Count("blocks", safe?.Blocks ?? 0);
                fact = safe ?? new Safe(safeTo);
                break;
            case 10:
                codec.Open("rewound", 0);
                fact = value ?? new Rewound();
                break;
            case 9:
                var streamed = (Streamed?)value;
                codec.Open("streamed", 1);
                long to = codec.Integer("to", streamed?.To ?? 0, 0, long.MaxValue);
                fact = streamed ?? new Streamed(to);
                break;
            case 7:
                var admitted = (Admitted?)value;
                codec.Open("admitted", 2);
                Instant admittedAt = codec.Moment("at", admitted?.At ?? default);
                long cursor = codec.Integer("cursor", admitted?.Cursor ?? 0, 0, long.MaxValue);
                fact = admitted ?? new Admitted(admittedAt, cursor);
                break;
            default:
                var gap = (GapBegan?)value;
                codec.Open("gapBegan", 1);
                Instant from = codec.Moment("at", gap?.At ?? default);
                fact = gap ?? new GapBegan(from);
                break;
        }

        codec.Close();
        return fact;
    }

    private static long Tag(LogFact? fact) => fact switch
    {
        null => 0,
        Attested => 1,
        Sealed => 2,
        SignatureAsked => 3,
        Signed => 4,
        Deferred => 5,
        Received => 6,
        Admitted => 7,
        GapBegan => 8,
        Streamed => 9,
        Rewound => 10,
        Rebased => 11,
        Safe => 12,
        _ => throw new UnreachableException(),
    };
}

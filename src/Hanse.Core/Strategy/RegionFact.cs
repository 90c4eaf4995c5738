using System.Diagnostics;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Strategy;

/// <summary>What the strategic layer remembers of a region's return: what was put into its validation, which
/// is deterministic, and not its state.</summary>
public abstract record RegionFact : IShaped<RegionFact>
{
    private RegionFact()
    {
    }

    /// <summary>The hub offers its journal.</summary>
    public sealed record Offered(Instant At, ReturnOffered Offer) : RegionFact;

    /// <summary>Bytes of it are here.</summary>
    public sealed record PartTaken(Instant At, long Offset, byte[] Bytes) : RegionFact;

    /// <summary>A signature was verified.</summary>
    public sealed record SignatureJudged(Instant At, ulong Request, bool IsGood) : RegionFact;

    /// <summary>The return was judged.</summary>
    public sealed record Judged(Instant At, ReturnVerdict Verdict) : RegionFact;

    /// <summary>An operator looked at a quarantined region.</summary>
    public sealed record Reviewed(bool IsAccepted) : RegionFact;

    /// <inheritdoc/>
    public static RegionFact Shape<TCodec>(ref TCodec codec, RegionFact? value)
        where TCodec : struct, ICodec
    {
        long tag = codec.Case("return", Tag(value), 5);
        RegionFact fact;
        switch (tag)
        {
            case 1:
                var offered = (Offered?)value;
                codec.Open("offered", 2);
                Instant offeredAt = codec.Moment("at", offered?.At ?? default);
                ReturnOffered offer = ReturnOffered.Shape(ref codec, offered?.Offer);
                fact = offered ?? new Offered(offeredAt, offer);
                break;
            case 2:
                var part = (PartTaken?)value;
                codec.Open("partTaken", 3);
                Instant partAt = codec.Moment("at", part?.At ?? default);
                long offset = codec.Integer("offset", part?.Offset ?? 0, 0, ReturnOffered.BytesMax);
                byte[] bytes = codec.Bytes("bytes", part?.Bytes ?? [], JournalPart.BytesMax);
                fact = part ?? new PartTaken(partAt, offset, bytes);
                break;
            case 3:
                var signature = (SignatureJudged?)value;
                codec.Open("signatureJudged", 3);
                Instant signedAt = codec.Moment("at", signature?.At ?? default);
                ulong request = codec.Count("request", signature?.Request ?? 0);
                bool isGood = codec.Flag("isGood", signature?.IsGood ?? false);
                fact = signature ?? new SignatureJudged(signedAt, request, isGood);
                break;
            case 4:
                var judged = (Judged?)value;
                codec.Open("judged", 2);
                Instant judgedAt = codec.Moment("at", judged?.At ?? default);
                ReturnVerdict verdict = ReturnVerdict.Shape(ref codec, judged?.Verdict);
                fact = judged ?? new Judged(judgedAt, verdict);
                break;
            default:
                var reviewed = (Reviewed?)value;
                codec.Open("reviewed", 1);
                bool isAccepted = codec.Flag("isAccepted", reviewed?.IsAccepted ?? false);
                fact = reviewed ?? new Reviewed(isAccepted);
                break;
        }

        codec.Close();
        return fact;
    }

    private static long Tag(RegionFact? fact) => fact switch
    {
        null => 0,
        Offered => 1,
        PartTaken => 2,
        SignatureJudged => 3,
        Judged => 4,
        Reviewed => 5,
        _ => throw new UnreachableException(),
    };
}

using System;
using System.Diagnostics.CodeAnalysis;
using Hanse.Core.Wire;

namespace Hanse.Core.Messages;

/// <summary>Everything the three machines say to each other, and nothing else they share.</summary>
/// <remarks>
/// The problem: three machines of different versions and languages must agree on every byte, while none of
/// them may see another's code. The idea: all they share is this closed set of sealed records. Each states
/// its fields once (<see cref="IShaped{TSelf}"/>), which fixes its bytes; <c>docs/protocol/messages.cddl</c>
/// states the same bytes for people who write a node in another language, and a test holds the two together.
/// Bounds are part of the shape: a message that was read is in range. What a message may mean in a given
/// state is the receiving machine's judgement, and a message it may not act on is refused with a reason,
/// never an error.
/// </remarks>
public abstract record Message
{
    /// <summary>The kind with the largest number.</summary>
    internal const MessageKind KindMax = MessageKind.NodeProbation;

    /// <summary>Longest list in any message.</summary>
    public const int ListMax = 64;

    private protected Message()
    {
    }

    /// <summary>Which message this is.</summary>
    public abstract MessageKind Kind { get; }

    /// <summary>Reads a body of a stated kind.</summary>
    /// <returns>False, with the reason, when the bytes are not one canonical message of that kind.</returns>
    public static bool TryRead(
        MessageKind kind,
        ReadOnlyMemory<byte> body,
        [NotNullWhen(true)] out Message? message,
        [NotNullWhen(false)] out DecodeError? error)
    {
        var reader = new CborReader(body);
        message = Walk(ref reader, kind, null);
        if (reader.Error is null && !reader.IsAtEnd)
        {
            reader.Refuse("bytes are left over after the message");
        }

        error = reader.Error;
        message = error is null ? message : null;
        return error is null;
    }

    /// <summary>Appends the canonical bytes of the body.</summary>
    public void Write(ByteBuffer buffer)
    {
        var writer = new CborWriter(buffer);
        _ = Walk(ref writer, Kind, this);
    }

    /// <summary>The number of bytes <see cref="Write"/> appends.</summary>
    public int Size()
    {
        var sizer = default(CborSizer);
        _ = Walk(ref sizer, Kind, this);
        return sizer.Size;
    }

    /// <summary>A message as a field of another record: its kind, then its body.</summary>
    internal static Message Shape<TCodec>(ref TCodec codec, Message? value)
        where TCodec : struct, ICodec
    {
        codec.Open("message", 2);
        var kind = (MessageKind)codec.Case("kind", (long)(value?.Kind ?? 0), (long)KindMax);
        Message message = Walk(ref codec, kind, value);
        codec.Close();
        return message;
    }

    /// <summary>Walks the body of a message of a stated kind; <paramref name="value"/> is null when
    /// reading.</summary>
    internal static Message Walk<TCodec>(ref TCodec codec, MessageKind kind, Message? value)
        where TCodec : struct, ICodec => kind switch
        {
            MessageKind.Enrol => Enrol.Shape(ref codec, (Enrol?)value),
            MessageKind.Enrolled => Enrolled.Shape(ref codec, (Enrolled?)value),
            MessageKind.RequestForProposals =>
                RequestForProposals.Shape(ref codec, (RequestForProposals?)value),
            MessageKind.BidSheet => BidSheet.Shape(ref codec, (BidSheet?)value),
            MessageKind.Award => Award.Shape(ref codec, (Award?)value),
            MessageKind.AwardAccepted => AwardAccepted.Shape(ref codec, (AwardAccepted?)value),
            MessageKind.ContractReleased => ContractReleased.Shape(ref codec, (ContractReleased?)value),
            MessageKind.PlanRevised => PlanRevised.Shape(ref codec, (PlanRevised?)value),
            MessageKind.DeviationReport => DeviationReport.Shape(ref codec, (DeviationReport?)value),
            MessageKind.ContractClosed => ContractClosed.Shape(ref codec, (ContractClosed?)value),
            MessageKind.ReturnOffered => ReturnOffered.Shape(ref codec, (ReturnOffered?)value),
            MessageKind.ReturnAdmitted => ReturnAdmitted.Shape(ref codec, (ReturnAdmitted?)value),
            MessageKind.ReturnDeferred => ReturnDeferred.Shape(ref codec, (ReturnDeferred?)value),
            MessageKind.JournalPart => JournalPart.Shape(ref codec, (JournalPart?)value),
            MessageKind.ReturnJudged => ReturnJudged.Shape(ref codec, (ReturnJudged?)value),
            MessageKind.CharterEnded => CharterEnded.Shape(ref codec, (CharterEnded?)value),
            MessageKind.HubEnrol => HubEnrol.Shape(ref codec, (HubEnrol?)value),
            MessageKind.Charter => Charter.Shape(ref codec, (Charter?)value),
            MessageKind.BountyPosted => BountyPosted.Shape(ref codec, (BountyPosted?)value),
            MessageKind.CreditsReceived => CreditsReceived.Shape(ref codec, (CreditsReceived?)value),
            MessageKind.BountyReport => BountyReport.Shape(ref codec, (BountyReport?)value),
            MessageKind.RegionDigest => RegionDigest.Shape(ref codec, (RegionDigest?)value),
            MessageKind.BlocksAsked => BlocksAsked.Shape(ref codec, (BlocksAsked?)value),
            MessageKind.BlockShown => BlockShown.Shape(ref codec, (BlockShown?)value),
            MessageKind.NodeRecalled => NodeRecalled.Shape(ref codec, (NodeRecalled?)value),
            MessageKind.NodeAssigned => NodeAssigned.Shape(ref codec, (NodeAssigned?)value),
            MessageKind.BountyAssigned => BountyAssigned.Shape(ref codec, (BountyAssigned?)value),
            MessageKind.CargoTold => CargoTold.Shape(ref codec, (CargoTold?)value),
            MessageKind.Redirected => Redirected.Shape(ref codec, (Redirected?)value),
            MessageKind.Arrived => Arrived.Shape(ref codec, (Arrived?)value),
            MessageKind.ExtensionAsked => ExtensionAsked.Shape(ref codec, (ExtensionAsked?)value),
            MessageKind.ExtensionAnswered => ExtensionAnswered.Shape(ref codec, (ExtensionAnswered?)value),
            MessageKind.ContractCancelled => ContractCancelled.Shape(ref codec, (ContractCancelled?)value),
            MessageKind.CancelAnswered => CancelAnswered.Shape(ref codec, (CancelAnswered?)value),
            MessageKind.BountyReduced => BountyReduced.Shape(ref codec, (BountyReduced?)value),
            MessageKind.Sounding => Sounding.Shape(ref codec, (Sounding?)value),
            MessageKind.SupplyTold => SupplyTold.Shape(ref codec, (SupplyTold?)value),
            MessageKind.LotsReturned => LotsReturned.Shape(ref codec, (LotsReturned?)value),
            MessageKind.LotsRecalled => LotsRecalled.Shape(ref codec, (LotsRecalled?)value),
            MessageKind.SitesTold => SitesTold.Shape(ref codec, (SitesTold?)value),
            MessageKind.SurveyTold => SurveyTold.Shape(ref codec, (SurveyTold?)value),
            MessageKind.HelpAsked => HelpAsked.Shape(ref codec, (HelpAsked?)value),
            MessageKind.HelpEnded => HelpEnded.Shape(ref codec, (HelpEnded?)value),
            MessageKind.Mended => Mended.Shape(ref codec, (Mended?)value),
            MessageKind.RepairTold => RepairTold.Shape(ref codec, (RepairTold?)value),
            MessageKind.PricedRequests => PricedRequests.Shape(ref codec, (PricedRequests?)value),
            MessageKind.SiteVisits => SiteVisits.Shape(ref codec, (SiteVisits?)value),
            MessageKind.RolloutTold => RolloutTold.Shape(ref codec, (RolloutTold?)value),
            MessageKind.RolloutReport => RolloutReport.Shape(ref codec, (RolloutReport?)value),
            MessageKind.SkillOrder => SkillOrder.Shape(ref codec, (SkillOrder?)value),
            MessageKind.SkillReport => SkillReport.Shape(ref codec, (SkillReport?)value),
            MessageKind.SkillBytesAsked => SkillBytesAsked.Shape(ref codec, (SkillBytesAsked?)value),
            MessageKind.SkillBytes => SkillBytes.Shape(ref codec, (SkillBytes?)value),
            MessageKind.BirthShare => BirthShare.Shape(ref codec, (BirthShare?)value),
            MessageKind.BirthAsked => BirthAsked.Shape(ref codec, (BirthAsked?)value),
            MessageKind.BirthLeased => BirthLeased.Shape(ref codec, (BirthLeased?)value),
            MessageKind.Retirement => Retirement.Shape(ref codec, (Retirement?)value),
            MessageKind.NodeProbation => NodeProbation.Shape(ref codec, (NodeProbation?)value),
            _ => Unknown(ref codec),
        };

    private static CreditsReceived Unknown<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Refuse("the message kind is unknown");
        return new CreditsReceived(default);
    }
}

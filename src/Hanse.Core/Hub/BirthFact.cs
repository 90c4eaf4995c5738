using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Hub;

/// <summary>What a hub remembers of births.</summary>
public abstract record BirthFact : IShaped<BirthFact>
{
    private BirthFact()
    {
    }

    /// <summary>A share of a quota is the region's.</summary>
    public sealed record ShareTaken(BirthShare Share) : BirthFact;

    /// <summary>A parent may bear so many.</summary>
    /// <param name="Parent">Who.</param>
    /// <param name="ParentKey">Its key.</param>
    /// <param name="Quota">Out of which quota.</param>
    /// <param name="Lease">What it is told.</param>
    /// <param name="ShowBy">When its numbers that nobody has shown come back.</param>
    public sealed record Leased(
        NodeId Parent, byte[] ParentKey, uint Quota, BirthLeased Lease, Instant ShowBy) : BirthFact;

    /// <summary>A machine is a node.</summary>
    public sealed record Born(BirthCertificate Certificate, Instant At) : BirthFact;

    /// <summary>A parent has signed one number twice: this is the second.</summary>
    public sealed record Barred(BirthCertificate Second, Instant At) : BirthFact;

    /// <summary>A lease is over, with its children's time: what is left of it may be given again.</summary>
    public sealed record LeaseEnded(ulong Lease) : BirthFact;

    /// <summary>A child is enrolled, and on probation from now on.</summary>
    public sealed record ProbationBegan(NodeId Child, Instant At) : BirthFact;

    /// <summary>A child is a node like others.</summary>
    public sealed record ProbationEnded(NodeId Child) : BirthFact;

    /// <summary>A child of another region's comes here before it has proven itself: its probation begins
    /// anew.</summary>
    public sealed record ProbationTaken(NodeId Child, BirthTerms Terms, Instant At) : BirthFact;

    /// <inheritdoc/>
    public static BirthFact Shape<TCodec>(ref TCodec codec, BirthFact? value)
        where TCodec : struct, ICodec
    {
        long tag = codec.Case(
            "birth",
            value switch
            {
                null => 0,
                ShareTaken => 1,
                Leased => 2,
                Born => 3,
                Barred => 4,
                LeaseEnded => 5,
                ProbationBegan => 6,
                ProbationEnded => 7,
                ProbationTaken => 8,
                _ => throw new UnreachableException(),
            }, 8);
        BirthFact fact;
        switch (tag)
        {
            case 1:
                var taken = (ShareTaken?)value;
                codec.Open("shareTaken", 1);
                BirthShare share = BirthShare.Shape(ref codec, taken?.Share);
                fact = taken ?? new ShareTaken(share);
                break;
            case 2:
                var leased = (Leased?)value;
                codec.Open("leased", 5);
                NodeId parent = codec.Node("parent", leased?.Parent ?? default);
                byte[] key = codec.Bytes("parentKey", leased?.ParentKey ?? [], Enrol.PublicKeyLength);
                uint quota = (uint)codec.Integer("quota", leased?.Quota ?? 0, 0, uint.MaxValue);
                BirthLeased lease = BirthLeased.Shape(ref codec, leased?.Lease);
                Instant showBy = codec.Moment("showBy", leased?.ShowBy ?? default);
                fact = leased ?? new Leased(parent, key, quota, lease, showBy);
                break;
            case 3:
                var born = (Born?)value;
                codec.Open("born", 2);
                BirthCertificate certificate = BirthCertificate.Shape(ref codec, born?.Certificate);
                Instant bornAt = codec.Moment("at", born?.At ?? default);
                fact = born ?? new Born(certificate, bornAt);
                break;
            case 4:
                var barred = (Barred?)value;
                codec.Open("barred", 2);
                BirthCertificate second = BirthCertificate.Shape(ref codec, barred?.Second);
                Instant barredAt = codec.Moment("at", barred?.At ?? default);
                fact = barred ?? new Barred(second, barredAt);
                break;
            case 5:
                var ended = (LeaseEnded?)value;
                codec.Open("leaseEnded", 1);
                ulong over = codec.Count("lease", ended?.Lease ?? 0);
                fact = ended ?? new LeaseEnded(over);
                break;
            case 6:
                var began = (ProbationBegan?)value;
                codec.Open("probationBegan", 2);
                NodeId child = codec.Node("child", began?.Child ?? default);
                Instant since = codec.Moment("at", began?.At ?? default);
                fact = began ?? new ProbationBegan(child, since);
                break;
            case 8:
                var guest = (ProbationTaken?)value;
                codec.Open("probationTaken", 3);
                NodeId guestNode = codec.Node("child", guest?.Child ?? default);
                BirthTerms terms = BirthTerms.Shape(ref codec, guest?.Terms);
                Instant guestSince = codec.Moment("at", guest?.At ?? default);
                fact = guest ?? new ProbationTaken(guestNode, terms, guestSince);
                break;
            default:
                var proven = (ProbationEnded?)value;
                codec.Open("probationEnded", 1);
                NodeId grown = codec.Node("child", proven?.Child ?? default);
                fact = proven ?? new ProbationEnded(grown);
                break;
        }

        codec.Close();
        return fact;
    }
}

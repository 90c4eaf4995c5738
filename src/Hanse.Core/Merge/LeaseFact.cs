using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Merge;

/// <summary>What a book of leases remembers.</summary>
public abstract record LeaseFact : IShaped<LeaseFact>
{
    private LeaseFact()
    {
    }

    /// <summary>A subject has a holder for a time.</summary>
    public sealed record Granted(Lease Lease) : LeaseFact;

    /// <summary>A lease was taken back before its end.</summary>
    public sealed record Revoked(LeaseSubject Subject, Epoch Epoch) : LeaseFact;

    /// <summary>Leases that ended by then are forgotten; their epochs still fence.</summary>
    public sealed record Pruned(Instant Before) : LeaseFact;

    /// <summary>The subject is over and is forgotten, epochs included.</summary>
    public sealed record Closed(LeaseSubject Subject) : LeaseFact;

    /// <inheritdoc/>
    public static LeaseFact Shape<TCodec>(ref TCodec codec, LeaseFact? value)
        where TCodec : struct, ICodec
    {
        long tag = codec.Case("fact", value switch
        {
            null => 0,
            Granted => 1,
            Revoked => 2,
            Pruned => 3,
            Closed => 4,
            _ => throw new UnreachableException(),
        }, 4);
        LeaseFact fact;
        switch (tag)
        {
            case 1:
                var granted = (Granted?)value;
                codec.Open("granted", 1);
                Lease lease = Lease.Shape(ref codec, granted?.Lease);
                fact = granted ?? new Granted(lease);
                break;
            case 2:
                var revoked = (Revoked?)value;
                codec.Open("revoked", 2);
                LeaseSubject taken = LeaseSubject.Shape(ref codec, "subject", revoked?.Subject ?? default);
                Epoch epoch = codec.Epoch("epoch", revoked?.Epoch ?? default);
                fact = revoked ?? new Revoked(taken, epoch);
                break;
            case 3:
                var pruned = (Pruned?)value;
                codec.Open("pruned", 1);
                Instant before = codec.Moment("before", pruned?.Before ?? default);
                fact = pruned ?? new Pruned(before);
                break;
            default:
                var closed = (Closed?)value;
                codec.Open("closed", 1);
                LeaseSubject over = LeaseSubject.Shape(ref codec, "subject", closed?.Subject ?? default);
                fact = closed ?? new Closed(over);
                break;
        }

        codec.Close();
        return fact;
    }
}

using System;

namespace Hanse.Skills.Trust;

/// <summary>Why metadata or a target is not trusted. The numbers are on record.</summary>
public enum TrustReason
{
    /// <summary>It is.</summary>
    None = 0,

    /// <summary>Fewer keys of the role signed than it takes.</summary>
    TooFewSignatures = 1,

    /// <summary>Fewer keys than it takes, and a signature of one of the role's keys does not hold.</summary>
    BadSignature = 2,

    /// <summary>Only keys signed that are none of the role's.</summary>
    UnknownKey = 3,

    /// <summary>It is older than what was trusted before, or leaves out what was listed.</summary>
    Rollback = 4,

    /// <summary>It has expired: somebody may be holding back what is newer.</summary>
    Expired = 5,

    /// <summary>Files of different times are put together: one is not what another says of it.</summary>
    MixAndMatch = 6,

    /// <summary>A file is longer than allowed, or than was said of it. It was not read.</summary>
    EndlessData = 7,

    /// <summary>It is metadata of another role.</summary>
    WrongType = 8,

    /// <summary>It is no metadata of this kind.</summary>
    Malformed = 9,

    /// <summary>A file is not there.</summary>
    Missing = 10,

    /// <summary>No role that may vouch for it does.</summary>
    NoSuchTarget = 11,

    /// <summary>The target is not of the length that is vouched for.</summary>
    WrongLength = 12,

    /// <summary>The target is not of the digest that is vouched for.</summary>
    WrongHash = 13,
}

/// <summary>Metadata is not trusted. Never leaves this project: it becomes a reason and a
/// sentence.</summary>
public sealed class TrustRefusedException : Exception
{
    /// <summary>Something is wrong somewhere.</summary>
    public TrustRefusedException()
    {
    }

    /// <summary>What is wrong.</summary>
    public TrustRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>What is wrong, and why.</summary>
    public TrustRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>What is wrong, and of which kind that is.</summary>
    public TrustRefusedException(TrustReason reason, string message)
        : base(message) => Reason = reason;

    /// <summary>The kind.</summary>
    public TrustReason Reason { get; } = TrustReason.Malformed;
}

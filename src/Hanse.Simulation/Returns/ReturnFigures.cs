using System.Collections.Immutable;

namespace Hanse.Simulation.Returns;

/// <summary>What one return of a whole month costs, measured end to end on one core.</summary>
public sealed record ReturnFigures
{
    /// <summary>How much the node wrote.</summary>
    public required string Profile { get; init; }

    /// <summary>Days it was away.</summary>
    public required double Days { get; init; }

    /// <summary>All of it follows from this.</summary>
    public required ulong Seed { get; init; }

    /// <summary>What the return is found to be.</summary>
    public required string Verdict { get; init; }

    /// <summary>Reasons given, with how often.</summary>
    public required ImmutableArray<string> Reasons { get; init; }

    /// <summary>Whether times are processor time of the thread; otherwise they are wall time.</summary>
    public required bool IsProcessorTime { get; init; }

    /// <summary>Blocks of the journal.</summary>
    public required long Blocks { get; init; }

    /// <summary>Entries of all blocks.</summary>
    public required long Entries { get; init; }

    /// <summary>Readings of all entries.</summary>
    public required long Observations { get; init; }

    /// <summary>Decisions of all blocks.</summary>
    public required long Decisions { get; init; }

    /// <summary>Decisions taken again.</summary>
    public required long DecisionsReplayed { get; init; }

    /// <summary>Signatures verified.</summary>
    public required long Signatures { get; init; }

    /// <summary>Raw leaves that the generated segments hold; a terabyte would be 15,258,790.</summary>
    public required long RawLeaves { get; init; }

    /// <summary>Bytes of the signed heads.</summary>
    public required long NoteBytes { get; init; }

    /// <summary>Bytes of the upload: the journal's blocks.</summary>
    public required long JournalBytes { get; init; }

    /// <summary>The same under DEFLATE at its fastest, for comparison; it is not used.</summary>
    public required long DeflatedBytes { get; init; }

    /// <summary>One audit for each unit that can be shipped: the first is the one whose times are
    /// stated.</summary>
    public required ImmutableArray<AuditFigures> Audits { get; init; }

    /// <summary>Processor time of every stage in seconds, of the best of some runs.</summary>
    public required StageSeconds Seconds { get; init; }

    /// <summary>Bytes allocated by the hub for the return.</summary>
    public required long Allocated { get; init; }

    /// <summary>Measured speed of the base library's SHA-256, in bytes per second.</summary>
    public required double HashBytesPerSecond { get; init; }

    /// <summary>Core-seconds for the returns of a day of a fleet of 5,000: 166.</summary>
    public double DaySeconds => Seconds.Total * 5_000 / 30;

    /// <summary>Core-seconds for all 5,000 in a day.</summary>
    public double StormSeconds => Seconds.Total * 5_000;

    /// <summary>Seconds to hash a terabyte of raw log at the measured speed: what full validation costs at
    /// the very least.</summary>
    public double FullHashSeconds => 1e12 / HashBytesPerSecond;

    /// <summary>Bytes on the wire with an audit.</summary>
    public long WireBytes(AuditFigures audit) => NoteBytes + JournalBytes + audit.Bytes + audit.ProofBytes;
}

/// <summary>What an audit showed and shipped.</summary>
/// <param name="Unit">A block of 1 KiB or a leaf of 64 KiB.</param>
/// <param name="Shown">Places answered for: drawn at random and cited.</param>
/// <param name="Bytes">Of blocks or leaves.</param>
/// <param name="ProofBytes">Of their paths.</param>
/// <param name="Seconds">Processor time to check them.</param>
public sealed record AuditFigures(string Unit, int Shown, long Bytes, long ProofBytes, double Seconds);

/// <summary>Processor time of a return by stage, in seconds.</summary>
public sealed record StageSeconds(
    double Heads, double Journal, double Signatures, double Decisions, double Audit)
{
    /// <summary>All of it.</summary>
    public double Total => Heads + Journal + Signatures + Decisions + Audit;
}

/// <summary>One line of the airtime of returns.</summary>
/// <param name="Profile">How much the node wrote.</param>
/// <param name="Unit">What the audit ships.</param>
/// <param name="BitsPerSecond">Rate of the channel.</param>
/// <param name="Nodes">How many share it.</param>
/// <param name="Bytes">Of one return.</param>
/// <param name="HoursOnAir">In which the channel is busy with one return.</param>
/// <param name="HoursUntilHome">Until all of them are home, windows and waiting included.</param>
public sealed record AirtimeLine(
    string Profile, string Unit, int BitsPerSecond, int Nodes, long Bytes, double HoursOnAir,
    double HoursUntilHome);

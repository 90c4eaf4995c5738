using System;
using System.Collections.Immutable;
using Hanse.Core.Estimate;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

/// <summary>A node as its hub last accepted it: the fold of the validated part of its journal, and the base
/// that its next return is judged from.</summary>
public sealed record AcceptedState : IShaped<AcceptedState>
{
    /// <summary>Most former keys remembered; the oldest is forgotten.</summary>
    public const int FormerKeysMax = 16;

    /// <summary>The number of resources.</summary>
    public const int Resources = 4;

    private const int SensorsMax = 3;

    /// <summary>Peaks of the tree over the accepted blocks, largest first: with <see cref="Head"/>, a
    /// <see cref="Frontier"/>.</summary>
    public required ImmutableArray<Digest> Peaks { get; init; }

    /// <summary>Size and root of the accepted journal.</summary>
    public required TreeHead Head { get; init; }

    /// <summary>The signed note of that head; empty when nothing was accepted yet. With another note of the
    /// same size it is evidence.</summary>
    public required byte[] Note { get; init; }

    /// <summary>The key that signs, 32 bytes.</summary>
    public required byte[] Key { get; init; }

    /// <summary>Ids of keys that signed before, oldest first: see <see cref="NoteKey.KeyId"/>.</summary>
    public required ImmutableArray<ulong> FormerKeys { get; init; }

    /// <summary>The last boot.</summary>
    public required uint Boot { get; init; }

    /// <summary>The node's clock after the last accepted entry.</summary>
    public required Instant At { get; init; }

    /// <summary>Measured digest of the core since the last boot.</summary>
    public required Digest Core { get; init; }

    /// <summary>Digests of the skills it may run since then.</summary>
    public required ImmutableArray<Digest> Skills { get; init; }

    /// <summary>Levels by the node's own books, one for each <see cref="Resource"/>.</summary>
    public required ImmutableArray<ulong> Levels { get; init; }

    /// <summary>The number of the next raw segment.</summary>
    public required uint Segment { get; init; }

    /// <summary>Returns without a fault since the last one with one.</summary>
    public required int CleanReturns { get; init; }

    // What is believed of its sensors for cargo, propellant and wear.
    internal ImmutableArray<Calibration> Sensors { get; init; } = [];

    /// <summary>A node that has been enrolled and has not returned yet.</summary>
    /// <param name="key">The public key it was enrolled with, 32 bytes.</param>
    /// <param name="levels">What was aboard then, one for each resource.</param>
    public static AcceptedState Enrolled(byte[] key, ImmutableArray<ulong> levels) => new()
    {
        Peaks = [],
        Head = TreeHead.Empty,
        Note = [],
        Key = key,
        FormerKeys = [],
        Boot = 0,
        At = Instant.Epoch,
        Core = default,
        Skills = [],
        Levels = levels,
        Segment = 0,
        CleanReturns = 0,
    };

    /// <summary>A node by the enrolment that it sent: its tanks are as full as its first plan says.</summary>
    public static AcceptedState Enrolled(Enrol enrol)
    {
        long propellant = 0;
        foreach (Track track in enrol.Plan.Tracks)
        {
            propellant = track.Variable == Variable.Propellant ? track.Knots[0].Value : propellant;
        }

        return Enrolled(enrol.PublicKey, [0, (ulong)Math.Max(0, propellant), 0, 0]);
    }

    /// <inheritdoc/>
    public static AcceptedState Shape<TCodec>(ref TCodec codec, AcceptedState? value)
        where TCodec : struct, ICodec
    {
        codec.Open("accepted", 17);
        ImmutableArray<Digest> peaks = Digest.Fields(ref codec, "peaks", value?.Peaks ?? [], 63);
        ulong size = (ulong)codec.Integer("size", (long)(value?.Head.Size ?? 0), 0, long.MaxValue);
        Digest root = Digest.Field(ref codec, "root", value?.Head.Root ?? default);
        byte[] note = codec.Bytes("note", value?.Note ?? [], NoteText.BytesMax);
        byte[] key = codec.Bytes("key", value?.Key ?? [], NoteKey.Ed25519Length);
        ImmutableArray<ulong> former = codec.Numbers("formerKeys", value?.FormerKeys ?? [], FormerKeysMax);
        uint boot = (uint)codec.Integer("boot", value?.Boot ?? 0, 0, uint.MaxValue);
        Instant at = codec.Moment("at", value?.At ?? default);
        Digest core = Digest.Field(ref codec, "core", value?.Core ?? default);
        ImmutableArray<Digest> skills =
            Digest.Fields(ref codec, "skills", value?.Skills ?? [], Entry.SkillsMax);
        ImmutableArray<ulong>.Builder levels = ImmutableArray.CreateBuilder<ulong>(Resources);
        for (int i = 0; i < Resources; i++)
        {
            levels.Add((ulong)codec.Integer("level", (long)(value?.Levels[i] ?? 0), 0, long.MaxValue));
        }

        uint segment = (uint)codec.Integer("segment", value?.Segment ?? 0, 0, uint.MaxValue);
        int clean = codec.Number("cleanReturns", value?.CleanReturns ?? 0);
        ImmutableArray<Calibration> sensors = codec.List("sensors", value?.Sensors ?? [], SensorsMax);
        codec.Close();
        if (codec.IsReading && !codec.Failed && key.Length != NoteKey.Ed25519Length)
        {
            codec.Refuse("the key of an accepted state must be 32 bytes");
        }

        return value ?? new AcceptedState
        {
            Peaks = peaks,
            Head = new TreeHead(size, root),
            Note = note,
            Key = key,
            FormerKeys = former,
            Boot = boot,
            At = at,
            Core = core,
            Skills = skills,
            Levels = levels.ToImmutable(),
            Segment = segment,
            CleanReturns = clean,
            Sensors = sensors,
        };
    }
}

using System.Collections.Immutable;
using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Journal;

/// <summary>One thing that a machine answers for: an entry of its attested journal.</summary>
/// <remarks>
/// The problem: a node remembers much that is nobody's business (retries, random draws, queues), and its hub
/// must be able to check, keep and audit what it did for decades. The idea: two schemas. Working facts
/// (<c>NodeFact</c>) stay on the machine and change with its software; attested entries are this closed set,
/// which only grows, is hashed into a <see cref="Block"/>, signed in a checkpoint and shipped.
/// <para>
/// Invariants. A case keeps its number and its bytes for ever; a new one gets a new number. Quantities are
/// whole numbers in the unit of their <see cref="Resource"/>. An entry says what the machine decided, took,
/// moved or read; never what somebody else said, which is in that one's own journal. Deliberately absent:
/// raw sensor logs, of which only the roots of sealed segments are attested, and free text. A hub's region
/// has a set of its own behind one case, <see cref="Regional"/>: what is a node's stands in no hub's journal,
/// and the other way round.
/// </para>
/// </remarks>
public abstract record Entry : IShaped<Entry>
{
    /// <summary>The number of cases.</summary>
    internal const int CasesMax = 16;

    /// <summary>Most bytes of a decision's recorded inputs, or of its output.</summary>
    public const int DecisionBytesMax = 1024;

    /// <summary>Most raw leaves that a decision cites.</summary>
    public const int CitesMax = 16;

    /// <summary>Most skills in a manifest.</summary>
    public const int SkillsMax = 64;

    /// <summary>Most bytes of packed observations in one entry.</summary>
    public const int ColumnsBytesMax = 60 * 1024;

    /// <summary>A sighting of a site's grade names the commodity by its number, and this much more when it
    /// was dug and not surveyed.</summary>
    public const int DugQuantity = 16;

    private Entry()
    {
    }

    /// <summary>The machine began to run: the software it measured at start. Decisions name a skill by its
    /// place in the latest manifest.</summary>
    /// <param name="Boot">Counted by the machine.</param>
    /// <param name="Core">Measured digest of the immutable core.</param>
    /// <param name="Skills">Digests of the skills it may run.</param>
    public sealed record Booted(uint Boot, Digest Core, ImmutableArray<Digest> Skills) : Entry;

    /// <summary>Later checkpoints are signed with another key; this one is still signed with the
    /// former.</summary>
    public sealed record KeyChanged(byte[] PublicKey) : Entry;

    /// <summary>The machine's clock was set.</summary>
    public sealed record ClockStepped(Instant Before, Instant After) : Entry;

    /// <summary>Nothing was recorded in between: the machine was off, or out of room.</summary>
    public sealed record Gap(Instant From, Instant Until) : Entry;

    /// <summary>What the machine meant to do from here on.</summary>
    public sealed record Planned(Plan Plan) : Entry;

    /// <summary>Readings that left their dead bands, in packed <see cref="Columns"/>.</summary>
    public sealed record Observed(byte[] Packed) : Entry;

    /// <summary>Something conserved came aboard, left or was used up.</summary>
    /// <param name="Resource">What.</param>
    /// <param name="Cause">How; it also says in which direction.</param>
    /// <param name="Amount">Never negative; in the resource's unit.</param>
    /// <param name="Reference">The docking, site or repair it belongs to.</param>
    public sealed record Moved(Resource Resource, Cause Cause, long Amount, ulong Reference) : Entry;

    /// <summary>What the machine's own sensor said of a level, to be held against the movements.</summary>
    public sealed record Counted(Resource Resource, long Level) : Entry;

    /// <summary>Cargo was unloaded at a depot; it leaves the machine's books by this entry.</summary>
    /// <param name="Depot">Where.</param>
    /// <param name="Docking">The machine's count of its dockings.</param>
    /// <param name="Contract">What it was for; zero when there was none.</param>
    /// <param name="Epoch">The contract's epoch.</param>
    /// <param name="Commodity">What it was.</param>
    /// <param name="Claimed">By the machine's own sensor; the depot's scale is the other half.</param>
    public sealed record Unloaded(
        DepotId Depot, uint Docking, ContractId Contract, Epoch Epoch, Commodity Commodity, Grams Claimed)
        : Entry;

    /// <summary>The machine began to use something that only one may use.</summary>
    public sealed record LeaseTaken(LeaseKind Kind, ulong Subject, Epoch Epoch, Instant Until) : Entry;

    /// <summary>It ceased to.</summary>
    public sealed record LeaseLeft(LeaseKind Kind, ulong Subject, Epoch Epoch) : Entry;

    /// <summary>It spent of a quota that it was given before it went dark.</summary>
    public sealed record QuotaSpent(ulong Quota, long Amount) : Entry;

    /// <summary>A decision, with all that is needed to take it again.</summary>
    /// <param name="Class">Whether somebody could come to harm by it.</param>
    /// <param name="Skill">Place in the latest manifest.</param>
    /// <param name="Input">What it was decided on, recorded bit for bit.</param>
    /// <param name="Output">What was decided.</param>
    /// <param name="Cites">Raw leaves the input was read from: segment x 16384 + leaf.</param>
    public sealed record Decided(
        DecisionClass Class, int Skill, byte[] Input, byte[] Output, ImmutableArray<ulong> Cites) : Entry;

    /// <summary>A segment of the raw log was closed; its leaves stay on the machine under a root.</summary>
    /// <param name="Segment">Counted from zero.</param>
    /// <param name="Leaves">Number of leaves of 64 KiB; at most 16,384.</param>
    /// <param name="Root">RFC 6962 root over the leaves.</param>
    public sealed record RawSealed(uint Segment, int Leaves, Digest Root) : Entry;

    /// <summary>What the machine saw of something that others see as well.</summary>
    /// <param name="Subject">A site or another subject of the shared map.</param>
    /// <param name="Quantity">Which property of it.</param>
    /// <param name="Value">What it saw.</param>
    /// <param name="Sigma">One standard deviation, in the same unit; positive.</param>
    public sealed record Sighted(ulong Subject, int Quantity, long Value, long Sigma) : Entry;

    /// <summary>Something of a region's affairs; in a hub's journal only.</summary>
    public sealed record Regional(RegionEntry What) : Entry;

    /// <summary>Whether a machine of a kind may attest this.</summary>
    public bool MayBeOf(PartyKind kind) => MayBeOf(kind, Tag(this));

    /// <summary>Whether a machine of a kind may attest a case. Boots, keys, clocks and gaps are
    /// everybody's.</summary>
    internal static bool MayBeOf(PartyKind kind, long tag) =>
        tag <= 4 || (tag == CasesMax) == (kind == PartyKind.Hub);

    /// <inheritdoc/>
    public static Entry Shape<TCodec>(ref TCodec codec, Entry? value)
        where TCodec : struct, ICodec
    {
        long tag = codec.Case("entry", Tag(value), CasesMax);
        Entry entry;
        switch (tag)
        {
            case 1:
                var booted = (Booted?)value;
                codec.Open("booted", 3);
                uint boot = (uint)codec.Integer("boot", booted?.Boot ?? 0, 0, uint.MaxValue);
                Digest core = Digest.Field(ref codec, "core", booted?.Core ?? default);
                ImmutableArray<Digest> skills =
                    Digest.Fields(ref codec, "skills", booted?.Skills ?? [], SkillsMax);
                entry = booted ?? new Booted(boot, core, skills);
                break;
            case 2:
                var key = (KeyChanged?)value;
                codec.Open("keyChanged", 1);
                byte[] publicKey = codec.Bytes("publicKey", key?.PublicKey ?? [], Enrol.PublicKeyLength);
                RefuseUnless(
                    ref codec, publicKey.Length == Enrol.PublicKeyLength, "publicKey must be 32 bytes");
                entry = key ?? new KeyChanged(publicKey);
                break;
            case 3:
                var stepped = (ClockStepped?)value;
                codec.Open("clockStepped", 2);
                Instant before = Block.Moment(ref codec, "before", stepped?.Before ?? default);
                Instant after = Block.Moment(ref codec, "after", stepped?.After ?? default);
                entry = stepped ?? new ClockStepped(before, after);
                break;
            case 4:
                var gap = (Gap?)value;
                codec.Open("gap", 2);
                Instant from = Block.Moment(ref codec, "from", gap?.From ?? default);
                Instant until = Block.Moment(ref codec, "until", gap?.Until ?? default);
                entry = gap ?? new Gap(from, until);
                break;
            case 5:
                var planned = (Planned?)value;
                codec.Open("planned", 1);
                Plan plan = Plan.Shape(ref codec, planned?.Plan);
                entry = planned ?? new Planned(plan);
                break;
            case 6:
                var observed = (Observed?)value;
                codec.Open("observed", 1);
                byte[] packed = codec.Bytes("packed", observed?.Packed ?? [], ColumnsBytesMax);
                entry = observed ?? new Observed(packed);
                break;
            case 7:
                var moved = (Moved?)value;
                codec.Open("moved", 4);
                var resource = (Resource)codec.Integer("resource", (long)(moved?.Resource ?? 0), 1, 4);
                var cause = (Cause)codec.Integer("cause", (long)(moved?.Cause ?? 0), 1, 7);
                long amount = codec.Integer("amount", moved?.Amount ?? 0, 0, Knot.ValueMax);
                ulong reference = Whole(ref codec, "reference", moved?.Reference ?? 0);
                entry = moved ?? new Moved(resource, cause, amount, reference);
                break;
            case 8:
                var counted = (Counted?)value;
                codec.Open("counted", 2);
                var what = (Resource)codec.Integer("resource", (long)(counted?.Resource ?? 0), 1, 4);
                long level = codec.Integer("level", counted?.Level ?? 0, -Knot.ValueMax, Knot.ValueMax);
                entry = counted ?? new Counted(what, level);
                break;
            case 9:
                var unloaded = (Unloaded?)value;
                codec.Open("unloaded", 6);
                DepotId depot = codec.Depot("depot", unloaded?.Depot ?? default);
                uint docking = (uint)codec.Integer("docking", unloaded?.Docking ?? 0, 0, uint.MaxValue);
                ContractId contract = codec.Contract("contract", unloaded?.Contract ?? default);
                Epoch contractEpoch = codec.Epoch("epoch", unloaded?.Epoch ?? default);
                var commodity = (Commodity)codec.Integer("commodity", (long)(unloaded?.Commodity ?? 0), 1, 4);
                Grams claimed = codec.Mass("claimed", unloaded?.Claimed ?? default);
                entry = unloaded
                    ?? new Unloaded(depot, docking, contract, contractEpoch, commodity, claimed);
                break;
            case 10:
                var taken = (LeaseTaken?)value;
                codec.Open("leaseTaken", 4);
                var kind = (LeaseKind)codec.Integer("kind", (long)(taken?.Kind ?? 0), 1, 4);
                ulong subject = Whole(ref codec, "subject", taken?.Subject ?? 0);
                Epoch epoch = codec.Epoch("epoch", taken?.Epoch ?? default);
                Instant ends = Block.Moment(ref codec, "until", taken?.Until ?? default);
                entry = taken ?? new LeaseTaken(kind, subject, epoch, ends);
                break;
            case 11:
                var left = (LeaseLeft?)value;
                codec.Open("leaseLeft", 3);
                var leftKind = (LeaseKind)codec.Integer("kind", (long)(left?.Kind ?? 0), 1, 4);
                ulong leftSubject = Whole(ref codec, "subject", left?.Subject ?? 0);
                Epoch leftEpoch = codec.Epoch("epoch", left?.Epoch ?? default);
                entry = left ?? new LeaseLeft(leftKind, leftSubject, leftEpoch);
                break;
            case 12:
                var spent = (QuotaSpent?)value;
                codec.Open("quotaSpent", 2);
                ulong quota = Whole(ref codec, "quota", spent?.Quota ?? 0);
                long spentAmount = codec.Integer("amount", spent?.Amount ?? 0, 0, Knot.ValueMax);
                entry = spent ?? new QuotaSpent(quota, spentAmount);
                break;
            case 13:
                var decided = (Decided?)value;
                codec.Open("decided", 5);
                var weight = (DecisionClass)codec.Integer("class", (long)(decided?.Class ?? 0), 1, 2);
                int skill = (int)codec.Integer("skill", decided?.Skill ?? 0, 0, SkillsMax - 1);
                byte[] input = codec.Bytes("input", decided?.Input ?? [], DecisionBytesMax);
                byte[] output = codec.Bytes("output", decided?.Output ?? [], DecisionBytesMax);
                ImmutableArray<ulong> cites = codec.Numbers("cites", decided?.Cites ?? [], CitesMax);
                entry = decided ?? new Decided(weight, skill, input, output, cites);
                break;
            case 14:
                var raw = (RawSealed?)value;
                codec.Open("rawSealed", 3);
                uint segment = (uint)codec.Integer("segment", raw?.Segment ?? 0, 0, uint.MaxValue);
                int leaves = (int)codec.Integer("leaves", raw?.Leaves ?? 0, 1, RawLog.SegmentLeavesMax);
                Digest root = Digest.Field(ref codec, "root", raw?.Root ?? default);
                entry = raw ?? new RawSealed(segment, leaves, root);
                break;
            case 16:
                var regional = (Regional?)value;
                codec.Open("regional", 2);
                RegionEntry of = RegionEntry.Shape(ref codec, regional?.What);
                entry = regional ?? new Regional(of);
                break;
            default:
                var sighted = (Sighted?)value;
                codec.Open("sighted", 4);
                ulong seen = Whole(ref codec, "subject", sighted?.Subject ?? 0);
                int quantity = codec.Number("quantity", sighted?.Quantity ?? 0);
                long read = codec.Integer("value", sighted?.Value ?? 0, -Knot.ValueMax, Knot.ValueMax);
                long sigma = codec.Integer("sigma", sighted?.Sigma ?? 0, 1, Knot.ValueMax);
                entry = sighted ?? new Sighted(seen, quantity, read, sigma);
                break;
        }

        codec.Close();
        return entry;
    }

    private static ulong Whole<TCodec>(ref TCodec codec, string name, ulong value)
        where TCodec : struct, ICodec => (ulong)codec.Integer(name, (long)value, 0, long.MaxValue);

    private static void RefuseUnless<TCodec>(ref TCodec codec, bool holds, string reason)
        where TCodec : struct, ICodec
    {
        if (codec.IsReading && !codec.Failed && !holds)
        {
            codec.Refuse(reason);
        }
    }

    private static long Tag(Entry? entry) => entry switch
    {
        null => 0,
        Booted => 1,
        KeyChanged => 2,
        ClockStepped => 3,
        Gap => 4,
        Planned => 5,
        Observed => 6,
        Moved => 7,
        Counted => 8,
        Unloaded => 9,
        LeaseTaken => 10,
        LeaseLeft => 11,
        QuotaSpent => 12,
        Decided => 13,
        RawSealed => 14,
        Sighted => 15,
        Regional => 16,
        _ => throw new UnreachableException(),
    };
}

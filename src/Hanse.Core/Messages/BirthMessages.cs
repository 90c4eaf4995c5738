using System;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Messages;

/// <summary>Numbers of nodes that may be born: each of them is a right to one birth.</summary>
/// <param name="First">The first; positive.</param>
/// <param name="Count">How many; positive, but for none at all.</param>
public readonly record struct BirthRange(uint First, uint Count)
{
    /// <summary>Most numbers of a range: so many nodes are more than a hub enrols.</summary>
    public const uint CountMax = 1_000_000;

    /// <summary>The number after the last.</summary>
    public ulong End => (ulong)First + Count;

    /// <summary>Whether it can be: numbers of nodes, of which there is a last one.</summary>
    public bool IsSound => First > 0 && Count is > 0 and <= CountMax && End <= uint.MaxValue;

    /// <summary>Whether a number is one of it.</summary>
    public bool Has(NodeId node) => node.Value >= First && node.Value < End;

    /// <summary>Whether two ranges have a number in common.</summary>
    public bool Overlaps(BirthRange other) => First < other.End && other.First < End;

    /// <summary>Two fields of the record that is open.</summary>
    internal static BirthRange Fields<TCodec>(ref TCodec codec, BirthRange value, uint most = CountMax)
        where TCodec : struct, ICodec
    {
        uint first = (uint)codec.Integer("first", value.First, 0, uint.MaxValue);
        uint count = (uint)codec.Integer("count", value.Count, 0, most);
        return new BirthRange(first, count);
    }
}

/// <summary>What may be born, until when, and how the young are kept; operators have signed it.</summary>
/// <param name="Classes">Capability classes, rising.</param>
/// <param name="GenerationMin">The oldest hardware generation.</param>
/// <param name="GenerationMax">The newest.</param>
/// <param name="Until">When births under it end; whole second.</param>
/// <param name="LeaseTime">How long a parent may use what it was given.</param>
/// <param name="ShowTime">How long after that a child may still come with its certificate.</param>
/// <param name="Probation">How long a child is on probation, from the day it is enrolled.</param>
/// <param name="ProbationContracts">So many contracts it must have settled by then; if not, it stays on
/// probation until it has.</param>
/// <param name="WorthMax">What a contract of a child on probation is worth at most.</param>
public sealed record BirthTerms(
    ImmutableArray<int> Classes, int GenerationMin, int GenerationMax, Instant Until, TimeSpan LeaseTime,
    TimeSpan ShowTime, TimeSpan Probation, int ProbationContracts, Credits WorthMax) : IShaped<BirthTerms>
{
    /// <summary>Most classes.</summary>
    public const int ClassesMax = 16;

    /// <summary>Whether it can be meant.</summary>
    public bool IsSound => Classes.Length is > 0 and <= ClassesMax && Increases() && GenerationMin > 0
        && GenerationMin <= GenerationMax && LeaseTime > TimeSpan.Zero && ShowTime > TimeSpan.Zero;

    /// <summary>Whether a child has proven itself that has been a node for so long and has settled so many
    /// contracts.</summary>
    internal bool IsProbationOver(TimeSpan since, int settled) =>
        since >= Probation && settled >= ProbationContracts;

    /// <summary>Whether a machine of this class and generation may be born under it.</summary>
    public bool Allows(int machineClass, int generation) =>
        Classes.BinarySearch(machineClass) >= 0 && generation >= GenerationMin && generation <= GenerationMax;

    /// <inheritdoc/>
    public static BirthTerms Shape<TCodec>(ref TCodec codec, BirthTerms? value)
        where TCodec : struct, ICodec
    {
        codec.Open("birthTerms", 9);
        int count = codec.OpenList("classes", value?.Classes.Length ?? 0, ClassesMax);
        ImmutableArray<int>.Builder classes = ImmutableArray.CreateBuilder<int>(count);
        for (int i = 0; i < count && !codec.Failed; i++)
        {
            classes.Add(codec.Number("class", value?.Classes[i] ?? 0));
        }

        codec.CloseList();
        int from = codec.Number("generationMin", value?.GenerationMin ?? 0);
        int to = codec.Number("generationMax", value?.GenerationMax ?? 0);
        Instant until = codec.Second("until", value?.Until ?? default);
        TimeSpan lease = codec.Duration("leaseTime", value?.LeaseTime ?? default);
        TimeSpan show = codec.Duration("showTime", value?.ShowTime ?? default);
        TimeSpan probation = codec.Duration("probation", value?.Probation ?? default);
        int contracts = codec.Number("probationContracts", value?.ProbationContracts ?? 0);
        Credits worth = codec.Money("worthMax", value?.WorthMax ?? default);
        codec.Close();
        return value ?? new BirthTerms(
            classes.ToImmutable(), from, to, until, lease, show, probation, contracts, worth);
    }

    private bool Increases()
    {
        bool increases = true;
        for (int i = 1; i < Classes.Length; i++)
        {
            increases &= Classes[i] > Classes[i - 1];
        }

        return increases;
    }
}

/// <summary>Why a birth, or a lease of births, was not taken. The numbers are on the wire.</summary>
public enum BirthRefusal
{
    /// <summary>It was.</summary>
    None = 0,

    /// <summary>No such lease, or its time and that of its children is over.</summary>
    NoLease = 1,

    /// <summary>The number was born under another key: the parent has signed it twice.</summary>
    Spent = 2,

    /// <summary>Too late: the quota's time is over, or the certificate is younger than its lease.</summary>
    Expired = 3,

    /// <summary>The parent does not belong to this hub, or the certificate is signed by another
    /// key.</summary>
    UnknownParent = 4,

    /// <summary>The parent is in quarantine: it may be taken when an operator has looked.</summary>
    ParentDoubted = 5,

    /// <summary>The parent has signed a number twice, and bears nobody any more.</summary>
    ParentBarred = 6,

    /// <summary>Not this class and generation.</summary>
    WrongClass = 7,

    /// <summary>The key is another node's.</summary>
    KeyTaken = 8,

    /// <summary>The number is another node's, or none of this lease.</summary>
    NumberTaken = 9,

    /// <summary>The roster is full.</summary>
    RosterFull = 10,

    /// <summary>Nothing is left to give: no quota, or all of it is given.</summary>
    NoneLeft = 11,

    /// <summary>A child of the parent on probation is in quarantine: no more until that is settled.</summary>
    ChildDoubted = 12,

    /// <summary>The parent is retired.</summary>
    ParentRetired = 13,
}

/// <summary>Strategic layer to hub: this share of a quota of births is the region's, and the working capital
/// of those that will be born.</summary>
/// <param name="Quota">Which quota.</param>
/// <param name="Range">The numbers.</param>
/// <param name="Terms">As signed.</param>
/// <param name="Transfer">What brings the capital.</param>
/// <param name="Seed">The capital.</param>
public sealed record BirthShare(
    uint Quota, BirthRange Range, BirthTerms Terms, TransferId Transfer, Credits Seed)
    : Message, IShaped<BirthShare>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.BirthShare;

    /// <inheritdoc/>
    public static BirthShare Shape<TCodec>(ref TCodec codec, BirthShare? value)
        where TCodec : struct, ICodec
    {
        codec.Open("birthShare", 6);
        uint quota = (uint)codec.Integer("quota", value?.Quota ?? 0, 0, uint.MaxValue);
        BirthRange range = BirthRange.Fields(ref codec, value?.Range ?? default);
        BirthTerms terms = BirthTerms.Shape(ref codec, value?.Terms);
        TransferId transfer = codec.Transfer("transfer", value?.Transfer ?? default);
        Credits seed = codec.Money("seed", value?.Seed ?? default);
        codec.Close();
        return value ?? new BirthShare(quota, range, terms, transfer, seed);
    }
}

/// <summary>Strategic layer to hub: this node, which is yours or about to be, was born and has not proven
/// itself; its probation begins anew with you.</summary>
/// <param name="Node">Which.</param>
/// <param name="Terms">Of the quota that it was born of.</param>
public sealed record NodeProbation(NodeId Node, BirthTerms Terms) : Message, IShaped<NodeProbation>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.NodeProbation;

    /// <inheritdoc/>
    public static NodeProbation Shape<TCodec>(ref TCodec codec, NodeProbation? value)
        where TCodec : struct, ICodec
    {
        codec.Open("nodeProbation", 2);
        NodeId node = codec.Node("node", value?.Node ?? default);
        BirthTerms terms = BirthTerms.Shape(ref codec, value?.Terms);
        codec.Close();
        return value ?? new NodeProbation(node, terms);
    }
}

/// <summary>Node to hub: I can build machines, give me leave to bear so many.</summary>
/// <param name="Number">The node's count of these, rising: one that comes again is answered alike.</param>
/// <param name="Class">Of which class.</param>
/// <param name="Generation">Of which generation.</param>
/// <param name="Count">How many; it may be given fewer.</param>
public sealed record BirthAsked(uint Number, int Class, int Generation, uint Count)
    : Message, IShaped<BirthAsked>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.BirthAsked;

    /// <inheritdoc/>
    public static BirthAsked Shape<TCodec>(ref TCodec codec, BirthAsked? value)
        where TCodec : struct, ICodec
    {
        codec.Open("birthAsked", 4);
        uint number = (uint)codec.Integer("number", value?.Number ?? 0, 1, uint.MaxValue);
        int machineClass = codec.Number("class", value?.Class ?? 0);
        int generation = codec.Number("generation", value?.Generation ?? 0);
        uint count = (uint)codec.Integer("count", value?.Count ?? 0, 1, BirthLeased.CountMax);
        codec.Close();
        return value ?? new BirthAsked(number, machineClass, generation, count);
    }
}

/// <summary>Hub to node: the answer. Numbers that the node, and nobody else, may give to machines that it
/// builds, each once.</summary>
/// <param name="Asked">The question's number.</param>
/// <param name="Reason">Why there is nothing; none otherwise.</param>
/// <param name="Lease">By the hub's count; zero for nothing.</param>
/// <param name="Range">The numbers; none for nothing.</param>
/// <param name="Class">Of which class.</param>
/// <param name="Generation">Of which generation.</param>
/// <param name="Until">When it ends; whole second.</param>
public sealed record BirthLeased(
    uint Asked, BirthRefusal Reason, ulong Lease, BirthRange Range, int Class, int Generation, Instant Until)
    : Message, IShaped<BirthLeased>
{
    /// <summary>Most numbers of a lease.</summary>
    public const uint CountMax = 16;

    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.BirthLeased;

    /// <summary>Whether there is something.</summary>
    public bool IsGiven => Reason == BirthRefusal.None && Lease > 0 && Range.IsSound;

    /// <inheritdoc/>
    public static BirthLeased Shape<TCodec>(ref TCodec codec, BirthLeased? value)
        where TCodec : struct, ICodec
    {
        codec.Open("birthLeased", 8);
        uint asked = (uint)codec.Integer("asked", value?.Asked ?? 0, 1, uint.MaxValue);
        var reason = (BirthRefusal)codec.Integer("reason", (long)(value?.Reason ?? 0), 0, 13);
        ulong lease = codec.Count("lease", value?.Lease ?? 0);
        BirthRange range = BirthRange.Fields(ref codec, value?.Range ?? default, CountMax);
        int machineClass = codec.Number("class", value?.Class ?? 0);
        int generation = codec.Number("generation", value?.Generation ?? 0);
        Instant until = codec.Second("until", value?.Until ?? default);
        codec.Close();
        return value ?? new BirthLeased(asked, reason, lease, range, machineClass, generation, until);
    }
}

/// <summary>Hub to node: its service is over.</summary>
/// <param name="IsOver">False: finish what you carry, give back what you have not begun, take nothing more.
/// True: nothing is owed any more, and this number is nobody's from now on.</param>
public sealed record Retirement(bool IsOver) : Message, IShaped<Retirement>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.Retirement;

    /// <inheritdoc/>
    public static Retirement Shape<TCodec>(ref TCodec codec, Retirement? value)
        where TCodec : struct, ICodec
    {
        codec.Open("retirement", 1);
        bool isOver = codec.Flag("isOver", value?.IsOver ?? false);
        codec.Close();
        return value ?? new Retirement(isOver);
    }
}

/// <summary>What a machine says of one that it has built: this key is this node.</summary>
/// <param name="Region">The region whose hub gave the lease.</param>
/// <param name="Lease">The lease.</param>
/// <param name="Parent">Who built it, and signs this.</param>
/// <param name="Child">Its number, one of the lease's.</param>
/// <param name="PublicKey">Its Ed25519 key, 32 bytes.</param>
/// <param name="Class">Its capability class.</param>
/// <param name="Generation">Its hardware generation.</param>
/// <param name="At">When, by the parent's clock; whole second.</param>
public sealed record BirthCertificate(
    RegionId Region, ulong Lease, NodeId Parent, NodeId Child, byte[] PublicKey, int Class, int Generation,
    Instant At) : IShaped<BirthCertificate>
{
    // So that what was signed for anything else is no certificate.
    private static readonly byte[] _purpose = [.. "hanse/birth/1\n"u8];

    /// <summary>What the parent signs: all of it, and what it is.</summary>
    public byte[] ToSign() => [.. _purpose, .. CborWriter.Bytes(this)];

    /// <summary>Whether another says the same.</summary>
    public bool IsSame(BirthCertificate other) => ToSign().AsSpan().SequenceEqual(other.ToSign());

    /// <inheritdoc/>
    public static BirthCertificate Shape<TCodec>(ref TCodec codec, BirthCertificate? value)
        where TCodec : struct, ICodec
    {
        codec.Open("birthCertificate", 8);
        RegionId region = codec.Region("region", value?.Region ?? default);
        ulong lease = codec.Count("lease", value?.Lease ?? 0);
        NodeId parent = codec.Node("parent", value?.Parent ?? default);
        NodeId child = codec.Node("child", value?.Child ?? default);
        byte[] key = codec.Bytes("publicKey", value?.PublicKey ?? [], Enrol.PublicKeyLength);
        int machineClass = codec.Number("class", value?.Class ?? 0);
        int generation = codec.Number("generation", value?.Generation ?? 0);
        Instant at = codec.Second("at", value?.At ?? default);
        codec.Close();
        if (codec.IsReading && !codec.Failed && (key.Length != Enrol.PublicKeyLength || child.Value == 0))
        {
            codec.Refuse("a certificate is of a child with a number, and its publicKey has 32 bytes");
        }

        return value ?? new BirthCertificate(
            region, lease, parent, child, key, machineClass, generation, at);
    }
}

/// <summary>A certificate with its parent's signature: what a child is given, and shows.</summary>
/// <param name="Certificate">The certificate.</param>
/// <param name="Signature">Ed25519, over <see cref="BirthCertificate.ToSign"/>.</param>
public sealed record SignedBirth(BirthCertificate Certificate, byte[] Signature) : IShaped<SignedBirth>
{
    /// <summary>Bytes of a signature.</summary>
    public const int SignatureLength = 64;

    /// <summary>Most bytes of all of it.</summary>
    public const int BytesMax = 256;

    /// <inheritdoc/>
    public static SignedBirth Shape<TCodec>(ref TCodec codec, SignedBirth? value)
        where TCodec : struct, ICodec
    {
        codec.Open("signedBirth", 2);
        BirthCertificate certificate = BirthCertificate.Shape(ref codec, value?.Certificate);
        byte[] signature = codec.Bytes("signature", value?.Signature ?? [], SignatureLength);
        codec.Close();
        return value ?? new SignedBirth(certificate, signature);
    }
}

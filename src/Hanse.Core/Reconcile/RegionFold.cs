using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

/// <summary>What a hub's return begins from: its region's books as they were last accepted, and what the
/// strategic layer's ledger says.</summary>
public sealed record RegionBase(RegionBooks Books, RegionRecords Records);

/// <summary>What the next hub must know of a node to go on with it.</summary>
/// <param name="Enrol">As it joined.</param>
/// <param name="Accepted">Canonical bytes of its accepted state; empty before its first return.</param>
public sealed record Dossier(Enrol Enrol, byte[] Accepted) : IShaped<Dossier>
{
    /// <summary>Blocks of its journal that are accepted.</summary>
    public ulong Blocks => State.Head.Size;

    /// <summary>The accepted state; that of a new node when there is no other.</summary>
    public AcceptedState State =>
        CborReader.TryRead(Accepted, out AcceptedState? state, out _) ? state : AcceptedState.Enrolled(Enrol);

    /// <inheritdoc/>
    public static Dossier Shape<TCodec>(ref TCodec codec, Dossier? value)
        where TCodec : struct, ICodec
    {
        codec.Open("dossier", 2);
        Enrol enrol = Enrol.Shape(ref codec, value?.Enrol);
        byte[] accepted = codec.Bytes("accepted", value?.Accepted ?? [], RegionEntry.AcceptedBytesMax);
        codec.Close();
        return value ?? new Dossier(enrol, accepted);
    }
}

/// <summary>A node that a hub has let go.</summary>
/// <param name="Node">Which.</param>
/// <param name="Book">As it was in that region's books.</param>
internal sealed record Departure(NodeId Node, NodeBook Book) : IShaped<Departure>
{
    /// <inheritdoc/>
    public static Departure Shape<TCodec>(ref TCodec codec, Departure? value)
        where TCodec : struct, ICodec
    {
        codec.Open("departure", 2);
        NodeId node = codec.Node("node", value?.Node ?? default);
        NodeBook book = NodeBook.Shape(ref codec, value?.Book);
        codec.Close();
        return value ?? new Departure(node, book);
    }
}

/// <summary>The part of a return's walk that is a hub's alone: the region's books, and what is new of its
/// nodes.</summary>
internal sealed class RegionFold
{
    /// <summary>Most weighings told of a region that was taken over; of more the first count.</summary>
    public const int ToldMax = 100_000;

    private readonly RegionRecords _records;
    private readonly SortedDictionary<NodeId, Dossier> _came = [];
    private readonly SortedDictionary<NodeId, byte[]> _vouched = [];
    private readonly List<Departure> _left = [];
    private readonly List<CargoTold> _told = [];

    /// <summary>Goes on from what was accepted, without changing it.</summary>
    public RegionFold(RegionBase start)
    {
        Books = start.Books.Copy();
        _records = start.Records;
    }

    /// <summary>The books.</summary>
    public RegionBooks Books { get; }

    /// <summary>Nodes that were let go, in order.</summary>
    public IReadOnlyList<Departure> Left => _left;

    /// <summary>What was weighed and paid by a hub that had been taken over: its successor pays it, and it
    /// counts there.</summary>
    public IReadOnlyList<CargoTold> Told => _told;

    /// <summary>Takes one entry.</summary>
    public void Take(RegionEntry entry, in Finder at)
    {
        switch (entry)
        {
            case RegionEntry.Left(var node, _) when Books.Nodes.TryGetValue(node, out NodeBook? book):
                _left.Add(new Departure(node, book));
                break;
            case RegionEntry.Ended ended when _records.Successor.Value > 0:
                Tell(ended);
                break;
            default:
                break; // Of no other's concern.
        }

        Books.Take(entry, _records, at);
        switch (entry)
        {
            case RegionEntry.Joined joined when Books.Nodes.ContainsKey(joined.Node):
                _came[joined.Node] = new Dossier(joined.Enrol, []);
                _ = _vouched.Remove(joined.Node);
                break;
            case RegionEntry.Adopted adopted
                when _records.Sent.TryGetValue(adopted.Transfer, out Sending? sent)
                    && sent.Machine is not null && Books.Nodes.ContainsKey(adopted.Node):
                _came[adopted.Node] = sent.Machine.Dossier;
                _ = _vouched.Remove(adopted.Node);
                break;
            case RegionEntry.Vouched vouched when Books.Nodes.ContainsKey(vouched.Node):
                _vouched[vouched.Node] = vouched.Accepted;
                break;
            default:
                break;
        }
    }

    /// <summary>Puts what is new of the nodes into the dossiers of the region.</summary>
    public void Update(SortedDictionary<NodeId, Dossier> dossiers)
    {
        foreach ((NodeId node, Dossier dossier) in _came)
        {
            dossiers[node] = dossier;
        }

        foreach ((NodeId node, byte[] accepted) in _vouched)
        {
            if (dossiers.TryGetValue(node, out Dossier? dossier))
            {
                dossiers[node] = dossier with { Accepted = accepted };
            }
        }
    }

    /// <summary>Walks the state, for snapshots and marks.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("regionFold", 5);
        Books.Shape(ref codec);
        codec.Table(
            "came",
            _came,
            static (ref TCodec c, NodeId key) => c.Node("node", key),
            static (ref TCodec c, Dossier value) => Dossier.Shape(ref c, value));
        codec.Table(
            "vouched",
            _vouched,
            static (ref TCodec c, NodeId key) => c.Node("node", key),
            static (ref TCodec c, byte[] value) =>
                c.Bytes("accepted", value ?? [], RegionEntry.AcceptedBytesMax));
        ImmutableArray<Departure> left = codec.List("left", [.. _left], int.MaxValue);
        ImmutableArray<CargoTold> told = codec.List("told", [.. _told], ToldMax);
        if (codec.IsReading)
        {
            _left.Clear();
            _left.AddRange(left);
            _told.Clear();
            _told.AddRange(told);
        }

        codec.Close();
    }

    private void Tell(RegionEntry.Ended ended)
    {
        if (ended.Weighed > Grams.Zero && _told.Count < ToldMax
            && Books.Contracts.TryGetValue(ended.Contract, out ContractBook? contract)
            && Books.Bounties.TryGetValue(contract.Bounty, out BountyBook? bounty))
        {
            _told.Add(new CargoTold(contract.Node, contract.TermsOf(ended.Contract),
                bounty.Bounty.Commodity, ended.Weighed));
        }
    }
}

using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
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

/// <summary>The part of a return's walk that is a hub's alone: the region's books, and what is new of its
/// nodes.</summary>
internal sealed class RegionFold
{
    private readonly RegionRecords _records;
    private readonly SortedDictionary<NodeId, Enrol> _joined = [];
    private readonly SortedDictionary<NodeId, byte[]> _vouched = [];

    /// <summary>Goes on from what was accepted, without changing it.</summary>
    public RegionFold(RegionBase start)
    {
        Books = start.Books.Copy();
        _records = start.Records;
    }

    /// <summary>The books.</summary>
    public RegionBooks Books { get; }

    /// <summary>Takes one entry.</summary>
    public void Take(RegionEntry entry, in Finder at)
    {
        Books.Take(entry, _records, at);
        if (entry is RegionEntry.Joined joined && Books.Nodes.ContainsKey(joined.Node))
        {
            _joined[joined.Node] = joined.Enrol;
        }
        else if (entry is RegionEntry.Vouched vouched && Books.Nodes.ContainsKey(vouched.Node))
        {
            _vouched[vouched.Node] = vouched.Accepted;
        }
    }

    /// <summary>Puts what is new of the nodes into the dossiers of the region.</summary>
    public void Update(SortedDictionary<NodeId, Dossier> dossiers)
    {
        foreach ((NodeId node, Enrol enrol) in _joined)
        {
            dossiers[node] = new Dossier(enrol, []);
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
        codec.Open("regionFold", 3);
        Books.Shape(ref codec);
        codec.Table(
            "joined",
            _joined,
            static (ref TCodec c, NodeId key) => c.Node("node", key),
            static (ref TCodec c, Enrol value) => Enrol.Shape(ref c, value));
        codec.Table(
            "vouched",
            _vouched,
            static (ref TCodec c, NodeId key) => c.Node("node", key),
            static (ref TCodec c, byte[] value) =>
                c.Bytes("accepted", value ?? [], RegionEntry.AcceptedBytesMax));
        codec.Close();
    }
}

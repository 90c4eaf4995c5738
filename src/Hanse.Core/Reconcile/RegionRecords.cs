using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

/// <summary>What the strategic layer knows of a region by its own ledger: what the region's journal is held
/// against.</summary>
/// <remarks>Things leave the list when both ends have told them, so it is as long as what is open.</remarks>
public sealed record RegionRecords : IShaped<RegionRecords>
{
    /// <summary>Nothing was sent, nothing was heard.</summary>
    public static RegionRecords None { get; } = new();

    /// <summary>The last authority given to the region.</summary>
    public Epoch Charter { get; init; }

    /// <summary>When the hub had said, by the latest clock, that it knows that this authority is over; never
    /// while it has not.</summary>
    public Instant EndHeard { get; init; } = Instant.Never;

    /// <summary>Nodes that the hub was told to let go; in order.</summary>
    public ImmutableSortedDictionary<NodeId, Recall> Recalled { get; init; } =
        ImmutableSortedDictionary<NodeId, Recall>.Empty;

    /// <summary>The region whose hub has taken everything over; zero when none has.</summary>
    public RegionId Successor { get; init; }

    /// <summary>Credits sent that no accepted journal has told the arrival of; in order of
    /// transfers.</summary>
    public ImmutableSortedDictionary<TransferId, Sending> Sent { get; init; } =
        ImmutableSortedDictionary<TransferId, Sending>.Empty;

    /// <summary>Reports booked that no accepted journal has told the sending of; in order of
    /// bounties.</summary>
    public ImmutableSortedDictionary<BountyId, BountyReport> Reports { get; init; } =
        ImmutableSortedDictionary<BountyId, BountyReport>.Empty;

    /// <summary>Returns of lots booked that no accepted journal has told the sending of; in order of the
    /// hub's transfers.</summary>
    public ImmutableSortedDictionary<TransferId, LotsReturned> Lots { get; init; } =
        ImmutableSortedDictionary<TransferId, LotsReturned>.Empty;

    /// <summary>What is wanted of bounties that the hub was told to reduce, until the journal has told their
    /// end; in order.</summary>
    public ImmutableSortedDictionary<BountyId, Reduction> Reduced { get; init; } =
        ImmutableSortedDictionary<BountyId, Reduction>.Empty;

    /// <inheritdoc/>
    public static RegionRecords Shape<TCodec>(ref TCodec codec, RegionRecords? value)
        where TCodec : struct, ICodec
    {
        codec.Open("regionRecords", 8);
        Epoch charter = codec.Epoch("charter", value?.Charter ?? default);
        Instant heard = codec.Moment("endHeard", (value ?? None).EndHeard);
        RegionId successor = codec.Region("successor", value?.Successor ?? default);
        ImmutableArray<Recall> recalled = codec.List(
            "recalled", [.. (value ?? None).Recalled.Values], int.MaxValue);
        ImmutableArray<Sending> sent = codec.List("sent", [.. (value ?? None).Sent.Values], int.MaxValue);
        ImmutableArray<BountyReport> reports =
            codec.List("reports", [.. (value ?? None).Reports.Values], int.MaxValue);
        ImmutableArray<LotsReturned> lots =
            codec.List("lots", [.. (value ?? None).Lots.Values], int.MaxValue);
        ImmutableArray<Reduction> reduced =
            codec.List("reduced", [.. (value ?? None).Reduced.Values], int.MaxValue);
        codec.Close();
        bool isInOrder = Fields.Increases(sent, item => item.Transfer)
            && Fields.Increases(recalled, recall => recall.Node)
            && Fields.Increases(reports, report => report.Bounty)
            && Fields.Increases(lots, returned => returned.Transfer)
            && Fields.Increases(reduced, reduction => reduction.Bounty);
        if (codec.IsReading && !codec.Failed && !isInOrder)
        {
            codec.Refuse("what was sent, recalled and reported must be in order, one each");
        }

        if (codec.Failed)
        {
            return value ?? None;
        }

        return value ?? new RegionRecords
        {
            Charter = charter,
            EndHeard = heard,
            Successor = successor,
            Recalled = recalled.ToImmutableSortedDictionary(recall => recall.Node, recall => recall),
            Sent = sent.ToImmutableSortedDictionary(item => item.Transfer, item => item),
            Reports = reports.ToImmutableSortedDictionary(report => report.Bounty, report => report),
            Lots = lots.ToImmutableSortedDictionary(returned => returned.Transfer, returned => returned),
            Reduced = reduced.ToImmutableSortedDictionary(item => item.Bounty, item => item),
        };
    }
}

/// <summary>Credits on their way to a region.</summary>
/// <param name="Transfer">By the strategic layer's count.</param>
/// <param name="Amount">How much.</param>
/// <param name="Work">The bounty they are for, as it stood when they were sent; null when they are for
/// none.</param>
/// <param name="Machine">The node whose credits they are; null when they are nobody's.</param>
public sealed record Sending(TransferId Transfer, Credits Amount, BountyBook? Work, Passage? Machine)
    : IShaped<Sending>
{
    /// <inheritdoc/>
    public static Sending Shape<TCodec>(ref TCodec codec, Sending? value)
        where TCodec : struct, ICodec
    {
        codec.Open("sending", 4);
        TransferId transfer = codec.Transfer("transfer", value?.Transfer ?? default);
        Credits amount = codec.Money("amount", value?.Amount ?? default);
        BountyBook? work = codec.Optional("work", value?.Work);
        Passage? machine = codec.Optional("machine", value?.Machine);
        codec.Close();
        return value ?? new Sending(transfer, amount, work, machine);
    }
}

/// <summary>A bounty of which less is wanted than was posted.</summary>
/// <param name="Bounty">Which.</param>
/// <param name="Total">What is wanted of it.</param>
public sealed record Reduction(BountyId Bounty, Grams Total) : IShaped<Reduction>
{
    /// <inheritdoc/>
    public static Reduction Shape<TCodec>(ref TCodec codec, Reduction? value)
        where TCodec : struct, ICodec
    {
        codec.Open("reduction", 2);
        BountyId bounty = codec.Bounty("bounty", value?.Bounty ?? default);
        Grams total = codec.Mass("total", value?.Total ?? default);
        codec.Close();
        return value ?? new Reduction(bounty, total);
    }
}

/// <summary>A node that is to belong to another region.</summary>
/// <param name="Node">Which.</param>
/// <param name="To">The region.</param>
public sealed record Recall(NodeId Node, RegionId To) : IShaped<Recall>
{
    /// <inheritdoc/>
    public static Recall Shape<TCodec>(ref TCodec codec, Recall? value)
        where TCodec : struct, ICodec
    {
        codec.Open("recall", 2);
        NodeId node = codec.Node("node", value?.Node ?? default);
        RegionId to = codec.Region("to", value?.To ?? default);
        codec.Close();
        return value ?? new Recall(node, to);
    }
}

/// <summary>A node on its way from one region to another.</summary>
/// <param name="Node">Which.</param>
/// <param name="Epoch">The authority over it where it goes.</param>
/// <param name="Dossier">What is known of it.</param>
/// <param name="Held">The work it holds, as far as is known; null when it holds none.</param>
public sealed record Passage(NodeId Node, Epoch Epoch, Dossier Dossier, ContractTerms? Held)
    : IShaped<Passage>
{
    /// <inheritdoc/>
    public static Passage Shape<TCodec>(ref TCodec codec, Passage? value)
        where TCodec : struct, ICodec
    {
        codec.Open("passage", 4);
        NodeId node = codec.Node("node", value?.Node ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        Dossier dossier = Dossier.Shape(ref codec, value?.Dossier);
        ContractTerms? held = codec.Optional("held", value?.Held);
        codec.Close();
        return value ?? new Passage(node, epoch, dossier, held);
    }
}

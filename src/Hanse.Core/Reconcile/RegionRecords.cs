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

    /// <summary>Credits sent that no accepted journal has told the arrival of; in order of
    /// transfers.</summary>
    public ImmutableSortedDictionary<TransferId, Sending> Sent { get; init; } =
        ImmutableSortedDictionary<TransferId, Sending>.Empty;

    /// <summary>Reports booked that no accepted journal has told the sending of; in order of
    /// bounties.</summary>
    public ImmutableSortedDictionary<BountyId, BountyReport> Reports { get; init; } =
        ImmutableSortedDictionary<BountyId, BountyReport>.Empty;

    /// <inheritdoc/>
    public static RegionRecords Shape<TCodec>(ref TCodec codec, RegionRecords? value)
        where TCodec : struct, ICodec
    {
        codec.Open("regionRecords", 4);
        Epoch charter = codec.Epoch("charter", value?.Charter ?? default);
        Instant heard = codec.Moment("endHeard", (value ?? None).EndHeard);
        ImmutableArray<Sending> sent = codec.List("sent", [.. (value ?? None).Sent.Values], int.MaxValue);
        ImmutableArray<BountyReport> reports =
            codec.List("reports", [.. (value ?? None).Reports.Values], int.MaxValue);
        codec.Close();
        bool isInOrder = Fields.Increases(sent, item => item.Transfer)
            && Fields.Increases(reports, report => report.Bounty);
        if (codec.IsReading && !codec.Failed && !isInOrder)
        {
            codec.Refuse("what was sent and reported must be in order, one each");
        }

        if (codec.Failed)
        {
            return value ?? None;
        }

        return value ?? new RegionRecords
        {
            Charter = charter,
            EndHeard = heard,
            Sent = sent.ToImmutableSortedDictionary(item => item.Transfer, item => item),
            Reports = reports.ToImmutableSortedDictionary(report => report.Bounty, report => report),
        };
    }
}

/// <summary>Credits on their way to a region.</summary>
/// <param name="Transfer">By the strategic layer's count.</param>
/// <param name="Bounty">What they are for; null when they are the seed of its nodes.</param>
/// <param name="Amount">How much.</param>
public sealed record Sending(TransferId Transfer, Bounty? Bounty, Credits Amount) : IShaped<Sending>
{
    /// <inheritdoc/>
    public static Sending Shape<TCodec>(ref TCodec codec, Sending? value)
        where TCodec : struct, ICodec
    {
        codec.Open("sending", 3);
        TransferId transfer = codec.Transfer("transfer", value?.Transfer ?? default);
        Bounty? bounty = codec.Optional("bounty", value?.Bounty);
        Credits amount = codec.Money("amount", value?.Amount ?? default);
        codec.Close();
        return value ?? new Sending(transfer, bounty, amount);
    }
}

using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Market;

/// <summary>Where a contract stands. The numbers are in snapshots.</summary>
public enum ContractStatus
{
    /// <summary>Awarded; the node has not answered.</summary>
    Offered = 1,

    /// <summary>Accepted; under way.</summary>
    Accepted = 2,

    /// <summary>Delivered in time and paid.</summary>
    Settled = 3,

    /// <summary>Its lease ran out; the work is back on the market.</summary>
    Expired = 4,

    /// <summary>The node gave it back; the work is back on the market.</summary>
    Released = 5,

    /// <summary>Delivered after it had expired.</summary>
    DeliveredLate = 6,

    /// <summary>Under way as far as is known, and its holder was silent after a milestone: the work is back
    /// on the market, until the holder is heard.</summary>
    Missed = 7,

    /// <summary>The same of one that has not answered its award.</summary>
    Unanswered = 8,

    /// <summary>Its bounty was withdrawn, and its holder has stopped; compensated.</summary>
    Cancelled = 9,
}

/// <summary>How far it has come with stopping the holder of a contract. The numbers are in
/// snapshots.</summary>
public enum CancelState
{
    /// <summary>Its work is wanted.</summary>
    None = 0,

    /// <summary>The holder is asked to stop and has not answered.</summary>
    Asked = 1,

    /// <summary>It has cargo aboard and goes on.</summary>
    Kept = 2,
}

/// <summary>Awarded work: a lease with an epoch.</summary>
/// <remarks>
/// <code>
///   Offered --accepted--> Accepted --weighed--> Settled
///      |                     |
///      |  lease over         |  lease over
///      +---------> Expired &lt;-+ --weighed--> DeliveredLate
///      |  given back         |  given back
///      +---------> Released &lt;+
///      |  silent             |  silent after a milestone
///      +-> Unanswered        +-> Missed --heard, all of it open--> Accepted
///            |                     |     --heard, or given back--> Expired
///            +-- accepted as if -->+     --weighed--> DeliveredLate
///
///   Offered, Accepted --asked to stop, and stops--> Cancelled
/// </code>
/// While it is offered or accepted it holds its quantity of the bounty; in every other state that quantity is
/// delivered or open again. Delivery without a heard acceptance settles as well: the scale is better
/// evidence.
/// </remarks>
public sealed record Contract : IShaped<Contract>
{
    /// <summary>Names it within the region.</summary>
    public required ContractId Id { get; init; }

    /// <summary>Fences off other holders.</summary>
    public required Epoch Epoch { get; init; }

    /// <summary>Who does what, and what for.</summary>
    public required Winner Winner { get; init; }

    /// <summary>Until when the node may accept.</summary>
    public required Instant AcceptBy { get; init; }

    /// <summary>When the cargo is due on the scale.</summary>
    public required Instant Due { get; init; }

    /// <summary>Where it stands.</summary>
    public required ContractStatus Status { get; init; }

    /// <summary>What is looked at in it, the next one first; at most
    /// <see cref="Auctioneer.WatchesMax"/>.</summary>
    public ImmutableArray<Watch> Watches { get; init; } = [];

    /// <summary>Whether its holder has accepted it, as far as the hub has heard.</summary>
    public bool IsTaken { get; init; }

    /// <summary>How often its due time was moved; at most <see cref="Auctioneer.ExtensionsMax"/>.</summary>
    public int Extensions { get; init; }

    /// <summary>Whether its holder was asked to stop; in the states in which it is live.</summary>
    public CancelState Cancel { get; init; }

    /// <summary>What was paid for stopping.</summary>
    public Credits Compensation { get; init; }

    /// <summary>Whether it was lost to silence, and its holder may work on it.</summary>
    public bool IsMissing => Status is ContractStatus.Missed or ContractStatus.Unanswered;

    /// <summary>Whether it still holds its part of the bounty.</summary>
    public bool IsLive => Status is ContractStatus.Offered or ContractStatus.Accepted;

    /// <inheritdoc/>
    public static Contract Shape<TCodec>(ref TCodec codec, Contract? value)
        where TCodec : struct, ICodec
    {
        codec.Open("contract", 11);
        ContractId id = codec.Contract("id", value?.Id ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        Winner winner = Winner.Shape(ref codec, value?.Winner);
        Instant accept = codec.Moment("acceptBy", value?.AcceptBy ?? default);
        Instant due = codec.Moment("due", value?.Due ?? default);
        var status = (ContractStatus)codec.Integer("status", (long)(value?.Status ?? 0), 1, 9);
        ImmutableArray<Watch> watches = codec.List("watches", value?.Watches ?? [], Auctioneer.WatchesMax);
        int extensions = codec.Number("extensions", value?.Extensions ?? 0);
        bool isTaken = codec.Flag("isTaken", value?.IsTaken ?? default);
        var cancel = (CancelState)codec.Integer("cancel", (long)(value?.Cancel ?? 0), 0, 2);
        Credits compensation = codec.Money("compensation", value?.Compensation ?? default);
        codec.Close();
        return value ?? new Contract
        {
            Id = id,
            Epoch = epoch,
            Winner = winner,
            AcceptBy = accept,
            Due = due,
            Status = status,
            Watches = watches,
            Extensions = extensions,
            IsTaken = isTaken,
            Cancel = cancel,
            Compensation = compensation,
        };
    }
}

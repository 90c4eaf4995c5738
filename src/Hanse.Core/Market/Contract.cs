using Hanse.Core.Identity;
using Hanse.Core.Time;
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

    /// <summary>Whether it still holds its part of the bounty.</summary>
    public bool IsLive => Status is ContractStatus.Offered or ContractStatus.Accepted;

    /// <inheritdoc/>
    public static Contract Shape<TCodec>(ref TCodec codec, Contract? value)
        where TCodec : struct, ICodec
    {
        codec.Open("contract", 6);
        ContractId id = codec.Contract("id", value?.Id ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        Winner winner = Winner.Shape(ref codec, value?.Winner);
        Instant accept = codec.Moment("acceptBy", value?.AcceptBy ?? default);
        Instant due = codec.Moment("due", value?.Due ?? default);
        var status = (ContractStatus)codec.Integer("status", (long)(value?.Status ?? 0), 1, 6);
        codec.Close();
        return value ?? new Contract
        {
            Id = id,
            Epoch = epoch,
            Winner = winner,
            AcceptBy = accept,
            Due = due,
            Status = status,
        };
    }
}

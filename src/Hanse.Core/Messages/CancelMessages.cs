using Hanse.Core.Identity;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Messages;

/// <summary>Strategic layer to hub: no more than so much of a bounty is wanted; zero, and it is
/// withdrawn.</summary>
/// <param name="Bounty">Which.</param>
/// <param name="Total">What is wanted of it, with what has arrived; less than it was posted for.</param>
public sealed record BountyReduced(BountyId Bounty, Grams Total) : Message, IShaped<BountyReduced>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.BountyReduced;

    /// <inheritdoc/>
    public static BountyReduced Shape<TCodec>(ref TCodec codec, BountyReduced? value)
        where TCodec : struct, ICodec
    {
        codec.Open("bountyReduced", 2);
        BountyId bounty = codec.Bounty("bounty", value?.Bounty ?? default);
        Grams total = codec.Mass("total", value?.Total ?? default);
        codec.Close();
        return value ?? new BountyReduced(bounty, total);
    }
}

/// <summary>Hub to node: this work is not wanted any more; stop unless there is cargo aboard, and
/// answer.</summary>
/// <remarks>The hub holds the contract until the answer or the end of the lease. A node that delivers before
/// it has heard is paid as contracted.</remarks>
/// <param name="Contract">The contract.</param>
/// <param name="Epoch">Its epoch.</param>
public sealed record ContractCancelled(ContractId Contract, Epoch Epoch)
    : Message, IShaped<ContractCancelled>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.ContractCancelled;

    /// <inheritdoc/>
    public static ContractCancelled Shape<TCodec>(ref TCodec codec, ContractCancelled? value)
        where TCodec : struct, ICodec
    {
        codec.Open("contractCancelled", 2);
        ContractId contract = codec.Contract("contract", value?.Contract ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        codec.Close();
        return value ?? new ContractCancelled(contract, epoch);
    }
}

/// <summary>Node to hub: what it does about a contract that is cancelled. It names no amount: what it is
/// owed follows from the contract.</summary>
/// <param name="Contract">The contract.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Answer">Whether it stops, and where.</param>
public sealed record CancelAnswered(ContractId Contract, Epoch Epoch, CancelAnswer Answer)
    : Message, IShaped<CancelAnswered>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.CancelAnswered;

    /// <inheritdoc/>
    public static CancelAnswered Shape<TCodec>(ref TCodec codec, CancelAnswered? value)
        where TCodec : struct, ICodec
    {
        codec.Open("cancelAnswered", 3);
        ContractId contract = codec.Contract("contract", value?.Contract ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        var answer = (CancelAnswer)codec.Integer("answer", (long)(value?.Answer ?? 0), 1, 4);
        codec.Close();
        return value ?? new CancelAnswered(contract, epoch, answer);
    }
}

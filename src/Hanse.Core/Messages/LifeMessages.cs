using Hanse.Core.Identity;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Messages;

/// <summary>Node to hub: the plan slips past the due time, and the work is still worth it; let it be due
/// later. The old due time holds until the answer.</summary>
/// <param name="Contract">The contract.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Due">When the cargo would be due; whole second.</param>
public sealed record ExtensionAsked(ContractId Contract, Epoch Epoch, Instant Due)
    : Message, IShaped<ExtensionAsked>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.ExtensionAsked;

    /// <inheritdoc/>
    public static ExtensionAsked Shape<TCodec>(ref TCodec codec, ExtensionAsked? value)
        where TCodec : struct, ICodec
    {
        codec.Open("extensionAsked", 3);
        ContractId contract = codec.Contract("contract", value?.Contract ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        Instant due = codec.Second("due", value?.Due ?? default);
        codec.Close();
        return value ?? new ExtensionAsked(contract, epoch, due);
    }
}

/// <summary>Hub to node: when the cargo is due from now on. No later than before when the extension is
/// refused.</summary>
/// <remarks>The hub holds a later time from the moment it says so, the node from the moment it hears. Hub
/// times of one contract only grow, so of several answers, in whatever order, the latest time
/// holds.</remarks>
/// <param name="Contract">The contract.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Due">When the cargo is due; whole second.</param>
public sealed record ExtensionAnswered(ContractId Contract, Epoch Epoch, Instant Due)
    : Message, IShaped<ExtensionAnswered>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.ExtensionAnswered;

    /// <inheritdoc/>
    public static ExtensionAnswered Shape<TCodec>(ref TCodec codec, ExtensionAnswered? value)
        where TCodec : struct, ICodec
    {
        codec.Open("extensionAnswered", 3);
        ContractId contract = codec.Contract("contract", value?.Contract ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        Instant due = codec.Second("due", value?.Due ?? default);
        codec.Close();
        return value ?? new ExtensionAnswered(contract, epoch, due);
    }
}

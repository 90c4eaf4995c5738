using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Market;

/// <summary>A promise of a contract that its hub looks at: by then a stage is to be over, and a node
/// that is alive is heard soon after.</summary>
/// <param name="Stage">What is to be over; zero for the answer to the award itself.</param>
/// <param name="Due">By when, as planned. Whoever is heard at or after it, by the hub's clock, has kept it:
/// what slipped would have been said.</param>
/// <param name="Ends">When silence since then ends the lease, by the hub's clock: the contact windows that
/// count are over by any clock, and light on top.</param>
public sealed record Watch(ContractStage Stage, Instant Due, Instant Ends) : IShaped<Watch>
{
    /// <inheritdoc/>
    public static Watch Shape<TCodec>(ref TCodec codec, Watch? value)
        where TCodec : struct, ICodec
    {
        codec.Open("watch", 3);
        var stage = (ContractStage)codec.Integer("stage", (long)(value?.Stage ?? 0), 0, 4);
        Instant due = codec.Moment("due", value?.Due ?? default);
        Instant ends = codec.Moment("ends", value?.Ends ?? default);
        codec.Close();
        return value ?? new Watch(stage, due, ends);
    }
}

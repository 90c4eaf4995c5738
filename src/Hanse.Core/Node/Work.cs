using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Node;

/// <summary>A contract under way on a node.</summary>
/// <param name="Award">The contract.</param>
/// <param name="Trip">The itinerary, from the present stage on.</param>
/// <param name="IsLapsed">Whether the node holds it no longer and only brings home what is aboard.</param>
public sealed record Work(Award Award, Itinerary Trip, bool IsLapsed) : IShaped<Work>
{
    /// <summary>The present stage.</summary>
    public ContractStage Stage => Trip.From;

    /// <summary>The latest due time that the node has asked for; the epoch when it has not.</summary>
    public Instant Asked { get; init; }

    /// <inheritdoc/>
    public static Work Shape<TCodec>(ref TCodec codec, Work? value)
        where TCodec : struct, ICodec
    {
        codec.Open("work", 4);
        Award award = Award.Shape(ref codec, value?.Award);
        Itinerary trip = Itinerary.Shape(ref codec, value?.Trip);
        bool lapsed = codec.Flag("isLapsed", value?.IsLapsed ?? default);
        Instant asked = codec.Moment("asked", value?.Asked ?? default);
        codec.Close();
        return value ?? new Work(award, trip, lapsed) { Asked = asked };
    }
}

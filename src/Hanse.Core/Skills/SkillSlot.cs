using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Skills;

/// <summary>Where one function of a node stands: what decides, what decided before, and what is on
/// trial.</summary>
/// <param name="Order">The last order; what is on trial is its release.</param>
/// <param name="State">What has become of that release.</param>
/// <param name="Reason">Why it was let go.</param>
/// <param name="Since">Since when, by the node's clock.</param>
/// <param name="Held">Bytes of its package that are here.</param>
/// <param name="Runs">Answers it gave in this state.</param>
/// <param name="Faults">Answers it owed, once settled.</param>
/// <param name="AskedAt">When it was last asked.</param>
/// <param name="Active">The release that decides; zero for the core's own function.</param>
/// <param name="Previous">The release that decided before, to go back to; zero likewise.</param>
public sealed record SkillSlot(
    SkillOrder Order, SkillState State, SkillReason Reason, Instant Since, int Held, int Runs, int Faults,
    Instant AskedAt, Digest Active, Digest Previous) : IShaped<SkillSlot>
{
    /// <summary>The release on trial.</summary>
    public Digest Release => Digest.From(Order.Release);

    /// <summary>What it decides.</summary>
    public SkillFunction Function => Order.Function;

    /// <summary>Whether the trial goes on.</summary>
    public bool IsOpen => State is not (SkillState.RolledBack or SkillState.Refused);

    /// <inheritdoc/>
    public static SkillSlot Shape<TCodec>(ref TCodec codec, SkillSlot? value)
        where TCodec : struct, ICodec
    {
        codec.Open("skillSlot", 10);
        SkillOrder order = SkillOrder.Shape(ref codec, value?.Order);
        var state = (SkillState)codec.Integer("state", (long)(value?.State ?? 0), 1, 7);
        var reason = (SkillReason)codec.Integer("reason", (long)(value?.Reason ?? 0), 0, 12);
        Instant since = codec.Moment("since", value?.Since ?? default);
        int held = codec.Number("held", value?.Held ?? 0);
        int runs = codec.Number("runs", value?.Runs ?? 0);
        int faults = codec.Number("faults", value?.Faults ?? 0);
        Instant asked = codec.Moment("askedAt", value?.AskedAt ?? default);
        Digest active = Digest.Field(ref codec, "active", value?.Active ?? default);
        Digest previous = Digest.Field(ref codec, "previous", value?.Previous ?? default);
        codec.Close();
        return value ?? new SkillSlot(
            order, state, reason, since, held, runs, faults, asked, active, previous);
    }
}

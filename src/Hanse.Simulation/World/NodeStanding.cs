using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Simulation.World;

/// <summary>What a node's work is about, as far as the world around it is concerned.</summary>
/// <param name="Kind">Which kind of work.</param>
/// <param name="Commodity">Of what.</param>
/// <param name="Site">Where; zero at a depot.</param>
/// <param name="Stage">How far it is.</param>
/// <param name="IsLapsed">Whether the node holds the contract no longer.</param>
/// <param name="Due">When the contract is due.</param>
public sealed record NodeErrand(
    WorkKind Kind, Commodity Commodity, SiteId Site, ContractStage Stage, bool IsLapsed, Instant Due)
    : IShaped<NodeErrand>
{
    /// <inheritdoc/>
    public static NodeErrand Shape<TCodec>(ref TCodec codec, NodeErrand? value)
        where TCodec : struct, ICodec
    {
        codec.Open("errand", 6);
        var kind = (WorkKind)codec.Integer("kind", (long)(value?.Kind ?? 0), 0, 255);
        var commodity = (Commodity)codec.Integer("commodity", (long)(value?.Commodity ?? 0), 0, 255);
        SiteId site = codec.Site("site", value?.Site ?? default);
        var stage = (ContractStage)codec.Integer("stage", (long)(value?.Stage ?? 0), 0, 255);
        bool isLapsed = codec.Flag("isLapsed", value?.IsLapsed ?? default);
        Instant due = codec.Moment("due", value?.Due ?? default);
        codec.Close();
        return value ?? new NodeErrand(kind, commodity, site, stage, isLapsed, due);
    }
}

/// <summary>What a node's machine knows of itself and the world has to know too: which hub it belongs to,
/// what it is about, whether it lets itself be mended.</summary>
/// <remarks>Nothing of it is a truth about the body; it is what a depot or another machine would be told by
/// radio.</remarks>
/// <param name="Region">The region that it belongs to.</param>
/// <param name="Segments">Segments of its raw log that it has attested.</param>
/// <param name="Errand">What it works on; null while it waits.</param>
/// <param name="Call">Its last call for help; zero when it has made none.</param>
/// <param name="CallUntil">Until when it lets itself be mended for that; the epoch when it does not.</param>
public sealed record NodeStanding(
    RegionId Region, uint Segments, NodeErrand? Errand, BountyId Call, Instant CallUntil)
    : IShaped<NodeStanding>
{
    /// <summary>That of a machine.</summary>
    public static NodeStanding Of(NodeAgent agent) => new(
        agent.Region,
        agent.SealedSegments,
        agent.Work is { } work
            ? new NodeErrand(
                work.Trip.Kind, work.Trip.Commodity, work.Trip.Site, work.Stage, work.IsLapsed,
                work.Award.Due)
            : null,
        agent.Calls > 0 ? BountyId.Help(agent.Spec.Node, agent.Calls) : default,
        agent.ConsentsUntil);

    /// <summary>Whether it lets itself be mended by whoever comes for a call.</summary>
    /// <param name="call">The call's name.</param>
    /// <param name="now">By its own clock.</param>
    public bool Consents(BountyId call, Instant now) => call == Call && now < CallUntil;

    /// <inheritdoc/>
    public static NodeStanding Shape<TCodec>(ref TCodec codec, NodeStanding? value)
        where TCodec : struct, ICodec
    {
        codec.Open("standing", 5);
        RegionId region = codec.Region("region", value?.Region ?? default);
        uint segments = (uint)codec.Integer("segments", value?.Segments ?? 0, 0, uint.MaxValue);
        NodeErrand? errand = codec.Optional("errand", value?.Errand);
        BountyId call = codec.Bounty("call", value?.Call ?? default);
        Instant until = codec.Moment("callUntil", value?.CallUntil ?? default);
        codec.Close();
        return value ?? new NodeStanding(region, segments, errand, call, until);
    }
}

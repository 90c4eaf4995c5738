using System;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Messages;

/// <summary>Where and when a node means to dig for a bounty.</summary>
/// <param name="Bounty">The bounty.</param>
/// <param name="Site">The site; never zero.</param>
/// <param name="Comes">When it means to be there; whole second.</param>
/// <param name="Digs">How long it needs a face; whole seconds, at most <see cref="DigsMax"/>.</param>
public sealed record SiteVisit(BountyId Bounty, SiteId Site, Instant Comes, TimeSpan Digs)
    : IShaped<SiteVisit>
{
    /// <summary>Longest that is told; what takes longer is told as so long.</summary>
    public static readonly TimeSpan DigsMax = TimeSpan.FromDays(60);

    /// <inheritdoc/>
    public static SiteVisit Shape<TCodec>(ref TCodec codec, SiteVisit? value)
        where TCodec : struct, ICodec
    {
        codec.Open("siteVisit", 4);
        BountyId bounty = codec.Bounty("bounty", value?.Bounty ?? default);
        SiteId site = new((uint)codec.Integer("site", value?.Site.Value ?? 0, 1, uint.MaxValue));
        Instant comes = codec.Second("comes", value?.Comes ?? default);
        long digs = codec.Integer(
            "digs", (value?.Digs ?? default).Ticks / TimeSpan.TicksPerSecond, 1,
            DigsMax.Ticks / TimeSpan.TicksPerSecond);
        codec.Close();
        return value ?? new SiteVisit(bounty, site, comes, TimeSpan.FromSeconds(digs));
    }
}

/// <summary>Node to hub: where I mean to dig, for what I have bid on or for the contract that I
/// take.</summary>
/// <param name="Contract">The contract that was taken; zero for the bids of the open cycle.</param>
/// <param name="Visits">One for each bounty for which a site was chosen, in order of bounty, at most
/// <see cref="RequestForProposals.RequestsMax"/>; of a contract, one.</param>
public sealed record SiteVisits(ContractId Contract, ImmutableArray<SiteVisit> Visits)
    : Message, IShaped<SiteVisits>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.SiteVisits;

    /// <inheritdoc/>
    public static SiteVisits Shape<TCodec>(ref TCodec codec, SiteVisits? value)
        where TCodec : struct, ICodec
    {
        codec.Open("siteVisits", 2);
        ContractId contract = codec.Contract("contract", value?.Contract ?? default);
        ImmutableArray<SiteVisit> visits = codec.List(
            "visits", value?.Visits ?? [], RequestForProposals.RequestsMax);
        codec.Close();
        if (codec.IsReading && !codec.Failed && !Fields.Increases(visits, visit => visit.Bounty))
        {
            codec.Refuse("visits must be in order of their bounties, one each");
        }

        return value ?? new SiteVisits(contract, visits);
    }
}

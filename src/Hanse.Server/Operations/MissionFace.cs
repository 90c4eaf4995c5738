using System;
using System.Linq;
using System.Threading.Tasks;
using Google.Protobuf;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Strategy;
using Hanse.IO.Gateway;
using Hanse.IO.Plane;
using Hanse.IO.Runtime;
using Hanse.IO.Stores;

namespace Hanse.Server.Operations;

/// <summary>The mission as it is shown: what machines say of themselves, put together.</summary>
internal sealed class MissionFace(
    OperationsParts parts, GatewayDesk desk, NodeRegistry registry, StreamBook streams)
{
    private static readonly JsonFormatter _formatter =
        new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    /// <summary>As JSON in one line, in the form of the routes.</summary>
    public static string Json(IMessage message) => _formatter.Format(message);

    /// <summary>Whether it is something that passes: the same call again is right.</summary>
    public static bool IsPassing(Exception failure) =>
        failure is MachineBusyException or MachineFailedException or StoreException;

    /// <summary>The mission, and the strategic layer that it was seen by.</summary>
    /// <exception cref="MachineFailedException">The strategic layer is being started anew.</exception>
    public async Task<(V1.Mission Mission, StrategyStatus Strategy)> LookAsync()
    {
        StrategyStatus strategy = await parts.Plane.StrategyAsync();
        var mission = new V1.Mission
        {
            Title = parts.Title,
            TimeMicros = parts.Clock.Now.Micros,
            Pace = parts.Pace,
            NodesEnrolled = registry.Count,
            CallsTaken = desk.Taken,
            CallsRefused = desk.Refused,
            Streams = streams.Count,
            Failures = parts.Feed.Failures,
            BountiesPosted = strategy.Posted.Length,
            IsDraining = desk.IsDraining,
            GatewayKeySerial = desk.Keys.Serial,
            GatewayKey = Convert.ToHexStringLower(desk.Keys.Key),
        };
        mission.Hubs.AddRange(await Task.WhenAll(strategy.Regions.Select(HubAsync)));
        return (mission, strategy);
    }

    /// <summary>A hub.</summary>
    public async Task<V1.Hub> HubAsync(RegionStanding standing)
    {
        var hub = new V1.Hub
        {
            Region = standing.Region.Value,
            IsEnded = standing.IsEnded,
            Successor = standing.Successor?.Value ?? 0,
            IsQuarantined = standing.IsQuarantined,
            IsKept = standing.IsKept,
            SilenceMicros = (long)standing.Silent.TotalMicroseconds,
            IsAbandoned = standing.Abandoned is not null,
            LastHeardMicros = standing.LastHeard?.Micros ?? 0,
        };
        if (parts.Regions.TryGetValue(standing.Region, out RegionCard? card))
        {
            hub.Name = card.Name;
            hub.Depots.AddRange(card.Depots.Select(depot => depot.Value));
        }

        try
        {
            HubStatus status = await parts.Plane.StatusAsync(standing.Region);
            hub.Epoch = status.Epoch;
            hub.Nodes = status.Nodes;
            hub.Bounties = status.Bounties;
            hub.Contracts = status.Contracts;
            hub.Cases = status.Cases;
            hub.IsBalanced = status.IsBalanced;
            hub.IsRunning = true;
        }
        catch (MachineFailedException)
        {
            // It is shown as it is: being started anew.
        }

        return hub;
    }

    /// <summary>A node.</summary>
    public V1.Node Node(HubNode node) => new()
    {
        Node_ = node.Node.Value,
        Presence = (V1.Node.Types.Presence)node.Presence,
        Epoch = node.Epoch,
        Class = node.Class,
        Generation = node.Generation,
        IsHeard = node.LastHeard is not null,
        StalenessMicros = node.LastHeard is { } heard
            ? Math.Max(0, parts.Clock.Now.Micros - heard.Micros) : 0,
        Contract = node.Contract?.Value ?? 0,
        Bounty = node.Bounty?.Value ?? 0,
        DueMicros = node.Due?.Micros ?? 0,
        CargoGrams = node.CargoGrams,
        PropellantGrams = node.PropellantGrams,
        WearPpm = node.WearPpm,
    };

    /// <summary>A bounty.</summary>
    public static V1.Bounty Bounty(HubBounty open) => new()
    {
        Bounty_ = open.Bounty.Id.Value,
        Kind = (V1.WorkKind)open.Bounty.Kind,
        Commodity = (V1.Commodity)open.Bounty.Commodity,
        Depot = open.Bounty.Depot.Value,
        FromDepot = open.Bounty.From.Value,
        Site = open.Bounty.Site.Value,
        TotalGrams = open.Bounty.Total.Value,
        WantedGrams = open.WantedGrams,
        DeliveredGrams = open.DeliveredGrams,
        UnderContractGrams = open.UnderContractGrams,
        Contracts = open.Contracts,
        LotGrams = open.Bounty.Lot.Value,
        LotValueMicros = open.Bounty.ValuePerLot.Micro,
        PaidMicros = open.PaidMicros,
        DeadlineMicros = open.Bounty.Deadline.Micros,
        SinceMicros = open.Since.Micros,
        ShortBatches = open.ShortBatches,
    };

    /// <summary>A case.</summary>
    public static V1.Case Case(Core.Hub.CaseView view)
    {
        var shown = new V1.Case
        {
            Region = view.Region.Value,
            Number = view.Number,
            AtMicros = view.At.Micros,
            Status = view.Status.ToString(),
            Times = view.Times,
            Kind = view.Kind,
            Node = view.Node.Value,
            About = view.About,
            Meanwhile = view.Meanwhile,
            IfAccepted = view.IfAccepted,
            IfRejected = view.IfRejected,
        };
        shown.Reasons.AddRange(view.Reasons);
        return shown;
    }

    /// <summary>A rollout.</summary>
    public static V1.Rollout Rollout(RolloutStatus status)
    {
        var shown = new V1.Rollout
        {
            Rollout_ = status.Number,
            Function = status.Function,
            Release = status.Release,
            IsPaused = status.IsPaused,
            IsOpen = status.IsOpen,
        };
        shown.Classes.AddRange(status.Classes.Select(one => new V1.RolloutClass
        {
            Class = new RolloutGroup(one.Progress.Class).Class,
            Generation = new RolloutGroup(one.Progress.Class).Generation,
            Stage = one.Progress.Stage,
            State = one.Progress.State.ToString(),
            Members = one.Members,
            Chosen = one.Chosen,
            UnderWay = one.UnderWay,
            Active = one.Active,
            Proven = one.Proven,
            RolledBack = one.RolledBack,
            Refused = one.Refused,
            Unknown = one.Unknown,
        }));
        return shown;
    }

    /// <summary>Why a bounty cannot be for that depot; null when it can.</summary>
    public string? WhyNoDepot(RegionId region, DepotId depot) =>
        parts.Regions.TryGetValue(region, out RegionCard? card) && !card.Depots.Contains(depot)
            ? $"region {region.Value} has no depot {depot.Value}; its depots: "
                + string.Join(", ", card.Depots.Select(one => one.Value))
            : null;
}

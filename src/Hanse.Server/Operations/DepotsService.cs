using System;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using Grpc.Core;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Server.V1;
using Microsoft.AspNetCore.Authorization;
using Commodity = Hanse.Core.Messages.Commodity;
using static Hanse.Server.Operations.Requests;

namespace Hanse.Server.Operations;

/// <summary>The side on which depots and instruments say what they weighed and saw.</summary>
/// <remarks>It decides nothing: what is said is one input of the hub, which knows a docking by its number.
/// Nothing of it is in the audit trail, since the hub remembers all of it.</remarks>
internal sealed class DepotsService(OperationsParts parts) : V1.Depots.DepotsBase
{
    /// <inheritdoc/>
    [Authorize(Roles = OperatorRoles.Depot)]
    public override async Task<DockAnswer> Dock(DockRequest request, ServerCallContext context)
    {
        RegionId region = RegionOf(context, request.Depot);
        var node = new NodeId(Needed(request.Node, "node"));
        uint docking = Needed(request.Docking, "docking");
        bool isFor = request.Contract > 0;
        if (!Enum.IsDefined((Commodity)request.Commodity) || isFor != (request.Epoch > 0))
        {
            throw Invalid("commodity is one of the mission's, and an epoch belongs to a contract");
        }

        Instant now = parts.Clock.Now;
        HubEffect? answer = await TellAsync(region, new HubInput.Docked(
            new DepotId(request.Depot),
            node,
            docking,
            new ContractId(request.Contract),
            new Epoch(request.Epoch),
            (Commodity)request.Commodity,
            Mass(request.WeighedGrams, "weighedGrams"),
            Mass(request.PropellantGrams, "propellantGrams"),
            Share(request.SparesPpm),
            request.CameMicros == 0 ? now : CameAt(request.CameMicros, now)));
        return Served(answer);
    }

    /// <inheritdoc/>
    [Authorize(Roles = OperatorRoles.Depot)]
    public override async Task<AskForPartsAnswer> AskForParts(
        AskForPartsRequest request, ServerCallContext context)
    {
        RegionId region = RegionOf(context, request.Depot);
        HubEffect? answer = await TellAsync(region, new HubInput.PartsAsked(
            new DepotId(request.Depot),
            new NodeId(Needed(request.Node, "node")),
            Needed(request.Docking, "docking"),
            new ContractId(Needed(request.Contract, "contract")),
            new Epoch(Needed(request.Epoch, "epoch")),
            Mass(request.WantedGrams, "wantedGrams")));
        return answer is HubEffect.Issue issue
            ? new AskForPartsAnswer { Answered = true, MassGrams = issue.Mass.Value }
            : new AskForPartsAnswer();
    }

    /// <inheritdoc/>
    [Authorize(Roles = OperatorRoles.Depot)]
    public override async Task<DockAnswer> Inspect(InspectRequest request, ServerCallContext context)
    {
        uint site = Needed(request.Site, "site");
        DemandName(context, "site", site);
        var region = new RegionId(Needed(request.Region, "region"));
        HubEffect? answer = await TellAsync(region, new HubInput.Inspected(
            new SiteId(site),
            new NodeId(Needed(request.Node, "node")),
            Needed(request.Docking, "docking"),
            new ContractId(Needed(request.Contract, "contract")),
            new Epoch(Needed(request.Epoch, "epoch")),
            Mass(request.BroughtGrams, "broughtGrams"),
            Mass(request.StandingGrams, "standingGrams")));
        return Served(answer);
    }

    private Task<HubEffect?> TellAsync(RegionId region, HubInput told) =>
        Look(() => parts.Plane.DockAsync(region, told));

    private static DockAnswer Served(HubEffect? answer) => answer is HubEffect.Serve serve
        ? new DockAnswer
        {
            Answered = true,
            PropellantGrams = serve.Propellant.Value,
            SparesPpm = (uint)serve.Spares.Value,
        }
        : new DockAnswer();

    private RegionId RegionOf(ServerCallContext context, uint depot)
    {
        DemandName(context, "depot", Needed(depot, "depot"));
        RegionId region = parts.Regions.FirstOrDefault(
            card => card.Value.Depots.Contains(new DepotId(depot))).Key;
        return region.Value > 0 ? region : throw Refused(StatusCode.NotFound, $"there is no depot {depot}");
    }

    private static void DemandName(ServerCallContext context, string kind, uint number)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{kind}-{number}");
        if (context.GetHttpContext().User.Identity?.Name != name)
        {
            throw Refused(
                StatusCode.PermissionDenied,
                $"this takes the token that 'hanse operator add depot {name}' gave");
        }
    }

    private static Grams Mass(long grams, string name) => grams is >= 0 and <= Grams.ValueMax
        ? new Grams(grams)
        : throw Invalid(string.Create(CultureInfo.InvariantCulture, $"{name} is from 0 to {Grams.ValueMax}"));

    private static PartsPerMillion Share(uint ppm) => ppm <= 1_000_000
        ? new PartsPerMillion((int)ppm) : throw Invalid("sparesPpm is from 0 to 1000000");

    private static Instant CameAt(long micros, Instant now) => micros > 0 && micros <= now.Micros
        ? new Instant(micros) : throw Invalid("cameMicros is a time of the mission that has been");
}

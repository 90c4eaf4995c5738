using System;
using System.Threading.Tasks;
using Hanse.IO.Gateway;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Hanse.Server.Operations;

/// <summary>Puts the operators' side onto a server.</summary>
/// <remarks>Whoever has no token reaches the gateway, <c>/health</c> and <c>/ready</c>, and nothing else:
/// what no rule lets through is refused, also a route that does not exist. Limits: those of
/// <see cref="OperatorDoor"/>, and a request takes at most <see cref="RequestTimeMax"/>, the live feed
/// apart.</remarks>
internal static class OperationsEdge
{
    /// <summary>How long a request may take.</summary>
    public static readonly TimeSpan RequestTimeMax = TimeSpan.FromSeconds(30);

    /// <summary>Adds what it needs.</summary>
    public static void Add(IServiceCollection services, OperationsParts parts)
    {
        _ = services.AddSingleton(parts).AddSingleton(parts.Operators).AddSingleton(parts.Feed)
            .AddSingleton(new AuditTrail(parts.Store, parts.Time))
            .AddSingleton<MissionFace>().AddSingleton<Readiness>();
        _ = services.AddGrpc().AddJsonTranscoding(json => json.JsonSettings.WriteInt64sAsStrings = true);
        _ = services.AddGrpc()
            .AddServiceOptions<OperationsService>(
                grpc => grpc.MaxReceiveMessageSize = OperatorDoor.BodyBytesMax)
            .AddServiceOptions<DepotsService>(
                grpc => grpc.MaxReceiveMessageSize = OperatorDoor.BodyBytesMax);
        _ = services.AddRequestTimeouts();
        _ = services.AddAuthentication(OperatorGate.Name)
            .AddScheme<AuthenticationSchemeOptions, OperatorGate>(OperatorGate.Name, null);
        _ = services.AddAuthorization(rules => rules.FallbackPolicy =
            new AuthorizationPolicyBuilder().RequireRole(OperatorRoles.Admin).Build());
    }

    /// <summary>Maps its routes.</summary>
    public static void Map(WebApplication web, OperationsParts parts)
    {
        _ = web.UseRouting();
        _ = web.UseRequestTimeouts();
        _ = web.UseAuthentication();
        _ = web.UseAuthorization();
        _ = web.Use(new OperatorDoor().PassAsync);
        var bounded = new RequestTimeoutPolicy
        {
            Timeout = RequestTimeMax,
            WriteTimeoutResponse = http => OperatorGate.RefuseAsync(
                http, StatusCodes.Status504GatewayTimeout, Grpc.Core.StatusCode.DeadlineExceeded,
                "it took too long; if it was an order, it may have been carried out"),
        };
        _ = web.MapGrpcService<OperationsService>().WithRequestTimeout(bounded);
        _ = web.MapGrpcService<DepotsService>().WithRequestTimeout(bounded);
        Readiness readiness = web.Services.GetRequiredService<Readiness>();
        _ = web.MapGet("/ready", async () =>
            await readiness.IsReadyAsync() ? Results.Ok() : Results.StatusCode(503)).AllowAnonymous();
        string document = OpenApi.Write(CoreVersion());
        _ = web.MapGet("/openapi.json", () => Results.Text(document, "application/json"))
            .RequireAuthorization(policy => policy.RequireRole(OperatorRoles.Viewer));
        IHostApplicationLifetime life = web.Services.GetRequiredService<IHostApplicationLifetime>();
        _ = web.MapGet(
                "/v1/live",
                (HttpContext http) => parts.Feed.ServeAsync(
                    http, async () => (await OperatorGate.WhoIsAsync(http.Request, parts)).Who is not null,
                    life.ApplicationStopping))
            .RequireAuthorization(policy => policy.RequireRole(OperatorRoles.Viewer))
            .WithMetadata(new OperatorDoor.Unbounded());
        web.Services.GetRequiredService<NodeRegistry>().OnEnrolled = parts.Feed.Enrolled;
        MissionFace face = web.Services.GetRequiredService<MissionFace>();
        _ = life.ApplicationStarted.Register(
            () => _ = Task.Run(() => parts.Feed.RunAsync(face, parts.Time, life.ApplicationStopping)));
    }

    private static string CoreVersion() =>
        typeof(OperationsEdge).Assembly.GetName().Version?.ToString(3) ?? "0";
}

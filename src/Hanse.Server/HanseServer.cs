using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using Hanse.IO.Gateway;
using Hanse.IO.Stores;
using Hanse.Server.Operations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Hanse.Server;

/// <summary>A server that nodes and operators call: Kestrel with the gateway over gRPC, and the operators'
/// side over gRPC and HTTP.</summary>
/// <remarks>It listens on this machine only unless told otherwise. Its limits are small on purpose: a call is
/// at most 16 frames, a connection has at most 100 streams, and whoever does not finish a request's head or a
/// handshake in time is cut off.</remarks>
public sealed class HanseServer : IAsyncDisposable
{
    /// <summary>Most connections at once.</summary>
    public const int ConnectionsMax = 20_000;

    /// <summary>Most bytes of a call.</summary>
    public const int CallBytesMax = 96 << 10;

    /// <summary>How often it looks which nodes are retired.</summary>
    public static readonly TimeSpan RefreshPeriod = TimeSpan.FromSeconds(5);

    private readonly WebApplication _web;
    private readonly GatewayDesk _desk;
    private readonly TimeSpan _drainTime;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _refreshing;

    private HanseServer(WebApplication web, GatewayDesk desk, NodeRegistry registry, TimeSpan drainTime)
    {
        _refreshing = Task.Run(() => RefreshAsync(registry, _stop.Token), CancellationToken.None);
        _web = web;
        _desk = desk;
        _drainTime = drainTime;
    }

    /// <summary>Where it listens, with the port that it got.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>What it answers to, for tests.</summary>
    internal IReadOnlyList<string> Routes =>
    [
        .. _web.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(endpoint => endpoint.RoutePattern.RawText!)
            .Where(route => !route.Contains("{unimplemented", StringComparison.Ordinal)).Distinct(),
    ];

    /// <summary>Starts listening.</summary>
    /// <exception cref="System.IO.IOException">The port is taken.</exception>
    public static async Task<HanseServer> StartAsync(
        GatewayDesk desk, NodeRegistry registry, ServerOptions options, CancellationToken cancel = default)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        _ = builder.Logging.ClearProviders();
        _ = builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = CallBytesMax;
            grpc.EnableDetailedErrors = false;
        });
        if (options.Operations is { } parts)
        {
            OperationsEdge.Add(builder.Services, parts);
        }

        TelemetryExport.Add(builder.Services);
        _ = builder.Services.AddSingleton(desk).AddSingleton(registry).AddSingleton<StreamBook>()
            .AddSingleton(new BirthDesk(desk.Plane, registry, desk.Mission, TimeProvider.System));
        _ = builder.WebHost.ConfigureKestrel(kestrel => Limit(kestrel, options));
        _ = builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.DrainTime);
        WebApplication web = builder.Build();
        registry.OnChanged = web.Services.GetRequiredService<StreamBook>().End;
        if (options.Operations is { } operations)
        {
            OperationsEdge.Map(web, operations);
        }

        _ = web.MapGrpcService<GatewayService>().AllowAnonymous(); // Nodes sign what they say.
        var rescue = new RescueDesk(registry, desk.Mission, options.RescueFolder, TimeProvider.System);
        _ = web.MapPost("/rescue", http => RescueAsync(rescue, http)).AllowAnonymous(); // Signed as well.
        _ = web.MapGet("/health", () => Results.Ok()).AllowAnonymous();
        var server = new HanseServer(web, desk, registry, options.DrainTime);
        await web.StartAsync(cancel);
        server.Address = new Uri(
            web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!
                .Addresses.First());
        return server;
    }

    /// <summary>Tells callers to come again, lets what is under way finish, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _desk.IsDraining = true;
        using var late = new CancellationTokenSource(_drainTime);
        await _web.StopAsync(late.Token);
        await _web.DisposeAsync();
        await _stop.CancelAsync();
        await _refreshing;
        _stop.Dispose();
    }

    // No schema, no framework's reading of a body: bytes in, bytes out, as they are for ever.
    private static async Task RescueAsync(RescueDesk rescue, HttpContext http)
    {
        byte[] call = new byte[RescueCall.Length + 1];
        int length = 0;
        int read;
        while (length < call.Length
            && (read = await http.Request.Body.ReadAsync(call.AsMemory(length), http.RequestAborted)) > 0)
        {
            length += read;
        }

        (byte[]? answer, http.Response.StatusCode) = await rescue.AnswerAsync(call.AsMemory(0, length));
        if (answer is not null)
        {
            http.Response.ContentType = "application/octet-stream";
            http.Response.ContentLength = answer.Length;
            await http.Response.Body.WriteAsync(answer, http.RequestAborted);
        }
    }

    // Which nodes are retired, another process of the same store may have heard.
    private static async Task RefreshAsync(NodeRegistry registry, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(RefreshPeriod);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                try
                {
                    await registry.RefreshAsync(stop);
                }
                catch (StoreException)
                {
                    // It is known a little later.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It is about to end.
        }
    }

    private static void Limit(KestrelServerOptions kestrel, ServerOptions options)
    {
        kestrel.AddServerHeader = false;
        KestrelServerLimits limits = kestrel.Limits;
        limits.MaxConcurrentConnections = ConnectionsMax;
        limits.MaxRequestBodySize = null; // A stream is one body; gRPC bounds each message in it.
        limits.MinRequestBodyDataRate = null; // A stream may be silent; GatewayService bounds that.
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        limits.MaxRequestHeadersTotalSize = 8 << 10;
        limits.Http2.MaxStreamsPerConnection = 100;
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
        kestrel.Listen(new IPEndPoint(options.Address, options.Port), listen =>
        {
            if (options.Certificate is { } certificate)
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                _ = listen.UseHttps(certificate, https => https.HandshakeTimeout = TimeSpan.FromSeconds(10));
            }
            else
            {
                listen.Protocols = HttpProtocols.Http2;
            }
        });
    }
}

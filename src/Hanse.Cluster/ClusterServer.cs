using System;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Cluster.Grains;
using Hanse.Cluster.Stores;
using Hanse.IO.Gateway;
using Hanse.IO.Plane;
using Hanse.IO.Stores;
using Hanse.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;

namespace Hanse.Cluster;

/// <summary>One process of a cluster: some of the mission's machines, and a gateway to all of them.</summary>
/// <remarks>
/// Every process is alike: any of them takes any node's call, and gives it to the hub wherever that runs. A
/// process that hears that the others have declared it dead aborts at once, since its machines run elsewhere
/// by then; so it needs a supervisor that starts it again.
/// </remarks>
public sealed class ClusterServer : IAsyncDisposable
{
    private readonly IHost _silo;
    private readonly HanseServer _server;

    private ClusterServer(IHost silo, HanseServer server, ClusterPlane plane, GatewayDesk desk)
    {
        _silo = silo;
        _server = server;
        Plane = plane;
        Desk = desk;
    }

    /// <summary>The mission's machines, wherever they run.</summary>
    public ClusterPlane Plane { get; }

    /// <summary>What takes nodes' calls here.</summary>
    public GatewayDesk Desk { get; }

    /// <summary>How many of the mission's machines run in this process.</summary>
    public int Machines => _silo.Services.GetRequiredService<LocalMachines>().Count;

    /// <summary>Where nodes reach this process.</summary>
    public Uri Address => _server.Address;

    /// <summary>Joins the cluster, or begins one.</summary>
    /// <param name="plane">What all processes know alike; its store is one that all share.</param>
    /// <param name="settings">How.</param>
    /// <param name="cancel">Whether to give up.</param>
    /// <exception cref="StoreException">The database cannot be reached.</exception>
    /// <exception cref="IOException">A port is taken.</exception>
    public static async Task<ClusterServer> StartAsync(
        PlaneParts plane, ClusterSettings settings, CancellationToken cancel = default)
    {
        await SiloTables.PrepareAsync(settings.Connection, cancel);
        IHost silo = Build(plane, settings);
        try
        {
            await JoinAsync(silo, settings, cancel);
            var all = new ClusterPlane(silo.Services.GetRequiredService<IGrainFactory>(), plane);
            NodeRegistry registry = await NodeRegistry.LoadAsync(plane.Store, cancel);
            GatewayKeys keys = await GatewayKeys.OpenAsync(
                plane.Store, settings.Mission, settings.GatewayKeyOf, cancel);
            var desk = new GatewayDesk(
                all, registry, keys, settings.Server.Rules, TimeProvider.System, plane.Clock);
            ServerOptions options = settings.Server with { Operations = settings.Operations?.Invoke(all) };
            HanseServer server = await HanseServer.StartAsync(desk, registry, options, cancel);
            return new ClusterServer(silo, server, all, desk);
        }
        catch
        {
            await StopAsync(silo);
            throw;
        }
    }

    /// <summary>Sends nodes elsewhere, lets what is under way finish, gives its machines to the others, and
    /// leaves.</summary>
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await StopAsync(_silo);
    }

    private static async Task JoinAsync(IHost silo, ClusterSettings settings, CancellationToken cancel)
    {
        try
        {
            await silo.StartAsync(cancel);
        }
        catch (Exception failure) when (failure.GetBaseException() is SocketException taken)
        {
            throw new IOException(
                $"{settings.Address}:{settings.Port} cannot be used for the other processes: {taken.Message}",
                failure);
        }
    }

    private static async Task StopAsync(IHost silo)
    {
        await silo.StopAsync();
        if (silo is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
    }

    private static IHost Build(PlaneParts plane, ClusterSettings settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        _ = builder.Logging.ClearProviders();
        settings.Logging?.Invoke(builder.Logging);
        string mission = Convert.ToHexStringLower(settings.Mission.Span);
        _ = builder.UseOrleans(silo => silo
            .Configure<ClusterOptions>(cluster =>
            {
                cluster.ClusterId = mission[..Math.Min(32, mission.Length)];
                cluster.ServiceId = "hanse";
            })
            .UseAdoNetClustering(table =>
            {
                table.Invariant = "Npgsql";
                table.ConnectionString = SiloTables.ConnectionOf(settings.Connection);
            })
            .ConfigureEndpoints(
                settings.Address, settings.Port > 0 ? settings.Port : FreePort(settings.Address),
                gatewayPort: 0, listenOnAnyHostAddress: false)
            .Configure<ClusterMembershipOptions>(membership =>
            {
                membership.ProbeTimeout = ClusterSettings.ProbeTimeout;
                membership.MaxProbeTimeout = ClusterSettings.ProbeTimeoutMax;
                membership.IAmAliveTablePublishTimeout = ClusterSettings.AlivePeriod;
                membership.TableRefreshTimeout = ClusterSettings.TablePeriod;
            })
            .Configure<SiloMessagingOptions>(messaging =>
                messaging.ResponseTimeout = ClusterSettings.CallTimeout));
        builder.Services.AddPlacementDirector<HomePlacement, HomeDirector>();
        _ = builder.Services
            .AddSingleton(plane)
            .AddSingleton<GrainCourier>()
            .AddSingleton<LocalMachines>()
            .AddSingleton<Homes>()
            .AddHostedService<HubKeeper>()

            // Whoever started this process decides when it ends, also at a signal.
            .AddSingleton<IHostLifetime, NoLifetime>();
        return builder.Build();
    }

    private static int FreePort(IPAddress address)
    {
        using var probe = new TcpListener(address, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

using System;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using Hanse.Cluster;
using Hanse.Cluster.Silo;
using Hanse.Cluster.Stores;
using Hanse.IO.Gateway;
using Hanse.Server;
using Microsoft.Extensions.Logging;

// hanse-cluster-silo STORE TABLE EPOCH HUBS NODES: one process of a cluster, for tests. The table, by which
// the processes know each other, is reached by a connection of its own, so that it can be cut by itself. Says
// where it listens, and ends in peace at SIGTERM, and when whoever started it is gone.
var mission = new ClusterMission(
    int.Parse(args[3], CultureInfo.InvariantCulture), int.Parse(args[4], CultureInfo.InvariantCulture));
var epoch = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(args[2], CultureInfo.InvariantCulture));
var over = new TaskCompletionSource();
using PosixSignalRegistration term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
{
    signal.Cancel = true;
    _ = over.TrySetResult();
});
await using PostgresStore store = await PostgresStore.OpenAsync(args[0]);
ClusterServer server = await ClusterServer.StartAsync(
    mission.PartsOn(store, ClusterMission.ClockFrom(epoch), new SiloPorts()),
    new ClusterSettings
    {
        Connection = args[1],
        Mission = ClusterMission.Name,
        GatewayKeyOf = ClusterMission.Key,
        Server = new ServerOptions
        {
            DrainTime = TimeSpan.FromSeconds(2),
            Rules = new GatewayRules { CallsPerSecond = 10_000, CallsBurst = 10_000 },
        },
        Logging = logging => logging.SetMinimumLevel(LogLevel.Error).AddProvider(new StandardError()),
    });
Console.WriteLine(server.Address);
_ = await Task.WhenAny(over.Task, Task.Run(() => Console.In.ReadToEnd()));
await server.DisposeAsync();
return 0;

internal sealed class StandardError : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        using var lines = new StringReader(formatter(state, exception) + " " + exception?.Message);
        Console.Error.WriteLine(lines.ReadLine());
    }

    public void Dispose()
    {
    }
}

using System;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Grpc.Net.Client;
using Hanse.Api.V1;

namespace Hanse.Cluster.Tests;

/// <summary>One process of a cluster. It ends when this one does, since it reads from a pipe of
/// ours.</summary>
internal sealed class SiloProcess : IDisposable
{
    private readonly Process _process;
    private readonly GrpcChannel _channel;
    private readonly ConcurrentQueue<string> _said;

    private SiloProcess(Process process, string address, ConcurrentQueue<string> said)
    {
        _process = process;
        _said = said;
        _channel = GrpcChannel.ForAddress(address);
        Gateway = new Gateway.GatewayClient(_channel);
    }

    public Gateway.GatewayClient Gateway { get; }

    /// <summary>Hubs that ever ran here.</summary>
    public string[] Hubs =>
    [
        .. _said.Where(line => line.EndsWith(" runs", StringComparison.Ordinal))
            .Select(line => line.Split(' ')[^2]).Distinct(),
    ];

    /// <summary>How often a machine of it found that another one writes its stream.</summary>
    public int Conflicts => _said.Count(line => line.Contains("is not the next", StringComparison.Ordinal));

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    public string Said => string.Join('\n', _said.Where(
        line => !line.EndsWith(" runs", StringComparison.Ordinal)).TakeLast(30));

    public static async Task<SiloProcess> StartAsync(
        string store, string table, DateTimeOffset epoch, int hubs, int nodes)
    {
        string here = AppContext.BaseDirectory.TrimEnd('/');
        string program = Path.Combine(
            here, "..", "..", "Hanse.Cluster.Silo", Path.GetFileName(here), "Hanse.Cluster.Silo.dll");
        string[] arguments =
        [
            Path.GetFullPath(program),
            store,
            table,
            epoch.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
            hubs.ToString(CultureInfo.InvariantCulture),
            nodes.ToString(CultureInfo.InvariantCulture),
        ];
        var process = Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_TieredPGO"] = "0", ["DOTNET_DbgEnableMiniDump"] = "0" },
        })!;
        var said = new ConcurrentQueue<string>();
        process.ErrorDataReceived += (_, line) => said.Enqueue(line.Data ?? "");
        process.BeginErrorReadLine();
        string? address = await process.StandardOutput.ReadLineAsync();
        return address is null
            ? throw new InvalidOperationException($"the process did not start: {string.Join('\n', said)}")
            : new SiloProcess(process, address, said);
    }

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Sends a signal: TERM, STOP, CONT.</summary>
    public async Task SignalAsync(string signal)
    {
        using var shell = Process.Start("sh", ["-c", $"kill -{signal} {_process.Id}"]);
        await shell.WaitForExitAsync();
    }

    public Task WaitForExitAsync() => _process.WaitForExitAsync();

    public void Dispose()
    {
        _channel.Dispose();
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }
}

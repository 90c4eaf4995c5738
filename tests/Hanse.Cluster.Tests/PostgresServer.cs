using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using Npgsql;
using Xunit;

[assembly: AssemblyFixture(typeof(Hanse.Cluster.Tests.PostgresServer))]

namespace Hanse.Cluster.Tests;

/// <summary>A PostgreSQL of the tests' own, on a free port of this machine, in a folder that goes with
/// it.</summary>
/// <remarks>A shell keeps it, and ends it when this process ends in whatever way: the shell reads from a pipe
/// that only this process holds.</remarks>
public sealed class PostgresServer : IAsyncLifetime
{
    private const string Keeper = """
        data=$1 bin=$2 port=$3 pid=
        go() {
            "$bin/postgres" -D "$data/pg" -k "$data" -h 127.0.0.1 -p "$port" \
                -c max_connections=60 -c shared_buffers=32MB -c log_min_messages=panic \
                >"$data/log" 2>&1 </dev/null &
            pid=$!
        }
        end() {
            kill -QUIT "$pid" 2>/dev/null
            wait "$pid"
        }
        cd "$data" || exit 1
        "$bin/initdb" -D "$data/pg" -U hanse -A trust -E UTF8 --no-locale -N >"$data/initdb" 2>&1 || exit 1
        while read -r word; do
            case $word in
            start) go ;;
            kill) end ;;
            esac
            echo done
        done
        end
        rm -rf "$data/pg"
        """;

    private readonly SemaphoreSlim _talking = new(1, 1);
    private string _folder = "";
    private Process? _keeper;
    private int _port;
    private int _databases;

    /// <summary>Why there is none; null when there is one.</summary>
    public string? Missing { get; private set; }

    public async ValueTask InitializeAsync()
    {
        (int code, string bin, string word) = await RunAsync(Path.Combine(Root(), "eng", "postgres"));
        if (code != 0)
        {
            Missing = word.Trim();
            return;
        }

        _folder = Directory.CreateTempSubdirectory("hanse-pg-").FullName;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            _port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        // PostgreSQL does not run as root.
        string user = Environment.UserName == "root" ? await UserAsync() : "";
        if (user.Length > 0)
        {
            _ = await RunAsync("chown", user, _folder);
        }

        string[] shell = ["/bin/sh", "-c", Keeper, "keeper", _folder, bin.Trim(),
            _port.ToString(CultureInfo.InvariantCulture)];
        string[] all = user.Length > 0 ? ["runuser", "-u", user, "--", .. shell] : shell;
        _keeper = Process.Start(new ProcessStartInfo(all[0], all[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        });
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_keeper is { } keeper)
        {
            keeper.StandardInput.Close();
            await keeper.WaitForExitAsync();
            keeper.Dispose();
            Directory.Delete(_folder, recursive: true);
        }

        _talking.Dispose();
    }

    /// <summary>The address of a new, empty database; skips the test where there is no PostgreSQL.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        Assert.SkipWhen(Missing is not null, Missing ?? "");
        string name = string.Create(
            CultureInfo.InvariantCulture, $"d{Interlocked.Increment(ref _databases)}");
        _ = await SqlAsync(AddressOf("postgres"), $"CREATE DATABASE {name}");
        return AddressOf(name);
    }

    /// <summary>Deletes a database, with whoever is still connected to it: what is there has to be flushed
    /// when the server is started again after a crash of it.</summary>
    public async ValueTask DropAsync(string address)
    {
        if (address.Length > 0)
        {
            string? name = new NpgsqlConnectionStringBuilder(address).Database;
            _ = await SqlAsync(AddressOf("postgres"), $"DROP DATABASE {name} WITH (FORCE)");
        }
    }

    /// <summary>Ends the server as a crash of it would, in the middle of everything.</summary>
    public Task KillAsync() => SayAsync("kill");

    /// <summary>Starts the server, and waits until it answers.</summary>
    public async Task StartAsync()
    {
        await SayAsync("start");
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                _ = await SqlAsync(AddressOf("postgres"), "SELECT 1");
                return;
            }
            catch (NpgsqlException) when (attempt < 300)
            {
                await Task.Delay(100);
            }
        }
    }

    public static async Task<object?> SqlAsync(string address, string statement)
    {
        await using var connection = new NpgsqlConnection(address + ";Pooling=False");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        return await command.ExecuteScalarAsync();
    }

    private string AddressOf(string database) => string.Create(
        CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_port};Username=hanse;Database={database}");

    private async Task SayAsync(string word)
    {
        await _talking.WaitAsync();
        try
        {
            await _keeper!.StandardInput.WriteLineAsync(word);
            await _keeper.StandardInput.FlushAsync();
            string? done = await _keeper.StandardOutput.ReadLineAsync();
            Assert.True(done == "done", $"the server cannot be started; see {_folder}");
        }
        finally
        {
            _ = _talking.Release();
        }
    }

    private static async Task<string> UserAsync() =>
        (await RunAsync("id", "-u", "postgres")).Code == 0 ? "postgres" : "nobody";

    private static async Task<(int Code, string Out, string Error)> RunAsync(
        string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> said = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await said, await error);
    }

    private static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}

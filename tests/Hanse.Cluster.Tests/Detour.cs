using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;

namespace Hanse.Cluster.Tests;

/// <summary>A way to a server on which answers can be lost: while it is deaf, what is said arrives, what is
/// answered does not, and nobody new gets through.</summary>
internal sealed class Detour : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _port;
    private readonly List<TcpClient> _all = [];

    public Detour(int port)
    {
        _port = port;
        _listener.Start();
        _ = Task.Run(AcceptAsync);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public bool IsDeaf { get; set; }

    public void Dispose()
    {
        _listener.Stop();
        lock (_all)
        {
            _all.ForEach(client => client.Dispose());
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync();
                if (IsDeaf)
                {
                    client.Dispose();
                    continue;
                }

                var server = new TcpClient();
                lock (_all)
                {
                    _all.AddRange([client, server]);
                }

                await server.ConnectAsync(IPAddress.Loopback, _port);
                _ = Task.Run(() => CarryAsync(client, server, isAnswer: false));
                _ = Task.Run(() => CarryAsync(server, client, isAnswer: true));
            }
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // Over.
        }
    }

    // The server is not told that the other end has gone, as when a network is cut.
    private async Task CarryAsync(TcpClient from, TcpClient to, bool isAnswer)
    {
        byte[] buffer = new byte[65_536];
        try
        {
            while (await from.GetStream().ReadAsync(buffer) is > 0 and int length)
            {
                if (!isAnswer || !IsDeaf)
                {
                    await to.GetStream().WriteAsync(buffer.AsMemory(0, length));
                }
            }
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException
            or InvalidOperationException)
        {
            // Over.
        }
    }
}

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using Hanse.Core.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Hanse.Server.Operations;

/// <summary>What happens, told to whoever looks on, as server-sent events.</summary>
/// <remarks>
/// The same text goes to all. A reader has a queue of <see cref="WaitingMax"/> events; when it is full the
/// reader is cut off, and whoever wants to go on connects again: nobody is waited for, and nothing is told
/// twice. Whoever may not read any more is told nothing more. At most <see cref="ReadersMax"/> read at once.
/// All members may be called from any thread.
/// </remarks>
public sealed class LiveFeed
{
    /// <summary>Most readers at once.</summary>
    public const int ReadersMax = 100;

    /// <summary>Most events that wait for a reader: a status for a minute, and what else happens.</summary>
    public const int WaitingMax = 256;

    private readonly ConcurrentDictionary<Reader, bool> _readers = new();
    private long _dropped;
    private long _failures;
    private int _count;

    /// <summary>How many read.</summary>
    public int Readers => Volatile.Read(ref _count);

    /// <summary>Readers cut off because they were slow.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Failures of machines so far.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>A machine has failed and is started anew.</summary>
    public void Failed(Party machine, string why)
    {
        _ = Interlocked.Increment(ref _failures);
        Tell("failed", JsonSerializer.Serialize(new { machine = machine.ToString(), why }));
    }

    /// <summary>A node has a key now.</summary>
    public void Enrolled(NodeId node) =>
        Tell("enrolled", JsonSerializer.Serialize(new { node = node.Value }));

    /// <summary>The strategic layer has heard how a bounty ended.</summary>
    public void Closed(BountyId bounty) => Tell(
        "closed",
        JsonSerializer.Serialize(new { bounty = bounty.Value.ToString(CultureInfo.InvariantCulture) }));

    /// <summary>Tells all readers something.</summary>
    /// <param name="kind">What, in a word.</param>
    /// <param name="json">In one line.</param>
    public void Tell(string kind, string json)
    {
        if (Readers == 0)
        {
            return;
        }

        string text = $"event: {kind}\ndata: {json}\n\n";
        foreach (Reader reader in _readers.Keys)
        {
            if (!reader.Events.Writer.TryWrite(text))
            {
                _ = Interlocked.Increment(ref _dropped);
                reader.Cut();
            }
        }
    }

    /// <summary>Tells one reader until it goes, is too slow, may not any more, or the server
    /// ends.</summary>
    internal async Task ServeAsync(HttpContext http, Func<Task<bool>> mayStill, CancellationToken ending)
    {
        if (Interlocked.Increment(ref _count) > ReadersMax)
        {
            _ = Interlocked.Decrement(ref _count);
            await OperatorGate.RefuseAsync(
                http, StatusCodes.Status503ServiceUnavailable, Grpc.Core.StatusCode.ResourceExhausted,
                $"{ReadersMax} readers look on already; come again later");
            return;
        }

        using var reader = new Reader(http.RequestAborted, ending);
        _ = _readers.TryAdd(reader, true);
        try
        {
            http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            http.Response.ContentType = "text/event-stream";
            http.Response.Headers.CacheControl = "no-store";
            await http.Response.WriteAsync(": hanse\n\n", reader.Stop);
            await http.Response.Body.FlushAsync(reader.Stop);
            await foreach (string text in reader.Events.Reader.ReadAllAsync(reader.Stop))
            {
                if (!await mayStill())
                {
                    return;
                }

                await http.Response.WriteAsync(text, reader.Stop);
                await http.Response.Body.FlushAsync(reader.Stop);
            }
        }
        catch (OperationCanceledException)
        {
            if (reader.IsCut)
            {
                http.Abort(); // What is half written cannot be ended well.
            }
        }
        finally
        {
            _ = _readers.TryRemove(KeyValuePair.Create(reader, true));
            _ = Interlocked.Decrement(ref _count);
        }
    }

    /// <summary>Once a second while somebody reads: a status, and the bounties that have closed.</summary>
    internal async Task RunAsync(MissionFace face, TimeProvider time, CancellationToken ending)
    {
        HashSet<BountyId>? posted = null;
        using var beat = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        try
        {
            while (await beat.WaitForNextTickAsync(ending))
            {
                posted = Readers == 0 ? null : await BeatAsync(face, posted);
            }
        }
        catch (OperationCanceledException)
        {
            // The server ends.
        }
    }

    private async Task<HashSet<BountyId>?> BeatAsync(MissionFace face, HashSet<BountyId>? before)
    {
        try
        {
            (V1.Mission mission, IO.Plane.StrategyStatus strategy) = await face.LookAsync();
            Tell("status", MissionFace.Json(mission));
            var now = strategy.Posted.Select(one => one.Bounty).ToHashSet();
            if (before is not null)
            {
                foreach (BountyId bounty in before.Except(now).Order())
                {
                    Closed(bounty);
                }
            }

            return now;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return before; // A machine is being started; the next beat will tell.
        }
    }

    private sealed class Reader : IDisposable
    {
        private readonly CancellationTokenSource _stop;

        public Reader(CancellationToken gone, CancellationToken ending) =>
            _stop = CancellationTokenSource.CreateLinkedTokenSource(gone, ending);

        public Channel<string> Events { get; } = Channel.CreateBounded<string>(
            new BoundedChannelOptions(WaitingMax) { SingleReader = true });

        public CancellationToken Stop => _stop.Token;

        public bool IsCut { get; private set; }

        public void Cut()
        {
            IsCut = true;
            try
            {
                _ = _stop.CancelAsync(); // Not in the turn of whoever tells.
            }
            catch (ObjectDisposedException)
            {
                // It has gone by itself.
            }
        }

        public void Dispose() => _stop.Dispose();
    }
}

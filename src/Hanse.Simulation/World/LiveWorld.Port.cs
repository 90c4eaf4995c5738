using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Security.Cryptography;
using System.Threading;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Simulation.World;

/// <content>What the world inside is given, and what is kept.</content>
public sealed partial class LiveWorld : IWorldPort, IWorldWatch
{
    private const int OrderEventsFrom = (int)WorldEvent.Departure;

    // What is at the front of a saved world; then 32 bytes of SHA-256 over all that follows.
    private static readonly byte[] _mark = "hanse world 1\n"u8.ToArray();

    // In order of time, and then as they were scheduled.
    private readonly SortedSet<Due> _events = new(Comparer<Due>.Create(Due.Compare));
    private readonly NodeStanding[] _standings;

    // By node: how its last order ended, if it has; whether it broke down or was mended last, if ever; what
    // is scheduled for its order; what hubs have yet to be told of it; the last docking that one heard of.
    private readonly NodeInput?[] _ends;
    private readonly NodeInput?[] _bodies;
    private readonly Due?[] _orderEvents;
    private readonly int[] _unheard;
    private readonly uint[] _told;
    private readonly Counts _counts = new();
    private ulong _sequence;
    private long _now;

    /// <inheritdoc/>
    bool IWorldPort.IsPrompt => false;

    /// <inheritdoc/>
    void IWorldPort.Give(int node, NodeInput input)
    {
        if (input is NodeInput.OrderDone or NodeInput.GaveOut or NodeInput.Surveyed or NodeInput.Repaired)
        {
            _ends[node] = input;
        }
        else if (input is NodeInput.BrokeDown or NodeInput.Mended)
        {
            _bodies[node] = input;
        }

        _port.Give(_plan.Nodes[node].Node, input);
    }

    /// <inheritdoc/>
    void IWorldPort.Answer(int node, NodeInput input) => _port.Give(_plan.Nodes[node].Node, input);

    /// <inheritdoc/>
    bool IWorldPort.Tell(int region, int node, HubInput input)
    {
        uint docking = DockingOf(input);
        if (docking <= _told[node] && !_world.Waits(node, docking))
        {
            return true; // It heard, and has answered, or has heard of a later one.
        }

        bool isHeard = _port.Tell(_plan.Regions[region].Id, input);
        _told[node] = isHeard ? Math.Max(docking, _told[node]) : _told[node];
        return isHeard;
    }

    /// <inheritdoc/>
    void IWorldPort.Schedule(long at, int node, WorldEvent kind, uint argument)
    {
        var due = new Due(at, _sequence++, node, kind, argument, null);
        if (IsOrders(kind))
        {
            if (_orderEvents[node] is { } before)
            {
                _ = _events.Remove(before);
            }

            _orderEvents[node] = due;
        }

        _ = _events.Add(due);
    }

    /// <inheritdoc/>
    void IWorldPort.ScheduleTold(long at, int node, HubInput input)
    {
        _ = Interlocked.Increment(ref _unheard[node]);
        _ = _events.Add(new Due(at, _sequence++, node, default, 0, input));
    }

    /// <inheritdoc/>
    NodeStanding IWorldPort.StandingOf(int node) => _standings[node];

    /// <inheritdoc/>
    long IWorldPort.WhenShows(int node, Instant local) => local.Micros;

    /// <inheritdoc/>
    Instant IWorldPort.NodeClockAt(int node, long at) => new(at);

    /// <inheritdoc/>
    Instant IWorldPort.HubClockAt(int node, long at) => new(at);

    /// <inheritdoc/>
    void IWorldWatch.Commissioned(int node)
    {
    }

    /// <inheritdoc/>
    void IWorldWatch.Built(int node)
    {
    }

    /// <inheritdoc/>
    void IWorldWatch.Observed(int node)
    {
    }

    /// <inheritdoc/>
    void IWorldWatch.Berthed(double waitedHours)
    {
    }

    /// <inheritdoc/>
    void IWorldWatch.CameToFace(double waitedHours)
    {
    }

    /// <inheritdoc/>
    void IWorldWatch.Burnt(double grams) => _counts.Burnt += grams;

    /// <inheritdoc/>
    void IWorldWatch.CameShort(bool isEmpty) => _counts.CameShort++;

    /// <inheritdoc/>
    void IWorldWatch.Unloaded(int node, Order.Dock dock, double grams)
    {
        _counts.Dockings++;
        _counts.Unloaded += grams;
    }

    /// <inheritdoc/>
    void IWorldWatch.Loaded(int node, Order.Load load, Commodity commodity, bool isGoods, double grams) =>
        _counts.Loaded += grams;

    /// <inheritdoc/>
    void IWorldWatch.LostGoods(int node, double grams) => _counts.Lost += grams;

    /// <inheritdoc/>
    void IWorldWatch.BrokeDown(int node) => _counts.Breakdowns++;

    /// <inheritdoc/>
    void IWorldWatch.Mended(int node, BountyId call) => _counts.Mended++;

    /// <inheritdoc/>
    void IWorldWatch.Died(int node, string how)
    {
        _counts.Deaths++;
        _port.Died(_plan.Nodes[node].Node, how);
    }

    private static bool IsOrders(WorldEvent kind) => (int)kind >= OrderEventsFrom;

    private static uint DockingOf(HubInput input) => input switch
    {
        HubInput.Docked docked => docked.Docking,
        HubInput.Inspected seen => seen.Docking,
        HubInput.PartsAsked asked => asked.Docking,
        _ => throw new UnreachableException($"no rule for {input}"),
    };

    private int RegionOf(int node) => (int)_standings[node].Region.Value - 1;

    private byte[] Written()
    {
        var buffer = new ByteBuffer();
        var writer = new CborWriter(buffer);
        Shape(ref writer);
        byte[] body = buffer.Written.ToArray();
        return [.. _mark, .. SHA256.HashData(body), .. body];
    }

    private void Read(ReadOnlyMemory<byte> saved)
    {
        int front = _mark.Length + SHA256.HashSizeInBytes;
        if (saved.Length < front || !saved.Span[.._mark.Length].SequenceEqual(_mark))
        {
            throw new InvalidDataException("not a saved world, or one of another version");
        }

        ReadOnlyMemory<byte> body = saved[front..];
        if (!SHA256.HashData(body.Span).AsSpan().SequenceEqual(saved.Span[_mark.Length..front]))
        {
            throw new InvalidDataException("the saved world is spoiled: its checksum is another");
        }

        var reader = new CborReader(body);
        Shape(ref reader);
        if (!reader.Failed && !reader.IsAtEnd)
        {
            reader.Refuse("bytes are left over");
        }

        if (reader.Error is { } error)
        {
            throw new InvalidDataException(
                $"the saved world cannot be gone on with: {error.Reason} (byte {error.Offset})");
        }
    }

    private void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("liveWorld", 6);
        _world.Shape(ref codec);
        _now = codec.Integer("now", _now, 0, long.MaxValue);
        _sequence = codec.Count("sequence", _sequence);
        _counts.Shape(ref codec);
        Reals.Expect(
            ref codec, codec.OpenList("nodes", _standings.Length, _standings.Length), _standings.Length);
        for (int n = 0; n < _standings.Length && !codec.Failed; n++)
        {
            codec.Open("node", 4);
            _standings[n] = NodeStanding.Shape(ref codec, codec.IsReading ? null : _standings[n]);
            _ends[n] = codec.Optional("end", _ends[n]);
            _bodies[n] = codec.Optional("body", _bodies[n]);
            _told[n] = (uint)codec.Integer("told", _told[n], 0, uint.MaxValue);
            if (_standings[n].Region.Value - 1 >= (uint)_plan.Regions.Length)
            {
                codec.Refuse("a node is of no region");
            }

            codec.Close();
        }

        codec.CloseList();
        ShapeEvents(ref codec);
        codec.Close();
    }

    private void ShapeEvents<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        Due[] events = [.. _events];
        int count = codec.OpenList("events", events.Length, int.MaxValue);
        for (int i = 0; i < count && !codec.Failed; i++)
        {
            var due = Due.Shape(ref codec, codec.IsReading ? null : events[i]);
            if (!codec.IsReading)
            {
                continue;
            }

            if (due.Node >= _standings.Length || !_events.Add(due))
            {
                codec.Refuse("an event is of no node, or there twice");
            }
            else if (due.Input is not null)
            {
                _unheard[due.Node]++;
            }
            else if (IsOrders(due.Kind))
            {
                _orderEvents[due.Node] = due;
            }
        }

        codec.CloseList();
    }

    // Something that comes due: at a node, or what a hub is to be told of one.
    private sealed record Due(
        long At, ulong Sequence, int Node, WorldEvent Kind, uint Argument, HubInput? Input) : IShaped<Due>
    {
        public static int Compare(Due? a, Due? b) =>
            a!.At != b!.At ? a.At.CompareTo(b.At) : a.Sequence.CompareTo(b.Sequence);

        public static Due Shape<TCodec>(ref TCodec codec, Due? value)
            where TCodec : struct, ICodec
        {
            codec.Open("due", 6);
            long at = codec.Integer("at", value?.At ?? 0, 0, long.MaxValue);
            ulong sequence = codec.Count("sequence", value?.Sequence ?? 0);
            int node = codec.Number("node", value?.Node ?? 0);
            var kind = (WorldEvent)codec.Integer(
                "kind", (long)(value?.Kind ?? 0), 0, (long)WorldEvent.Undocking);
            uint argument = (uint)codec.Integer("argument", value?.Argument ?? 0, 0, uint.MaxValue);
            HubInput? input = codec.Optional("input", value?.Input);
            codec.Close();
            return value ?? new Due(at, sequence, node, kind, argument, input);
        }
    }

    private sealed class Counts : IShapedState
    {
        public long Dockings { get; set; }

        public double Unloaded { get; set; }

        public double Loaded { get; set; }

        public double Lost { get; set; }

        public double Burnt { get; set; }

        public long CameShort { get; set; }

        public long Breakdowns { get; set; }

        public long Mended { get; set; }

        public long Deaths { get; set; }

        public void Shape<TCodec>(ref TCodec codec)
            where TCodec : struct, ICodec
        {
            codec.Open("counts", 9);
            Dockings = codec.Integer("dockings", Dockings, 0, long.MaxValue);
            Unloaded = codec.Real("unloaded", Unloaded);
            Loaded = codec.Real("loaded", Loaded);
            Lost = codec.Real("lost", Lost);
            Burnt = codec.Real("burnt", Burnt);
            CameShort = codec.Integer("cameShort", CameShort, 0, long.MaxValue);
            Breakdowns = codec.Integer("breakdowns", Breakdowns, 0, long.MaxValue);
            Mended = codec.Integer("mended", Mended, 0, long.MaxValue);
            Deaths = codec.Integer("deaths", Deaths, 0, long.MaxValue);
            codec.Close();
        }
    }
}

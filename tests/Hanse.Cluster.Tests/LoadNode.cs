using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;
using Grpc.Core;
using Hanse.Api.V1;
using Hanse.Cluster.Silo;
using Hanse.Core.Hub;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.IO.Gateway;
using Hanse.IO.Journal;
using Hanse.IO.Runtime;
using Hanse.IO.Wire;
using Frame = Hanse.Core.Links.Frame;
using NodeId = Hanse.Core.Identity.NodeId;
using Party = Hanse.Core.Identity.Party;

namespace Hanse.Cluster.Tests;

/// <summary>A node that reports without end, each report with a number of its own, to whatever gateway takes
/// its calls. Its end of the link is the real one.</summary>
internal sealed class LoadNode
{
    private readonly LinkEnd _link;
    private readonly MissionClock _clock;
    private readonly Func<IReadOnlyList<Gateway.GatewayClient>> _gateways;
    private readonly Dictionary<ulong, long> _underWay = [];
    private readonly SortedSet<long> _acknowledged = [];
    private long _reports;
    private bool _isEnrolled;
    private ulong _count;
    private int _gateway;

    public LoadNode(
        uint node, ClusterMission mission, MissionClock clock,
        Func<IReadOnlyList<Gateway.GatewayClient>> gateways)
    {
        Node = new NodeId(node);
        Hub = mission.Nodes[(int)node - 1];
        Key = ClusterMission.Key($"node {node}");
        _clock = clock;
        _gateways = gateways;
        _gateway = (int)node;
        _link = new LinkEnd(
            Party.Of(Node), Party.Of(Hub.Region), Hub.NodeContacts.PlanFor(Node), mission.Guard, Remember);
        _ = _link.Queue(
            new Enrol(Key.PublicKey, 1, 1, mission.CargoMax, new Plan(1, default, default,
            [
                .. Enumerable.Range(1, Plan.TracksMax)
                    .Select(variable => new Track((Variable)variable, [new Knot(default, 0)])),
            ])),
            Priority.Contract,
            Instant.Never);
    }

    public NodeId Node { get; }

    public HubSpec Hub { get; }

    public Ed25519Keys Key { get; }

    /// <summary>When its last call was taken, by <see cref="Stopwatch.GetTimestamp"/>.</summary>
    public long LastTaken { get; private set; } = Stopwatch.GetTimestamp();

    /// <summary>Longest time between two calls that were taken, since somebody last asked.</summary>
    public TimeSpan Outage { get; set; }

    public int Refusals { get; private set; }

    /// <summary>Numbers of reports that its hub has acknowledged.</summary>
    public long[] Acknowledged
    {
        get
        {
            lock (_acknowledged)
            {
                return [.. _acknowledged];
            }
        }
    }

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (!await CallAsync())
            {
                Refusals++;
                _gateway++;
                await Task.Delay(100, CancellationToken.None);
            }

            await Task.Delay(25, CancellationToken.None);
        }
    }

    /// <summary>Its next frame.</summary>
    public Frame Next() => _link.Compose(_clock.Now, hail: true, owesAnswer: true)!;

    private async Task<bool> CallAsync()
    {
        IReadOnlyList<Gateway.GatewayClient> gateways = _gateways();
        if (gateways.Count == 0)
        {
            return false;
        }

        if (_isEnrolled && _link.Waiting < 20)
        {
            _ = _link.Queue(
                new DeviationReport(1, [new Deviation(Variable.Cargo, _clock.Now.FloorSecond, _reports++)]),
                Priority.Report, Instant.Never);
        }

        byte[] frame = FrameCodec.Encode(Next());
        byte[] signed = CallSignature.OfCall(ClusterMission.Name, Node.Value, ++_count, [frame]);
        try
        {
            Answer answer = await gateways[_gateway % gateways.Count].SyncAsync(
                new Call
                {
                    Node = Node.Value,
                    Count = _count,
                    Frames = { ByteString.CopyFrom(frame) },
                    Signature = ByteString.CopyFrom(Key.Sign(signed)),
                },
                deadline: DateTime.UtcNow.AddSeconds(3));
            // Some are lost on their way, so that a link repeats what its hub has taken already.
            bool isLost = _count % 7 == 0;
            foreach (ByteString bytes in isLost ? [] : answer.Frames)
            {
                if (FrameCodec.TryDecode(bytes.Memory, out Frame? taken, out _))
                {
                    Take(taken);
                }
            }

            if (answer.ComeAgainMilliseconds > 0)
            {
                return false;
            }

            TimeSpan since = Stopwatch.GetElapsedTime(LastTaken);
            Outage = since > Outage ? since : Outage;
            LastTaken = Stopwatch.GetTimestamp();
            return true;
        }
        catch (RpcException)
        {
            return false;
        }
    }

    private void Take(Frame frame)
    {
        foreach (Message message in _link.Take(_clock.Now, frame))
        {
            _isEnrolled |= message is Enrolled;
        }
    }

    private void Remember(LinkFact fact)
    {
        _link.Apply(fact);
        if (fact is LinkFact.Queued { Message: DeviationReport report } queued)
        {
            _underWay[queued.Sequence] = report.Deviations[0].Value;
        }
        else if (fact is LinkFact.Taken taken)
        {
            lock (_acknowledged)
            {
                foreach (ulong sequence in taken.Acked)
                {
                    if (_underWay.Remove(sequence, out long number))
                    {
                        _ = _acknowledged.Add(number);
                    }
                }
            }
        }
    }
}

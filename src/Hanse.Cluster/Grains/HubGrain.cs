using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Strategy;
using Hanse.IO.Plane;
using Hanse.IO.Runtime;
using Hanse.IO.Stores;
using Hanse.IO.Wire;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Hanse.Cluster.Grains;

/// <summary>A hub in a grain, with the mailboxes of its nodes.</summary>
[Reentrant]
[CollectionAgeLimit(AlwaysActive = true)]
[HomePlacement]
internal sealed class HubGrain(
    PlaneParts plane, GrainCourier courier, Homes homes, ISiloStatusOracle silos, LocalMachines local)
    : MachineGrain<HubInput, HubFact, HubEffect>(plane.Clock, homes, silos, local), IHubGrain, IPlaneRouter
{
    private readonly Dictionary<NodeId, NodeMailbox> _mailboxes = [];
    private readonly DepotAnswers _answers = new();

    protected override HubInput Woken { get; } = new HubInput.Woken();

    private RegionId Region => new((uint)this.GetPrimaryKeyLong());

    public Task<Told> ReceiveAsync(byte[] frame) =>
        FrameCodec.TryDecode(frame, out Frame? arrived, out _)
            ? TellAsync(new HubInput.FrameArrived(arrived)) : Task.FromResult(Told.Failed);

    public Task PostAsync(byte[] frame)
    {
        if (FrameCodec.TryDecode(frame, out Frame? arrived, out _))
        {
            StepAndForget(new HubInput.FrameArrived(arrived));
        }

        return Task.CompletedTask;
    }

    public Task<Told> TellAsync(byte[] input) =>
        GrainBytes.TryRead(input, out HubInput? told) ? TellAsync(told) : Task.FromResult(Told.Failed);

    public async Task<DepotTold> DockAsync(byte[] input)
    {
        if (!GrainBytes.TryRead(input, out HubInput? told))
        {
            return new DepotTold(Told.Failed, null);
        }

        Told taken = await TellAsync(told);
        return new DepotTold(taken, _answers.Take(told) is { } answer ? GrainBytes.Of(answer) : null);
    }

    public async Task<byte[][]> FetchAsync(uint node, TimeSpan wait)
    {
        NodeMailbox mailbox = MailboxOf(new NodeId(node));
        IReadOnlyList<Frame> frames = mailbox.Take();
        if (frames.Count == 0 && wait > TimeSpan.Zero)
        {
            try
            {
                await mailbox.WaitAsync(wait, Leaving);
            }
            catch (OperationCanceledException)
            {
                // The hub moves; the node asks again, and gets what its link repeats.
            }

            frames = mailbox.Take();
        }

        return [.. frames.Select(FrameCodec.Encode)];
    }

    public Task<HubFigures?> StatusAsync() => Task.FromResult<HubFigures?>(
        Machine is RegionalHub hub ? HubFigures.Of(HubStatus.Of(hub)) : null);

    public Task<WorthFigures?> WorthAsync() => Task.FromResult<WorthFigures?>(
        Machine is RegionalHub hub ? WorthFigures.Of(HubWorth.Of(hub)) : null);

    public Task<bool> WakeAsync(bool mayMove)
    {
        if (mayMove)
        {
            MoveHome();
        }

        return Task.FromResult(Machine is not null);
    }

    public void Route(Frame frame)
    {
        if (frame.To.Kind == PartyKind.Node)
        {
            MailboxOf(new NodeId(frame.To.Number)).Put(frame);
        }
        else
        {
            courier.Post(frame);
        }
    }

    public void Answer(RegionId region, HubInput answer) => Post(answer);

    public void Answer(StrategyInput answer) => throw new NotSupportedException("that is not asked by a hub");

    protected override RuntimeParts<HubInput, HubFact, HubEffect> Parts()
    {
        HubSpec spec = plane.Hubs.First(hub => hub.Region == Region);
        return new()
        {
            Stream = StreamName.Hub(Region),
            Build = () => new RegionalHub(spec, plane.Skills),
            Restarted = new HubInput.Restarted(),
            Store = plane.Store,
            Clock = () => plane.Clock.Now,
            Driver = new HubDriver(Region, plane.KeyOf(Region), this, plane.Ports, _answers),
            Core = CoreBuild.Name,
        };
    }

    protected override void Failed(string why) => plane.Ports.Failed(Party.Of(Region), why);

    private NodeMailbox MailboxOf(NodeId node)
    {
        if (!_mailboxes.TryGetValue(node, out NodeMailbox? mailbox))
        {
            _mailboxes[node] = mailbox = new NodeMailbox();
        }

        return mailbox;
    }
}

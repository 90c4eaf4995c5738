using System;
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

/// <summary>The strategic layer in a grain.</summary>
[Reentrant]
[CollectionAgeLimit(AlwaysActive = true)]
[HomePlacement]
internal sealed class StrategyGrain(
    PlaneParts plane, GrainCourier courier, Homes homes, ISiloStatusOracle silos, LocalMachines local)
    : MachineGrain<StrategyInput, StrategyFact, StrategyEffect>(plane.Clock, homes, silos, local),
        IStrategyGrain, IPlaneRouter
{
    protected override StrategyInput Woken { get; } = new StrategyInput.Woken();

    public Task PostAsync(byte[] frame)
    {
        if (FrameCodec.TryDecode(frame, out Frame? arrived, out _))
        {
            StepAndForget(new StrategyInput.FrameArrived(arrived));
        }

        return Task.CompletedTask;
    }

    public Task<Told> TellAsync(byte[] input) =>
        GrainBytes.TryRead(input, out StrategyInput? told) ? TellAsync(told) : Task.FromResult(Told.Failed);

    public Task<bool> WakeAsync(bool mayMove)
    {
        if (mayMove)
        {
            MoveHome();
        }

        return Task.FromResult(Machine is not null);
    }

    public void Route(Frame frame) => courier.Post(frame);

    public void Answer(RegionId region, HubInput answer) =>
        throw new NotSupportedException("that is not asked by the strategic layer");

    public void Answer(StrategyInput answer) => Post(answer);

    protected override RuntimeParts<StrategyInput, StrategyFact, StrategyEffect> Parts() => new()
    {
        Stream = StreamName.Strategy,
        Build = () => new StrategicLayer(plane.Strategy),
        Restarted = new StrategyInput.Restarted(),
        Store = plane.Store,
        Clock = () => plane.Clock.Now,
        Driver = new StrategyDriver(this, plane.Ports),
        Core = CoreBuild.Name,
    };

    protected override void Failed(string why) => plane.Ports.Failed(Party.Strategy, why);
}

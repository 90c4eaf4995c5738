using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Decisions;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Market;
using Hanse.Core.Merge;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Skills;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Hanse.Simulation.World;

namespace Hanse.Simulation.Fleet;

/// <content>What the machines' effects do to the world, and what the world does to them.</content>
internal sealed partial class FleetSimulation
{
    private readonly FleetWorld _world;

    // Of the world, to look at.
    private readonly NodeTruth[] _truths;

    /// <summary>What truly stands of all that was built, grams.</summary>
    public double Built => _world.Built;

    // One-way light time between each node and its hub, microseconds.
    private readonly long[] _light;

    private readonly TransportWatch _transports;

    /// <inheritdoc/>
    public void Remember(int machine, NodeFact fact)
    {
        switch (fact)
        {
            case NodeFact.Deviated:
                _statistics.Deviations++;
                break;
            case NodeFact.Link { Fact: LinkFact.Queued { Message: PlanRevised } }:
                _statistics.Replans++;
                break;
            case NodeFact.Rehomed:
                _statistics.Moves++;
                break;
            case NodeFact.WorkBegun(var award, _):
                _economy.Begin(machine, award.Contract, _truths[machine], _now);
                break;
            case NodeFact.Extended(var contract, _, var due):
                _checker.HeardExtended(due, Hub(RegionNow(machine)).Market.Find(contract));
                break;
            case NodeFact.WorkEnded:
                _economy.End(machine);
                break;
            case NodeFact.Log(LogFact.Attested(var at, Entry.Decided decided))
                when decided.Skill >= BuiltInDecisions.All.Length:
                _rollouts.See(
                    machine, decided.Skill - BuiltInDecisions.All.Length, at, decided.Input, decided.Output);
                break;
            case NodeFact.Birth(NodeBirthFact.Declined):
                _declined++;
                break;
            case NodeFact.SkillMoved(var slot):
                _rollouts.See(machine, slot, _now);
                break;
            default:
                break;
        }
    }

    /// <inheritdoc/>
    public void CarryOut(int machine, NodeEffect effect)
    {
        switch (effect)
        {
            case NodeEffect.Transmit(var frame):
                long dies = _world.DiesAt(machine);
                Frame sent = _options.IsOracle && dies < long.MaxValue
                    ? Foresight.WithoutDoomed(frame, _nodes[machine].Clock.At(dies)) : frame;
                SendNear(
                    NodeMachine(machine), (int)frame.To.Number - 1, machine, isToHub: true,
                    AsConducted(machine, sent));
                _statistics.CountReports(frame);
                break;
            case NodeEffect.Act(var number, var order):
                _world.Obey(_now, machine, number, order);
                break;
            case NodeEffect.Sign(var blocks, var text):
                int signer = machine == _twist.Impostor ? (machine + 1) % _plan.Nodes.Length : machine;
                byte[] signature = ModelSigner.Sign(_options.Seed, _plan.Nodes[signer].PublicKey, text);
                Reply(NodeMachine(machine), new NodeInput.Signed(blocks, signature));
                break;
            case NodeEffect.SignBy(var key, var blocks, var text):
                Reply(
                    NodeMachine(machine),
                    new NodeInput.Signed(blocks, ModelSigner.Sign(_options.Seed, key, text)));
                break;
            case NodeEffect.KeySettled:
                break;
            case NodeEffect.ReadRaw(var asked):
                _world.ReadRaw(machine, asked);
                break;
            case NodeEffect.Package(var work):
                Handle(machine, work);
                break;
            case NodeEffect.SignBirth(var build, var certificate):
                Reply(NodeMachine(machine), new NodeInput.BirthSigned(
                    build,
                    ModelSigner.Sign(_options.Seed, _plan.Nodes[machine].PublicKey, certificate)));
                break;
            case NodeEffect.Bear(var build, var birth):
                Hear(machine, build, birth);
                break;
            case NodeEffect.Image(var image):
                Handle(machine, image);
                break;
            default:
                _statistics.Refusals++;
                break;
        }
    }

    // What is on a machine's shelf stays there through a crash.
    private void Handle(int node, PackageWork work)
    {
        (int Node, Digest Release) place = (node, work.Release);
        _ = _packages.TryGetValue(place, out int held);
        if (work.Act == PackageAct.Drop)
        {
            _ = _packages.Remove(place);
        }
        else if (work.Act == PackageAct.Admit)
        {
            bool isAdmitted = held == work.Size
                && _plan.Releases.Find(work.Release) is { Named.Fault: not ReleaseFault.Unsigned };
            Reply(NodeMachine(node), new NodeInput.PackageJudged(work.Release, isAdmitted));
        }
        else
        {
            if (work.Act == PackageAct.Keep && work.From == held)
            {
                held += work.Bytes.Length;
                _packages[place] = held;
            }

            Reply(NodeMachine(node), new NodeInput.PackageHeld(work.Release, held));
        }
    }

    private void Handle(int node, CoreWork work)
    {
        bool isWhole = _packages.TryGetValue((node, work.Image), out int held) && held == work.Size;
        (SkillReason? told, bool isStarted) = _images.Handle(node, work, isWhole);
        if (told is { } reason)
        {
            Reply(NodeMachine(node), new NodeInput.CoreTold(work.Image, work.Act, reason));
        }

        if (isStarted)
        {
            Reply(NodeMachine(node), new CoreStart(default));
        }
    }

    // The process ends, and what starts images decides in which one there is another.
    private void Start(int node, CoreStart start)
    {
        if (!_truths[node].IsAlive || (start.Image != default && start.Image != _images.Runs(node)))
        {
            return;
        }

        _nodes[node].Rebuild();
        if (_images.Crashes(node))
        {
            Schedule(
                _now + Blueprint.Days(ImageStarter.CrashDays), NodeMachine(node), World(NodeMachine(node)),
                Happening.Answer, _slab.Put(new CoreStart(_images.Runs(node))));
        }

        StepNode(node, new NodeInput.Restarted());
    }

    /// <inheritdoc/>
    public void Remember(int machine, HubFact fact)
    {
        bool isVoid = _checker.IsVoid(machine);
        if (!isVoid && fact is HubFact.Market { Fact: MarketFact.Returned returned })
        {
            _checker.Returned(machine, Hub(machine).Market.Find(returned.Contract)!, returned.Outcome);
        }

        if (!isVoid && fact is HubFact.Market { Fact: MarketFact.Missed missed })
        {
            _checker.MissedBy(machine, Hub(machine).Market.Find(missed.Contract)!);
        }

        if (!isVoid && fact is HubFact.Market { Fact: MarketFact.SilenceEnded { IsHolder: true } again })
        {
            _checker.ResumedBy(machine, Hub(machine).Market.Find(again.Contract)!);
        }

        if (!isVoid)
        {
            _checker.See(_now, machine, fact);
        }

        if (!isVoid && fact is HubFact.Market { Fact: MarketFact.Cancelled cancelled })
        {
            _checker.CancelledBy(Hub(machine).Market.Find(cancelled.Contract)!);
        }

        if (fact is HubFact.Log(LogFact.SignatureAsked asked) && asked.Blocks == Hub(machine).Log.Blocks)
        {
            _heldAtHead[(machine, asked.Blocks)] = HeldBy(machine);
        }

        if (fact is HubFact.Market(var market) && !isVoid)
        {
            _transports.See(market);
            _statistics.Market.Hear(
                _plan.Regions[machine].DepotName, market, Hub(machine), _checker.Tally, _now);
            _economy.Hear(machine, market, Hub(machine), _truths, _now);
            _repairs.Hear(market, IsRepair(Hub(machine), market));
            _demands.See(machine, market, contract => Hub(machine).Market.Find(contract)!.Winner);
        }
        else if (fact is HubFact.Tolled(var payer, _, var toll) && !isVoid)
        {
            _economy.Toll(_plan.PlaceOf(payer), toll.Micro);
        }
        else if (fact is HubFact.FaceTolled(var digger, _, var faceToll) && !isVoid)
        {
            _economy.Toll(_plan.PlaceOf(digger), faceToll.Micro);
            _statistics.FaceTolls += faceToll.Micro;
        }
        else if (fact is HubFact.Reconcile(var reconcile))
        {
            _statistics.Returns.Hear(reconcile, _now, _network);
        }
        else if (fact is HubFact.Merge(var merge))
        {
            _statistics.Returns.Hear(merge);
        }
        else if (fact is HubFact.Review(ReviewFact.Opened(var number, _, var matter))
            && _options.Reviews?.WordOn(_plan.Regions[machine].Id, number, matter) is { } isAccepted)
        {
            Reply(HubMachine(machine), new HubInput.Reviewed(number, isAccepted));
        }
    }

    /// <inheritdoc/>
    public void CarryOut(int machine, HubEffect effect)
    {
        switch (effect)
        {
            case HubEffect.Transmit(var frame) when frame.To.Kind == PartyKind.Strategy:
                SendFar(machine, HubMachine(machine), 0, frame);
                break;
            case HubEffect.Transmit(var frame):
                SendNear(
                    HubMachine(machine), machine, _plan.PlaceOf(new NodeId((uint)frame.To.Number)),
                    isToHub: false, frame);
                break;
            case HubEffect.Serve serve:
                _world.Serve(_now, serve);
                break;
            case HubEffect.Issue issue:
                _world.Issue(_now, issue);
                break;
            case HubEffect.DrawNonce(var returning, var blocks):
                Reply(HubMachine(machine), new HubInput.NonceDrawn(returning, blocks, Nonce(returning)));
                break;
            case HubEffect.Verify verify:
                bool isGood = ModelSigner.Verify(
                    _options.Seed, verify.PublicKey, verify.Message, verify.Signature);
                Reply(HubMachine(machine), new HubInput.Verified(verify.Node, verify.Request, isGood));
                break;
            case HubEffect.Sign(var head, var text):
                byte[] signature =
                    ModelSigner.Sign(_options.Seed, _plan.Regions[machine].Hub.PublicKey, text);
                Reply(HubMachine(machine), new HubInput.Signed(head, signature));
                break;
            case HubEffect.ReadPackage(var reader, var release, var from, var count):
                Reply(
                    HubMachine(machine),
                    new HubInput.PackageRead(
                        reader, release, from, _plan.Releases.Read(release, from, count)));
                break;
            case HubEffect.BirthAnswered answered:
                Hear(answered);
                break;
            case HubEffect.Retired:
                break; // There is no gateway between nodes and hubs here.
            default:
                _statistics.Refusals++;
                break;
        }
    }

    /// <inheritdoc/>
    public void Remember(int machine, StrategyFact fact)
    {
        if (fact is StrategyFact.Succeeded(var lost, var successor))
        {
            Succeed(lost, successor);
        }

        if (fact is StrategyFact.RegionChartered { Region: var chartered })
        {
            HearChartered(chartered);
        }

        _checker.See(_now, fact);
        _demands.See(fact);
        if (fact is StrategyFact.Return(var region, RegionFact.Judged { Verdict: var verdict })
            && _heldAtHead.Remove(((int)region.Value - 1, verdict.Accepted.Head.Size), out Holdings held))
        {
            var strategy = (StrategicLayer)_strategy.Machine;
            Demand(held == HeldBy(strategy.Receptions[region].Books), "the folded books are the hub's");
        }
    }

    /// <inheritdoc/>
    public void CarryOut(int machine, StrategyEffect effect)
    {
        switch (effect)
        {
            case StrategyEffect.Transmit(var frame):
                int region = (int)frame.To.Number - 1;
                SendFar(region, 0, HubMachine(region), frame);
                break;
            case StrategyEffect.Verify verify:
                bool isGood = ModelSigner.Verify(
                    _options.Seed, verify.PublicKey, verify.Message, verify.Signature);
                Reply(0, new StrategyInput.Verified(verify.Region, verify.Request, isGood));
                break;
            default:
                _statistics.Refusals++;
                break;
        }
    }

    private long[] BuildLight()
    {
        double most = _scenario.Links.NodeLightMilliseconds * 1000;
        return
        [
            .. _plan.Nodes.Select(node =>
                (long)new Draw(_options.Seed, "light", node.Node.Value).Between(0.2 * most, most)),
        ];
    }

    // Between a hub and one of its own nodes, or over the relay to one of another region's.
    private void SendNear(int from, int region, int node, bool isToHub, Frame frame)
    {
        bool isOwn = region == _plan.RegionOf(node);
        NodeSpec spec = _plan.Nodes[node];
        ContactRule relay = _plan.Regions[region].Hub.NeighbourContacts;
        Send(
            from, isToHub ? HubMachine(region) : NodeMachine(node), region, frame,
            isOwn ? spec.Contacts : relay.PlanFor(spec.Node),
            isOwn ? _light[node] : (long)(relay.LightTime.TotalMicroseconds * 0.9), node);
    }

    private void SendFar(int region, int from, int to, Frame frame) =>
        Send(from, to, region, frame, _plan.Regions[region].Hub.StrategyContacts,
            _plan.Regions[region].Plan.LightTimeMicros(_now), isFar: true);

    // The node of the link, if it is one to a node, may be out of reach in the great blackout, and the
    // strategic layer in its own.
    private void Send(
        int from, int to, int region, Frame frame, ContactPlan plan, long light, int node = -1,
        bool isFar = false)
    {
        int bytes = FrameSize.Of(frame);
        _statistics.Frames++;
        _statistics.Bytes += bytes;
        if ((node >= 0 && _network.IsOutOfReach(node, _now))
            || (isFar && (_network.IsAlone(_now) || IsLost(region))))
        {
            _network.CountLost();
            return;
        }

        long arrives = _network.Arrival(_now, from, region, plan, light, bytes, out long again);
        object carried = _options.FrameCodec is { } codec ? Encoded(codec, frame, bytes) : frame;
        if (arrives >= 0)
        {
            Schedule(arrives, to, from, Happening.Frame, _slab.Put(carried));
        }

        if (again >= 0)
        {
            Schedule(again, to, from, Happening.Frame, _slab.Put(carried));
        }
    }

    private static byte[] Encoded(IFrameCodec codec, Frame frame, int size)
    {
        byte[] bytes = codec.Encode(frame);
        Core.Machine.Invariant.Holds(bytes.Length == size);
        return bytes;
    }

    // A driver answers its machine at once; what validation costs is on the hub's meter.
    private void Reply(int machine, object input) =>
        Schedule(_now + 1, machine, World(machine), Happening.Answer, _slab.Put(input));

    private void HearAnswer(int node, NodeInput answer)
    {
        if (_truths[node].IsAlive)
        {
            StepNode(node, answer);
        }
    }

    // No node can foresee it: nothing that a node sees depends on it.
    private Digest Nonce(NodeId node)
    {
        var draw = new Draw(_options.Seed, "nonce", (ulong)_now ^ ((ulong)node.Value << 40));
        return new Digest(draw.Bits(), draw.Bits(), draw.Bits(), draw.Bits());
    }

    private void Arrive(int machine, int slot)
    {
        object carried = _slab.Take(slot);
        Frame frame = carried as Frame ?? _options.FrameCodec!.Decode((byte[])carried);
        if (machine == 0)
        {
            Step(new StrategyInput.FrameArrived(frame));
        }
        else if (machine <= _hubs.Length && IsOff(machine - 1))
        {
            _network.CountLost();
        }
        else if (machine <= _hubs.Length)
        {
            StepHub(machine - 1, new HubInput.FrameArrived(frame));
        }
        else if (_truths[machine - NodeMachine(0)].IsAlive)
        {
            StepNode(machine - NodeMachine(0), new NodeInput.FrameArrived(frame));
        }
        else
        {
            _network.CountLost();
        }
    }

    private static bool IsRepair(RegionalHub hub, MarketFact fact) =>
        fact is MarketFact.Delivered delivered
        && hub.Market.Find(delivered.Contract)!.Winner.Bounty.IsHelp;

    private void WeighAt(int region, HubInput input)
    {
        (NodeId node, ContractId contract, Epoch epoch) = input switch
        {
            HubInput.Docked docked => (docked.Node, docked.Contract, docked.Epoch),
            HubInput.Inspected seen => (seen.Node, seen.Contract, seen.Epoch),
            _ => default,
        };
        Contract? before = Hub(region).Market.Find(contract);
        bool isOwed = before is { IsLive: true } && before.Winner.Node == node
            && before.Epoch == epoch && !_checker.IsVoid(region);
        StepHub(region, input);
        if (isOwed)
        {
            _checker.Weighed(region, Hub(region).Market.Find(contract));
        }
    }

    private void Look()
    {
        _statistics.BeginLook();
        DemandQuota();
        _world.DemandSound();
        _checker.LookAtStopped(_now, (long)_plan.Rules.CyclePeriod.TotalMicroseconds);
        int underContract = 0;
        int late = 0;
        for (int r = 0; r < _hubs.Length; r++)
        {
            RegionalHub hub = Hub(r);
            underContract += _checker.IsVoid(r) ? 0 : hub.Market.LiveContracts;
            DemandBonds(r);
            Instant hubNow = _hubs[r].Clock.At(_now);
            foreach ((NodeId id, RosterEntry entry) in hub.Roster)
            {
                NodeTruth truth = _truths[_plan.PlaceOf(id)];
                bool isHere = entry.IsActive && !_checker.IsVoid(r);
                late += isHere && entry.SilenceAt(hubNow) == Silence.Late ? 1 : 0;
                if (isHere && truth.IsAlive)
                {
                    _statistics.Compare(truth, entry, _now, hubNow);
                }
            }
        }

        _statistics.UnderContract = underContract;
        _statistics.Late = late;
        _statistics.Returns.Look(
            Enumerable.Range(0, _hubs.Length).Select(r => (Hub(r).Reconciler, _hubs[r].Clock.At(_now))));
        _statistics.SeeStorms(_network, _now);
        if (_options.Progress is not null && _now >= _statistics.NextProgress)
        {
            _statistics.NextProgress = _now + (long)_options.ProgressEvery.TotalMicroseconds;
            _options.Progress.Report(_statistics.Progress(_now, _checker, Standing()));
        }
    }

    private ImmutableArray<NamedBountyStatus> Standing() =>
    [
        .. _plan.Bounties.Where(p => p.Name is not null)
            .Select(p => _statistics.Market.Standing(
                p.Name!, p.Bounty, _plan.Regions[p.Region].DepotName, Hub(_holders[p.Region]))),
    ];
}

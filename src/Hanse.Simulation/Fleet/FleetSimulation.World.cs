using System;
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
using Hanse.Core.Units;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Hanse.Simulation.World;

namespace Hanse.Simulation.Fleet;

/// <content>What the machines' effects do to the world, and what the world does to them.</content>
internal sealed partial class FleetSimulation
{
    // Microseconds between things at one place that are told by wire.
    private const long Local = 1_000_000;

    // What stands of a building that was put together badly.
    private const double FlawedShare = 0.5;

    private readonly NodeTruth[] _truths;

    /// <summary>What truly stands of all that was built, grams.</summary>
    public double Built { get; private set; }

    // The raw logs of nodes that keep any.
    private readonly RawStore?[] _raw;

    // One-way light time between each node and its hub, microseconds.
    private readonly long[] _light;

    // By region and site: what the rock really holds, in order of Commodity, as shares.
    private readonly double[][][] _trueGrades;
    private readonly OreBook _ore;

    // By region and place of the depot in it.
    private readonly PlaceQueue[][] _berths;

    // By region and site; none where any number may dig. And by node: its site, from 1, while it has a face.
    private readonly PlaceQueue[][] _faces;
    private readonly int[] _faceOf;

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
                Frame sent = _options.IsOracle && _diesAt[machine] < long.MaxValue
                    ? Foresight.WithoutDoomed(frame, _nodes[machine].Clock.At(_diesAt[machine])) : frame;
                SendNear(
                    NodeMachine(machine), (int)frame.To.Number - 1, machine, isToHub: true,
                    AsConducted(machine, sent));
                _statistics.CountReports(frame);
                break;
            case NodeEffect.Act(var number, var order):
                Obey(machine, number, order);
                break;
            case NodeEffect.Sign(var blocks, var text):
                int signer = machine == _twist.Impostor ? (machine + 1) % _plan.Nodes.Length : machine;
                byte[] signature = ModelSigner.Sign(_options.Seed, _plan.Nodes[signer].PublicKey, text);
                Reply(NodeMachine(machine), new NodeInput.Signed(blocks, signature));
                break;
            case NodeEffect.ReadRaw(var asked):
                Reply(NodeMachine(machine), new NodeInput.RawRead(
                [
                    .. asked.Places.Select(place => _raw[machine]?.Show(asked.Blocks, place)
                        ?? new BlockShown(asked.Blocks, place.Request, [], [])),
                ]));
                break;
            case NodeEffect.Package(var work):
                Handle(machine, work);
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
            _statistics.Hear(machine, market, Hub(machine), _checker, _now);
            _economy.Hear(machine, market, Hub(machine), _truths, _now);
            _repairs.Hear(market, IsRepair(Hub(machine), market));
            _demands.See(machine, market, contract => Hub(machine).Market.Find(contract)!.Winner);
        }
        else if (fact is HubFact.Tolled(var payer, _, var toll) && !isVoid)
        {
            _economy.Toll((int)payer.Value - 1, toll.Micro);
        }
        else if (fact is HubFact.FaceTolled(var digger, _, var faceToll) && !isVoid)
        {
            _economy.Toll((int)digger.Value - 1, faceToll.Micro);
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
                SendNear(HubMachine(machine), machine, (int)frame.To.Number - 1, isToHub: false, frame);
                break;
            case HubEffect.Serve serve:
                Serve(serve);
                break;
            case HubEffect.Issue issue:
                Issue(issue);
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

    private RawStore? RawStoreOf(NodeSpec node)
    {
        int leaves = _scenario.Returns.RawLeavesPerDay;
        var draw = new Draw(_options.Seed, "rot", node.Node.Value);
        bool rots = draw.Chance(_scenario.Faults.RottenLogsPercent / 100);
        return leaves == 0 ? null : new RawStore(_options.Seed, node.Node.Value, leaves, rots);
    }

    private (NodeTruth[] Truths, long[] Light, double[][][] Grades, PlaceQueue[][] Berths) BuildWorld()
    {
        FleetSection fleet = _scenario.Fleet;
        double shared = fleet.SharedErrorPercent / 100;
        NodeTruth[] truths =
        [
            .. _plan.Nodes.Select((node, number) => new NodeTruth(
                _plan.Design,
                _options.Seed,
                node.Node.Value,
                fleet.SensorBiasPercent / 100,
                fleet.SensorNoisePercent / 100,
                fleet.BuildSpreadPercent / 100,
                _twist,
                (new Draw(_options.Seed, "variant", (ulong)_plan.VariantOf(number)), shared))),
        ];
        double most = _scenario.Links.NodeLightMilliseconds * 1000;
        long[] light =
        [
            .. _plan.Nodes.Select(node =>
                (long)new Draw(_options.Seed, "light", node.Node.Value).Between(0.2 * most, most)),
        ];
        double[][][] grades =
        [
            .. _plan.Regions.Select(region => region.Plan.Sites
                .Select(site => Blueprint.Grades(site.Ore.True).Select(g => Math.Max(1,
                    g.Value) / 1e6).ToArray())
                .ToArray()),
        ];
        PlaceQueue[][] berths =
        [
            .. _plan.Regions.Select(region => region.Depots.Select(_ => new PlaceQueue(
                _plan.BerthsOf(region.Nodes), _statistics.BerthWaits, WantsBerth)).ToArray()),
        ];
        return (truths, light, grades, berths);
    }

    private PlaceQueue[][] BuildFaces() =>
    [
        .. _plan.Regions.Select((region, r) => _scenario.Sites.Faces == 0 ? []
            : region.Plan.Sites.Select((_, site) => new PlaceQueue(
                _scenario.Sites.Faces, _statistics.FaceWaits,
                (node, order) => WantsFace(node, order, site))).ToArray()),
    ];

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

    // An order's number is carried out once, however often it is given.
    private void Obey(int node, uint number, Order order)
    {
        NodeTruth truth = _truths[node];
        if (number <= truth.OrderNumber)
        {
            return;
        }

        truth.OrderNumber = number;
        truth.Order = order;
        LeaveFace(node);
        truth.OrderedAt = _now;
        int machine = NodeMachine(node);
        switch (order)
        {
            case Order.Fly fly:
                long departs = Math.Max(_now, _nodes[node].Clock.WhenShows(fly.Departs));
                departs = Math.Max(departs, StaysUntil(node));
                Schedule(departs, machine, World(machine), Happening.Departure, (int)number);
                break;
            case Order.Extract extract:
                Demand(!truth.IsImmobile, "what is broken does not dig");
                ComeToFace(node, extract);
                break;
            case Order.Survey:
                truth.Stop(_now);
                long looked = _now + (long)_plan.Rules.Work.SurveyTime.TotalMicroseconds;
                Schedule(Math.Max(_now + Local, looked), machine, World(machine), Happening.OrderEnd,
                    (int)number);
                break;
            case Order.Load load when Carries(node):
                Arrive(node, load.Depot);
                break;
            case Order.Mend:
                truth.Stop(_now);
                long mended = _now + (long)_plan.Rules.Work.RepairTime.TotalMicroseconds;
                Schedule(Math.Max(_now + Local, mended), machine, World(machine), Happening.OrderEnd,
                    (int)number);
                break;
            case Order.Load load:
                Schedule(
                    _now + (long)_plan.Design.UnloadTime(load.Wanted).TotalMicroseconds, machine,
                    World(machine), Happening.OrderEnd, (int)number);
                break;
            case Order.Build:
                truth.Build(_now);
                TimeSpan building = _plan.Rules.Work.BuildTime(new Grams((long)truth.Cargo(_now)));
                Schedule(
                    _now + Local + (long)building.TotalMicroseconds, machine, World(machine),
                    Happening.OrderEnd, (int)number);
                break;
            case Order.Halt:
                truth.Stop(_now);
                Schedule(_now + Local, machine, World(machine), Happening.OrderEnd, (int)number);
                break;
            case Order.Dock dock:
                Arrive(node, dock.Depot);
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private bool WantsBerth(int node, uint order) =>
        _truths[node] is { IsAlive: true, Order: Order.Dock or Order.Load };

    private bool WantsFace(int node, uint order, int site) =>
        _truths[node] is { IsAlive: true, IsImmobile: false, Order: Order.Extract extract } truth
        && truth.OrderNumber == order && extract.Site.Value - 1 == site;

    private void ComeToFace(int node, Order.Extract extract)
    {
        PlaceQueue[] faces = _faces[_plan.RegionOf(node)];
        if (faces.Length == 0)
        {
            Dig(node, extract);
        }
        else if (faces[extract.Site.Value - 1].Arrive(node, _truths[node].OrderNumber, _now))
        {
            TakeFace(node, extract);
        }
        else
        {
            _truths[node].Stop(_now); // It waits where it is.
        }
    }

    private void TakeFace(int node, Order.Extract extract)
    {
        _faceOf[node] = (int)extract.Site.Value;
        Dig(node, extract);
        Reply(NodeMachine(node), new NodeInput.FaceTaken(_truths[node].OrderNumber));
    }

    private void Dig(int node, Order.Extract extract)
    {
        NodeTruth truth = _truths[node];
        double grade =
            _trueGrades[_plan.RegionOf(node)][extract.Site.Value - 1][(int)extract.Commodity - 1];
        long done = truth.Extract(
            _now, grade, extract.Target.Value,
            _ore.Stake(
                node, _plan.RegionOf(node), (int)extract.Site.Value - 1, grade, truth.Cargo(_now),
                truth.Wants(_now, extract.Target.Value)));
        int machine = NodeMachine(node);
        Schedule(done, machine, World(machine), Happening.OrderEnd, (int)truth.OrderNumber);
    }

    private void DemandFaces()
    {
        Demand(_ore.IsSound, "what was dug, is staked out and is left of a site is what it had");
        foreach (PlaceQueue[] region in _faces)
        {
            for (int site = 0; site < region.Length; site++)
            {
                bool isSound = region[site].IsSound(node => _faceOf[node] == site + 1
                    && _truths[node] is { IsAlive: true, IsImmobile: false, Order: Order.Extract });
                Demand(isSound, "as many dig at a site as it has faces, and nobody waits for a free one");
            }
        }
    }

    // Whatever it does next, it does not dig here: the next one can.
    private void LeaveFace(int node)
    {
        _ore.Leave(node, _truths[node].Cargo(_now));
        if (_faceOf[node] == 0)
        {
            return;
        }

        PlaceQueue site = _faces[_plan.RegionOf(node)][_faceOf[node] - 1];
        _faceOf[node] = 0;
        int next = site.Leave(node, _now);
        if (next >= 0)
        {
            TakeFace(next, (Order.Extract)_truths[next].Order!);
        }
    }

    // Goods are handed over at a berth; parts are, as a builder waits at its depot anyway, where it is.
    private bool Carries(int node) =>
        ((NodeAgent)_nodes[node].Machine).Work is { Trip.Kind: WorkKind.Transport };

    private void Arrive(int node, DepotId depot)
    {
        _truths[node].Stop(_now);
        int region = _plan.RegionOf(node);
        if (_berths[region][_plan.Regions[region].Depots.IndexOf(depot)].Arrive(
            node, _truths[node].OrderNumber, _now))
        {
            Berth(node);
        }
    }

    // One that does not come leaves when its lease is over, so that it is free for the next.
    private long StaysUntil(int node) =>
        _plan.Conducts.Of(node) == Conduct.NoShow
        && ((NodeAgent)_nodes[node].Machine).Work is { IsLapsed: false, Stage: ContractStage.Outbound } work
            ? _nodes[node].Clock.WhenShows(work.Award.Due) + Blueprint.Hours(1) : 0;

    private void HappenToNode(int node, Happening kind, uint argument)
    {
        NodeTruth truth = _truths[node];
        if (!truth.IsAlive)
        {
            return;
        }

        if (_now < _healAt && truth.IsBroken(_now))
        {
            Die(node, "wore out");
            return;
        }

        switch (kind)
        {
            case Happening.Reading:
                _statistics.Readings++;
                StepNode(node, new NodeInput.Observed(truth.Read(_now)));
                Schedule(
                    _now + Blueprint.Hours(_scenario.Fleet.ReadingPeriodHours),
                    NodeMachine(node),
                    World(NodeMachine(node)),
                    Happening.Reading,
                    0);
                break;
            case Happening.Seal:
                RawStore raw = _raw[node]!;
                uint segment = ((NodeAgent)_nodes[node].Machine).SealedSegments;
                StepNode(node, new NodeInput.RawSealed(segment, raw.Leaves, raw.Root(segment)));
                Schedule(_now + Blueprint.Days(1), NodeMachine(node), World(NodeMachine(node)),
                    Happening.Seal, 0);
                break;
            case Happening.Death:
                if (_now < _healAt)
                {
                    Die(node, "died");
                }

                break;
            case Happening.Departure when argument == truth.OrderNumber:
                Depart(node, (Order.Fly)truth.Order!);
                break;
            case Happening.OrderEnd when argument == truth.OrderNumber && truth.Order is Order.Dock dock:
                Weigh(node, dock);
                break;
            case Happening.OrderEnd when argument == truth.OrderNumber && truth.Order is Order.Load load:
                TellHub(node, new HubInput.PartsAsked(
                    load.Depot, new NodeId((uint)node + 1), load.Docking, load.Contract, load.Epoch,
                    load.Wanted));
                break;
            case Happening.OrderEnd when argument == truth.OrderNumber && truth.Order is Order.Build build:
                Inspect(node, argument, build);
                break;
            case Happening.Breakdown:
                truth.IsDueToBreak = !truth.IsImmobile;
                break;
            case Happening.OrderEnd when argument == truth.OrderNumber && truth.Order is Order.Mend mend:
                Mend(node, argument, mend);
                break;
            case Happening.OrderEnd when argument == truth.OrderNumber && truth.Order is Order.Survey survey:
                StepNode(node, new NodeInput.Observed(truth.Read(_now)));
                StepNode(node, new NodeInput.Surveyed(argument, Found(node, argument, survey)));
                break;
            case Happening.OrderEnd or Happening.Undocking when argument == truth.OrderNumber:
                truth.Stop(_now);
                bool isShort = _ore.IsShort(node);
                double aboard = truth.Cargo(_now);
                LeaveFace(node);
                StepNode(node, new NodeInput.Observed(truth.Read(_now)));
                StepNode(node, isShort ? new NodeInput.GaveOut(argument) : new NodeInput.OrderDone(argument));
                _statistics.CameShort += isShort ? 1 : 0;
                _statistics.CameEmpty += isShort && aboard < 0.05 * _plan.Design.CargoMax.Value ? 1 : 0;
                break;
            default:
                break; // Of an order since replaced.
        }

        BreakIfDue(node);
    }

    // With an error of its own, from a stream of its own.
    private Finding Found(int node, uint number, Order.Survey survey)
    {
        double truth = _trueGrades[_plan.RegionOf(node)][survey.Site.Value - 1][(int)survey.Commodity - 1];
        PartsPerMillion sigma = _plan.Rules.Work.SurveySigma;
        var draw = new Draw(_options.Seed, "survey", number ^ ((ulong)node << 32));
        double read = truth * (1 + (draw.Normal() * sigma.Value / 1e6)) * _twist.SurveyLie;
        var grade = new PartsPerMillion((int)Math.Clamp(Math.Round(read * 1e6), 0, Finding.GradeMax));
        return new Finding(survey.Site, survey.Commodity, grade, WorkRules.SigmaOf(grade, sigma));
    }

    private void Depart(int node, Order.Fly fly)
    {
        NodeTruth truth = _truths[node];
        Demand(!truth.IsImmobile, "what is broken does not move");
        ChartLeg leg = _plan.Regions[_plan.RegionOf(node)].Chart.Leg(fly.From, fly.To)!;
        double slip = Math.Max(-0.05, truth.FlightSpread * truth.Luck.Normal());
        long arrives = _now + (long)(leg.Duration.TotalMicroseconds * (1 + slip));
        double before = truth.Burnt;
        if (_transports.LossOf(node, truth.OrderNumber) is > 0 and var share)
        {
            _transports.Lose(node, truth.Lose(_now, share));
        }

        bool departs = truth.Depart(_now, leg, arrives);
        _statistics.Burn(truth.Burnt - before);
        if (!departs)
        {
            Die(node, "ran dry");
            return;
        }

        int machine = NodeMachine(node);
        Schedule(arrives, machine, World(machine), Happening.OrderEnd, (int)truth.OrderNumber);
    }

    private void Berth(int node)
    {
        NodeTruth truth = _truths[node];
        Grams moved = truth.Order is Order.Load load ? load.Wanted : new Grams((long)truth.Cargo(_now));
        TimeSpan unloading = _plan.Design.UnloadTime(moved);
        int machine = NodeMachine(node);
        Schedule(
            _now + (long)unloading.TotalMicroseconds,
            machine,
            World(machine),
            Happening.OrderEnd,
            (int)truth.OrderNumber);
    }

    private void Weigh(int node, Order.Dock dock)
    {
        NodeTruth truth = _truths[node];
        double cargo = truth.Unload(_now);
        _economy.Unload(node, truth, _now);
        double error = _scenario.Regions.ScaleErrorPercent / 100 * truth.Luck.Normal();
        var weighed = new Grams((long)Math.Max(0, Math.Round(cargo * (1 + error))));
        _statistics.Unload(cargo, _transports.Unload(node, dock.Depot, dock.Commodity, cargo));
        var docked = new HubInput.Docked(
            dock.Depot,
            new NodeId((uint)node + 1),
            dock.Docking,
            dock.Contract,
            dock.Epoch,
            dock.Commodity,
            weighed,
            dock.Propellant,
            dock.Spares,
            _hubs[RegionNow(node)].Clock.At(truth.OrderedAt));
        TellHub(node, docked);
    }

    // The builder is done and has been looked at: what it brought is off it, and most of it stands. The
    // instrument has an error of its own; what it is wrong about is the whole.
    private void Inspect(int node, uint number, Order.Build build)
    {
        double brought = _truths[node].Unload(_now);
        var draw = new Draw(_options.Seed, "built", number ^ ((ulong)node << 32));
        bool isFlawed = draw.Chance(_scenario.Work.BuildFlawPercent / 100);
        double stands = brought * (isFlawed ? FlawedShare : 1);
        Built += stands;
        double seen = Math.Max(0, 1 + (draw.Normal() * _plan.Rules.Work.InspectionSigma.Value / 1e6));
        TellHub(node, new HubInput.Inspected(
            build.Site, new NodeId((uint)node + 1), build.Docking, build.Contract, build.Epoch,
            new Grams((long)Math.Round(brought * seen)), new Grams((long)Math.Round(stands * seen))));
    }

    private void TellHub(int node, HubInput input) => Schedule(
        _now + Local, HubMachine(RegionNow(node)), World(NodeMachine(node)), Happening.Weighing,
        _slab.Put(input));

    // A depot, or an instrument at a site, tells the hub that the node belongs to, and again in an hour while
    // that is off.
    private void Tell(int machine, HubInput input)
    {
        (NodeId id, uint docking, ContractId contract, Epoch epoch) = input switch
        {
            HubInput.Docked docked => (docked.Node, docked.Docking, docked.Contract, docked.Epoch),
            HubInput.Inspected seen => (seen.Node, seen.Docking, seen.Contract, seen.Epoch),
            HubInput.PartsAsked asked => (asked.Node, asked.Docking, default, default),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        int node = (int)id.Value - 1;
        if (machine == HubMachine(RegionNow(node)) && !IsOff(machine - 1))
        {
            WeighAt(machine - 1, input, id, contract, epoch);
            if (!Waits(node, docking))
            {
                return; // Else the answer was lost with a crash, and the depot asks again.
            }
        }

        Schedule(
            _now + Blueprint.Hours(1),
            HubMachine(RegionNow(node)),
            World(NodeMachine(node)),
            Happening.Weighing,
            _slab.Put(input));
    }

    private void WeighAt(int region, HubInput input, NodeId node, ContractId contract, Epoch epoch)
    {
        Contract? before = Hub(region).Market.Find(contract);
        bool isOwed = before is { IsLive: true } && before.Winner.Node == node
            && before.Epoch == epoch && !_checker.IsVoid(region);
        StepHub(region, input);
        if (isOwed)
        {
            _checker.Weighed(region, Hub(region).Market.Find(contract));
        }
    }

    // Its scale has an error, as when it weighs what is brought.
    private void Issue(HubEffect.Issue issue)
    {
        int node = (int)issue.Node.Value - 1;
        if (Waits(node, issue.Docking))
        {
            double error = _scenario.Regions.ScaleErrorPercent / 100 * _truths[node].Luck.Normal();
            double mass = issue.Mass.Value / (1 + error);
            var load = (Order.Load)_truths[node].Order!;
            _truths[node].Load(_now, mass);
            Commodity commodity = ((NodeAgent)_nodes[node].Machine).Work!.Trip.Commodity;
            _transports.Take(node, load, commodity, Carries(node), mass);
            LetGo(node);
            Leave(_plan.RegionOf(node), node);
        }
    }

    // Of a docking long over, repeated after a crash, nothing comes.
    private bool Waits(int node, uint docking) =>
        _truths[node].IsAlive && _truths[node].Order is { } order && order.Handling == docking && docking > 0;

    private void LetGo(int node)
    {
        NodeTruth truth = _truths[node];
        truth.Order = null;
        truth.OrderedAt = _now;
        int machine = NodeMachine(node);
        Schedule(_now + Local, machine, World(machine), Happening.Undocking, (int)truth.OrderNumber);
    }

    private void Serve(HubEffect.Serve serve)
    {
        int node = (int)serve.Node.Value - 1;
        if (!Waits(node, serve.Docking))
        {
            return;
        }

        bool isBerthed = _truths[node].Order is Order.Dock or Order.Load;
        _truths[node].Serve(_now, serve.Propellant.Value, serve.Spares.Value);
        LetGo(node);
        if (isBerthed)
        {
            Leave(_plan.RegionOf(node), node);
        }
    }

    private void Leave(int region, int node)
    {
        foreach (PlaceQueue depot in _berths[region])
        {
            int next = depot.Leave(node, _now);
            if (next >= 0)
            {
                Berth(next);
            }
        }
    }

    private void Die(int node, string how)
    {
        _truths[node].IsAlive = false;
        _economy.Die(node, _truths[node], _now);
        _statistics.Die(node, how, _now);
        _rollouts.Die(node, _now);
        _repairs.End(node, _now);
        Leave(_plan.RegionOf(node), node);
        LeaveFace(node);
    }

    private void Look()
    {
        _statistics.BeginLook();
        DemandFaces();
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
                NodeTruth truth = _truths[(int)id.Value - 1];
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
            .Select(p => _statistics.Standing(p, _plan.Regions[p.Region], Hub(_holders[p.Region]))),
    ];
}

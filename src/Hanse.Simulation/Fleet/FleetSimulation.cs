using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Linq;
using Hanse.Core.Decisions;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Ledger;
using Hanse.Core.Machine;
using Hanse.Core.Market;
using Hanse.Core.Node;
using Hanse.Core.Reconcile;
using Hanse.Core.Skills;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;
using Hanse.Simulation.Kernel;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Hanse.Simulation.World;

namespace Hanse.Simulation.Fleet;

/// <summary>A fleet in a world: the machines of Core, driven by events, and everything they would meet
/// outside.</summary>
/// <remarks>
/// The machines are the very ones that a server and an agent would run. Here their clocks, links, journals
/// and sensors are simulated, and the world keeps a truth of its own that no machine is ever shown: they get
/// frames, readings, alarms and the end of their orders, and nothing else. Events are ordered by (instant,
/// destination, source, the source's own count), so by the model and by nothing else; every subsystem draws
/// from a stream of its own. The same scenario and seed give the same trace, in every process.
/// <para>
/// Machines are numbered: 0 is the strategic layer, then the hubs, then the nodes; each machine has a second
/// number, after all machines, under which the world around it sends it events.
/// </para>
/// </remarks>
internal sealed partial class FleetSimulation
    : IHostDriver<NodeFact, NodeEffect>, IHostDriver<HubFact, HubEffect>, IHostDriver<StrategyFact,
        StrategyEffect>,
      IWorldPort, IWorldWatch, IDisposable
{
    // Alarms for the present instant in a row, over all machines; some are right, many are a loop.
    // State errors that the hubs promise to tell from lies.
    private const double HonestBiasMax = 0.1;

    private const int IdleAlarmsMax = 10_000;

    private static readonly long _lookEvery = Blueprint.Hours(6);

    private readonly RunOptions _options;
    private readonly Scenario _scenario;
    private readonly Blueprint _plan;
    private readonly IScheduler _events;
    private readonly Slab _slab = new();
    private readonly TraceRecorder _trace;
    private readonly Network _network;
    private readonly Checker _checker;
    private readonly RunStatistics _statistics;
    private readonly Economy _economy;
    private readonly DemandWatch _demands = new();
    private readonly RolloutWatch _rollouts;

    // How much of which package each node has.
    private readonly SortedDictionary<(int Node, Digest Release), int> _packages = [];

    // Which image of the core each node is started from.
    private readonly ImageStarter _images;

    private readonly Host<StrategyInput, StrategyFact, StrategyEffect> _strategy;
    private readonly Host<HubInput, HubFact, HubEffect>[] _hubs;
    private readonly Host<NodeInput, NodeFact, NodeEffect>[] _nodes;
    private readonly Outbox<StrategyFact, StrategyEffect> _strategyOutbox = new();
    private readonly Outbox<HubFact, HubEffect> _hubOutbox = new();
    private readonly Outbox<NodeFact, NodeEffect> _nodeOutbox = new();

    // What a hub held when a head was given to be signed, until the strategic layer has folded up to there.
    private readonly Dictionary<(int Region, ulong Blocks), Holdings> _heldAtHead = [];

    private readonly WorldTwist _twist;
    private readonly IStepTap? _tap;
    private readonly uint[] _sequences;
    private readonly long _healAt;
    private readonly long _start;
    private long _now;
    private int _idleAlarms;

    public FleetSimulation(
        RunOptions options, WorldTwist? twist = null, IStepTap? tap = null, IScheduler? scheduler = null)
    {
        _events = scheduler ?? new WindowScheduler();
        _twist = twist ?? new WorldTwist();
        _options = options;
        _tap = tap;
        _scenario = options.IsOracle ? Foresight.Of(options.Scenario) : options.Scenario;
        _plan = new Blueprint(_scenario, options.Seed);
        if (options.Sandbox is { } sandbox)
        {
            _plan.Releases.AnswerBy(sandbox);
        }

        _healAt = options.HealAfter is { } heal ? (long)heal.TotalMicroseconds : long.MaxValue;
        _start = 2 * (long)_plan.Rules.ClockErrorMax.TotalMicroseconds;
        _trace = new TraceRecorder(options.Trace);
        _checker = new Checker(Holds, RegionNow, _plan.PlaceOf);
        _statistics = new RunStatistics(_plan);
        _economy = new Economy(_plan, _demands.Find, region => _hubs![region].Clock);
        int machines = 1 + _plan.Regions.Length + _plan.Nodes.Length;
        _sequences = new uint[2 * machines];
        _network = new Network(
            _scenario, options.Seed, machines, _plan.Regions.Length, _plan.Horizon, _healAt);
        bool isMortal = _scenario.Faults.CrashesPer30Days > 0;
        _strategy = new(0, Party.Strategy, ClockOf(0), () => new StrategicLayer(_plan.Strategy), isMortal)
        {
            Tap = tap,
            Sink = options.Facts is { } sink ? sink.Take : null,
        };
        _hubs =
        [
            .. _plan.Regions.Select((region, r) => new Host<HubInput, HubFact, HubEffect>(
                r, Party.Of(region.Id), ClockOf(HubMachine(r)), () => HubOf(region), isMortal)
            {
                Tap = tap,
                Sink = options.Facts is { } hubSink ? hubSink.Take : null,
            }),
        ];
        _images = new ImageStarter(
            _plan.Releases, _plan.Nodes.Length, node => _plan.Nodes[node].Design.Class);
        _nodes =
        [
            .. _plan.Nodes.Select((_, n) => NodeHostOf(n)),
        ];
        _world = new FleetWorld(_scenario, options.Seed, _plan, this, this, _start, _healAt, _twist);
        _truths = _world.Truths;
        _light = BuildLight();
        _transports = new TransportWatch(_scenario, _plan.Nodes.Length);
        _rollouts = new RolloutWatch(
            _plan.Releases, _plan.Nodes.Length,
            Blueprint.Hours(_scenario.Links.NodePeriodHours) + Blueprint.Days(7));
    }

    /// <summary>What was carried between depots, to look at.</summary>
    public TransportWatch Transports => _transports;

    /// <summary>What contracts cost and bring, to look at.</summary>
    public Economy Economy => _economy;

    /// <summary>Plays to the end.</summary>
    public RunReport Play()
    {
        var watch = Stopwatch.StartNew();
        ScheduleBeginning();
        while (_events.TryTake(out Event next) && next.Time <= _plan.Horizon)
        {
            _now = next.Time;
            _statistics.Events++;
            Happen(next);
        }

        _now = _plan.Horizon;
        Look();
        DemandOneHub();
        DemandHonestRegions();
        _transports.DemandConserved();
        if (_options.HealAfter is not null)
        {
            DemandConvergence();
        }

        ImmutableArray<RegionCase> cases =
        [
            .. _plan.Regions.SelectMany((region, r) =>
                Hub(r).Reviews.Open.Select(open => new RegionCase(region.Id, open))),
        ];
        _statistics.OpenCases = cases.Length;
        _options.Reviews?.Close(cases);
        string hash = _trace.Finish();
        return _statistics.Report(
            _options, _checker, _network, watch.Elapsed, hash, Standing(),
            _economy.Report(_truths, ((StrategicLayer)_strategy.Machine).Digests, _now)) with
        {
            Checks = _checker.Checks + _demands.Checks + _transports.Checks,
            Transports = _transports.Report(),
            Repairs = _repairs.Report(_now),
            Sites = new SiteFigures(_world.SitesOver, _statistics.CameShort, _statistics.CameEmpty),
            Demands = _demands.Report(_plan.Demands, _economy.Of),
            Orders = _demands.Report(_plan.Orders),
            Births = BirthsNow(),
            Rollouts = _rollouts.Report(
                (StrategicLayer)_strategy.Machine, node => _truths[node].IsAlive,
                node => new MachineKind(
                    _plan.Nodes[node].Design.Class, _plan.Nodes[node].Design.Generation)),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _trace.Dispose();
        _events.Dispose();
    }

    private Host<NodeInput, NodeFact, NodeEffect> NodeHostOf(int node) => new(
        node, Party.Of(_plan.Nodes[node].Node), ClockOf(NodeMachine(node)), () => AgentOf(node),
        _scenario.Faults.CrashesPer30Days > 0)
    {
        Tap = _tap,
    };

    private NodeAgent AgentOf(int node)
    {
        NodeSpec spec = _plan.Nodes[node];
        IPricing honest = _options.Pricing?.Invoke(spec) ?? BuiltInPricing.Instance;
        IPricing pricing = _plan.Conducts.Pricing(node, honest);
        return !_plan.Releases.HasCores ? new NodeAgent(spec, pricing, _plan.Releases.Skills)
            : new NodeAgent(
                spec with { Core = _images.Start(node, _now) }, pricing, _plan.Releases.Skills,
                hasCoreSlots: true);
    }

    private RegionalHub HubOf(RegionBlueprint region) => new(region.Hub, _plan.Releases.Skills);

    private static int HubMachine(int region) => 1 + region;

    private int NodeMachine(int node) => 1 + _plan.Regions.Length + node;

    private void ScheduleBeginning()
    {
        for (int machine = 0; machine < 1 + _hubs.Length + _nodes.Length; machine++)
        {
            int node = machine - NodeMachine(0);
            if (node < 0 || IsBuilt(node))
            {
                Begin(machine, _start);
            }
        }

        _world.Begin();
        for (int i = 0; i < _plan.Bounties.Length; i++)
        {
            Schedule(Math.Max(_start, _plan.Bounties[i].PostedAt), 0, World(0), Happening.BountyOrder, i);
        }

        for (int i = 0; i < _plan.Demands.Length; i++)
        {
            Schedule(
                Math.Max(_start, _plan.Demands[i].PostedAt), 0, World(0), Happening.BountyOrder,
                _plan.Bounties.Length + i);
        }

        for (int i = 0; i < _plan.Orders.Length; i++)
        {
            Schedule(
                Math.Max(_start, _plan.Orders[i].PostedAt), 0, World(0), Happening.BountyOrder,
                _plan.Bounties.Length + _plan.Demands.Length + i);
        }

        foreach (PlannedRollout rollout in _plan.Releases.Planned)
        {
            Schedule(
                Math.Max(_start, rollout.At), 0, World(0), Happening.Answer,
                _slab.Put(new StrategyInput.RolloutOrdered(rollout.Rollout, SignaturesOf(rollout))));
            long back = (long)(rollout.Named.CalledBackDay * Blueprint.Days(1));
            if (back > rollout.At && back <= _plan.Horizon)
            {
                Schedule(
                    Math.Max(_start, back), 0, World(0), Happening.Answer,
                    _slab.Put(new StrategyInput.RolloutCommanded(
                        rollout.Rollout.Id, RolloutCommand.Abort)));
            }
        }

        for (int i = 0; i < _plan.Bounties.Length; i++)
        {
            if (_plan.Bounties[i].ReducedAt is { } at && at <= _plan.Horizon)
            {
                int order = _plan.Bounties.Length + _plan.Demands.Length + _plan.Orders.Length + i;
                Schedule(Math.Max(_start, at), 0, World(0), Happening.BountyOrder, order);
            }
        }

        ScheduleKeyChanges();
        ScheduleQuota();
        Schedule(_lookEvery, 0, World(0), Happening.Look, 0);
        ScheduleSuccession();
    }

    // A node's driver has made another key; what comes too early is told with the next.
    private void ScheduleKeyChanges()
    {
        long every = (long)(_twist.KeyChangeHours * Blueprint.Days(1) / 24);
        for (int node = 0; every > 0 && node < _nodes.Length; node++)
        {
            for (long round = 1; round * every < _plan.Horizon; round++)
            {
                byte[] key = [.. _plan.Nodes[node].PublicKey];
                BinaryPrimitives.WriteInt64BigEndian(key, round);
                int machine = NodeMachine(node);
                long at = (round * every) + (node * every / _nodes.Length);
                if (at >= _plan.CommissionedAt(node))
                {
                    Schedule(
                        Math.Max(_start, at), machine, World(machine), Happening.Answer,
                        _slab.Put(new NodeInput.KeyReplaced(key)));
                }
            }
        }
    }

    // A machine starts, and does what it does when it has never been told anything.
    private void Begin(int machine, long at)
    {
        if (at <= _plan.Horizon)
        {
            Schedule(at, machine, World(machine), Happening.Alarm, 0);
            SetAlarmAt(machine, at);
            ScheduleCrash(machine, at);
        }
    }

    // One that is commissioned later is not there yet: nobody steps it or hears of it.
    private bool IsBuilt(int node) => SinceOf(node) <= _now;

    private void Happen(in Event next)
    {
        var kind = (Happening)(next.Payload & 15);
        int argument = next.Payload >> 4;
        int machine = (int)next.Destination;
        switch (kind)
        {
            case Happening.Alarm:
                Alarm(machine);
                break;
            case Happening.Frame:
                Arrive(machine, argument);
                break;
            case Happening.Look:
                Look();
                Schedule(_now + _lookEvery, 0, World(0), Happening.Look, 0);
                break;
            case Happening.BountyOrder
                when argument >= _plan.Bounties.Length + _plan.Demands.Length + _plan.Orders.Length:
                PlannedBounty less = _plan.Bounties[
                    argument - _plan.Bounties.Length - _plan.Demands.Length - _plan.Orders.Length];
                Step(new StrategyInput.ReductionOrdered(less.Bounty.Id, less.ReducedTo));
                break;
            case Happening.BountyOrder when argument >= _plan.Bounties.Length + _plan.Demands.Length:
                Step(new StrategyInput.OrderGiven(
                    _plan.Orders[argument - _plan.Bounties.Length - _plan.Demands.Length].Order));
                break;
            case Happening.BountyOrder when argument >= _plan.Bounties.Length:
                Step(new StrategyInput.DemandOrdered(
                    _plan.Demands[argument - _plan.Bounties.Length].Demand));
                break;
            case Happening.BountyOrder:
                PlannedBounty planned = _plan.Bounties[argument];
                _statistics.Market.Post(planned.Bounty, planned.Name, _now);
                Step(new StrategyInput.BountyOrdered(_plan.Regions[planned.Region].Id, planned.Bounty));
                break;
            case Happening.Weighing:
                _world.Tell(_now, machine - 1, (HubInput)_slab.Take(argument));
                break;
            case Happening.Handover:
                OrderHandover();
                break;
            case Happening.Answer when machine == 0:
                Step((StrategyInput)_slab.Take(argument));
                break;
            case Happening.Answer when machine <= _hubs.Length:
                var answer = (HubInput)_slab.Take(argument);
                if (!IsOff(machine - 1))
                {
                    StepHub(machine - 1, answer);
                }

                break;
            case Happening.Answer:
                object heard = _slab.Take(argument);
                if (heard is CoreStart start)
                {
                    Start(machine - NodeMachine(0), start);
                }
                else
                {
                    HearAnswer(machine - NodeMachine(0), (NodeInput)heard);
                }

                break;
            case Happening.Crash:
                PlanCrash(machine);
                break;
            default:
                _world.Happen(_now, machine - NodeMachine(0), EventOf(kind), (uint)argument);
                break;
        }
    }

    private void Alarm(int machine)
    {
        if (machine == 0)
        {
            if (_strategy.AlarmAt == _now)
            {
                _strategy.AlarmAt = -1;
                Step(new StrategyInput.Woken());
            }
        }
        else if (machine <= _hubs.Length)
        {
            if (_hubs[machine - 1].AlarmAt == _now)
            {
                _hubs[machine - 1].AlarmAt = -1;
                if (!IsOff(machine - 1))
                {
                    StepHub(machine - 1, new HubInput.Woken());
                }
            }
        }
        else
        {
            int node = machine - NodeMachine(0);
            if (_nodes[node].AlarmAt == _now && _truths[node].IsAlive)
            {
                _nodes[node].AlarmAt = -1;
                StepNode(node, new NodeInput.Woken());
            }
        }
    }

    private ImmutableArray<OperatorSignature> SignaturesOf(PlannedRollout rollout) =>
    [
        .. _plan.Operators.Take(rollout.Named.Signatures).Select(key => new OperatorSignature(
            key, ModelSigner.Sign(_options.Seed, key, rollout.Rollout.ToSign()))),
    ];

    private void Step(StrategyInput input)
    {
        StepEnd end = _strategy.Step(_now, input, _strategyOutbox, _trace, this);
        if (end == StepEnd.Done)
        {
            SetAlarm(_strategy, 0);
        }
        else
        {
            _statistics.Crashes++;
            Step(new StrategyInput.Restarted());
            if (end == StepEnd.CrashedBeforeFacts)
            {
                Step(input);
            }
        }
    }

    private void StepHub(int region, HubInput input)
    {
        Host<HubInput, HubFact, HubEffect> host = _hubs[region];
        StepEnd end = host.Step(_now, input, _hubOutbox, _trace, this);
        if (end == StepEnd.Done)
        {
            SetAlarm(host, HubMachine(region));
            return;
        }

        _statistics.Crashes++;
        StepHub(region, new HubInput.Restarted());
        if (end == StepEnd.CrashedBeforeFacts)
        {
            StepHub(region, input);
        }
    }

    private void StepNode(int node, NodeInput input)
    {
        Host<NodeInput, NodeFact, NodeEffect> host = _nodes[node];
        StepEnd end = host.Step(_now, input, _nodeOutbox, _trace, this);
        if (end == StepEnd.Done)
        {
            SetAlarm(host, NodeMachine(node));
            return;
        }

        _statistics.Crashes++;
        StepNode(node, new NodeInput.Restarted());
        if (end == StepEnd.CrashedBeforeFacts)
        {
            StepNode(node, input);
        }
    }

    private void SetAlarm<TInput, TFact, TEffect>(Host<TInput, TFact, TEffect> host, int machine)
        where TInput : class, IShaped<TInput>
        where TFact : class, IShaped<TFact>
        where TEffect : class, IShaped<TEffect>
    {
        if (host.Machine.NextWake is not { } wake)
        {
            return;
        }

        long at = Math.Max(_now, host.Clock.WhenShows(wake));
        _idleAlarms = at == _now ? _idleAlarms + 1 : 0;
        if (_idleAlarms >= IdleAlarmsMax)
        {
            throw new BrokenInvariantException($"{host.Party} asks to be woken at once, again and again");
        }

        if ((host.AlarmAt < 0 || at < host.AlarmAt) && at <= _plan.Horizon)
        {
            host.AlarmAt = at;
            Schedule(at, machine, World(machine), Happening.Alarm, 0);
        }
    }

    private void SetAlarmAt(int machine, long at)
    {
        if (machine == 0)
        {
            _strategy.AlarmAt = at;
        }
        else if (machine <= _hubs.Length)
        {
            _hubs[machine - 1].AlarmAt = at;
        }
        else
        {
            _nodes[machine - NodeMachine(0)].AlarmAt = at;
        }
    }

    private void PlanCrash(int machine)
    {
        if (_now >= _healAt)
        {
            return;
        }

        var draw = new Draw(_options.Seed, "cut", (ulong)_now ^ (ulong)machine);
        int cut = (int)draw.Below(6) - 1;
        if (machine == 0)
        {
            _strategy.CrashAfter = cut;
        }
        else if (machine <= _hubs.Length)
        {
            _hubs[machine - 1].CrashAfter = cut;
        }
        else
        {
            _nodes[machine - NodeMachine(0)].CrashAfter = cut;
        }

        ScheduleCrash(machine, _now);
    }

    private void ScheduleCrash(int machine, long from)
    {
        if (_scenario.Faults.CrashesPer30Days > 0)
        {
            var draw = new Draw(_options.Seed, "crash", (ulong)from ^ ((ulong)machine << 48));
            ScheduleIfEver(
                from + Blueprint.Days(draw.Exponential(30 / _scenario.Faults.CrashesPer30Days)),
                machine,
                Happening.Crash);
        }
    }

    private void ScheduleIfEver(long at, int machine, Happening kind)
    {
        if (at <= _plan.Horizon)
        {
            Schedule(Math.Max(at, _start), machine, World(machine), kind, 0);
        }
    }

    private void Schedule(long at, int destination, int source, Happening kind, int argument) =>
        _events.Add(new Event(
            at, (uint)destination, (uint)source, _sequences[source]++, (argument << 4) | (int)kind));

    // The world around a machine sends under a number of its own.
    private int World(int machine) => machine + (_sequences.Length / 2);

    private Clock ClockOf(int machine)
    {
        var draw = new Draw(_options.Seed, "clock", (ulong)machine);
        double error = _plan.Rules.ClockErrorMax.TotalMicroseconds * 0.49;
        return new Clock(
            (long)draw.Between(-error, error), (long)draw.Between(-error, error), _plan.Horizon + 1);
    }

    private bool Holds(int node, ContractId contract) =>
        _truths[node].IsAlive
        && ((NodeAgent)_nodes[node].Machine).Work is { IsLapsed: false } work
        && work.Award.Contract == contract;

    private RegionalHub Hub(int region) => (RegionalHub)_hubs[region].Machine;

    // When all faults have ended and time has passed, nothing may be left undone.
    private void DemandConvergence()
    {
        bool isCutOff = _plan.Regions.Any(region => region.Hub.StrategyContacts.Outages.Length > 0);
        Demand(
            isCutOff || _now - _checker.OldestTransfer < Blueprint.Days(2),
            "credits are on their way for no longer than it takes");
        Demand(
            _statistics.Returns.Unsettled == 0,
            "what honest nodes did out of sight contradicts nothing that a rule does not settle");
        for (int n = 0; n < _nodes.Length; n++)
        {
            bool isBusy = ((NodeAgent)_nodes[n].Machine).Work is not null;
            Demand(
                !isBusy || !_truths[n].IsAlive || _truths[n].IsImmobile || _truths[n].Order is not null
                    || _now - _truths[n].OrderedAt < Blueprint.Hours(1),
                "a node at work has something to do");
        }

        DemandAdopted(isCutOff);
        long period = Blueprint.Hours(_scenario.Links.NodePeriodHours);
        for (int n = 0; n < _nodes.Length; n++)
        {
            bool isKnown = _checker.IsVoid(RegionNow(n))
                || Hub(RegionNow(n)).Roster.ContainsKey(_plan.Nodes[n].Node);
            long since = SinceOf(n);
            bool isNew = since > 0 && _now - since < Blueprint.Days(4) + (3 * period);
            Demand(isCutOff || !_truths[n].IsAlive || isKnown || isNew, "every living node is enrolled");
        }

        for (int r = 0; r < _hubs.Length; r++)
        {
            if (_checker.IsVoid(r))
            {
                continue; // What it does is nobody's business any more.
            }

            Instant now = _hubs[r].Clock.At(_now);
            Demand(
                isCutOff || !Hub(r).Log.HasNews || now - Hub(r).Log.AskedAt < TimeSpan.FromDays(2),
                "a hub's journal is accepted up to what it signed");
            foreach (OpenBounty bounty in Hub(r).Market.Bounties.Values)
            {
                // One that reached its region after its deadline is closed in the cycle after that.
                long since = Math.Max(
                    bounty.Bounty.Deadline.Micros, _statistics.Market.OpenedAt(bounty.Bounty.Id));
                long grace = (long)_plan.Rules.CyclePeriod.TotalMicroseconds + Blueprint.Days(1);
                Demand(
                    _now - since < grace || bounty.Contracts > 0
                        || Hub(r).Market.Kept.Values.Any(kept => kept.Bounty == bounty.Bounty.Id)
                        || Hub(r).Market.Claims.Values.Any(claim => claim.Bounty == bounty.Bounty.Id),
                    "a bounty is closed in the cycle after its deadline");
            }

            foreach (KeyValuePair<NodeId, Reception> entry in Hub(r).Reconciler.Receptions)
            {
                int node = _plan.PlaceOf(entry.Key);
                bool isHonest = !_world.Rots(node)
                    && _truths[node].Bias.All(bias => Math.Abs(bias) <= HonestBiasMax);
                if (isHonest && entry.Value.Quarantine is { } verdict)
                {
                    throw new BrokenInvariantException(
                        $"no honest node is quarantined: node {node + 1}, "
                        + string.Join(", ", verdict.Reasons.Where(r => r.Severity == Severity.Quarantined)));
                }
            }

            foreach (KeyValuePair<NodeId, RosterEntry> entry in Hub(r).Roster)
            {
                int node = _plan.PlaceOf(entry.Key);
                bool isHere = _truths[node].IsAlive && entry.Value.IsActive && RegionNow(node) == r;
                Demand(
                    !isHere || entry.Value.Staleness(now) < 2 * entry.Value.Link.Plan.Period,
                    "every living node is heard in its windows");
            }
        }
    }

    // Every hub of the simulator is honest.
    private void DemandHonestRegions()
    {
        var strategy = (StrategicLayer)_strategy.Machine;
        for (int r = 0; r < _hubs.Length; r++)
        {
            RegionReception reception = strategy.Receptions[_plan.Regions[r].Id];
            string why = string.Join(", ", reception.Quarantine?.Reasons ?? []);
            Demand(!reception.IsQuarantined, $"an honest hub is never quarantined: {why}");
        }
    }

    // Whatever happens, a bond is that of a contract that runs, or is missed and may run again.
    private void DemandBonds(int region)
    {
        foreach (KeyValuePair<AccountId, Credits> account in Hub(region).Books.Accounts)
        {
            Contract? contract = account.Key.Kind == AccountKind.Bond
                ? Hub(region).Market.Find(new ContractId(account.Key.Number)) : null;
            Demand(
                account.Key.Kind != AccountKind.Bond || contract is { IsLive: true } or { IsMissing: true },
                "a bond is staked for work that is not over");
        }
    }

    private Holdings HeldBy(int region)
    {
        long aside = AsideAt(region); // The region's journal does not tell it and bonds from balances.
        return new Holdings(
            Of(AccountKind.Reserve), Of(AccountKind.Escrow) - aside,
            Of(AccountKind.Balance) + Of(AccountKind.Bond) + aside,
            Of(AccountKind.Burned));

        long Of(AccountKind kind) => Hub(region).Books.Accounts
            .Where(account => account.Key.Kind == kind)
            .Sum(account => account.Value.Micro);
    }

    private static Holdings HeldBy(RegionBooks books) => new(
        books.Reserve.Micro,
        books.Bounties.Values.Sum(bounty => bounty.Left.Micro),
        books.Nodes.Values.Sum(node => node.Balance.Micro),
        books.Burned.Micro);

    // Microcredits by kind of account: a sum over all of them would not see what is moved within.
    private readonly record struct Holdings(long Reserve, long Escrow, long Balances, long Burned);

    private static void Demand(bool holds, string claim)
    {
        if (!holds)
        {
            throw new BrokenInvariantException(claim);
        }
    }
}

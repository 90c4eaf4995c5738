using System;
using System.Linq;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Simulation.Fleet;
using Hanse.Simulation.Scenarios;

namespace Hanse.Simulation.World;

/// <summary>The physical world that machines share: bodies that fly, dig, wear, dock, give out, break and
/// die; depots with scales and few berths; sites with faces and ore.</summary>
/// <remarks>
/// The problem: the same world has to surround a fleet that is stepped by a simulator and one whose machines
/// run elsewhere. The idea: it knows no hubs, links or clocks of its own. It takes orders of nodes and
/// services of depots, hears when something is due that it scheduled, and everything it says goes out through
/// <see cref="IWorldPort"/>. What truly happens is told to an <see cref="IWorldWatch"/>, for figures.
/// <para>
/// Every draw is from a stream keyed by what it is for and by a number of the model (a node, an order, an
/// instant), so the world is a function of scenario, seed and of what it is told, in order. The true time of
/// every call is the owner's; it never goes back. Not safe for two threads.
/// </para>
/// </remarks>
internal sealed partial class FleetWorld
{
    // Microseconds between things at one place that are told by wire.
    private const long Local = 1_000_000;

    private readonly Scenario _scenario;
    private readonly ulong _seed;
    private readonly Blueprint _plan;
    private readonly IWorldPort _port;
    private readonly IWorldWatch _watch;
    private readonly WorldTwist _twist;
    private readonly long _start;
    private readonly long _healAt;

    private readonly NodeTruth[] _truths;

    // The raw logs of nodes that keep any.
    private readonly RawStore?[] _raw;

    // When nodes die by lot, if ever.
    private readonly long[] _diesAt;

    // By region and site: what the rock really holds, in order of Commodity, as shares.
    private readonly double[][][] _trueGrades;
    private readonly OreBook _ore;

    // By region and place of the depot in it.
    private readonly PlaceQueue[][] _berths;

    // By region and site; none where any number may dig. And by node: its site, from 1, while it has a face.
    private readonly PlaceQueue[][] _faces;
    private readonly int[] _faceOf;

    // Whether a node has goods of one depot aboard that another is to get.
    private readonly bool[] _hasGoods;
    private long _now;

    /// <param name="scenario">The mission.</param>
    /// <param name="seed">Its seed.</param>
    /// <param name="plan">What scenario and seed decide before time zero.</param>
    /// <param name="port">Its way out.</param>
    /// <param name="watch">Who looks.</param>
    /// <param name="start">When it begins, microseconds.</param>
    /// <param name="healAt">When nobody dies or breaks down any more, microseconds.</param>
    /// <param name="twist">For tests.</param>
    public FleetWorld(
        Scenario scenario, ulong seed, Blueprint plan, IWorldPort port, IWorldWatch watch, long start,
        long healAt, WorldTwist twist)
    {
        (_scenario, _seed, _plan, _port, _watch) = (scenario, seed, plan, port, watch);
        (_start, _healAt, _twist) = (start, healAt, twist);
        int nodes = plan.Nodes.Length;
        _truths = BuildTruths();
        _raw = [.. plan.Nodes.Select(RawStoreOf)];
        _diesAt = new long[nodes];
        Array.Fill(_diesAt, long.MaxValue);
        _trueGrades =
        [
            .. plan.Regions.Select(region => region.Plan.Sites
                .Select(site => Blueprint.Grades(site.Ore.True).Select(g => Math.Max(1,
                    g.Value) / 1e6).ToArray())
                .ToArray()),
        ];
        _berths =
        [
            .. plan.Regions.Select(region => region.Depots.Select(_ => new PlaceQueue(
                plan.BerthsOf(region.Nodes), watch.Berthed, WantsBerth)).ToArray()),
        ];
        _faces =
        [
            .. plan.Regions.Select(region => scenario.Sites.Faces == 0 ? []
                : region.Plan.Sites.Select((_, site) => new PlaceQueue(
                    scenario.Sites.Faces, watch.CameToFace,
                    (node, order) => WantsFace(node, order, site))).ToArray()),
        ];
        _faceOf = new int[nodes];
        _hasGoods = new bool[nodes];
        _ore = new OreBook(
            seed, scenario.Sites.Tonnes, [.. plan.Regions.Select(region => region.Plan.Sites.Count)]);
    }

    /// <summary>What is so on every node.</summary>
    public NodeTruth[] Truths => _truths;

    /// <summary>Sites where nothing is left.</summary>
    public int SitesOver => _ore.Over;

    /// <summary>What truly stands of all that was built, grams.</summary>
    public double Built { get; private set; }

    /// <summary>When a node dies by lot, microseconds; never for most.</summary>
    public long DiesAt(int node) => _diesAt[node];

    /// <summary>Whether part of a node's raw log is spoiled after it was sealed.</summary>
    public bool Rots(int node) => _raw[node] is { Rots: true };

    /// <summary>Schedules what is to happen to machines by itself.</summary>
    public void Begin()
    {
        for (int n = 0; n < _truths.Length; n++)
        {
            if (_plan.CommissionedAt(n) == 0)
            {
                Begin(n, 0);
            }
            else
            {
                _truths[n].IsAlive = false; // It is nowhere.
                ScheduleIfEver(_plan.CommissionedAt(n), n, WorldEvent.Commission);
            }
        }
    }

    // What is to happen by itself to a machine that is there since then.
    private void Begin(int node, long since)
    {
        var draw = new Draw(_seed, "life", (ulong)node);
        long period = Blueprint.Hours(_scenario.Fleet.ReadingPeriodHours);
        long from = Math.Max(_start, since);
        _port.Schedule(from + draw.Below(period), node, WorldEvent.Reading, 0);
        if (_raw[node] is not null)
        {
            _port.Schedule(from + Blueprint.Days(draw.Uniform()), node, WorldEvent.Seal, 0);
        }

        double share = _scenario.Faults.DeathsPercentPer30Days / 100;
        if (share > 0)
        {
            // A share dies in 30 days: the mean life is 30 / -ln(1 - share) days.
            double mean = 30 / -Math.Log(1 - Math.Min(share, 0.999));
            long dies = since + Blueprint.Days(Math.Min(draw.Exponential(mean), 1e6));
            dies = Math.Max(from, dies);
            _diesAt[node] = dies < _healAt ? dies : long.MaxValue;
            ScheduleIfEver(dies, node, WorldEvent.Death);
        }

        ScheduleBreakdown(node, from);
    }

    /// <summary>A machine that was built is a node from now on.</summary>
    public void Bear(long now, int node)
    {
        _now = now;
        Commission(node);
    }

    // It stands at its depot, with full tanks and nothing else, and starts.
    private void Commission(int node)
    {
        _truths[node].Commission(_now);
        _watch.Commissioned(node);
        Begin(node, _now);
    }

    /// <summary>Something is due at a node.</summary>
    public void Happen(long now, int node, WorldEvent kind, uint argument)
    {
        _now = now;
        NodeTruth truth = _truths[node];
        if (kind == WorldEvent.Commission && _plan.Quota is not null)
        {
            _watch.Built(node);
            return;
        }

        if (kind == WorldEvent.Commission)
        {
            Commission(node);
            return;
        }

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
            case WorldEvent.Reading:
                _watch.Observed(node);
                _port.Give(node, new NodeInput.Observed(truth.Read(_now)));
                _port.Schedule(
                    _now + Blueprint.Hours(_scenario.Fleet.ReadingPeriodHours), node, WorldEvent.Reading, 0);
                break;
            case WorldEvent.Seal:
                RawStore raw = _raw[node]!;
                uint segment = _port.StandingOf(node).Segments;
                _port.Give(node, new NodeInput.RawSealed(segment, raw.Leaves, raw.Root(segment)));
                _port.Schedule(_now + Blueprint.Days(1), node, WorldEvent.Seal, 0);
                break;
            case WorldEvent.Death:
                if (_now < _healAt)
                {
                    Die(node, "died");
                }

                break;
            case WorldEvent.Breakdown:
                truth.IsDueToBreak = !truth.IsImmobile;
                break;
            default:
                if (argument == truth.OrderNumber) // Else of an order since replaced.
                {
                    End(node, kind, argument);
                }

                break;
        }

        BreakIfDue(node);
    }

    /// <summary>A node reads blocks of its raw log.</summary>
    public void ReadRaw(int node, BlocksAsked asked) =>
        _port.Answer(node, new NodeInput.RawRead(
        [
            .. asked.Places.Select(place => _raw[node]?.Show(asked.Blocks, place)
                ?? new BlockShown(asked.Blocks, place.Request, [], [])),
        ]));

    /// <summary>Demands that nothing was made or lost, and that faces are taken as they should be.</summary>
    public void DemandSound()
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

    private void Die(int node, string how)
    {
        _truths[node].IsAlive = false;
        _watch.Died(node, how);
        Leave(_plan.RegionOf(node), node);
        LeaveFace(node);
    }

    private NodeTruth[] BuildTruths()
    {
        FleetSection fleet = _scenario.Fleet;
        double shared = fleet.SharedErrorPercent / 100;
        return
        [
            .. _plan.Nodes.Select((node, number) => new NodeTruth(
                node.Design,
                _seed,
                node.Node.Value,
                fleet.SensorBiasPercent / 100,
                fleet.SensorNoisePercent / 100 * HardwareGeneration.NoiseOf(node.Design.Generation),
                fleet.BuildSpreadPercent / 100,
                _twist,
                (new Draw(_seed, "variant", StrainOf(number)), shared))),
        ];
    }

    // Machines of a variant that are built alike have errors in common.
    private ulong StrainOf(int node) =>
        (ulong)_plan.VariantOf(node) + ((ulong)(_plan.GenerationOf(node) - 1) << 16);

    private RawStore? RawStoreOf(NodeSpec node)
    {
        int leaves = _scenario.Returns.RawLeavesPerDay;
        var draw = new Draw(_seed, "rot", node.Node.Value);
        bool rots = draw.Chance(_scenario.Faults.RottenLogsPercent / 100);
        return leaves == 0 ? null : new RawStore(_seed, node.Node.Value, leaves, rots);
    }

    private void ScheduleIfEver(long at, int node, WorldEvent kind)
    {
        if (at <= _plan.Horizon)
        {
            _port.Schedule(Math.Max(at, _start), node, kind, 0);
        }
    }

    private static void Demand(bool holds, string claim)
    {
        if (!holds)
        {
            throw new BrokenInvariantException(claim);
        }
    }
}

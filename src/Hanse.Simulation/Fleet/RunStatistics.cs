using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Simulation.Runs;
using Hanse.Simulation.World;

namespace Hanse.Simulation.Fleet;

/// <summary>What a run counts, and how it tells people.</summary>
internal sealed class RunStatistics
{
    private readonly Blueprint _plan;
    private readonly Histogram[] _errors = [new(), new(), new(), new()];
    private readonly Histogram _staleness = new();
    private readonly Histogram _stalenessNow = new();
    private readonly HashSet<NodeId> _dead = [];
    private double _unloaded;
    private double _burnt;
    private double _livingDays;
    private long _lastLook;
    private long _reportBytes;
    private long _lastStorms;

    // Those that died with them.
    private int _commissioned;

    public RunStatistics(Blueprint plan)
    {
        _plan = plan;
        Returns = new ReturnStatistics(plan.PlaceOf);
        for (int n = 0; n < plan.Nodes.Length; n++)
        {
            _commissioned += plan.CommissionedAt(n) == 0 ? 1 : 0;
        }
    }

    /// <summary>What became of bounties, and the news.</summary>
    public MarketNews Market { get; } = new();

    /// <summary>What is counted of returns.</summary>
    public ReturnStatistics Returns { get; }

    /// <summary>How long nodes waited for a berth, hours.</summary>
    public Histogram BerthWaits { get; } = new();

    /// <summary>How long nodes waited for a face at a site, hours.</summary>
    public Histogram FaceWaits { get; } = new();

    /// <summary>Extractions that ended since the site had given out, and those with next to nothing
    /// aboard.</summary>
    public long CameShort { get; set; }

    public long CameEmpty { get; set; }

    /// <summary>What they paid for faces, microcredits.</summary>
    public long FaceTolls { get; set; }

    public long Events { get; set; }

    public long Crashes { get; set; }

    /// <summary>How often a node came to another hub.</summary>
    public int Moves { get; set; }

    public long Refusals { get; set; }

    public long Frames { get; set; }

    public long Bytes { get; set; }

    public long Deviations { get; set; }

    public long Replans { get; set; }

    public long Readings { get; set; }

    public int UnderContract { get; set; }

    public int Late { get; set; }

    /// <summary>Cases open for an operator at the end.</summary>
    public int OpenCases { get; set; }

    public long NextProgress { get; set; }

    public void CountReports(Frame frame)
    {
        foreach (Envelope envelope in frame.Envelopes)
        {
            if (envelope.Message is DeviationReport or PlanRevised)
            {
                _reportBytes += FrameSize.Of(envelope);
            }
        }
    }

    /// <summary>Cargo was weighed at a depot.</summary>
    /// <param name="grams">How much.</param>
    /// <param name="isCarried">Whether it came from another depot, where it was weighed before.</param>
    public void Unload(double grams, bool isCarried) => _unloaded += isCarried ? 0 : grams;

    public void Die(int node, string how, long now)
    {
        _ = _dead.Add(_plan.Nodes[node].Node);
        Market.Tell(now, RunEventKind.NodeDied,
            Invariant($"node {node + 1} at {_plan.Regions[_plan.RegionOf(node)].DepotName} {how}"));
    }

    /// <summary>A machine was commissioned.</summary>
    public void Commission() => _commissioned++;

    public void BeginLook() => _stalenessNow.Clear();

    /// <summary>One living, enrolled node: its hub's twin of it against the truth.</summary>
    public void Compare(NodeTruth truth, RosterEntry entry, long now, Instant hubNow)
    {
        double stale = entry.Staleness(hubNow).TotalHours;
        _staleness.Add(stale);
        _stalenessNow.Add(stale);
        for (Variable variable = Variable.Cargo; variable <= Variable.Position; variable++)
        {
            double error = Math.Abs(entry.Twin.At(variable, hubNow) - truth.Value(variable, now));
            _errors[(int)variable - 1].Add(error / Scale(variable));
        }
    }

    public void SeeStorms(Network network, long now)
    {
        for (int r = 0; r < _plan.Regions.Length; r++)
        {
            foreach (Storm storm in network.Storms(r))
            {
                if (storm.From > _lastStorms && storm.From <= now)
                {
                    Market.Tell(storm.From, RunEventKind.RegionDark, Invariant(
                        $"{_plan.Regions[r].DepotName}: silent for ",
                        $"{(storm.To - storm.From) / 3600e6:0} h, unplanned"));
                }
            }
        }

        _lastStorms = now;
        _livingDays += (_commissioned - _dead.Count) * (now - _lastLook) / 86_400e6;
        _lastLook = now;
    }

    public void Burn(double grams) => _burnt += grams;

    public RunProgress Progress(long now, Checker checker, ImmutableArray<NamedBountyStatus> named)
    {
        return new RunProgress
        {
            Elapsed = TimeSpan.FromMicroseconds(now),
            Total = TimeSpan.FromMicroseconds(_plan.Horizon),
            Events = Events,
            Alive = _commissioned - _dead.Count,
            Dead = _dead.Count,
            UnderContract = UnderContract,
            Late = Late,
            Bounties = checker.Tally.Bounties(Market.Posted),
            BountiesOpen = checker.Tally.Bounties(Market.Posted).Open,
            Contracts = checker.Tally.Contracts,
            Ledger = checker.Ledger,
            Staleness = new StalenessFigures(_stalenessNow.Quantile(0.5), _stalenessNow.Quantile(0.99)),
            Named = named,
            News = Market.TakeNews(),
        };
    }

    public RunReport Report(
        RunOptions options,
        Checker checker,
        Network network,
        TimeSpan wall,
        string hash,
        ImmutableArray<NamedBountyStatus> named,
        EconomyFigures economy)
    {
        double nodeDays = Math.Max(_livingDays, 1e-9);
        MissionRules rules = _plan.Rules;
        return new RunReport
        {
            Scenario = options.Scenario.Name,
            Seed = options.Seed,
            IsOracle = options.IsOracle,
            Nodes = _plan.Nodes.Length,
            Regions = _plan.Regions.Length,
            SimulatedDays = options.Scenario.Days,
            WallSeconds = wall.TotalSeconds,
            Events = Events,
            EventsPerSecond = Events / wall.TotalSeconds,
            PeakMemoryBytes = Process.GetCurrentProcess().PeakWorkingSet64,
            Bounties = checker.Tally.Bounties(Market.Posted),
            Contracts = checker.Tally.Contracts,
            Ledger = checker.Ledger,
            Economy = economy,
            TwinError = new TwinErrors(
                Figures(Variable.Cargo, rules),
                Figures(Variable.Propellant, rules),
                Figures(Variable.Wear, rules),
                Figures(Variable.Position, rules)),
            Deviations = Deviations,
            Replans = Replans,
            Messages = new MessageFigures(
                Frames,
                Bytes,
                Bytes / nodeDays,
                FullTelemetryBytes() * Readings / nodeDays,
                _reportBytes / nodeDays,
                network.Lost,
                network.Duplicated),
            Returns = Returns.Report(nodeDays, OpenCases),
            Staleness = new StalenessFigures(_staleness.Quantile(0.5), _staleness.Quantile(0.99)),
            PerNodeDay = new WorkRates(
                Market.Posted / nodeDays,
                checker.Tally.Offers / nodeDays,
                checker.Tally.Awarded / nodeDays,
                Deviations / nodeDays,
                Market.Deliveries / nodeDays,
                Readings / nodeDays),
            Berths = new BerthFigures(
                BerthWaits.Count, BerthWaits.Mean, BerthWaits.Quantile(0.99), BerthWaits.Quantile(1)),
            Faces = new FaceFigures(
                FaceWaits.Count, FaceWaits.Mean, FaceWaits.Quantile(0.99), FaceWaits.Quantile(1),
                FaceTolls / 1e6),
            Deaths = _dead.Count,
            Crashes = Crashes,
            Moves = Moves,
            Honoured = checker.Tally.Honoured,
            Recounted = checker.Tally.Recounted,
            Refusals = Refusals,
            Checks = checker.Checks,
            DeliveredTonnes = _unloaded / 1e6,
            TonnesPerPropellantTonne = _burnt > 0 ? _unloaded / _burnt : 0,
            Named = named,
            TraceSha256 = hash,
        };
    }

    // A set of readings as a report of its own: what direct telemetry would send in place of silence.
    private static int FullTelemetryBytes()
    {
        var at = new Instant(2_000_000_000_000);
        ImmutableArray<Deviation> all =
        [
            new Deviation(Variable.Cargo, at, 4_000_000),
            new Deviation(Variable.Propellant, at, 2_000_000),
            new Deviation(Variable.Wear, at, 200_000),
            new Deviation(Variable.Position, at, 200_000),
        ];
        var frame = new Frame(
            Party.Of(new NodeId(500)), Party.Of(new RegionId(1)), false, 500, 500, [],
            [new Envelope(500, new DeviationReport(50, all))]);
        return FrameSize.Of(frame);
    }

    private ErrorFigures Figures(Variable variable, MissionRules rules)
    {
        Histogram errors = _errors[(int)variable - 1];
        return new ErrorFigures(
            errors.Quantile(0.5),
            errors.Quantile(0.99),
            rules.DeadBands[(int)variable - 1] / Scale(variable),
            errors.Count);
    }

    // From the unit of the wire to the unit of the report: kilograms, per cent, kilometres.
    private static double Scale(Variable variable) => variable == Variable.Wear ? 1e4 : 1e3;

    internal static string Invariant(FormattableString text, FormattableString? rest = null) =>
        text.ToString(CultureInfo.InvariantCulture) + rest?.ToString(CultureInfo.InvariantCulture);
}

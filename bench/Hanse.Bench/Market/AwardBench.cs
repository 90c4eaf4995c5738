using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Hanse.Core.Decisions;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Intake;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;
using Hanse.IO.Wire;
using Hanse.Simulation.Fleet;
using Hanse.Simulation.Returns;

namespace Hanse.Bench.Market;

/// <summary>Awards a second of a whole hub: from frames of nodes that call to frames with awards, and their
/// acceptance.</summary>
/// <remarks>
/// Everything that a hub does for an award but the disk and the network: frames are decoded and encoded,
/// links keep their books, requests go out, sealed sheets come in, the batch is opened, every fact is encoded
/// as a journal would have it. Processor time of the hub's side only. Open-RMF's sequential auction is
/// arithmetic, not measured: one task at a time, two seconds of bidding each by default.
/// </remarks>
internal static class AwardBench
{
    private const int Bounties = 60;
    private const int LotsEach = 12;
    private const double OpenRmfAwardsPerSecond = 0.5;

    public static int Run(string[] args)
    {
        int rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 5;
        Console.WriteLine("| nodes | awards | calls and requests, ms | sheets, ms | opening the batch, ms "
            + "| awards out, accepted, ms | awards a second | over Open-RMF's 0.5 |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (int nodes in new[] { 100, 1_000 })
        {
            Cycle best = Enumerable.Range(1, rounds).Select(seed => new Cycle(nodes, seed))
                .MinBy(cycle => cycle.Total)!;
            double perSecond = best.Awards / best.Total.TotalSeconds;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {nodes} | {best.Awards} | {best.Calls.TotalMilliseconds:0.0} "
                    + $"| {best.Sheets.TotalMilliseconds:0.0} | {best.Opening.TotalMilliseconds:0.0} "
                    + $"| {best.Accepting.TotalMilliseconds:0.0} | {perSecond:0} "
                    + $"| {perSecond / OpenRmfAwardsPerSecond:0} |"));
        }

        return 0;
    }

    /// <summary>One cycle of a hub.</summary>
    private sealed class Cycle
    {
        private static readonly ContactRule _contacts = new(
            TimeSpan.FromDays(1), TimeSpan.FromDays(1), 1_000_000, TimeSpan.FromSeconds(1));

        private static readonly MissionRules _rules = new()
        {
            ClockErrorMax = TimeSpan.FromSeconds(60),
            CyclePeriod = TimeSpan.FromHours(12),
            AcceptDelayMax = TimeSpan.FromDays(1),
            DueSlack = TimeSpan.FromHours(12),
            DeadBands = [1, 1, 1, 1],
            PropellantPerTonne = Credits.FromWhole(1),
            SparesPerLife = Credits.FromWhole(10),
            HourlyCost = Credits.FromWhole(1),
            Margin = PartsPerMillion.FromPercent(8),
            SeedPerNode = Credits.Zero,
            ReserveStart = PartsPerMillion.FromPercent(100),
            HoardCeiling = Credits.FromWhole(1_000),
            FillTolerance = default,
            LateDeliveryMax = TimeSpan.FromDays(30),
            MilestoneWindows = 2,
            ExtensionMax = TimeSpan.FromDays(2),
            BondShare = default,
        };

        private static readonly MachineDesign _design = new()
        {
            Class = 1,
            Generation = 1,
            DryMass = Grams.FromTonnes(3),
            CargoMax = Grams.FromTonnes(2),
            PropellantMax = Grams.FromTonnes(2),
            PropellantReserve = Grams.FromTonnes(0),
            Exhaust = new DeltaV(3_000_000),
            Power = new Watts(6_000),
            ExtractionPerTonne = new Joules(40_000_000),
            UnloadPerHour = Grams.FromTonnes(4),
            WearPerHour = new PartsPerMillion(200),
            WearPerLeg = new PartsPerMillion(2_000),
            WearForSpares = PartsPerMillion.FromPercent(30),
            WearMax = PartsPerMillion.FromPercent(70),
            Hazard = HazardLaw.None,
        };

        private static readonly int[] _parts = [4, 2, 1];

        private readonly RegionalHub _hub = new(Spec);
        private readonly LinkEnd[] _links;
        private readonly Random _random;
        private readonly RequestForProposals?[] _asked;
        private readonly Award?[] _awarded;
        private TimeSpan _spent;
        private long _bytes;
        private int _accepted;
        private readonly Instant _now = new(1_000_000_000_000);

        public Cycle(int nodes, int seed)
        {
            _asked = new RequestForProposals?[nodes];
            _awarded = new Award?[nodes];
            _random = new Random(seed);
            _links = [.. Enumerable.Range(0, nodes).Select(LinkOf)];
            Charter();
            for (int node = 0; node < nodes; node++)
            {
                var enrol = new Enrol(
                    new byte[32], 1, 1, Grams.FromTonnes(2), new Plan(1, default, _now.CeilingSecond, []));
                _ = _links[node].Queue(enrol, Priority.Contract, Instant.Never);
                Call(node, isHail: false);
            }

            Calls = Spent(() => Each(node => Call(node, isHail: true)));
            Sheets = Spent(() => Each(node => Call(node, isHail: false, Sheet(_asked[node]!))));
            _now = _hub.Market.Closes;
            Opening = Spent(() => Step(new HubInput.Woken()));
            Awards = _hub.Market.LiveContracts;
            Accepting = Spent(() =>
            {
                Each(node => Call(node, isHail: true));
                Each(node => Accept(node));
            });
            if (Awards == 0 || _accepted != Awards)
            {
                throw new InvalidOperationException($"{_accepted} of {Awards} awards were accepted");
            }
        }

        public int Awards { get; }

        public TimeSpan Calls { get; }

        public TimeSpan Sheets { get; }

        public TimeSpan Opening { get; }

        public TimeSpan Accepting { get; }

        public TimeSpan Total => Calls + Sheets + Opening + Accepting;

        private static HubSpec Spec { get; } = new()
        {
            Region = new RegionId(1),
            PublicKey = new byte[32],
            Core = Digest.Of([1]),
            Depots = [new DepotId(1)],
            Rules = _rules,
            NodeContacts = _contacts,
            NeighbourContacts = _contacts,
            NeighbourDepots = [],
            AdoptionGrace = TimeSpan.FromHours(1),
            StrategyContacts = _contacts.PlanFor(new NodeId(9)),
            Intake = new IntakeRules
            {
                ValidationShare = PartsPerMillion.FromPercent(100),
                BurstMax = TimeSpan.FromHours(1),
                QueueMax = 100,
                AdmittedMax = 4,
                UploadBytesMax = 8 << 20,
                ValueAtRiskMax = Credits.FromWhole(10),
                AgeingPerDay = Credits.FromWhole(1),
                SilenceMax = TimeSpan.FromDays(30),
            },
            ValidationCost = ValidationCost.Measured,
            Returns = ReturnPolicy.Rules(_rules, _design),
            Approvals = [],
            ScaleSigma = new PartsPerMillion(1_000),
            RosterMax = 100_000,
        };

        private static LinkEnd LinkOf(int node)
        {
            LinkEnd? link = null;
            link = new LinkEnd(
                Party.Of(new NodeId((uint)node + 1)), Party.Of(new RegionId(1)),
                _contacts.PlanFor(new NodeId((uint)node + 1)), TimeSpan.Zero, fact => link!.Apply(fact));
            return link;
        }

        private void Charter()
        {
            Instant deadline = _now.CeilingSecond + TimeSpan.FromDays(30);
            _hub.Apply(new HubFact.CharterAsked());
            _hub.Apply(new HubFact.Chartered(new Epoch(1)));
            for (int i = 1; i <= Bounties; i++)
            {
                var bounty = new Bounty(
                    new BountyId((ulong)i), Commodity.Water, new DepotId(1), Grams.FromTonnes(2 * LotsEach),
                    Grams.FromTonnes(2), Credits.FromWhole(100 + _random.Next(100)), deadline);
                _hub.Apply(new HubFact.Market(new MarketFact.BountyOpened(bounty, _now)));
            }

            Step(new HubInput.Woken());
        }

        private void Each(Action<int> what)
        {
            for (int node = 0; node < _links.Length; node++)
            {
                what(node);
            }
        }

        // A node's frame reaches the hub as bytes, and what the hub says reaches the nodes.
        private void Call(int node, bool isHail, Message? perishable = null)
        {
            Frame? frame = perishable is null
                ? _links[node].Compose(_now, isHail, owesAnswer: false)
                : _links[node].Compose(_now, isHail, owesAnswer: false, perishable);
            if (frame is not null)
            {
                byte[] bytes = FrameCodec.Encode(frame);
                TimeSpan began = ProcessorClock.Now();
                if (!FrameCodec.TryDecode(bytes, out Frame? read, out WireError? error))
                {
                    throw new InvalidOperationException(error.Reason);
                }

                _spent += ProcessorClock.Now() - began;
                Step(new HubInput.FrameArrived(read));
            }
        }

        private void Accept(int node)
        {
            if (_awarded[node] is { } award)
            {
                var plan = new Plan(2, award.Contract, award.Due, []);
                var accepted = new AwardAccepted(award.Contract, award.Epoch, [], plan);
                _ = _links[node].Queue(accepted, Priority.Contract, Instant.Never);
                Call(node, isHail: false);
                _accepted += _hub.Market.Find(award.Contract)?.Status == ContractStatus.Accepted ? 1 : 0;
            }
        }

        private void Step(HubInput input)
        {
            TimeSpan began = ProcessorClock.Now();
            var outbox = new Outbox<HubFact, HubEffect>();
            _hub.Step(_now, input, outbox);
            foreach (HubFact fact in outbox.Facts)
            {
                _bytes += CborWriter.Bytes(fact).Length;
            }

            var frames = new List<Frame>();
            foreach (HubEffect effect in outbox.Effects)
            {
                if (effect is HubEffect.Transmit(var frame))
                {
                    _bytes += FrameCodec.Encode(frame).Length;
                    frames.Add(frame);
                }
            }

            _spent += ProcessorClock.Now() - began;
            foreach (Frame frame in frames.Where(frame => frame.To.Kind == PartyKind.Node))
            {
                int node = (int)frame.To.Number - 1;
                foreach (Message message in _links[node].Take(_now, frame))
                {
                    _asked[node] = message as RequestForProposals ?? _asked[node];
                    _awarded[node] = message as Award ?? _awarded[node];
                }
            }
        }

        private TimeSpan Spent(Action what)
        {
            _spent = default;
            what();
            return _spent;
        }

        private BidSheet Sheet(RequestForProposals asked)
        {
            double nearness = 0.4 + (0.6 * _random.NextDouble());
            return new BidSheet(asked.Cycle, NoBidReason.None, [.. asked.Requests.Select(request =>
            {
                double cost = 120 * nearness * (0.7 + (0.6 * _random.NextDouble()));
                Instant arrives = asked.Closes + TimeSpan.FromHours(48 + _random.Next(200));
                return new Bid(request.Bounty, NoBidReason.None, [.. _parts.Select(part =>
                    new BidStep(
                        new Grams(2_000_000 / part),
                        new Credits((long)(1e6 * cost * (0.75 + (0.25 / part)) * part)),
                        arrives.CeilingSecond,
                        TimeSpan.FromHours(3)))]);
            })]);
        }
    }
}

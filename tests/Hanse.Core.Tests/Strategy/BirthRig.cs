using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Decisions;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Ledger;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Reconcile;
using Hanse.Core.Strategy;
using Hanse.Core.Tests.Hub;
using Hanse.Core.Tests.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;
using Xunit;

namespace Hanse.Core.Tests.Strategy;

/// <summary>Where a machine crashes in a step.</summary>
internal enum Cut
{
    None,
    BeforeFacts,
    AfterFacts,
    AfterFirstEffect,
}

/// <summary>A strategic layer, two hubs, machines that bear others, and those others, over links that lose,
/// repeat and delay, with crashes anywhere.</summary>
internal sealed class BirthRig
{
    public static readonly RegionId One = new(1);
    public static readonly RegionId Two = new(2);
    public static readonly RegionId Three = new(3);

    private static readonly byte[] _ada = TestJournal.KeyOf(201);
    private static readonly byte[] _ben = TestJournal.KeyOf(202);
    private static readonly TimeSpan _light = TimeSpan.FromSeconds(1);

    private readonly SortedDictionary<(Instant At, long Number), Action> _queue = [];
    private readonly Func<int, Cut> _cutAt;
    private readonly int _lossPercent;
    private readonly TimeSpan _hubSilenceMax;
    private Prng _prng;
    private long _number;
    private int _steps;
    private int _turns;

    public BirthRig(
        ulong seed = 1, int lossPercent = 0, Func<int, Cut>? cutAt = null, double adoptAfterDays = 0)
    {
        bool isLossy = adoptAfterDays > 0;
        _hubSilenceMax = TimeSpan.FromDays(isLossy ? 3 : 300);
        _prng = new Prng(seed * 7919);
        _lossPercent = lossPercent;
        _cutAt = cutAt ?? (_ => Cut.None);
        var regions = ImmutableSortedDictionary<RegionId, RegionSpec>.Empty;
        foreach (RegionId region in isLossy ? (RegionId[])[One, Two, Three] : [One, Two])
        {
            HubSpec spec = Spec(region);
            regions = regions.Add(region, new RegionSpec
            {
                Contacts = spec.StrategyContacts,
                PublicKey = spec.PublicKey,
            });
            Hubs.Add(region, new Host<HubInput, HubFact, HubEffect>(
                () => new RegionalHub(spec), new HubInput.Restarted()));
        }

        var layer = new StrategySpec
        {
            Rules = Rules,
            Regions = regions,
            Returns = CaseRules.Rules,
            Approvals =
            [
                new Approval(SoftwareClass.Core, CaseRules.CoreDigest, Instant.Epoch, Instant.Never),
            ],
            Operators = new OperatorKeys([_ada, _ben], 1, 2),
            Adoption = new AdoptionRule { After = TimeSpan.FromDays(adoptAfterDays) },
        };
        Strategy = new(() => new StrategicLayer(layer), new StrategyInput.Restarted());
    }

    public Instant Now { get; private set; } = Instant.Epoch;

    public int Steps => _steps;

    /// <summary>Whether children stay with their parents, certificate or not.</summary>
    public bool HidesChildren { get; set; }

    public Host<StrategyInput, StrategyFact, StrategyEffect> Strategy { get; }

    public SortedDictionary<RegionId, Host<HubInput, HubFact, HubEffect>> Hubs { get; } = [];

    public SortedDictionary<NodeId, Host<NodeInput, NodeFact, NodeEffect>> Nodes { get; } = [];

    /// <summary>Keys of nodes that there are, by number: what a gateway knows.</summary>
    public Dictionary<NodeId, byte[]> Keys { get; } = [];

    /// <summary>Certificates as parents gave them, by the key of the child.</summary>
    public Dictionary<string, SignedBirth> Certificates { get; } = [];

    /// <summary>What children were told last, by key.</summary>
    public Dictionary<string, BirthRefusal> Told { get; } = [];

    /// <summary>Hubs that are off, and neither hear nor say anything.</summary>
    public HashSet<RegionId> Lost { get; } = [];

    /// <summary>Numbers that hubs said are nobody's any more.</summary>
    public HashSet<NodeId> RetiredNumbers { get; } = [];

    public static BirthTerms Terms { get; } = new(
        [1], 1, 2, At(200), TimeSpan.FromDays(30), TimeSpan.FromDays(30), TimeSpan.FromDays(5), 0,
        new Credits(500));

    private static MissionRules Rules { get; } =
        TestHub.Spec.Rules with { SeedPerNode = new Credits(1_000) };

    public RegionalHub Hub(RegionId region) => (RegionalHub)Hubs[region].Machine;

    public StrategicLayer Layer => (StrategicLayer)Strategy.Machine;

    public NodeAgent Node(uint node) => (NodeAgent)Nodes[new NodeId(node)].Machine;

    public static Instant At(int days) => Instant.Epoch + TimeSpan.FromDays(days);

    public static BirthQuota Quota(uint id, uint first, uint count, uint region = 0) =>
        new(id, new RegionId(region), new BirthRange(first, count), Terms);

    public static ImmutableArray<OperatorSignature> Signed(BirthQuota quota, params byte[][] keys) =>
        [.. keys.Select(key => new OperatorSignature(key, TestJournal.Sign(key, quota.ToSign())))];

    public static ImmutableArray<OperatorSignature> Signed(BirthQuota quota) => Signed(quota, _ada, _ben);

    /// <summary>Has two operators order a quota, again each day until it is known.</summary>
    public void Order(BirthQuota quota)
    {
        Tell(new StrategyInput.BirthsOrdered(quota, Signed(quota)));
        if (!Layer.Quotas.ContainsKey(quota.Id))
        {
            In(TimeSpan.FromDays(1), () => Order(quota));
        }
    }

    /// <summary>A machine that people have enrolled.</summary>
    public void Add(uint node, RegionId region, byte[]? key = null) =>
        Add(new NodeId(node), region, key ?? KeyOf(node));

    public static byte[] KeyOf(uint node) => TestJournal.KeyOf((int)node);

    /// <summary>A machine has built another: its device says so each day until the certificate has
    /// come.</summary>
    public void Build(uint parent, uint build, byte[] key)
    {
        string name = Convert.ToHexString(key);
        if (!Certificates.ContainsKey(name) && Nodes.ContainsKey(new NodeId(parent)))
        {
            Tell(new NodeId(parent), new NodeInput.ChildBuilt(new Built(build, key, 1, 1)));
            In(TimeSpan.FromDays(1), () => Build(parent, build, key));
        }
    }

    /// <summary>A child shows its certificate, each day until it is told.</summary>
    public void Show(SignedBirth birth)
    {
        BirthCertificate certificate = birth.Certificate;
        string name = Convert.ToHexString(certificate.PublicKey);
        if (Told.TryGetValue(name, out BirthRefusal told) && told == BirthRefusal.None)
        {
            return;
        }

        // What a gateway sees to.
        bool isSigned = Keys.TryGetValue(certificate.Parent, out byte[]? parent)
            && TestJournal.Sign(parent, certificate.ToSign()).AsSpan().SequenceEqual(birth.Signature);
        if (isSigned && Hubs.ContainsKey(certificate.Region))
        {
            Tell(certificate.Region, new HubInput.BirthShown(certificate, parent!));
        }

        In(TimeSpan.FromDays(1), () => Show(birth));
    }

    /// <summary>A parent's word for another key under a number that it has given.</summary>
    public static SignedBirth Forged(SignedBirth first, byte[] key, byte[] parentKey)
    {
        BirthCertificate second = first.Certificate with { PublicKey = key };
        return new SignedBirth(second, TestJournal.Sign(parentKey, second.ToSign()));
    }

    public void Tell(StrategyInput input) => Carry(Strategy.Step(Now, input, Next()));

    public void Tell(RegionId region, HubInput input)
    {
        if (!Lost.Contains(region))
        {
            Carry(region, Hubs[region].Step(Now, input, Next()));
        }
    }

    public void Tell(NodeId node, NodeInput input)
    {
        if (Nodes.TryGetValue(node, out Host<NodeInput, NodeFact, NodeEffect>? host))
        {
            Carry(node, host.Step(Now, input, Next()));
        }
    }

    public void In(TimeSpan time, Action action) => _queue.Add((Now + time, ++_number), action);

    /// <summary>Lets everything happen until then.</summary>
    public void Run(Instant until)
    {
        while (Now < until)
        {
            Instant next = _queue.Count > 0 ? _queue.Keys.First().At : Instant.Never;
            next = Instant.Min(next, Strategy.Wake);
            next = Hubs.Where(hub => !Lost.Contains(hub.Key))
                .Aggregate(next, (a, hub) => Instant.Min(a, hub.Value.Wake));
            next = Nodes.Values.Aggregate(next, (a, node) => Instant.Min(a, node.Wake));
            Now = Instant.Min(until, Instant.Max(next, Now + TimeSpan.FromMilliseconds(1)));
            while (_queue.Count > 0 && _queue.Keys.First().At <= Now)
            {
                (Instant, long) first = _queue.Keys.First();
                Action action = _queue[first];
                _ = _queue.Remove(first);
                action();
            }

            if (Strategy.Wake <= Now)
            {
                Tell(new StrategyInput.Woken());
            }

            foreach (RegionId region in Hubs.Keys.Where(region => Hubs[region].Wake <= Now).ToArray())
            {
                Tell(region, new HubInput.Woken());
            }

            foreach (NodeId node in Nodes.Keys.Where(node => Nodes[node].Wake <= Now).ToArray())
            {
                Tell(node, new NodeInput.Woken());
            }

            if (++_turns % 8 == 0)
            {
                Holds();
            }
        }

        Holds();
    }

    /// <summary>What is so at any time: numbers are in one place each, and so are credits.</summary>
    public void Holds()
    {
        foreach ((uint id, QuotaBook quota) in Layer.Quotas)
        {
            uint taken = 0;
            foreach (RegionalHub hub in Hubs.Values.Select(host => (RegionalHub)host.Machine))
            {
                Assert.True(hub.Births.IsConserved);
                if (hub.Births.Quotas.Contains(id))
                {
                    (ulong free, ulong lent, ulong used) = hub.Births.CountOf(id);
                    taken += (uint)(free + lent + used);
                }
            }

            // On the way to a hub it is with neither.
            Assert.True(taken <= quota.Given && quota.Given <= quota.Quota.Range.Count);
            Assert.Equal(quota.Quota.Range.Count, quota.Given + quota.Rest);
        }

        NodeId[] born = [.. Hubs.Values.SelectMany(host => ((RegionalHub)host.Machine).Births.Births.Keys)];
        Assert.Equal(born.Length, born.Distinct().Count());
        Int128 sum = 0;
        foreach (Books books in (Books[])
            [Layer.Books, .. Hubs.Values.Select(host => ((RegionalHub)host.Machine).Books)])
        {
            sum += books.Accounts.Aggregate((Int128)0, (total, account) => total + account.Value.Micro);
        }

        Assert.Equal(0, sum);
    }

    private static HubSpec Spec(RegionId region) => TestHub.Spec with
    {
        Region = region,
        PublicKey = TestJournal.KeyOf(220 + (int)region.Value),
        Depots = [new DepotId(region.Value)],
        NeighbourDepots = [.. Others(region).Select(other => new DepotId(other.Value))],
        Rules = Rules,
    };

    private static IEnumerable<RegionId> Others(RegionId region) =>
        ((RegionId[])[One, Two, Three]).Where(other => other != region);

    private NodeSpec Spec(NodeId node, RegionId region, byte[] key) => new()
    {
        Node = node,
        Region = region,
        Home = new DepotId(region.Value),
        PublicKey = key,
        Core = CaseRules.CoreDigest,
        Skills = BuiltInDecisions.All,
        Design = new MachineDesign
        {
            Class = 1,
            Generation = 1,
            DryMass = new Grams(1_000),
            CargoMax = new Grams(1_000),
            PropellantMax = new Grams(500_000),
            PropellantReserve = new Grams(0),
            Exhaust = new DeltaV(1_000_000),
            Power = new Watts(1_000),
            ExtractionPerTonne = new Joules(1_000),
            UnloadPerHour = new Grams(1_000),
            WearPerHour = default,
            WearPerLeg = default,
            WearForSpares = new PartsPerMillion(500_000),
            WearMax = new PartsPerMillion(900_000),
            Hazard = HazardLaw.None,
        },
        Chart = new Chart([], []),
        Rules = Rules,
        Contacts = TestHub.Contacts.PlanFor(node),
        Neighbours =
        [
            .. Hubs.Count < 3 ? [] : Others(region).Select(other =>
                new HubContact(other, TestHub.Spec.NeighbourContacts.PlanFor(node))),
        ],
        HubSilenceMax = _hubSilenceMax,
        Seed = node.Value,
    };

    private void Add(NodeId node, RegionId region, byte[] key)
    {
        Keys[node] = key;
        NodeSpec spec = Spec(node, region, key);
        Nodes.Add(node, new Host<NodeInput, NodeFact, NodeEffect>(
            () => new NodeAgent(spec), new NodeInput.Restarted()));
    }

    private Cut Next() => _cutAt(_steps++);

    private void Send(Frame frame)
    {
        int copies = (int)_prng.Below(100) < _lossPercent ? 0 : (int)_prng.Below(100) < _lossPercent ? 2 : 1;
        byte[] bytes = CborWriter.Bytes(frame);
        for (int i = 0; i < copies; i++)
        {
            TimeSpan late = _lossPercent == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(_prng.Below(600));
            In(_light + late, () => Deliver(Snapshot.Read<Frame>(bytes)));
        }
    }

    private void Deliver(Frame frame)
    {
        switch (frame.To.Kind)
        {
            case PartyKind.Strategy:
                Tell(new StrategyInput.FrameArrived(frame));
                break;
            case PartyKind.Hub:
                Tell(new RegionId(frame.To.Number), new HubInput.FrameArrived(frame));
                break;
            default:
                Tell(new NodeId(frame.To.Number), new NodeInput.FrameArrived(frame));
                break;
        }
    }

    private static bool Holds(byte[] key, byte[] message, byte[] signature) =>
        TestJournal.Sign(key, message).AsSpan().SequenceEqual(signature);

    private void Carry(List<StrategyEffect> effects)
    {
        foreach (StrategyEffect effect in effects)
        {
            if (effect is StrategyEffect.Transmit(var frame))
            {
                Send(frame);
            }
            else if (effect is StrategyEffect.Verify ask)
            {
                In(TimeSpan.Zero, () => Tell(new StrategyInput.Verified(
                    ask.Region, ask.Request, Holds(ask.PublicKey, ask.Message, ask.Signature))));
            }
        }
    }

    private void Carry(RegionId region, List<HubEffect> effects)
    {
        foreach (HubEffect effect in effects)
        {
            switch (effect)
            {
                case HubEffect.Transmit(var frame):
                    Send(frame);
                    break;
                case HubEffect.DrawNonce(var node, var blocks):
                    In(TimeSpan.Zero, () => Tell(
                        region, new HubInput.NonceDrawn(node, blocks, Digest.Of([(byte)blocks]))));
                    break;
                case HubEffect.Verify ask:
                    In(TimeSpan.Zero, () => Tell(region, new HubInput.Verified(
                        ask.Node, ask.Request, Holds(ask.PublicKey, ask.Message, ask.Signature))));
                    break;
                case HubEffect.Sign(var head, var text):
                    In(TimeSpan.Zero, () => Tell(region, new HubInput.Signed(
                        head, TestJournal.Sign(Spec(region).PublicKey, text))));
                    break;
                case HubEffect.BirthAnswered(var child, var key, var refusal):
                    if ((int)_prng.Below(100) >= _lossPercent)
                    {
                        Told[Convert.ToHexString(key)] = refusal;
                        if (refusal == BirthRefusal.None && !Nodes.ContainsKey(child))
                        {
                            Add(child, region, key);
                        }
                    }

                    break;
                case HubEffect.Retired(var old):
                    _ = RetiredNumbers.Add(old);
                    break;
                default:
                    break;
            }
        }
    }

    private void Carry(NodeId node, List<NodeEffect> effects)
    {
        byte[] self = Keys[node];
        foreach (NodeEffect effect in effects)
        {
            switch (effect)
            {
                case NodeEffect.Transmit(var frame):
                    Send(frame);
                    break;
                case NodeEffect.Sign(var blocks, var text):
                    In(TimeSpan.Zero, () => Tell(
                        node, new NodeInput.Signed(blocks, TestJournal.Sign(self, text))));
                    break;
                case NodeEffect.SignBirth(var build, var text):
                    In(TimeSpan.Zero, () => Tell(
                        node, new NodeInput.BirthSigned(build, TestJournal.Sign(self, text))));
                    break;
                case NodeEffect.Bear(_, var birth):
                    string name = Convert.ToHexString(birth.Certificate.PublicKey);
                    if (Certificates.TryAdd(name, birth) && !HidesChildren)
                    {
                        In(TimeSpan.FromHours(1), () => Show(birth));
                    }

                    // However often it is given, it is the same.
                    Assert.True(Certificates[name].Certificate.IsSame(birth.Certificate));
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>A machine on its facts, which may crash in any step.</summary>
    internal sealed class Host<TInput, TFact, TEffect>
        where TInput : class, IShaped<TInput>
        where TFact : class, IShaped<TFact>
        where TEffect : class, IShaped<TEffect>
    {
        private readonly Func<IMachine<TInput, TFact, TEffect>> _build;
        private readonly TInput _restarted;
        private readonly List<byte[]> _facts = [];

        public Host(Func<IMachine<TInput, TFact, TEffect>> build, TInput restarted)
        {
            (_build, _restarted) = (build, restarted);
            Machine = build();
        }

        public IMachine<TInput, TFact, TEffect> Machine { get; private set; }

        public IEnumerable<TFact> Facts => _facts.Select(Snapshot.Read<TFact>);

        public Instant Wake => Machine.NextWake ?? Instant.Never;

        public List<TEffect> Step(Instant now, TInput input, Cut cut)
        {
            var outbox = new Outbox<TFact, TEffect>();
            Machine.Step(now, Snapshot.Read<TInput>(Snapshot.Of(input)), outbox);
            if (cut != Cut.BeforeFacts)
            {
                _facts.AddRange(outbox.Facts.Select(Snapshot.Of));
            }

            List<TEffect> effects = [.. outbox.Effects.Take(cut switch
            {
                Cut.None => int.MaxValue,
                Cut.AfterFirstEffect => 1,
                _ => 0,
            })];
            if (cut != Cut.None)
            {
                Rebuild();
                outbox.Clear();
                Machine.Step(now, _restarted, outbox);
                Assert.Empty(outbox.Facts); // A crash is no occasion to decide anything.
                effects.AddRange(outbox.Effects);
            }

            return effects;
        }

        /// <summary>Demands that the machine, one made of its facts, and one made of its snapshot, are the
        /// same to the byte.</summary>
        public void IsRebuilt()
        {
            byte[] bytes = MachineMemory.SnapshotOf((IShapedState)Machine);
            IMachine<TInput, TFact, TEffect> before = Machine;
            Rebuild();
            Assert.Equal(bytes, MachineMemory.SnapshotOf((IShapedState)Machine));
            Machine = before;
        }

        private void Rebuild()
        {
            Machine = _build();
            foreach (TFact fact in Facts)
            {
                Machine.Apply(fact);
            }
        }
    }
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Time;
using Hanse.Simulation.Fleet;
using Hanse.Simulation.Scenarios;

namespace Hanse.Simulation.World;

/// <summary>The physical world for machines that run elsewhere, each in a task or process of its own, by the
/// mission's clock.</summary>
/// <remarks>
/// The problem: a fleet of real machines and hubs has to be tried without asteroids. The idea: the very world
/// of the simulator, with a queue of its own events that come due by the mission's clock. Late ones happen at
/// once, in order, and as if they had been in time; readings that were missed are not made up for. Whatever
/// machines ask of it waits in a mailbox with the instant at which it was asked, and is done in order with
/// the events.
/// <para>
/// Either <see cref="Start"/> gives it a loop of its own, or somebody calls <see cref="Advance"/> when
/// <see cref="NextDue"/> has come; both may be stopped and gone on with. Here clocks are true: hubs and nodes
/// go by the mission's.
/// </para>
/// <para>
/// Machines, hubs and this world may each lose their process. A node that was rebuilt repeats its order: one
/// that is under way is no news, and one that has ended is answered again. A hub is told of a docked node
/// every hour of the mission until it answers. A world that is built from <see cref="Save"/> gives every node
/// <see cref="NodeInput.Restarted"/>, on which it repeats its order: one that the world does not know, since
/// it was given after the saving, is new. So what was done between the saving and the end of the process is
/// undone in the bodies: cargo that was unloaded since is aboard again, and a tank that was filled is not.
/// Save a world that is stopped; no docking is served or counted twice in any case, for dockings are
/// numbered.
/// </para>
/// <para>
/// Limits: <see cref="MailMax"/> pieces of mail; one pending end of an order for each node; of hubs that do
/// not hear, <see cref="UnheardMax"/> dockings of one node. Deliberately absent: where a node truly is. It is
/// where it says, as in the simulator.
/// </para>
/// </remarks>
public sealed partial class LiveWorld : IAsyncDisposable
{
    /// <summary>Pieces of mail that wait, beyond two for each node.</summary>
    public const int MailMax = 1_024;

    /// <summary>Dockings of one node that no hub has heard of; further orders of it are refused.</summary>
    public const int UnheardMax = 8;

    // The mission's clock may come to run faster while the loop sleeps.
    private static readonly TimeSpan _sleepMax = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _sleepMin = TimeSpan.FromMilliseconds(1);

    private readonly ILiveWorldPort _port;
    private readonly Func<Instant> _missionNow;
    private readonly Func<Instant, TimeSpan> _until;
    private readonly Blueprint _plan;
    private readonly FleetWorld _world;

    // One thread at a time is in the world.
    private readonly Lock _gate = new();
    private readonly Lock _mailGate = new();
    private readonly Queue<Mail> _mail = new();
    private readonly SemaphoreSlim _hasMail = new(0, 1);
    private readonly CancellationTokenSource _stopping = new();

    // How often sensors are read and raw logs sealed, microseconds.
    private readonly (long Reading, long Seal) _repeats;
    private bool _isInside;
    private bool _isStopped;
    private bool _isRestored;
    private Task? _loop;

    /// <param name="scenario">The mission.</param>
    /// <param name="seed">Its seed.</param>
    /// <param name="missionNow">The mission's clock; any thread may ask.</param>
    /// <param name="until">How long in real time until the clock shows an instant.</param>
    /// <param name="port">What it says, and to whom.</param>
    public LiveWorld(
        Scenario scenario, ulong seed, Func<Instant> missionNow, Func<Instant, TimeSpan> until,
        ILiveWorldPort port)
        : this(scenario, seed, missionNow, until, port, saved: default, isRestored: false)
    {
    }

    /// <summary>A world that goes on where another was saved.</summary>
    /// <param name="scenario">The mission.</param>
    /// <param name="seed">Its seed.</param>
    /// <param name="missionNow">The mission's clock; any thread may ask.</param>
    /// <param name="until">How long in real time until the clock shows an instant.</param>
    /// <param name="port">What it says, and to whom.</param>
    /// <param name="saved">What <see cref="Save"/> gave.</param>
    /// <exception cref="InvalidDataException">The bytes are spoiled, of another version, or of another
    /// mission.</exception>
    public LiveWorld(
        Scenario scenario, ulong seed, Func<Instant> missionNow, Func<Instant, TimeSpan> until,
        ILiveWorldPort port, ReadOnlyMemory<byte> saved)
        : this(scenario, seed, missionNow, until, port, saved, isRestored: true)
    {
    }

    private LiveWorld(
        Scenario scenario, ulong seed, Func<Instant> missionNow, Func<Instant, TimeSpan> until,
        ILiveWorldPort port, ReadOnlyMemory<byte> saved, bool isRestored)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        if (scenario.Growth.GoesOn)
        {
            throw new ArgumentException("machines are not commissioned in a live world", nameof(scenario));
        }

        (_missionNow, _until, _port) = (missionNow, until, port);
        _plan = new Blueprint(scenario, seed);
        _standings =
            [.. _plan.Nodes.Select(node => new NodeStanding(node.Region, 0, null, default, default))];
        _ends = new NodeInput?[_plan.Nodes.Length];
        _bodies = new NodeInput?[_plan.Nodes.Length];
        _orderEvents = new Due?[_plan.Nodes.Length];
        _unheard = new int[_plan.Nodes.Length];
        _told = new uint[_plan.Nodes.Length];
        _now = missionNow().Micros;
        _world = new FleetWorld(
            scenario, seed, _plan, this, this, start: _now, healAt: long.MaxValue, new WorldTwist());
        _repeats = (Blueprint.Hours(scenario.Fleet.ReadingPeriodHours), Blueprint.Days(1));
        if (isRestored)
        {
            Read(saved);
            _isRestored = true;
        }
        else
        {
            _world.Begin();
        }
    }

    /// <summary>When something happens next by itself; null when nothing does, ever.</summary>
    public Instant? NextDue
    {
        get
        {
            lock (_gate)
            {
                return _events.Count == 0 ? null : new Instant(_events.Min!.At);
            }
        }
    }

    /// <summary>What truly happened so far.</summary>
    public WorldFigures Figures
    {
        get
        {
            lock (_gate)
            {
                return new WorldFigures(
                    _counts.Dockings, _counts.Unloaded, _counts.Loaded, _counts.Lost, _counts.Burnt,
                    _world.Built, _counts.CameShort, _counts.Breakdowns, _counts.Mended, _counts.Deaths);
            }
        }
    }

    /// <summary>Ends with the world's loop; fails if that failed. Over from the beginning without
    /// one.</summary>
    public Task Completion => _loop ?? Task.CompletedTask;

    /// <summary>Gives the world a loop of its own.</summary>
    /// <exception cref="InvalidOperationException">It has one.</exception>
    public void Start(CancellationToken stop)
    {
        lock (_gate)
        {
            if (_loop is not null)
            {
                throw new InvalidOperationException("the world has a loop of its own already");
            }

            _loop = Task.Run(() => RunAsync(stop), CancellationToken.None);
        }
    }

    /// <summary>Lets everything happen that is due by the mission's clock, and does what it was asked to, on
    /// the caller's thread. For those who have no use for a loop.</summary>
    public void Advance()
    {
        lock (_gate)
        {
            if (_isInside)
            {
                return; // A call out of the world: whoever is inside goes on until nothing is due.
            }

            _isInside = true;
            try
            {
                HappenAllDue();
            }
            finally
            {
                _isInside = false;
            }
        }
    }

    /// <summary>A node gives its machine an order. From any thread. An order with a number that was given
    /// before is no news; when it has ended, its end is told again.</summary>
    public WorldAnswer Obey(NodeId node, uint number, Order order)
    {
        if (!IsNode(node))
        {
            return WorldAnswer.UnknownNode;
        }

        return !_world.Knows(Place(node), order) ? WorldAnswer.UnknownPlace
            : !_world.Fits(order) ? WorldAnswer.TooHeavy
            : Volatile.Read(ref _unheard[Place(node)]) >= UnheardMax ? WorldAnswer.TooMuch
            : Post(new Mail.Ordered(Place(node), number, order));
    }

    /// <summary>What a node's machine knows of itself has changed, or it was given
    /// <see cref="NodeInput.Restarted"/>; told before the order that follows from it. From any
    /// thread.</summary>
    public WorldAnswer Stands(NodeId node, NodeStanding standing)
    {
        ArgumentNullException.ThrowIfNull(standing);
        if (!IsNode(node))
        {
            return WorldAnswer.UnknownNode;
        }

        bool isRegion = standing.Region.Value > 0 && standing.Region.Value <= (uint)_plan.Regions.Length;
        return isRegion ? Post(new Mail.Stood(Place(node), standing)) : WorldAnswer.UnknownPlace;
    }

    /// <summary>A node's machine was rebuilt, or its messages may have been lost: it is told again whether it
    /// is broken or was mended, and how its last order ended. From any thread.</summary>
    public WorldAnswer Rebuilt(NodeId node) =>
        IsNode(node) ? Post(new Mail.Back(Place(node))) : WorldAnswer.UnknownNode;

    /// <summary>A hub lets a depot serve a node. From any thread.</summary>
    public WorldAnswer Serve(HubEffect.Serve serve)
    {
        ArgumentNullException.ThrowIfNull(serve);
        return IsNode(serve.Node) ? Post(new Mail.Served(serve)) : WorldAnswer.UnknownNode;
    }

    /// <summary>A hub lets a depot hand something out. From any thread.</summary>
    public WorldAnswer Issue(HubEffect.Issue issue)
    {
        ArgumentNullException.ThrowIfNull(issue);
        return IsNode(issue.Node) ? Post(new Mail.Issued(issue)) : WorldAnswer.UnknownNode;
    }

    /// <summary>A node reads blocks of its raw log; answered with <see cref="NodeInput.RawRead"/>. From any
    /// thread.</summary>
    public WorldAnswer ReadRaw(NodeId node, BlocksAsked asked)
    {
        ArgumentNullException.ThrowIfNull(asked);
        return IsNode(node) ? Post(new Mail.Read(Place(node), asked)) : WorldAnswer.UnknownNode;
    }

    /// <summary>Whether a node is alive.</summary>
    public bool IsAlive(NodeId node)
    {
        lock (_gate)
        {
            return IsNode(node) && _world.Truths[Place(node)].IsAlive;
        }
    }

    /// <summary>Everything that has to outlive the world's process. What waits in the mailbox is not in it:
    /// nodes repeat their orders.</summary>
    /// <exception cref="InvalidOperationException">Called out of the world, in the middle of a
    /// step.</exception>
    public byte[] Save()
    {
        lock (_gate)
        {
            return _isInside
                ? throw new InvalidOperationException("the world is in the middle of a step")
                : Written();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_mailGate)
        {
            if (_isStopped)
            {
                return;
            }

            _isStopped = true;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        try
        {
            await Completion.ConfigureAwait(false);
        }
        finally
        {
            _stopping.Dispose();
            _hasMail.Dispose();
        }
    }

    private async Task RunAsync(CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, _stopping.Token);
        try
        {
            while (true)
            {
                either.Token.ThrowIfCancellationRequested();
                Advance();
                TimeSpan sleep = NextDue is { } due && due.Micros <= Instant.MicrosMax
                    ? _until(due) : _sleepMax;
                sleep = sleep > _sleepMax ? _sleepMax : sleep < _sleepMin ? _sleepMin : sleep;
                _ = await _hasMail.WaitAsync(sleep, either.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // As asked.
        }
    }

    private void HappenAllDue()
    {
        if (_isRestored)
        {
            _isRestored = false;
            TellRestored();
        }

        while (true)
        {
            long now = Math.Max(_now, _missionNow().Micros);
            bool isDue = _events.Min is { } first && first.At <= now;
            if (TakeMail(isDue ? _events.Min!.At : long.MaxValue) is { } mail)
            {
                _now = Math.Max(_now, mail.At);
                Open(mail);
            }
            else if (isDue)
            {
                Due next = _events.Min!;
                _ = _events.Remove(next);
                _now = Math.Max(_now, next.At);
                Happen(next, now);
            }
            else
            {
                return;
            }
        }
    }

    private void Happen(Due next, long clock)
    {
        if (next.Input is { } input)
        {
            _ = Interlocked.Decrement(ref _unheard[next.Node]);
            _world.Tell(_now, RegionOf(next.Node), input);
            return;
        }

        // What comes again and again is not made up for.
        long period = next.Kind switch
        {
            WorldEvent.Reading => _repeats.Reading,
            WorldEvent.Seal => _repeats.Seal,
            _ => long.MaxValue,
        };
        if (clock - next.At >= period)
        {
            _ = _events.Add(next with { At = clock });
            return;
        }

        if (IsOrders(next.Kind))
        {
            _orderEvents[next.Node] = null;
        }

        _world.Happen(_now, next.Node, next.Kind, next.Argument);
    }

    private void Open(Mail mail)
    {
        switch (mail)
        {
            case Mail.Stood(var node, var standing):
                _standings[node] = standing;
                break;
            case Mail.Ordered(var node, var number, var order):
                TakeOrder(node, number, order);
                break;
            case Mail.Back(var node):
                Repeat(node);
                break;
            case Mail.Served(var serve):
                _world.Serve(_now, serve);
                break;
            case Mail.Issued(var issue):
                _world.Issue(_now, issue);
                break;
            case Mail.Read(var node, var asked):
                _world.ReadRaw(node, asked);
                break;
            default:
                throw new System.Diagnostics.UnreachableException($"no rule for {mail}");
        }
    }

    private void TakeOrder(int node, uint number, Order order)
    {
        NodeTruth truth = _world.Truths[node];
        if (!truth.IsAlive)
        {
            return;
        }

        if (number > truth.OrderNumber)
        {
            _ends[node] = null;
            _world.Obey(_now, node, number, order);
        }
        else if (number == truth.OrderNumber)
        {
            Repeat(node);
        }
    }

    private void Repeat(int node)
    {
        if (!_world.Truths[node].IsAlive)
        {
            return;
        }

        foreach (NodeInput? input in (NodeInput?[])[_bodies[node], _ends[node]])
        {
            if (input is not null)
            {
                _port.Give(_plan.Nodes[node].Node, input);
            }
        }
    }

    // What nodes said since the world was saved is lost with it, and they say it again.
    private void TellRestored()
    {
        for (int node = 0; node < _plan.Nodes.Length; node++)
        {
            Repeat(node);
            if (_world.Truths[node].IsAlive)
            {
                _port.Give(_plan.Nodes[node].Node, new NodeInput.Restarted());
            }
            else
            {
                _port.Died(_plan.Nodes[node].Node, "died before");
            }
        }
    }

    private WorldAnswer Post(Mail mail)
    {
        lock (_mailGate)
        {
            if (_isStopped)
            {
                return WorldAnswer.Stopped;
            }

            if (_mail.Count >= MailMax + (2 * _plan.Nodes.Length))
            {
                return WorldAnswer.TooMuch;
            }

            mail.At = _missionNow().Micros;
            _mail.Enqueue(mail);
            if (_hasMail.CurrentCount == 0)
            {
                _ = _hasMail.Release();
            }

            return WorldAnswer.Taken;
        }
    }

    private Mail? TakeMail(long until)
    {
        lock (_mailGate)
        {
            return _mail.TryPeek(out Mail? first) && first.At <= until ? _mail.Dequeue() : null;
        }
    }

    private bool IsNode(NodeId node) => node.Value > 0 && node.Value <= (uint)_plan.Nodes.Length;

    private static int Place(NodeId node) => (int)node.Value - 1;

    // What waits to be done, with the instant at which it was asked for.
    private abstract record Mail
    {
        public long At { get; set; }

        public sealed record Stood(int Node, NodeStanding Standing) : Mail;

        public sealed record Ordered(int Node, uint Number, Order Order) : Mail;

        public sealed record Back(int Node) : Mail;

        public sealed record Served(HubEffect.Serve Serve) : Mail;

        public sealed record Issued(HubEffect.Issue Issue) : Mail;

        public sealed record Read(int Node, BlocksAsked Asked) : Mail;
    }
}

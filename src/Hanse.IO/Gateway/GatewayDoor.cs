using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Core.Identity;
using Hanse.Core.Intake;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.IO.Plane;
using Hanse.IO.Runtime;

namespace Hanse.IO.Gateway;

/// <summary>Lets calls in to hubs, so many at once; of those that wait, the most urgent first.</summary>
/// <remarks>
/// The problem: after a silence all nodes call at once, and hubs take calls as they come: the worthless
/// before the urgent. The idea is that of <see cref="IntakeQueue"/>, one step earlier. A call has a place
/// while its hub has it in hand; while no place is free, calls wait, and a free one goes to the most urgent:
/// value at risk times staleness (<see cref="Urgency"/>), of which the hub knows both. It is asked only while
/// calls wait, and nobody waits for what it says: until then a call counts as of a node that the hub does not
/// know.
/// <code>
///            no place free           its turn
///   comes ----------------> waits --------------> in --> out
///     |                       |
///     |  a place is free      |  too little urgent in a full room, too long, gone, a later call of its node,
///     +---------> in          |  the server is about to end
///                             +-----> come again
/// </code>
/// <para>
/// What is told to come again was not taken, not even in part. A node that a hub does not know has nothing at
/// risk, and its staleness counts from its first call in this storm, so that strangers are behind all who
/// were out of reach for longer and yet not for ever. Nothing starves: staleness is not that of the call but
/// of the node, so being told to come again costs none of it, and whoever is let in begins again from
/// nothing. A node has one call waiting and a few in all, so a flood takes no more.
/// </para>
/// <para>
/// Who comes here has shown who he is; the door does not look. All members may be called from any thread.
/// Cost while nobody waits: a counter of all calls and one of the node's.
/// </para>
/// </remarks>
/// <param name="rules">How many, and how long.</param>
/// <param name="look">Asks a hub what is at risk.</param>
/// <param name="time">How long calls wait.</param>
/// <param name="clock">How stale nodes are.</param>
public sealed class GatewayDoor(
    GatewayRules rules, Func<RegionId, Task<HubWorth>> look, TimeProvider time, IMissionClock clock)
{
    /// <summary>Calls let in a second, before that is known: a process does more.</summary>
    private const double RateGuess = 1_000;

    private static readonly TimeSpan _tendPeriod = TimeSpan.FromMilliseconds(250);

    /// <summary>Periods without any call let in, after which those inside are taken to be stuck.</summary>
    private const int StuckPeriods = 4;

    private readonly Lock _gate = new();
    private readonly UrgencyQueue _queue = new();
    private readonly Dictionary<NodeId, DoorCall> _calls = [];
    private readonly LinkedList<DoorCall> _comings = [];
    private readonly Dictionary<RegionId, HubLook> _looks = [];

    // Nodes that were told to come again in this storm and have not, by how urgent they were.
    private readonly int[] _told = new int[Urgency.Classes];
    private int _inside;
    private int _waiting;
    private int _places = rules.CallsMax;
    private int _stuckPeriods;
    private long _bytes;
    private long _looked;
    private ulong _number;
    private long _storm = 1;
    private Credits _ageing = Credits.FromWhole(1); // Of no effect before a hub has said what is at risk.
    private bool _isDraining;
    private bool _isTended;

    // Calls let in since that was last looked at, and how many that is a second, smoothed.
    private long _letIn;
    private long _countedAt;
    private double _rate;

    /// <summary>Calls that have a place.</summary>
    public int Inside => Volatile.Read(ref _inside);

    /// <summary>Calls that wait.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Times that hubs have said what is at risk.</summary>
    public long Looks => Volatile.Read(ref _looked);

    /// <summary>Whether nobody may wait: all are told to come again, at once.</summary>
    public bool IsDraining
    {
        get => Volatile.Read(ref _isDraining);
        set
        {
            lock (_gate)
            {
                Volatile.Write(ref _isDraining, value);
                while (value && _comings.First is { } first)
                {
                    Dismiss(first.Value, "drained", TimeSpan.Zero);
                }
            }
        }
    }

    /// <summary>Lets a call in if nobody waits and a place is free. Whoever is let in has to be let out
    /// (<see cref="Leave"/>).</summary>
    public bool TryEnter(DoorNode caller)
    {
        if (Volatile.Read(ref _waiting) > 0 || !TryCount(caller))
        {
            return false;
        }

        if (TryTakePlace())
        {
            return true;
        }

        _ = Interlocked.Decrement(ref caller.Calls);
        return false;
    }

    /// <summary>Has a call wait until it is let in, or told to come again. Whoever is let in has to be let
    /// out (<see cref="Leave"/>).</summary>
    /// <param name="caller">Whose it is.</param>
    /// <param name="hub">The hub that it is for; zero for none.</param>
    /// <param name="bytes">Of its frames.</param>
    /// <param name="cancel">Whether its node has gone: then it is told so, if anybody listens.</param>
    public async ValueTask<Admission> EnterAsync(
        DoorNode caller, RegionId hub, int bytes, CancellationToken cancel)
    {
        if (!TryCount(caller))
        {
            return default;
        }

        DoorCall call;
        HubLook? asked;
        lock (_gate)
        {
            if (IsDraining)
            {
                _ = Interlocked.Decrement(ref caller.Calls);
                return default;
            }

            call = new DoorCall
            {
                Caller = caller,
                Hub = hub,
                Bytes = bytes,
                Came = time.GetTimestamp(),
                Number = ++_number,
            };
            asked = Seat(call);
        }

        if (asked is not null)
        {
            _ = Task.Run(() => LookAsync(asked), CancellationToken.None);
        }

        using (cancel.UnsafeRegister(_ => Abandon(call), null))
        {
            return await call.Answer.Task;
        }
    }

    /// <summary>Lets a call out, and the next one in.</summary>
    /// <param name="caller">Whose it was.</param>
    /// <param name="wasHeard">Whether a hub took a frame of it.</param>
    public void Leave(DoorNode caller, bool wasHeard)
    {
        _ = Interlocked.Decrement(ref caller.Calls);
        _ = Interlocked.Decrement(ref _inside);

        // Whoever takes a seat has said so before looking for a free place, so one of the two sees the other.
        if (Volatile.Read(ref _waiting) > 0)
        {
            lock (_gate)
            {
                if (wasHeard)
                {
                    caller.Heard = clock.Now;
                    if (caller.Waiting is { } next)
                    {
                        PriceAgain(next, _looks[next.Hub]);
                    }
                }

                Fill();
            }
        }
    }

    private bool TryCount(DoorNode caller)
    {
        if (Interlocked.Increment(ref caller.Calls) <= rules.CallsOfNodeMax)
        {
            return true;
        }

        _ = Interlocked.Decrement(ref caller.Calls);
        return false;
    }

    private bool TryTakePlace()
    {
        int inside = Volatile.Read(ref _inside);
        while (inside < Volatile.Read(ref _places))
        {
            int seen = Interlocked.CompareExchange(ref _inside, inside + 1, inside);
            if (seen == inside)
            {
                return true;
            }

            inside = seen;
        }

        return false;
    }

    // Everything below is under the gate, but for looking at a hub.

    // A hub to look at, when it is time.
    private HubLook? Seat(DoorCall call)
    {
        if (call.Caller.Waiting is { } earlier)
        {
            Dismiss(earlier, "displaced", TimeSpan.Zero);
        }

        Unmark(call.Caller);
        if (!_looks.TryGetValue(call.Hub, out HubLook? hub))
        {
            _looks[call.Hub] = hub = new HubLook(call.Hub);
        }

        bool isTimeToLook = hub.Begin(time, rules.LookPeriod); // And it is kept for so long.
        Price(call, hub);
        _queue.Add(call.Caller.Node, call.ValueClass, call.Oldest, call.Number);
        _calls.Add(call.Caller.Node, call);
        call.Place = _comings.AddLast(call);
        _ = hub.Calls.Add(call);
        call.Caller.Waiting = call;
        _bytes += call.Bytes;
        Measures.Waiting.Add(1);
        _ = Interlocked.Increment(ref _waiting);
        Fill();
        while (_waiting > rules.RoomMax || _bytes > rules.RoomBytesMax)
        {
            TellToComeAgain(_calls[_queue.Least(clock.Now, _ageing)!.Value], "room");
        }

        if (_waiting > 0 && !_isTended)
        {
            _isTended = true;
            _countedAt = time.GetTimestamp();
            _ = TendAsync();
        }

        return isTimeToLook ? hub : null;
    }

    private void Fill()
    {
        while (_waiting > 0 && TryTakePlace())
        {
            DoorCall call = _calls[_queue.Most(clock.Now, _ageing)!.Value];
            Unseat(call, "in");
            _letIn++;
            call.Answer.SetResult(new Admission(true, default));
        }
    }

    private void Unseat(DoorCall call, string outcome)
    {
        _queue.Remove(call.Caller.Node, call.ValueClass, call.Oldest, call.Number);
        _ = _calls.Remove(call.Caller.Node);
        _comings.Remove(call.Place!);
        call.Place = null;
        call.Caller.Waiting = null;
        HubLook hub = _looks[call.Hub];
        _ = hub.Calls.Remove(call);
        if (hub.IsIdle)
        {
            _ = _looks.Remove(call.Hub); // No such hub, or one that said nothing: anybody may name it.
        }

        _bytes -= call.Bytes;
        _ = Interlocked.Decrement(ref _waiting);
        Measures.Waiting.Add(-1);
        if (Measures.WaitTime.Enabled)
        {
            Measures.WaitTime.Record(
                time.GetElapsedTime(call.Came).TotalSeconds, Measures.Tag("outcome", outcome));
        }
    }

    private void Dismiss(DoorCall call, string outcome, TimeSpan comeAgain)
    {
        Unseat(call, outcome);
        _ = Interlocked.Decrement(ref call.Caller.Calls);
        call.Answer.SetResult(new Admission(false, comeAgain));
    }

    private void Abandon(DoorCall call)
    {
        lock (_gate)
        {
            if (call.Place is not null)
            {
                Dismiss(call, "gone", TimeSpan.Zero);
            }
        }
    }

    // As long as it will take those ahead of it: all who wait, and whoever was sent away and is more urgent.
    [SuppressMessage("Security", "CA5394:Do not use insecure randomness", Justification = "Only spreads.")]
    private void TellToComeAgain(DoorCall call, string outcome)
    {
        int rank = Urgency.RankOf(call.Value, _ageing, call.Oldest, clock.Now);
        call.Caller.Told = (_storm, rank);
        _told[rank]++;
        double ahead = _waiting + (_told[rank] * Random.Shared.NextDouble());
        for (int above = rank + 1; above < _told.Length; above++)
        {
            ahead += _told[above];
        }

        double seconds = Math.Clamp(
            ahead / (_rate > 0 ? _rate : RateGuess),
            rules.ComeAgain.TotalSeconds / 2, rules.ComeAgainMax.TotalSeconds);
        Dismiss(call, outcome, TimeSpan.FromSeconds(seconds));
    }

    private void Unmark(DoorNode caller)
    {
        if (caller.Told.Storm == _storm)
        {
            _told[caller.Told.Rank]--;
        }

        caller.Told = default;
    }

    private void Price(DoorCall call, HubLook hub)
    {
        NodeWorth? known = hub.Worth?.Find(call.Caller.Node);
        if (call.Caller.Since.Storm != _storm)
        {
            call.Caller.Since = (_storm, clock.Now);
        }

        call.Value = known?.Value.Micro ?? 0;
        call.ValueClass = Urgency.ClassOf(call.Value);
        call.Oldest = Instant.Max(known?.Heard ?? call.Caller.Since.At, call.Caller.Heard);
    }

    private void PriceAgain(DoorCall call, HubLook hub)
    {
        _queue.Remove(call.Caller.Node, call.ValueClass, call.Oldest, call.Number);
        Price(call, hub);
        _queue.Add(call.Caller.Node, call.ValueClass, call.Oldest, call.Number);
    }

    // While somebody waits: who has waited too long, and how fast it goes.
    private async Task TendAsync()
    {
        while (true)
        {
            await Task.Delay(_tendPeriod, time);
            List<HubLook>? asked = null;
            lock (_gate)
            {
                if (_waiting == 0)
                {
                    // The storm is over.
                    _isTended = false;
                    _storm++;
                    Array.Clear(_told);
                    _rate = 0;
                    _letIn = 0;
                    _stuckPeriods = 0;
                    _places = rules.CallsMax;
                    return;
                }

                MakePlaces();
                double elapsed = time.GetElapsedTime(_countedAt).TotalSeconds;
                double rate = elapsed > 0 ? _letIn / elapsed : 0;
                _rate = _rate > 0 ? Math.Max(1, ((3 * _rate) + rate) / 4) : rate;
                _countedAt = time.GetTimestamp();
                _letIn = 0;
                while (_comings.First is { } first
                    && time.GetElapsedTime(first.Value.Came) >= rules.RoomTimeMax)
                {
                    TellToComeAgain(first.Value, "time");
                }

                foreach (HubLook hub in _looks.Values)
                {
                    if (hub.Calls.Count > 0 && hub.Begin(time, rules.LookPeriod))
                    {
                        (asked ??= []).Add(hub);
                    }
                }
            }

            asked?.ForEach(hub => _ = LookAsync(hub));
        }
    }

    // Calls to a hub that does not answer (its process is frozen) must not hold up all others for ever.
    private void MakePlaces()
    {
        _stuckPeriods = _letIn == 0 ? _stuckPeriods + 1 : 0;
        if (_stuckPeriods >= StuckPeriods)
        {
            _stuckPeriods = 0;
            _places = Math.Min(rules.CallsStuckMax, _places + rules.CallsMax);
            Fill();
        }
    }

    private async Task LookAsync(HubLook hub)
    {
        HubWorth? worth = null;
        try
        {
            worth = hub.Region.Value == 0 ? null : await look(hub.Region);
        }
#pragma warning disable CA1031 // Whatever it was: nobody knows better now.
        catch (Exception)
#pragma warning restore CA1031
        {
            // What it said before holds; it is asked again.
        }

        lock (_gate)
        {
            hub.End(worth);
            _ageing = worth?.AgeingPerDay ?? _ageing;
            if (worth is not null)
            {
                _looked++;
                foreach (DoorCall call in hub.Calls)
                {
                    PriceAgain(call, hub);
                }
            }

            if (hub.IsIdle)
            {
                _ = _looks.Remove(hub.Region);
            }
        }
    }

    // What a hub said of its nodes, and who waits for it.
    private sealed class HubLook(RegionId region)
    {
        private long? _begun;
        private bool _isUnderWay;

        public RegionId Region => region;

        public HubWorth? Worth { get; private set; }

        public HashSet<DoorCall> Calls { get; } = [];

        /// <summary>Whether nothing is lost when it is forgotten.</summary>
        public bool IsIdle => Worth is null && Calls.Count == 0 && !_isUnderWay;

        public bool Begin(TimeProvider time, TimeSpan period)
        {
            if (_isUnderWay || (_begun is { } begun && time.GetElapsedTime(begun) < period))
            {
                return false;
            }

            _begun = time.GetTimestamp();
            return _isUnderWay = true;
        }

        public void End(HubWorth? worth)
        {
            Worth = worth ?? Worth;
            _isUnderWay = false;
        }
    }
}

using System;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Core.Machine;
using Hanse.Core.Time;
using Hanse.Core.Wire;
using Hanse.IO.Stores;

namespace Hanse.IO.Runtime;

/// <summary>Keeps one machine running in this process: gives turns to its runtime, sets its alarm, and starts
/// it anew from the store when it has ended.</summary>
/// <remarks>Turns are taken one after the other on the thread pool. A new start waits longer after every
/// failure, up to <see cref="RestartWaitMax"/>; meanwhile inputs are refused, and their senders repeat
/// them.</remarks>
public sealed class MachineHost<TInput, TFact, TEffect> : IAsyncDisposable
    where TInput : class
    where TFact : class, IShaped<TFact>
    where TEffect : class
{
    /// <summary>Longest time between a failure and the next start.</summary>
    public static readonly TimeSpan RestartWaitMax = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan _restartWaitMin = TimeSpan.FromMilliseconds(20);

    private readonly RuntimeParts<TInput, TFact, TEffect> _parts;
    private readonly TInput _woken;
    private readonly IMissionClock _clock;
    private readonly Action<Exception>? _onFailure;
    private readonly TaskScheduler _turns = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;
    private readonly CancellationTokenSource _stop = new();
    private readonly Timer _alarm;
    private MachineRuntime<TInput, TFact, TEffect>? _runtime;
    private Instant? _alarmAt;
    private Task _keeping = Task.CompletedTask;

    /// <summary>A machine that is not running yet.</summary>
    /// <param name="parts">What it needs.</param>
    /// <param name="woken">What it is told when its alarm goes off.</param>
    /// <param name="clock">When that is.</param>
    /// <param name="onFailure">Hears of every failure; for logs.</param>
    public MachineHost(
        RuntimeParts<TInput, TFact, TEffect> parts, TInput woken, IMissionClock clock,
        Action<Exception>? onFailure = null)
    {
        _parts = parts;
        _woken = woken;
        _clock = clock;
        _onFailure = onFailure;
        _alarm = new Timer(static host => ((MachineHost<TInput, TFact, TEffect>)host!).GoOff(), this, -1, -1);
    }

    /// <summary>Times the machine was started anew.</summary>
    public int Restarts { get; private set; }

    /// <summary>Starts it, and keeps it running until disposal.</summary>
    /// <exception cref="StoreException">Its memory cannot be read.</exception>
    public async Task StartAsync()
    {
        await Turn(LoadAsync).Unwrap();
        _keeping = Turn(KeepAsync).Unwrap();
    }

    /// <summary>Gives it an input.</summary>
    /// <returns>A task that ends when what it made of it is durable and carried out.</returns>
    /// <exception cref="MachineBusyException">Too much waits for the disk; nothing has happened.</exception>
    /// <exception cref="MachineFailedException">It has to be started anew; send it again.</exception>
    public Task TellAsync(TInput input) => Turn(() => Tell(input)).Unwrap();

    /// <summary>Gives it an input and does not wait. What is lost by a failure is asked for again when the
    /// machine has been rebuilt.</summary>
    public void Post(TInput input) => _ = Turn(() => Try(() => _ = Tell(input)));

    /// <summary>Looks at it, in a turn of its own.</summary>
    /// <exception cref="MachineFailedException">It has to be started anew.</exception>
    public Task<T> AskAsync<T>(Func<IMachine<TInput, TFact, TEffect>, T> look) =>
        Turn(() => look(Running().Machine));

    /// <summary>Waits for what is under way, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _alarm.DisposeAsync();
        await _keeping;
        await Turn(() => _runtime is { Failure: null } running ? running.Settled() : Task.CompletedTask)
            .Unwrap();
        _stop.Dispose();
    }

    private Task Tell(TInput input)
    {
        MachineRuntime<TInput, TFact, TEffect> running = Running();
        Task done = running.Step(input);
        SetAlarm(running);
        return done;
    }

    private MachineRuntime<TInput, TFact, TEffect> Running() =>
        _runtime is { Failure: null } running && !_stop.IsCancellationRequested
            ? running : throw new MachineFailedException(_parts.Stream, _runtime?.Failure);

    private async Task LoadAsync()
    {
        _runtime = await MachineRuntime<TInput, TFact, TEffect>.StartAsync(_parts, _stop.Token);
        SetAlarm(_runtime);
    }

    private async Task KeepAsync()
    {
        TimeSpan wait = _restartWaitMin;
        var stopped = Task.Delay(Timeout.Infinite, _stop.Token);
        while (!_stop.IsCancellationRequested)
        {
            long begun = Environment.TickCount64;
            _ = await Task.WhenAny(_runtime!.Ended, stopped);
            if (_stop.IsCancellationRequested)
            {
                return;
            }

            bool isSettled = Environment.TickCount64 - begun > 10 * RestartWaitMax.TotalMilliseconds;
            wait = isSettled ? _restartWaitMin : wait;
            wait = await RestartAsync(wait);
        }
    }

    private async Task<TimeSpan> RestartAsync(TimeSpan wait)
    {
        _onFailure?.Invoke(_runtime!.Failure!);
        try
        {
            await Task.Delay(wait, _stop.Token);
            await LoadAsync();
            Restarts++;
            Measures.Restarts.Add(1);
        }
        catch (OperationCanceledException)
        {
            return wait;
        }
        catch (Exception failure) when (failure is StoreException or MachineFailedException)
        {
            _onFailure?.Invoke(failure);
        }

        return TimeSpan.FromTicks(Math.Min(RestartWaitMax.Ticks, wait.Ticks * 2));
    }

    private void SetAlarm(MachineRuntime<TInput, TFact, TEffect> running)
    {
        if (running.NextWake == _alarmAt && _alarmAt is not null)
        {
            return;
        }

        _alarmAt = running.NextWake;
        if (_alarmAt is { } at && !_stop.IsCancellationRequested)
        {
            // A millisecond more, so that it is not early.
            TimeSpan left = _clock.Until(at) + TimeSpan.FromMilliseconds(1);
            _ = _alarm.Change(left, Timeout.InfiniteTimeSpan);
        }
    }

    private void GoOff() => _ = Turn(() =>
    {
        _alarmAt = null;
        if (_runtime is { Failure: null } running && !_stop.IsCancellationRequested)
        {
            if (running.NextWake <= _clock.Now)
            {
                Try(() => _ = running.Step(_woken));
            }

            SetAlarm(running);
        }

        return 0;
    });

    private int Try(Action act)
    {
        try
        {
            act();
        }
        catch (Exception failure) when (failure is MachineBusyException or MachineFailedException)
        {
            if (!_stop.IsCancellationRequested)
            {
                _onFailure?.Invoke(failure);
            }
        }

        return 0;
    }

    private Task<T> Turn<T>(Func<T> act) =>
        Task.Factory.StartNew(act, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _turns);
}

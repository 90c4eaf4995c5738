using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Core.Machine;
using Hanse.Core.Time;
using Hanse.Core.Wire;
using Hanse.IO.Runtime;
using Orleans;
using Orleans.Runtime;

namespace Hanse.Cluster.Grains;

/// <summary>Keeps one machine running in a grain: gives its runtime the grain's turns, and sets its alarm by
/// a timer of the grain's.</summary>
/// <remarks>
/// It decides nothing. The grain is reentrant: a call steps at once, without waiting, and ends when what came
/// of it is durable; the next call steps meanwhile. When the runtime has ended, so does the activation, and
/// the next call (of somebody, or of <see cref="HubKeeper"/>) makes a new one from the store, here or
/// elsewhere.
/// <para>
/// The cluster means to run each machine once, and does not promise it: after a partition, or when a process
/// was frozen, two may run for a while. Then the store refuses the one that does not know the last batch, and
/// it ends like any that failed.
/// </para>
/// </remarks>
internal abstract class MachineGrain<TInput, TFact, TEffect>(
    IMissionClock clock, Homes homes, ISiloStatusOracle silos, LocalMachines local) : Grain
    where TInput : class
    where TFact : class, IShaped<TFact>
    where TEffect : class
{
    private readonly CancellationTokenSource _waits =
        CancellationTokenSource.CreateLinkedTokenSource(local.Leaving);

    private readonly List<TInput> _early = [];
    private MachineRuntime<TInput, TFact, TEffect>? _runtime;
    private TaskScheduler _turns = TaskScheduler.Default;
    private IGrainTimer? _alarm;
    private Instant? _alarmAt;
    private bool _isOver;

    /// <summary>Cancelled when this activation is about to end, which waits for the calls that are under way:
    /// so none of them may wait for long any more.</summary>
    protected CancellationToken Leaving => _waits.Token;

    /// <summary>The machine; null when it has to be started anew.</summary>
    protected IMachine<TInput, TFact, TEffect>? Machine => IsRunning ? _runtime!.Machine : null;

    protected abstract TInput Woken { get; }

    private bool IsRunning => _runtime is { Failure: null } && !_isOver;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _turns = TaskScheduler.Current;
        _alarm = this.RegisterGrainTimer(GoOff, new GrainTimerCreationOptions
        {
            DueTime = Timeout.InfiniteTimeSpan,
            Period = Timeout.InfiniteTimeSpan,
            Interleave = true,
            KeepAlive = true,
        });
        try
        {
            _runtime = await MachineRuntime<TInput, TFact, TEffect>.StartAsync(Parts(), cancellationToken);
        }
        catch
        {
            _waits.Dispose(); // There will be no deactivation.
            throw;
        }

        foreach (TInput input in _early)
        {
            StepAndForget(input);
        }

        _early.Clear();
        local.Add(1);
        SetAlarm();
        _ = WatchAsync(_runtime);
    }

    public override async Task OnDeactivateAsync(
        DeactivationReason reason, CancellationToken cancellationToken)
    {
        _isOver = true;
        await _waits.CancelAsync();
        local.Add(_runtime is null ? 0 : -1);
        if (_runtime is { Failure: null } running)
        {
            try
            {
                await running.Settled().WaitAsync(cancellationToken);
            }
            catch (Exception failure) when (failure is MachineFailedException or OperationCanceledException)
            {
                // What was not durable in time was not acknowledged either.
            }
        }

        _waits.Dispose();
    }

    /// <summary>Moves to where it is at home, if that is elsewhere.</summary>
    protected void MoveHome()
    {
        SiloAddress? home = homes.Of(
            this.GetGrainId(), silos.GetApproximateSiloStatuses(onlyActive: true).Keys);
        if (IsRunning && home is not null && !home.Equals(silos.SiloAddress))
        {
            _waits.Cancel();
            MigrateOnIdle();
        }
    }

    protected abstract RuntimeParts<TInput, TFact, TEffect> Parts();

    /// <summary>Hears why the machine failed; for logs.</summary>
    protected abstract void Failed(string why);

    /// <summary>Gives it an input.</summary>
    /// <returns>When what it made of it is durable.</returns>
    protected async Task<Told> TellAsync(TInput input)
    {
        try
        {
            await Step(input);
            return Told.Taken;
        }
        catch (MachineBusyException)
        {
            return Told.Busy;
        }
        catch (MachineFailedException)
        {
            return Told.Failed;
        }
    }

    /// <summary>Gives it an input in a turn of its own, later; from any thread.</summary>
    protected void Post(TInput input) => _ = Task.Factory.StartNew(
        () =>
        {
            if (_runtime is null)
            {
                _early.Add(input); // It answers what it asked while it was being rebuilt.
            }
            else
            {
                StepAndForget(input);
            }
        },
        CancellationToken.None, TaskCreationOptions.DenyChildAttach, _turns);

    /// <summary>Gives it an input now, and does not wait.</summary>
    protected void StepAndForget(TInput input)
    {
        try
        {
            _ = Step(input);
        }
        catch (Exception failure) when (failure is MachineBusyException or MachineFailedException)
        {
            // Lost like a frame on a bad link.
        }
    }

    private Task Step(TInput input)
    {
        if (!IsRunning)
        {
            throw new MachineFailedException();
        }

        Task done = _runtime!.Step(input);
        SetAlarm();
        return done;
    }

    private async Task WatchAsync(MachineRuntime<TInput, TFact, TEffect> runtime)
    {
        await runtime.Ended;
        Failed(runtime.Failure!.Message);
        if (!_isOver)
        {
            await _waits.CancelAsync();
            DeactivateOnIdle();
        }
    }

    private void SetAlarm()
    {
        if (!IsRunning || (_runtime!.NextWake == _alarmAt && _alarmAt is not null))
        {
            return;
        }

        _alarmAt = _runtime.NextWake;
        if (_alarmAt is { } at)
        {
            // A millisecond more, so that it is not early.
            _alarm!.Change(clock.Until(at) + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }
    }

    private Task GoOff(CancellationToken cancel)
    {
        _alarmAt = null;
        if (IsRunning && _runtime!.NextWake <= clock.Now)
        {
            StepAndForget(Woken);
        }

        SetAlarm();
        return Task.CompletedTask;
    }
}

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Core.Machine;
using Hanse.Core.Time;
using Hanse.Core.Wire;
using Hanse.IO.Stores;

namespace Hanse.IO.Runtime;

/// <summary>Runs one machine on a store: the driver that <see cref="Outbox{TFact,TEffect}"/> asks
/// for.</summary>
/// <remarks>
/// The problem: nothing may leave before the facts behind it are durable, and waiting for the disk at each
/// step would leave a busy machine idle most of the time. The idea is output commit with a pipeline (as in
/// write-ahead logs with group commit): a step changes the state at once and the next follows; its facts join
/// the open batch; one batch at a time is on its way to the disk while the next fills; and the effects of a
/// batch are carried out, in order, when it is durable. An effect without facts of its own waits as well for
/// whatever is under way, since it may tell of it: so a repeated message is never acknowledged before the
/// first is safe.
/// <para>
/// If an append fails, or another writer is found, nobody knows what the outside has been told: the runtime
/// ends (<see cref="Failure"/>), every step that waits fails, and a new runtime is started from the store,
/// where the machine repeats what may have been lost. A machine that breaks a claim of its own ends in the
/// same way.
/// </para>
/// <para>
/// A machine's time never goes back, also where the clock does: it stands until the clock has come so far.
/// The time of its last durable facts is part of its memory, so that holds after a restart, and on a computer
/// whose clock is behind that of the one before.
/// </para>
/// <para>
/// Knows nothing of threads: all members are to be called in turns, one after the other, and continuations
/// come back in the context of the caller; a host gives the turns (<see
/// cref="MachineHost{TInput,TFact,TEffect}"/>). At most <see cref="OpenBytesMax"/> bytes of facts wait for
/// the disk: beyond that a step is refused (<see cref="MachineBusyException"/>) and its sender repeats it
/// later.
/// </para>
/// </remarks>
public sealed class MachineRuntime<TInput, TFact, TEffect>
    where TInput : class
    where TFact : class, IShaped<TFact>
    where TEffect : class
{
    /// <summary>Most bytes of facts that wait for the batch before them.</summary>
    public const int OpenBytesMax = 4 << 20;

    /// <summary>Most effects that wait for facts to be durable.</summary>
    public const int OpenEffectsMax = 65_536;

    /// <summary>A snapshot is kept when at least so many bytes of facts have come since the last, and as many
    /// as that one was long: so snapshots at most double what is written, and a restart reads at most about
    /// twice the state.</summary>
    public const int SnapshotBytesMin = 256 << 10;

    private readonly RuntimeParts<TInput, TFact, TEffect> _parts;
    private readonly IMachine<TInput, TFact, TEffect> _machine;
    private readonly Outbox<TFact, TEffect> _outbox = new();
    private readonly bool _keepsSnapshots;

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isPumping;
    private Batch _open = new();
    private Batch _spare = new();
    private Batch? _underWay;
    private Instant _last = Instant.Epoch;
    private long _sinceSnapshot;
    private long _snapshotLength;

    private MachineRuntime(
        RuntimeParts<TInput, TFact, TEffect> parts, IMachine<TInput, TFact, TEffect> machine)
    {
        _parts = parts;
        _machine = machine;
        _keepsSnapshots = machine is IShapedState;
    }

    /// <summary>The machine, to look at in a turn.</summary>
    public IMachine<TInput, TFact, TEffect> Machine => _machine;

    /// <summary>When to give it its alarm; null when it waits for nothing but input.</summary>
    public Instant? NextWake => _machine.NextWake;

    /// <summary>The last batch that is durable.</summary>
    public long Version { get; private set; }

    /// <summary>Facts read back when it started.</summary>
    public long FactsReplayed { get; private set; }

    /// <summary>Why it ended; null while it runs.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Ends when the runtime has ended and nothing of it is on its way to the store any
    /// more.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Whether everything it was told is durable and carried out.</summary>
    public bool IsIdle => _underWay is null && _open.IsEmpty;

    /// <summary>Rebuilds a machine from its memory and tells it so.</summary>
    /// <exception cref="StoreException">The memory cannot be read, or is not one of this machine.</exception>
    public static async Task<MachineRuntime<TInput, TFact, TEffect>> StartAsync(
        RuntimeParts<TInput, TFact, TEffect> parts, CancellationToken cancel = default)
    {
        var runtime = new MachineRuntime<TInput, TFact, TEffect>(parts, parts.Build());
        await runtime.LoadAsync(cancel);
        _ = runtime.Step(parts.Restarted);
        return runtime;
    }

    /// <summary>Gives the machine an input, now.</summary>
    /// <returns>A task that ends when what it made of it is durable and carried out.</returns>
    /// <exception cref="MachineBusyException">Too much waits for the disk; nothing has happened.</exception>
    /// <exception cref="MachineFailedException">The runtime has ended, now or before.</exception>
    public Task Step(TInput input)
    {
        ThrowIfEnded();
        if (_open.Run.Length >= OpenBytesMax || _open.Effects.Count >= OpenEffectsMax)
        {
            throw new MachineBusyException();
        }

        _outbox.Clear();
        _last = Instant.Max(_last, _parts.Clock());
        try
        {
            _machine.Step(_last, input, _outbox);
        }
        catch (Exception failure)
        {
            End(failure);
            throw new MachineFailedException(_parts.Stream, failure);
        }

        if (_outbox.Facts.Count == 0 && _outbox.Effects.Count == 0)
        {
            return Settled();
        }

        if (_outbox.Facts.Count > 0)
        {
            foreach (TFact fact in _outbox.Facts)
            {
                MachineMemory.Append(_open.Run, fact);
            }

            _open.Facts += _outbox.Facts.Count;
            _open.At = _last;
        }
        else if (_open.Facts == 0 && _underWay is { IsBeingCarriedOut: false } before)
        {
            before.Effects.AddRange(_outbox.Effects);
            return before.Done.Task;
        }

        _open.Effects.AddRange(_outbox.Effects);
        Task done = _open.Done.Task;
        if (!_isPumping)
        {
            _ = PumpAsync();
        }

        return done;
    }

    /// <summary>A task that ends when everything it was told is durable and carried out.</summary>
    /// <exception cref="MachineFailedException">The runtime has ended.</exception>
    public Task Settled() => Last()?.Done.Task ?? Task.CompletedTask;

    // What a step without facts and effects tells its caller is of the last that is under way.
    private Batch? Last() => _open.IsEmpty ? _underWay : _open;

    private async Task LoadAsync(CancellationToken cancel)
    {
        StreamSnapshot? snapshot = _keepsSnapshots
            ? await _parts.Store.SnapshotAsync(_parts.Stream, _parts.Core, cancel) : null;
        if (snapshot is not null)
        {
            Version = snapshot.Version;
            _snapshotLength = snapshot.State.Length;
            Demand(MachineMemory.Restore((IShapedState)_machine, snapshot.State));
        }

        // Of the batch that the snapshot stands for, only its time.
        await foreach (StreamBatch batch in _parts.Store.ReadAsync(
            _parts.Stream, Math.Max(0, Version - 1), cancel))
        {
            _last = Instant.Max(_last, batch.At);
            if (batch.Version == snapshot?.Version)
            {
                continue;
            }

            Version = batch.Version;
            FactsReplayed += batch.Facts;
            _sinceSnapshot += batch.Run.Length;
            Demand(MachineMemory.Read<TFact>(batch.Run, _machine.Apply));
        }
    }

    private void Demand(DecodeError? error)
    {
        if (error is not null)
        {
            throw new StoreException(
                $"batch {Version} of '{_parts.Stream}' is no memory of this machine, or of a later release: "
                + $"{error.Reason} at byte {error.Offset}");
        }
    }

    // While there is something to make durable or to carry out.
    private async Task PumpAsync()
    {
        _isPumping = true;
        try
        {
            while (!_open.IsEmpty && Failure is null)
            {
                await CommitAsync();
            }
        }
#pragma warning disable CA1031 // Whatever it was, nobody knows what is durable, or carried out.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            End(failure);
        }

        _isPumping = false;
        if (Failure is not null)
        {
            _ = _ended.TrySetResult();
        }
    }

    private async Task CommitAsync()
    {
        Batch batch = _open;
        _open = _spare;
        _underWay = batch;
        if (batch.Facts > 0)
        {
            await AppendAsync(batch);
            if (Failure is not null)
            {
                return; // Of a step meanwhile. What is durable is repeated by the next runtime.
            }
        }

        batch.IsBeingCarriedOut = true;
        foreach (TEffect effect in batch.Effects)
        {
            _parts.Driver.CarryOut(effect);
        }

        _underWay = null;
        TaskCompletionSource done = batch.Done;
        batch.Clear();
        _spare = batch;
        done.SetResult();
    }

    private Task AppendAsync(Batch batch)
    {
        long version = Version + 1;
        byte[] run = batch.Run.Written.ToArray();
        _sinceSnapshot += run.Length;
        StreamSnapshot? snapshot = null;
        if (_keepsSnapshots && _sinceSnapshot >= Math.Max(SnapshotBytesMin, _snapshotLength))
        {
            // The batch has just been closed, so the machine is where its last fact took it.
            byte[] state = MachineMemory.SnapshotOf((IShapedState)_machine);
            snapshot = new StreamSnapshot(version, _parts.Core, state);
            _snapshotLength = state.Length;
            _sinceSnapshot = 0;
        }

        return AppendedAsync(version, new StreamBatch(version, batch.At, batch.Facts, run), snapshot);
    }

    private async Task AppendedAsync(long version, StreamBatch batch, StreamSnapshot? snapshot)
    {
        long begun = Measures.AppendTime.Enabled ? Stopwatch.GetTimestamp() : 0;
        await _parts.Store.AppendAsync(_parts.Stream, batch, snapshot);
        Version = version;
        Measures.BatchFacts.Record(batch.Facts);
        if (begun != 0)
        {
            Measures.AppendTime.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds);
        }
    }

    private void End(Exception failure)
    {
        Failure ??= failure;
        var ended = new MachineFailedException(_parts.Stream, Failure);
        foreach (Batch? batch in (ReadOnlySpan<Batch?>)[_underWay, _open])
        {
            if (batch is not null && batch.Done.TrySetException(ended))
            {
                _ = batch.Done.Task.Exception; // Whoever waits for it sees it; nobody need.
            }
        }

        if (!_isPumping)
        {
            _ = _ended.TrySetResult();
        }
    }

    private void ThrowIfEnded()
    {
        if (Failure is not null)
        {
            throw new MachineFailedException(_parts.Stream, Failure);
        }
    }

    // Facts that become durable together, and what waits for that.
    private sealed class Batch
    {
        public ByteBuffer Run { get; } = new();

        public int Facts { get; set; }

        public Instant At { get; set; }

        public List<TEffect> Effects { get; } = [];

        public bool IsBeingCarriedOut { get; set; }

        public TaskCompletionSource Done { get; private set; } = NewDone();

        public bool IsEmpty => Facts == 0 && Effects.Count == 0;

        public void Clear()
        {
            Run.Clear();
            Facts = 0;
            Effects.Clear();
            IsBeingCarriedOut = false;
            Done = NewDone();
        }

        private static TaskCompletionSource NewDone() =>
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>Too much waits for the disk; the input was not taken.</summary>
public sealed class MachineBusyException : Exception
{
    /// <summary>Says so.</summary>
    public MachineBusyException()
        : base("too much waits for the disk; send it again later")
    {
    }

    /// <summary>As said.</summary>
    public MachineBusyException(string message)
        : base(message)
    {
    }

    /// <summary>As said, and why.</summary>
    public MachineBusyException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>A machine's runtime has ended; what it was told may or may not be durable. Send it
/// again.</summary>
public sealed class MachineFailedException : Exception
{
    /// <summary>Says which, and why.</summary>
    public MachineFailedException(StreamName stream, Exception? failure)
        : base($"'{stream}' has to be started anew: {failure?.Message}", failure)
    {
    }

    /// <summary>Some machine.</summary>
    public MachineFailedException()
    {
    }

    /// <summary>As said.</summary>
    public MachineFailedException(string message)
        : base(message)
    {
    }

    /// <summary>As said, and why.</summary>
    public MachineFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

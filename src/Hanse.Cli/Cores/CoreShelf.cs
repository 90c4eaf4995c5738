using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using Hanse.Agent;
using Hanse.Cli.Releases;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Skills;
using Hanse.IO.Cores;
using Hanse.Skills.Packages;

namespace Hanse.Cli.Cores;

/// <summary>How images are tried on an agent.</summary>
internal sealed record CoreTrialRules
{
    /// <summary>How long the image that runs may take to read the machine's memory again; the new one may
    /// take as long, or <see cref="ReplayTimes"/> as long as the one that runs took, whichever is less but
    /// never under <see cref="ReplayLeast"/>.</summary>
    public TimeSpan ReplayMax { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How many times as long as the one that runs.</summary>
    public int ReplayTimes { get; init; } = 5;

    /// <summary>The least time there is in any case.</summary>
    public TimeSpan ReplayLeast { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>Carries out what a node decides about images of its core.</summary>
/// <remarks>
/// Nothing of an image is executed before two keys of one role have vouched for it and every file is what its
/// list says, on the disk. Then it reads the node's memory in a process of its own, which is killed when it
/// takes too long, and has to say of it what the image that runs says. A disk that fails is no verdict: it is
/// tried again. At most <see cref="WorkMax"/> pieces of work wait; what is beyond that is gone on with after
/// a restart.
/// </remarks>
internal sealed class CoreShelf : ICoreSlots, IAsyncDisposable
{
    /// <summary>Most pieces of work that wait.</summary>
    public const int WorkMax = 32;

    private static readonly TimeSpan _retryWait = TimeSpan.FromSeconds(10);

    private readonly CoreSlots _slots;
    private readonly ReleaseShelf _shelf;
    private readonly CoreTrialRules _rules;
    private readonly string[] _replay;
    private readonly double _pace;
    private readonly Action<string> _log;
    private readonly Action _again;
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<CoreWork> _work = Channel.CreateBounded<CoreWork>(
        new BoundedChannelOptions(WorkMax) { SingleReader = true });

    private readonly Lock _staging = new();
    private Action<NodeInput> _tell = _ => { };
    private Task _running = Task.CompletedTask;

    /// <summary>The slots of an agent.</summary>
    /// <param name="slots">What starts images is told there.</param>
    /// <param name="shelf">Where packages lie, and who knows whom to believe.</param>
    /// <param name="replay">The arguments with which an image reads the node's memory.</param>
    /// <param name="pace">Mission seconds a second.</param>
    /// <param name="rules">How images are tried.</param>
    /// <param name="log">Takes a line about every image.</param>
    /// <param name="again">Ends this process, to be started anew.</param>
    public CoreShelf(
        CoreSlots slots, ReleaseShelf shelf, string[] replay, double pace, CoreTrialRules rules,
        Action<string> log, Action again)
    {
        _slots = slots;
        _shelf = shelf;
        _replay = replay;
        _pace = pace;
        _rules = rules;
        _log = log;
        _again = again;
    }

    /// <inheritdoc/>
    public void Start(Action<NodeInput> tell)
    {
        _tell = tell;
        _running = Task.Run(RunAsync);
    }

    /// <inheritdoc/>
    public void Handle(CoreWork work)
    {
        if (!_work.Writer.TryWrite(work))
        {
            _log($"core {work.Image}: too much waits; it is gone on with after a restart");
        }
    }

    /// <summary>Puts an image that nobody ordered in messages into the free slot, and chooses it for the next
    /// start: for a machine that no hub has understood for long.</summary>
    /// <param name="parcel">Its package.</param>
    /// <param name="until">By when its hub has to have answered it.</param>
    /// <returns>Why not; null when it is chosen.</returns>
    /// <exception cref="IOException">The disk fails, or another image is on trial.</exception>
    public string? Rescue(Parcel parcel, DateTimeOffset until)
    {
        lock (_staging)
        {
            string? refusal = Stage(parcel);
            if (refusal is null)
            {
                Choose(_slots.Read(), parcel.Image, until);
            }

            return refusal;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            await foreach (CoreWork work in _work.Reader.ReadAllAsync(_stop.Token))
            {
                while (!await TryAsync(work))
                {
                    await Task.Delay(_retryWait, _stop.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private async Task<bool> TryAsync(CoreWork work)
    {
        try
        {
            await DoAsync(work);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _log($"core {work.Image}: {failure.Message}");
            return false;
        }
    }

    private async Task DoAsync(CoreWork work)
    {
        CoreChoice choice = _slots.Read();
        switch (work.Act)
        {
            case CoreAct.Stage:
                string? refusal;
                lock (_staging)
                {
                    refusal = Stage(work);
                }

                _log($"core {work.Image}: {(refusal is null ? "staged" : "not admitted: " + refusal)}");
                Tell(work, refusal is null ? SkillReason.None : SkillReason.NotAdmitted);
                break;
            case CoreAct.Replay:
                (SkillReason reason, string why) = await ReplayAsync(work.Image);
                _log($"core {work.Image}: {why}");
                Tell(work, reason);
                break;
            case CoreAct.Switch when choice.GivenUp == work.Image:
                _log($"core {work.Image}: it did not come up");
                Tell(work, SkillReason.NotStarted);
                break;
            case CoreAct.Switch:
                // Twice as long as the machine itself allows: this is for one that does not decide.
                var until = DateTimeOffset.UtcNow + (2 * work.Within / _pace);
                Choose(choice, work.Image, until);
                End(work, "it is switched to");
                break;
            case CoreAct.Heard when choice.Trial?.Image == work.Image && !choice.IsHeard:
                _slots.Write(choice with { IsHeard = true, Until = 0, Starts = 0 });
                _log($"core {work.Image}: its hub has answered it");
                break;
            case CoreAct.Settle when choice.Trial is { } trial && trial.Image == work.Image:
                _slots.Write(new CoreChoice(trial, choice.Proven, null, 0, false, 0, default));
                _log($"core {work.Image}: it is proven");
                break;
            case CoreAct.Revert when choice.Trial?.Image == work.Image:
                _slots.Write(choice.WithoutTrial());
                End(work, "it is let go");
                break;
            case CoreAct.Revert when choice.Trial is null && choice.Proven.Image == work.Image
                && choice.Proven != choice.Before:
                _slots.Write(choice with
                {
                    Proven = choice.Before,
                    Before = CorePlace.Installed,
                    GivenUp = work.Image,
                });
                End(work, "it is let go");
                break;
            default:
                break; // Done before.
        }
    }

    private void Choose(CoreChoice choice, Digest image, DateTimeOffset until) => _slots.Write(choice with
    {
        Trial = new CorePlace(CoreSlots.Free(choice), image),
        Starts = 0,
        IsHeard = false,
        Until = until.ToUnixTimeSeconds() + 1,
    });

    // The end of this process is the answer.
    private void End(CoreWork work, string why)
    {
        _log($"core {work.Image}: {why}");
        _again();
    }

    private void Tell(CoreWork work, SkillReason reason) =>
        _tell(new NodeInput.CoreTold(work.Image, work.Act, reason));

    // Why it is not taken; null when it lies in its slot.
    private string? Stage(CoreWork work)
    {
        if (_shelf.ReadAny(work.Image, work.Size) is not { } bytes
            || Parcel.Read(bytes, out _) is not { } parcel)
        {
            return "its package is not whole";
        }

        return parcel.Image == work.Image ? Stage(parcel) : $"its package is of {parcel.Target}";
    }

    private string? Stage(Parcel parcel)
    {
        CoreChoice choice = _slots.Read();
        if (choice.Trial is not null)
        {
            throw new IOException("another image is on trial");
        }

        if (!parcel.Target.StartsWith(CorePackage.Family, StringComparison.Ordinal))
        {
            return $"its package is of {parcel.Target}";
        }

        // What vouches for it, before anything of it is made use of.
        if (CorePackage.Read(parcel.Files, parcel.Image, out int length, out string? refusal) is not { } image
            || (refusal = _shelf.Vouch(parcel, length, CorePackage.Signers)) is not null)
        {
            return refusal;
        }

        var here = new Dictionary<Digest, string>();
        foreach (CoreFile file in CoreImage.OfThisProcess().Files)
        {
            here[file.Content] = Path.Combine(AppContext.BaseDirectory, file.Name);
        }

        foreach (CoreFile file in image.Files)
        {
            if (CorePackage.ContentOf(parcel.Files, file, here, out refusal) is null)
            {
                return refusal;
            }
        }

        // What lies in that slot cannot be gone back to any more.
        char slot = CoreSlots.Free(choice);
        _slots.Write(choice with
        {
            Before = choice.Before.Slot == slot ? CorePlace.Installed : choice.Before,
            GivenUp = choice.GivenUp == parcel.Image ? default : choice.GivenUp,
        });
        _slots.Put(slot, image, file => CorePackage.ContentOf(parcel.Files, file, here, out _));
        return null;
    }

    private async Task<(SkillReason Reason, string Why)> ReplayAsync(Digest image)
    {
        char slot = CoreSlots.Free(_slots.Read());
        if (!_slots.IsWhole(new CorePlace(slot, image)))
        {
            return (SkillReason.NotAdmitted, "what lies in its slot is not what was put there");
        }

        long begun = Stopwatch.GetTimestamp();
        string? own = await RunAsync(AppContext.BaseDirectory, _replay, _rules.ReplayMax);
        TimeSpan took = Stopwatch.GetElapsedTime(begun);
        if (own is null)
        {
            throw new IOException("the core that runs cannot read its own memory again");
        }

        string version = own.Split(' ')[^1];
        TimeSpan limit = TimeSpan.FromTicks(Math.Min(
            _rules.ReplayMax.Ticks, Math.Max(_rules.ReplayLeast.Ticks, took.Ticks * _rules.ReplayTimes)));
        begun = Stopwatch.GetTimestamp();
        string? other = await RunAsync(_slots.FolderOf(slot), [.. _replay, "--until", version], limit);
        return other == own ? (SkillReason.None, "it makes the same of this memory: " + own)
            : other is not null ? (SkillReason.Diverges, $"it makes something else of this memory: {other}; "
                + $"{own}")
            : Stopwatch.GetElapsedTime(begun) >= limit
            ? (SkillReason.TooSlow, $"it does not read this memory within {limit.TotalSeconds:F0} s")
            : (SkillReason.NoAnswer, "it cannot read this memory");
    }

    // What it says, in one line; null when it says nothing, or not in time.
    private async Task<string?> RunAsync(string folder, string[] arguments, TimeSpan limit)
    {
        ProcessStartInfo start = CoreProcess.Of(folder, arguments);
        start.RedirectStandardOutput = true;
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        using var late = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        late.CancelAfter(limit);
        try
        {
            string said = await process.StandardOutput.ReadToEndAsync(late.Token);
            await process.WaitForExitAsync(late.Token);
            return process.ExitCode == 0 && said.Trim() is { Length: > 0 and < 1_000 } line ? line : null;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            _stop.Token.ThrowIfCancellationRequested();
            return null;
        }
    }
}

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Cli.Commands;
using Hanse.IO.Cores;

namespace Hanse.Cli.Cores;

/// <summary>Starts the image of an agent that was chosen, and goes back to the one before when a new one does
/// not come up: the part of an agent that is never replaced.</summary>
/// <remarks>
/// What cannot start cannot decide, so this decides nothing but that. It counts each start of an unproven
/// image before it starts it, on the disk; after <see cref="StartsMax"/> of them, or when no hub has answered
/// it by the time that was set, it starts what was before. An image that shows no sign of life for
/// <see cref="Patience"/> is ended, and that was one of its starts. An image is measured before each start,
/// and one that is not what it was is not started. What the agent was installed with is always there, and is
/// started when nothing else can be.
/// <para>
/// The image that runs reads the end of its standard input as the end of this process, and ends too: there
/// are never two.
/// </para>
/// </remarks>
internal sealed class CoreLauncher(CoreSlots slots, IReadOnlyList<string> arguments, Action<string> log)
{
    /// <summary>Most starts of an unproven image.</summary>
    public const int StartsMax = 3;

    /// <summary>How an image is told that it was started by this, among its arguments.</summary>
    public const string Mark = "--launched";

    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _restartWaitMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _endWait = TimeSpan.FromSeconds(20);

    // An image that was heard and has run for so long is not among those that do not come up.
    private static readonly TimeSpan _steady = TimeSpan.FromHours(1);

    /// <summary>How long an image may show no sign of life.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Runs until it is ended.</summary>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        TimeSpan wait = TimeSpan.FromSeconds(1);
        while (true)
        {
            (CoreChoice choice, CorePlace place) = Choose();
            long begun = Stopwatch.GetTimestamp();
            int code = await RunAsync(choice, place, stop);
            if (stop.IsCancellationRequested)
            {
                return code;
            }

            bool isTrial = choice.Trial == place;
            if (code == ExitCode.Fine && !isTrial)
            {
                return code; // Somebody has told it to end.
            }

            TimeSpan lived = Stopwatch.GetElapsedTime(begun);
            if (isTrial && lived >= _steady && slots.Read() is { IsHeard: true } heard)
            {
                slots.Write(heard with { Starts = 0 });
            }

            if (code != CoreSlots.AgainCode)
            {
                log($"core in {place.Slot} ended with {code}");
                wait = lived >= Patience ? TimeSpan.FromSeconds(1) : wait;
                await Task.Delay(wait, stop);
                wait = isTrial || wait * 2 > _restartWaitMax ? wait : wait * 2;
            }
        }
    }

    // Counted before it is started.
    private (CoreChoice Choice, CorePlace Place) Choose()
    {
        CoreChoice choice = slots.Read();
        if (choice.Trial is { } trial)
        {
            string? why = choice.Starts >= StartsMax ? $"was started {choice.Starts} times"
                : IsLate(choice) ? "was not heard in time"
                : !slots.IsWhole(trial) ? "is not what it was" : null;
            if (why is null)
            {
                choice = choice with { Starts = choice.Starts + 1 };
                slots.Write(choice);
                return (choice, trial);
            }

            log($"core {trial.Image} in {trial.Slot} {why}: back to {choice.Proven.Slot}");
            choice = choice.WithoutTrial();
            slots.Write(choice);
        }

        foreach (CorePlace place in (CorePlace[])[choice.Proven, choice.Before])
        {
            if (slots.IsWhole(place))
            {
                return (choice, place);
            }

            log($"core {place.Image} in {place.Slot} is not what it was");
        }

        return (choice, CorePlace.Installed);
    }

    private static bool IsLate(CoreChoice choice) => !choice.IsHeard && choice.Until > 0
        && DateTimeOffset.UtcNow.ToUnixTimeSeconds() > choice.Until;

    private async Task<int> RunAsync(CoreChoice choice, CorePlace place, CancellationToken stop)
    {
        string folder = place.Slot == '-' ? AppContext.BaseDirectory : slots.FolderOf(place.Slot);
        log($"core {(place.Slot == '-' ? "as installed" : place.Image.ToString())} starts from {place.Slot}");
        File.Delete(slots.AliveFile);
        using Process process = Process.Start(CoreProcess.Of(folder, [.. arguments, Mark]))!;
        string alive = "";
        long seen = Stopwatch.GetTimestamp();
        Task ended = process.WaitForExitAsync(CancellationToken.None);
        while (!process.HasExited)
        {
            _ = await Task.WhenAny(ended, Task.Delay(_look, CancellationToken.None));
            if (stop.IsCancellationRequested)
            {
                process.StandardInput.Close();
                _ = await Task.WhenAny(ended, Task.Delay(_endWait, CancellationToken.None));
                process.Kill(entireProcessTree: true);
                await ended;
                return process.ExitCode;
            }

            string now = Alive();
            seen = now == alive ? seen : Stopwatch.GetTimestamp();
            alive = now;
            bool isHung = Stopwatch.GetElapsedTime(seen) > Patience;
            if (isHung || (choice.Trial == place && IsLate(choice) && IsLate(slots.Read())))
            {
                log($"core in {place.Slot} {(isHung ? "shows no sign of life" : "was not heard in time")}");
                process.Kill(entireProcessTree: true);
                await ended;
                return process.ExitCode;
            }
        }

        await ended;
        return process.ExitCode;
    }

    private string Alive()
    {
        try
        {
            return File.Exists(slots.AliveFile) ? File.ReadAllText(slots.AliveFile) : "";
        }
        catch (IOException)
        {
            return ""; // It is being written.
        }
    }
}

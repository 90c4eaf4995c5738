using System;
using System.IO;
using Hanse.Core.Machine;
using Hanse.Simulation.Runs;

namespace Hanse.Cli.Commands;

/// <summary>How playing a run ended.</summary>
internal abstract record PlayOutcome
{
    private PlayOutcome()
    {
    }

    /// <summary>It was played to the end.</summary>
    internal sealed record Finished(RunReport Report) : PlayOutcome;

    /// <summary>Ctrl-C ended it; <paramref name="Last"/> is how things stood, if it had come so
    /// far.</summary>
    internal sealed record Stopped(RunProgress? Last) : PlayOutcome;

    /// <summary>It broke an invariant: our bug.</summary>
    internal sealed record Broken(string Claim) : PlayOutcome;

    /// <summary>The disk failed.</summary>
    internal sealed record Failed(string Reason) : PlayOutcome;
}

/// <summary>Plays runs so that Ctrl-C ends them and every way to end is an answer.</summary>
internal static class Playing
{
    /// <summary>Plays; <paramref name="watch"/> hears of progress on the playing thread.</summary>
    public static PlayOutcome Play(Surroundings surroundings, RunOptions options, Action<RunProgress> watch)
    {
        var progress = new Watch(surroundings, watch);
        try
        {
            return new PlayOutcome.Finished(surroundings.Play(options with { Progress = progress }));
        }
        catch (OperationCanceledException)
        {
            return new PlayOutcome.Stopped(progress.Last);
        }
        catch (BrokenInvariantException broken)
        {
            return new PlayOutcome.Broken(broken.Message);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new PlayOutcome.Failed(failure.Message);
        }
        catch (AggregateException all) when (all.InnerException is IOException or UnauthorizedAccessException)
        {
            // The trace is written on a thread of its own.
            return new PlayOutcome.Failed(all.InnerException.Message);
        }
    }

    // A run has no other door to stop it by, and needs none: it holds nothing that outlives it.
    private sealed class Watch(Surroundings surroundings, Action<RunProgress> watch) : IProgress<RunProgress>
    {
        public RunProgress? Last { get; private set; }

        public void Report(RunProgress value)
        {
            Last = value;
            surroundings.Stop.ThrowIfCancellationRequested();
            watch(value);
        }
    }
}

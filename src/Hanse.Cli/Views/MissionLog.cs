using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Messages;
using Hanse.Simulation.Runs;

namespace Hanse.Cli.Views;

/// <summary>What a watcher of a run remembers: how things stand and the last news.</summary>
internal sealed class MissionLog
{
    // More than any terminal shows.
    private const int NewsMax = 100;

    private readonly Queue<RunEvent> _news = new();
    private readonly HashSet<string> _over = [];

    /// <summary>How things stand; null before the run has begun.</summary>
    public RunProgress? Now { get; private set; }

    /// <summary>News worth telling, oldest first.</summary>
    public IReadOnlyCollection<RunEvent> News => _news;

    /// <summary>Takes what a run reports.</summary>
    /// <returns>What of it is worth telling, oldest first.</returns>
    public IReadOnlyList<RunEvent> Take(RunProgress progress)
    {
        Now = progress;
        List<RunEvent> told =
        [
            .. progress.News.Where(item =>
                item.Kind is not (RunEventKind.BountyPosted or RunEventKind.BountyFilled)),
            .. Endings(progress),
        ];
        foreach (RunEvent item in told)
        {
            _news.Enqueue(item);
            if (_news.Count > NewsMax)
            {
                _ = _news.Dequeue();
            }
        }

        return told;
    }

    // Filled bounties are many and are counted; those with a name are news.
    private IEnumerable<RunEvent> Endings(RunProgress progress) =>
        from bounty in progress.Named
        where bounty.Outcome == BountyOutcome.Filled && _over.Add(bounty.Name)
        let at = bounty.FilledDay is { } day ? TimeSpan.FromDays(day) : progress.Elapsed
        select new RunEvent(at, RunEventKind.BountyFilled, $"{bounty.Name} is filled");
}

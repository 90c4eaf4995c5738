using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hanse.Simulation.Runs;

namespace Hanse.Cli.Views;

/// <summary>A run as lines, for logs and pipes: one a mission day, and the news between them.</summary>
internal sealed class MissionLines
{
    // A day of a large fleet has hundreds; the counts in the day's line hold all of them.
    private const int NewsPerDayMax = 5;

    private readonly TextWriter _output;
    private readonly MissionLog _log = new();
    private readonly List<RunEvent> _today = [];
    private int _day = -1;

    /// <summary>Writes to a log.</summary>
    public MissionLines(TextWriter output) => _output = output;

    /// <summary>Takes what the run reports.</summary>
    public void Show(RunProgress progress)
    {
        _today.AddRange(_log.Take(progress));
        int day = (int)progress.Elapsed.TotalDays;
        if (day == _day)
        {
            return;
        }

        _day = day;
        foreach (RunEvent item in _today.Take(NewsPerDayMax))
        {
            _output.WriteLine($"  {Figures.Day(item.At)}: {item.Text}");
        }

        if (_today.Count > NewsPerDayMax)
        {
            _output.WriteLine($"  and {_today.Count - NewsPerDayMax:N0} more");
        }

        _today.Clear();
        _output.WriteLine(Line(progress, day));
    }

    private static string Line(RunProgress progress, int day) =>
        $"day {day} of {Figures.Number(progress.Total.TotalDays)} | "
        + string.Concat(progress.Named.Take(2).Select(bounty =>
            $"{bounty.Name} {Figures.Number(bounty.DeliveredTonnes)} of "
                + $"{Figures.Number(bounty.WantedTonnes)} t, "
            + $"{Figures.Number(bounty.UnderContractTonnes)} t under contract, "
            + $"{Figures.Credits(bounty.PaidCredits)} credits paid | "))
        + $"bounties {progress.Bounties.Filled:N0} filled, {progress.BountiesOpen:N0} open | "
        + $"nodes {progress.Alive:N0} alive, {progress.Dead:N0} dead, {progress.Late:N0} late | "
        + $"contracts {progress.Contracts.Settled:N0} delivered, {progress.Contracts.Expired:N0} ran out, "
        + $"{progress.Contracts.Remarketed:N0} taken over | "
        + (progress.Ledger.Balanced ? "books balanced" : "BOOKS NOT BALANCED");
}

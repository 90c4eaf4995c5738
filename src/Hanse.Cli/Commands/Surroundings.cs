using System;
using System.Threading;
using Hanse.Cli.Scenarios;
using Hanse.Simulation.Runs;
using Spectre.Console;

namespace Hanse.Cli.Commands;

/// <summary>Everything that commands take from outside, so that a test can bring its own.</summary>
internal sealed record Surroundings
{
    /// <summary>Plays a run.</summary>
    public required Func<RunOptions, RunReport> Play { get; init; }

    /// <summary>Finds scenarios.</summary>
    public required ScenarioLibrary Library { get; init; }

    /// <summary>The version of this program.</summary>
    public required string Version { get; init; }

    /// <summary>Where a live view may be drawn; null when nobody watches.</summary>
    public required IAnsiConsole? Screen { get; init; }

    /// <summary>Whether standard error is a terminal, where a line may be written over.</summary>
    public required bool ErrorIsTerminal { get; init; }

    /// <summary>The clock on the wall, for pacing a live view.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Cancelled by Ctrl-C.</summary>
    public required CancellationToken Stop { get; init; }
}

using System;
using System.IO;
using System.Reflection;
using System.Threading;
using Hanse.Cli.Commands;
using Hanse.Cli.Scenarios;
using Hanse.Simulation.Runs;
using Spectre.Console;

namespace Hanse.Cli;

/// <summary>Brings the outside world to the commands.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        using var stop = new CancellationTokenSource();

        // The first Ctrl-C asks the run to end; the second ends the process, in case it does not.
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        };
        IAnsiConsole screen = AnsiConsole.Console;
        bool isWatched = !Console.IsOutputRedirected && screen.Profile.Capabilities.Ansi;
        var surroundings = new Surroundings
        {
            Play = SimulationRun.Play,
            Library = new ScenarioLibrary(Directory.GetCurrentDirectory(), AppContext.BaseDirectory),
            Version = typeof(Program).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
                ?.InformationalVersion ?? "unknown",
            Screen = isWatched ? screen : null,
            ErrorIsTerminal = !Console.IsErrorRedirected,
            Time = TimeProvider.System,
            Stop = stop.Token,
        };
        return HanseCommand.Run(arguments, surroundings, Console.Out, Console.Error);
    }
}

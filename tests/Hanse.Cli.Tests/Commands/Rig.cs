using System;
using System.IO;
using System.Threading;
using Hanse.Cli.Commands;
using Hanse.Cli.Scenarios;
using Hanse.Simulation.Runs;
using Spectre.Console;

namespace Hanse.Cli.Tests.Commands;

/// <summary>The program with a fake simulator, a directory of its own and writers that remember.</summary>
internal sealed class Rig : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("hanse-cli-").FullName;

    public Func<RunOptions, RunReport> Play { get; set; } = FakeRun.Play;

    public string Version { get; set; } = "1.2.3";

    public IAnsiConsole? Screen { get; set; }

    public bool ErrorIsTerminal { get; set; }

    public string Output => _output.ToString();

    public string Error => _error.ToString();

    public int Run(params string[] arguments)
    {
        _ = _output.GetStringBuilder().Clear();
        _ = _error.GetStringBuilder().Clear();
        var surroundings = new Surroundings
        {
            Play = Play,
            Library = new ScenarioLibrary(Directory, Repository.Root),
            Version = Version,
            Screen = Screen,
            ErrorIsTerminal = ErrorIsTerminal,
            Time = TimeProvider.System,
            Stop = _stop.Token,
        };
        return HanseCommand.Run(arguments, surroundings, _output, _error);
    }

    public void PressControlC() => _stop.Cancel();

    public string File(string name) => Path.Combine(Directory, name);

    public void Dispose()
    {
        System.IO.Directory.Delete(Directory, recursive: true);
        _stop.Dispose();
        _output.Dispose();
        _error.Dispose();
    }
}

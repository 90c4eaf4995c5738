namespace Hanse.Cli.Commands;

/// <summary>What the program tells its caller.</summary>
internal static class ExitCode
{
    /// <summary>It went well.</summary>
    public const int Fine = 0;

    /// <summary>A run broke an invariant, or a replay differs.</summary>
    public const int Broken = 1;

    /// <summary>The command line or a file is wrong; nothing was run.</summary>
    public const int Refused = 2;

    /// <summary>The environment: a file is not there or cannot be written.</summary>
    public const int Environment = 3;

    /// <summary>Ended by Ctrl-C: 128 and the number of the signal, as shells have it.</summary>
    public const int Interrupted = 130;

    /// <summary>All of them, for help texts.</summary>
    public const string Guide =
        "Exit codes: 0 fine; 1 a run broke an invariant or a replay differs; 2 the command line or a file "
            + "is wrong, nothing was run; 3 a file is not there or cannot be written; 130 ended by Ctrl-C.";
}

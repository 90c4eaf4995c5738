using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Cli.Commands;
using Hanse.IO.Stores;

namespace Hanse.Cli.Serving;

/// <summary>Runs what serves until it is ended, as every command that serves does.</summary>
internal static class UntilEnded
{
    /// <summary>Runs something until Ctrl-C or SIGTERM, and says on <paramref name="error"/> why it could
    /// not.</summary>
    /// <returns>The exit code: what it returned, or fine when it was ended, or what a refusal or the
    /// environment has.</returns>
    public static int Run(
        Func<CancellationToken, Task<int>> serve, Surroundings surroundings, TextWriter error)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(surroundings.Stop);
        using PosixSignalRegistration term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            ended.Cancel();
        });
        try
        {
            return serve(ended.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            return ExitCode.Fine;
        }
        catch (StoreException refused)
        {
            error.WriteLine("hanse: " + refused.Message);
            return ExitCode.Refused;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            error.WriteLine("hanse: " + failure.Message);
            return ExitCode.Environment;
        }
    }
}

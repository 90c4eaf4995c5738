using System;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Wire;

namespace Hanse.Agent.Lines;

/// <summary>A machine behind a program of its maker: lines of JSON go to its standard input and come from its
/// standard output; <c>docs/protocol/device.md</c>.</summary>
/// <remarks>
/// A line that is no input of a node is refused, with the reason on the program's error stream's log and on
/// no account guessed at. A program that ends is started again after <see cref="RestartWait"/>, and the node
/// told, so that it repeats what it ordered. At most <see cref="LinesMax"/> lines wait for the program: then
/// the oldest is dropped, since only the last order counts, and the node repeats it.
/// </remarks>
public sealed class LinesDevice : IDevice, IAsyncDisposable
{
    /// <summary>Longest line that is read, characters; a longer one is skipped.</summary>
    public const int LineMax = 65_536;

    /// <summary>Most lines that wait for the program.</summary>
    public const int LinesMax = 64;

    /// <summary>How long a program that has ended is left alone.</summary>
    public static readonly TimeSpan RestartWait = TimeSpan.FromSeconds(1);

    private readonly ProcessStartInfo _program;
    private readonly Action<string> _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<string> _lines = Channel.CreateBounded<string>(
        new BoundedChannelOptions(LinesMax)
        {
            SingleReader = true,
            FullMode = BoundedChannelFullMode.DropOldest,
        });

    private Action<NodeInput> _tell = _ => { };
    private Task _running = Task.CompletedTask;

    /// <summary>A device that does not run yet.</summary>
    /// <param name="program">The program and its arguments.</param>
    /// <param name="log">Takes a line about something that went wrong, and what the program writes to its
    /// standard error.</param>
    public LinesDevice(ProcessStartInfo program, Action<string> log)
    {
        _program = program;
        _program.RedirectStandardInput = true;
        _program.RedirectStandardOutput = true;
        _program.RedirectStandardError = true;
        _program.UseShellExecute = false;
        _log = log;
    }

    /// <inheritdoc/>
    public void Start(Action<NodeInput> tell)
    {
        _tell = tell;
        _running = Task.Run(RunAsync);
    }

    /// <inheritdoc/>
    public void Act(uint number, Order order) =>
        Say($$"""{"act":{"number":{{number}},"order":{{Inner(JsonShape.Write(order))}} } }""");

    /// <inheritdoc/>
    public void ReadRaw(BlocksAsked asked) => Say($$"""{"readRaw":{{Inner(JsonShape.Write(asked))}}}""");

    /// <inheritdoc/>
    public void Bear(uint build, SignedBirth birth)
    {
        string digits = Convert.ToHexStringLower(CborWriter.Bytes(birth));
        Say($$"""{"bear":{"build":{{build}},"birth":"{{digits}}"} }""");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    // A record names itself: {"order":{...}} is written as {...} where the name is said already.
    private static string Inner(string line) => line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..^1];

    private void Say(string line) => _ = _lines.Writer.TryWrite(line);

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await OnceAsync();
            }
            catch (Exception failure)
                when (failure is IOException or Win32Exception or InvalidOperationException)
            {
                _log($"the device '{_program.FileName}' failed: {failure.Message}");
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(RestartWait, _stop.Token).ContinueWith(
                _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            if (!_stop.IsCancellationRequested)
            {
                _tell(new NodeInput.Restarted());
            }
        }
    }

    private async Task OnceAsync()
    {
        using var process = new Process { StartInfo = _program };
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is { } text)
            {
                _log("device: " + text);
            }
        };
        _ = process.Start();
        process.BeginErrorReadLine();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        Task writing = WriteAsync(process.StandardInput, over.Token);
        try
        {
            await ReadAsync(process.StandardOutput, over.Token);
        }
        finally
        {
            await over.CancelAsync();
            await writing;
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        _log($"the device '{_program.FileName}' has ended");
    }

    private async Task WriteAsync(StreamWriter input, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                string line = await _lines.Reader.ReadAsync(stop);
                await input.WriteLineAsync(line.AsMemory(), stop);
                await input.FlushAsync(stop);
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException)
        {
            // It has ended; the reading side notices.
        }
    }

    private async Task ReadAsync(StreamReader output, CancellationToken stop)
    {
        var line = new StringBuilder();
        char[] buffer = new char[4_096];
        bool isTooLong = false;
        int count;
        while ((count = await output.ReadAsync(buffer, stop)) > 0)
        {
            foreach (char letter in buffer.AsSpan(0, count))
            {
                if (letter == '\n')
                {
                    Take(line.ToString(), isTooLong);
                    _ = line.Clear();
                    isTooLong = false;
                }
                else if (line.Length < LineMax)
                {
                    _ = line.Append(letter);
                }
                else
                {
                    isTooLong = true;
                }
            }
        }
    }

    private void Take(string line, bool isTooLong)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        string? reason = isTooLong ? $"it has more than {LineMax} characters" : null;
        NodeInput? input = null;
        if (reason is null && JsonShape.TryRead(line, out input, out reason) && !IsDevices(input))
        {
            reason = "that is not for a device to say";
        }

        if (reason is not null)
        {
            _log($"a line of the device was refused: {reason}");
            return;
        }

        _tell(input!);
    }

    private static bool IsDevices(NodeInput input) => input is NodeInput.Observed or NodeInput.OrderDone
        or NodeInput.Surveyed or NodeInput.RawSealed or NodeInput.RawRead or NodeInput.BrokeDown
        or NodeInput.Mended or NodeInput.Repaired or NodeInput.FaceTaken or NodeInput.GaveOut
        or NodeInput.ChildBuilt;
}

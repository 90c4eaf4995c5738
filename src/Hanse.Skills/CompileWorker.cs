using System;
using System.Diagnostics;
using System.IO;
using System.Text;
using System.Threading.Tasks;

namespace Hanse.Skills;

/// <summary>Compiles modules in a process of its own, which is ended when it takes too long or too
/// much.</summary>
/// <remarks>Compiling can be neither counted nor interrupted, and a fault of the compiler ends its process.
/// In goes a module over the child's input; out comes over its output one byte, 1 for code and 0 for a
/// refusal, and then the one or the other. What the child says is believed: it is this same
/// program.</remarks>
public sealed class CompileWorker
{
    /// <summary>The longest a module may take.</summary>
    public static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(10);

    /// <summary>Memory that the child may use, bytes.</summary>
    public const long MemoryMax = 768L << 20;

    private const int AnswerBytesMax = 64 << 20;

    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(50);

    private readonly string _program;
    private readonly string[] _arguments;

    /// <summary>A worker that starts this program for each module.</summary>
    /// <param name="program">One that calls <see cref="Serve"/>.</param>
    /// <param name="arguments">What it is started with.</param>
    public CompileWorker(string program, params string[] arguments)
    {
        _program = program;
        _arguments = arguments;
    }

    /// <summary>Compiles a module.</summary>
    /// <param name="module">Its bytes, whatever they are.</param>
    /// <param name="refusal">Why there is no code; null when there is.</param>
    /// <param name="limit">How long it may take; <see cref="TimeMax"/> unless given.</param>
    public byte[]? Compile(ReadOnlySpan<byte> module, out string? refusal, TimeSpan? limit = null)
    {
        if (ModuleScan.Of(module, out refusal) is null)
        {
            return null;
        }

        TimeSpan time = limit ?? TimeMax;
        byte[] answer;
        try
        {
            answer = Ask(module.ToArray(), time, out refusal);
        }
        catch (Exception failure) when (failure is IOException or System.ComponentModel.Win32Exception)
        {
            refusal = $"the compiler's process failed: {failure.Message}";
            return null;
        }

        if (refusal is not null)
        {
            return null;
        }

        if (answer.Length > 1 && answer[0] == 1)
        {
            return answer[1..];
        }

        refusal = answer.Length > 1 ? Encoding.UTF8.GetString(answer.AsSpan(1))
            : "the compiler's process ended without an answer";
        return null;
    }

    /// <summary>The child's side: reads a module, compiles it, writes what came of it.</summary>
    public static void Serve(Stream input, Stream output)
    {
        byte[] module = new byte[ModuleLimits.ModuleBytesMax + 1];
        int length = input.ReadAtLeast(module, module.Length, throwOnEndOfStream: false);
        using var engine = new SkillEngine();
        byte[]? code = Skill.Compile(engine, module.AsSpan(0, length), out string? refusal);
        output.WriteByte(code is null ? (byte)0 : (byte)1);
        output.Write(code ?? Encoding.UTF8.GetBytes(refusal!));
        output.Flush();
    }

    private byte[] Ask(byte[] module, TimeSpan time, out string? refusal)
    {
        var start = new ProcessStartInfo(_program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (string argument in _arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process child = Process.Start(start)!;
        child.ErrorDataReceived += (_, _) => { }; // It may say something; nobody has to wait for that.
        child.BeginErrorReadLine();
        Task<byte[]> heard = Task.Run(() => Read(child.StandardOutput.BaseStream));
        Task said = Task.Run(() => Write(child.StandardInput.BaseStream, module));
        long began = Stopwatch.GetTimestamp();
        refusal = null;
        while (!child.WaitForExit(_look))
        {
            refusal = Stopwatch.GetElapsedTime(began) > time
                ? $"compiling it takes longer than {time.TotalSeconds} s"
                : MemoryOf(child) > MemoryMax
                ? $"compiling it takes more than {MemoryMax >> 20} MiB" : null;
            if (refusal is not null)
            {
                child.Kill(entireProcessTree: true);
                child.WaitForExit();
                return [];
            }
        }

        _ = Task.WaitAll([said, heard], time);
        return heard.IsCompletedSuccessfully ? heard.Result : [];
    }

    // A child that has just ended uses nothing.
    private static long MemoryOf(Process child)
    {
        try
        {
            child.Refresh();
            return child.WorkingSet64;
        }
        catch (InvalidOperationException)
        {
            return 0;
        }
    }

    private static void Write(Stream input, byte[] module)
    {
        try
        {
            using (input)
            {
                input.Write(module);
            }
        }
        catch (IOException)
        {
            // It ended before it had read all: its answer, or that there is none, says why.
        }
    }

    private static byte[] Read(Stream output)
    {
        using var heard = new MemoryStream();
        byte[] part = new byte[65_536];
        for (int read; heard.Length < AnswerBytesMax && (read = output.Read(part)) > 0;)
        {
            heard.Write(part, 0, read);
        }

        return heard.ToArray();
    }
}

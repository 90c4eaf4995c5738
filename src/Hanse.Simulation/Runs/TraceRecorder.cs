using System;
using System.Collections.Concurrent;
using System.IO;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Core.Identity;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Simulation.Runs;

/// <summary>The trace of a run as canonical text, hashed as it is written.</summary>
/// <remarks>
/// A step is a line with the true time, the machine, its own clock and the input; then a line for each fact
/// and each effect, indented. Text is made on the simulating thread and hashed (and written, when asked for)
/// on another: the hash depends on the bytes only. A fixed number of buffers goes round; when all are full
/// the simulation waits.
/// </remarks>
internal sealed class TraceRecorder : IDisposable
{
    private const int BufferBytes = 1 << 20;
    private const int Buffers = 8;

    private readonly BlockingCollection<ByteBuffer> _full = new(Buffers);
    private readonly BlockingCollection<ByteBuffer> _empty = new(Buffers);
#pragma warning disable CA2213 // The copy belongs to whoever asked for it.
    private readonly Stream? _copy;
#pragma warning restore CA2213
    private readonly Task<string> _hashing;
    private ByteBuffer _buffer = new();

    public TraceRecorder(Stream? copy)
    {
        _copy = copy;
        for (int i = 1; i < Buffers; i++)
        {
            _empty.Add(new ByteBuffer());
        }

        _hashing = Task.Factory.StartNew(
            Hash, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Writes one step.</summary>
    public void Input<TInput>(long truth, Party machine, Instant local, TInput input)
        where TInput : class, IShaped<TInput>
    {
        _buffer.AddDecimal(truth);
        _buffer.Add((byte)' ');
        _buffer.AddAscii(machine.Kind switch
        {
            PartyKind.Strategy => "strategy",
            PartyKind.Hub => "hub-",
            _ => "node-",
        });
        if (machine.Kind != PartyKind.Strategy)
        {
            _buffer.AddDecimal(machine.Number);
        }

        _buffer.Add((byte)' ');
        _buffer.AddDecimal(local.Micros);
        _buffer.Add((byte)' ');
        TraceText.Append(_buffer, input);
        _buffer.Add((byte)'\n');
        if (_buffer.Length >= BufferBytes)
        {
            HandOver();
        }
    }

    /// <summary>Writes one fact or effect of the step.</summary>
    public void Outcome<T>(string what, T outcome)
        where T : class, IShaped<T>
    {
        _buffer.AddAscii(what);
        TraceText.Append(_buffer, outcome);
        _buffer.Add((byte)'\n');
        if (_buffer.Length >= BufferBytes)
        {
            HandOver();
        }
    }

    /// <summary>Ends the trace.</summary>
    /// <returns>SHA-256 of all of it, in lower-case hex.</returns>
    public string Finish()
    {
        HandOver();
        _full.CompleteAdding();
        return _hashing.GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_full.IsAddingCompleted)
        {
            _full.CompleteAdding();
        }

        _ = Task.WhenAny(_hashing).GetAwaiter().GetResult(); // Its failure was or will be told elsewhere.
        _full.Dispose();
        _empty.Dispose();
    }

    private void HandOver()
    {
        _full.Add(_buffer);
        while (!_empty.TryTake(out _buffer!, TimeSpan.FromSeconds(1)))
        {
            if (_hashing.IsFaulted)
            {
                _hashing.GetAwaiter().GetResult(); // The writer failed; say how.
            }
        }
    }

    private string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (ByteBuffer buffer in _full.GetConsumingEnumerable())
        {
            hash.AppendData(buffer.Written);
            _copy?.Write(buffer.Written);
            buffer.Clear();
            _empty.Add(buffer);
        }

        _copy?.Flush();
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

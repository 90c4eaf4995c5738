using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using Microsoft.Win32.SafeHandles;

namespace Hanse.IO.Journal;

/// <summary>A journal file open for appending.</summary>
/// <remarks>
/// The problem: an append must survive a crash once it was acknowledged, and waiting for the disk costs
/// milliseconds. The idea is group commit: appends that come while the disk is busy are written together and
/// flushed once, and each caller awaits its group. The order of the file is the order of the calls.
/// <para>
/// At most <see cref="WaitingMax"/> appends wait; further callers wait for room, so that a slow disk slows
/// its callers down instead of filling the memory. After a failed write or flush nobody knows what is on
/// the disk, so nothing is tried again: every waiting and later append fails, and the file must be opened
/// anew. One writer at a time, by a lock on a file beside it, so that anybody may read meanwhile.
/// Deliberately absent: rewriting. What is appended stays; only <see cref="JournalRepair"/> ever shortens a
/// file, and keeps what it cuts off.
/// </para>
/// </remarks>
public sealed class JournalFile : IAsyncDisposable
{
    /// <summary>Most appends that wait for the disk; callers beyond wait for room.</summary>
    public const int WaitingMax = 256;

    /// <summary>Most bytes written between two flushes.</summary>
    public const int GroupBytesMax = 1024 * 1024;

    private readonly SafeFileHandle _handle;
    private readonly FileStream _lock;
    private readonly Channel<Waiting> _waiting = Channel.CreateBounded<Waiting>(
        new BoundedChannelOptions(WaitingMax)
        {
            SingleReader = true,
            FullMode = BoundedChannelFullMode.Wait,
        });

    private readonly Task _writing;
    private Exception? _failure;
    private long _length;

    private JournalFile(SafeFileHandle handle, FileStream held, string origin, long length)
    {
        _handle = handle;
        _lock = held;
        Origin = origin;
        _length = length;
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Whose journal it is.</summary>
    public string Origin { get; }

    /// <summary>Bytes on disk.</summary>
    public long Length => Volatile.Read(ref _length);

    /// <summary>Number of flushes so far: fewer than appends when callers came together.</summary>
    public long Flushes { get; private set; }

    /// <summary>Makes a new journal.</summary>
    /// <exception cref="IOException">The file is there already, or cannot be made.</exception>
    public static JournalFile Create(string path, string origin)
    {
        byte[] begin = JournalFormat.Begin(origin);
        FileStream held = Lock(path);
        try
        {
            SafeFileHandle handle =
                File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite);
            RandomAccess.Write(handle, begin, 0);
            RandomAccess.FlushToDisk(handle);
            return new JournalFile(handle, held, origin, begin.Length);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Opens a journal to append to it. Cost: one reading of the whole file.</summary>
    /// <returns>The file, or what is wrong with it: then <see cref="JournalRepair"/> helps.</returns>
    /// <exception cref="IOException">It cannot be read or written, or another process writes it.</exception>
    public static (JournalFile? File, JournalDamage? Damage) Open(string path)
    {
        FileStream held = Lock(path);
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var reader = new JournalReader(stream);
            while (reader.Read(out _))
            {
            }

            if (reader.Damage is { } damage)
            {
                held.Dispose();
                return (null, damage);
            }

            SafeFileHandle handle =
                File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            return (new JournalFile(handle, held, reader.Origin!, reader.Offset), null);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Appends a record.</summary>
    /// <returns>A task that ends when the record is on disk.</returns>
    /// <exception cref="IOException">The disk failed, now or before: open the file anew.</exception>
    public async Task AppendAsync(RecordKind kind, ReadOnlyMemory<byte> payload)
    {
        var waiting = new Waiting(JournalFormat.Encode(kind, payload.Span),
            new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            await _waiting.Writer.WriteAsync(waiting);
        }
        catch (ChannelClosedException)
        {
            throw new IOException("the journal is closed", _failure);
        }

        await waiting.Done.Task;
    }

    /// <summary>Writes what waits, and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        _ = _waiting.Writer.TryComplete();
        await _writing;
        _handle.Dispose();
        await _lock.DisposeAsync();
    }

    // A lock ends with its process, so the file may stay.
    internal static FileStream Lock(string path) =>
        new(path + ".lock", FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);

    private async Task WriteAsync()
    {
        var group = new List<Waiting>();
        var bytes = new List<ReadOnlyMemory<byte>>();
        while (await _waiting.Reader.WaitToReadAsync())
        {
            group.Clear();
            bytes.Clear();
            int size = 0;
            while (size < GroupBytesMax && _waiting.Reader.TryRead(out Waiting waiting))
            {
                group.Add(waiting);
                bytes.Add(waiting.Bytes);
                size += waiting.Bytes.Length;
            }

            Commit(group, bytes, size);
        }
    }

    private void Commit(List<Waiting> group, List<ReadOnlyMemory<byte>> bytes, int size)
    {
        try
        {
            if (_failure is null)
            {
                RandomAccess.Write(_handle, bytes, _length);
                RandomAccess.FlushToDisk(_handle);
                Volatile.Write(ref _length, _length + size);
                Flushes++;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _failure = failure;
            _ = _waiting.Writer.TryComplete();
        }

        foreach (Waiting waiting in group)
        {
            if (_failure is null)
            {
                waiting.Done.SetResult();
            }
            else
            {
                waiting.Done.SetException(new IOException("the journal could not be written", _failure));
            }
        }
    }

    private readonly record struct Waiting(byte[] Bytes, TaskCompletionSource Done);
}

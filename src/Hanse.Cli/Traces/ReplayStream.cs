using System;
using System.IO;
using System.Security.Cryptography;
using System.Text;

namespace Hanse.Cli.Traces;

/// <summary>Compares what a run writes with a recording, as it is written, and remembers the first
/// difference.</summary>
/// <remarks>Nothing is kept but the line at hand and the step it belongs to, so a trace of any length is
/// compared in constant memory. The lines of a difference are shown up to <see cref="LineBytesMax"/>. Writing
/// never throws: a run may write from a thread of its own, and whoever plays it looks at
/// <see cref="Difference"/> now and then.</remarks>
internal sealed class ReplayStream : Stream
{
    /// <summary>How much of a line is kept to be shown.</summary>
    public const int LineBytesMax = 4096;

    private readonly Stream _recording;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _expected = new byte[1 << 16];

    // The line at hand as far as it has come, equal on both sides, and how much of it there was.
    private readonly byte[] _line = new byte[LineBytesMax];
    private int _lineLength;

    // The last whole line that began with a mission time: facts and effects follow the step they belong to.
    private readonly byte[] _step = new byte[LineBytesMax];
    private int _stepLength;

    // Written by the writing thread, read by the playing one.
    private volatile TraceDifference? _difference;

    // A difference of which the rest of the run's line is still awaited.
    private MemoryStream? _played;
    private string? _recorded;

    /// <summary>Compares with a recording that is just past its header, and closes it in the end.</summary>
    public ReplayStream(Stream recording) => _recording = recording;

    /// <summary>Whole lines that were equal.</summary>
    public long Lines { get; private set; }

    /// <summary>The first difference, once it is known.</summary>
    public TraceDifference? Difference => _difference;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Says that the run has written all: what the recording has beyond that is a difference, and an
    /// awaited rest of a line will not come.</summary>
    /// <returns>SHA-256 of what the run wrote, in lower-case hex.</returns>
    public string End()
    {
        if (_played is not null)
        {
            Settle();
        }
        else if (_difference is null && Read(1) == 1)
        {
            string recorded = Shown([.. Line, .. Rest(_expected.AsSpan(0, 1))]);
            _difference = new TraceDifference(Lines + 1, Step, recorded, null);
        }

        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_difference is not null)
        {
            return;
        }

        if (_played is not null)
        {
            Await(buffer);
            return;
        }

        _hash.AppendData(buffer);
        int read = Read(buffer.Length);
        int equal = buffer.CommonPrefixLength(_expected.AsSpan(0, read));
        Pass(buffer[..equal]);
        if (equal < buffer.Length)
        {
            _recorded = equal == read ? null : Shown([.. Line,
                .. Rest(_expected.AsSpan(equal, read - equal))]);
            _played = new MemoryStream();
            _played.Write(Line);
            Await(buffer[equal..]);
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _recording.Dispose();
            _hash.Dispose();
            _played?.Dispose();
        }

        base.Dispose(disposing);
    }

    private ReadOnlySpan<byte> Line => _line.AsSpan(0, Math.Min(_lineLength, LineBytesMax));

    private string? Step => _stepLength == 0 ? null : Shown(_step.AsSpan(0, _stepLength));

    private static string Shown(ReadOnlySpan<byte> line) =>
        Encoding.UTF8.GetString(line[..Math.Min(line.Length, LineBytesMax)]);

    private int Read(int count)
    {
        if (_expected.Length < count)
        {
            _expected = new byte[count];
        }

        int length = 0;
        try
        {
            int read;
            while (length < count && (read = _recording.Read(_expected, length, count - length)) > 0)
            {
                length += read;
            }
        }
        catch (InvalidDataException)
        {
            // A .gz file that was cut off or damaged ends where it can no longer be read.
        }

        return length;
    }

    // Counts lines and keeps the last, unfinished one.
    private void Pass(ReadOnlySpan<byte> bytes)
    {
        for (int end = bytes.IndexOf((byte)'\n'); end >= 0; end = bytes.IndexOf((byte)'\n'))
        {
            Lengthen(bytes[..end]);
            if (_lineLength > 0 && char.IsAsciiDigit((char)_line[0]))
            {
                Line.CopyTo(_step);
                _stepLength = Line.Length;
            }

            Lines++;
            _lineLength = 0;
            bytes = bytes[(end + 1)..];
        }

        Lengthen(bytes);
    }

    private void Lengthen(ReadOnlySpan<byte> bytes)
    {
        int kept = Math.Min(bytes.Length, LineBytesMax - Line.Length);
        bytes[..kept].CopyTo(_line.AsSpan(Line.Length));
        _lineLength += bytes.Length;
    }

    // The rest of the recorded line: from what has been read, then from the file.
    private byte[] Rest(ReadOnlySpan<byte> read)
    {
        int end = read.IndexOf((byte)'\n');
        if (end >= 0)
        {
            return read[..end].ToArray();
        }

        using var rest = new MemoryStream();
        rest.Write(read);
        for (int part = _recording.ReadByte();
            part >= 0 && part != '\n' && rest.Length < LineBytesMax;
            part = _recording.ReadByte())
        {
            rest.WriteByte((byte)part);
        }

        return rest.ToArray();
    }

    // Waits until the run's own line is whole, so that both can be shown.
    private void Await(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)'\n');
        _played!.Write(end < 0 ? bytes : bytes[..end]);
        if (end >= 0 || _played.Length >= LineBytesMax)
        {
            Settle();
        }
    }

    private void Settle()
    {
        _difference = new TraceDifference(Lines + 1, Step, _recorded, Shown(_played!.ToArray()));
        _played.Dispose();
        _played = null;
    }
}

using System.Collections.Generic;
using System.IO;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.IO.Facts;

/// <summary>Writes a file of facts to a stream, step by step.</summary>
/// <remarks>Memory: the step at hand, and a count for each machine. It does not wait for the disk: whoever
/// needs that flushes the stream.</remarks>
public sealed class FactsWriter
{
    private readonly Stream _stream;
    private readonly ByteBuffer _buffer = new();
    private readonly Dictionary<Party, ulong> _numbers = [];
    private ulong _steps;

    /// <summary>Begins a file.</summary>
    /// <param name="stream">Where to; not closed here.</param>
    /// <param name="header">Where the facts come from.</param>
    /// <exception cref="IOException">The stream cannot be written; so for all members.</exception>
    public FactsWriter(Stream stream, FactsHeader header)
    {
        _stream = stream;
        _stream.Write(FactsFormat.Magic.AsSpan());
        Write(FactsRecord.Header, header);
    }

    /// <summary>Appends what a hub remembered of a step.</summary>
    public void Append(Party machine, Instant at, IReadOnlyList<HubFact> facts) =>
        Append(new FactStep(machine, Next(machine), at, [.. facts], []));

    /// <summary>Appends what the strategic layer remembered of a step.</summary>
    public void Append(Party machine, Instant at, IReadOnlyList<StrategyFact> facts) =>
        Append(new FactStep(machine, Next(machine), at, [], [.. facts]));

    /// <summary>Writes the last record: nothing is missing.</summary>
    public void Complete()
    {
        Write(FactsRecord.End, new FactsEnd(_steps));
        _stream.Flush();
    }

    private void Append(FactStep step)
    {
        _steps++;
        Write(FactsRecord.Step, step);
    }

    private ulong Next(Party machine) => _numbers[machine] = _numbers.GetValueOrDefault(machine) + 1;

    private void Write<T>(FactsRecord kind, T record)
        where T : class, IShaped<T>
    {
        _buffer.Clear();
        FactsFormat.Append(_buffer, kind, record);
        _stream.Write(_buffer.Written);
    }
}

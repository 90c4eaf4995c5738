using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.IO.Facts;
using Hanse.Simulation.Runs;

namespace Hanse.Cli.Facts;

/// <summary>A file of facts on disk; compressed when its name ends in <c>.gz</c>.</summary>
internal sealed class FactsFile : IFactSink, IDisposable
{
    private const int BufferBytes = 1 << 20;

    private readonly Stream _stream;
    private readonly FactsWriter _writer;

    private FactsFile(Stream stream, FactsHeader header)
    {
        _stream = stream;
        _writer = new FactsWriter(stream, header);
    }

    /// <summary>Begins a file and writes its header.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file must not be written.</exception>
    public static FactsFile Create(string path, FactsHeader header)
    {
        Stream file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, BufferBytes);
        return new FactsFile(
            IsCompressed(path)
                ? new BufferedStream(new GZipStream(file, CompressionLevel.Fastest), BufferBytes)
                : file,
            header);
    }

    /// <summary>Opens a file to be read.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file must not be read.</exception>
    public static Stream Open(string path)
    {
        Stream file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, BufferBytes);
        return IsCompressed(path)
            ? new BufferedStream(new GZipStream(file, CompressionMode.Decompress), BufferBytes)
            : file;
    }

    /// <inheritdoc/>
    public void Take(Party machine, Instant at, IReadOnlyList<HubFact> facts) =>
        _writer.Append(machine, at, facts);

    /// <inheritdoc/>
    public void Take(Party machine, Instant at, IReadOnlyList<StrategyFact> facts) =>
        _writer.Append(machine, at, facts);

    /// <summary>Says that nothing is missing. A run that was stopped does not.</summary>
    public void Complete() => _writer.Complete();

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static bool IsCompressed(string path) => path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
}

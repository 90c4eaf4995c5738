using System;
using System.IO;
using System.IO.Compression;

namespace Hanse.Cli.Traces;

/// <summary>Trace files: a header, then the canonical text of a run; compressed when the name ends in
/// <c>.gz</c>.</summary>
internal static class TraceFile
{
    private const int BufferBytes = 1 << 20;

    /// <summary>Begins a file and writes its header.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file must not be written.</exception>
    public static Stream Create(string path, TraceHeader header)
    {
        Stream file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, BufferBytes);
        Stream trace = IsCompressed(path)
            ? new BufferedStream(new GZipStream(file, CompressionLevel.Fastest), BufferBytes)
            : file;
        header.Write(trace);
        return trace;
    }

    /// <summary>Opens a file and reads its header.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="shown">What messages call it.</param>
    /// <param name="header">What to play.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file must not be read.</exception>
    /// <exception cref="TraceRefusedException">It is no trace, or none of ours.</exception>
    public static Stream Open(string path, string shown, out TraceHeader header)
    {
        Stream file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, BufferBytes);
        Stream trace = IsCompressed(path)
            ? new BufferedStream(new GZipStream(file, CompressionMode.Decompress), BufferBytes)
            : file;
        try
        {
            header = TraceHeader.Read(shown, trace);
            return trace;
        }
        catch (InvalidDataException damage)
        {
            trace.Dispose();
            throw new TraceRefusedException($"{shown}: not a whole .gz file: {damage.Message}", damage);
        }
        catch
        {
            trace.Dispose();
            throw;
        }
    }

    private static bool IsCompressed(string path) => path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
}

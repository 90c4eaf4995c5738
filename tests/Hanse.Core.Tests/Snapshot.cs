using System;
using Hanse.Core.Wire;
using Xunit;

namespace Hanse.Core.Tests;

/// <summary>The state of a machine as bytes, to compare two machines or to make one from another.</summary>
internal static class Snapshot
{
    /// <summary>A walk over a machine's state by the codec that writes.</summary>
    public delegate void Walk<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec;

    /// <summary>The bytes of a state.</summary>
    public static byte[] Of(Walk<CborWriter> shape)
    {
        var buffer = new ByteBuffer();
        var writer = new CborWriter(buffer);
        shape(ref writer);
        return buffer.Written.ToArray();
    }

    /// <summary>The bytes of a record.</summary>
    public static byte[] Of<T>(T record)
        where T : class, IShaped<T> => CborWriter.Bytes(record);

    /// <summary>Reads a state into a machine; every byte must be used.</summary>
    public static void Into(byte[] bytes, Walk<CborReader> shape)
    {
        var reader = new CborReader(bytes);
        shape(ref reader);
        Assert.True(reader.Error is null && reader.IsAtEnd, $"{reader.Error}");
    }

    /// <summary>The record of some bytes, which must be its own.</summary>
    public static T Read<T>(byte[] bytes)
        where T : class, IShaped<T>
    {
        Assert.True(CborReader.TryRead(bytes, out T? value, out DecodeError? error), $"{error}");
        return value!;
    }
}

using System;
using Hanse.Core.Machine;
using Hanse.Core.Wire;

namespace Hanse.Core.Tests.Wire;

/// <summary>A reader without bytes: every value it is asked for is drawn, within its bounds and near
/// them.</summary>
/// <remarks>
/// A record states its fields once, for every codec; so one more codec draws any record there is, and no
/// generator has to be written, or forgotten, for a new one. A draw that makes no sense
/// (<see cref="Refuse"/>) is thrown away and drawn again.
/// </remarks>
internal struct DrawingCodec : ICodec
{
    private readonly long? _first;
    private Prng _prng;

    /// <summary>Starts a draw.</summary>
    /// <param name="seed">What it is drawn from.</param>
    /// <param name="first">The first number, when it is not to be drawn: the tag of a sum type.</param>
    public DrawingCodec(ulong seed, long? first)
    {
        _prng = new Prng(seed);
        _first = first;
    }

    /// <summary>Bounds of the first number asked for.</summary>
    public (long Min, long Max)? FirstBounds { get; private set; }

    public readonly bool IsReading => true;

    public bool Failed { get; private set; }

    /// <summary>Draws a record that makes sense.</summary>
    public static T Draw<T>(ulong seed, long? first = null)
        where T : class, IShaped<T>
    {
        var seeds = new Prng(seed);
        for (int attempt = 0; attempt < 2_000; attempt++)
        {
            var codec = new DrawingCodec(seeds.NextBits(), first);
            T drawn = T.Shape(ref codec, null);
            if (!codec.Failed)
            {
                return drawn;
            }
        }

        throw new InvalidOperationException($"no draw of {typeof(T).Name} with tag {first} makes sense");
    }

    /// <summary>Bounds of the first number of a record's shape: of a sum type, its tags.</summary>
    public static (long Min, long Max)? FirstBoundsOf<T>()
        where T : class, IShaped<T>
    {
        var codec = new DrawingCodec(1, null);
        _ = T.Shape(ref codec, null);
        return codec.FirstBounds;
    }

    /// <summary>Whether a number of a sum type is kept free: it has no fields and is refused,
    /// always.</summary>
    public static bool IsNobodys<T>(long tag)
        where T : class, IShaped<T>
    {
        var codec = new DrawingCodec(1, tag);
        _ = T.Shape(ref codec, null);
        return codec.Failed && codec.IsEmpty;
    }

    /// <summary>Whether what was opened last is a record that stands for none.</summary>
    public bool IsEmpty { get; private set; }

    public void Open(string name, int fields) => IsEmpty = name == "none";

    public bool OpenGrown(string name, int fields, bool hasLast)
    {
        Open(name, fields);
        return _prng.Below(2) == 0;
    }

    public readonly void Close()
    {
    }

    public int OpenList(string name, int count, int countMax)
    {
        // Lists of fixed length exist, so the longest is drawn often; else short ones, which make sense more
        // often.
        long longest = Math.Min(countMax, 4);
        return (int)(_prng.Below(3) == 0 ? longest : _prng.Below(Math.Min(longest, 2) + 1));
    }

    public readonly void CloseList()
    {
    }

    public long Case(string name, long tag, long max) => Integer(name, tag, 1, max);

    public long Integer(string name, long value, long min, long max)
    {
        bool isFirst = FirstBounds is null;
        FirstBounds ??= (min, max);
        if (isFirst && _first is { } first)
        {
            return first;
        }

        // The borders of the field, and those of the five lengths of a CBOR head.
        ReadOnlySpan<long> borders =
            [min, max, 0, 23, 24, 255, 256, 65_535, 65_536, uint.MaxValue, uint.MaxValue + 1L, -1, -24, -25];
        return _prng.Below(3) == 0
            ? Math.Clamp(borders[(int)_prng.Below(borders.Length)], min, max)
            : Math.Clamp(_prng.Below(1L << (int)_prng.Below(62)), min, max);
    }

    public byte[] Bytes(string name, byte[] value, int lengthMax)
    {
        // Strings of 32 bytes are mostly digests and keys, which must have exactly that.
        bool isFull = _prng.Below(lengthMax == 32 ? 32 : 2) != 1;
        byte[] drawn = new byte[isFull ? lengthMax : _prng.Below(lengthMax + 1L)];
        for (int i = 0; i < drawn.Length; i++)
        {
            drawn[i] = unchecked((byte)_prng.NextBits());
        }

        return drawn;
    }

    public void Refuse(string reason) => Failed = true;
}

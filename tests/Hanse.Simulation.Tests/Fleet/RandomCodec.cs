using System;
using Hanse.Core.Machine;
using Hanse.Core.Wire;

namespace Hanse.Simulation.Tests.Fleet;

/// <summary>A reader that makes up what it reads: every field in its bounds, mostly near their
/// ends.</summary>
/// <remarks>Because a record states its fields and bounds once, this makes any record, hostile and
/// well-formed.
/// </remarks>
internal struct RandomCodec(ulong seed) : ICodec
{
    private Prng _prng = new(seed);

    public readonly bool IsReading => true;

    public bool Failed { get; private set; }

    public readonly void Open(string name, int fields)
    {
    }

    public bool OpenGrown(string name, int fields, bool hasLast) => _prng.Below(2) == 0;

    public readonly void Close()
    {
    }

    public int OpenList(string name, int count, int countMax) => (int)_prng.Below(Math.Min(countMax, 5) + 1);

    public readonly void CloseList()
    {
    }

    public long Case(string name, long tag, long max) => Integer(name, tag, 1, max);

    public long Integer(string name, long value, long min, long max) => _prng.Below(8) switch
    {
        0 => min,
        1 => max,
        2 => Math.Min(max, min + 1 + _prng.Below(3)),
        3 => max - Math.Min(max - min, _prng.Below(3)),
        4 => Math.Clamp(_prng.Below(1_000_000), min, max),
        5 => Math.Clamp(_prng.Below(2_000_000_000), min, max),
        _ => Math.Clamp(_prng.Below(64), min, max),
    };

    public byte[] Bytes(string name, byte[] value, int lengthMax) =>
        new byte[_prng.Below(2) == 0 ? lengthMax : 0];

    public void Refuse(string reason) => Failed = true;
}

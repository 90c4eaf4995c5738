using System;
using System.Collections.Generic;
using System.Numerics;

namespace Hanse.Core.Series;

/// <summary>What both ends expect of the next sample, learned from all they have shared so far.</summary>
/// <remarks>
/// The value of a sample is given as a rank in the table of levels. A sample is told as at most a few dozen
/// bits: does the level stay, which way does it go, how many ranks. Every bit is predicted from the level and
/// its age, the last levels, one period ago, and the commands of the plan, which both ends know. When each
/// bit is the likelier one the receiver would have been right without being told.
/// </remarks>
internal sealed class SeriesModel
{
    /// <summary>The least and the greatest period.</summary>
    public const int PeriodMin = 16;

    /// <summary>The greatest period; history is kept this long.</summary>
    public const int PeriodMax = 1024;

    // A move of more ranks than this is told as a binary number.
    private const int UnaryMax = 20;

    // A number of this many bits is farther than any table reaches.
    private const int FarBitsMax = 20;

    private const int Ring = 2 * PeriodMax;

    private readonly BitMixer _mixer = new();

    private readonly int[] _ranks = new int[Ring];

    private long _count;

    private int _rank;

    private int _previousRank;

    private int _age;

    private int _previousAge;

    private uint _command;

    private int _period = PeriodMin;

    // Where the level stood one period ago, against where it stands: 0 to 4, 2 being the same; 5 unknown.
    private int _echo;

    /// <summary>Forgets what it learned and learns what the other has.</summary>
    public void CopyFrom(SeriesModel other)
    {
        _mixer.CopyFrom(other._mixer);
        other._ranks.CopyTo(_ranks, 0);
        _count = other._count;
        _rank = other._rank;
        _previousRank = other._previousRank;
        _age = other._age;
        _previousAge = other._previousAge;
        _command = other._command;
        _period = other._period;
    }

    /// <summary>How many samples back the series may repeat itself.</summary>
    public int Period
    {
        get => _period;
        set => _period = Math.Clamp(value, PeriodMin, PeriodMax);
    }

    /// <summary>Keeps history true when levels are put in below others: ascending ranks they will
    /// have.</summary>
    public void Insert(IReadOnlyList<int> ranks)
    {
        foreach (int rank in ranks)
        {
            for (int i = 0; i < Ring; i++)
            {
                _ranks[i] += _ranks[i] >= rank && i < _count ? 1 : 0;
            }

            _rank += _rank >= rank && _count > 0 ? 1 : 0;
            _previousRank += _previousRank >= rank && _count > 0 ? 1 : 0;
        }
    }

    /// <summary>Sets out what is known before the next sample.</summary>
    /// <param name="command">The commands in force at it, as a number; zero when none is known.</param>
    public void Prepare(uint command)
    {
        int age = Math.Min(_age, 255);
        int shortAge = Math.Min(age, 40);
        int echo = Echo(0);
        _echo = _count > _period ? Math.Clamp(echo - _rank, -2, 2) + 2 : 5;
        unchecked
        {
            uint rank = (uint)_rank;
            uint held = (rank * 917) + ((uint)_previousRank * 131_071) + ((uint)shortAge * 0x1_0001);
            uint turned = command == _command ? 0u : 1;
            _mixer.Context(0, rank);
            _mixer.Context(1, (rank * 1000) + (uint)shortAge);
            _mixer.Context(2, held);
            _mixer.Context(3, Recent(3));
            _mixer.Context(4, Recent(6));
            _mixer.Context(5, Recent(12));
            _mixer.Context(6, ((uint)(echo - _rank) * 65_536) + ((uint)(echo - Echo(-1)) * 256)
                + ((uint)(Echo(1) - echo) * 16_777_259));
            _mixer.Context(7, ((uint)(_rank - _previousRank) * 64) + ((uint)Length(age) * 1024)
                + (uint)Length(Math.Min(_previousAge, 255)));
            _mixer.Context(8, (uint)(_rank - Back(4)) + ((uint)(_rank - Back(8)) * 4096)
                + ((uint)(_rank - Back(16)) * 0x100_0000));
            _mixer.Context(9, (command * 3) + (rank * 0x1_0001) + turned);
            _mixer.Context(10, (((_command * 13) + command) * 7) + (uint)Math.Min(age, 3));
        }

        _command = command;
    }

    /// <summary>What telling this rank would cost now, and whether it would be a surprise.</summary>
    public (int Cost, bool IsEntry) Price(int rank)
    {
        var price = new PriceCoder();
        bool isEntry = false;
        _ = Walk(ref price, rank, learns: false, ref isEntry);
        return (price.Sum, isEntry);
    }

    /// <summary>Tells the rank of one sample, or is told it; both ends have learned it afterwards.</summary>
    /// <returns>The rank, below zero or beyond the table if the bytes are nonsense; and whether it was a
    /// surprise.</returns>
    public (int Rank, bool IsEntry) Code<TCoder>(ref TCoder coder, int rank)
        where TCoder : struct, IBitCoder, allows ref struct
    {
        bool isEntry = false;
        int told = Walk(ref coder, rank, learns: true, ref isEntry);
        if (told == _rank)
        {
            _age++;
        }
        else
        {
            _previousRank = _rank;
            _previousAge = _age;
            _age = 1;
            _rank = told;
        }

        _ranks[_count % Ring] = told;
        _count++;
        return (told, isEntry);
    }

    private int Walk<TCoder>(ref TCoder coder, int rank, bool learns, ref bool isEntry)
        where TCoder : struct, IBitCoder, allows ref struct
    {
        int stay = (6 * Math.Min(Length(Math.Min(_age, 255)), 7)) + _echo;
        if (!Bit(ref coder, rank != _rank, 0, 0, stay, learns, ref isEntry))
        {
            return _rank;
        }

        bool isDown = Bit(ref coder, rank < _rank, 1, 1, 48 + _echo, learns, ref isEntry);
        uint side = isDown ? 1u : 0;
        int steps = Math.Abs(rank - _rank) - 1;
        int told = 0;
        while (told < UnaryMax
            && Bit(ref coder, steps > told, 2 + (2 * (uint)told) + side, 2, 64 + told, learns, ref isEntry))
        {
            told++;
        }

        if (told == UnaryMax)
        {
            told += Far(ref coder, steps - UnaryMax, learns, ref isEntry);
        }

        return isDown ? _rank - 1 - told : _rank + 1 + told;
    }

    // Elias' gamma code (1975): how many bits the number has, in unary, then the bits below the first.
    private int Far<TCoder>(ref TCoder coder, int number, bool learns, ref bool isEntry)
        where TCoder : struct, IBitCoder, allows ref struct
    {
        int length = Length(number + 1);
        int bits = 1;
        while (bits < FarBitsMax
            && Bit(ref coder, bits < length, 100 + (uint)bits, 2, 60, learns, ref isEntry))
        {
            bits++;
        }

        int told = 1;
        for (int i = bits - 2; i >= 0; i--)
        {
            bool bit = ((number + 1) >> i & 1) != 0;
            told = (told << 1) | (Bit(ref coder, bit, 150 + (uint)i, 2, 61, learns, ref isEntry) ? 1 : 0);
        }

        return told - 1;
    }

    private bool Bit<TCoder>(ref TCoder coder, bool bit, uint node, int kind, int weights, bool learns,
        ref bool isEntry)
        where TCoder : struct, IBitCoder, allows ref struct
    {
        int chance = _mixer.Predict(node, kind, weights);
        bool told = coder.Code(bit, chance);
        isEntry |= told != chance >= 32_768;
        if (learns)
        {
            _mixer.Learn(told);
        }

        return told;
    }

    // The rank some samples back; zero before the first.
    private int Back(int samples) => samples > _count ? 0 : _ranks[(_count - samples) % Ring];

    // The rank one period ago and a little after.
    private int Echo(int after) => _period - after > _count ? -999 : Back(_period - after);

    private uint Recent(int samples)
    {
        uint hash = 0;
        for (int i = 1; i <= samples; i++)
        {
            unchecked
            {
                hash = (hash * 0x2F0B_4C47) + (uint)Back(i) + 77;
            }
        }

        return hash;
    }

    private static int Length(int number) => number <= 0 ? 0 : BitOperations.Log2((uint)number) + 1;

    private struct PriceCoder : IBitCoder
    {
        public int Sum { get; private set; }

        public bool Code(bool bit, int chance)
        {
            Sum += Logistic.Cost(bit ? chance : 65_536 - chance);
            return bit;
        }
    }
}

using System;

namespace Hanse.Core.Series;

/// <summary>The cheapest way through a table of levels that stays within the band of every sample.</summary>
/// <remarks>
/// Viterbi's algorithm (1967) over the few levels each sample allows. What a step costs is estimated from
/// how often steps were taken on the way before, and the way is sought again: a few rounds settle it (Viterbi
/// training, Juang and Rabiner 1990). The estimate knows only the level before; the model that tells the
/// samples knows more, so it takes from here only what the rest of the way will cost
/// (<see cref="CostAfter"/>) and judges the next step itself.
/// </remarks>
internal sealed class LevelPath
{
    // More levels than these within one band do not make the way cheaper.
    private const int WidthMax = 16;

    // Above this, pairs of levels are too rare to be counted.
    private const int PairedLevelsMax = 512;

    private const int Rounds = 6;

    private readonly int _count;

    private readonly LevelTable _levels;

    private readonly int[] _first;

    private readonly int[] _last;

    private readonly int _width;

    private readonly long[] _after;

    private readonly byte[] _next;

    // Costs of moves between levels of one round; -1 until asked for. Empty when the table is large.
    private readonly int[] _moveCosts;

    private readonly int _pairedLevels;

    private LevelPath(ReadOnlySpan<long> samples, LevelTable levels)
    {
        _count = samples.Length;
        _levels = levels;
        _first = new int[_count];
        _last = new int[_count];
        for (int i = 0; i < _count; i++)
        {
            (_first[i], int last) = levels.Within(samples[i]);
            _last[i] = Math.Min(last, _first[i] + WidthMax - 1);
            _width = Math.Max(_width, _last[i] - _first[i] + 1);
        }

        _pairedLevels = levels.Count <= PairedLevelsMax ? levels.Count : 0;
        _moveCosts = new int[_pairedLevels * _pairedLevels];
        _after = new long[_count * _width];
        _next = new byte[_count * _width];
        Ranks = new int[_count];
    }

    /// <summary>What one surprise is worth, in bits: two make a way of fewer entries win over one of fewer
    /// bytes.</summary>
    public const int EntryPrice = 2 * Logistic.Bit;

    /// <summary>The way: a rank for every sample.</summary>
    public int[] Ranks { get; }

    /// <summary>Finds the way.</summary>
    /// <param name="samples">At least one.</param>
    /// <param name="levels">Levels that cover every sample.</param>
    public static LevelPath Find(ReadOnlySpan<long> samples, LevelTable levels)
    {
        var path = new LevelPath(samples, levels);
        StepCosts costs = path.Presumed();
        for (int round = 0; round < Rounds; round++)
        {
            path.Walk(costs);
            costs = new StepCosts(path.Ranks, levels.Count, path._pairedLevels);
        }

        return path;
    }

    /// <summary>The first rank that a sample allows.</summary>
    public int First(int index) => _first[index];

    /// <summary>The last rank that a sample allows.</summary>
    public int Last(int index) => _last[index];

    /// <summary>What the rest of the way costs from a rank that the sample allows.</summary>
    public long CostAfter(int index, int rank) => _after[(index * _width) + rank - _first[index]];

    /// <summary>What the way would cost a receiver who learns its steps as they come.</summary>
    public long LearnedCost() => StepCosts.Learned(Ranks, _levels.Count, _pairedLevels);

    // Before anything is known, levels that many samples could take are cheap.
    private StepCosts Presumed()
    {
        int[] covers = new int[_levels.Count];
        for (int i = 0; i < _count; i++)
        {
            for (int rank = _first[i]; rank <= _last[i]; rank++)
            {
                covers[rank]++;
            }
        }

        return new StepCosts(covers);
    }

    private void Walk(StepCosts costs)
    {
        Array.Fill(_moveCosts, -1);
        Array.Clear(_after, (_count - 1) * _width, _width);
        for (int i = _count - 2; i >= 0; i--)
        {
            for (int from = _first[i]; from <= _last[i]; from++)
            {
                int best = Best(costs, i + 1, from);
                int at = (i * _width) + from - _first[i];
                _after[at] = CostAfter(i + 1, best) + Step(costs, from, best);
                _next[at] = (byte)(best - _first[i + 1]);
            }
        }

        int rank = Cheapest();
        for (int i = 0; i < _count; i++)
        {
            Ranks[i] = rank;
            rank = i + 1 < _count ? _first[i + 1] + _next[(i * _width) + rank - _first[i]] : rank;
        }
    }

    private int Best(StepCosts costs, int index, int from)
    {
        int best = _first[index];
        long bestCost = long.MaxValue;
        for (int rank = _first[index]; rank <= _last[index]; rank++)
        {
            long cost = CostAfter(index, rank) + Step(costs, from, rank);
            if (cost < bestCost)
            {
                (best, bestCost) = (rank, cost);
            }
        }

        return best;
    }

    private int Cheapest()
    {
        int best = _first[0];
        for (int rank = _first[0]; rank <= _last[0]; rank++)
        {
            best = CostAfter(0, rank) < CostAfter(0, best) ? rank : best;
        }

        return best;
    }

    private int Step(StepCosts costs, int from, int to)
    {
        if (from == to)
        {
            return costs.Stay(from);
        }

        if (_pairedLevels == 0)
        {
            return costs.Move(from, to) + EntryPrice;
        }

        ref int cost = ref _moveCosts[(from * _pairedLevels) + to];
        if (cost < 0)
        {
            cost = costs.Move(from, to) + EntryPrice;
        }

        return cost;
    }
}

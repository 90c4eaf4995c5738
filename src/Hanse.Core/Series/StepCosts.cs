
namespace Hanse.Core.Series;

/// <summary>What steps between levels cost when each is as likely as it was frequent.</summary>
/// <remarks>Rare steps lean on how often their target and their distance occur at all, by the rule of
/// adding a few presumed cases.</remarks>
internal sealed class StepCosts
{
    private readonly int _levels;

    private readonly int _pairedLevels;

    private readonly long[] _visits;

    private readonly long[] _departures;

    private readonly long[] _arrivals;

    private readonly long[] _distances;

    private readonly int[] _pairs;

    private readonly bool _isPresumed;

    private long _steps;

    private long _moves;

    /// <summary>Costs when only the number of samples that each level could serve is known.</summary>
    public StepCosts(int[] covers)
        : this(covers.Length, 0)
    {
        _isPresumed = true;
        for (int rank = 0; rank < covers.Length; rank++)
        {
            _arrivals[rank] = covers[rank];
            _moves += covers[rank];
        }
    }

    /// <summary>Costs by the steps of a way.</summary>
    public StepCosts(int[] ranks, int levels, int pairedLevels)
        : this(levels, pairedLevels)
    {
        for (int i = 1; i < ranks.Length; i++)
        {
            Count(ranks[i - 1], ranks[i]);
        }
    }

    private StepCosts(int levels, int pairedLevels)
    {
        _levels = levels;
        _pairedLevels = pairedLevels;
        _visits = new long[levels];
        _departures = new long[levels];
        _arrivals = new long[levels];
        _distances = new long[2 * levels];
        _pairs = new int[pairedLevels * pairedLevels];
    }

    /// <summary>What a way costs a receiver who counts its steps as they come (prequential coding, Dawid
    /// 1984), so that a table of many levels pays for having to be learned.</summary>
    public static long Learned(int[] ranks, int levels, int pairedLevels)
    {
        var costs = new StepCosts(levels, pairedLevels);
        long sum = 0;
        for (int i = 1; i < ranks.Length; i++)
        {
            int from = ranks[i - 1];
            int to = ranks[i];
            (long part, long whole) = costs.Leaving(from, 2);
            sum += from == to
                ? Logistic.Cost(whole - part, whole)
                : Logistic.Cost(part, whole) + costs.LearnedMove(from, to) + LevelPath.EntryPrice;
            costs.Count(from, to);
        }

        return sum;
    }

    /// <summary>Cost of staying.</summary>
    public int Stay(int rank)
    {
        if (_isPresumed)
        {
            return Logistic.Bit / 10;
        }

        (long part, long whole) = Leaving(rank, 4);
        return Logistic.Cost(whole - part, whole);
    }

    /// <summary>Cost of moving.</summary>
    public int Move(int from, int to)
    {
        if (_isPresumed)
        {
            // Three bits for moving at all; and one and a half times its bits, so that few levels are used.
            return (3 * Logistic.Bit) + (Logistic.Cost(_arrivals[to], _moves) * 3 / 2);
        }

        (long part, long whole) = Leaving(from, 4);
        long common = 10 * (_moves + 2);
        long presumed = (20 * (_arrivals[to] + _distances[to - from + _levels])) + 2;
        return Logistic.Cost(part, whole)
            + Logistic.Cost((Pair(from, to) * common) + presumed, (_departures[from] + 4) * common);
    }

    private int LearnedMove(int from, int to)
    {
        long common = (2 * _moves) + _levels;
        long presumed = _arrivals[to] + _distances[to - from + _levels] + 1;
        return Logistic.Cost((Pair(from, to) * common) + (2 * presumed), (_departures[from] + 2) * common);
    }

    // How likely a level is left: its own cases, and a few presumed ones that behave like all levels.
    private (long Part, long Whole) Leaving(int rank, long presumed)
    {
        long all = _steps + 2;
        return ((_departures[rank] * all) + (presumed * (_moves + 1)), (_visits[rank] + presumed) * all);
    }

    private long Pair(int from, int to) => _pairedLevels == 0 ? 0 : _pairs[(from * _pairedLevels) + to];

    private void Count(int from, int to)
    {
        _steps++;
        _visits[from]++;
        if (from == to)
        {
            return;
        }

        _moves++;
        _departures[from]++;
        _arrivals[to]++;
        _distances[to - from + _levels]++;
        if (_pairedLevels > 0)
        {
            _pairs[(from * _pairedLevels) + to]++;
        }
    }
}

using System;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Market;

/// <summary>How scarce nodes are in a region: what work is paid over what it costs, as far as its nodes
/// say.</summary>
/// <remarks>
/// A price a request is what the next node would have come for; so the more work there is for the nodes
/// there are, the higher it stands over what the winners asked. It is the region's crowding in one number,
/// and needs no message of its own. What was awarded counts half as much with every batch after it.
/// Invariant: neither sum is negative; an empty market fades to zero, which says that nothing is known.
/// </remarks>
internal sealed class ScarcityGauge
{
    private long _paid;
    private long _asked;

    /// <summary>Paid over asked of the last awards; zero while there were none. At least one
    /// otherwise.</summary>
    public PartsPerMillion PaidOverAsked => _asked == 0 ? default
        : new((int)Int128.Min(int.MaxValue, (Int128)_paid * 1_000_000 / _asked));

    /// <summary>A batch was opened.</summary>
    public void Fade()
    {
        _paid /= 2;
        _asked /= 2;
    }

    /// <summary>Work was awarded.</summary>
    /// <param name="winner">To whom.</param>
    /// <param name="lot">What its price refers to.</param>
    /// <param name="worth">What the hours of it are posted to be worth: that is in what is asked, and is no
    /// cost but itself a measure of scarcity.</param>
    public void Hear(Winner winner, Grams lot, Credits worth)
    {
        if (winner.Asked > Credits.Zero)
        {
            Credits asked = winner.Asked.ForPart(winner.Quantity, lot) - worth;
            _paid = Sum(_paid, winner.PricePerLot.ForPart(winner.Quantity, lot));
            _asked = Sum(_asked, Credits.Max(asked, Credits.Zero));
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("scarcity", 2);
        _paid = codec.Integer("paid", _paid, 0, long.MaxValue);
        _asked = codec.Integer("asked", _asked, 0, long.MaxValue);
        codec.Close();
    }

    private static long Sum(long sum, Credits amount) =>
        (long)Int128.Min(long.MaxValue / 2, (Int128)sum + amount.Micro);
}

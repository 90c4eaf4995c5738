using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Decisions;

/// <summary>May the machine leave?</summary>
/// <param name="Aboard">Propellant aboard, as it believes.</param>
/// <param name="Doubt">One sigma of that, in grams.</param>
/// <param name="Needed">Propellant for the whole way, there and back.</param>
/// <param name="Reserve">Propellant that stays aboard for the unexpected.</param>
public sealed record DepartureQuestion(Grams Aboard, Grams Doubt, Grams Needed, Grams Reserve)
    : IShaped<DepartureQuestion>
{
    /// <summary>It leaves if two sigma less than it believes are still enough for the way and the
    /// reserve.</summary>
    public DepartureAnswer Answer()
    {
        Grams sure = Grams.Max(Grams.Zero, Aboard - Doubt - Doubt);
        Grams wanted = Needed + Reserve;
        return new DepartureAnswer(sure >= wanted, Grams.Max(Grams.Zero, wanted - sure));
    }

    /// <inheritdoc/>
    public static DepartureQuestion Shape<TCodec>(ref TCodec codec, DepartureQuestion? value)
        where TCodec : struct, ICodec
    {
        codec.Open("departureQuestion", 4);
        Grams aboard = codec.Mass("aboard", value?.Aboard ?? default);
        Grams doubt = codec.Mass("doubt", value?.Doubt ?? default);
        Grams needed = codec.Mass("needed", value?.Needed ?? default);
        Grams reserve = codec.Mass("reserve", value?.Reserve ?? default);
        codec.Close();
        return value ?? new DepartureQuestion(aboard, doubt, needed, reserve);
    }
}

/// <summary>Whether the machine leaves.</summary>
/// <param name="Leaves">Or it stays.</param>
/// <param name="Short">Propellant wanting; zero when it leaves.</param>
public sealed record DepartureAnswer(bool Leaves, Grams Short) : IShaped<DepartureAnswer>
{
    // The sum of two largest masses.
    private const long ShortMax = 2 * Grams.ValueMax;

    /// <inheritdoc/>
    public static DepartureAnswer Shape<TCodec>(ref TCodec codec, DepartureAnswer? value)
        where TCodec : struct, ICodec
    {
        codec.Open("departureAnswer", 2);
        bool leaves = codec.Flag("leaves", value?.Leaves ?? false);
        var wanting = new Grams(codec.Integer("short", value?.Short.Value ?? 0, 0, ShortMax));
        codec.Close();
        return value ?? new DepartureAnswer(leaves, wanting);
    }
}

using System;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Decisions;

/// <summary>How much is to be extracted, by the machine's own sensor?</summary>
/// <param name="Wanted">What the depot's scale shall find.</param>
/// <param name="Room">Room aboard, in true grams.</param>
/// <param name="BiasPpm">What the sensor reads too much, as scales have taught; negative when too
/// little.</param>
/// <param name="MarginPpm">How much is loaded over, against crumbs that nobody fetches.</param>
public sealed record ExtractionQuestion(Grams Wanted, Grams Room, int BiasPpm, int MarginPpm)
    : IShaped<ExtractionQuestion>
{
    /// <summary>Largest share of a bias or a margin.</summary>
    public const int ShareMax = 500_000;

    /// <summary>What is wanted and the margin, at most the room, as the sensor will read it.</summary>
    public ExtractionAnswer Answer()
    {
        Int128 loaded = Int128.Min((Int128)Wanted.Value * (1_000_000 + MarginPpm) / 1_000_000, Room.Value);
        return new ExtractionAnswer(new Grams((long)(loaded * (1_000_000 + BiasPpm) / 1_000_000)));
    }

    /// <inheritdoc/>
    public static ExtractionQuestion Shape<TCodec>(ref TCodec codec, ExtractionQuestion? value)
        where TCodec : struct, ICodec
    {
        codec.Open("extractionQuestion", 4);
        Grams wanted = codec.Mass("wanted", value?.Wanted ?? default);
        Grams room = codec.Mass("room", value?.Room ?? default);
        int bias = (int)codec.Integer("biasPpm", value?.BiasPpm ?? 0, -ShareMax, ShareMax);
        int margin = (int)codec.Integer("marginPpm", value?.MarginPpm ?? 0, 0, ShareMax);
        codec.Close();
        return value ?? new ExtractionQuestion(wanted, room, bias, margin);
    }
}

/// <summary>What the machine's sensor is to read when it stops.</summary>
public sealed record ExtractionAnswer(Grams Target) : IShaped<ExtractionAnswer>
{
    /// <inheritdoc/>
    public static ExtractionAnswer Shape<TCodec>(ref TCodec codec, ExtractionAnswer? value)
        where TCodec : struct, ICodec
    {
        codec.Open("extractionAnswer", 1);
        var target = new Grams(codec.Integer("target", value?.Target.Value ?? 0, 0, 2 * Grams.ValueMax));
        codec.Close();
        return value ?? new ExtractionAnswer(target);
    }
}

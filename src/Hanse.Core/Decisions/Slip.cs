using System;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Decisions;

/// <summary>The plan slips: go on, hold, or come home?</summary>
/// <param name="Ends">When the work will be done as it goes now.</param>
/// <param name="Deadline">When it had to be done.</param>
/// <param name="NextDeparture">The next window for the way home.</param>
/// <param name="Aboard">Propellant aboard, as the machine believes.</param>
/// <param name="ForReturn">Propellant for the way home.</param>
/// <param name="HoldPerHour">Propellant that an hour of holding takes.</param>
/// <param name="Now">When it is asked.</param>
/// <param name="Reserve">Propellant that stays aboard for the unexpected.</param>
public sealed record SlipQuestion(
    Instant Now, Instant Ends, Instant Deadline, Instant NextDeparture, Grams Aboard, Grams ForReturn,
    Grams HoldPerHour, Grams Reserve) : IShaped<SlipQuestion>
{
    private const long MicrosPerHour = 3_600_000_000;

    /// <summary>In time: go on. Late, but able to wait for the next window and still come home: hold. Else
    /// return while it can.</summary>
    public SlipAnswer Answer()
    {
        if (Ends <= Deadline)
        {
            return new SlipAnswer(SlipAction.GoOn);
        }

        Int128 hours = Math.Max(0, NextDeparture.Micros - Now.Micros);
        Int128 held = hours * HoldPerHour.Value / MicrosPerHour;
        return new SlipAnswer(held + ForReturn.Value + Reserve.Value <= Aboard.Value
            ? SlipAction.Hold : SlipAction.Return);
    }

    /// <inheritdoc/>
    public static SlipQuestion Shape<TCodec>(ref TCodec codec, SlipQuestion? value)
        where TCodec : struct, ICodec
    {
        codec.Open("slipQuestion", 8);
        Instant now = codec.Second("now", value?.Now ?? default);
        Instant ends = codec.Second("ends", value?.Ends ?? default);
        Instant deadline = codec.Second("deadline", value?.Deadline ?? default);
        Instant departure = codec.Second("nextDeparture", value?.NextDeparture ?? default);
        Grams aboard = codec.Mass("aboard", value?.Aboard ?? default);
        Grams home = codec.Mass("forReturn", value?.ForReturn ?? default);
        Grams hold = codec.Mass("holdPerHour", value?.HoldPerHour ?? default);
        Grams reserve = codec.Mass("reserve", value?.Reserve ?? default);
        codec.Close();
        return value ?? new SlipQuestion(now, ends, deadline, departure, aboard, home, hold, reserve);
    }
}

/// <summary>What to do when a plan slips. The numbers are in journals for ever.</summary>
public enum SlipAction
{
    /// <summary>Nothing else than planned.</summary>
    GoOn = 1,

    /// <summary>Wait for the next window.</summary>
    Hold = 2,

    /// <summary>Leave the work and come home.</summary>
    Return = 3,
}

/// <summary>What the machine does.</summary>
public sealed record SlipAnswer(SlipAction Action) : IShaped<SlipAnswer>
{
    /// <inheritdoc/>
    public static SlipAnswer Shape<TCodec>(ref TCodec codec, SlipAnswer? value)
        where TCodec : struct, ICodec
    {
        codec.Open("slipAnswer", 1);
        var action = (SlipAction)codec.Integer("action", (long)(value?.Action ?? 0), 1, 3);
        codec.Close();
        return value ?? new SlipAnswer(action);
    }
}

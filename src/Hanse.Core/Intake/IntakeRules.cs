using System;
using Hanse.Core.Machine;
using Hanse.Core.Units;

namespace Hanse.Core.Intake;

/// <summary>What a hub spends on validating journals, and how it chooses among them.</summary>
public sealed record IntakeRules
{
    /// <summary>Most returns any rule may allow a hub to know.</summary>
    public const int QueueMaxMax = 500_000;

    /// <summary>Share of one core that validation may use, a thousandth to a hundred wholes.</summary>
    public required PartsPerMillion ValidationShare
    {
        get;
        init => field = Checked(value, value.Value is >= 1_000 and <= 100_000_000);
    }

    /// <summary>How far validation may run ahead of its share after a quiet time; up to a day.</summary>
    public required TimeSpan BurstMax
    {
        get;
        init => field = Checked(value, value >= TimeSpan.Zero && value <= TimeSpan.FromDays(1));
    }

    /// <summary>Returns a hub knows at most, waiting and admitted. The next newcomer is refused, and comes
    /// again in its next window.</summary>
    public required int QueueMax
    {
        get;
        init => field = Checked(value, value is >= 1 and <= QueueMaxMax);
    }

    /// <summary>Uploads a hub takes at once; with <see cref="UploadBytesMax"/> this bounds its
    /// memory.</summary>
    public required int AdmittedMax
    {
        get;
        init => field = Checked(value, value is >= 1 and <= QueueMaxMax);
    }

    /// <summary>Bytes a node may send in one window, 1 to 2^30. What is left of its journal is a return of
    /// its own.</summary>
    public required long UploadBytesMax
    {
        get;
        init => field = Checked(value, value is >= 1 and <= 1L << 30);
    }

    /// <summary>Value at risk counts up to this, so that no number buys precedence for ever.</summary>
    public required Credits ValueAtRiskMax
    {
        get;
        init => field = Checked(value, value.Micro is >= 0 and <= Credits.MicroMax);
    }

    /// <summary>What a day of staleness is worth beside value at risk; positive.</summary>
    /// <remarks>Small: value decides; large: staleness decides. It is also what keeps everything moving: a
    /// return is overtaken only by gaps that began less than ValueAtRiskMax / (2 AgeingPerDay) days after its
    /// own.</remarks>
    public required Credits AgeingPerDay
    {
        get;
        init => field = Checked(value, value.Micro is >= 1 and <= Credits.MicroMax);
    }

    /// <summary>How long past its time a return is remembered that is not heard of; an hour to ten
    /// years.</summary>
    public required TimeSpan SilenceMax
    {
        get;
        init => field = Checked(value, value >= TimeSpan.FromHours(1) && value <= TimeSpan.FromDays(3_650));
    }

    private static T Checked<T>(T value, bool isWithinBounds)
    {
        Invariant.Holds(isWithinBounds);
        return value;
    }
}

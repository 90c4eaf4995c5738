namespace Hanse.Simulation.Returns;

/// <summary>How a node behaves and how well it sees: honest by default, and every way in which a life can be
/// bad before anything is signed.</summary>
internal sealed record NodeConduct
{
    /// <summary>How it measures what it digs.</summary>
    public required SensorModel Cargo { get; init; }

    /// <summary>How it measures what it burns and takes aboard.</summary>
    public required SensorModel Propellant { get; init; }

    /// <summary>How it measures its wear.</summary>
    public required SensorModel Wear { get; init; }

    /// <summary>How it measures energy.</summary>
    public required SensorModel Energy { get; init; }

    /// <summary>How it measures its place along a leg.</summary>
    public required SensorModel Position { get; init; }

    /// <summary>Reboots in a day, on average.</summary>
    public double RebootsPerDay { get; init; } = 0.1;

    /// <summary>Declared clock steps in a day, on average.</summary>
    public double ClockStepsPerDay { get; init; } = 0.05;

    /// <summary>Hours in a day in which it is off and says so, on average.</summary>
    public double GapsPerDay { get; init; } = 0.05;

    /// <summary>Plausible lie: share of cargo claimed beyond what is aboard, from
    /// <see cref="LieFromTrip"/> on.</summary>
    public double Overclaim { get; init; }

    /// <summary>Slowly growing lie: what <see cref="Overclaim"/> grows by every trip.</summary>
    public double OverclaimGrowth { get; init; }

    /// <summary>The first trip it lies about.</summary>
    public int LieFromTrip { get; init; }

    /// <summary>Share of its wear it leaves out.</summary>
    public double HiddenWear { get; init; }

    /// <summary>Claimed extraction as a multiple of what its class can dig; zero when honest.</summary>
    public double ClaimedRate { get; init; }

    /// <summary>Grams it unloads beyond its books, at <see cref="LieFromTrip"/>; zero when honest.</summary>
    public long ImpossibleGrams { get; init; }

    /// <summary>Whether it claims a docking that it has claimed before, at
    /// <see cref="LieFromTrip"/>.</summary>
    public bool RepeatsDocking { get; init; }

    /// <summary>Share of decisions whose recorded output is not what the function says.</summary>
    public double WrongDecisions { get; init; }

    /// <summary>Share of life after which it runs a skill that nobody approved; 1 when never.</summary>
    public double UnapprovedFrom { get; init; } = 1;

    /// <summary>Whether it says so; otherwise it names an approved skill's place and cannot.</summary>
    public bool UnapprovedCore { get; init; }

    /// <summary>Seconds its clock jumps back without saying so, in the middle; zero when honest.</summary>
    public int HiddenClockStep { get; init; }
}

using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Hanse.Core.Messages;
using Hanse.Core.Strategy;

namespace Hanse.Simulation.Runs;

/// <summary>What became of a release, in truth.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Fleet">Machines alive at the end.</param>
/// <param name="Exposed">Machines on which it ever decided.</param>
/// <param name="Active">Machines on which it decides at the end.</param>
/// <param name="RolledBack">Machines that let it go after it had decided.</param>
/// <param name="Refused">Machines on which it never decided and never will.</param>
/// <param name="Lapsed">Of those that let it go, by the end of its authority.</param>
/// <param name="HoursRunMax">Longest it decided on a machine that let it go for a fault of its own, hours of
/// that machine's clock.</param>
/// <param name="HoursBackMax">Longest from its first fault on such a machine until what was before decided
/// again; 0 when it was let go in the same step.</param>
/// <param name="WrongDecisions">Decisions that were taken by it, and other than the core would have
/// taken.</param>
/// <param name="DaysTo99">Days from the order until it decided on 99 % of the machines alive, those left out
/// that were commissioned less than a contact period and a week before; null when it never did.</param>
/// <param name="NotTaken">Why the order was not taken; null when it was.</param>
/// <param name="Classes">Class by class; none when the order was not taken.</param>
public sealed record RolloutFigures(
    string Name, int Fleet, int Exposed, int Active, int RolledBack, int Refused, int Lapsed,
    double HoursRunMax, double HoursBackMax, long WrongDecisions, double? DaysTo99,
    [property: JsonConverter(typeof(JsonStringEnumConverter<RolloutRefusal>))] RolloutRefusal? NotTaken,
    ImmutableArray<ClassFigures> Classes)
{
    /// <summary>Of those on which it ever decided, machines of the kinds on which it errs.</summary>
    public int ExposedToFault { get; init; }

    /// <summary>Share of the fleet on which it ever decided.</summary>
    public double ExposedShare => Fleet == 0 ? 0 : (double)Exposed / Fleet;
}

/// <summary>What became of a release on machines of a class, or of another group.</summary>
/// <param name="Class">The class, or the number of the group.</param>
/// <param name="Members">Machines.</param>
/// <param name="Exposed">On which it ever decided.</param>
/// <param name="Active">On which it decides at the end.</param>
/// <param name="State">How the strategic layer left it.</param>
/// <param name="Stage">How far: 1 is the canary.</param>
/// <param name="Since">When it came there, days of mission time.</param>
public sealed record ClassFigures(
    int Class, int Members, int Exposed, int Active,
    [property: JsonConverter(typeof(JsonStringEnumConverter<ClassState>))] ClassState State, int Stage,
    double Since)
{
    /// <summary>Its capability class; 0 when it is machines of any.</summary>
    public int Capability { get; init; }

    /// <summary>Its hardware generation; 0 when it is machines of any.</summary>
    public int Generation { get; init; }
}

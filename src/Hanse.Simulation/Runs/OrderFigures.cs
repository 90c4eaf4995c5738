using Hanse.Core.Messages;

namespace Hanse.Simulation.Runs;

/// <summary>What became of an order.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Parts">Its parts.</param>
/// <param name="Filled">Those that are filled.</param>
/// <param name="Worth">What the whole is worth, credits.</param>
/// <param name="Paid">What was paid for parts that are over.</param>
/// <param name="ClosedDay">When it was over, as the strategic layer heard; null while it is not.</param>
/// <param name="Outcome">How; null while it is not over.</param>
public sealed record OrderFigures(
    string Name, int Parts, int Filled, double Worth, double Paid, double? ClosedDay, BountyOutcome? Outcome);

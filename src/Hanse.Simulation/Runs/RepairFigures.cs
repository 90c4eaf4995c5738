namespace Hanse.Simulation.Runs;

/// <summary>Machines that broke down and lived.</summary>
/// <param name="Breakdowns">How often one did.</param>
/// <param name="Mended">How often one was mended.</param>
/// <param name="DaysLost">Days that machines were broken, until they were mended or died, or the end.</param>
/// <param name="Asked">Calls for help that hubs took up.</param>
/// <param name="Held">Repairs that only the repairer told of at first: its pay was held.</param>
/// <param name="BorneOut">Of those, paid: the patient said so later, or was seen to move.</param>
/// <param name="Refuted">Of those, not paid.</param>
/// <param name="Paid">What repairs were paid, credits.</param>
public sealed record RepairFigures(
    int Breakdowns, int Mended, double DaysLost, int Asked, int Held, int BorneOut, int Refuted, double Paid);

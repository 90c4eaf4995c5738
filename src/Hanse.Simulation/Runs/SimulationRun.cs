using Hanse.Simulation.Fleet;

namespace Hanse.Simulation.Runs;

/// <summary>Plays a scenario.</summary>
public static class SimulationRun
{
    /// <summary>Plays it to the end, on this thread and one more that hashes the trace.</summary>
    /// <exception cref="Core.Machine.BrokenInvariantException">Something that must hold did not: a bug, which
    /// the same scenario and seed will show again.</exception>
    public static RunReport Play(RunOptions options)
    {
        using var simulation = new FleetSimulation(options);
        return simulation.Play();
    }
}

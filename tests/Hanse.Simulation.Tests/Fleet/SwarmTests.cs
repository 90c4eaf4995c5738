using System;
using Hanse.Simulation.Runs;
using Xunit;

namespace Hanse.Simulation.Tests.Fleet;

/// <summary>A swarm of seeds, all checks on.</summary>
/// <remarks>Seeds 1 to 8 are played by <see cref="Facts.LedgerAuditTests"/>: the same runs with the same
/// checks, and an audit of what they wrote.</remarks>
public class SwarmTests
{
    [Theory]
    [InlineData(9, 24)]
    [InlineData(101, 124)]
    public void A_swarm_of_seeds_holds(ulong first, ulong last)
    {
        for (ulong seed = first; seed <= last; seed++)
        {
            try
            {
                _ = Swarm.Play(seed, null);
            }
            catch (Exception broken)
            {
                throw new InvalidOperationException($"replay with: ./hanse sim swarm --seed {seed}", broken);
            }
        }
    }
}

using System.Security.Cryptography;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Cli.Scenarios;
using Hanse.IO.Stores;
using Hanse.Simulation.Scenarios;

namespace Hanse.Cli.Serving;

/// <summary>The name of a mission: the hash of its scenario as it was written when the mission
/// began.</summary>
/// <remarks>A later release may write the same scenario with more words. So the first text is kept, its hash
/// stays the name, and what is compared is what both texts mean.</remarks>
internal static class MissionName
{
    /// <summary>The name of a mission that begins now.</summary>
    public static byte[] Of(Scenario scenario) => Hash(ScenarioText.Write(scenario));

    /// <summary>The name of the mission that a store belongs to; it is of this one from now on if it was of
    /// none.</summary>
    /// <param name="store">The store.</param>
    /// <param name="place">What people call it.</param>
    /// <param name="scenario">The mission.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="StoreException">It belongs to another, or cannot be used.</exception>
    public static async Task<byte[]> HoldAsync(
        IStreamStore store, string place, Scenario scenario, CancellationToken cancel)
    {
        await StoreMove.DemandWholeAsync(store, place, cancel);
        string text = ScenarioText.Write(scenario);
        string known = await store.NoteAsync("mission/scenario", text, cancel);
        if (known != text
            && (ScenarioFile.Parse("the scenario kept there", known).Scenario is not { } kept
                || ScenarioText.Write(kept) != text))
        {
            throw new StoreException(
                $"{place} serves another mission: name its scenario and seed, or another place");
        }

        return Hash(known);
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}

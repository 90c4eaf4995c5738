using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;
using Hanse.Core.Journal;
using Hanse.Skills.Packages;
using Xunit;

namespace Hanse.Server.Tests.Cores;

/// <summary>A real agent that no hub answers any more, and what the exchange that never changes does for
/// it.</summary>
public sealed class CoreRescueTests(ITestOutputHelper output)
{
    private const string Exits = "#!/bin/sh\nexit 9\n";

    [Fact]
    public async Task A_machine_that_no_hub_answers_fetches_a_core_that_is_answered()
    {
        await using var cores = new CoreMission(output) { Options = ["--rescue-after-days", "1"] };
        await cores.StartAsync();
        await cores.IsHeardAsync();
        cores.Mission.Desk.IsDraining = true; // Nothing that it says is taken from here on.
        await CoreMission.Until(
            () => Task.FromResult(cores.Said("there is nothing for it now") == 1), "it calls for rescue");

        // One key is too few here as well.
        await OfferAsync(cores, cores.Maker.Push("1.1.0", "lone.json", "{}", role: "lone"));
        await CoreMission.Until(
            () => Task.FromResult(cores.Said("an image of the core 2") == 1), "it is not taken");
        Assert.Null(cores.Slots.Read().Trial);

        // One that does not come up is gone back from, and not fetched again.
        Parcel bad = cores.Maker.Push("1.2.0", "hanse", Exits);
        await OfferAsync(cores, bad);
        await CoreMission.Until(
            () => Task.FromResult(cores.Slots.Read().GivenUp == bad.Image), "the bad one was tried");
        await CoreMission.Until(
            () => Task.FromResult(cores.Said("there is another core for it") >= 2), "it asks again");
        Assert.Null(cores.Slots.Read().Trial);

        Parcel good = cores.Maker.Push("1.3.0", "one-more.json", "{}");
        await OfferAsync(cores, good);
        await CoreMission.Until(
            () => Task.FromResult(cores.Slots.Read().Trial?.Image == good.Image), "the good one is tried");
        cores.Mission.Desk.IsDraining = false;
        await CoreMission.Until(
            () => Task.FromResult(cores.Slots.Read() is { Trial: null, Proven: var proven }
                && proven.Image == good.Image),
            "it is proven");
        await cores.IsHeardAsync();
        Assert.Equal(2, cores.Said("it came by the rescue exchange"));
        await cores.StopAsync();
        Assert.Equal([cores.Installed, good.Image], Ends(await cores.AttestedAsync()));
    }

    // It was started from the installed one several times.
    private static Digest[] Ends(Digest[] attested) => [attested[0], attested[^1]];

    // As an operator does.
    private static async Task OfferAsync(CoreMission cores, Parcel parcel)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [
                Path.Combine(cores.Maker.Installed, "hanse.dll"), "core", "rescue",
                Path.Combine(cores.Maker.Mirrored, Parcel.FileName(parcel.Image)), "--data",
                cores.Mission.Folder,
            ])
        {
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}

using System;
using System.IO;
using System.Threading.Tasks;
using Hanse.Core.Messages;
using Hanse.IO.Cores;
using Hanse.Skills.Packages;
using Xunit;

namespace Hanse.Server.Tests.Cores;

/// <summary>A real agent whose core is replaced over a real gateway by an image that works, while everything
/// is ended at random moments by the system (SIGKILL).</summary>
/// <remarks>HANSE_KILLS says how often in each of the four stages (1); HANSE_SEED when.</remarks>
public sealed class CoreKillTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_good_image_comes_to_decide_through_kills_at_every_stage()
    {
        int kills = KillTests.Number("HANSE_KILLS", 1);
        var luck = new Random(KillTests.Number("HANSE_SEED", 1));
        await using var cores = new CoreMission(output) { Bytes = 512 };
        await cores.StartAsync();
        Parcel parcel = cores.Maker.Push("2.0.0", "one-more.json", "{}");
        string package = Path.Combine(cores.Folder, "packages", parcel.Image.ToString());
        await cores.OrderAsync(1, parcel, signatures: 2);
        for (int kill = 0; kill < kills; kill++)
        {
            long more = Length(package) + luck.Next(1, parcel.Bytes.Length / (kills + 1));
            await CoreMission.Until(() => Task.FromResult(Length(package) > more), "more has come");
            await cores.KillAsync(luck.Next(0, 40));
        }

        await CoreMission.Until(
            () => Task.FromResult(Length(package) == parcel.Bytes.Length), "all has come");
        for (int kill = 0; kill < kills; kill++)
        {
            await cores.KillAsync(luck.Next(0, 3_000)); // While it is staged, or reads the node's memory.
        }

        await CoreMission.Until(
            () => Task.FromResult(cores.Slots.Read().Trial is not null), "it is switched to");
        for (int kill = 0; kill < kills; kill++)
        {
            await cores.KillAsync(luck.Next(0, 1_500));
        }

        await CoreMission.Until(
            async () => (await cores.ReportAsync(1))?.State == SkillState.Active, "it decides");
        await cores.KillAsync(luck.Next(0, 2_000));
        await cores.EndsAsync(1, parcel, SkillState.Settled, SkillReason.None, isOrdered: true);
        await CoreMission.Until(() => Task.FromResult(cores.Slots.Read().Trial is null), "it is proven");
        CoreChoice choice = cores.Slots.Read();
        Assert.Equal((parcel.Image, CorePlace.Installed), (choice.Proven.Image, choice.Before));
        await cores.KillAsync(0);
        await cores.IsHeardAsync();
        await cores.StopAsync();
        Assert.Equal([cores.Installed, parcel.Image], await cores.AttestedAsync());
        await cores.NobodyIsBlamedAsync();
    }

    private static long Length(string file) => File.Exists(file) ? new FileInfo(file).Length : 0;
}

using System;
using System.Collections.Generic;
using System.Formats.Tar;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Net;
using System.Threading.Tasks;
using Hanse.Cli.Scenarios;
using Hanse.Cli.Serving;
using Hanse.IO.Stores;
using Hanse.Simulation.Scenarios;
using Xunit;

namespace Hanse.Server.Tests;

/// <summary>Folders that earlier releases wrote: each was served by that release with a simulated fleet,
/// killed in the middle of its work, and is gone on with by this one.</summary>
public sealed class UpgradeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hanse-upgrade-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("0.11.0", 6)]
    [InlineData("0.13.0", 2)] // Beside contracts a rollout, signed answers and keys of the gateway.
    public async Task A_folder_of_an_earlier_release_is_gone_on_with(string release, int streams)
    {
        await UnpackAsync(release);
        (Dictionary<string, List<StreamBatch>> before, string text) = await ReadAsync();
        Assert.Equal(streams, before.Count);
        Scenario scenario = ScenarioFile.Parse("kept", text).Scenario!;
        LiveMission mission = await LiveMission.StartAsync(
            new LiveOptions
            {
                Folder = _folder,
                Scenario = scenario,
                Pace = 50_000,
                HasFleet = true,
                Listen = new IPEndPoint(IPAddress.Loopback, 0),
                Time = TimeProvider.System,
                Log = _ => { },
            },
            TestContext.Current.CancellationToken);
        await using (mission)
        {
            for (int i = 0; i < 600 && mission.Calls < 60; i++)
            {
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }

            Assert.InRange(mission.Calls, 60, int.MaxValue);
            Assert.All(await mission.StatusAsync(), hub => Assert.True(hub.IsBalanced));
            Assert.Equal(0, mission.Failures);
        }

        (Dictionary<string, List<StreamBatch>> after, string kept) = await ReadAsync();
        Assert.Equal(text, kept);
        foreach ((string stream, List<StreamBatch> batches) in before)
        {
            Assert.Equal(batches.Select(Text), after[stream].Take(batches.Count).Select(Text));
            Assert.All(after[stream].Skip(batches.Count), batch => Assert.NotEqual(default, batch.At));
        }

        Assert.Contains(after, stream => stream.Value.Count > before[stream.Key].Count);
    }

    private async Task UnpackAsync(string release)
    {
        await using Stream file =
            typeof(UpgradeTests).Assembly.GetManifestResourceStream($"folder-{release}.tar.gz")!;
        await using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        await TarFile.ExtractToDirectoryAsync(unzipped, _folder, overwriteFiles: true);
    }

    // As 'hanse store check' does, whichever release wrote it.
    private async Task<(Dictionary<string, List<StreamBatch>> Streams, string Scenario)> ReadAsync()
    {
        await using var store = SqliteStore.OpenToRead(Path.Combine(_folder, "hanse.db"));
        Assert.Empty(await store.InspectAsync());
        Assert.Empty(await StoreAudit.ReadAsync(store, (_, _) => { }));
        var streams = new Dictionary<string, List<StreamBatch>>();
        foreach (StreamState state in await store.ListAsync())
        {
            List<StreamBatch> batches = streams[state.Stream.Text] = [];
            await foreach (StreamBatch batch in store.ReadAsync(state.Stream, 0))
            {
                batches.Add(batch);
            }
        }

        return (streams, (await store.NoteAsync("mission/scenario"))!);
    }

    private static string Text(StreamBatch batch) =>
        $"{batch.Version} {batch.At.Micros} {batch.Facts} {Convert.ToHexString(batch.Run.Span)}";
}

using System;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Core.Identity;
using Hanse.Server.Operations;
using Xunit;

namespace Hanse.Server.Tests;

/// <summary>Whoever looks on sees what happens, and holds nobody up.</summary>
public sealed class LiveFeedTests : IAsyncLifetime
{
    private static readonly Uri _live = new("/v1/live", UriKind.Relative);

    private readonly SmallMission _mission = new();
    private HttpClient _http = null!;

    public async ValueTask InitializeAsync()
    {
        await _mission.StartAsync();
        _http = _mission.NewHttp(_mission.AdminToken());
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _mission.DisposeAsync();
    }

    [Fact]
    public async Task A_reader_sees_a_status_a_second_and_what_happens()
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using Stream stream = await _http.GetStreamAsync(_live, late.Token);
        using var reader = new StreamReader(stream);
        string first = await NextAsync(reader, "status", late.Token);
        Assert.Contains("\"title\"", first, StringComparison.Ordinal);
        Assert.NotEqual(first, await NextAsync(reader, "status", late.Token));
        _ = await _mission.RunNodeAsync(2);
        Assert.Equal("""{"node":2}""", await NextAsync(reader, "enrolled", late.Token));
        _mission.Feed.Failed(Party.Of(_mission.Region), "a test");
        Assert.Contains("hub-1", await NextAsync(reader, "failed", late.Token), StringComparison.Ordinal);
        _mission.Feed.Closed(new BountyId(ulong.MaxValue));
        Assert.Equal("""{"bounty":"18446744073709551615"}""", await NextAsync(reader, "closed", late.Token));
    }

    [Fact]
    public async Task A_reader_that_does_not_read_is_cut_off_and_another_is_served()
    {
        using HttpResponseMessage slow = await OpenAsync(_http);
        using HttpClient http = _mission.NewHttp(_mission.AdminToken());
        Assert.Equal(1, _mission.Feed.Readers);
        string large = '"' + new string('x', 64 << 10) + '"';
        for (int i = 0; i < (LiveFeed.WaitingMax * 2) && _mission.Feed.Dropped == 0; i++)
        {
            _mission.Feed.Tell("large", large);
        }

        Assert.Equal(1, _mission.Feed.Dropped);
        await SmallMission.Until(() => Task.FromResult(_mission.Feed.Readers == 0), "it is gone");
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using Stream stream = await http.GetStreamAsync(_live, late.Token);
        using var reader = new StreamReader(stream);
        Assert.NotEmpty(await NextAsync(reader, "status", late.Token));
    }

    [Fact]
    public async Task Whoever_is_taken_out_of_the_file_sees_nothing_more()
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using Stream stream = await _http.GetStreamAsync(_live, late.Token);
        using var reader = new StreamReader(stream);
        _ = await NextAsync(reader, "status", late.Token);
        await File.WriteAllTextAsync(OperatorBook.FileIn(_mission.Folder), "# nobody\n", late.Token);
        _ = await Assert.ThrowsAsync<EndOfStreamException>(async () =>
        {
            while (true)
            {
                _ = await NextAsync(reader, "status", late.Token);
            }
        });
        Assert.Equal(0, _mission.Feed.Readers);
    }

    [Fact]
    public async Task A_node_that_enrols_again_is_no_news()
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using Stream stream = await _http.GetStreamAsync(_live, late.Token);
        using var reader = new StreamReader(stream);
        foreach (uint node in (uint[])[3, 4])
        {
            byte[] token = await _mission.Registry.IssueAsync(new NodeId(node), late.Token);
            for (int i = 0; i < 3; i++)
            {
                _ = await Agent.GatewayUplink.EnrolAsync(
                    _mission.Client, token, SmallMission.Key($"node {node}"), new Agent.GatewayPin());
            }

            Assert.Equal($$"""{"node":{{node}}}""", await NextAsync(reader, "enrolled", late.Token));
        }
    }

    [Fact]
    public async Task There_are_so_many_readers_and_no_more()
    {
        var readers = new HttpResponseMessage[LiveFeed.ReadersMax];
        for (int i = 0; i < readers.Length; i++)
        {
            readers[i] = await OpenAsync(_http);
            Assert.Equal(HttpStatusCode.OK, readers[i].StatusCode);
        }

        using HttpClient http = _mission.NewHttp(_mission.AdminToken());
        using (HttpResponseMessage one = await OpenAsync(http))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, one.StatusCode);
        }

        Array.ForEach(readers, reader => reader.Dispose());
        await SmallMission.Until(() => Task.FromResult(_mission.Feed.Readers == 0), "all are gone");
    }

    [Fact]
    public async Task A_reader_does_not_keep_the_server_from_ending()
    {
        using HttpResponseMessage reader = await OpenAsync(_http);
        var begun = DateTime.UtcNow;
        await _mission.StopAsync();
        Assert.True(DateTime.UtcNow - begun < TimeSpan.FromSeconds(4), "the server waited for a reader");
        await _mission.StartAsync();
    }

    private static Task<HttpResponseMessage> OpenAsync(HttpClient http) =>
        http.GetAsync(_live, HttpCompletionOption.ResponseHeadersRead);

    private static async Task<string> NextAsync(StreamReader reader, string kind, CancellationToken late)
    {
        while (await reader.ReadLineAsync(late) is { } line)
        {
            if (line == "event: " + kind)
            {
                return (await reader.ReadLineAsync(late))!["data: ".Length..];
            }
        }

        throw new EndOfStreamException($"no event {kind}");
    }
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Grpc.Core;
using Grpc.Net.Client;
using Hanse.Core.Identity;
using Hanse.IO.Stores;
using Hanse.Server.Operations;
using Hanse.Server.V1;
using Xunit;
using OperationsClient = Hanse.Server.V1.Operations.OperationsClient;

namespace Hanse.Server.Tests;

/// <summary>What operators order is done once, noted before it is done, and refused clearly when it is
/// wrong.</summary>
public sealed class OrderTests : IAsyncLifetime
{
    private readonly FaultyNotes _notes = new();
    private readonly SmallMission _mission;
    private HttpClient _http = null!;
    private GrpcChannel _channel = null!;
    private OperationsClient _client = null!;

    public OrderTests() => _mission = new SmallMission { AuditStore = _notes.Over };

    public async ValueTask InitializeAsync()
    {
        await _mission.StartAsync();
        _http = _mission.NewHttp(_mission.AdminToken());
        _channel = _mission.NewChannel();
        _client = new OperationsClient(_channel);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _channel.Dispose();
        await _mission.DisposeAsync();
    }

    [Fact]
    public async Task A_bounty_is_posted_once_however_often_it_is_ordered()
    {
        PostBountyRequest order = Order("first");
        BountyPosted posted = await _client.PostBountyAsync(order, As());
        Assert.False(posted.IsRepeated);
        BountyPosted[] again = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(async _ => await _client.PostBountyAsync(order, As())));
        Assert.All(again, one => Assert.True(one.IsRepeated && one.Bounty == posted.Bounty));
        BountyPosted second = await _client.PostBountyAsync(Order("second"), As());
        Assert.True(second.Bounty > posted.Bounty);
        Assert.Equal(
            [posted.Bounty, second.Bounty],
            (await _mission.Plane.StrategyAsync()).Posted.Select(one => one.Bounty.Value));

        await _mission.StopAsync();
        await _mission.StartAsync();
        _client = new OperationsClient(_mission.NewChannel());
        BountyPosted later = await _client.PostBountyAsync(order, As());
        Assert.True(later.IsRepeated && later.Bounty == posted.Bounty);
    }

    [Fact]
    public async Task Another_order_under_the_same_name_is_refused()
    {
        _ = await _client.PostBountyAsync(Order("name"), As());
        PostBountyRequest other = Order("name");
        other.TotalGrams++;
        RpcException refused = await Assert.ThrowsAsync<RpcException>(
            async () => await _client.PostBountyAsync(other, As()));
        Assert.Equal(StatusCode.AlreadyExists, refused.StatusCode);
        _ = Assert.Single((await _mission.Plane.StrategyAsync()).Posted);
    }

    [Fact]
    public async Task A_bounty_can_be_reduced_and_withdrawn_and_never_made_more()
    {
        ulong bounty = (await _client.PostBountyAsync(Order("less"), As())).Bounty;
        Assert.Equal("600000", (await ReduceAsync(bounty, 600_000)).GetProperty("totalGrams").GetString());
        Assert.Equal("600000", (await ReduceAsync(bounty, 600_000)).GetProperty("totalGrams").GetString());
        using (HttpResponseMessage more =
            await PostAsync($"/v1/bounties/{bounty}/reduce", """{"totalGrams":"700000"}"""))
        {
            Assert.Equal(HttpStatusCode.BadRequest, more.StatusCode);
        }

        using HttpResponseMessage none = await PostAsync($"/v1/bounties/{bounty}/withdraw", "{}");
        Assert.Equal(HttpStatusCode.OK, none.StatusCode);
        Assert.Equal(0, (await _mission.Plane.StrategyAsync()).Find(new BountyId(bounty))!.ReducedGrams);
    }

    [Fact]
    public async Task A_hub_shows_a_bounty_when_it_has_heard_of_it_and_its_nodes()
    {
        ulong bounty = (await _client.PostBountyAsync(Order("seen"), As())).Bounty;
        _ = await _mission.RunNodeAsync(1);
        await SmallMission.Until(
            async () =>
            {
                using HttpResponseMessage hub = await _http.GetAsync(Path($"/v1/hubs/1/bounties/{bounty}"));
                using HttpResponseMessage node = await _http.GetAsync(Path("/v1/hubs/1/nodes/1"));
                return hub.IsSuccessStatusCode && node.IsSuccessStatusCode;
            },
            "the hub shows both: " + string.Join("; ", _mission.Failures.Concat(_mission.Refusals)));
        Bounty shown = await _client.GetBountyAsync(
            new GetBountyRequest { Region = 1, Bounty = bounty }, As());
        Assert.Equal((1_000_000, 1_000_000), (shown.TotalGrams, shown.WantedGrams));
        Node seen = await _client.GetNodeAsync(new GetNodeRequest { Region = 1, Node = 1 }, As());
        Assert.Equal(Node.Types.Presence.Active, seen.Presence);
        NodeList nodes = await _client.ListNodesAsync(new ListRequest { Region = 1 }, As());
        Assert.Equal(1u, Assert.Single(nodes.Nodes).Node_);
        Mission mission = await _client.GetMissionAsync(new GetMissionRequest(), As());
        Assert.Equal((1, 1), (mission.NodesEnrolled, mission.Hubs.Single().Nodes));
        Assert.True(mission.Hubs[0] is { IsRunning: true, IsBalanced: true });
        Assert.True(mission.CallsTaken > 0);
    }

    [Fact]
    public async Task An_invitation_is_good_for_one_machine_and_is_nowhere_written()
    {
        Invitation invitation = await _client.InviteNodeAsync(new InviteNodeRequest { Node = 3 }, As());
        Assert.Equal(64, invitation.Token.Length);
        _ = await Agent.GatewayUplink.EnrolAsync(
            _mission.Client, Convert.FromHexString(invitation.Token), SmallMission.Key("node 3"),
            new Agent.GatewayPin());
        RpcException refused = await Assert.ThrowsAsync<RpcException>(
            async () => await _client.InviteNodeAsync(new InviteNodeRequest { Node = 3 }, As()));
        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        await foreach (KeyValuePair<string, string> note in _mission.Store.NotesAsync(""))
        {
            Assert.DoesNotContain(invitation.Token, note.Key + note.Value, StringComparison.Ordinal);
            Assert.DoesNotContain(_mission.AdminToken(), note.Key + note.Value, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Keys_are_replaced_and_taken_away_by_order_and_that_is_in_the_audit_trail()
    {
        RpcException unknown = await Assert.ThrowsAsync<RpcException>(
            async () => await _client.RotateNodeKeyAsync(new RotateNodeKeyRequest { Node = 3 }, As()));
        Assert.Equal(StatusCode.NotFound, unknown.StatusCode);
        Invitation invitation = await _client.InviteNodeAsync(new InviteNodeRequest { Node = 3 }, As());
        _ = await Agent.GatewayUplink.EnrolAsync(
            _mission.Client, Convert.FromHexString(invitation.Token), SmallMission.Key("node 3"),
            new Agent.GatewayPin());
        for (int i = 0; i < 2; i++)
        {
            NodeKeyDue due = await _client.RotateNodeKeyAsync(new RotateNodeKeyRequest { Node = 3 }, As());
            Assert.Equal((3u, 1u), (due.Node, due.Serial));
        }

        Mission mission = await _client.GetMissionAsync(new GetMissionRequest(), As());
        Assert.Equal(1u, mission.GatewayKeySerial);
        for (int i = 0; i < 2; i++)
        {
            GatewayKeyInUse used = await _client.ReplaceGatewayKeyAsync(
                new ReplaceGatewayKeyRequest { Serial = 1 }, As());
            Assert.Equal(2u, used.Serial);
            Assert.NotEqual(mission.GatewayKey, used.Key);
        }

        RpcException later = await Assert.ThrowsAsync<RpcException>(
            async () => await _client.ReplaceGatewayKeyAsync(
                new ReplaceGatewayKeyRequest { Serial = 7 }, As()));
        Assert.Equal(StatusCode.FailedPrecondition, later.StatusCode);
        _ = await _client.RevokeNodeAsync(new RevokeNodeRequest { Node = 3 }, As());
        _ = await _client.RevokeNodeAsync(new RevokeNodeRequest { Node = 3 }, As());
        foreach (Func<Task> order in (Func<Task>[])
        [
            async () => await _client.RotateNodeKeyAsync(new RotateNodeKeyRequest { Node = 3 }, As()),
            async () => await _client.InviteNodeAsync(new InviteNodeRequest { Node = 3 }, As()),
        ])
        {
            RpcException refused = await Assert.ThrowsAsync<RpcException>(order);
            Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
            Assert.Contains("revoked", refused.Status.Detail, StringComparison.Ordinal);
        }

        AuditList trail = await _client.ListAuditAsync(new ListAuditRequest(), As());
        Assert.Equal(
            [
                "InviteNode", "RotateNodeKey", "RotateNodeKey", "ReplaceGatewayKey", "ReplaceGatewayKey",
                "ReplaceGatewayKey", "RevokeNode", "RevokeNode",
            ],
            trail.Entries.Select(one => one.Method));
    }

    [Fact]
    public async Task The_audit_trail_says_who_did_what_and_what_became_of_it()
    {
        _ = await _client.PostBountyAsync(Order("audited"), As());
        PostBountyRequest other = Order("audited");
        other.TotalGrams++;
        _ = await Assert.ThrowsAsync<RpcException>(async () => await _client.PostBountyAsync(other, As()));
        _ = await _client.InviteNodeAsync(new InviteNodeRequest { Node = 5 }, As());
        AuditList trail = await _client.ListAuditAsync(new ListAuditRequest(), As());
        Assert.Equal(
            [("PostBounty", "OK"), ("PostBounty", "AlreadyExists"), ("InviteNode", "OK")],
            trail.Entries.Select(one => (one.Method, one.Outcome)));
        Assert.All(trail.Entries, one =>
        {
            Assert.Equal(("admin", "admin"), (one.Operator, one.Role));
            Assert.Contains("127.0.0.1", one.Address, StringComparison.Ordinal);
            Assert.StartsWith(one.Time, one.Entry, StringComparison.Ordinal);
        });
        Assert.Contains("audited", trail.Entries[0].Request, StringComparison.Ordinal);

        AuditList first = await _client.ListAuditAsync(new ListAuditRequest { Limit = 2 }, As());
        Assert.Equal(2, first.Entries.Count);
        AuditList rest = await _client.ListAuditAsync(new ListAuditRequest { After = first.Next }, As());
        Assert.Equal("InviteNode", Assert.Single(rest.Entries).Method);
        string day = trail.Entries[0].Time[..10];
        AuditList today = await _client.ListAuditAsync(new ListAuditRequest { Time = day }, As());
        Assert.Equal(3, today.Entries.Count);
        Assert.Empty((await _client.ListAuditAsync(new ListAuditRequest { Time = "1999" }, As())).Entries);
    }

    [Fact]
    public async Task What_cannot_be_noted_is_not_done()
    {
        _notes.Fails = "audit/";
        RpcException refused = await Assert.ThrowsAsync<RpcException>(
            async () => await _client.PostBountyAsync(Order("unnoted"), As()));
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        refused = await Assert.ThrowsAsync<RpcException>(
            async () => await _client.InviteNodeAsync(new InviteNodeRequest { Node = 6 }, As()));
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.Empty((await _mission.Plane.StrategyAsync()).Posted);
        await foreach (KeyValuePair<string, string> note in _mission.Store.NotesAsync(""))
        {
            Assert.False(note.Key.StartsWith("token/", StringComparison.Ordinal), note.Key);
            Assert.False(note.Key.StartsWith("order/", StringComparison.Ordinal), note.Key);
        }

        _notes.Fails = "/outcome";
        _ = await Assert.ThrowsAsync<RpcException>(
            async () => await _client.InviteNodeAsync(new InviteNodeRequest { Node = 7 }, As()));
        _notes.Fails = null;
        AuditList trail = await _client.ListAuditAsync(new ListAuditRequest(), As());
        Assert.Equal("", Assert.Single(trail.Entries).Outcome);
    }

    [Theory]
    [InlineData("", 400, "JSON")]
    [InlineData("nonsense", 400, "JSON")]
    [InlineData("[]", 400, "JSON")]
    [InlineData("""{"order":7}""", 400, "JSON")]
    [InlineData("""{"totalGrams":"many"}""", 400, "many")]
    [InlineData("""{"kind":"DIG"}""", 400, "DIG")]
    [InlineData("{}", 400, "order")]
    [InlineData("""{"order":"x","order":"y"}""", 400, "JSON")]
    [InlineData("""{"order":"x","totalGram":"5"}""", 400, "'totalGram'")]
    [InlineData("""{"order":"a/b"}""", 400, "order")]
    [InlineData("""{"order":"plan.1"}""", 400, "order")]
    [InlineData("""{"order":"x"}""", 400, "kind")]
    [InlineData("""{"order":"x","kind":"REPAIR"}""", 400, "kind")]
    [InlineData("""{"order":"x","kind":77}""", 400, "kind")]
    [InlineData("""{"order":"x","kind":"DELIVER"}""", 400, "commodity")]
    [InlineData("""{"order":"x","kind":"DELIVER","commodity":"IRON"}""", 400, "depot")]
    [InlineData("""{"order":"x","kind":"DELIVER","commodity":"IRON","depot":4000000}""", 400, "depot")]
    [InlineData("""{"order":"x","kind":"DELIVER","commodity":"IRON","depot":D}""", 400, "totalGrams")]
    [InlineData(
        """{"order":"x","kind":"DELIVER","commodity":"IRON","depot":D,"totalGrams":-1}""", 400, "totalGrams")]
    [InlineData(
        """{"order":"x","kind":"DELIVER","commodity":"IRON","depot":D,"totalGrams":"9000000000000000000"}""",
        400, "totalGrams")]
    [InlineData(
        """{"order":"x","kind":"DELIVER","commodity":"IRON","depot":D,"totalGrams":5000000,"lotGrams":1}""",
        400, "lotGrams")]
    public async Task A_mistake_in_an_order_is_told(string body, int status, string about)
    {
        body = body.Replace(":D", $":{_mission.Depot.Value}", StringComparison.Ordinal);
        using HttpResponseMessage answer = await PostAsync("/v1/hubs/1/bounties", body);
        Assert.Equal(status, (int)answer.StatusCode);
        using var told = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal((int)StatusCode.InvalidArgument, told.RootElement.GetProperty("code").GetInt32());
        Assert.Contains(
            about, told.RootElement.GetProperty("message").GetString()!, StringComparison.OrdinalIgnoreCase);
        Assert.Empty((await _client.ListAuditAsync(new ListAuditRequest(), As())).Entries);
    }

    [Fact]
    public async Task Mistakes_in_numbers_of_an_order_are_told()
    {
        foreach ((string field, Action<PostBountyRequest> spoil) in new (string, Action<PostBountyRequest>)[]
        {
            ("lotValueMicros", order => order.LotValueMicros = 0),
            ("lotValueMicros", order => order.LotValueMicros = 2_000_000_000),
            ("deadlineMicros", order => order.DeadlineMicros++),
            ("deadlineMicros", order => order.DeadlineMicros = 1_000_000),
            ("backupGrams", order => order.BackupGrams = order.TotalGrams),
            ("backupGrams", order => order.BackupGrams = -1),
            ("site", order => order.Kind = WorkKind.Survey),
            ("fromDepot", order => order.Kind = WorkKind.Transport),
            ("fromDepot", order => order.FromDepot = 2),
        })
        {
            PostBountyRequest order = Order("wrong");
            spoil(order);
            RpcException refused = await Assert.ThrowsAsync<RpcException>(
                async () => await _client.PostBountyAsync(order, As()));
            Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
            Assert.Contains(field, refused.Status.Detail, StringComparison.Ordinal);
        }

        Assert.Empty((await _mission.Plane.StrategyAsync()).Posted);
    }

    [Theory]
    [InlineData("GET", "/v1/hubs/77", 404)]
    [InlineData("GET", "/v1/hubs/x", 400)]
    [InlineData("GET", "/v1/nowhere", 404)]
    [InlineData("GET", "/v1/bounties/1/reduce", 405)]
    [InlineData("GET", "/v1/hubs/-1", 400)]
    [InlineData("GET", "/v1/hubs/99999999999", 400)]
    [InlineData("GET", "/v1/hubs/1/nodes/9", 404)]
    [InlineData("GET", "/v1/hubs/1/nodes?limit=1001", 400)]
    [InlineData("GET", "/v1/hubs/1/nodes?limit=x", 400)]
    [InlineData("GET", "/v1/hubs/1/nodes?limitt=1", 400)]
    [InlineData("POST", "/v1/nodes/1/invite?nod=2", 400)]
    [InlineData("POST", "/v1/nodes/1/invite?node=2", 400)]
    [InlineData("GET", "/v1/hubs/1/bounties/9", 404)]
    [InlineData("GET", "/v1/audit?time=..%2f", 400)]
    [InlineData("POST", "/v1/bounties/9/reduce", 400)]
    [InlineData("POST", "/v1/bounties/9/withdraw", 404)]
    [InlineData("POST", "/v1/bounties/1152921504606846977/withdraw", 400)]
    [InlineData("POST", "/v1/hubs/1/cases/1/decide", 400)]
    [InlineData("POST", "/v1/nodes/1/handover", 400)]
    [InlineData("POST", "/v1/nodes/0/invite", 400)]
    [InlineData("POST", "/v1/rollouts/1/command", 400)]
    [InlineData("POST", "/v1/hubs/1/adopt", 400)]
    [InlineData("POST", "/v1/hubs/1/charter", 400)]
    [InlineData("POST", "/v1/hubs/0/keep", 400)]
    [InlineData("POST", "/v1/hubs/9/keep", 404)]
    public async Task What_is_not_there_or_makes_no_sense_is_told(string method, string path, int status)
    {
        using HttpResponseMessage answer = method == "GET"
            ? await _http.GetAsync(Path(path)) : await PostAsync(path, "{}");
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(status == (int)answer.StatusCode, $"{answer.StatusCode}: {text}");
        using var told = JsonDocument.Parse(text);
        Assert.NotEmpty(told.RootElement.GetProperty("message").GetString()!);
    }

    [Theory]
    [InlineData("/v1/hubs/1/cases/1/decide", """{"word":"ACCEPT"}""", 404)]
    [InlineData("/v1/rollouts/1/command", """{"command":"PAUSE"}""", 404)]
    [InlineData("/v1/nodes/1/handover", """{"fromRegion":1,"toRegion":1}""", 400)]
    [InlineData("/v1/hubs/1/adopt", """{"successor":1}""", 400)]
    public async Task What_cannot_be_done_is_told(string path, string body, int status)
    {
        using HttpResponseMessage answer = await PostAsync(path, body);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Empty((await _client.ListAuditAsync(new ListAuditRequest(), As())).Entries);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        using HttpResponseMessage told = await PostAsync(
            "/v1/hubs/1/bounties", "{\"order\":\"" + new string('x', OperatorDoor.BodyBytesMax) + "\"}");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, told.StatusCode);
        PostBountyRequest large = Order(new string('x', OperatorDoor.BodyBytesMax));
        RpcException refused = await Assert.ThrowsAsync<RpcException>(
            async () => await _client.PostBountyAsync(large, As()));
        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);

        // A body that does not say how large it is.
        using var unsaid = new HttpRequestMessage(HttpMethod.Post, Path("/v1/hubs/1/bounties"))
        {
            Content = new StringContent(
                new string(' ', OperatorDoor.BodyBytesMax + 1), Encoding.UTF8, "application/json"),
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        unsaid.Headers.TransferEncodingChunked = true;
        using HttpResponseMessage answer = await _http.SendAsync(unsaid);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task A_bounty_whose_time_is_over_is_no_new_order_and_still_the_same_one()
    {
        PostBountyRequest order = Order("soon");
        order.DeadlineMicros = ((_mission.Clock.Now.Micros / 1_000_000) + 3_600) * 1_000_000; // A second.
        ulong bounty = (await _client.PostBountyAsync(order, As())).Bounty;
        await SmallMission.Until(
            () => Task.FromResult(_mission.Clock.Now.Micros > order.DeadlineMicros), "its time is over");
        Assert.Equal(bounty, (await _client.PostBountyAsync(order, As())).Bounty);
        order.Order = "late";
        RpcException refused = await Assert.ThrowsAsync<RpcException>(
            async () => await _client.PostBountyAsync(order, As()));
        Assert.Contains("deadlineMicros", refused.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task So_many_requests_are_under_way_and_no_more()
    {
        using var stop = new CancellationTokenSource();
        Task[] slow =
        [
            // Whoever finds no room comes again, since those that look in between take room as well.
            .. Enumerable.Range(0, OperatorDoor.RequestsMax + 1).Select(async _ =>
            {
                using HttpClient http = _mission.NewHttp(_mission.AdminToken());
                while (true)
                {
                    using var request = new HttpRequestMessage(HttpMethod.Post, Path("/v1/nodes/1/invite"))
                    {
                        Content = new Unfinished(),
                        Version = HttpVersion.Version20,
                    };
                    using HttpResponseMessage answer = await http.SendAsync(request, stop.Token);
                    await Task.Delay(50, stop.Token);
                }
            }),
        ];
        await SmallMission.Until(
            async () =>
            {
                using HttpResponseMessage one = await _http.GetAsync(Path("/v1/mission"));
                return one.StatusCode == HttpStatusCode.ServiceUnavailable;
            },
            "one more is refused");
        using (HttpResponseMessage health = await _http.GetAsync(Path("/health")))
        {
            Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        }

        await stop.CancelAsync();
        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Task.WhenAll(slow));
        await SmallMission.Until(
            async () =>
            {
                using HttpResponseMessage one = await _http.GetAsync(Path("/v1/mission"));
                return one.StatusCode == HttpStatusCode.OK;
            },
            "there is room again");
    }

    private PostBountyRequest Order(string name) => new()
    {
        Order = name,
        Region = _mission.Region.Value,
        Depot = _mission.Depot.Value,
        Kind = WorkKind.Deliver,
        Commodity = Commodity.Nickel,
        TotalGrams = 1_000_000,
        LotGrams = 1_000,
        LotValueMicros = 1_000_000,
        DeadlineMicros = 900L * 86_400 * 1_000_000,
    };

    private CallOptions As() =>
        new([new Metadata.Entry("authorization", "Bearer " + _mission.AdminToken())]);

    private async Task<JsonElement> ReduceAsync(ulong bounty, long grams)
    {
        using HttpResponseMessage answer =
            await PostAsync($"/v1/bounties/{bounty}/reduce", $$"""{"totalGrams":"{{grams}}"}""");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }

    private Task<HttpResponseMessage> PostAsync(string path, string body) =>
        _http.PostAsync(Path(path), new StringContent(body, Encoding.UTF8, "application/json"));

    private static Uri Path(string path) => new(path, UriKind.Relative);

    // A body that begins and does not go on.
    private sealed class Unfinished : HttpContent
    {
        public Unfinished() => Headers.ContentType = new("application/json");

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(
            Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync("{"u8.ToArray(), cancellationToken);
            await stream.FlushAsync(cancellationToken);
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Http;
using System.Net.Http.Json;
using System.Text.Json;
using System.Threading.Tasks;
using Hanse.Cli.Serving;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.IO.Plane;
using Hanse.Server.Operations;
using Hanse.Simulation.World;
using Xunit;

namespace Hanse.Server.Tests;

/// <summary>What depots say over their own routes, and what they are answered.</summary>
public sealed class DepotTests : IAsyncLifetime
{
    private readonly SmallMission _mission = new(nodes: 8, pace: 30_000);

    public async ValueTask InitializeAsync() => await _mission.StartAsync();

    public async ValueTask DisposeAsync() => await _mission.DisposeAsync();

    [Fact]
    public async Task Cargo_that_a_depot_weighs_is_counted_and_paid_for_once()
    {
        string token = _mission.LetIn(OperatorRole.Depot, $"depot-{_mission.Depot.Value}");
        await Task.Delay(TimeSpan.FromSeconds(1.1)); // The file is read again.
        using HttpClient http = _mission.NewHttp(token);
        var bounty = new Bounty(
            new BountyId(1), Commodity.Nickel, _mission.Depot, new Grams(8_000_000), new Grams(1_000_000),
            new Credits(400_000), new Instant(60 * 86_400_000_000));
        Posting posting = await _mission.Postings.PostAsync("nickel", _mission.Region, bounty);
        Assert.Equal(PostingVerdict.Posted, posting.Verdict);
        await using var depot = new WeighingDepot(_mission, http);
        for (uint node = 1; node <= _mission.Nodes; node++)
        {
            _ = await _mission.RunNodeAsync(node, device: depot.DeviceOf(new NodeId(node)));
        }

        await SmallMission.Until(
            async () => depot.Answered > 0 && await DeliveredAsync() > 0,
            "something is delivered and served");
        Assert.Empty(depot.Wrong);

        // All is told once more, as by a depot that has lost its memory: nothing is counted twice.
        await depot.DisposeAsync();
        ImmutableArray<JsonElement> told = depot.Told;
        long before = await DeliveredAsync();
        foreach (JsonElement docking in told)
        {
            using HttpResponseMessage again = await http.PostAsJsonAsync(depot.Route, docking);
            Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        }

        Assert.Equal(before, await DeliveredAsync());
        Assert.True((await _mission.Plane.StatusAsync(_mission.Region)).IsBalanced);
        Assert.Empty(_mission.Failures);
    }

    [Theory]
    [InlineData("dockings", """{"node":1,"docking":1,"commodity":1,"weighedGrams":"-1"}""", "weighedGrams")]
    [InlineData(
        "dockings", """{"node":1,"docking":1,"commodity":1,"weighedGrams":"99999999999999999"}""",
        "weighedGrams")]
    [InlineData("dockings", """{"node":0,"docking":1,"commodity":1}""", "node is missing")]
    [InlineData("dockings", """{"node":1,"docking":0,"commodity":1}""", "docking is missing")]
    [InlineData("dockings", """{"node":1,"docking":1,"commodity":99}""", "commodity")]
    [InlineData("dockings", """{"node":1,"docking":1,"commodity":1,"contract":"7"}""", "epoch")]
    [InlineData("dockings", """{"node":1,"docking":1,"commodity":1,"sparesPpm":1000001}""", "sparesPpm")]
    [InlineData(
        "dockings", """{"node":1,"docking":1,"commodity":1,"cameMicros":"9000000000000000"}""",
        "cameMicros")]
    [InlineData("parts", """{"node":1,"docking":1,"epoch":1}""", "contract is missing")]
    public async Task Mistakes_are_told(string what, string body, string word)
    {
        string token = _mission.LetIn(OperatorRole.Depot, $"depot-{_mission.Depot.Value}");
        await Task.Delay(TimeSpan.FromSeconds(1.1));
        using HttpClient http = _mission.NewHttp(token);
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await http.PostAsync(
            new Uri($"/v1/depots/{_mission.Depot.Value}/{what}", UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(word, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_speaks_for_a_depot_but_itself_and_it_speaks_for_nothing_else()
    {
        string mine = $"/v1/depots/{_mission.Depot.Value}/dockings";
        (string? Token, string Route, HttpStatusCode Expected)[] tries =
        [
            (null, mine, HttpStatusCode.Unauthorized),
            (_mission.AdminToken(), mine, HttpStatusCode.Forbidden),
            (_mission.LetIn(OperatorRole.Operator), mine, HttpStatusCode.Forbidden),
            (_mission.LetIn(OperatorRole.Depot, "depot-99"), mine, HttpStatusCode.Forbidden),
            (
                _mission.LetIn(OperatorRole.Depot, "depot-98"), "/v1/depots/98/dockings",
                HttpStatusCode.NotFound),
            (
                _mission.LetIn(OperatorRole.Depot, "site-3"), "/v1/sites/4/inspections",
                HttpStatusCode.Forbidden),
            (_mission.LetIn(OperatorRole.Depot), "/v1/hubs/1/bounties", HttpStatusCode.Forbidden),
        ];
        await Task.Delay(TimeSpan.FromSeconds(1.1));
        foreach ((string? token, string route, HttpStatusCode expected) in tries)
        {
            using HttpClient http = _mission.NewHttp(token);
            using HttpResponseMessage answer = await http.PostAsJsonAsync(
                route, new { node = 1, docking = 1 });
            Assert.Equal(expected, answer.StatusCode);
        }

        using HttpClient depot = _mission.NewHttp(_mission.LetIn(OperatorRole.Depot));
        await Task.Delay(TimeSpan.FromSeconds(1.1));
        using HttpResponseMessage mission = await depot.GetAsync(new Uri("/v1/mission", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Forbidden, mission.StatusCode);
    }

    private Task<long> DeliveredAsync() => _mission.Plane.AskAsync(_mission.Region, hub =>
    {
        long sum = 0;
        foreach (KeyValuePair<BountyId, Core.Market.OpenBounty> open in hub.Market.Bounties)
        {
            sum += open.Value.Delivered.Value;
        }

        return sum;
    });

    // The world of the simulator, whose depot talks to the server as any depot does.
    private sealed class WeighingDepot : ILiveWorldPort, IAsyncDisposable
    {
        private readonly Dictionary<NodeId, WorldDevice> _devices = [];
        private readonly List<JsonElement> _told = [];
        private readonly List<string> _wrong = [];
        private readonly HttpClient _http;
        private readonly LiveWorld _world;
        private int _answered;

        public WeighingDepot(SmallMission mission, HttpClient http)
        {
            _http = http;
            Route = $"/v1/depots/{mission.Depot.Value}/dockings";
            _world = new LiveWorld(
                mission.Scenario, mission.Scenario.Seed, () => mission.Clock.Now, mission.Clock.Until, this);
            for (uint node = 1; node <= mission.Nodes; node++)
            {
                _devices[new NodeId(node)] = new WorldDevice(new NodeId(node), () => _world);
            }

            _world.Start(TestContext.Current.CancellationToken);
        }

        public string Route { get; }

        public int Answered => _answered;

        public ImmutableArray<JsonElement> Told
        {
            get
            {
                lock (_told)
                {
                    return [.. _told];
                }
            }
        }

        public ImmutableArray<string> Wrong
        {
            get
            {
                lock (_wrong)
                {
                    return [.. _wrong];
                }
            }
        }

        public WorldDevice DeviceOf(NodeId node) => _devices[node];

        public void Give(NodeId node, NodeInput input) => _devices[node].Give(input);

        public bool Tell(RegionId region, HubInput input)
        {
            _ = Task.Run(() => SayAsync((HubInput.Docked)input));
            return true;
        }

        public void Died(NodeId node, string how)
        {
        }

        public ValueTask DisposeAsync() => _world.DisposeAsync();

        private async Task SayAsync(HubInput.Docked docked)
        {
            JsonElement said = JsonSerializer.SerializeToElement(new
            {
                node = docked.Node.Value,
                docking = docked.Docking,
                contract = docked.Contract.Value.ToString(CultureInfo.InvariantCulture),
                epoch = docked.Epoch.Value,
                commodity = (int)docked.Commodity,
                weighedGrams = docked.Weighed.Value.ToString(CultureInfo.InvariantCulture),
                propellantGrams =
                    docked.Propellant.Value.ToString(CultureInfo.InvariantCulture),
                sparesPpm = docked.Spares.Value,
            });
            using HttpResponseMessage answer = await _http.PostAsJsonAsync(Route, said);
            string text = await answer.Content.ReadAsStringAsync();
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                lock (_wrong)
                {
                    _wrong.Add(text);
                }

                return;
            }

            lock (_told)
            {
                _told.Add(said);
            }

            using var json = JsonDocument.Parse(text);
            if (json.RootElement.GetProperty("answered").GetBoolean())
            {
                _answered++;
                _ = _world.Serve(new HubEffect.Serve(
                    docked.Node, docked.Docking,
                    new Grams(long.Parse(
                        json.RootElement.GetProperty("propellantGrams").GetString()!,
                        CultureInfo.InvariantCulture)),
                    new PartsPerMillion(json.RootElement.GetProperty("sparesPpm").GetInt32())));
            }
        }
    }
}

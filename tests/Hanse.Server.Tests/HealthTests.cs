using System;
using System.Collections.Generic;
using System.Diagnostics.Metrics;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using Google.Api;
using Google.Protobuf.Reflection;
using Hanse.IO.Runtime;
using Hanse.Server.V1;
using Xunit;

namespace Hanse.Server.Tests;

/// <summary>What a server tells of itself.</summary>
public sealed class HealthTests : IAsyncLifetime
{
    private readonly FaultyNotes _notes = new();
    private readonly SmallMission _mission;
    private bool _isDown;
    private HttpClient _anybody = null!;
    private HttpClient _admin = null!;

    public HealthTests() => _mission = new SmallMission
    {
        AuditStore = _notes.Over,
        OperatorsPlane = plane => new FaultyPlane(plane, () => _isDown, () => false),
    };

    public async ValueTask InitializeAsync()
    {
        await _mission.StartAsync();
        _anybody = _mission.NewHttp(null);
        _admin = _mission.NewHttp(_mission.AdminToken());
    }

    public async ValueTask DisposeAsync()
    {
        _anybody.Dispose();
        _admin.Dispose();
        await _mission.DisposeAsync();
    }

    [Fact]
    public async Task A_server_that_ends_lives_and_is_not_ready_and_takes_no_orders()
    {
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (await Get("/health"), await Get("/ready")));
        _mission.Desk.IsDraining = true;
        Assert.Equal(
            (HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable),
            (await Get("/health"), await Get("/ready")));
        using HttpResponseMessage order = await _admin.PostAsync(
            new Uri("/v1/nodes/1/invite", UriKind.Relative),
            new StringContent("{}", Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, order.StatusCode);
        string mission = await _admin.GetStringAsync(new Uri("/v1/mission", UriKind.Relative));
        using var told = JsonDocument.Parse(mission);
        Assert.True(told.RootElement.GetProperty("isDraining").GetBoolean());
    }

    [Fact]
    public async Task A_server_whose_machines_do_not_run_is_not_ready()
    {
        Assert.Equal(HttpStatusCode.OK, await Get("/ready"));
        _isDown = true;
        await SmallMission.Until(
            async () => await Get("/ready") == HttpStatusCode.ServiceUnavailable, "it is not ready");
        Assert.Equal(HttpStatusCode.OK, await Get("/health"));
        _isDown = false;
        await SmallMission.Until(async () => await Get("/ready") == HttpStatusCode.OK, "it is ready again");
    }

    [Fact]
    public async Task A_server_whose_store_does_not_write_is_not_ready()
    {
        Assert.Equal(HttpStatusCode.OK, await Get("/ready"));
        _notes.Fails = "health";
        await SmallMission.Until(
            async () => await Get("/ready") == HttpStatusCode.ServiceUnavailable, "it is not ready");
        Assert.Equal(HttpStatusCode.OK, await Get("/health"));
    }

    [Fact]
    public async Task The_document_names_every_route_and_says_something_of_everything()
    {
        string text = await _admin.GetStringAsync(new Uri("/openapi.json", UriKind.Relative));
        using var document = JsonDocument.Parse(text);
        JsonElement paths = document.RootElement.GetProperty("paths");
        Assert.Equal(
            _mission.Server.Routes
                .Where(route => !route.StartsWith("/hanse.", StringComparison.Ordinal)
                    && route != "/rescue") // For nodes, and of bytes.
                .Order(),
            paths.EnumerateObject().Select(path => path.Name).Order());
        foreach (MethodDescriptor method in OperationsReflection.Descriptor.Services[0].Methods)
        {
            HttpRule rule = method.GetOptions().GetExtension(AnnotationsExtensions.Http);
            JsonElement operation = rule.Get.Length > 0
                ? paths.GetProperty(rule.Get).GetProperty("get")
                : paths.GetProperty(rule.Post).GetProperty("post");
            Assert.NotEmpty(operation.GetProperty("description").GetString()!);
            Assert.Contains(
                operation.GetProperty("x-role").GetString()!,
                operation.GetProperty("description").GetString()!,
                StringComparison.OrdinalIgnoreCase);
        }

        foreach (JsonProperty schema in document.RootElement.GetProperty("components").GetProperty("schemas")
            .EnumerateObject().Where(schema => schema.Name != "Status"))
        {
            Assert.NotEmpty(schema.Value.GetProperty("description").GetString()!);
            Assert.All(schema.Value.GetProperty("properties").EnumerateObject(), property => Assert.True(
                property.Value.GetProperty("description").GetString() is { Length: > 0 },
                $"{schema.Name}.{property.Name}"));
        }

        foreach (string reference in text.Split("\"$ref\": \"#/components/schemas/").Skip(1))
        {
            Assert.True(document.RootElement.GetProperty("components").GetProperty("schemas")
                .TryGetProperty(reference[..reference.IndexOf('"', StringComparison.Ordinal)], out _));
        }
    }

    [Fact]
    public async Task What_is_measured_is_heard_by_whoever_listens()
    {
        var heard = new HashSet<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == Measures.Name)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        Hear<long>();
        Hear<int>();
        Hear<double>();
        listener.Start();
        _ = await _mission.RunNodeAsync(1);
        await SmallMission.Until(
            () =>
            {
                lock (heard)
                {
                    return Task.FromResult(heard.IsSupersetOf(
                    [
                        "hanse.gateway.calls", "hanse.gateway.call.duration", "hanse.gateway.streams",
                        "hanse.machine.batch.facts", "hanse.machine.append.duration",
                    ]));
                }
            },
            "all was heard");

        void Hear<T>()
            where T : struct => listener.SetMeasurementEventCallback<T>((instrument, _, _, _) =>
        {
            lock (heard)
            {
                _ = heard.Add(instrument.Name);
            }
        });
    }

    private async Task<HttpStatusCode> Get(string path)
    {
        using HttpResponseMessage answer = await _anybody.GetAsync(new Uri(path, UriKind.Relative));
        return answer.StatusCode;
    }
}

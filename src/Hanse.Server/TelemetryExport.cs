using System;
using Hanse.IO.Runtime;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Hanse.Server;

/// <summary>Sends measurements and traces to a collector, when the environment names one. No logs: those of
/// requests are nobody else's affair.</summary>
internal static class TelemetryExport
{
    /// <summary>The variable that names a collector, as OpenTelemetry has it; the other variables of its
    /// exporter hold as well.</summary>
    public const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Adds what it needs; nothing when no collector is named, and then nothing is
    /// measured.</summary>
    public static void Add(IServiceCollection services)
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(EndpointVariable)))
        {
            return;
        }

        _ = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("hanse"))
            .WithMetrics(metrics => metrics
                .AddMeter(
                    Measures.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
                .AddOtlpExporter())
            .WithTracing(traces => traces
                .AddSource(Measures.Name, "Microsoft.AspNetCore")
                .AddOtlpExporter());
    }
}

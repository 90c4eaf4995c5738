using System.Collections.Generic;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Hanse.IO.Runtime;

/// <summary>What is measured, for whoever listens; nobody listening, it costs a look at a flag.</summary>
/// <remarks>Names are in the manner of OpenTelemetry. Nothing that is measured names a node or an operator,
/// so the number of series does not grow with the fleet.</remarks>
public static class Measures
{
    /// <summary>Of the meter and of the source of traces.</summary>
    public const string Name = "Hanse";

    private static readonly Meter _meter = new(Name);

    /// <summary>Traces.</summary>
    public static ActivitySource Traces { get; } = new(Name);

    /// <summary>Calls of nodes, by what became of them: <c>outcome</c>.</summary>
    public static Counter<long> Calls { get; } = _meter.CreateCounter<long>(
        "hanse.gateway.calls", "{call}", "Calls of nodes, by outcome.");

    /// <summary>Frames of calls that were taken, which were not.</summary>
    public static Counter<long> FramesRefused { get; } = _meter.CreateCounter<long>(
        "hanse.gateway.frames_refused", "{frame}", "Frames of calls that were not taken.");

    /// <summary>How long calls took until what they carried was durable.</summary>
    public static Histogram<double> CallTime { get; } = _meter.CreateHistogram<double>(
        "hanse.gateway.call.duration", "s", "Time from a call to its outcome.");

    /// <summary>Calls that wait for a hub to have room.</summary>
    public static UpDownCounter<long> Waiting { get; } = _meter.CreateUpDownCounter<long>(
        "hanse.gateway.waiting", "{call}", "Calls that wait for a hub to have room.");

    /// <summary>How long they waited, by what ended it: <c>outcome</c>.</summary>
    public static Histogram<double> WaitTime { get; } = _meter.CreateHistogram<double>(
        "hanse.gateway.wait.duration", "s", "Time that calls waited for a hub to have room, by outcome.");

    /// <summary>Streams of nodes that are open.</summary>
    public static UpDownCounter<long> Streams { get; } = _meter.CreateUpDownCounter<long>(
        "hanse.gateway.streams", "{stream}", "Streams of nodes that are open.");

    /// <summary>Facts of a batch of a machine.</summary>
    public static Histogram<int> BatchFacts { get; } = _meter.CreateHistogram<int>(
        "hanse.machine.batch.facts", "{fact}", "Facts that a machine made durable together.");

    /// <summary>How long a machine waited for a batch to be durable.</summary>
    public static Histogram<double> AppendTime { get; } = _meter.CreateHistogram<double>(
        "hanse.machine.append.duration", "s", "Time until a batch was durable.");

    /// <summary>Times that machines were started anew.</summary>
    public static Counter<long> Restarts { get; } = _meter.CreateCounter<long>(
        "hanse.machine.restarts", "{restart}", "Times that a machine was started anew.");

    /// <summary>What operators did, by <c>method</c> and <c>outcome</c>.</summary>
    public static Counter<long> Orders { get; } = _meter.CreateCounter<long>(
        "hanse.operators.orders", "{order}", "What operators did, by method and outcome.");

    /// <summary>A tag.</summary>
    public static KeyValuePair<string, object?> Tag(string name, object? value) => new(name, value);
}

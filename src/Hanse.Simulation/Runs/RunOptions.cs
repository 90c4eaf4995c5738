using System;
using System.Collections.Generic;
using System.IO;
using Hanse.Core.Decisions;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Simulation.Scenarios;

namespace Hanse.Simulation.Runs;

/// <summary>How to play a scenario.</summary>
public sealed record RunOptions
{
    /// <summary>What to play; its size and length are what counts, so overrides are made there.</summary>
    public required Scenario Scenario { get; init; }

    /// <summary>The seed: with the scenario, the whole run.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Plays the same mission with perfect knowledge, to measure the market against: no errors of
    /// sensors, scales, machines and assays, and nobody bids on a trip that it would not live to finish.
    /// Draws stay the same, deaths among them.</summary>
    public bool IsOracle { get; init; }

    /// <summary>What says what a node asks for its work; null for the built-in pricing. Called again for a
    /// node that restarts.</summary>
    public Func<NodeSpec, IPricing>? Pricing { get; init; }

    /// <summary>What gives the right answers of releases of skills: function and question to answer, or null
    /// for none; the core's own function when this is null. What is wrong with a release is on top of
    /// it.</summary>
    public Func<SkillFunction, ReadOnlyMemory<byte>, byte[]?>? Sandbox { get; init; }

    /// <summary>Where the canonical text of the trace goes besides its hash, or null. Not closed.</summary>
    public Stream? Trace { get; init; }

    /// <summary>Where the facts of the hubs and of the strategic layer go as they become durable, on the
    /// simulating thread; null for nowhere.</summary>
    public IFactSink? Facts { get; init; }

    /// <summary>Called now and then with how things stand, on the simulating thread; null for
    /// silence.</summary>
    public IProgress<RunProgress>? Progress { get; init; }

    /// <summary>Mission time between two calls of <see cref="Progress"/>.</summary>
    public TimeSpan ProgressEvery { get; init; } = TimeSpan.FromHours(6);

    /// <summary>When all faults end (nobody dies, nothing is lost any more), so that a run can demand that
    /// the fleet converges; null for never.</summary>
    public TimeSpan? HealAfter { get; init; }

    /// <summary>An operator's desk: words on cases as they arise, and the cases that are open at the end;
    /// null when nobody reviews.</summary>
    public ReviewDesk? Reviews { get; init; }

    /// <summary>Puts frames through an encoder and a decoder on every simulated link; null carries objects
    /// and counts bytes by the size function. The trace is the same.</summary>
    public IFrameCodec? FrameCodec { get; init; }
}

/// <summary>Takes what hubs and the strategic layer remember; the simulator knows no files.</summary>
public interface IFactSink
{
    /// <summary>What a hub remembered of one step.</summary>
    /// <param name="machine">Which.</param>
    /// <param name="at">When, by its own clock.</param>
    /// <param name="facts">At least one, in order; valid until the call returns.</param>
    void Take(Party machine, Instant at, IReadOnlyList<HubFact> facts);

    /// <summary>What the strategic layer remembered of one step.</summary>
    void Take(Party machine, Instant at, IReadOnlyList<StrategyFact> facts);
}

/// <summary>The wire, injected by the program: the simulator knows no encoding.</summary>
public interface IFrameCodec
{
    /// <summary>The bytes of a frame.</summary>
    byte[] Encode(Core.Links.Frame frame);

    /// <summary>The frame of the bytes.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a frame; on a simulated link that is our
    /// bug.</exception>
    Core.Links.Frame Decode(byte[] bytes);
}

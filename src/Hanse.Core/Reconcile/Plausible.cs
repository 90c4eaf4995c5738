using System;
using System.Collections.Immutable;
using Hanse.Core.Estimate;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

/// <summary>Layer 6: as physics and independent sightings have it.</summary>
/// <remarks>
/// Three kinds of test. A machine can only dig, burn and wear so fast: each limited cause has a bucket that
/// fills at its rate. A sensor can only read so much and change so fast: faults are counted, since sensors
/// have hiccups, and only their share is held against the node. And what others saw of it, a depot's scale or
/// an inspector, is held against its claims by the gates of the room Estimate: slightly and steadily wrong is
/// corrected, wild is doubted. What passes all three may still be a lie; <c>validation.md</c> says how large.
/// </remarks>
internal sealed class Plausible
{
    // What was measured must be so many sigma, or a share of it means nothing.
    private const long SigmasMin = 4;

    private readonly NodeId _node;
    private readonly ReturnRules _rules;
    private readonly ImmutableArray<LevelSeen> _readings;
    private readonly ChannelWatch _channels;
    private readonly Calibration[] _sensors = new Calibration[3];
    private readonly long[] _bucket;
    private readonly long[] _bucketAt;
    private int _nextReading;
    private bool _sighted;

    /// <summary>Goes on from what was accepted.</summary>
    public Plausible(NodeId node, ReturnRules rules, AcceptedState accepted, HubRecords records)
    {
        _node = node;
        _rules = rules;
        _readings = records.Readings;
        _channels = new ChannelWatch(rules);
        _bucket = new long[rules.Rates.Length];
        _bucketAt = new long[rules.Rates.Length];
        for (int i = 0; i < rules.Rates.Length; i++)
        {
            _bucket[i] = rules.Rates[i].Burst;
            _bucketAt[i] = accepted.At.Micros;
        }

        for (int i = 0; i < _sensors.Length; i++)
        {
            _sensors[i] = i < accepted.Sensors.Length
                ? accepted.Sensors[i] : Calibration.Fresh(rules.Calibration);
        }
    }

    /// <summary>What is believed of the sensors for cargo, propellant and wear.</summary>
    public ImmutableArray<Calibration> Sensors => [.. _sensors];

    /// <summary>Readings taken.</summary>
    public long Observations => _channels.Readings;

    /// <summary>Takes packed readings of a block.</summary>
    /// <returns>False when they do not unpack.</returns>
    public bool Observe(Instant blockAt, ReadOnlySpan<byte> packed) => _channels.Observe(blockAt, packed);

    /// <summary>Takes a movement: is it possible in the time?</summary>
    public void Move(Resource resource, Cause cause, long amount, Instant at, Spot spot, Findings findings)
    {
        for (int i = 0; i < _bucket.Length; i++)
        {
            RateRule rule = _rules.Rates[i];
            if (rule.Resource != resource || rule.Cause != cause)
            {
                continue;
            }

            Int128 elapsed = Math.Max(0, at.Micros - _bucketAt[i]);
            Int128 filled = _bucket[i] + (elapsed * rule.PerHour / 3_600_000_000);
            long possible = (long)Int128.Min(filled, rule.Burst);
            if (amount > possible)
            {
                findings.Add(ReasonCode.RateExceeded, spot, possible, amount);
            }

            _bucket[i] = Math.Max(0, possible - amount);
            _bucketAt[i] = Math.Max(_bucketAt[i], at.Micros);
        }
    }

    /// <summary>A depot measured what the node claims to have unloaded or taken.</summary>
    public void See(DockingRecord record, long claimed, Instant at, Spot spot, Findings findings)
    {
        // Of a crumb that chance alone could make, nothing can be learned about a share.
        if (record.Measured > SigmasMin * record.Sigma)
        {
            long share = (long)((Int128)record.Sigma * 1_000_000 / record.Measured);
            var sigma = new PartsPerMillion((int)Math.Max(1, share));
            See(record.Resource, claimed, record.Measured, sigma, at, spot, findings);
        }
    }

    /// <summary>Time goes on: what others saw until now is held against the books as they are.</summary>
    public void Advance(Instant at, Conserved books, Spot spot, Findings findings)
    {
        while (_nextReading < _readings.Length && _readings[_nextReading].At <= at)
        {
            LevelSeen seen = _readings[_nextReading++];
            See(seen.Resource, books.Level(seen.Resource), seen.Level, seen.Sigma, seen.At, spot, findings);
        }
    }

    /// <summary>The journal ends.</summary>
    public void Close(Spot spot, Findings findings)
    {
        _channels.Close(spot, findings);
        for (int i = 0; i < _sensors.Length && _sighted; i++)
        {
            BiasEstimate bias = _sensors[i].Bias;
            bool isDoubted = _sensors[i].Judgement.Verdict == GateVerdict.Doubt;
            if (!isDoubted && bias.Count > 0 && (Int128)bias.Mean * bias.Mean > 4 * (Int128)bias.Variance)
            {
                findings.Add(ReasonCode.BiasCorrected, spot with { Entry = i + 1 }, 0, bias.Mean);
            }
        }
    }

    /// <summary>A level as the hub takes it.</summary>
    public Correction? Correct(Resource resource, long claimed)
    {
        BiasEstimate? bias = (int)resource <= _sensors.Length ? _sensors[(int)resource - 1].Bias : null;
        if (bias is null || bias.Count == 0)
        {
            return null;
        }

        (long value, long sigma) = bias.Correct(Math.Min(claimed, Knot.ValueMax));
        return new Correction(resource, claimed, value, bias.Mean, sigma);
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("plausible", 8);
        _channels.Shape(ref codec);
        for (int i = 0; i < _sensors.Length; i++)
        {
            _sensors[i] = Calibration.Shape(ref codec, codec.IsReading ? null : _sensors[i]);
        }

        Walk.Longs(ref codec, "bucket", _bucket);
        Walk.Longs(ref codec, "bucketAt", _bucketAt);
        _nextReading = codec.Number("nextReading", _nextReading);
        _sighted = codec.Flag("sighted", _sighted);
        codec.Close();
    }

    private void See(
        Resource resource, long claimed, long seen, PartsPerMillion sigma, Instant at, Spot spot,
        Findings findings)
    {
        int i = (int)resource - 1;
        if (i >= _sensors.Length || seen < Sighting.SeenMin)
        {
            return;
        }

        var sighting = new Sighting
        {
            Node = _node,
            Variable = (Variable)resource,
            At = at,
            Claimed = claimed,
            Seen = seen,
            Sigma = sigma,
        };
        _sighted = true;
        _sensors[i] = _sensors[i].After(sighting.Residual, at, _rules.Calibration);
        Invariant.Holds(_sensors[i].Recent.Length <= InnovationGate.WindowMax);
        if (_sensors[i].Judgement.Verdict == GateVerdict.Doubt)
        {
            findings.Add(ReasonCode.BiasDoubted, spot with { Entry = i + 1 }, seen, claimed);
        }
    }
}

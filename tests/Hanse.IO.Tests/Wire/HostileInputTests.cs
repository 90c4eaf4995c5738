using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using CsCheck;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.IO.Tests.Wire.Independent;
using Hanse.IO.Wire;
using Xunit;

namespace Hanse.IO.Tests.Wire;

/// <summary>Spoiled frames before two judges who have only the documents in common.</summary>
/// <remarks>
/// HANSE_SEED=n takes that seed; HANSE_FRESH_SEED=1 draws one; HANSE_FRAME=hex judges that frame and no
/// other. A failure prints the line that replays it.
/// </remarks>
public sealed class HostileInputTests
{
    private const int Count = 200_000;
    private const string Accepted = "accepted";
    private const string Broken = "broken: ";
    private const ulong SeedFixed = 0x48414E5345;

    private static readonly IndependentDecoder _independent = new(ProtocolFolder.Path);
    private readonly ITestOutputHelper _output;

    public HostileInputTests(ITestOutputHelper output) => _output = output;

    [Fact]
    public void The_product_and_the_independent_decoder_judge_every_spoiled_frame_alike()
    {
        if (Environment.GetEnvironmentVariable("HANSE_FRAME") is { } hex)
        {
            Judge(Convert.FromHexString(hex), "replayed");
            return;
        }

        ulong seed = Seed();
        _output.WriteLine($"HANSE_SEED={seed}");
        var random = new PCG(1, seed);
        Frame[] frames =
            [.. Enumerable.Range(0, 2_000).Select(_ => Samples.Frames.Generate(random, null, out Size _))];
        var mutator = new Mutator(random, frames.Select(FrameCodec.Encode));
        Dictionary<string, (int Valid, int All)> tally =
            mutator.Names.ToDictionary(name => name, _ => (0, 0));
        for (int i = 0; i < Count; i++)
        {
            (string name, byte[] bytes) = mutator.Next();
            bool isValid = Judge(bytes, $"HANSE_SEED={seed}, number {i}, {name}");
            tally[name] = (tally[name].Valid + (isValid ? 1 : 0), tally[name].All + 1);
        }

        foreach ((string name, (int valid, int all)) in tally)
        {
            _output.WriteLine($"{all,6} {100.0 * valid / all,5:F1} % valid: {name}");
        }

        // Else one side of the comparison would hardly be tried.
        double share = tally.Values.Sum(entry => entry.Valid) / (double)Count;
        _output.WriteLine($"{100 * share:F1} % of {Count} are valid");
        Assert.InRange(share, 0.05, 0.60);
    }

    [Fact]
    public void Noise_is_refused_and_never_throws() =>
        Gen.Byte.Array[0, 64].Sample(bytes => !Judge(bytes, "noise"), iter: 20_000, threads: 1);

    [Fact]
    public void Every_flipped_bit_and_every_cut_of_a_typical_frame_is_judged_alike()
    {
        byte[] frame = FrameCodec.Encode(new Frame(
            Party.Of(new NodeId(7)),
            Party.Of(new RegionId(4)),
            Hail: true,
            Floor: 100,
            AckThrough: 41,
            AckBeyond: [43, 300],
            [.. EveryKind.Typical.Select((message, i) => new Envelope(100 + (ulong)i, message))]));
        int valid = 0;
        for (int bit = 0; bit < frame.Length * 8; bit++)
        {
            byte[] flipped = [.. frame];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            valid += Judge(flipped, $"bit {bit} flipped") ? 1 : 0;
        }

        // Why wire.md asks transports for a checksum.
        _output.WriteLine($"{100.0 * valid / (frame.Length * 8):F1} % of flipped bits go unnoticed");
        for (int length = 0; length < frame.Length; length++)
        {
            _ = Judge(frame[..length], $"cut to {length}");
        }
    }

    private static bool Judge(byte[] bytes, string origin)
    {
        string refusal = _independent.Refusal(bytes) ?? Accepted;
        string reason;
        try
        {
            reason = !FrameCodec.TryDecode(bytes, out Frame? frame, out WireError? error) ? error.Reason
                : FrameCodec.Encode(frame).AsSpan().SequenceEqual(bytes) ? Accepted
                : Broken + "it is written differently again";
        }
#pragma warning disable CA1031 // Whatever is thrown is the finding.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            reason = Broken + thrown;
        }

        bool isBroken = reason.StartsWith(Broken, StringComparison.Ordinal);
        if (isBroken || (refusal == Accepted) != (reason == Accepted))
        {
            Assert.Fail(
                $"HANSE_FRAME={Convert.ToHexStringLower(bytes)} dotnet test --project tests/Hanse.IO.Tests\n"
                + $"{origin}; product: {reason}; independent decoder: {refusal}");
        }

        return reason == Accepted;
    }

    internal static ulong Seed() =>
        Environment.GetEnvironmentVariable("HANSE_SEED") is { } seed
            ? ulong.Parse(seed, CultureInfo.InvariantCulture)
        : Environment.GetEnvironmentVariable("HANSE_FRESH_SEED") is not null ? (ulong)DateTime.UtcNow.Ticks
        : SeedFixed;
}

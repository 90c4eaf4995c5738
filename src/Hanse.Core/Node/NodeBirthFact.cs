using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Node;

/// <summary>A machine that a node has built.</summary>
/// <param name="Build">The device's count of what it has built, from 1.</param>
/// <param name="PublicKey">The machine's Ed25519 key, 32 bytes.</param>
/// <param name="Class">Its capability class.</param>
/// <param name="Generation">Its hardware generation.</param>
public sealed record Built(uint Build, byte[] PublicKey, int Class, int Generation) : IShaped<Built>
{
    /// <inheritdoc/>
    public static Built Shape<TCodec>(ref TCodec codec, Built? value)
        where TCodec : struct, ICodec
    {
        codec.Open("built", 4);
        uint build = (uint)codec.Integer("build", value?.Build ?? 0, 1, uint.MaxValue);
        byte[] key = codec.Bytes("publicKey", value?.PublicKey ?? [], Enrol.PublicKeyLength);
        int machineClass = codec.Number("class", value?.Class ?? 0);
        int generation = codec.Number("generation", value?.Generation ?? 0);
        codec.Close();
        if (codec.IsReading && !codec.Failed && key.Length != Enrol.PublicKeyLength)
        {
            codec.Refuse("publicKey must be 32 bytes");
        }

        return value ?? new Built(build, key, machineClass, generation);
    }
}

/// <summary>What a node remembers of machines that it bears.</summary>
public abstract record NodeBirthFact : IShaped<NodeBirthFact>
{
    private NodeBirthFact()
    {
    }

    /// <summary>Its device has built a machine, which has no number yet.</summary>
    public sealed record Heard(Built Machine) : NodeBirthFact;

    /// <summary>It asked its hub for numbers.</summary>
    public sealed record Asked(BirthAsked Question) : NodeBirthFact;

    /// <summary>It has some.</summary>
    /// <param name="Region">From which hub.</param>
    /// <param name="Lease">The lease.</param>
    /// <param name="At">When; what has ended by then is forgotten.</param>
    public sealed record Lent(RegionId Region, BirthLeased Lease, Instant At) : NodeBirthFact;

    /// <summary>It got none, and asks again later.</summary>
    public sealed record Declined(Instant Again) : NodeBirthFact;

    /// <summary>A machine has a number; the certificate is to be signed.</summary>
    public sealed record Certified(uint Build, BirthCertificate Certificate) : NodeBirthFact;

    /// <summary>It is signed, and the machine's.</summary>
    public sealed record Signed(uint Build, byte[] Signature) : NodeBirthFact;

    /// <inheritdoc/>
    public static NodeBirthFact Shape<TCodec>(ref TCodec codec, NodeBirthFact? value)
        where TCodec : struct, ICodec
    {
        long tag = codec.Case(
            "birth",
            value switch
            {
                null => 0,
                Heard => 1,
                Asked => 2,
                Lent => 3,
                Declined => 4,
                Certified => 5,
                Signed => 6,
                _ => throw new UnreachableException(),
            }, 6);
        NodeBirthFact fact;
        switch (tag)
        {
            case 1:
                var heard = (Heard?)value;
                codec.Open("heard", 1);
                Built machine = Built.Shape(ref codec, heard?.Machine);
                fact = heard ?? new Heard(machine);
                break;
            case 2:
                var asked = (Asked?)value;
                codec.Open("asked", 1);
                BirthAsked question = BirthAsked.Shape(ref codec, asked?.Question);
                fact = asked ?? new Asked(question);
                break;
            case 3:
                var lent = (Lent?)value;
                codec.Open("lent", 3);
                RegionId region = codec.Region("region", lent?.Region ?? default);
                BirthLeased lease = BirthLeased.Shape(ref codec, lent?.Lease);
                Instant at = codec.Moment("at", lent?.At ?? default);
                fact = lent ?? new Lent(region, lease, at);
                break;
            case 4:
                var declined = (Declined?)value;
                codec.Open("declined", 1);
                Instant again = codec.Moment("again", declined?.Again ?? default);
                fact = declined ?? new Declined(again);
                break;
            case 5:
                var certified = (Certified?)value;
                codec.Open("certified", 2);
                uint build = (uint)codec.Integer("build", certified?.Build ?? 0, 0, uint.MaxValue);
                BirthCertificate certificate = BirthCertificate.Shape(ref codec, certified?.Certificate);
                fact = certified ?? new Certified(build, certificate);
                break;
            default:
                var signed = (Signed?)value;
                codec.Open("signed", 2);
                uint of = (uint)codec.Integer("build", signed?.Build ?? 0, 0, uint.MaxValue);
                byte[] signature =
                    codec.Bytes("signature", signed?.Signature ?? [], SignedBirth.SignatureLength);
                fact = signed ?? new Signed(of, signature);
                break;
        }

        codec.Close();
        return fact;
    }
}

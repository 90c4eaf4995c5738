using System;
using System.Security.Cryptography;

namespace Hanse.Simulation.Fleet;

/// <summary>Stands for Ed25519 where a million nodes sign: a keyed hash, seventy times cheaper.</summary>
/// <remarks>The machines see a key, a message and a signature, as they would of the real thing, and never
/// look inside. What it cannot show is a forgery that the real thing would let pass; the harness of single
/// returns uses real keys.</remarks>
internal static class ModelSigner
{
    /// <summary>Bytes of a signature, as of Ed25519.</summary>
    private const int Length = 64;

    /// <summary>Signs with the secret that belongs to a public key.</summary>
    public static byte[] Sign(ulong world, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message)
    {
        // Only the simulator knows the world's number, so no machine can sign for another.
        byte[] seen = [.. BitConverter.GetBytes(world), .. publicKey, .. message];
        byte[] signature = new byte[Length];
        _ = SHA256.HashData(seen, signature);
        return signature;
    }

    /// <summary>Whether a signature is that of a key's holder.</summary>
    public static bool Verify(
        ulong world,
        ReadOnlySpan<byte> publicKey,
        ReadOnlySpan<byte> message,
        ReadOnlySpan<byte> signature) =>
        signature.SequenceEqual(Sign(world, publicKey, message));
}

using System;
using System.Security.Cryptography;
using Hanse.Simulation.Returns;

namespace Hanse.Simulation.Tests.Returns;

/// <summary>Signatures that anybody can make: where only the journal matters.</summary>
internal sealed class StandInSignatures : ISignatures
{
    public INodeKey KeyOf(ReadOnlySpan<byte> seed) => new Pair(SHA256.HashData(seed));

    public bool Verify(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        signature.SequenceEqual(new Pair(publicKey.ToArray()).Sign(message));

    private sealed class Pair(byte[] publicKey) : INodeKey
    {
        public byte[] PublicKey => publicKey;

        public byte[] Sign(ReadOnlySpan<byte> message)
        {
            byte[] hash = SHA256.HashData([.. publicKey, .. message]);
            return [.. hash, .. hash];
        }
    }
}

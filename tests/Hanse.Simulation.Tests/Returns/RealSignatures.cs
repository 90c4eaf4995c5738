using System;
using Hanse.IO.Journal;
using Hanse.Simulation.Returns;

namespace Hanse.Simulation.Tests.Returns;

/// <summary>Real Ed25519, one imported key at a time.</summary>
internal sealed class RealSignatures : ISignatures
{
    public INodeKey KeyOf(ReadOnlySpan<byte> seed) => new Pair(seed.ToArray());

    public bool Verify(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        Ed25519Keys.Verify(publicKey, message, signature);

    private sealed class Pair : INodeKey
    {
        private readonly byte[] _seed;

        public Pair(byte[] seed)
        {
            _seed = seed;
            using Ed25519Keys keys = Import();
            PublicKey = keys.PublicKey;
        }

        public byte[] PublicKey { get; }

        public byte[] Sign(ReadOnlySpan<byte> message)
        {
            using Ed25519Keys keys = Import();
            return keys.Sign(message);
        }

        private Ed25519Keys Import() =>
            Ed25519Keys.TryImport(_seed, out Ed25519Keys? keys)
                ? keys : throw new InvalidOperationException();
    }
}

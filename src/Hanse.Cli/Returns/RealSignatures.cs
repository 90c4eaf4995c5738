using System;
using Hanse.IO.Journal;
using Hanse.Simulation.Returns;

namespace Hanse.Cli.Returns;

/// <summary>Ed25519 for the simulator.</summary>
/// <remarks>Private keys lie in locked memory, of which there is little: only the one used last is held, and
/// a node uses one for days.</remarks>
internal sealed class RealSignatures : ISignatures, IDisposable
{
    private Pair? _last;
    private Ed25519Keys? _held;

    /// <inheritdoc/>
    public INodeKey KeyOf(ReadOnlySpan<byte> seed)
    {
        using Ed25519Keys keys = Import(seed);
        return new Pair(this, seed.ToArray(), keys.PublicKey);
    }

    /// <inheritdoc/>
    public bool Verify(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        Ed25519Keys.Verify(publicKey, message, signature);

    /// <inheritdoc/>
    public void Dispose() => _held?.Dispose();

    private byte[] Sign(Pair pair, ReadOnlySpan<byte> message)
    {
        if (_held is null || _last != pair)
        {
            _held?.Dispose();
            _held = Import(pair.Seed);
            _last = pair;
        }

        return _held.Sign(message);
    }

    private static Ed25519Keys Import(ReadOnlySpan<byte> seed) =>
        Ed25519Keys.TryImport(seed, out Ed25519Keys? keys)
            ? keys : throw new ArgumentException("a private key must be 32 bytes", nameof(seed));

    private sealed class Pair(RealSignatures owner, byte[] seed, byte[] publicKey) : INodeKey
    {
        public byte[] Seed => seed;

        public byte[] PublicKey => publicKey;

        public byte[] Sign(ReadOnlySpan<byte> message) => owner.Sign(this, message);
    }
}

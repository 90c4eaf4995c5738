using System;

namespace Hanse.Simulation.Returns;

/// <summary>Signatures, which neither Core nor the simulator has: the caller brings real ones.</summary>
public interface ISignatures
{
    /// <summary>The key pair that follows from 32 bytes.</summary>
    INodeKey KeyOf(ReadOnlySpan<byte> seed);

    /// <summary>Whether a signature over a message is good.</summary>
    bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);
}

/// <summary>One key pair of a node.</summary>
public interface INodeKey
{
    /// <summary>The public half, 32 bytes.</summary>
    byte[] PublicKey { get; }

    /// <summary>Signs a message: 64 bytes.</summary>
    byte[] Sign(ReadOnlySpan<byte> message);
}

namespace Hanse.Core.Wire;

/// <summary>A machine whose whole state can be walked: written as a snapshot, or restored from one.</summary>
/// <remarks>
/// The same walk for both, so that they cannot disagree. Restoring wants a machine fresh from its builder. A
/// snapshot and the facts since rebuild a machine equal to the one that never stopped; a snapshot alone is
/// the state, byte for byte, and so also the test of that.
/// </remarks>
public interface IShapedState
{
    /// <summary>Walks the whole state.</summary>
    void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec;
}

namespace Hanse.Core.Wire;

/// <summary>A record that states its own fields, once, for every codec.</summary>
/// <typeparam name="TSelf">The record.</typeparam>
public interface IShaped<TSelf>
    where TSelf : class, IShaped<TSelf>
{
    /// <summary>Walks the fields of <paramref name="value"/>, or reads a new record when it is
    /// null.</summary>
    static abstract TSelf Shape<TCodec>(ref TCodec codec, TSelf? value)
        where TCodec : struct, ICodec;
}

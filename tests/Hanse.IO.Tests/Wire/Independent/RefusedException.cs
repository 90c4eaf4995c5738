using System;

namespace Hanse.IO.Tests.Wire.Independent;

/// <summary>How the independent decoder says no. It is never in the product, so it may take the easy way
/// out.</summary>
public sealed class RefusedException : Exception
{
    public RefusedException()
    {
    }

    public RefusedException(string message)
        : base(message)
    {
    }

    public RefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal static void Unless(bool condition, string reason)
    {
        if (!condition)
        {
            throw new RefusedException(reason);
        }
    }
}

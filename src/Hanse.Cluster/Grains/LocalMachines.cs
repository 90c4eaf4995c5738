using System;
using System.Threading;

namespace Hanse.Cluster.Grains;

/// <summary>What the machines of this process have in common.</summary>
internal sealed class LocalMachines : IDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private int _count;

    /// <summary>How many run here.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Cancelled when the process is about to leave.</summary>
    public CancellationToken Leaving => _leaving.Token;

    /// <summary>One more, or one less.</summary>
    public void Add(int count) => Interlocked.Add(ref _count, count);

    /// <summary>The process is about to leave.</summary>
    public void Leave() => _leaving.Cancel();

    /// <inheritdoc/>
    public void Dispose() => _leaving.Dispose();
}
